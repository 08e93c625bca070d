//! Wall-clock and CPU time of a piece of work, and what memory it added.

use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;
use std::time::Instant;

/// The time that a piece of work took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Span {
    /// Time on the wall clock in seconds.
    pub wall: f64,
    /// CPU time of the whole process, all threads together, in seconds.
    pub cpu: f64,
}

/// Runs `work` and says how long it took.
pub fn measure<T>(work: impl FnOnce() -> T) -> (T, Span) {
    let (cpu, wall) = (cpu_seconds(), Instant::now());
    let result = work();
    let span = Span { wall: wall.elapsed().as_secs_f64(), cpu: cpu_seconds() - cpu };
    (result, span)
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The middle of the values; the mean of the two middle ones if they are even in number.
///
/// Zero for no values.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[odd / 2],
        even => (values[even / 2 - 1] + values[even / 2]) / 2.0,
    }
}

/// Watches how much resident memory a piece of work adds at its peak.
///
/// Linux only; the peak of the whole process is reset by it. Memory that an allocator kept from
/// earlier work and hands out again is not seen; [`compare`](super::compare::compare) gives it back first.
pub struct Memory {
    before_kib: Option<u64>,
}

impl Memory {
    /// Starts watching.
    pub fn watch() -> Self {
        let reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
        Memory { before_kib: if reset { status_kib("VmRSS:") } else { None } }
    }

    /// MiB at the peak beyond what was resident at the start; none where the system does not tell.
    pub fn added_mib(&self) -> Option<u64> {
        Some(status_kib("VmHWM:")?.saturating_sub(self.before_kib?) / 1024)
    }
}

/// Gives memory that the allocator keeps back to the system, with glibc. What comes next has to touch
/// its memory anew, which takes time.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "glibc's allocator has no other door")]
pub(super) fn give_back() {
    // SAFETY: takes no pointer, and may be called at any time from any thread (malloc_trim(3)).
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back() {}

fn status_kib(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median([]), 0.0);
    }

    /// Many small pieces, which the allocator keeps when they are freed: without giving them back the
    /// second round adds next to nothing.
    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn memory_that_is_given_back_counts_again() {
        let mut last = Vec::new();
        for _ in 0..2 {
            give_back();
            let memory = Memory::watch();
            let pieces: Vec<_> = (0..20_000).map(|_| std::hint::black_box(vec![1u8; 4096])).collect();
            // Above them in the heap, which does not shrink by itself then.
            last.push(std::hint::black_box(vec![1u8; 4096]));
            // Some systems do not tell.
            let Some(added) = memory.added_mib() else { return };
            assert!(added >= 40, "{added}");
            drop(pieces);
        }
    }

    #[test]
    fn cpu_time_passes_while_working() {
        let (sum, span) =
            measure(|| (0..20_000_000u64).fold(0, |sum, value| sum ^ std::hint::black_box(value)));
        assert!(sum < 1 << 25 && span.cpu > 0.0 && span.wall > 0.0);
    }
}
