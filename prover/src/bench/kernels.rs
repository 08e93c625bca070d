//! Our kernels on random input, alone or beside those of another library.

use super::BenchError;
use super::clock::{Span, measure};
use super::compare::median_span;
use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Affine;
use ark_ff::{Field, UniformRand};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::ThreadPool;
use rayon::prelude::*;
use serde::Serialize;
use zkmargin_kernels::addition::Lanes;
use zkmargin_kernels::fixed_base::FixedBase;
use zkmargin_kernels::memory::Zeros;
use zkmargin_kernels::msm::msm;
use zkmargin_kernels::ntt;
use zkmargin_kernels::points::{PackedG1, PackedG2, pack_all};

/// The times of one kernel with one number of threads.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    /// Name of the kernel: `msm_g1`, `msm_g2` or `ntt`.
    pub kernel: &'static str,
    /// The number of threads.
    pub threads: usize,
    /// The median times of our kernel.
    pub ours: Span,
    /// The median times of the kernel of ark-ec or ark-poly, absent if ours are alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ark: Option<Span>,
}

impl Pair {
    /// The wall-clock time of the other kernel over ours, if there is another.
    pub fn ratio(&self) -> Option<f64> {
        self.ark.map(|ark| ark.wall / self.ours.wall)
    }
}

/// Random points, scalars and values, `2^log2` of each.
pub struct Input {
    g1: Vec<G1Affine>,
    g2: Vec<G2Affine>,
    scalars: Vec<Fr>,
}

impl Input {
    /// Draws points with unknown and unrelated logarithms, as far as any kernel can see.
    pub fn random(log2: u32, seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let size = 1 << log2;
        let mut draw = || -> Vec<Fr> { (0..size).map(|_| Fr::rand(&mut rng)).collect() };
        let (logarithms, scalars) = (draw(), draw());
        Input { g1: multiples::<PackedG1>(&logarithms), g2: multiples::<PackedG2>(&logarithms), scalars }
    }
}

/// Multiples of the generator, by our kernels: what is not timed should not take long.
pub fn multiples<P: Lanes>(scalars: &[Fr]) -> Vec<Affine<P::Config>> {
    let generator = Affine::<P::Config>::generator();
    let points: Vec<P> = FixedBase::new(generator.into(), scalars.len()).multiples(scalars);
    points.par_iter().map(P::to_affine).collect()
}

/// Points in memory as that of a key made here.
fn as_in_a_key<P: Lanes>(points: &[Affine<P::Config>]) -> Zeros<P> {
    let mut packed = Zeros::new(points.len());
    packed.copy_from_slice(&pack_all::<P>(points));
    packed
}

/// The kernels of another library, on the same input. Each runs inside the pool that it is called in.
pub trait OtherKernels: Sync {
    /// The sum of the points, each times its scalar.
    fn msm_g1(&self, points: &[G1Affine], scalars: &[Fr]) -> G1Projective;

    /// The sum of the points, each times its scalar.
    fn msm_g2(&self, points: &[G2Affine], scalars: &[Fr]) -> G2Projective;

    /// The coefficients, in natural order, of the polynomial with these values on the domain.
    fn interpolate(&self, values: Vec<Fr>) -> Vec<Fr>;
}

/// Runs each kernel `runs` times, ours and `others` in turns, and gives the medians. `tell` is told of each
/// run. Fails if results differ.
pub fn compare(
    input: &Input,
    pool: &ThreadPool,
    runs: usize,
    others: Option<&dyn OtherKernels>,
    tell: &dyn Fn(&str),
) -> Result<Vec<Pair>, BenchError> {
    let (g1, g2, scalars) = (&input.g1, &input.g2, &input.scalars);
    // Each has its points as its keys hold them: ours in large pages, theirs in a vector.
    let (packed_g1, packed_g2) = (as_in_a_key::<PackedG1>(g1), as_in_a_key::<PackedG2>(g2));
    // Each has its domain ready, with the tables that it keeps.
    let domain = ntt::Domain::new(scalars.len()).ok_or(BenchError::Differ("domains"))?;
    let turns = Turns { pool, runs, others, tell };
    Ok(vec![
        turns.take(
            "msm_g1",
            || (),
            |()| msm(&packed_g1, scalars),
            |others, ()| others.msm_g1(g1, scalars),
            |ours, theirs| ours == theirs,
        )?,
        turns.take(
            "msm_g2",
            || (),
            |()| msm(&packed_g2, scalars),
            |others, ()| others.msm_g2(g2, scalars),
            |ours, theirs| ours == theirs,
        )?,
        turns.take(
            "ntt",
            || scalars.clone(),
            |values| domain.interpolate(values, Fr::ONE),
            |others, values| others.interpolate(values),
            // The prover never needs the natural order, so that it is not timed.
            |coefficients, theirs| domain.natural_order(coefficients) == theirs,
        )?,
    ])
}

struct Turns<'a> {
    pool: &'a ThreadPool,
    runs: usize,
    others: Option<&'a dyn OtherKernels>,
    tell: &'a dyn Fn(&str),
}

impl Turns<'_> {
    /// `input` is made anew before each run, outside the measured time.
    fn take<I: Send, T: Send, U: Send>(
        &self,
        kernel: &'static str,
        input: impl Fn() -> I,
        ours: impl Fn(I) -> T + Sync,
        theirs: impl Fn(&dyn OtherKernels, I) -> U + Sync,
        same: impl Fn(T, U) -> bool,
    ) -> Result<Pair, BenchError> {
        let threads = self.pool.current_num_threads();
        let (mut our_spans, mut their_spans) = (Vec::new(), Vec::new());
        for run in 1..=self.runs {
            let given = input();
            let (our_result, span) = measure(|| self.pool.install(|| ours(given)));
            our_spans.push(span);
            let mut text =
                format!("threads {threads}, {kernel}, run {run} of {}: ours {:.3} s", self.runs, span.wall);
            if let Some(others) = self.others {
                let given = input();
                let (their_result, span) = measure(|| self.pool.install(|| theirs(others, given)));
                their_spans.push(span);
                text.push_str(&format!(", ark {:.3} s", span.wall));
                if !same(our_result, their_result) {
                    return Err(BenchError::Differ(kernel));
                }
            }
            (self.tell)(&text);
        }
        let median = |spans: &[Span]| median_span(spans.iter().copied());
        let ark = self.others.map(|_| median(&their_spans));
        Ok(Pair { kernel, threads, ours: median(&our_spans), ark })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::pool;

    struct Zero;

    impl OtherKernels for Zero {
        fn msm_g1(&self, _: &[G1Affine], _: &[Fr]) -> G1Projective {
            G1Projective::default()
        }

        fn msm_g2(&self, _: &[G2Affine], _: &[Fr]) -> G2Projective {
            G2Projective::default()
        }

        fn interpolate(&self, values: Vec<Fr>) -> Vec<Fr> {
            values
        }
    }

    #[test]
    fn ours_alone_have_no_ratio() {
        let pairs = compare(&Input::random(6, 1), &pool(2).unwrap(), 1, None, &|_| {}).unwrap();
        let names: Vec<_> = pairs.iter().map(|pair| pair.kernel).collect();
        assert_eq!(names, ["msm_g1", "msm_g2", "ntt"]);
        assert!(pairs.iter().all(|pair| pair.ratio().is_none() && pair.ours.wall > 0.0));
    }

    #[test]
    fn different_results_are_an_error() {
        let result = compare(&Input::random(6, 1), &pool(1).unwrap(), 1, Some(&Zero), &|_| {});
        assert!(matches!(result, Err(BenchError::Differ("msm_g1"))));
    }
}
