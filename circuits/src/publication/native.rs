//! Native encoding of a trace.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField, Zero};
use sha3::{Digest, Keccak256};

use super::lists::LISTS;
use super::{CURSORS, DOMAIN_LABEL, ELEMENT_BYTES, ListPlaces, NUMBERS};
use crate::kinds::{Capacities, Overflow, Trace};

/// What the contract knows of the shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Number of the shape, in header element 2.
    pub shape_id: u32,
    /// Top 31 bytes of `keccak256(verifying key)`.
    pub key_id: [u8; ELEMENT_BYTES],
}

/// The elements `d_0, d_1, …` of a batch in a shape of the given capacities.
///
/// Error: the trace holds more of a list than the shape.
pub fn elements(
    trace: &Trace,
    capacities: &Capacities,
    deployment: &Deployment,
) -> Result<Vec<Fr>, Overflow> {
    let mut elements = header(trace, deployment, &ListPlaces::of(capacities));
    for list in LISTS {
        let entries = (list.encode)(trace, capacities);
        let (needed, capacity) = (entries.len() / list.elements(), list.capacity(capacities));
        if needed > capacity {
            return Err(Overflow { what: list.name, needed, capacity });
        }
        let padding = list.elements() * capacity - entries.len();
        elements.extend(entries);
        elements.extend((0..padding).map(|_| Fr::zero()));
    }
    Ok(elements)
}

/// The bytes that go on chain (the contract rebuilds the header's part): 31 bytes per element.
pub fn publish(elements: &[Fr]) -> Vec<u8> {
    // Every element is below 2^248: the leading byte of 32 is 0.
    elements.iter().flat_map(|element| element.into_bigint().to_bytes_be()[1..].to_vec()).collect()
}

/// The public input `s = keccak256(bytes) mod r`.
pub fn digest(bytes: &[u8]) -> Fr {
    Fr::from_be_bytes_mod_order(&Keccak256::digest(bytes))
}

fn header(trace: &Trace, deployment: &Deployment, places: &ListPlaces) -> Vec<Fr> {
    let (before, after) = (&trace.old_globals, &trace.new_globals);
    let label = Keccak256::digest(DOMAIN_LABEL);
    let numbers = NUMBERS.pack([
        after.time.into(),
        (places.element_count as u64).into(),
        deployment.shape_id.into(),
        after.batch.into(),
        (places.deposit_capacity as u64).into(),
        (places.withdrawal_start as u64).into(),
        (places.withdrawal_capacity as u64).into(),
        (places.configuration_capacity as u64).into(),
    ]);
    let cursors = CURSORS.pack([0u64.into(), after.deposits.into(), before.deposits.into()]);
    let [old_high, old_low] = halves(trace.old_root);
    let [new_high, new_low] = halves(trace.new_root);
    vec![
        Fr::from_be_bytes_mod_order(&label[..ELEMENT_BYTES]),
        trace.domain.word(),
        numbers,
        Fr::from_be_bytes_mod_order(&deployment.key_id),
        Fr::from(old_high),
        Fr::from(old_low),
        Fr::from(new_high),
        Fr::from(new_low),
        cursors,
        after.config,
    ]
}

/// High and low 128 bits.
fn halves(value: Fr) -> [u128; 2] {
    let [a, b, c, d] = value.into_bigint().0.map(u128::from);
    [d << 64 | c, b << 64 | a]
}
