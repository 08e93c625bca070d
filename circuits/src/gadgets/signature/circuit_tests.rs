//! The signature rows and the combining row together: agreement with the native half and the pinned
//! price.

use super::circuit::{SignedVar, enforce_group};
use super::combine::enforce_combination;
use super::transcript::{GROUP, Group, Signed, idle_group, seed, transcript};
use super::{Point, Scalar, SecretKey, Signature, verify};
use crate::gadgets::cs::{Cs, Override, Shared};
use crate::gadgets::curve::GENERATOR;
use crate::gadgets::curve::circuit::PointVar;
use crate::gadgets::row::{IdealBus, Padded, Row, RowWitness, Template};
use crate::soundness::forge::refusal;
use ark_bn254::Fr;
use ark_ff::{BigInt, BigInteger, Field, MontFp, PrimeField};

pub(super) const LIMB_BITS: u32 = 12;

/// A point of order 8.
const TORSION: Point = Point {
    x: MontFp!("17545522957889784193459637215142187266023652151580582754000402781682644312291"),
    y: MontFp!("17061719626832259898845741003733890968968767993363194771977168648564009544074"),
};

/// A row whose keys and messages are advice, as a caller would give them.
struct GroupRow;

impl Row for GroupRow {
    type Record = Group;
    const NAME: &'static str = "signatures";

    fn dummy() -> Group {
        idle_group()
    }

    fn synthesize(cs: &mut Cs<'_>, input: &Padded<Group>) {
        let signed: [SignedVar; GROUP] = std::array::from_fn(|i| SignedVar {
            key: PointVar::hint(cs, "test.key", &input[i].key),
            message: cs.hint("test.message", input[i].message),
        });
        let global = cs.global(0);
        enforce_group(cs, &signed, &input.map(|signed| signed.signature), &global);
    }
}

struct CombineRow;

impl Row for CombineRow {
    type Record = Vec<Fr>;
    const NAME: &'static str = "combine";

    fn dummy() -> Vec<Fr> {
        Vec::new()
    }

    fn synthesize(cs: &mut Cs<'_>, finals: &Padded<Vec<Fr>>) {
        let global = cs.global(0);
        enforce_combination(cs, GroupRow::NAME, finals, &global);
    }
}

