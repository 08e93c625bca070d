//! What a tick moves, price and rate; and the funding that every opening pays.

use super::MarketRecord;
use super::breaker::{self, Broken};
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int, fr_from_i128};
use crate::gadgets::range::{enforce_nonnegative, enforce_range};
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::params::*;
use crate::state::market::ParametersVar;
use crate::state::tags::{MEDIAN, TICK};
use crate::state::wires::{self, HOUR, OBSERVED, PREMIUMS, SIGNED};
use crate::state::{Beyond, Market};
use ark_bn254::Fr;

/// What a tick and an opening move.
pub(super) struct Quotes {
    pub price: Int,
    /// `F + 2^95`.
    pub funding_index: Int,
    pub last_tick: Int,
    pub beyond: Sides,
    pub cut_at: Int,
    /// The price that the last tick asked for.
    pub asked: Int,
    pub still: Bit,
    pub paid_until: Int,
    pub funding_remainder: Int,
    /// `rate + 2^30`.
    pub rate: Int,
    /// The hour whose first tick set the rate, where prices are signed.
    pub rated_hour: Int,
    pub in_arrears: Bit,
}

/// On which side of the band a tick's price was asked for; at most one of the two is set.
pub(super) struct Sides {
    pub above: Bit,
    pub below: Bit,
}

impl Sides {
    /// [`Beyond::number`](crate::state::Beyond::number).
    pub fn number(&self) -> Int {
        Int::new_unchecked(self.above.var().add_scaled(self.below.var(), Fr::from(2u64)), 2)
    }

    /// On either side.
    pub fn any(&self) -> Bit {
        Bit::new_unchecked(self.above.var() + self.below.var())
    }
}

impl Quotes {
    pub fn hint(cs: &mut Cs<'_>, market: &Market) -> Self {
        let funding_index = fr_from_i128(market.funding_index + FUNDING_INDEX_OFFSET);
        let mut ranged = |name, value: Fr, bits| Int::hint_unsigned(cs, name, value, bits);
        Self {
            price: ranged("market.price", Fr::from(market.price), PRICE_BITS),
            funding_index: ranged("market.funding_index", funding_index, FUNDING_INDEX_BITS),
            last_tick: ranged("market.last_tick", Fr::from(market.last_tick), TIME_BITS),
            paid_until: ranged("market.paid_until", Fr::from(market.paid_until), TIME_BITS),
            funding_remainder: ranged(
                "market.remainder",
                Fr::from(market.funding_remainder),
                FUNDING_REMAINDER_BITS,
            ),
            rate: ranged("market.rate_in_force", Fr::from(stated_rate(market.rate)), RATE_BITS + 1),
            rated_hour: ranged("market.rated_hour", Fr::from(market.rated_hour), HOUR_BITS),
            cut_at: ranged("market.cut_at", Fr::from(market.cut_at), TIME_BITS),
            asked: ranged("market.asked_before", Fr::from(market.asked), PRICE_BITS),
            in_arrears: Bit::hint(cs, "market.in_arrears", market.in_arrears),
            beyond: Sides {
                above: Bit::hint(cs, "market.above", market.beyond == Beyond::Above),
                below: Bit::hint(cs, "market.below", market.beyond == Beyond::Below),
            },
            still: Bit::hint(cs, "market.still_before", market.still),
        }
    }
}

/// The row as it opened.
pub(super) struct Opened<'a> {
    pub enable: &'a Bit,
    /// The status is open.
    pub open: &'a Bit,
    pub id: &'a Int,
    pub fixed: &'a ParametersVar,
    pub old: &'a Quotes,
}

/// The tick as it was asked for; zero in all without one.
pub(super) struct Asked {
    pub ticks: Bit,
    /// Before the band.
    pub price: Int,
    pub rate: Int,
}

impl Asked {
    /// `rate + 2^30` of a tick, at least 1; 0 without one.
    pub fn rate_element(&self) -> Int {
        let rate = self.rate.var() + &self.ticks.var().shift(RATE_BITS);
        Int::new_unchecked(rate, RATE_BITS + 1)
    }
}

