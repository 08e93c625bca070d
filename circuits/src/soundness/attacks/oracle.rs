//! Signed prices: whose signature it is, and which price a market takes.

use ark_bn254::Fr;

use super::bench::{Advice, Bench};
use super::corpus::{Forgery, Noticed, SeededBug, by_bus, by_checks, check};
use super::weaken::Weak;
use crate::executor::tests::prices::{earlier_word, hours_batch, signed_batch, two_lists};
use crate::executor::tests::{deposit, item, place};
use crate::gadgets::row::Padded;
use crate::gadgets::signature::transcript::{GROUP, transcript};
use crate::gadgets::var::power_of_two;
use crate::ops::action::ActionRecord;
use crate::ops::prices::signer_of;
use crate::ops::{Context, Item, Lane, Tick, tick};
use crate::soundness::attacks::inputs::Inputs;
use crate::soundness::batches::circuit_of;
use crate::soundness::fixture::context;
use crate::soundness::kinds;
use crate::state::tags::{MEDIAN, NONCE};
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
    SeededBug {
        name: "a rate within its hour that is not the one in force",
        rule: 15,
        weak: &[Weak::Without(kinds::MARKET, "MKT-36")],
        noticed: by_checks(&["MKT-36 of market leaf"]),
        attack: || rate_instead(bench(), 7, false),
    },
    SeededBug {
        name: "the hour's rate is another than the signed premium",
        rule: 15,
        weak: &[Weak::Without(kinds::MARKET, "MKT-36")],
        noticed: by_checks(&["MKT-36 of market leaf"]),
        attack: || rate_instead(hours_bench(), 41, false),
    },
    SeededBug {
        name: "a market that takes a premium of its own",
        rule: 15,
        weak: &[Weak::NoComponent(MEDIAN, 4)],
        noticed: by_bus(&["median"]),
        attack: || rate_instead(hours_bench(), 41, true),
    },
    SeededBug {
        name: "a market without the premium that a quorum has signed",
        rule: 15,
        weak: &[Weak::NoComponent(MEDIAN, 3), Weak::NoComponent(MEDIAN, 4)],
        noticed: by_bus(&["median"]),
        attack: premium_left_out,
    },
    SeededBug {
        name: "an hour's first tick without lists of premiums",
        rule: 15,
        weak: &[Weak::Without(kinds::MARKET, "MKT-35")],
        noticed: by_checks(&["MKT-35 of market leaf"]),
        attack: hour_without_premiums,
    },
    SeededBug {
        name: "premiums of the signers that the operator likes",
        rule: 19,
        weak: &[Weak::NoComponent(NONCE, 2)],
        noticed: by_bus(&["nonce"]),
        attack: premiums_of_some,
    },
    SeededBug {
        name: "an hour that is over, so that no premium is due",
        rule: 23,
        weak: &[Weak::NoCheck(kinds::STATEMENT, "STM-15")],
        noticed: by_bus(&["range"]),
        attack: hour_before,
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

/// The first batch of an hour, in which market 2 takes the premium 40 of three signers.
fn hours_bench() -> Bench {
    let (shape, trace) = hours_batch();
    Bench { circuit: circuit_of(&shape), shape, trace }
}

/// The tick's market takes this rate, and its row says so; `is_signed`: as a rate of the hour.
fn take_rate(inputs: &mut Inputs, rate: i32, is_signed: bool) {
    let statement = inputs.statement;
    let context = Context { observed: 10 * statement.epoch, is_signed, ..observed(statement.time) };
    let market = &mut inputs.markets[0].record;
    let tick = Tick { rate, ..market.tick.expect("a tick") };
    let after = tick::apply(&context, &tick, &market.old).expect("a legal tick");
    (market.tick, market.new) = (Some(tick), Market { open_interest: market.new.open_interest, ..after });
    inputs.ticks[0].record = tick;
}

/// Row of the tick and market agree on another rate; or on a premium, too.
fn rate_instead(bench: Bench, rate: i32, as_premium: bool) -> Forgery {
    let mut inputs = bench.inputs();
    take_rate(&mut inputs, rate, true);
    if as_premium {
        inputs.markets[0].record.premium = Some(rate);
    }
    Forgery::coherent(bench, inputs, [])
}

/// The market looks up as if no quorum had signed a premium, and takes 0.
fn premium_left_out() -> Forgery {
    let bench = hours_bench();
    let mut inputs = bench.inputs();
    take_rate(&mut inputs, 0, true);
    inputs.markets[0].record.premium = None;
    Forgery::coherent(bench, inputs, [])
}

/// Leaves out the lists of premiums of these signers.
fn leave_out(bench: &Bench, inputs: &mut Inputs, signers: &[usize]) {
    let mut actions = inputs.signatures.iter_mut().flat_map(|row| row.record.iter_mut()).zip(0u64..);
    for signer in signers {
        let is_it = |action: &ActionRecord| {
            action.lane == Lane::Cancels && signer_of(action.account) == Some(*signer)
        };
        let (action, number) = actions.find(|(action, _)| is_it(&action.record)).expect("a list");
        inputs.signers[*signer].record.at = action.record.nonces_at;
        *action = Padded::disabled(ActionRecord::idle());
        let links = inputs.chunks.iter_mut().filter(|chunk| chunk.record.action == number);
        links.for_each(|chunk| chunk.enabled = false);
        inputs.quotes.iter_mut().for_each(|words| words.record.premiums[*signer] = None);
    }
    let groups: Vec<_> =
        inputs.signatures.iter().map(|row| row.each_ref().map(|action| action.signed())).collect();
    inputs.transcript = transcript(&groups, bench.shape.capacities["actions"].div_ceil(GROUP));
}

/// The batch has the prices of three signers and no premium: the rate becomes 0 without a quorum.
fn hour_without_premiums() -> Forgery {
    let bench = hours_bench();
    let mut inputs = bench.inputs();
    leave_out(&bench, &mut inputs, &[0, 1, 2]);
    take_rate(&mut inputs, 0, true);
    inputs.markets[0].record.premium = None;
    inputs.statement.premiums = false;
    Forgery::coherent(bench, inputs, [])
}

/// The batch has the prices of three signers and the premiums of two, who are no quorum.
fn premiums_of_some() -> Forgery {
    let bench = hours_bench();
    let mut inputs = bench.inputs();
    leave_out(&bench, &mut inputs, &[2]);
    take_rate(&mut inputs, 0, true);
    inputs.markets[0].record.premium = None;
    Forgery::coherent(bench, inputs, [])
}

/// The statement says that the prices were observed in the hour before: the rate in force stays.
fn hour_before() -> Forgery {
    let bench = hours_bench();
    let mut inputs = bench.inputs();
    inputs.statement.hour -= 1;
    take_rate(&mut inputs, 0, false);
    Forgery::coherent(bench, inputs, [])
}
