//! What was not applied, and why: one structure from the law to the report.

use super::tally::Kind;
use crate::wire::event::Market;
use serde::{Serialize, Serializer};
use std::fmt;
use zkmargin_circuits::executor::ApplyError;
use zkmargin_circuits::kinds::Overflow;
use zkmargin_circuits::reject::{Refusal, Reject};

/// Why work was not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The law refuses it; the refusal names the check and both sides.
    Law(Refusal),
    /// It alone needs more rows than a batch of the shape has.
    DoesNotFit(Overflow),
    /// A fill-or-kill order with more fills than a batch holds; it is refused together with them.
    TooManyFills,
    /// A fill-or-kill order that its fills do not fill; it is refused together with them.
    NotWhole,
    /// A fill of an order that lived for one batch only, and that batch is closed.
    OrderEnded,
    /// A liquidation notice in whose second its user made no trade with another user.
    NoTrades,
    /// An oracle price that the protocol cannot write down.
    PriceWidth,
    /// The user has an account of the mode that another should get: events could not tell the two apart.
    AccountExists,
}

impl Reason {
    /// What it is counted by.
    pub const fn code(&self) -> Code {
        match self {
            Self::Law(refusal) => Code::Law(refusal.reason),
            Self::DoesNotFit(_) => Code::DoesNotFit,
            Self::TooManyFills => Code::TooManyFills,
            Self::NotWhole => Code::NotWhole,
            Self::OrderEnded => Code::OrderEnded,
            Self::NoTrades => Code::NoTrades,
            Self::PriceWidth => Code::PriceWidth,
            Self::AccountExists => Code::AccountExists,
        }
    }

    /// What the law said, if it was the law that refused.
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Law(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Whether the law refused for this reason.
    pub fn is(&self, reject: Reject) -> bool {
        self.refusal().is_some_and(|refusal| refusal.reason == reject)
    }
}

impl From<Reject> for Reason {
    fn from(reject: Reject) -> Self {
        Self::Law(reject.into())
    }
}

/// A reason without its numbers. Refusals are counted by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The law's reason.
    Law(Reject),
    /// See [`Reason::DoesNotFit`].
    DoesNotFit,
    /// See [`Reason::TooManyFills`].
    TooManyFills,
    /// See [`Reason::NotWhole`].
    NotWhole,
    /// See [`Reason::OrderEnded`].
    OrderEnded,
    /// See [`Reason::NoTrades`].
    NoTrades,
    /// See [`Reason::PriceWidth`].
    PriceWidth,
    /// See [`Reason::AccountExists`].
    AccountExists,
}

impl Code {
    /// The stable number of the law's reason; None if the law never saw the work.
    pub const fn number(self) -> Option<u16> {
        match self {
            Self::Law(reject) => Some(reject.code()),
            _ => None,
        }
    }

    /// The name in reports.
    pub fn name(self) -> String {
        match self {
            Self::Law(reject) => reject.name(),
            own => format!("{own:?}"),
        }
    }

    /// The reason in plain words.
    pub fn sentence(self) -> String {
        match self {
            Self::Law(reject) => reject.to_string(),
            Self::DoesNotFit => "alone it needs more rows than a batch of the shape has".to_owned(),
            Self::TooManyFills => {
                "no batch of the shape holds all fills of the order, which is all or nothing".to_owned()
            }
            Self::NotWhole => "its fills do not fill the order, which is all or nothing".to_owned(),
            Self::OrderEnded => "the order lived for one batch, and that batch is closed".to_owned(),
            Self::NoTrades => "no trade of its user with another user in that second".to_owned(),
            Self::PriceWidth => "the oracle price is beyond 64 bits".to_owned(),
            Self::AccountExists => "the user has another account of that mode".to_owned(),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Law(reject) => f.write_str(&reject.described()),
            own => write!(f, "{} ({})", own.sentence(), own.name()),
        }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

/// A refusal with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Line in the file; 0 for the house's orders, which no file shows.
    pub line: u64,
    /// What was refused.
    pub kind: Kind,
    /// Market that it was about, if about one.
    pub market: Option<Market>,
    /// Rows of the file that are refused with it. Work that went on in another way refuses none.
    pub rows: u64,
    /// The reason for the refusal.
    pub reason: Reason,
}

/// Why a piece of work did not happen in a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Refused: by the law, or because something before it was refused.
    Refused(Reason),
    /// The batch has no more rows of some kind.
    Full(Overflow),
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Refused(refusal) => Self::Refused(Reason::Law(refusal)),
            ApplyError::Overflow(overflow) => Self::Full(overflow),
            // A pass never collects fees: nothing is sealed before its batch is finished.
            ApplyError::Sealed => unreachable!("the engine applies no op after the fees"),
        }
    }
}

impl From<Reject> for Failure {
    fn from(reject: Reject) -> Self {
        Self::Refused(reject.into())
    }
}
