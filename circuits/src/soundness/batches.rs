//! Whole batches of the tiny shape: native and circuit agree on roots and published elements, and the
//! witness satisfies every constraint.

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use crate::batch::compile::compile;
use crate::batch::layout::Circuit;
use crate::batch::shape::Shape;
pub use crate::batch::tests::unsatisfied;
use crate::batch::witness::witness;
use crate::executor::Executor;
use crate::executor::tests::{begin, deposit, genesis, item, place, signed};
use crate::kinds::{Capacities, Trace};
use crate::ops::{Fill, Item, Op, Tick, TransferItem, WithdrawItem};
use crate::publication::{Deployment, elements};
use crate::state::{Mode, Side, State};

pub fn deployment(shape: &Shape) -> Deployment {
    Deployment { shape_id: shape.id, key_id: [5; 31] }
}

/// The tiny shape's circuit, compiled once in a process.
static TINY: LazyLock<(Shape, Circuit)> = LazyLock::new(|| {
    let shape = Shape::named("tiny").unwrap();
    let circuit = compile(&shape);
    (shape, circuit)
});

pub fn tiny() -> (Shape, Circuit) {
    TINY.clone()
}

/// The circuit of a shape.
pub fn circuit_of(shape: &Shape) -> Circuit {
    if *shape == TINY.0 { TINY.1.clone() } else { compile(shape) }
}

pub fn finish(executor: Executor) -> (State, Trace) {
    executor.finish().unwrap_or_else(|unfinished| panic!("{unfinished}"))
}

/// Two accounts are funded and trade: a buy and a sell of a few lots, one of which rests.
pub fn a_trade(capacities: Capacities) -> (State, Trace) {
    let mut executor = begin(genesis(1), capacities);
    let buyer = deposit(&mut executor, 10, 1_000_000_000);
    let seller = deposit(&mut executor, 11, 1_000_000_000);
    let maker = place(&mut executor, 10, buyer, item(1, Side::Buy, 100, 50));
    let taker = place(&mut executor, 11, seller, item(1, Side::Sell, 99, 30));
    executor.apply(&Op::Fill(Fill { taker, maker, lots: 30 })).unwrap();
    finish(executor)
}

fn assert_proven(shape: &Shape, circuit: &Circuit, trace: &Trace) {
    let deployment = deployment(shape);
    let witness = witness(circuit, shape, trace, &deployment, true).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(witness.elements(), elements(trace, &shape.capacities, &deployment).unwrap());
    assert_eq!(unsatisfied(circuit, &witness, Fr::from(3u64).pow([200])), Vec::<String>::new());
}

#[test]
fn the_tiny_shape_fits_its_budget() {
    let (_, circuit) = tiny();
    for piece in crate::batch::compile::pieces(&circuit) {
        println!(
            "{:20} {:5} x {:6} = {:7}",
            piece.name,
            piece.rows,
            piece.constraints_per_row,
            piece.constraints()
        );
    }
    println!("{} constraints, {} committed", circuit.constraints(), circuit.committed());
    assert!(circuit.constraints() + 8 <= 1 << 16, "{} constraints", circuit.constraints());
}

#[test]
fn every_entry_names_a_column() {
    let (_, circuit) = tiny();
    let mut beyond = Vec::new();
    circuit.for_each_entry(0..circuit.constraints(), &mut |_, row, column, _| {
        if column >= circuit.columns() {
            beyond.push(circuit.describe(row));
        }
    });
    assert_eq!(beyond, Vec::<String>::new());
}

#[test]
fn an_empty_batch_is_provable() {
    let (shape, circuit) = tiny();
    let (_, trace) = finish(begin(genesis(1), shape.capacities));
    assert_proven(&shape, &circuit, &trace);
}

#[test]
fn a_trade_between_new_accounts_is_provable() {
    let (shape, circuit) = tiny();
    let (state, trace) = a_trade(shape.capacities);
    assert_proven(&shape, &circuit, &trace);

    // The next batch: a tick, a fill of the resting order, a withdrawal.
    let mut executor = begin(state, shape.capacities);
    executor.apply(&Op::Tick(Tick { market: 1, price: 101 << 32, rate: 40 })).unwrap();
    let (buyer, seller, resting) = (600, 601, 1);
    let taker = place(&mut executor, 11, seller, item(1, Side::Sell, 99, 10));
    executor.apply(&Op::Fill(Fill { taker, maker: resting, lots: 10 })).unwrap();
    let withdrawal = Item::Withdraw(WithdrawItem { amount: 17, recipient: [3; 20] });
    let op = signed(&executor, 10, buyer, vec![withdrawal]);
    executor.apply(&op).unwrap();
    let (_, trace) = finish(executor);
    assert_proven(&shape, &circuit, &trace);
}

/// A tiny shape with rows without slots, and one row with 16.
fn flat() -> (Shape, Circuit) {
    let mut shape = Shape::named("tiny").unwrap();
    shape.capacities = shape.capacities.with("flat_accounts", 4).with("cross_accounts", 1);
    let circuit = compile(&shape);
    (shape, circuit)
}

