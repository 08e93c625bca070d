//! `docs/bad-input.md`: what bad input is told, with which exit code. The table is what the program says;
//! `UPDATE=1` writes it anew.

use super::{run, text};
use std::fmt::Write;
use std::path::Path;

/// Files that the rows name.
const FILES: [(&str, &str); 11] = [
    ("empty.csv", ""),
    ("words.csv", "time,kind,user,market,side,price,size,role,value\nnot,a,row\n"),
    ("junk.ndjson", "{\"this\": 1}\n"),
    (
        "market.ndjson",
        "{\"time\":\"2025-03-01T09:00:00Z\",\"event\":\"market\",\"market\":\"ETH\",\"price\":\"2500\",\"price_decimals\":2,\"size_decimals\":4,\"initial_margin\":40000,\"maintenance_margin\":20000}\n{\"time\":\"2025-03-01T09:00:00Z\",\"event\":\"deposit\",\"user\":\"u1\",\"amount\":\"5\"}\n",
    ),
    (
        "v3.csv",
        "market,status,stepSize,tickSize,minOrderSize,oraclePrice,initialMarginFraction,maintenanceMarginFraction,baselinePositionSize\nC-USD,ONLINE,0.1,0.01,1,40,0.03,0.0296,9000\n",
    ),
    (
        "tiers.csv",
        "symbol,tier,min_notional,max_notional,mmr,max_leverage\nX,1,0,5000,0.01,75\nX,2,5000,9e9,0.02,50\n",
    ),
    ("taken", "mine"),
    ("junk.vk", "junk"),
    (
        "flow.toml",
        "name = \"flow\"\nid = 7\nlimb_bits = 12\nsize = 3\n[capacities]\nnodes = 40\nmarkets = 1\n",
    ),
    ("run.incomplete/mine", ""),
    ("stopped/run.json", ""),
];

/// Shapes that are refused: the line that is wrong in them.
const SHAPES: [(&str, &str); 10] = [
    ("name.toml", "name = \"../up\""),
    ("unnamed.toml", "name = \"\""),
    ("id.toml", "id = 0"),
    ("limbs.toml", "limb_bits = 15"),
    ("narrow.toml", "limb_bits = 4"),
    ("markets.toml", "markets = 0"),
    ("nodes.toml", "nodes = 0"),
    ("fees.toml", "fees = 4"),
    ("withdrawals.toml", "withdrawals = 300"),
    ("accounts.toml", "cross_accounts = 5000"),
];

