//! What the law says of published events, recomputed from their numbers: each check with both sides.

use serde::Serialize;
use zkmargin_circuits::margin::Header;
use zkmargin_circuits::margin::native::{
    Liquidated, liquidation_fee, liquidation_slope, liquidation_step, not_over_sides, zero_price, zero_quote,
};
use zkmargin_circuits::params::{
    AMOUNT_BITS, HOUR_SECONDS, M, QUOTE_BITS, STATUS_OPEN, STATUS_REDUCE_ONLY, U,
};
use zkmargin_circuits::publication::decode::{LiquidationEntry, StatedTick};
use zkmargin_circuits::reject::{Quantity, Relation, Unit};
use zkmargin_circuits::state::market::liquidation_rate;
use zkmargin_circuits::state::{Market, Mode, Side, pool_account};

/// One check of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Id of the check in the spec.
    pub id: &'static str,
    /// What it asks, in words.
    pub what: &'static str,
    /// Left side.
    pub left: String,
    /// How left must stand to right.
    pub relation: String,
    /// Right side.
    pub right: String,
    /// What both sides count.
    pub unit: String,
    /// Whether it holds.
    pub holds: bool,
}

impl Line {
    fn new(
        id: &'static str,
        what: &'static str,
        relation: Relation,
        sides: [Quantity; 2],
        unit: Unit,
    ) -> Self {
        let [left, right] = sides;
        Self {
            id,
            what,
            holds: relation.holds(&left, &right),
            left: left.to_string(),
            relation: relation.to_string(),
            right: right.to_string(),
            unit: unit.to_string(),
        }
    }

    /// `left relation right`, with the unit.
    pub fn sides(&self) -> String {
        let Self { left, relation, right, unit, .. } = self;
        format!("{left} {relation} {right} {unit}").trim_end().to_owned()
    }
}

/// Why a liquidation was allowed: the checks of the law on its published numbers. `market` is the batch's, after
/// its tick; `time` is the batch's.
pub fn liquidation(entry: &LiquidationEntry, market: &Market, time: u64) -> Vec<Line> {
    let LiquidationEntry { lots, quote, fee, held, short, .. } = *entry;
    let size = u128::from(lots) * u128::from(market.lot);
    let q = |value: i128| Quantity::from(value);
    let mut lines = vec![
        Line::new(
            "MKT-11",
            "the market's status",
            Relation::AtLeast,
            [market.status.into(), STATUS_OPEN.into()],
            Unit::Status,
        ),
        Line::new(
            "MKT-11",
            "the market's status, open or reduce-only",
            Relation::AtMost,
            [market.status.into(), STATUS_REDUCE_ONLY.into()],
            Unit::Status,
        ),
        Line::new(
            "MKT-11",
            "the age of the market's price",
            Relation::AtMost,
            [market.age(time).into(), market.halt_age.into()],
            Unit::Seconds,
        ),
        Line::new("LIQ-2", "lots closed", Relation::AtLeast, [lots.into(), 1u64.into()], Unit::Lots),
        Line::new(
            "LIQ-3",
            "no more than is held",
            Relation::AtMost,
            [size.into(), held.into()],
            Unit::BaseQuanta,
        ),
        Line::new(
            "LIQ-4",
            "the account is not in debt",
            Relation::AtLeast,
            [q(entry.value), q(0)],
            Unit::Value,
        ),
        Line::new(
            "LIQ-5",
            "M times its value is below its maintenance requirement",
            Relation::Less,
            [q(M * entry.value), q(entry.maintenance)],
            Unit::Requirement,
        ),
        Line::new(
            "LIQ-8",
            "quote",
            Relation::Less,
            [quote.into(), (1u64 << QUOTE_BITS).into()],
            Unit::QuoteQuanta,
        ),
    ];
    if entry.order.is_none() {
        let pool = pool_account(entry.market);
        lines.push(Line::new(
            "LIQ-17",
            "without an order the market's pool takes",
            Relation::Equal,
            [entry.taker.into(), pool.into()],
            Unit::Id,
        ));
    }
    if lines.iter().any(|line| !line.holds) {
        // The prices below mean nothing then.
        return lines;
    }
    let (size, closing) = (size as u64, if short { Side::Buy } else { Side::Sell });
    let before = header(entry.value, entry.initial, entry.maintenance);
    let slope = liquidation_slope(market, entry.held - size);
    let zero = zero_quote(zero_price(&before, market, slope, closing), size, closing);
    let oracle = zero_quote(market.price, size, closing);
    let (better, worse) = (Relation::AtLeast.mirrored_if(short), Relation::AtMost.mirrored_if(short));
    lines.push(Line::new(
        "LIQ-9",
        "no worse for the account than the zero price",
        better,
        [quote.into(), q(zero)],
        Unit::QuoteQuanta,
    ));
    lines.push(Line::new(
        "LIQ-10",
        "no better than the oracle price",
        worse,
        [quote.into(), q(oracle)],
        Unit::QuoteQuanta,
    ));
    if lines.iter().any(|line| !line.holds) {
        return lines;
    }
    let due = liquidation_fee(quote, zero, liquidation_rate(market.liquidation_fee, slope), closing);
    lines.push(Line::new(
        "LIQ-11",
        "the fee to the pool",
        Relation::Equal,
        [fee.into(), due.into()],
        Unit::QuoteQuanta,
    ));
    lines.push(not_over(entry, &before, market, size));
    lines
}

