//! Bases beside their scalars.

use crate::points::Packed;
use rayon::prelude::*;

/// Bases whose presence one task looks up.
const CHUNK: usize = 1 << 12;
/// Points asked for before they are needed: they come from memory, in no order.
const AHEAD: usize = 24;

/// The bases of a multiplication. The bases of a matrix with many empty columns are mostly the
/// identity: a bit for each is read instead of the point.
pub(super) struct Bases<'a, P> {
    points: &'a [P],
    /// The index of the scalar of the first point.
    first: usize,
    present: Present,
}

/// Which scalars have a base other than the identity.
enum Present {
    All,
    /// The scalars beside a point.
    Beside,
    /// The scalars whose bit is set; there is a bit for each scalar.
    Some(Vec<u64>),
}

impl<'a, P: Packed> Bases<'a, P> {
    /// The points beside some of the scalars, from the `first` on.
    pub fn new(points: &'a [P], first: usize, scalars: usize) -> Self {
        let bit = |index: usize| {
            let point = index.checked_sub(first).and_then(|position| points.get(position));
            u64::from(point.is_some_and(|point| !point.is_identity()))
        };
        let word = |word: usize| (0..64).fold(0, |bits, place| bits | bit(64 * word + place) << place);
        let words = (0..scalars.div_ceil(64)).into_par_iter().with_min_len(CHUNK / 64);
        let words: Vec<u64> = words.map(word).collect();
        let count: usize = words.par_iter().map(|word| word.count_ones() as usize).sum();
        let present = match count {
            count if count < points.len() => Present::Some(words),
            count if count < scalars => Present::Beside,
            _ => Present::All,
        };
        Bases { points, first, present }
    }

    /// Whether every scalar has a base other than the identity.
    pub fn all(&self) -> bool {
        matches!(self.present, Present::All)
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
            Present::All | Present::Beside => {
                let limit = self.points.len() as u32;
                for entry in with {
                    let moved = entry.wrapping_sub(shift);
                    places[kept] = moved;
                    kept += usize::from(moved >> 1 < limit);
                }
            }
            Present::Some(present) => {
                for entry in with {
                    places[kept] = entry.wrapping_sub(shift);
                    kept += (present[(entry >> 7) as usize] >> (entry >> 1 & 63) & 1) as usize;
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
