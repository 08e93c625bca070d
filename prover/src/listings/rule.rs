//! The rules that a listing may break.

use crate::engine::market::ListingError;
use serde::Serialize;
use zkmargin_circuits::state::ParameterError;

/// A rule that a market breaks, with both sides of the comparison that fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// A stable name for programs.
    pub rule: &'static str,
    /// What the market has.
    pub left: String,
    /// How the two sides should stand.
    pub relation: &'static str,
    /// What it may have.
    pub right: String,
    /// The rule in words, with the unit of both sides.
    pub text: String,
}

impl Broken {
    pub(super) fn new(
        rule: &'static str,
        left: impl ToString,
        relation: &'static str,
        right: impl ToString,
        text: &str,
    ) -> Self {
        Self { rule, left: left.to_string(), relation, right: right.to_string(), text: text.to_owned() }
    }
}

impl From<ParameterError> for Broken {
    fn from(error: ParameterError) -> Self {
        let (rule, left, relation, right) = match error {
            ParameterError::Range { field, value, low, high } => {
                (field, value.to_string(), "within", format!("{low} to {high}"))
            }
            ParameterError::PositionValue { bits } => (
                "position_value",
                bits.to_string(),
                "≤",
                zkmargin_circuits::params::POSITION_VALUE_BITS.to_string(),
            ),
            ParameterError::TierOrder { value, before, .. } => {
                ("tier_order", value.to_string(), "≥", before.to_string())
            }
            ParameterError::FeesEatMargin { sum, initial, .. } => {
                ("fees_eat_margin", sum.to_string(), "≤", initial.to_string())
            }
            ParameterError::OpenNotional { low, high } => {
                ("open_notional", low.to_string(), "<", high.to_string())
            }
            ParameterError::OrdersTooLarge { smallest, largest } => {
                ("orders_too_large", smallest.to_string(), "≤", largest.to_string())
            }
            ParameterError::HaltedBeforeStill { still, halt } => {
                ("halted_before_still", still.to_string(), "≤", halt.to_string())
            }
            // In 10^-9 of the notional value.
            ParameterError::FundingEatsMargin { interval, cap, maintenance } => (
                "funding_eats_margin",
                (u64::from(cap) * u64::from(interval)).div_ceil(3600).to_string(),
                "≤",
                (u64::from(maintenance) * 250).to_string(),
            ),
        };
        Self { rule, left, relation, right, text: error.to_string() }
    }
}

impl From<ListingError> for Broken {
    fn from(error: ListingError) -> Self {
        match error {
            ListingError::Parameters { source, .. } => source.into(),
            ListingError::Width { .. } => Self::new(
                "width",
                "price, tick and lot",
                "within",
                "the protocol's widths",
                &error.to_string(),
            ),
        }
    }
}
