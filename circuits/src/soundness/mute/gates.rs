//! The list of places with what kills each, `circuits/spec/gates.csv`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::places::{Check, Places, Unit};
use super::search::{Killer, Ledger, Search};
use super::subjects::{Subjects, subjects};
use crate::soundness::kinds;

/// Kinds whose search takes long, and of how many of their places one is searched in each run, if it has a killer;
/// all are with `ZKMARGIN_GATES=all`.
const SLOW: [(&str, usize); 6] = [
    (kinds::CROSS_ACCOUNT, 64),
    (kinds::SIGNATURE, 64),
    (kinds::COMBINE, 64),
    (kinds::QUOTES, 64),
    (kinds::MARKET, 32),
    (kinds::CONFIGURE, 64),
];

/// Places that no forgery shows alone, and why the circuit is as sound without each: kind, id, how many look-ups,
/// argument.
pub(super) const REDUNDANT: &[(&str, &str, usize, &str)] = &[
    (
        kinds::CONFIGURE,
        "CFG-3",
        2,
        "imf of the last tier is at least that of the tier before (CFG-22) and at most the whole (CFG-5)",
    ),
    (
        kinds::MARKET,
        "MKT-9",
        7,
        "F' = F + quotient is ranged to 96 bits and F is, so the division is one of integers",
    ),
];

/// Places without a killer that are not redundant, and why a forgery is not written down: kind, id, how many
/// places, reason.
pub(super) const OPEN: &[(&str, &str, usize, &str)] = &[
    (
        kinds::SIGNATURE,
        "SIG-2",
        36,
        "limbs of h that are part of both products of SIG-9 (7 of each h): a forgery is a short vector of a lattice; \
         the last limb of each h: a forgery needs a hash below 2^195, of which 2^59 hashes give one",
    ),
    (
        kinds::SIGNATURE,
        "SIG-7",
        24,
        "limbs of q that are below its cut (6 of each q): a forgery is a short vector of a lattice",
    ),
    (
        kinds::COMBINE,
        "SIG-13",
        6,
        "limbs of q that are below its cut: a forgery is a short vector of a lattice",
    ),
    (
        kinds::COMBINE,
        "SIG-14",
        10,
        "tangents of the last doublings but the first: a forgery solves equations of high degree; 256 doublings of the \
         row, the same gadget, have killers",
    ),
    (
        kinds::STATEMENT,
        "STM-12",
        2,
        "whether the number of signers is 0: a forgery needs another bit and two other globals at once, and the search \
         changes either; `is_zero`, the same gadget, has killers in other rows",
    ),
];

/// Advice that the rules leave to the operator, by kind and names. A whole search fails on an entry that it does not
/// need.
const CHOSEN: &[(&str, &str)] = &[
    // Any order of rows that the cells agree with.
    (kinds::DEPOSIT, "memory.row_time"),
    (kinds::PLACE, "memory.row_time"),
    ("fill", "memory.row_time"),
    ("fill", "fill.lots"),
    (kinds::SIGNATURE, "memory.row_time"),
    (kinds::TRANSFER, "memory.row_time"),
    (kinds::WITHDRAW, "memory.row_time"),
    ("liquidate", "memory.row_time"),
    ("cancel", "memory.row_time"),
    ("collect fees", "memory.row_time"),
    // Another word gives another link of the chain, and the last link is what is signed.
    ("chunk", "chunk.word"),
    // The contract's queue, and the one new account that receives it.
    (kinds::DEPOSIT, "deposit.amount"),
    (kinds::DEPOSIT, "deposit.births"),
    // The contract's storage.
    (kinds::STATEMENT, "statement.key_id"),
    // How much is liquidated, and at which quote.
    ("liquidate", "liquidate.lots"),
    ("liquidate", "liquidate.lots, order.left"),
    ("liquidate", "liquidate.quote"),
    // Whether a signature is good is decided once for all rows: this row adds S to the transcript and to the sums
    // that it hands on, and the row that combines refuses a false sum.
    (kinds::SIGNATURE, "signature.scalar"),
    // The digest of all keys is handed on to the statement's row, which is to find it in the leaf of the globals.
    (kinds::SIGNER, "signer.key"),
    // A row that receives the word of a list: a signed chunk is to provide it.
    (kinds::QUOTES, "quotes.has"),
    // A statement of a price: the market's row is to receive it.
    (kinds::TICK, "tick.enable"),
    (kinds::TICK, "tick.market"),
    (kinds::TICK, "tick.price"),
    (kinds::TICK, "tick.rate"),
    // A market that says that it is configured hands itself to a configuration, which is to take it.
    (kinds::MARKET, "market.configured"),
];

/// Rows of `gates.csv`: id, place, killer.
type Rows = BTreeSet<[String; 3]>;

/// Whether places of an id lack a killer, with a reason.
fn is_argued(kind: &str, id: &str) -> bool {
    REDUNDANT.iter().chain(OPEN).any(|(of, name, ..)| (*of, *name) == (kind, id))
}

