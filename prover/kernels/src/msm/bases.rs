//! Bases beside their scalars.

use crate::points::Packed;
use rayon::prelude::*;

/// Bases whose presence one task looks up.
const CHUNK: usize = 1 << 12;
/// Points asked for before they are needed: they come from memory, in no order.
const AHEAD: usize = 24;

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

    /// Whether every scalar has a base other than the identity at its own index.
    pub fn all(&self, scalars: usize) -> bool {
        self.present.is_none() && self.first == 0 && self.points.len() == scalars
    }

    /// Writes the entries of a [`super::digits::Window`] that have a base other than the
    /// identity, with the positions of the bases for the indices of the scalars, into the first
    /// places; how many there are. At least as many places as entries.
    #[inline(always)]
    pub fn keep_present(&self, with: &[u32], places: &mut [u32]) -> usize {
        // An index before the first wraps round to a position beyond all: there are fewer than
        // 2^31 scalars.
        let shift = (self.first as u32) << 1;
        let mut kept = 0;
        match &self.present {
            None => {
                let limit = self.points.len() as u32;
                for entry in with {
                    let moved = entry.wrapping_sub(shift);
                    places[kept] = moved;
                    kept += usize::from(moved >> 1 < limit);
                }
            }
            Some(present) => {
                for entry in with {
                    let moved = entry.wrapping_sub(shift);
                    let position = moved >> 1;
                    let word = present.get(position as usize / 64).copied().unwrap_or(0);
                    places[kept] = moved;
                    kept += (word >> (position % 64) & 1) as usize;
                }
            }
        }
        kept
    }

    /// Puts the bases, or their negatives, into as many places.
    pub fn gather(&self, entries: &[u32], places: &mut [P]) {
        debug_assert_eq!(entries.len(), places.len(), "a place for each entry");
        for (number, (entry, place)) in entries.iter().zip(places).enumerate() {
            if let Some(ahead) = entries.get(number + AHEAD) {
                self.points[(ahead >> 1) as usize].prefetch();
            }
            *place = self.points[(entry >> 1) as usize].negated_if(entry & 1 == 1);
        }
    }
}
