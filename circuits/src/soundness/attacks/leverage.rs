//! An owner's limit of leverage: who sets it, how often, and when it is in force.

use ark_bn254::Fr;

use super::bench::{Bench, advice, close_as_sent, rich_and_poor};
use super::corpus::{Forgery, SeededBug, by_bus, by_checks, check};
use super::inputs::Inputs;
use super::signatures::order;
use super::weaken::Weak;
use crate::batch::compile::compile;
use crate::batch::layout::Circuit;
use crate::batch::witness::witness;
use crate::executor::Executor;
use crate::executor::tests::{begin, deposit, domain, genesis, item, key, place, signed};
use crate::gadgets::row::Padded;
use crate::kinds::{Capacities, Trace};
use crate::ops::action::ActionRecord;
use crate::ops::set_leverage::SetLeverageRecord;
use crate::ops::{Action, Fill, Item, Op};
use crate::params::M;
use crate::soundness::batches::{deployment, finish, tiny, unsatisfied};
use crate::soundness::kinds;
use crate::state::tags::{AMEND, HEADER, ITEM};
use crate::state::{AccountId, Side, State};

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "a limit that nobody set",
        rule: 19,
        weak: &[Weak::NoTuples(AMEND)],
        noticed: by_bus(&["amend"]),
        attack: limit_that_nobody_set,
    },
    SeededBug {
        name: "a limit set twice in a batch",
        rule: 13,
        weak: &[Weak::NoTuples(AMEND)],
        noticed: by_bus(&["amend"]),
        attack: limit_set_twice,
    },
    SeededBug {
        name: "a limit that another account signed",
        rule: 19,
        weak: &[Weak::NoComponent(ITEM, 1)],
        noticed: by_bus(&["item"]),
        attack: limit_of_another_signer,
    },
    SeededBug {
        name: "a limit that another account takes",
        rule: 13,
        weak: &[Weak::NoComponent(AMEND, 0)],
        noticed: by_bus(&["amend"]),
        attack: limit_of_another_account,
    },
    SeededBug {
        name: "another limit than was signed",
        rule: 19,
        weak: &[Weak::NoComponent(AMEND, 1)],
        noticed: by_bus(&["amend"]),
        attack: || limit_kept_otherwise(4),
    },
    SeededBug {
        name: "an account created with a limit",
        rule: 12,
        weak: &[Weak::Without(kinds::CROSS_ACCOUNT, "ACC-3")],
        noticed: by_checks(&["ACC-3 of cross account"]),
        attack: created_with_a_limit,
    },
    SeededBug {
        name: "a limit that an idle row takes",
        rule: 13,
        weak: &[Weak::Without(kinds::CROSS_ACCOUNT, "ACC-11")],
        noticed: by_checks(&["ACC-11 of cross account"]),
        attack: limit_taken_by_an_idle_row,
    },
    SeededBug {
        name: "a limit changed without its bit",
        rule: 13,
        weak: &[Weak::Without(kinds::CROSS_ACCOUNT, "ACC-19")],
        noticed: by_checks(&["ACC-19 of cross account"]),
        attack: limit_changed_without_its_bit,
    },
    SeededBug {
        name: "a trade by the limit to come",
        rule: 15,
        weak: &[Weak::NoComponent(HEADER, 7)],
        noticed: by_bus(&["header"]),
        attack: trade_by_the_limit_to_come,
    },
    SeededBug {
        name: "a limit above the whole",
        rule: 19,
        weak: &[Weak::NoRange(kinds::SET_LEVERAGE, "set_leverage.limit")],
        noticed: by_bus(&["range"]),
        attack: || limit_signed_instead(M as u32 + 1),
    },
];

#[test]
fn every_bug_of_leverage_is_caught() {
    check(BUGS);
}

const SIGNED: u32 = 300_000;

fn set(executor: &mut Executor, number: u8, account: AccountId, limit: u32) {
    let op = signed(executor, number, account, vec![Item::SetLeverage(limit)]);
    executor.apply(&op).unwrap();
}

/// Accounts 600 and 601 of one key, of which the first sets a limit after its first order.
fn one_limit() -> Bench {
    Bench::after(two_accounts([10, 10]), |executor| {
        place(executor, 10, 600, order());
        set(executor, 10, 600, SIGNED);
        place(executor, 10, 601, order());
    })
}

/// The state after accounts 600 and 601, of these keys, were funded.
pub fn two_accounts(keys: [u8; 2]) -> State {
    let mut executor = begin(genesis(1), Capacities::UNLIMITED);
    let accounts = keys.map(|number| deposit(&mut executor, number, 1_000_000_000));
    assert_eq!(accounts, [600, 601]);
    finish(executor).0
}

/// Rows of accounts 600 and 601.
pub fn accounts(inputs: &Inputs) -> [usize; 2] {
    [600, 601].map(|id| inputs.cross.iter().position(|row| row.id == id).unwrap())
}

fn limit_that_nobody_set() -> Forgery {
    let bench = one_limit();
    let mut inputs = bench.inputs();
    let [_, other] = accounts(&inputs);
    inputs.cross[other].amended = Some(SIGNED);
    Forgery::coherent(bench, inputs, [])
}

/// The trace with an item of a signed action replaced, signed again by its owner.
pub fn with_item(trace: &Trace, action: usize, item: Item) -> Trace {
    let mut trace = trace.clone();
    let record = &mut trace.records.of_mut::<ActionRecord>()[action].record;
    let (account, lane, strict, nonce) = (record.account, record.lane, record.strict, record.nonce);
    let mut action = Action { account, lane, strict, nonce, items: vec![item], signature: record.signature };
    record.message = action.message(&domain());
    let owner = (0..).map(key).find(|key| key.public_key() == record.owner).expect("a key of the tests");
    action.signature = owner.sign(record.message.hash);
    record.signature = action.signature;
    trace
}

