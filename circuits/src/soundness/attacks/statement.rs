//! The statement and what is published: rule 23 of the review.

use ark_bn254::Fr;

use super::bench::{Advice, Bench, advice, rich_and_poor, verdict};
use super::corpus::{Forgery, SeededBug, by_bus, by_checks, check};
use super::weaken::Weak;
use crate::batch::shape::Shape;
use crate::executor::tests::{begin, deposit, genesis};
use crate::gadgets::var::power_of_two;
use crate::publication::NUMBERS;
use crate::soundness::batches::finish;
use crate::soundness::kinds;
use crate::state::tags::{CHANGED, FEES, ITEM, NODE};

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "a batch earlier than the last",
        rule: 23,
        weak: &[Weak::NoRange(kinds::STATEMENT, "statement.last_time")],
        noticed: by_bus(&["range"]),
        attack: earlier_than_the_last,
    },
    SeededBug {
        name: "another new root",
        rule: 23,
        weak: &[Weak::NoComponent(NODE, 2)],
        noticed: by_bus(&["node"]),
        attack: another_new_root,
    },
    SeededBug {
        name: "another old root",
        rule: 23,
        weak: &[Weak::NoComponent(NODE, 1)],
        noticed: by_bus(&["node"]),
        attack: another_old_root,
    },
    SeededBug {
        name: "a batch of one deployment applied in another",
        rule: 23,
        weak: &[Weak::LateElement(kinds::STATEMENT, 1)],
        noticed: by_checks(&["the evaluation"]),
        attack: another_deployment,
    },
    SeededBug {
        name: "a cursor that skips a deposit",
        rule: 23,
        weak: &[Weak::Without(kinds::DEPOSIT, "PRE-3")],
        noticed: by_checks(&["PRE-3 of deposit"]),
        attack: cursor_that_skips_a_deposit,
    },
    SeededBug {
        name: "an idle place that publishes",
        rule: 23,
        weak: &[Weak::Without(kinds::CHANGED, "PUB-2")],
        noticed: by_checks(&["PUB-2 of changed position"]),
        attack: idle_place_that_publishes,
    },
    SeededBug {
        name: "a changed position left out",
        rule: 23,
        weak: &[Weak::NoTuples(CHANGED)],
        noticed: by_bus(&["changed"]),
        attack: changed_position_left_out,
    },
    SeededBug {
        name: "a withdrawal of more than was signed",
        rule: 23,
        weak: &[Weak::NoComponent(ITEM, 0)],
        noticed: by_bus(&["item"]),
        attack: withdrawal_of_more,
    },
    SeededBug {
        name: "a withdrawal to another address than the circuit's",
        rule: 23,
        weak: &[Weak::LateElement(kinds::WITHDRAW, 0)],
        noticed: by_checks(&["the evaluation"]),
        attack: withdrawal_published_for_another,
    },
    SeededBug {
        name: "a withdrawal of less than nothing",
        rule: 23,
        weak: &[Weak::NoRange(kinds::WITHDRAW, "take.amount"), Weak::NoComponent(ITEM, 0)],
        noticed: by_bus(&["range", "item"]),
        attack: amount_below_zero,
    },
    SeededBug {
        name: "fees that vanish",
        rule: 23,
        weak: &[Weak::NoTuples(FEES)],
        noticed: by_bus(&["fees"]),
        attack: fees_that_vanish,
    },
];

#[test]
fn every_bug_of_the_statement_is_caught() {
    check(BUGS);
}

/// A batch before the last one's time.
fn earlier_than_the_last() -> Forgery {
    // The second batch: the first one's time is after the epoch of the genesis, and no market is opened.
    let mut first = begin(genesis(1), Shape::named("tiny").unwrap().capacities);
    deposit(&mut first, 10, 1_000);
    let bench = Bench::after(finish(first).0, |executor| {
        deposit(executor, 11, 5);
    });
    let mut inputs = bench.inputs();
    inputs.statement.time = inputs.statement.last_time - 1;
    Forgery::coherent(bench, inputs, [])
}

/// Another new root, another old root, another batch number, another configuration.
#[test]
pub fn a_header_of_another_state() {
    let bench = rich_and_poor();
    let forge: [fn(&mut crate::batch::statement::Statement); 5] = [
        |statement| statement.new_root += Fr::from(1u64),
        |statement| statement.old_root += Fr::from(1u64),
        |statement| statement.batch += 1,
        |statement| statement.config += Fr::from(1u64),
        |statement| statement.deposits_before += 1,
    ];
    for forge in forge {
        let mut inputs = bench.inputs();
        forge(&mut inputs.statement);
        inputs.statement.deposits_after = inputs.statement.deposits_before + 2;
        bench.verdict(&inputs, &[]).only_unbalances(&["node"]);
    }
}

