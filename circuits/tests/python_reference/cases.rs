//! Cases of each rule, with what the native function answers.

use std::fmt::Display;

use zkmargin_circuits::gadgets::curve::GENERATOR;
use zkmargin_circuits::margin::native::{
    MarketRef, legal_change, liquidation_fee, liquidation_step, require_cash_stays, require_not_over,
    requirements, settle, trade, trading_fee, withdrawable, zero_price, zero_quote,
};
use zkmargin_circuits::margin::{Header, PositionCell};
use zkmargin_circuits::ops::prices::median as median_of;
use zkmargin_circuits::ops::{Context, Domain, Tick, tick};
use zkmargin_circuits::params::*;
use zkmargin_circuits::reject::{Refusal, Reject};
use zkmargin_circuits::state::{Account, Market, MarketId, Mode, Position, Side};

use super::draw::Draw;

/// One case: its operands and the native answer, as JSON objects.
pub struct Case {
    pub operands: String,
    pub answer: String,
}

impl Case {
    fn new(operands: &[(&str, &dyn Display)], answer: String) -> Self {
        Self { operands: object(operands), answer }
    }
}

fn object(fields: &[(&str, &dyn Display)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

fn refused(refusal: Refusal) -> String {
    format!("{{\"reject\":\"{:?}\"}}", Reject::from(refusal))
}

const I64: i128 = COLLATERAL_OFFSET;
const SIZE: i128 = (1 << SIZE_BITS) - 1;
const PRICE: i128 = (1 << PRICE_BITS) - 1;
const QUOTE: i128 = (1 << QUOTE_BITS) - 1;
const RATE: i128 = (1 << RATE_BITS) - 1;
/// Bounds of TV, and of requirements.
const VALUE: i128 = (1 << TOTAL_VALUE_BITS) - 1;
const REQUIREMENT: i128 = (1 << (REQUIREMENT_BITS - 1)) - 1;

/// The largest size at a price: `p·|b| < 2^95`.
fn largest_size(price: i128) -> i128 {
    (((1 << POSITION_VALUE_BITS) - 1) / price).min(SIZE)
}

/// A market that takes every operand: no limits, price and rate as stated.
fn market() -> Market {
    Market {
        price: 1,
        reference_price: 1,
        funding_index: 0,
        open_interest: 0,
        max_price: PRICE as u64,
        max_size: SIZE as u64,
        open_notional_low: 0,
        open_notional_high: 0,
        open_growth: 0,
        last_tick: 0,
        paid_until: 0,
        funding_remainder: 0,
        rate: 0,
        in_arrears: false,
        funding_interval: 3_600,
        funding_cap: RATE as u32,
        initial_fraction: 100_000,
        maintenance_fraction: 50_000,
        taker_fee: 0,
        maker_fee: 0,
        liquidation_fee: 0,
        band: 0,
        lot: 1,
        tick_quote: 1,
        min_lots: 1,
        status: STATUS_OPEN,
    }
}

/// An account with this total value, scale U, and these requirements, scale U·M.
fn header(value: i128, initial: i128, maintenance: i128) -> Header {
    Header {
        collateral: 1_000,
        value: value - 1_000 * U,
        initial,
        maintenance,
        entry: 0,
        mode: Mode::Cross,
        leverage_limit: 0,
        still: 0,
    }
}

pub fn funding(draw: &mut Draw) -> Case {
    let (price, rate) = (draw.within(1, PRICE), draw.within(-RATE, RATE));
    let stated = draw.coin().then(|| draw.within(-RATE, RATE));
    let index = draw.within(-FUNDING_INDEX_OFFSET, FUNDING_INDEX_OFFSET - 1);
    let interval = draw.within(1, 0xffff);
    let since = if draw.coin() { draw.near(interval, 0, 1 << 20) } else { draw.within(0, 1 << 20) };
    let paid_until = draw.within(0, (1 << TIME_BITS) - 1 - since);
    let remainder = if draw.coin() {
        // Next to a whole quotient, for one of the two rates.
        let rate = stated.filter(|_| draw.coin()).unwrap_or(rate);
        let owed = ((rate * price) << FUNDING_FRACTION_BITS) * since.min(interval);
        (draw.near(0, -2, 2) - owed).rem_euclid(FUNDING_DIVISOR)
    } else {
        draw.within(0, FUNDING_DIVISOR - 1)
    };
    let (arrears, time) = (draw.coin(), paid_until + since);
    let before = Market {
        price: price as u64,
        reference_price: price as u64,
        funding_index: index,
        last_tick: time as u64,
        paid_until: paid_until as u64,
        funding_remainder: remainder as u64,
        rate: rate as i32,
        in_arrears: arrears,
        funding_interval: interval as u16,
        ..market()
    };
    let context = Context { time: time as u64, observed: time as u64, domain: Domain::default() };
    let after = match stated {
        Some(rate) => {
            tick::apply(&context, &Tick { market: 1, price: price as u64, rate: rate as i32 }, &before)
        }
        None => tick::open(&context, &before),
    };
    let answer = after.map_or_else(refused, |after| {
        assert_eq!((after.price, after.is_still()), (before.price, after.in_arrears));
        object(&[
            ("index", &after.funding_index),
            ("rate", &after.rate),
            ("remainder", &after.funding_remainder),
            ("paid_until", &after.paid_until),
            ("arrears", &after.in_arrears),
        ])
    });
    let tick = stated.map_or("null".to_owned(), |rate| rate.to_string());
    Case::new(
        &[
            ("price", &price),
            ("rate", &rate),
            ("tick", &tick),
            ("index", &index),
            ("interval", &interval),
            ("paid_until", &paid_until),
            ("remainder", &remainder),
            ("arrears", &arrears),
            ("time", &time),
        ],
        answer,
    )
}

pub fn interest(draw: &mut Draw) -> Case {
    let (price, imf) = (draw.within(1, PRICE), draw.within(1, M));
    let (open_interest, growth) = (draw.within(0, (1 << OPEN_INTEREST_BITS) - 1), draw.within(0, SIZE));
    let value = ((open_interest + 2 * growth) * price) >> (PRICE_SCALE_BITS + 1);
    let upper = if draw.coin() { draw.near(value, 0, QUOTE) } else { draw.within(0, QUOTE) };
    let lower = match upper {
        0 => 0,
        _ if draw.coin() => draw.near(value, 0, upper - 1),
        _ => draw.within(0, upper - 1),
    };
    let market = Market {
        price: price as u64,
        initial_fraction: imf as u32,
        open_interest: open_interest as u64,
        open_growth: growth as u64,
        open_notional_low: lower as u64,
        open_notional_high: upper as u64,
        ..market()
    };
    Case::new(
        &[
            ("price", &price),
            ("imf", &imf),
            ("open_interest", &open_interest),
            ("growth", &growth),
            ("lower", &lower),
            ("upper", &upper),
        ],
        object(&[("imf", &market.initial_in_force()), ("limit", &market.open_interest_limit())]),
    )
}

pub fn median(draw: &mut Draw) -> Case {
    let registered = draw.within(1, SIGNERS as i128);
    let listed = if draw.coin() { registered } else { draw.within(0, registered) };
    let highest = if draw.coin() { 3 } else { PRICE };
    let prices: Vec<u64> = (0..listed).map(|_| draw.within(0, highest) as u64).collect();
    let answer = median_of(prices.iter().copied(), registered as usize).unwrap_or(0);
    Case::new(
        &[("registered", &registered), ("prices", &format!("{prices:?}"))],
        object(&[("median", &answer)]),
    )
}

pub fn settlement(draw: &mut Draw) -> Case {
    let count = draw.within(0, SLOTS as i128) as usize;
    // With small changes of the index, what is left over can be brought next to 0.
    let small = draw.coin();
    let mut positions: Vec<[i128; 3]> = (0..count).map(|_| position(draw, small)).collect();
    let mut collateral = draw.within(-I64, I64 - 1);
    if let (true, Some(last)) = (small, positions.last_mut()) {
        *last = [1, 0, 0];
        let exact: i128 = positions.iter().map(|[size, market, own]| (market - own) * size).sum();
        let wanted = draw.near(0, -2, 2);
        let owed = (wanted - exact).rem_euclid(FUNDING_SCALE);
        positions[count - 1] = [1, owed, 0];
        if draw.coin() {
            let bound = draw.sign() * I64;
            collateral = draw.near((exact + owed).div_euclid(FUNDING_SCALE) + bound, -I64, I64 - 1);
        }
    }
    let mut account = Account::empty(GENERATOR, Mode::Cross);
    account.collateral = collateral as i64;
    for (slot, (i, [size, _, own])) in account.slots.iter_mut().zip(positions.iter().enumerate()) {
        let (market, size) = (i as MarketId + 1, *size as i64);
        *slot = Some(Position { market, size, entry_quote: 0, funding_index: *own });
    }
    let of = |id: MarketId| Some(Market { funding_index: positions[usize::from(id) - 1][1], ..market() });
    let answer = settle(&account, of).map_or_else(refused, |settled| {
        object(&[("collateral", &settled.collateral), ("dust", &settled.dust)])
    });
    Case::new(&[("collateral", &collateral), ("positions", &format!("{positions:?}"))], answer)
}

/// `[size, index of the market, its own]`.
fn position(draw: &mut Draw, small: bool) -> [i128; 3] {
    let size = draw.sign() * draw.within(1, SIZE);
    let (low, high) = (-FUNDING_INDEX_OFFSET, FUNDING_INDEX_OFFSET - 1);
    let market = draw.within(low, high);
    let own = if small { market + draw.within(-(1 << 60), 1 << 60) } else { draw.within(low, high) };
    [size, market, own.clamp(low, high)]
}

pub fn requirement(draw: &mut Draw) -> Case {
    let price = draw.within(1, PRICE);
    let most = largest_size(price);
    let size = draw.within(-most, most);
    let (imf, limit, mmf) = (draw.within(1, M), draw.within(0, M), draw.within(1, M));
    let market = Market {
        price: price as u64,
        initial_fraction: imf as u32,
        maintenance_fraction: mmf as u32,
        ..market()
    };
    let (initial, maintenance) = requirements(&market, limit as u32, size as i64);
    Case::new(
        &[("price", &price), ("size", &size), ("imf", &imf), ("leverage_limit", &limit), ("mmf", &mmf)],
        object(&[("initial", &initial), ("maintenance", &maintenance)]),
    )
}

pub fn traded(draw: &mut Draw) -> Case {
    let size = draw.within(-SIZE, SIZE);
    let entry = if size == 0 { 0 } else { draw.within(0, QUOTE) };
    let change = match if draw.coin() { draw.near(-size, -2 * SIZE, 2 * SIZE) } else { 0 } {
        0 => draw.sign() * draw.within(1, 2 * SIZE),
        change => change,
    };
    let (quote, collateral) = (draw.within(0, QUOTE), draw.within(-I64, I64 - 1));
    let after = (size + change).abs();
    let max_size = if draw.coin() { draw.near(after, 1, SIZE) } else { SIZE };
    let header = Header { collateral: collateral as i64, ..header(0, 0, 0) };
    let cell = PositionCell { size: size as i64, entry_quote: entry as u64 };
    let market = Market { max_size: max_size as u64, ..market() };
    let traded = trade(&header, &cell, MarketRef { id: 1, market: &market }, change, quote as u64);
    let answer = traded.map_or_else(refused, |traded| {
        object(&[
            ("size", &traded.position.size),
            ("entry", &traded.position.entry_quote),
            ("collateral", &traded.header.collateral),
            ("increases", &traded.grows),
        ])
    });
    Case::new(
        &[
            ("size", &size),
            ("entry", &entry),
            ("change", &change),
            ("quote", &quote),
            ("collateral", &collateral),
            ("max_size", &max_size),
        ],
        answer,
    )
}

pub fn fee(draw: &mut Draw) -> Case {
    let (quote, rate, carry) = (draw.within(0, QUOTE), draw.within(0, M), draw.within(0, M - 1));
    let fee = trading_fee(quote as u64, rate as u32, carry as u32);
    Case::new(
        &[("quote", &quote), ("rate", &rate), ("carry", &carry)],
        object(&[("fee", &fee.amount), ("carry", &fee.carry)]),
    )
}

pub fn legal(draw: &mut Draw) -> Case {
    let narrow = draw.coin();
    // Narrow enough for the boundary of the ratio to be computed here.
    let (value, requirement) = if narrow { (1 << 60, 1 << 64) } else { (VALUE, REQUIREMENT) };
    let (tv0, mmr0) = (draw.within(-value, value), draw.within(0, requirement));
    let mmr1 = if draw.coin() { draw.near(mmr0, 0, requirement) } else { draw.within(0, requirement) };
    let increases = draw.within(0, 3) == 0;
    let mut fee = draw.within(0, QUOTE);
    let tv1 = if narrow && mmr0 > 0 {
        fee = draw.within(0, 1 << 26);
        let paid = if draw.coin() { fee * U } else { 0 };
        draw.near((tv0 * mmr1).div_euclid(mmr0) + paid, -value, value)
    } else {
        draw.within(-value, value)
    };
    let after = M * (tv1 - fee * U);
    let initial = if draw.coin() { draw.near(after, 0, REQUIREMENT) } else { draw.within(0, REQUIREMENT) };
    let (pre, post) = (header(tv0, 0, mmr0), header(tv1, initial, mmr1));
    let answer =
        legal_change(&pre, &post, increases, fee as u64).map_or_else(refused, |fee| object(&[("fee", &fee)]));
    Case::new(
        &[
            ("value_before", &tv0),
            ("maintenance_before", &mmr0),
            ("value_after", &tv1),
            ("initial_after", &initial),
            ("maintenance_after", &mmr1),
            ("increases", &increases),
            ("fee", &fee),
        ],
        answer,
    )
}

pub fn cash(draw: &mut Draw) -> Case {
    let collateral = draw.within(0, 1 << 62);
    // Above 2^64 the native maximum is 2^64 - 1; an amount has 63 bits.
    let cash = draw.within(-(1 << 67), (1 << 64) - 1);
    let value = draw.within(-VALUE, VALUE);
    let free = draw.within(-5 * M * U, 5 * M * U);
    let initial =
        if draw.coin() { (M * value - free).clamp(0, REQUIREMENT) } else { draw.within(0, REQUIREMENT) };
    let most = cash.min((M * value - initial).div_euclid(M * U));
    let amount = if draw.coin() { draw.near(most, 0, 1 << 62) } else { draw.within(0, 1 << 62) };
    let account = Header {
        collateral: collateral as i64,
        value: value - collateral * U,
        entry: cash - collateral,
        ..header(0, initial, 0)
    };
    let left = Header { collateral: (collateral - amount) as i64, ..account };
    let verdict = require_cash_stays(&left)
        .map_or_else(|refusal| format!("\"{:?}\"", Reject::from(refusal)), |()| "null".to_owned());
    Case::new(
        &[("cash", &cash), ("value", &value), ("initial", &initial), ("amount", &amount)],
        object(&[("most", &withdrawable(&account)), ("reject", &verdict)]),
    )
}

/// The side that closes a position of this sign.
fn closing(sign: i128) -> Side {
    if sign > 0 { Side::Sell } else { Side::Buy }
}

pub fn liquidation(draw: &mut Draw) -> Case {
    let (price, mmf, sign) = (draw.within(1, PRICE), draw.within(1, M), draw.sign());
    let narrow = draw.coin();
    let maintenance = draw.within(1, if narrow { 1 << 80 } else { REQUIREMENT });
    let highest = (maintenance - 1) / M;
    let value = if narrow {
        // Next to a whole discount.
        let discount = draw.within(0, (U * mmf - 1) / M);
        draw.near(discount * maintenance / (U * mmf), 0, highest)
    } else {
        draw.within(0, highest)
    };
    let amount = draw.within(1, SIZE);
    let market = Market { price: price as u64, maintenance_fraction: mmf as u32, ..market() };
    let side = closing(sign);
    let zero = zero_price(&header(value, 0, maintenance), &market, side);
    let quote = |price| zero_quote(price, amount as u64, side);
    Case::new(
        &[
            ("price", &price),
            ("mmf", &mmf),
            ("size", &sign),
            ("maintenance", &maintenance),
            ("value", &value),
            ("amount", &amount),
        ],
        object(&[
            ("zero_price", &zero),
            ("zero_quote", &quote(zero)),
            ("oracle_quote", &quote(market.price)),
        ]),
    )
}

pub fn penalty(draw: &mut Draw) -> Case {
    let (sign, quote, rate) = (draw.sign(), draw.within(0, QUOTE), draw.within(0, M));
    let due = (quote * rate + M - 1) / M;
    let room = if draw.coin() { draw.near(due, 0, QUOTE) } else { draw.within(0, QUOTE) };
    let zero = quote - sign * room;
    let fee = liquidation_fee(quote as u64, zero, rate as u32, closing(sign));
    Case::new(
        &[("size", &sign), ("quote", &quote), ("rate", &rate), ("zero_quote", &zero)],
        object(&[("fee", &fee)]),
    )
}

pub fn size(draw: &mut Draw) -> Case {
    let (price, mmf) = (draw.within(1, PRICE), draw.within(1, M));
    let amount = draw.within(1, largest_size(price));
    let whole = draw.coin();
    let lot = draw.within(1, amount.min((1 << LOT_BITS) - 1));
    let min_lots = draw.within(1, u32::MAX.into());
    let narrow = draw.coin();
    let value = draw.within(0, if narrow { 1 << 60 } else { VALUE });
    let loss = draw.within(-(1 << 44), if narrow { 1 << 44 } else { value.max(1) });
    let market = Market {
        price: price as u64,
        maintenance_fraction: mmf as u32,
        lot: lot as u64,
        min_lots: min_lots as u32,
        ..market()
    };
    let step = liquidation_step(&market, amount as u64, whole);
    let maintenance = if narrow {
        // The requirement at which the size is just legal.
        let less = amount - i128::from(step);
        let just = M * value + less * price * mmf - (M * loss * less).div_euclid(amount);
        draw.near(just, 0, REQUIREMENT)
    } else {
        draw.within(0, REQUIREMENT)
    };
    let (pre, post) = (header(value, 0, maintenance), header(value - loss, 0, maintenance));
    let legal = require_not_over(&pre, &post, &market, amount as u64, step).is_ok();
    Case::new(
        &[
            ("price", &price),
            ("mmf", &mmf),
            ("amount", &amount),
            ("whole", &whole),
            ("lot", &lot),
            ("min_lots", &min_lots),
            ("value_before", &value),
            ("value_after", &(value - loss)),
            ("maintenance_before", &maintenance),
        ],
        object(&[("legal", &legal)]),
    )
}
