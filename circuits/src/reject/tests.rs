use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use num_bigint::BigInt;

use super::*;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Ids of the checks in the spec's tables, with lists (`FILL-5, 6`) and ranges (`WDR-1 … 3`) written out.
pub(crate) fn spec_ids() -> BTreeSet<String> {
    let files = std::fs::read_dir(Path::new(ROOT).join("spec/src")).unwrap();
    let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    texts.flat_map(|text| text.lines().flat_map(ids).collect::<Vec<_>>()).collect()
}

/// Ids in the first cell of a table's line.
fn ids(line: &str) -> Vec<String> {
    let Some(cell) = line.strip_prefix("| ").and_then(|line| line.split(" | ").next()) else { return vec![] };
    let Some((family, numbers)) = cell.trim_end_matches('*').split_once('-') else { return vec![] };
    if !family.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return vec![];
    }
    let number = |text: &str| text.trim().parse::<u32>().ok();
    let numbers = match numbers.split_once('…') {
        Some((first, last)) => number(first).zip(number(last)).map(|(a, b)| (a..=b).collect()),
        None => numbers.split(',').map(number).collect::<Option<Vec<u32>>>(),
    };
    numbers.unwrap_or_default().iter().map(|number| format!("{family}-{number}")).collect()
}

/// The law's own files.
fn rules() -> Vec<PathBuf> {
    let list = |folder: &str| std::fs::read_dir(Path::new(ROOT).join(folder)).unwrap();
    let ops = list("src/ops").map(|entry| entry.unwrap().path().join("native.rs"));
    let law = list("src/margin/native").map(|entry| entry.unwrap().path());
    ops.filter(|path| path.exists()).chain(law).collect()
}

#[test]
fn every_id_of_a_rule_is_in_the_spec() {
    let (known, mut named) = (spec_ids(), 0);
    assert!(["FILL-5", "FILL-6", "WDR-2", "SIG-14"].iter().all(|id| known.contains(*id)), "{known:?}");
    let missing: Vec<_> = [Path::new(ROOT).join("src/reject/refusal.rs")]
        .into_iter()
        .chain(rules())
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let is_id =
                |word: &&str| word.contains('-') && word.starts_with(|c: char| c.is_ascii_uppercase());
            text.split('"').skip(1).step_by(2).filter(is_id).map(str::to_owned).collect::<Vec<_>>()
        })
        .inspect(|_| named += 1)
        .filter(|id| !known.contains(id))
        .collect();
    assert!(missing.is_empty() && named > 70, "{named} {missing:?}");
}

#[test]
fn a_check_is_decided_by_its_sides() {
    let at = |left: i64, right: i64| {
        let (id, reason, unit) = ("X", Reject::ZeroLots, Unit::Lots);
        [
            Check::at_least(id, reason, left, right, unit),
            Check::at_most(id, reason, left, right, unit),
            Check::greater(id, reason, left, right, unit),
            Check::less(id, reason, left, right, unit),
            Check::equal(id, reason, left, right, unit),
            Check::not_equal(id, reason, left, right, unit),
        ]
    };
    let verdicts = |left, right| at(left, right).map(|check| check.require().is_ok());
    assert_eq!(verdicts(-1, 2), [false, true, false, true, false, true]);
    assert_eq!(verdicts(2, 2), [true, true, false, false, true, false]);
    assert_eq!(verdicts(2, -1), [true, false, true, false, false, true]);
    for relation in [Relation::AtLeast, Relation::AtMost, Relation::Less, Relation::Equal] {
        assert_eq!(relation.mirrored_if(false), relation);
        for (left, right) in [(-1, 2), (2, 2), (2, -1)] {
            let (left, right) = (Quantity::from(left), Quantity::from(right));
            assert_eq!(relation.mirrored_if(true).holds(&left, &right), relation.holds(&right, &left));
        }
    }
    for check in [at(-1, 2), at(2, 2), at(2, -1)].into_iter().flatten() {
        if let Err(refusal) = check.require() {
            assert!(refusal.has_sides() && !refusal.contradicts_itself(), "{refusal}");
        }
    }
}

#[test]
fn a_range_states_the_bound_that_is_passed() {
    let said = |value: i64| {
        let check = Check::within("X-1", Reject::AmountRange, value, 1..10, Unit::QuoteQuanta);
        check.require().err().map(|refusal| refusal.to_string())
    };
    let text = |sides: &str| Some(format!("{}: X-1 wants {sides}", Reject::AmountRange));
    assert_eq!(said(0), text("0 quote quanta ≥ 1 quote quanta"));
    assert_eq!((said(1), said(9)), (None, None));
    assert_eq!(said(10), text("10 quote quanta < 10 quote quanta"));
}

#[test]
fn quantities_compare_across_128_bits() {
    let wide = |shift: u32| Quantity::from(BigInt::from(1) << shift);
    let below = |shift: u32| Quantity::from(-(BigInt::from(1) << shift));
    assert!(matches!((wide(126), below(127)), (Quantity::Small(_), Quantity::Small(_))));
    assert!(matches!((wide(127), below(128)), (Quantity::Wide(_), Quantity::Wide(_))));
    let sorted = [below(200), below(128), i128::MIN.into(), 0.into(), i128::MAX.into(), wide(127), wide(200)];
    assert!(sorted.is_sorted_by(|a, b| a < b));
    assert_eq!(Quantity::from(u128::MAX), Quantity::from((BigInt::from(1) << 128) - 1));
    assert_eq!(Quantity::Wide(Box::new(7.into())), Quantity::from(7));
}

#[test]
fn without_sides_only_reason_and_check_are_said() {
    let refusal = Refusal::plain(Reject::BadSignature, "SIG-14");
    assert!(!refusal.has_sides() && !refusal.contradicts_itself());
    assert_eq!(refusal.to_string(), "signature does not verify: SIG-14");
    assert_eq!(Check::that("X", Reject::BadFlags, true).require(), Ok(()));
}

#[test]
fn a_name_stands_with_its_sentence_and_code() {
    let described = Reject::BelowInitialMargin.described();
    assert_eq!(described, "below the initial margin with a growing position (BelowInitialMargin, 100)");
}
