//! The two passes over memory of a transform.
//!
//! A pass transforms `lanes` columns of `length` elements, eight columns at a time in a buffer of
//! the second-level cache. The first pass writes tiles to scratch memory, element k of lane a at
//! `(a/8)·8·length + 8·k + a mod 8`; the lanes of the second pass are the k of the first. In both,
//! a task reads anywhere and writes one piece.

use super::arithmetic::{Arithmetic, COLUMNS, Words};
use super::butterflies::transform;
use super::engine::{Choose, Engine, Piece};
use super::plan::Tables;
use crate::fault::{Site, strike};
use crate::field::{Modulus, ModulusFr};
use crate::memory::Zeros;
use crate::simd;
use crate::spares::Spares;
use ark_bn254::Fr;
use ark_ff::Field as _;
use rayon::prelude::*;

/// How the elements that the first pass reads stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Element r of lane a at r·lanes + a.
    Natural,
    /// Element r of lane a at a·length + r.
    Lanes,
}

/// What becomes of element k of lane a.
#[derive(Clone, Copy)]
pub(super) enum Output<'a> {
    /// Times `factor·(shift·root^a)^k`.
    Twisted { root: Fr, shift: Fr, factor: Fr },
    /// Times factor k of a table; canonical.
    Scaled(Tables<'a>),
    /// The element stays as it is, made canonical.
    Reduced,
}

/// One pass of a transform over all blocks.
#[derive(Clone, Copy)]
pub(super) struct Pass<'a> {
    pub length: usize,
    pub lanes: usize,
    pub roots: Tables<'a>,
    pub output: Output<'a>,
}

/// Elements of a block that are asked for ahead of their use.
const AHEAD: usize = 8;

/// Memory for as many elements as are transformed, made page by page once and not for each transform.
pub(super) type Memory = Spares<Zeros<Words>>;

/// Transforms in place.
pub(super) fn run_passes(
    engine: Engine,
    memory: &Memory,
    values: &mut [Fr],
    order: Order,
    [first, second]: [Pass<'_>; 2],
) {
    let count = values.len();
    memory.with(
        || Zeros::new(count),
        |scratch| {
            let source: &[Fr] = values;
            in_pieces(scratch, first, |first_block, piece| {
                engine.run(FirstPass { pass: first, source, order, first_block, piece });
            });
            strike(Site::Transform, scratch);
            let scratch: &[Words] = scratch;
            in_pieces(values, second, |first_block, piece| {
                engine.run(SecondPass { pass: second, scratch, tile: first.length, first_block, piece });
            });
        },
    );
}

/// Pieces of a pass for each thread, so that no thread waits long for the last.
const PIECES: usize = 8;

/// Splits the output of a pass into pieces of whole blocks.
fn in_pieces<T: Send>(output: &mut [T], pass: Pass<'_>, work: impl Fn(usize, &mut [T]) + Sync) {
    let blocks = pass.lanes / COLUMNS;
    let at_a_time = (blocks / (PIECES * rayon::current_num_threads())).max(1);
    output
        .par_chunks_mut(at_a_time * COLUMNS * pass.length)
        .with_max_len(1)
        .enumerate()
        .for_each(|(index, piece)| work(index * at_a_time, piece));
}

struct FirstPass<'a> {
    pass: Pass<'a>,
    source: &'a [Fr],
    order: Order,
    first_block: usize,
    piece: &'a mut [Words],
}

impl Piece for FirstPass<'_> {
    #[inline(always)]
    fn compute<A: Arithmetic>(self, arithmetic: A, choose: Choose<A>) {
        let FirstPass { pass, source, order, first_block, piece } = self;
        let (element, lane) = match order {
            Order::Natural => (pass.lanes, 1),
            Order::Lanes => (1, pass.length),
        };
        let mut buffer = vec![arithmetic.zero(); pass.length];
        for (index, tile) in piece.chunks_exact_mut(COLUMNS * pass.length).enumerate() {
            let first_lane = (first_block + index) * COLUMNS;
            let base = first_lane * lane;
            for (r, slot) in buffer.iter_mut().enumerate() {
                let at = |l: usize| ModulusFr::words(&source[base + r * element + l * lane]);
                *slot = arithmetic.load([at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)]);
                if order == Order::Natural && r + AHEAD < pass.length {
                    let next = base + (r + AHEAD) * element;
                    // A cache line holds two elements.
                    simd::prefetch(&source[next]);
                    simd::prefetch(&source[next + 2]);
                    simd::prefetch(&source[next + 4]);
                    simd::prefetch(&source[next + 6]);
                }
            }
            transform(arithmetic, &mut buffer, choose(pass.roots));
            let Output::Twisted { root, shift, factor } = pass.output else {
                unreachable!("a first pass twists");
            };
            twist(arithmetic, &buffer, tile, &steps(root, shift, first_lane), &factor);
        }
    }
}

/// `shift·root^a` for eight lanes.
fn steps(root: Fr, shift: Fr, first_lane: usize) -> [Fr; COLUMNS] {
    let mut step = shift * root.pow([first_lane as u64]);
    let mut steps = [step; COLUMNS];
    for next in &mut steps[1..] {
        step *= root;
        *next = step;
    }
    steps
}

