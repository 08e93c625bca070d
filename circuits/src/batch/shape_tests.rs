use super::*;
use crate::batch::compile::compile;

/// The text of `tiny` with one line in the place of another.
fn changed(old: &str, new: &str) -> String {
    let tiny = include_str!("../../../shapes/tiny.toml");
    assert!(tiny.contains(old), "{old}");
    tiny.replacen(old, new, 1)
}

fn refusal(text: &str) -> String {
    Shape::parse(text).expect_err(text).to_string()
}

/// What a file says wrongly, and what it is told.
#[test]
fn every_wrong_field_is_refused_by_name_with_what_is_allowed() {
    let name = "give 1 to 32 letters, digits, '-' or '_', a letter or digit first";
    let limbs = "give 8 to 14, or 16";
    let long = "x".repeat(33);
    let rows = "give 0 to 1048574";
    let cases: [(&str, &str, String); 28] = [
        ("name = \"tiny\"", "name = \"\"", format!("name = '': {name}")),
        ("name = \"tiny\"", "name = \"../up\"", format!("name = '../up': {name}")),
        ("name = \"tiny\"", "name = \"a/b\"", format!("name = 'a/b': {name}")),
        ("name = \"tiny\"", "name = \"-x\"", format!("name = '-x': {name}")),
        ("name = \"tiny\"", "name = \"a b\"", format!("name = 'a b': {name}")),
        ("name = \"tiny\"", &format!("name = \"{long}\""), format!("name = '{long}': {name}")),
        ("name = \"tiny\"", "", "line 1: missing field `name`".to_owned()),
        ("id = 1", "id = 0", "id = 0: give 1 to 4294967295".to_owned()),
        ("id = 1", "id = -1", "id = -1: give 1 to 4294967295".to_owned()),
        ("id = 1", "id = 4294967296", "id = 4294967296: give 1 to 4294967295".to_owned()),
        ("id = 1", "id = \"1\"", "line 3: invalid type: string \"1\", expected a whole number".to_owned()),
        ("id = 1", "id = 1\nfoo = 2", "line 4: unknown field `foo`, expected one of".to_owned()),
        ("limb_bits = 9", "limb_bits = 7", format!("limb_bits = 7: {limbs}")),
        ("limb_bits = 9", "limb_bits = 15", format!("limb_bits = 15: {limbs}")),
        ("limb_bits = 9", "limb_bits = 17", format!("limb_bits = 17: {limbs}")),
        ("limb_bits = 9", "limb_bits = -9", format!("limb_bits = -9: {limbs}")),
        ("fills = 2", "fees = 2", "capacity 'fees' is unknown: known are nodes, ".to_owned()),
        ("fills = 2", "fills = 2\nfills = 2", "line 18: duplicate key".to_owned()),
        ("fills = 2", "fills = -2", format!("fills = -2: {rows}")),
        ("fills = 2", "fills = 1048575", format!("fills = 1048575: {rows}")),
        ("fills = 2", "fills = 1048574", "rows of ops = ".to_owned()),
        ("nodes = 36", "nodes = 0", "nodes = 0: give 1 to 1048574".to_owned()),
        ("nodes = 36", "", "nodes = 0: give 1 to 1048574".to_owned()),
        ("markets = 1", "markets = 0", "markets = 0: give 1 to 511".to_owned()),
        ("markets = 1", "markets = 512", "markets = 512: give 1 to 511".to_owned()),
        ("withdrawals = 1", "withdrawals = 257", "withdrawals = 257: give 0 to 256".to_owned()),
        ("actions = 4", "actions = 4097", "actions = 4097: give 0 to 4096".to_owned()),
        ("deposits = 2", "deposits = 65536", "deposits = 65536: give 0 to 65535".to_owned()),
    ];
    for (old, new, says) in cases {
        let text = refusal(&changed(old, new));
        assert!(text.starts_with(&says), "{new}: '{text}' does not begin with '{says}'");
    }
}

#[test]
fn the_largest_values_pass() {
    for (old, new) in [
        ("withdrawals = 1", "withdrawals = 256"),
        ("actions = 4", "actions = 4096"),
        ("id = 1", "id = 4294967295"),
        ("markets = 1", "markets = 511"),
        ("nodes = 36", "nodes = 1048574"),
        ("cross_accounts = 3", "cross_accounts = 4093"),
    ] {
        Shape::parse(&changed(old, new)).unwrap_or_else(|error| panic!("{new}: {error}"));
    }
    let accounts = refusal(&changed("cross_accounts = 3", "cross_accounts = 4094"));
    assert!(accounts.starts_with("cross_accounts + isolated_accounts + "), "{accounts}");
    assert!(accounts.ends_with("= 4097: give 4096 or fewer"), "{accounts}");
}

#[test]
fn refuses_lists_that_header_element_2_cannot_name() {
    let tiny = Shape::named("tiny").unwrap();
    // All but what the positions take, and one element more.
    let rest = 65_535 - (tiny.element_count() - tiny.capacities["positions"]);
    assert!(Shape::parse(&changed("positions = 4", &format!("positions = {rest}"))).is_ok());
    let text = refusal(&changed("positions = 4", &format!("positions = {}", rest + 1)));
    assert_eq!(text, "published elements = 65536: give 65535 or fewer");
    // Sums saturate.
    let mut endless = tiny;
    endless.capacities["positions"] = usize::MAX;
    endless.capacities["orders"] = usize::MAX;
    let sum = ShapeError::Sum { what: "published elements", value: usize::MAX, most: 65_535 };
    assert_eq!(endless.check_sums(), Err(sum));
}

/// The list of widths is the circuit's own: rows of every kind can be synthesised at these and at no other.
#[test]
fn limbs_have_the_widths_at_which_every_row_can_be_synthesised() {
    let mut shape = Shape::named("tiny").unwrap();
    for limb_bits in 8..=16 {
        shape.limb_bits = limb_bits;
        let compiled = std::panic::catch_unwind(|| compile(&shape)).is_ok();
        assert_eq!(compiled, LIMB_BITS.contains(&limb_bits), "{limb_bits}");
    }
}
