//! Keys under which forging is easy are refused by the exporter and by the contract.

use crate::compiler;
use crate::trapdoor::{SENDER, Trapdoor, g1, g2};
use alloy_sol_types::SolValue;
use ark_bn254::{Fr, G1Affine};
use zkmargin_groth16::VerifyingKey;
use zkmargin_verifier_solidity::abi::KeyChecks::KeyChecksErrors as Reason;
use zkmargin_verifier_solidity::artefact::Artefact;
use zkmargin_verifier_solidity::{
    B256, Bytes, CallError, ContractError, Evm, ExportError, SolidityKey, SolidityKeyError, U256,
    export_verifier,
};

/// What the constructor says to key bytes.
fn deploy(bytes: &[u8]) -> Result<(), CallError> {
    let artefact = Artefact::committed().unwrap();
    let arguments = (bytes.to_vec(), B256::ZERO, U256::ZERO, true).abi_encode_params();
    let code = artefact.creation_code("Groth16Verifier").unwrap();
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

fn put_g1(bytes: &mut [u8], offset: usize, logarithm: Fr) {
    bytes[offset..offset + 64].copy_from_slice(&zkmargin_groth16::encoding::g1_to_bytes(&g1(logarithm)));
}

const ALPHA: usize = 0;
const GENERATOR: U256 = U256::MAX;

/// Points by their offsets, with their logarithms in the key of [`with_points`].
fn g1_points(t: &Trapdoor) -> [(usize, Fr); 5] {
    [(ALPHA, t.alpha), (0x1c0, t.k[0]), (0x200, t.k[1]), (0x240, t.k[2]), (0x280, t.k[3])]
}

fn g2_points(t: &Trapdoor) -> [(usize, Fr); 5] {
    let sigma_g = -t.sigma * t.knowledge;
    [(0x40, t.beta), (0xc0, t.gamma), (0x140, t.delta), (0x2c0, t.knowledge), (0x340, sigma_g)]
}

type Put = fn(&mut [u8], usize, Fr);

/// Points made equal or opposite: the reason names both.
fn assert_apart(put: Put, (left, logarithm): (U256, Fr), right: usize) {
    for logarithm in [logarithm, -logarithm] {
        let reason = refused(&with_points(|bytes| put(bytes, right, logarithm)));
        let Reason::KeyPointsRelated(error) = reason else { panic!("{left:x}, {right:x}: {reason:?}") };
        assert_eq!((error.left, error.right), (U256::from(right), left));
    }
}

#[test]
fn related_points_are_refused() {
    let t = Trapdoor::new(false);
    let one = Fr::from(1u64);
    let mut pairs = 0;
    for (put, points) in [(put_g1 as Put, g1_points(&t)), (put_g2, g2_points(&t))] {
        for (index, (right, _)) in points.iter().enumerate() {
            // γ and G may be the generator, and G may be γ.
            if ![0xc0, 0x2c0].contains(right) {
                assert_apart(put, (GENERATOR, one), *right);
                pairs += 1;
            }
            for (left, logarithm) in &points[..index] {
                if (*left, *right) != (0xc0, 0x2c0) {
                    assert_apart(put, (U256::from(*left), *logarithm), *right);
                    pairs += 1;
                }
            }
        }
    }
    assert_eq!(pairs, 5 + 10 + 3 + 9);
}

#[test]
fn points_that_may_coincide_are_accepted() {
    let t = Trapdoor::new(false);
    for sign in [Fr::from(1u64), -Fr::from(1u64)] {
        for (offset, logarithm) in [(0xc0, sign), (0x2c0, sign), (0x2c0, sign * t.gamma)] {
            deploy(&with_points(|bytes| put_g2(bytes, offset, logarithm))).unwrap();
        }
    }
}

#[test]
fn related_secrets_are_refused() {
    let t = Trapdoor::new(false);
    let (beta, gamma, delta, sigma_g) = (0x40, 0xc0, 0x140, 0x340);
    let secrets = [(beta, t.beta), (gamma, t.gamma), (delta, t.delta), (sigma_g, t.sigma)];
    for (right, logarithm) in secrets {
        for logarithm in [logarithm, -logarithm] {
            let reason = refused(&with_points(|bytes| put_g1(bytes, ALPHA, logarithm)));
            let Reason::KeySecretsRelated(error) = reason else { panic!("{right:x}: {reason:?}") };
            assert_eq!((error.left, error.right), (U256::from(ALPHA), U256::from(right)));
        }
    }
    // What α is compared with does not depend on G.
    let sigma_is_alpha = with_points(|bytes| {
        put_g2(bytes, 0x2c0, Fr::from(1u64));
        put_g2(bytes, sigma_g, -t.alpha);
    });
    assert!(matches!(refused(&sigma_is_alpha), Reason::KeySecretsRelated(_)));
}

/// Each line of `KeyChecks` taken out lets its key through, and only that line.
#[test]
fn each_line_refuses_what_the_others_accept() {
    let t = Trapdoor::new(false);
    let one = Fr::from(1u64);
    let g1 = |offset: usize, logarithm: Fr| with_points(|bytes| put_g1(bytes, offset, logarithm));
    let g2 = |offset: usize, logarithm: Fr| with_points(|bytes| put_g2(bytes, offset, logarithm));
    let lines = [
        ("if (_word(key, g1[i]) == 1)", g1(ALPHA, one)),
        ("if (generator && !free)", g2(0x40, -one)),
        ("if (_word(key, g1[i]) == _word(key, g1[j]))", g1(0x240, t.k[1])),
        ("if (same && !(free && g2[j] == G))", g2(0xc0, -t.beta)),
        ("if (_sameSecret(key, generator, _pointOfG2(key, others[i])))", g1(ALPHA, -t.delta)),
        ("if (_sameSecret(key, _pointOfG2(key, G), _pointOfG2(key, MINUS_SIGMA_G)))", g1(ALPHA, t.sigma)),
    ];
    let code = with_lines_that_the_time_mutes(&lines.each_ref().map(|(line, _)| *line));
    for (muted, _) in lines.iter().enumerate() {
        for (index, (line, key)) in lines.iter().enumerate() {
            let arguments = (key.clone(),).abi_encode_params();
            let accepted = Evm::new(1, muted as u64).deploy(SENDER, &code, &arguments).is_ok();
            assert_eq!(accepted, index == muted, "{line}");
        }
    }
}

/// The exported verifier, with the key as its constructor's argument and without the n-th line at time n.
fn with_lines_that_the_time_mutes(lines: &[&str]) -> Bytes {
    let mut source = export_verifier(&Trapdoor::new(false).key()).unwrap();
    let mut replace = |from: &str, to: &str| {
        assert_eq!(source.matches(from).count(), 1, "{from}");
        source = source.replace(from, to);
    };
    replace("constructor() {", "constructor(bytes memory key) {");
    replace("KeyChecks.check(KEY);", "KeyChecks.check(key);");
    replace("uint256[5] memory g2) private pure {", "uint256[5] memory g2) private view {");
    for (time, line) in lines.iter().enumerate() {
        replace(line, &line.replacen("if (", &format!("if (block.timestamp != {time} && "), 1));
    }
    compiler::compile("Broken.sol", &source).creation_code("InsecureDevelopmentVerifier").unwrap()
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
    assert!(is_key(change(&|key| key.beta_g2 = -key.gamma_g2)));
    assert!(is_key(change(&|key| key.delta_g2 = key.beta_g2)));
    assert!(is_key(change(&|key| key.alpha_g1 = g1(-t.beta))));
    assert!(is_key(change(&|key| key.k[2] = -key.k[1])));
    for logarithm in [t.beta, t.gamma, t.delta, t.knowledge, t.alpha * t.knowledge, Fr::from(1u64)] {
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
