//! The program as users meet it: what bad input says, and that nothing incomplete stays behind.

use std::path::{Path, PathBuf};
use std::process::Output;

/// A command in a folder, with keys of its own: some tests damage them.
fn zkmargin(folder: &Path, arguments: &[&str]) -> Output {
    super::zkmargin(folder, arguments).env("XDG_CACHE_HOME", folder.join("cache")).output().unwrap()
}

/// The command fails and says all of `parts` in one line.
fn assert_refused(folder: &Path, arguments: &[&str], parts: &[&str]) {
    let output = zkmargin(folder, arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{arguments:?} succeeded");
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    for part in parts {
        assert!(text.contains(part), "'{text}' does not say '{part}'");
    }
}

fn assert_done(folder: &Path, arguments: &[&str]) -> String {
    let output = zkmargin(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// No fault, but the key is the directory's own word.
fn assert_own_word(folder: &Path, arguments: &[&str]) -> String {
    let output = zkmargin(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.csv"), include_str!("../data/small.csv")).unwrap();
    folder
}

/// What lies in a folder apart from the input and the keys.
fn left_behind(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| !path.ends_with("small.csv") && !path.ends_with("cache")).collect()
}

const REPLAY: [&str; 7] = ["replay", "--events", "bad.csv", "--format", "hyperliquid", "--shape", "trade-64"];

#[test]
fn bad_rows_are_named_by_file_and_line() {
    let folder = folder();
    let good = include_str!("../data/small.csv");
    let cases = [
        (good.replace("1000.5,0.25", "1000.5,x"), "bad.csv:4: size 'x'"),
        (good.replace("10:00:09Z", "09:00:09Z"), "bad.csv:5: time 2024-05-01T09:00:09Z is before"),
        (good.replace("ETH,S", ",S"), "bad.csv:5: market name ''"),
        (good.replace(",T,", ",T"), "bad.csv:3: row has 9 columns"),
        (good.replace("time,kind", "when,kind"), "bad.csv:1: header"),
    ];
    for (text, part) in cases {
        std::fs::write(folder.path().join("bad.csv"), text).unwrap();
        assert_refused(folder.path(), &REPLAY, &[part]);
    }
}

#[test]
fn truncated_gzip_and_missing_files_are_named() {
    use std::io::Write;
    let folder = folder();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(include_bytes!("../data/small.csv")).unwrap();
    let packed = packed.finish().unwrap();
    std::fs::write(folder.path().join("bad.csv"), &packed[..packed.len() - 6]).unwrap();
    assert_refused(folder.path(), &REPLAY, &["bad.csv:", "truncated"]);
    std::fs::remove_file(folder.path().join("bad.csv")).unwrap();
    assert_refused(folder.path(), &REPLAY, &["bad.csv:0: cannot open", "--events"]);
}

#[test]
fn unknown_shapes_and_markets_are_named() {
    let folder = folder();
    let prove = ["prove", "--events", "small.csv", "--format", "hyperliquid", "--shape"];
    let with = |shape: &'static str| [&prove[..], &[shape]].concat();
    assert_refused(folder.path(), &with("huge"), &["unknown shape 'huge'", "trade-64"]);
    assert_refused(folder.path(), &with("none.toml"), &["none.toml:", "--shape"]);
    let markets = [&with("tiny")[..], &["--markets", "BTC"]].concat();
    assert_refused(folder.path(), &markets, &["small.csv:3: unknown market 'ETH'", "--markets"]);
    assert!(left_behind(folder.path()).is_empty());
}

/// Two rows of a market that no quantum serves, beside three that count as before.
#[test]
fn rows_of_markets_that_cannot_be_listed_are_reported() {
    let folder = folder();
    let rows = "1,3000.10,0.2,600.02,1704067200123,true\n2,3000.2,1.5,4500.3,1704067201999,false\n";
    std::fs::write(folder.path().join("ETHUSDT-trades-2024-01.csv"), rows).unwrap();
    let replay = ["replay", "--format", "binance-trades", "--shape", "trade-64", "--events"];
    let named = [&replay[..], &["ETHUSDT-trades-2024-01.csv", "--json"]].concat();
    let report: serde_json::Value = serde_json::from_str(&assert_done(folder.path(), &named)).unwrap();
    assert_eq!((&report["rows_read"], &report["tally"]["rows_applied"]), (&2.into(), &2.into()));
    std::fs::write(folder.path().join("flow.csv"), rows).unwrap();
    let unnamed = [&replay[..], &["flow.csv"]].concat();
    assert_refused(folder.path(), &unnamed, &["flow.csv:1:", "--market NAME"]);
    assert_done(folder.path(), &[&unnamed[..], &["--market", "ETH"]].concat());
    let trade = |market: &str, price: &str| format!("2025-03-01T09:00:00Z,{market},BUY,{price},0.01\n");
    let header = "created_at,market,taker_side,price,size\n";
    let text = [header, &trade("A", "2.5"), &trade("BAD", "1.123456789"), &trade("BAD", "1.5")].concat();
    std::fs::write(folder.path().join("trades.csv"), text).unwrap();
    let replay = ["replay", "--format", "dydx", "--shape", "trade-64", "--events", "trades.csv"];
    let text = assert_done(folder.path(), &replay);
    assert!(text.contains("left out: BAD, 2 rows, the first in line 3: prices of 9"), "{text}");
    assert!(text.contains("3 rows read, 1 applied, 2 refused"), "{text}");
    let report: serde_json::Value =
        serde_json::from_str(&assert_done(folder.path(), &[&replay[..], &["--json"]].concat())).unwrap();
    let left_out = &report["skipped"][0];
    assert_done(folder.path(), &[&replay[..], &["--refused", "refused.ndjson"]].concat());
    let refused = std::fs::read_to_string(folder.path().join("refused.ndjson")).unwrap();
    assert_eq!(&serde_json::from_str::<serde_json::Value>(&refused).unwrap(), left_out);
    assert_eq!(
        (&left_out["name"], &left_out["rows"], &left_out["line"]),
        (&"BAD".into(), &2.into(), &3.into())
    );
}

#[test]
fn samples_replay() {
    let folder = folder();
    assert_done(folder.path(), &["sample", "--fills", "30", "--out", "flow.ndjson"]);
    let replay = ["replay", "--events", "flow.ndjson", "--format", "ndjson", "--shape", "demo", "--json"];
    let text = assert_done(folder.path(), &replay);
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(report["tally"]["applied"]["fill"].as_u64().unwrap() >= 25, "{text}");
    let traders = ["sample", "--traders", "1"];
    assert_refused(folder.path(), &traders, &["traders is 1; choose 2 to 1000"]);
}

#[test]
fn costs_add_up() {
    let folder = folder();
    let text = assert_done(folder.path(), &["costs", "--shape", "tiny", "--json"]);
    let costs: serde_json::Value = serde_json::from_str(&text).unwrap();
    let number = |name: &str| costs[name].as_u64().unwrap();
    let pieces = costs["pieces"].as_array().unwrap();
    let sum: u64 = pieces.iter().map(|piece| piece["constraints"].as_u64().unwrap()).sum();
    assert_eq!(sum, number("constraints"));
    let groups = costs["groups"].as_array().unwrap();
    let sum: u64 = groups.iter().map(|group| group["constraints"].as_u64().unwrap()).sum();
    assert_eq!(sum, number("constraints"), "every piece has a group");
    assert!(number("headroom") < number("domain") && number("constraints") < 1 << 16);
    assert_eq!(number("per_trade"), number("constraints").div_ceil(number("trades")));
}

#[test]
fn proves_verifies_and_refuses_what_was_changed() {
    let folder = folder();
    let path = folder.path();
    let prove = ["prove", "--events", "small.csv", "--format", "hyperliquid", "--shape", "tiny"];
    let out = [&prove[..], &["--out", "run", "--json"]].concat();
    let text = assert_done(path, &out);
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["batches"].as_array().unwrap().len(), 1);
    assert_eq!(report["insecure"], true);
    let text = assert_own_word(path, &["verify", "run"]);
    assert!(text.contains("INSECURE") && text.contains("the proof of batch 1 holds"), "{text}");
    // The directory is not written over.
    assert_refused(path, &out, &["run: is there already"]);
    refuses_changed_files(path);
    refuses_damaged_keys(path, &prove);
    let left: Vec<PathBuf> = left_behind(path);
    assert_eq!(left, [path.join("run")], "nothing incomplete stays behind");
}

#[test]
fn proves_for_the_deployment_that_is_named() {
    let folder = folder();
    let prove =
        ["prove", "--events", "small.csv", "--format", "hyperliquid", "--shape", "tiny", "--no-replay"];
    let contract = "0x00000000000000000000000000000000000000ab";
    let named = ["--chain-id", "5", "--contract", contract, "--threads", "1", "--out", "run"];
    assert_done(folder.path(), &[&prove[..], &named[..]].concat());
    let manifest = std::fs::read_to_string(folder.path().join("run/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["chain_id"], 5);
    assert!(manifest["contract"].as_str().unwrap().ends_with("ab"), "{manifest}");
    assert_own_word(folder.path(), &["verify", "run"]);
    for bad in
        ["0x12", "00000000000000000000000000000000000000zz", "0x0000000000000000000000000000000000000000ab"]
    {
        let output = zkmargin(folder.path(), &[&prove[..], &["--contract", bad]].concat());
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && text.contains("0x and 40 hexadecimal digits"), "{text}");
    }
}

/// Flips one bit of a file, runs, and restores it.
fn with_flipped_bit(file: &Path, place: usize, run: impl Fn()) {
    let good = std::fs::read(file).unwrap();
    let mut bad = good.clone();
    bad[place] ^= 1;
    std::fs::write(file, bad).unwrap();
    run();
    std::fs::write(file, good).unwrap();
}

fn refuses_changed_files(path: &Path) {
    let verify = ["verify", "run"];
    let batch = path.join("run/batch-0001");
    let bytes = batch.join("bytes.bin");
    let last = std::fs::read(&bytes).unwrap().len() - 1;
    with_flipped_bit(&bytes, last, || assert_refused(path, &verify, &["bytes.bin: s is"]));
    with_flipped_bit(&bytes, 0, || assert_refused(path, &verify, &["element 0", "damaged"]));
    with_flipped_bit(&bytes, 31 * 5 + 30, || assert_refused(path, &verify, &["old root"]));
    let proof = batch.join("proof.bin");
    with_flipped_bit(&proof, 40, || assert_refused(path, &verify, &["proof.bin"]));
    with_flipped_bit(&path.join("run/vk.bin"), 200, || assert_refused(path, &verify, &["vk.bin", "damaged"]));
    with_flipped_bit(&path.join("run/manifest.json"), 0, || {
        assert_refused(path, &verify, &["manifest.json:1:"]);
    });
    let text = std::fs::read(&bytes).unwrap();
    std::fs::write(&bytes, &text[..text.len() - 31]).unwrap();
    assert_refused(path, &verify, &["truncated or damaged"]);
    std::fs::write(&bytes, text).unwrap();
    assert_own_word(path, &verify);
}

/// A key of the same circuit made elsewhere, and a damaged proving key.
fn refuses_damaged_keys(path: &Path, prove: &[&str]) {
    assert_done(path, &["keys", "--shape", "tiny", "--keys", "cache/other"]);
    let keys = |folder: &str, ending: &str| {
        let entries = std::fs::read_dir(path.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        entries.into_iter().find(|file| file.extension().is_some_and(|e| e == ending)).unwrap()
    };
    let other = keys("cache/other", "vk");
    let name = other.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.starts_with("INSECURE"), "{name}");
    let with_other = ["verify", "run", "--key", other.to_str().unwrap()];
    assert_refused(path, &with_other, &["manifest.json: key_id is"]);
    let proving = keys("cache/zkmargin", "pk");
    let middle = std::fs::metadata(&proving).unwrap().len() as usize / 2;
    let again = [prove, &["--out", "second"]].concat();
    with_flipped_bit(&proving, middle, || {
        assert_refused(path, &again, &["checksum", "remove the file"]);
    });
    // A proof under one key does not pass under another, whatever the manifest says.
    let (manifest, vk) = (path.join("run/manifest.json"), path.join("run/vk.bin"));
    let (good, good_vk) = (std::fs::read_to_string(&manifest).unwrap(), std::fs::read(&vk).unwrap());
    let ids = assert_done(path, &["keys", "--shape", "tiny", "--keys", "cache/other", "--json"]);
    let ids: serde_json::Value = serde_json::from_str(&ids).unwrap();
    let old: serde_json::Value = serde_json::from_str(&good).unwrap();
    let swapped = good.replace(old["key_id"].as_str().unwrap(), ids["key_id"].as_str().unwrap());
    std::fs::write(&manifest, swapped).unwrap();
    std::fs::copy(&other, &vk).unwrap();
    assert_refused(path, &["verify", "run"], &["batch 1 is refused", "do not belong together"]);
    std::fs::write(&manifest, good).unwrap();
    std::fs::write(&vk, good_vk).unwrap();
}
