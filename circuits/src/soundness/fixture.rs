//! Honest cells that tests of ops start from and then spoil.

use ark_bn254::Fr;

use crate::margin::native::requirement;
use crate::margin::{Header, PositionCell};
use crate::ops::{Context, Domain, Leg, MarketEntry, OrderLeg};
use crate::params::{AGE_BITS, STATUS_OPEN, U};
use crate::state::{Beyond, Flags, Market, Mode, Order, Parameters, PublicKey, Side, Tier, higher_tiers};

/// Price 100, imf 10 %, mmf 5 %, fees 0.05 % and 0.02 %, liquidation fee 0.5 %, lot 1.
pub fn market() -> Market {
    Market {
        price: 100 << 32,
        funding_index: 0,
        cut_at: 0,
        asked: 100 << 32,
        beyond: Beyond::None,
        still: false,
        open_interest: 0,
        max_price: 1 << 45,
        max_size: 1 << 40,
        open_notional_low: 0,
        open_notional_high: 0,
        open_growth: 0,
        interest: 0,
        premium_clamp: 0,
        still_age: (1 << AGE_BITS) - 1,
        halt_age: (1 << AGE_BITS) - 1,
        last_tick: 1_000,
        paid_until: 1_000,
        funding_remainder: 0,
        rate: 0,
        rated_hour: 0,
        in_arrears: false,
        funding_interval: 3_600,
        funding_cap: 1_000_000,
        initial_fraction: 100_000,
        maintenance_fraction: 50_000,
        tiers: higher_tiers(&[], [100_000, 50_000]).expect("a short list"),
        taker_fee: 500,
        maker_fee: 200,
        liquidation_fee: 5_000,
        band: 200_000,
        collar: 0,
        lot: 1,
        tick_quote: 1,
        min_lots: 10,
        status: STATUS_OPEN,
        configured_at: 0,
    }
}

/// The parameters without a tier above their first.
pub fn one_tier(parameters: Parameters) -> Parameters {
    let first = [parameters.initial_fraction, parameters.maintenance_fraction];
    Parameters { tiers: higher_tiers(&[], first).expect("no tier is not too many"), ..parameters }
}

/// Three tiers: above 100,000 quanta 12 % and 6 %, above 1,000,000 quanta 20 % and 10 %.
pub fn tiered() -> Market {
    let tier =
        |from, initial_fraction, maintenance_fraction| Tier { from, initial_fraction, maintenance_fraction };
    let listed = [tier(100_000, 120_000, 60_000), tier(1_000_000, 200_000, 100_000)];
    let tiers = higher_tiers(&listed, [100_000, 50_000]).expect("a short list");
    Market { tiers, collar: 1_000, ..market() }
}

pub fn entry() -> MarketEntry {
    MarketEntry { id: 1, market: market() }
}

pub fn context() -> Context {
    Context { time: 1_000, observed: 1_000, is_signed: false, domain: Domain::default() }
}

/// A key by number; not a point of the curve, which pure ops do not ask for.
pub fn owner(number: u64) -> PublicKey {
    PublicKey { x: Fr::from(number), y: Fr::from(number + 1) }
}

/// A header without positions.
pub fn flat(collateral: i64) -> Header {
    Header::flat(collateral, Mode::Cross)
}

/// A header with one position in `market`.
pub fn holding(collateral: i64, market: &Market, position: PositionCell) -> Header {
    let required = requirement(market, 0, position.size);
    Header {
        value: i128::from(market.price) * i128::from(position.size),
        initial: required.initial,
        maintenance: required.maintenance,
        entry: i128::from(position.size.signum()) * i128::from(position.entry_quote),
        ..flat(collateral)
    }
}

/// One account's part: total value `value` quote quanta, `size` entered at 100.
pub fn leg(number: u64, value: i64, size: i64) -> Leg {
    let position = PositionCell { size, entry_quote: size.unsigned_abs() * 100 };
    let market = market();
    let collateral = value - (i128::from(market.price) * i128::from(size) / U) as i64;
    Leg { owner: owner(number), orders_from: 0, header: holding(collateral, &market, position), position }
}

/// An order of 1000 lots at 100, fee up to 0.1 %, good until 2000.
pub fn order(account: u64, side: Side) -> Order {
    Order {
        account,
        market: 1,
        side,
        limit: 100,
        size: 1_000,
        left: 1_000,
        flags: Flags::default(),
        max_fee: 1_000,
        expiry: 2_000,
        fee_carry: 0,
    }
}

pub fn order_leg(number: u64, side: Side, value: i64, size: i64) -> OrderLeg {
    OrderLeg { order: order(number, side), leg: leg(number, value, size) }
}
