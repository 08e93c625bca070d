//! Accounts and their positions: rules 12 to 15 of the review.

use ark_bn254::Fr;

use super::bench::{Bench, advice, chosen, close_as_sent_by, cohere, rich_and_poor};
use super::corpus::{Forgery, Noticed, SeededBug, by_bus, by_checks, check};
use super::weaken::Weak;
use crate::batch::shape::Shape;
use crate::executor::Executor;
use crate::executor::tests::{begin, deposit, genesis, item, key, place, signed};
use crate::gadgets::int::fr_from_i128;
use crate::kinds::Capacities;
use crate::ops::action::ActionRecord;
use crate::ops::{Deposit, Fill, Item, Liquidate, Op, Taker, Tick, TransferItem, WithdrawItem};
use crate::params::{SLOTS, U};
use crate::soundness::batches::{a_trade, finish};
use crate::soundness::kinds;
use crate::state::tags::{KEY, MARKET, POSITION, RISK, TIER};
use crate::state::{Market, Mode, Side, Slope, pool_account};

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "funding settles to one quantum more",
        rule: 7,
        weak: &[Weak::NoRange(kinds::CROSS_ACCOUNT, "account.settled")],
        noticed: by_bus(&["range"]),
        attack: quotient_off_by_one,
    },
    SeededBug {
        name: "a new account that is born with money",
        rule: 12,
        weak: &[Weak::Without(kinds::CROSS_ACCOUNT, "ACC-3")],
        noticed: by_checks(&["ACC-3 of cross account"]),
        attack: created_with_money,
    },
    SeededBug {
        name: "an isolated row of no market",
        rule: 12,
        weak: &[Weak::Without(kinds::ISOLATED_ACCOUNT, "ACC-2")],
        noticed: by_checks(&["ACC-2 of isolated account"]),
        attack: isolated_in_no_market,
    },
    SeededBug {
        name: "a deposit credited to an account of another key",
        rule: 12,
        weak: &[Weak::NoLookup(kinds::DEPOSIT, KEY)],
        noticed: by_bus(&["key"]),
        attack: deposit_to_another_key,
    },
    SeededBug {
        name: "a losing position hidden",
        rule: 13,
        weak: &[Weak::Without(kinds::CROSS_ACCOUNT, "SLOT-2"), Weak::Without(kinds::CROSS_ACCOUNT, "SLOT-4")],
        noticed: by_checks(&["SLOT-2 of cross account", "SLOT-4 of cross account"]),
        attack: losing_position_hidden,
    },
    SeededBug {
        name: "an isolated account trades another market",
        rule: 14,
        weak: &[
            Weak::Without(kinds::FILL, "CHECK-3"),
            Weak::NoComponent(POSITION, 0),
            Weak::NoLookup(kinds::ISOLATED_ACCOUNT, RISK),
            Weak::NoLookup(kinds::ISOLATED_ACCOUNT, TIER),
        ],
        noticed: Noticed { checks: &["CHECK-3 of fill"], bus: &["position", "risk", "tier"] },
        attack: isolated_in_another_market,
    },
    SeededBug {
        name: "empty slots that require less than nothing",
        rule: 14,
        weak: &[Weak::Without(kinds::CROSS_ACCOUNT, "SLOT-13")],
        noticed: by_checks(&["SLOT-13 of cross account"]),
        attack: empty_slots_that_require_less,
    },
    SeededBug {
        name: "a large position that requires what a lower tier asks for",
        rule: 14,
        weak: &[Weak::NoCheck(kinds::CROSS_ACCOUNT, "TIER-2")],
        noticed: by_bus(&["range"]),
        attack: a_lower_tier,
    },
    SeededBug {
        name: "a position that requires what no tier of its market asks for",
        rule: 15,
        weak: &[Weak::NoLookup(kinds::CROSS_ACCOUNT, TIER)],
        noticed: by_bus(&["tier"]),
        attack: a_tier_of_no_market,
    },
    SeededBug {
        name: "a trade that takes off more than its position required",
        rule: 15,
        weak: &[Weak::NoComponent(POSITION, 4)],
        noticed: by_bus(&["position"]),
        attack: takes_off_more,
    },
    SeededBug {
        name: "an account opened at another price",
        rule: 15,
        weak: &[Weak::NoLookup(kinds::CROSS_ACCOUNT, RISK)],
        noticed: by_bus(&["risk"]),
        attack: opened_at_another_price,
    },
    SeededBug {
        name: "a fill at the price before the tick",
        rule: 15,
        weak: &[Weak::NoLookup(kinds::FILL, MARKET)],
        noticed: by_bus(&["market"]),
        attack: filled_before_the_tick,
    },
    SeededBug {
        name: "a liquidation to an order of the account's own owner",
        rule: 14,
        weak: &[Weak::Without(kinds::LIQUIDATE, "CHECK-4")],
        noticed: by_checks(&["CHECK-4 of liquidate"]),
        attack: liquidated_to_its_own_owner,
    },
];

