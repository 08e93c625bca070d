//! Amounts in the units of the venue: quote tokens, base units, prices as its files write them.

use crate::engine::Clamped;
use crate::wire::clock;
use crate::wire::event::{Listing, Market};
use crate::wire::{Place, Tape};
use num_bigint::BigInt;
use serde::Serialize;
use zkmargin_circuits::reject::{Quantity, Unit};
use zkmargin_circuits::state::State;

/// Decimals that an amount is written with at least, where it has them.
const DECIMALS: u32 = 6;
/// Decimals after which two amounts that still look alike are left so.
const MOST_DECIMALS: u32 = 60;
/// Numbers of seconds from here on (2001) are points in time.
const A_TIME: u64 = 1_000_000_000;

/// Markets of a tape with what their integers mean.
#[derive(Debug, Clone)]
pub struct Venue {
    listings: Vec<Listing>,
    /// Base quanta of a lot, by market.
    lots: Vec<u64>,
    /// Decimals of the quote quantum.
    quote: i64,
    /// What the places of events count.
    place: Place,
}

/// An exact amount: a number over a number above zero.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ratio {
    over: BigInt,
    under: BigInt,
}

/// How many of a thing make one of the venue's, and what that is called.
struct Scale {
    /// The thing is `ten^-decimals / (2^binary · factor)` of the venue's.
    decimals: i64,
    binary: u32,
    /// Multiplies (left) and divides (right).
    factor: [u64; 2],
    name: String,
}

impl Venue {
    /// The markets of a tape, as listed in a state.
    pub fn new(tape: &Tape, state: &State) -> Self {
        let lot = |index| state.market(index as Market + 1).map_or(1, |market| market.lot);
        let lots = (0..tape.listings.len()).map(lot).collect();
        Self { listings: tape.listings.clone(), lots, quote: tape.quote_decimals.into(), place: tape.place }
    }

    /// What the places of events count.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The name of a market.
    pub fn market(&self, market: Market) -> Option<&str> {
        self.listing(market).map(|(listing, _)| listing.name.as_str())
    }

    fn listing(&self, market: Market) -> Option<(&Listing, u64)> {
        let index = usize::from(market).checked_sub(1)?;
        Some((self.listings.get(index)?, *self.lots.get(index)?))
    }

    /// Two amounts of a unit in the venue's own, and that unit's name. They are written with as many
    /// decimals as it takes to tell them apart.
    pub fn pair(&self, sides: [&Quantity; 2], unit: Unit, market: Option<Market>) -> ([String; 2], String) {
        match unit {
            Unit::Side => {
                (sides.map(|side| if is(side, 0) { "buy" } else { "sell" }.to_owned()), String::new())
            }
            Unit::Seconds => (sides.map(time), "s".to_owned()),
            Unit::Nonce | Unit::Id | Unit::Count | Unit::Status | Unit::Coordinate | Unit::None => {
                (sides.map(ToString::to_string), String::new())
            }
            _ => {
                let scale = self.scale(unit, market);
                (apart(sides.map(|side| scale.ratio(side.big()))), scale.name)
            }
        }
    }

    fn scale(&self, unit: Unit, market: Option<Market>) -> Scale {
        let known = market.and_then(|market| self.listing(market));
        let Some((listing, lot)) = known else { return self.unlisted(unit) };
        let (ticks, lots) = (i64::from(listing.price_decimals), i64::from(listing.size_decimals));
        let base = &listing.name;
        let scale =
            |decimals, binary, factor, name: &str| Scale { decimals, binary, factor, name: name.into() };
        match unit {
            Unit::Lots => scale(lots, 0, [1, 1], base),
            Unit::Ticks => scale(ticks, 0, [1, 1], &format!("quote per {base}")),
            Unit::BaseQuanta => scale(lots, 0, [1, lot], base),
            Unit::Price => scale(self.quote - lots, 32, [lot, 1], &format!("quote per {base}")),
            Unit::FundingIndex => scale(self.quote - lots, 48, [lot, 1], &format!("quote per {base}")),
            Unit::RequirementSize => {
                scale(self.quote + 6 + lots, 32, [1, lot], &format!("quote times {base}"))
            }
            _ => self.unlisted(unit),
        }
    }

