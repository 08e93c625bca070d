//! Every reader as a function of bytes, with what must hold for all of them: no panic, messages of one line, and
//! what is read, written and read again is equal.
//!
//! The fuzzers search inputs for these functions; `prover/tests/corpora` runs them on the inputs that are kept.

use crate::bounds::MOST_INPUT;
use crate::seeds;
use alloy_sol_types::{SolCall, SolInterface};
use flate2::read::MultiGzDecoder;
use std::cell::RefCell;
use std::error::Error;
use std::io::{Cursor, Read};
use std::path::Path;
use zkmargin::cli::Failure;
use zkmargin::listings::{Defaults, Venue, list};
use zkmargin::prove::manifest::{BYTES, CALLDATA, MANIFEST, PROOF, STATEMENT, VERIFYING_KEY};
use zkmargin::verify::{Header, Trusted, calldata as calldata_of, folder_name, verify};
use zkmargin::wire::{Format, Lines, Options, Tape, WireError, read_lines, write_ndjson};
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_groth16::{HashToField, PreparedVerifyingKey, Proof, ProvingKey, VerifyingKey};
use zkmargin_verifier_solidity::abi::IVerifier::{IVerifierCalls, verifyCall};
use zkmargin_verifier_solidity::abi::{ContractError, IMarginRollup};
use zkmargin_verifier_solidity::artefact::Artefact;
use zkmargin_verifier_solidity::rollup::{deploy_verifier, verify_call};
use zkmargin_verifier_solidity::{Address, Evm, SolidityKey, statement};

/// A reader's name, which is also that of its corpus and of its fuzzer, and the function.
pub type Target = (&'static str, fn(&[u8]));

/// All readers.
pub const TARGETS: [Target; 15] = [
    ("events_ndjson", events_ndjson),
    ("events_hyperliquid", events_hyperliquid),
    ("events_hyperliquid_api", events_hyperliquid_api),
    ("events_dydx", events_dydx),
    ("events_dydx_indexer", events_dydx_indexer),
    ("events_binance_trades", events_binance_trades),
    ("events_binance_agg_trades", events_binance_agg_trades),
    ("listings", listings),
    ("shape", shape),
    ("verifying_key", verifying_key),
    ("proving_key", proving_key),
    ("proof", proof),
    ("published_bytes", published_bytes),
    ("run_directory", run_directory),
    ("calldata", calldata),
];

/// Stands between the files of a run directory in one input.
pub const NEXT_FILE: &[u8] = b"\n%%\n";
/// The file's name says which market it is of, for formats that need it.
const EVENTS: &str = "A-trades-1";
/// Length of a key file's header, and the places of its fields.
const KEY_HEADER: usize = 128;
const KEY_PUBLIC: usize = 56;
const KEY_COMMITTED: usize = 72;
const KEY_LENGTH: usize = 88;
const KEY_CHECKSUM: usize = 96;

/// Events in our own format.
pub fn events_ndjson(bytes: &[u8]) {
    events(bytes, Format::Ndjson);
}

/// Events of Hyperliquid's history.
pub fn events_hyperliquid(bytes: &[u8]) {
    events(bytes, Format::Hyperliquid);
}

/// Events of Hyperliquid's API.
pub fn events_hyperliquid_api(bytes: &[u8]) {
    events(bytes, Format::HyperliquidApi);
}

/// Events of dYdX v3.
pub fn events_dydx(bytes: &[u8]) {
    events(bytes, Format::Dydx);
}

/// Events of dYdX v4's indexer.
pub fn events_dydx_indexer(bytes: &[u8]) {
    events(bytes, Format::DydxIndexer);
}

/// Binance's single trades.
pub fn events_binance_trades(bytes: &[u8]) {
    events(bytes, Format::BinanceTrades);
}

/// Binance's aggregated trades.
pub fn events_binance_agg_trades(bytes: &[u8]) {
    events(bytes, Format::BinanceAggTrades);
}

fn events(bytes: &[u8], format: Format) {
    if is_large_unpacked(bytes) {
        return;
    }
    // With a user, too: some formats then read transfers.
    for user in [None, Some("0xa".to_owned())] {
        let options = Options { user, ..Options::default() };
        match tape(bytes, format, &options) {
            Err(error) => assert_one_line(&error.to_string()),
            Ok(tape) => {
                tape.skipped.iter().for_each(|skipped| assert_one_line(&skipped.name));
                assert_written_is_read(&tape);
            }
        }
    }
}

/// All events of a file are held at once, so the bound of memory is for what a packed file unpacks to.
fn is_large_unpacked(bytes: &[u8]) -> bool {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return false;
    }
    let mut unpacked = Vec::new();
    // Of a damaged stream what stands before the damage counts.
    let _ = MultiGzDecoder::new(bytes).take(MOST_INPUT as u64 + 1).read_to_end(&mut unpacked);
    unpacked.len() > MOST_INPUT
}

