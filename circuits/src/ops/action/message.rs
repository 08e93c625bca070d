//! What is signed: words of items, chunks of a bulk action, the message.

use ark_bn254::Fr;
use ark_ff::Zero;

use super::{Action, Item, Lane, OrderItem, TransferItem, WithdrawItem};
use crate::gadgets::hash::poseidon;
use crate::ops::Domain;
use crate::params::*;
use crate::state::word::Word;

/// Position of the kind in an item's word.
const KIND_SHIFT: u32 = 244;

/// One link of a bulk action's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// `H_i`.
    pub before: Fr,
    /// Item words, 0 after the last.
    pub words: [Fr; ITEMS_PER_CHUNK],
    /// `H_{i+1}`.
    pub after: Fr,
}

/// The parts of a signed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub domain: Fr,
    pub header: Fr,
    pub payload: Fr,
    /// Empty for a single item.
    pub chunks: Vec<Chunk>,
    /// `poseidon([domain, header, payload])`.
    pub hash: Fr,
}

impl Domain {
    /// `chain_id64<<160 | contract160`.
    pub fn word(&self) -> Fr {
        Word::new().address(&self.contract).put(self.chain_id.into(), CHAIN_ID_BITS).field()
    }
}

impl Item {
    /// `kind4<<244 | fields`; needs the widths that [`super::require_fields`] checks.
    pub fn word(&self) -> Fr {
        let (kind, word) = match self {
            Self::Order(order) => (1, order_word(order)),
            Self::Cancel(order) => (2, Word::new().put((*order).into(), ORDER_BITS)),
            Self::Withdraw(withdraw) => (3, withdraw_word(withdraw)),
            Self::Transfer(transfer) => (4, transfer_word(transfer)),
        };
        let padding = KIND_SHIFT - word.bits();
        word.skip(padding).put(kind, 4).field()
    }
}

/// `market16 | side1<<16 | limit32<<17 | lots56<<49 | flags4<<105 | max_fee20<<109 | expiry40<<129`.
fn order_word(order: &OrderItem) -> Word {
    Word::new()
        .put(order.market.into(), MARKET_BITS)
        .bit(order.side.bit())
        .put(order.limit.into(), LIMIT_BITS)
        .put(order.lots.into(), LOTS_BITS)
        .put(order.flags.bits().into(), 4)
        .put(order.max_fee.into(), FRACTION_BITS)
        .put(order.expiry.into(), TIME_BITS)
}

/// `amount64 | recipient160<<64`.
fn withdraw_word(withdraw: &WithdrawItem) -> Word {
    Word::new().put(withdraw.amount.into(), 64).address(&withdraw.recipient)
}

/// `to36 | amount64<<36 | mode_market16<<100`.
fn transfer_word(transfer: &TransferItem) -> Word {
    Word::new()
        .put(transfer.to.into(), ACCOUNT_BITS)
        .put(transfer.amount.into(), 64)
        .put(transfer.mode.market().into(), MARKET_BITS)
}

/// Links of the chain over `words`, four a link.
fn chunks(words: &[Fr]) -> Vec<Chunk> {
    let mut before = Fr::zero();
    let link = |part: &[Fr]| {
        let mut words = [Fr::zero(); ITEMS_PER_CHUNK];
        words[..part.len()].copy_from_slice(part);
        let [w1, w2, w3, w4] = words;
        let after = poseidon(&[before, w1, w2, w3, w4]);
        let chunk = Chunk { before, words, after };
        before = after;
        chunk
    };
    words.chunks(ITEMS_PER_CHUNK).map(link).collect()
}

impl Action {
    /// The message that the owner signs.
    pub fn message(&self, domain: &Domain) -> Message {
        let words: Vec<Fr> = self.items.iter().map(Item::word).collect();
        let (kind, chunks) = match words.len() {
            0 | 1 => (1, Vec::new()),
            _ => (2, chunks(&words)),
        };
        let payload = match chunks.last() {
            Some(chunk) => chunk.after,
            None => words.first().copied().unwrap_or_default(),
        };
        let header = Word::new()
            .put(kind, 8)
            .bit(self.lane == Lane::Cancels)
            .bit(self.strict)
            .put(self.account.into(), ACCOUNT_BITS)
            .put(self.nonce.into(), NONCE_BITS)
            .put(chunks.len() as u128, 16)
            .put(MESSAGE_VERSION.into(), 8)
            .field();
        let domain = domain.word();
        let hash = poseidon(&[domain, header, payload]);
        Message { domain, header, payload, chunks, hash }
    }
}
