//! Many multiples of one point, from a table of the multiples that a digit can stand for in each
//! window: a scalar costs one addition less than it has digits.
//!
//! Scalars are taken in batches, window by window: the additions of a batch share inversions and
//! touch one window's part of the table. The table is made by doubling its length, again in
//! batches.
//!
//! Spec: kernels.md#fixed-bases

#[cfg(test)]
mod tests;

use crate::addition::{Adder, BatchAdd, Lanes, Pool};
use crate::backend::Backend;
use crate::msm::recode::{Cuts, Cutter, for_each_signed, windows};
use crate::points::Packed;
use crate::spares::Spares;
use ark_bn254::Fr;
use ark_ec::CurveGroup;
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ff::AdditiveGroup;
use rayon::prelude::*;

/// Scalars of one task: a few inversions' worth, and the sums stay in L2.
const BATCH: usize = 1 << 11;
/// Magnitudes are below r/2.
const BITS: u32 = 253;
/// The largest table is 15 windows of 2^16 points, 63 MB in G1.
const WIDTHS: std::ops::RangeInclusive<u32> = 2..=17;
/// Multiples asked for before they are needed.
const AHEAD: usize = 16;

/// A table from which multiples of one point are computed.
pub struct FixedBase<P: Lanes> {
    backend: Backend,
    adder: Adder<P>,
    width: u32,
    /// `table[w][m - 1] = m·2^(width·w)·base`.
    table: Vec<Vec<P>>,
}

impl<P: Lanes> FixedBase<P> {
    /// Makes the table of `base`. The number of multiples that are expected decides how large it is.
    pub fn new(base: Projective<P::Config>, expected: usize) -> Self {
        Self::on(Backend::current(), base, best_width(expected))
    }

    /// Makes the table for a given implementation and digits of `width` bits.
    ///
    /// # Panics
    /// If the width is not from 2 to 17, or if the processor does not have the implementation.
    pub fn on(backend: Backend, base: Projective<P::Config>, width: u32) -> Self {
        assert!(WIDTHS.contains(&width), "no table of digits of {width} bits");
        let adder = Adder::new(backend);
        let table = table(&adder, base, width);
        FixedBase { backend, adder, width, table }
    }

    /// Computes `scalar·base` for each scalar.
    pub fn multiples(&self, scalars: &[Fr]) -> Vec<P> {
        let mut products = vec![P::IDENTITY; scalars.len()];
        self.multiply_into(scalars, &mut products);
        products
    }

    /// Writes [`FixedBase::multiples`] into a slice.
    ///
    /// # Panics
    /// If the slice is not as long as the scalars.
    pub fn multiply_into(&self, scalars: &[Fr], products: &mut [P]) {
        assert_eq!(scalars.len(), products.len(), "a place for each product");
        let batches = scalars.par_chunks(BATCH).zip(products.par_chunks_mut(BATCH));
        let spares = Spares::default();
        batches.with_max_len(1).for_each(|(scalars, products)| {
            spares.with(
                || Batch::new(&self.adder),
                |batch| {
                    batch.multiply(self, scalars);
                    products.copy_from_slice(&batch.pool[..scalars.len()]);
                    products.iter_mut().for_each(Packed::reduce);
                },
            );
        });
    }
}

fn best_width(expected: usize) -> u32 {
    let additions = |width: &u32| {
        let windows = u64::from(windows(BITS, *width));
        (windows - 1) * expected as u64 + (windows << (width - 1))
    };
    WIDTHS.min_by_key(additions).expect("the range is not empty")
}

fn table<P: Packed, A: BatchAdd<P>>(adder: &A, base: Projective<P::Config>, width: u32) -> Vec<Vec<P>> {
    let mut first = base;
    let firsts: Vec<_> = (0..windows(BITS, width))
        .map(|_| {
            let this = first;
            (0..width).for_each(|_| {
                first.double_in_place();
            });
            this
        })
        .collect();
    let firsts = Projective::normalize_batch(&firsts);
    let row = |first: &Affine<P::Config>| {
        let mut adder = adder.clone();
        let mut multiples = Pool::default();
        multiples.push(P::from_affine(first));
        for bit in 0..width - 1 {
            // From 1 to 2^bit times the base to twice as many.
            let last = (1 << bit) - 1;
            let pairs: Vec<[u32; 2]> = (0..=last).map(|index| [index, last]).collect();
            adder.append_sums(&mut multiples, &pairs);
        }
        multiples.iter_mut().for_each(Packed::reduce);
        multiples.to_vec()
    };
    firsts.par_iter().with_max_len(1).map(row).collect()
}

/// Scratch of one task.
struct Batch<P, A> {
    /// The sums so far, then multiples to add to some of them, then those new sums.
    pool: Pool<P>,
    adder: A,
    pairs: Vec<[u32; 2]>,
    /// For each window the digit of each scalar, with the scalar's sign.
    digits: Vec<Vec<i32>>,
}

impl<P: Lanes, A: BatchAdd<P>> Batch<P, A> {
    fn new(adder: &A) -> Self {
        Batch { pool: Pool::default(), adder: adder.clone(), pairs: vec![], digits: vec![] }
    }

    /// Leaves the products at the beginning of the pool.
    fn multiply(&mut self, fixed: &FixedBase<P>, scalars: &[Fr]) {
        self.cut(fixed, scalars);
        self.pool.clear();
        self.pool.append(scalars.len()).1.fill(P::IDENTITY);
        for window in 0..fixed.table.len() {
            self.add_window(&fixed.table[window], window);
        }
    }

    fn cut(&mut self, fixed: &FixedBase<P>, scalars: &[Fr]) {
        let cutter = Cutter::new(fixed.width, fixed.table.len() as u32);
        self.digits.resize_with(fixed.table.len(), Vec::new);
        self.digits.iter_mut().for_each(|digits| digits.resize(scalars.len(), 0));
        let mut cuts = Cuts::new(&cutter, self.digits.iter_mut().map(|digits| &mut digits[..]).collect());
        for_each_signed(fixed.backend, scalars, |scalar| cuts.push(&scalar));
        cuts.finish();
    }

    /// Adds the multiples that a window's digits stand for.
    fn add_window(&mut self, multiples: &[P], window: usize) {
        let digits = &self.digits[window];
        let count = digits.len();
        self.pairs.clear();
        for (index, digit) in digits.iter().enumerate() {
            if let Some(ahead) = digits.get(index + AHEAD).filter(|digit| **digit != 0) {
                multiples[ahead.unsigned_abs() as usize - 1].prefetch();
            }
            if *digit == 0 {
                continue;
            }
            let multiple = multiples[digit.unsigned_abs() as usize - 1].negated_if(*digit < 0);
            if self.pool[index].is_identity() {
                self.pool[index] = multiple;
            } else {
                self.pairs.push([index as u32, self.pool.len() as u32]);
                self.pool.push(multiple);
            }
        }
        let new = self.pool.len();
        self.adder.append_sums(&mut self.pool, &self.pairs);
        for (offset, [index, _]) in self.pairs.iter().enumerate() {
            self.pool[*index as usize] = self.pool[new + offset];
        }
        self.pool.truncate(count);
    }
}
