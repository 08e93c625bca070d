use super::*;
use crate::ops::Context;
use crate::reject::{Refusal, Reject};
use crate::soundness::agree::a_day_later;
use crate::soundness::fixture::{market, one_tier};
use crate::state::{Market, Tier, higher_tiers};

fn op(change: impl FnOnce(&mut Parameters)) -> Configure {
    let mut parameters = market().parameters();
    change(&mut parameters);
    Configure { market: 7, first_price: None, parameters }
}

fn run(change: impl FnOnce(&mut Parameters)) -> Result<ConfiguredMarket, Refusal> {
    apply(&a_day_later(), &op(change), Some(&Market { configured_at: 1_000, ..market() }))
}

fn said(change: impl FnOnce(&mut Parameters)) -> Reject {
    run(change).unwrap_err().reason
}

#[test]
fn all_parameters_are_the_new_ones_and_the_rest_is_kept() {
    let parameters = Parameters {
        max_price: 1 << 46,
        max_size: 1 << 41,
        open_notional_low: 5,
        open_notional_high: 6,
        open_growth: 7,
        interest: -12,
        premium_clamp: 13,
        funding_cap: 1_000_001,
        funding_interval: 3_601,
        still_age: 61,
        halt_age: 62,
        initial_fraction: 100_001,
        maintenance_fraction: 50_001,
        tiers: higher_tiers(
            &[Tier { from: 9, initial_fraction: 100_002, maintenance_fraction: 50_002 }],
            [0; 2],
        )
        .unwrap(),
        taker_fee: 501,
        maker_fee: 201,
        liquidation_fee: 5_001,
        band: 200_001,
        collar: 1,
        lot: 1,
        tick_quote: 1,
        min_lots: 11,
        status: 2,
    };
    let before = Market { open_interest: 9, rate: -3, configured_at: 77, ..market() };
    let configured = apply(&a_day_later(), &op(|p| *p = parameters), Some(&before)).unwrap();
    assert_eq!(configured.within, before);
    let after = configured.after;
    assert_eq!((after.parameters(), after.configured_at), (parameters, 87_400));
    assert_eq!(after.with_parameters(&before.parameters()), Market { configured_at: 87_400, ..before });
}

#[test]
fn a_listed_market_begins_with_a_price_and_nothing_else() {
    let listing = Configure { first_price: Some(5 << 32), ..op(|_| ()) };
    let context = a_day_later();
    let ConfiguredMarket { within, after } = apply(&context, &listing, None).unwrap();
    let begun = Market { price: 5 << 32, asked: 5 << 32, paid_until: 87_400, ..Market::BLANK };
    assert_eq!(within, begun.with_parameters(&listing.parameters));
    assert_eq!(after, Market { configured_at: 87_400, ..within });
    assert_eq!(within.validate(), Ok(()));
    let exists = apply(&context, &listing, Some(&market())).unwrap_err();
    assert_eq!((exists.reason, exists.id), (Reject::MarketExists, "MKT-26"));
    assert_eq!(apply(&context, &op(|_| ()), None).unwrap_err().reason, Reject::UnknownMarket);
    for (price, reject) in [(0, Reject::PriceRange), ((1 << 45) + 1, Reject::PriceRange)] {
        let listing = Configure { first_price: Some(price), ..listing };
        assert_eq!(apply(&context, &listing, None).unwrap_err().reason, reject);
    }
    // It is not listed closed.
    let closed = Configure { parameters: Parameters { status: 0, ..listing.parameters }, ..listing };
    assert_eq!(apply(&context, &closed, None).unwrap_err().reason, Reject::MarketClosed);
}

/// A field that does not fit its place in an element, whatever the rules say of it.
#[test]
fn fields_beyond_their_widths_are_refused() {
    let wide: [fn(&mut Parameters); 24] = [
        |p| p.tiers[7].from = 1 << 63,
        |p| p.tiers[0].initial_fraction = 1 << 20,
        |p| p.tiers[7].maintenance_fraction = 1 << 20,
        |p| p.still_age = 1 << 20,
        |p| p.halt_age = 1 << 20,
        |p| p.max_price = 1 << 54,
        |p| p.max_size = 1 << 56,
        |p| p.open_notional_low = 1 << 63,
        |p| p.open_notional_high = 1 << 63,
        |p| p.open_growth = 1 << 56,
        |p| p.interest = 1 << 30,
        |p| p.interest = (-1 << 30) - 1,
        |p| p.premium_clamp = 1 << 25,
        |p| p.funding_cap = 1 << 30,
        |p| p.initial_fraction = 1 << 20,
        |p| p.maintenance_fraction = u32::MAX,
        |p| p.taker_fee = u32::MAX,
        |p| p.maker_fee = 1 << 20,
        |p| p.liquidation_fee = u32::MAX,
        |p| p.band = 1 << 20,
        |p| p.collar = 1 << 10,
        |p| p.lot = 1 << 40,
        |p| p.tick_quote = 1 << 40,
        |p| p.status = 4,
    ];
    for (number, change) in wide.into_iter().enumerate() {
        assert_eq!(said(change), Reject::FieldRange, "{number}");
    }
    let context = Context { time: 5, ..a_day_later() };
    let listing = Configure { first_price: Some(1 << 54), ..op(|_| ()) };
    assert_eq!(apply(&context, &listing, None).unwrap_err().reason, Reject::FieldRange);
}

/// Whatever the rules take is a market that may be listed, with the price and the rate that it has.
#[test]
fn rules_are_those_of_a_listing() {
    let changes: [fn(&mut Parameters); 16] = [
        |p| p.tiers[7].from = 6,
        |p| p.tiers[7].maintenance_fraction = 54_999,
        |p| p.tiers[7].maintenance_fraction = 49_999,
        |p| p.tiers[7].maintenance_fraction = 94_501,
        |p| (p.still_age, p.halt_age) = (62, 61),
        |p| p.still_age = 0,
        |p| p.max_price = 100 << 32,
        |p| p.max_price = (100 << 32) - 1,
        |p| (p.max_price, p.max_size) = (1 << 48, 1 << 47),
        |p| (p.max_price, p.max_size) = (1 << 48, (1 << 47) - 1),
        |p| *p = one_tier(Parameters { initial_fraction: 55_500, ..*p }),
        |p| *p = one_tier(Parameters { initial_fraction: 55_499, ..*p }),
        |p| (p.open_notional_low, p.open_notional_high) = (7, 7),
        |p| (p.open_notional_low, p.open_notional_high) = (7, 8),
        |p| p.min_lots = 0,
        |p| (p.funding_cap, p.funding_interval) = (12_500_001, 3_600),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let listed = market().with_parameters(&op(change).parameters);
        assert_eq!(run(change).is_ok(), listed.validate().is_ok(), "{number}");
    }
}

#[test]
fn a_closed_market_stays_closed() {
    let closed = Market { status: STATUS_CLOSED, ..market() };
    for status in [0, 1, 3] {
        let op = op(|p| p.status = status);
        assert_eq!(apply(&a_day_later(), &op, Some(&closed)).unwrap_err().reason, Reject::MarketClosed);
    }
}
