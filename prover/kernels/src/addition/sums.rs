//! Sums of runs of points by a tree: all first pairs of all runs in one batch, then all pairs of
//! those sums, and so on.

use super::BatchAdd;
use crate::fault::{Site, strike};
use crate::points::Packed;

/// Sums runs of the points in its pool. One for each thread.
pub struct Summer<P, A> {
    /// Points to sum, run after run; intermediate sums are appended.
    pub pool: Vec<P>,
    adder: A,
    /// Points of the pool that are left in each run, run after run.
    left: Vec<u32>,
    next: Vec<u32>,
    pairs: Vec<[u32; 2]>,
}

impl<P: Packed, A: BatchAdd<P>> Summer<P, A> {
    pub fn new(adder: &A) -> Self {
        Summer { pool: vec![], adder: adder.clone(), left: vec![], next: vec![], pairs: vec![] }
    }

    /// Sums of the runs of these lengths that fill the pool, which is empty afterwards; the
    /// identity for a run of none. `lengths` is overwritten.
    pub fn sum_runs(&mut self, lengths: &mut [u32], sums: &mut [P]) {
        debug_assert_eq!(lengths.iter().map(|length| *length as usize).sum::<usize>(), self.pool.len());
        self.left.clear();
        self.left.extend(0..self.pool.len() as u32);
        while lengths.iter().any(|length| *length > 1) {
            self.halve(lengths);
        }
        let mut left = self.left.iter();
        for (sum, length) in sums.iter_mut().zip(lengths) {
            *sum = match length {
                0 => P::IDENTITY,
                _ => self.pool[*left.next().expect("a run has a point left") as usize],
            };
        }
        self.pool.clear();
    }

    /// Adds the points of each run two by two.
    fn halve(&mut self, lengths: &mut [u32]) {
        self.pairs.clear();
        self.next.clear();
        let mut new = self.pool.len() as u32;
        let mut rest = &self.left[..];
        for length in lengths {
            let (run, others) = rest.split_at(*length as usize);
            rest = others;
            let (pairs, single) = run.as_chunks::<2>();
            for pair in pairs {
                self.pairs.push(*pair);
                self.next.push(new);
                new += 1;
            }
            self.next.extend_from_slice(single);
            *length = length.div_ceil(2);
        }
        let old = self.pool.len();
        self.adder.append_sums(&mut self.pool, &self.pairs);
        strike(Site::Points, &mut self.pool[old..]);
        std::mem::swap(&mut self.left, &mut self.next);
    }

    /// The sum of the pool, which is empty afterwards.
    pub fn sum_pool(&mut self) -> P {
        let mut sum = [P::IDENTITY];
        self.sum_runs(&mut [self.pool.len() as u32], &mut sum);
        sum[0]
    }
}
