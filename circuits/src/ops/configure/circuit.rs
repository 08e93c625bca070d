//! The configure row.

use ark_bn254::Fr;

use super::{CONFIGURATION_FIRST, CONFIGURATION_SECOND, CONFIGURATION_THIRD, Configure};
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::prefix;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::gadgets::word::Layout;
use crate::margin::circuit::liquidation_rate;
use crate::params::*;
use crate::reject::Reject;
use crate::state::market::{
    LIMITS_WORD, PARAMETER_WORDS, PARAMETERS_WORD, ParametersVar, TierVar, tier_words_var,
};
use crate::state::tags::{CONFIGURE, CONFIGURED};
use crate::state::{Market, MarketId, Parameters, wires};

/// List of configurations among the published lists.
const LIST: &str = "configurations";

/// A configuration, and the market that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigureRecord {
    /// Number of the market.
    pub market: MarketId,
    /// The batch lists it.
    pub lists: bool,
    /// The market with its parameters before: as the batch closes it without the configuration, with the first price
    /// if the batch lists it.
    pub before: Market,
    /// Its parameters after the batch.
    pub parameters: Parameters,
}

impl ConfigureRecord {
    /// The configuration as the batch publishes it.
    pub fn op(&self) -> Configure {
        let first_price = self.lists.then_some(self.before.price);
        Configure { market: self.market, first_price, parameters: self.parameters }
    }
}

/// Configures markets; enabled rows come first.
pub struct ConfigureRow;

impl Row for ConfigureRow {
    type Record = ConfigureRecord;
    const NAME: &'static str = "configure";
    const SEED: &'static [u64] = prefix::SEED;

    fn dummy() -> ConfigureRecord {
        ConfigureRecord { market: 0, lists: false, before: Market::BLANK, parameters: Parameters::default() }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<ConfigureRecord>) {
        configure(cs, record);
    }
}

/// The parameters after the batch as advice, each in its width.
fn hint_parameters(cs: &mut Cs<'_>, p: &Parameters) -> ParametersVar {
    let mut ranged = |name, value: u64, bits| Int::hint_unsigned(cs, name, Fr::from(value), bits);
    ParametersVar {
        max_price: ranged("configure.max_price", p.max_price, PRICE_BITS),
        max_size: ranged("configure.max_size", p.max_size, SIZE_BITS),
        open_notional_low: ranged("configure.low", p.open_notional_low, QUOTE_BITS),
        open_notional_high: ranged("configure.high", p.open_notional_high, QUOTE_BITS),
        open_growth: ranged("configure.growth", p.open_growth, SIZE_BITS),
        interest: ranged("configure.interest", stated_rate(p.interest), RATE_BITS + 1),
        premium_clamp: ranged("configure.clamp", p.premium_clamp.into(), PREMIUM_CLAMP_BITS),
        funding_cap: ranged("configure.cap", p.funding_cap.into(), RATE_BITS),
        funding_interval: ranged("configure.interval", p.funding_interval.into(), FUNDING_INTERVAL_BITS),
        still_age: ranged("configure.still_age", p.still_age.into(), AGE_BITS),
        halt_age: ranged("configure.halt_age", p.halt_age.into(), AGE_BITS),
        initial_fraction: ranged("configure.initial", p.initial_fraction.into(), FRACTION_BITS),
        maintenance_fraction: ranged("configure.maintenance", p.maintenance_fraction.into(), FRACTION_BITS),
        taker_fee: ranged("configure.taker_fee", p.taker_fee.into(), FRACTION_BITS),
        maker_fee: ranged("configure.maker_fee", p.maker_fee.into(), FRACTION_BITS),
        liquidation_fee: ranged("configure.liquidation_fee", p.liquidation_fee.into(), FRACTION_BITS),
        band: ranged("configure.band", p.band.into(), FRACTION_BITS),
        collar: ranged("configure.collar", p.collar.into(), COLLAR_BITS),
        lot: ranged("configure.lot", p.lot, LOT_BITS),
        tick_quote: ranged("configure.tick_quote", p.tick_quote, TICK_QUOTE_BITS),
        min_lots: ranged("configure.min_lots", p.min_lots.into(), MIN_LOTS_BITS),
        status: ranged("configure.status", p.status.into(), STATUS_BITS),
        tiers: p.tiers.each_ref().map(|tier| TierVar::hint(cs, "configure.tier", tier)),
    }
}

