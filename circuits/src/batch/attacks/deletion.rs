//! Constraint deletion: without any one constraint or look-up of a row, a row passes that was refused.
//!
//! For each wire of a row, advice or not, other values are tried; all that follows is computed from them.
//! A row of which exactly one constraint fails, or one limb is outside the table, or one tuple is not the
//! one that was there, is a row that passes without that one. A tuple of a cell that a row sends or
//! receives is told by the honest batch: without it the bus does not balance. What no such row shows must
//! be a seeded bug of the corpus or stand in [`REDUNDANT`] with its reason.
//!
//! The bus constraints of a template are left out: each determines one wire after the challenge, and the
//! seeded bugs of rules 4 and 5 show what a wire that is free after the challenge is worth.

use std::collections::BTreeMap;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField};
use rayon::prelude::*;

use super::bench::Bench;
use super::corpus::corpus;
use super::redundant::REDUNDANT;
use super::signatures::two_orders;
use super::weaken::Weak;
use crate::batch::circuit_tests::{deployment, finish, tiny};
use crate::batch::kinds;
use crate::batch::layout::Circuit;
use crate::batch::native::tests::scenarios::distressed;
use crate::batch::native::tests::{begin, deposit, genesis, item, key, place, signed};
use crate::batch::native::{Applied, Trace};
use crate::batch::shape::Shape;
use crate::batch::signatures::{CombineInput, CombineRow, SignatureRow};
use crate::batch::statement::StatementRow;
use crate::batch::witness::Inputs;
use crate::gadgets::cs::{Cs, Direction, Forge, Shared};
use crate::gadgets::range::RANGE;
use crate::gadgets::row::{Row, RowWitness, Template};
use crate::gadgets::signature::transcript;
use crate::gadgets::var::{Terms, Wire, power_of_two};
use crate::ops::action::circuit::Chunk;
use crate::ops::cancel::circuit::Cancel;
use crate::ops::collect_fees::circuit::CollectFees;
use crate::ops::deposit::circuit::Deposit as DepositRow;
use crate::ops::fill::circuit::FillRow;
use crate::ops::liquidate::circuit::LiquidateRow;
use crate::ops::place::circuit::Place;
use crate::ops::transfer::circuit::Transfer;
use crate::ops::withdraw::circuit::Withdraw;
use crate::ops::{Deposit, Fill, Item, Liquidate, Op, Taker, Tick, TransferItem, WithdrawItem};
use crate::publication::circuit::ChangedPosition;
use crate::state::account::circuit::{CrossAccount, IsolatedAccount};
use crate::state::market::circuit::MarketLeaf;
use crate::state::order::circuit::OrderLeaf;
use crate::state::tree::circuit::Node;
use crate::state::{Mode, Side};

/// A constraint or an interaction of a template, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Element {
    Constraint(usize),
    Interaction(usize),
}

/// Rows of a kind that each batch contributes, and all batches together.
const ROWS: usize = 2;
const ROWS_OF_ALL: usize = 4;

/// What was shown to be needed in each kind of row.
struct Gate {
    circuit: Circuit,
    needed: BTreeMap<u8, Vec<Element>>,
    /// Rows seen of each kind.
    rows: BTreeMap<u8, usize>,
}

/// One row of a batch.
struct Site<'a, R: Row> {
    input: &'a R::Input,
    shared: Shared<'a>,
    row: u64,
    carry_in: &'a [Fr],
}

impl<R: Row> Site<'_, R> {
    fn run(&self, forge: &Forge<'_>) -> (RowWitness, Vec<usize>) {
        let mut cs = Cs::witness(self.shared, self.row, self.carry_in);
        cs.forge = Some(forge);
        R::synthesize(&mut cs, self.input);
        let violated = std::mem::take(&mut cs.violated);
        (RowWitness::from_cs(cs), violated)
    }

    /// What alone refuses the row in which `wire` has another value, if it is one thing.
    fn refused_by_one(&self, honest: &RowWitness, wire: Wire, change: &Change) -> Option<Element> {
        let changed = std::sync::atomic::AtomicBool::new(false);
        let (row, violated) = self.run(&|other, value| {
            if other != wire {
                return value;
            }
            let forged = change(value);
            changed.store(forged != value, std::sync::atomic::Ordering::Relaxed);
            forged
        });
        if !changed.into_inner() || violated.len() > 1 {
            return None;
        }
        let table = Fr::from(1u64 << self.shared.limb_bits).into_bigint();
        let refuses = |i: &usize| {
            let (before, after) = (&honest.interactions[*i], &row.interactions[*i]);
            if after.tag == RANGE {
                return after.direction == Direction::Receive && row.tuple(*i)[0].into_bigint() >= table;
            }
            let idle = before.multiplicity == Fr::ZERO && after.multiplicity == Fr::ZERO;
            let same = before.multiplicity == after.multiplicity && honest.tuple(*i) == row.tuple(*i);
            after.direction == Direction::Receive && !idle && !same
        };
        let mut refusing = (0..row.interactions.len()).filter(refuses).map(Element::Interaction);
        match (violated.first(), refusing.next(), refusing.next()) {
            (Some(constraint), None, _) => Some(Element::Constraint(*constraint)),
            (None, one, None) => one,
            _ => None,
        }
    }
}