#[test]
fn a_batch_of_flat_accounts_is_provable() {
    let (shape, circuit) = flat();
    let mut executor = begin(genesis(1), shape.capacities);
    let first = deposit(&mut executor, 10, 1_000_000);
    let second = deposit(&mut executor, 11, 5);
    let items = vec![
        Item::Withdraw(WithdrawItem { amount: 17, recipient: [3; 20] }),
        Item::Transfer(TransferItem { to: 0, amount: 40, mode: Mode::Cross }),
    ];
    let op = signed(&executor, 10, first, items);
    executor.apply(&op).unwrap();
    let used = executor.usage();
    assert_eq!((used["flat_accounts"], used["cross_accounts"]), (3, 0));
    let (state, trace) = finish(executor);
    assert_proven(&shape, &circuit, &trace);

    // The next batch: five accounts that were there, so one of them takes the row with slots.
    let mut executor = begin(state, shape.capacities);
    let to_second = Item::Transfer(TransferItem { to: second, amount: 7, mode: Mode::Cross });
    let op = signed(&executor, 10, first, vec![to_second]);
    executor.apply(&op).unwrap();
    deposit(&mut executor, 12, 1);
    deposit(&mut executor, 13, 1);
    place(&mut executor, 10, 602, item(1, Side::Buy, 90, 10));
    let used = executor.usage();
    assert_eq!((used["flat_accounts"], used["cross_accounts"]), (4, 1));
    let (_, trace) = finish(executor);
    assert_proven(&shape, &circuit, &trace);
}

#[test]
fn flat_accounts_beside_those_that_trade_are_provable() {
    let mut shape = Shape::named("tiny").unwrap();
    shape.capacities["flat_accounts"] = 2;
    let circuit = compile(&shape);
    let (state, trace) = a_trade(shape.capacities);
    // The fees' account has no positions.
    assert_eq!((trace.usage()["flat_accounts"], trace.usage()["cross_accounts"]), (1, 2));
    assert_proven(&shape, &circuit, &trace);
    let mut executor = begin(state, shape.capacities);
    deposit(&mut executor, 12, 1_000);
    let withdrawal = Item::Withdraw(WithdrawItem { amount: 17, recipient: [3; 20] });
    let op = signed(&executor, 10, 600, vec![withdrawal]);
    executor.apply(&op).unwrap();
    let (_, trace) = finish(executor);
    assert_eq!((trace.usage()["flat_accounts"], trace.usage()["cross_accounts"]), (1, 1));
    assert_proven(&shape, &circuit, &trace);
}

/// A shape that names deposits and accounts and nothing else: no signatures, no markets, no trades.
#[test]
fn a_shape_of_few_kinds_is_provable() {
    let mut shape = Shape::named("tiny").unwrap();
    shape.capacities =
        Capacities::all(0).with("nodes", 40).with("cross_accounts", 1).with("flat_accounts", 1);
    shape.capacities["deposits"] = 3;
    let circuit = compile(&shape);
    let named: Vec<&str> = circuit.blocks.iter().filter(|b| b.rows > 0).map(|b| b.kind()).collect();
    assert!(!named.iter().any(|kind| kind.contains("signature")), "{named:?}");
    let mut executor = begin(genesis(1), shape.capacities);
    deposit(&mut executor, 10, 1_000);
    deposit(&mut executor, 11, 1_000);
    let (_, trace) = finish(executor);
    assert_proven(&shape, &circuit, &trace);
}

/// A shape may leave out any kind but the tree's nodes.
#[test]
fn any_other_capacity_may_be_zero() {
    let tiny = Shape::named("tiny").unwrap();
    for (name, _) in tiny.capacities.by_name().filter(|(name, _)| *name != "nodes") {
        let shape = Shape { capacities: tiny.capacities.with(name, 0), ..tiny.clone() };
        let (_, trace) = finish(begin(genesis(1), shape.capacities));
        assert_proven(&shape, &compile(&shape), &trace);
    }
}

#[test]
fn the_trade_shapes_fit_their_domains() {
    for (name, domain, per_trade) in
        [("demo", 1 << 18, usize::MAX), ("trade-64", 1 << 19, usize::MAX), ("trade-256", 1 << 20, 6_000)]
    {
        let shape = Shape::named(name).unwrap();
        let circuit = compile(&shape);
        println!(
            "{name}: {} constraints, {} committed, {} elements",
            circuit.constraints(),
            circuit.committed(),
            circuit.elements.len()
        );
        for piece in crate::batch::compile::pieces(&circuit) {
            println!(
                "{:20} {:5} x {:6} = {:7}",
                piece.name,
                piece.rows,
                piece.constraints_per_row,
                piece.constraints()
            );
        }
        assert!(circuit.constraints() + 8 <= domain, "{name}: {} constraints", circuit.constraints());
        assert!(circuit.constraints() / shape.capacities["fills"] <= per_trade);
        assert!(circuit.elements.len() == shape.element_count() && shape.element_count() <= 300);
    }
}