/// The quotes after the batch's tick, and the tick: the same checks as the native half's. A tick is received
/// from its row, so a market takes at most one.
pub(super) fn tick(cs: &mut Cs<'_>, record: &MarketRecord, row: &Opened<'_>) -> (Quotes, Asked) {
    let Opened { enable, id, fixed, old, .. } = *row;
    let ticks = Bit::hint(&mut cs.check("MKT-3"), "market.ticks", record.tick.is_some());
    let ticks_if_enabled = ticks.and(&mut cs.check("MKT-3"), enable);
    let time = wires::time(cs);
    let observed = Int::new_unchecked(cs.global(OBSERVED), TIME_BITS);
    let rate = rate(&mut cs.check("MKT-7"), record, &ticks_if_enabled, &fixed.funding_cap);
    let asked = record.tick.map_or(0, |tick| tick.price);
    let asked = Int::hint_unsigned(&mut cs.check("MKT-1"), "market.asked", Fr::from(asked), PRICE_BITS);
    cs.enforce("MKT-4", ticks.not().var(), asked.var(), &Var::<Committed>::zero());
    let stated = [id.var().clone(), asked.var().clone(), rate.var().clone()];
    cs.check("MKT-16").receive(TICK, &stated, ticks_if_enabled.var());
    for distance in [asked.add_constant(-1), fixed.max_price.sub(&asked)] {
        nonnegative_if(&mut cs.check("MKT-6"), &ticks_if_enabled, &distance);
    }

    let premium = follow_median(cs, record, row, &ticks, &asked);
    let ticks_signed = Bit::new_unchecked(cs.global(SIGNED)).and(&mut cs.check("MKT-36"), &ticks_if_enabled);
    let sets = follow_premium(cs, row, &ticks_signed, [&premium, &rate]);
    let Broken { price, beyond, cut_at } = breaker::price(cs, row, &ticks, [&asked, &observed]);
    let last_tick = ticks.select(&mut cs.check("MKT-10"), &observed, &old.last_tick);
    let asked_last = ticks.select(&mut cs.check("MKT-34"), &asked, &old.asked);
    let Span { late, seconds } = span(&mut cs.check("MKT-8"), row, &time);
    let arrears = arrears(&mut cs.check("MKT-17"), old, &late);
    let in_force = rate_in_force(&mut cs.check("MKT-18"), &ticks_if_enabled, &rate, old, &arrears.keeps);
    let sets = sets.and(&mut cs.check("MKT-37"), &arrears.keeps.not());
    let hour = Int::new_unchecked(cs.global(HOUR), HOUR_BITS);
    let rated_hour = sets.select(&mut cs.check("MKT-37"), &hour, &old.rated_hour);
    let paid_until = old.paid_until.add(&fixed.funding_interval);
    let paid_until = arrears.after.select(&mut cs.check("MKT-19"), &paid_until, &time);
    let paid = funding(&mut cs.check("MKT-9"), [&in_force, &price, &seconds], &old.funding_remainder);
    let funding_index = old.funding_index.var() + paid.index.var();
    enforce_range(&mut cs.check("MKT-9"), &funding_index, FUNDING_INDEX_BITS);
    let rate_in_force = in_force.var().add_constant(power_of_two(RATE_BITS));
    let still = breaker::still(cs, row, &beyond, &arrears.after, [&time, &last_tick, &cut_at]);
    let quotes = Quotes {
        price,
        beyond,
        cut_at,
        asked: asked_last,
        still,
        funding_index: Int::new_unchecked(funding_index, FUNDING_INDEX_BITS),
        last_tick,
        // The batch's time or one before it.
        paid_until: Int::new_unchecked(paid_until.var().clone(), TIME_BITS),
        funding_remainder: paid.remainder,
        rate: Int::new_unchecked(rate_in_force, RATE_BITS + 1),
        rated_hour,
        in_arrears: arrears.after,
    };
    (quotes, Asked { ticks, price: asked, rate })
}

