//! How many products a proof of a system needs, and so the time that no prover of this kind goes
//! below on a machine whose products cost so and so much.
//!
//! Counted: entries of the matrices that are not ±1, six transforms of the domain as our kernels do
//! them, with their scalings, and five multi-scalar multiplications by the bucket method with signed windows of
//! the best width, additions being affine with shared inversions. The scalars are the system's:
//! zeros cost nothing, a boolean one addition, a short limb one per window. Not counted: additions,
//! sorting, memory, the check of rows and of the proof.

use super::field::Products;
use super::system::System;
use ark_bn254::Fr;
use ark_ff::{BigInteger, One, PrimeField};
use serde::Serialize;
use zkmargin_groth16::{Matrix as Side, Relation};
use zkmargin_kernels::ntt::Domain;

/// Products of one affine addition with a shared inversion: slope, its square, y, and three for the
/// inversion.
const ADDITION_G1: u64 = 6;
/// The same in Fq², whose product is three of Fq and whose square is two.
const ADDITION_G2: u64 = 17;
/// A and B to coefficients and to the coset; their product back; C to coefficients.
const TRANSFORMS: u64 = 6;
/// Products for each point of the domain besides: two shifts to the coset, the product of A and B,
/// the shift back, the factor of C.
const SCALINGS: u64 = 5;
const FIELD_BITS: usize = 254;

/// The number of products that a proof needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Floor {
    /// Products in Fq, by the multi-scalar multiplications.
    pub fq_products: u64,
    /// Products in Fr, by matrices and transforms.
    pub fr_products: u64,
}

impl Floor {
    /// Counts over all wires and entries of the system.
    pub fn of(system: &System<'_>) -> Self {
        let layout = system.layout();
        let wires = &system.wires;
        let present = present(&*system.relation, layout.public, layout.columns());
        let lengths = |used: &dyn Fn(usize) -> bool| {
            let used = wires.iter().enumerate().filter(|(column, _)| used(*column));
            Lengths::of(used.map(|(_, wire)| wire))
        };
        let (in_a, in_b) = (lengths(&|column| present.a[column]), lengths(&|column| present.b[column]));
        let private = lengths(&|column| column >= layout.public);
        let quotient = Lengths::full(layout.domain_size() - 1);
        let g1 = [&in_a, &in_b, &private, &quotient].map(Lengths::additions).iter().sum::<u64>();
        let transform = Domain::new(layout.domain_size()).map_or(0, |domain| domain.products_per_transform());
        Floor {
            fq_products: g1 * ADDITION_G1 + in_b.additions() * ADDITION_G2,
            fr_products: present.entries + TRANSFORMS * transform + SCALINGS * layout.domain_size() as u64,
        }
    }

    /// The time in seconds on `threads` threads that all do nothing but products.
    pub fn seconds(&self, products: &Products, threads: usize) -> f64 {
        let ns = self.fq_products as f64 * products.fq_ns + self.fr_products as f64 * products.fr_ns;
        ns * 1e-9 / threads as f64
    }
}

struct Present {
    a: Vec<bool>,
    b: Vec<bool>,
    /// Entries that cost a product.
    entries: u64,
}

/// Which columns occur in A and in B; public ones occur in A through the rows that bind them.
fn present(relation: &dyn Relation, public: usize, columns: usize) -> Present {
    let mut present = Present { a: vec![false; columns], b: vec![false; columns], entries: 0 };
    present.a[..public].fill(true);
    relation.for_each_entry(0..relation.layout().constraints, &mut |side, _, column, coefficient| {
        match side {
            Side::A => present.a[column] = true,
            Side::B => present.b[column] = true,
            Side::C => {}
        }
        present.entries += u64::from(!coefficient.is_one() && !(-*coefficient).is_one());
    });
    present
}

/// How many scalars have how many bits.
struct Lengths([u64; FIELD_BITS + 1]);

impl Lengths {
    fn of<'a>(scalars: impl Iterator<Item = &'a Fr>) -> Self {
        let mut lengths = [0; FIELD_BITS + 1];
        for scalar in scalars {
            lengths[scalar.into_bigint().num_bits() as usize] += 1;
        }
        Lengths(lengths)
    }

    fn full(scalars: usize) -> Self {
        let mut lengths = [0; FIELD_BITS + 1];
        lengths[FIELD_BITS] = scalars as u64;
        Lengths(lengths)
    }

    /// Additions at the best width of windows.
    fn additions(&self) -> u64 {
        (2..=24).map(|width| self.additions_at(width)).min().unwrap_or(0)
    }

    /// One addition for each window of each scalar, two for each bucket of each window in use. The
    /// sign of a window's digit carries one bit into the next, so a scalar that fills its windows
    /// to the last bit has one more; a single one needs no bucket's sign.
    fn additions_at(&self, width: u64) -> u64 {
        let windows = |bits: usize| if bits <= 1 { bits as u64 } else { (bits as u64 + 1).div_ceil(width) };
        let points: u64 = self.0.iter().enumerate().map(|(bits, count)| count * windows(bits)).sum();
        let longest = self.0.iter().rposition(|count| *count > 0).unwrap_or(0);
        points + windows(longest) * 2 * (1 << (width - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::mix::mix;

    #[test]
    fn zeros_are_free_and_booleans_cheap() {
        let of = |scalars: &[Fr]| Lengths::of(scalars.iter()).additions();
        let buckets = |windows: u64, width: u32| windows * 2 * (1 << (width - 1));
        assert_eq!(of(&[Fr::from(0u64); 10]), 0);
        assert_eq!(of(&[Fr::from(1u64); 10]), 10 + buckets(1, 2));
        // 16 bits and the sign: nine windows of two bits cost more than four of five.
        let limbs = vec![Fr::from(40_000u64); 100];
        let best =
            (2..=17).map(|width| 100 * 17u64.div_ceil(width) + buckets(17u64.div_ceil(width), width as u32));
        assert_eq!(of(&limbs), best.min().unwrap());
    }

    #[test]
    fn the_quotient_of_a_million_points_needs_what_the_literature_says() {
        // c = 16: 16 windows of 2^20 points and 2^15 buckets each.
        let additions = Lengths::full(1 << 20).additions();
        assert!(additions <= 16 * (1 << 20) + 16 * 2 * (1 << 15), "{additions}");
        assert!(additions > 12 * (1 << 20), "{additions}");
    }

    #[test]
    fn time_falls_with_threads() {
        let floor = Floor::of(&mix(8, 1));
        let products = Products { path: "test", fq_ns: 2.0, fr_ns: 1.0 };
        let one = floor.seconds(&products, 1);
        assert_eq!(one, (2 * floor.fq_products + floor.fr_products) as f64 * 1e-9);
        assert_eq!(floor.seconds(&products, 2) * 2.0, one);
    }
}
