//! An owner's mode and key: who sets them, how often, and what is published of a key.

use ark_bn254::Fr;
use ark_ff::{Field, PrimeField};
use num_bigint::BigUint;

use super::bench::{Advice, Bench, advice};
use super::corpus::{Forgery, SeededBug, by_bus, by_checks, check};
use super::flat::with_slots;
use super::inputs::Inputs;
use super::leverage::{accounts, two_accounts, with_item};
use super::signatures::order;
use super::weaken::Weak;
use crate::executor::Executor;
use crate::executor::tests::{begin, deposit, genesis, key, place, signed};
use crate::gadgets::row::Padded;
use crate::kinds::Capacities;
use crate::leaves::account::ModeChangeRecord;
use crate::ops::change_key::tests::key_of_x;
use crate::ops::change_key::{ChangeKeyRecord, key_digest};
use crate::ops::deposit::X_LOW_BITS;
use crate::ops::set_mode::SetModeRecord;
use crate::ops::{Deposit, Item, Op, OrderItem};
use crate::soundness::batches::finish;
use crate::soundness::kinds;
use crate::state::tags::{ITEM, KEY, LISTED, MODE, REKEY};
use crate::state::{AccountId, Mode, PublicKey, State, pool_account};

const TO_MARKET_1: Mode = Mode::Isolated(1);

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "a mode that another account signed",
        rule: 19,
        weak: &[Weak::NoComponent(ITEM, 1)],
        noticed: by_bus(&["item"]),
        attack: || mode_of_another(true),
    },
    SeededBug {
        name: "a mode that another account takes",
        rule: 14,
        weak: &[Weak::NoComponent(MODE, 0)],
        noticed: by_bus(&["mode"]),
        attack: || mode_of_another(false),
    },
    SeededBug {
        name: "another mode than was signed",
        rule: 19,
        weak: &[Weak::NoComponent(ITEM, 0)],
        noticed: by_bus(&["item"]),
        attack: || mode_in_market_2(true),
    },
    SeededBug {
        name: "another mode than the op set",
        rule: 14,
        weak: &[Weak::NoComponent(MODE, 1)],
        noticed: by_bus(&["mode"]),
        attack: || mode_in_market_2(false),
    },
    SeededBug {
        name: "a mode in a market that is not listed",
        rule: 14,
        weak: &[Weak::NoTuples(LISTED)],
        noticed: by_bus(&["listed"]),
        attack: mode_without_a_market,
    },
    SeededBug {
        name: "a mode set twice in a batch",
        rule: 14,
        weak: &[Weak::NoTuples(MODE)],
        noticed: by_bus(&["mode"]),
        attack: mode_set_twice,
    },
    SeededBug {
        name: "a pool that becomes cross",
        rule: 14,
        weak: &[Weak::NoRange(kinds::SET_MODE, "set_mode.account")],
        noticed: by_bus(&["range"]),
        attack: pool_that_becomes_cross,
    },
    SeededBug {
        name: "a key that no op set",
        rule: 19,
        weak: &[Weak::NoTuples(REKEY)],
        noticed: by_bus(&["rekey"]),
        attack: key_that_no_op_set,
    },
    SeededBug {
        name: "a key set twice in a batch",
        rule: 19,
        weak: &[Weak::NoTuples(REKEY)],
        noticed: by_bus(&["rekey"]),
        attack: key_set_twice,
    },
    SeededBug {
        name: "a key that another account signed",
        rule: 19,
        weak: &[Weak::NoComponent(ITEM, 1)],
        noticed: by_bus(&["item"]),
        attack: || key_of_another(true),
    },
    SeededBug {
        name: "a key that another account takes",
        rule: 19,
        weak: &[Weak::NoComponent(REKEY, 0)],
        noticed: by_bus(&["rekey"]),
        attack: || key_of_another(false),
    },
    SeededBug {
        name: "another key than was signed",
        rule: 19,
        weak: &[Weak::NoRange(kinds::CHANGE_KEY, "change_key.digest")],
        noticed: by_bus(&["range"]),
        attack: key_of_another_digest,
    },
    SeededBug {
        name: "a key that is an item without being signed",
        rule: 19,
        weak: &[Weak::NoComponent(ITEM, 0)],
        noticed: by_bus(&["item"]),
        attack: key_signed_otherwise,
    },
    SeededBug {
        name: "another x than the op set",
        rule: 18,
        weak: &[Weak::NoComponent(REKEY, 1)],
        noticed: by_bus(&["rekey"]),
        attack: || key_kept_otherwise(PublicKey { x: -new_key().x, ..new_key() }),
    },
    SeededBug {
        name: "another y than the op set",
        rule: 18,
        weak: &[Weak::NoComponent(REKEY, 2)],
        noticed: by_bus(&["rekey"]),
        attack: || key_kept_otherwise(PublicKey { y: -new_key().y, ..new_key() }),
    },
    SeededBug {
        name: "a new key off the curve",
        rule: 18,
        weak: &[Weak::Without(kinds::CHANGE_KEY, "CURVE-1")],
        noticed: by_checks(&["CURVE-1 of change key"]),
        attack: || key_signed(PublicKey { y: new_key().y + Fr::ONE, ..new_key() }),
    },
    SeededBug {
        name: "a new key of small order",
        rule: 18,
        weak: &[Weak::Without(kinds::CHANGE_KEY, "CURVE-2")],
        noticed: by_checks(&["CURVE-2 of change key"]),
        attack: || key_signed(PublicKey::IDENTITY),
    },
    SeededBug {
        name: "a new key in parts of the coordinate plus the modulus",
        rule: 23,
        weak: &[Weak::NoRange(kinds::CHANGE_KEY, "change_key.high")],
        noticed: by_bus(&["range"]),
        attack: key_in_other_parts,
    },
    SeededBug {
        name: "a new key that an idle row takes",
        rule: 19,
        weak: &[Weak::Without(kinds::CROSS_ACCOUNT, "ACC-11")],
        noticed: by_checks(&["ACC-11 of cross account"]),
        attack: key_taken_by_an_idle_row,
    },
    SeededBug {
        name: "a key changed without its bit",
        rule: 19,
        weak: &[Weak::Without(kinds::CROSS_ACCOUNT, "ACC-21")],
        noticed: by_checks(&["ACC-21 of cross account"]),
        attack: key_changed_without_its_bit,
    },
    SeededBug {
        name: "a deposit to an account that was given the key",
        rule: 12,
        weak: &[Weak::NoComponent(KEY, 3)],
        noticed: by_bus(&["key"]),
        attack: deposit_to_a_rekeyed_account,
    },
];

