//! The prover refuses false witnesses and foreign keys, and does not depend on threads.

use super::sample::{Sample, rng};
use crate::relation::{Assignment, Derived, Layout, LayoutError};
use crate::sparse::{ClosureAssignment, SparseError, SparseRelation, SparseRow};
use crate::{HashToField, Phase, ProveError, Prover, SetupError, prove, setup, verify};
use ark_bn254::Fr;
use ark_ff::One;
use std::cell::RefCell;

#[test]
fn proves_and_verifies_with_each_hash_and_each_number_of_committed_inputs() {
    for committed_public in 0..3 {
        let sample = Sample::new(5, committed_public);
        let key = sample.key();
        for hash in [HashToField::Keccak256, HashToField::Sha256Xmd] {
            let (inputs, proof) = sample.prove(&key, hash, 11);
            assert_eq!(inputs.len(), committed_public + 1);
            verify(key.verifying_key(), &inputs, &proof, hash).unwrap();
        }
    }
}

#[test]
fn names_the_row_that_a_false_wire_breaks() {
    let sample = Sample::new(5, 1);
    let key = sample.key();
    let committed = sample.committed(7);
    // Rows 0–4 pin the inverses, rows 5–8 the sums; sums 5, 6, 7 also feed the next row.
    for (wire, row) in [(0, 0), (4, 4), (5, 5), (6, 6), (7, 7)] {
        let mut assignment = ClosureAssignment {
            committed_public: sample.committed_public(),
            committed: committed.clone(),
            derive: |z| {
                let mut derived = sample.derive(&committed, z);
                derived.wires[wire] += Fr::one();
                derived
            },
        };
        let result = prove(&key, &sample.relation, &mut assignment, &mut rng(8));
        assert_eq!(result, Err(ProveError::Unsatisfied { row }));
    }
}

#[test]
fn refuses_a_false_public_value() {
    let sample = Sample::new(5, 1);
    let key = sample.key();
    let committed = sample.committed(7);
    let mut assignment = ClosureAssignment {
        committed_public: sample.committed_public(),
        committed: committed.clone(),
        derive: |z| {
            let derived = sample.derive(&committed, z);
            Derived { public: vec![derived.public[0] + Fr::one()], ..derived }
        },
    };
    let result = prove(&key, &sample.relation, &mut assignment, &mut rng(8));
    assert_eq!(result, Err(ProveError::Unsatisfied { row: 8 }));
}

/// An honest assignment, then with one wire too many or too few in each place.
struct Sized<'a> {
    sample: &'a Sample,
    committed: Vec<Fr>,
    public: Vec<Fr>,
    cut_derived: bool,
    cut_public: bool,
}

impl Assignment for Sized<'_> {
    fn committed_public(&self) -> Vec<Fr> {
        self.public.clone()
    }

    fn committed(&self) -> &[Fr] {
        &self.committed
    }

    fn derive(&mut self, z: Fr) -> Derived {
        let mut derived = self.sample.derive(&self.committed, z);
        if self.cut_derived {
            derived.wires.pop();
        }
        if self.cut_public {
            derived.public.pop();
        }
        derived
    }
}

#[test]
fn refuses_assignments_of_the_wrong_size() {
    let sample = Sample::new(5, 1);
    let key = sample.key();
    let cases = [
        (4, 1, false, false, "committed wires"),
        (6, 1, false, false, "committed wires"),
        (5, 0, false, false, "committed public inputs"),
        (5, 1, true, false, "derived wires"),
        (5, 1, false, true, "public inputs after the committed"),
    ];
    for (committed, public, cut_derived, cut_public, expected) in cases {
        let committed = Sample::new(committed, 1).committed(7);
        let public = vec![Fr::one(); public];
        let mut assignment = Sized { sample: &sample, committed, public, cut_derived, cut_public };
        let result = prove(&key, &sample.relation, &mut assignment, &mut rng(8));
        let Err(ProveError::WitnessSize { wires, .. }) = result else {
            panic!("{expected}: {result:?}");
        };
        assert_eq!(wires, expected);
    }
}

