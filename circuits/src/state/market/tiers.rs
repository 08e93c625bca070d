//! Tiers: how the fractions of a position rise with its value.   Spec: margin.md#tiers

use std::ops::{Deref, DerefMut};

use ark_bn254::Fr;

use super::Market;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::Int;
use crate::gadgets::var::{Committed, Var};
use crate::gadgets::word::Layout;
use crate::params::*;

/// Words 5 to 8 of a market's leaf: two tiers above the first in each, the lower one first.
pub const TIERS_WORD: Layout<6> = Layout::new(
    "market tiers",
    [
        ("from", QUOTE_BITS),
        ("initial_fraction", FRACTION_BITS),
        ("maintenance_fraction", FRACTION_BITS),
        ("next_from", QUOTE_BITS),
        ("next_initial_fraction", FRACTION_BITS),
        ("next_maintenance_fraction", FRACTION_BITS),
    ],
)
.published();

/// Words of tiers in a market's leaf.
pub const TIER_WORDS: usize = HIGHER_TIERS / 2;
const _: () = assert!(HIGHER_TIERS.is_multiple_of(2));

/// A tier above the first: what the part of a position's value above `from` requires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tier {
    /// Value of a position above which the tier holds, quote quanta.
    pub from: u64,
    /// Initial margin of the part in the tier, parts per million.
    pub initial_fraction: u32,
    /// Maintenance margin of the part in the tier, parts per million.
    pub maintenance_fraction: u32,
}

impl Tier {
    /// Where tiers begin that a market does not use: no position is worth more than a quote quantum above it.
    pub const NEVER: u64 = (1 << QUOTE_BITS) - 1;
}

/// All tiers above the first, lowest first; those that are not used begin at [`Tier::NEVER`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HigherTiers(pub [Tier; HIGHER_TIERS]);

