//! Layout and assembly on small circuits: a counter that two rows pass on.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::assembly::{Assembler, AssemblyError, Witness};
use super::challenge::Challenge;
use super::layout::{Block, Circuit};
use super::table::{self, RangeTable};
use crate::gadgets::cs::{Cs, Tag};
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::row::{Padded, Row, TooManyRows};
use crate::gadgets::var::Var;

const LIMB_BITS: u32 = 8;
const LISTS: [&str; 2] = ["header", "senders"];
const SQUARE: Tag = Tag { code: 200, name: "square", arity: 3, provider: false };
const TABLE: Tag = Tag { code: 201, name: "table", arity: 2, provider: true };

/// Sends (x, x², row) and carries the running sum of x; publishes x.
struct Sender;

impl Row for Sender {
    type Record = u64;
    const NAME: &'static str = "sender";

    fn dummy() -> Self::Record {
        0
    }

    fn synthesize(cs: &mut Cs<'_>, row: &Padded<Self::Record>) {
        let enable = Bit::hint(cs, "enable", row.enabled);
        let x = Int::hint_unsigned(cs, "x", Fr::from(row.record), 20);
        let square = x.mul(cs, &x);
        let row = cs.row_index();
        cs.send(SQUARE, &[x.var().clone(), square.var().clone(), row.clone()], enable.var());
        cs.provide(TABLE, &[row, x.var().clone()]);
        let sum = &cs.carry_in(0) + x.var();
        let out = cs.carry_out(0, sum.value());
        cs.enforce_equal("TEST-1", &sum, &out);
        let published = cs.product(enable.var(), x.var());
        cs.publish("senders", 0, &published);
    }
}

/// Receives (x, x², i) and looks (i, x) up.
struct Receiver;

impl Row for Receiver {
    type Record = (u64, u64);
    const NAME: &'static str = "receiver";

    fn dummy() -> Self::Record {
        (0, 0)
    }

    fn synthesize(cs: &mut Cs<'_>, row: &Padded<Self::Record>) {
        let (x, i) = row.record;
        let enable = Bit::hint(cs, "enable", row.enabled);
        let x = cs.hint("x", Fr::from(x));
        let square = cs.hint("square", x.value() * x.value());
        let i = cs.hint("i", Fr::from(i));
        cs.receive(SQUARE, &[x.clone(), square, i.clone()], enable.var());
        cs.lookup(TABLE, &[i, x], enable.var());
        cs.publish("header", 0, &cs.global(0));
        cs.publish("header", 1, &Var::constant(Fr::from(7u64)));
    }
}

fn circuit() -> Circuit {
    let blocks = vec![
        Block::new::<Challenge>(1, LIMB_BITS),
        Block::new::<RangeTable>(table::rows(LIMB_BITS), LIMB_BITS),
        Block::new::<Sender>(4, LIMB_BITS),
        Block::new::<Receiver>(3, LIMB_BITS),
    ];
    Circuit::new(blocks, &LISTS, LIMB_BITS, 1)
}

fn witness<'a>(
    circuit: &'a Circuit,
    sent: &[u64],
    received: &[(u64, u64)],
    check: bool,
) -> Result<Witness<'a>, AssemblyError> {
    let mut assembler = Assembler::new(circuit, vec![Fr::from(99u64)]);
    assembler.fill::<RangeTable>(&[])?;
    assembler.fill::<Sender>(&sent.iter().map(|x| Padded::enabled(*x)).collect::<Vec<_>>())?;
    assembler.fill::<Receiver>(&received.iter().map(|x| Padded::enabled(*x)).collect::<Vec<_>>())?;
    assembler.finish(check)
}

/// The constraints that a witness does not satisfy at a challenge.
pub fn unsatisfied(circuit: &Circuit, witness: &Witness<'_>, z: Fr) -> Vec<String> {
    circuit.unsatisfied(&witness.columns(Fr::from(5u64), z))
}

#[test]
fn honest_rows_satisfy_every_constraint() {
    let circuit = circuit();
    let witness = witness(&circuit, &[3, 70_000, 5], &[(5, 2), (70_000, 1), (3, 0)], true).unwrap();
    for z in [Fr::from(12_345u64), Fr::from(3u64).pow([150])] {
        assert_eq!(unsatisfied(&circuit, &witness, z), Vec::<String>::new());
        let (evaluation, _) = witness.derive(z);
        let expected: Fr = witness.elements().iter().rev().fold(Fr::ZERO, |sum, d| sum * z + d);
        assert_eq!(evaluation, expected);
    }
    // Three receiver rows publish two elements each, then four senders one each.
    let elements: Vec<Fr> = [99u64, 7, 99, 7, 99, 7, 3, 70_000, 5, 0].map(Fr::from).to_vec();
    assert_eq!(witness.elements(), elements);
}

