//! What one product of field elements costs here, without waiting for the one before.

use ark_bn254::{Fq, Fr};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde::Serialize;
use std::hint::black_box;
use std::marker::PhantomData;
use std::time::Instant;
use zkmargin_kernels::Backend;
use zkmargin_kernels::element::{Coordinate, Prime};
use zkmargin_kernels::field::{Field, Limbs, Modulus, ModulusFq, ModulusFr};
#[cfg(target_arch = "x86_64")]
use zkmargin_kernels::simd::{Avx2, Avx512};
use zkmargin_kernels::simd::{Isa, Kernel, LANES, Vector};

/// Independent products in one pass; operands and results stay in the first-level cache.
const INDEPENDENT: usize = 256;
/// Vectors of independent products, which fit the registers.
const VECTORS: usize = 4;
const PASSES: usize = 1_000;
/// The best of so many trials counts: other work on the machine only ever adds time.
const TRIALS: usize = 15;

/// The time of a product of field elements on one thread.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Products {
    /// The path that the kernels choose on this machine, as `zkmargin_kernels::Backend` says it.
    pub path: &'static str,
    /// Nanoseconds per product in Fq.
    pub fq_ns: f64,
    /// Nanoseconds per product in Fr.
    pub fr_ns: f64,
}

impl Products {
    /// Measures on the path that the kernels take here, which takes some tens of milliseconds.
    pub fn measure() -> Self {
        let backend = Backend::current();
        let (fq_ns, fr_ns) = match backend {
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512Ifma => on_vectors(Avx512::detect()),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2 => on_vectors(Avx2::detect()),
            _ => (portable_fq(), portable_fr()),
        };
        Products { path: backend.name(), fq_ns, fr_ns }
    }
}

#[cfg(target_arch = "x86_64")]
fn on_vectors(isa: Option<impl Isa>) -> (f64, f64) {
    let isa = isa.expect("the current kernels run on this processor");
    (vectors::<ModulusFq>(isa), vectors::<ModulusFr>(isa))
}

fn operands<F: ark_ff::Field>() -> (Vec<F>, Vec<F>) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut draw = || (0..INDEPENDENT).map(|_| F::rand(&mut rng)).collect();
    (draw(), draw())
}

fn portable_fr() -> f64 {
    let (mut left, right) = operands::<Fr>();
    let pass = || {
        for (left, right) in left.iter_mut().zip(&right) {
            *left *= right;
        }
        black_box(&mut left);
    };
    best(INDEPENDENT, PASSES, pass)
}

fn portable_fq() -> f64 {
    let (left, right) = operands::<Fq>();
    let elements = |values: Vec<Fq>| -> Vec<Prime> { values.iter().map(Prime::from_ark).collect() };
    let (mut left, right) = (elements(left), elements(right));
    let pass = || {
        for (left, right) in left.iter_mut().zip(&right) {
            *left = left.mul(*right);
        }
        black_box(&mut left);
    };
    best(INDEPENDENT, PASSES, pass)
}

fn vectors<M: Modulus>(isa: impl Isa) -> f64 {
    // Nothing is inlined across the call of a kernel, so that one call takes all passes.
    let powers = Powers::<M> { exponent: PASSES, modulus: PhantomData };
    best(VECTORS * LANES * PASSES, 1, || {
        black_box(isa.run(black_box(powers)));
    })
}

/// The nanoseconds of each of the `products` of a pass.
fn best(products: usize, passes: usize, mut pass: impl FnMut()) -> f64 {
    let trial = |_| {
        let start = Instant::now();
        (0..passes).for_each(|_| pass());
        start.elapsed().as_nanos() as f64 / (passes * products) as f64
    };
    (0..TRIALS).map(trial).fold(f64::INFINITY, f64::min)
}

/// Powers of a fixed element, the same in every lane of [`VECTORS`] vectors.
#[derive(Clone, Copy)]
struct Powers<M> {
    exponent: usize,
    modulus: PhantomData<M>,
}

impl<M: Modulus> Kernel for Powers<M> {
    type Output = [M::Element; LANES];

    #[inline(always)]
    fn run<V: Vector>(self, isa: V::Isa) -> Self::Output {
        let field = Field::<V, M>::new(isa);
        let factor: Limbs<V> = field.splat_element(&M::Element::from(FACTOR));
        let factors = [factor; VECTORS];
        let mut powers = [field.one(); VECTORS];
        for _ in 0..self.exponent {
            // Bounds: below 2 times below 1.
            powers = field.products(powers.each_ref(), factors.each_ref());
        }
        // All are needed, or the compiler would compute one.
        let mut sum = powers[0];
        for power in &powers[1..] {
            sum = field.add(&sum, power);
        }
        field.to_elements(&sum)
    }
}

const FACTOR: u64 = 0x1234_5678_9abc_def1;

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::Field as _;
    use zkmargin_kernels::simd::Emulation;

    #[test]
    fn the_measured_loop_computes_powers() {
        let powers = Powers::<ModulusFq> { exponent: 5, modulus: PhantomData };
        let expected = Fq::from(FACTOR).pow([5]) * Fq::from(VECTORS as u64);
        assert_eq!(Emulation.run(powers), [expected; LANES]);
    }

    #[test]
    fn products_take_time() {
        let products = Products::measure();
        assert!(products.fq_ns > 0.0 && products.fr_ns > 0.0);
    }
}
