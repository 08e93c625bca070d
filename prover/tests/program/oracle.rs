//! Price signers from a feed's file to the verdict of an audit.

use super::{SAMPLE, done, json, refused, run, text};
use std::path::Path;

/// The name of a file with the list of a signer who states one price.
fn list(folder: &Path, number: u8, price: &str) -> String {
    std::fs::write(folder.join("prices"), format!("{{\"market\": 1, \"price\": \"{price}\"}}\n")).unwrap();
    let number = number.to_string();
    let sign = [
        "oracle",
        "sign",
        "--seed",
        "1",
        "--number",
        &number,
        "--epoch",
        &epoch(folder),
        "--prices",
        "prices",
    ];
    let signed = done(folder, &[&sign[..], &["--genesis", "run/genesis.json"]].concat());
    assert_eq!(signed.lines().count(), 1, "one object on one line");
    let name = format!("{number}-{price}.json");
    std::fs::write(folder.join(&name), signed).unwrap();
    name
}

/// The second epoch after that of the genesis.
fn epoch(folder: &Path) -> String {
    let genesis = std::fs::read_to_string(folder.join("run/genesis.json")).unwrap();
    let genesis: serde_json::Value = serde_json::from_str(&genesis).unwrap();
    assert_eq!(genesis["signers"].as_array().unwrap().len(), 3);
    (genesis["time"].as_u64().unwrap() / 10 + 2).to_string()
}

/// A run of a small tape whose prices three signers sign.
fn signed_run(folder: &Path) {
    let tiny = include_str!("../../../shapes/tiny.toml").replace("actions = 4", "actions = 8");
    std::fs::write(folder.join("signed.toml"), format!("{tiny}signers = 3\nquotes = 1\n")).unwrap();
    done(folder, &SAMPLE);
    let replay = [
        "replay",
        "--events",
        "flow.ndjson",
        "--format",
        "ndjson",
        "--shape",
        "signed.toml",
        "--signers",
        "3",
    ];
    let report = json(folder, &[&replay[..], &["--out", "run"]].concat());
    assert!(report["tally"]["applied"]["tick"].as_u64().unwrap() > 0, "{report}");
    assert_eq!(report["rows"]["signers"]["largest"], 3);
}

#[test]
fn lists_are_signed_and_checked_and_an_audit_says_who_priced() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    signed_run(folder);
    let audited = run(folder, &["audit", "run"]);
    let said = text(&audited.stdout);
    assert_eq!(audited.status.code(), Some(3), "{said}");
    let word = "the directory's: that each tick's price is the lower median of what a quorum of 3 registered price signers signed";
    assert!(said.contains(word) && !said.contains("the prices and rates that he asked for"), "{said}");

    let lists = [list(folder, 0, "3000"), list(folder, 1, "3001.5"), list(folder, 2, "3002")];
    let check = ["oracle", "check", "--genesis", "run/genesis.json", &lists[0], &lists[1]];
    let all = [&check[..], &[lists[2].as_str()]].concat();
    let checked = json(folder, &all);
    assert_eq!(
        (&checked["markets"][0]["stated"], &checked["lists"][2]["fault"]),
        (&3.into(), &serde_json::Value::Null)
    );
    assert!(done(folder, &all).contains("3001.5"));
    // Two of three are no quorum; a list twice is none of another signer.
    let few = "too few signers for market 1: 2 of 3 state a price, a quorum is 3";
    assert_eq!(refused(folder, &check), few);
    let twice = [&all[..], &[lists[0].as_str()]].concat();
    assert_eq!(refused(folder, &twice), format!("{}: signer 0 has a list already", lists[0]));
    let other = [&all[..], &["--chain-id", "5"]].concat();
    assert_eq!(refused(folder, &other), "none of 3 lists is good");
    // Another key is not registered.
    let sign = ["oracle", "sign", "--seed", "2", "--number", "0", "--epoch", "5", "--prices", "prices"];
    let said = refused(folder, &[&sign[..], &["--genesis", "run/genesis.json"]].concat());
    assert_eq!(said, "run/genesis.json: the key is not that of price signer 0 of 3");
}
