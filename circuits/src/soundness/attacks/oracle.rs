//! Signed prices: whose signature it is, and which price a market takes.

use ark_bn254::Fr;

use super::bench::{Advice, Bench};
use super::corpus::{Forgery, Noticed, SeededBug, by_bus, by_checks, check};
use super::weaken::Weak;
use crate::executor::tests::prices::{earlier_word, signed_batch, two_lists};
use crate::executor::tests::{deposit, item, place};
use crate::gadgets::row::Padded;
use crate::gadgets::signature::transcript::{GROUP, transcript};
use crate::gadgets::var::power_of_two;
use crate::ops::{Context, Item, Tick, tick};
use crate::soundness::batches::circuit_of;
use crate::soundness::fixture::context;
use crate::soundness::kinds;
use crate::state::tags::MEDIAN;
use crate::state::{Market, Side};

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "a signature that counts for a later nonce, by the mark of price signers",
        rule: 19,
        weak: &[Weak::NoRange(kinds::SIGNATURE, "action.account"), Weak::Without(kinds::SIGNATURE, "ACT-12")],
        noticed: Noticed { checks: &["ACT-12 of signature"], bus: &["range"] },
        attack: signature_for_a_later_nonce,
    },
    SeededBug {
        name: "two lists of a signer in one batch, of two epochs",
        rule: 19,
        weak: &[Weak::Without(kinds::SIGNATURE, "ACT-12")],
        noticed: by_checks(&["ACT-12 of signature"]),
        attack: lists_of_two_epochs,
    },
    SeededBug {
        name: "a market that keeps its price although a quorum has signed another",
        rule: 15,
        weak: &[Weak::Without(kinds::MARKET, "MKT-24")],
        noticed: by_checks(&["MKT-24 of market leaf"]),
        attack: price_kept,
    },
    SeededBug {
        name: "a market that takes another price than the median",
        rule: 15,
        weak: &[Weak::Without(kinds::MARKET, "MKT-24")],
        noticed: by_checks(&["MKT-24 of market leaf"]),
        attack: || price_instead(102, false),
    },
    SeededBug {
        name: "a market that takes a median of its own",
        rule: 15,
        weak: &[Weak::NoComponent(MEDIAN, 2)],
        noticed: by_bus(&["median"]),
        attack: || price_instead(102, true),
    },
];

#[test]
fn every_bug_of_prices_is_caught() {
    check(BUGS);
}

/// An order is signed with nonce 1. Its account is said to be `2^45` less, with the mark of a price signer, which makes
/// up for it in all that names the account; in the message it is made up for by a nonce 512 higher.
fn signature_for_a_later_nonce() -> Forgery {
    let bench = Bench::tiny(|executor| {
        deposit(executor, 10, 1_000_000_000);
        place(executor, 10, 600, item(1, Side::Buy, 100, 50));
    });
    let mut inputs = bench.inputs();
    inputs.cross[0].close.order_nonce += 512;
    let choose = |name: &'static str, _: usize, value: Fr| match name {
        "action.account" => value - power_of_two(45),
        "action.oracle" => Fr::from(1u64),
        "action.nonce" => value + Fr::from(512u64),
        _ => value,
    };
    let forged = [Advice { kind: kinds::SIGNATURE, row: 0, choose: Box::new(choose) }];
    Forgery::coherent(bench, inputs, forged)
}

/// A signer gave prices of the markets 1 to 3 for epoch 105, and of 4 and 5 for epoch 110. The batch has both: its
/// nonces go from 100 to 105 and on to 110, which is where they end.
fn lists_of_two_epochs() -> Forgery {
    let (shape, trace, earlier) = two_lists();
    let bench = Bench { circuit: circuit_of(&shape), shape, trace };
    let mut inputs = bench.inputs();
    let [first, second, ..] = &mut inputs.signatures[0].record;
    *second = first.clone();
    (second.sequence, second.nonces.order, second.nonces_at) = (2, earlier.nonce, 16);
    *first = Padded::enabled(earlier);
    inputs.signers[0].at = 32;
    let Item::Prices(word) = earlier_word() else { unreachable!("a word of prices") };
    inputs.quotes[0].signed[0] = Some(word.prices);
    let groups: Vec<_> =
        inputs.signatures.iter().map(|row| row.each_ref().map(|action| action.signed())).collect();
    inputs.transcript = transcript(&groups, bench.shape.capacities["actions"].div_ceil(GROUP));
    Forgery::coherent(bench, inputs, [])
}

/// Three signers' lists, of which market 1 takes the median 101.
fn bench() -> Bench {
    let (shape, trace) = signed_batch();
    Bench { circuit: circuit_of(&shape), shape, trace }
}

fn observed(time: u64) -> Context {
    Context { time, observed: time, ..context() }
}

/// The market opens as if it had no tick.
fn price_kept() -> Forgery {
    let bench = bench();
    let mut inputs = bench.inputs();
    let market = &mut inputs.markets[0].record;
    let opened = tick::open(&observed(inputs.statement.time), &market.old).expect("a legal opening");
    (market.tick, market.new) = (None, Market { open_interest: market.new.open_interest, ..opened });
    inputs.ticks.clear();
    Forgery::coherent(bench, inputs, [])
}

/// Row of the tick and market agree on another price; or on a median, too.
fn price_instead(units: u64, as_median: bool) -> Forgery {
    let bench = bench();
    let mut inputs = bench.inputs();
    let market = &mut inputs.markets[0].record;
    let tick = Tick { price: units << 32, ..market.tick.expect("a tick") };
    let epoch = Context { observed: 10 * inputs.statement.epoch, ..observed(inputs.statement.time) };
    let after = tick::apply(&epoch, &tick, &market.old).expect("a legal tick");
    (market.tick, market.new) = (Some(tick), Market { open_interest: market.new.open_interest, ..after });
    if as_median {
        market.median = Some(tick.price);
    }
    inputs.ticks[0].record = tick;
    Forgery::coherent(bench, inputs, [])
}
