//! Price signers from a feed's file to the verdict of an audit.

use super::{SAMPLE, done, json, refused, run, text};
use std::path::Path;
use zkmargin::record::genesis::{GenesisFile, KeyHex};
use zkmargin::wire::decimal::Decimal;
use zkmargin::wire::event::{Listing, Risk};
use zkmargin_circuits::params::{POSITION_VALUE_BITS, PRICE_BITS};
use zkmargin_circuits::state::Market;

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
    let word = "the directory's: that each tick's price is the lower median of what a quorum of 3 registered price signers signed, \
                and each hour's funding rate follows from their premiums";
    assert!(said.contains(word) && !said.contains("rates that he asked for"), "{said}");

    let lists = [list(folder, 0, "3000"), list(folder, 1, "3001.5"), list(folder, 2, "3002")];
    let check = ["oracle", "check", "--genesis", "run/genesis.json", &lists[0], &lists[1]];
    let all = [&check[..], &[lists[2].as_str()]].concat();
    let checked = json(folder, &all);
    assert_eq!(
        (&checked["markets"][0]["stated"], &checked["lists"][2]["fault"]),
        (&3.into(), &serde_json::Value::Null)
    );
    assert!(done(folder, &all).contains("3001.5"));
    // Premiums: of each signer, or of none.
    std::fs::write(folder.join("premiums"), "{\"market\": 1, \"premium\": \"0.0000125\"}\n").unwrap();
    let premiums = ["0", "1", "2"].map(|number| {
        let sign = ["oracle", "sign", "--seed", "1", "--number", number, "--epoch", &epoch(folder)];
        let feed = ["--premiums", "premiums", "--genesis", "run/genesis.json"];
        let name = format!("{number}-premiums.json");
        std::fs::write(folder.join(&name), done(folder, &[&sign[..], &feed].concat())).unwrap();
        name
    });
    let both = [&all[..], &premiums.each_ref().map(String::as_str)].concat();
    let checked = json(folder, &both);
    assert_eq!(
        (&checked["markets"][0]["premiums"], &checked["markets"][0]["premium"]),
        (&3.into(), &12_500.into())
    );
    assert!(done(folder, &both).contains("0.000012500"));
    let alone = refused(folder, &both[..both.len() - 1]);
    assert!(alone.starts_with("price signer 2 has a list of prices or of premiums, not both"), "{alone}");
    // Two of three are no quorum; a list twice is none of another signer.
    let few = "too few signers for market 1: 2 of 3 state a price, a quorum is 3";
    assert_eq!(refused(folder, &check), few);
    let twice = [&all[..], &[lists[0].as_str()]].concat();
    assert_eq!(refused(folder, &twice), format!("{}: signer 0 has such a list already", lists[0]));
    let other = [&all[..], &["--chain-id", "5"]].concat();
    assert_eq!(refused(folder, &other), "none of 3 lists is good");
    // Another key is not registered.
    let sign = ["oracle", "sign", "--seed", "2", "--number", "0", "--epoch", "5", "--prices", "prices"];
    let said = refused(folder, &[&sign[..], &["--genesis", "run/genesis.json"]].concat());
    assert_eq!(said, "run/genesis.json: the key is not that of price signer 0 of 3");
}

/// A genesis of 511 markets with the units and the signers of `testvectors/price-lists.json`.
fn genesis_of(vectors: &serde_json::Value) -> GenesisFile {
    let signed: GenesisFile =
        serde_json::from_str(include_str!("../../../testvectors/reference/signed-genesis.json")).unwrap();
    let first = *signed.state().unwrap().market(1).unwrap();
    let units = vectors["units"].as_array().unwrap();
    let unit = |id: u16| {
        let market = id.to_string();
        let of = units.iter().find(|unit| unit["market"] == market);
        of.unwrap_or(&units[0])
    };
    let listing = |id| Listing {
        name: format!("M{id}"),
        price_decimals: 0,
        size_decimals: unit(id)["size_decimals"].as_i64().unwrap() as i32,
        first_price: Decimal::parse("1", "price").unwrap(),
        risk: Risk::TAPE,
        tiers: Vec::new(),
    };
    // The largest price that there is.
    let market = |id| Market {
        max_price: (1 << PRICE_BITS) - 1,
        max_size: (1 << (POSITION_VALUE_BITS - PRICE_BITS)) - 1,
        lot: unit(id)["lot"].as_str().unwrap().parse().unwrap(),
        ..first
    };
    let key = |signer: &serde_json::Value| {
        let of = |name: &str| signer[name].as_str().unwrap().to_owned();
        KeyHex { x: of("x"), y: of("y") }.key(["x", "y"]).unwrap()
    };
    let signers: Vec<_> = vectors["signers"].as_array().unwrap().iter().map(key).collect();
    let listings: Vec<_> = (1..512).map(listing).collect();
    let markets = (1..512).map(|id| (id, market(id))).collect();
    GenesisFile::new(1_000, 6, signers[0], &signers, &listings, &markets).unwrap()
}