/// Instead of its order, the account signs another limit before the one that counts.
fn limit_set_twice() -> Forgery {
    let grow = |c: &mut Capacities| c["leverage_limits"] = 2;
    let bench = Bench::grown_after(grow, two_accounts([10, 10]), |executor| {
        place(executor, 10, 600, order());
        set(executor, 10, 600, SIGNED);
    });
    let trace = with_item(&bench.trace, 0, Item::SetLeverage(4));
    let mut inputs = bench.inputs_of(&trace);
    inputs.places.clear();
    inputs.statement.places = 0;
    let twice = SetLeverageRecord { single_cancel: false, account: 600, limit: 4 };
    inputs.leverage_limits.push(Padded::enabled(twice));
    Forgery::coherent(bench, inputs, [])
}

fn limit_of_another_signer() -> Forgery {
    let bench = one_limit();
    let mut inputs = bench.inputs();
    let [signer, other] = accounts(&inputs);
    inputs.leverage_limits[0].account = 601;
    (inputs.cross[signer].amended, inputs.cross[other].amended) = (None, Some(SIGNED));
    Forgery::coherent(bench, inputs, [])
}

fn limit_of_another_account() -> Forgery {
    let bench = one_limit();
    let mut inputs = bench.inputs();
    let [signer, other] = accounts(&inputs);
    (inputs.cross[signer].amended, inputs.cross[other].amended) = (None, Some(SIGNED));
    Forgery::coherent(bench, inputs, [])
}

fn limit_kept_otherwise(limit: u32) -> Forgery {
    let bench = one_limit();
    let mut inputs = bench.inputs();
    let [signer, _] = accounts(&inputs);
    inputs.cross[signer].amended = Some(limit);
    Forgery::coherent(bench, inputs, [])
}

fn created_with_a_limit() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    inputs.cross[1].leverage_limit = SIGNED;
    inputs.deposits[1].header.leverage_limit = SIGNED;
    Forgery::coherent(bench, inputs, [])
}

/// A row of padding takes what the owner's op sent: the account keeps the limit that it had.
fn limit_taken_by_an_idle_row() -> Forgery {
    let bench = one_limit();
    let mut inputs = bench.inputs();
    let [signer, _] = accounts(&inputs);
    let mut idle = inputs.cross[signer];
    idle.enabled = false;
    inputs.cross[signer].amended = None;
    inputs.cross.push(idle);
    Forgery::coherent(bench, inputs, [])
}

fn limit_changed_without_its_bit() -> Forgery {
    let bench = one_limit();
    let inputs = bench.inputs();
    let [_, other] = accounts(&inputs);
    let limit = |value: Fr| value + Fr::from(5u64);
    let forged = [advice(kinds::CROSS_ACCOUNT, other, "account.new_leverage_limit", limit)];
    Forgery::coherent(bench, inputs, forged)
}

/// An account that may not use leverage takes its limit away and trades in the same batch, without what
/// the limit of the opening demands.
fn trade_by_the_limit_to_come() -> Forgery {
    let mut executor = begin(two_accounts([10, 11]), Capacities::UNLIMITED);
    set(&mut executor, 10, 600, M as u32);
    let bench = Bench::after(finish(executor).0, |executor| {
        set(executor, 10, 600, 0);
        let maker = place(executor, 11, 601, item(1, Side::Sell, 100, 30));
        let taker = place(executor, 10, 600, item(1, Side::Buy, 100, 30));
        executor.apply(&Op::Fill(Fill { taker, maker, lots: 30 })).unwrap();
    });
    let mut inputs = bench.inputs();
    inputs.fills[0].cells.taker.leg.header.leverage_limit = 0;
    close_as_sent(&bench.circuit, &mut inputs);
    Forgery::coherent(bench, inputs, [])
}

fn limit_signed_instead(limit: u32) -> Forgery {
    let bench = one_limit();
    let trace = with_item(&bench.trace, 1, Item::SetLeverage(limit));
    let mut inputs = bench.inputs_of(&trace);
    let [signer, _] = accounts(&inputs);
    inputs.leverage_limits[0].limit = limit;
    inputs.cross[signer].amended = Some(limit);
    Forgery::coherent(bench, inputs, [])
}

/// An account that is created in the batch may sign a limit in it.
#[test]
fn a_new_accounts_limit_is_provable() {
    let bench = Bench::tiny(|executor| {
        let account = deposit(executor, 10, 1_000);
        set(executor, 10, account, SIGNED);
    });
    assert!(bench.inputs().cross.iter().any(|row| row.fresh && row.amended == Some(SIGNED)));
    assert!(bench.verdict(&bench.inputs(), &[]).accepted());
}

/// Shapes that do not name the kind are circuits without it.
#[test]
fn a_shape_without_limits_has_no_rows_of_them() {
    let (mut shape, circuit) = tiny();
    let rows = |circuit: &Circuit| {
        circuit
            .blocks
            .iter()
            .filter(|block| block.kind() == kinds::SET_LEVERAGE)
            .map(|block| block.rows)
            .sum::<usize>()
    };
    assert_eq!(rows(&circuit), 1);
    shape.capacities["leverage_limits"] = 0;
    let without = compile(&shape);
    assert_eq!(rows(&without), 0);
    let mut executor = begin(genesis(1), shape.capacities);
    deposit(&mut executor, 10, 1_000);
    let (_, trace) = finish(executor);
    let witness = witness(&without, &shape, &trace, &deployment(&shape), true).unwrap();
    assert_eq!(unsatisfied(&without, &witness, Fr::from(9u64)), Vec::<String>::new());
}
