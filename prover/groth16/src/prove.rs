//! The prover: commit, draw the challenge, derive, check, divide, multiply, verify.

use crate::hash::HashToField;
use crate::kernel::Domain;
use crate::keys::{Fingerprint, ProvingKey, Section};
use crate::progress::{Observer, Phase};
use crate::proof::{Commitment, Proof};
use crate::quotient::{self, RowProducts};
use crate::relation::{Assignment, Derived, Layout, LayoutError, Relation};
use crate::verify::{VerifyError, verify};
use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::CurveGroup;
use ark_ff::{One, UniformRand, Zero};
use rand::{CryptoRng, RngCore};
use std::time::{Duration, Instant};
use thiserror::Error;
use zkmargin_kernels::Backend;
use zkmargin_kernels::msm::{Digits, msm_on};

/// Why there is no proof.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProveError {
    /// The layout of the relation describes no circuit.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The key belongs to another circuit.
    #[error("the key belongs to circuit {got}, not to {expected}")]
    KeyMismatch {
        /// Fingerprint of the relation.
        expected: Fingerprint,
        /// Fingerprint of the circuit that the key belongs to.
        got: Fingerprint,
    },
    /// The assignment has too few or too many wires of some kind.
    #[error("{expected} {wires}, the assignment has {got}")]
    WitnessSize {
        /// Name of the kind, such as `committed wires`.
        wires: &'static str,
        /// Number of wires that the layout asks for.
        expected: usize,
        /// Number of wires that the assignment has.
        got: usize,
    },
    /// The witness is false.
    #[error("the witness does not satisfy row {row}")]
    Unsatisfied {
        /// Index of the first row that fails.
        row: usize,
    },
    /// The finished proof is invalid, and so is that of the portable kernels.
    #[error("the finished proof is invalid, twice ({0}): the key is damaged, or this machine's memory is")]
    OwnProofRefused(VerifyError),
}

/// The prover's random values.
pub(crate) struct Randomness {
    pub blinding: Fr,
    pub r: Fr,
    pub s: Fr,
}

impl Randomness {
    pub fn draw<G: RngCore + CryptoRng>(rng: &mut G) -> Self {
        Randomness { blinding: Fr::rand(rng), r: Fr::rand(rng), s: Fr::rand(rng) }
    }
}

/// Proves with the keccak256 challenge and without an observer; see [`Prover::prove`].
pub fn prove<R, A, G>(
    key: &ProvingKey,
    relation: &R,
    assignment: &mut A,
    rng: &mut G,
) -> Result<Proof, ProveError>
where
    R: Relation + ?Sized,
    A: Assignment + ?Sized,
    G: RngCore + CryptoRng,
{
    Prover::new(key, relation)?.prove(assignment, rng)
}

/// A key with the relation that it belongs to.
pub struct Prover<'a, R: ?Sized> {
    key: &'a ProvingKey,
    relation: &'a R,
    layout: Layout,
    hash: HashToField,
    backend: Backend,
    observer: Option<Observer<'a>>,
}

impl<'a, R: Relation + ?Sized> Prover<'a, R> {
    /// Refuses the key of another circuit.
    pub fn new(key: &'a ProvingKey, relation: &'a R) -> Result<Self, ProveError> {
        let layout = relation.layout();
        layout.check()?;
        let (expected, got) = (relation.fingerprint(), key.fingerprint());
        if expected != got || layout != key.layout() {
            return Err(ProveError::KeyMismatch { expected: Fingerprint(expected), got: Fingerprint(got) });
        }
        let (hash, backend) = (HashToField::default(), Backend::current());
        Ok(Prover { key, relation, layout, hash, backend, observer: None })
    }

    /// Draws the challenge with another hash than keccak256.
    pub fn with_hash(self, hash: HashToField) -> Self {
        Prover { hash, ..self }
    }

    /// Computes with another implementation of the kernels than the fastest. Proofs are the same.
    pub fn with_backend(self, backend: Backend) -> Self {
        Prover { backend, ..self }
    }

    /// Reports the time of each phase to an observer.
    pub fn with_observer(self, observer: Observer<'a>) -> Self {
        Prover { observer: Some(observer), ..self }
    }

