//! What is said at the bounds, op by op: check, sides and unit.

use super::{Change, Fields, all};

/// Op, change, and what its refusal says after the reason.
const SAID: &[(&str, Change, &str)] = &[
    ("tick", &[("rate", -1_000_001)], "MKT-7 wants 1000001 (10^-9 per hour) ≤ 1000000 (10^-9 per hour)"),
    ("tick", &[("price", 0)], "MKT-6 wants 0 (price, 32.32) ≥ 1 (price, 32.32)"),
    ("deposit", &[("amount", 0)], "DEP-2 wants 0 quote quanta ≥ 1 quote quanta"),
    ("deposit", &[("account.orders_from", 7)], "DEP-3 wants 7 (id) = 0 (id)"),
    ("deposit", &[("account.mode", 1)], "DEP-4 wants 0 (id) = 1 (id)"),
    (
        "deposit",
        &[("collateral", (1 << 63) - 7)],
        "DEP-2 wants 9223372036854775808 quote quanta < 9223372036854775808 quote quanta",
    ),
    ("action", &[("nonce", 10)], "ACT-2 wants 10 (nonce) > 10 (nonce)"),
    ("action", &[("nonce", 11 + (1 << 20))], "ACT-2 wants 1048587 (nonce) ≤ 1048586 (nonce)"),
    ("action", &[("strict", 1), ("nonce", 12)], "ACT-3 wants 12 (nonce) = 11 (nonce)"),
    ("action", &[("orders", 0)], "ACT-4 wants 0 (count) ≥ 1 (count)"),
    ("action", &[("signer", 2)], "SIG-14"),
    ("place", &[("lots", 9)], "PLC-5 wants 9 lots ≥ 10 lots"),
    ("place", &[("lots", 0), ("reduce_only", 1)], "PLC-5 wants 0 lots ≥ 1 lots"),
    ("place", &[("expiry", 999)], "PLC-6 wants 999 s ≥ 1000 s"),
    ("cancel", &[("signer", 601)], "CAN-1 wants 601 (id) = 600 (id)"),
    ("cancel", &[("fill_or_kill", 1), ("left", 49)], "CAN-4 wants 49 lots = 50 lots"),
    ("withdraw", &[("amount", 10)], "WDR-2 wants -1 quote quanta ≥ 0 quote quanta"),
    (
        "withdraw",
        &[("value", -4 * (1 << 32) - 1)],
        "WDR-2 wants -1000000 (requirement, scale U·M) ≥ 0 (requirement, scale U·M)",
    ),
    ("transfer", &[("amount", 10)], "TRF-2 wants -1 quote quanta ≥ 0 quote quanta"),
    (
        "transfer",
        &[("to.collateral", (1 << 63) - 5)],
        "TRF-2 wants 9223372036854775808 quote quanta < 9223372036854775808 quote quanta",
    ),
    ("set_leverage", &[("limit", 1_000_001)], "LEV-3 wants 1000001 ppm ≤ 1000000 ppm"),
    ("set_leverage", &[("set_before", 1)], "LEV-4 wants 1 (count) = 0 (count)"),
    ("set_mode", &[("account", 599)], "SMODE-2 wants 599 (id) ≥ 600 (id)"),
    ("set_mode", &[("mode", 0)], "MODE-2 wants 2 (count) = 1 (count)"),
    ("set_mode", &[("account.used_slots", 1)], "MODE-4 wants 1 (count) = 0 (count)"),
    ("change_key", &[("off_curve", 1)], "CURVE-1"),
    ("change_key", &[("set_before", 1)], "CKEY-4 wants 1 (count) = 0 (count)"),
    (
        "collect_fees",
        &[("collateral", (1 << 63) - 8)],
        "FEE-1 wants 9223372036854775808 quote quanta < 9223372036854775808 quote quanta",
    ),
    ("configure", &[("max_size", 2_499)], "CFG-13 wants 4998 base quanta ≥ 5000 base quanta"),
    ("configure", &[("maintenance_fraction", 55_002)], "CFG-14 wants 50020 ppm ≤ 50010 ppm"),
    ("configure", &[("market.configured_at", 1_001)], "CFG-15 wants 87400 s ≥ 87401 s"),
    ("configure", &[("funding_cap", 776)], "CFG-12 wants 777 (10^-9 per hour) ≤ 776 (10^-9 per hour)"),
    ("configure", &[("status", 0)], "CFG-18 wants 5000 base quanta = 0 base quanta"),
    ("withdraw", &[("still", 1)], "TAKE-5 wants 1 (count) = 0 (count)"),
    ("fill", &[("market.still", 1)], "FILL-23 wants 100 base quanta ≤ 0 base quanta"),
    (
        "fill",
        &[("market.collar", 50), ("taker.limit", 106), ("maker.limit", 106)],
        "FILL-26 wants 60000 ppm ≤ 50000 ppm",
    ),
    ("fill", &[("market.open_notional_high", 9_999)], "FILL-24 wants 200 base quanta ≤ 199 base quanta"),
    ("fill", &[("taker.left", 99)], "FILL-5 wants 100 lots ≤ 99 lots"),
    ("fill", &[("maker.left", 99)], "FILL-6 wants 100 lots ≤ 99 lots"),
    ("fill", &[("taker.limit", 99)], "FILL-9 wants 99 ticks ≥ 100 ticks"),
    (
        "fill",
        &[("taker.sells", 1), ("maker.sells", 0), ("taker.limit", 101)],
        "FILL-9 wants 101 ticks ≤ 100 ticks",
    ),
    ("fill", &[("taker.max_fee", 499)], "FILL-10 wants 500 ppm ≤ 499 ppm"),
    ("fill", &[("maker.max_fee", 199)], "FILL-11 wants 200 ppm ≤ 199 ppm"),
    ("fill", &[("market.max_size", 99)], "TRADE-3 wants 100 base quanta ≤ 99 base quanta"),
    (
        "fill",
        &[("taker.reduce_only", 1), ("taker.size", -99)],
        "FILL-13 wants 100 base quanta ≤ 99 base quanta",
    ),
    ("fill", &[("taker.expiry", 999)], "ORD-6 wants 999 s ≥ 1000 s"),
    // TV 1004 - 5 of fee against a tenth of 10000, times 2^32·10^6.
    (
        "fill",
        &[("taker.value", 1_004)],
        "LEGAL-4 wants 4290672328704000000 (requirement, scale U·M) ≥ 4294967296000000000 (requirement, scale U·M)",
    ),
    (
        "liquidate",
        &[("account.size", 398), ("account.value", 1_500)],
        "LIQ-3 wants 399 base quanta ≤ 398 base quanta",
    ),
    ("liquidate", &[("account.value", -1)], "LIQ-4 wants -4294967296 (value, scale U) ≥ 0 (value, scale U)"),
    (
        "liquidate",
        &[("account.value", 3_125), ("lots", 320), ("quote", 30_999)],
        "LIQ-9 wants 30999 quote quanta ≥ 31000 quote quanta",
    ),
    (
        "liquidate",
        &[("account.value", 3_125), ("account.size", -1_000), ("lots", 320), ("quote", 33_001)],
        "LIQ-9 wants 33001 quote quanta ≤ 33000 quote quanta",
    ),
    ("liquidate", &[("quote", 39_901)], "LIQ-10 wants 39901 quote quanta ≤ 39900 quote quanta"),
    (
        "liquidate",
        &[("order", 1), ("order.limit", 97)],
        "LIQ-7 wants 39102 quote quanta ≤ 38703 quote quanta",
    ),
    ("liquidate", &[("order", 1), ("order.left", 398)], "LIQ-6 wants 399 lots ≤ 398 lots"),
];

#[test]
fn refusals_say_check_sides_and_unit() {
    let vectors = all();
    let mut ops: Vec<&str> = vectors.iter().map(|vectors| vectors.op).collect();
    for (op, change, said) in SAID {
        let vectors = vectors.iter().find(|vectors| vectors.op == *op).unwrap();
        let before = Fields(vectors.before.iter().copied().collect());
        let refusal = (vectors.run)(&before.changed(change)).native.unwrap();
        assert_eq!(refusal.to_string(), format!("{}: {said}", refusal.reason), "{op} {change:?}");
        ops.retain(|other| other != op);
    }
    assert!(ops.is_empty(), "nothing of {ops:?}");
}