#[test]
fn refuses_the_key_of_another_circuit() {
    let (sample, other) = (Sample::new(5, 1), Sample::new(6, 1));
    let key = other.key();
    assert!(matches!(Prover::new(&key, &sample.relation), Err(ProveError::KeyMismatch { .. })));
}

#[test]
fn blinds_the_commitment() {
    // CVE-2024-45040: an unblinded commitment to few possible values gives them away.
    let sample = Sample::new(4, 0);
    let key = sample.key();
    let prover = Prover::new(&key, &sample.relation).unwrap();
    let committed = sample.committed(7);
    let first = prover.commit(&committed, Fr::from(1u64)).unwrap();
    let second = prover.commit(&committed, Fr::from(2u64)).unwrap();
    assert_ne!(first.point, second.point);
    assert_ne!(first.knowledge, second.knowledge);
}

#[test]
fn the_same_seed_gives_the_same_key_and_proof_over_any_number_of_threads() {
    let sample = Sample::new(700, 1);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let key = sample.key();
            let (_, proof) = sample.prove(&key, HashToField::Keccak256, 4);
            (key.verifying_key().to_bytes(), key.g1(crate::keys::Section::L).to_vec(), proof.to_bytes())
        })
    };
    let single = run(1);
    assert_eq!(single, run(2));
    assert_eq!(single, run(5));
}

#[test]
fn reports_each_phase_once() {
    let sample = Sample::new(4, 1);
    let key = sample.key();
    let committed = sample.committed(7);
    let seen = RefCell::new(Vec::new());
    let observer = |phase, _| seen.borrow_mut().push(phase);
    let prover = Prover::new(&key, &sample.relation).unwrap().with_observer(&observer);
    let mut assignment = ClosureAssignment {
        committed_public: sample.committed_public(),
        committed: committed.clone(),
        derive: |z| sample.derive(&committed, z),
    };
    prover.prove(&mut assignment, &mut rng(8)).unwrap();
    let expected = [
        Phase::Commit,
        Phase::Derive,
        Phase::Check,
        Phase::Quotient,
        Phase::MsmA,
        Phase::MsmBG1,
        Phase::MsmBG2,
        Phase::MsmL,
        Phase::MsmH,
        Phase::Verify,
    ];
    assert_eq!(*seen.borrow(), expected);
}

fn layout(public: usize, committed_public: usize, committed: usize) -> Layout {
    Layout { constraints: 1, public, committed_public, committed, derived: 1 }
}

#[test]
fn refuses_layouts_without_their_columns() {
    let cases = [
        (layout(0, 0, 0), LayoutError::NoConstantOne),
        (layout(1, 0, 1), LayoutError::NoChallengeColumn { public: 1, committed_public: 0 }),
        (layout(2, 1, 1), LayoutError::NoChallengeColumn { public: 2, committed_public: 1 }),
        (layout(3, 1, 0), LayoutError::NothingCommitted { committed_public: 1 }),
        (layout(usize::MAX, 0, 0), LayoutError::TooLarge),
        (layout(1 << 28, 0, 0), LayoutError::TooLarge),
    ];
    for (layout, expected) in cases {
        assert_eq!(layout.check(), Err(expected));
        let relation = SparseRelation::new(layout, vec![SparseRow::default()]);
        assert_eq!(relation.err(), Some(SparseError::Layout(expected)));
    }
    assert_eq!(layout(2, 0, 1).check(), Ok(()));
    assert_eq!(layout(3, 1, 1).check(), Ok(()));
}

#[test]
fn setup_refuses_a_committed_wire_in_no_constraint() {
    let one = Fr::one();
    let row = SparseRow { a: vec![(2, one)], b: vec![(3, one)], c: vec![(4, one)] };
    let layout = Layout { constraints: 1, public: 2, committed_public: 0, committed: 2, derived: 1 };
    let relation = SparseRelation::new(layout, vec![row.clone()]).unwrap();
    setup(&relation, &mut rng(1)).unwrap();
    let unused = SparseRow { b: vec![(2, one)], ..row };
    let relation = SparseRelation::new(layout, vec![unused]).unwrap();
    let result = setup(&relation, &mut rng(1)).err();
    assert_eq!(result, Some(SetupError::UnusedCommitted { column: 3 }));
}
