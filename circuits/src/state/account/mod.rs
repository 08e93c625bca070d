//! Accounts and their position slots.

use std::sync::LazyLock;

use ark_bn254::Fr;

use super::{MarketId, OrderId};
use crate::gadgets::hash::poseidon;
pub use crate::gadgets::signature::PublicKey;
use crate::gadgets::word::Layout;
use crate::params::{
    ACCOUNT_BITS, COLLATERAL_BITS, COLLATERAL_OFFSET, FRACTION_BITS, FUNDING_INDEX_BITS,
    FUNDING_INDEX_OFFSET, LIQ_SINCE_BITS, MARKET_BITS, NONCE_BITS, ORDER_BITS, QUOTE_BITS, SIZE_BITS, SLOTS,
    SLOTS_PER_BLOCK, tag,
};

/// An occupied slot: sign and magnitude of the size, `F + 2^95`. An empty slot is 0.
pub const SLOT_WORD: Layout<5> = Layout::new(
    "slot",
    [
        ("market", MARKET_BITS),
        ("short", 1),
        ("size", SIZE_BITS),
        ("entry_quote", QUOTE_BITS),
        ("funding_index", FUNDING_INDEX_BITS),
    ],
);

/// What an account's leaf says besides key and slots: `C + 2^63`, the nonces, the mode's market, the first order that its key signed for.
pub const ACCOUNT_WORD: Layout<7> = Layout::new(
    "account",
    [
        ("collateral", COLLATERAL_BITS),
        ("order_nonce", NONCE_BITS),
        ("cancel_nonce", NONCE_BITS),
        ("liq_since", LIQ_SINCE_BITS),
        ("leverage_limit", FRACTION_BITS),
        ("mode", MARKET_BITS),
        ("orders_from", ORDER_BITS),
    ],
);

/// What a batch publishes of an account that it opened: the collateral as `C + 2^63`.
pub const ACCOUNT_ELEMENT: Layout<7> = Layout::new(
    "account element",
    [
        ("id", ACCOUNT_BITS),
        ("collateral", COLLATERAL_BITS),
        ("order_nonce", NONCE_BITS),
        ("cancel_nonce", NONCE_BITS),
        ("leverage_limit", FRACTION_BITS),
        ("fresh", 1),
        ("mode", MARKET_BITS),
    ],
)
.published();

/// What a batch publishes of a changed position: the account by its place in the published list, the
/// number of the slot.
pub const POSITION_ELEMENT: Layout<6> = Layout::new(
    "position element",
    [
        ("place", 12),
        ("slot", 4),
        ("market", MARKET_BITS),
        ("short", 1),
        ("size", SIZE_BITS),
        ("entry_quote", QUOTE_BITS),
    ],
)
.published();

/// Whether an account pools its positions or is confined to one market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Up to 16 positions share the collateral.
    Cross,
    /// One slot, one market: a loss reaches no other account.
    Isolated(MarketId),
}

impl Mode {
    /// 0 for cross, the market's id otherwise.
    pub const fn market(self) -> MarketId {
        match self {
            Self::Cross => 0,
            Self::Isolated(market) => market,
        }
    }

    /// Cross for 0, isolated in the market otherwise.
    pub const fn from_market(market: MarketId) -> Self {
        match market {
            0 => Self::Cross,
            market => Self::Isolated(market),
        }
    }

    /// Slots that an account of this mode has.
    pub const fn slots(self) -> usize {
        match self {
            Self::Cross => SLOTS,
            Self::Isolated(_) => 1,
        }
    }
}

/// An occupied slot. `size` is never 0 in a stored account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Market of the position; no other slot of the account has it.
    pub market: MarketId,
    /// Base quanta, negative for a short; magnitude below 2^56.
    pub size: i64,
    /// Quote quanta paid (long) or received (short) for what is held; below 2^63.
    pub entry_quote: u64,
    /// Funding index of the market when this position was last settled.
    pub funding_index: i128,
}