/// What JavaScript signs is what `sign` prints, byte for byte, and what `check` takes.
#[test]
fn lists_that_javascript_signed_are_the_programs_own() {
    let vectors = include_str!("../../../testvectors/price-lists.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("genesis.json", &serde_json::to_string(&genesis_of(&vectors)).unwrap());

    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let lists = vectors["lists"].as_array().unwrap();
    let premiums = vectors["premium_lists"].as_array().unwrap();
    let kinds =
        lists.iter().map(|list| (list, "--prices")).chain(premiums.iter().map(|list| (list, "--premiums")));
    for (list, kind) in kinds {
        let (number, line) = (text(&list["signer"]), text(&list["line"]) + "\n");
        let seed = &vectors["signers"][number.parse::<usize>().unwrap()]["seed"];
        let feed: Vec<_> = list["feed"].as_array().unwrap().iter().map(text).collect();
        write("signer.hex", &text(seed));
        write("feed", &feed.join("\n"));
        let (chain, contract, epoch) =
            (text(&list["chain_id"]), text(&list["contract"]), text(&list["epoch"]));
        let of = ["--number", &number, "--epoch", &epoch, "--chain-id", &chain, "--contract", &contract];
        let sign = ["oracle", "sign", "--key", "signer.hex", kind, "feed", "--genesis", "genesis.json"];
        assert_eq!(done(folder, &[&sign[..], &of].concat()), line);
        if kind == "--prices" {
            write(&format!("{number}.json"), &line);
        }
    }

    let files: Vec<_> = (0..7).map(|number| format!("{number}.json")).collect();
    let (chain, contract) = (text(&lists[0]["chain_id"]), text(&lists[0]["contract"]));
    let check =
        ["oracle", "check", "--genesis", "genesis.json", "--chain-id", &chain, "--contract", &contract];
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let checked = json(folder, &[&check[..], &files].concat());
    let medians = checked["markets"].as_array().unwrap().iter();
    let medians: Vec<_> = medians.map(|of| (of["market"].to_string(), of["median"].to_string())).collect();
    let theirs = vectors["medians"].as_array().unwrap().iter();
    let theirs: Vec<_> = theirs.map(|of| (text(&of["market"]), text(&of["median"]))).collect();
    assert_eq!(medians, theirs);
}

/// Two price signers' lists of prices and of premiums, as the first tick of an hour needs them, the deposits of two users
/// and their trade at the signed price, in one proven batch.
#[test]
fn a_batch_with_signed_prices_is_proved_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let [shape, events] = ["signed.toml", "signed.ndjson"].map(|name| data.join(name).display().to_string());
    let prove = ["prove", "--events", &events, "--format", "ndjson", "--shape", &shape, "--signers", "2"];
    let report = json(folder, &[&prove[..], &["--batches", "1", "--no-replay", "--out", "run"]].concat());
    let rows = &report["replay"]["rows"];
    for (kind, largest) in [("signers", 2), ("quotes", 1), ("ticks", 1), ("actions", 6), ("fills", 1)] {
        assert_eq!(rows[kind]["largest"], largest, "{kind}: {rows}");
    }

    // Against a key and a circuit that are not the directory's.
    let keys = json(folder, &["keys", "--shape", &shape]);
    let key = Path::new(keys["proving_key"].as_str().unwrap()).with_extension("vk").display().to_string();
    let trusted = ["run", "--key", &key, "--genesis", "run/genesis.json"];
    let verified = done(folder, &["verify", "run", "--key", &key, "--shape", &shape]);
    assert!(verified.contains("the proof of batch 1 holds"), "{verified}");
    let audited = run(folder, &[&["audit"], &trusted[..]].concat());
    let said = text(&audited.stdout);
    assert_eq!(audited.status.code(), Some(0), "{said}{}", text(&audited.stderr));
    let proven = said.split("recomputed from the bytes").next().unwrap();
    let median = "of them: each tick's price is the lower median of what a quorum of 2 registered price signers signed";
    assert!(proven.contains(median), "{said}");

    // Another epoch than the signed one is not what was proved: its last bit is the 37th of the last element.
    let bytes = folder.join("run/batch-0001/bytes.bin");
    let mut forged = std::fs::read(&bytes).unwrap();
    let last = forged.len() - 1;
    forged[last - 36 / 8] ^= 1 << (36 % 8);
    std::fs::write(&bytes, forged).unwrap();
    let said = refused(folder, &["verify", "run", "--key", &key, "--shape", &shape]);
    assert!(said.contains("batch-0001"), "{said}");
}
