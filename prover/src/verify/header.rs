//! The ten header elements read back from published bytes.

use crate::record::relation::ELEMENT_BYTES;
use ark_bn254::Fr;
use ark_ff::PrimeField;
use sha3::{Digest, Keccak256};
use zkmargin_circuits::publication::DOMAIN_LABEL;
use zkmargin_circuits::publication::header::{self, HEADER_FIELDS, HeaderField};

pub use zkmargin_circuits::publication::HEADER_ELEMENTS;

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
    /// Number of entries of the deposits list.
    pub deposit_capacity: u16,
    /// Number of the first element of the withdrawals list.
    pub withdrawal_start: u16,
    /// Number of entries of the withdrawals list.
    pub withdrawal_capacity: u16,
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
        if elements[0] != &Keccak256::digest(DOMAIN_LABEL)[..ELEMENT_BYTES] {
            return Err(HeaderError::Domain);
        }
        for element in 1..HEADER_ELEMENTS {
            if elements[element][..unused(element)].iter().any(|byte| *byte != 0) {
                return Err(HeaderError::Stray(element));
            }
        }
        let bytes = |field: HeaderField| &elements[field.element][range(field)];
        let number = |field| number(bytes(field));
        let header = Self {
            chain_id: number(header::CHAIN_ID),
            contract: array(bytes(header::CONTRACT)),
            batch: number(header::BATCH),
            shape_id: number(header::SHAPE_ID) as u32,
            elements: number(header::ELEMENT_COUNT) as u32,
            deposit_capacity: number(header::DEPOSIT_CAPACITY) as u16,
            withdrawal_start: number(header::WITHDRAWAL_START) as u16,
            withdrawal_capacity: number(header::WITHDRAWAL_CAPACITY) as u16,
            time: number(header::TIME),
            key_id: array(elements[3]),
            old_root: root(elements[4], elements[5]).ok_or(HeaderError::Root("old"))?,
            new_root: root(elements[6], elements[7]).ok_or(HeaderError::Root("new"))?,
            deposits_before: number(header::DEPOSITS_BEFORE),
            deposits_after: number(header::DEPOSITS_AFTER),
            config: array(elements[9]),
        };
        if header.elements as usize != elements.len() {
            return Err(HeaderError::Count { stated: header.elements, got: elements.len() });
        }
        Ok(header)
    }
}

/// The bytes of a field within its element. All fields have whole bytes.
fn range(field: HeaderField) -> std::ops::Range<usize> {
    let from_end = |bits: u32| ELEMENT_BYTES - bits as usize / 8;
    from_end(field.end())..from_end(field.shift)
}

/// Number of leading bytes of an element that are zero in every header.
fn unused(element: usize) -> usize {
    match element {
        // Halves of roots have 16 bytes.
        4..8 => ELEMENT_BYTES - 16,
        _ => {
            let fields = HEADER_FIELDS.iter().filter(|field| field.element == element);
            // Elements without fields are one value of all their bytes.
            fields.map(|field| range(*field).start).min().unwrap_or(0)
        }
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
