//! iden3's files, read back by others: taceo-circom-types and snarkjs.

use ark_bn254::{Bn254, Fr};
use ark_groth16::ProvingKey;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::path::{Path, PathBuf};
use std::process::Command;
use taceo_circom_types::groth16::{ArkZkey, Zkey};
use taceo_circom_types::{CheckElement, R1CS, Witness};
use zkmargin::bench::mix::mix;
use zkmargin::bench::pool;
use zkmargin_peers::arkworks::ArkKey;
use zkmargin_peers::export::Export;
use zkmargin_peers::formats::{write_r1cs, write_wtns, write_zkey};
use zkmargin_peers::{Peer, PeerError, Table};

#[test]
fn constraint_systems_read_back() {
    let system = mix(8, 1);
    let matrices = system.matrices();
    let mut bytes = Vec::new();
    write_r1cs(&mut bytes, &system.layout(), &matrices).unwrap();
    let read = R1CS::<Bn254>::from_reader(std::io::Cursor::new(bytes)).unwrap();
    let layout = system.layout();
    assert_eq!((read.num_inputs, read.num_variables), (layout.public, layout.columns()));
    assert_eq!(read.constraints.len(), layout.constraints);
    for (row, (a, b, c)) in read.constraints.iter().enumerate() {
        for (matrix, terms) in matrices.iter().zip([a, b, c]) {
            let swapped: Vec<(Fr, usize)> = terms.iter().map(|(column, factor)| (*factor, *column)).collect();
            assert_eq!(swapped, matrix[row]);
        }
    }
}

#[test]
fn witnesses_read_back() {
    let system = mix(8, 1);
    let mut bytes = Vec::new();
    write_wtns(&mut bytes, &system.wires).unwrap();
    assert_eq!(Witness::<Fr>::from_reader(bytes.as_slice()).unwrap().values, system.wires);
}

#[test]
fn keys_read_back() {
    let system = mix(8, 1);
    let matrices = system.matrices();
    let (key, _) = ArkKey::setup(&system, &matrices, &mut ChaCha20Rng::seed_from_u64(2)).unwrap();
    let mut bytes = Vec::new();
    write_zkey(&mut bytes, &key, &matrices).unwrap();
    let read = Zkey::<Bn254>::from_reader(bytes.as_slice(), CheckElement::Yes).unwrap();
    let (read_matrices, read): (_, ProvingKey<Bn254>) = ArkZkey::from(read).into_inner();
    assert_eq!([read_matrices.a, read_matrices.b], matrices[..2]);
    let expected = ProvingKey { h_query: key.circom_h.clone(), ..key.key.clone() };
    assert_eq!(read.vk, expected.vk);
    assert_eq!(read, expected);
}

/// The package that `./test` installs.
fn package() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    zkmargin_peers::snarkjs::check(&package).unwrap();
    package
}

fn snarkjs(directory: &Path, arguments: &[&str]) -> (bool, String) {
    let cli = package().join("node_modules/snarkjs/build/cli.cjs");
    let output = Command::new("node").arg(cli).args(arguments).current_dir(directory).output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn snarkjs_reads_checks_and_proves() {
    let system = mix(8, 1);
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(1).unwrap();
    let mut table = Table::new(&system, &[Peer::Snarkjs], &pool, 3, &|_| {}).unwrap();
    table.export(&Export { directory: folder.path(), force: false }).unwrap();

    let (read, info) = snarkjs(folder.path(), &["r1cs", "info", "system.r1cs"]);
    assert!(read && info.contains("bn-128") && info.contains("# of Constraints: 248"), "{info}");
    let (read, check) = snarkjs(folder.path(), &["wtns", "check", "system.r1cs", "system.wtns"]);
    assert!(read && check.contains("WITNESS IS CORRECT"), "{check}");

    table.start_snarkjs(&package(), folder.path(), 1).unwrap();
    table.prove_peer(Peer::Snarkjs, &pool).unwrap();
    table.prove_peer(Peer::Snarkjs, &pool).unwrap();
    drop(table);
    rejects_the_libsnark_reduction(folder.path());
}

/// The silent failure that the Circom reduction's points avoid: with ark's own H query the proof is
/// made all the same, and does not verify.
fn rejects_the_libsnark_reduction(folder: &Path) {
    let system = mix(8, 1);
    let matrices = system.matrices();
    let pool = pool(1).unwrap();
    let mut table = Table::new(&system, &[Peer::Snarkjs], &pool, 3, &|_| {}).unwrap();
    let (mut key, _) = ArkKey::setup(&system, &matrices, &mut ChaCha20Rng::seed_from_u64(2)).unwrap();
    key.circom_h = key.key.h_query.clone();
    key.circom_h.push(key.key.h_query[0]);
    let mut file = std::fs::File::create(folder.join("system.zkey")).unwrap();
    write_zkey(&mut file, &key, &matrices).unwrap();
    table.start_snarkjs(&package(), folder, 1).unwrap();
    let refused = table.prove_peer(Peer::Snarkjs, &pool);
    assert!(matches!(refused, Err(PeerError::Invalid(Peer::Snarkjs))), "{refused:?}");
}

#[test]
fn snarkjs_makes_keys_of_our_systems() {
    let system = mix(8, 1);
    let folder = tempfile::tempdir().unwrap();
    let mut r1cs = std::fs::File::create(folder.path().join("system.r1cs")).unwrap();
    write_r1cs(&mut r1cs, &system.layout(), &system.matrices()).unwrap();
    let mut wtns = std::fs::File::create(folder.path().join("system.wtns")).unwrap();
    write_wtns(&mut wtns, &system.wires).unwrap();
    let steps: [&[&str]; 7] = [
        &["powersoftau", "new", "bn128", "8", "0.ptau"],
        &["powersoftau", "contribute", "0.ptau", "1.ptau", "-e=test"],
        &["powersoftau", "prepare", "phase2", "1.ptau", "2.ptau"],
        &["groth16", "setup", "system.r1cs", "2.ptau", "its.zkey"],
        &["zkey", "export", "verificationkey", "its.zkey", "vk.json"],
        &["groth16", "prove", "its.zkey", "system.wtns", "proof.json", "public.json"],
        &["groth16", "verify", "vk.json", "public.json", "proof.json"],
    ];
    for step in steps {
        let (done, text) = snarkjs(folder.path(), step);
        assert!(done, "{step:?}: {text}");
    }
}
