//! Shapes: how many rows of each kind a circuit has. Data, never code: one shape, one key pair.

use std::collections::BTreeMap;
use std::fmt;

use ark_bn254::Fr;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::gadgets::signature::transcript::{GROUP, MAX_ROWS};
use crate::kinds::Capacities;
use crate::params::{MARKETS_MAX, PRICES_PER_WORD, SIGNERS};
use crate::publication::header::{ListPlaces, MOST_ELEMENTS, NUMBERS};

/// Shapes that come with the project, by name.
const BUILT_IN: [&str; 4] = [
    include_str!("../../../shapes/tiny.toml"),
    include_str!("../../../shapes/demo.toml"),
    include_str!("../../../shapes/trade-64.toml"),
    include_str!("../../../shapes/trade-256.toml"),
];

/// Widths of a limb of the range table. At 15 bits an equation of the signatures' combination, 150 bits of
/// modulus and 105 of carry, would leave the field.
const LIMB_BITS: [u32; 8] = [8, 9, 10, 11, 12, 13, 14, 16];
/// Characters of a name, which stands in names of files.
const NAME_CHARACTERS: usize = 32;
/// Most rows of a kind: times of rows have 20 bits, and two of them are no row's.
const MOST_ROWS: usize = (1 << 20) - 2;
/// Most entries of the withdrawals list: the contract has one bit for each in a word.
const MOST_WITHDRAWALS: usize = 256;

/// A circuit's size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Name of the shape in commands and messages.
    pub name: String,
    /// Number by which the contract knows the shape.
    pub id: u32,
    /// Bits of a limb of the range table, whose rows are `2^limb_bits` constraints.
    pub limb_bits: u32,
    /// Numbers of rows by kind; a kind that the file does not name has none.
    pub capacities: Capacities,
}

/// Why a shape is refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ShapeError {
    /// No built-in shape has this name.
    #[error("unknown shape '{name}': built in are {known}; or give the path of a .toml file")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// Names of the built-in shapes, separated by commas.
        known: String,
    },
    /// The text is not TOML, or it lacks a field or has one that no shape has.
    #[error("line {line}: {what}")]
    Syntax {
        /// Line of the fault, counted from 1.
        line: usize,
        /// The parser's message.
        what: String,
    },
    /// The name could not stand in the name of a file.
    #[error("name = '{name}': give 1 to 32 letters, digits, '-' or '_', a letter or digit first")]
    Name {
        /// The name that the file gives.
        name: String,
    },
    /// A number is outside of what the field may be.
    #[error("{field} = {value}: give {allowed}")]
    Field {
        /// Name of the field.
        field: String,
        /// The value that the file gives.
        value: i64,
        /// The values that are accepted, in words.
        allowed: String,
    },
    /// No kind of rows has a capacity of this name.
    #[error("capacity '{name}' is unknown: known are {known}")]
    Capacity {
        /// The name that the file gives.
        name: String,
        /// Names of all capacities, separated by commas.
        known: String,
    },
    /// A sum is above what keys, times or the header have bits for.
    #[error("{what} = {value}: give {most} or fewer")]
    Sum {
        /// What is too large: a sum of capacities, or the number of published elements.
        what: &'static str,
        /// The value that the file gives; sums saturate.
        value: usize,
        /// Largest value that is accepted.
        most: usize,
    },
}

/// A shape's file as it is written. Numbers may have any value here, so that a wrong one is refused by the
/// name of its field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShapeFile {
    name: String,
    id: Number,
    limb_bits: Number,
    capacities: BTreeMap<String, Number>,
}

/// Any whole number.
#[derive(Clone, Copy)]
struct Number(i64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;
        impl Visitor<'_> for Whole {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number(value))
            }
        }
        deserializer.deserialize_i64(Whole)
    }
}

impl Number {
    /// The number, if it is within bounds.
    fn within(self, field: &str, low: usize, high: usize) -> Result<usize, ShapeError> {
        match usize::try_from(self.0) {
            Ok(value) if (low..=high).contains(&value) => Ok(value),
            _ => Err(self.refused(field, format!("{low} to {high}"))),
        }
    }

    fn refused(self, field: &str, allowed: String) -> ShapeError {
        ShapeError::Field { field: field.to_owned(), value: self.0, allowed }
    }
}

