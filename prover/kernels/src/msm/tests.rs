use super::*;
use crate::addition::Vectorised;
use crate::points::{PackedG1, PackedG2, pack_all};
use crate::simd::Emulation;
use ark_ec::short_weierstrass::Affine;
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{One, UniformRand, Zero};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

fn random_points<P: Packed>(count: usize, rng: &mut ChaCha20Rng) -> Vec<Affine<P::Config>> {
    let points: Vec<Projective<P::Config>> = (0..count).map(|_| UniformRand::rand(rng)).collect();
    Projective::normalize_batch(&points)
}

fn random_scalars(count: usize, rng: &mut ChaCha20Rng) -> Vec<Fr> {
    (0..count).map(|_| Fr::rand(rng)).collect()
}

/// Mostly zero, one, minus one and small numbers, as in a witness.
fn witness(count: usize, rng: &mut ChaCha20Rng) -> Vec<Fr> {
    let mut short = |bits: u32| Fr::from(rng.r#gen::<u64>() >> (64 - bits));
    let mut scalars: Vec<Fr> = (0..count)
        .map(|index| match index % 8 {
            0..4 => short(1),
            4 => -short(1),
            5 => short(16),
            6 => -short(64),
            _ => Fr::zero(),
        })
        .collect();
    for scalar in scalars.iter_mut().step_by(11) {
        *scalar = Fr::rand(rng);
    }
    scalars
}

fn check<P: Lanes>(points: &[Affine<P::Config>], scalars: &[Fr]) {
    let expected = Projective::<P::Config>::msm_unchecked(points, scalars);
    let packed: Vec<P> = pack_all(points);
    assert_eq!(msm(&packed, scalars), expected);
    for width in [1, 2, 5, 9] {
        let digits = Digits::with_width(scalars, width);
        assert_eq!(msm_digits(&packed, &digits, 0), expected, "width {width}");
    }
}

/// Points on which sums in buckets meet every exception: equal, opposite and absent ones.
fn structured<P: Packed>(count: usize, rng: &mut ChaCha20Rng) -> Vec<Vec<Affine<P::Config>>> {
    let point = random_points::<P>(1, rng)[0];
    let random = random_points::<P>(count, rng);
    let alternating = |index: usize| if index % 2 == 1 { -point } else { point };
    let progression: Vec<Projective<P::Config>> = (0..count)
        .scan(Projective::default(), |sum, _| {
            *sum += point;
            Some(*sum)
        })
        .collect();
    let mostly_absent = random.iter().enumerate().map(|(index, point)| match index % 3 {
        0 => *point,
        _ => Affine::identity(),
    });
    vec![
        vec![point; count],
        (0..count).map(alternating).collect(),
        Projective::normalize_batch(&progression),
        mostly_absent.collect(),
        vec![Affine::identity(); count],
        random,
    ]
}

fn agrees_on_structured_input<P: Lanes>(count: usize) {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let scalars = [
        random_scalars(count, &mut rng),
        witness(count, &mut rng),
        vec![Fr::zero(); count],
        vec![Fr::one(); count],
        vec![-Fr::one(); count],
        vec![Fr::rand(&mut rng); count],
        (0..count as u64).map(Fr::from).collect(),
    ];
    for points in structured::<P>(count, &mut rng) {
        for scalars in &scalars {
            check::<P>(&points, scalars);
        }
    }
}

#[test]
fn agrees_with_ark_on_structured_input_in_g1() {
    agrees_on_structured_input::<PackedG1>(300);
}

#[test]
fn agrees_with_ark_on_structured_input_in_g2() {
    agrees_on_structured_input::<PackedG2>(150);
}

/// Emulation is slow: fewer points, one width.
fn vectors_agree_on_structured_input<P: Lanes>(count: usize) {
    let mut rng = ChaCha20Rng::seed_from_u64(12);
    let scalars = [random_scalars(count, &mut rng), witness(count, &mut rng), vec![Fr::one(); count]];
    let adder = Vectorised::new(Emulation);
    for points in structured::<P>(count, &mut rng) {
        for scalars in &scalars {
            let packed: Vec<P> = pack_all(&points);
            let sum = msm_with(&adder, &packed, &Digits::with_width(scalars, 5), 0);
            assert_eq!(sum, Projective::<P::Config>::msm_unchecked(&points, scalars));
        }
    }
}

#[test]
fn vectors_agree_with_ark_on_structured_input_in_g1() {
    vectors_agree_on_structured_input::<PackedG1>(100);
}

#[test]
fn vectors_agree_with_ark_on_structured_input_in_g2() {
    vectors_agree_on_structured_input::<PackedG2>(50);
}

#[test]
fn agrees_with_ark_on_many_random_points() {
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let points = random_points::<PackedG1>(20_000, &mut rng);
    check::<PackedG1>(&points, &random_scalars(points.len(), &mut rng));
    check::<PackedG1>(&points, &witness(points.len(), &mut rng));
}

#[test]
fn empty_input_gives_the_identity() {
    check::<PackedG1>(&[], &[]);
}

#[test]
fn buckets_larger_than_a_task_are_summed() {
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    let few = random_points::<PackedG1>(500, &mut rng);
    let points: Vec<_> = few.iter().copied().cycle().take(30_000).collect();
    check::<PackedG1>(&points, &vec![Fr::one(); points.len()]);
    check::<PackedG1>(&points, &vec![Fr::rand(&mut rng); points.len()]);
    // Beside the last scalars only, and with identities among them.
    let mut thinned = points.clone();
    thinned.iter_mut().step_by(3).for_each(|point| *point = Affine::identity());
    let digits = Digits::of(&vec![-Fr::one(); points.len() + 100]);
    for points in [points, thinned] {
        let sum: Projective<_> = points.iter().sum();
        assert_eq!(msm_digits::<PackedG1>(&pack_all(&points), &digits, 70), -sum);
    }
}

#[test]
fn bases_may_stand_beside_the_last_scalars_only() {
    let mut rng = ChaCha20Rng::seed_from_u64(10);
    let points = random_points::<PackedG1>(100, &mut rng);
    let scalars = witness(250, &mut rng);
    let digits = Digits::of(&scalars);
    let mut thinned = points.clone();
    thinned.iter_mut().step_by(3).for_each(|point| *point = Affine::identity());
    for points in [points, thinned] {
        for first in [0, 1, 99, 150] {
            let expected = Projective::msm_unchecked(&points, &scalars[first..first + 100]);
            assert_eq!(msm_digits::<PackedG1>(&pack_all(&points), &digits, first), expected);
        }
    }
}

#[test]
#[should_panic(expected = "a scalar for each base")]
fn refuses_more_bases_than_scalars() {
    let _ = msm_digits(&[PackedG1::IDENTITY; 3], &Digits::of(&[Fr::one(); 4]), 2);
}

#[test]
fn does_not_depend_on_the_number_of_threads() {
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let points: Vec<PackedG1> = pack_all(&random_points::<PackedG1>(9_000, &mut rng));
    let scalars = witness(points.len(), &mut rng);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| msm(&points, &scalars).into_affine())
    };
    let one = on(1);
    assert!(!one.is_zero());
    assert!([2, 7, 64].into_iter().all(|threads| on(threads) == one));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn agrees_with_ark(seed in any::<u64>(), count in 0usize..200) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let points = random_points::<PackedG1>(count, &mut rng);
        check::<PackedG1>(&points, &random_scalars(count, &mut rng));
        check::<PackedG1>(&points, &witness(count, &mut rng));
    }
}