#[test]
fn every_bug_of_accounts_is_caught() {
    check(BUGS);
}

/// Account 600 is due at 92; then `run`.
fn due(run: impl FnOnce(&mut Executor)) -> Bench {
    let mut executor = begin(genesis(1), Capacities::UNLIMITED);
    deposit(&mut executor, 10, 12_000);
    deposit(&mut executor, 11, 1_000_000);
    let pool = Item::Transfer(TransferItem { to: pool_account(1), amount: 50_000, mode: Mode::Cross });
    let op = signed(&executor, 11, 601, vec![pool]);
    executor.apply(&op).unwrap();
    let taker = place(&mut executor, 10, 600, item(1, Side::Buy, 100, 1_000));
    let maker = place(&mut executor, 11, 601, item(1, Side::Sell, 100, 1_000));
    executor.apply(&Op::Fill(Fill { taker, maker, lots: 1_000 })).unwrap();
    Bench::after(finish(executor).0, |executor| {
        executor.apply(&Op::Tick(Tick { market: 1, price: 92 << 32, rate: 0 })).unwrap();
        run(executor);
    })
}

/// The new account whose order takes over has another owner; then everything says the liquidated account's.
fn liquidated_to_its_own_owner() -> Forgery {
    let bench = due(|executor| {
        let taker = deposit(executor, 12, 1_000_000);
        let order = place(executor, 12, taker, item(1, Side::Buy, 90, 500));
        let taker = Taker::Order(order);
        let op = Liquidate { account: 600, market: 1, lots: 100, quote: 9_000, taker };
        executor.apply(&Op::Liquidate(op)).unwrap();
    });
    let own = key(10);
    let mut trace = bench.trace.clone();
    let action = &mut trace.records.of_mut::<ActionRecord>()[0].record;
    (action.owner, action.signature) = (own.public_key(), own.sign(action.message.hash));
    let mut inputs = bench.inputs_of(&trace);
    let row = inputs.cross.iter().position(|account| account.fresh).unwrap();
    inputs.cross[row].owner = own.public_key();
    inputs.deposits[0].owner = own.public_key();
    inputs.liquidations[0].cells.taker.owner = own.public_key();
    Forgery::coherent(bench, inputs, [])
}

/// Account 600 is long 20,000 lots in a market with tiers, worth 2,000,000 and so in the third, and withdraws a little.
pub fn large_position() -> (Bench, Market) {
    let mut executor = begin(genesis(2), Capacities::UNLIMITED);
    deposit(&mut executor, 10, 1_000_000);
    deposit(&mut executor, 11, 1_000_000);
    let taker = place(&mut executor, 10, 600, item(2, Side::Buy, 100, 20_000));
    let maker = place(&mut executor, 11, 601, item(2, Side::Sell, 100, 20_000));
    executor.apply(&Op::Fill(Fill { taker, maker, lots: 20_000 })).unwrap();
    let state = finish(executor).0;
    let market = *state.market(2).unwrap();
    let bench = Bench::after(state, |executor| {
        let withdrawal = Item::Withdraw(WithdrawItem { amount: 17, recipient: [3; 20] });
        let op = signed(executor, 10, 600, vec![withdrawal]);
        executor.apply(&op).unwrap();
    });
    (bench, market)
}

