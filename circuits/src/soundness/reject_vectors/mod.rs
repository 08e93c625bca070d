//! Rejects at their bounds, op by op, as data: `testvectors/rejects.json`.
//!
//! An op has named integers, `before`, of which each case changes some; `expected` is what the law says
//! then, null if the op is accepted. Both halves are asked. `UPDATE=1` rewrites the file.

mod account_ops;
mod item_ops;
mod market_ops;
mod sides;
mod trading_ops;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::reject::{Refusal, Reject};
use crate::soundness::{agree, bounds};
use crate::state::Flags;

/// Named integers.
#[derive(Clone)]
pub struct Fields(BTreeMap<&'static str, i128>);

impl Fields {
    /// The integer of this name in the type of its place. Panics if it does not fit.
    pub fn get<T: TryFrom<i128>>(&self, name: &str) -> T {
        let value = *self.0.get(name).unwrap_or_else(|| panic!("no field {name}"));
        T::try_from(value).unwrap_or_else(|_| panic!("{name} = {value} is too wide"))
    }

    /// Whether the integer of this name is not 0.
    pub fn flag(&self, name: &str) -> bool {
        self.get::<i128>(name) != 0
    }

    fn changed(&self, change: Change) -> Self {
        let mut fields = self.clone();
        for (name, value) in change {
            let old = fields.0.insert(name, *value);
            assert!(old.is_some_and(|old| old != *value), "{name} := {value} changes nothing");
        }
        fields
    }
}

/// Fields that differ from `before`.
pub type Change = &'static [(&'static str, i128)];

/// What an op says to a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub native: Option<Refusal>,
    pub row: Row,
}

/// What the row of the circuit says.
#[derive(Clone, Copy, Debug)]
pub enum Row {
    /// The first check of the row that fails, and whether its constraints refuse.
    Says(Option<Reject>, bool),
    /// No row of its own checks this (a tick is part of the market's).
    Elsewhere,
}

/// Rejects that no row checks by itself: the tuple that it looks up or receives is not there, because
/// another row does not send it.
pub(super) const ON_THE_BUS: [Reject; 8] = [
    Reject::OwnerMismatch,
    Reject::RekeyedAccount,
    Reject::ModeMismatch,
    Reject::NotOrderOwner,
    Reject::MarketNotOpen,
    Reject::PriceTooOld,
    Reject::TakerExpired,
    Reject::MakerExpired,
];

/// An op with its cases.
pub struct Vectors {
    pub op: &'static str,
    pub before: &'static [(&'static str, i128)],
    pub run: fn(&Fields) -> Outcome,
    pub cases: &'static [(Change, Option<Reject>)],
}

impl Vectors {
    /// The op with its cases; what the halves say otherwise goes to `wrong`.
    fn json(&self, wrong: &mut Vec<String>) -> Value {
        let before = Fields(self.before.iter().copied().collect());
        assert_eq!(before.0.len(), self.before.len(), "{}: a field twice", self.op);
        let mut cases = Vec::with_capacity(self.cases.len());
        for (change, expected) in self.cases {
            let run = || (self.run)(&before.changed(change));
            let outcome = bounds::counting(run, Outcome::said);
            if !outcome.says(*expected) {
                wrong.push(format!("{} {change:?}: {expected:?}, but {outcome:?}", self.op));
            }
            cases.push(json!({
                "change": text(change),
                "expected": expected.map(Reject::name),
                "code": expected.map(Reject::code),
                "refusal": outcome.native.as_ref().map(sides),
            }));
        }
        json!({ "op": self.op, "before": text(self.before), "cases": cases })
    }
}

impl Outcome {
    /// What the native half said, if a row was asked too.
    fn said(&self) -> bounds::Said<'_> {
        let asked = matches!(self.row, Row::Says(..));
        asked.then(|| self.native.as_ref().map_or(Ok(()), Err))
    }

    /// Whether both halves say `expected`; the row only as far as it checks that itself.
    fn says(&self, expected: Option<Reject>) -> bool {
        let row = match (self.row, expected) {
            (Row::Elsewhere, _) => true,
            (Row::Says(failed, refused), Some(reject)) if ON_THE_BUS.contains(&reject) => {
                failed.is_none() && !refused
            }
            (Row::Says(failed, refused), _) => failed == expected && refused == expected.is_some(),
        };
        self.native.as_ref().map(|refusal| refusal.reason) == expected && row
    }
}

