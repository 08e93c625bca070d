//! Additions eight at a time on an instruction set.
//!
//! The steps are the same as in the portable code. Where two points are equal or opposite, or one is the
//! identity, the shared denominator is zero or x is; the batch notices, takes something else for those
//! denominators, and leaves those sums to the portable code.

use super::lanes::{CHAINS, Chains, LaneField, Lanes, by_chains, for_chains};
use super::{BatchAdd, Pool, Portable};
use crate::element::Coordinate;
use crate::simd::{Isa, Kernel, LANES, Vector};

/// Pairs in a step of the chains.
const STEP: usize = CHAINS * LANES;
/// Pairs that share an inversion: from 4,096 gathered points and the runs that waited for them.
const BATCH: usize = 2560;
const _: () = assert!(BATCH.is_multiple_of(STEP));

/// Scratch of one thread, on instruction set `I`.
#[derive(Clone)]
pub(crate) struct Vectorised<P: Lanes, I> {
    isa: I,
    scratch: Scratch<P>,
    portable: Portable<P::Coordinate>,
    /// Both points of each special pair, then their sums.
    special: Pool<P>,
    /// The last pairs of a call, made up to full steps.
    padded: Vec<[u32; 2]>,
}

#[derive(Clone)]
struct Scratch<P: Lanes> {
    denominators: Vec<P::Saved>,
    /// Products of the denominators before in the chain.
    prefixes: Vec<P::Saved>,
    /// Pairs whose sum has another formula.
    special: Vec<u32>,
}

impl<P: Lanes, I: Isa> Vectorised<P, I> {
    pub fn new(isa: I) -> Self {
        let vectors = BATCH / LANES;
        let scratch = Scratch {
            denominators: vec![P::EMPTY; vectors],
            prefixes: vec![P::EMPTY; vectors],
            special: vec![],
        };
        Vectorised { isa, scratch, portable: Portable::default(), special: Pool::default(), padded: vec![] }
    }

    /// Pairs by full steps.
    fn add(&mut self, points: &[P], pairs: &[[u32; 2]], sums: &mut [P]) {
        for (pairs, sums) in pairs.chunks(BATCH).zip(sums.chunks_mut(BATCH)) {
            let scratch = &mut self.scratch;
            self.isa.run(Batch { points, pairs, sums: &mut *sums, scratch });
            self.add_special(points, pairs, sums);
        }
    }

    fn add_special(&mut self, points: &[P], pairs: &[[u32; 2]], sums: &mut [P]) {
        let indices = &self.scratch.special;
        if indices.is_empty() {
            return;
        }
        self.special.clear();
        for index in indices {
            for point in pairs[*index as usize] {
                let mut point = points[point as usize];
                // The portable code needs less than vectors leave.
                point.reduce();
                self.special.push(point);
            }
        }
        let count = indices.len() as u32;
        let pairs: Vec<[u32; 2]> = (0..count).map(|index| [2 * index, 2 * index + 1]).collect();
        self.portable.append_sums(&mut self.special, &pairs);
        for (index, sum) in indices.iter().zip(&self.special[2 * indices.len()..]) {
            sums[*index as usize] = *sum;
        }
    }
}

impl<P: Lanes, I: Isa> BatchAdd<P> for Vectorised<P, I> {
    fn append_sums(&mut self, pool: &mut Pool<P>, pairs: &[[u32; 2]]) {
        let Some(last) = pairs.last() else { return };
        let new = pool.len() + pairs.len();
        let (full, rest) = pairs.split_at(pairs.len() / STEP * STEP);
        let (points, sums) = pool.append(full.len() + if rest.is_empty() { 0 } else { STEP });
        let (full_sums, rest_sums) = sums.split_at_mut(full.len());
        self.add(points, full, full_sums);
        if !rest.is_empty() {
            let mut padded = std::mem::take(&mut self.padded);
            padded.clear();
            padded.extend_from_slice(rest);
            padded.resize(STEP, *last);
            self.add(points, &padded, rest_sums);
            self.padded = padded;
        }
        pool.truncate(new);
    }
}

