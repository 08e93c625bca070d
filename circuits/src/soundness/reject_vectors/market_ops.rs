//! Configurations of markets, a day after the fixture's time.

use super::{Fields, Outcome, Row, Vectors, row};
use crate::gadgets::row::Padded;
use crate::ops::configure::{self, ConfigureRecord};
use crate::reject::Reject::{self, *};
use crate::soundness::agree::{a_day_later, later};
use crate::soundness::fixture::market;
use crate::state::{Market, Parameters, Tier, higher_tiers};

fn configure(f: &Fields) -> Outcome {
    let before = Market {
        price: f.get("market.price"),
        rate: f.get("market.rate"),
        open_interest: f.get("market.open_interest"),
        configured_at: f.get("market.configured_at"),
        status: f.get("market.status"),
        ..market()
    };
    let parameters = Parameters {
        max_price: f.get("max_price"),
        max_size: f.get("max_size"),
        open_notional_low: f.get("open_notional_low"),
        open_notional_high: f.get("open_notional_high"),
        funding_cap: f.get("funding_cap"),
        funding_interval: f.get("funding_interval"),
        still_age: f.get("still_age"),
        halt_age: f.get("halt_age"),
        initial_fraction: f.get("initial_fraction"),
        maintenance_fraction: f.get("maintenance_fraction"),
        liquidation_fee: f.get("liquidation_fee"),
        lot: f.get("lot"),
        tick_quote: f.get("tick_quote"),
        min_lots: f.get("min_lots"),
        status: f.get("status"),
        ..market().parameters()
    };
    let second = Tier {
        from: f.get("tiers.from"),
        initial_fraction: f.get("tiers.initial_fraction"),
        maintenance_fraction: f.get("tiers.maintenance_fraction"),
    };
    // Without a second tier nothing is stated of it.
    let listed = if second.from == Tier::NEVER { &[][..] } else { &[second] };
    let first = [parameters.initial_fraction, parameters.maintenance_fraction];
    let parameters = Parameters { tiers: higher_tiers(listed, first).expect("a short list"), ..parameters };
    let lists = f.flag("lists");
    let before = if lists { Market::begun(before.price, a_day_later().time, &parameters) } else { before };
    let record = ConfigureRecord { market: f.get("market"), lists, before, parameters };
    let exists = f.flag("exists").then_some(&before);
    let native = configure::apply(&a_day_later(), &record.op(), exists).err();
    let row = match native.as_ref().map(|refusal| refusal.reason) {
        // Whether the market exists is what its own row says of its leaf; a wide field has no row.
        Some(MarketExists | FieldRange) => Row::Elsewhere,
        Some(UnknownMarket) if record.market != 0 => Row::Elsewhere,
        _ => later(|| row(|cs| configure::circuit::configure(cs, &Padded::enabled(record)))),
    };
    Outcome { native, row }
}

type Case = (super::Change, Option<Reject>);

const CASES: &[Case] = &[
    (&[("min_lots", 12)], None),
    (&[("min_lots", 13)], Some(StepTooLarge)),
    (&[("market", 0)], Some(UnknownMarket)),
    (&[("exists", 0)], Some(UnknownMarket)),
    (&[("lists", 1)], Some(MarketExists)),
    (&[("lists", 1), ("exists", 0)], None),
    (&[("lists", 1), ("exists", 0), ("market.price", 0)], Some(PriceRange)),
    (&[("lists", 1), ("exists", 0), ("status", 0)], Some(MarketClosed)),
    (&[("status", 4)], Some(FieldRange)),
    (&[("status", 3)], None),
    (&[("max_size", 1 << 56)], Some(FieldRange)),
    (&[("funding_interval", 59)], Some(ParameterRange)),
    (&[("still_age", 0)], Some(ParameterRange)),
    (&[("min_lots", 0)], Some(ParameterRange)),
    (&[("initial_fraction", 1_000_001)], Some(ParameterRange)),
    (&[("max_price", 100 << 32)], None),
    (&[("max_price", (100 << 32) - 1)], Some(PriceRange)),
    (&[("max_size", 1 << 50)], Some(PositionValue)),
    (&[("initial_fraction", 55_500)], None),
    (&[("initial_fraction", 55_499)], Some(FeesEatMargin)),
    (&[("open_notional_low", 7), ("open_notional_high", 7)], Some(OpenNotional)),
    (&[("open_notional_low", 7), ("open_notional_high", 8)], None),
    (&[("min_lots", 5_001), ("max_size", 5_000)], Some(OrdersTooLarge)),
    (&[("still_age", 901)], Some(HaltedBeforeStill)),
    (&[("still_age", 900)], None),
    (&[("funding_cap", 12_500_000)], None),
    (&[("funding_cap", 12_500_001)], Some(FundingEatsMargin)),
    (&[("funding_cap", 777)], None),
    (&[("funding_cap", 776)], Some(CapBelowRate)),
    (&[("max_size", 2_500)], None),
    (&[("max_size", 2_499)], Some(SizeBelowPositions)),
    (&[("maintenance_fraction", 55_001)], None),
    (&[("tiers.from", 7), ("tiers.initial_fraction", 100_000), ("tiers.maintenance_fraction", 55_001)], None),
    (
        &[("tiers.from", 7), ("tiers.initial_fraction", 100_000), ("tiers.maintenance_fraction", 55_002)],
        Some(StepTooLarge),
    ),
    (
        &[("tiers.from", 7), ("tiers.initial_fraction", 99_999), ("tiers.maintenance_fraction", 50_000)],
        Some(TierOrder),
    ),
    (
        &[("tiers.from", 7), ("tiers.initial_fraction", 100_000), ("tiers.maintenance_fraction", 49_999)],
        Some(TierOrder),
    ),
    (
        &[("tiers.from", 7), ("tiers.initial_fraction", 100_000), ("tiers.maintenance_fraction", 94_501)],
        Some(FeesEatMargin),
    ),
    (&[("maintenance_fraction", 55_002)], Some(StepTooLarge)),
    (&[("liquidation_fee", 4_499)], None),
    (&[("liquidation_fee", 4_498)], Some(StepTooLarge)),
    (&[("market.configured_at", 1_001)], Some(StepTooSoon)),
    (&[("lot", 2)], Some(LotChanges)),
    (&[("tick_quote", 2)], Some(LotChanges)),
    (&[("market.status", 0)], Some(MarketClosed)),
    (&[("status", 0)], Some(OpenInterestLeft)),
    (&[("status", 0), ("market.open_interest", 0)], None),
];

pub fn vectors() -> Vec<Vectors> {
    let before = &[
        ("market", 7),
        ("exists", 1),
        ("lists", 0),
        ("market.price", 100 << 32),
        ("market.rate", -777),
        ("market.open_interest", 5_000),
        ("market.configured_at", 1_000),
        ("market.status", 1),
        ("max_price", 1 << 45),
        ("max_size", 1 << 40),
        ("open_notional_low", 0),
        ("open_notional_high", 0),
        ("funding_cap", 1_000_000),
        ("funding_interval", 3_600),
        ("still_age", 60),
        ("halt_age", 900),
        ("initial_fraction", 100_000),
        ("maintenance_fraction", 50_000),
        ("tiers.from", Tier::NEVER as i128),
        ("tiers.initial_fraction", 0),
        ("tiers.maintenance_fraction", 0),
        ("liquidation_fee", 5_000),
        ("lot", 1),
        ("tick_quote", 1),
        ("min_lots", 10),
        ("status", 1),
    ];
    vec![Vectors { op: "configure", before, run: configure, cases: CASES }]
}
