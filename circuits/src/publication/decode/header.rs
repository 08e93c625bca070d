//! The ten header elements read back from published bytes.

use ark_bn254::Fr;
use ark_ff::PrimeField;
use sha3::{Digest, Keccak256};

use crate::gadgets::word::{Bits, Layout};
use crate::ops::action::DOMAIN_WORD;
use crate::publication::{CURSORS, DOMAIN_LABEL, ELEMENT_BYTES, HEADER_ELEMENTS, ListPlaces, NUMBERS};

/// Why bytes are not a batch's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// No whole number of elements, or fewer than the header's.
    #[error("{0} bytes are not whole elements of 31 with a header: the file is damaged")]
    Length(usize),
    /// The bytes belong to another protocol.
    #[error("element 0 is not the tag of zkmargin batches: the file is damaged or another format")]
    Domain,
    /// The count in the header differs from the count of the bytes.
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
    /// Number of entries of the configurations list, the last of all.
    pub configuration_capacity: u16,
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
    /// Where the lists lie that the contract reads.
    pub fn places(&self) -> ListPlaces {
        ListPlaces {
            element_count: self.elements as usize,
            deposit_capacity: self.deposit_capacity.into(),
            withdrawal_start: self.withdrawal_start.into(),
            withdrawal_capacity: self.withdrawal_capacity.into(),
            configuration_capacity: self.configuration_capacity.into(),
        }
    }

    /// Reads and checks the header of published bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, HeaderError> {
        let elements: Vec<&[u8]> = bytes.chunks(ELEMENT_BYTES).collect();
        if !bytes.len().is_multiple_of(ELEMENT_BYTES) || elements.len() < HEADER_ELEMENTS {
            return Err(HeaderError::Length(bytes.len()));
        }
        if elements[0] != &Keccak256::digest(DOMAIN_LABEL)[..ELEMENT_BYTES] {
            return Err(HeaderError::Domain);
        }
        let [contract, chain_id] = fields(&DOMAIN_WORD, 1, &elements)?;
        let [time, count, shape_id, batch, deposits, withdrawal_start, withdrawals, configurations] =
            fields(&NUMBERS, 2, &elements)?;
        let [forced, deposits_after, deposits_before] = fields(&CURSORS, 8, &elements)?;
        if forced != Bits::default() {
            return Err(HeaderError::Stray(8));
        }
        let header = Self {
            chain_id: narrow(chain_id),
            contract: contract.to_address().expect("160 bits"),
            batch: narrow(batch),
            shape_id: narrow(shape_id),
            elements: narrow(count),
            deposit_capacity: narrow(deposits),
            withdrawal_start: narrow(withdrawal_start),
            withdrawal_capacity: narrow(withdrawals),
            configuration_capacity: narrow(configurations),
            time: narrow(time),
            key_id: array(elements[3]),
            old_root: root("old", 4, &elements)?,
            new_root: root("new", 6, &elements)?,
            deposits_before: narrow(deposits_before),
            deposits_after: narrow(deposits_after),
            config: array(elements[9]),
        };
        if header.elements as usize != elements.len() {
            return Err(HeaderError::Count { stated: header.elements, got: elements.len() });
        }
        Ok(header)
    }
}

/// The fields of an element. Error: `Stray`.
fn fields<const N: usize>(
    layout: &Layout<N>,
    element: usize,
    elements: &[&[u8]],
) -> Result<[Bits; N], HeaderError> {
    // 31 bytes are below the modulus.
    layout.unpack(Fr::from_be_bytes_mod_order(elements[element])).ok_or(HeaderError::Stray(element))
}

/// A field at its width.
fn narrow<T: TryFrom<u64, Error: std::fmt::Debug>>(field: Bits) -> T {
    field.to_u64().expect("at most 64 bits").try_into().expect("the field's width")
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}

/// A root from its two halves of 128 bits, the upper one first. Errors: `Stray`, `Root`.
fn root(which: &'static str, first: usize, elements: &[&[u8]]) -> Result<Fr, HeaderError> {
    let half = |element: usize| -> Result<u128, HeaderError> {
        let (above, half) = elements[element].split_at(ELEMENT_BYTES - 16);
        let stray = above.iter().any(|byte| *byte != 0);
        if stray { Err(HeaderError::Stray(element)) } else { Ok(u128::from_be_bytes(array(half))) }
    };
    let (high, low) = (half(first)?, half(first + 1)?);
    let limbs = [low as u64, (low >> 64) as u64, high as u64, (high >> 64) as u64];
    Fr::from_bigint(ark_ff::BigInt(limbs)).ok_or(HeaderError::Root(which))
}
