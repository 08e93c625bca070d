//! Rows without slots, changes of mode, and leaves whose tag and mode disagree: rules 12 to 14 of the review.

use ark_bn254::Fr;

use super::bench::{Bench, advice, cohere};
use super::corpus::{Forgery, SeededBug, by_bus, by_checks, check};
use super::weaken::Weak;
use crate::batch::shape::Shape;
use crate::executor::tests::{begin, deposit, genesis, item, key, place, signed};
use crate::gadgets::hash::poseidon;
use crate::gadgets::row::Padded;
use crate::gadgets::var::power_of_two;
use crate::kinds::Capacities;
use crate::leaves::account::{AccountRecord, ModeChangeRecord, SlotInput};
use crate::ops::{Deposit, Fill, Item, Op, WithdrawItem};
use crate::params::{FRACTION_BITS, tag};
use crate::soundness::attacks::inputs::Inputs;
use crate::soundness::batches::{a_trade, finish};
use crate::soundness::kinds;
use crate::state::account::{ACCOUNT_WORD, empty_block};
use crate::state::tags::{KEY, MODE, NODE, POSITION};
use crate::state::tree::account_leaf;
use crate::state::{Mode, Side, State};

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "a position hidden by a row without slots",
        rule: 13,
        weak: &[Weak::NoComponent(NODE, 1)],
        noticed: by_bus(&["node"]),
        attack: position_hidden,
    },
    SeededBug {
        name: "an account that trades in a row without slots",
        rule: 13,
        weak: &[Weak::NoTuples(POSITION)],
        noticed: by_bus(&["position"]),
        attack: trades_without_slots,
    },
    SeededBug {
        name: "a padding row without slots that provides the key of an account",
        rule: 12,
        weak: &[Weak::FreeComponent(kinds::FLAT_ACCOUNT, KEY, 0)],
        noticed: by_bus(&["key"]),
        attack: key_of_a_padding_row,
    },
    SeededBug {
        name: "a cross leaf with a mode, opened in a row without slots",
        rule: 14,
        weak: &[Weak::NoRange(kinds::FLAT_ACCOUNT, "account.leverage_limit")],
        noticed: by_bus(&["range"]),
        attack: || cross_leaf_with_a_mode(1),
    },
    SeededBug {
        name: "a cross leaf with a mode, opened in a row with slots",
        rule: 14,
        weak: &[Weak::NoRange(kinds::CROSS_ACCOUNT, "account.leverage_limit")],
        noticed: by_bus(&["range"]),
        attack: || cross_leaf_with_a_mode(0),
    },
    SeededBug {
        name: "an isolated leaf of mode 0 opened",
        rule: 14,
        weak: &[Weak::Without(kinds::ISOLATED_ACCOUNT, "ACC-2")],
        noticed: by_checks(&["ACC-2 of isolated account"]),
        attack: isolated_leaf_of_mode_0,
    },
    SeededBug {
        name: "a mode that no op changed",
        rule: 14,
        weak: &[Weak::NoTuples(MODE)],
        noticed: by_bus(&["mode"]),
        attack: mode_that_no_op_changed,
    },
];

#[test]
fn every_bug_of_flat_accounts_is_caught() {
    check(BUGS);
}

/// The account of a row as one with other slots has it.
pub fn with_slots<const N: usize, const M: usize>(
    of: &AccountRecord<N>,
    slots: [SlotInput; M],
) -> AccountRecord<M> {
    AccountRecord {
        id: of.id,
        fresh: of.fresh,
        opened_at: of.opened_at,
        owner: of.owner,
        mode_market: of.mode_market,
        collateral: of.collateral,
        order_nonce: of.order_nonce,
        cancel_nonce: of.cancel_nonce,
        liq_since: of.liq_since,
        leverage_limit: of.leverage_limit,
        orders_from: of.orders_from,
        slots,
        amended: of.amended,
        rekeyed: of.rekeyed,
        close: of.close,
        opened: of.opened,
    }
}

/// Puts an account into a row without slots.
fn move_to_flat(inputs: &mut Inputs, id: u64) {
    let row = inputs.cross.iter().position(|account| account.id == id).unwrap();
    let account = inputs.cross.remove(row);
    inputs.flat.push(Padded::enabled(with_slots(&account, [])));
}

/// An account that holds a position withdraws as if it held none. The row itself cannot know: the leaf that
/// it opens is not the one in the tree.
fn position_hidden() -> Forgery {
    let state = a_trade(Shape::named("tiny").unwrap().capacities).0;
    let bench = Bench::grown_after(
        |c| c["flat_accounts"] = 1,
        state,
        |executor| {
            let withdrawal = Item::Withdraw(WithdrawItem { amount: 17, recipient: [3; 20] });
            let op = signed(executor, 10, 600, vec![withdrawal]);
            executor.apply(&op).unwrap();
        },
    );
    let mut inputs = bench.inputs();
    move_to_flat(&mut inputs, 600);
    let withdrawal = &mut inputs.withdrawals[0].header;
    assert_ne!(withdrawal.value, 0);
    (withdrawal.value, withdrawal.initial, withdrawal.maintenance, withdrawal.entry) = (0, 0, 0, 0);
    let close = &mut inputs.flat[0].close;
    (close.value, close.initial, close.maintenance, close.entry) = (0, 0, 0, 0);
    Forgery::coherent(bench, inputs, [])
}

