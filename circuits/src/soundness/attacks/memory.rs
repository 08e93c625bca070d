//! Memory: rules 8, 9 and 10 of the review.

use ark_bn254::Fr;
use ark_ff::Field;

use super::bench::{Bench, advice, rich_and_poor};
use super::corpus::{Forgery, SeededBug, by_bus, check};
use super::weaken::Weak;
use crate::batch::shape::Shape;
use crate::executor::tests::{deposit, item, place};
use crate::ops::{Deposit, Op};
use crate::params::TOUCHES_PER_ROW;
use crate::soundness::batches::a_trade;
use crate::soundness::kinds;
use crate::state::tags::{HEADER, NONCE, POSITION};
use crate::state::{Mode, Side};

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "time runs backwards",
        rule: 8,
        weak: &[Weak::NoRange(kinds::DEPOSIT, "memory.previous")],
        noticed: by_bus(&["range"]),
        attack: time_runs_backwards,
    },
    SeededBug {
        name: "two cells of one position",
        rule: 9,
        weak: &[Weak::NoRange(kinds::CROSS_ACCOUNT, "account.sorted_market")],
        noticed: by_bus(&["range"]),
        attack: second_cell_of_one_position,
    },
    SeededBug {
        name: "headers exchanged at the close, by times beyond an address",
        rule: 9,
        weak: &[Weak::NoRange(kinds::CROSS_ACCOUNT, "account.header_touch")],
        noticed: by_bus(&["range"]),
        attack: || headers_exchanged(26),
    },
    SeededBug {
        name: "nonces exchanged at the close, by times beyond an address",
        rule: 9,
        weak: &[Weak::NoRange(kinds::CROSS_ACCOUNT, "account.nonce_touch")],
        noticed: by_bus(&["range"]),
        attack: || nonces_exchanged(26),
    },
    SeededBug {
        name: "positions exchanged at the close, by times beyond an address",
        rule: 9,
        weak: &[Weak::NoRange(kinds::CROSS_ACCOUNT, "slot.last_touch")],
        noticed: by_bus(&["range"]),
        attack: || positions_exchanged(42),
    },
    SeededBug {
        name: "headers without an address exchanged",
        rule: 9,
        weak: &[Weak::NoComponent(HEADER, 0)],
        noticed: by_bus(&["header"]),
        attack: || headers_exchanged(0),
    },
    SeededBug {
        name: "nonces without an address exchanged",
        rule: 9,
        weak: &[Weak::NoComponent(NONCE, 0)],
        noticed: by_bus(&["nonce"]),
        attack: || nonces_exchanged(0),
    },
    SeededBug {
        name: "positions without an address exchanged",
        rule: 9,
        weak: &[Weak::NoComponent(POSITION, 0)],
        noticed: by_bus(&["position"]),
        attack: || positions_exchanged(0),
    },
    SeededBug {
        name: "collateral that no row sent",
        rule: 9,
        weak: &[Weak::NoComponent(HEADER, 1)],
        noticed: by_bus(&["header"]),
        attack: cell_that_nobody_sent,
    },
];

#[test]
fn every_bug_of_memory_is_caught() {
    check(BUGS);
}

/// `k·2^bits`; nothing for 0 bits.
fn shifted(k: i64, bits: u32) -> Fr {
    if bits == 0 {
        return Fr::from(0u64);
    }
    let magnitude = Fr::from(k.unsigned_abs()) * Fr::from(2u64).pow([u64::from(bits)]);
    if k < 0 { -magnitude } else { magnitude }
}

/// One account with two deposits, at T = 1 and T = 2.
fn two_credits() -> Bench {
    Bench::tiny(|executor| {
        let account = deposit(executor, 10, 700);
        let owner = crate::executor::tests::key(10).public_key();
        let again = Deposit { account, owner, mode: Mode::Cross, amount: 30 };
        executor.apply(&Op::Deposit(again)).unwrap();
    })
}

/// the second credit reads the opening and the first one reads what the second left.
fn time_runs_backwards() -> Forgery {
    let bench = two_credits();
    let mut inputs = bench.inputs();
    let opened = inputs.deposits[0].header;
    // Created at 16T, touched at 16T + 1.
    let (created_at, times) = (inputs.cross[0].opened_at, [TOUCHES_PER_ROW + 1, 2 * TOUCHES_PER_ROW + 1]);
    inputs.deposits[1].header = opened;
    inputs.deposits[1].header_at = created_at;
    inputs.deposits[0].header.collateral = opened.collateral + 30;
    inputs.deposits[0].header_at = times[1];
    inputs.cross[0].close.header_touch = times[0];
    Forgery::coherent(bench, inputs, [])
}

