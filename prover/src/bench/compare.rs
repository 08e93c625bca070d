//! Proofs of all provers in turns, and how many times longer than ours each takes.

use super::clock::{Span, give_back, median};
use super::ours::OURS;
use rayon::ThreadPool;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use zkmargin_groth16::Phase;

/// Provers of one system, each with its key in memory.
pub trait Provers {
    /// Why a proof cannot be made.
    type Error;

    /// Their names in reports; one of them is [`OURS`].
    fn names(&self) -> Vec<&'static str>;

    /// Makes one proof inside `pool`, timed, by the prover at this place of the names, and verifies it after
    /// that. Fails as the prover does, and if the proof does not verify.
    fn prove(&mut self, place: usize, pool: &ThreadPool) -> Result<Run, Self::Error>;
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
    /// The time of ark-groth16's setup, if it takes part.
    pub ark_setup: Option<Span>,
    /// The time of what ark-groth16 does before each proof if it is given a circuit instead of matrices.
    pub ark_synthesis: Option<Span>,
}

/// The proofs of one prover with one number of threads.
#[derive(Debug, Clone, Serialize)]
pub struct Series {
    /// The medians of both times over all runs.
    pub median: Span,
    /// The times of each run, in their order.
    pub runs: Vec<Span>,
    /// Resident memory that the first run added at its peak, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u64>,
    /// Median of each phase in seconds on the wall clock; only our prover tells them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub phases: BTreeMap<&'static str, f64>,
}

/// The proofs of all provers with one number of threads.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The number of threads.
    pub threads: usize,
    /// The proofs of each prover, by its name in reports.
    pub provers: BTreeMap<&'static str, Series>,
    /// The wall-clock time of each other prover over ours, by medians.
    pub ratios: BTreeMap<&'static str, f64>,
    /// The CPU time of each other prover over ours, by medians.
    pub cpu_ratios: BTreeMap<&'static str, f64>,
}

/// Runs `runs` rounds; in each, every prover proves once, the first of a round being the second of the
/// round before, so that no prover always has the warmest caches. Memory is measured in the first round, in
/// which no prover is handed what others left. `tell` is told of each run.
pub fn compare<P: Provers>(
    provers: &mut P,
    pool: &ThreadPool,
    runs: usize,
    tell: &dyn Fn(&str),
) -> Result<Comparison, P::Error> {
    let names = provers.names();
    let mut all: BTreeMap<&'static str, Vec<Run>> = BTreeMap::new();
    let threads = pool.current_num_threads();
    for round in 0..runs {
        for turn in 0..names.len() {
            let place = (round + turn) % names.len();
            if round == 0 {
                give_back();
            }
            let run = provers.prove(place, pool)?;
            let (name, seconds) = (names[place], run.span.wall);
            tell(&format!("threads {threads}, run {} of {runs}: {name} {seconds:.2} s", round + 1));
            all.entry(name).or_default().push(run);
        }
    }
    Ok(comparison(threads, all.iter().map(|(name, runs)| (*name, series(runs))).collect()))
}

/// Adds the ratios; none where ours is not measured.
fn comparison(threads: usize, provers: BTreeMap<&'static str, Series>) -> Comparison {
    let ratios = |time: fn(&Series) -> f64| {
        let others = provers.iter().filter(|(name, _)| **name != OURS);
        let ours = provers.get(OURS).map(time);
        others.filter_map(|(name, series)| Some((*name, time(series) / ours?))).collect()
    };
    let (wall, cpu) = (ratios(|series| series.median.wall), ratios(|series| series.median.cpu));
    Comparison { threads, ratios: wall, cpu_ratios: cpu, provers }
}

fn series(runs: &[Run]) -> Series {
    let mut phases: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    for (phase, time) in runs.iter().flat_map(|run| &run.phases) {
        phases.entry(phase.name()).or_default().push(time.as_secs_f64());
    }
    Series {
        median: median_span(runs.iter().map(|run| run.span)),
        runs: runs.iter().map(|run| run.span).collect(),
        memory_mib: runs.first().and_then(|run| run.memory_mib),
        phases: phases.into_iter().map(|(name, times)| (name, median(times))).collect(),
    }
}

/// Wall and CPU time each by its own median.
pub(super) fn median_span(spans: impl Iterator<Item = Span> + Clone) -> Span {
    Span { wall: median(spans.clone().map(|span| span.wall)), cpu: median(spans.map(|span| span.cpu)) }
}