type Change = Box<dyn Fn(Fr) -> Fr + Sync + Send>;

fn add(by: Fr) -> Change {
    Box::new(move |value| value + by)
}

/// Other values of advice.
fn changes(limb_bits: u32) -> Vec<Change> {
    let mut changes: Vec<Change> = vec![
        Box::new(|value| -value),
        Box::new(|_| Fr::ZERO),
        Box::new(|_| Fr::ONE),
        Box::new(|value| Fr::ONE - value),
        Box::new(|value| value.double()),
        Box::new(|value| value * Fr::from(2u64).inverse().expect("two is not zero")),
        add(Fr::from(2u64)),
        add(-Fr::from(2u64)),
    ];
    changes.extend(limb_changes(limb_bits));
    changes
}

/// Other values of limbs: by one, and by whole limbs, which the next ones take back.
fn limb_changes(limb_bits: u32) -> Vec<Change> {
    let powers = (0..=8).map(|limb| power_of_two(limb * limb_bits));
    powers.chain([power_of_two(64)]).flat_map(|power| [add(power), add(-power)]).collect()
}

fn mentions(terms: &Terms, wire: Wire) -> bool {
    terms.iter().any(|(other, _)| *other == wire)
}

/// Whether everything that names a wire is known to be needed.
fn is_done(template: &Template, wire: Wire, needed: &[Element]) -> bool {
    let own = &template.constraints[..template.own_constraints];
    let constraints =
        own.iter().enumerate().filter(|(_, c)| [&c.a, &c.b, &c.c].iter().any(|t| mentions(t, wire)));
    let limbs = template.interactions.iter().enumerate();
    let limbs = limbs.filter(|(_, i)| i.tag == RANGE && mentions(&i.tuple[0], wire));
    constraints.map(|(i, _)| Element::Constraint(i)).all(|e| needed.binary_search(&e).is_ok())
        && limbs.map(|(i, _)| Element::Interaction(i)).all(|e| needed.binary_search(&e).is_ok())
}

/// Whether the constraint that a product or an assignment was made with is known to be needed.
fn is_defined(template: &Template, wire: Wire, needed: &[Element]) -> bool {
    let own = &template.constraints[..template.own_constraints];
    let made = own.iter().position(|c| matches!(&c.c[..], [(other, _)] if *other == wire));
    made.is_some_and(|i| needed.binary_search(&Element::Constraint(i)).is_ok())
}

impl Gate {
    fn visit<R: Row>(&mut self, kind: u8, inputs: &[R::Input], globals: &[Fr], seed: Vec<Fr>) {
        let limb_bits = self.circuit.limb_bits;
        let shared = Shared { limb_bits, globals };
        let block = self.circuit.blocks.iter().find(|b| b.kind == kind).expect("a kind of the circuit");
        let template = &block.template;
        let names: BTreeMap<Wire, &str> =
            template.hints.iter().map(|(name, wire)| (Wire::Committed(*wire), *name)).collect();
        let needed = self.needed.entry(kind).or_default();
        let seen = self.rows.entry(kind).or_default();
        let mut carry_in = seed;
        for (row, input) in inputs.iter().enumerate().take(ROWS.min(ROWS_OF_ALL - *seen)) {
            *seen += 1;
            let first = *seen == 1;
            let site = Site::<R> { input, shared, row: row as u64, carry_in: &carry_in };
            let (honest, violated) = site.run(&|_, value| value);
            assert!(violated.is_empty(), "{} {row}: {:?}", R::NAME, honest.violations);
            for (i, interaction) in honest.interactions.iter().enumerate() {
                // Sent or received by an honest batch, or provided: without it, nothing balances.
                if !interaction.tag.provider && interaction.multiplicity != Fr::ZERO
                    || interaction.provided_by.is_some()
                {
                    needed.push(Element::Interaction(i));
                }
            }
            for stage in stages(template, &names, limb_bits) {
                needed.sort_unstable();
                needed.dedup();
                let found: Vec<Element> = stage
                    .par_iter()
                    .filter(|(wire, changes)| match names.get(wire) {
                        Some(&"range.limb") => !is_done(template, *wire, needed),
                        Some(_) => first || !is_done(template, *wire, needed),
                        None => changes.len() > 1 || !is_defined(template, *wire, needed),
                    })
                    .flat_map_iter(|(wire, changes)| {
                        changes.iter().filter_map(|change| site.refused_by_one(&honest, *wire, change))
                    })
                    .collect();
                needed.extend(found);
            }
            let mut carry = honest.carry_out;
            carry.resize(template.carries as usize, Fr::ZERO);
            carry_in = carry;
        }
        needed.sort_unstable();
        needed.dedup();
    }
}

