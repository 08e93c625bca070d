//! `zkmargin bench`: what this machine does, how far our prover is from the floor, and how it stands
//! beside other provers on the same constraint system.

mod batch;
mod folded;
mod report;
mod scaling;

use super::arguments::{Bench, Peer};
use super::output::OutFile;
use super::{Failure, memory, prepare, print_json, print_line, progress};
use crate::leftovers::{self, Leftover};
use report::{Distance, Report, Size};
use scaling::Scaling;
use std::path::PathBuf;
use zkmargin_circuits::batch::compile::compile;
use zkmargin_peers::compare::{Comparison, compare, pool};
use zkmargin_peers::field::Products;
use zkmargin_peers::floor::Floor;
use zkmargin_peers::kernels::{self, Input, Pair};
use zkmargin_peers::machine::Machine;
use zkmargin_peers::mix::mix;
use zkmargin_peers::table::Preparation;
use zkmargin_peers::{Name, PeerError, Span, System, Table, measure, snarkjs};

/// Bytes of memory that a point of the domain takes: ours alone, with arkworks peers, snarkjs on top.
const ALONE: u64 = 2_000;
const ARKWORKS: u64 = 3_500;
const SNARKJS: u64 = 3_500;

impl From<PeerError> for Failure {
    fn from(error: PeerError) -> Self {
        Self::from_error(&error)
    }
}

impl From<Peer> for Name {
    fn from(peer: Peer) -> Self {
        match peer {
            Peer::Ark => Name::ArkGroth16,
            Peer::Taceo => Name::TaceoGroth16,
            Peer::Snarkjs => Name::Snarkjs,
        }
    }
}

/// Measures with `threads`, or with one thread and with two.
pub fn run(options: &Bench, threads: Option<u16>) -> Result<(), Failure> {
    let mut peers: Vec<Name> = options.peers.iter().map(|peer| (*peer).into()).collect();
    peers.sort();
    peers.dedup();
    require_runs(options)?;
    let folded = options.folded.as_deref().map(|path| OutFile::at(path, options.force)).transpose()?;
    require_free(options)?;
    if peers.contains(&Name::Snarkjs) {
        snarkjs::check(&options.snarkjs).map_err(PeerError::from)?;
    }
    let machine = Machine::here();
    let circuit;
    let (system, witness) = match &options.shape {
        None => {
            require_memory(1 << options.log2, &peers)?;
            tell(&format!("wires of the mix of 2^{} rows", options.log2));
            measure(|| mix(options.log2, options.seed))
        }
        Some(name) => {
            let shape = prepare::shape(name)?;
            circuit = compile(&shape);
            let (system, witness) = batch::system(&shape, &circuit, options.seed)?;
            require_memory(system.layout().domain_size() as u64, &peers)?;
            (system, witness)
        }
    };
    let threads = match threads {
        Some(threads) => vec![threads.into()],
        None => (1..=machine.cores.min(2)).collect(),
    };
    let bench = Running { options, system: &system, peers, threads };
    let report = bench.report(machine, witness)?;
    if let Some(file) = folded {
        file.write(folded::stacks(&report.proofs).as_bytes())?;
    }
    if options.json { print_json(&report) } else { print_line(&report.text()) }
}

/// Refuses what `--runs 0` leaves nothing of.
fn require_runs(options: &Bench) -> Result<(), Failure> {
    let refuse = |text| Err(Failure::new(format!("--runs 0: {text}")));
    match options {
        Bench { runs: 1.., .. } => Ok(()),
        Bench { kernel_runs: None | Some(0), .. } => {
            refuse("nothing to measure; give --kernel-runs, or one run or more")
        }
        Bench { folded: Some(_), .. } => refuse("no phases for --folded; give one run or more"),
        Bench { export: Some(_), .. } => refuse("no key for --export; give one run or more"),
        _ => Ok(()),
    }
}

/// Refuses an export over files that are not to be replaced.
fn require_free(options: &Bench) -> Result<(), Failure> {
    let Some(directory) = options.export.as_deref().filter(|directory| directory.exists()) else {
        return Ok(());
    };
    for name in ["system.r1cs", "system.wtns", "system.zkey"] {
        OutFile::at(&directory.join(name), options.force)?;
    }
    Ok(())
}

/// Progress in lines: a run takes minutes.
fn tell(text: &str) {
    progress::line(&format!("bench: {text}"));
}