/// Where there are price signers: a market ticks exactly if a quorum has signed a price that it may have, observed
/// after its last tick, and then with that price. Gives the median of the premiums, 0 without a quorum.
fn follow_median(cs: &mut Cs<'_>, record: &MarketRecord, row: &Opened<'_>, ticks: &Bit, asked: &Int) -> Int {
    let Opened { enable, id, fixed, old, .. } = *row;
    let signed = Bit::new_unchecked(cs.global(SIGNED)).and(&mut cs.check("MKT-23"), enable);
    let quorum = Bit::new_unchecked(cs.hint("market.quorum", Fr::from(record.median.is_some())));
    let median = Fr::from(record.median.unwrap_or_default());
    let median = Int::new_unchecked(cs.hint("market.median", median), PRICE_BITS);
    let premiums = cs.hint("market.premium_quorum", Fr::from(record.premium.is_some()));
    let premium = cs.hint("market.premium", Fr::from(record.premium.map_or(0, stated_rate)));
    let provided = [id.var(), quorum.var(), median.var(), &premiums, &premium].map(Clone::clone);
    cs.check("MKT-23").lookup(MEDIAN, &provided, signed.var());
    // Without price signers nothing fixes them, and nothing reads them.
    let both = median.var().add_scaled(quorum.var(), power_of_two(PRICE_BITS));
    let of_premium = premium.add_scaled(&premiums, power_of_two(PREMIUM_BITS));
    for read in [&both, &of_premium] {
        cs.enforce("MKT-23", signed.not().var(), read, &Var::<Committed>::zero());
    }
    let premium = premium.add_scaled(&premiums, -power_of_two(RATE_BITS));
    let cs = &mut cs.check("MKT-24");
    let observed = Int::new_unchecked(cs.global(OBSERVED), TIME_BITS);
    let newer = observed.sub(&old.last_tick).add_constant(-1).is_nonnegative(cs);
    let possible = fixed.max_price.sub(&median).is_nonnegative(cs);
    let must = quorum.and(cs, &newer).and(cs, &possible);
    cs.enforce("MKT-24", signed.var(), &(ticks.var() - must.var()), &Var::<Committed>::zero());
    let taken = cs.product(must.var(), median.var());
    cs.enforce("MKT-24", signed.var(), &(asked.var() - &taken), &Var::<Committed>::zero());
    Int::new_unchecked(premium, PREMIUM_BITS)
}

/// Where there are price signers: the rate of a tick is the one in force, or in the first tick of an hour what follows from
/// the signed premium, of a batch that has lists of premiums. Gives whether the tick sets the rate.
fn follow_premium(cs: &mut Cs<'_>, row: &Opened<'_>, ticks: &Bit, [premium, rate]: [&Int; 2]) -> Bit {
    let Opened { fixed, old, .. } = *row;
    let hour = Int::new_unchecked(cs.global(HOUR), HOUR_BITS);
    let premiums = Bit::new_unchecked(cs.global(PREMIUMS));
    let later = hour.sub(&old.rated_hour).add_constant(-1);
    let crosses = later.is_nonnegative(&mut cs.check("MKT-35"));
    let sets = crosses.and(&mut cs.check("MKT-35"), ticks);
    cs.enforce("MKT-35", sets.var(), premiums.not().var(), &Var::<Committed>::zero());
    let cs = &mut cs.check("MKT-36");
    let interest = without_offset(&fixed.interest);
    let ends = [premium.sub(&fixed.premium_clamp), premium.add(&fixed.premium_clamp)];
    let drawn = clamp(cs, &interest, [&ends[0], &ends[1]]);
    let capped = clamp(cs, &drawn, [&fixed.funding_cap.neg(), &fixed.funding_cap]);
    let due = crosses.select(cs, &capped, &rate_before(old));
    cs.enforce("MKT-36", ticks.var(), &(rate.var() - due.var()), &Var::<Committed>::zero());
    sets
}

