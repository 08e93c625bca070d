//! All provers with their keys in memory, each ready to prove the same system.

use crate::arkworks::{ArkKey, synthesize};
use crate::export::{Export, WTNS, ZKEY};
use crate::snarkjs::{Snarkjs, SnarkjsError};
use crate::taceo::TaceoTable;
use ark_bn254::{Bn254, Fr};
use ark_ff::UniformRand;
use ark_groth16::Proof;
use ark_relations::gr1cs::SynthesisError;
use ark_relations::utils::matrix::Matrix;
use clap::ValueEnum;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::ThreadPool;
use std::path::Path;
use thiserror::Error;
use zkmargin::bench::{BenchError, Memory, OURS, Ours, Preparation, Provers, Run, Span, System, measure};
use zkmargin::cli::Failure;

/// A prover of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Peer {
    /// ark-groth16.
    Ark,
    /// taceo-groth16.
    Taceo,
    /// snarkjs, which needs node and `npm ci --prefix benches/peers/node`.
    Snarkjs,
}

impl Peer {
    /// The name as reports have it.
    pub fn name(self) -> &'static str {
        match self {
            Peer::Ark => "ark_groth16",
            Peer::Taceo => "taceo_groth16",
            Peer::Snarkjs => "snarkjs",
        }
    }
}

/// Why a comparison ends.
#[derive(Debug, Error)]
pub enum PeerError {
    /// Ours failed, or the machine.
    #[error(transparent)]
    Bench(#[from] BenchError),
    /// The setup or the prover of ark-groth16 failed.
    #[error("ark-groth16: {0}")]
    Ark(#[from] SynthesisError),
    /// The prover of taceo-groth16 failed, with this message.
    #[error("taceo-groth16: {0}")]
    Taceo(String),
    /// The prover of snarkjs failed.
    #[error(transparent)]
    Snarkjs(#[from] SnarkjsError),
    /// A proof of this prover does not verify.
    #[error("{}: the proof does not verify", .0.name())]
    Invalid(Peer),
}

impl From<PeerError> for Failure {
    fn from(error: PeerError) -> Self {
        Self::from_error(&error)
    }
}

/// Our prover and others around one system, with their keys.
pub struct Table<'a> {
    system: &'a System<'a>,
    ours: Ours<'a>,
    peers: Vec<Peer>,
    /// What all peers share: the same matrices and, but for H, the same key.
    key: ArkKey,
    matrices: [Matrix<Fr>; 3],
    snarkjs: Option<Snarkjs>,
    rng: ChaCha20Rng,
    preparation: Preparation,
}

impl<'a> Table<'a> {
    /// Makes the keys inside `pool` and says on `tell` what it is doing. INSECURE: they follow from the seed.
    pub fn new(
        system: &'a System<'a>,
        peers: &[Peer],
        pool: &ThreadPool,
        seed: u64,
        tell: &dyn Fn(&str),
    ) -> Result<Self, PeerError> {
        tell("setup: ours");
        let ours = Ours::new(system, pool, seed)?;
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        // Other secrets than those of our key.
        rng.set_stream(1);
        tell("matrices");
        let matrices = system.matrices();
        let (_, ark_synthesis) = pool.install(|| synthesize(system, &matrices))?;
        tell("setup: ark_groth16");
        let (key, ark_setup) = pool.install(|| ArkKey::setup(system, &matrices, &mut rng))?;
        let preparation = Preparation {
            setup: Some(ours.setup()),
            ark_setup: Some(ark_setup),
            ark_synthesis: Some(ark_synthesis),
        };
        let peers = peers.to_vec();
        Ok(Table { system, ours, peers, key, matrices, snarkjs: None, rng, preparation })
    }

    /// The times of the setups and of the synthesis.
    pub fn preparation(&self) -> Preparation {
        self.preparation
    }

    /// Writes `system.r1cs`, `system.wtns` and `system.zkey`, whose key is that of peers.
    pub fn export(&self, export: &Export<'_>) -> Result<(), Failure> {
        export.system(self.system, &self.matrices)?;
        export.key(&self.key, &self.matrices)
    }

    /// Starts snarkjs, or starts it again, on files that [`Table::export`] wrote.
    pub fn start_snarkjs(&mut self, package: &Path, files: &Path, threads: usize) -> Result<(), PeerError> {
        // The older process goes first: two of them would need twice the memory.
        self.snarkjs = None;
        let (zkey, wtns) = (files.join(ZKEY), files.join(WTNS));
        self.snarkjs = Some(Snarkjs::start(package, &zkey, &wtns, threads)?);
        Ok(())
    }

    /// Makes one proof of ours.
    pub fn prove_ours(&mut self, pool: &ThreadPool) -> Result<Run, PeerError> {
        Ok(self.ours.prove(pool)?)
    }

    /// Makes one proof inside `pool`, timed, and verifies it after that.
    ///
    /// snarkjs must have been started. Fails as the prover does, and if the proof does not verify.
    pub fn prove_peer(&mut self, peer: Peer, pool: &ThreadPool) -> Result<Run, PeerError> {
        let random = [Fr::rand(&mut self.rng), Fr::rand(&mut self.rng)];
        let (system, memory) = (self.system, Memory::watch());
        let (proof, span) = match peer {
            Peer::Ark => {
                let prove = || self.key.prove(system, &self.matrices, random);
                let (proof, span) = measure(|| pool.install(prove));
                (proof?, span)
            }
            Peer::Taceo => {
                let taceo = TaceoTable::new(system, &mut self.key, &mut self.matrices);
                let (proof, span) = measure(|| pool.install(|| taceo.prove(system, random)));
                (proof.map_err(PeerError::Taceo)?, span)
            }
            Peer::Snarkjs => prove_snarkjs(&mut self.snarkjs, system)?,
        };
        // Another process has its own memory.
        let memory_mib = if peer == Peer::Snarkjs { None } else { memory.added_mib() };
        if !self.key.accepts(&proof, system) {
            return Err(PeerError::Invalid(peer));
        }
        Ok(Run { span, memory_mib, phases: Vec::new() })
    }
}

/// Ours first.
impl Provers for Table<'_> {
    type Error = PeerError;

    fn names(&self) -> Vec<&'static str> {
        std::iter::once(OURS).chain(self.peers.iter().map(|peer| peer.name())).collect()
    }

    fn prove(&mut self, place: usize, pool: &ThreadPool) -> Result<Run, PeerError> {
        match place.checked_sub(1) {
            None => self.prove_ours(pool),
            Some(peer) => self.prove_peer(self.peers[peer], pool),
        }
    }
}

fn prove_snarkjs(
    snarkjs: &mut Option<Snarkjs>,
    system: &System<'_>,
) -> Result<(Proof<Bn254>, Span), PeerError> {
    let ended = || SnarkjsError::Ended("it was not started".to_owned());
    let answer = snarkjs.as_mut().ok_or_else(ended)?.prove()?;
    if !answer.verified || answer.public != system.inputs() {
        return Err(PeerError::Invalid(Peer::Snarkjs));
    }
    Ok((answer.proof, answer.span))
}
