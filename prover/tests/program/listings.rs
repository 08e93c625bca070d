//! `listings` from a venue's file to markets of ours.

use super::{done, json, refused, run, text};

const ROWS: &str = "\
symbol,tier,min_notional,max_notional,mmr,max_leverage,maint_amount_cum
X/T:T,1,0,50000,0.004,125,0.0
X/T:T,2,50000,600000,0.005,100,50.0
Y/T:T,1,0,5000,0.01,75,0
";

#[test]
fn each_row_is_a_market_or_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("tiers.csv", ROWS);
    write("prices.ndjson", "{\"market\": \"X/T:T\", \"price\": \"62345.678\"}\n");
    let listings = ["listings", "--venue", "binance", "tiers.csv", "--prices", "prices.ndjson"];
    let report = json(folder, &[&listings[..], &["--out", "markets.json"]].concat());
    assert_eq!((&report["rows"], report["listed"].as_array().unwrap().len()), (&3.into(), 2), "{report}");
    assert_eq!(report["listed"][0]["price_milliquanta"], 6_234);
    let written: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("markets.json")).unwrap()).unwrap();
    assert_eq!((&written["format"], &written["quote_decimals"]), (&"zkmargin/listings/v1".into(), &6.into()));
    for (at, market) in written["markets"].as_array().unwrap().iter().enumerate() {
        // As genesis.json has it.
        let read: zkmargin::record::genesis::ListedMarket = serde_json::from_value(market.clone()).unwrap();
        assert_eq!((usize::from(read.id), &read.name), (at + 1, &["X/T:T", "Y/T:T"][at].to_owned()));
    }
    let shown = done(folder, &listings);
    for said in [
        "a price of 1 for 1 markets",
        "of liquidations 5000 ppm and at most a sixth of the maintenance margin",
        "columns without a use: maint_amount_cum",
        "tiers.csv: 3 rows, 0 not read; 2 markets listed, 0 not",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }

    // A row that cannot be read, a rule that is broken, a name twice: the others are written, and the exit code is 1.
    let more = "Z,1,0,5000,0.01,many,0\nV,1,0,5000,0.02,50,0\nX/T:T,1,0,5000,0.01,75,0\n";
    write("tiers.csv", &(ROWS.to_owned() + more));
    let flags = ["--liquidation-fee", "3000", "--taker-fee", "1000", "--force", "--out", "markets.json"];
    let all = [&listings[..], &flags[..]].concat();
    let said = refused(folder, &all);
    let expected = "tiers.csv:5: max_leverage 'many' is not a decimal number; write a plain decimal number such as 1655.5 \
                    (1 of 6 rows cannot be read)";
    assert_eq!(said, expected);
    let report = run(folder, &[&all[..], &["--json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&text(&report.stdout)).unwrap();
    let rules: Vec<_> =
        report["refused"].as_array().unwrap().iter().map(|of| (&of["line"], &of["rule"])).collect();
    assert_eq!(rules, [(&6.into(), &"fees_eat_margin".into()), (&7.into(), &"name".into())]);
    assert_eq!(
        (&report["refused"][0]["left"], &report["refused"][0]["right"]),
        (&"24000".into(), &"20000".into())
    );
    let row = &report["unreadable"][0];
    assert_eq!((&row["line"], &row["field"]), (&5.into(), &"max_leverage".into()));
    assert_eq!(report["listed"].as_array().unwrap().len(), 2);
}
