//! The ids of the spec's tables and of the compiled circuit, compared both ways.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::batch::compile::compile;
use crate::batch::shape::Shape;
use crate::gadgets::row::{Place, Template};

/// Chapters about other programs than the circuit.
const OTHERS: [&str; 3] = ["kernels.md", "l1.md", "proof-system.md"];
/// Ends an id that names no place.
const STAR: char = '*';

/// A row of a table of ids.
#[derive(Debug)]
struct IdRow {
    chapter: String,
    id: String,
    /// The row is an argument, without a constraint of its own.
    starred: bool,
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of the crate");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    found.sort();
    let inner: Vec<PathBuf> =
        found.iter().filter(|path| path.is_dir()).flat_map(|path| files(path, extension)).collect();
    found.retain(|path| path.extension().is_some_and(|e| e == extension));
    found.extend(inner);
    found
}

fn crate_folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Rows of all tables whose first column is headed `id`, in all chapters.
fn id_rows() -> Vec<IdRow> {
    let mut rows = Vec::new();
    for path in files(&crate_folder("spec/src"), "md") {
        let chapter = path.file_name().expect("a file").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("readable");
        let mut table: Option<bool> = None;
        for line in text.lines() {
            let Some(cells) = line.strip_prefix('|') else {
                table = None;
                continue;
            };
            let first = cells.split('|').next().unwrap_or_default().trim();
            match table {
                None => table = Some(first == "id"),
                Some(true) if !first.starts_with("---") => rows.push(IdRow {
                    chapter: chapter.clone(),
                    id: first.trim_end_matches(STAR).to_owned(),
                    starred: first.ends_with(STAR),
                }),
                Some(_) => {}
            }
        }
    }
    rows
}

fn circuit_rows() -> Vec<IdRow> {
    id_rows().into_iter().filter(|row| !OTHERS.contains(&row.chapter.as_str())).collect()
}

/// `FILL-7`, `INT-2a`: capitals, which may end in digits, and a number with at most one letter.
fn is_id(text: &str) -> bool {
    let Some((prefix, number)) = text.split_once('-') else { return false };
    let digits = number.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(number);
    prefix.starts_with(|c: char| c.is_ascii_uppercase())
        && prefix.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && !digits.is_empty()
        && digits.chars().all(|c| c.is_ascii_digit())
}

fn prefix(id: &str) -> &str {
    id.split('-').next().unwrap_or(id)
}

fn templates() -> Vec<Template> {
    let circuit = compile(&Shape::named("tiny").expect("built in"));
    circuit.blocks.into_iter().map(|block| block.template).collect()
}

fn places(templates: &[Template]) -> Vec<Place> {
    templates.iter().flat_map(Template::places).collect()
}

/// Ids under which something stands, and those that lines keep beside it.
fn code_ids() -> BTreeSet<&'static str> {
    let templates = templates();
    let lines = templates.iter().flat_map(|t| t.constraints.iter().flat_map(|c| [c.id, c.check]));
    lines.chain(places(&templates).into_iter().map(|place| place.id)).collect()
}

#[test]
fn one_row_an_id_and_one_id_a_row() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for row in id_rows() {
        assert!(is_id(&row.id), "{}: '{}' is not one id", row.chapter, row.id);
        if let Some(other) = seen.insert(row.id.clone(), row.chapter.clone()) {
            panic!("{} has a row in {other} and one in {}", row.id, row.chapter);
        }
    }
}

#[test]
fn every_place_stands_under_an_id_of_the_spec() {
    let rows = circuit_rows();
    let known: BTreeSet<&str> = rows.iter().filter(|row| !row.starred).map(|row| row.id.as_str()).collect();
    let templates = templates();
    let unknown: Vec<Place> =
        places(&templates).into_iter().filter(|place| !known.contains(place.id)).collect();
    assert!(
        unknown.is_empty(),
        "{} places without a row: {:#?}",
        unknown.len(),
        &unknown[..unknown.len().min(40)]
    );
    let mut distinct = BTreeSet::new();
    for place in places(&templates) {
        assert!(distinct.insert((place.kind, place.id, place.ordinal)), "{place:?} twice");
    }
}

/// A line that names a check of its own kind of row opens its scope: else its place stands under another check. Lines of
/// gadgets keep their names in whatever check they serve.
#[test]
fn a_check_of_a_row_stands_under_its_own_id() {
    let of_gadgets =
        |chapter: &str| chapter.starts_with("gadgets-") || ["integers.md", "range.md"].contains(&chapter);
    let rows = circuit_rows();
    let own: BTreeSet<&str> =
        rows.iter().filter(|row| !of_gadgets(&row.chapter)).map(|row| row.id.as_str()).collect();
    let templates = templates();
    let lines = templates.iter().flat_map(|t| t.constraints.iter().map(|c| (t.name, c.id, c.check)));
    let astray: BTreeSet<_> = lines.filter(|(_, id, check)| own.contains(id) && id != check).collect();
    assert!(astray.is_empty(), "{astray:?}");
}

#[test]
fn every_id_of_the_code_has_a_row() {
    let rows = circuit_rows();
    let known: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let without: Vec<&str> = code_ids().into_iter().filter(|id| !known.contains(id)).collect();
    assert!(without.is_empty(), "without a row: {without:?}");
}

#[test]
fn every_id_of_the_spec_names_a_place_or_is_starred() {
    let code = code_ids();
    for row in circuit_rows() {
        let (id, chapter) = (&row.id, &row.chapter);
        match row.starred {
            false => assert!(code.contains(id.as_str()), "{chapter}: nothing stands under {id}"),
            true => assert!(!code.contains(id.as_str()), "{chapter}: {id} is starred, and in the code"),
        }
    }
}

/// In the chapters, and in the code's comments and tests.
#[test]
fn every_id_that_is_mentioned_has_a_row() {
    let rows = circuit_rows();
    let known: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let prefixes: BTreeSet<&str> = known.iter().map(|id| prefix(id)).collect();
    let about_circuits = |path: &PathBuf| !OTHERS.iter().any(|name| path.ends_with(name));
    let chapters = files(&crate_folder("spec/src"), "md").into_iter().filter(about_circuits);
    let texts = chapters.chain(files(&crate_folder("src"), "rs"));
    for path in texts {
        let text = std::fs::read_to_string(&path).expect("readable");
        for word in text.split(|c: char| !c.is_alphanumeric() && c != '-') {
            let named = is_id(word) && prefixes.contains(prefix(word));
            assert!(!named || known.contains(word), "{}: {word} has no row", path.display());
        }
    }
}