/// Refuses what would swap, before anything is computed.
fn require_memory(domain: u64, peers: &[Name]) -> Result<(), Failure> {
    let mut bytes = ALONE;
    bytes += if peers.is_empty() { 0 } else { ARKWORKS };
    bytes += if peers.contains(&Name::Snarkjs) { SNARKJS } else { 0 };
    let what = format!("a benchmark of 2^{} rows", domain.ilog2());
    memory::require(&what, (domain * bytes) >> 20, "choose a smaller --log2 or fewer --peers")
}

struct Running<'a> {
    options: &'a Bench,
    system: &'a System<'a>,
    peers: Vec<Name>,
    /// Numbers of threads, at least one; setups and the report's ratios take the first.
    threads: Vec<usize>,
}

impl Running<'_> {
    fn report(&self, machine: Machine, witness: Span) -> Result<Report, Failure> {
        tell("products of field elements");
        let field = Products::measure();
        let (preparation, proofs) = self.provers()?;
        let kernels = self.kernels()?;
        let floor = Floor::of(self.system);
        let distances = proofs.iter().map(|proofs| Distance::of(&floor, &field, proofs)).collect();
        Ok(Report {
            scaling: Scaling::of(&proofs),
            ratios: report::ratios(self.threads[0], &proofs, &preparation, &kernels),
            machine,
            field,
            system: Size::of(self.system, witness),
            runs: self.options.runs.into(),
            kernel_runs: self.kernel_runs(),
            preparation,
            proofs,
            kernels,
            floor,
            distances,
        })
    }

    /// Setups and proofs, none if no run is wanted. The keys make room for the kernels' points.
    fn provers(&self) -> Result<(Preparation, Vec<Comparison>), Failure> {
        if self.options.runs == 0 {
            return Ok((Preparation::default(), vec![]));
        }
        let first = pool(self.threads[0])?;
        let mut table = Table::new(self.system, &self.peers, &first, self.options.seed, &tell)?;
        let files = self.export(&table)?;
        let proofs = self.proofs(&mut table, &files)?;
        Ok((table.preparation, proofs))
    }

    /// Files where the user wants them, or for snarkjs alone in a directory that goes with its handle.
    fn export(&self, table: &Table<'_>) -> Result<Files, Failure> {
        let files = match &self.options.export {
            Some(directory) => {
                let made = std::fs::create_dir_all(directory);
                made.map_err(|error| Failure::new(format!("{}: {error}", directory.display())))?;
                Files { directory: Some(directory.clone()), temporary: None }
            }
            None if self.peers.contains(&Name::Snarkjs) => {
                let made = leftovers::create(tempfile::tempdir, |folder| folder.path());
                let (temporary, leftover) =
                    made.map_err(|error| Failure::new(format!("temporary directory: {error}")))?;
                let directory = Some(temporary.path().to_path_buf());
                Files { directory, temporary: Some((temporary, leftover)) }
            }
            None => Files { directory: None, temporary: None },
        };
        if let Some(directory) = &files.directory {
            tell(&format!("files: {}/system.{{r1cs,wtns,zkey}}", directory.display()));
            table.export(directory)?;
        }
        Ok(files)
    }

    fn proofs(&self, table: &mut Table<'_>, files: &Files) -> Result<Vec<Comparison>, Failure> {
        let mut proofs = Vec::new();
        for threads in &self.threads {
            if let (true, Some(directory)) = (self.peers.contains(&Name::Snarkjs), &files.directory) {
                tell("snarkjs reads its files");
                table.start_snarkjs(&self.options.snarkjs, directory, *threads)?;
            }
            proofs.push(compare(table, &pool(*threads)?, self.options.runs.into(), &tell)?);
        }
        Ok(proofs)
    }

    fn kernel_runs(&self) -> usize {
        self.options.kernel_runs.unwrap_or(self.options.runs).into()
    }

    /// Measures kernels at the size of the system, ours alone or beside ark's; none if none are wanted.
    fn kernels(&self) -> Result<Vec<Pair>, Failure> {
        let runs = self.kernel_runs();
        if runs == 0 {
            return Ok(vec![]);
        }
        let log2 = self.system.layout().domain_size().ilog2();
        tell(&format!("random points: 2^{log2} in G1 and G2"));
        let input = Input::random(log2, self.options.seed);
        let mut pairs = Vec::new();
        for threads in &self.threads {
            let ark = !self.peers.is_empty();
            pairs.extend(kernels::compare(&input, &pool(*threads)?, runs, ark, &tell)?);
        }
        Ok(pairs)
    }
}

/// Where exported files lie.
struct Files {
    directory: Option<PathBuf>,
    /// Removed with this.
    #[expect(dead_code, reason = "held for its destructor")]
    temporary: Option<(tempfile::TempDir, Leftover)>,
}