/// The large position names `tier` instead of its own, and requires what that says.
fn named(tier: impl FnOnce(&Market) -> Slope) -> Forgery {
    let (bench, market) = large_position();
    let mut inputs = bench.inputs();
    let row = inputs.cross.iter().position(|account| account.id == 600).unwrap();
    let value = inputs.cross[row].slots[0].new_size as u128 * u128::from(market.price);
    let (own, other) = (market.slope(value), tier(&market));
    let less = [own.initial(value) - other.initial(value), own.maintenance(value) - other.maintenance(value)];
    for header in [&mut inputs.withdrawals[0].header, &mut inputs.cross[row].opened] {
        (header.initial, header.maintenance) = (header.initial - less[0], header.maintenance - less[1]);
    }
    let account = &mut inputs.cross[row];
    (account.close.initial, account.close.maintenance) =
        (account.close.initial - less[0], account.close.maintenance - less[1]);
    let required = &mut account.slots[0].new_required;
    *required = [required[0] - less[0], required[1] - less[1]];
    // An unused slot names a tier of zeros.
    let forged = [chosen(kinds::CROSS_ACCOUNT, row, move |name, honest| match name {
        _ if honest == Fr::from(0u64) => honest,
        "tier.low" => Fr::from(other.low),
        "tier.high" => Fr::from(other.high),
        "tier.initial_fraction" => Fr::from(other.initial_fraction),
        "tier.maintenance_fraction" => Fr::from(other.maintenance_fraction),
        "tier.initial_offset" => Fr::from(other.initial_offset),
        "tier.maintenance_offset" => Fr::from(other.maintenance_offset),
        _ => honest,
    })];
    Forgery::coherent(bench, inputs, forged)
}

/// A position in the third tier that requires what the second one asks for.
fn a_lower_tier() -> Forgery {
    named(|market| market.slopes().nth(1).expect("a second tier"))
}

/// A position by a tier of its own.
fn a_tier_of_no_market() -> Forgery {
    named(|market| {
        let own = market.slopes().nth(2).expect("a third tier");
        Slope {
            initial_fraction: own.initial_fraction - 1,
            maintenance_fraction: own.maintenance_fraction - 1,
            ..own
        }
    })
}

/// A trade takes off more than its position required.
fn takes_off_more() -> Forgery {
    let bench = Bench::after(a_trade(Shape::named("tiny").unwrap().capacities).0, |executor| {
        let taker = place(executor, 11, 601, item(1, Side::Sell, 99, 10));
        executor.apply(&Op::Fill(Fill { taker, maker: 1, lots: 10 })).unwrap();
    });
    let mut inputs = bench.inputs();
    let more = Fr::from(1u64);
    let forged = [chosen(kinds::FILL, 0, move |name, honest| match name {
        "position.maintenance" => honest + more,
        _ => honest,
    })];
    close_as_sent_by(&bench.circuit, &mut inputs, &forged);
    Forgery::coherent(bench, inputs, forged)
}

/// Slots that look no market up name a tier of their own: a new account's maintenance requirement is negative.
fn empty_slots_that_require_less() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    let less = SLOTS as i128 * U;
    inputs.cross[1].opened.maintenance -= less;
    inputs.cross[1].close.maintenance -= less;
    inputs.deposits[1].header.maintenance -= less;
    let forged = [advice(kinds::CROSS_ACCOUNT, 1, "tier.maintenance_offset", |_| Fr::from(1u64))];
    Forgery::coherent(bench, inputs, forged)
}

/// A new account that is created with money. Without ACC-3 it keeps it.
fn created_with_money() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    let gift = 1_000_000_000_000;
    inputs.cross[1].collateral += gift;
    inputs.cross[1].close.collateral += gift;
    inputs.deposits[1].header.collateral += gift;
    Forgery::coherent(bench, inputs, [])
}

/// An existing account is passed off as new, so that its leaf starts from EMPTY.
#[test]
pub fn an_old_account_opened_as_new() {
    let bench = Bench::withdrawal();
    let mut inputs = bench.inputs();
    let account = inputs.cross.iter().position(|a| a.id == 600).unwrap();
    inputs.cross[account].fresh = true;
    cohere(&bench.circuit, &mut inputs, &[]);
    let verdict = bench.verdict(&inputs, &[]);
    verdict.violates(&format!("ACC-3 of cross account row {account}"));
    verdict.unbalances("node");
}

/// An isolated row of mode 0, which is a cross account with one slot. Without ACC-2 it holds.
fn isolated_in_no_market() -> Forgery {
    let bench = rich_and_poor();
    let inputs = bench.inputs();
    let forged = [advice(kinds::ISOLATED_ACCOUNT, 0, "account.mode", |_| Fr::from(0u64))];
    Forgery::new(bench, inputs, forged)
}

/// A deposit to an account of another key.
fn deposit_to_another_key() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    inputs.deposits[0].owner = key(99).public_key();
    Forgery::new(bench, inputs, [])
}