impl Position {
    /// [`SLOT_WORD`]; EMPTY (0) for size 0.
    pub fn word(&self) -> Fr {
        if self.size == 0 {
            return Fr::from(0u64);
        }
        SLOT_WORD.pack([
            self.market.into(),
            (self.size < 0).into(),
            self.size.unsigned_abs().into(),
            self.entry_quote.into(),
            ((self.funding_index + FUNDING_INDEX_OFFSET) as u128).into(),
        ])
    }
}

/// An account cell as stored in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// BabyJubJub key whose signature the account's actions need. Its owner may change it for the next batch.
    pub owner: PublicKey,
    /// Cross or isolated. Its owner may change it for the next batch while the account holds no position.
    pub mode: Mode,
    /// Quote quanta in balance form: buying subtracts the quote.
    pub collateral: i64,
    /// Last nonce of the order lane.
    pub order_nonce: u64,
    /// Last nonce of the cancel lane.
    pub cancel_nonce: u64,
    /// Reserved for the liquidation auction; 0. Below 2^36.
    pub liq_since: u64,
    /// The owner's own lowest initial fraction, parts per million (0: none).
    pub leverage_limit: u32,
    /// Orders below this number are void: an earlier key of the account signed for them. 0 while it has its first key; any
    /// other takes no deposit that names its key. Never goes back.
    pub orders_from: OrderId,
    /// Holes are allowed; occupied markets are distinct; an isolated account uses slot 0 only.
    pub slots: [Option<Position>; SLOTS],
}

impl Account {
    /// An account with nothing in it.
    pub const fn empty(owner: PublicKey, mode: Mode) -> Self {
        Self {
            owner,
            mode,
            collateral: 0,
            order_nonce: 0,
            cancel_nonce: 0,
            liq_since: 0,
            leverage_limit: 0,
            orders_from: 0,
            slots: [None; SLOTS],
        }
    }

    /// Occupied slots.
    pub fn positions(&self) -> impl Iterator<Item = &Position> {
        self.slots.iter().flatten()
    }

    /// The word of the leaf, laid out as [`ACCOUNT_WORD`] says.
    pub fn word(&self) -> Fr {
        ACCOUNT_WORD.pack([
            ((i128::from(self.collateral) + COLLATERAL_OFFSET) as u128).into(),
            self.order_nonce.into(),
            self.cancel_nonce.into(),
            self.liq_since.into(),
            self.leverage_limit.into(),
            self.mode.market().into(),
            self.orders_from.into(),
        ])
    }

    /// The words of all slots, 0 for an empty one.
    pub fn slot_words(&self) -> [Fr; SLOTS] {
        self.slots.map(|slot| slot.map_or(Fr::from(0u64), |position| position.word()))
    }

    /// Cross: `poseidon([CROSS, x, y, w0, block0, block1])` with
    /// `block = poseidon([CROSS_BLOCK, slot×8])`; isolated: `poseidon([ISOLATED, x, y, w0, slot0])`.
    pub fn leaf(&self) -> Fr {
        let slots = self.slot_words();
        let PublicKey { x, y } = self.owner;
        match self.mode {
            Mode::Isolated(_) => poseidon(&[Fr::from(tag::ISOLATED), x, y, self.word(), slots[0]]),
            Mode::Cross => {
                let mut input = vec![Fr::from(tag::CROSS), x, y, self.word()];
                input.extend(slots.chunks(SLOTS_PER_BLOCK).map(block_hash));
                poseidon(&input)
            }
        }
    }
}

/// The hash of a block of empty slots.
pub fn empty_block() -> Fr {
    static EMPTY: LazyLock<Fr> = LazyLock::new(|| block_hash(&[Fr::from(0u64); SLOTS_PER_BLOCK]));
    *EMPTY
}

/// `poseidon([CROSS_BLOCK, slot×8])`.
pub fn block_hash(slots: &[Fr]) -> Fr {
    let mut input = vec![Fr::from(tag::CROSS_BLOCK)];
    input.extend_from_slice(slots);
    poseidon(&input)
}