fn tape(bytes: &[u8], format: Format, options: &Options) -> Result<Tape, WireError> {
    read_lines(Lines::new(EVENTS, Box::new(Cursor::new(bytes.to_vec())))?, format, options)
}

/// Our own format has no words for prints and notices of other exchanges.
fn written(tape: &Tape) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    write_ndjson(tape, &mut text).ok().map(|()| text)
}

/// Names of rows that were left out have numbers on the first tape only, so texts are compared.
fn assert_written_is_read(read: &Tape) {
    if read.events.is_empty() {
        return;
    }
    let Some(text) = written(read) else { return };
    let again = match tape(&text, Format::Ndjson, &Options::default()) {
        Ok(again) => again,
        Err(error) => panic!("what was written is refused: {error}"),
    };
    assert!(again.skipped.is_empty(), "rows were left out: {:?}", again.skipped);
    assert_eq!(again.events.len(), read.events.len());
    assert_eq!(written(&again), Some(text));
}

/// Parameters of an exchange's markets, in each of the formats: what is read is listed, or breaks a rule.
pub fn listings(bytes: &[u8]) {
    if is_large_unpacked(bytes) {
        return;
    }
    let lines = |bytes: &[u8]| Lines::new(EVENTS, Box::new(Cursor::new(bytes.to_vec())));
    for venue in [Venue::DydxV4, Venue::DydxV3, Venue::Binance] {
        match lines(bytes).and_then(|lines| zkmargin::listings::read(lines, venue)) {
            Err(error) => assert_one_line(&error.to_string()),
            Ok(file) => {
                file.unreadable.iter().for_each(|row| assert_one_line(&row.what));
                file.unused_columns.iter().for_each(|column| assert_one_line(column));
                for market in &file.markets {
                    match list(market, &Defaults::default()) {
                        Ok(listed) => assert_eq!(listed.market.validate(), Ok(())),
                        Err(broken) => assert_one_line(&broken.text),
                    }
                }
            }
        }
    }
}

/// A shape's file.
pub fn shape(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Shape::parse(text) {
        Ok(shape) => {
            assert_eq!(shape.element_count(), shape.places().element_count);
            shape.constants();
        }
        Err(error) => assert_failure(&error),
    }
}

/// A verifying key's file as it is, and with its lengths and checksum made right.
pub fn verifying_key(bytes: &[u8]) {
    read_verifying_key(bytes);
    if let Some(image) = sealed(bytes, b"ZKMARGVK").filter(|image| image != bytes) {
        read_verifying_key(&image);
    }
}

fn read_verifying_key(image: &[u8]) {
    match VerifyingKey::from_bytes(image) {
        Ok(key) => {
            assert_eq!(key.to_bytes(), image);
            if let Ok(key) = SolidityKey::new(&key) {
                key.id();
            }
        }
        Err(error) => assert_failure(&error),
    }
}

/// A proving key's file as it is, and with its checksum made right. The circuit is whatever the file says.
pub fn proving_key(bytes: &[u8]) {
    read_proving_key(bytes);
    if let Some(image) = sealed(bytes, b"ZKMARGPK").filter(|image| image != bytes) {
        read_proving_key(&image);
    }
}