/// The words before as the row reads them: fields that no rule reads are one with their neighbours.
const LIMITS_BEFORE: Layout<4> = Layout::new(
    "market limits before",
    [
        ("max_price", PRICE_BITS),
        ("max_size", SIZE_BITS),
        ("funding", LIMITS_WORD.shift_of("configured_at") - LIMITS_WORD.shift_of("funding_cap")),
        ("configured_at", TIME_BITS),
    ],
);
const _: () = assert!(LIMITS_BEFORE.bits() == LIMITS_WORD.bits());
const _: () = assert!(LIMITS_BEFORE.shift_of("max_size") == LIMITS_WORD.shift_of("max_size"));

/// As [`LIMITS_BEFORE`].
const PARAMETERS_BEFORE: Layout<10> = Layout::new(
    "market parameters before",
    [
        ("initial_fraction", FRACTION_BITS),
        ("maintenance_fraction", FRACTION_BITS),
        ("fees", 2 * FRACTION_BITS),
        ("liquidation_fee", FRACTION_BITS),
        ("band", FRACTION_BITS),
        ("lot", LOT_BITS),
        ("tick_quote", TICK_QUOTE_BITS),
        ("min_lots", MIN_LOTS_BITS),
        ("status", 4),
        ("collar", COLLAR_BITS),
    ],
);
const _: () = assert!(PARAMETERS_BEFORE.bits() == PARAMETERS_WORD.bits());
const _: () = assert!(
    PARAMETERS_BEFORE.shift_of("maintenance_fraction") == PARAMETERS_WORD.shift_of("maintenance_fraction")
);
const _: () =
    assert!(PARAMETERS_BEFORE.shift_of("liquidation_fee") == PARAMETERS_WORD.shift_of("liquidation_fee"));
const _: () = assert!(PARAMETERS_BEFORE.shift_of("lot") == PARAMETERS_WORD.shift_of("lot"));
const _: () = assert!(PARAMETERS_BEFORE.shift_of("tick_quote") == PARAMETERS_WORD.shift_of("tick_quote"));
const _: () = assert!(PARAMETERS_BEFORE.shift_of("min_lots") == PARAMETERS_WORD.shift_of("min_lots"));
const _: () = assert!(PARAMETERS_BEFORE.shift_of("status") == PARAMETERS_WORD.shift_of("status"));

/// What the row reads of its market.
struct Standing {
    market: Int,
    lists: Bit,
    price: Int,
    /// `rate + 2^30`.
    rate: Int,
    open_interest: Int,
    max_size: Int,
    configured_at: Int,
    maintenance_fraction: Int,
    liquidation_fee: Int,
    lot: Int,
    tick_quote: Int,
    min_lots: Int,
    status: Int,
    tiers: [TierVar; HIGHER_TIERS],
    /// The words before.
    words: [Var<Committed>; PARAMETER_WORDS],
}

impl Standing {
    fn hint(cs: &mut Cs<'_>, record: &ConfigureRecord) -> Self {
        let ConfigureRecord { market, lists, before, .. } = record;
        let lists = Bit::hint(cs, "configure.lists", *lists);
        let [limits, parameters, interest, ..] = before.parameters().words(before.configured_at);
        let limits = read(cs, "configure.limits_before", &LIMITS_BEFORE, limits);
        let parameters = read(cs, "configure.parameters_before", &PARAMETERS_BEFORE, parameters);
        // No rule reads its fields.
        let interest = cs.hint("configure.interest_before", interest);
        let tiers = before.tiers.each_ref().map(|tier| TierVar::hint(cs, "configure.tier_before", tier));
        let [t0, t1, t2, t3] = tier_words_var(&tiers);
        let (limits_word, parameters_word) =
            (LIMITS_BEFORE.pack_ints(limits.each_ref()), PARAMETERS_BEFORE.pack_ints(parameters.each_ref()));
        let words = [limits_word, parameters_word, interest, t0, t1, t2, t3];
        let [_, max_size, _, configured_at] = limits;
        let [_, maintenance_fraction, _, liquidation_fee, _, lot, tick_quote, min_lots, status, _] =
            parameters;
        let mut ranged = |name, value: Fr, bits| Int::hint_unsigned(cs, name, value, bits);
        Self {
            market: ranged("configure.market", Fr::from(*market), CONFIGURED.width_of("market")),
            price: ranged("configure.price", Fr::from(before.price), PRICE_BITS),
            rate: ranged("configure.rate", Fr::from(stated_rate(before.rate)), RATE_BITS + 1),
            open_interest: ranged(
                "configure.open_interest",
                Fr::from(before.open_interest),
                OPEN_INTEREST_BITS,
            ),
            lists,
            max_size,
            configured_at,
            maintenance_fraction,
            liquidation_fee,
            lot,
            tick_quote,
            min_lots,
            status,
            tiers,
            words,
        }
    }

