//! The ten header elements read back from published bytes.

use crate::record::relation::ELEMENT_BYTES;
use ark_bn254::Fr;
use ark_ff::PrimeField;
use sha3::{Digest, Keccak256};

/// Number of elements of the header.
pub const HEADER_ELEMENTS: usize = 10;

/// Why bytes are not a batch's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// No whole number of elements, or fewer than the header's.
    #[error("{0} bytes are not whole elements of 31 with a header: the file is damaged")]
    Length(usize),
    /// The bytes are those of another protocol.
    #[error("element 0 is not the tag of zkmargin batches: the file is damaged or another format")]
    Domain,
    /// The count in the header is not that of the bytes.
    #[error("header says {stated} elements, the file has {got}: it is truncated or damaged")]
    Count {
        /// Number of elements that the header states.
        stated: u32,
        /// Number of elements of the bytes.
        got: usize,
    },
    /// A field has bits where there should be none.
    #[error("element {0} has bits outside its fields: the file is damaged")]
    Stray(usize),
    /// The halves of a root are no field element.
    #[error("the {0} root is not below the field's modulus")]
    Root(&'static str),
}

/// What the contract knows of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Id of the chain.
    pub chain_id: u64,
    /// Address of the contract.
    pub contract: [u8; 20],
    /// Number of the batch after it is applied.
    pub batch: u64,
    /// Id of the shape.
    pub shape_id: u32,
    /// Number of elements, the header's included.
    pub elements: u32,
    /// Time of the batch in seconds.
    pub time: u64,
    /// Id of the verifying key.
    pub key_id: [u8; ELEMENT_BYTES],
    /// State root before the batch.
    pub old_root: Fr,
    /// State root after the batch.
    pub new_root: Fr,
    /// Number of deposits that were credited before the batch.
    pub deposits_before: u64,
    /// Number of deposits that are credited after the batch.
    pub deposits_after: u64,
    /// Digest of the exchange's configuration.
    pub config: [u8; ELEMENT_BYTES],
}

impl Header {
    /// Reads and checks the header of published bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, HeaderError> {
        let elements: Vec<&[u8]> = bytes.chunks(ELEMENT_BYTES).collect();
        if !bytes.len().is_multiple_of(ELEMENT_BYTES) || elements.len() < HEADER_ELEMENTS {
            return Err(HeaderError::Length(bytes.len()));
        }
        if elements[0] != &Keccak256::digest(b"zkmargin/batch/v1")[..ELEMENT_BYTES] {
            return Err(HeaderError::Domain);
        }
        let zero = |element: usize, to: usize| match elements[element][..to].iter().any(|b| *b != 0) {
            true => Err(HeaderError::Stray(element)),
            false => Ok(()),
        };
        zero(1, 3)?;
        zero(2, 10)?;
        for half in 4..8 {
            zero(half, 15)?;
        }
        zero(8, 7)?;
        // batch64 | shape32 | count32 | time40, most significant first.
        let counters = elements[2];
        let header = Self {
            chain_id: number(&elements[1][3..11]),
            contract: array(&elements[1][11..]),
            batch: number(&counters[10..18]),
            shape_id: number(&counters[18..22]) as u32,
            elements: number(&counters[22..26]) as u32,
            time: number(&counters[26..31]),
            key_id: array(elements[3]),
            old_root: root(elements[4], elements[5]).ok_or(HeaderError::Root("old"))?,
            new_root: root(elements[6], elements[7]).ok_or(HeaderError::Root("new"))?,
            deposits_before: number(&elements[8][7..15]),
            deposits_after: number(&elements[8][15..23]),
            config: array(elements[9]),
        };
        if header.elements as usize != elements.len() {
            return Err(HeaderError::Count { stated: header.elements, got: elements.len() });
        }
        Ok(header)
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}

/// Halves of 128 bits to a field element; None if not below the modulus.
fn root(high: &[u8], low: &[u8]) -> Option<Fr> {
    let limb = |bytes: &[u8]| number(bytes);
    let limbs = [limb(&low[23..31]), limb(&low[15..23]), limb(&high[23..31]), limb(&high[15..23])];
    Fr::from_bigint(ark_ff::BigInt(limbs))
}
