//! Tables of a size, and the two directions of the transform in terms of the two passes.

use super::arithmetic::{Arithmetic, COLUMNS};
use super::butterflies;
use super::engine::Engine;
use super::passes::{Memory, Order, Output, Pass, run_passes};
use super::portable::Portable;
use super::vector::VectorArithmetic;
use crate::simd::Emulated;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, FftField, Field};
use rayon::prelude::*;

/// A factor in the form of each backend's tables.
#[derive(Clone, Copy)]
pub(super) struct Tables<'a> {
    pub portable: &'a [<Portable as Arithmetic>::Factor],
    pub vector: &'a [<VectorArithmetic<Emulated> as Arithmetic>::Factor],
}

/// The same factors for every backend.
struct Factors {
    portable: Vec<<Portable as Arithmetic>::Factor>,
    vector: Vec<<VectorArithmetic<Emulated> as Arithmetic>::Factor>,
}

impl Factors {
    fn new(elements: &[Fr]) -> Self {
        Factors {
            portable: elements.iter().map(Portable::factor).collect(),
            vector: elements.iter().map(VectorArithmetic::<Emulated>::factor).collect(),
        }
    }

    fn tables(&self) -> Tables<'_> {
        Tables { portable: &self.portable, vector: &self.vector }
    }
}

/// Below this size a transform is summed directly.
const SMALLEST: usize = COLUMNS * COLUMNS;

/// The domain of n = rows·columns points.
///
/// With ω the n-th root of unity and i = r·columns + c, k = k₁ + rows·k₂:
/// `ω^(ik) = (ω^columns)^(r·k₁) · ω^(c·k₁) · (ω^rows)^(c·k₂)`: transforms over r, a twiddle factor,
/// transforms over c. Coefficient k stands at k₁·columns + k₂, value i of the coset at c·rows + r.
pub(super) struct Plan {
    rows: usize,
    columns: usize,
    root: Fr,
    inverse_root: Fr,
    forward_roots: Factors,
    inverse_roots: Factors,
    memory: Memory,
}

impl Plan {
    pub fn new(log_size: u32) -> Self {
        let size = 1usize << log_size;
        let root = Fr::get_root_of_unity(size as u64).expect("the size divides p - 1");
        let inverse_root = root.inverse().expect("a root of unity is not zero");
        let columns = if size < SMALLEST { 1 } else { 1 << (log_size / 2) };
        let rows = size / columns;
        let table = |root: Fr| Factors::new(&bit_reversed_powers(root.pow([columns as u64]), rows / 2));
        Plan {
            rows,
            columns,
            root,
            inverse_root,
            forward_roots: table(root),
            inverse_roots: table(inverse_root),
            memory: Memory::default(),
        }
    }

    pub fn size(&self) -> usize {
        self.rows * self.columns
    }

    pub fn root(&self) -> Fr {
        self.root
    }

    /// Coefficients k times `factor·shift^k` from values on H.
    pub fn inverse(
        &self,
        engine: Engine,
        mut values: Vec<Fr>,
        order: Order,
        factor: Fr,
        shift: Fr,
    ) -> Vec<Fr> {
        assert_eq!(values.len(), self.size(), "values of the domain");
        let factor = factor * Fr::from(self.size() as u64).inverse().expect("a power of two");
        if self.size() < SMALLEST {
            return direct(&values, self.inverse_root, factor, shift);
        }
        let scaling = (shift != Fr::ONE)
            .then(|| Factors::new(&powers(shift.pow([self.rows as u64]), Fr::ONE, self.columns)));
        let passes = [
            Pass {
                length: self.rows,
                lanes: self.columns,
                roots: self.inverse_roots.tables(),
                output: Output::Twisted { root: self.inverse_root, shift, factor },
            },
            Pass {
                length: self.columns,
                lanes: self.rows,
                roots: self.inverse_roots.tables(),
                output: match &scaling {
                    Some(factors) => Output::Scaled(factors.tables()),
                    None => Output::Reduced,
                },
            },
        ];
        run_passes(engine, &self.memory, &mut values, order, passes);
        values
    }