/// The nearest integer from the first end to the second, which is not below it.
fn clamp(cs: &mut Cs<'_>, value: &Int, [low, high]: [&Int; 2]) -> Int {
    let reaches = value.sub(low).is_nonnegative(cs);
    let raised = reaches.select(cs, value, low);
    let fits = high.sub(&raised).is_nonnegative(cs);
    fits.select(cs, &raised, high)
}

/// The rate before the batch, without its offset.
fn rate_before(old: &Quotes) -> Int {
    without_offset(&old.rate)
}

/// A rate that is kept with `2^30` more.
fn without_offset(rate: &Int) -> Int {
    Int::new_unchecked(rate.var().add_constant(-power_of_two(RATE_BITS)), RATE_BITS + 1)
}

/// The rate asked for by a tick, unless time is owed for at the rate before; that one without a tick.
fn rate_in_force(cs: &mut Cs<'_>, ticks: &Bit, asked: &Int, old: &Quotes, keeps: &Bit) -> Int {
    let takes = ticks.and(cs, &keeps.not());
    takes.select(cs, asked, &rate_before(old))
}

/// Whether time is owed for at the rate before.
struct Arrears {
    /// This opening leaves some.
    after: Bit,
    /// The last one or this one leaves some.
    keeps: Bit,
}

/// Time at rate 0 is not owed for.
fn arrears(cs: &mut Cs<'_>, old: &Quotes, late: &Bit) -> Arrears {
    let owes = rate_before(old).is_zero(cs).not();
    let after = owes.and(cs, late);
    let keeps = old.in_arrears.or(cs, &after);
    Arrears { after, keeps }
}

/// The stated rate, inside the cap; 0 without a tick.
fn rate(cs: &mut Cs<'_>, record: &MarketRecord, ticks: &Bit, cap: &Int) -> Int {
    let rate = fr_from_i128(record.tick.map_or(0, |tick| tick.rate).into());
    // Between the caps by the two checks, or 0.
    let rate = Int::new_unchecked(cs.hint("market.rate", rate), RATE_BITS + 1);
    cs.enforce("MKT-7", ticks.not().var(), rate.var(), &Var::<Committed>::zero());
    for distance in [cap.sub(&rate), cap.add(&rate)] {
        nonnegative_if(cs, ticks, &distance);
    }
    rate
}

/// What an opening adds to the index, and what it leaves over.
struct Paid {
    index: Int,
    remainder: Int,
}

/// Quotient and remainder of `(rate·price·2^16·seconds + remainder) / (3600·10^9)`.
fn funding(cs: &mut Cs<'_>, [rate, price, seconds]: [&Int; 3], remainder: &Int) -> Paid {
    let owed = rate.mul(cs, price).mul(cs, seconds).shift(FUNDING_FRACTION_BITS).add(remainder);
    let (index, remainder) = owed.div_floor(cs, &Int::constant(FUNDING_DIVISOR), FUNDING_PAYMENT_BITS);
    Paid { index, remainder: Int::new_unchecked(remainder.var().clone(), FUNDING_REMAINDER_BITS) }
}

/// The time that an opening pays for.
struct Span {
    /// More has passed than the longest interval.
    late: Bit,
    seconds: Int,
}

/// Seconds since funding was last paid, at most the longest interval.
fn span(cs: &mut Cs<'_>, row: &Opened<'_>, time: &Int) -> Span {
    let elapsed = time.sub(&row.old.paid_until);
    // Funding is never paid beyond a batch's time, and times do not go back.
    nonnegative_if(cs, row.enable, &elapsed);
    let longest = &row.fixed.funding_interval;
    let late = elapsed.sub(longest).add_constant(-1).is_nonnegative(cs);
    let seconds = late.select(cs, longest, &elapsed);
    Span { late, seconds }
}

fn nonnegative_if(cs: &mut Cs<'_>, condition: &Bit, value: &Int) {
    let selected = cs.product(condition.var(), value.var());
    enforce_nonnegative(cs, &selected, value.bits());
}