#[test]
fn every_bug_of_modes_and_keys_is_caught() {
    check(BUGS);
}

fn new_key() -> PublicKey {
    key(30).public_key()
}

fn act(executor: &mut Executor, account: AccountId, item: Item) {
    let op = signed(executor, 10, account, vec![item]);
    executor.apply(&op).unwrap();
}

/// Accounts 600 and 601 of one key in a state of two markets, of which the first becomes isolated and the second
/// has a row without slots. Both sign.
fn one_mode() -> Bench {
    let mut executor = begin(genesis(2), Capacities::UNLIMITED);
    for _ in 0..2 {
        deposit(&mut executor, 10, 1_000_000_000);
    }
    let grow = |c: &mut Capacities| (c["flat_accounts"], c["markets"]) = (1, 2);
    Bench::grown_after(grow, finish(executor).0, |executor| {
        act(executor, 600, Item::SetMode(TO_MARKET_1));
        place(executor, 10, 601, OrderItem { market: 2, ..order() });
    })
}

/// The account of another row takes the mode that 600's owner signed.
fn mode_of_another(signs: bool) -> Forgery {
    let bench = one_mode();
    let mut inputs = bench.inputs();
    let ModeChangeRecord { account: signer, new_mode } = inputs.mode_changes[0].record;
    let other = inputs.flat[0].record;
    if signs {
        inputs.modes[0].account = 601;
    }
    inputs.mode_changes[0].record = ModeChangeRecord { account: other, new_mode };
    inputs.flat[0] = Padded::enabled(signer);
    Forgery::coherent(bench, inputs, [])
}

/// Market 2 instead of 1: the op says so, or its account's row alone.
fn mode_in_market_2(op: bool) -> Forgery {
    let bench = one_mode();
    let mut inputs = bench.inputs();
    if op {
        inputs.modes[0].mode_market = 2;
    }
    inputs.mode_changes[0].new_mode = Mode::Isolated(2);
    Forgery::coherent(bench, inputs, [])
}

fn mode_without_a_market() -> Forgery {
    let bench = one_mode();
    let trace = with_item(&bench.trace, 0, Item::SetMode(Mode::Isolated(9)));
    let mut inputs = bench.inputs_of(&trace);
    (inputs.modes[0].mode_market, inputs.mode_changes[0].new_mode) = (9, Mode::Isolated(9));
    Forgery::coherent(bench, inputs, [])
}

/// Instead of its order, the account signs another mode before the one that counts.
fn mode_set_twice() -> Forgery {
    let mut executor = begin(genesis(2), Capacities::UNLIMITED);
    deposit(&mut executor, 10, 1_000_000_000);
    let grow = |c: &mut Capacities| (c["markets"], c["modes"]) = (2, 2);
    let bench = Bench::grown_after(grow, finish(executor).0, |executor| {
        place(executor, 10, 600, OrderItem { market: 2, ..order() });
        act(executor, 600, Item::SetMode(TO_MARKET_1));
    });
    let trace = with_item(&bench.trace, 0, Item::SetMode(Mode::Isolated(2)));
    let mut inputs = bench.inputs_of(&trace);
    inputs.places.clear();
    inputs.statement.places = 0;
    let twice = SetModeRecord { mode_market: 2, ..inputs.modes[0].record };
    inputs.modes.push(Padded::enabled(twice));
    Forgery::coherent(bench, inputs, [])
}

