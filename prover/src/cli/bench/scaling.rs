//! What more threads would do, by a model of the parts that do not share.

use crate::bench::{Comparison, OURS, Series};
use serde::Serialize;
use std::collections::BTreeMap;

/// Numbers of threads that the model is asked for.
const THREADS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// Each phase takes `serial + parallel/threads` seconds; both parts follow from what it took with one
/// and with two threads. Nothing is said of memory bandwidth, nor of clocks that fall under load.
#[derive(Debug, Serialize)]
pub struct Scaling {
    /// Seconds of a proof that more threads do not shorten.
    serial_seconds: f64,
    /// Seconds by number of threads.
    seconds: BTreeMap<usize, f64>,
    /// Speed over one thread, by number of threads.
    speedup: BTreeMap<usize, f64>,
}

impl Scaling {
    /// None unless our proofs were measured with one and with two threads.
    pub fn of(proofs: &[Comparison]) -> Option<Self> {
        let ours = |threads| {
            let proofs = proofs.iter().find(|proofs| proofs.threads == threads)?;
            Some(phases(&proofs.provers[OURS]))
        };
        let (one, two) = (ours(1)?, ours(2)?);
        let parts = one.iter().map(|(phase, alone)| {
            // Noise can make a phase look faster than shared or slower than serial.
            let serial = (2.0 * two.get(phase).unwrap_or(alone) - alone).clamp(0.0, *alone);
            (serial, alone - serial)
        });
        let (serial, parallel) = parts.fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        let seconds: BTreeMap<_, _> = THREADS.map(|n| (n, serial + parallel / n as f64)).into();
        let speedup = seconds.iter().map(|(n, time)| (*n, (serial + parallel) / time)).collect();
        Some(Scaling { serial_seconds: serial, seconds, speedup })
    }

    /// The model as text for people.
    pub fn text(&self) -> String {
        let speedups = self.speedup.iter().skip(1);
        let list: Vec<String> = speedups.map(|(threads, times)| format!("{threads}: {times:.1}")).collect();
        format!(
            "model of more threads ({:.3} s serial, from one and two threads; memory bandwidth left out), times one thread: {}",
            self.serial_seconds,
            list.join(", ")
        )
    }
}

/// Phases and what lies between them.
fn phases(series: &Series) -> BTreeMap<&'static str, f64> {
    let mut phases = series.phases.clone();
    let between = series.median.wall - phases.values().sum::<f64>();
    phases.insert("between", between.max(0.0));
    phases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Span;

    fn proofs(threads: usize, wall: f64, phases: &[(&'static str, f64)]) -> Comparison {
        let median = Span { wall, cpu: wall };
        let phases = phases.iter().copied().collect();
        let series = Series { median, runs: vec![median], memory_mib: None, phases };
        Comparison {
            threads,
            provers: [(OURS, series)].into(),
            ratios: BTreeMap::new(),
            cpu_ratios: BTreeMap::new(),
        }
    }

    #[test]
    fn shared_phases_shrink_and_serial_ones_stay() {
        let one = proofs(1, 8.5, &[("msm", 6.0), ("fft", 2.0), ("verify", 0.5)]);
        let two = proofs(2, 4.9, &[("msm", 3.0), ("fft", 1.4), ("verify", 0.5)]);
        let scaling = Scaling::of(&[one.clone(), two]).unwrap();
        // 0.5 of verify and 2·1.4 - 2 of the transforms.
        assert!((scaling.serial_seconds - 1.3).abs() < 1e-9);
        assert!((scaling.seconds[&2] - 4.9).abs() < 1e-9);
        assert!((scaling.seconds[&64] - (1.3 + 7.2 / 64.0)).abs() < 1e-9);
        assert!((scaling.speedup[&1] - 1.0).abs() < 1e-9);
        assert!(Scaling::of(&[one]).is_none());
    }

    #[test]
    fn noise_makes_no_negative_parts() {
        let one = proofs(1, 1.0, &[("msm", 1.0)]);
        let faster = proofs(2, 0.4, &[("msm", 0.4)]);
        let slower = proofs(2, 1.1, &[("msm", 1.1)]);
        assert_eq!(Scaling::of(&[one.clone(), faster]).unwrap().serial_seconds, 0.0);
        assert_eq!(Scaling::of(&[one, slower]).unwrap().speedup[&64], 1.0);
    }
}
