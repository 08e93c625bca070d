//! How near samples come to the bounds of what the native half compares.
//!
//! A comparison that both halves make is tested where they are most likely to differ: both sides equal, one unit
//! more, one unit less. A comparison that holds counts if the op is accepted, one that fails if it is what refuses.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;

use super::reject_vectors::{self, ON_THE_BUS};
use crate::ops::{
    action, cancel, change_key, collect_fees, configure, deposit, fill, liquidate, place, set_leverage,
    set_mode, transfer, withdraw,
};
use crate::reject::{Quantity, Refusal, Reject, Relation};

/// Check, how the left side must stand to the right one, and the reason if it does not.
pub type Name = (&'static str, Relation, Reject);

/// What a native half said: `None` if the other half was not asked.
pub type Said<'a> = Option<Result<(), &'a Refusal>>;

/// A comparison's sides.
struct Compared {
    name: Name,
    left: Quantity,
    right: Quantity,
}

impl Compared {
    fn difference(&self) -> BigInt {
        self.left.big() - self.right.big()
    }
}

thread_local! {
    static OPEN: RefCell<Option<Vec<Compared>>> = const { RefCell::new(None) };
    static LAST: RefCell<Vec<Compared>> = const { RefCell::new(Vec::new()) };
    static SEEN: RefCell<BTreeMap<(&'static str, String), BTreeSet<i8>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Rules tell what they compare.
pub fn compared(name: Name, left: &Quantity, right: &Quantity) {
    OPEN.with_borrow_mut(|open| {
        if let Some(all) = open {
            all.push(Compared { name, left: left.clone(), right: right.clone() });
        }
    });
}

/// Runs the native half on a sample that the other half gets too; its comparisons count.
pub fn counting<T>(native: impl FnOnce() -> T, said: impl Fn(&T) -> Said<'_>) -> T {
    OPEN.set(Some(Vec::new()));
    let outcome = native();
    let all = OPEN.take().unwrap_or_default();
    let counts = |c: &&Compared| match said(&outcome) {
        None => false,
        Some(Ok(())) => true,
        Some(Err(by)) => c.name.2 == by.reason && (&c.left, &c.right) == (&by.left, &by.right),
    };
    SEEN.with_borrow_mut(|seen| {
        // The bus has these: the row of the op compares nothing.
        let of_row = |c: &&Compared| !ON_THE_BUS.contains(&c.name.2);
        for one in all.iter().filter(of_row) {
            let (id, relation, reason) = one.name;
            let differences = seen.entry((id, format!("{reason:?}, {relation:?}"))).or_default();
            let difference = one.difference();
            let is_it = |d: &i8| counts(&one) && BigInt::from(*d) == difference;
            differences.extend([-1i8, 0, 1].into_iter().filter(is_it));
        }
    });
    LAST.set(all);
    outcome
}

/// Left less right, as it was first compared under this name in the last sample.
fn last(name: Name) -> Option<BigInt> {
    LAST.with_borrow(|all| all.iter().find(|c| c.name == name).map(Compared::difference))
}

/// Gives both halves samples whose comparison `name` is at its bound and one unit to each side. `moved` changes what
/// the difference depends on linearly; without `differences` that are found, this panics.
pub fn at<S, T>(
    name: Name,
    differences: &[i8],
    samples: impl IntoIterator<Item = S>,
    agree: impl Fn(&S) -> T,
    moved: impl Fn(&S, i128) -> Option<S>,
) {
    let mut left: BTreeSet<i8> = differences.iter().copied().collect();
    for sample in samples {
        let here = {
            agree(&sample);
            last(name)
        };
        let there = moved(&sample, 1).and_then(|next| {
            agree(&next);
            last(name)
        });
        let (Some(here), Some(there)) = (here, there) else { continue };
        let slope = there - &here;
        left.retain(|difference| {
            let way = BigInt::from(*difference) - &here;
            let steps = if slope == BigInt::ZERO { BigInt::ZERO } else { &way / &slope };
            let exact = &steps * &slope == way;
            let Some(steps) = i128::try_from(steps).ok().filter(|_| exact) else { return true };
            let Some(near) = moved(&sample, steps) else { return true };
            agree(&near);
            last(name) != Some(BigInt::from(*difference)) || !seen(name, *difference)
        });
        if left.is_empty() {
            return;
        }
    }
    panic!("{name:?}: never {left:?}");
}

fn seen((id, relation, reason): Name, difference: i8) -> bool {
    let name = (id, format!("{reason:?}, {relation:?}"));
    SEEN.with_borrow(|seen| seen.get(&name).is_some_and(|all| all.contains(&difference)))
}

/// Differences that no sample has, and why: check, reason and relation.
const NEVER: &[(&str, &str, &[i8], &str)] = &[
    ("ACT-2", "FieldRange, Less", &[-1, 0, 1], WIDTH),
    ("ACT-5", "FieldRange, Less", &[-1, 0, 1], WIDTH),
    ("CAN-3", "FieldRange, Less", &[-1, 0, 1], WIDTH),
    ("PLC-2", "FieldRange, Less", &[-1, 0, 1], WIDTH),
    ("CFG-17", "MarketClosed, NotEqual", &[-1], "no status is negative"),
    ("CFG-18", "OpenInterestLeft, Equal", &[-1], "no open interest is negative"),
    ("CFG-2", "UnknownMarket, Less", &[0, 1], WIDTH),
    ("CFG-3", "FieldRange, Less", &[0, 1], WIDTH),
    ("CFG-7", "PositionValue, Less", &[1], "2^95 + 1 is a prime above all sizes times 3·11·2281·174763"),
    ("TRF-3", "FieldRange, Less", &[-1, 0, 1], WIDTH),
    ("ACT-3", "NonceNotNext, Equal", &[-1], "such a nonce is too low"),
    ("ACT-4", "ItemCount, AtLeast", &[-1], "no message without items"),
    ("ACT-4", "ItemCount, Less", &[-1, 0, 1], "2^16 chunks have no record"),
    ("LEGAL-5", "MaintenanceRises, AtMost", &[0, 1], "a position that does not grow has less maintenance"),
    ("LEV-4", "LeverageTwice, Equal", &[-1, 1], ONCE),
    ("CKEY-4", "KeyTwice, Equal", &[-1, 1], ONCE),
    ("SMODE-4", "ModeTwice, Equal", &[-1, 1], ONCE),
    ("MODE-2", "ModePath, Equal", &[-1, 1], "the account's row has two ends of which one is cross"),
    ("MODE-4", "NotFlat, Equal", &[-1, 1], "the account's row has no slots"),
    ("MKT-6", "PriceRange, AtLeast", &[-1, 0, 1], TICK),
    ("MKT-6", "PriceRange, AtMost", &[-1, 0, 1], TICK),
    ("MKT-7", "RateAboveCap, AtMost", &[-1, 0, 1], TICK),
    ("MKT-9", "FundingIndexRange, AtLeast", &[-1, 0, 1], TICK),
    ("MKT-9", "FundingIndexRange, Less", &[-1, 0, 1], TICK),
    ("TAKE-5", "HoldsStillMarket, Equal", &[-1], "a number of markets"),
    (
        "TRADE-4",
        "EntryQuoteRange, AtLeast",
        &[-1],
        "entry quotes are sums and shares of what is not negative",
    ),
];

const ONCE: &str = "two rows of an account hold; its own row takes one";
const WIDTH: &str = "the width of a field of a signed word: the row ranges its advice";
const TICK: &str = "the market's row has the law of a tick; its own tests are not counted here";

/// Every comparison has samples with equal sides, and with sides one unit apart either way.
#[test]
fn every_comparison_is_sampled_at_its_bound() {
    reject_vectors::both_halves_reject_what_the_vectors_say();
    action::circuit_tests::agrees_on_messages_nonces_and_items();
    action::circuit_tests::rejects_nonces_as_the_native_half();
    cancel::circuit_tests::agrees_on_live_orders();
    collect_fees::circuit_tests::agrees_up_to_the_last_quantum_that_fits();
    configure::circuit_tests::agrees_at_every_bound();
    deposit::circuit_tests::agrees_and_publishes_the_queues_entry();
    place::circuit_tests::agrees_at_wide_fields_and_on_the_first_of_two_reasons();
    change_key::circuit_tests::agrees_on_keys();
    set_leverage::circuit_tests::agrees_on_limits();
    set_mode::circuit_tests::agrees_on_accounts_and_modes();
    transfer::circuit_tests::agrees_at_every_bound();
    withdraw::circuit_tests::agrees_at_the_bounds_of_amount_and_collateral();
    fill::circuit_tests::both_halves_agree();
    fill::circuit_tests::both_halves_agree_at_every_bound();
    liquidate::circuit_tests::both_halves_agree();
    liquidate::circuit_tests::both_halves_agree_at_every_bound();
    let mut wrong = Vec::new();
    SEEN.with_borrow(|seen| {
        for ((id, name), differences) in seen {
            let never = NEVER.iter().find(|(of, other, ..)| (of, other) == (id, &name.as_str()));
            let never: &[i8] = never.map_or(&[], |(_, _, never, _)| never);
            let missing: Vec<i8> = [-1, 0, 1].into_iter().filter(|d| !differences.contains(d)).collect();
            if missing != never {
                wrong.push(format!("(\"{id}\", \"{name}\", &{missing:?}, \"\"),"));
            }
        }
    });
    assert!(wrong.is_empty(), "never sampled, left less right:\n{}", wrong.join("\n"));
}
