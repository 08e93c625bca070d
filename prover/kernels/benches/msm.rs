//! Additions of points, digits of scalars, multiplications.

use ark_bn254::Fr;
use ark_ec::AffineRepr;
use ark_ec::scalar_mul::ScalarMul;
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ff::UniformRand;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use zkmargin_kernels::Backend;
use zkmargin_kernels::addition::{Adder, BatchAdd, Lanes, Pool, Portable};
use zkmargin_kernels::msm::{Digits, msm};
use zkmargin_kernels::points::{Packed, PackedG1, PackedG2, pack_all};

fn random(count: usize) -> Vec<Fr> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    (0..count).map(|_| Fr::rand(&mut rng)).collect()
}

fn points<P: Packed>(count: usize) -> Vec<P> {
    let generator = Projective::<P::Config>::from(Affine::<P::Config>::generator());
    pack_all(&generator.batch_mul(&random(count)))
}

fn additions<P: Packed, A: BatchAdd<P>>(c: &mut Criterion, name: &str, mut adder: A) {
    let count = 2048;
    let mut pool: Pool<P> = points::<P>(count).into();
    let pairs: Vec<[u32; 2]> = (0..count as u32 / 2).map(|i| [2 * i, 2 * i + 1]).collect();
    let mut group = c.benchmark_group("additions");
    group.throughput(Throughput::Elements(pairs.len() as u64));
    group.bench_function(name, |b| {
        b.iter(|| {
            pool.truncate(count);
            adder.append_sums(&mut pool, &pairs);
        })
    });
    group.finish();
}

fn multiplications<P: Lanes>(c: &mut Criterion, name: &str) {
    let mut group = c.benchmark_group(name);
    group.sample_size(10);
    for log2 in [10, 14, 16] {
        let (points, scalars) = (points::<P>(1 << log2), random(1 << log2));
        group.throughput(Throughput::Elements(1 << log2));
        group.bench_with_input(BenchmarkId::from_parameter(log2), &scalars, |b, scalars| {
            b.iter(|| msm(&points, scalars))
        });
    }
    group.finish();
}

fn digits(c: &mut Criterion) {
    let scalars = random(1 << 18);
    let mut group = c.benchmark_group("digits");
    group.sample_size(10).throughput(Throughput::Elements(scalars.len() as u64));
    group.bench_function("2^18", |b| b.iter(|| Digits::of(&scalars)));
    group.finish();
}

fn all(c: &mut Criterion) {
    additions::<PackedG1, _>(c, "G1", Adder::new(Backend::current()));
    additions::<PackedG2, _>(c, "G2", Adder::new(Backend::current()));
    additions::<PackedG1, _>(c, "G1 portable", Portable::default());
    additions::<PackedG2, _>(c, "G2 portable", Portable::default());
    digits(c);
    multiplications::<PackedG1>(c, "msm_g1");
    multiplications::<PackedG2>(c, "msm_g2");
}

criterion_group!(benches, all);
criterion_main!(benches);