    /// Units that are the same in all markets; of the others, the protocol's own.
    fn unlisted(&self, unit: Unit) -> Scale {
        let (decimals, binary, name) = match unit {
            Unit::QuoteQuanta => (self.quote, 0, "quote"),
            Unit::Value => (self.quote, 32, "quote"),
            Unit::Requirement => (self.quote + 6, 32, "quote"),
            Unit::ValueRequirement => (2 * self.quote + 6, 64, "quote times quote"),
            Unit::PartsPerMillion => (4, 0, "%"),
            Unit::Rate => (7, 0, "% an hour"),
            _ => return Scale { decimals: 0, binary: 0, factor: [1, 1], name: unit.to_string() },
        };
        Scale { decimals, binary, factor: [1, 1], name: name.to_owned() }
    }

    /// What became of a price, in one sentence and as an object.
    pub fn clamped(&self, clamped: &Clamped) -> ClampedPrice {
        let price = |price: u64| {
            let scale = self.scale(Unit::Price, Some(clamped.market));
            scale.ratio(price.into()).decimals(DECIMALS)
        };
        ClampedPrice {
            place: self.place,
            line: clamped.line,
            market: self.market(clamped.market).unwrap_or("?").to_owned(),
            asked: price(clamped.asked),
            applied: price(clamped.applied),
            before: price(clamped.before),
            band_percent: self.unlisted(Unit::PartsPerMillion).ratio(clamped.band.into()).decimals(DECIMALS),
        }
    }
}

/// An oracle price that the band cut, in quote tokens per base unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClampedPrice {
    #[serde(skip)]
    place: Place,
    /// Place in the file that asked for it, or whose work needed it.
    pub line: u64,
    /// Name of the market.
    pub market: String,
    /// The price that was asked for.
    pub asked: String,
    /// The price that is in force.
    pub applied: String,
    /// The price that was in force before, around which the band lies.
    pub before: String,
    /// Half the band's width, percent of that.
    pub band_percent: String,
}

impl std::fmt::Display for ClampedPrice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { place, line, market, asked, applied, before, band_percent } = self;
        write!(
            f,
            "{place} {line}: price {asked} of {market} cut to {applied}: the band is {band_percent} % around {before}"
        )
    }
}

impl Scale {
    fn ratio(&self, amount: BigInt) -> Ratio {
        let [times, by] = self.factor;
        let ten = BigInt::from(10);
        let power = |of: i64| ten.pow(u32::try_from(of).unwrap_or(0));
        Ratio {
            over: amount * times * power(-self.decimals),
            under: (BigInt::from(by) << self.binary) * power(self.decimals),
        }
    }
}

impl Ratio {
    /// The amount cut after so many decimals, without trailing zeros.
    fn decimals(&self, decimals: u32) -> String {
        let scaled =
            self.over.magnitude() * BigInt::from(10).pow(decimals).magnitude() / self.under.magnitude();
        let digits = format!("{:0>width$}", scaled.to_string(), width = decimals as usize + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals as usize);
        let fraction = fraction.trim_end_matches('0');
        let sign = if self.over.sign() == num_bigint::Sign::Minus { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

/// Both amounts with the decimals that tell them apart.
fn apart(sides: [Ratio; 2]) -> [String; 2] {
    let at = |decimals| [sides[0].decimals(decimals), sides[1].decimals(decimals)];
    (DECIMALS..MOST_DECIMALS).map(at).find(|[left, right]| left != right).unwrap_or_else(|| at(DECIMALS))
}

fn is(side: &Quantity, number: u64) -> bool {
    side.big() == BigInt::from(number)
}

/// A point in time as files write it, or a number of seconds.
fn time(side: &Quantity) -> String {
    match u64::try_from(side.big()) {
        Ok(seconds) if seconds >= A_TIME => clock::format(seconds),
        _ => side.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(over: i64, under: i64) -> Ratio {
        Ratio { over: over.into(), under: under.into() }
    }

    #[test]
    fn amounts_are_written_as_short_as_they_are() {
        assert_eq!(ratio(5, 2).decimals(6), "2.5");
        assert_eq!(ratio(-5, 2).decimals(6), "-2.5");
        assert_eq!(ratio(7, 1).decimals(6), "7");
        assert_eq!(ratio(1, 1_000).decimals(6), "0.001");
        assert_eq!(ratio(1, 10_000_000).decimals(6), "0");
    }

    #[test]
    fn two_amounts_are_told_apart() {
        let two = apart([ratio(1, 1), ratio(100_000_001, 100_000_000)]);
        assert_eq!(two, ["1", "1.00000001"]);
        assert_eq!(apart([ratio(1, 3), ratio(1, 3)]), ["0.333333", "0.333333"]);
    }
}
