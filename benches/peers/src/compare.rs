//! Proofs of all provers in turns, and how many times longer than ours each takes.

use crate::clock::{Span, give_back, median};
use crate::table::{Name, PeerError, Run, Table};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::Serialize;
use std::collections::BTreeMap;

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

/// Starts a pool of its own for a number of threads. Fails if the system does not start so many.
pub fn pool(threads: usize) -> Result<ThreadPool, PeerError> {
    let built = ThreadPoolBuilder::new().num_threads(threads).build();
    built.map_err(|error| PeerError::Threads { asked: threads, why: error.to_string() })
}

/// Runs `runs` rounds; in each, every prover proves once, the first of a round being the second of the
/// round before, so that no prover always has the warmest caches. Memory is measured in the first round, in
/// which no prover is handed what others left. `tell` is told of each run.
pub fn compare(
    table: &mut Table<'_>,
    pool: &ThreadPool,
    runs: usize,
    tell: &dyn Fn(&str),
) -> Result<Comparison, PeerError> {
    let names = table.names();
    let mut all: BTreeMap<Name, Vec<Run>> = BTreeMap::new();
    let threads = pool.current_num_threads();
    for round in 0..runs {
        for turn in 0..names.len() {
            let name = names[(round + turn) % names.len()];
            if round == 0 {
                give_back();
            }
            let run = table.prove(name, pool)?;
            let (text, seconds) = (name.text(), run.span.wall);
            tell(&format!("threads {threads}, run {} of {runs}: {text} {seconds:.2} s", round + 1));
            all.entry(name).or_default().push(run);
        }
    }
    let provers: BTreeMap<_, _> = all.iter().map(|(name, runs)| (name.text(), series(runs))).collect();
    let ratios = |time: fn(&Series) -> f64| {
        let ours = time(&provers[Name::Ours.text()]);
        let others = provers.iter().filter(|(name, _)| **name != Name::Ours.text());
        others.map(|(name, series)| (*name, time(series) / ours)).collect()
    };
    let (wall, cpu) = (ratios(|series| series.median.wall), ratios(|series| series.median.cpu));
    Ok(Comparison { threads, ratios: wall, cpu_ratios: cpu, provers })
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
pub(crate) fn median_span(spans: impl Iterator<Item = Span> + Clone) -> Span {
    Span { wall: median(spans.clone().map(|span| span.wall)), cpu: median(spans.map(|span| span.cpu)) }
}
