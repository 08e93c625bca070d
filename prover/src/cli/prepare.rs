//! What every proving command sets up: shape, memory, key.

use super::progress::{self, Progress};
use super::{Failure, memory};
use crate::keys::{KeyEvent, KeyStore, Loaded};
use crate::record::relation::BatchRelation;
use std::cell::RefCell;
use std::path::PathBuf;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_groth16::Relation;

/// A shape by name, or from a file.
pub fn shape(name: &str) -> Result<Shape, Failure> {
    if !name.ends_with(".toml") {
        return Ok(Shape::named(name)?);
    }
    let text = std::fs::read_to_string(name)
        .map_err(|error| Failure::new(format!("{name}: {error}; check the path given to --shape")))?;
    Shape::parse(&text).map_err(|error| Failure::new(format!("{name}: {error}")))
}

/// Refuses to begin where memory does not suffice for proofs of the shape.
pub fn require_memory(shape: &Shape, relation: &BatchRelation<'_>) -> Result<(), Failure> {
    let what = format!("proving in shape {}", shape.name);
    let needed = memory::of_proofs(relation.layout().domain_size());
    memory::require(&what, needed, "free some, choose a smaller shape")
}

/// Loads the shape's development key, or makes it and says so.
///
/// Refuses to make one where memory does not suffice.
pub fn key(store: Option<PathBuf>, shape: &Shape, relation: &BatchRelation<'_>) -> Result<Loaded, Failure> {
    let store = KeyStore::open(store)?;
    let shown = RefCell::new(None);
    let tell = |event: KeyEvent| -> Result<(), Failure> {
        let text = match event {
            KeyEvent::Waiting => format!("key of shape {}: another process makes it; waiting", shape.name),
            KeyEvent::Making => {
                let what = format!("making a key of shape {}", shape.name);
                let needed = memory::of_setup(relation.layout().domain_size());
                memory::require(&what, needed, "free some, choose a smaller shape")?;
                format!("key of shape {}: made once (INSECURE development key)", shape.name)
            }
        };
        shown.replace(Some(Progress::of(&text)));
        Ok(())
    };
    let loaded = store.load_or_make(&shape.name, relation, &tell)?;
    drop(shown);
    if let Some(repaired) = &loaded.repaired {
        progress::line(&format!("zkmargin: {repaired}"));
    }
    Ok(loaded)
}