/// Another shape id or element count, another place of a list that the contract reads. No row holds these
/// constants, so only the matrices notice.
#[test]
pub fn a_header_of_another_shape() {
    let bench = rich_and_poor();
    for field in ["shape_id", "element_count", "deposit_capacity", "withdrawal_start", "withdrawal_capacity"]
    {
        let mut inputs = bench.inputs();
        inputs.statement.shape_constants += power_of_two(NUMBERS.shift_of(field));
        let unsatisfied = verdict(&bench.circuit, &inputs, &[]).unsatisfied;
        assert_eq!(unsatisfied, ["a constant of the shape"], "{field}");
    }
}

/// The cursor of deposits moves by another number than the batch credits.
fn cursor_that_skips_a_deposit() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    inputs.statement.deposits_after += 1;
    let two = Fr::from(2u64);
    let choose = move |name: &'static str, _: usize, honest: Fr| {
        if name == "carry" && honest == two { honest + Fr::from(1u64) } else { honest }
    };
    let last = bench.shape.capacities["deposits"] - 1;
    let forged = [Advice { kind: kinds::DEPOSIT, row: last, choose: Box::new(choose) }];
    Forgery::coherent(bench, inputs, forged)
}

/// An idle place of a list that is not zero. Without PUB-2 it is published.
fn idle_place_that_publishes() -> Forgery {
    let bench = rich_and_poor();
    let inputs = bench.inputs();
    let forged = [advice(kinds::CHANGED, 0, "changed.element", |_| Fr::from(1u64 << 40))];
    Forgery::new(bench, inputs, forged)
}

/// A changed position that is not published.
fn changed_position_left_out() -> Forgery {
    let bench = Bench::trade();
    let mut inputs = bench.inputs();
    inputs.changed.pop();
    Forgery::new(bench, inputs, [])
}

fn another_new_root() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    inputs.statement.new_root += Fr::from(1u64);
    Forgery::new(bench, inputs, [])
}

fn another_old_root() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    inputs.statement.old_root += Fr::from(1u64);
    Forgery::new(bench, inputs, [])
}

fn another_deployment() -> Forgery {
    let bench = rich_and_poor();
    let inputs = bench.inputs();
    let domain = inputs.statement.domain + Fr::from(1u64);
    Forgery::new(bench, inputs, []).element(1, domain)
}

fn withdrawal_of_more() -> Forgery {
    let bench = Bench::withdrawal();
    let mut inputs = bench.inputs();
    inputs.withdrawals[0].amount += 1;
    let row = inputs.cross.iter().position(|a| a.id == 600).unwrap();
    inputs.cross[row].close.collateral -= 1;
    Forgery::coherent(bench, inputs, [])
}

/// The contract is told of a recipient that the row does not have.
fn withdrawal_published_for_another() -> Forgery {
    let bench = Bench::withdrawal();
    let inputs = bench.inputs();
    let block = bench.circuit.blocks.iter().position(|b| b.kind() == kinds::WITHDRAW).unwrap();
    let element = bench.circuit.elements.iter().position(|e| e.block == block).unwrap();
    let thief = Fr::from(0xbadu64) + Fr::from(17u64) * crate::gadgets::var::power_of_two(160);
    Forgery::new(bench, inputs, []).element(element, thief)
}

/// Comparisons of field elements say that minus five is below one: the account gains what it withdraws.
fn amount_below_zero() -> Forgery {
    let bench = Bench::withdrawal();
    let mut inputs = bench.inputs();
    let row = inputs.cross.iter().position(|a| a.id == 600).unwrap();
    inputs.cross[row].close.collateral += 17 + 5;
    let forged = [advice(kinds::WITHDRAW, 0, "take.amount", |_| -Fr::from(5u64))];
    Forgery::coherent(bench, inputs, forged)
}

/// Fees that no account is credited with.
fn fees_that_vanish() -> Forgery {
    let bench = Bench::trade();
    let mut inputs = bench.inputs();
    assert!(inputs.collected[0].fees > 0);
    let row = inputs.cross.iter().position(|a| a.id == 1).unwrap();
    let before = inputs.collected[0].clone();
    inputs.cross[row].close.collateral = before.header.collateral;
    inputs.cross[row].close.header_touch = before.header_at;
    inputs.collected.clear();
    inputs.statement.fees_at = before.fees_at;
    Forgery::coherent(bench, inputs, [])
}