    /// The first component of CONFIGURE.
    fn word(&self) -> Var<Committed> {
        let Self { market, lists, price, rate, open_interest, .. } = self;
        CONFIGURED.pack_ints([market, &lists.int(), price, rate, open_interest])
    }
}

/// The fields of a word as advice, each in its width.
fn read<const N: usize>(cs: &mut Cs<'_>, name: &'static str, layout: &Layout<N>, word: Fr) -> [Int; N] {
    let values = layout.unpack(word).expect("a word of these fields");
    let fields = layout.any().fields;
    std::array::from_fn(|i| Int::hint_unsigned(cs, name, values[i].to_field(), fields[i].bits))
}

/// The row's checks, in the order of the native half (CFG-1 to CFG-23).
pub fn configure(cs: &mut Cs<'_>, record: &Padded<ConfigureRecord>) -> Checks<Reject> {
    let enable = prefix::enable(cs, record.enabled);
    let mut checks = Checks::new(&enable);
    let standing = Standing::hint(&mut cs.check("CFG-3"), record);
    let after = hint_parameters(&mut cs.check("CFG-3"), &record.parameters);
    let numbered = standing.market.add_constant(-1);
    checks.require_nonnegative(&mut cs.check("CFG-2"), Reject::UnknownMarket, &numbered);
    enforce_ranges(cs, &mut checks, &after);
    enforce_parameters(cs, &mut checks, &standing, &after);
    enforce_steps(cs, &mut checks, &standing, &after);
    // A market that is listed opens with what it closes with, and was configured at no time before.
    for (before, listed) in standing.words.iter().zip(after.words(&Int::zero())) {
        cs.enforce("CFG-19", standing.lists.var(), &(before - &listed), &Var::<Committed>::zero());
    }
    let time = wires::time(cs);
    let tuple = [&[standing.word()][..], &standing.words, &after.words(&time)].concat();
    cs.check("CFG-1").receive(CONFIGURE, &tuple, enable.var());
    publish(cs, &enable, &standing, &after);
    checks
}

/// What is at least 1, and what is at most the whole.
fn enforce_ranges(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, after: &ParametersVar) {
    let ParametersVar { still_age, maintenance_fraction, lot, tick_quote, min_lots, .. } = after;
    let least_one = [still_age, maintenance_fraction, lot, tick_quote, min_lots].map(|field| (field, 1));
    let interval = (&after.funding_interval, i128::from(FUNDING_INTERVAL_MIN));
    for (field, least) in std::iter::once(interval).chain(least_one) {
        let above = field.add_constant(-least);
        checks.require_nonnegative(&mut cs.check("CFG-4"), Reject::ParameterRange, &above);
    }
    let highest = &after.tiers[HIGHER_TIERS - 1].initial_fraction;
    for (most, fraction) in [(M, highest), (M, &after.maker_fee), (M - 1, &after.band)] {
        let below = Int::constant(most).sub(fraction);
        checks.require_nonnegative(&mut cs.check("CFG-5"), Reject::ParameterRange, &below);
    }
}

