//! What is signed: words of items, chunks of a bulk action, the message.

use ark_bn254::Fr;
use ark_ff::Zero;

use super::{Action, Item, Lane};
use crate::gadgets::hash::poseidon;
use crate::gadgets::word::Layout;
use crate::ops::Domain;
use crate::params::*;

/// Chain and contract: what a signature is bound to, and header element 1 of a batch.
pub const DOMAIN_WORD: Layout<2> =
    Layout::new("domain", [("contract", ADDRESS_BITS), ("chain_id", CHAIN_ID_BITS)]).published();

/// The header of a signed message: kind 1 for a single item, 2 for a bulk action.
pub const MESSAGE_HEADER: Layout<6> = Layout::new(
    "message header",
    [
        ("kind", 8),
        ("cancel_lane", 1),
        ("strict", 1),
        ("account", ACCOUNT_BITS),
        ("nonce", NONCE_BITS),
        ("chunks", 16),
    ],
)
.with_constant("version", 102, 8, MESSAGE_VERSION as u64);

/// One link of a bulk action's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The chain before this link, `H_i`.
    pub before: Fr,
    /// Item words, 0 after the last.
    pub words: [Fr; ITEMS_PER_CHUNK],
    /// The chain after this link, `H_{i+1}`.
    pub after: Fr,
}

/// The parts of a signed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// [`DOMAIN_WORD`]: chain and contract.
    pub domain: Fr,
    /// [`MESSAGE_HEADER`]: kind, lane, account, nonce, chunks.
    pub header: Fr,
    /// The word of a single item, or `H_i` after the last chunk.
    pub payload: Fr,
    /// Empty for a single item.
    pub chunks: Vec<Chunk>,
    /// `poseidon([domain, header, payload])`.
    pub hash: Fr,
}

impl Domain {
    /// The word of the domain, laid out as [`DOMAIN_WORD`] says.
    pub fn word(&self) -> Fr {
        DOMAIN_WORD.pack([(&self.contract).into(), self.chain_id.into()])
    }
}

/// Links of the chain over `words`, four per link.
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
        let (kind, chunks): (u64, _) = match words.len() {
            0 | 1 => (1, Vec::new()),
            _ => (2, chunks(&words)),
        };
        let payload = match chunks.last() {
            Some(chunk) => chunk.after,
            None => words.first().copied().unwrap_or_default(),
        };
        let header = MESSAGE_HEADER.pack([
            kind.into(),
            (self.lane == Lane::Cancels).into(),
            self.strict.into(),
            self.account.into(),
            self.nonce.into(),
            (chunks.len() as u64).into(),
        ]);
        let domain = domain.word();
        let hash = poseidon(&[domain, header, payload]);
        Message { domain, header, payload, chunks, hash }
    }
}
