//! Tiers of a market above its first, as files state them.

use super::decimal;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use zkmargin_circuits::params::HIGHER_TIERS;
use zkmargin_circuits::state::{HigherTiers, Tier, higher_tiers};

/// A tier above the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedTier {
    /// Value of a position above which it holds, quote quanta.
    #[serde(with = "decimal")]
    pub from: u64,
    /// Initial margin of the part above, parts per million.
    pub initial_fraction: u32,
    /// Maintenance margin of the part above, parts per million.
    pub maintenance_fraction: u32,
}

impl From<Tier> for ListedTier {
    fn from(Tier { from, initial_fraction, maintenance_fraction }: Tier) -> Self {
        Self { from, initial_fraction, maintenance_fraction }
    }
}

impl From<ListedTier> for Tier {
    fn from(ListedTier { from, initial_fraction, maintenance_fraction }: ListedTier) -> Self {
        Self { from, initial_fraction, maintenance_fraction }
    }
}

impl ListedTier {
    /// The tiers that a market uses, whose first one has these fractions: without those that only fill the list.
    pub(crate) fn used(tiers: &HigherTiers, first: [u32; 2]) -> Vec<Self> {
        let listed = |count: usize| higher_tiers(&tiers[..count], first).expect("a part of a list");
        let count = (0..HIGHER_TIERS).find(|count| listed(*count) == *tiers).unwrap_or(HIGHER_TIERS);
        tiers[..count].iter().copied().map(Self::from).collect()
    }

    /// The tiers of a market whose first one has these fractions, initial and maintenance. [`read`] refuses longer lists.
    pub(crate) fn all(listed: &[Self], first: [u32; 2]) -> HigherTiers {
        let listed: Vec<Tier> = listed.iter().copied().map(Tier::from).collect();
        higher_tiers(&listed, first).expect("no longer list is read or made")
    }
}

/// Reads a list of tiers. Error: more than a market may have.
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ListedTier>, D::Error> {
    let listed = Vec::<ListedTier>::deserialize(deserializer)?;
    if listed.len() > HIGHER_TIERS {
        let found = listed.len();
        return Err(D::Error::custom(format!(
            "{found} tiers above the first; a market has at most {HIGHER_TIERS}"
        )));
    }
    Ok(listed)
}
