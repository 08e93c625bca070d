//! The statement of a batch as the contract computes it: header, bytes, digest, value.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use revm::primitives::{Address, keccak256};

/// Length of an element in bytes.
pub const ELEMENT: usize = 31;
/// Number of elements of the header.
pub const HEADER_ELEMENTS: usize = 10;

/// An element of 31 bytes, big-endian.
pub type Element = [u8; ELEMENT];

/// The header of a batch: what the first ten elements say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Id of the chain that the contract is on.
    pub chain_id: u64,
    /// Address of the contract.
    pub contract: Address,
    /// Number of the batch after it is applied; genesis is 0.
    pub batch: u64,
    /// Id of the shape of the batch.
    pub shape_id: u32,
    /// Number of elements, the header's included.
    pub elements: u32,
    /// Number of entries of the deposits list.
    pub deposit_capacity: u16,
    /// Number of the first element of the withdrawals list.
    pub withdrawal_start: u16,
    /// Number of entries of the withdrawals list.
    pub withdrawal_capacity: u16,
    /// Number of entries of the configurations list, the last of all.
    pub configuration_capacity: u16,
    /// Time of the batch in seconds, below 2^40.
    pub time: u64,
    /// Id of the verifying key, which [`crate::key_id`] computes.
    pub key_id: Element,
    /// State root before the batch.
    pub old_root: Fr,
    /// State root after the batch.
    pub new_root: Fr,
    /// Number of deposits that were applied before the batch.
    pub deposits_before: u64,
    /// Number of deposits that are applied after the batch.
    pub deposits_after: u64,
    /// Digest of the exchange's configuration.
    pub config_digest: Element,
}

impl Header {
    /// Encodes the header as its ten elements.
    pub fn elements(&self) -> [Element; HEADER_ELEMENTS] {
        let mut place = [0u8; ELEMENT];
        place[3..11].copy_from_slice(&self.chain_id.to_be_bytes());
        place[11..].copy_from_slice(self.contract.as_slice());
        let low = u128::from(self.shape_id) << 72 | u128::from(self.elements) << 40 | u128::from(self.time);
        let mut counters = [0u8; ELEMENT];
        counters[2..4].copy_from_slice(&self.configuration_capacity.to_be_bytes());
        counters[4..6].copy_from_slice(&self.withdrawal_capacity.to_be_bytes());
        counters[6..8].copy_from_slice(&self.withdrawal_start.to_be_bytes());
        counters[8..10].copy_from_slice(&self.deposit_capacity.to_be_bytes());
        // batch·2^104 + low: low has 104 bits.
        counters[10..18].copy_from_slice(&self.batch.to_be_bytes());
        counters[18..].copy_from_slice(&low.to_be_bytes()[3..]);
        let [old_high, old_low] = halves(self.old_root);
        let [new_high, new_low] = halves(self.new_root);
        let mut cursors = [0u8; ELEMENT];
        cursors[7..15].copy_from_slice(&self.deposits_before.to_be_bytes());
        cursors[15..23].copy_from_slice(&self.deposits_after.to_be_bytes());
        [
            domain(),
            place,
            counters,
            self.key_id,
            old_high,
            old_low,
            new_high,
            new_low,
            cursors,
            self.config_digest,
        ]
    }

    /// Puts the lists after the header, which gives the bytes that are hashed.
    pub fn published(&self, lists: &[u8]) -> Vec<u8> {
        let mut bytes = self.elements().concat();
        bytes.extend_from_slice(lists);
        bytes
    }
}

/// Upper 31 bytes of the protocol name's hash.
fn domain() -> Element {
    let mut element = [0u8; ELEMENT];
    element.copy_from_slice(&keccak256("zkmargin/batch/v1")[..ELEMENT]);
    element
}

/// Upper and lower 128 bits.
fn halves(root: Fr) -> [Element; 2] {
    let bytes = root.into_bigint().to_bytes_be();
    let mut elements = [[0u8; ELEMENT]; 2];
    elements[0][15..].copy_from_slice(&bytes[..16]);
    elements[1][15..].copy_from_slice(&bytes[16..]);
    elements
}

/// Computes s, the keccak256 digest of the published bytes, modulo r.
pub fn digest(published: &[u8]) -> Fr {
    Fr::from_be_bytes_mod_order(keccak256(published).as_slice())
}

/// The elements of published bytes as field elements (each is below 2^248 < r).
pub fn field_elements(published: &[u8]) -> Vec<Fr> {
    published.chunks(ELEMENT).map(Fr::from_be_bytes_mod_order).collect()
}

/// Computes v, the value Σ dᵢ·zⁱ of the elements dᵢ of published bytes.
pub fn evaluate(published: &[u8], z: Fr) -> Fr {
    field_elements(published).into_iter().rev().fold(Fr::from(0u64), |sum, element| sum * z + element)
}