type Stage = Vec<(Wire, Vec<Change>)>;

/// The wires of a row: advice first, then limbs, then all that is computed.
fn stages(template: &Template, names: &BTreeMap<Wire, &str>, limb_bits: u32) -> [Stage; 3] {
    let [mut advice, mut limbs, mut computed] = [Stage::new(), Stage::new(), Stage::new()];
    let counts: Vec<u32> = template.interactions.iter().filter_map(|i| i.provided_by).collect();
    let carried = (0..template.carries).map(Wire::CarryOut);
    advice.extend(carried.map(|wire| (wire, vec![add(Fr::ONE), add(-Fr::ONE)])));
    for wire in (0..template.committed).filter(|wire| !counts.contains(wire)).map(Wire::Committed) {
        match names.get(&wire) {
            Some(&"range.limb") => limbs.push((wire, limb_changes(limb_bits))),
            Some(_) => advice.push((wire, changes(limb_bits))),
            None => computed.push((wire, vec![add(Fr::ONE)])),
        }
    }
    computed.extend((0..template.derived).map(|wire| (Wire::Derived(wire), vec![add(Fr::ONE)])));
    [advice, limbs, computed]
}

/// Batches in which every kind of row takes part.
fn traces() -> Vec<(Shape, Trace)> {
    let (mut shape, _) = tiny();
    shape.capacities = crate::batch::native::Capacities::UNLIMITED;
    let tiny = Shape::named("tiny").unwrap();
    let mut executor = begin(genesis(1), shape.capacities);
    let buyer = deposit(&mut executor, 10, 1_000_000_000);
    let (owner, mode) = (key(11).public_key(), Mode::Isolated(1));
    executor.apply(&Op::Deposit(Deposit { account: 0, owner, mode, amount: 1_000_000_000 })).unwrap();
    let maker = place(&mut executor, 10, buyer, item(1, Side::Buy, 100, 50));
    let taker = place(&mut executor, 11, 601, item(1, Side::Sell, 99, 30));
    executor.apply(&Op::Fill(Fill { taker, maker, lots: 30 })).unwrap();
    let (state, first) = finish(executor);

    let mut executor = begin(state, shape.capacities);
    executor.apply(&Op::Tick(Tick { market: 1, price: 101 << 32, rate: 40 })).unwrap();
    let orders = [item(1, Side::Sell, 99, 10), item(1, Side::Sell, 120, 20)];
    let op = signed(&executor, 11, 601, orders.map(Item::Order).to_vec());
    let Applied::Action { orders, .. } = executor.apply(&op).unwrap() else { panic!("not an action") };
    executor.apply(&Op::Fill(Fill { taker: orders[0], maker, lots: 10 })).unwrap();
    let withdrawal = Item::Withdraw(WithdrawItem { amount: 17, recipient: [3; 20] });
    let transfer = Item::Transfer(TransferItem { to: 2, amount: 50_000, mode: Mode::Cross });
    for items in [vec![withdrawal], vec![transfer], vec![Item::Cancel(maker)]] {
        let op = signed(&executor, 10, buyer, items);
        executor.apply(&op).unwrap();
    }
    let (_, second) = finish(executor);

    let takeover = |taker, price: u64| {
        Op::Liquidate(Liquidate { account: 600, market: 1, lots: 100, quote: 100 * price, taker })
    };
    let mut executor = distressed();
    let bid = place(&mut executor, 11, 601, item(1, Side::Buy, 90, 500));
    executor.apply(&takeover(Taker::Order(bid), 90)).unwrap();
    let (_, third) = finish(executor);
    let mut executor = distressed();
    executor.apply(&takeover(Taker::Pool, 91)).unwrap();
    let (_, fourth) = finish(executor);
    [first, second, third, fourth].into_iter().map(|trace| (tiny.clone(), trace)).collect()
}