/// A position that is in the leaf but opens no cell and counts for nothing. Without SLOT-2
/// and SLOT-4 an account can leave a losing position out of its margin.
fn losing_position_hidden() -> Forgery {
    let bench = Bench::withdrawal();
    let mut inputs = bench.inputs();
    let row = inputs.cross.iter().position(|a| a.id == 600).unwrap();
    assert_ne!(inputs.cross[row].slots[0].new_size, 0);
    // An unused slot looks no market up: the price is the prover's, here nothing.
    inputs.cross[row].slots[0].listed.price = 0;
    let withdrawal = &mut inputs.withdrawals[0].header;
    (withdrawal.value, withdrawal.initial, withdrawal.maintenance) = (0, 0, 0);
    let header = &mut inputs.cross[row].close;
    (header.value, header.initial, header.maintenance) = (0, 0, 0);
    let forged = [advice(kinds::CROSS_ACCOUNT, row, "slot.used", |_| Fr::from(0u64))];
    Forgery::coherent(bench, inputs, forged)
}

/// An account that is isolated in market 2 trades market 1.
fn isolated_in_another_market() -> Forgery {
    let bench = Bench::grown(
        |c| c["isolated_accounts"] += 1,
        1,
        |executor| {
            let buyer = deposit(executor, 10, 1_000_000_000);
            let (owner, mode) = (key(11).public_key(), Mode::Isolated(1));
            let op = Op::Deposit(Deposit { account: 0, owner, mode, amount: 1_000_000_000 });
            executor.apply(&op).unwrap();
            let maker = place(executor, 10, buyer, item(1, Side::Buy, 100, 50));
            let taker = place(executor, 11, 601, item(1, Side::Sell, 99, 30));
            executor.apply(&Op::Fill(Fill { taker, maker, lots: 30 })).unwrap();
        },
    );
    let mut inputs = bench.inputs();
    let mode = Mode::Isolated(2);
    inputs.isolated[0].mode_market = 2;
    inputs.deposits[1].header.mode = mode;
    inputs.fills[0].cells.taker.leg.header.mode = mode;
    Forgery::coherent(bench, inputs, [])
}

/// An account opens at a price that the market does not have.
fn opened_at_another_price() -> Forgery {
    let bench = Bench::trade();
    let inputs = bench.inputs();
    // No size yet, so nothing else depends on it.
    let row = inputs.cross.iter().position(|a| a.id == 600).unwrap();
    let forged = [advice(kinds::CROSS_ACCOUNT, row, "slot.price", |price| price + price)];
    Forgery::new(bench, inputs, forged)
}

/// The market's tuple as it was before the batch's tick.
fn filled_before_the_tick() -> Forgery {
    let shape = Shape::named("tiny").unwrap();
    let bench = Bench::after(a_trade(shape.capacities).0, |executor| {
        executor.apply(&Op::Tick(Tick { market: 1, price: 101 << 32, rate: 40 })).unwrap();
        let taker = place(executor, 11, 601, item(1, Side::Sell, 99, 10));
        executor.apply(&Op::Fill(Fill { taker, maker: 1, lots: 10 })).unwrap();
    });
    let mut inputs = bench.inputs();
    inputs.fills[0].cells.entry.market.price = inputs.markets[0].old.price;
    assert_ne!(inputs.markets[0].old.price, inputs.markets[0].new.price);
    // Both hold as much, at the price after the tick.
    let [taker, maker] = [inputs.fills[0].cells.taker.leg, inputs.fills[0].cells.maker.leg];
    assert_eq!(taker.position.size, -maker.position.size);
    let held = taker.required(&inputs.markets[0].new);
    let forged = [chosen(kinds::FILL, 0, move |name, honest| match name {
        "position.initial" => fr_from_i128(held.initial),
        "position.maintenance" => fr_from_i128(held.maintenance),
        _ => honest,
    })];
    close_as_sent_by(&bench.circuit, &mut inputs, &forged);
    Forgery::coherent(bench, inputs, forged)
}

/// The one floor of an opening, off by one: Penumbra's quotient whose remainder is not below the divisor.
fn quotient_off_by_one() -> Forgery {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    inputs.deposits[1].header.collateral += 1;
    inputs.cross[1].close.collateral += 1;
    let forged = [advice(kinds::CROSS_ACCOUNT, 1, "account.settled", |c| c + Fr::from(1u64))];
    Forgery::coherent(bench, inputs, forged)
}
