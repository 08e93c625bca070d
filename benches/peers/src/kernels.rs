//! Our kernels beside the kernels of ark-ec and ark-poly, on the same random input.

use crate::clock::{Span, measure};
use crate::compare::median_span;
use crate::table::PeerError;
use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::short_weierstrass::Affine;
use ark_ec::{AffineRepr, VariableBaseMSM};
use ark_ff::{Field, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
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
    /// The median times of the kernel of ark-ec or ark-poly, absent if no peer was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ark: Option<Span>,
}

impl Pair {
    /// The wall-clock time of the peer's kernel over ours, if a peer was asked for.
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
pub(crate) fn multiples<P: Lanes>(scalars: &[Fr]) -> Vec<Affine<P::Config>> {
    let generator = Affine::<P::Config>::generator();
    let points: Vec<P> = FixedBase::new(generator.into(), scalars.len()).multiples(scalars);
    points.par_iter().map(P::to_affine).collect()
}

/// Points in the same kind of memory as a key made here.
fn as_in_a_key<P: Lanes>(points: &[Affine<P::Config>]) -> Zeros<P> {
    let mut packed = Zeros::new(points.len());
    packed.copy_from_slice(&pack_all::<P>(points));
    packed
}

/// Runs each kernel `runs` times, ours and (with `ark`) theirs in turns, and gives the medians. Fails if
/// results differ.
/// `tell` is told of each run.
pub fn compare(
    input: &Input,
    pool: &ThreadPool,
    runs: usize,
    ark: bool,
    tell: &dyn Fn(&str),
) -> Result<Vec<Pair>, PeerError> {
    let (g1, g2, scalars) = (&input.g1, &input.g2, &input.scalars);
    // Each has its points as its keys hold them: ours in large pages, theirs in a vector.
    let (packed_g1, packed_g2) = (as_in_a_key::<PackedG1>(g1), as_in_a_key::<PackedG2>(g2));
    // Each has its domain ready, with the tables that it keeps.
    let no_domain = || PeerError::Differ("domains");
    let ours = ntt::Domain::new(scalars.len()).ok_or_else(no_domain)?;
    let theirs = Radix2EvaluationDomain::<Fr>::new(scalars.len()).ok_or_else(no_domain)?;
    let turns = Turns { pool, runs, ark, tell };
    Ok(vec![
        turns.take(
            "msm_g1",
            || (),
            |()| msm(&packed_g1, scalars),
            |()| G1Projective::msm_unchecked(g1, scalars),
            |ours, theirs| ours == theirs,
        )?,
        turns.take(
            "msm_g2",
            || (),
            |()| msm(&packed_g2, scalars),
            |()| G2Projective::msm_unchecked(g2, scalars),
            |ours, theirs| ours == theirs,
        )?,
        turns.take(
            "ntt",
            || scalars.clone(),
            |values| ours.interpolate(values, Fr::ONE),
            |mut values| {
                theirs.ifft_in_place(&mut values);
                values
            },
            // The prover never needs the natural order, so that it is not timed.
            |coefficients, theirs| ours.natural_order(coefficients) == theirs,
        )?,
    ])
}

struct Turns<'a> {
    pool: &'a ThreadPool,
    runs: usize,
    ark: bool,
    tell: &'a dyn Fn(&str),
}

impl Turns<'_> {
    /// `input` is made anew before each run, outside the measured time.
    fn take<I: Send, T: Send, U: Send>(
        &self,
        kernel: &'static str,
        input: impl Fn() -> I,
        ours: impl Fn(I) -> T + Sync,
        theirs: impl Fn(I) -> U + Sync,
        same: impl Fn(T, U) -> bool,
    ) -> Result<Pair, PeerError> {
        let threads = self.pool.current_num_threads();
        let (mut our_spans, mut their_spans) = (Vec::new(), Vec::new());
        for run in 1..=self.runs {
            let given = input();
            let (our_result, span) = measure(|| self.pool.install(|| ours(given)));
            our_spans.push(span);
            let mut text =
                format!("threads {threads}, {kernel}, run {run} of {}: ours {:.3} s", self.runs, span.wall);
            if self.ark {
                let given = input();
                let (their_result, span) = measure(|| self.pool.install(|| theirs(given)));
                their_spans.push(span);
                text.push_str(&format!(", ark {:.3} s", span.wall));
                if !same(our_result, their_result) {
                    return Err(PeerError::Differ(kernel));
                }
            }
            (self.tell)(&text);
        }
        let median = |spans: &[Span]| median_span(spans.iter().copied());
        Ok(Pair { kernel, threads, ours: median(&our_spans), ark: self.ark.then(|| median(&their_spans)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::pool;

    #[test]
    fn kernels_agree() {
        let input = Input::random(6, 1);
        let pairs = compare(&input, &pool(2).unwrap(), 1, true, &|_| {}).unwrap();
        let names: Vec<_> = pairs.iter().map(|pair| pair.kernel).collect();
        assert_eq!(names, ["msm_g1", "msm_g2", "ntt"]);
        assert!(pairs.iter().all(|pair| pair.ratio().is_some_and(|ratio| ratio > 0.0)));
    }

    #[test]
    fn different_results_are_an_error() {
        let pool = pool(1).unwrap();
        let turns = Turns { pool: &pool, runs: 1, ark: true, tell: &|_| {} };
        assert!(matches!(
            turns.take("ntt", || (), |()| 1, |()| 2, |ours, theirs| ours == theirs),
            Err(PeerError::Differ("ntt"))
        ));
    }
}
