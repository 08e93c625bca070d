//! A day of hourly rates through batches with signed premiums, recomputed by `testvectors/reference/funding_day.py`.

use super::text;
use std::path::Path;
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_zkmargin");

/// Made-up rates of two markets for each hour of 2 January 1970, some rows late, of both signs.
fn rates(hours: u64) -> String {
    let row = |hour: u64| {
        let (time, odd) = (86_400 + 3_600 * hour + 29 * (hour % 3), hour * hour % 17);
        let sign = if hour.is_multiple_of(4) { "-" } else { "" };
        format!("{time},A,{sign}0.000{odd:02}1234567\n{time},B,0.0000125\n")
    };
    let rows: String = (0..hours).map(row).collect();
    format!("t,market,rate\n{rows}")
}

fn script() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testvectors/reference/funding_day.py");
    std::fs::read_to_string(path).unwrap()
}

/// Runs a script on rates.
fn run(script: &str, rates: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("day.py"), script).unwrap();
    std::fs::write(folder.path().join("rates.csv"), rates).unwrap();
    let mut python = Command::new("python3");
    python.current_dir(folder.path());
    python.args(["day.py", "rates.csv", "1970-01-02", "A,B", "--program", PROGRAM]).output().unwrap()
}

#[test]
fn a_day_of_signed_rates_is_exact() {
    let output = run(&script(), &rates(24));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.starts_with("A: ") && said.matches(": exact\n").count() == 2, "{said}");
    // The check can fail: another rounding, another scale, another hour.
    for (line, fault, found) in [
        ("+= owed // RATE_SCALE", "+= -(-owed // RATE_SCALE)", "index"),
        ("* 2**16 * (until", "* 2**15 * (until", "index"),
        ("min(hour, 23)", "min(hour + 1, 23)", "rate"),
        ("- side * paid) // INDEX_SCALE", "- side * paid) // INDEX_SCALE + 1", "collateral"),
    ] {
        let script = script();
        assert_eq!(script.matches(line).count(), 1, "{line}");
        let output = run(&script.replace(line, fault), &rates(24));
        let said = text(&output.stderr);
        assert!(output.status.code() == Some(1) && said.contains(found), "{fault}: {said}");
    }
}

#[test]
fn a_day_without_an_hour_is_said() {
    let output = run(&script(), &rates(23));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "rates.csv has no rate for A 23:00, B 23:00\n");
}
