//! Arithmetic that goes wrong: bits flipped in intermediate results of the kernels. What leaves the
//! prover is the right proof or none.

use ark_bn254::Fr;
use ark_ff::{One, UniformRand};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::RngCore;
use std::cell::Cell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use zkmargin_groth16::{
    ClosureAssignment, Derived, Layout, Matrix, Phase, Proof, ProveError, Prover, ProvingKey, Relation,
    SparseRelation, SparseRow, setup,
};
use zkmargin_kernels::Backend;
use zkmargin_kernels::combination::{Combination, Place};
use zkmargin_kernels::fault::{self, Fault, Site};

/// Flips of a run; a long one takes the count from `ZKMARGIN_FAULTS`.
const FLIPS: u64 = 300;
/// There is one plan of faults in a process.
static ALONE: Mutex<()> = Mutex::new(());

/// Public: 1, s, v, z. Committed: w. Derived: squares of w. `v = z·Σ wᵢ²`.
struct Squares {
    relation: Rows,
    wires: Vec<Fr>,
}

/// A relation whose rows are combinations of repeated terms, as those of a batch are.
struct Rows {
    relation: SparseRelation,
    /// In A and in C of the squares, and in A of the sum.
    squares: [Combination; 2],
    sum: Combination,
}

impl Relation for Rows {
    fn layout(&self) -> Layout {
        self.relation.layout()
    }

    fn fingerprint(&self) -> [u8; 32] {
        self.relation.fingerprint()
    }

    fn for_each_entry(&self, rows: Range<usize>, visit: &mut dyn FnMut(Matrix, usize, usize, &Fr)) {
        self.relation.for_each_entry(rows, visit);
    }

    fn products(&self, backend: Backend, wires: &[Fr], [a, b, c]: [&mut [Fr]; 3]) {
        self.row_products(0, wires, [&mut *a, b, &mut *c]);
        let last = a.len() - 1;
        self.squares[0].evaluate(backend, wires, 0, &mut a[..last]);
        self.squares[1].evaluate(backend, wires, 0, &mut c[..last]);
        self.sum.evaluate(backend, wires, 0, &mut a[last..]);
    }
}

impl Squares {
    fn new(count: usize) -> Self {
        let layout = Layout {
            constraints: count + 1,
            public: 4,
            committed_public: 1,
            committed: count,
            derived: count,
        };
        let (one, two) = (Fr::one(), Fr::from(2u64));
        let square = |i: usize| SparseRow {
            a: vec![(4 + i, two)],
            b: vec![(4 + i, one)],
            c: vec![(4 + count + i, two)],
        };
        let sum = SparseRow {
            a: (0..count).map(|i| (4 + count + i, one)).collect(),
            b: vec![(3, one)],
            c: vec![(2, one)],
        };
        let rows = (0..count).map(square).chain([sum]).collect();
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        // Bits and short numbers among them, as in our circuits.
        let wire = |i: usize| match i % 3 {
            0 => Fr::rand(&mut rng),
            1 => Fr::from(i as u64 % 2),
            _ => Fr::from(rng.next_u32()),
        };
        let wires = (0..count).map(wire).collect();
        let place = |column: usize, stride| Place { first: column as u32, stride };
        let twice = |column| Combination::from_iter([(place(column, 1), two)]);
        let relation = Rows {
            relation: SparseRelation::new(layout, rows).unwrap(),
            squares: [twice(4), twice(4 + count)],
            sum: (0..count).map(|i| (place(4 + count + i, 0), one)).collect(),
        };
        Squares { relation, wires }
    }

    /// A proof with the same random values every time, and whether it took a second attempt.
    fn prove(&self, key: &ProvingKey) -> (Result<Proof, ProveError>, bool) {
        self.prove_with(key, |_| ())
    }