impl Deref for HigherTiers {
    type Target = [Tier; HIGHER_TIERS];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for HigherTiers {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl IntoIterator for HigherTiers {
    type Item = Tier;
    type IntoIter = std::array::IntoIter<Tier, HIGHER_TIERS>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The tiers above the first that a list gives: the rest begin nowhere, with the fractions of the last. `None` for a
/// longer list.
pub fn higher_tiers(listed: &[Tier], first: [u32; 2]) -> Option<HigherTiers> {
    if listed.len() > HIGHER_TIERS {
        return None;
    }
    let [initial_fraction, maintenance_fraction] =
        listed.last().map_or(first, |tier| [tier.initial_fraction, tier.maintenance_fraction]);
    let mut tiers = [Tier { from: Tier::NEVER, initial_fraction, maintenance_fraction }; HIGHER_TIERS];
    tiers[..listed.len()].copy_from_slice(listed);
    Some(HigherTiers(tiers))
}

/// The straight line that the requirements of a position follow within a tier: `R(n) = m·n - A`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slope {
    /// Least value of a position in the tier, scale U.
    pub low: u128,
    /// Largest value of a position in the tier, scale U.
    pub high: u128,
    /// Slope of the initial requirement, parts per million.
    pub initial_fraction: u32,
    /// Slope of the maintenance requirement, parts per million.
    pub maintenance_fraction: u32,
    /// `A` of the initial requirement, millionths of a quote quantum.
    pub initial_offset: u128,
    /// `A` of the maintenance requirement, millionths of a quote quantum.
    pub maintenance_offset: u128,
}

impl Market {
    /// The lines of all tiers, lowest first.
    pub fn slopes(&self) -> impl Iterator<Item = Slope> {
        let first = Slope {
            initial_fraction: self.initial_fraction,
            maintenance_fraction: self.maintenance_fraction,
            ..Slope::default()
        };
        let higher = self.tiers.into_iter().scan(first, |slope, tier| {
            *slope = slope.above(tier);
            Some(*slope)
        });
        let ends = self.tiers.into_iter().map(|tier| tier.from).chain([1 << QUOTE_BITS]);
        let lines = std::iter::once(first).chain(higher).zip(ends);
        lines.map(|(slope, end)| Slope { high: u128::from(end) << PRICE_SCALE_BITS, ..slope })
    }

    /// The line on which a position of this value lies, scale U below 2^95: the lower one where two meet.
    pub fn slope(&self, value: u128) -> Slope {
        let found = self.slopes().find(|slope| value <= slope.high);
        found.or_else(|| self.slopes().last()).unwrap_or_default()
    }
}

impl Slope {
    /// `R_imf(n)` of a value below 2^95, scale U; the result has scale U·M and is below 2^115.
    pub fn initial(&self, value: u128) -> i128 {
        line(value, self.initial_fraction, self.initial_offset)
    }

    /// `R_mmf(n)`, as [`initial`](Self::initial).
    pub fn maintenance(&self, value: u128) -> i128 {
        line(value, self.maintenance_fraction, self.maintenance_offset)
    }

    /// The line of the tier above: it meets this one where the tier begins.
    fn above(&self, tier: Tier) -> Self {
        let at = i128::from(tier.from);
        // Not negative, as fractions do not fall from tier to tier.
        let meet = |offset: u128, before: u32, after: u32| {
            (offset as i128 + at * (i128::from(after) - i128::from(before))) as u128
        };
        let initial_offset = meet(self.initial_offset, self.initial_fraction, tier.initial_fraction);
        let maintenance_offset =
            meet(self.maintenance_offset, self.maintenance_fraction, tier.maintenance_fraction);
        Self {
            low: (u128::from(tier.from) << PRICE_SCALE_BITS) + 1,
            high: 0,
            initial_fraction: tier.initial_fraction,
            maintenance_fraction: tier.maintenance_fraction,
            initial_offset,
            maintenance_offset,
        }
    }
}

/// `m·n - A·U`.
fn line(value: u128, fraction: u32, offset: u128) -> i128 {
    value as i128 * i128::from(fraction) - ((offset as i128) << PRICE_SCALE_BITS)
}

/// Words 5 to 8 of a leaf with these tiers.
pub(super) fn words(tiers: &HigherTiers) -> [Fr; TIER_WORDS] {
    std::array::from_fn(|word| {
        let fields = [tiers[2 * word], tiers[2 * word + 1]]
            .map(|t| [t.from.into(), t.initial_fraction.into(), t.maintenance_fraction.into()]);
        let [[a, b, c], [d, e, f]] = fields;
        TIERS_WORD.pack([a, b, c, d, e, f])
    })
}

/// A tier on wires, each field in its width.
pub(crate) struct TierVar {
    pub from: Int,
    pub initial_fraction: Int,
    pub maintenance_fraction: Int,
}

impl TierVar {
    /// Advice, each field in its width.
    pub fn hint(cs: &mut Cs<'_>, name: &'static str, tier: &Tier) -> Self {
        let mut ranged = |value: u64, bits| Int::hint_unsigned(cs, name, Fr::from(value), bits);
        Self {
            from: ranged(tier.from, QUOTE_BITS),
            initial_fraction: ranged(tier.initial_fraction.into(), FRACTION_BITS),
            maintenance_fraction: ranged(tier.maintenance_fraction.into(), FRACTION_BITS),
        }
    }
}

/// [`words`] on wires.
pub(crate) fn words_var(tiers: &[TierVar; HIGHER_TIERS]) -> [Var<Committed>; TIER_WORDS] {
    std::array::from_fn(|word| {
        let [a, b] = [&tiers[2 * word], &tiers[2 * word + 1]];
        TIERS_WORD.pack_ints([
            &a.from,
            &a.initial_fraction,
            &a.maintenance_fraction,
            &b.from,
            &b.initial_fraction,
            &b.maintenance_fraction,
        ])
    })
}