/// What only a hash or a signature binds, or the operator may choose: fixed from outside.
fn is_input(kind: &'static str, name: &'static str) -> bool {
    match kind {
        // The contract's part of the header; it also ranges the halves of the new root.
        "statement" => name != "statement.new_root_high" && name != "statement.fees_at",
        // Preimages of the old root.
        "tree node" => name == "node.old_child",
        "cross account" | "isolated account" => name == "owner" || name.starts_with("account.old"),
        // What was signed, and the signature.
        "signature" => name.starts_with("action.") || name == "signature.nonce" || name == "signature.scalar",
        // The operator's choices.
        "fill" => name == "fill.lots" || name == "order.id" || name == "memory.row_time",
        "deposit" => name == "deposit.amount" || name == "deposit.account" || name == "memory.row_time",
        // Any order of the rows that the cells agree with.
        _ => name == "memory.row_time",
    }
}

#[test]
fn the_kernel_of_a_trade_holds_only_inputs() {
    let (shape, circuit) = tiny();
    let (_, trace) = a_trade(shape.capacities);
    let witness = witness(&circuit, &shape, &trace, &deployment(&shape), true).unwrap();
    let free = super::kernel::free_wires(&circuit, &witness, &is_input);
    let unexpected = free.iter().filter(|wire| !is_benign(wire.kind, wire.name));
    let names: std::collections::BTreeSet<_> = unexpected.map(|w| (w.kind, w.row, w.name)).collect();
    assert!(names.is_empty(), "{names:#?}");
}

/// Advice that is multiplied with zero where it is free.
fn is_benign(kind: &str, name: &str) -> bool {
    match (kind, name) {
        // The inverse of an actual zero.
        (_, "is_zero.inverse") => true,
        // A slot that is not used looks nothing up, and its size is zero.
        ("cross account", "slot.index" | "slot.price" | "slot.still" | "slot.last_touch") => true,
        ("cross account", "slot.new_initial" | "slot.new_maintenance") => true,
        (
            "cross account",
            "tier.low" | "tier.high" | "tier.initial_fraction" | "tier.maintenance_fraction",
        ) => true,
        // An order that comes to rest was not opened from its leaf.
        ("order leaf", "order.closed_at") => true,
        _ => false,
    }
}

#[test]
fn the_kernel_gate_finds_a_missing_constraint() {
    let (shape, circuit) = tiny();
    let (_, trace) = a_trade(shape.capacities);
    let witness = witness(&circuit, &shape, &trace, &deployment(&shape), true).unwrap();
    let mut missed = Vec::new();
    for (kind, id) in [
        ("tree node", "HASH-2"),
        ("cross account", "CS-1"),
        ("place", "PRE-3"),
        ("deposit", "PRE-3"),
        ("market leaf", "CS-1"),
    ] {
        let mut weaker = circuit.clone();
        let block = weaker.blocks.iter_mut().find(|b| b.template.name == kind).unwrap();
        let constraint = block
            .template
            .constraints
            .iter_mut()
            .rev()
            .find(|c| c.id == id)
            .unwrap_or_else(|| panic!("{kind} has no {id}"));
        (constraint.a, constraint.b, constraint.c) = Default::default();
        let free = super::kernel::free_wires(&weaker, &witness, &is_input);
        if free.iter().all(|wire| is_benign(wire.kind, wire.name)) {
            missed.push((kind, id));
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn two_closing_rows_cannot_swap_their_cells() {
    // Two accounts, each closed with the other's header: the times differ by the address's distance.
    let (shape, circuit) = tiny();
    let (_, trace) = a_trade(shape.capacities);
    let honest = witness(&circuit, &shape, &trace, &deployment(&shape), true).unwrap();
    let cross = circuit.blocks.iter().position(|b| b.template.name == "cross account").unwrap();
    let row = &honest.rows()[cross][1];
    let shift = crate::gadgets::var::power_of_two(crate::gadgets::memory::ADDRESS_SHIFT);
    for name in ["account.header_touch", "account.nonce_touch", "slot.last_touch"] {
        let choose =
            |hint: &'static str, _: usize, value: Fr| if hint == name { value + shift } else { value };
        let input = trace.of::<crate::leaves::account::AccountRecord<16>>()[1];
        let globals = vec![Fr::ZERO; crate::state::wires::COUNT];
        let shared = crate::gadgets::cs::Shared { limb_bits: circuit.limb_bits, globals: &globals };
        let mut cs = crate::gadgets::cs::Cs::witness(shared, 1, &[]).with_override(&choose);
        <crate::leaves::account::CrossAccount as crate::gadgets::row::Row>::synthesize(&mut cs, &input);
        let forged = crate::gadgets::row::RowWitness::from_cs(cs);
        assert_ne!(forged.tuples, row.tuples, "{name}");
        let table = Fr::from(1u64 << circuit.limb_bits);
        let beyond = (0..forged.interactions.len()).any(|i| {
            forged.interactions[i].tag == crate::gadgets::range::RANGE && forged.tuple(i)[0] >= table
        });
        assert!(beyond || !forged.violations.is_empty(), "{name}: a cell of another address is received");
    }
}
