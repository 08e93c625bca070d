//! The native law beside `testvectors/reference/law.py`, the same rules in Python integers, written from the documents.
//!
//! Each run compares 20,000 cases per rule; `ZKMARGIN_CASES=1000000` asks for more.

#[path = "python_reference/cases/mod.rs"]
mod cases;
#[path = "python_reference/draw.rs"]
mod draw;

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use cases::{Case, liquidation, margin, opening};
use draw::Draw;

const REFERENCE: &str = include_str!("../../testvectors/reference/law.py");

/// Cases of a rule in one run of Python.
const CHUNK: u64 = 20_000;

/// A rule of the reference, and where its cases come from.
struct Rule {
    name: &'static str,
    case: fn(&mut Draw) -> Case,
    /// Few operands: first the whole product of their boundary values.
    product: bool,
    /// Parts of answers that cases must reach.
    reached: &'static [&'static str],
}

const RULES: [Rule; 14] = [
    Rule {
        name: "funding",
        case: opening::funding,
        product: false,
        reached: &["\"arrears\":true", "\"arrears\":false", "\"remainder\":0,", "FundingIndexRange"],
    },
    Rule { name: "rate", case: opening::rate, product: false, reached: &["\"rate\":0}"] },
    Rule {
        name: "breaker",
        case: opening::breaker,
        product: false,
        reached: &["\"side\":1", "\"side\":-1", "\"side\":0", "\"still\":true", "\"still\":false"],
    },
    Rule {
        name: "interest",
        case: opening::interest,
        product: false,
        reached: &["\"imf\":1000000", "\"imf\":500000", "\"limit\":18446744073709551615"],
    },
    Rule {
        name: "median",
        case: opening::median,
        product: false,
        reached: &["\"median\":0", "\"median\":3"],
    },
    Rule {
        name: "settlement",
        case: opening::settlement,
        product: false,
        reached: &["\"dust\":0", "\"dust\":281474976710655", "CollateralRange"],
    },
    Rule { name: "requirements", case: margin::requirements, product: false, reached: &["\"initial\":0"] },
    Rule {
        name: "trade",
        case: margin::traded,
        product: false,
        reached: &[
            "\"size\":0",
            "\"increases\":true",
            "\"increases\":false",
            "PositionTooLarge",
            "EntryQuoteRange",
            "CollateralRange",
        ],
    },
    Rule { name: "fee", case: margin::fee, product: true, reached: &["\"carry\":0", "\"carry\":999999"] },
    Rule {
        name: "legal_change",
        case: margin::legal,
        product: false,
        reached: &["\"fee\":0", "BelowInitialMargin", "MaintenanceRises", "RatioFalls"],
    },
    Rule {
        name: "withdrawable",
        case: margin::cash,
        product: false,
        reached: &["\"most\":0", "null", "UnrealisedProfit", "BelowInitialMargin"],
    },
    Rule { name: "liquidation", case: liquidation::zero, product: false, reached: &["\"zero_quote\":0"] },
    Rule { name: "liquidation_fee", case: liquidation::penalty, product: true, reached: &["\"fee\":0"] },
    Rule {
        name: "not_over",
        case: liquidation::size,
        product: false,
        reached: &["\"legal\":true", "\"legal\":false"],
    },
];

impl Rule {
    /// Random operands that depend on nothing but the rule.
    fn draw(&self) -> Draw {
        Draw::new(self.name.bytes().fold(0, |seed, byte| seed * 31 % (1 << 32) + u64::from(byte)))
    }

    /// Cases `from..to`: of the product as far as it goes, then random ones.
    fn cases(&self, draw: &mut Draw, from: u64, to: u64) -> Vec<Case> {
        (from..to)
            .map(|number| {
                if self.product {
                    draw.begin_product(number);
                    let case = (self.case)(draw);
                    if draw.end_product() {
                        return case;
                    }
                }
                (self.case)(draw)
            })
            .collect()
    }
}

/// What a Python program answers to the cases, line by line.
fn answers(program: &str, rule: &str, cases: &[Case]) -> Vec<String> {
    let mut python = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("python3 does not start ({error}): install Python 3, for example with `apt-get install python3`")
        });
    let mut input = python.stdin.take().expect("piped");
    let mut lines = String::new();
    for Case { operands, .. } in cases {
        lines += &format!("{{\"rule\":\"{rule}\",{}\n", &operands[1..]);
    }
    // A program that stops early is noticed by what it answered.
    let writer = thread::spawn(move || drop(input.write_all(lines.as_bytes())));
    let output = python.wait_with_output().expect("python3 runs");
    writer.join().expect("cases are written");
    assert!(output.status.success(), "{rule}: law.py stopped with {}", output.status);
    let text = String::from_utf8(output.stdout).expect("JSON");
    text.lines().map(str::to_owned).collect()
}