/// A batch of full steps.
struct Batch<'a, P: Lanes> {
    points: &'a [P],
    pairs: &'a [[u32; 2]],
    sums: &'a mut [P],
    scratch: &'a mut Scratch<P>,
}

impl<P: Lanes> Kernel for Batch<'_, P> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self, isa: V::Isa) {
        let field = P::Field::<V>::new(isa);
        self.scratch.special.clear();
        let (mut products, mut special) = self.multiply::<V, false>(field);
        if !special {
            special = !self.invert::<V>(field, &mut products);
        }
        if special {
            (products, _) = self.multiply::<V, true>(field);
            self.invert::<V>(field, &mut products);
        }
        self.divide::<V>(field, products);
    }
}

/// The left or right points of eight pairs.
macro_rules! points_of {
    ($points:expr, $pairs:expr, $side:expr) => {{
        let [p0, p1, p2, p3, p4, p5, p6, p7] = $pairs;
        [
            &$points[p0[$side] as usize],
            &$points[p1[$side] as usize],
            &$points[p2[$side] as usize],
            &$points[p3[$side] as usize],
            &$points[p4[$side] as usize],
            &$points[p5[$side] as usize],
            &$points[p6[$side] as usize],
            &$points[p7[$side] as usize],
        ]
    }};
}

type Element<P, V> = <<P as Lanes>::Field<V> as LaneField<V>>::Element;

