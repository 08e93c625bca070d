//! `audit` and `explain`: verdicts and exit codes, snapshots, what they show; a second auditor.

mod corruptions;

use super::{PROVE, SAMPLE, done, json, refused, run, text, verifying_key};
use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use std::path::Path;
use std::process::Command;
use zkmargin::audit::{AuditError, Finding, Options, audit};
use zkmargin_circuits::publication::ELEMENT_BYTES;

/// A run without proofs of the flow of `sample`.
fn sampled(shape: &str, batches: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    done(path, &["sample", "--fills", "120", "--out", "flow.ndjson"]);
    let replay = ["replay", "--events", "flow.ndjson", "--format", "ndjson", "--shape", shape, "--unsigned"];
    done(path, &[&replay[..], &["--batches", batches, "--out", "run"]].concat());
    folder
}

/// One of the demo's shape, whose twelve batches hold events of every kind.
fn replayed() -> tempfile::TempDir {
    sampled("demo", "12")
}

/// One with flat accounts, of which some place orders that rest.
fn flat() -> tempfile::TempDir {
    let shape = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/flat.toml");
    sampled(shape.to_str().unwrap(), "5")
}

/// A signed run of the tiny shape without proofs, in which owners change modes, keys and limits.
fn owners() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let flow = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/owners.ndjson");
    let replay = ["replay", "--events", flow.to_str().unwrap(), "--format", "ndjson", "--shape", "tiny"];
    done(folder.path(), &[&replay[..], &["--out", "run"]].concat());
    folder
}

/// One of the demo's shape whose prices four signers sign.
fn priced() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &["sample", "--fills", "120", "--out", "flow.ndjson"]);
    let replay = ["replay", "--events", "flow.ndjson", "--format", "ndjson", "--shape", "demo"];
    done(folder.path(), &[&replay[..], &["--signers", "4", "--batches", "6", "--out", "run"]].concat());
    folder
}

/// A proven run of the tiny shape with two batches.
fn proven() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &SAMPLE);
    done(folder.path(), &[&PROVE[..], &["--batches", "2", "--out", "run"]].concat());
    folder
}

fn audited(directory: &Path) -> Result<(), Finding> {
    let options = Options { directory: directory.to_path_buf(), no_recompile: true, ..Options::default() };
    match audit(&options, &mut |_| Ok(())) {
        Ok(audited) => {
            assert!(audited.verdict.clean);
            Ok(())
        }
        Err(AuditError::Dirty(finding)) => Err(*finding),
        Err(AuditError::CouldNotRun(text)) => panic!("could not run: {text}"),
    }
}

/// Turns one bit of an element, counted from the lowest.
fn turn(run: &Path, batch: u64, element: usize, bit: u32) {
    let file = run.join(format!("batch-{batch:04}/bytes.bin"));
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[ELEMENT_BYTES * (element + 1) - 1 - bit as usize / 8] ^= 1 << (bit % 8);
    std::fs::write(file, bytes).unwrap();
}

/// Copies a run, so that a corruption starts from a whole one.
fn copied(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copied(&entry.path(), &target),
            false => {
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
    }
}

