use super::{
    EDWARDS_A, EDWARDS_D, GENERATOR, MONTGOMERY_A, MontgomeryPoint, ORDER_EIGHT_Y_SQUARED, Point, Scalar,
    double_scalar_mul,
};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField, Zero};
use proptest::prelude::*;

/// A point of order 8.
fn order_eight() -> Point {
    let y = ORDER_EIGHT_Y_SQUARED.sqrt().expect("a square");
    let xx = ORDER_EIGHT_Y_SQUARED / EDWARDS_A;
    Point { x: xx.sqrt().expect("a square"), y }
}

/// The eight points of small order.
pub(crate) fn torsion() -> Vec<Point> {
    let step = order_eight();
    std::iter::successors(Some(Point::IDENTITY), |p| Some(p.add(&step))).take(8).collect()
}

fn point(seed: u64) -> Point {
    GENERATOR.mul(&Scalar::from(seed).pow([5]))
}

#[test]
fn constants_fit_together() {
    let y2 = ORDER_EIGHT_Y_SQUARED;
    assert!((EDWARDS_D * y2.square() - EDWARDS_A.double() * y2 + EDWARDS_A).is_zero());
    assert_eq!(MONTGOMERY_A * (EDWARDS_A - EDWARDS_D), (EDWARDS_A + EDWARDS_D).double());
    assert_eq!(EDWARDS_A - EDWARDS_D, Fr::from(4), "Montgomery's B is 1");
    assert!(EDWARDS_A.legendre().is_qr() && EDWARDS_D.legendre().is_qnr());
    assert!(GENERATOR.is_valid_key() && GENERATOR.is_in_prime_subgroup());
}

#[test]
fn eight_points_of_small_order_and_no_other() {
    let points = torsion();
    for (i, p) in points.iter().enumerate() {
        assert!(p.is_on_curve() && p.is_small_order() && !p.is_valid_key());
        assert_eq!(p.clear_cofactor(), Point::IDENTITY);
        assert!(points[..i].iter().all(|q| q != p), "eight different points");
    }
    for q in &points {
        let moved = GENERATOR.add(q);
        assert!(moved.is_valid_key());
        assert_eq!(moved.is_in_prime_subgroup(), *q == Point::IDENTITY);
    }
    assert!(!Point { x: Fr::ONE, y: Fr::ONE }.is_on_curve());
}

#[test]
fn montgomery_form_leaves_out_two_points() {
    let without: Vec<Point> = torsion().into_iter().filter(|p| p.to_montgomery().is_none()).collect();
    assert_eq!(without.len(), 2);
    assert!(without.iter().all(|p| p.x.is_zero()));
    assert!(MontgomeryPoint { u: Fr::ONE, v: Fr::zero() }.to_edwards().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn both_forms_add_alike(a in 1u64.., b in 1u64..) {
        prop_assume!(a != b);
        let (p, q) = (point(a), point(b));
        let (m, n) = (p.to_montgomery().expect("x"), q.to_montgomery().expect("x"));
        prop_assert!(m.is_on_curve());
        prop_assert_eq!(m.to_edwards(), Some(p));
        prop_assert_eq!(m.add_incomplete(&n).and_then(|s| s.to_edwards()), Some(p.add(&q)));
        prop_assert_eq!(m.double().and_then(|s| s.to_edwards()), Some(p.add(&p)));
        prop_assert_eq!(m.neg().to_edwards(), Some(p.neg()));
        prop_assert_eq!(m.add_incomplete(&m.neg()), None);
    }

    #[test]
    fn windows_agree_with_the_ladder(a in any::<[u64; 4]>(), b in any::<u64>()) {
        let (p, q) = (point(3), point(4));
        let scalar = Scalar::from(b);
        let expected = q.mul(&scalar).add(&p.mul(&reduce(a)));
        let sum = double_scalar_mul(&BigInt(a), &p, &scalar.into_bigint(), &q);
        prop_assert_eq!(Point::from(sum), expected);
    }
}

fn reduce(limbs: [u64; 4]) -> Scalar {
    let bytes: Vec<u8> = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    Scalar::from_le_bytes_mod_order(&bytes)
}
