//! Decimal numbers and times.

use super::super::clock;
use super::super::decimal::Decimal;

#[test]
fn decimals_are_exact() {
    let parse = |text| Decimal::parse(text, "x").unwrap();
    assert_eq!(parse("0.10").units(1), Some(1));
    assert_eq!(parse("0.10").decimals(), 1);
    assert_eq!(parse("1655.5").units(6), Some(1_655_500_000));
    assert_eq!(parse("1.25").units(1), None);
    assert_eq!(parse("-0.5").to_string(), "-0.5");
    assert_eq!(parse("-0.05").to_string(), "-0.05");
    assert_eq!(parse("100").to_string(), "100");
    for bad in ["", "-", ".", "1.", ".5", "+1", "1,5", " 1", "1e5", "NaN", "1.0000000000000000001"] {
        assert!(Decimal::parse(bad, "x").is_err(), "'{bad}'");
    }
}

#[test]
fn times_go_there_and_back() {
    for text in ["1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2023-12-31T12:00:01Z"] {
        assert_eq!(clock::format(clock::parse(text).unwrap()), text);
    }
    assert_eq!(clock::parse("2023-02-26T16:44:05Z"), Ok(1_677_429_845));
    for bad in
        ["2023-02-29T00:00:00Z", "2023-02-28T00:00:00.Z", "2023-02-28T00:00:00", "1969-12-31T23:59:59Z"]
    {
        assert!(clock::parse(bad).is_err(), "'{bad}'");
    }
    for bad in ["", "-1", "1.5", "+5", "2023-02-28T00:00:00Z[UTC]", "99999999999999999999", "now"] {
        assert!(clock::parse(bad).is_err(), "'{bad}'");
    }
}

#[test]
fn whole_numbers_say_their_unit_by_their_size() {
    let last_second = 99_999_999_999;
    let cases = [
        ("0", 0),
        ("1677429845", 1_677_429_845_000_000),
        ("1677429845123", 1_677_429_845_123_000),
        ("1677429845123456", 1_677_429_845_123_456),
        ("1677429845123456789", 1_677_429_845_123_456),
        ("99999999999", last_second * 1_000_000),
        ("100000000000", 100_000_000_000_000),
        ("99999999999999", last_second * 1_000_000 + 999_000),
        ("100000000000000", 100_000_000_000_000),
    ];
    for (text, micros) in cases {
        assert_eq!(clock::micros(text), Ok(micros), "{text}");
    }
}

#[test]
fn offsets_are_taken_off() {
    for text in ["2023-02-26T17:44:05+01:00", "2023-02-26T11:14:05-05:30", "2023-02-26 16:44:05.9z"] {
        assert_eq!(clock::parse(text), Ok(1_677_429_845), "{text}");
    }
}

#[test]
fn units_may_be_tens_and_thousands() {
    let parse = |text| Decimal::parse(text, "x").unwrap();
    assert_eq!(parse("12000").units(-3), Some(12));
    assert_eq!(parse("12500").units(-3), None);
    assert_eq!(parse("12000").fewest_decimals(), -3);
    assert_eq!(parse("0.120").fewest_decimals(), 2);
    assert_eq!(parse("-70").fewest_decimals(), -1);
    assert_eq!(parse("0").fewest_decimals(), 0);
    assert_eq!(Decimal::from_units(12, -3), Some(parse("12000")));
    assert_eq!(Decimal::from_units(i128::MAX, -1), None);
}
