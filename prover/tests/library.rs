//! What `docs/library.md` shows: each function between two marks stands there word for word, and runs here.

use std::error::Error;
use std::path::Path;

const RUN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testvectors/runs/demo");

// begin: state
/// The margin health of an account after the last batch of a run, from the published bytes alone.
fn health(run: &Path, account: u64) -> Result<String, Box<dyn Error>> {
    use zkmargin::audit::{Directory, account};
    use zkmargin_circuits::publication::decode;

    let run = Directory::open(run, None, None)?;
    let mut state = run.state().map_err(|finding| finding.to_string())?;
    for number in 1..=run.batches {
        let files = run.batch(number)?;
        let batch = decode(&files.bytes, &run.shape.capacities)?;
        state.apply(&batch)?;
    }
    let view = account::view(&run.genesis, &state, account).ok_or("no such account")?;
    Ok(format!("{}: value {}, maintenance {}", view.health, view.value, view.maintenance))
}
// end

// begin: decode
/// Who was liquidated in a batch, and for how many quote quanta.
fn liquidated(bytes: &[u8], shape: &str) -> Result<Vec<(u64, u64)>, Box<dyn Error>> {
    use zkmargin_circuits::batch::shape::Shape;
    use zkmargin_circuits::publication::decode;

    let batch = decode(bytes, &Shape::named(shape)?.capacities)?;
    Ok(batch.liquidations.iter().map(|entry| (entry.value.account, entry.value.quote)).collect())
}
// end

// begin: verify
/// Verifies the proofs of a run with a key that the caller trusts; the root after its last batch.
fn verified(run: &Path, key: &Path) -> Result<String, Box<dyn Error>> {
    use zkmargin::verify::{Trusted, field_hex, verify};

    let trusted = Trusted { key: Some(key), ..Trusted::default() };
    Ok(field_hex(verify(run, &trusted)?.root))
}
// end

// begin: relation
/// Proves that somebody knows x with x·x = 49, under a development key, and verifies the proof.
fn square_root_of_49() -> Result<(), Box<dyn Error>> {
    use ark_bn254::Fr;
    use rand::rngs::OsRng;
    use zkmargin_groth16::{
        ClosureAssignment, Derived, HashToField, Layout, SparseRelation, SparseRow, prove, setup, verify,
    };

    // Columns: the constant one, the public square, then the wire x.
    let layout = Layout { constraints: 1, public: 2, committed_public: 0, committed: 0, derived: 1 };
    let (square, x, one) = (1, 2, Fr::from(1));
    let row = SparseRow { a: vec![(x, one)], b: vec![(x, one)], c: vec![(square, one)] };
    let relation = SparseRelation::new(layout, vec![row])?;

    let key = setup(&relation, &mut OsRng)?;
    let derive = |_| Derived { public: vec![Fr::from(49)], wires: vec![Fr::from(7)] };
    let mut assignment = ClosureAssignment { committed_public: vec![], committed: vec![], derive };
    let proof = prove(&key, &relation, &mut assignment, &mut OsRng)?;

    verify(key.verifying_key(), &[Fr::from(49)], &proof, HashToField::Keccak256)?;
    assert!(verify(key.verifying_key(), &[Fr::from(50)], &proof, HashToField::Keccak256).is_err());
    Ok(())
}
// end

#[test]
fn examples_run() {
    let text = health(Path::new(RUN), 604).unwrap();
    assert!(text.starts_with("healthy: value "), "{text}");
    let bytes = std::fs::read(Path::new(RUN).join("batch-0005/bytes.bin")).unwrap();
    assert_eq!(liquidated(&bytes, "demo").unwrap().len(), 1);
    // The committed run has no proofs.
    assert!(verified(Path::new(RUN), Path::new("none.vk")).is_err());
    square_root_of_49().unwrap();
}

#[test]
fn the_document_shows_what_runs_here() {
    let document =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/library.md")).unwrap();
    let source = include_str!("library.rs");
    let examples: Vec<&str> =
        source.split("// begin: ").skip(1).filter_map(|part| part.split("// end").next()).collect();
    let mut shown = 0;
    for example in examples.iter().filter_map(|example| example.split_once('\n')) {
        assert!(document.contains(example.1.trim_end()), "docs/library.md lacks the example {}", example.0);
        shown += 1;
    }
    assert_eq!((shown, document.matches("```rust").count()), (4, 4));
}
