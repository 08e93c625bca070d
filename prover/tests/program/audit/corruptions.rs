//! Runs with one thing wrong each: named by batch and place.

use super::{audited, copied, owners, proven, replayed, turn};
use crate::{done, refused, run};
use std::path::Path;
use zkmargin::audit::Finding;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::publication::{ELEMENT_BYTES, LISTS, offset};

/// One entry of a list that is not a hole, in a run of a shape: the folder of its batch and the number of its element.
fn entry((run, shape): (&Path, &str), list: &str, word: usize) -> (u64, usize) {
    let capacities = Shape::named(shape).unwrap().capacities;
    let found = LISTS.iter().find(|known| known.name == list).unwrap();
    let batches = std::fs::read_dir(run).unwrap().count() as u64 - 2;
    for batch in 1..=batches {
        let bytes = std::fs::read(run.join(format!("batch-{batch:04}/bytes.bin"))).unwrap();
        for entry in 0..found.capacity(&capacities) {
            let first = offset(list, &capacities) + entry * found.elements();
            let range = ELEMENT_BYTES * first..ELEMENT_BYTES * (first + found.elements());
            // A market that ticks: the others have no rate to forge.
            let ticks = list != "markets" || bytes[ELEMENT_BYTES * (first + 1) - 20] & 0x80 != 0;
            if bytes[range].iter().any(|byte| *byte != 0) && ticks {
                return (batch, first + word);
            }
        }
    }
    panic!("no entry of {list}");
}

/// What becomes of a corrupted copy of a run.
fn corrupted(folder: &Path, corrupt: impl FnOnce(&Path)) -> Result<(), Finding> {
    let copy = folder.join("copy");
    copied(&folder.join("run"), &copy);
    corrupt(&copy);
    let verdict = audited(&copy);
    std::fs::remove_dir_all(copy).unwrap();
    verdict
}

/// The lowest bit of each published field. What an auditor does not see without the proofs: who was paid, a rate whose funding
/// is the same, and by a unit the numbers in the middle of a batch.
#[test]
fn each_field_of_each_list_is_found() {
    let folder = replayed();
    let run = folder.path().join("run");
    audited(&run).unwrap();
    let mut unseen = Vec::new();
    let mut found = 0;
    // No file of events configures a market yet: `circuits` decodes and applies such a list in its own tests.
    let elsewhere = ["flat_accounts", "mode_changes", "rekeys", "configurations"];
    for list in LISTS.iter().filter(|list| !elsewhere.contains(&list.name)) {
        for (word, layout) in list.layouts.iter().enumerate() {
            let (batch, element) = entry((&run, "demo"), list.name, word);
            for field in layout.fields {
                let turned = |run: &Path| turn(run, batch, element, field.at);
                match corrupted(folder.path(), turned) {
                    Err(finding) => {
                        assert_eq!(finding.batch, Some(batch), "{finding}");
                        assert!(finding.place.is_some(), "{finding}");
                        found += 1;
                    }
                    Ok(()) => unseen.push((list.name, field.name)),
                }
            }
        }
    }
    let proven_only = |list: &str, field: &str| match list {
        "withdrawals" => field == "recipient",
        "transfers" => field != "created",
        "markets" => ["rate", "asked"].contains(&field),
        "liquidations" => !["market", "short", "lots", "fee"].contains(&field),
        _ => false,
    };
    assert!(unseen.iter().all(|(list, field)| proven_only(list, field)), "{unseen:?}");
    assert!(found >= 40, "{found} found, not {unseen:?}");
}

/// The lowest bit of each field of a change of mode and of a key.
#[test]
fn each_field_of_a_change_of_mode_and_of_a_key_is_found() {
    let folder = owners();
    let made = folder.path().join("run");
    for list in LISTS.iter().filter(|list| ["mode_changes", "rekeys"].contains(&list.name)) {
        for (word, layout) in list.layouts.iter().enumerate() {
            let (batch, element) = entry((&made, "tiny"), list.name, word);
            for field in layout.fields {
                let turned = |run: &Path| turn(run, batch, element, field.at);
                let found = corrupted(folder.path(), turned).unwrap_err();
                assert_eq!(found.batch, Some(batch), "{} of {}: {found}", field.name, list.name);
            }
        }
    }
}