/// LIQ-12: one step less would not have reached the requirement.
fn not_over(entry: &LiquidationEntry, before: &Header, market: &Market, size: u64) -> Line {
    // A long gives up size at the oracle price and gets the quote; a short mirrors it.
    let sign = if entry.short { -1 } else { 1 };
    let given = i128::from(market.price) * i128::from(size) - i128::from(entry.quote) * U;
    let loss = sign * given + i128::from(entry.fee) * U;
    let step = liquidation_step(market, size, size == entry.held);
    let sizes = Liquidated { held: entry.held, size, step };
    let sides = not_over_sides(before, loss, market, sizes).map(Quantity::from);
    let what = "one step less would have left the account below its requirement";
    Line::new("LIQ-12", what, Relation::Less, sides, Unit::RequirementSize)
}

/// Why a tick was allowed. `before` is the market before the batch, `after` it.
pub fn tick(stated: &StatedTick, before: &Market, after: &Market) -> Vec<Line> {
    let mut lines = vec![
        Line::new(
            "MKT-6",
            "the asked price",
            Relation::AtLeast,
            [stated.asked.into(), 1u64.into()],
            Unit::Price,
        ),
        Line::new(
            "MKT-6",
            "the asked price, at most the listing's largest",
            Relation::AtMost,
            [stated.asked.into(), before.max_price.into()],
            Unit::Price,
        ),
        Line::new(
            "MKT-7",
            "the rate, within the listing's cap",
            Relation::AtMost,
            [stated.rate.unsigned_abs().into(), before.funding_cap.into()],
            Unit::Rate,
        ),
    ];
    lines.extend(breaker(stated, before, after));
    lines
}

/// What became of an asked price: where it lies, and what the market got.
fn breaker(stated: &StatedTick, before: &Market, after: &Market) -> [Line; 2] {
    let ((low, high), asked) = (before.band_ends(), stated.asked);
    let (lowest, highest) = before.tick_ends(after.last_tick);
    let line = |id, what, relation, sides: [u64; 2]| {
        Line::new(id, what, relation, sides.map(Quantity::from), Unit::Price)
    };
    let (what, relation, sides) = if asked > high {
        ("the band's upper end, below the asked price", Relation::Less, [high, asked])
    } else if asked < low {
        ("the asked price, below the band's lower end", Relation::Less, [asked, low])
    } else {
        ("the asked price, within the band up to", Relation::AtMost, [asked, high])
    };
    let place = line("MKT-5", what, relation, sides);
    let price = asked.clamp(lowest, highest);
    let what = match price {
        _ if (low..=high).contains(&asked) => "the price, which is the asked one",
        _ if price == asked => "the price, which is the asked one: the last tick asked for one as far out",
        _ if price == low || price == high => "the price, which is the nearer end of the band",
        _ => "the price, which the last tick asked for: the less extreme one",
    };
    [place, line("MKT-33", what, Relation::Equal, [after.price, price])]
}

/// Where prices are signed: their epoch is after the market's last tick. `before` is the market before the batch,
/// `after` it.
pub fn observed(before: &Market, after: &Market) -> Line {
    let sides = [before.last_tick.into(), after.last_tick.into()];
    Line::new(
        "MKT-24",
        "the time of the last tick, before the epoch of the signed prices",
        Relation::Less,
        sides,
        Unit::Seconds,
    )
}

/// Where prices are signed: the rate of a tick that is not its hour's first is the one in force; none of one that is.
/// `before` is the market before the batch, `after` it.
pub fn rate_in_force(stated: &StatedTick, before: &Market, after: &Market) -> Option<Line> {
    let crosses = after.last_tick / HOUR_SECONDS > before.rated_hour.into();
    let sides = [stated.rate.into(), before.rate.into()];
    let what = "the rate, which is the one in force within its hour";
    (!crosses).then(|| Line::new("MKT-36", what, Relation::Equal, sides, Unit::Rate))
}

/// An amount that a deposit, a transfer or a withdrawal may have.
pub fn amount(amount: u64) -> Line {
    let sides = [amount.into(), (1u64 << AMOUNT_BITS).into()];
    Line::new("TAKE-1", "the amount, at least 1 and below", Relation::Less, sides, Unit::QuoteQuanta)
}

/// A header of which only value and requirements count.
fn header(value: i128, initial: i128, maintenance: i128) -> Header {
    Header { value, initial, maintenance, ..Header::flat(0, Mode::Cross) }
}
