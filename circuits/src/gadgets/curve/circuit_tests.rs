//! Agreement with the native half, forgeries and prices of the point gadgets.

use super::circuit::{MontgomeryVar, PointVar, add_derived_unchecked, slopes};
use super::{GENERATOR, MontgomeryPoint, Point, Scalar};
use crate::gadgets::cs::Cs;
use crate::gadgets::row::{Padded, Row, Template};
use crate::soundness::forge::{Forger, refusal};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

/// Checks a point and takes it to Montgomery form.
struct Key;

impl Row for Key {
    type Record = Point;
    const NAME: &'static str = "key";

    fn dummy() -> Point {
        GENERATOR
    }

    fn synthesize(cs: &mut Cs<'_>, input: &Padded<Point>) {
        let point = PointVar::hint(cs, "point", input);
        point.enforce_valid_key(cs);
        let montgomery = point.to_montgomery_unchecked(cs);
        let written = [cs.carry_out(0, montgomery.u.value()), cs.carry_out(1, montgomery.v.value())];
        cs.enforce_equal("TEST-1", &written[0], &montgomery.u);
        cs.enforce_equal("TEST-1", &written[1], &montgomery.v);
    }
}

/// `(2p, p + q, p + q)`, the second on committed and the third on derived wires.
struct Sums;

impl Row for Sums {
    type Record = (MontgomeryPoint, MontgomeryPoint);
    const NAME: &'static str = "sums";

    fn dummy() -> Self::Record {
        (montgomery(1), montgomery(2))
    }

    fn synthesize(cs: &mut Cs<'_>, pair: &Padded<Self::Record>) {
        let (p, q) = &pair.record;
        let (p, q) = (MontgomeryVar::hint(cs, "p", p), MontgomeryVar::hint(cs, "q", q));
        let twice = p.double(cs);
        let sum = p.add_unchecked(cs, &q);
        let slope = slopes(&[(p.value(), q.value())])[0];
        let slope = cs.hint("curve.slope", slope);
        let again = add_derived_unchecked(cs, &slope, &(&p).into(), &(&q).into());
        let values = [twice.u, twice.v, sum.u, sum.v];
        for (k, value) in values.iter().enumerate() {
            let out = cs.carry_out(k as u32, value.value());
            cs.enforce_equal("TEST-2", &out, value);
        }
        for (k, value) in [again.u, again.v].iter().enumerate() {
            let out = cs.carry_out(4 + k as u32, value.value());
            cs.enforce_equal("TEST-2", &out, value);
        }
    }
}

fn montgomery(k: u64) -> MontgomeryPoint {
    GENERATOR.mul(&Scalar::from(k)).to_montgomery().expect("not of small order")
}

#[test]
fn point_checks_agree_with_native() {
    let mut small = super::tests::torsion();
    let off = Point { x: Fr::ONE, y: Fr::ONE };
    let moved = GENERATOR.add(&small[1]);
    small.extend([off, moved, GENERATOR, GENERATOR.neg(), GENERATOR.mul(&Scalar::from(77u64))]);
    for point in small {
        let row = Forger::<Key>::new(&point).honest();
        assert_eq!(refusal(&row, 13).is_none(), point.is_valid_key(), "{point:?}");
        if let (true, Some(expected)) = (point.is_valid_key(), point.to_montgomery()) {
            assert_eq!(row.carry_out, [expected.u, expected.v]);
        }
    }
}

/// Whatever the Montgomery form is said to be: no signature row has one for the key of the pools.
#[test]
fn the_key_of_nobody_has_no_montgomery_form() {
    let forger = Forger::<Key>::new(&Point::NOBODY);
    let form: Vec<usize> =
        forger.hints_named("curve.montgomery").into_iter().map(|(number, _)| number).collect();
    let order_four = Fr::from(168_700u64).sqrt().expect("complete");
    for (u, v) in [(1, Fr::ZERO), (1, Fr::ONE), (1, order_four), (0, Fr::ZERO), (2, Fr::ONE)] {
        let u = Fr::from(u as u64);
        let row = forger.run(&|_, number, value| match form.iter().position(|at| *at == number) {
            Some(0) => u,
            Some(_) => v,
            None => value,
        });
        let violated = if u == Fr::ONE { "CURVE-4" } else { "CURVE-3" };
        assert!(row.violations.contains(&violated), "{u} {v}: {:?}", row.violations);
    }
}

#[test]
fn sums_agree_with_native() {
    for (a, b) in [(1, 2), (5, 9), (1_000_000_007, 3)] {
        let (p, q) = (montgomery(a), montgomery(b));
        let row = Forger::<Sums>::new(&(p, q)).honest();
        assert!(row.violations.is_empty());
        let (twice, sum) = (p.double().expect("order"), p.add_incomplete(&q).expect("different"));
        assert_eq!(row.carry_out, [twice.u, twice.v, sum.u, sum.v, sum.u, sum.v]);
    }
}

#[test]
fn opposite_points_have_no_slope() {
    let inputs = (montgomery(5), montgomery(5).neg());
    let forger = Forger::<Sums>::new(&inputs);
    for slope in [Fr::ZERO, Fr::ONE, Fr::from(12345u64)] {
        let choose = |name: &'static str, n: usize, v| if name == "curve.slope" && n > 6 { slope } else { v };
        assert!(forger.run(&choose).violations.contains(&"CURVE-6"));
    }
    assert!(forger.honest().violations.contains(&"CURVE-6"));
}

#[test]
fn equal_points_take_any_slope() {
    // The reason why callers of the unchecked addition owe an argument.
    let p = montgomery(5);
    let inputs = (p, p);
    let choose =
        |name: &'static str, n: usize, v| if name == "curve.slope" && n > 6 { Fr::from(12345u64) } else { v };
    assert!(Forger::<Sums>::new(&inputs).run(&choose).violations.is_empty());
}

#[test]
fn every_advice_is_pinned() {
    let forger = |point| Forger::<Key>::new(point).every_hint_is_pinned(&["point"]);
    assert!(forger(&GENERATOR).is_empty());
    let inputs = (montgomery(3), montgomery(8));
    assert!(Forger::<Sums>::new(&inputs).every_hint_is_pinned(&["p", "q"]).is_empty());
}

#[test]
fn costs_are_pinned() {
    // Six for the checks and two for the form; four to double and three to add. And the test's own.
    assert_eq!(Template::compile::<Key>(13).constraints.len(), 6 + 2 + 2);
    assert_eq!(Template::compile::<Sums>(13).constraints.len(), 4 + 3 + 3 + 6);
}
