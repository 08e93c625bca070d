//! The table of places in `docs/gates.md`, and the price of each check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::gates::{OPEN, REDUNDANT};
use super::places::{Check, Places};
use super::subjects::subjects;

const BEGIN: &str = "<!-- PLACES -->\n";
const END: &str = "<!-- /PLACES -->";

/// Places of a kind, and how many of them have an argument or a reason instead of a killer.
#[derive(Clone, Copy, Default)]
struct Counts {
    places: usize,
    redundant: usize,
    open: usize,
}

impl Counts {
    fn line(self, name: &str, mark: &str) -> String {
        let Self { places, redundant, open } = self;
        let cell = |count: usize| match count {
            0 => String::new(),
            _ => format!("{mark}{}{mark}", grouped(count)),
        };
        let cells = [places, places - redundant - open, redundant, open].map(cell);
        format!("| {mark}{name}{mark} | {} |\n", cells.join(" | "))
    }
}

/// A file has a text. `UPDATE=1` writes it anew.
fn require_written(path: &Path, text: &str) {
    match std::env::var("UPDATE") {
        Ok(_) => std::fs::write(path, text).expect("writable"),
        Err(_) => {
            let found = std::fs::read_to_string(path).unwrap_or_default();
            assert!(text == found, "UPDATE=1 writes {}:\n{text}", path.display());
        }
    }
}

/// With a comma between thousands.
fn grouped(count: usize) -> String {
    match count {
        ..1_000 => count.to_string(),
        _ => format!("{},{:03}", grouped(count / 1_000), count % 1_000),
    }
}

/// The document's table is that of the rows and of the lists of exceptions.
#[test]
fn the_document_has_the_places() {
    let mut kinds: BTreeMap<&str, Counts> = BTreeMap::new();
    for subject in subjects() {
        let places = || Places::of(&*subject).all().count();
        kinds
            .entry(subject.template().name)
            .or_insert_with(|| Counts { places: places(), ..Counts::default() });
    }
    for (kind, _, count, _) in REDUNDANT {
        kinds.get_mut(kind).expect("a kind of rows").redundant += count;
    }
    for (kind, _, count, _) in OPEN {
        kinds.get_mut(kind).expect("a kind of rows").open += count;
    }
    let sum = |of: fn(&Counts) -> usize| kinds.values().map(of).sum();
    let all = Counts { places: sum(|c| c.places), redundant: sum(|c| c.redundant), open: sum(|c| c.open) };
    let mut table =
        "| kind of row | places | killed | redundant, with the argument | no killer, with the reason |\n\
                     |---|---|---|---|---|\n"
            .to_owned();
    table.extend(kinds.iter().map(|(kind, counts)| counts.line(kind, "")));
    table += &all.line("all", "**");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/gates.md");
    let document = std::fs::read_to_string(&path).expect("docs/gates.md");
    let (before, rest) = document.split_once(BEGIN).expect(BEGIN);
    let (_, after) = rest.split_once(END).expect(END);
    require_written(&path, &[before, BEGIN, &table, END, after].concat());
}

/// What each check costs in each kind of row, at 13 bits per limb: constraints, and look-ups of limbs and tuples, which cost
/// the bus.
#[test]
fn the_file_has_the_price_of_each_rule() {
    let mut rules: BTreeMap<(&str, &str), [usize; 2]> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for subject in subjects() {
        let kind = subject.template().name;
        if !seen.insert(kind) {
            continue;
        }
        let places = Places::of(&*subject);
        for check in places.all() {
            let which = usize::from(matches!(check, Check::Lookup(_)));
            rules.entry((places.name(check).id, kind)).or_default()[which] += 1;
        }
    }
    let line = |((id, kind), [constraints, lookups]): (&(&str, &str), &[usize; 2])| {
        format!("{id},{kind},{constraints},{lookups}\n")
    };
    let lines: String = rules.iter().map(line).collect();
    let text = format!("id,row,constraints,lookups\n{lines}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/rules.csv");
    require_written(&path, &text);
}
