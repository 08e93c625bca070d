//! Random cells for the tests of both halves: ordinary, near every boundary, and extreme.

use ark_bn254::Fr;
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha20Rng;

use crate::gadgets::cs::{Direction, Tag};
use crate::gadgets::int::fr_from_i128;
use crate::gadgets::row::RowWitness;
use crate::gadgets::var::power_of_two;
use crate::margin::{Header, PositionCell};
use crate::ops::{Leg, MarketEntry};
use crate::params::{AGE_BITS, M, POSITION_VALUE_BITS, U};
use crate::state::{HigherTiers, Market, Mode, Order, PublicKey, Tier, higher_tiers};

pub const MARKET: u16 = 7;

/// A market that trades `lots` at about `limit` ticks: listed within the widths.
pub struct Terms {
    pub entry: MarketEntry,
    pub limit: u32,
    pub lots: u64,
}

/// Price, sizes and fractions that a listing accepts; one in sixteen as large as widths allow.
pub fn terms(rng: &mut ChaCha20Rng) -> Terms {
    let extreme = rng.gen_bool(0.0625);
    let (lot, tick_quote, limit) = if extreme {
        (rng.gen_range(1..1 << 12), rng.gen_range(1..1 << 20), rng.gen_range(1..u32::MAX))
    } else {
        (rng.gen_range(1..2_000), rng.gen_range(1..5_000), rng.gen_range(1..200_000))
    };
    let fair = i128::from(limit) * i128::from(tick_quote) * U / i128::from(lot);
    let price = (fair * rng.gen_range(900..1100) / 1000).clamp(1, (1 << 54) - 1) as u64;
    let max_price = price.saturating_mul(rng.gen_range(1..4)).min((1 << 54) - 1);
    let room = (((1u128 << POSITION_VALUE_BITS) - 1) / u128::from(max_price)).min((1 << 56) - 1) as u64;
    let max_size = if extreme { room } else { room.min(rng.gen_range(1..1u64 << 40)) };
    let most = (max_size / lot).clamp(1, if extreme { 1 << 50 } else { 1 << 24 });
    let lots = rng.gen_range(1..=most);
    let initial = rng.gen_range(20_000..500_000);
    let liquidation_fee = rng.gen_range(0..5_000);
    let taker_fee = rng.gen_range(0..2_000);
    let held = rng.gen_range(0..=max_size.min(1 << 40));
    // A bound of open interest now and then, near its value.
    let notional = (u128::from(held) * u128::from(price)) >> 33;
    let open_notional_high = match rng.gen_range(0..5) {
        0 => (notional * rng.gen_range(1..200) / 100).clamp(2, (1 << 63) - 1) as u64,
        _ => 0,
    };
    let maintenance = rng.gen_range(1..=initial - liquidation_fee - taker_fee);
    let at = (u128::from(lots) * u128::from(lot) * u128::from(price)) >> 32;
    let market = Market {
        tiers: tiers(rng, [initial, maintenance], at),
        price,
        funding_index: i128::from(rng.gen_range(i64::MIN..i64::MAX)),
        open_interest: held,
        max_price,
        max_size,
        open_notional_low: open_notional_high / 2,
        open_notional_high,
        open_growth: rng.gen_range(0..1 << 40),
        still: rng.gen_bool(0.1),
        halt_age: (1 << AGE_BITS) - 1,
        funding_interval: 1,
        initial_fraction: initial,
        maintenance_fraction: maintenance,
        taker_fee,
        maker_fee: rng.gen_range(0..=taker_fee),
        liquidation_fee,
        band: 100_000,
        // Every third market has one, about as wide as its price is away from what is fair.
        collar: if lots.is_multiple_of(3) { (50 + lots % 100) as u16 } else { 0 },
        lot,
        tick_quote,
        min_lots: rng.gen_range(1..10),
        status: 1,
        ..Market::BLANK
    };
    Terms { entry: MarketEntry { id: MARKET, market }, limit, lots }
}

/// Up to three tiers above one of these fractions, around the value of what is traded, quote quanta.
fn tiers(rng: &mut ChaCha20Rng, first: [u32; 2], around: u128) -> HigherTiers {
    let mut from = 0;
    let [mut initial_fraction, mut maintenance_fraction] = first;
    let listed: Vec<Tier> = (0..rng.gen_range(0..4))
        .map(|_| {
            let step = around * rng.gen_range(0..200) / 100 + rng.gen_range(0..3);
            from = (u128::from(from) + step).clamp(1, Tier::NEVER.into()) as u64;
            let rise = rng.gen_range(0..100_000);
            initial_fraction += rise + rng.gen_range(0..20_000);
            maintenance_fraction += rise;
            Tier { from, initial_fraction, maintenance_fraction }
        })
        .collect();
    higher_tiers(&listed, first).expect("a short list")
}

