//! Entries of JSON arrays, one after another: only one is in memory.
//!
//! Exchanges add fields, so unknown ones are passed over. A file may hold several documents, such as pages
//! that were appended to one another.

use super::error::{Fault, WireError};
use super::lines::{Lines, unreadable};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::io::{BufRead, Read};
use std::rc::Rc;

/// An entry longer than this is not one of any format we read.
const MAX_ENTRY: u64 = 1 << 16;

/// One object of an array, with its number from 1 in the whole file.
pub struct Entry {
    /// Number of the entry.
    pub number: u64,
    /// Line in which the entry begins.
    pub line: u64,
    fields: Map<String, Value>,
}

impl Entry {
    /// Tells whether the entry has a field.
    pub fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// A text.
    pub fn text(&self, field: &str) -> Result<&str, Fault> {
        text(&self.fields, field)
    }

    /// A whole number or a text, as text: times are served as both.
    pub fn time(&self, field: &str) -> Result<u64, Fault> {
        match self.fields.get(field) {
            Some(Value::Number(number)) if number.is_u64() => super::clock::micros(&number.to_string()),
            Some(Value::String(text)) => super::clock::micros(text),
            Some(other) => Err(unfit(field, other, "a time is a whole number since 1970 or a text")),
            None => Err(missing(field)),
        }
    }

    /// A truth value.
    pub fn flag(&self, field: &str) -> Result<bool, Fault> {
        flag(&self.fields, field)
    }

    /// A whole number, or a default if the field is absent.
    pub fn whole_or(&self, field: &str, default: u64) -> Result<u64, Fault> {
        match self.fields.get(field) {
            None => Ok(default),
            Some(value) => value.as_u64().ok_or_else(|| unfit(field, value, "it must be a whole number")),
        }
    }

    /// An object within the entry.
    pub fn object(&self, field: &str) -> Result<Inner<'_>, Fault> {
        match self.fields.get(field) {
            Some(Value::Object(fields)) => Ok(Inner(fields)),
            Some(other) => Err(unfit(field, other, "it must be an object")),
            None => Err(missing(field)),
        }
    }
}

/// An object within an entry.
#[derive(Clone, Copy)]
pub struct Inner<'a>(&'a Map<String, Value>);

impl<'a> Inner<'a> {
    /// A text.
    pub fn text(self, field: &str) -> Result<&'a str, Fault> {
        text(self.0, field)
    }

    /// A truth value.
    pub fn flag(self, field: &str) -> Result<bool, Fault> {
        flag(self.0, field)
    }
}

fn text<'a>(fields: &'a Map<String, Value>, field: &str) -> Result<&'a str, Fault> {
    match fields.get(field) {
        Some(Value::String(text)) => Ok(text),
        Some(other) => {
            Err(unfit(field, other, "it must be in quotes, as served: numbers in JSON lose digits"))
        }
        None => Err(missing(field)),
    }
}

fn flag(fields: &Map<String, Value>, field: &str) -> Result<bool, Fault> {
    match fields.get(field) {
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(unfit(field, other, "it must be true or false")),
        None => Err(missing(field)),
    }
}

fn missing(field: &str) -> Fault {
    Fault::new(format!("field \"{field}\" is missing"), "check that --format fits the file")
}

fn unfit(field: &str, value: &Value, wanted: &str) -> Fault {
    Fault::new(format!("field \"{field}\" is {value}"), wanted)
}

/// Calls `each` for every entry of every array of the file: arrays at the top, and those that an object at
/// the top has under one of `keys`.
pub fn each_entry(
    lines: Lines,
    keys: &'static [&'static str],
    each: &mut dyn FnMut(Entry) -> Result<(), Fault>,
) -> Result<(), WireError> {
    let file = lines.file().to_owned();
    let place = Rc::new(Place { line: Cell::new(1), budget: Cell::new(MAX_ENTRY) });
    let source = Counted { source: lines.into_source(), place: Rc::clone(&place) };
    let mut walk = Walk { keys, place: &place, number: 0, start: 1, fault: None, each };
    let mut deserializer = serde_json::Deserializer::from_reader(source);
    loop {
        // A blank rest of the file is its end.
        if deserializer.end().is_ok() {
            return Ok(());
        }
        let outcome = (Top { walk: &mut walk }).deserialize(&mut deserializer);
        let Err(error) = outcome else { continue };
        let line = if walk.fault.is_some() { walk.start } else { place.line.get() };
        let fault = walk.fault.take().unwrap_or_else(|| syntax(error));
        return Err(named(fault, walk.number).at(&file, line));
    }
}

