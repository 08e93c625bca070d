//! `Σ i·Pᵢ` without a chain of dependent additions.
//!
//! Bit k of the indices has the sum `Oₖ = Σ Pᵢ over i with bit k set`, and `Σ i·Pᵢ = Σ 2ᵏ·Oₖ`. Let
//! level 0 be the points and each level the sums of neighbours in the one below: then Oₖ is the
//! sum of the odd elements of level k. N points take N - 1 additions for the levels and as many
//! again for the odd elements, all of them in about log₂ N rounds of independent pairs; running
//! sums take 2N as well, but one after the other.

use super::{BatchAdd, Pool};
use crate::fault::{Site, strike};
use crate::points::Packed;
use crate::spares::Spares;
use ark_ec::short_weierstrass::Projective;
use ark_ff::AdditiveGroup;
use rayon::prelude::*;

/// Points of one task, a power of two: it and its sums stay in L2, and a round has enough
/// pairs for its inversion.
const BLOCK: usize = 1 << 12;

/// The sum of the points, and of those whose index has bit k set, for every k.
struct Planes<P> {
    total: P,
    bits: Vec<P>,
}

/// `Σ (i + 1)·pointᵢ` of each list; all have the same length, a power of two.
pub(crate) fn weighted_sums<P, A>(adder: &A, lists: &[&[P]]) -> Vec<Projective<P::Config>>
where
    P: Packed,
    A: BatchAdd<P>,
{
    let (spares, new) = (Spares::default(), || Rounds::new(adder));
    let planes = |block: &[P]| spares.with(new, |rounds| rounds.planes(block));
    let blocks: Vec<Vec<Planes<P>>> = lists
        .par_iter()
        .with_max_len(1)
        .map(|list| list.par_chunks(BLOCK).with_max_len(1).map(planes).collect())
        .collect();
    let joined = |blocks: &Vec<Planes<P>>| spares.with(new, |rounds| join(rounds, blocks));
    blocks.par_iter().with_max_len(1).map(joined).collect()
}

/// The weighted sum of blocks of equal size that stand one after the other.
fn join<P: Packed, A: BatchAdd<P>>(rounds: &mut Rounds<P, A>, blocks: &[Planes<P>]) -> Projective<P::Config> {
    let totals: Vec<P> = blocks.iter().map(|block| block.total).collect();
    let upper = rounds.planes(&totals);
    let low_bits = blocks[0].bits.len();
    let lower = (0..low_bits).map(|bit| {
        let parts = blocks.iter().map(|block| block.bits[bit].to_affine());
        parts.fold(Projective::default(), |sum, part| sum + part)
    });
    let bits: Vec<_> = lower.chain(upper.bits.iter().map(|point| point.to_affine().into())).collect();
    let sum = bits.iter().rev().fold(Projective::default(), |sum, bit| sum.double() + bit);
    sum + upper.total.to_affine()
}

/// Scratch of one task.
struct Rounds<P, A> {
    pool: Pool<P>,
    adder: A,
}

/// An element of a level: an index of the pool, or the identity.
type Slot = Option<u32>;

impl<P: Packed, A: BatchAdd<P>> Rounds<P, A> {
    fn new(adder: &A) -> Self {
        Rounds { pool: Pool::default(), adder: adder.clone() }
    }

    /// The planes of a power of two of points.
    fn planes(&mut self, points: &[P]) -> Planes<P> {
        debug_assert!(points.len().is_power_of_two());
        let pool = &mut self.pool;
        pool.extend_from_slice(points);
        let slot = |(index, point): (usize, &P)| (!point.is_identity()).then_some(index as u32);
        let mut level: Vec<Slot> = points.iter().enumerate().map(slot).collect();
        // Elements of each plane that are still to be added up.
        let mut planes: Vec<Vec<u32>> = Vec::new();
        let mut pairs = Vec::new();
        while level.len() > 1 || planes.iter().any(|plane| plane.len() > 1) {
            pairs.clear();
            let mut new = pool.len() as u32;
            let mut add = |pair: [u32; 2]| {
                pairs.push(pair);
                new += 1;
                new - 1
            };
            for plane in &mut planes {
                halve(plane, &mut add);
            }
            if level.len() > 1 {
                planes.push(level.iter().skip(1).step_by(2).copied().flatten().collect());
                let merge = |pair: &[Slot; 2]| match *pair {
                    [Some(left), Some(right)] => Some(add([left, right])),
                    [left, right] => left.or(right),
                };
                level = level.as_chunks::<2>().0.iter().map(merge).collect();
            }
            let old = pool.len();
            self.adder.append_sums(pool, &pairs);
            strike(Site::Points, &mut pool[old..]);
        }
        let at = |slot: Slot| slot.map_or(P::IDENTITY, |index| pool[index as usize]);
        let bits = planes.iter().map(|plane| at(plane.first().copied())).collect();
        let total = at(level[0]);
        pool.clear();
        Planes { total, bits }
    }
}

/// Replaces the elements by the sums of pairs, and a last single one.
fn halve(elements: &mut Vec<u32>, add: &mut impl FnMut([u32; 2]) -> u32) {
    let count = elements.len();
    for i in 0..count / 2 {
        elements[i] = add([elements[2 * i], elements[2 * i + 1]]);
    }
    if count % 2 == 1 {
        elements[count / 2] = elements[count - 1];
    }
    elements.truncate(count.div_ceil(2));
}