/// An account with `size` in the market, and perhaps others; its value is near one of its
/// thresholds, seen from `shift` (what the op adds to the total value, scale U).
pub fn leg(rng: &mut ChaCha20Rng, market: &Market, size: i64, shift: i128) -> Leg {
    let price = i128::from(market.price);
    let notional = i128::from(size.unsigned_abs()) * price;
    let skew = rng.gen_range(500..1500);
    let fair = (notional / U * skew / 1000).min((1 << 63) - 1) as u64;
    let entry_quote = match rng.gen_range(0..30) {
        _ if size == 0 => 0,
        0 => (1 << 63) - 1 - rng.gen_range(0..1 << 20),
        _ => fair,
    };
    let cell = PositionCell { size, entry_quote };
    let leverage_limit = *[0, 0, 0, 100_000, 999_999].choose(rng).unwrap_or(&0);
    let mode = *[Mode::Cross, Mode::Cross, Mode::Isolated(MARKET)].choose(rng).unwrap_or(&Mode::Cross);
    let mut header = Header { leverage_limit, ..Header::flat(0, mode) };
    header.add_position(market, &cell, 1);
    if mode == Mode::Cross && rng.gen_bool(0.4) {
        let scale = 1i128 << rng.gen_range(20..94);
        header.value += rng.gen_range(-scale..scale);
        header.maintenance += rng.gen_range(0..scale) * 50_000;
        header.initial += header.maintenance * 2;
        header.entry += rng.gen_range(-scale..scale).clamp(-(1 << 62), 1 << 62);
    }
    let target = match rng.gen_range(0..12) {
        0 => 0,
        1 => header.maintenance / M,
        2 => header.initial / M,
        3 => header.initial / M - shift,
        4 => -shift,
        5 => header.maintenance / M * rng.gen_range(0..1000) / 1000,
        6 => -header.maintenance / M * rng.gen_range(0..1000) / 1000,
        _ => header.initial / M * rng.gen_range(1..5),
    };
    let target = match rng.gen_range(0..40) {
        0 => i128::from(i64::MAX) * U,
        1 => i128::from(i64::MIN) * U,
        _ => target,
    };
    let near = rng.gen_range(-2..=2);
    let collateral = (target - header.value).div_euclid(U) + near;
    header.collateral = collateral.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
    Leg { owner: owner(rng.gen_range(1..50)), orders_from: rng.gen_range(0..2), header, position: cell }
}

/// Sizes around what the trade of `delta` base quanta does: flat, grow, shrink, close, flip.
pub fn size(rng: &mut ChaCha20Rng, market: &Market, delta: i128) -> i64 {
    let limit = i128::from(market.max_size);
    let wide = rng.gen_range(-limit..=limit);
    let choice = [
        0,
        delta,
        -delta,
        -delta + 1,
        -delta - 1,
        -delta / 2,
        -delta * 3,
        delta * 2,
        limit - delta,
        -limit - delta,
        limit - delta - 1,
        limit - delta + 1,
        -limit - delta - 1,
        wide,
    ];
    (*choice.choose(rng).unwrap_or(&0)).clamp(-limit, limit) as i64
}

pub fn owner(x: u64) -> PublicKey {
    PublicKey { x: Fr::from(x), y: Fr::from(x * x + 1) }
}

/// Component 0 of a cell, packed by hand.
pub fn key(address: u64, time: u64) -> Fr {
    Fr::from((u128::from(address) << 26) + u128::from(time))
}

/// The HEADER tuple, by hand.
pub fn header_tuple(account: u64, time: u64, header: &Header) -> Vec<Fr> {
    vec![
        key(account, time),
        fr_from_i128(header.collateral.into()),
        fr_from_i128(header.value),
        fr_from_i128(header.initial),
        fr_from_i128(header.maintenance),
        fr_from_i128(header.entry),
        Fr::from(u64::from(header.mode_market())),
        Fr::from(u64::from(header.leverage_limit)),
        Fr::from(header.still),
    ]
}

/// The POSITION tuple, by hand.
pub fn position_tuple(account: u64, time: u64, leg: &Leg, market: &Market) -> Vec<Fr> {
    let PositionCell { size, entry_quote } = leg.position;
    let [initial, maintenance] = requirement_by_parts(market, leg.header.leverage_limit, size);
    vec![
        key((account << 16) + u64::from(MARKET), time),
        fr_from_i128(size.into()),
        Fr::from(entry_quote),
        fr_from_i128(initial),
        fr_from_i128(maintenance),
    ]
}

