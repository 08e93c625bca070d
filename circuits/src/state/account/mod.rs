//! Accounts and their position slots.

use ark_bn254::Fr;

use super::MarketId;
use super::word::Word;
use crate::gadgets::hash::poseidon;
pub use crate::gadgets::signature::PublicKey;
use crate::params::{
    COLLATERAL_BITS, COLLATERAL_OFFSET, FRACTION_BITS, FUNDING_INDEX_BITS, FUNDING_INDEX_OFFSET, MARKET_BITS,
    NONCE_BITS, QUOTE_BITS, SIZE_BITS, SLOTS, SLOTS_PER_BLOCK, TIME_BITS, tag,
};

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
    pub market: MarketId,
    /// Base quanta, negative for a short; magnitude below 2^56.
    pub size: i64,
    /// Quote quanta paid (long) or received (short) for what is held; below 2^63.
    pub entry_quote: u64,
    /// Funding index of the market when this position was last settled.
    pub funding_index: i128,
}

impl Position {
    /// `market16 | short1<<16 | |b|56<<17 | E63<<73 | (F + 2^95)96<<136`; EMPTY (0) for size 0.
    pub fn word(&self) -> Fr {
        if self.size == 0 {
            return Fr::from(0u64);
        }
        Word::new()
            .put(self.market.into(), MARKET_BITS)
            .bit(self.size < 0)
            .put(self.size.unsigned_abs().into(), SIZE_BITS)
            .put(self.entry_quote.into(), QUOTE_BITS)
            .put((self.funding_index + FUNDING_INDEX_OFFSET) as u128, FUNDING_INDEX_BITS)
            .field()
    }
}

/// An account cell as stored in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub owner: PublicKey,
    pub mode: Mode,
    /// Quote quanta in balance form: buying subtracts the quote.
    pub collateral: i64,
    /// Last nonce of the order lane and of the cancel lane.
    pub order_nonce: u64,
    pub cancel_nonce: u64,
    /// Reserved for the liquidation auction; 0.
    pub liq_since: u64,
    /// The owner's own lowest initial fraction, parts per million (0: none).
    pub leverage_limit: u32,
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
            slots: [None; SLOTS],
        }
    }

    /// Occupied slots.
    pub fn positions(&self) -> impl Iterator<Item = &Position> {
        self.slots.iter().flatten()
    }

    /// `(C + 2^63)64 | order_nonce40<<64 | cancel_nonce40<<104 | liq_since40<<144 |
    /// leverage_limit20<<184 | mode_market16<<204`.
    pub fn word(&self) -> Fr {
        Word::new()
            .put((i128::from(self.collateral) + COLLATERAL_OFFSET) as u128, COLLATERAL_BITS)
            .put(self.order_nonce.into(), NONCE_BITS)
            .put(self.cancel_nonce.into(), NONCE_BITS)
            .put(self.liq_since.into(), TIME_BITS)
            .put(self.leverage_limit.into(), FRACTION_BITS)
            .put(self.mode.market().into(), MARKET_BITS)
            .field()
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

/// `poseidon([CROSS_BLOCK, slot×8])`.
pub fn block_hash(slots: &[Fr]) -> Fr {
    let mut input = vec![Fr::from(tag::CROSS_BLOCK)];
    input.extend_from_slice(slots);
    poseidon(&input)
}