impl<P: Lanes> Batch<'_, P> {
    /// Eight pairs.
    #[inline(always)]
    fn pairs(&self, vector: usize) -> &[[u32; 2]; LANES] {
        self.pairs[vector * LANES..].first_chunk().expect("pairs come by full steps")
    }

    /// Fills the scratch; the products of the chains, and whether a pair may be special. With
    /// `CAREFUL`, those that are have another denominator and are listed.
    #[inline(always)]
    fn multiply<V: Vector, const CAREFUL: bool>(
        &mut self,
        field: P::Field<V>,
    ) -> (Chains<Element<P, V>>, bool) {
        let mut products = [field.one(); CHAINS];
        let mut special = false;
        for step in 0..self.pairs.len() / STEP {
            let denominators = by_chains!(chain, {
                let vector = step * CHAINS + chain;
                let pairs = self.pairs(vector);
                let x1 = field.load_x(&points_of!(self.points, pairs, 0));
                let x2 = field.load_x(&points_of!(self.points, pairs, 1));
                let mut denominator = field.difference(&x1, &x2);
                let mut mask = field.zero_integers(&x1) | field.zero_integers(&x2);
                special |= mask != 0;
                if CAREFUL {
                    mask |= field.zero_elements(&denominator);
                    denominator = field.select(mask, &denominator, &field.unit_difference());
                    self.list(vector, mask);
                }
                field.save(&products[chain], &mut self.scratch.prefixes[vector]);
                field.save(&denominator, &mut self.scratch.denominators[vector]);
                denominator
            });
            field.multiply(&mut products, &denominators);
        }
        (products, special)
    }

    #[cold]
    fn list(&mut self, vector: usize, mask: u8) {
        let lanes = (0..LANES).filter(|lane| mask >> lane & 1 == 1);
        self.scratch.special.extend(lanes.map(|lane| (vector * LANES + lane) as u32));
    }

    /// The inverses of the chains' products over four; false if one is zero.
    ///
    /// To the portable code the lanes' integers are in Montgomery form with R = 2^256: of p, the
    /// product in ours, it sees 2^4·p. It finds the integer p⁻¹·2^252, of which p⁻¹·2^260/4 is
    /// 2^6 times.
    #[inline(always)]
    fn invert<V: Vector>(&self, field: P::Field<V>, products: &mut Chains<Element<P, V>>) -> bool {
        let [first, second] = *products;
        // One inversion for both chains: 1/a = b/(a·b), which leaves the factor 1/4 as it is.
        let mut both = [first, first];
        field.multiply(&mut both, &[second, second]);
        let mut elements = field.leave(&both[0]);
        let nonzero = invert_all(&mut elements, P::INVERSE_FACTOR);
        let inverse = field.enter(&elements);
        *products = [second, first];
        field.multiply(products, &[inverse, inverse]);
        nonzero
    }

    /// Walks back along the chains: the inverses of the denominators, and with them the sums.
    ///
    /// A product takes many cycles to finish, and the processor looks some hundred instructions
    /// ahead. So what a step's products wait for and the end of the step before stand in turns.
    #[inline(always)]
    fn divide<V: Vector>(&mut self, field: P::Field<V>, mut chains: Chains<Element<P, V>>) {
        let steps = self.pairs.len() / STEP;
        // The step before the first is nothing, stored where the first one's sums will be.
        let zeros = [field.zero(); CHAINS];
        let (mut x, mut negatives, mut runs, mut slopes) = (zeros, zeros, zeros, zeros);
        let mut last = steps - 1;
        for step in (0..steps).rev() {
            let first = step * CHAINS;
            let denominators =
                by_chains!(chain, { field.restore(&self.scratch.denominators[first + chain]) });
            let mut inverses = by_chains!(chain, { field.restore(&self.scratch.prefixes[first + chain]) });
            field.multiply(&mut inverses, &chains);
            field.multiply(&mut chains, &denominators);

            let left = by_chains!(chain, { points_of!(self.points, self.pairs(first + chain), 0) });
            let right = by_chains!(chain, { points_of!(self.points, self.pairs(first + chain), 1) });
            let next_negatives = by_chains!(chain, { field.negative(&field.load_y(&left[chain])) });
            let rises = by_chains!(chain, {
                field.plus_negative(&field.load_y(&right[chain]), &next_negatives[chain])
            });
            field.multiply_pairs([&mut inverses, &mut slopes], [&rises, &runs], &negatives);

            self.finish::<V>(field, last, &x, &slopes);

            (last, negatives, slopes) = (step, next_negatives, inverses);
            let x1 = by_chains!(chain, { field.load_x(&left[chain]) });
            field.square_minus_both(&slopes, &x1, &denominators, &mut x);
            runs = by_chains!(chain, { field.difference_times_4(&x[chain], &x1[chain]) });
        }
        field.multiply_plus(&mut slopes, &runs, &negatives);
        self.finish::<V>(field, last, &x, &slopes);
    }

    /// Stores the sums of a step.
    #[inline(always)]
    fn finish<V: Vector>(
        &mut self,
        field: P::Field<V>,
        step: usize,
        x: &Chains<Element<P, V>>,
        heights: &Chains<Element<P, V>>,
    ) {
        for_chains!(chain, {
            let at = (step * CHAINS + chain) * LANES;
            let sums = self.sums[at..].first_chunk_mut().expect("sums come by full steps");
            field.store(&x[chain], &heights[chain], sums);
        });
    }
}

/// Replaces elements by `factor` over them; false, and meaningless elements, if one is zero.
fn invert_all<C: Coordinate>(elements: &mut [C; LANES], factor: C) -> bool {
    let mut product = C::ONE;
    let mut prefixes = [C::ZERO; LANES];
    for (element, prefix) in elements.iter().zip(&mut prefixes) {
        *prefix = product;
        product = product.mul(*element);
    }
    let nonzero = !product.is_zero();
    let mut inverse = product.inverse().mul(factor);
    for (element, prefix) in elements.iter_mut().zip(prefixes).rev() {
        (*element, inverse) = (inverse.mul(prefix), inverse.mul(*element));
    }
    nonzero
}