#[test]
fn exit_codes_say_what_the_verdict_rests_on() {
    let folder = proven();
    let path = folder.path();
    let own = run(path, &["audit", "run"]);
    assert_eq!(own.status.code(), Some(3), "{}", text(&own.stderr));
    let shown = text(&own.stdout);
    for said in [
        "clean: 2 batches",
        "proven\n  2 batches",
        "compiled here",
        "its vk.bin",
        "its genesis.json",
        "the operator's",
        "for contract 0x",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let key = verifying_key(path);
    let trusted = ["audit", "run", "--key", key.to_str().unwrap(), "--genesis", "run/genesis.json"];
    let report = json(path, &trusted);
    assert_eq!(
        (&report["clean"], &report["proofs"], &report["recompiled"]),
        (&true.into(), &2.into(), &true.into())
    );
    let missing = run(path, &["audit", "none"]);
    assert_eq!(missing.status.code(), Some(2), "{}", text(&missing.stderr));
    let later = run(path, &["audit", "run", "--to", "7"]);
    assert_eq!(later.status.code(), Some(2), "{}", text(&later.stderr));
    // A fault is an object for programs, too.
    turn(&path.join("run"), 2, 6, 1);
    let fault = run(path, &["audit", "run", "--json"]);
    let object: serde_json::Value = serde_json::from_slice(&fault.stdout).unwrap();
    assert_eq!(
        (fault.status.code(), &object["clean"], &object["fault"]["batch"]),
        (Some(1), &false.into(), &2.into())
    );
}

#[test]
fn a_snapshot_goes_on_where_it_ended() {
    let folder = replayed();
    let path = folder.path();
    let whole = run(path, &["audit", "run", "--json"]);
    let whole: serde_json::Value = serde_json::from_slice(&whole.stdout).unwrap();
    let audit = |more: &[&str]| {
        let output = run(path, &[&["audit", "run", "--json", "--snapshot", "kept"], more].concat());
        assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    assert_eq!(audit(&["--to", "5"])["resumed"], serde_json::Value::Null);
    let rest = audit(&[]);
    assert_eq!((&rest["resumed"], &rest["applied"]), (&5.into(), &7.into()));
    for field in ["root", "deposit_chain", "accounts", "orders", "last"] {
        assert_eq!(rest[field], whole[field], "{field}");
    }
    // At its end there is nothing to apply; accounts are shown all the same, and the directory must lead there.
    assert_eq!(audit(&["--account", "604"])["accounts_shown"][0]["id"], 604);
    let last = path.join("run/batch-0012/bytes.bin");
    let good = std::fs::read(&last).unwrap();
    turn(&path.join("run"), 12, 7, 0);
    assert!(
        refused(path, &["audit", "run", "--snapshot", "kept"]).contains("root after the snapshot's batch")
    );
    std::fs::write(last, good).unwrap();
    let none = run(path, &["audit", "run", "--to", "0"]);
    assert_eq!(none.status.code(), Some(2), "{}", text(&none.stderr));
    // A cell that was changed does not give the root.
    let kept = std::fs::read_to_string(path.join("kept")).unwrap();
    std::fs::write(path.join("kept"), kept.replacen("\"collateral\":", "\"collateral\":1", 1)).unwrap();
    let output = run(path, &["audit", "run", "--snapshot", "kept"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("do not give its root"), "{}", text(&output.stderr));
}

/// A liquidation that the law refuses, in bytes that decode and apply: it cannot be explained.
#[test]
fn a_wrong_liquidation_cannot_be_explained() {
    let folder = replayed();
    let path = folder.path();
    let audit = ["audit", "run", "--events", "liquidations", "--json"];
    let report: serde_json::Value = serde_json::from_slice(&run(path, &audit).stdout).unwrap();
    let event = &report["events_shown"][0];
    let (batch, number) = (event["batch"].to_string(), event["event"].to_string());
    let explain = ["explain", "run", "--batch", &batch, "--event", &number];
    let shown = done(path, &explain);
    for id in ["LIQ-5", "LIQ-9", "LIQ-10", "LIQ-11", "LIQ-12"] {
        assert!(shown.contains(id), "{shown}");
    }
    assert_eq!(json(path, &explain)["allowed"], true);
    // Its account was worth 2^99 more.
    let element = event["element"].as_u64().unwrap() as usize;
    turn(&path.join("run"), batch.parse().unwrap(), element + 1, 99);
    let line = refused(path, &explain);
    assert!(line.contains("cannot be explained: LIQ-5"), "{line}");
    let line = refused(path, &["audit", "run"]);
    assert!(line.contains("LIQ-5") && line.contains("list liquidations"), "{line}");
}

#[test]
fn accounts_and_events_are_shown() {
    let folder = replayed();
    let path = folder.path();
    let csv = run(path, &["audit", "run", "--events", "ticks,withdrawals,deposits,transfers", "--csv"]);
    let csv = text(&csv.stdout);
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("batch,time,event,kind,account,other,market,amount,details"));
    assert!(lines.all(|line| line.split(',').count() == 9), "{csv}");
    let account = run(path, &["audit", "run", "--account", "604", "--at", "3", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&account.stdout).unwrap();
    let view = &report["accounts_shown"][0];
    let key = format!("{},{}", view["owner_x"].as_str().unwrap(), view["owner_y"].as_str().unwrap());
    let by_key = run(path, &["audit", "run", "--account", &key, "--at", "3", "--json"]);
    let by_key: serde_json::Value = serde_json::from_slice(&by_key.stdout).unwrap();
    assert!(by_key["accounts_shown"].as_array().unwrap().contains(view));
    let none = run(path, &["audit", "run", "--account", "99999"]);
    assert_eq!(none.status.code(), Some(2), "{}", text(&none.stderr));
}

/// Two histories whose bytes were equal once: an idle tick moves the reference price, and is in the bytes now.
#[test]
fn an_idle_tick_is_in_the_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let line = |time: &str, rest: &str| format!("{{\"time\":\"2025-03-01T09:{time}Z\",{rest}}}\n");
    let market = "\"event\":\"market\",\"market\":\"ETH\",\"price\":\"2500\",\"price_decimals\":2,\"size_decimals\":4,\
                  \"initial_margin\":40000,\"maintenance_margin\":20000,\"band\":400000,\"funding_cap\":2000000";
    let deposit = "\"event\":\"deposit\",\"user\":\"u1\",\"amount\":\"1000\"";
    let more = "\"event\":\"deposit\",\"user\":\"u1\",\"amount\":\"7\"";
    let tick = "\"event\":\"tick\",\"market\":\"ETH\",\"price\":\"2500\"";
    let start =
        line("00:00", market) + &line("00:00", deposit) + &line("01:00", tick) + &line("01:00", deposit);
    let idle = start.clone() + &line("06:01", tick) + &line("06:01", more);
    let quiet = start + &line("06:01", more);
    let replay = |name: &str, flow: &str| {
        std::fs::write(path.join("flow.ndjson"), flow).unwrap();
        let replay =
            ["replay", "--events", "flow.ndjson", "--format", "ndjson", "--shape", "tiny", "--out", name];
        done(path, &replay);
        audited(&path.join(name)).unwrap();
        let last = std::fs::read_dir(path.join(name)).unwrap().count() - 2;
        std::fs::read(path.join(name).join(format!("batch-{last:04}/bytes.bin"))).unwrap()
    };
    let (idle, quiet) = (replay("idle", &idle), replay("quiet", &quiet));
    let lists = ELEMENT_BYTES * 10;
    assert_ne!(idle[lists..], quiet[lists..], "equal lists");
    let root = |bytes: &[u8]| Fr::from_be_bytes_mod_order(&bytes[6 * ELEMENT_BYTES..7 * ELEMENT_BYTES]);
    assert_ne!(root(&idle).into_bigint().to_bytes_be(), root(&quiet).into_bigint().to_bytes_be());
}

/// Changes of mode and keys: applied, published, found in the bytes by the auditor, explained.
#[test]
fn changes_of_mode_and_keys_are_shown_and_explained() {
    let folder = owners();
    let path = folder.path();
    audited(&path.join("run")).unwrap();
    let audit = ["audit", "run", "--events", "modes", "--events", "keys", "--json"];
    let shown = run(path, &audit);
    let verdict: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(
        (&verdict["events"]["modes"], &verdict["events"]["keys"]),
        (&3.into(), &3.into()),
        "{verdict}"
    );
    let events = verdict["events_shown"].as_array().unwrap();
    let kinds: Vec<&str> = events.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["modes", "keys", "modes", "keys", "keys", "modes"]);
    let number = events[0]["event"].to_string();
    let explained = text(&run(path, &["explain", "run", "--batch", "1", "--event", &number]).stdout);
    assert!(explained.contains("modes") && explained.contains("the key of before"), "{explained}");
}

/// The runs that the second auditor's tests read are what `replay` writes, and both auditors give them one root.
#[test]
fn two_auditors_agree_on_the_committed_runs() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testvectors");
    let folder = replayed();
    let (flat, owners, priced) = (flat(), owners(), priced());
    let runs = [("demo", &folder, 12), ("flat", &flat, 5), ("owners", &owners, 6), ("priced", &priced, 6)];
    for (run, folder, last) in runs {
        let folder = folder.path();
        let (made, kept) = (folder.join("run"), vectors.join("runs").join(run));
        if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
            std::fs::remove_dir_all(&kept).unwrap();
            copied(&made, &kept);
        }
        let bytes = [1, last].map(|batch| format!("batch-{batch:04}/bytes.bin"));
        for name in ["genesis.json", "shape.toml"].into_iter().chain(bytes.iter().map(String::as_str)) {
            let same =
                std::fs::read(made.join(name)).unwrap() == std::fs::read(kept.join(name)).unwrap_or_default();
            assert!(same, "testvectors/runs/{run}/{name} is not what replay writes; UPDATE=1 writes it");
        }
    }
    for (name, ..) in runs {
        let directory = vectors.join("runs").join(name);
        let ours = run(folder.path(), &["audit", directory.to_str().unwrap(), "--json"]);
        let ours: serde_json::Value = serde_json::from_slice(&ours.stdout).unwrap();
        let theirs = Command::new("node")
            .arg(vectors.join("reference/audit.mjs"))
            .arg(&directory)
            .arg("--json")
            .output();
        let theirs = theirs.expect("node");
        assert!(theirs.status.success(), "{}", text(&theirs.stderr));
        let theirs: serde_json::Value = serde_json::from_slice(&theirs.stdout).unwrap();
        assert_eq!((&ours["root"], &ours["last"]), (&theirs["root"], &theirs["batches"]), "{name}: {theirs}");
    }
}

/// The second auditor's own tests: planted corruptions, the law at its bounds.
#[test]
fn the_second_auditor_passes_its_tests() {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testvectors/reference");
    let tests = Command::new("node").arg("--test").current_dir(reference).output().expect("node");
    assert!(tests.status.success(), "{}{}", text(&tests.stdout), text(&tests.stderr));
}