#[test]
fn a_tuple_nobody_received_breaks_the_bus_sum_only() {
    let circuit = circuit();
    let missing = witness(&circuit, &[3, 4], &[(3, 0)], true);
    assert!(matches!(missing, Err(AssemblyError::Unbalanced { tag: "square", count: 1, .. })));
    let witness = witness(&circuit, &[3, 4], &[(3, 0)], false).unwrap();
    assert_eq!(unsatisfied(&circuit, &witness, Fr::from(77u64)), ["the bus sum"]);
}

#[test]
fn a_lookup_of_what_nobody_provides_breaks_the_bus_sum() {
    let circuit = circuit();
    let witness = witness(&circuit, &[3, 4], &[(3, 0), (4, 0)], false).unwrap();
    assert_eq!(unsatisfied(&circuit, &witness, Fr::from(77u64)), ["the bus sum"]);
}

#[test]
fn a_limb_outside_the_table_breaks_the_bus_sum() {
    let circuit = circuit();
    let forged =
        |name: &'static str, _: usize, honest: Fr| if name == "x" { Fr::from(1u64 << 20) } else { honest };
    let mut assembler = Assembler::new(&circuit, vec![Fr::ZERO]);
    assembler.override_row(Sender::NAME, 0, &forged);
    assembler.fill::<RangeTable>(&[]).unwrap();
    assembler.fill::<Sender>(&[Padded::enabled(1)]).unwrap();
    assembler.fill::<Receiver>(&[Padded::enabled((1 << 20, 0))]).unwrap();
    let witness = assembler.finish(false).unwrap();
    assert_eq!(unsatisfied(&circuit, &witness, Fr::from(77u64)), ["the bus sum"]);
}

#[test]
fn too_many_rows_are_refused() {
    let circuit = circuit();
    let refused = witness(&circuit, &[1, 2, 3, 4, 5], &[], true);
    assert!(matches!(
        refused,
        Err(AssemblyError::Capacity(TooManyRows { kind: "sender", rows: 5, capacity: 4 }))
    ));
}

#[test]
fn the_fingerprint_depends_on_the_matrices() {
    let one = circuit().fingerprint();
    assert_eq!(one, circuit().fingerprint());
    let blocks = vec![
        Block::new::<Challenge>(1, LIMB_BITS),
        Block::new::<RangeTable>(table::rows(LIMB_BITS), LIMB_BITS),
        Block::new::<Sender>(5, LIMB_BITS),
    ];
    assert_ne!(one, Circuit::new(blocks, &LISTS, LIMB_BITS, 1).fingerprint());
    // A wire that stands in no constraint moves the columns behind it.
    let mut blocks = circuit().blocks;
    blocks.last_mut().unwrap().template.committed += 1;
    assert_ne!(one, Circuit::new(blocks, &LISTS, LIMB_BITS, 1).fingerprint());
}

#[test]
fn the_kernel_gate_finds_what_nothing_determines() {
    let circuit = circuit();
    let witness = witness(&circuit, &[3, 9], &[(9, 1), (3, 0)], true).unwrap();
    // With what the senders choose, every wire of an enabled row is determined.
    let is_input = |kind, name| name == "seed" || (kind == "sender" && name == "x");
    let free = crate::soundness::kernel::free_wires(&circuit, &witness, &is_input);
    // But for the receiver that is disabled and publishes constants.
    assert!(free.iter().all(|w| w.kind == "receiver" && w.row == 2), "{free:?}");

    // A constraint that is missing leaves its wire free.
    let mut weaker = circuit.clone();
    let squares = &mut weaker.blocks[2].template.constraints;
    let sum = squares.iter().position(|c| c.id == "TEST-1").unwrap();
    squares[sum].a = squares[sum].c.clone();
    let free = crate::soundness::kernel::free_wires(&weaker, &witness, &is_input);
    assert!(free.iter().any(|w| w.name == "carry"), "{free:?}");
}