impl ShapeFile {
    /// The line of a fault is counted from 1.
    fn parse(text: &str) -> Result<Self, ShapeError> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start).min(text.len());
            let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
            ShapeError::Syntax { line, what: error.message().replace('\n', " ") }
        })
    }

    fn shape(self) -> Result<Shape, ShapeError> {
        let named = |c: char| c.is_ascii_alphanumeric();
        let in_name = |c: char| named(c) || c == '-' || c == '_';
        if !self.name.starts_with(named)
            || !self.name.chars().all(in_name)
            || self.name.len() > NAME_CHARACTERS
        {
            return Err(ShapeError::Name { name: self.name });
        }
        let id = self.id.within("id", 1, u32::MAX as usize)? as u32;
        let limb_bits = u32::try_from(self.limb_bits.0).unwrap_or(0);
        if !LIMB_BITS.contains(&limb_bits) {
            return Err(self.limb_bits.refused("limb_bits", "8 to 14, or 16".to_owned()));
        }
        let mut capacities = Capacities::default();
        for (name, rows) in &self.capacities {
            if capacities.by_name().all(|(known, _)| known != name) {
                let known: Vec<&str> = capacities.by_name().map(|(known, _)| known).collect();
                return Err(ShapeError::Capacity { name: name.clone(), known: known.join(", ") });
            }
            let (low, high) = rows_allowed(name);
            capacities[name] = rows.within(name, low, high)?;
        }
        for needed in ["nodes", "markets"] {
            let given = self.capacities.get(needed).copied().unwrap_or(Number(0));
            let (low, high) = rows_allowed(needed);
            given.within(needed, low, high)?;
        }
        Ok(Shape { name: self.name, id, limb_bits, capacities })
    }
}

/// Least and most rows of a kind that a shape may have.
fn rows_allowed(name: &str) -> (usize, usize) {
    match name {
        // The path of the globals leaf is there in every batch.
        "nodes" => (1, MOST_ROWS),
        "markets" => (1, usize::from(MARKETS_MAX) - 1),
        // The sums of signature rows are sized for so many.
        "actions" => (0, MAX_ROWS * GROUP),
        // A row has the number of a word, four markets in each.
        "quotes" => (0, usize::from(MARKETS_MAX) / PRICES_PER_WORD),
        "signers" => (0, SIGNERS),
        "withdrawals" => (0, MOST_WITHDRAWALS),
        "deposits" => (0, MOST_ELEMENTS),
        _ => (0, MOST_ROWS),
    }
}

impl Shape {
    /// Parses the text of a shape file.
    pub fn parse(text: &str) -> Result<Self, ShapeError> {
        let shape = ShapeFile::parse(text)?.shape()?;
        shape.check_sums()?;
        Ok(shape)
    }

    /// The text of a shape file that reads as this shape.
    pub fn to_text(&self) -> String {
        let Self { name, id, limb_bits, capacities } = self;
        let rows = capacities.by_name().map(|(name, rows)| format!("{name} = {rows}\n"));
        let rows: String = rows.collect();
        format!("name = \"{name}\"\nid = {id}\nlimb_bits = {limb_bits}\n\n[capacities]\n{rows}")
    }

    /// A shape that comes with the project: `tiny`, `demo`, `trade-64`, `trade-256`.
    pub fn named(name: &str) -> Result<Self, ShapeError> {
        let mut known = Vec::new();
        for text in BUILT_IN {
            let shape = Self::parse(text)?;
            if shape.name == name {
                return Ok(shape);
            }
            known.push(shape.name);
        }
        Err(ShapeError::Unknown { name: name.to_owned(), known: known.join(", ") })
    }

    /// Bounds of several capacities together.
    fn check_sums(&self) -> Result<(), ShapeError> {
        let c = &self.capacities;
        // Places of accounts have 12 bits in a position's element, and keys of padding rows differ; row times
        // have 20 bits; header element 2 has 16 bits for each place of a list.
        let largest = [
            ("cross_accounts + isolated_accounts + flat_accounts + mode_changes", c.accounts(), 1 << 12),
            ("rows of ops", c.op_rows(), MOST_ROWS),
            ("published elements", self.element_count(), MOST_ELEMENTS),
        ];
        match largest.into_iter().find(|(_, value, most)| value > most) {
            Some((what, value, most)) => Err(ShapeError::Sum { what, value, most }),
            None => Ok(()),
        }
    }

    /// Published elements of a batch, the header's included.
    pub fn element_count(&self) -> usize {
        self.places().element_count
    }

    /// Where the lists lie that the contract reads.
    pub fn places(&self) -> ListPlaces {
        ListPlaces::of(&self.capacities)
    }

    /// The constant part of header element 2: shape id, element count and the places of the lists.
    pub fn constants(&self) -> Fr {
        let places = self.places();
        let size = |value: usize| (value as u64).into();
        NUMBERS.pack([
            0u64.into(),
            size(places.element_count),
            self.id.into(),
            0u64.into(),
            size(places.deposit_capacity),
            size(places.withdrawal_start),
            size(places.withdrawal_capacity),
            size(places.configuration_capacity),
        ])
    }
}

#[cfg(test)]
#[path = "shape_tests.rs"]
mod tests;