/// Searches one of `share` units. Where some are left out, so are those that may have no killer: the search for one
/// would try everything.
fn search(subjects: &Subjects, share: usize) -> (Places, Ledger) {
    let places = Places::of(&*subjects[0]);
    let kind = subjects[0].template().name;
    let mut ledger = Ledger { searched: places.all().count(), ..Ledger::default() };
    for (number, unit) in places.units().enumerate() {
        let is_argued = || is_argued(kind, places.name(places.checks(unit)[0]).id);
        if share > 1 && (number % share != 0 || is_argued()) {
            for check in places.checks(unit) {
                ledger.leave_out(check);
                ledger.searched -= 1;
            }
        }
    }
    for subject in subjects {
        if places.all().all(|check| ledger.places.contains_key(&check)) {
            break;
        }
        Search::new(&**subject, &places).run(&mut ledger);
    }
    for subject in subjects {
        if places.all().all(|check| ledger.places.contains_key(&check)) {
            break;
        }
        Search::new(&**subject, &places).run_products(&mut ledger);
    }
    (places, ledger)
}

/// What kills a place, or why it is redundant; places without either are `left`.
fn killer(ledger: &Ledger, (kind, id): (&str, &str), checks: &[Check], left: &mut Vec<String>) -> String {
    let killers: Option<Vec<&Killer>> = checks.iter().map(|check| ledger.places.get(check)).collect();
    if let Some(killers) = killers {
        let distinct: BTreeSet<String> =
            killers.iter().map(|k| format!("{}: {}", k.subject, k.forgery)).collect();
        return distinct.into_iter().collect::<Vec<_>>().join(" | ");
    }
    let of = |(of, name, ..): &&(&str, &str, usize, &str)| (*of, *name) == (kind, id);
    match (REDUNDANT.iter().find(of), OPEN.iter().find(of)) {
        (Some((.., argument)), _) => format!("redundant: {argument}"),
        (None, Some((.., reason))) => format!("no killer: {reason}"),
        (None, None) => {
            let open: Vec<_> = checks.iter().filter(|check| !ledger.places.contains_key(check)).collect();
            left.push(format!("{id} of {kind}: {open:?}"));
            String::new()
        }
    }
}

/// The rows of a kind.
fn rows(kind: &str, places: &Places, ledger: &Ledger, left: &mut Vec<String>) -> Rows {
    let is_whole = SLOW.iter().all(|(of, _)| *of != kind) || places.all().count() == ledger.searched;
    let mut rows = Rows::new();
    let mut defined: BTreeMap<&str, Vec<Check>> = BTreeMap::new();
    for unit in places.units() {
        let checks = places.checks(unit);
        let (first, last) = (places.name(checks[0]), places.name(checks[checks.len() - 1]));
        if places.is_defined(checks[0]) {
            defined.entry(first.id).or_default().push(checks[0]);
            continue;
        }
        let numbers = match unit {
            Unit::Single(_) => first.ordinal.to_string(),
            Unit::Range(_) => format!("{} to {} (range)", first.ordinal, last.ordinal),
        };
        let text = killer(ledger, (kind, first.id), &checks, left);
        rows.insert([first.id.to_owned(), format!("{kind} {numbers}"), text]);
    }
    for (_, id, count, _) in REDUNDANT.iter().chain(OPEN).filter(|(of, ..)| *of == kind && is_whole) {
        let open =
            places.all().filter(|c| places.name(*c).id == *id && !ledger.places.contains_key(c)).count();
        if open != *count {
            left.push(format!(
                "{id} of {kind}: {open} places without a killer, and the argument is for {count}"
            ));
        }
    }
    for (id, checks) in defined {
        let whole = killer(ledger, (kind, id), &checks, left);
        if !whole.is_empty() {
            let place = format!("{kind}, products and copies: {}", checks.len());
            let but = whole.starts_with("no killer").then(|| format!(", but of some {whole}"));
            let text = format!("the value of each replaced{}", but.unwrap_or_default());
            rows.insert([id.to_owned(), place, text]);
        }
    }
    rows
}

fn lines(rows: &Rows) -> Vec<String> {
    let quoted = |text: &String| format!("\"{}\"", text.replace('"', "'"));
    rows.iter().map(|[id, place, killer]| format!("{id},{},{}", quoted(place), quoted(killer))).collect()
}

fn file() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/gates.csv")
}

/// Whether a line of the file is about a kind.
fn is_of(line: &str, kind: &str) -> bool {
    [" ", ","].iter().any(|end| line.contains(&format!(",\"{kind}{end}")))
}

