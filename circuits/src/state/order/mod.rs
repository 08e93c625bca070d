//! Orders: what an account signed, and how much of it is left.

mod terms;

use ark_bn254::Fr;

use super::{AccountId, MarketId, tags};
use crate::gadgets::hash::poseidon;
use crate::gadgets::word::Layout;
use crate::params::{
    ACCOUNT_BITS, EXPIRY_BITS, FEE_CARRY_BITS, FRACTION_BITS, LIMIT_BITS, LOTS_BITS, MARKET_BITS,
    MARKET_DEPTH, ORDER_BITS, tag,
};
pub(crate) use terms::{OrderProgress, OrderTerms};

/// The flags of an order, one field of the words below.
pub const FLAGS: Layout<4> = Layout::new(
    "flags",
    [("post_only", 1), ("reduce_only", 1), ("immediate_or_cancel", 1), ("fill_or_kill", 1)],
);

/// The flags of a resting order: the others never rest.
pub const RESTING_FLAGS: Layout<2> = Layout::new("resting flags", [("post_only", 1), ("reduce_only", 1)]);

/// Word 0 of an order's leaf: what does not change in it.
pub const TERMS_WORD: Layout<7> = Layout::new(
    "order terms",
    [
        ("account", ACCOUNT_BITS),
        ("market", MARKET_BITS),
        ("side", 1),
        ("limit", LIMIT_BITS),
        ("flags", FLAGS.bits()),
        ("max_fee", FRACTION_BITS),
        ("expiry", EXPIRY_BITS),
    ],
);

/// Word 1 of an order's leaf: lots signed for, lots left, and the carry of its fees.
pub const PROGRESS_WORD: Layout<3> =
    Layout::new("order progress", [("size", LOTS_BITS), ("left", LOTS_BITS), ("fee_carry", FEE_CARRY_BITS)]);

/// An order as it is signed.
pub const ORDER_ITEM: Layout<7> = tags::item(
    "order item",
    1,
    [
        ("market", MARKET_BITS),
        ("side", 1),
        ("limit", LIMIT_BITS),
        ("lots", LOTS_BITS),
        ("flags", FLAGS.bits()),
        ("max_fee", FRACTION_BITS),
        ("expiry", EXPIRY_BITS),
    ],
);

/// What a batch publishes of an order's leaf; `left` 0 removes it.
///
/// It has all bits of an element. A market and an expiry have no more bits than their values need, and
/// immediate-or-cancel and fill-or-kill are not there, because such an order does not rest.
pub const ORDER_ELEMENT: Layout<10> = Layout::new(
    "order element",
    [
        ("id", ORDER_BITS),
        ("account", ACCOUNT_BITS),
        ("market", 3 * MARKET_DEPTH),
        ("side", 1),
        ("limit", LIMIT_BITS),
        ("left", LOTS_BITS),
        ("flags", RESTING_FLAGS.bits()),
        ("max_fee", FRACTION_BITS),
        ("expiry", EXPIRY_BITS),
        ("fee_carry", FEE_CARRY_BITS),
    ],
)
.published();

/// Side of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The size of the account's position goes up.
    Buy,
    /// The size of the account's position goes down.
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

    /// The side of the counterparty.
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
        u8::from(self.post_only) << FLAGS.shift_of("post_only")
            | u8::from(self.reduce_only) << FLAGS.shift_of("reduce_only")
            | u8::from(self.immediate_or_cancel) << FLAGS.shift_of("immediate_or_cancel")
            | u8::from(self.fill_or_kill) << FLAGS.shift_of("fill_or_kill")
    }

    /// The flags of `bits`; bits above the four are not looked at.
    pub const fn from_bits(bits: u8) -> Self {
        Self {
            post_only: bits >> FLAGS.shift_of("post_only") & 1 == 1,
            reduce_only: bits >> FLAGS.shift_of("reduce_only") & 1 == 1,
            immediate_or_cancel: bits >> FLAGS.shift_of("immediate_or_cancel") & 1 == 1,
            fill_or_kill: bits >> FLAGS.shift_of("fill_or_kill") & 1 == 1,
        }
    }

    /// Neither IOC nor FOK: a remainder rests across batches.
    pub const fn rests(self) -> bool {
        !self.immediate_or_cancel && !self.fill_or_kill
    }
}

/// An order cell. `left == 0` says that the order is gone: its leaf is EMPTY and its id is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Account that signed the order, and that trades.
    pub account: AccountId,
    /// The only market in which the order trades.
    pub market: MarketId,
    /// What the account does: buy or sell.
    pub side: Side,
    /// Limit price in ticks.
    pub limit: u32,
    /// Lots signed for.
    pub size: u64,
    /// Lots not yet filled.
    pub left: u64,
    /// How the order may trade, and whether it rests.
    pub flags: Flags,
    /// Highest fee the signer accepts, parts per million of the quote.
    pub max_fee: u32,
    /// Last second at which the order may trade, below 2^36.
    pub expiry: u64,
    /// What the fees of its fills so far are above the exact ones, millionths of a quote quantum, below M.
    pub fee_carry: u32,
}

impl Order {
    /// An order that is gone, zero in every field: what padding rows start from.
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
        fee_carry: 0,
    };

    /// `[w0, w1]` of the leaf.
    pub fn words(&self) -> [Fr; 2] {
        let terms = TERMS_WORD.pack([
            self.account.into(),
            self.market.into(),
            self.side.bit().into(),
            self.limit.into(),
            self.flags.bits().into(),
            self.max_fee.into(),
            self.expiry.into(),
        ]);
        [terms, PROGRESS_WORD.pack([self.size.into(), self.left.into(), self.fee_carry.into()])]
    }

    /// `poseidon([ORDER, w0, w1])`, or EMPTY for an order that is gone.
    pub fn leaf(&self) -> Fr {
        if self.left == 0 {
            return Fr::from(0u64);
        }
        let [w0, w1] = self.words();
        poseidon(&[Fr::from(tag::ORDER), w0, w1])
    }
}
