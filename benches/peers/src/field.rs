//! What one product of field elements costs here, without waiting for the one before.

use ark_bn254::{Fq, Fr};
use ark_ff::Field;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde::Serialize;
use std::hint::black_box;
use std::time::Instant;

/// Independent products in one pass; operands and results stay in the first-level cache.
const LANES: usize = 256;
const PASSES: usize = 200;
/// The best of so many trials counts: other work on the machine only ever adds time.
const TRIALS: usize = 15;

/// Nanoseconds a product, on one thread.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Products {
    /// Which implementation the kernels use on this machine.
    pub path: &'static str,
    pub fq_ns: f64,
    pub fr_ns: f64,
}

impl Products {
    /// Takes some milliseconds.
    pub fn measure() -> Self {
        Products { path: "scalar", fq_ns: scalar::<Fq>(), fr_ns: scalar::<Fr>() }
    }
}

fn scalar<F: Field>() -> f64 {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut left: Vec<F> = (0..LANES).map(|_| F::rand(&mut rng)).collect();
    let right: Vec<F> = (0..LANES).map(|_| F::rand(&mut rng)).collect();
    best(|| {
        for (left, right) in left.iter_mut().zip(&right) {
            *left *= right;
        }
        black_box(&mut left);
    })
}

/// Nanoseconds for each of the [`LANES`] products of a pass.
fn best(mut pass: impl FnMut()) -> f64 {
    let trial = |_| {
        let start = Instant::now();
        (0..PASSES).for_each(|_| pass());
        start.elapsed().as_nanos() as f64 / (PASSES * LANES) as f64
    };
    (0..TRIALS).map(trial).fold(f64::INFINITY, f64::min)
}
