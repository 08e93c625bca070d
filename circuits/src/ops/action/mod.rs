//! Action: one signature over one or many items.
//!
//! - **Moves**: one nonce of the account's two lanes. Its items are rows of their own and follow it.
//! - **Needs**: `last < nonce <= last + 2^20` in its lane; a strict action `nonce = last + 1`.
//! - **Signs**: the owner signs `poseidon([domain, header, payload])` (EdDSA-Poseidon).
//! - **Rejects**, in order: `ItemCount`, `FieldRange`, `WrongLane`, `NonceTooLow`, `NonceTooHigh`,
//!   `NonceNotNext`, `BadSignature`; then the items' rejects in sequence; of an item with prices
//!   `NotSigner`, unless a [price signer](crate::ops::prices) acts. All items happen, or nothing.
//! - **Rounds**: nothing.
//! - **Cells**: nonces at 16T.
//!
//! `header = kind8 (1 single, 2 bulk) | lane1 | strict1 | account36 | nonce40 | chunks16 | version8`.
//! Single: `payload = item`, chunks 0. Bulk (two items or more): chunks of four items, padded with
//! zeros, `H_0 = 0`, `H_{i+1} = poseidon([H_i, w1, w2, w3, w4])`, `payload = H_chunks`.
//! The cancel lane exists so that a cancel never waits for an order's nonce; a single order may not
//! use it. Which lane a bulk action uses is the signer's choice.

pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod item;
mod message;
mod native;
pub(crate) mod row;
#[cfg(test)]
mod tests;

use ark_bn254::Fr;

use crate::gadgets::signature::Signature;
use crate::gadgets::signature::transcript::Signed;
use crate::ops::prices::signer_of;
use crate::state::tags::ORACLE_SHIFT;
use crate::state::{AccountId, OrderId, PublicKey};
pub use item::{
    CANCEL_ITEM, CHANGE_KEY_ITEM, Item, OrderItem, SET_LEVERAGE_ITEM, SET_MODE_ITEM, TRANSFER_ITEM,
    TransferItem, WITHDRAW_ITEM, WithdrawItem,
};
pub use message::{Chunk, DOMAIN_WORD, MESSAGE_HEADER, Message};
#[cfg(test)]
pub(crate) use native::require_fields;
pub use native::{SignatureCheck, apply};

/// Which of the two nonces an action uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// The lane for any action; a single order must use it.
    Orders,
    /// A cancel in it waits for no order's nonce; a single order may not use it.
    Cancels,
}

/// Last used nonces of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nonces {
    /// Last of the order lane, below 2^40; 0 if none was used.
    pub order: u64,
    /// Last of the cancel lane, below 2^40; 0 if none was used.
    pub cancel: u64,
}

/// A signed action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The account that acts, below 2^36.
    pub account: AccountId,
    /// Which nonce it uses.
    pub lane: Lane,
    /// Demands exactly the next nonce.
    pub strict: bool,
    /// Above the lane's last one by at most 2^20; below 2^40.
    pub nonce: u64,
    /// The items, at least one; two or more make a bulk action, of fewer than 2^16 chunks of four.
    pub items: Vec<Item>,
    /// Signature of [`Action::message`] by the account's owner.
    pub signature: Signature,
}

/// A signed action, before its nonce is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRecord {
    /// T of the row's place, below 2^20.
    pub sequence: u32,
    /// The account that acts.
    pub account: AccountId,
    /// Key of the account, as it opened.
    pub owner: PublicKey,
    /// The first order that this key signed for; 0 if it is the account's first.
    pub orders_from: OrderId,
    /// Which nonce it uses.
    pub lane: Lane,
    /// Demands exactly the next nonce.
    pub strict: bool,
    /// The lane's last nonce after the action.
    pub nonce: u64,
    /// Last nonces before the action, which the row touches at `16T`.
    pub nonces: Nonces,
    /// When the nonces were touched last.
    pub nonces_at: u32,
    /// What is signed, with the chunks of a bulk action.
    pub message: Message,
    /// Signature of `message.hash` by `owner`.
    pub signature: Signature,
}

impl ActionRecord {
    /// What idle places carry: no action, and a signature by a key whose secret is public.
    pub fn idle() -> Self {
        let Signed { key, message: hash, signature } = *Signed::filler();
        let zero = Fr::from(0u64);
        Self {
            sequence: 1,
            account: 0,
            owner: key,
            orders_from: 0,
            lane: Lane::Orders,
            strict: false,
            nonce: 0,
            nonces: Nonces::default(),
            nonces_at: 0,
            message: Message { domain: zero, header: zero, payload: zero, chunks: Vec::new(), hash },
            signature,
        }
    }

    /// The action as the signatures' transcript absorbs it.
    pub fn signed(&self) -> Signed {
        Signed { key: self.owner, message: self.message.hash, signature: self.signature }
    }

    /// The number by which rows know who signed: the account's, or a price signer's with its mark.
    pub const fn known_as(&self) -> u64 {
        self.account + ((self.is_oracle() as u64) << ORACLE_SHIFT)
    }

    /// Whether a price signer signed it.
    pub const fn is_oracle(&self) -> bool {
        signer_of(self.account).is_some()
    }

    /// Whether its item was signed alone, in the lane of cancels.
    pub fn is_single_cancel(&self) -> bool {
        self.lane == Lane::Cancels && self.message.chunks.is_empty()
    }
}

impl Nonces {
    /// Last used nonce of a lane; 0 if none was used.
    pub const fn last(&self, lane: Lane) -> u64 {
        match lane {
            Lane::Orders => self.order,
            Lane::Cancels => self.cancel,
        }
    }

    /// These nonces with another last one of a lane.
    #[must_use]
    pub const fn with(mut self, lane: Lane, nonce: u64) -> Self {
        match lane {
            Lane::Orders => self.order = nonce,
            Lane::Cancels => self.cancel = nonce,
        }
        self
    }
}