/// The first case that both answer differently.
fn difference(rule: &str, cases: &[Case], answers: &[String]) -> Option<String> {
    assert_eq!(answers.len(), cases.len(), "{rule}: one answer per case");
    let differs = |(case, answer): &(&Case, &String)| case.answer != **answer;
    let (case, answer) = cases.iter().zip(answers).find(differs)?;
    Some(format!("{rule} {}\n native {}\n python {answer}", case.operands, case.answer))
}

/// Cases of each rule in this run.
fn count() -> u64 {
    std::env::var("ZKMARGIN_CASES").map_or(CHUNK, |count| count.parse().expect("ZKMARGIN_CASES is a number"))
}

/// Compares all cases of one rule.
fn compare(name: &str) {
    let total = count();
    let rule = RULES.iter().find(|rule| rule.name == name).expect("a rule of the list");
    let mut draw = rule.draw();
    let mut missing = rule.reached.to_vec();
    for from in (0..total).step_by(CHUNK as usize) {
        let cases = rule.cases(&mut draw, from, total.min(from + CHUNK));
        let found = difference(name, &cases, &answers(REFERENCE, name, &cases));
        assert!(found.is_none(), "{}", found.unwrap_or_default());
        missing.retain(|part| !cases.iter().any(|case| case.answer.contains(part)));
    }
    assert!(missing.is_empty(), "{name}: no case reaches {missing:?}");
}

#[test]
fn funding() {
    compare("funding");
}

#[test]
fn rate_of_an_hour() {
    compare("rate");
}

#[test]
fn breaker() {
    compare("breaker");
}

#[test]
fn fraction_and_limit_by_open_interest() {
    compare("interest");
}

#[test]
fn median() {
    compare("median");
}

#[test]
fn settlement() {
    compare("settlement");
}

#[test]
fn requirements() {
    compare("requirements");
}

#[test]
fn change_of_a_slot() {
    compare("trade");
}

#[test]
fn trading_fee_and_carry() {
    compare("fee");
}

#[test]
fn legal_change() {
    compare("legal_change");
}

#[test]
fn cash_that_leaves() {
    compare("withdrawable");
}

#[test]
fn zero_price_and_quotes() {
    compare("liquidation");
}

#[test]
fn liquidation_fee() {
    compare("liquidation_fee");
}

#[test]
fn size_of_a_liquidation() {
    compare("not_over");
}

