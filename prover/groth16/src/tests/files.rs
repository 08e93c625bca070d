//! Key files come back as written; damaged, foreign and cut ones are refused by name.

use super::sample::Sample;
use crate::keys::Section;
use crate::relation::Relation;
use crate::{HashToField, KeyFileError, KeyOrigin, ProvingKey, VerifyingKey, verify};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

const HASH: HashToField = HashToField::Keccak256;

/// Makes the checksum right again, as a careful forger would.
fn reseal(image: &mut [u8]) {
    let checksum = Sha256::new().chain_update(&image[..96]).chain_update(&image[128..]).finalize();
    image[96..128].copy_from_slice(&checksum);
}

fn open(path: &Path, image: &[u8], fingerprint: &[u8; 32]) -> Result<ProvingKey, KeyFileError> {
    fs::write(path, image).unwrap();
    ProvingKey::open(path, fingerprint)
}

#[test]
fn a_proving_key_read_from_its_file_proves() {
    let sample = Sample::new(20, 1);
    let key = sample.key();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.INSECURE.pk");
    key.write(&path).unwrap();
    key.write(&path).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(fs::metadata(&path).unwrap().len() as usize, key.file_bytes());

    let read = ProvingKey::open(&path, &sample.relation.fingerprint()).unwrap();
    assert_eq!(read.verifying_key(), key.verifying_key());
    assert_eq!(read.verifying_key().origin, KeyOrigin::InsecureDevelopment);
    assert!(read.verifying_key().origin.is_insecure());
    for section in [Section::A, Section::BG1, Section::H, Section::L, Section::Basis] {
        assert_eq!(read.g1(section), key.g1(section));
    }
    assert_eq!(read.b_g2(), key.b_g2());
    let (inputs, proof) = sample.prove(&read, HASH, 2);
    assert_eq!((inputs.clone(), proof), sample.prove(&key, HASH, 2));
    verify(key.verifying_key(), &inputs, &proof, HASH).unwrap();
}

#[test]
fn a_verifying_key_comes_back_as_written() {
    for committed_public in 0..2 {
        let sample = Sample::new(4, committed_public);
        let key = sample.key().verifying_key().clone();
        assert_eq!(VerifyingKey::from_bytes(&key.to_bytes()).unwrap(), key);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sample.INSECURE.vk");
        key.write(&path).unwrap();
        assert_eq!(VerifyingKey::open(&path, &key.fingerprint).unwrap(), key);
        let other = VerifyingKey::open(&path, &[0; 32]);
        assert!(matches!(other, Err(KeyFileError::KeyMismatch { .. })));
    }
}

#[test]
fn every_flipped_bit_of_a_verifying_key_is_found() {
    let image = Sample::new(4, 1).key().verifying_key().to_bytes();
    for bit in 0..image.len() * 8 {
        let mut damaged = image.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(VerifyingKey::from_bytes(&damaged).is_err(), "bit {bit}");
    }
}

#[test]
fn flipped_bits_of_a_proving_key_are_found() {
    let sample = Sample::new(4, 1);
    let key = sample.key();
    let fingerprint = sample.relation.fingerprint();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    key.write(&path).unwrap();
    let image = fs::read(&path).unwrap();
    // Every bit of the header, then one bit in 13 (which visits each bit of a byte) of the body.
    let bits = (0..128 * 8).chain((128 * 8..image.len() * 8).step_by(13));
    let mut tried = 0;
    for bit in bits {
        let mut damaged = image.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&path, &damaged, &fingerprint).is_err(), "bit {bit}");
        tried += 1;
    }
    assert!(tried > 2_000, "{tried}");
    open(&path, &image, &fingerprint).unwrap();
}

