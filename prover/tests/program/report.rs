//! The report of `audit --html`: its data are the run's, no text breaks out, no file is lost.

use super::{done, refused, run, text};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A folder with `run`, a replay of a small tape in which the first market has this name.
fn replayed(name: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    done(folder.path(), &["sample", "--fills", "60", "--traders", "4", "--out", "sampled.ndjson"]);
    let flow = std::fs::read_to_string(folder.path().join("sampled.ndjson")).unwrap();
    let flow = flow.replace("\"ETH\"", &Value::from(name).to_string());
    std::fs::write(folder.path().join("flow.ndjson"), flow).unwrap();
    let replay = [
        "replay",
        "--unsigned",
        "--events",
        "flow.ndjson",
        "--format",
        "ndjson",
        "--shape",
        "demo",
        "--out",
        "run",
    ];
    done(folder.path(), &replay);
    folder
}

/// Output of an audit that found no fault; the run has no proofs, so its exit code is 3.
fn audited(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, &[&["audit", "run"], arguments].concat());
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn page(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("report.html")).unwrap()
}

/// A block of the page's data.
fn block(page: &str, name: &str) -> Value {
    let (_, rest) = page.split_once(&format!("id=\"data-{name}\">")).unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

fn column(block: &Value, name: &str) -> Vec<Value> {
    block[name].as_array().unwrap().clone()
}

#[test]
fn the_data_of_the_page_are_those_of_the_run() {
    let folder = replayed("ETH");
    let folder = folder.path();
    let arguments =
        ["--html", "report.html", "--json", "--events", "deposits,withdrawals,transfers,ticks,liquidations"];
    let verdict: Value = serde_json::from_str(&audited(folder, &arguments)).unwrap();
    let page = page(folder);

    let batches = block(&page, "batches");
    assert_eq!(column(&batches, "number").len() as u64, verdict["applied"].as_u64().unwrap());
    assert_eq!(column(&batches, "root").last(), Some(&verdict["root"]));
    let bytes: u64 = column(&batches, "bytes").iter().filter_map(Value::as_u64).sum();
    assert_eq!(Value::from(bytes), verdict["bytes"]);
    for kind in ["deposits", "withdrawals", "transfers", "ticks", "liquidations", "accounts", "orders"] {
        let sum: u64 = column(&batches, kind).iter().filter_map(Value::as_u64).sum();
        assert_eq!(Value::from(sum), verdict["events"][kind], "{kind}");
    }
    let shown = verdict["events_shown"].as_array().unwrap();
    let numbers: Vec<Value> = shown.iter().map(|event| event["event"].clone()).collect();
    assert_eq!(column(&block(&page, "events"), "event"), numbers);
    let accounts: Vec<Value> = shown.iter().map(|event| event["account"].clone()).collect();
    assert_eq!(column(&block(&page, "events"), "account"), accounts);
    assert_eq!(Value::from(column(&block(&page, "accounts"), "id").len()), verdict["accounts"]);
    let rows = block(&page, "liquidations");
    assert_eq!(Value::from(column(&rows, "account").len()), verdict["events"]["liquidations"]);
    assert_eq!(column(&block(&page, "law"), "lines").len(), column(&rows, "account").len());
    let sections = block(&page, "run")["sections"].to_string();
    for word in verdict["words"].as_array().unwrap() {
        assert!(sections.contains(word.as_str().unwrap()), "{word}");
    }
}

#[test]
fn a_market_cannot_break_out_of_the_page() {
    let name = "</script><img/src=x/onerror=alert(1)>";
    let folder = replayed(name);
    audited(folder.path(), &["--html", "report.html"]);
    let page = page(folder.path());
    assert!(!page.contains("<img"));
    assert_eq!(block(&page, "markets")["1"]["name"], name);
}

#[test]
fn names_stand_in_the_page_and_with_the_account() {
    let folder = replayed("ETH");
    let folder = folder.path();
    std::fs::write(folder.join("names.json"), "{\"1\": \"fee <b>box</b>\"}").unwrap();
    let shown = audited(folder, &["--html", "report.html", "--names", "names.json", "--account", "1"]);
    assert!(shown.contains("account 1 (fee <b>box</b>), cross"), "{shown}");
    assert_eq!(block(&page(folder), "accounts")["names"]["1"], "fee <b>box</b>");
    std::fs::write(folder.join("names.json"), "{\n\"one\": \"a\"}").unwrap();
    let output = run(folder, &["audit", "run", "--names", "names.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("names.json, line 2: \"one\" is no number of an account"));
}

#[test]
fn a_file_that_is_there_stays_without_force() {
    let folder = replayed("ETH");
    let folder = folder.path();
    std::fs::write(folder.join("report.html"), "mine").unwrap();
    let line = refused(folder, &["audit", "run", "--html", "report.html"]);
    assert_eq!(line, "report.html: is there already; give another name, or --force to replace it");
    assert_eq!(page(folder), "mine");
    audited(folder, &["--html", "report.html", "--force"]);
    assert!(page(folder).starts_with("<!doctype html>"));
}

#[test]
fn a_run_with_a_fault_has_no_report() {
    let folder = replayed("ETH");
    let folder = folder.path();
    let path = folder.join("run/batch-0002/bytes.bin");
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    refused(folder, &["audit", "run", "--html", "report.html"]);
    assert!(!folder.join("report.html").exists());
}

/// In headless Chromium: no request, no error, every chart and table, the search, both themes, print.
#[test]
fn the_page_opens_in_a_browser() {
    let folder = replayed("ETH");
    audited(folder.path(), &["--html", "report.html"]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/report/check.mjs");
    let check = Command::new("node")
        .arg(script)
        .args([folder.path().join("report.html"), folder.path().join("screenshots")])
        .output()
        .expect("node");
    assert!(check.status.success(), "{}{}", text(&check.stdout), text(&check.stderr));
}
