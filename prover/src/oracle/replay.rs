//! The breaker on a file of candles: how far a market's price stays behind, and for how long.
//!
//! A candle is walked from its open over its extremes, the nearer one to where it began first, to its close, and asked for
//! every so many seconds as a tick of the law.

use crate::wire::Lines;
use crate::wire::WireError;
use crate::wire::columns::{expect_header, split};
use crate::wire::decimal::Decimal;
use crate::wire::error::Fault;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use zkmargin_circuits::ops::{Context, Domain, Tick, tick};
use zkmargin_circuits::params::{AGE_BITS, PRICE_BITS, STATUS_OPEN};
use zkmargin_circuits::state::Market;

/// Columns of a file of candles: time in seconds since 1970, name of the market, open, high, low, close, volume.
const HEADER: &str = "t,symbol,o,h,l,c,v";
/// Decimals that a price may have here.
const DECIMALS: i32 = 8;
const MINUTE: u64 = 60;
const DAY: u64 = 86_400;
/// A price further than this behind the one asked for counts as behind, parts per million.
pub const BEHIND: u64 = 20_000;

/// One candle: when it begins, seconds, and its prices in 10^-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candle {
    time: u64,
    open: u64,
    high: u64,
    low: u64,
    close: u64,
}

/// Candles of each market of a file, in its order, which must be that of time.
pub type Candles = BTreeMap<String, Vec<Candle>>;

/// How a price is followed.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Half the band's width, parts per million of the price in force.
    pub band: u32,
    /// Seconds from one tick to the next.
    pub every: u64,
}

/// What a rule made of a market's prices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Lag {
    /// Ticks whose price was cut.
    pub cut: u64,
    /// Seconds with a price more than 2 % from the one asked for.
    pub behind_seconds: u64,
    /// Greatest distance, parts per million of the price asked for.
    pub greatest_ppm: u64,
    /// Seconds in which fills only reduced.
    pub still_seconds: u64,
}

/// A market of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Name of the market.
    pub symbol: String,
    /// Ticks.
    pub ticks: u64,
    /// Greatest change from one tick's price to the next, parts per million.
    pub greatest_step_ppm: u64,
    /// With the breaker.
    pub breaker: Lag,
    /// With a band of the same width that every tick obeys.
    pub band_only: Lag,
}

/// Reads a file of candles.
///
/// Errors, with the line: another header, a row that is none, a time before 1970-01-02 (a market that was never cut would
/// count as one that just was), a price that is no positive number of at most 8 decimals or has more than 54 bits, extremes that
/// do not hold the others, times that do not rise; a file without candles.
pub fn candles(path: &Path) -> Result<Candles, WireError> {
    let mut lines = Lines::open(path)?;
    expect_header(&mut lines, HEADER)?;
    let mut all = Candles::new();
    while let Some((line, text)) = lines.next_line()? {
        let (symbol, candle) = candle(&text).map_err(|fault| fault.at(lines.file(), line))?;
        let of_market = all.entry(symbol).or_default();
        if of_market.last().is_some_and(|last: &Candle| last.time >= candle.time) {
            let fault = Fault::new(format!("time {} does not rise", candle.time), "sort the rows by time");
            return Err(fault.at(lines.file(), line));
        }
        of_market.push(candle);
    }
    if all.is_empty() {
        return Err(Fault::new("no candle", "give rows below the header").at(lines.file(), 2));
    }
    Ok(all)
}

fn candle(text: &str) -> Result<(String, Candle), Fault> {
    let fields = split(text, 7)?;
    let time = fields[0].parse().ok().filter(|time| (DAY..1 << 40).contains(time));
    let time =
        time.ok_or_else(|| Fault::new(format!("time '{}' is none", fields[0]), "write seconds since 1970"))?;
    let [open, high, low, close] = ["open", "high", "low", "close"];
    let price = |field, number: usize| price(fields[number], field);
    let candle = Candle {
        time,
        open: price(open, 2)?,
        high: price(high, 3)?,
        low: price(low, 4)?,
        close: price(close, 5)?,
    };
    let inside = candle.low..=candle.high;
    if !inside.contains(&candle.open) || !inside.contains(&candle.close) {
        return Err(Fault::new("open or close lies outside low and high", "correct the row"));
    }
    Ok((fields[1].to_owned(), candle))
}

