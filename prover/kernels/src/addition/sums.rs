//! Sums of runs of points by trees: all first pairs of all runs in one batch, then all pairs of
//! those sums, and so on. When few pairs are left, which are not worth an inversion, they wait for
//! the runs that come next.

use super::{BatchAdd, Pool};
use crate::fault::{Site, strike};
use crate::points::Packed;
use std::mem::swap;

/// Pairs that are worth an inversion of their own while there are more runs to come.
const ENOUGH: usize = 512;

/// Sums runs of points. One for each thread.
pub(crate) struct Summer<'s, P, A> {
    adder: A,
    /// Points of unfinished runs, then intermediate sums.
    pool: Pool<P>,
    runs: Vec<Run<'s, P>>,
    /// Points of the pool that are left, run after run, an even number of each run: pairs to add.
    left: Vec<u32>,
    next: Vec<u32>,
    carried: Pool<P>,
}

/// A run whose sum is not written yet.
struct Run<'s, P> {
    /// How many of the points left are this run's.
    paired: u32,
    /// One more that is left.
    single: Option<u32>,
    sum: &'s mut P,
}

impl<P> Run<'_, P> {
    /// Takes `count` points of the pool that begin at `at`, and the ones that make pairs into
    /// `left`.
    fn set(&mut self, at: u32, count: u32, left: &mut Vec<u32>) {
        self.paired = count & !1;
        self.single = (count % 2 == 1).then_some(at + self.paired);
        left.extend(at..at + self.paired);
    }
}

impl<P, A> Drop for Summer<'_, P, A> {
    fn drop(&mut self) {
        debug_assert!(self.runs.is_empty() || std::thread::panicking(), "runs that nobody finished");
    }
}

impl<'s, P: Packed, A: BatchAdd<P>> Summer<'s, P, A> {
    pub fn new(adder: &A) -> Self {
        Summer {
            adder: adder.clone(),
            pool: Pool::default(),
            runs: vec![],
            left: vec![],
            next: vec![],
            carried: Pool::default(),
        }
    }

    /// Takes runs of the given lengths; `gather` puts their points, run after run, into as many
    /// places. Their sums, the identity for a run of none, are there after [`Summer::finish`].
    pub fn add(&mut self, lengths: &[u32], gather: impl FnOnce(&mut [P]), sums: &'s mut [P]) {
        debug_assert_eq!(lengths.len(), sums.len(), "a sum for each run");
        let mut at = self.pool.len();
        let (_, places) = self.pool.append(lengths.iter().sum::<u32>() as usize);
        gather(places);
        strike(Site::Points, places);
        for (length, sum) in lengths.iter().zip(sums) {
            match length {
                0 => *sum = P::IDENTITY,
                1 => *sum = self.pool[at],
                _ => {
                    let mut run = Run { paired: 0, single: None, sum };
                    run.set(at as u32, *length, &mut self.left);
                    self.runs.push(run);
                }
            }
            at += *length as usize;
        }
        self.halve_while(ENOUGH);
    }

    /// Ends all runs.
    pub fn finish(&mut self) {
        self.halve_while(1);
        debug_assert!(self.runs.is_empty() && self.pool.is_empty());
    }

    /// Adds while there are this many pairs, then writes the sums of finished runs and puts the
    /// points of the others together.
    fn halve_while(&mut self, enough: usize) {
        while self.left.len() / 2 >= enough {
            self.halve();
        }
        let mut rest = &self.left[..];
        self.next.clear();
        self.runs.retain_mut(|run| {
            let (points, others) = rest.split_at(run.paired as usize);
            rest = others;
            if let Some(last) = run.single
                && points.is_empty()
            {
                *run.sum = self.pool[last as usize];
                return false;
            }
            let at = self.carried.len() as u32;
            let count = points.len() + usize::from(run.single.is_some());
            let (_, places) = self.carried.append(count);
            for (place, point) in places.iter_mut().zip(points.iter().chain(&run.single)) {
                *place = self.pool[*point as usize];
            }
            run.set(at, count as u32, &mut self.next);
            true
        });
        swap(&mut self.left, &mut self.next);
        swap(&mut self.pool, &mut self.carried);
        self.carried.clear();
    }

    /// Adds the points of each run two by two.
    fn halve(&mut self) {
        let mut new = self.pool.len() as u32;
        let (pairs, _) = self.left.as_chunks();
        self.adder.append_sums(&mut self.pool, pairs);
        strike(Site::Points, &mut self.pool[new as usize..]);
        self.next.clear();
        for run in &mut self.runs {
            let sums = run.paired / 2;
            let single = run.single.take_if(|_| sums % 2 == 1);
            match single {
                // The last sum has a partner.
                Some(single) => {
                    run.paired = sums + 1;
                    self.next.extend(new..new + sums);
                    self.next.push(single);
                }
                None if run.single.is_some() => {
                    run.paired = sums;
                    self.next.extend(new..new + sums);
                }
                None => run.set(new, sums, &mut self.next),
            }
            new += sums;
        }
        swap(&mut self.left, &mut self.next);
    }
}
