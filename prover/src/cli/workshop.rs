//! What every proving command sets up: shape, circuit, key; and how progress is shown.

use super::{Failure, memory};
use crate::keys::{KeyStore, Loaded};
use crate::record::relation::BatchRelation;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::time::Duration;
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
    memory::require(&what, needed, "free some, or choose a smaller shape")
}

/// Loads the shape's development key, or makes it and says so.
pub fn key(
    store: Option<PathBuf>,
    shape: &Shape,
    relation: &BatchRelation<'_>,
    quiet: bool,
) -> Result<Loaded, Failure> {
    let store = KeyStore::open(store)?;
    let bar = spinner(quiet);
    bar.set_message(format!("key of shape {} (made once, INSECURE development key)", shape.name));
    let loaded = store.load_or_make(&shape.name, relation)?;
    bar.finish_and_clear();
    Ok(loaded)
}

/// A line that moves while something takes long; silent where nobody looks.
pub fn spinner(quiet: bool) -> ProgressBar {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A bar over batches.
pub fn batches(count: u64, quiet: bool) -> ProgressBar {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(count) };
    let template = "{spinner} {elapsed_precise} [{bar:24}] batch {pos}/{len} {msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