/// An account's row twice, one leaf.
#[test]
pub fn the_same_account_opened_twice() {
    let bench = Bench::grown(
        |c| c["cross_accounts"] += 1,
        1,
        |executor| {
            deposit(executor, 10, 1_000);
        },
    );
    let mut inputs = bench.inputs();
    let mut twice = inputs.cross[0];
    twice.close = inputs.cross[0].close;
    inputs.cross.push(twice);
    let verdict = bench.verdict(&inputs, &[]);
    verdict.unbalances("node");
    verdict.unbalances("header");
}

/// Two slots for one market, so two cells of one position.
fn second_cell_of_one_position() -> Forgery {
    let shape = Shape::named("tiny").unwrap();
    let bench = Bench::after(a_trade(shape.capacities).0, |executor| {
        place(executor, 10, 600, item(1, Side::Buy, 90, 20));
    });
    let mut inputs = bench.inputs();
    let first = inputs.cross[0].slots[0];
    let mut second = first;
    second.old = None;
    second.new_size = 0;
    second.new_entry_quote = 0;
    second.new_required = [0; 2];
    inputs.cross[0].slots[1] = second;
    Forgery::coherent(bench, inputs, [])
}

/// Each of two accounts closes with the other's header, named by a time beyond its own
/// address's: the poor account leaves with the rich one's collateral.
fn headers_exchanged(beyond: u32) -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    let [rich, poor] = [inputs.cross[0].close, inputs.cross[1].close];
    // Neither holds a position: nonces and all sums but the collateral are alike.
    (inputs.cross[0].close, inputs.cross[1].close) = (poor, rich);
    // The nonces stay where they are: untouched since the creation.
    (inputs.cross[0].close.nonce_touch, inputs.cross[1].close.nonce_touch) =
        (rich.nonce_touch, poor.nonce_touch);
    assert_ne!(rich.collateral, poor.collateral);
    let forged = [(0, 1), (1, -1)].map(|(row, step)| {
        advice(kinds::CROSS_ACCOUNT, row, "account.header_touch", move |at| at + shifted(step, beyond))
    });
    Forgery::coherent(bench, inputs, forged)
}

/// Nonces of two accounts exchanged at the close: a signed action can be replayed.
fn nonces_exchanged(beyond: u32) -> Forgery {
    let bench = Bench::tiny(|executor| {
        let account = deposit(executor, 10, 1_000_000_000);
        deposit(executor, 11, 5);
        place(executor, 10, account, item(1, Side::Buy, 90, 20));
    });
    let mut inputs = bench.inputs();
    let [used, fresh] = [inputs.cross[0].close, inputs.cross[1].close];
    assert_ne!(used.order_nonce, fresh.order_nonce);
    (inputs.cross[0].close.order_nonce, inputs.cross[1].close.order_nonce) =
        (fresh.order_nonce, used.order_nonce);
    (inputs.cross[0].close.nonce_touch, inputs.cross[1].close.nonce_touch) =
        (fresh.nonce_touch, used.nonce_touch);
    let forged = [(0, 1), (1, -1)].map(|(row, step)| {
        advice(kinds::CROSS_ACCOUNT, row, "account.nonce_touch", move |at| at + shifted(step, beyond))
    });
    Forgery::coherent(bench, inputs, forged)
}

/// Long and short exchanged between two accounts at the close.
fn positions_exchanged(beyond: u32) -> Forgery {
    let bench = Bench::trade();
    let mut inputs = bench.inputs();
    let row = |id| inputs.cross.iter().position(|a| a.id == id).unwrap();
    let rows = [row(600), row(601)];
    let [long, short] = rows.map(|row| inputs.cross[row].slots[0]);
    assert!(long.new_size > 0 && short.new_size < 0);
    for (row, other) in [(rows[0], short), (rows[1], long)] {
        let slot = &mut inputs.cross[row].slots[0];
        (slot.new_size, slot.new_entry_quote) = (other.new_size, other.new_entry_quote);
        slot.new_required = other.new_required;
        slot.last_touch = other.last_touch;
    }
    let used =
        move |step: i64| move |at: Fr| if at == Fr::from(0u64) { at } else { at + shifted(step, beyond) };
    let forged = [(rows[0], 1), (rows[1], -1)]
        .map(|(row, step)| advice(kinds::CROSS_ACCOUNT, row, "slot.last_touch", used(step)));
    Forgery::coherent(bench, inputs, forged)
}

/// A credit that no deposit made: the account closes with a cell that no row sent.
pub fn cell_that_nobody_sent() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    inputs.cross[1].close.collateral += 1_000_000;
    Forgery::coherent(bench, inputs, [])
}
