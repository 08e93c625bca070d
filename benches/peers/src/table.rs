//! All provers with their keys in memory, each ready to prove the same system.

use crate::arkworks::{ArkKey, synthesize};
use crate::clock::{Memory, Span, measure};
use crate::formats::{write_r1cs, write_wtns, write_zkey};
use crate::snarkjs::{Snarkjs, SnarkjsError};
use crate::system::System;
use crate::taceo::TaceoTable;
use ark_bn254::{Bn254, Fr};
use ark_ff::UniformRand;
use ark_groth16::Proof;
use ark_relations::gr1cs::SynthesisError;
use ark_relations::utils::matrix::Matrix;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::ThreadPool;
use serde::Serialize;
use std::cell::RefCell;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;
use zkmargin_groth16::{HashToField, Phase, ProveError, Prover, ProvingKey, SetupError, setup, verify};

/// The name of a prover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Name {
    /// Our prover, `zkmargin-groth16`.
    Ours,
    /// The prover of ark-groth16.
    ArkGroth16,
    /// The prover of taceo-groth16.
    TaceoGroth16,
    /// The prover of snarkjs, in a process of its own.
    Snarkjs,
}

impl Name {
    /// The name as reports have it.
    pub fn text(self) -> &'static str {
        match self {
            Name::Ours => "ours",
            Name::ArkGroth16 => "ark_groth16",
            Name::TaceoGroth16 => "taceo_groth16",
            Name::Snarkjs => "snarkjs",
        }
    }
}

