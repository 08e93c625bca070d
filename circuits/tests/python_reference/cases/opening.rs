//! Openings: funding of a market, its fraction and limit by open interest, medians of prices, settlement of an account.

use zkmargin_circuits::gadgets::curve::GENERATOR;
use zkmargin_circuits::margin::native::settle;
use zkmargin_circuits::ops::prices::median as median_of;
use zkmargin_circuits::ops::{Context, Domain, Tick, tick};
use zkmargin_circuits::params::*;
use zkmargin_circuits::state::{Account, Beyond, Market, MarketId, Mode, Position};

use super::{Case, I64, PRICE, QUOTE, RATE, SIZE, market, object, refused};
use crate::draw::Draw;

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
        funding_index: index,
        last_tick: time as u64,
        paid_until: paid_until as u64,
        funding_remainder: remainder as u64,
        rate: rate as i32,
        in_arrears: arrears,
        funding_interval: interval as u16,
        ..market()
    };
    let context =
        Context { time: time as u64, observed: time as u64, is_signed: false, domain: Domain::default() };
    let after = match stated {
        Some(rate) => {
            tick::apply(&context, &Tick { market: 1, price: price as u64, rate: rate as i32 }, &before)
        }
        None => tick::open(&context, &before),
    };
    let answer = after.map_or_else(refused, |after| {
        assert_eq!(after.price, before.price);
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

pub fn rate(draw: &mut Draw) -> Case {
    let (interest, clamp) = (draw.within(-RATE - 1, RATE), draw.within(0, (1 << PREMIUM_CLAMP_BITS) - 1));
    let (cap, in_force) = (draw.within(0, RATE), draw.within(-RATE, RATE));
    let premium = match draw.within(0, 4) {
        0 => None,
        1 => Some(draw.near(interest - clamp, -RATE, RATE)),
        2 => Some(draw.near(interest + clamp, -RATE, RATE)),
        3 => Some(draw.near(cap - clamp, -RATE, RATE)),
        _ => Some(draw.within(-RATE, RATE)),
    };
    let observed = draw.within(0, (1 << TIME_BITS) - 1);
    let rated_hour = draw.near(observed / 3_600, 0, (1 << HOUR_BITS) - 1);
    let before = Market {
        interest: interest as i32,
        premium_clamp: clamp as u32,
        funding_cap: cap as u32,
        rate: in_force as i32,
        rated_hour: rated_hour as u32,
        ..market()
    };
    let time = observed as u64;
    let context = Context { time, observed: time, is_signed: true, domain: Domain::default() };
    let rate = tick::signed_rate(&context, &before, premium.map(|premium| premium as i32));
    let premium = premium.map_or("null".to_owned(), |premium| premium.to_string());
    Case::new(
        &[
            ("interest", &interest),
            ("clamp", &clamp),
            ("cap", &cap),
            ("rate", &in_force),
            ("premium", &premium),
            ("observed", &observed),
            ("rated_hour", &rated_hour),
        ],
        object(&[("rate", &rate)]),
    )
}

pub fn breaker(draw: &mut Draw) -> Case {
    let (price, band) = (draw.within(1, PRICE), draw.within(0, M - 1));
    let reach = price * band / M;
    let asked = match draw.within(0, 3) {
        0 => None,
        1 => Some(draw.near(price - reach, 1, PRICE)),
        2 => Some(draw.near(price + reach, 1, PRICE)),
        _ => Some(draw.within(1, PRICE)),
    };
    let time = draw.within(2_000_000, (1 << TIME_BITS) - 1);
    let observed = time - draw.near(60, 0, 600);
    let last_tick = observed - if draw.coin() { draw.near(900, 1, 2_000) } else { draw.within(1, 2_000) };
    // Next to an end of the band, to what is asked for, or anywhere.
    let asked_last = match draw.within(0, 3) {
        0 => draw.near(price - reach, 1, PRICE),
        1 => draw.near(price + reach, 1, PRICE),
        2 => draw.near(asked.unwrap_or(price), 1, PRICE),
        _ => draw.within(1, PRICE),
    };
    let cut_at = if draw.coin() { draw.near(time - 60, 0, last_tick) } else { draw.within(0, last_tick) };
    let beyond = draw.within(0, 2);
    let tick_at = if asked.is_some() { observed } else { last_tick };
    let halt_age = draw.near(time - tick_at, 0, (1 << AGE_BITS) - 1);
    let still_age =
        if draw.coin() { draw.near(time - tick_at, 0, halt_age) } else { draw.within(0, halt_age) };
    let status = draw.within(0, 4);
    let before = Market {
        price: price as u64,
        band: band as u32,
        last_tick: last_tick as u64,
        paid_until: time as u64,
        cut_at: cut_at as u64,
        asked: asked_last as u64,
        beyond: Beyond::from_number(beyond as u8).expect("a side"),
        still: draw.coin(),
        still_age: still_age as u32,
        status: status as u8,
        ..market()
    };
    let context =
        Context { time: time as u64, observed: observed as u64, is_signed: false, domain: Domain::default() };
    let after = match asked {
        Some(price) => tick::apply(&context, &Tick { market: 1, price: price as u64, rate: 0 }, &before),
        None => tick::open(&context, &before),
    };
    let side = |beyond: Beyond| [0, 1, -1][usize::from(beyond.number())];
    let answer = after.map_or_else(refused, |after| {
        object(&[
            ("price", &after.price),
            ("side", &side(after.beyond)),
            ("cut_at", &after.cut_at),
            ("asked_last", &after.asked),
            ("last_tick", &after.last_tick),
            ("still", &after.still),
        ])
    });
    let asked = asked.map_or("null".to_owned(), |price| price.to_string());
    Case::new(
        &[
            ("price", &price),
            ("band", &band),
            ("asked", &asked),
            ("side", &side(before.beyond)),
            ("time", &time),
            ("observed", &observed),
            ("last_tick", &last_tick),
            ("cut_at", &cut_at),
            ("asked_last", &asked_last),
            ("still_age", &still_age),
            ("status", &status),
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