/// An account trades, but its row opens no cell for its position.
fn trades_without_slots() -> Forgery {
    let bench = Bench::grown(
        |c| c["flat_accounts"] = 2,
        1,
        |executor| {
            let buyer = deposit(executor, 10, 1_000_000_000);
            let seller = deposit(executor, 11, 1_000_000_000);
            let maker = place(executor, 10, buyer, item(1, Side::Buy, 100, 50));
            let taker = place(executor, 11, seller, item(1, Side::Sell, 99, 30));
            executor.apply(&Op::Fill(Fill { taker, maker, lots: 30 })).unwrap();
        },
    );
    let mut inputs = bench.inputs();
    assert_eq!(inputs.flat.len(), 1, "the fees' account");
    move_to_flat(&mut inputs, 601);
    Forgery::coherent(bench, inputs, [])
}

/// A row that takes no part says that an account has the adversary's key.
fn key_of_a_padding_row() -> Forgery {
    let bench = Bench::grown(
        |c| c["flat_accounts"] = 2,
        1,
        |executor| {
            deposit(executor, 10, 1_000);
        },
    );
    let mut inputs = bench.inputs();
    let (id, stranger) = (inputs.flat[0].id, key(99).public_key());
    inputs.deposits[0].owner = stranger;
    let padding = AccountRecord { id: 0, owner: stranger, fresh: false, opened_at: 0, ..*inputs.flat[0] };
    inputs.flat.push(Padded::disabled(padding));
    Forgery::new(bench, inputs, []).free(kinds::FLAT_ACCOUNT, 1, Fr::from(id))
}

/// Account 600 of 1,000 quanta in a mode.
fn one_account(capacities: Capacities, mode: Mode) -> State {
    let mut executor = begin(genesis(1), capacities);
    let op = Deposit { account: 0, owner: key(10).public_key(), mode, amount: 1_000 };
    executor.apply(&Op::Deposit(op)).unwrap();
    finish(executor).0
}

/// A batch that credits 5 to it; with `leaf`, the tree has that leaf for it.
fn credited(flat: usize, mode: Mode, leaf: Option<Fr>) -> Bench {
    let mut state = one_account(Shape::named("tiny").unwrap().capacities, mode);
    if let Some(leaf) = leaf {
        state.update_tree(&[(account_leaf(600), leaf)]);
    }
    Bench::grown_after(
        |c| c["flat_accounts"] = flat,
        state,
        |executor| {
            let op = Deposit { account: 600, owner: key(10).public_key(), mode, amount: 5 };
            executor.apply(&Op::Deposit(op)).unwrap();
        },
    )
}

/// The word of account 600 with another mode.
fn word(mode: Mode, instead: u64) -> Fr {
    let state = one_account(Capacities::UNLIMITED, mode);
    let unit = power_of_two(ACCOUNT_WORD.shift_of("mode"));
    state.account(600).unwrap().word() + unit * (Fr::from(instead) - Fr::from(mode.market()))
}

/// The tree has a leaf of 16 slots whose mode is market 1: a limit of one bit more gives its word.
fn cross_leaf_with_a_mode(flat: usize) -> Forgery {
    let owner = key(10).public_key();
    let word = word(Mode::Cross, 1);
    let leaf = poseidon(&[Fr::from(tag::CROSS), owner.x, owner.y, word, empty_block(), empty_block()]);
    let bench = credited(flat, Mode::Cross, Some(leaf));
    let mut inputs = bench.inputs();
    let wide = 1 << FRACTION_BITS;
    inputs.deposits[0].header.leverage_limit = wide;
    inputs.flat.iter_mut().for_each(|account| account.leverage_limit = wide);
    inputs.cross.iter_mut().for_each(|account| account.leverage_limit = wide);
    assert_eq!((inputs.flat.len(), inputs.cross.len()), (flat, 1 - flat));
    cohere(&bench.circuit, &mut inputs, &[]);
    Forgery::new(credited(flat, Mode::Cross, None), inputs, [])
}

/// The tree has a leaf of one slot whose mode is 0.
fn isolated_leaf_of_mode_0() -> Forgery {
    let owner = key(10).public_key();
    let word = word(Mode::Isolated(1), 0);
    let leaf = poseidon(&[Fr::from(tag::ISOLATED), owner.x, owner.y, word, Fr::from(0u64)]);
    let bench = credited(0, Mode::Isolated(1), Some(leaf));
    let mut inputs = bench.inputs();
    inputs.deposits[0].header.mode = Mode::Cross;
    let forged = || advice(kinds::ISOLATED_ACCOUNT, 0, "account.mode", |_| Fr::from(0u64));
    cohere(&bench.circuit, &mut inputs, &[forged()]);
    Forgery::new(credited(0, Mode::Isolated(1), None), inputs, [forged()])
}

/// The operator makes a cross account an isolated one.
fn mode_that_no_op_changed() -> Forgery {
    let bench = Bench::grown(
        |c| (c["flat_accounts"], c["mode_changes"]) = (1, 1),
        1,
        |executor| {
            deposit(executor, 10, 1_000);
        },
    );
    let mut inputs = bench.inputs();
    let account = inputs.flat.remove(0).record;
    let record = ModeChangeRecord { account, new_mode: Mode::Isolated(1) };
    inputs.mode_changes.push(Padded::enabled(record));
    Forgery::coherent(bench, inputs, [])
}
