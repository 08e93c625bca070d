//! What a key says of itself, which is origin, circuit and sizes, is in its id.

use crate::compiler;
use crate::trapdoor::{SENDER, Trapdoor};
use alloy_sol_types::{SolCall, SolValue};
use sha2::{Digest, Sha256};
use zkmargin_groth16::{KeyOrigin, VerifyingKey};
use zkmargin_verifier_solidity::abi::IVerifier::{insecureCall, keyIdCall};
use zkmargin_verifier_solidity::artefact::Artefact;
use zkmargin_verifier_solidity::{B256, Evm, SolidityKey, SolidityKeyError, U256, key_id};

/// A key that says another origin, circuit or size of itself has another id, whoever made its file right.
#[test]
fn id_covers_what_a_key_says_of_itself() {
    let image = Trapdoor::new(false).key().to_bytes();
    let id = key_id(&VerifyingKey::from_bytes(&image).unwrap()).unwrap();
    let (mut renamed, mut read) = (0, 0);
    // Header fields of the file: origin, fingerprint, sizes.
    for place in 2 * 12..2 * 88 {
        let mut changed = image.clone();
        changed[place / 2] ^= [1, 0x10][place % 2];
        reseal(&mut changed);
        let Ok(key) = VerifyingKey::from_bytes(&changed) else { continue };
        read += 1;
        match key_id(&key) {
            Ok(other) => assert_ne!(other, id, "byte {}", place / 2),
            Err(SolidityKeyError::PublicColumns { .. }) => continue,
            Err(error) => panic!("byte {}: {error}", place / 2),
        }
        renamed += 1;
    }
    assert!(renamed > 64 && read >= renamed, "{renamed} of {read}");
    // The development key that calls itself a ceremony's.
    let mut ceremony = image.clone();
    ceremony[12] = 2;
    reseal(&mut ceremony);
    let ceremony = VerifyingKey::from_bytes(&ceremony).unwrap();
    assert_eq!(ceremony.origin, KeyOrigin::Ceremony);
    assert_ne!(key_id(&ceremony).unwrap(), id);
}

/// The id that a verifier of another run of the compiler answers, for what a deployer says of a key.
fn deployed_id(artefact: &Artefact, circuit: B256, sizes: U256, insecure: bool) -> U256 {
    let key = SolidityKey::new(&Trapdoor::new(false).key()).unwrap();
    let arguments = (key.bytes().to_vec(), circuit, sizes, insecure).abi_encode_params();
    let mut evm = Evm::new(1, 1);
    let verifier =
        evm.deploy(SENDER, &artefact.creation_code("Groth16Verifier").unwrap(), &arguments).unwrap();
    let flag = evm.simulate(SENDER, verifier, insecureCall {}.abi_encode()).unwrap();
    assert_eq!(U256::from_be_slice(&flag.output), U256::from(insecure));
    U256::from_be_slice(&evm.simulate(SENDER, verifier, keyIdCall {}.abi_encode()).unwrap().output)
}

/// A verifier that denies to be insecure, or names another circuit, does not have the key's id.
#[test]
fn a_verifier_cannot_have_the_id_and_say_something_else() {
    let artefact = Artefact::committed().unwrap();
    let key = Trapdoor::new(false).key();
    let circuit = B256::from(key.fingerprint);
    // Constraints, public, committed public, committed, derived.
    let sizes = [1u64, 4, 1, 1, 1].iter().fold(U256::ZERO, |word, size| word << 32 | U256::from(*size));
    let id = U256::from_be_slice(&key_id(&key).unwrap());
    assert_eq!(deployed_id(&artefact, circuit, sizes, true), id);
    assert_ne!(deployed_id(&artefact, circuit, sizes, false), id);
    assert_ne!(deployed_id(&artefact, circuit ^ B256::with_last_byte(1), sizes, true), id);
    assert_ne!(deployed_id(&artefact, circuit, sizes + U256::from(1), true), id);
    let hashed = "abi.encodePacked(key, circuit, sizes, insecure)";
    let bug = compiler::compile_with_bug(
        "Groth16.sol",
        hashed,
        "abi.encodePacked(key, circuit, sizes, insecure && false)",
    );
    assert_eq!(deployed_id(&bug, circuit, sizes, false), deployed_id(&bug, circuit, sizes, true));
}

/// Makes the checksum of a key file right again.
fn reseal(image: &mut [u8]) {
    let checksum = Sha256::new().chain_update(&image[..96]).chain_update(&image[128..]).finalize();
    image[96..128].copy_from_slice(&checksum);
}