/// Why a batch is refused: the row (the last is the combining one) and the check.
pub(super) type Refusal = (usize, &'static str);

/// Runs all rows on the honest transcript, advice of row `target` replaced by `choose`.
pub(super) fn run(groups: &[Group], limb_bits: u32, target: usize, choose: &Override<'_>) -> Option<Refusal> {
    let globals = [transcript(groups, groups.len())];
    let shared = Shared { limb_bits, globals: &globals };
    let mut bus = IdealBus::default();
    let mut carry = seed(globals[0]);
    for (number, group) in groups.iter().enumerate() {
        let mut cs = Cs::witness(shared, number as u64, &carry);
        if number == target {
            cs = cs.with_override(choose);
        }
        GroupRow::synthesize(&mut cs, &Padded::enabled(*group));
        let row = RowWitness::from_cs(cs);
        if let Some(id) = refusal(&row, limb_bits) {
            return Some((number, id));
        }
        bus.add(&row);
        carry = row.carry_out;
    }
    let mut cs = Cs::witness(shared, 0, &[]);
    if target == groups.len() {
        cs = cs.with_override(choose);
    }
    CombineRow::synthesize(&mut cs, &Padded::enabled(carry.clone()));
    let row = RowWitness::from_cs(cs);
    if let Some(id) = refusal(&row, limb_bits) {
        return Some((groups.len(), id));
    }
    bus.add(&row);
    bus.imbalances(limb_bits).first().map(|(tag, ..)| (usize::MAX, tag.name))
}

fn refused(groups: &[Group]) -> Option<Refusal> {
    run(groups, LIMB_BITS, usize::MAX, &|_, _, value| value)
}

fn signed(seed: u8, message: u64) -> Signed {
    let key = SecretKey::from_seed(&[seed; 32]);
    let message = Fr::from(message);
    Signed { key: key.public_key(), message, signature: key.sign(message) }
}

/// Two rows: six signatures and two idle places.
pub(super) fn honest() -> Vec<Group> {
    let mut groups = vec![idle_group(), idle_group()];
    for i in 0..6 {
        groups[i / GROUP][i % GROUP] = signed(i as u8 + 1, 1000 + i as u64);
    }
    groups
}

/// A signature that holds only up to the point `torsion` in R.
fn with_torsion(torsion: &Point) -> Signed {
    let (secret, nonce) = (Scalar::from(1234567u64), Scalar::from(7654321u64));
    let (key, message) = (GENERATOR.mul(&secret), Fr::from(17u64));
    let mut signature = Signature { r: GENERATOR.mul(&nonce).add(torsion), s: BigInt::from(0u64) };
    let challenge = signature.challenge(&key, message).into_bigint().to_bytes_le();
    let challenge = Scalar::from_le_bytes_mod_order(&challenge);
    signature.s = (nonce + Scalar::from(8u64) * challenge * secret).into_bigint();
    Signed { key, message, signature }
}

#[test]
fn accepts_honest_signatures_at_every_limb_width() {
    let groups = honest();
    for limb_bits in 8..=14 {
        assert_eq!(run(&groups, limb_bits, usize::MAX, &|_, _, v| v), None, "{limb_bits} bits");
    }
    assert_eq!(refused(&[idle_group()]), None);
}

#[test]
fn agrees_with_native_on_good_and_bad_signatures() {
    let good = signed(9, 99);
    let other = signed(10, 99);
    let mut scalar = good.signature.s;
    scalar.add_with_carry(&BigInt::from(1u64));
    let mut wrapped = good.signature.s;
    wrapped.add_with_carry(&Scalar::MODULUS);
    let resigned = |r: Point| Signed { signature: Signature { r, ..good.signature }, ..good };
    let mut cases = vec![
        good,
        Signed { message: Fr::from(98u64), ..good },
        Signed { key: other.key, ..good },
        resigned(other.signature.r),
        resigned(Point { x: Fr::ONE, y: Fr::ONE }),
        Signed { signature: Signature { s: scalar, ..good.signature }, ..good },
        Signed { signature: Signature { s: wrapped, ..good.signature }, ..good },
        Signed { signature: Signature { r: good.signature.r.neg(), ..good.signature }, ..good },
        with_torsion(&TORSION),
        with_torsion(&Point::IDENTITY),
    ];
    let mut small = Point::IDENTITY;
    for _ in 0..8 {
        cases.push(resigned(small));
        small = small.add(&TORSION);
    }
    for (i, case) in cases.iter().enumerate() {
        let native = verify(&case.key, case.message, &case.signature);
        let mut groups = honest();
        groups[1][i % GROUP] = *case;
        let circuit = refused(&groups);
        assert_eq!(circuit.is_none(), native.is_ok(), "case {i}: {circuit:?} {native:?}");
    }
}

#[test]
fn rejects_signatures_whose_errors_cancel_under_equal_weights() {
    let mut groups = honest();
    groups[0][1].signature.s.add_with_carry(&BigInt::from(1u64));
    groups[1][0].signature.s.sub_with_borrow(&BigInt::from(1u64));
    assert_eq!(refused(&groups), Some((2, "SIG-14")));
}

#[test]
fn rejects_a_transcript_other_than_the_rows() {
    let groups = honest();
    let globals = [transcript(&groups, 2) + Fr::ONE];
    let shared = Shared { limb_bits: LIMB_BITS, globals: &globals };
    let mut carry = seed(globals[0]);
    for (number, group) in groups.iter().enumerate() {
        carry = RowWitness::compute::<GroupRow>(shared, number as u64, &carry, &Padded::enabled(*group))
            .carry_out;
    }
    let row = RowWitness::compute::<CombineRow>(shared, 0, &[], &Padded::enabled(carry));
    assert_eq!(row.violations.first(), Some(&"SIG-10"));
}

#[test]
fn costs_are_pinned() {
    let group = Template::compile::<GroupRow>(LIMB_BITS);
    let combine = Template::compile::<CombineRow>(LIMB_BITS);
    let total = [group.constraints.len(), combine.constraints.len()];
    let committed = [group.committed, combine.committed];
    println!("{total:?} own {} {} committed {committed:?}", group.own_constraints, combine.own_constraints);
    let each = total[0].div_ceil(GROUP) + total[1].div_ceil(128);
    assert!(each <= 1_750, "{each} a signature");
    assert_eq!(total, [5267, 2050]);
}
