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
pub struct Summer<'s, P, A> {
    adder: A,
    /// Points of unfinished runs, then intermediate sums.
    pool: Pool<P>,
    runs: Vec<Run<'s, P>>,
    /// Points of the pool that are left in each run, run after run.
    left: Vec<u32>,
    pairs: Vec<[u32; 2]>,
    next: Vec<u32>,
    carried: Pool<P>,
}

/// A run of two points and more, or of a last one.
struct Run<'s, P> {
    left: u32,
    sum: &'s mut P,
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
            pool: Pool::new(),
            runs: vec![],
            left: vec![],
            pairs: vec![],
            next: vec![],
            carried: Pool::new(),
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
            let end = at + *length as usize;
            match length {
                0 => *sum = P::IDENTITY,
                1 => *sum = self.pool[at],
                _ => {
                    self.runs.push(Run { left: *length, sum });
                    self.left.extend(at as u32..end as u32);
                }
            }
            at = end;
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
        while self.runs.iter().map(|run| run.left as usize / 2).sum::<usize>() >= enough {
            self.halve();
        }
        let mut rest = &self.left[..];
        self.runs.retain_mut(|run| {
            let (points, others) = rest.split_at(run.left as usize);
            rest = others;
            if let [last] = points {
                *run.sum = self.pool[*last as usize];
                return false;
            }
            let (_, places) = self.carried.append(points.len());
            for (place, point) in places.iter_mut().zip(points) {
                *place = self.pool[*point as usize];
            }
            true
        });
        swap(&mut self.pool, &mut self.carried);
        self.carried.clear();
        self.left.clear();
        self.left.extend(0..self.pool.len() as u32);
    }

    /// Adds the points of each run two by two.
    fn halve(&mut self) {
        self.pairs.clear();
        self.next.clear();
        let mut new = self.pool.len() as u32;
        let mut rest = &self.left[..];
        for run in &mut self.runs {
            let (points, others) = rest.split_at(run.left as usize);
            rest = others;
            let (pairs, single) = points.as_chunks::<2>();
            for pair in pairs {
                self.pairs.push(*pair);
                self.next.push(new);
                new += 1;
            }
            self.next.extend_from_slice(single);
            run.left = run.left.div_ceil(2);
        }
        let old = self.pool.len();
        self.adder.append_sums(&mut self.pool, &self.pairs);
        strike(Site::Points, &mut self.pool[old..]);
        swap(&mut self.left, &mut self.next);
    }
}