/// What a market may not be listed with, nor be changed to.
fn enforce_parameters(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    standing: &Standing,
    after: &ParametersVar,
) {
    let Standing { price, rate, .. } = standing;
    for distance in [price.add_constant(-1), after.max_price.sub(price)] {
        checks.require_nonnegative(&mut cs.check("CFG-6"), Reject::PriceRange, &distance);
    }
    let worth = after.max_price.mul(&mut cs.check("CFG-7"), &after.max_size);
    let below = Int::constant((1 << POSITION_VALUE_BITS) - 1).sub(&worth);
    checks.require_nonnegative(&mut cs.check("CFG-7"), Reject::PositionValue, &below);
    enforce_tiers(cs, checks, after);
    enforce_rise(&mut cs.check("CFG-9"), checks, after);
    let smallest = after.min_lots.mul(&mut cs.check("CFG-10"), &after.lot);
    let larger = after.max_size.sub(&smallest);
    checks.require_nonnegative(&mut cs.check("CFG-10"), Reject::OrdersTooLarge, &larger);
    let later = after.halt_age.sub(&after.still_age);
    checks.require_nonnegative(&mut cs.check("CFG-21"), Reject::HaltedBeforeStill, &later);
    let funding = after.funding_cap.mul(&mut cs.check("CFG-11"), &after.funding_interval);
    let most = after.maintenance_fraction.scale(FUNDING_SHARE);
    checks.require_nonnegative(&mut cs.check("CFG-11"), Reject::FundingEatsMargin, &most.sub(&funding));
    let rate = Int::new_unchecked(rate.var().add_constant(-power_of_two(RATE_BITS)), RATE_BITS + 1);
    for distance in [after.funding_cap.sub(&rate), after.funding_cap.add(&rate)] {
        checks.require_nonnegative(&mut cs.check("CFG-12"), Reject::CapBelowRate, &distance);
    }
}

/// Tiers ascend, and each leaves room for fees.
fn enforce_tiers(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, after: &ParametersVar) {
    // The second begins above 0: else no value would be in the first.
    let begins = Int::constant(1);
    let mut before = (&begins, &after.initial_fraction, &after.maintenance_fraction);
    for tier in &after.tiers {
        let now = (&tier.from, &tier.initial_fraction, &tier.maintenance_fraction);
        for rise in [now.0.sub(before.0), now.1.sub(before.1), now.2.sub(before.2)] {
            checks.require_nonnegative(&mut cs.check("CFG-22"), Reject::TierOrder, &rise);
        }
        before = now;
    }
    let first = (&after.initial_fraction, &after.maintenance_fraction);
    let higher = after.tiers.iter().map(|tier| (&tier.initial_fraction, &tier.maintenance_fraction));
    let cs = &mut cs.check("CFG-8");
    for (initial, maintenance) in std::iter::once(first).chain(higher) {
        let fee = liquidation_rate(cs, &after.liquidation_fee, maintenance);
        let eaten = maintenance.add(&fee).add(&after.taker_fee);
        checks.require_nonnegative(cs, Reject::FeesEatMargin, &initial.sub(&eaten));
    }
}

/// No position is required more by its tier than a tenth and one ppm above what it was.
fn enforce_tier_steps(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    standing: &Standing,
    after: &ParametersVar,
) {
    let cs = &mut cs.check("CFG-23");
    // The first tier begins at 0, and nothing below it.
    let mut below = (None, &standing.maintenance_fraction);
    for (before, now) in standing.tiers.iter().zip(&after.tiers) {
        let falls = now.from.sub(&before.from).is_nonnegative(cs).not();
        if let Some(least) = below.0 {
            let room = now.from.sub(least);
            let room = Int::new_unchecked(cs.product(falls.var(), room.var()), room.bits());
            checks.require_nonnegative(cs, Reject::StepTooLarge, &room);
        }
        let fraction = falls.select(cs, below.1, &before.maintenance_fraction);
        let parts = i128::from(CONFIGURE_STEP_PARTS);
        let most = fraction.scale(CONFIGURE_STEP_PARTS as u64 + 1).add_constant(parts);
        let raised = now.maintenance_fraction.scale(CONFIGURE_STEP_PARTS.into());
        checks.require_nonnegative(cs, Reject::StepTooLarge, &most.sub(&raised));
        below = (Some(&before.from), &before.maintenance_fraction);
    }
}

/// The initial fraction rises over more than nothing, if open interest is bounded.
fn enforce_rise(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, after: &ParametersVar) {
    let rise = after.open_notional_high.sub(&after.open_notional_low).add_constant(-1);
    // Of no bound it is 0.
    let rise = after.open_notional_high.mul(cs, &rise);
    checks.require_nonnegative(cs, Reject::OpenNotional, &rise);
}