/// What a position requires, summed over the part of its value in each tier.
fn requirement_by_parts(market: &Market, leverage_limit: u32, size: i64) -> [i128; 2] {
    let value = i128::from(size.unsigned_abs()) * i128::from(market.price);
    let mut ends = market.tiers.map(|tier| i128::from(tier.from) * U).into_iter().chain([i128::MAX]);
    let (mut initial, mut maintenance, mut from) = (0, 0, 0);
    for (_, imf, mmf) in market.fractions() {
        let end = ends.next().expect("as many ends as tiers");
        let part = value.clamp(from, end) - from;
        initial += part * i128::from(imf);
        maintenance += part * i128::from(mmf);
        from = end;
    }
    let least = market.initial_in_force().max(leverage_limit);
    [initial.max(value * i128::from(least)), maintenance]
}

/// The ORDER tuple, by hand.
pub fn order_tuple(id: u64, time: u64, order: &Order) -> Vec<Fr> {
    let flags = order.flags;
    let bits = [flags.post_only, flags.reduce_only, flags.immediate_or_cancel, flags.fill_or_kill];
    let mut tuple = vec![key(id, time)];
    tuple.extend([order.left, order.fee_carry.into(), order.size, order.account].map(Fr::from));
    tuple.push(Fr::from(order.market));
    tuple.push(Fr::from(order.side.bit()));
    tuple.push(Fr::from(order.limit));
    tuple.extend(bits.map(Fr::from));
    tuple.push(Fr::from(order.max_fee));
    tuple
}

/// The MARKET tuple, by hand.
pub fn market_tuple(entry: &MarketEntry) -> Vec<Fr> {
    let market = &entry.market;
    let mut tuple = vec![Fr::from(entry.id), Fr::from(market.price)];
    tuple.push(fr_from_i128(market.funding_index) + power_of_two(95));
    tuple.push(Fr::from(market.initial_in_force()));
    tuple.extend([market.lot, market.tick_quote, market.min_lots.into(), market.max_size].map(Fr::from));
    tuple.extend([market.taker_fee, market.maker_fee, market.liquidation_fee].map(Fr::from));
    tuple.push(Fr::from(market.max_price));
    tuple.push(Fr::from(market.still));
    tuple.push(Fr::from(market.open_interest_limit()));
    tuple.push(Fr::from(market.collar));
    tuple.push(Fr::from(market.collar != 0));
    tuple
}

/// The TIER tuple of a position of that size, by hand.
pub fn tier_tuple(entry: &MarketEntry, size: u64) -> Vec<Fr> {
    let market = &entry.market;
    let value = u128::from(size) * u128::from(market.price);
    let begins = |from: u64| u128::from(from) << 32;
    // The last tier that begins below the value.
    let above = market.tiers.iter().take_while(|tier| begins(tier.from) < value).count();
    let low = if above == 0 { 0 } else { begins(market.tiers[above - 1].from) + 1 };
    let high = market.tiers.get(above).map_or(1 << 95, |tier| begins(tier.from));
    let fractions: Vec<(usize, u32, u32)> = market.fractions().collect();
    let offset = |fraction: fn(&(usize, u32, u32)) -> u32| -> Fr {
        let rise = |j: usize| u64::from(fraction(&fractions[j]) - fraction(&fractions[j - 1]));
        (1..=above).map(|j| Fr::from(market.tiers[j - 1].from) * Fr::from(rise(j))).sum()
    };
    let (_, imf, mmf) = fractions[above];
    let mut tuple = vec![Fr::from(entry.id), Fr::from(low), Fr::from(high)];
    tuple.extend([imf, mmf].map(Fr::from));
    tuple.extend([offset(|tier| tier.1), offset(|tier| tier.2)]);
    tuple
}

/// The KEY tuple, by hand.
pub fn owner_tuple(account: u64, owner: &PublicKey, orders_from: u64) -> Vec<Fr> {
    vec![Fr::from(account), owner.x, owner.y, Fr::from(orders_from)]
}

/// The KEY tuple of an account that trades.
pub fn leg_tuple(account: u64, leg: &Leg) -> Vec<Fr> {
    owner_tuple(account, &leg.owner, leg.orders_from)
}

/// The tuples of a kind that a row sends or receives, in order.
pub fn tuples(row: &RowWitness, tag: Tag, direction: Direction) -> Vec<Vec<Fr>> {
    let all = row.interactions.iter().enumerate();
    all.filter(|(_, i)| i.tag == tag && i.direction == direction)
        .map(|(n, _)| row.tuple(n).to_vec())
        .collect()
}