fn price(text: &str, field: &str) -> Result<u64, Fault> {
    let units = Decimal::parse(text, field)?.units(DECIMALS).and_then(|units| u64::try_from(units).ok());
    let fits = |units: &u64| (1..1 << PRICE_BITS).contains(units);
    let why = || {
        Fault::new(format!("{field} '{text}' is no price"), "write a positive number of at most 8 decimals")
    };
    units.filter(fits).ok_or_else(why)
}

/// What becomes of a market's candles, in the order of time. After a gap the market begins anew. `every` of the rules is
/// at least 1. None if candles are longer than a day, or no tick falls into one.
pub fn replay(symbol: &str, candles: &[Candle], rules: Rules) -> Option<Replayed> {
    // The shortest distance of two candles is the length of all: longer ones are gaps.
    let length = candles.windows(2).map(|pair| pair[1].time - pair[0].time).min().unwrap_or(MINUTE);
    let mut replayed = Replayed { symbol: symbol.to_owned(), ..Replayed::default() };
    for window in candles.chunk_by(|one, next| next.time == one.time + length).filter(|_| length <= DAY) {
        let asked = asked(window, length, rules.every);
        let steps = asked.windows(2).map(|pair| distance(pair[1].1, pair[0].1));
        replayed.ticks += asked.len() as u64;
        replayed.greatest_step_ppm = replayed.greatest_step_ppm.max(steps.max().unwrap_or(0));
        replayed.breaker.add(lag(&asked, rules, true));
        replayed.band_only.add(lag(&asked, rules, false));
    }
    (replayed.ticks > 0).then_some(replayed)
}

impl Lag {
    /// Another window of the same market.
    fn add(&mut self, other: Self) {
        self.cut += other.cut;
        self.behind_seconds += other.behind_seconds;
        self.greatest_ppm = self.greatest_ppm.max(other.greatest_ppm);
        self.still_seconds += other.still_seconds;
    }
}

/// Times and prices of ticks in candles of `length` seconds.
fn asked(candles: &[Candle], length: u64, every: u64) -> Vec<(u64, u64)> {
    let of_candle = |candle: &Candle| {
        let candle = *candle;
        let first = candle.time.next_multiple_of(every);
        (first..candle.time + length).step_by(every as usize).map(move |time| (time, candle.at(time, length)))
    };
    candles.iter().flat_map(of_candle).collect()
}

impl Candle {
    /// The price at a time within the candle, which lasts `length` seconds.
    fn at(&self, time: u64, length: u64) -> u64 {
        let Self { open, high, low, close, .. } = *self;
        let (first, second) = if high - open < open - low { (high, low) } else { (low, high) };
        let points = [open, first, second, close].map(i128::from);
        let passed = 3 * i128::from(time - self.time);
        let (part, rest) = ((passed / i128::from(length)) as usize, passed % i128::from(length));
        let (from, to) = (points[part], points[part + 1]);
        (from + (to - from) * rest / i128::from(length)) as u64
    }
}

/// Parts per million of `of` by which a price differs from it.
fn distance(price: u64, of: u64) -> u64 {
    (u128::from(price.abs_diff(of)) * 1_000_000 / u128::from(of)) as u64
}