/// Where the largest size falls, no position is larger: none is larger than half of all.
fn enforce_sizes(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, standing: &Standing, after: &ParametersVar) {
    let keeps = after.max_size.sub(&standing.max_size).is_nonnegative(cs);
    let room = after.max_size.scale(2).sub(&standing.open_interest);
    let room = Int::new_unchecked(cs.product(keeps.not().var(), room.var()), room.bits());
    checks.require_nonnegative(cs, Reject::SizeBelowPositions, &room);
}

/// A day has passed since the last configuration of a market that exists.
fn enforce_wait(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, standing: &Standing) {
    let time = wires::time(cs);
    let waited = time.sub(&standing.configured_at).add_constant(-i128::from(CONFIGURE_STEP_SECONDS));
    let waited = Int::new_unchecked(cs.product(standing.lists.not().var(), waited.var()), waited.bits());
    checks.require_nonnegative(cs, Reject::StepTooSoon, &waited);
}

/// How a market that exists may change; a new one is compared with itself, and had no step before.
fn enforce_steps(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, standing: &Standing, after: &ParametersVar) {
    enforce_sizes(&mut cs.check("CFG-13"), checks, standing, after);
    let pairs = [
        (&standing.maintenance_fraction, &after.maintenance_fraction),
        (&standing.liquidation_fee, &after.liquidation_fee),
    ];
    for (before, now) in pairs {
        let most = before.add_constant(i128::from(CONFIGURE_STEP_PARTS));
        let moved = now.sub(before).scale(CONFIGURE_STEP_PARTS.into());
        for distance in [most.sub(&moved), most.add(&moved)] {
            checks.require_nonnegative(&mut cs.check("CFG-14"), Reject::StepTooLarge, &distance);
        }
    }
    let raised = after.min_lots.sub(&standing.min_lots).scale(CONFIGURE_STEP_PARTS.into());
    let room = standing.min_lots.add_constant(CONFIGURE_STEP_PARTS.into()).sub(&raised);
    checks.require_nonnegative(&mut cs.check("CFG-14"), Reject::StepTooLarge, &room);
    enforce_tier_steps(cs, checks, standing, after);
    enforce_wait(&mut cs.check("CFG-15"), checks, standing);
    for (before, now) in [(&standing.lot, &after.lot), (&standing.tick_quote, &after.tick_quote)] {
        checks.require_zero(&mut cs.check("CFG-16"), Reject::LotChanges, &(now.var() - before.var()));
    }
    checks.require_nonzero(&mut cs.check("CFG-17"), Reject::MarketClosed, standing.status.var());
    let closes = after.status.is_zero(&mut cs.check("CFG-18"));
    let left = cs.check("CFG-18").product(closes.var(), standing.open_interest.var());
    checks.require_zero(&mut cs.check("CFG-18"), Reject::OpenInterestLeft, &left);
}

/// Publishes the entry; its price is a new market's.
fn publish(cs: &mut Cs<'_>, enable: &Bit, standing: &Standing, after: &ParametersVar) {
    let price = cs.check("CFG-20").product(standing.lists.var(), standing.price.var());
    let first = CONFIGURATION_FIRST.pack_ints([
        &standing.market,
        &Int::new_unchecked(price, PRICE_BITS),
        &after.max_price,
        &after.max_size,
        &after.status,
        &after.initial_fraction,
        &after.still_age,
        &after.halt_age,
        &after.collar,
    ]);
    let second = CONFIGURATION_SECOND.pack_ints([
        &after.open_notional_low,
        &after.open_notional_high,
        &after.open_growth,
        &after.funding_interval,
        &after.funding_cap,
        &after.maintenance_fraction,
    ]);
    let third = CONFIGURATION_THIRD.pack_ints([
        &after.taker_fee,
        &after.maker_fee,
        &after.liquidation_fee,
        &after.band,
        &after.lot,
        &after.tick_quote,
        &after.min_lots,
        &after.interest,
        &after.premium_clamp,
    ]);
    let elements = [&[first, second, third][..], &after.tier_words()].concat();
    for (number, element) in elements.iter().enumerate() {
        let element = cs.check("CFG-20").product(enable.var(), element);
        cs.publish(LIST, number as u8, &element);
    }
}
