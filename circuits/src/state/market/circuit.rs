//! The row of a market leaf: opens, ticks at most once, provides the market to the batch, closes.

use ark_bn254::Fr;

use super::Market;
use crate::batch::native::MarketRow;
use crate::bus::{LISTED, MARKET, NODE, OI, RISK, cell_key};
use crate::gadgets::cs::Cs;
use crate::gadgets::hash::circuit::poseidon;
use crate::gadgets::int::{Bit, Int, fr_from_i128};
use crate::gadgets::memory::closing_time;
use crate::gadgets::range::enforce_range;
use crate::gadgets::row::Row;
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::globals::TIME;
use crate::params::*;

/// List of ticks among the published lists.
const LIST: u8 = 7;
/// Bits of a market's id: the wing holds no more.
const ID_BITS: u32 = 3 * MARKET_DEPTH;
/// Padding rows provide under keys from here on, one for each row; nobody can look these up with a
/// market that exists.
const PADDING_KEYS: u64 = 1 << 20;

/// A market's leaf before and after the batch.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    pub enable: bool,
    pub id: u16,
    pub old: Market,
    /// The stated funding rate of the batch's tick, if there is one.
    pub rate: Option<i32>,
    /// After the tick, with the open interest after the batch.
    pub new: Market,
    /// Time of the open interest's last touch.
    pub open_interest_at: u32,
}

impl Input {
    /// From a batch's record.
    pub fn from_record(row: &MarketRow) -> Self {
        Self {
            enable: true,
            id: row.id,
            old: row.old,
            rate: row.tick.map(|tick| tick.rate),
            new: row.new,
            open_interest_at: u32::try_from(row.open_interest_at).unwrap_or(u32::MAX),
        }
    }
}

/// Rows of market leaves.
pub struct MarketLeaf;

impl Row for MarketLeaf {
    type Input = Input;
    const NAME: &'static str = "market leaf";

    fn blank() -> Input {
        let market = Market {
            price: 0,
            reference_price: 0,
            funding_index: 0,
            open_interest: 0,
            max_price: 0,
            max_size: 0,
            last_tick: 0,
            funding_cap: 0,
            initial_fraction: 0,
            maintenance_fraction: 0,
            taker_fee: 0,
            maker_fee: 0,
            liquidation_fee: 0,
            band: 0,
            lot: 0,
            tick_quote: 0,
            min_lots: 0,
            status: 0,
        };
        Input { enable: false, id: 0, old: market, rate: None, new: market, open_interest_at: 0 }
    }

    // MKT-1 … MKT-10.
    fn synthesize(cs: &mut Cs<'_>, input: &Input) {
        let enable = Bit::hint(cs, "market.enable", input.enable);
        let id = Int::hint_unsigned(cs, "market.id", Fr::from(input.id), ID_BITS);
        let fixed = Parameters::hint(cs, &input.old);
        let old = Quotes::hint(cs, &input.old);
        let new = tick(cs, input, &enable, (&fixed, &old));

        let open_interest = Int::hint_unsigned(
            cs,
            "market.open_interest",
            Fr::from(input.old.open_interest),
            OPEN_INTEREST_BITS,
        );
        let closed = cs.hint("market.open_interest_after", Fr::from(input.new.open_interest));
        let at = closing_time(cs, "market.closed_at", input.open_interest_at);
        let opening = [cell_key(id.var(), &Var::zero()), open_interest.var().clone()];
        cs.send(OI, &opening, enable.var());
        cs.receive(OI, &[cell_key(id.var(), &at), closed.clone()], enable.var());

        let old_leaf = leaf(cs, &fixed, &old, open_interest.var());
        let new_leaf = leaf(cs, &fixed, &new, &closed);
        let address = id.var().add_constant(Fr::from(10u64 << (3 * MARKET_DEPTH)));
        cs.send(NODE, &[address, old_leaf, new_leaf], enable.var());
        provide(cs, &enable, &id, (&fixed, &new));

        let element = Var::sum([id.var(), &new.price.var().shift(16), &new.funding_index.var().shift(70)]);
        let element = cs.product(enable.var(), &element);
        cs.publish(LIST, 0, &element);
    }
}

/// What a tick moves.
struct Quotes {
    price: Int,
    reference_price: Int,
    /// `F + 2^95`.
    funding_index: Int,
    last_tick: Int,
}

impl Quotes {
    fn hint(cs: &mut Cs<'_>, market: &Market) -> Self {
        let funding_index = fr_from_i128(market.funding_index + FUNDING_INDEX_OFFSET);
        let mut ranged = |name, value: Fr, bits| Int::hint_unsigned(cs, name, value, bits);
        Self {
            price: ranged("market.price", Fr::from(market.price), PRICE_BITS),
            reference_price: ranged("market.reference", Fr::from(market.reference_price), PRICE_BITS),
            funding_index: ranged("market.funding_index", funding_index, FUNDING_INDEX_BITS),
            last_tick: ranged("market.last_tick", Fr::from(market.last_tick), TIME_BITS),
        }
    }
}