/// A heading, and command lines without the program's name.
const ROWS: [(&str, &[&str]); 8] = [
    (
        "Options",
        &[
            "prove --format ndjson",
            "replay --events flow.ndjson --format xml",
            "costs --threads 0",
            "costs --threads 9999",
            "costs --memory 0",
            "demo --batches 0",
            "demo --batches 1001",
            "demo --signers 9",
            "oracle sign --number 0 --epoch 5 --genesis none.json --prices -",
            "oracle sign --seed 1 --number 0 --epoch 5 --genesis none.json",
            "oracle sign --seed 1 --number 0 --epoch 5 --genesis none.json --prices a --premiums b",
            "oracle check --genesis none.json",
            "costs --progress loud",
            "sample --force",
            "export --json",
            "bench --peers ark",
        ],
    ),
    (
        "Addresses",
        &[
            "prove --events x --format dydx --contract 0x12",
            "prove --events x --format dydx --contract 0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        ],
    ),
    (
        "Shapes",
        &[
            "costs --shape huge",
            "costs --shape none.toml",
            "costs --shape flow.toml",
            "costs --shape name.toml",
            "costs --shape unnamed.toml",
            "costs --shape id.toml",
            "costs --shape limbs.toml",
            "costs --shape narrow.toml",
            "costs --shape markets.toml",
            "costs --shape nodes.toml",
            "costs --shape fees.toml",
            "costs --shape withdrawals.toml",
            "costs --shape accounts.toml",
        ],
    ),
    (
        "Files of events",
        &[
            "replay --events none.csv --format dydx",
            "replay --events empty.csv --format hyperliquid",
            "replay --events words.csv --format hyperliquid",
            "replay --events junk.ndjson --format ndjson",
            "replay --events market.ndjson --format ndjson --shape tiny --signers 4",
            "sample --traders 1",
            "sample --markets 9",
            "sample --fills 0",
        ],
    ),
    (
        "Files of a venue's parameters",
        &[
            "listings v3.csv",
            "listings --venue binance none.csv",
            "listings --venue binance v3.csv",
            "listings --venue binance tiers.csv --prices junk.ndjson",
            "listings --venue dydx-v3 v3.csv --out taken",
        ],
    ),
    (
        "Files that are written",
        &[
            "sample --out taken",
            "sample --out link --force",
            "sample --out folder --force",
            "sample --out none/flow.ndjson",
            "prove --events flow.ndjson --format ndjson --out folder",
            "prove --events flow.ndjson --format ndjson --out run",
            "bench --log2 8 --folded taken",
        ],
    ),
    (
        "Keys",
        &[
            "export --key none.vk",
            "export --key junk.vk",
            "keys --shape tiny --keys taken/keys",
            "verify none",
            "verify stopped",
            "verify folder --key junk.vk",
        ],
    ),
    ("Memory", &["keys --shape trade-256 --keys keys --memory 100", "bench --log2 20 --memory 100"]),
];

fn files(folder: &Path) {
    for (name, content) in FILES {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    std::fs::create_dir(folder.join("folder")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.join("link")).unwrap();
    let tiny = include_str!("../../../shapes/tiny.toml");
    for (file, line) in SHAPES {
        let field = line.split(' ').next().unwrap();
        let start = format!("{field} = ");
        let old = tiny.lines().find(|line| line.starts_with(&start));
        let text = match old {
            Some(old) => tiny.replacen(old, line, 1),
            None => format!("{tiny}{line}\n"),
        };
        std::fs::write(folder.join(file), text).unwrap();
    }
}

/// Exit code and message of a command; figures of the machine are replaced.
fn told(folder: &Path, line: &str) -> (i32, String) {
    let arguments: Vec<&str> = line.split_whitespace().chain(["--progress", "none"]).collect();
    let arguments = if line.contains("--progress") { line.split_whitespace().collect() } else { arguments };
    let output = run(folder, &arguments);
    let code = output.status.code().unwrap_or_else(|| panic!("'{line}' was ended by a signal"));
    let errors = text(&output.stderr);
    assert!(output.stdout.is_empty(), "'{line}' prints a result");
    let first = match code {
        1 => {
            assert_eq!(errors.lines().count(), 1, "'{line}': {errors}");
            errors.trim_end().strip_prefix("zkmargin: ").expect("the program's name").to_owned()
        }
        // Clap adds the usage and where to find help.
        2 if errors.starts_with("zkmargin: ") => {
            errors.trim_end().trim_start_matches("zkmargin: ").to_owned()
        }
        2 => {
            let lines = errors.lines().take_while(|line| !line.is_empty()).map(str::trim);
            lines.collect::<Vec<_>>().join(" ")
        }
        other => panic!("'{line}': exit code {other}: {errors}"),
    };
    let cores = std::thread::available_parallelism().unwrap();
    (code, first.replace(&format!("use {cores} cores; give 1 to {cores}"), "use N cores; give 1 to N"))
}

#[test]
fn the_table_of_bad_input_is_what_the_program_says() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let mut table = String::from(
        "# Bad input\n\nWhat the program says to bad input, and its exit code (`docs/exit-codes.md`). A test runs every line; \
         `UPDATE=1 cargo nextest run -p zkmargin bad_input` writes this file.\n",
    );
    for (heading, lines) in ROWS {
        write!(table, "\n## {heading}\n\n| command | exit code | message |\n|---|---|---|\n").unwrap();
        for line in lines {
            let (code, message) = told(folder.path(), line);
            let message = message.replace('|', "\\|");
            writeln!(table, "| `zkmargin {line}` | {code} | {message} |").unwrap();
        }
    }
    table.push_str("\n## The shapes\n\nEach is `shapes/tiny.toml` with one line changed or added:\n\n| file | line |\n|---|---|\n");
    for (file, line) in SHAPES {
        writeln!(table, "| `{file}` | `{line}` |").unwrap();
    }
    writeln!(table, "\n`flow.toml` has a line `size = 3`.").unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/bad-input.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, table, "run with UPDATE=1 and commit docs/bad-input.md");
}

/// No input of a whole kind may panic: every capacity of a shape at its ends, and every width of limbs.
#[test]
fn no_shape_panics() {
    let folder = tempfile::tempdir().unwrap();
    let tiny = include_str!("../../../shapes/tiny.toml");
    let fields = tiny.lines().filter_map(|line| line.split_once(" = ")).filter(|(name, _)| *name != "name");
    for (field, value) in fields {
        for other in ["0", "-1", "9223372036854775807", "9223372036854775808", "1e3", "\"x\"", "[]"] {
            let text = tiny.replacen(&format!("{field} = {value}"), &format!("{field} = {other}"), 1);
            std::fs::write(folder.path().join("shape.toml"), text).unwrap();
            let output = run(folder.path(), &["costs", "--shape", "shape.toml"]);
            let errors = super::text(&output.stderr);
            let code = output.status.code();
            assert!(
                code == Some(1) || other == "0" && code == Some(0),
                "{field} = {other}: {code:?} {errors}"
            );
            let named = errors.is_empty() || errors.starts_with("zkmargin: shape.toml: ");
            assert!(named && errors.lines().count() <= 1, "{field} = {other}: {errors}");
        }
    }
}
