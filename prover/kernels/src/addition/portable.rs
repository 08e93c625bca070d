//! Additions with field elements one at a time: any machine.

use super::{BatchAdd, Pool};
use crate::element::Coordinate;
use crate::points::Packed;

/// Pairs that share an inversion: a fiftieth of an addition's time each, and scratch in L1.
const BATCH: usize = 1024;
/// Independent running products: the next need not wait for the last.
const CHAINS: usize = 2;

/// Adds pairs with field elements one at a time; holds the scratch memory of one thread.
#[derive(Clone)]
pub struct Portable<F> {
    denominators: Vec<F>,
    /// The product of the denominators before this one in its chain.
    prefixes: Vec<F>,
    /// Pairs whose sum has another formula, ascending.
    special: Vec<usize>,
}

impl<F> Default for Portable<F> {
    fn default() -> Self {
        Portable { denominators: Vec::new(), prefixes: Vec::new(), special: Vec::new() }
    }
}

impl<P: Packed> BatchAdd<P> for Portable<P::Coordinate> {
    fn append_sums(&mut self, pool: &mut Pool<P>, pairs: &[[u32; 2]]) {
        let (points, sums) = pool.append(pairs.len());
        for (pairs, sums) in pairs.chunks(BATCH).zip(sums.chunks_mut(BATCH)) {
            let chains = self.multiply_denominators(points, pairs);
            self.divide(points, pairs, invert(chains), sums);
        }
    }
}

impl<F: Coordinate> Portable<F> {
    /// Fills the scratch; the products of the chains.
    fn multiply_denominators<P>(&mut self, points: &[P], pairs: &[[u32; 2]]) -> [F; CHAINS]
    where
        P: Packed<Coordinate = F>,
    {
        self.denominators.clear();
        self.prefixes.clear();
        self.special.clear();
        let mut products = [F::ONE; CHAINS];
        for (index, [left, right]) in pairs.iter().enumerate() {
            let (left, right) = (&points[*left as usize], &points[*right as usize]);
            let (x1, x2) = (left.x(), right.x());
            let mut denominator = x2.sub(x1);
            if denominator.is_zero() || x1.is_zero() || x2.is_zero() {
                self.special.push(index);
                denominator = special_denominator(left, right);
            }
            let product = &mut products[index % CHAINS];
            self.denominators.push(denominator);
            self.prefixes.push(*product);
            *product = product.mul(denominator);
        }
        products
    }

    /// Walks back: the inverse of a chain's product, times the prefix, is the inverse of the last
    /// denominator.
    fn divide<P>(&mut self, points: &[P], pairs: &[[u32; 2]], mut inverses: [F; CHAINS], sums: &mut [P])
    where
        P: Packed<Coordinate = F>,
    {
        for (index, [left, right]) in pairs.iter().enumerate().rev() {
            let (left, right) = (&points[*left as usize], &points[*right as usize]);
            let chain = &mut inverses[index % CHAINS];
            let inverse = chain.mul(self.prefixes[index]);
            *chain = chain.mul(self.denominators[index]);
            sums[index] = if self.special.last() == Some(&index) {
                self.special.pop();
                special_sum(left, right, inverse)
            } else {
                chord(left, right, right.y().sub(left.y()).mul(inverse))
            };
        }
    }
}

/// Inverses of all by one inversion. None is zero unless a coordinate was not a field element;
/// then the results mean nothing, and neither did the points.
fn invert<F: Coordinate>([first, second]: [F; CHAINS]) -> [F; CHAINS] {
    let inverse = first.mul(second).inverse();
    [inverse.mul(second), inverse.mul(first)]
}

/// The third intersection, mirrored, of the line of slope `slope` through both points.
#[inline(always)]
fn chord<P: Packed>(left: &P, right: &P, slope: P::Coordinate) -> P {
    let x = slope.square().sub(left.x()).sub(right.x());
    P::pack(x, slope.mul(left.x().sub(x)).sub(left.y()))
}

/// What [`special_sum`] needs the inverse of; not zero.
#[cold]
fn special_denominator<P: Packed>(left: &P, right: &P) -> P::Coordinate {
    if left.is_identity() || right.is_identity() {
        return P::Coordinate::ONE;
    }
    let difference = right.x().sub(left.x());
    if !difference.is_zero() {
        return difference;
    }
    let sum = left.y().add(right.y());
    if sum.is_zero() { P::Coordinate::ONE } else { sum }
}

/// The sum of any two points.
#[cold]
fn special_sum<P: Packed>(left: &P, right: &P, inverse: P::Coordinate) -> P {
    if left.is_identity() {
        return *right;
    }
    if right.is_identity() {
        return *left;
    }
    if !left.x().sub(right.x()).is_zero() {
        return chord(left, right, right.y().sub(left.y()).mul(inverse));
    }
    if left.y().add(right.y()).is_zero() {
        return P::IDENTITY;
    }
    // The tangent: y² = x³ + b has no linear term.
    let square = left.x().square();
    chord(left, right, square.add(square).add(square).mul(inverse))
}
