//! The row of a market leaf: opens, receives at most one tick and one configuration, provides the market to the batch, closes.

mod breaker;
mod configuration;
mod interest;
mod quotes;
mod tiers;

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::hash::circuit::poseidon;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::memory::cell_key;
use crate::gadgets::memory::closing_time;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var};
use crate::ops::Tick;
use crate::params::*;
use crate::state::market::{
    CLOCKS_WORD, MARKET_ELEMENT, PARAMETER_WORDS, PARAMETERS_WORD, ParametersVar, QUOTES_WORD, TierVar,
};
use crate::state::tags::{LISTED, MARKET, NODE, OI, RISK};
use crate::state::tree::MARKET_LEAF;
use crate::state::{Market, wires};
use configuration::{Ends, configuration};
use interest::{Interest, interest};
use quotes::{Opened, Quotes, tick};

/// List of ticks among the published lists.
const LIST: &str = "markets";
/// Bits of a market's id: the wing holds no more.
const ID_BITS: u32 = MARKET_LEAF.width_of("id");
/// Padding rows provide under keys from here on, one for each row; no row can look these up with a
/// market that exists.
const PADDING_KEYS: u64 = 1 << 20;

/// A market's leaf before and after the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketRecord {
    /// Below 512.
    pub id: u16,
    /// The market as the old leaf has it, or as the batch lists it.
    pub old: Market,
    /// The batch's tick of the market, as the operator asked for it or the signers' median has it.
    pub tick: Option<Tick>,
    /// The median that a quorum of price signers gives, 32.32.
    pub median: Option<u64>,
    /// The premium that a quorum of price signers gives, 10^-9 per hour.
    pub premium: Option<i32>,
    /// After the tick, with the open interest after the batch.
    pub new: Market,
    /// Time of the open interest's last touch.
    pub open_interest_at: u32,
    /// Its configuration, if the batch has one: the new market has its parameters.
    pub configured: Option<Configured>,
}

/// What a configuration does to a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Configured {
    /// The old leaf is EMPTY; the old market is as the batch reads it.
    Listed,
    /// It changes at its closing.
    Changed,
}

/// Rows of market leaves.
pub struct MarketLeaf;

impl Row for MarketLeaf {
    type Record = MarketRecord;
    const NAME: &'static str = "market leaf";

    fn dummy() -> MarketRecord {
        MarketRecord {
            id: 0,
            old: Market::BLANK,
            tick: None,
            median: None,
            premium: None,
            new: Market::BLANK,
            open_interest_at: 0,
            configured: None,
        }
    }

    // MKT-1 to MKT-38.
    fn synthesize(cs: &mut Cs<'_>, record: &Padded<MarketRecord>) {
        let enable = Bit::hint(&mut cs.check("MKT-3"), "market.enable", record.enabled);
        let id = Int::hint_unsigned(&mut cs.check("MKT-1"), "market.id", Fr::from(record.id), ID_BITS);
        let fixed = hint_parameters(&mut cs.check("MKT-1"), &record.old);
        let configured_at = Fr::from(record.old.configured_at);
        let configured_at =
            Int::hint_unsigned(&mut cs.check("MKT-1"), "market.parameter", configured_at, TIME_BITS);
        let old = Quotes::hint(&mut cs.check("MKT-1"), &record.old);
        let open = has_status(&mut cs.check("MKT-11"), &fixed, STATUS_OPEN);
        let opened = Opened { enable: &enable, open: &open, id: &id, fixed: &fixed, old: &old };
        let (new, asked) = tick(cs, record, &opened);

        let open_interest = Int::hint_unsigned(
            &mut cs.check("MKT-1"),
            "market.open_interest",
            Fr::from(record.old.open_interest),
            OPEN_INTEREST_BITS,
        );
        let closed = cs.hint("market.open_interest_after", Fr::from(record.new.open_interest));
        let at = closing_time(&mut cs.check("MKT-12"), "market.closed_at", record.open_interest_at);
        let opening = [cell_key(id.var(), &Var::zero()), open_interest.var().clone()];
        cs.check("MKT-13").send(OI, &opening, enable.var());
        let closing = [cell_key(id.var(), &at), closed.clone()];
        cs.check("MKT-13").receive(OI, &closing, enable.var());

        // Ranged by whoever sent the OI that is received: above, or with `OpenInterestRange`.
        let closed = Int::new_unchecked(closed, OPEN_INTEREST_BITS);
        let (opening, parameters) = (moving_words(&old, &open_interest), fixed.words(&configured_at));
        let ends = Ends { opening: &opening, parameters: &parameters, new: &new, closed: &closed };
        let configured = configuration(cs, record, &opened, ends);
        let old_leaf = leaf(&mut cs.check("MKT-2"), &opening, &parameters);
        let old_leaf = cs.check("MKT-28").product(configured.lists.not().var(), &old_leaf);
        let new_leaf = leaf(&mut cs.check("MKT-2"), &moving_words(&new, &closed), &configured.words);
        cs.check("MKT-14").send(NODE, &[MARKET_LEAF.pack_ints([&id]), old_leaf, new_leaf], enable.var());
        let interest = interest(cs, &opened, &open_interest, &new.price);
        let listed = provide(&mut cs.check("MKT-11"), &opened, &new, &interest);
        tiers::provide(cs, &listed, &fixed);

        let element = MARKET_ELEMENT.pack_ints([
            &id,
            &new.price,
            &new.funding_index,
            &asked.ticks.int(),
            &asked.rate_element(),
            &asked.price,
        ]);
        let element = cs.check("MKT-15").product(enable.var(), &element);
        cs.publish(LIST, 0, &element);
    }
}

