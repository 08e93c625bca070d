use super::*;
use crate::points::{PackedG1, PackedG2};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Affine;
use ark_ff::{Field, One, UniformRand, Zero};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn scalars(random: usize) -> Vec<Fr> {
    let mut scalars: Vec<Fr> = (0..70).map(Fr::from).collect();
    scalars.extend((1..70).map(|value: u64| -Fr::from(value)));
    scalars.extend((0..254u64).map(|bit| Fr::from(2).pow([bit])));
    let half = Fr::one().double().inverse().expect("two is not zero");
    scalars.extend([half, -half]);
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    scalars.extend((0..random).map(|_| Fr::rand(&mut rng)));
    scalars
}

/// Equal limb by limb: keys hold reduced coordinates.
fn check<P: Lanes>(fixed: &FixedBase<P>, base: Projective<P::Config>, scalars: &[Fr]) {
    for (scalar, multiple) in scalars.iter().zip(fixed.multiples(scalars)) {
        assert_eq!(multiple, P::from_affine(&(base * scalar).into_affine()), "{scalar}");
    }
}

fn agrees<P: Lanes>() {
    let base = Projective::<P::Config>::rand(&mut ChaCha20Rng::seed_from_u64(2));
    for backend in Backend::tested() {
        for width in [2, 3, 8, 11] {
            check::<P>(&FixedBase::on(backend, base, width), base, &scalars(20));
        }
    }
    check::<P>(&FixedBase::new(base, 100), base, &scalars(0));
}

#[test]
fn agrees_with_ark_in_g1() {
    agrees::<PackedG1>();
}

#[test]
fn agrees_with_ark_in_g2() {
    agrees::<PackedG2>();
}

#[test]
fn several_batches() {
    let base = Projective::from(Affine::<ark_bn254::g1::Config>::generator());
    check::<PackedG1>(&FixedBase::new(base, 1 << 13), base, &scalars(2 * BATCH + 1));
}

#[test]
fn multiples_of_the_identity_are_the_identity() {
    let fixed = FixedBase::<PackedG1>::new(Projective::zero(), 10);
    assert!(fixed.multiples(&scalars(3)).iter().all(PackedG1::is_identity));
    assert!(fixed.multiples(&[]).is_empty());
}

#[test]
fn tables_grow_with_the_number_of_multiples() {
    let widths = [1, 1 << 10, 1 << 16, 1 << 22].map(best_width);
    assert!(widths.is_sorted() && widths[3] == 17, "{widths:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn agrees_on_random_scalars(seed in any::<u64>()) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let base = Projective::rand(&mut rng);
        let scalars: Vec<Fr> = (0..50).map(|_| Fr::rand(&mut rng)).collect();
        check::<PackedG1>(&FixedBase::new(base, scalars.len()), base, &scalars);
    }
}