/// The check of a refusal and, if it compares, its sides as decimal strings, which stand as they must not.
fn sides(refusal: &Refusal) -> Value {
    assert!(!refusal.contradicts_itself(), "{refusal}");
    let Refusal { id, left, right, relation, unit, .. } = refusal;
    if !refusal.has_sides() {
        return json!({ "id": id });
    }
    json!({
        "id": id,
        "left": left.to_string(),
        "relation": format!("{relation:?}"),
        "right": right.to_string(),
        "unit": format!("{unit:?}"),
    })
}

/// Integers as decimal strings, by name.
fn text(fields: &[(&'static str, i128)]) -> Value {
    fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.to_string()))).collect()
}

/// Time of the batch, and of the cases' context.
const BATCH_TIME: u64 = 1_000;

/// What a row says at the batch's time.
fn row(synthesize: impl FnOnce(&mut Cs<'_>) -> Checks<Reject>) -> Row {
    let (failed, refused) = agree::verdict(synthesize);
    Row::Says(failed, refused)
}

/// The flags of an order whose fields' names start with `of`.
fn flags(f: &Fields, of: &str) -> Flags {
    let flag = |name: &str| f.flag(&format!("{of}{name}"));
    Flags {
        post_only: flag("post_only"),
        reduce_only: flag("reduce_only"),
        immediate_or_cancel: flag("immediate_or_cancel"),
        fill_or_kill: flag("fill_or_kill"),
    }
}

fn all() -> Vec<Vectors> {
    [account_ops::vectors(), item_ops::vectors(), trading_ops::vectors(), market_ops::vectors()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
pub fn both_halves_reject_what_the_vectors_say() {
    let mut wrong = Vec::new();
    let ops: Vec<Value> = all().iter().map(|op| op.json(&mut wrong)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let text = serde_json::to_string_pretty(&ops).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testvectors/rejects.json");
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, &text).unwrap();
        return;
    }
    let pinned = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(pinned == text, "testvectors/rejects.json is not what the ops say; UPDATE=1 writes it");
}

/// Codes of all rejects, read from where they are given out.
fn codes() -> Vec<(String, u16)> {
    let line = |line: &str| -> Option<(String, u16)> {
        let (name, code) = line.trim().strip_suffix(',')?.split_once(" = ")?;
        Some((name.to_owned(), code.parse().ok()?))
    };
    include_str!("../../reject.rs").lines().filter_map(line).collect()
}

#[test]
fn every_reject_of_an_op_has_a_case() {
    let named: Vec<u16> =
        all().iter().flat_map(|v| v.cases).filter_map(|(_, reject)| reject.map(Reject::code)).collect();
    let elsewhere = [
        // Raised by the executor, around the ops: which accounts, markets, orders and slots there are.
        "UnknownAccount",
        "UnknownMarket",
        "NoFreeSlot",
        "TickTooLate",
        "TickTwice",
        "NotSigner",
        "EpochAhead",
        "EpochMismatch",
        "PricesTwice",
        "NotMedian",
        "NoQuorum",
        "NoPremium",
        "NotSignedRate",
        "PremiumsAlone",
        "OrderIdsExhausted",
        "AccountIdsExhausted",
        "SelfTransfer",
        "ConfigureTwice",
        "ModeChanging",
        // Beyond what sums of one position reach (`margin::tests`).
        "EntryQuoteRange",
        "MaintenanceRises",
    ];
    let codes = codes();
    assert!(codes.len() > 50, "{codes:?}");
    let missing: Vec<_> = codes
        .iter()
        .filter(|(name, code)| !named.contains(code) && !elsewhere.contains(&name.as_str()))
        .collect();
    assert!(missing.is_empty(), "no case: {missing:?}");
}