#[test]
fn each_field_of_the_header_is_found() {
    let folder = replayed();
    let cases = [
        (0, 0, "tag of zkmargin"),
        (1, 0, "contract"),
        (1, 160, "chain"),
        // The time, by what a tick pays for it or by the root.
        (2, 0, "expected"),
        (2, 39, "expected"),
        (2, 40, "elements"),
        (2, 72, "shape"),
        (2, 104, "batch"),
        (2, 168, "places of the lists"),
        (2, 184, "places of the lists"),
        (2, 200, "places of the lists"),
        (3, 5, "key"),
        (4, 3, "root before the batch"),
        (5, 3, "root before the batch"),
        (6, 3, "root after the batch"),
        (7, 3, "root after the batch"),
        (8, 0, "bits outside its fields"),
        (8, 64, "deposits after the batch"),
        (8, 128, "deposits before the batch"),
        (9, 9, "configuration"),
    ];
    for (element, bit, said) in cases {
        let finding = corrupted(folder.path(), |run| turn(run, 3, element, bit)).unwrap_err();
        let text = finding.to_string();
        assert!(finding.batch == Some(3) && text.contains(said), "element {element}, bit {bit}: {text}");
    }
}

/// Files of a run without proofs.
#[test]
fn each_file_of_a_replay_is_looked_at() {
    let folder = replayed();
    let path = folder.path();
    let batch = |run: &Path, number: u64| run.join(format!("batch-{number:04}"));
    let rewrite = |file: &Path, from: &str, to: &str| {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(file, text.replacen(from, to, 1)).unwrap();
    };
    type Corruption<'a> = Box<dyn FnOnce(&Path) + 'a>;
    let cases: Vec<(&str, Option<u64>, &str, Corruption<'_>)> = vec![
        (
            "a batch is gone",
            Some(5),
            "batch-0005",
            Box::new(|run| std::fs::remove_dir_all(batch(run, 5)).unwrap()),
        ),
        (
            "its bytes are gone",
            Some(5),
            "bytes.bin",
            Box::new(|run| std::fs::remove_file(batch(run, 5).join("bytes.bin")).unwrap()),
        ),
        (
            "its bytes are empty",
            Some(5),
            "0 bytes are not",
            Box::new(|run| std::fs::write(batch(run, 5).join("bytes.bin"), b"").unwrap()),
        ),
        (
            "its bytes are cut",
            Some(5),
            "says",
            Box::new(|run| {
                let file = batch(run, 5).join("bytes.bin");
                let bytes = std::fs::read(&file).unwrap();
                std::fs::write(file, &bytes[..bytes.len() - ELEMENT_BYTES]).unwrap();
            }),
        ),
        (
            "two batches are exchanged",
            Some(4),
            "batch: expected 4, found 5",
            Box::new(|run| {
                std::fs::rename(batch(run, 4), run.join("aside")).unwrap();
                std::fs::rename(batch(run, 5), batch(run, 4)).unwrap();
                std::fs::rename(run.join("aside"), batch(run, 5)).unwrap();
            }),
        ),
        (
            "a batch stands twice",
            Some(7),
            "batch: expected 7, found 6",
            Box::new(|run| {
                std::fs::copy(batch(run, 6).join("bytes.bin"), batch(run, 7).join("bytes.bin")).unwrap();
            }),
        ),
        (
            "the genesis is gone",
            None,
            "genesis.json",
            Box::new(|run| std::fs::remove_file(run.join("genesis.json")).unwrap()),
        ),
        (
            "the genesis is no JSON",
            None,
            "genesis.json",
            Box::new(|run| rewrite(&run.join("genesis.json"), "{", "[")),
        ),
        (
            "another fee in the listing",
            None,
            "config_digest",
            Box::new(|run| rewrite(&run.join("genesis.json"), "\"taker_fee\": 500", "\"taker_fee\": 501")),
        ),
        (
            "another name in the listing",
            None,
            "config_digest",
            Box::new(|run| rewrite(&run.join("genesis.json"), "\"ETH\"", "\"ETX\"")),
        ),
        (
            "another root of the genesis",
            None,
            "root",
            Box::new(|run| {
                let file = run.join("genesis.json");
                let mut text = std::fs::read_to_string(&file).unwrap();
                let last = text.find("\"root\": \"0x").unwrap() + "\"root\": \"0x".len() + 63;
                let other = if &text[last..=last] == "0" { "1" } else { "0" };
                text.replace_range(last..=last, other);
                std::fs::write(file, text).unwrap();
            }),
        ),
        (
            "another time of the genesis",
            None,
            "config_digest",
            Box::new(|run| rewrite(&run.join("genesis.json"), "\"time\": 1", "\"time\": 2")),
        ),
        (
            "the shape is gone",
            None,
            "shape.toml",
            Box::new(|run| std::fs::remove_file(run.join("shape.toml")).unwrap()),
        ),
        (
            "a shape with more rows",
            Some(1),
            "elements",
            Box::new(|run| rewrite(&run.join("shape.toml"), "transfers = 4", "transfers = 5")),
        ),
        (
            "a shape with another id",
            Some(1),
            "shape",
            Box::new(|run| rewrite(&run.join("shape.toml"), "id = 16", "id = 17")),
        ),
        (
            "rows exchanged between kinds",
            Some(1),
            "",
            Box::new(|run| {
                rewrite(&run.join("shape.toml"), "cross_accounts = 10", "cross_accounts = 11");
                rewrite(&run.join("shape.toml"), "isolated_accounts = 6", "isolated_accounts = 5");
            }),
        ),
    ];
    for (what, number, said, corrupt) in cases {
        let finding = corrupted(path, corrupt).expect_err(what);
        assert!(finding.batch == number || said.is_empty(), "{what}: {finding}");
        assert!(finding.to_string().contains(said), "{what}: {finding}");
    }
}

