//! A check that failed, with both of its sides: what a person needs to see why.

use std::fmt;

use thiserror::Error;

use super::{Quantity, Reject};

/// Why an op is refused: the check `id` wanted `left relation right`, both in `unit`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Refusal {
    /// The reason, with its stable code.
    pub reason: Reject,
    /// The check's id in the spec.
    pub id: &'static str,
    /// Left side of the comparison; 0 if nothing was compared.
    pub left: Quantity,
    /// Right side of the comparison; 0 if nothing was compared.
    pub right: Quantity,
    /// How `left` had to stand to `right`.
    pub relation: Relation,
    /// What both sides count.
    pub unit: Unit,
}

impl Refusal {
    /// A refusal without sides: nothing was compared, or nothing that a reader could use.
    pub const fn plain(reason: Reject, id: &'static str) -> Self {
        let (left, right) = (Quantity::Small(0), Quantity::Small(0));
        Self { reason, id, left, right, relation: Relation::None, unit: Unit::None }
    }

    /// The same refusal as part of the check `id`, which calls the rule that refused.
    pub fn at(self, id: &'static str) -> Self {
        Self { id, ..self }
    }

    /// Whether something was compared.
    pub fn has_sides(&self) -> bool {
        self.relation != Relation::None
    }

    /// Whether the sides are as wanted. They never are: a rule that refuses so has a defect.
    pub fn contradicts_itself(&self) -> bool {
        self.has_sides() && self.relation.holds(&self.left, &self.right)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, id, left, right, relation, unit } = self;
        match relation {
            Relation::None => write!(f, "{reason}: {id}"),
            _ => write!(f, "{reason}: {id} wants {left} {unit} {relation} {right} {unit}"),
        }
    }
}

/// For rejects that are raised where cells are opened, not by a rule: no sides, and the check that
/// would find no cell. A rule names its check itself.
impl From<Reject> for Refusal {
    fn from(reason: Reject) -> Self {
        let id = match reason {
            Reject::UnknownAccount => "ACC-8",
            Reject::UnknownMarket => "MKT-11",
            Reject::UnknownOrder => "ORD-4",
            Reject::NoFreeSlot => "SLOT-4",
            Reject::TickTooLate => "MKT-3",
            Reject::TickTwice => "MKT-16",
            Reject::ConfigureTwice => "CFG-1",
            Reject::NotSigner => "ORC-2",
            Reject::PricesTwice => "QUO-3",
            Reject::NoQuorum => "MKT-24",
            Reject::NoPremium => "MKT-35",
            Reject::PremiumsAlone => "ORC-5",
            Reject::InvalidOwner => "CURVE-2",
            Reject::OrderIdsExhausted => "STM-3",
            Reject::AccountIdsExhausted => "ACC-1",
            Reject::SelfTransfer => "TRF-1",
            Reject::ModeChanging => "SLOT-10",
            _ => "OPS",
        };
        Self::plain(reason, id)
    }
}

/// Drops the sides, for callers that only need the reason.
impl From<Refusal> for Reject {
    fn from(refusal: Refusal) -> Self {
        refusal.reason
    }
}

/// How the left side should stand to the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// `left >= right`.
    AtLeast,
    /// `left <= right`.
    AtMost,
    /// `left > right`.
    Greater,
    /// `left < right`.
    Less,
    /// `left = right`.
    Equal,
    /// `left ≠ right`.
    NotEqual,
    /// Nothing was compared.
    None,
}

impl Relation {
    /// Whether the sides stand so; false where nothing was compared.
    #[inline(always)]
    pub fn holds(self, left: &Quantity, right: &Quantity) -> bool {
        let order = left.cmp(right);
        match self {
            Self::AtLeast => order.is_ge(),
            Self::AtMost => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::Less => order.is_lt(),
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::None => false,
        }
    }

    /// The relation with smaller and greater exchanged, if `mirrored`: for the other side of a trade.
    #[inline(always)]
    pub const fn mirrored_if(self, mirrored: bool) -> Self {
        match self {
            _ if !mirrored => self,
            Self::AtLeast => Self::AtMost,
            Self::AtMost => Self::AtLeast,
            Self::Greater => Self::Less,
            Self::Less => Self::Greater,
            other => other,
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtLeast => "≥",
            Self::AtMost => "≤",
            Self::Greater => ">",
            Self::Less => "<",
            Self::Equal => "=",
            Self::NotEqual => "≠",
            Self::None => "",
        })
    }
}

/// What both sides count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// What orders are counted in; the market says how many base quanta a lot has.
    Lots,
    /// What limit prices are counted in; the market says how many quote quanta a tick is per lot.
    Ticks,
    /// Smallest unit of collateral.
    QuoteQuanta,
    /// Smallest unit of a position.
    BaseQuanta,
    /// Fees and fractions, 10^-6.
    PartsPerMillion,
    /// Oracle price, 32.32 quote quanta per base quantum.
    Price,
    /// Value of an account, scale U.
    Value,
    /// Margin requirement, scale U·M.
    Requirement,
    /// A value times a requirement: how the legal change compares ratios.
    ValueRequirement,
    /// A requirement times a size: how the size of a liquidation is judged.
    RequirementSize,
    /// Funding rate, 10^-9 per hour.
    Rate,
    /// Funding index, 48 fractional bits.
    FundingIndex,
    /// Time of the batch and expiries of orders.
    Seconds,
    /// Nonce of an action, in its lane.
    Nonce,
    /// Number of an account, a market or an order.
    Id,
    /// A number without a unit: chunks of an action, earlier settings of a limit.
    Count,
    /// 0 buys, 1 sells.
    Side,
    /// A market's status; 1 is open.
    Status,
    /// Coordinate of a public key.
    Coordinate,
    /// Nothing was compared.
    None,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lots => "lots",
            Self::Ticks => "ticks",
            Self::QuoteQuanta => "quote quanta",
            Self::BaseQuanta => "base quanta",
            Self::PartsPerMillion => "ppm",
            Self::Price => "(price, 32.32)",
            Self::Value => "(value, scale U)",
            Self::Requirement => "(requirement, scale U·M)",
            Self::ValueRequirement => "(value times requirement)",
            Self::RequirementSize => "(requirement times base quanta)",
            Self::Rate => "(10^-9 per hour)",
            Self::FundingIndex => "(funding index, 48 fractional bits)",
            Self::Seconds => "s",
            Self::Nonce => "(nonce)",
            Self::Id => "(id)",
            Self::Count => "(count)",
            Self::Side => "(side)",
            Self::Status => "(status)",
            Self::Coordinate => "(coordinate)",
            Self::None => "",
        })
    }
}
