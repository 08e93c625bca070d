//! Signature rows in a whole circuit: matrices, bus and challenge.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use zkmargin_circuits::batch::assembly::{Assembler, AssemblyError};
use zkmargin_circuits::batch::challenge::Challenge;
use zkmargin_circuits::batch::layout::{Block, Circuit};
use zkmargin_circuits::batch::table::{self, RangeTable};
use zkmargin_circuits::gadgets::cs::Cs;
use zkmargin_circuits::gadgets::curve::circuit::PointVar;
use zkmargin_circuits::gadgets::row::{Padded, Row};
use zkmargin_circuits::gadgets::signature::SecretKey;
use zkmargin_circuits::gadgets::signature::circuit::{SignedVar, enforce_group};
use zkmargin_circuits::gadgets::signature::combine::enforce_combination;
use zkmargin_circuits::gadgets::signature::transcript::{Group, Signed, idle_group, seed, transcript};

const LIMB_BITS: u32 = 10;
const ROWS: usize = 3;

struct GroupRow;

impl Row for GroupRow {
    type Record = Group;
    const NAME: &'static str = "signatures";

    fn dummy() -> Group {
        idle_group()
    }

    fn synthesize(cs: &mut Cs<'_>, input: &Padded<Group>) {
        let signed = std::array::from_fn(|i| SignedVar {
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
        cs.publish("header", 0, &global);
        cs.publish("header", 1, &global);
    }
}

fn circuit() -> Circuit {
    let blocks = vec![
        Block::new::<Challenge>(1, LIMB_BITS),
        Block::new::<RangeTable>(table::rows(LIMB_BITS), LIMB_BITS),
        Block::new::<GroupRow>(ROWS, LIMB_BITS),
        Block::new::<CombineRow>(1, LIMB_BITS),
    ];
    Circuit::new(blocks, &["header"], LIMB_BITS, 1)
}

fn groups() -> Vec<Group> {
    let mut groups = vec![idle_group(); 2];
    for (i, place) in groups.iter_mut().flatten().enumerate().take(6) {
        let key = SecretKey::from_seed(&[i as u8 + 1; 32]);
        let message = Fr::from(500 + i as u64);
        *place = Signed { key: key.public_key(), message, signature: key.sign(message) };
    }
    groups
}

fn assembler<'a>(circuit: &'a Circuit, groups: &[Group]) -> Assembler<'a> {
    let last = transcript(groups, ROWS);
    let mut assembler = Assembler::new(circuit, vec![last]);
    assembler.fill::<RangeTable>(&[]).expect("the table");
    assembler.seed(GroupRow::NAME, seed(last));
    let records: Vec<_> = groups.iter().copied().map(Padded::enabled).collect();
    assembler.fill::<GroupRow>(&records).expect("the signatures");
    let finals = assembler.outcome(GroupRow::NAME).expect("filled").to_vec();
    assembler.fill::<CombineRow>(&[Padded::enabled(finals)]).expect("one row");
    assembler
}

/// The constraints that the columns do not satisfy, for some challenge.
fn unsatisfied(circuit: &Circuit, groups: &[Group]) -> Vec<String> {
    let witness = assembler(circuit, groups).finish(false).expect("a witness");
    let z = Fr::from(3u64).pow([123]);
    let (evaluation, derived) = witness.derive(z);
    let mut columns = vec![Fr::ONE, Fr::from(5u64), evaluation, z];
    columns.extend_from_slice(witness.committed());
    columns.extend(derived);
    let n = circuit.constraints();
    let (mut a, mut b, mut c) = (vec![Fr::ZERO; n], vec![Fr::ZERO; n], vec![Fr::ZERO; n]);
    circuit.products(0..n, &columns, [&mut a, &mut b, &mut c]);
    (0..n).filter(|i| a[*i] * b[*i] != c[*i]).map(|i| circuit.describe(i)).collect()
}

#[test]
fn six_signatures_and_six_idle_places_satisfy_every_constraint() {
    let circuit = circuit();
    assert!(assembler(&circuit, &groups()).finish(true).is_ok());
    assert_eq!(unsatisfied(&circuit, &groups()), Vec::<String>::new());
}

#[test]
fn one_bad_signature_among_many_breaks_the_closing_equation() {
    let circuit = circuit();
    let mut bad = groups();
    bad[1][1].message += Fr::ONE;
    let refused = assembler(&circuit, &bad).finish(true).err();
    assert_eq!(refused, Some(AssemblyError::Unsatisfied { kind: "combine", row: 0, check: "SIG-14" }));
    assert_eq!(unsatisfied(&circuit, &bad).len(), 2);
}