/// What stays within a batch.
struct Parameters {
    max_price: Int,
    max_size: Int,
    funding_cap: Int,
    initial_fraction: Int,
    maintenance_fraction: Int,
    taker_fee: Int,
    maker_fee: Int,
    liquidation_fee: Int,
    band: Int,
    lot: Int,
    tick_quote: Int,
    min_lots: Int,
    status: Int,
}

impl Parameters {
    fn hint(cs: &mut Cs<'_>, market: &Market) -> Self {
        let mut ranged = |value: u64, bits| Int::hint_unsigned(cs, "market.parameter", Fr::from(value), bits);
        Self {
            max_price: ranged(market.max_price, PRICE_BITS),
            max_size: ranged(market.max_size, SIZE_BITS),
            funding_cap: ranged(market.funding_cap.into(), RATE_BITS),
            initial_fraction: ranged(market.initial_fraction.into(), FRACTION_BITS),
            maintenance_fraction: ranged(market.maintenance_fraction.into(), FRACTION_BITS),
            taker_fee: ranged(market.taker_fee.into(), FRACTION_BITS),
            maker_fee: ranged(market.maker_fee.into(), FRACTION_BITS),
            liquidation_fee: ranged(market.liquidation_fee.into(), FRACTION_BITS),
            band: ranged(market.band.into(), FRACTION_BITS),
            lot: ranged(market.lot, LOT_BITS),
            tick_quote: ranged(market.tick_quote, TICK_QUOTE_BITS),
            min_lots: ranged(market.min_lots.into(), MIN_LOTS_BITS),
            status: ranged(market.status.into(), 4),
        }
    }
}

/// The quotes after the batch's tick: the same checks as the native half's, whose clamp lets any price
/// within the band come about.
fn tick(cs: &mut Cs<'_>, input: &Input, enable: &Bit, (fixed, old): (&Parameters, &Quotes)) -> Quotes {
    let ticks = Bit::hint(cs, "market.ticks", input.rate.is_some());
    let ticks_if_enabled = ticks.and(cs, enable);
    let time = Int::new_unchecked(cs.global(TIME), TIME_BITS);
    let price = Int::hint_unsigned(cs, "market.new_price", Fr::from(input.new.price), PRICE_BITS);
    let moved = price.var() - old.price.var();
    cs.enforce("MKT-4", ticks.not().var(), &moved, &Var::<Committed>::zero());

    let new_window = later_window(cs, &time, &old.last_tick);
    let new_window = new_window.and(cs, &ticks);
    let reference_price = new_window.select(cs, &old.price, &old.reference_price);
    let whole = Int::constant(M);
    let scaled = price.scale(M as u64);
    let low = reference_price.mul(cs, &whole.sub(&fixed.band));
    let high = reference_price.mul(cs, &whole.add(&fixed.band));
    let in_band = [scaled.sub(&low), high.sub(&scaled)];
    let in_range = [price.add_constant(-1), fixed.max_price.sub(&price)];
    for distance in in_band.iter().chain(&in_range) {
        nonnegative_if(cs, &ticks_if_enabled, distance);
    }
    let paid = funding(cs, input, (&ticks_if_enabled, &time), (fixed, old, &price));
    let funding_index = old.funding_index.var() + paid.var();
    enforce_range(cs, &funding_index, FUNDING_INDEX_BITS);
    let last_tick = ticks.select(cs, &time, &old.last_tick);
    Quotes {
        price,
        reference_price,
        funding_index: Int::new_unchecked(funding_index, FUNDING_INDEX_BITS),
        last_tick,
    }
}

/// `floor(rate·price·seconds / (3600·10^9))`, 0 without a tick.
fn funding(
    cs: &mut Cs<'_>,
    input: &Input,
    (ticks, time): (&Bit, &Int),
    (fixed, old, price): (&Parameters, &Quotes, &Int),
) -> Int {
    let rate = fr_from_i128(input.rate.unwrap_or(0).into());
    let rate = Int::hint_signed(cs, "market.rate", rate, RATE_BITS);
    cs.enforce("MKT-7", ticks.not().var(), rate.var(), &Var::<Committed>::zero());
    for distance in [fixed.funding_cap.sub(&rate), fixed.funding_cap.add(&rate)] {
        nonnegative_if(cs, ticks, &distance);
    }
    let elapsed = time.sub(&old.last_tick);
    let interval = Int::constant(FUNDING_INTERVAL_MAX as i128);
    let long = elapsed.sub(&interval).is_nonnegative(cs);
    let seconds = long.select(cs, &interval, &elapsed);
    let seconds = cs.product(ticks.var(), seconds.var());
    enforce_range(cs, &seconds, 12);
    let seconds = Int::new_unchecked(seconds, 12);
    let product = rate.mul(cs, price).mul(cs, &seconds);
    let (paid, _) = product.div_floor(cs, &Int::constant(FUNDING_DIVISOR), PRICE_BITS + 2);
    paid
}

