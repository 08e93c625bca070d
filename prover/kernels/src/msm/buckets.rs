//! Buckets: for each window and magnitude, the sum of the bases whose digit has it.

use super::Bases;
use super::digits::{Digits, Window};
use crate::addition::{BatchAdd, Summer};
use crate::fault::{Site, strike};
use crate::memory::Zeros;
use crate::points::Packed;
use crate::spares::Spares;
use rayon::prelude::*;
use std::ops::Range;
use std::slice::from_mut;

/// Points gathered by one job, after which they and their sums, twice as many, stay in L2.
const GATHERED_BYTES: usize = 1 << 18;
/// Jobs of a group, which share batches, at most; fewer where threads would get fewer groups than these.
const LARGEST_GROUP: usize = 16;
const GROUPS_PER_THREAD: usize = 16;

/// Consecutive buckets of a window, and where their sums go.
struct Job<'a, P> {
    window: &'a Window,
    /// Magnitudes of the digits, counted from 1.
    magnitudes: Range<usize>,
    /// Points in all.
    count: usize,
    sums: &'a mut [P],
}

/// The sums of all windows, one window of [`Digits::buckets`] after the other.
pub(super) fn fill<P: Packed, A: BatchAdd<P>>(adder: &A, bases: &Bases<'_, P>, digits: &Digits) -> Zeros<P> {
    let mut sums = Zeros::new(digits.windows().len() * digits.buckets());
    debug_assert!(sums.first().is_none_or(P::is_identity), "the identity is all zero");
    let windows = digits.windows().par_iter().zip(sums.par_chunks_mut(digits.buckets()));
    let jobs: Vec<Job<'_, P>> = windows.flat_map_iter(|(window, sums)| split(window, sums)).collect();
    let (large, jobs): (Vec<_>, Vec<_>) = jobs.into_par_iter().partition(Job::is_large);
    large.into_par_iter().for_each(|job| job.run_large(bases, adder));
    in_groups(adder, jobs, |job, summer, scratch| job.run(bases, summer, scratch));
    strike(Site::Points, &mut sums);
    sums
}

/// Does jobs in groups, each with a summer to itself, so that small batches are rare.
fn in_groups<'s, P: Packed + 's, A: BatchAdd<P>, J: Send>(
    adder: &A,
    jobs: Vec<J>,
    run: impl Fn(J, &mut Summer<'s, P, A>, &mut Scratch) + Sync,
) {
    let groups = GROUPS_PER_THREAD * rayon::current_num_threads();
    let group = jobs.len().div_ceil(groups).clamp(1, LARGEST_GROUP);
    let (spares, new) = (Spares::default(), || (Summer::new(adder), Scratch::default()));
    jobs.into_par_iter().chunks(group).with_max_len(1).for_each(|group| {
        spares.with(new, |(summer, scratch)| {
            for job in group {
                run(job, summer, scratch);
            }
            summer.finish();
        });
    });
}

fn full<P>() -> usize {
    GATHERED_BYTES / size_of::<P>()
}

/// Cuts a window into jobs of about one gathering each. A bucket too large for that, such as the
/// one of all bits, is the only one in its job that is not empty.
fn split<'a, P>(window: &'a Window, mut sums: &'a mut [P]) -> Vec<Job<'a, P>> {
    let last = sums.len();
    let mut jobs = Vec::new();
    let (mut first, mut count) = (1, 0);
    for magnitude in 1..=last {
        let more = window.count(magnitude);
        if count > 0 && more > 0 && count + more > full::<P>() {
            let (done, rest) = sums.split_at_mut(magnitude - first);
            sums = rest;
            jobs.push(Job { window, magnitudes: first..magnitude, count, sums: done });
            (first, count) = (magnitude, 0);
        }
        count += more;
    }
    if count > 0 {
        jobs.push(Job { window, magnitudes: first..first + sums.len(), count, sums });
    }
    jobs
}

#[derive(Default)]
struct Scratch {
    lengths: Vec<u32>,
    entries: Vec<u32>,
}

impl<'s, P: Packed> Job<'s, P> {
    fn is_large(&self) -> bool {
        self.count > full::<P>()
    }

    fn run<A: BatchAdd<P>>(
        self,
        bases: &Bases<'_, P>,
        summer: &mut Summer<'s, P, A>,
        Scratch { lengths, entries }: &mut Scratch,
    ) {
        let Job { window, magnitudes, count, sums } = self;
        lengths.clear();
        if bases.all() {
            lengths.extend(magnitudes.clone().map(|magnitude| window.count(magnitude) as u32));
            return summer.add(lengths, |places| bases.gather(window.with(&magnitudes), places), sums);
        }
        if entries.len() < count {
            entries.resize(count, 0);
        }
        let mut kept = 0;
        for magnitude in magnitudes {
            let with = window.with(&(magnitude..magnitude + 1));
            let more = bases.keep_present(with, &mut entries[kept..]);
            lengths.push(more as u32);
            kept += more;
        }
        summer.add(lengths, |places| bases.gather(&entries[..kept], places), sums);
    }

    /// One bucket, by all threads together.
    fn run_large<A: BatchAdd<P>>(self, bases: &Bases<'_, P>, adder: &A) {
        let filled = self.magnitudes.zip(self.sums).find(|(magnitude, _)| self.window.count(*magnitude) > 0);
        let (magnitude, sum) = filled.expect("a job has points");
        let mut entries = vec![0; self.count];
        let kept = bases.keep_present(self.window.with(&(magnitude..magnitude + 1)), &mut entries);
        entries.truncate(kept);
        let mut parts = vec![P::IDENTITY; entries.len().div_ceil(full::<P>())];
        let pieces = entries.chunks(full::<P>()).zip(parts.chunks_mut(1)).collect();
        in_groups(adder, pieces, |(entries, part): (&[u32], &mut [P]), summer, _| {
            summer.add(&[entries.len() as u32], |places| bases.gather(entries, places), part);
        });
        let mut summer = Summer::new(adder);
        summer.add(&[parts.len() as u32], |places| places.copy_from_slice(&parts), from_mut(sum));
        summer.finish();
    }
}