/// For each place a forgery that it alone notices, or an argument. `UPDATE=1` writes the list anew.
#[test]
fn every_place_has_a_killer() {
    let wanted = std::env::var("ZKMARGIN_GATES").unwrap_or_default();
    let before = std::fs::read_to_string(file()).unwrap_or_default();
    let mut by_kind: BTreeMap<&'static str, Subjects> = BTreeMap::new();
    for subject in subjects() {
        by_kind.entry(subject.template().name).or_default().push(subject);
    }
    let known = ["", "all"].contains(&wanted.as_str()) || by_kind.contains_key(wanted.as_str());
    assert!(known, "ZKMARGIN_GATES={wanted} is no kind of rows: all, or one of {:?}", by_kind.keys());
    let (mut found, mut left, mut forged) = (BTreeSet::new(), Vec::new(), Vec::new());
    let mut whole: BTreeSet<&str> = BTreeSet::new();
    for (kind, subjects) in &by_kind {
        let slow = SLOW.iter().find(|(of, _)| of == kind).map_or(1, |(_, share)| *share);
        let share = if wanted == "all" || wanted == *kind { 1 } else { slow };
        if !["", "all", kind].contains(&wanted.as_str()) {
            continue;
        }
        let start = std::time::Instant::now();
        let (places, ledger) = search(subjects, share);
        println!("{kind}: {} of {} places, {:?}", ledger.places.len(), places.all().count(), start.elapsed());
        let lines = lines(&rows(kind, &places, &ledger, &mut left));
        let kept = before.lines().filter(|line| is_of(line, kind)).map(str::to_owned);
        if share == 1 {
            whole.insert(kind);
            found.extend(lines);
        } else {
            let kept: Vec<String> = kept.collect();
            assert_eq!(kept.len(), lines.len(), "places of {kind} came or went: ZKMARGIN_GATES=all UPDATE=1");
            found.extend(kept);
        }
        forged.extend(ledger.forged.into_iter().map(|(names, killer)| (*kind, names, killer)));
    }
    assert!(left.is_empty(), "{} places without a killer:\n{}", left.len(), left.join("\n"));
    if !["", "all"].contains(&wanted.as_str()) {
        // Of one kind: the lines of the others stay.
        found.extend(before.lines().skip(1).filter(|line| !is_of(line, &wanted)).map(str::to_owned));
    }
    let text: String =
        ["id,place,killer".to_owned()].into_iter().chain(found).map(|line| line + "\n").collect();
    match std::env::var("UPDATE") {
        Ok(_) => std::fs::write(file(), &text).expect("writable"),
        Err(_) if !["", "all"].contains(&wanted.as_str()) => {}
        Err(_) => {
            let (new, old): (BTreeSet<_>, BTreeSet<_>) = (text.lines().collect(), before.lines().collect());
            let changed: Vec<_> = new.difference(&old).map(|line| format!("+ {line}")).collect();
            let gone = old.difference(&new).map(|line| format!("- {line}"));
            let all: Vec<_> = gone.chain(changed).collect();
            let some = all[..all.len().min(40)].join("\n");
            assert!(
                text == before,
                "UPDATE=1 writes circuits/spec/gates.csv; {} lines differ:\n{some}",
                all.len()
            );
        }
    }
    let stale = CHOSEN.iter().filter(|(kind, names)| {
        whole.contains(kind) && !forged.iter().any(|(of, other, _)| (*of, other.as_str()) == (*kind, *names))
    });
    let stale: Vec<_> = stale.collect();
    assert!(stale.is_empty(), "noticed after all: {stale:?}");
    forged.retain(|(kind, names, _)| !CHOSEN.contains(&(*kind, names.as_str())));
    let holes: Vec<String> =
        forged.iter().map(|(kind, names, by)| format!("(\"{kind}\", \"{names}\"), // {by:?}")).collect();
    assert!(holes.is_empty(), "nothing notices:\n{}", holes.join("\n"));
}

/// Lists every place as `ZKMARGIN_MUTE` names it, for `circuits/mute.py`.
#[test]
fn places_are_listed() {
    let mut seen = BTreeSet::new();
    for subject in subjects() {
        let template = subject.template();
        if !seen.insert(template.name) {
            continue;
        }
        let places = Places::of(&*subject);
        for check in places.all() {
            let number = match check {
                Check::Constraint(number) => format!("c{number}"),
                Check::Lookup(number) => format!("i{number}"),
            };
            println!("place {}:{number} {}", template.name, places.name(check).id);
        }
    }
    // Challenge and range table have none; the rest are the kinds of the table and the two fixed ones.
    assert_eq!(seen.len(), crate::kinds::KINDS.len() + 2);
}

/// Every id of the circuit that is a check has a row in the list.
#[test]
fn every_id_is_in_the_list() {
    let text = std::fs::read_to_string(file()).expect("gates.csv");
    let listed: BTreeSet<&str> = text.lines().filter_map(|line| line.split(',').next()).collect();
    let mut without = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for subject in subjects().iter().filter(|subject| seen.insert(subject.template().name)) {
        let places = Places::of(&**subject);
        without.extend(places.all().map(|check| places.name(check).id).filter(|id| !listed.contains(id)));
    }
    assert!(without.is_empty(), "{without:?}");
}