fn read_proving_key(image: &[u8]) {
    let mut fingerprint = [0; 32];
    if let Some(stated) = image.get(16..48) {
        fingerprint.copy_from_slice(stated);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let [path, copy] = ["key", "copy"].map(|name| folder.path().join(name));
    std::fs::write(&path, image).expect("a file");
    match ProvingKey::open(&path, &fingerprint) {
        Ok(key) => {
            key.write(&copy).expect("a copy");
            assert_eq!(std::fs::read(&copy).expect("the copy"), image);
        }
        Err(error) => assert_failure(&error),
    }
}

/// A key file with its kind, version, length and checksum made right, so that what stands behind them is reached.
/// None if it is shorter than a header.
fn sealed(bytes: &[u8], magic: &[u8; 8]) -> Option<Vec<u8>> {
    use sha2::{Digest, Sha256};
    let mut image = bytes.to_vec();
    let body = image.len().checked_sub(KEY_HEADER)?;
    image[..8].copy_from_slice(magic);
    image[8..12].copy_from_slice(&1u32.to_le_bytes());
    if magic == b"ZKMARGVK" {
        // As many public columns as the body has room for.
        let committed = image[KEY_COMMITTED..KEY_COMMITTED + 8].iter().any(|byte| *byte != 0);
        let points = body.checked_sub(448 + if committed { 256 } else { 0 })? / 64;
        image[KEY_PUBLIC..KEY_PUBLIC + 8].copy_from_slice(&(points as u64).to_le_bytes());
    }
    image[KEY_LENGTH..KEY_CHECKSUM].copy_from_slice(&(body as u64).to_le_bytes());
    let checksum =
        Sha256::new().chain_update(&image[..KEY_CHECKSUM]).chain_update(&image[KEY_HEADER..]).finalize();
    image[KEY_CHECKSUM..KEY_HEADER].copy_from_slice(&checksum);
    Some(image)
}

/// A proof's file.
pub fn proof(bytes: &[u8]) {
    match Proof::from_bytes(bytes) {
        Ok(proof) => assert_eq!(proof.to_bytes(), bytes),
        Err(error) => assert_failure(&error),
    }
}

/// The published bytes of a batch: the header as the contract's driver writes it is the header that was read.
pub fn published_bytes(bytes: &[u8]) {
    let header = match Header::read(bytes) {
        Ok(header) => header,
        Err(error) => return assert_failure(&error),
    };
    let written = statement::Header {
        chain_id: header.chain_id,
        contract: Address::from(header.contract),
        batch: header.batch,
        shape_id: header.shape_id,
        elements: header.elements,
        deposit_capacity: header.deposit_capacity,
        withdrawal_start: header.withdrawal_start,
        withdrawal_capacity: header.withdrawal_capacity,
        configuration_capacity: header.configuration_capacity,
        time: header.time,
        key_id: header.key_id,
        old_root: header.old_root,
        new_root: header.new_root,
        deposits_before: header.deposits_before,
        deposits_after: header.deposits_after,
        config_digest: header.config,
    };
    let header_bytes = statement::ELEMENT * statement::HEADER_ELEMENTS;
    assert_eq!(written.published(&bytes[header_bytes..]), bytes);
}

/// A run's directory: its manifest, its key, and bytes, statement and proof of each batch, with [`NEXT_FILE`]
/// between them.
pub fn run_directory(bytes: &[u8]) {
    if let Err(message) = verdict(bytes) {
        assert_one_line(&message);
    }
}

/// What is said to a run with the root before its first batch trusted.
///
/// Of a run that is accepted each byte is what its values give when they are written: `verify` refuses any other.
pub fn verdict(bytes: &[u8]) -> Result<(), String> {
    let files = split(bytes);
    let folder = tempfile::tempdir().expect("a folder");
    write_run(folder.path(), &files);
    let first = files.get(2).and_then(|bytes| Header::read(bytes).ok());
    let root = first.map(|header| header.old_root);
    let verified = verify(folder.path(), &Trusted { root, ..Trusted::default() })
        .map_err(|error| Failure::from_error(&error).to_string())?;
    assert_eq!(verified.last - verified.first, verified.manifest.batches.len() as u64 - 1);
    Ok(())
}

fn split(bytes: &[u8]) -> Vec<&[u8]> {
    let mut files = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(NEXT_FILE.len()).position(|window| window == NEXT_FILE) {
        files.push(&rest[..at]);
        rest = &rest[at + NEXT_FILE.len()..];
    }
    files.push(rest);
    files
}

fn write_run(folder: &Path, files: &[&[u8]]) {
    for (name, bytes) in [MANIFEST, VERIFYING_KEY].into_iter().zip(files) {
        std::fs::write(folder.join(name), bytes).expect("a file");
    }
    for (index, batch) in files.get(2..).unwrap_or_default().chunks(3).enumerate() {
        let batch_folder = folder.join(folder_name(index as u64 + 1));
        std::fs::create_dir(&batch_folder).expect("a folder");
        for (name, bytes) in [BYTES, STATEMENT, PROOF].into_iter().zip(batch) {
            std::fs::write(batch_folder.join(name), bytes).expect("a file");
        }
        // The call follows from bytes and proof, where there is one.
        let proof = batch.get(2).and_then(|bytes| Proof::from_bytes(bytes).ok());
        let call = batch.first().zip(proof).and_then(|(bytes, proof)| calldata_of(bytes, &proof).ok());
        std::fs::write(batch_folder.join(CALLDATA), call.unwrap_or_default()).expect("a file");
    }
}

/// A verifier on a chain, and the native one of the same key.
struct Referees {
    evm: Evm,
    verifier: Address,
    native: PreparedVerifyingKey,
}

impl Referees {
    fn new() -> Self {
        let key = seeds::verifying_key();
        let mut evm = Evm::new(1, 1);
        let artefact = Artefact::committed().expect("the contracts");
        let words = SolidityKey::new(&key).expect("a key of batches");
        let verifier = deploy_verifier(&mut evm, &artefact, Address::ZERO, &words).expect("a verifier");
        Self { evm, verifier, native: PreparedVerifyingKey::new(&key).expect("a key") }
    }
}

/// Calldata of both contracts, and what they answer: decoded, encoded and decoded again it is equal. A deployed
/// verifier accepts nothing that the native one refuses.
pub fn calldata(bytes: &[u8]) {
    thread_local!(static REFEREES: RefCell<Referees> = RefCell::new(Referees::new()));
    if let Ok(call) = IMarginRollup::IMarginRollupCalls::abi_decode(bytes) {
        assert_eq!(IMarginRollup::IMarginRollupCalls::abi_decode(&call.abi_encode()), Ok(call));
    }
    if let Ok(call) = IVerifierCalls::abi_decode(bytes) {
        assert_eq!(IVerifierCalls::abi_decode(&call.abi_encode()), Ok(call));
    }
    assert_one_line(&ContractError::decode(bytes).to_string());
    REFEREES.with_borrow_mut(|referees| {
        let is_accepted = referees.evm.simulate(Address::ZERO, referees.verifier, bytes.to_vec()).is_ok();
        if is_accepted && bytes.starts_with(&verifyCall::SELECTOR) {
            assert_native_accepts(&referees.native, bytes);
        }
    });
}

fn assert_native_accepts(native: &PreparedVerifyingKey, bytes: &[u8]) {
    let (inputs, proof) = bytes[4..].split_at(64);
    let proof = Proof::from_bytes(proof).expect("a proof");
    let [s, v] = [&inputs[..32], &inputs[32..]].map(field);
    native.verify(&[s, v], &proof, HashToField::Keccak256).expect("the native verdict");
    let call = verify_call(s, v, &proof).expect("a proof with a commitment");
    assert_eq!(call.abi_encode(), bytes);
}

fn field(word: &[u8]) -> ark_bn254::Fr {
    use ark_ff::PrimeField;
    ark_bn254::Fr::from_be_bytes_mod_order(word)
}

/// What a person gets to see of an error is one line without control characters.
fn assert_failure(error: &dyn Error) {
    assert_one_line(&Failure::from_error(error).to_string());
}

fn assert_one_line(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
}
