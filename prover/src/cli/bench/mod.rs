//! `zkmargin bench`: what this machine does, and how far our prover is from the floor. `zkmargin-peers` runs the
//! same with other provers beside ours: it is another [`Contest`].

mod batch;
mod folded;
mod report;
mod scaling;

use super::arguments::Measured;
use super::output::OutFile;
use super::{Failure, memory, prepare, print_json, print_line, progress};
use crate::bench::field::Products;
use crate::bench::floor::Floor;
use crate::bench::kernels::{self, Input, OtherKernels, Pair};
use crate::bench::machine::Machine;
use crate::bench::mix::mix;
use crate::bench::{Comparison, Ours, Preparation, Span, System, compare, measure, pool};
use report::{Distance, Report, Size};
use scaling::Scaling;
use zkmargin_circuits::batch::compile::compile;

/// Setups and proofs with each number of threads.
pub type Proofs = (Preparation, Vec<Comparison>);

/// What a run takes, so that it is refused before it swaps.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// Bytes of memory at the peak for each point of the domain.
    pub bytes_per_point: u64,
    /// What makes it less, for people.
    pub advice: &'static str,
}

/// Whose proofs and kernels are measured: ours alone, or others' beside them.
pub trait Contest {
    /// What the contest takes.
    fn need(&self) -> Need;

    /// Setups and proofs of all provers; none of them if no run is wanted.
    fn proofs(&self, rounds: &Rounds<'_>) -> Result<Proofs, Failure>;

    /// The kernels beside ours, for a domain of `2^log2` points; none if ours are alone.
    fn other_kernels(&self, log2: u32) -> Option<Box<dyn OtherKernels>>;
}

/// What is proved, and how often.
#[derive(Clone, Copy)]
pub struct Rounds<'a> {
    /// The system and its wires.
    pub system: &'a System<'a>,
    /// Numbers of threads; not empty. Setups and the report's ratios take the first.
    pub threads: &'a [usize],
    /// Proofs of each prover with each number of threads.
    pub runs: usize,
    /// Everything random follows from it.
    pub seed: u64,
}

/// Ours, and no others.
struct Alone;

impl Contest for Alone {
    fn need(&self) -> Need {
        Need { bytes_per_point: 2_000, advice: "choose a smaller --log2 or --shape" }
    }

    fn proofs(&self, rounds: &Rounds<'_>) -> Result<Proofs, Failure> {
        if rounds.runs == 0 {
            return Ok((Preparation::default(), vec![]));
        }
        tell("setup: ours");
        let mut ours = Ours::new(rounds.system, &pool(rounds.threads[0])?, rounds.seed)?;
        let mut proofs = Vec::new();
        for threads in rounds.threads {
            proofs.push(compare::compare(&mut ours, &pool(*threads)?, rounds.runs, &tell)?);
        }
        Ok((Preparation { setup: Some(ours.setup()), ..Preparation::default() }, proofs))
    }

    fn other_kernels(&self, _log2: u32) -> Option<Box<dyn OtherKernels>> {
        None
    }
}

/// Measures ours alone.
pub(super) fn run(options: &Measured, threads: Option<u16>) -> Result<(), Failure> {
    measured(options, threads, &Alone)
}

/// Measures with `threads`, or with one and two, and prints the report.
pub fn measured(options: &Measured, threads: Option<u16>, contest: &dyn Contest) -> Result<(), Failure> {
    require_runs(options)?;
    let folded = options.folded.as_deref().map(|path| OutFile::at(path, options.force)).transpose()?;
    let machine = Machine::here();
    let threads = match threads {
        Some(threads) => vec![threads.into()],
        None => (1..=machine.cores.min(2)).collect(),
    };
    let report = with_system(options, contest.need(), |system, witness| {
        let rounds = Rounds { system, threads: &threads, runs: options.runs.into(), seed: options.seed };
        report(options, machine, witness, &rounds, contest)
    })?;
    if let Some(file) = folded {
        file.write(folded::stacks(&report.proofs).as_bytes())?;
    }
    if options.json { print_json(&report) } else { print_line(&report.text()) }
}

/// Makes the system that the options name, with the time of its wires, and hands it to `work`.
///
/// Refuses a system for which there is less memory than it will need.
pub fn with_system<T>(
    options: &Measured,
    need: Need,
    work: impl FnOnce(&System<'_>, Span) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let Some(name) = &options.shape else {
        require_memory(1 << options.log2, need)?;
        tell(&format!("wires of the mix of 2^{} rows", options.log2));
        let (system, witness) = measure(|| mix(options.log2, options.seed));
        return work(&system, witness);
    };
    let shape = prepare::shape(name)?;
    let circuit = compile(&shape);
    let (system, witness) = batch::system(&shape, &circuit, options.seed)?;
    require_memory(system.layout().domain_size() as u64, need)?;
    work(&system, witness)
}

/// Refuses what `--runs 0` leaves nothing of.
fn require_runs(options: &Measured) -> Result<(), Failure> {
    let refuse = |text| Err(Failure::new(format!("--runs 0: {text}")));
    match options {
        Measured { runs: 1.., .. } => Ok(()),
        Measured { kernel_runs: None | Some(0), .. } => {
            refuse("nothing to measure; give --kernel-runs, or one run or more")
        }
        Measured { folded: Some(_), .. } => refuse("no phases for --folded; give one run or more"),
        _ => Ok(()),
    }
}

/// Progress in lines: a run takes minutes.
pub fn tell(text: &str) {
    progress::line(&format!("bench: {text}"));
}

fn require_memory(domain: u64, need: Need) -> Result<(), Failure> {
    let what = format!("a benchmark of 2^{} rows", domain.ilog2());
    memory::require(&what, (domain * need.bytes_per_point) >> 20, need.advice)
}

fn report(
    options: &Measured,
    machine: Machine,
    witness: Span,
    rounds: &Rounds<'_>,
    contest: &dyn Contest,
) -> Result<Report, Failure> {
    tell("products of field elements");
    let field = Products::measure();
    // Their keys make room for the kernels' points.
    let (preparation, proofs) = contest.proofs(rounds)?;
    let kernel_runs = options.kernel_runs.unwrap_or(options.runs).into();
    let kernels = kernels(kernel_runs, rounds, contest)?;
    let floor = Floor::of(rounds.system);
    let distances = proofs.iter().map(|proofs| Distance::of(&floor, &field, proofs)).collect();
    Ok(Report {
        scaling: Scaling::of(&proofs),
        ratios: report::ratios(rounds.threads[0], &proofs, &preparation, &kernels),
        machine,
        field,
        system: Size::of(rounds.system, witness),
        runs: rounds.runs,
        kernel_runs,
        preparation,
        proofs,
        kernels,
        floor,
        distances,
    })
}

/// At the size of the system; none if none are wanted.
fn kernels(runs: usize, rounds: &Rounds<'_>, contest: &dyn Contest) -> Result<Vec<Pair>, Failure> {
    if runs == 0 {
        return Ok(vec![]);
    }
    let log2 = rounds.system.layout().domain_size().ilog2();
    tell(&format!("random points: 2^{log2} in G1 and G2"));
    let (input, others) = (Input::random(log2, rounds.seed), contest.other_kernels(log2));
    let mut pairs = Vec::new();
    for threads in rounds.threads {
        pairs.extend(kernels::compare(&input, &pool(*threads)?, runs, others.as_deref(), &tell)?);
    }
    Ok(pairs)
}
