//! Keys under which forging is easy are refused by the exporter and by the contract.

use crate::trapdoor::{SENDER, Trapdoor, g1, g2};
use alloy_sol_types::SolValue;
use ark_bn254::{Fr, G1Affine};
use zkmargin_groth16::VerifyingKey;
use zkmargin_verifier_solidity::abi::KeyChecks::KeyChecksErrors as Reason;
use zkmargin_verifier_solidity::artefact::Artefact;
use zkmargin_verifier_solidity::{
    CallError, ContractError, Evm, ExportError, SolidityKey, SolidityKeyError, U256, export_verifier,
};

/// What the constructor says to key bytes.
fn deploy(bytes: &[u8]) -> Result<(), CallError> {
    let arguments = (bytes.to_vec(), true).abi_encode_params();
    let code = Artefact::committed().unwrap().creation_code("Groth16Verifier").unwrap();
    Evm::new(1, 1).deploy(SENDER, &code, &arguments).map(|_| ())
}

#[track_caller]
fn refused(bytes: &[u8]) -> Reason {
    match deploy(bytes) {
        Err(CallError::Reverted { reason: ContractError::Key(reason), .. }) => reason,
        other => panic!("expected a refusal of the key, got {other:?}"),
    }
}

/// The bytes of a key that the Rust half refuses to encode: points put into a good key's bytes.
fn with_points(change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = SolidityKey::new(&Trapdoor::new(false).key()).unwrap().bytes().to_vec();
    change(&mut bytes);
    bytes
}

fn put_g2(bytes: &mut [u8], offset: usize, logarithm: Fr) {
    let point = zkmargin_groth16::encoding::g2_to_bytes(&g2(logarithm));
    bytes[offset..offset + 128].copy_from_slice(&point);
}

#[test]
fn good_keys_are_accepted() {
    for merged in [true, false] {
        deploy(SolidityKey::new(&Trapdoor::new(merged).key()).unwrap().bytes()).unwrap();
    }
}

#[test]
fn related_points_are_refused() {
    let t = Trapdoor::new(false);
    let one = Fr::from(1u64);
    let (delta, sigma_g) = (0x140, 0x340);
    let cases = [
        (delta, t.gamma),
        (delta, -t.gamma),
        (delta, one),
        (delta, -one),
        (sigma_g, one),
        (sigma_g, -one),
        (sigma_g, t.gamma),
        (sigma_g, -t.gamma),
        (sigma_g, t.delta),
        (sigma_g, -t.delta),
        (sigma_g, t.knowledge),
        (sigma_g, -t.knowledge),
    ];
    for (offset, logarithm) in cases {
        let reason = refused(&with_points(|bytes| put_g2(bytes, offset, logarithm)));
        assert!(matches!(reason, Reason::KeyPointsRelated(_)), "{offset:x}: {reason:?}");
    }
}

#[test]
fn identities_are_refused() {
    for (offset, length) in [
        (0, 64),
        (0x40, 128),
        (0xc0, 128),
        (0x140, 128),
        (0x1c0, 64),
        (0x280, 64),
        (0x2c0, 128),
        (0x340, 128),
    ] {
        let reason = refused(&with_points(|bytes| bytes[offset..offset + length].fill(0)));
        assert!(matches!(reason, Reason::KeyIdentity(e) if e.offset == U256::from(offset)), "{offset:x}");
    }
}

#[test]
fn malformed_keys_are_refused() {
    for length in [0, 959, 961, 992] {
        let reason = refused(&with_points(|bytes| bytes.resize(length, 0)));
        assert!(matches!(reason, Reason::KeyLength(_)));
    }
    for word in 0..30 {
        let too_large = with_points(|bytes| bytes[32 * word..32 * word + 32].fill(0xff));
        assert!(matches!(refused(&too_large), Reason::KeyCoordinateOutOfRange(_)));
        let off_curve = with_points(|bytes| bytes[32 * word + 31] ^= 1);
        assert!(matches!(refused(&off_curve), Reason::KeyMalformed(_)), "word {word}");
    }
}

/// One flipped bit anywhere in a key: refused, or at least named by another id.
#[test]
fn flipped_bits_are_refused() {
    for bit in (0..960 * 8).step_by(61) {
        let flipped = with_points(|bytes| bytes[bit / 8] ^= 1 << (bit % 8));
        assert!(deploy(&flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn exporter_refuses_the_same_keys() {
    let t = Trapdoor::new(false);
    let change = |change: &dyn Fn(&mut VerifyingKey)| {
        let mut key = t.key();
        change(&mut key);
        export_verifier(&key).unwrap_err()
    };
    let is_key = |error: ExportError| matches!(error, ExportError::Key(SolidityKeyError::Key(_)));
    assert!(is_key(change(&|key| key.delta_g2 = key.gamma_g2)));
    assert!(is_key(change(&|key| key.delta_g2 = -key.gamma_g2)));
    assert!(is_key(change(&|key| key.delta_g2 = g2(Fr::from(1u64)))));
    assert!(is_key(change(&|key| key.alpha_g1 = G1Affine::identity())));
    for logarithm in [t.gamma, t.delta, t.knowledge, Fr::from(1u64)] {
        assert!(is_key(change(&|key| key.commitment.as_mut().unwrap().g_sigma_neg = g2(-logarithm))));
    }
    let plain = change(&|key| {
        key.commitment = None;
        key.layout.committed = 0;
        key.layout.committed_public = 0;
    });
    assert!(matches!(plain, ExportError::Key(SolidityKeyError::NoCommitment)));
    let three_inputs = change(&|key| {
        key.k.push(g1(Fr::from(5u64)));
        key.layout.public = 5;
    });
    assert!(matches!(three_inputs, ExportError::Key(SolidityKeyError::PublicColumns { .. })));
}