#[test]
fn names_what_is_wrong_with_a_file() {
    let sample = Sample::new(4, 1);
    let key = sample.key();
    let fingerprint = sample.relation.fingerprint();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let absent = ProvingKey::open(&path, &fingerprint);
    assert!(matches!(absent, Err(KeyFileError::Io { .. })));
    key.write(&path).unwrap();
    let image = fs::read(&path).unwrap();

    let foreign = open(&path, &image, &[7; 32]).err().unwrap();
    let KeyFileError::KeyMismatch { expected, got } = foreign else { panic!("{foreign}") };
    assert_eq!((expected.0, got.0), ([7; 32], fingerprint));
    for length in [0, 1, 127] {
        let cut = open(&path, &image[..length], &fingerprint).err().unwrap();
        assert!(matches!(cut, KeyFileError::Length { .. } | KeyFileError::Io { .. }), "{cut}");
    }
    for length in [128, 1_000, image.len() - 1] {
        let cut = open(&path, &image[..length], &fingerprint).err().unwrap();
        assert!(matches!(cut, KeyFileError::Length { .. }), "{cut}");
    }
    let long = open(&path, &[&image[..], &[0]].concat(), &fingerprint).err().unwrap();
    assert!(matches!(long, KeyFileError::Length { .. }), "{long}");
    let kind = open(&path, &key.verifying_key().to_bytes(), &fingerprint).err().unwrap();
    assert!(matches!(kind, KeyFileError::WrongKind { .. }), "{kind}");

    let changed = |place: usize, value: u8| {
        let mut image = image.clone();
        image[place] = value;
        open(&path, &image, &fingerprint).err().unwrap()
    };
    assert!(matches!(changed(8, 2), KeyFileError::Version { got: 2 }));
    assert!(matches!(changed(12, 9), KeyFileError::Origin { got: 9 }));
    // A development key that claims to come from a ceremony.
    assert!(matches!(changed(12, 2), KeyFileError::Checksum));
    assert!(matches!(changed(55, 255), KeyFileError::Layout(_)));
    assert!(matches!(changed(100, 0), KeyFileError::Checksum));
    assert!(matches!(changed(image.len() - 1, 255), KeyFileError::Checksum));
}

#[test]
fn refuses_wrong_points_even_under_a_right_checksum() {
    let sample = Sample::new(4, 1);
    let key = sample.key();
    let fingerprint = sample.relation.fingerprint();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    key.write(&path).unwrap();
    let image = fs::read(&path).unwrap();
    let last = image.len() - 64;
    let mut off_curve = image.clone();
    off_curve[last] ^= 1;
    reseal(&mut off_curve);
    let error = open(&path, &off_curve, &fingerprint).err().unwrap();
    let KeyFileError::Point { section, index } = error else { panic!("{error}") };
    assert_eq!((section, index), ("knowledge basis", 4));
    let mut too_large = image.clone();
    too_large[last..last + 32].fill(255);
    reseal(&mut too_large);
    let error = open(&path, &too_large, &fingerprint).err().unwrap();
    assert!(matches!(error, KeyFileError::Point { .. }), "{error}");
    let mut identity = image.clone();
    identity[last..].fill(0);
    reseal(&mut identity);
    let error = open(&path, &identity, &fingerprint).err().unwrap();
    assert!(matches!(error, KeyFileError::Point { .. }), "{error}");
    let mut bad_alpha = image.clone();
    bad_alpha[130] ^= 1;
    reseal(&mut bad_alpha);
    let error = open(&path, &bad_alpha, &fingerprint).err().unwrap();
    assert!(matches!(error, KeyFileError::Key(_)), "{error}");
    // A valid but wrong key: found by the prover when it verifies its own proof.
    let mut swapped = image.clone();
    swapped.copy_within(last - 64..last, last);
    reseal(&mut swapped);
    let wrong = open(&path, &swapped, &fingerprint).unwrap();
    let committed = sample.committed(3);
    let mut assignment = crate::ClosureAssignment {
        committed_public: sample.committed_public(),
        committed: committed.clone(),
        derive: |z| sample.derive(&committed, z),
    };
    let result = crate::prove(&wrong, &sample.relation, &mut assignment, &mut super::sample::rng(1));
    assert!(matches!(result, Err(crate::ProveError::OwnProofRefused(_))));
}