/// The law's ticks, one after another; without `confirms` no tick confirms another.
fn lag(asked: &[(u64, u64)], rules: Rules, confirms: bool) -> Lag {
    let mut found = Lag::default();
    let Some((start, first)) = asked.first() else { return found };
    let mut market = Market {
        price: *first,
        asked: *first,
        max_price: (1 << PRICE_BITS) - 1,
        band: rules.band,
        still_age: (1 << AGE_BITS) - 1,
        halt_age: (1 << AGE_BITS) - 1,
        last_tick: *start,
        status: STATUS_OPEN,
        ..Market::BLANK
    };
    for (time, price) in asked {
        if !confirms {
            market.asked = market.price;
        }
        let context = Context { time: *time, observed: *time, is_signed: false, domain: Domain::default() };
        let op = Tick { market: 1, price: *price, rate: 0 };
        market = tick::apply(&context, &op, &market).expect("a price in range, and no funding");
        let behind = distance(market.price, *price);
        found.cut += u64::from(market.price != *price);
        found.greatest_ppm = found.greatest_ppm.max(behind);
        found.behind_seconds += if behind > BEHIND { rules.every } else { 0 };
        found.still_seconds += if market.still { rules.every } else { 0 };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::error::WireError;

    const RULES: Rules = Rules { band: 100_000, every: 10 };

    fn read(rows: &str) -> Result<Candles, WireError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("candles.csv");
        std::fs::write(&path, format!("{HEADER}\n{rows}")).unwrap();
        candles(&path)
    }

    #[test]
    fn a_fall_within_a_minute_is_followed_one_tick_later() {
        // 100 to 60 and there: by thirds of the minute down, and on.
        let all = read("90000,A,100,100,60,60,1\n90060,A,60,60,60,60,1\n90120,A,60,60,60,60,1\n").unwrap();
        let replayed = replay("A", &all["A"], RULES).unwrap();
        assert_eq!((replayed.ticks, replayed.breaker.cut), (18, 2));
        // 100 for 20 s, then 80 in one step: cut to 90; at 60 it gets 80, then 60.
        assert_eq!(replayed.greatest_step_ppm, 250_000);
        assert_eq!((replayed.breaker.greatest_ppm, replayed.breaker.behind_seconds), (333_333, 20));
        // A minute after the second cut it is open again.
        assert_eq!(replayed.breaker.still_seconds, 70);
        // By a tenth a tick: 90, 81, 72.9, 65.61, 60.
        assert_eq!((replayed.band_only.cut, replayed.band_only.behind_seconds), (4, 40));
    }

    #[test]
    fn a_spike_of_one_tick_moves_a_price_by_the_band() {
        let rows = "90000,A,100,100,100,100,1\n90010,A,100,300,100,100,1\n90020,A,100,100,100,100,1\n";
        let all = read(rows).unwrap();
        let asked = asked(&all["A"], 10, 10);
        assert_eq!(asked.iter().map(|(_, price)| price / 100_000_000).collect::<Vec<_>>(), [100, 100, 100]);
        let spike: Vec<(u64, u64)> =
            [100u64, 100, 300, 100, 100].iter().zip(9_000..).map(|(p, t)| (10 * t, *p)).collect();
        let lag = lag(&spike, RULES, true);
        assert_eq!((lag.cut, lag.greatest_ppm), (1, 633_333));
    }

    #[test]
    fn a_gap_is_no_step_and_what_has_no_tick_is_none() {
        let rows = "90000,A,100,100,100,100,1\n90060,A,100,100,100,100,1\n99000,A,50,50,50,50,1\n";
        let replayed = replay("A", &read(rows).unwrap()["A"], RULES).unwrap();
        assert_eq!((replayed.ticks, replayed.greatest_step_ppm, replayed.breaker.cut), (18, 0, 0));
        let odd = read("90003,A,1,1,1,1,1\n90004,A,1,1,1,1,1\n").unwrap();
        assert_eq!(replay("A", &odd["A"], RULES), None);
        let long = read("90000,A,1,1,1,1,1\n1099511627775,A,1,1,1,1,1\n").unwrap();
        assert_eq!(replay("A", &long["A"], RULES), None);
        assert!(read("").unwrap_err().to_string().contains("no candle"));
    }

    #[test]
    fn what_is_no_candle_is_refused_with_its_line() {
        for (rows, what) in [
            ("600,A,100,100,60,60,1\n", "time"),
            ("90000,A,100,100,60,60\n", "columns"),
            ("x,A,100,100,60,60,1\n", "time"),
            ("90000,A,0,100,0,60,1\n", "open"),
            ("90000,A,100,100,60,-1,1\n", "close"),
            ("90000,A,100,99,60,60,1\n", "outside"),
            ("90000,A,100,100,60,60,1\n90000,A,100,100,60,60,1\n", "rise"),
            ("90000,A,0.000000001,100,60,60,1\n", "open"),
        ] {
            let error = read(rows).unwrap_err().to_string();
            assert!(error.contains(what) && error.contains("candles.csv"), "{error}");
        }
    }
}