/// What stays within a batch, as advice, each in its width.
fn hint_parameters(cs: &mut Cs<'_>, market: &Market) -> ParametersVar {
    let mut ranged = |value: u64, bits| Int::hint_unsigned(cs, "market.parameter", Fr::from(value), bits);
    ParametersVar {
        max_price: ranged(market.max_price, PRICE_BITS),
        max_size: ranged(market.max_size, SIZE_BITS),
        open_notional_low: ranged(market.open_notional_low, QUOTE_BITS),
        open_notional_high: ranged(market.open_notional_high, QUOTE_BITS),
        open_growth: ranged(market.open_growth, SIZE_BITS),
        interest: ranged(stated_rate(market.interest), RATE_BITS + 1),
        premium_clamp: ranged(market.premium_clamp.into(), PREMIUM_CLAMP_BITS),
        still_age: ranged(market.still_age.into(), AGE_BITS),
        halt_age: ranged(market.halt_age.into(), AGE_BITS),
        funding_interval: ranged(market.funding_interval.into(), FUNDING_INTERVAL_BITS),
        funding_cap: ranged(market.funding_cap.into(), RATE_BITS),
        initial_fraction: ranged(market.initial_fraction.into(), FRACTION_BITS),
        maintenance_fraction: ranged(market.maintenance_fraction.into(), FRACTION_BITS),
        taker_fee: ranged(market.taker_fee.into(), FRACTION_BITS),
        maker_fee: ranged(market.maker_fee.into(), FRACTION_BITS),
        liquidation_fee: ranged(market.liquidation_fee.into(), FRACTION_BITS),
        band: ranged(market.band.into(), FRACTION_BITS),
        collar: ranged(market.collar.into(), COLLAR_BITS),
        lot: ranged(market.lot, LOT_BITS),
        tick_quote: ranged(market.tick_quote, TICK_QUOTE_BITS),
        min_lots: ranged(market.min_lots.into(), MIN_LOTS_BITS),
        status: ranged(market.status.into(), PARAMETERS_WORD.width_of("status")),
        tiers: market.tiers.each_ref().map(|tier| TierVar::hint(cs, "market.tier", tier)),
    }
}

fn has_status(cs: &mut Cs<'_>, fixed: &ParametersVar, status: u8) -> Bit {
    fixed.status.add_constant(-i128::from(status)).is_zero(cs)
}

/// The market as accounts (RISK), orders (LISTED) and trades (MARKET) look it up; the last only while
/// it is traded. Keys are unique: by the tree, or by the row's number where there is nothing to provide. Returns the key
/// for accounts and orders.
fn provide(cs: &mut Cs<'_>, row: &Opened<'_>, quotes: &Quotes, interest: &Interest) -> Var<Committed> {
    let Opened { enable, open, id, fixed, .. } = *row;
    let padding = cs.row_index().add_constant(Fr::from(PADDING_KEYS));
    let listed = enable.select_var(cs, id.var(), &padding);
    let reduces = has_status(cs, fixed, STATUS_REDUCE_ONLY);
    let by_status = Bit::new_unchecked(open.var() + reduces.var());
    let time = wires::time(cs);
    let too_old = breaker::older(cs, [&time, &quotes.last_tick], &fixed.halt_age);
    let traded = by_status.and(cs, &too_old.not()).and(cs, enable);
    let traded = traded.select_var(cs, id.var(), &padding);
    let still = quotes.still.var();
    let collared = fixed.collar.is_zero(&mut cs.check("MKT-38")).not();
    let risk =
        [&listed, quotes.price.var(), quotes.funding_index.var(), interest.initial_fraction.var(), still];
    cs.provide(RISK, &risk.map(Clone::clone));
    cs.provide(LISTED, &[listed.clone(), fixed.min_lots.var().clone()]);
    let market = [
        &traded,
        quotes.price.var(),
        quotes.funding_index.var(),
        interest.initial_fraction.var(),
        fixed.lot.var(),
        fixed.tick_quote.var(),
        fixed.min_lots.var(),
        fixed.max_size.var(),
        fixed.taker_fee.var(),
        fixed.maker_fee.var(),
        fixed.liquidation_fee.var(),
        fixed.max_price.var(),
        still,
        interest.limit.var(),
        fixed.collar.var(),
        collared.var(),
    ];
    cs.provide(MARKET, &market.map(Clone::clone));
    listed
}

/// Words 0 and 1 of the leaf, of ranged fields: what batches move.
fn moving_words(quotes: &Quotes, open_interest: &Int) -> [Var<Committed>; 2] {
    let first = QUOTES_WORD.pack_ints([
        &quotes.price,
        &quotes.funding_index,
        open_interest,
        &quotes.rate,
        &quotes.in_arrears.int(),
        &quotes.beyond.number(),
        &quotes.still.int(),
    ]);
    let second = CLOCKS_WORD.pack_ints([
        &quotes.last_tick,
        &quotes.paid_until,
        &quotes.funding_remainder,
        &quotes.cut_at,
        &quotes.asked,
        &quotes.rated_hour,
    ]);
    [first, second]
}

/// `poseidon([MARKET, w0, …, w8])`.
fn leaf(
    cs: &mut Cs<'_>,
    moving: &[Var<Committed>; 2],
    parameters: &[Var<Committed>; PARAMETER_WORDS],
) -> Var<Committed> {
    let tag = [Var::constant(Fr::from(tag::MARKET))];
    let words: Vec<Var<Committed>> = tag.iter().chain(moving).chain(parameters).cloned().collect();
    poseidon(cs, &words)
}

#[cfg(test)]
pub mod tests;