/// Whether `time` lies in a later window of the band than `before`.
fn later_window(cs: &mut Cs<'_>, time: &Int, before: &Int) -> Bit {
    let window = Int::constant(REFERENCE_WINDOW as i128);
    let (now, _) = time.div_floor(cs, &window, TIME_BITS - 8);
    let (then, _) = before.div_floor(cs, &window, TIME_BITS - 8);
    now.sub(&then).add_constant(-1).is_nonnegative(cs)
}

fn nonnegative_if(cs: &mut Cs<'_>, condition: &Bit, value: &Int) {
    let selected = cs.product(condition.var(), value.var());
    enforce_range(cs, &selected, value.bits());
}

/// The market as accounts (RISK), orders (LISTED) and trades (MARKET) look it up; the last only while
/// it is open. Keys are unique: by the tree, or by the row's number where there is nothing to provide.
fn provide(cs: &mut Cs<'_>, enable: &Bit, id: &Int, (fixed, quotes): (&Parameters, &Quotes)) {
    let padding = cs.row_index().add_constant(Fr::from(PADDING_KEYS));
    let listed = enable.select_var(cs, id.var(), &padding);
    let status = fixed.status.add_constant(-i128::from(STATUS_OPEN)).is_zero(cs);
    let open = status.and(cs, enable);
    let traded = open.select_var(cs, id.var(), &padding);
    let risk = [
        &listed,
        quotes.price.var(),
        quotes.funding_index.var(),
        fixed.initial_fraction.var(),
        fixed.maintenance_fraction.var(),
    ];
    cs.provide(RISK, &risk.map(Clone::clone));
    cs.provide(LISTED, &[listed, fixed.min_lots.var().clone()]);
    let market = [
        &traded,
        quotes.price.var(),
        quotes.funding_index.var(),
        fixed.initial_fraction.var(),
        fixed.maintenance_fraction.var(),
        fixed.lot.var(),
        fixed.tick_quote.var(),
        fixed.min_lots.var(),
        fixed.max_size.var(),
        fixed.taker_fee.var(),
        fixed.maker_fee.var(),
        fixed.liquidation_fee.var(),
        fixed.max_price.var(),
    ];
    cs.provide(MARKET, &market.map(Clone::clone));
}

/// `poseidon([MARKET, w0, w1, w2])` of ranged fields.
fn leaf(
    cs: &mut Cs<'_>,
    fixed: &Parameters,
    quotes: &Quotes,
    open_interest: &Var<Committed>,
) -> Var<Committed> {
    let pack = |fields: &[(&Var<Committed>, u32)]| {
        let mut shift = 0;
        fields.iter().fold(Var::zero(), |word, (field, bits)| {
            let word = word.add_scaled(field, power_of_two(shift));
            shift += bits;
            word
        })
    };
    let w0 = pack(&[
        (quotes.price.var(), PRICE_BITS),
        (quotes.reference_price.var(), PRICE_BITS),
        (quotes.funding_index.var(), FUNDING_INDEX_BITS),
    ]);
    let w1 = pack(&[
        (open_interest, OPEN_INTEREST_BITS),
        (fixed.max_price.var(), PRICE_BITS),
        (fixed.max_size.var(), SIZE_BITS),
        (quotes.last_tick.var(), TIME_BITS),
        (fixed.funding_cap.var(), RATE_BITS),
    ]);
    let w2 = pack(&[
        (fixed.initial_fraction.var(), FRACTION_BITS),
        (fixed.maintenance_fraction.var(), FRACTION_BITS),
        (fixed.taker_fee.var(), FRACTION_BITS),
        (fixed.maker_fee.var(), FRACTION_BITS),
        (fixed.liquidation_fee.var(), FRACTION_BITS),
        (fixed.band.var(), FRACTION_BITS),
        (fixed.lot.var(), LOT_BITS),
        (fixed.tick_quote.var(), TICK_QUOTE_BITS),
        (fixed.min_lots.var(), MIN_LOTS_BITS),
        (fixed.status.var(), 4),
    ]);
    poseidon(cs, &[Var::constant(Fr::from(tag::MARKET)), w0, w1, w2])
}