/// Why a comparison ends.
#[derive(Debug, Error)]
pub enum PeerError {
    /// Our setup failed.
    #[error("our setup: {0}")]
    Setup(#[from] SetupError),
    /// Our prover failed.
    #[error("our prover: {0}")]
    Prove(#[from] ProveError),
    /// The setup or the prover of ark-groth16 failed.
    #[error("ark-groth16: {0}")]
    Ark(#[from] SynthesisError),
    /// The prover of taceo-groth16 failed, with this message.
    #[error("taceo-groth16: {0}")]
    Taceo(String),
    /// The prover of snarkjs failed.
    #[error(transparent)]
    Snarkjs(#[from] SnarkjsError),
    /// A proof of the named prover does not verify.
    #[error("{}: the proof does not verify", .0.text())]
    Invalid(Name),
    /// The results of ours and of the peer's kernel of this name differ.
    #[error("{0} of two kernels differ")]
    Differ(&'static str),
    /// A file could not be written.
    #[error("{}: {source}", path.display())]
    File {
        /// Path of the file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A pool of threads could not be started.
    #[error("{asked} threads cannot be started: {why}")]
    Threads {
        /// Number of threads that were asked for.
        asked: usize,
        /// The reason that the pool gives.
        why: String,
    },
}

/// The time of one proof, with the phases where the prover tells them.
#[derive(Debug, Clone)]
pub struct Run {
    /// The time of the proof.
    pub span: Span,
    /// Memory in MiB that proving added to what was resident; none where it is not known.
    pub memory_mib: Option<u64>,
    /// The phases with their times on the wall clock, in their order; empty for other provers than ours.
    pub phases: Vec<(Phase, Duration)>,
}

/// The times of what was done once, before all proofs.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Preparation {
    /// The time of our development setup.
    pub setup: Option<Span>,
    /// The time of ark-groth16's setup, whose key taceo-groth16 uses too.
    pub ark_setup: Option<Span>,
    /// The time of what ark-groth16 does before each proof if it is given a circuit instead of matrices.
    pub ark_synthesis: Option<Span>,
}

/// All provers around one system, with their keys.
pub struct Table<'a> {
    system: &'a System<'a>,
    key: ProvingKey,
    peers: Vec<Name>,
    ark: Option<Ark>,
    snarkjs: Option<Snarkjs>,
    rng: ChaCha20Rng,
    /// The times of the setups and of the synthesis.
    pub preparation: Preparation,
}

/// What the arkworks provers share: the same matrices and, but for H, the same key.
struct Ark {
    key: ArkKey,
    matrices: [Matrix<Fr>; 3],
}

impl<'a> Table<'a> {
    /// Makes the keys inside `pool` and says on `tell` what it is doing.
    pub fn new(
        system: &'a System<'a>,
        peers: &[Name],
        pool: &ThreadPool,
        seed: u64,
        tell: &dyn Fn(&str),
    ) -> Result<Self, PeerError> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        tell("setup: ours");
        let (key, span) = measure(|| pool.install(|| setup(&*system.relation, &mut rng)));
        let mut preparation = Preparation { setup: Some(span), ..Preparation::default() };
        let ark = if peers.is_empty() {
            None
        } else {
            tell("matrices");
            let matrices = system.matrices();
            preparation.ark_synthesis = Some(pool.install(|| synthesize(system, &matrices))?.1);
            tell("setup: ark_groth16");
            let (key, span) = pool.install(|| ArkKey::setup(system, &matrices, &mut rng))?;
            preparation.ark_setup = Some(span);
            Some(Ark { key, matrices })
        };
        Ok(Table { system, key: key?, peers: peers.to_vec(), ark, snarkjs: None, rng, preparation })
    }

    /// The names of the provers: ours first, then the peers.
    pub(crate) fn names(&self) -> Vec<Name> {
        [&[Name::Ours][..], &self.peers].concat()
    }

    /// Writes `system.r1cs`, `system.wtns` and `system.zkey`. Needs a peer, whose key it is.
    pub fn export(&self, directory: &Path) -> Result<(), PeerError> {
        let Some(ark) = &self.ark else { return Ok(()) };
        let write = |name: &str, content: &dyn Fn(&mut BufWriter<File>) -> std::io::Result<()>| {
            let path = directory.join(name);
            let written = File::create(&path).and_then(|file| {
                let mut out = BufWriter::new(file);
                content(&mut out)?;
                out.into_inner()?.sync_all()
            });
            written.map_err(|source| PeerError::File { path, source })
        };
        write("system.r1cs", &|out| write_r1cs(out, &self.system.layout(), &ark.matrices))?;
        write("system.wtns", &|out| write_wtns(out, &self.system.wires))?;
        write("system.zkey", &|out| write_zkey(out, &ark.key, &ark.matrices))
    }

    /// Starts snarkjs, or starts it again, on files that [`Table::export`] wrote.
    pub fn start_snarkjs(&mut self, package: &Path, files: &Path, threads: usize) -> Result<(), PeerError> {
        // The older process goes first: two of them would need twice the memory.
        self.snarkjs = None;
        let (zkey, wtns) = (files.join("system.zkey"), files.join("system.wtns"));
        self.snarkjs = Some(Snarkjs::start(package, &zkey, &wtns, threads)?);
        Ok(())
    }

    /// Makes one proof inside `pool`, timed, and verifies it after that.
    ///
    /// snarkjs must have been started. Fails as the prover does, and if the proof does not verify.
    pub fn prove(&mut self, name: Name, pool: &ThreadPool) -> Result<Run, PeerError> {
        if name == Name::Ours {
            return self.prove_ours(pool);
        }
        let random = [Fr::rand(&mut self.rng), Fr::rand(&mut self.rng)];
        let (system, memory) = (self.system, Memory::watch());
        let Some(ark) = &mut self.ark else { return Err(PeerError::Invalid(name)) };
        let (proof, span) = match name {
            Name::TaceoGroth16 => {
                let taceo = TaceoTable::new(system, &mut ark.key, &mut ark.matrices);
                let (proof, span) = measure(|| pool.install(|| taceo.prove(system, random)));
                (proof.map_err(PeerError::Taceo)?, span)
            }
            Name::Snarkjs => prove_snarkjs(&mut self.snarkjs, system)?,
            Name::Ours | Name::ArkGroth16 => {
                let (proof, span) = measure(|| pool.install(|| ark.key.prove(system, &ark.matrices, random)));
                (proof?, span)
            }
        };
        let memory_mib = if name == Name::Snarkjs { None } else { memory.added_mib() };
        if !ark.key.accepts(&proof, system) {
            return Err(PeerError::Invalid(name));
        }
        Ok(Run { span, memory_mib, phases: Vec::new() })
    }

    /// Proves with the check of every row and of the finished proof, which are parts of our prover.
    fn prove_ours(&mut self, pool: &ThreadPool) -> Result<Run, PeerError> {
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
            .map_err(|_| PeerError::Invalid(Name::Ours))?;
        Ok(Run { span, memory_mib, phases })
    }
}

fn prove_snarkjs(
    snarkjs: &mut Option<Snarkjs>,
    system: &System<'_>,
) -> Result<(Proof<Bn254>, Span), PeerError> {
    let ended = || SnarkjsError::Ended("it was not started".to_owned());
    let answer = snarkjs.as_mut().ok_or_else(ended)?.prove()?;
    if !answer.verified || answer.public != system.inputs() {
        return Err(PeerError::Invalid(Name::Snarkjs));
    }
    Ok((answer.proof, answer.span))
}