    fn prove_with(
        &self,
        key: &ProvingKey,
        change: impl Fn(&mut Derived),
    ) -> (Result<Proof, ProveError>, bool) {
        let mut assignment = ClosureAssignment {
            committed_public: vec![Fr::from(77u64)],
            committed: self.wires.clone(),
            derive: |z: Fr| {
                let wires: Vec<Fr> = self.wires.iter().map(|w| w * w).collect();
                let mut derived = Derived { public: vec![z * wires.iter().sum::<Fr>()], wires };
                change(&mut derived);
                derived
            },
        };
        let retried = Cell::new(false);
        let observer = |phase, _| retried.set(retried.get() || phase == Phase::Retry);
        let prover = Prover::new(key, &self.relation).unwrap().with_observer(&observer);
        let proof = prover.prove(&mut assignment, &mut ChaCha20Rng::seed_from_u64(6));
        (proof, retried.get())
    }
}

#[test]
fn no_flipped_bit_leaves_as_a_proof() {
    let _alone = ALONE.lock().unwrap();
    let squares = Squares::new(40);
    let key = setup(&squares.relation, &mut ChaCha20Rng::seed_from_u64(7)).unwrap();
    fault::disarm();
    let (proof, retried) = squares.prove(&key);
    let mut sites = vec![Site::Points, Site::Transform];
    if Backend::current() != Backend::Portable {
        sites.push(Site::Rows);
    }
    let visits: Vec<_> = sites.into_iter().map(|site| (site, fault::visits(site))).collect();
    assert!(!retried);
    let proof = proof.unwrap();

    let flips = std::env::var("ZKMARGIN_FAULTS").map_or(FLIPS, |count| count.parse().unwrap());
    let flips = flips.div_ceil(visits.len() as u64);
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    for (site, visits) in visits {
        assert!(visits > 0);
        std::panic::set_hook(Box::new(|_| ()));
        let (mut struck, mut noticed) = (0, 0);
        for flip in 0..flips {
            // All over the proof, any bit of a result.
            let visit = if visits < flips { flip % visits } else { flip * visits / flips };
            fault::arm(Fault { site, visit, bit: rng.next_u64(), lasting: false });
            let outcome = catch_unwind(AssertUnwindSafe(|| squares.prove(&key)));
            struck += fault::disarm();
            match outcome {
                Ok((again, retried)) => {
                    noticed += u64::from(retried);
                    if again.as_ref() != Ok(&proof) {
                        let _ = std::panic::take_hook();
                        panic!("flip {flip} of {site:?} gives {again:?}");
                    }
                }
                // A bound that only such builds check was broken.
                Err(_) if cfg!(debug_assertions) => noticed += 1,
                Err(panic) => resume_unwind(panic),
            }
        }
        println!("{site:?}: {visits} visits, {struck} of {flips} flips, {noticed} noticed and proved again");
        let _ = std::panic::take_hook();
        assert_eq!(struck, flips);
        // A change of what nobody reads any more would go unnoticed.
        assert!(noticed > flips / 2, "{noticed}");
    }
}

#[test]
fn a_fault_that_stays_in_the_rows_is_got_around() {
    let _alone = ALONE.lock().unwrap();
    let squares = Squares::new(20);
    let key = setup(&squares.relation, &mut ChaCha20Rng::seed_from_u64(7)).unwrap();
    let (proof, _) = squares.prove(&key);
    fault::arm(Fault { site: Site::Rows, visit: 0, bit: 3, lasting: true });
    let (again, retried) = squares.prove(&key);
    fault::disarm();
    assert_eq!(again, proof);
    assert_eq!(retried, Backend::current() != Backend::Portable);
}

#[test]
fn a_false_witness_is_no_fault() {
    let _alone = ALONE.lock().unwrap();
    let squares = Squares::new(20);
    let key = setup(&squares.relation, &mut ChaCha20Rng::seed_from_u64(7)).unwrap();
    let (proof, retried) = squares.prove_with(&key, |derived| derived.wires[13] += Fr::one());
    assert_eq!((proof, retried), (Err(ProveError::Unsatisfied { row: 13 }), false));
}

#[test]
fn a_fault_that_stays_is_an_error() {
    let _alone = ALONE.lock().unwrap();
    let squares = Squares::new(20);
    let key = setup(&squares.relation, &mut ChaCha20Rng::seed_from_u64(7)).unwrap();
    fault::arm(Fault { site: Site::Points, visit: 0, bit: 3, lasting: true });
    let (proof, retried) = squares.prove(&key);
    fault::disarm();
    assert!(matches!(proof, Err(ProveError::OwnProofRefused(_))), "{proof:?}");
    assert!(retried);
}
