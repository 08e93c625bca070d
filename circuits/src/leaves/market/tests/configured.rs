//! The row of a market that the batch configures.

use super::super::Configured;
use super::*;
use crate::ops::configure::{Configure, apply};
use crate::soundness::forge::{Verdict, judge};
use crate::state::tags::CONFIGURE;
use crate::state::{Beyond, Parameters};

pub const LATER: u64 = 90_000;

fn at_later() -> Context {
    Context { time: LATER, observed: LATER, ..context() }
}

fn run_later(input: &(impl Clone + Into<Padded<MarketRecord>>)) -> RowWitness {
    run_at(LATER, input)
}

/// A market that ticks and closes with other parameters.
pub fn changed() -> MarketRecord {
    let old = Market { open_interest: 5_000, configured_at: 7, ..market() };
    let ticked = ticked(LATER, old, op(101 << 32, -777)).expect("a legal tick");
    let parameters = Parameters { min_lots: 3, status: 3, open_growth: 9, ..old.parameters() };
    let op = Configure { market: ID, first_price: None, parameters };
    let new = apply(&at_later(), &op, Some(&ticked.new)).expect("a legal configuration").after;
    MarketRecord { new, configured: Some(Configured::Changed), ..ticked }
}

/// A market that the batch lists, and that trades and ticks at once.
pub fn listed() -> MarketRecord {
    let parameters = market().parameters();
    let listing = Configure { market: ID, first_price: Some(100 << 32), parameters };
    let old = apply(&at_later(), &listing, None).expect("a legal listing").within;
    let ticked = ticked(LATER, old, op(101 << 32, 5)).expect("a legal tick");
    let new = Market { configured_at: LATER, ..ticked.new };
    MarketRecord { new, configured: Some(Configured::Listed), ..ticked }
}

/// The tuple that the configuration takes.
fn handed_over(record: &MarketRecord, price: u64) -> Vec<Fr> {
    let lists = record.configured == Some(Configured::Listed);
    let word = Fr::from(ID)
        + Fr::from(lists) * power_of_two(9)
        + Fr::from(price) * power_of_two(10)
        + (fr_from_i128(record.new.rate.into()) + power_of_two(30)) * power_of_two(64)
        + Fr::from(record.new.open_interest) * power_of_two(95);
    let [_, _, before @ ..] = record.old.words();
    let [_, _, after @ ..] = record.new.words();
    [word].into_iter().chain(before).chain(after).collect()
}

#[test]
fn closes_with_the_new_words_and_provides_the_old_ones() {
    let record = changed();
    let row = run_later(&record);
    assert_eq!((row.violations.clone(), refusal(&row, 13)), (vec![], None));
    assert_eq!(leaf_tuple(&row)[1..], [record.old.leaf(), record.new.leaf()]);
    assert_eq!(sent(&row, CONFIGURE), [handed_over(&record, 101 << 32)]);
    assert_eq!(sent(&row, LISTED), [[Fr::from(ID), Fr::from(10u64)]]);
    assert_eq!(sent(&row, MARKET)[0][0], Fr::from(ID), "open until the batch ends");
}

#[test]
fn a_listed_market_comes_from_an_empty_leaf() {
    let record = listed();
    let row = run_later(&record);
    assert_eq!((row.violations.clone(), refusal(&row, 13)), (vec![], None));
    assert_eq!(leaf_tuple(&row)[1..], [Fr::ZERO, record.new.leaf()]);
    // The first price, although it ticked.
    assert_eq!(sent(&row, CONFIGURE), [handed_over(&record, 100 << 32)]);
    assert_eq!(sent(&row, MARKET)[0][0], Fr::from(ID));
}

/// Listed markets that begin with something else than a price, one part each.
pub fn not_begun() -> impl Iterator<Item = MarketRecord> {
    let spoils: [fn(&mut Market); 11] = [
        |old| old.funding_index = 1,
        |old| old.funding_index = -1,
        |old| old.open_interest = 2,
        |old| old.rate = 1,
        |old| old.in_arrears = true,
        |old| old.last_tick = 1,
        |old| old.paid_until -= 1,
        |old| old.funding_remainder = 1,
        |old| old.cut_at = 1,
        |old| old.beyond = Beyond::Above,
        |old| old.still = true,
    ];
    spoils.into_iter().map(|spoil| {
        let mut old = listed().old;
        spoil(&mut old);
        let record = ticked(LATER, old, op(101 << 32, 5)).expect("a legal tick");
        let new = Market { configured_at: LATER, ..record.new };
        MarketRecord { new, configured: Some(Configured::Listed), ..record }
    })
}

#[test]
fn a_listed_market_begins_with_nothing_but_a_price() {
    for (number, record) in not_begun().enumerate() {
        let row = run_later(&record);
        assert!(row.violations.iter().all(|id| *id == "MKT-29"), "{number}: {:?}", row.violations);
        assert!(!row.violations.is_empty(), "{number}");
    }
}

#[test]
fn without_a_configuration_the_parameters_stay() {
    let record = MarketRecord { configured: None, ..changed() };
    assert_eq!(run_later(&record).violations, ["MKT-27"; 3]);
    let new = record.new.with_parameters(&record.old.parameters());
    let stays = MarketRecord { new: Market { configured_at: 7, ..new }, ..record };
    assert_eq!(refusal(&run_later(&stays), 13), None);
}

#[test]
fn padding_is_not_configured() {
    for record in [changed(), listed()] {
        let row = run_later(&Padded::disabled(record));
        assert!(row.violations.contains(&"MKT-31"), "{:?}", row.violations);
    }
    // A listing is a configuration.
    let row = with_time(LATER, |shared| {
        let forger = Forger::<MarketLeaf>::new(&listed()).in_block(shared, 6, &[]);
        forger.run(&|name, _, value| if name == "market.configured" { Fr::ZERO } else { value })
    });
    assert!(row.violations.contains(&"MKT-31"), "{:?}", row.violations);
}

/// Other advice is noticed by the row, or the configuration is handed another market.
#[test]
fn every_hint_of_a_configured_row_is_pinned() {
    for record in [changed(), listed()] {
        with_time(LATER, |shared| {
            let forger = Forger::<MarketLeaf>::new(&record).in_block(shared, 6, &[]);
            let honest = forger.honest();
            for (number, (name, value)) in forger.hints().into_iter().enumerate() {
                for other in
                    [value + Fr::from(1u64), value - Fr::from(1u64), Fr::ZERO, value + power_of_two(13)]
                {
                    let row = forger.run(&|_, n, v| if n == number { other } else { v });
                    let seen = sent(&row, CONFIGURE) != sent(&honest, CONFIGURE)
                        || leaf_tuple(&row)[1] != leaf_tuple(&honest)[1];
                    let forged = judge(&honest, &row, 13) == Verdict::Forged;
                    assert!(other == value || seen || !forged, "{name} := {other}");
                }
            }
        });
    }
}
