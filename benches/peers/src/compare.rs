//! Proofs of all provers in turns, and how many times longer than ours each takes.

use crate::clock::{Span, give_back, median};
use crate::table::{Name, PeerError, Run, Table};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::Serialize;
use std::collections::BTreeMap;

/// A prover's proofs with one number of threads.
#[derive(Debug, Clone, Serialize)]
pub struct Series {
    /// Medians.
    pub median: Span,
    /// Each run, in their order.
    pub runs: Vec<Span>,
    /// What the first run added to the resident memory, MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u64>,
    /// Medians of the phases, seconds on the wall clock; only ours tells them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub phases: BTreeMap<&'static str, f64>,
}

/// Everybody's proofs with one number of threads.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    pub threads: usize,
    pub provers: BTreeMap<&'static str, Series>,
    /// Their wall-clock time over ours, by medians.
    pub ratios: BTreeMap<&'static str, f64>,
    /// Their CPU time over ours, by medians.
    pub cpu_ratios: BTreeMap<&'static str, f64>,
}

/// A pool of its own for each number of threads.
pub fn pool(threads: usize) -> Result<ThreadPool, PeerError> {
    let built = ThreadPoolBuilder::new().num_threads(threads).build();
    built.map_err(|error| PeerError::Threads { asked: threads, why: error.to_string() })
}

/// `runs` rounds; in each, every prover proves once, the first of a round being the second of the
/// round before, so that nobody always has the warmest caches. Memory is that of the first round, in
/// which nobody is handed what others left.
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
pub fn median_span(spans: impl Iterator<Item = Span> + Clone) -> Span {
    Span { wall: median(spans.clone().map(|span| span.wall)), cpu: median(spans.map(|span| span.cpu)) }
}