fn visit(gate: &mut Gate, inputs: &Inputs) {
    let globals = &inputs.globals();
    let prefix = || vec![Fr::ONE, Fr::ZERO];
    let none = Vec::new;
    gate.visit::<StatementRow>(kinds::STATEMENT, &[inputs.statement], globals, none());
    gate.visit::<Node>(kinds::NODE, &inputs.nodes, globals, none());
    gate.visit::<CrossAccount>(kinds::CROSS_ACCOUNT, &inputs.cross, globals, none());
    gate.visit::<IsolatedAccount>(kinds::ISOLATED_ACCOUNT, &inputs.isolated, globals, none());
    gate.visit::<MarketLeaf>(kinds::MARKET, &inputs.markets, globals, none());
    gate.visit::<OrderLeaf>(kinds::ORDER, &inputs.orders, globals, none());
    gate.visit::<Chunk>(kinds::CHUNK, &inputs.chunks, globals, none());
    gate.visit::<Place>(kinds::PLACE, &inputs.places, globals, prefix());
    gate.visit::<Cancel>(kinds::CANCEL, &inputs.cancels, globals, none());
    gate.visit::<Withdraw>(kinds::WITHDRAW, &inputs.withdrawals, globals, none());
    gate.visit::<Transfer>(kinds::TRANSFER, &inputs.transfers, globals, none());
    gate.visit::<DepositRow>(kinds::DEPOSIT, &inputs.deposits, globals, prefix());
    gate.visit::<CollectFees>(kinds::COLLECT_FEES, &inputs.collected, globals, none());
    gate.visit::<ChangedPosition>(kinds::CHANGED, &inputs.changed, globals, prefix());
    gate.visit::<FillRow>(kinds::FILL, &inputs.fills, globals, none());
    gate.visit::<LiquidateRow>(kinds::LIQUIDATE, &inputs.liquidations, globals, none());
}

/// The rows of signatures, of one batch: they are the largest.
fn visit_signatures(gate: &mut Gate, bench: &Bench) {
    let inputs = bench.inputs();
    let globals = &inputs.globals();
    let seed = transcript::seed(inputs.transcript);
    gate.visit::<SignatureRow>(kinds::SIGNATURE, &inputs.signatures[..1], globals, seed.clone());
    let shared = Shared { limb_bits: gate.circuit.limb_bits, globals };
    let row = RowWitness::compute::<SignatureRow>(shared, 0, &seed, &inputs.signatures[0]);
    let input = CombineInput { finals: row.carry_out };
    gate.visit::<CombineRow>(kinds::COMBINE, &[input], globals, Vec::new());
}

/// Whether a seeded bug of the corpus is the deletion of this very thing, or of all of its id and kind.
fn in_corpus(kind: u8, template: &Template, element: Element) -> bool {
    corpus().any(|bug| match (bug.weak, element) {
        ([Weak::Without(of, id)], Element::Constraint(i)) => *of == kind && template.constraints[i].id == *id,
        ([Weak::NoLookup(of, tag)], Element::Interaction(i)) => {
            *of == kind && template.interactions[i].tag == *tag
        }
        _ => false,
    })
}

/// Names of the advice that an element speaks of.
fn subjects(template: &Template, element: Element) -> Vec<&'static str> {
    let named = |terms: &Terms| -> Vec<&'static str> {
        let hints = template.hints.iter().filter(|(_, wire)| mentions(terms, Wire::Committed(*wire)));
        hints.map(|(name, _)| *name).collect()
    };
    match element {
        Element::Constraint(i) => {
            let constraint = &template.constraints[i];
            [&constraint.a, &constraint.b, &constraint.c].into_iter().flat_map(named).collect()
        }
        Element::Interaction(i) => template.interactions[i].tuple.iter().flat_map(named).collect(),
    }
}

#[test]
fn every_constraint_is_needed() {
    let (_, circuit) = tiny();
    let mut gate = Gate { circuit, needed: BTreeMap::new(), rows: BTreeMap::new() };
    for (shape, trace) in traces() {
        visit(&mut gate, &Inputs::new(&shape, &trace, &deployment(&shape)));
    }
    visit_signatures(&mut gate, &two_orders());

    let mut left: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut total = 0;
    for block in gate.circuit.blocks.iter().filter(|b| ![kinds::CHALLENGE, kinds::RANGE].contains(&b.kind)) {
        let template = &block.template;
        let constraints = (0..template.own_constraints).map(Element::Constraint);
        for element in constraints.chain((0..template.interactions.len()).map(Element::Interaction)) {
            total += 1;
            let known = gate.needed[&block.kind].binary_search(&element).is_ok();
            if known || in_corpus(block.kind, template, element) {
                continue;
            }
            let id = match element {
                Element::Constraint(i) => template.constraints[i].id,
                Element::Interaction(i) => template.interactions[i].tag.name,
            };
            println!("{}: {id}: {element:?} of {:?}", template.name, subjects(template, element));
            *left.entry((template.name, id)).or_default() += 1;
        }
    }
    println!("{total} constraints and interactions, {} left", left.values().sum::<usize>());
    let listed: BTreeMap<(&str, &str), usize> =
        REDUNDANT.iter().map(|(kind, id, count, _)| ((*kind, *id), *count)).collect();
    assert_eq!(left, listed);
}