/// Lines of the reference, each with a fault: a rounding, a bound, a sign, a clamp.
const FAULTS: [(&str, &str, &str); 54] = [
    ("funding", "since > c[\"interval\"]", "since >= c[\"interval\"]"),
    ("funding", "arrears = c[\"rate\"] != 0 and late", "arrears = late"),
    ("funding", "and not c[\"arrears\"] and not arrears", "and not arrears"),
    ("funding", "and not c[\"arrears\"] and not arrears", "and not c[\"arrears\"]"),
    ("funding", "c[\"index\"] + owed // RATE_SCALE", "c[\"index\"] + ceil_div(owed, RATE_SCALE)"),
    ("funding", "\"remainder\": owed % RATE_SCALE", "\"remainder\": 0"),
    ("funding", "c[\"paid_until\"] + c[\"interval\"] if arrears else", "c[\"time\"] if arrears else"),
    ("funding", "signed(index, 96)", "signed(index, 97)"),
    ("rate", "// 3600 <= c", "// 3600 < c"),
    ("rate", "clamp(c[\"interest\"] - average, -c[\"clamp\"], c[\"clamp\"])", "c[\"interest\"] - average"),
    ("rate", "clamp(r, -c[\"cap\"], c[\"cap\"])", "min(r, c[\"cap\"])"),
    (
        "rate",
        "0 if c[\"premium\"] is None else c[\"premium\"]",
        "c[\"interest\"] if c[\"premium\"] is None else c[\"premium\"]",
    ),
    ("breaker", "asked > price + reach", "asked >= price + reach"),
    ("breaker", "c[\"price\"] * c[\"band\"] // M", "ceil_div(c[\"price\"] * c[\"band\"], M)"),
    ("breaker", "max(side * end, side * confirms)", "side * end"),
    ("breaker", "max(side * end, side * confirms)", "side * confirms"),
    ("breaker", "side * min(side * asked, furthest)", "side * furthest"),
    ("breaker", "c[\"observed\"] - c[\"last_tick\"] <= 900", "c[\"observed\"] - c[\"last_tick\"] < 900"),
    ("breaker", "if price != asked:", "if side != 0:"),
    ("breaker", "c[\"time\"] < cut_at + 60", "c[\"time\"] <= cut_at + 60"),
    ("breaker", "c[\"time\"] - last_tick > c[\"still_age\"]", "c[\"time\"] - last_tick >= c[\"still_age\"]"),
    ("breaker", "c[\"status\"] != 1", "c[\"status\"] not in (1, 2)"),
    (
        "interest",
        "rise = ceil_div((M - c[\"imf\"]) * share, span)",
        "rise = (M - c[\"imf\"]) * share // span",
    ),
    ("interest", "grown = c[\"open_interest\"] + 2 *", "grown = c[\"open_interest\"] +"),
    ("interest", "c[\"upper\"] * 2 * U // c[\"price\"]", "ceil_div(c[\"upper\"] * 2 * U, c[\"price\"])"),
    ("median", "3 * n <= 2", "3 * n < 2"),
    (
        "median",
        "if 2 * sum(q <= p for q in stated) >= n and 2 * sum(q < p for q in stated) < n",
        "if 2 * sum(q >= p for q in stated) >= n and 2 * sum(q > p for q in stated) < n",
    ),
    ("settlement", "collateral = exact // INDEX_SCALE", "collateral = ceil_div(exact, INDEX_SCALE)"),
    ("settlement", "exact = c[\"collateral\"] * INDEX_SCALE -", "exact = c[\"collateral\"] * INDEX_SCALE +"),
    ("settlement", "signed(collateral, 64)", "signed(collateral, 65)"),
    ("requirements", "max(c[\"in_force\"], c[\"leverage_limit\"])", "c[\"in_force\"]"),
    ("requirements", "max(listed, notional * least)", "notional * least"),
    ("requirements", "if notional <= tier[0] * U:", "if notional < tier[0] * U:"),
    (
        "requirements",
        "offset += tier[0] * (tier[fraction] - slope)",
        "offset = tier[0] * (tier[fraction] - slope)",
    ),
    ("trade", "if after >= 0 else ceil_div(numerator, denominator)", ""),
    ("trade", "quote * abs(after), abs(change)", "quote * abs(after), abs(before)"),
    ("trade", "abs(after) > c[\"max_size\"]", "abs(after) >= c[\"max_size\"]"),
    ("trade", "entry >= 2**63", "entry >= 2**64"),
    ("fee", "owed = ceil_div(exact, M)", "owed = exact // M"),
    ("fee", "c[\"quote\"] - c[\"carry\"]", "c[\"quote\"]"),
    ("legal_change", ">= c[\"initial_after\"]", "> c[\"initial_after\"]"),
    ("legal_change", "mmr1 > mmr0", "mmr1 >= mmr0"),
    ("legal_change", "if room < 0:", "if room <= 0:"),
    ("legal_change", "min(c[\"fee\"], room // unit)", "min(c[\"fee\"], ceil_div(room, unit))"),
    ("withdrawable", "(M * value - initial) // (M * U)", "ceil_div(M * value - initial, M * U)"),
    ("withdrawable", "min(cash, (M", "min(cash + 1, (M"),
    (
        "liquidation",
        "discount = U * slope * c[\"value\"] // c[\"maintenance\"]",
        "discount = ceil_div(U * slope * c[\"value\"], c[\"maintenance\"])",
    ),
    ("liquidation", "2, c[\"rest\"] * c[\"price\"]", "2, 0"),
    ("liquidation", "s * (c[\"price\"] * discount // U)", "s * ceil_div(c[\"price\"] * discount, U)"),
    ("liquidation", "if size > 0 else amount * price_scaled // U", ""),
    ("liquidation_fee", "min(ceil_div(c[\"quote\"] * rate, M), room)", "min(c[\"quote\"] * rate // M, room)"),
    ("liquidation_fee", "min(c[\"rate\"], c[\"slope\"] // 6)", "min(c[\"rate\"], ceil_div(c[\"slope\"], 6))"),
    ("not_over", "loss * (x - step)) < x * left", "loss * (x - step)) <= x * left"),
    ("not_over", "c[\"held\"] - (x - step)", "c[\"held\"] - x"),
];

#[test]
fn each_fault_in_the_reference_is_noticed() {
    for rule in &RULES {
        let cases = rule.cases(&mut rule.draw(), 0, CHUNK / 4);
        let faults = FAULTS.iter().filter(|(name, ..)| *name == rule.name);
        assert!(faults.clone().next().is_some(), "{}: no fault", rule.name);
        for (_, line, fault) in faults {
            assert!(REFERENCE.contains(line), "{line}");
            let program = REFERENCE.replace(line, fault);
            let found = difference(rule.name, &cases, &answers(&program, rule.name, &cases));
            assert!(found.is_some(), "{}: nothing notices `{fault}` for `{line}`", rule.name);
        }
    }
}