/// Where the pool of market 1 obeys a key, its owner signs that it becomes cross, as another account of the key did.
fn pool_that_becomes_cross() -> Forgery {
    let pool = pool_account(1);
    let (owner, mode) = (key(2).public_key(), TO_MARKET_1);
    let mut executor = begin(with_owner(genesis(1), pool, owner), Capacities::UNLIMITED);
    executor.apply(&Op::Deposit(Deposit { account: 0, owner, mode, amount: 1_000 })).unwrap();
    let bench = Bench::after(finish(executor).0, |executor| {
        let op = signed(executor, 2, 600, vec![Item::SetMode(Mode::Cross)]);
        executor.apply(&op).unwrap();
        place(executor, 2, pool, order());
    });
    let trace = with_item(&bench.trace, 0, Item::Order(order()));
    let mut inputs = bench.inputs_of(&with_item(&trace, 1, Item::SetMode(Mode::Cross)));
    (inputs.modes[0].account, inputs.places[0].order.account) = (pool, 600);
    let (of_pool, of_user) = (inputs.isolated[0].record, inputs.mode_changes[0].account);
    let slots = of_pool.slots;
    inputs.mode_changes[0].account = with_slots(&of_pool, []);
    inputs.isolated[0] = Padded::enabled(with_slots(&of_user, slots));
    Forgery::coherent(bench, inputs, [])
}

/// The state with another key of an account that has no batch yet.
fn with_owner(mut state: State, id: AccountId, owner: PublicKey) -> State {
    state.accounts.get_mut(&id).unwrap().owner = owner;
    let leaves = state.leaves();
    state.tree.update(&leaves);
    state
}

/// Accounts 600 and 601 of one key, of which the first changes its key after its first order.
fn one_key() -> Bench {
    Bench::after(two_accounts([10, 10]), |executor| {
        place(executor, 10, 600, order());
        act(executor, 600, Item::ChangeKey(new_key()));
        place(executor, 10, 601, order());
    })
}

fn key_that_no_op_set() -> Forgery {
    let bench = one_key();
    let mut inputs = bench.inputs();
    let [_, other] = accounts(&inputs);
    inputs.cross[other].rekeyed = Some(new_key());
    Forgery::coherent(bench, inputs, [])
}

/// Instead of its order, the account signs another key before the one that counts.
fn key_set_twice() -> Forgery {
    let grow = |c: &mut Capacities| c["rekeys"] = 2;
    let bench = Bench::grown_after(grow, two_accounts([10, 10]), |executor| {
        place(executor, 10, 600, order());
        act(executor, 600, Item::ChangeKey(new_key()));
    });
    let first = key(31).public_key();
    let mut inputs = bench.inputs_of(&with_item(&bench.trace, 0, Item::ChangeKey(first)));
    inputs.places.clear();
    inputs.statement.places = 0;
    let twice = ChangeKeyRecord { key: first, ..inputs.rekeys[0].record };
    inputs.rekeys.push(Padded::enabled(twice));
    Forgery::coherent(bench, inputs, [])
}

fn key_of_another(signs: bool) -> Forgery {
    let bench = one_key();
    let mut inputs = bench.inputs();
    let [signer, other] = accounts(&inputs);
    if signs {
        inputs.rekeys[0].account = 601;
    }
    (inputs.cross[signer].rekeyed, inputs.cross[other].rekeyed) = (None, Some(new_key()));
    Forgery::coherent(bench, inputs, [])
}

/// The row has another key, and the digest that was signed.
fn key_of_another_digest() -> Forgery {
    let digest = key_digest(&new_key()).to_field();
    let forged = [advice(kinds::CHANGE_KEY, 0, "change_key.digest", move |_| digest)];
    let (bench, inputs) = with_key(key(31).public_key());
    Forgery::coherent(bench, inputs, forged)
}

/// The row has another key and its digest.
fn key_signed_otherwise() -> Forgery {
    let (bench, inputs) = with_key(key(31).public_key());
    Forgery::coherent(bench, inputs, [])
}

/// The op's row and the account have this key instead of the one that was signed.
fn with_key(key: PublicKey) -> (Bench, Inputs) {
    let bench = one_key();
    let mut inputs = bench.inputs();
    let [signer, _] = accounts(&inputs);
    (inputs.rekeys[0].key, inputs.cross[signer].rekeyed) = (key, Some(key));
    (bench, inputs)
}