    /// Makes a proof that the assignment satisfies the relation, verified before it is returned.
    ///
    /// The same `rng` state gives the same proof, over any number of threads. Refuses
    /// assignments of the wrong size and false witnesses, naming the first row they fail.
    ///
    /// A finished proof that is invalid never leaves: the observer hears of [`Phase::Retry`], and
    /// the batch is proved once more on the portable kernels, with the same random values. So
    /// [`Assignment::derive`] may be called a second time. If a row fails, all are
    /// computed once more before the witness is called false.
    pub fn prove<A, G>(&self, assignment: &mut A, rng: &mut G) -> Result<Proof, ProveError>
    where
        A: Assignment + ?Sized,
        G: RngCore + CryptoRng,
    {
        self.prove_with_randomness(assignment, &Randomness::draw(rng))
    }

    pub(crate) fn prove_with_randomness<A: Assignment + ?Sized>(
        &self,
        assignment: &mut A,
        randomness: &Randomness,
    ) -> Result<Proof, ProveError> {
        self.check_committed(assignment)?;
        let start = Instant::now();
        match self.attempt(assignment, randomness) {
            Err(ProveError::OwnProofRefused(_)) => {
                self.report(Phase::Retry, start.elapsed());
                Prover { backend: Backend::Portable, ..*self }.attempt(assignment, randomness)
            }
            result => result,
        }
    }

    fn attempt<A: Assignment + ?Sized>(
        &self,
        assignment: &mut A,
        randomness: &Randomness,
    ) -> Result<Proof, ProveError> {
        let commitment =
            self.timed(Phase::Commit, || self.commit(assignment.committed(), randomness.blinding));
        let z = self.challenge(&commitment, &assignment.committed_public());
        let derived = self.timed(Phase::Derive, || assignment.derive(z));
        let wires = self.wires(assignment, derived, z)?;
        let inputs = wires[1..=self.layout.inputs()].to_vec();
        let proof = self.prove_wires(wires, commitment, randomness)?;
        self.timed(Phase::Verify, || {
            verify(self.key.verifying_key(), &inputs, &proof, self.hash).map_err(ProveError::OwnProofRefused)
        })?;
        Ok(proof)
    }

    fn check_committed<A: Assignment + ?Sized>(&self, assignment: &A) -> Result<(), ProveError> {
        let public = assignment.committed_public().len();
        require_size("committed public inputs", self.layout.committed_public, public)?;
        require_size("committed wires", self.layout.committed, assignment.committed().len())
    }

    /// The Pedersen commitment to the committed wires and its proof of knowledge.
    pub(crate) fn commit(&self, committed: &[Fr], blinding: Fr) -> Option<Commitment> {
        if !self.layout.has_commitment() {
            return None;
        }
        let scalars = [committed, &[blinding]].concat();
        let digits = Digits::on(self.backend, &scalars);
        let msm = |section| msm_on(self.backend, self.key.g1(section), &digits, 0);
        let (point, knowledge) = (msm(Section::Basis), msm(Section::BasisSigma));
        Some(Commitment { point: point.into_affine(), knowledge: knowledge.into_affine() })
    }

    pub(crate) fn challenge(&self, commitment: &Option<Commitment>, committed_public: &[Fr]) -> Fr {
        match commitment {
            Some(commitment) => self.hash.challenge(&commitment.point, committed_public),
            None => Fr::zero(),
        }
    }

    /// All wires in the relation's order.
    fn wires<A: Assignment + ?Sized>(
        &self,
        assignment: &A,
        derived: Derived,
        z: Fr,
    ) -> Result<Vec<Fr>, ProveError> {
        let layout = &self.layout;
        let later_public = layout.inputs() - layout.committed_public;
        require_size("public inputs after the committed", later_public, derived.public.len())?;
        require_size("derived wires", layout.derived, derived.wires.len())?;
        // One element more: the blinding wire will be put in.
        let mut wires = Vec::with_capacity(layout.key_columns());
        wires.push(Fr::one());
        wires.extend(assignment.committed_public());
        wires.extend(derived.public);
        if layout.has_commitment() {
            wires.push(z);
        }
        wires.extend_from_slice(assignment.committed());
        wires.extend(derived.wires);
        Ok(wires)
    }