    /// Values on H from coefficients.
    pub fn forward(&self, engine: Engine, mut coefficients: Vec<Fr>) -> Vec<Fr> {
        assert_eq!(coefficients.len(), self.size(), "coefficients of the domain");
        if self.size() < SMALLEST {
            return direct(&coefficients, self.root, Fr::ONE, Fr::ONE);
        }
        let passes = [
            Pass {
                length: self.columns,
                lanes: self.rows,
                roots: self.forward_roots.tables(),
                output: Output::Twisted { root: self.root, shift: Fr::ONE, factor: Fr::ONE },
            },
            Pass {
                length: self.rows,
                lanes: self.columns,
                roots: self.forward_roots.tables(),
                output: Output::Reduced,
            },
        ];
        run_passes(engine, &self.memory, &mut coefficients, Order::Lanes, passes);
        coefficients
    }

    /// Multiplies coefficient k by `shift^k`.
    pub fn scale_by_powers(&self, coefficients: &mut [Fr], shift: Fr) {
        let step = shift.pow([self.rows as u64]);
        coefficients.par_chunks_mut(self.columns).enumerate().for_each(|(row, chunk)| {
            let mut power = shift.pow([row as u64]);
            for coefficient in chunk {
                *coefficient *= power;
                power *= step;
            }
        });
    }

    /// Coefficient k to place k.
    pub fn natural_order(&self, coefficients: Vec<Fr>) -> Vec<Fr> {
        if self.columns == 1 {
            return coefficients;
        }
        let mut natural = vec![Fr::ZERO; coefficients.len()];
        natural.par_chunks_mut(COLUMNS * self.rows).enumerate().for_each(|(block, chunk)| {
            for k1 in 0..self.rows {
                let from = k1 * self.columns + block * COLUMNS;
                for (lane, coefficient) in coefficients[from..from + COLUMNS].iter().enumerate() {
                    chunk[lane * self.rows + k1] = *coefficient;
                }
            }
        });
        natural
    }

    /// Products in one transform: the butterflies of both passes, the twiddle factors and their
    /// powers. (A scaling makes them one more per point; small sizes are summed directly.)
    pub fn products(&self) -> u64 {
        let (rows, columns, size) = (self.rows as u64, self.columns as u64, self.size() as u64);
        if self.size() < SMALLEST {
            return 2 * size * size;
        }
        columns * butterflies::products(self.rows) + rows * butterflies::products(self.columns) + 2 * size
    }
}

/// `start·base^i` for i < count.
fn powers(base: Fr, start: Fr, count: usize) -> Vec<Fr> {
    std::iter::successors(Some(start), |power| Some(*power * base)).take(count).collect()
}

/// Powers of a root with exponents in bit-reversed order: 0, count/2, count/4, 3·count/4, …
fn bit_reversed_powers(root: Fr, count: usize) -> Vec<Fr> {
    let count = count.max(1);
    let powers = powers(root, Fr::ONE, count);
    let bits = count.trailing_zeros();
    (0..count).map(|i| powers[if bits == 0 { 0 } else { i.reverse_bits() >> (usize::BITS - bits) }]).collect()
}

/// `factor·shift^k·Σ valuesᵢ·root^(ik)` for each k, by its definition.
fn direct(values: &[Fr], root: Fr, factor: Fr, shift: Fr) -> Vec<Fr> {
    let evaluate = |point: Fr| values.iter().rev().fold(Fr::ZERO, |sum, value| sum * point + value);
    let points = powers(root, Fr::ONE, values.len());
    let scales = powers(shift, factor, values.len());
    points.into_iter().zip(scales).map(|(point, scale)| evaluate(point) * scale).collect()
}