fn key_kept_otherwise(kept: PublicKey) -> Forgery {
    let bench = one_key();
    let mut inputs = bench.inputs();
    let [signer, _] = accounts(&inputs);
    inputs.cross[signer].rekeyed = Some(kept);
    Forgery::coherent(bench, inputs, [])
}

/// The inputs of a batch whose owner signs this key.
fn signed_key(key: PublicKey) -> (Bench, Inputs) {
    let bench = one_key();
    let mut inputs = bench.inputs_of(&with_item(&bench.trace, 1, Item::ChangeKey(key)));
    let [signer, _] = accounts(&inputs);
    (inputs.rekeys[0].key, inputs.cross[signer].rekeyed) = (key, Some(key));
    (bench, inputs)
}

fn key_signed(key: PublicKey) -> Forgery {
    let (bench, inputs) = signed_key(key);
    Forgery::coherent(bench, inputs, [])
}

/// `x + r` has 254 bits: bytes that say x, and are not x.
fn key_in_other_parts() -> Forgery {
    let key = key_of_x(5);
    let parts = |x: BigUint| {
        let low = (BigUint::from(1u8) << X_LOW_BITS) - 1u8;
        [Fr::from(&x >> X_LOW_BITS), Fr::from(x & low)]
    };
    let x: BigUint = key.x.into_bigint().into();
    let ([high, low], [other_high, other_low]) = (parts(x.clone()), parts(x + BigUint::from(Fr::MODULUS)));
    let choose = move |name: &'static str, _: usize, honest: Fr| match name {
        "change_key.high" if honest == high => other_high,
        "change_key.low" if honest == low => other_low,
        _ => honest,
    };
    let forged = [Advice { kind: kinds::CHANGE_KEY, row: 0, choose: Box::new(choose) }];
    let (bench, inputs) = signed_key(key);
    Forgery::coherent(bench, inputs, forged)
}

/// A row of padding takes what the owner's op sent: the account keeps the key that it had.
fn key_taken_by_an_idle_row() -> Forgery {
    let bench = one_key();
    let mut inputs = bench.inputs();
    let [signer, _] = accounts(&inputs);
    let mut idle = inputs.cross[signer];
    idle.enabled = false;
    inputs.cross[signer].rekeyed = None;
    inputs.cross.push(idle);
    Forgery::coherent(bench, inputs, [])
}

fn key_changed_without_its_bit() -> Forgery {
    let bench = one_key();
    let inputs = bench.inputs();
    let [_, other] = accounts(&inputs);
    let coordinate = |value: Fr| value + Fr::from(5u64);
    let forged = [advice(kinds::CROSS_ACCOUNT, other, "account.new_owner", coordinate)];
    Forgery::coherent(bench, inputs, forged)
}

/// The owner of account 601 gave it the key of account 600.
fn rekeyed() -> State {
    let mut executor = begin(two_accounts([10, 11]), Capacities::UNLIMITED);
    let op = signed(&executor, 11, 601, vec![Item::ChangeKey(key(10).public_key())]);
    executor.apply(&op).unwrap();
    finish(executor).0
}

/// The owner of account 600 deposits by key and mode. Another one filled account 601 with a debt, gave it that key,
/// and gets the money.
fn deposit_to_a_rekeyed_account() -> Forgery {
    let bench = Bench::after(rekeyed(), |executor| {
        let op = Deposit { account: 600, owner: key(10).public_key(), mode: Mode::Cross, amount: 5 };
        executor.apply(&Op::Deposit(op)).unwrap();
        place(executor, 10, 601, order());
    });
    let mut inputs = bench.inputs();
    let rows = accounts(&inputs);
    inputs.deposits[0].account = 601;
    let [old, new] = rows.map(|row| inputs.cross[row].close);
    // Both had the same collateral.
    inputs.cross[rows[0]].close.collateral = new.collateral;
    inputs.cross[rows[0]].close.header_touch = new.header_touch;
    inputs.cross[rows[1]].close.collateral = old.collateral;
    inputs.cross[rows[1]].close.header_touch = old.header_touch;
    Forgery::coherent(bench, inputs, [])
}

/// An account that is created in the batch may change its mode and its key in it.
#[test]
fn a_new_accounts_mode_and_key_are_provable() {
    let bench = Bench::tiny(|executor| {
        let account = deposit(executor, 10, 1_000);
        act(executor, account, Item::SetMode(TO_MARKET_1));
        act(executor, account, Item::ChangeKey(new_key()));
        act(executor, account, Item::SetLeverage(300_000));
    });
    let row = bench.inputs().mode_changes[0].record;
    assert!(row.account.fresh && row.account.rekeyed == Some(new_key()));
    assert!(bench.verdict(&bench.inputs(), &[]).accepted());
}
