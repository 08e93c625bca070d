//! Batches to proofs, and their files.

pub mod manifest;
pub(crate) mod out_directory;
pub mod pipeline;

use crate::record::relation::{BatchAssignment, BatchRelation};
use crate::verify::inputs;
use ark_bn254::Fr;
use rand::rngs::OsRng;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use zkmargin_circuits::batch::assembly::AssemblyError;
use zkmargin_circuits::batch::layout::Circuit;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::batch::witness::witness;
use zkmargin_circuits::kinds::Trace;
use zkmargin_circuits::publication::Deployment;
use zkmargin_groth16::{Phase, Proof, ProveError, Prover, ProvingKey, VerifyingKey};
use zkmargin_verifier_solidity::{SolidityKeyError, key_id};

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProveRunError {
    /// The batch has no witness in this shape.
    #[error("batch {batch} does not fit shape {shape}: {source}")]
    Assembly {
        /// Number of the batch.
        batch: u64,
        /// Name of the shape.
        shape: String,
        /// The part that does not fit or hold.
        source: AssemblyError,
    },
    /// The prover refuses.
    #[error("batch {batch}: {source}")]
    Prove {
        /// Number of the batch.
        batch: u64,
        /// The reason of the prover.
        source: ProveError,
    },
    /// The key is another circuit's.
    #[error("the key does not fit shape {shape}: {source}")]
    Key {
        /// Name of the shape.
        shape: String,
        /// The reason of the prover.
        source: ProveError,
    },
    /// The key is not for batches.
    #[error(transparent)]
    Solidity(#[from] SolidityKeyError),
}

/// A shape's circuit and key, ready to prove batch after batch.
pub struct Machine<'a> {
    shape: &'a Shape,
    circuit: &'a Circuit,
    relation: &'a BatchRelation<'a>,
    key: &'a ProvingKey,
    deployment: Deployment,
}

/// A batch whose rows are filled and checked.
pub(crate) struct Filled<'a> {
    batch: u64,
    assignment: BatchAssignment<'a>,
    witness: Duration,
}

/// A proof with everything that goes on chain or into files.
pub struct Proven {
    /// The published bytes, the header's first.
    pub bytes: Vec<u8>,
    /// The proof, which was verified.
    pub proof: Proof,
    /// The public inputs s and v.
    pub inputs: [Fr; 2],
    /// The time that filling the circuit's rows took.
    pub witness: Duration,
    /// The time of each phase of the proof.
    pub phases: Vec<(Phase, Duration)>,
    /// The time of rows and proof together; in a [`pipeline`] the rows' part overlaps with another proof.
    pub total: Duration,
}

impl<'a> Machine<'a> {
    /// Puts a circuit and its key together. Refuses a key of another circuit, and keys that the contracts
    /// cannot use.
    pub fn new(
        shape: &'a Shape,
        circuit: &'a Circuit,
        relation: &'a BatchRelation<'a>,
        key: &'a ProvingKey,
    ) -> Result<Self, ProveRunError> {
        Prover::new(key, relation)
            .map_err(|source| ProveRunError::Key { shape: shape.name.clone(), source })?;
        let key_id = key_id(key.verifying_key())?;
        let deployment = Deployment { shape_id: shape.id, key_id };
        Ok(Self { shape, circuit, relation, key, deployment })
    }

    /// The shape that batches are proved in.
    pub(crate) fn shape(&self) -> &'a Shape {
        self.shape
    }

    /// The key that proofs are verified with.
    pub(crate) fn verifying_key(&self) -> &'a VerifyingKey {
        self.key.verifying_key()
    }

    /// Number of constraints of the shape.
    pub(crate) fn constraints(&self) -> usize {
        self.circuit.constraints()
    }

    /// The key's id, which is header element 3 of the batches.
    pub(crate) fn key_id(&self) -> [u8; 31] {
        self.deployment.key_id
    }

    /// Fills the rows of a batch and checks them. Fails if the batch has no witness in the shape.
    pub(crate) fn fill(&self, trace: &Trace) -> Result<Filled<'a>, ProveRunError> {
        let batch = trace.new_globals.batch;
        let started = Instant::now();
        let filled = witness(self.circuit, self.shape, trace, &self.deployment, true).map_err(|source| {
            let shape = self.shape.name.clone();
            ProveRunError::Assembly { batch, shape, source }
        })?;
        Ok(Filled { batch, assignment: BatchAssignment::new(filled), witness: started.elapsed() })
    }

    /// Proves filled rows and verifies the proof. `tell` is told of each phase that begins.
    pub(crate) fn prove_filled(
        &self,
        filled: Filled<'_>,
        tell: &dyn Fn(&str),
    ) -> Result<Proven, ProveRunError> {
        let Filled { batch, mut assignment, witness } = filled;
        let started = Instant::now();
        let bytes = assignment.bytes();
        let phases = Mutex::new(Vec::new());
        let observer = |phase: Phase, time: Duration| {
            tell(next_phase(phase));
            if let Ok(mut phases) = phases.lock() {
                phases.push((phase, time));
            }
        };
        tell("commitment");
        let failure = |source| ProveRunError::Prove { batch, source };
        let prover = Prover::new(self.key, self.relation).map_err(failure)?.with_observer(&observer);
        let proof = prover.prove(&mut assignment, &mut OsRng).map_err(failure)?;
        let inputs = inputs(&bytes, &proof);
        let phases = phases.into_inner().unwrap_or_default();
        Ok(Proven { bytes, proof, inputs, witness, phases, total: witness + started.elapsed() })
    }
}

/// What comes after a phase, for progress lines.
fn next_phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Commit => "derived wires",
        Phase::Derive => "check of every constraint",
        Phase::Check => "quotient",
        Phase::Quotient => "multi-scalar multiplications",
        Phase::MsmA | Phase::MsmBG1 | Phase::MsmBG2 | Phase::MsmL | Phase::MsmH => {
            "multi-scalar multiplications"
        }
        Phase::Verify => "verified",
        Phase::Retry => "a result was wrong: once more, on the portable kernels",
    }
}
