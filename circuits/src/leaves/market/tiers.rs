//! The lines of a market's tiers, for whoever opens or trades a position.   Spec: state-market.md#tiers

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::int::Int;
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::params::*;
use crate::state::market::{ParametersVar, TierVar};
use crate::state::tags::TIER;

/// A tier's line so far: its fractions, and by how much it lies below the one through 0.
struct Line<'a> {
    /// Least value in it, scale U.
    low: Var<Committed>,
    fractions: [&'a Int; 2],
    offsets: [Int; 2],
}

impl<'a> Line<'a> {
    /// The line of the tier above: they meet where it begins.
    fn above(&self, cs: &mut Cs<'_>, tier: &'a TierVar) -> Self {
        let fractions = [&tier.initial_fraction, &tier.maintenance_fraction];
        let meet = |cs: &mut Cs<'_>, place: usize| {
            let rise = fractions[place].sub(self.fractions[place]);
            let offset = self.offsets[place].add(&tier.from.mul(cs, &rise));
            // Of a market that may be listed it is in `[0, from·m]`; padding rows may have any.
            Int::new_unchecked(offset.var().clone(), TIER_OFFSET_BITS)
        };
        let offsets = [meet(cs, 0), meet(cs, 1)];
        let low = tier.from.shift(PRICE_SCALE_BITS).var().add_constant(Fr::from(1u64));
        Self { low, fractions, offsets }
    }

    /// Provides it up to a value, scale U.
    fn provide(&self, cs: &mut Cs<'_>, market: &Var<Committed>, high: Var<Committed>) {
        let [initial, maintenance] = self.fractions.map(|fraction| fraction.var().clone());
        let [initial_offset, maintenance_offset] = self.offsets.each_ref().map(|offset| offset.var().clone());
        let low = self.low.clone();
        cs.provide(
            TIER,
            &[market.clone(), low, high, initial, maintenance, initial_offset, maintenance_offset],
        );
    }
}

/// Provides the tiers of a market under a key: the same as the native market's `slopes`.
pub(super) fn provide(cs: &mut Cs<'_>, key: &Var<Committed>, fixed: &ParametersVar) {
    let cs = &mut cs.check("MKT-32");
    let fractions = [&fixed.initial_fraction, &fixed.maintenance_fraction];
    let mut line = Line { low: Var::zero(), fractions, offsets: [Int::zero(), Int::zero()] };
    for tier in &fixed.tiers {
        line.provide(cs, key, tier.from.shift(PRICE_SCALE_BITS).var().clone());
        line = line.above(cs, tier);
    }
    line.provide(cs, key, Var::constant(power_of_two(POSITION_VALUE_BITS)));
}