/// Writes element k of each lane times `factor·step^k`, from bit-reversed to natural order. Two
/// chains of powers run side by side, since each of their products waits for the one before.
#[inline(always)]
fn twist<A: Arithmetic>(
    arithmetic: A,
    buffer: &[A::Value],
    tile: &mut [Words],
    steps: &[Fr; COLUMNS],
    factor: &Fr,
) {
    let [one, two] = steps_of_chains(arithmetic, steps);
    let start = arithmetic.splat(&A::factor(factor));
    let [second, _] = arithmetic.multiply_columns([&start, &start], [&one, &one]);
    let mut powers = [start, second];
    let shift = usize::BITS - buffer.len().trailing_zeros();
    for (half, rows) in tile.chunks_exact_mut(2 * COLUMNS).enumerate() {
        let k = 2 * half;
        let values = [&buffer[k.reverse_bits() >> shift], &buffer[(k + 1).reverse_bits() >> shift]];
        let results = arithmetic.multiply_columns(values, [&powers[0], &powers[1]]);
        powers = arithmetic.multiply_columns([&powers[0], &powers[1]], [&two, &two]);
        let (first, second) = rows.split_at_mut(COLUMNS);
        arithmetic.store(&results[0], eight(first));
        arithmetic.store(&results[1], eight(second));
    }
}

/// The steps and their squares, column by column.
#[inline(always)]
fn steps_of_chains<A: Arithmetic>(arithmetic: A, steps: &[Fr; COLUMNS]) -> [A::Value; 2] {
    [arithmetic.columns(steps), arithmetic.columns(&steps.map(|step| step.square()))]
}

/// Eight places of a slice of that length.
#[inline(always)]
fn eight(slice: &mut [Words]) -> [&mut Words; COLUMNS] {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = slice else { unreachable!("a row of a tile") };
    [s0, s1, s2, s3, s4, s5, s6, s7]
}

struct SecondPass<'a> {
    pass: Pass<'a>,
    scratch: &'a [Words],
    /// Length of the first pass.
    tile: usize,
    first_block: usize,
    piece: &'a mut [Fr],
}

impl Piece for SecondPass<'_> {
    #[inline(always)]
    fn compute<A: Arithmetic>(self, arithmetic: A, choose: Choose<A>) {
        let SecondPass { pass, scratch, tile, first_block, piece } = self;
        let mut buffer = vec![arithmetic.zero(); pass.length];
        for (index, chunk) in piece.chunks_exact_mut(COLUMNS * pass.length).enumerate() {
            let base = (first_block + index) * COLUMNS * COLUMNS;
            for (block, slots) in buffer.chunks_exact_mut(COLUMNS).enumerate() {
                // Eight lanes of this pass by eight of the first: 2 KiB in one piece.
                let from = base + block * COLUMNS * tile;
                let square = &scratch[from..from + COLUMNS * COLUMNS];
                for (a, slot) in slots.iter_mut().enumerate() {
                    let at = |l: usize| &square[l * COLUMNS + a];
                    *slot = arithmetic.load([at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)]);
                }
            }
            transform(arithmetic, &mut buffer, choose(pass.roots));
            let scales = match pass.output {
                Output::Scaled(tables) => Some(choose(tables)),
                _ => None,
            };
            write_lanes(arithmetic, &buffer, chunk, scales);
        }
    }
}

/// Writes lanes one after the other, from bit-reversed to natural order.
#[inline(always)]
fn write_lanes<A: Arithmetic>(
    arithmetic: A,
    buffer: &[A::Value],
    chunk: &mut [Fr],
    scales: Option<&[A::Factor]>,
) {
    let length = buffer.len();
    let shift = usize::BITS - length.trailing_zeros();
    let (l0, rest) = chunk.split_at_mut(length);
    let (l1, rest) = rest.split_at_mut(length);
    let (l2, rest) = rest.split_at_mut(length);
    let (l3, rest) = rest.split_at_mut(length);
    let (l4, rest) = rest.split_at_mut(length);
    let (l5, rest) = rest.split_at_mut(length);
    let (l6, l7) = rest.split_at_mut(length);
    for k in 0..length / 2 {
        let k = 2 * k;
        let mut values = [buffer[k.reverse_bits() >> shift], buffer[(k + 1).reverse_bits() >> shift]];
        if let Some(scales) = scales {
            let [first, second] = &values;
            values = arithmetic.multiply_pair([first, second], [&scales[k], &scales[k + 1]]);
        }
        for (offset, value) in values.iter().enumerate() {
            let k = k + offset;
            let words = ModulusFr::words_mut;
            let places = [
                words(&mut l0[k]),
                words(&mut l1[k]),
                words(&mut l2[k]),
                words(&mut l3[k]),
                words(&mut l4[k]),
                words(&mut l5[k]),
                words(&mut l6[k]),
                words(&mut l7[k]),
            ];
            arithmetic.store_canonical(value, places);
        }
    }
}
