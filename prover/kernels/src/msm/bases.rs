//! Bases beside their scalars.

use crate::points::Packed;
use rayon::prelude::*;

/// Bases whose presence one task looks up.
const CHUNK: usize = 1 << 12;

/// The bases of a multiplication. Those of a matrix with many empty columns are mostly the
/// identity: a bit for each is read instead of the point.
pub(super) struct Bases<'a, P> {
    points: &'a [P],
    /// The index of the scalar of the first point.
    first: usize,
    /// One bit for each point, set where it is not the identity; none if that is everywhere.
    present: Option<Vec<u64>>,
}

impl<'a, P: Packed> Bases<'a, P> {
    pub fn new(points: &'a [P], first: usize) -> Self {
        let word = |points: &[P]| -> u64 {
            points.iter().rev().fold(0, |word, point| word << 1 | u64::from(!point.is_identity()))
        };
        let present: Vec<u64> = points.par_chunks(64).with_min_len(CHUNK / 64).map(word).collect();
        let count: usize = present.par_iter().map(|word| word.count_ones() as usize).sum();
        Bases { points, first, present: (count < points.len()).then_some(present) }
    }

    /// The base beside scalar `index`, if there is one and it is not the identity.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<&'a P> {
        let position = index.wrapping_sub(self.first);
        if let Some(present) = &self.present {
            let word = present.get(position / 64)?;
            if word >> (position % 64) & 1 == 0 {
                return None;
            }
        }
        self.points.get(position)
    }
}
