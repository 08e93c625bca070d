//! Products of field elements and transforms, on every backend of this machine.

use ark_bn254::Fr;
use ark_ff::{Field, UniformRand};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use rand::SeedableRng;
use std::hint::black_box;
use zkmargin_kernels::Backend;
use zkmargin_kernels::field::{Field as Lanes, Limbs, ModulusFq, QuadraticField};
use zkmargin_kernels::ntt::Domain;
use zkmargin_kernels::simd::{Kernel, LANES, Vector};

/// Vectors that lie in the first-level cache.
const VECTORS: usize = 32;
const ROUNDS: usize = 64;

fn transforms(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ntt");
    group.sample_size(10);
    for log_size in [16, 18, 20] {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let values: Vec<Fr> = (0..1usize << log_size).map(|_| Fr::rand(&mut rng)).collect();
        for backend in Backend::available() {
            let domain = Domain::with_backend(values.len(), backend).expect("a size below 2^28");
            group.throughput(Throughput::Elements(domain.products_per_transform()));
            group.bench_function(format!("interpolate/{backend}/2^{log_size}"), |bencher| {
                let work = |values| domain.interpolate(values, Fr::ONE);
                bencher.iter_batched(|| values.clone(), work, BatchSize::PerIteration);
            });
        }
    }
    group.finish();
}

/// Four independent products at a time.
struct Products;

impl Kernel for Products {
    type Output = u64;

    #[inline(always)]
    fn run<V: Vector>(self, isa: V::Isa) -> u64 {
        let f = Lanes::<V, ModulusFq>::new(isa);
        let factor = black_box(f.one());
        let mut values: [Limbs<V>; VECTORS] = [factor; VECTORS];
        for _ in 0..ROUNDS {
            for four in values.chunks_exact_mut(4) {
                let factors = [four[0], four[1], four[2], four[3]];
                four.copy_from_slice(&f.products(factors.each_ref(), [&factor; 4]));
            }
        }
        values[VECTORS - 1][0].to_array()[0]
    }
}

/// Two independent squares at a time.
struct Squares;

impl Kernel for Squares {
    type Output = u64;

    #[inline(always)]
    fn run<V: Vector>(self, isa: V::Isa) -> u64 {
        let f = Lanes::<V, ModulusFq>::new(isa);
        let zero = f.zero();
        let mut values: [Limbs<V>; VECTORS] = [black_box(f.one()); VECTORS];
        for _ in 0..ROUNDS {
            for two in values.chunks_exact_mut(2) {
                let [first, second] = f.squares_plus([&two[0], &two[1]], [&zero, &zero]);
                two.copy_from_slice(&[f.factor(first), f.factor(second)]);
            }
        }
        values[VECTORS - 1][0].to_array()[0]
    }
}

struct QuadraticProducts;

impl Kernel for QuadraticProducts {
    type Output = u64;

    #[inline(always)]
    fn run<V: Vector>(self, isa: V::Isa) -> u64 {
        let f = QuadraticField::<V>::new(isa);
        let factor = black_box(f.one());
        let mut values = [factor; VECTORS];
        for _ in 0..ROUNDS {
            for value in &mut values {
                *value = f.product(value, &factor);
            }
        }
        values[VECTORS - 1][0][0].to_array()[0]
    }
}

fn field(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("field");
    group.throughput(Throughput::Elements((ROUNDS * VECTORS * LANES) as u64));
    #[cfg(target_arch = "x86_64")]
    if let Some(isa) = zkmargin_kernels::simd::Avx512::detect() {
        use zkmargin_kernels::simd::Isa;
        group.bench_function("product/avx512-ifma", |bencher| bencher.iter(|| isa.run(Products)));
        group.bench_function("square/avx512-ifma", |bencher| bencher.iter(|| isa.run(Squares)));
        group.bench_function("fq2/avx512-ifma", |bencher| bencher.iter(|| isa.run(QuadraticProducts)));
    }
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(2);
    let factor = ark_bn254::Fq::rand(&mut rng);
    let mut values = [factor; VECTORS * LANES];
    group.bench_function("product/ark-ff", |bencher| {
        bencher.iter(|| {
            for _ in 0..ROUNDS {
                for value in black_box(&mut values) {
                    *value *= factor;
                }
            }
        });
    });
    group.finish();
}

criterion_group!(benches, field, transforms);
criterion_main!(benches);
