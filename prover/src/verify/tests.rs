//! The header as the contract's driver writes it is the header that we read.

use super::{HEADER_ELEMENTS, Header, HeaderError};
use ark_bn254::Fr;
use ark_ff::PrimeField;
use zkmargin_verifier_solidity as evm;

fn written() -> (evm::Header, Vec<u8>) {
    let header = evm::Header {
        chain_id: 0x0102_0304_0506_0708,
        contract: evm::Address::from([0xab; 20]),
        batch: 7,
        shape_id: 0x0a0b_0c0d,
        elements: HEADER_ELEMENTS as u32 + 2,
        deposit_capacity: 0x0e0f,
        withdrawal_start: 0x1a1b,
        withdrawal_capacity: 0x1c1d,
        configuration_capacity: 0x1e1f,
        time: 0x00ff_eedd_ccbb,
        key_id: [9; 31],
        old_root: -Fr::from(5u64),
        new_root: Fr::from(u128::MAX),
        deposits_before: 3,
        deposits_after: u64::MAX,
        config_digest: [8; 31],
    };
    let bytes = header.published(&[1; 62]);
    (header, bytes)
}

#[test]
fn reads_what_the_contract_builds() {
    let (written, bytes) = written();
    let read = Header::read(&bytes).unwrap();
    assert_eq!((read.chain_id, read.batch, read.shape_id), (written.chain_id, 7, written.shape_id));
    assert_eq!(read.contract, written.contract.into_array());
    assert_eq!((read.deposit_capacity, read.withdrawal_start), (0x0e0f, 0x1a1b));
    assert_eq!(read.withdrawal_capacity, 0x1c1d);
    assert_eq!((read.elements, read.time), (written.elements, written.time));
    assert_eq!((read.old_root, read.new_root), (written.old_root, written.new_root));
    assert_eq!((read.deposits_before, read.deposits_after), (3, u64::MAX));
    assert_eq!((read.key_id, read.config), ([9; 31], [8; 31]));
}

#[test]
fn refuses_bytes_that_are_no_batch() {
    let (_, bytes) = written();
    let changed = |place: usize| {
        let mut bytes = bytes.clone();
        bytes[place] ^= 1;
        Header::read(&bytes)
    };
    assert_eq!(Header::read(&bytes[..100]), Err(HeaderError::Length(100)));
    let short = &bytes[..bytes.len() - 31];
    assert_eq!(Header::read(short), Err(HeaderError::Count { stated: 12, got: 11 }));
    assert_eq!(changed(30), Err(HeaderError::Domain));
    for (element, place) in
        [(1, 31), (2, 62), (2, 63), (4, 31 * 4), (7, 31 * 7 + 14), (8, 31 * 8 + 6), (8, 31 * 8 + 30)]
    {
        assert_eq!(changed(place), Err(HeaderError::Stray(element)), "element {element}");
    }
    let mut bytes = bytes;
    // r itself is not a canonical root.
    let modulus = <Fr as PrimeField>::MODULUS.0;
    for (limb, place) in [(3, 31 * 4 + 15), (2, 31 * 4 + 23), (1, 31 * 5 + 15), (0, 31 * 5 + 23)] {
        bytes[place..place + 8].copy_from_slice(&modulus[limb].to_be_bytes());
    }
    assert_eq!(Header::read(&bytes), Err(HeaderError::Root("old")));
}
