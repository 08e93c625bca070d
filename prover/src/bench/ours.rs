//! Our prover with its key in memory, ready to prove one system.

use super::BenchError;
use super::clock::{Memory, Span, measure};
use super::compare::{Provers, Run};
use super::system::System;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::ThreadPool;
use std::cell::RefCell;
use std::time::Duration;
use zkmargin_groth16::{HashToField, Phase, ProveError, Prover, ProvingKey, setup, verify};

/// The name of our prover in reports.
pub const OURS: &str = "ours";

/// Our prover and its development key of a system.
pub struct Ours<'a> {
    system: &'a System<'a>,
    key: ProvingKey,
    setup: Span,
    rng: ChaCha20Rng,
}

impl<'a> Ours<'a> {
    /// Makes the key inside `pool`. INSECURE: the secrets follow from the seed.
    pub fn new(system: &'a System<'a>, pool: &ThreadPool, seed: u64) -> Result<Self, BenchError> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let (key, setup) = measure(|| pool.install(|| setup(&*system.relation, &mut rng)));
        Ok(Ours { system, key: key?, setup, rng })
    }

    /// The time that the setup took.
    pub fn setup(&self) -> Span {
        self.setup
    }

    /// Makes one proof inside `pool`, timed, and verifies it after that.
    ///
    /// The time has the check of every row and of the finished proof, which are parts of our prover.
    pub fn prove(&mut self, pool: &ThreadPool) -> Result<Run, BenchError> {
        let (system, key) = (self.system, &self.key);
        let memory = Memory::watch();
        let mut rng = ChaCha20Rng::from_rng(&mut self.rng).unwrap_or_else(|_| ChaCha20Rng::seed_from_u64(0));
        let (result, span) = measure(|| {
            pool.install(|| {
                let phases = RefCell::new(Vec::new());
                let observer = |phase: Phase, time: Duration| phases.borrow_mut().push((phase, time));
                let prover = Prover::new(key, &*system.relation)?.with_observer(&observer);
                let proof = prover.prove(&mut &*system, &mut rng)?;
                Ok::<_, ProveError>((proof, phases.into_inner()))
            })
        });
        let (proof, phases) = result?;
        let memory_mib = memory.added_mib();
        verify(key.verifying_key(), system.inputs(), &proof, HashToField::default())
            .map_err(|_| BenchError::Invalid)?;
        Ok(Run { span, memory_mib, phases })
    }
}

impl Provers for Ours<'_> {
    type Error = BenchError;

    fn names(&self) -> Vec<&'static str> {
        vec![OURS]
    }

    fn prove(&mut self, _place: usize, pool: &ThreadPool) -> Result<Run, BenchError> {
        Ours::prove(self, pool)
    }
}