/// A fault with the number of its entry: files of exchanges often stand in one line.
pub fn named(fault: Fault, number: u64) -> Fault {
    match number {
        0 => fault,
        number => Fault::new(format!("entry {number}: {}", fault.what), fault.fix),
    }
}

fn syntax(error: serde_json::Error) -> Fault {
    if error.is_io() {
        return unreadable(&error.into());
    }
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let words = text.strip_suffix(&place).unwrap_or(&text);
    Fault::new(format!("{words} at column {}", error.column()), "fetch the file again, whole; check --format")
}

/// Where the parser is, and how many bytes the entry may still have.
struct Place {
    line: Cell<u64>,
    budget: Cell<u64>,
}

/// Counts lines as they are read; the parser takes one byte at a time.
struct Counted {
    source: Box<dyn BufRead>,
    place: Rc<Place>,
}

impl Read for Counted {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let limit = bytes.len().min(1);
        let read = self.source.read(&mut bytes[..limit])?;
        if bytes[..read].contains(&b'\n') {
            self.place.line.set(self.place.line.get() + 1);
        }
        let budget = self.place.budget.get().checked_sub(read as u64);
        let too_long = || std::io::Error::other("an entry is longer than 64 KiB: check --format");
        self.place.budget.set(budget.ok_or_else(too_long)?);
        Ok(read)
    }
}

/// The state of a walk through all documents of a file.
struct Walk<'a> {
    keys: &'static [&'static str],
    place: &'a Place,
    number: u64,
    start: u64,
    fault: Option<Fault>,
    each: &'a mut dyn FnMut(Entry) -> Result<(), Fault>,
}

/// A document: an array of entries, or an object with such arrays.
struct Top<'w, 'a> {
    walk: &'w mut Walk<'a>,
}

impl<'de> DeserializeSeed<'de> for Top<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.walk.keys {
            [] => f.write_str("an array of objects"),
            keys => write!(f, "an array of objects, or an object with one under {}", keys.join(" or ")),
        }
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut entries: S) -> Result<(), S::Error> {
        while entries.next_element_seed(One { walk: self.walk })?.is_some() {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut fields: M) -> Result<(), M::Error> {
        let keys = self.walk.keys;
        let mut is_found = false;
        while let Some(key) = fields.next_key::<String>()? {
            self.walk.place.budget.set(MAX_ENTRY);
            if keys.contains(&key.as_str()) {
                is_found = true;
                fields.next_value_seed(Top { walk: self.walk })?;
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        if is_found {
            return Ok(());
        }
        let what = match keys {
            [] => "file is an object instead of an array".to_owned(),
            keys => format!("object has no field \"{}\"", keys.join("\" or \"")),
        };
        let fault = Fault::new(what, "give the answer of the exchange as it was served; check --format");
        self.walk.number = 0;
        self.walk.start = self.walk.place.line.get();
        self.walk.fault = Some(fault);
        Err(M::Error::custom("refused"))
    }
}

/// One entry.
struct One<'w, 'a> {
    walk: &'w mut Walk<'a>,
}

impl<'de> DeserializeSeed<'de> for One<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let walk = self.walk;
        walk.number += 1;
        walk.start = walk.place.line.get();
        walk.place.budget.set(MAX_ENTRY);
        let value = <Value as serde::Deserialize>::deserialize(deserializer)?;
        let outcome = match value {
            Value::Object(fields) => (walk.each)(Entry { number: walk.number, line: walk.start, fields }),
            _ => Err(Fault::new("it is no object", "check that --format fits the file")),
        };
        outcome.map_err(|fault| {
            walk.fault = Some(fault);
            D::Error::custom("refused")
        })
    }
}
