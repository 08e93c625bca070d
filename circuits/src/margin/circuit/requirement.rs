//! What one position requires, on variables: the line of its tier.   Spec: margin-circuit.md#tiers

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::range::enforce_nonnegative;
use crate::gadgets::var::{Committed, Var};
use crate::params::{
    FRACTION_BITS, POSITION_VALUE_BITS, PRICE_SCALE_BITS, REQUIREMENT_BITS, TIER_OFFSET_BITS,
};
use crate::state::tags::TIER;
use crate::state::{Market, Slope};

/// Bits of a value in a tier: `2^95` is the largest end.
const TIERED_BITS: u32 = POSITION_VALUE_BITS + 1;

/// [`Requirement`](crate::margin::native::Requirement) on variables.
#[derive(Clone, Debug)]
pub struct RequirementVar {
    pub initial: Int,
    pub by_tiers: Int,
    pub maintenance: Int,
    /// Slope of the maintenance requirement, ppm.
    pub slope: Int,
    /// A of both requirements: without a look-up it is free, and what is required lies so far below 0.
    pub offsets: [Int; 2],
}

/// Whose tiers are looked up, if `enable`.
#[derive(Clone, Copy, Debug)]
pub struct TiersOf<'a> {
    pub market: &'a Var<Committed>,
    /// What honest advice is taken from.
    pub honest: &'a Market,
    pub enable: &'a Bit,
}

/// What a position requires of its value at least, ppm: the fraction in force, or the owner's own where that is higher.
pub fn least_fraction(cs: &mut Cs<'_>, in_force: &Int, own: &Int) -> Int {
    let covers = in_force.sub(own).is_nonnegative(cs);
    let least = covers.select(cs, in_force, own);
    Int::new_unchecked(least.var().clone(), FRACTION_BITS)
}

/// What a position of a value `n = |b|·p` requires: at least `n·least` initially, and by its tier
/// `R(n) = m·n - A`.
///
/// - Advice: the tier, one of the market's, whose ends hold the value: unique, as tiers do not overlap. Where the look-up is
///   not enabled, the caller sees to A.
/// - Cost: 38 at 13 bits per limb.   Spec: margin-circuit.md#tiers
pub fn requirement(cs: &mut Cs<'_>, of: TiersOf<'_>, value: &Int, least: &Int) -> RequirementVar {
    let tier = tier(cs, of, value);
    let value = &Int::new_unchecked(value.var().clone(), TIERED_BITS);
    let maintenance = tier.maintenance(cs, value);
    let cs = &mut cs.check("TIER-3");
    let by_tiers = by_tier(cs, value, &tier.initial_fraction, &tier.initial_offset);
    let by_least = value.mul(cs, least);
    let higher = by_tiers.sub(&by_least).is_nonnegative(cs);
    let initial = higher.select(cs, &by_tiers, &by_least);
    RequirementVar {
        initial: Int::new_unchecked(initial.var().clone(), REQUIREMENT_BITS),
        by_tiers,
        maintenance,
        slope: tier.maintenance_fraction,
        offsets: [tier.initial_offset, tier.maintenance_offset],
    }
}

/// The maintenance part of [`requirement`] alone.
pub fn maintenance(cs: &mut Cs<'_>, of: TiersOf<'_>, value: &Int) -> Int {
    tier(cs, of, value).maintenance(cs, &Int::new_unchecked(value.var().clone(), TIERED_BITS))
}

/// The tier whose ends hold a value.
fn tier(cs: &mut Cs<'_>, of: TiersOf<'_>, value: &Int) -> TierVar {
    let tier = TierVar::lookup(&mut cs.check("TIER-1"), of, value);
    for distance in [value.sub(&tier.low), tier.high.sub(value)] {
        enforce_nonnegative(&mut cs.check("TIER-2"), distance.var(), TIERED_BITS);
    }
    tier
}

/// `m·n - A·U`: not negative, as the line of a tier is above 0 within it.
fn by_tier(cs: &mut Cs<'_>, value: &Int, fraction: &Int, offset: &Int) -> Int {
    let required = value.mul(cs, fraction).sub(&offset.shift(PRICE_SCALE_BITS));
    Int::new_unchecked(required.var().clone(), TIERED_BITS + FRACTION_BITS)
}

/// [`Slope`] on variables, in the order of the TIER tuple.
struct TierVar {
    low: Int,
    high: Int,
    initial_fraction: Int,
    maintenance_fraction: Int,
    initial_offset: Int,
    maintenance_offset: Int,
}

impl TierVar {
    /// `R_mmf(n)`.
    fn maintenance(&self, cs: &mut Cs<'_>, value: &Int) -> Int {
        by_tier(&mut cs.check("TIER-4"), value, &self.maintenance_fraction, &self.maintenance_offset)
    }

    /// Advice that the market's row has ranged.
    fn lookup(cs: &mut Cs<'_>, of: TiersOf<'_>, value: &Int) -> Self {
        let honest = of.honest.slope(u128::try_from(value.value()).unwrap_or(0));
        let Slope { low, high, initial_fraction, maintenance_fraction, initial_offset, maintenance_offset } =
            honest;
        let mut cell = |name, value: u128, bits| Int::new_unchecked(cs.hint(name, Fr::from(value)), bits);
        let tier = Self {
            low: cell("tier.low", low, TIERED_BITS),
            high: cell("tier.high", high, TIERED_BITS),
            initial_fraction: cell("tier.initial_fraction", initial_fraction.into(), FRACTION_BITS),
            maintenance_fraction: cell(
                "tier.maintenance_fraction",
                maintenance_fraction.into(),
                FRACTION_BITS,
            ),
            initial_offset: cell("tier.initial_offset", initial_offset, TIER_OFFSET_BITS),
            maintenance_offset: cell("tier.maintenance_offset", maintenance_offset, TIER_OFFSET_BITS),
        };
        let parts = [
            &tier.low,
            &tier.high,
            &tier.initial_fraction,
            &tier.maintenance_fraction,
            &tier.initial_offset,
            &tier.maintenance_offset,
        ];
        let mut tuple = vec![of.market.clone()];
        tuple.extend(parts.map(|part| part.var().clone()));
        cs.lookup(TIER, &tuple, of.enable.var());
        tier
    }
}
