//! The transform of one block: eight columns at once, natural order in, bit-reversed order out.
//!
//! Evaluating a polynomial modulo `X^m - c²` at the roots of `X^m - c²` splits into the same
//! modulo `X^(m/2) - c` and `X^(m/2) + c`: the butterfly `(x + c·y, x - c·y)` on the two halves.
//! From `X^L - 1` on, the c of sub-block b in every layer is `roots[b]`, the powers of the L-th
//! root of unity in bit-reversed order: one factor for a whole sub-block, and the same table for
//! every layer and for every length. The product comes before the sum, so that integers grow by
//! 2·p in a layer and not twofold.
//!
//! Two layers are computed together, which halves the traffic with the cache.

use super::arithmetic::Arithmetic;

/// Values of a sub-block that is finished before the next is begun: 20 KiB, within the
/// first-level cache.
const INNER: usize = 64;

/// Transforms `values`, of a length L = 2^k, k ≥ 2. Takes reduced values, gives grown ones.
/// `roots` has at least L/2 entries.
#[inline(always)]
pub(super) fn transform<A: Arithmetic>(arithmetic: A, values: &mut [A::Value], roots: &[A::Factor]) {
    let length = values.len();
    debug_assert!(length.is_power_of_two() && length >= 4 && roots.len() >= length / 2);
    debug_assert!(length.trailing_zeros() <= A::MAX_LAYERS);
    let mut block = length;
    if length.trailing_zeros() % 2 == 1 {
        first_layer(arithmetic, values);
        block /= 2;
    }
    while block > INNER {
        two_layers(arithmetic, values, roots, 0, block);
        block /= 4;
    }
    for (index, inner) in values.chunks_exact_mut(block).enumerate() {
        let (mut first, mut size) = (index, block);
        loop {
            two_layers(arithmetic, inner, roots, first, size);
            if size == 4 {
                break;
            }
            first *= 4;
            size /= 4;
        }
    }
}

/// One layer on the whole block, where c is one. Takes reduced values.
#[inline(always)]
fn first_layer<A: Arithmetic>(arithmetic: A, values: &mut [A::Value]) {
    let (low, high) = values.split_at_mut(values.len() / 2);
    for (x, y) in low.iter_mut().zip(high) {
        (*x, *y) = arithmetic.butterfly(x, y);
    }
}

/// Two layers on sub-blocks of `size` values, of which the first has number `first` in its layer.
#[inline(always)]
fn two_layers<A: Arithmetic>(
    arithmetic: A,
    values: &mut [A::Value],
    roots: &[A::Factor],
    first: usize,
    size: usize,
) {
    for (index, block) in values.chunks_exact_mut(size).enumerate() {
        let number = first + index;
        let (low, high) = block.split_at_mut(size / 2);
        let (quarter0, quarter1) = low.split_at_mut(size / 4);
        let (quarter2, quarter3) = high.split_at_mut(size / 4);
        let quarters = quarter0.iter_mut().zip(quarter1).zip(quarter2.iter_mut().zip(quarter3));
        let (outer, inner) = (roots[number], [roots[2 * number], roots[2 * number + 1]]);
        if number == 0 {
            // The first root is one.
            for ((x0, x1), (x2, x3)) in quarters {
                arithmetic.two_layers_at_one([x0, x1, x2, x3], &inner[1]);
            }
        } else {
            for ((x0, x1), (x2, x3)) in quarters {
                arithmetic.two_layers([x0, x1, x2, x3], &outer, [&inner[0], &inner[1]]);
            }
        }
    }
}

/// Products in [`transform`] of one column of `length` elements.
pub(super) fn products(length: usize) -> u64 {
    let mut count = 0;
    let mut block = length;
    if length.trailing_zeros() % 2 == 1 {
        block /= 2;
    }
    while block >= 4 {
        let blocks = (length / block) as u64;
        let quarter = (block / 4) as u64;
        count += quarter * (4 * (blocks - 1) + 1);
        block /= 4;
    }
    count
}