    /// The proof of given wires behind a given commitment, which the challenge among the wires
    /// should come from. (Tests call it with one that does not fit.)
    pub(crate) fn prove_wires(
        &self,
        mut wires: Vec<Fr>,
        commitment: Option<Commitment>,
        randomness: &Randomness,
    ) -> Result<Proof, ProveError> {
        let domain = Domain::on(self.backend, self.layout.rows()).ok_or(LayoutError::TooLarge)?;
        let mut products = self.satisfied_rows(&wires, domain.size())?;
        if self.layout.has_commitment() {
            wires.insert(self.layout.blinding_column(), randomness.blinding);
        }
        products.add_extra_rows(&self.layout, &wires);
        let quotient = self.timed(Phase::Quotient, || quotient::divide(products, domain));
        Ok(self.assemble(wires, &quotient, commitment, randomness))
    }

    /// The rows' products. A row that fails is believed only if it fails on the portable kernels too.
    fn satisfied_rows(&self, wires: &[Fr], domain_size: usize) -> Result<RowProducts, ProveError> {
        let rows_on = |backend| {
            let start = Instant::now();
            let products = RowProducts::of(self.relation, backend, &self.layout, wires, domain_size);
            let result = match products.first_unsatisfied() {
                Some(row) => Err(ProveError::Unsatisfied { row }),
                None => Ok(products),
            };
            (result, start.elapsed())
        };
        let (mut result, mut time) = rows_on(self.backend);
        if result.is_err() && self.backend != Backend::Portable {
            let lost = time;
            (result, time) = rows_on(Backend::Portable);
            if result.is_ok() {
                self.report(Phase::Retry, lost);
            }
        }
        self.report(Phase::Check, time);
        result
    }

    /// The group elements; `wires` with the blinding wire, `quotient` without its zero top.
    fn assemble(
        &self,
        wires: Vec<Fr>,
        quotient: &[Fr],
        commitment: Option<Commitment>,
        randomness: &Randomness,
    ) -> Proof {
        let Randomness { r, s, .. } = *randomness;
        let key = self.key.verifying_key();
        let [beta_g1, delta_g1] = self.key.beta_and_delta_g1();
        let (digits, a) = self.timed(Phase::MsmA, || {
            // Digits are all that is wanted of the wires: their memory goes before the buckets' comes.
            let digits = Digits::on(self.backend, &wires);
            drop(wires);
            let a = msm_on(self.backend, self.key.g1(Section::A), &digits, 0);
            (digits, a)
        });
        let msm_g1 = |phase, section, digits: &Digits, first| {
            self.timed(phase, || msm_on(self.backend, self.key.g1(section), digits, first))
        };
        let a = a + key.alpha_g1 + delta_g1 * r;
        let b_g1 = msm_g1(Phase::MsmBG1, Section::BG1, &digits, 0) + beta_g1 + delta_g1 * s;
        let b = self.timed(Phase::MsmBG2, || msm_on(self.backend, self.key.b_g2(), &digits, 0));
        let b = b + key.beta_g2 + key.delta_g2 * s;
        let l = msm_g1(Phase::MsmL, Section::L, &digits, digits.len() - self.layout.derived);
        drop(digits);
        let h = self.timed(Phase::MsmH, || {
            msm_on(self.backend, self.key.g1(Section::H), &Digits::on(self.backend, quotient), 0)
        });
        let c = l + h + a * s + b_g1 * r - delta_g1 * (r * s);
        Proof { a: G1Affine::from(a), b: G2Affine::from(b), c: G1Affine::from(c), commitment }
    }

    fn timed<T>(&self, phase: Phase, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        self.report(phase, start.elapsed());
        result
    }

    fn report(&self, phase: Phase, time: Duration) {
        if let Some(observer) = self.observer {
            observer(phase, time);
        }
    }
}

fn require_size(wires: &'static str, expected: usize, got: usize) -> Result<(), ProveError> {
    if expected == got { Ok(()) } else { Err(ProveError::WitnessSize { wires, expected, got }) }
}
