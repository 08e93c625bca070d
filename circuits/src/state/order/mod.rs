//! Orders: what an account signed, and how much of it is left.

mod terms;

use ark_bn254::Fr;

use super::word::Word;
use super::{AccountId, MarketId};
use crate::gadgets::hash::poseidon;
use crate::params::{ACCOUNT_BITS, FRACTION_BITS, LIMIT_BITS, LOTS_BITS, MARKET_BITS, TIME_BITS, tag};
pub use terms::OrderTerms;

/// Side of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    Buy,
    Sell,
}

impl Side {
    /// 0 for a buy, 1 for a sell.
    pub const fn bit(self) -> bool {
        matches!(self, Self::Sell)
    }

    /// +1 for a buy, -1 for a sell: the sign of the change of size.
    pub const fn sign(self) -> i128 {
        match self {
            Self::Buy => 1,
            Self::Sell => -1,
        }
    }

    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

/// Flags of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    /// May only be maker.
    pub post_only: bool,
    /// Never grows or flips a position.
    pub reduce_only: bool,
    /// What is left does not rest.
    pub immediate_or_cancel: bool,
    /// Filled whole within its batch, or not at all.
    pub fill_or_kill: bool,
}

impl Flags {
    /// `1 post_only, 2 reduce_only, 4 ioc, 8 fok`.
    pub fn bits(self) -> u8 {
        u8::from(self.post_only)
            | u8::from(self.reduce_only) << 1
            | u8::from(self.immediate_or_cancel) << 2
            | u8::from(self.fill_or_kill) << 3
    }

    /// Neither IOC nor FOK: a remainder rests across batches.
    pub const fn rests(self) -> bool {
        !self.immediate_or_cancel && !self.fill_or_kill
    }
}

/// An order cell. `left == 0` is a dead order: its leaf is EMPTY and its id is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub account: AccountId,
    pub market: MarketId,
    pub side: Side,
    /// Ticks.
    pub limit: u32,
    /// Lots signed for.
    pub size: u64,
    /// Lots not yet filled.
    pub left: u64,
    pub flags: Flags,
    /// Highest fee the signer accepts, parts per million of the quote.
    pub max_fee: u32,
    /// Last second at which the order may trade.
    pub expiry: u64,
}

impl Order {
    /// A dead order, zero in every field: what padding rows start from.
    pub(crate) const BLANK: Self = Order {
        account: 0,
        market: 0,
        side: Side::Buy,
        limit: 0,
        size: 0,
        left: 0,
        flags: Flags {
            post_only: false,
            reduce_only: false,
            immediate_or_cancel: false,
            fill_or_kill: false,
        },
        max_fee: 0,
        expiry: 0,
    };

    /// `[w0, w1]` of the leaf.
    pub fn words(&self) -> [Fr; 2] {
        let w0 = Word::new()
            .put(self.account.into(), ACCOUNT_BITS)
            .put(self.market.into(), MARKET_BITS)
            .bit(self.side.bit())
            .put(self.limit.into(), LIMIT_BITS)
            .put(self.flags.bits().into(), 4)
            .put(self.max_fee.into(), FRACTION_BITS)
            .put(self.expiry.into(), TIME_BITS);
        let w1 = Word::new().put(self.size.into(), LOTS_BITS).put(self.left.into(), LOTS_BITS);
        [w0.field(), w1.field()]
    }

    /// `poseidon([ORDER, w0, w1])`, or EMPTY for a dead order.
    pub fn leaf(&self) -> Fr {
        if self.left == 0 {
            return Fr::from(0u64);
        }
        let [w0, w1] = self.words();
        poseidon(&[Fr::from(tag::ORDER), w0, w1])
    }
}