/// A listing that is another one in all of its parts: digest and root follow, and the first header does not.
#[test]
fn a_foreign_genesis_is_found() {
    let folder = replayed();
    let path = folder.path();
    done(path, &["sample", "--fills", "60", "--seed", "9", "--markets", "2", "--out", "other.ndjson"]);
    let replay =
        ["replay", "--events", "other.ndjson", "--format", "ndjson", "--shape", "demo", "--unsigned"];
    done(path, &[&replay[..], &["--batches", "2", "--out", "other"]].concat());
    let line = refused(path, &["audit", "run", "--genesis", "other/genesis.json"]);
    assert!(line.contains("batch 1, ") && line.contains("root before the batch"), "{line}");
    let given = run(path, &["audit", "run", "--genesis", "run/genesis.json"]);
    assert_eq!(given.status.code(), Some(3), "without proofs nothing is proven");
}

/// Anything in a proven run: the first byte that differs is found by its file.
#[test]
fn each_changed_byte_of_a_proven_run_is_found() {
    use rand::{Rng, SeedableRng};
    let folder = proven();
    let path = folder.path();
    audited(&path.join("run")).unwrap();
    let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(16);
    let files = [
        "batch-0001/bytes.bin",
        "batch-0002/bytes.bin",
        "batch-0001/proof.bin",
        "batch-0002/proof.bin",
        "batch-0001/statement.json",
        "batch-0002/calldata.hex",
        "manifest.json",
        "vk.bin",
    ];
    for name in files {
        for _ in 0..6 {
            let mut place = 0;
            let verdict = corrupted(path, |run| {
                let file = run.join(name);
                let mut bytes = std::fs::read(&file).unwrap();
                place = rng.gen_range(0..bytes.len());
                bytes[place] ^= rng.gen_range(1..=255u8);
                std::fs::write(file, bytes).unwrap();
            });
            assert!(verdict.is_err(), "{name}, byte {place}");
        }
    }
}

#[test]
fn what_belongs_to_another_batch_or_run_is_found() {
    let folder = proven();
    let path = folder.path();
    let copy = |run: &Path, from: &str, to: &str| {
        std::fs::copy(run.join(from), run.join(to)).unwrap();
    };
    type Corruption<'a> = Box<dyn FnOnce(&Path) + 'a>;
    let cases: Vec<(&str, &str, Corruption<'_>)> = vec![
        (
            "the other batch's proof",
            "statement.json",
            Box::new(|run| copy(run, "batch-0001/proof.bin", "batch-0002/proof.bin")),
        ),
        (
            "the other batch's statement",
            "statement.json",
            Box::new(|run| copy(run, "batch-0001/statement.json", "batch-0002/statement.json")),
        ),
        (
            "the other batch's call",
            "calldata",
            Box::new(|run| copy(run, "batch-0001/calldata.hex", "batch-0002/calldata.hex")),
        ),
        (
            "no proof",
            "proof.bin",
            Box::new(|run| std::fs::remove_file(run.join("batch-0002/proof.bin")).unwrap()),
        ),
        ("no key", "key: expected 0x00", Box::new(|run| std::fs::remove_file(run.join("vk.bin")).unwrap())),
        (
            "no manifest",
            "manifest.json",
            Box::new(|run| std::fs::remove_file(run.join("manifest.json")).unwrap()),
        ),
        (
            "a batch less than the manifest lists",
            "batches",
            Box::new(|run| std::fs::remove_dir_all(run.join("batch-0002")).unwrap()),
        ),
    ];
    for (what, said, corrupt) in cases {
        let finding = corrupted(path, corrupt).expect_err(what);
        assert!(finding.to_string().contains(said), "{what}: {finding}");
    }
}
