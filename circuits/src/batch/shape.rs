//! Shapes: how many rows of each kind a circuit has. Data, never code: one shape, one key pair.

use ark_bn254::Fr;
use serde::Deserialize;
use thiserror::Error;

use crate::gadgets::signature::transcript::{GROUP, MAX_ROWS};
use crate::kinds::Capacities;
use crate::publication::header::{ListPlaces, MOST_ELEMENTS, NUMBERS};

/// Shapes that come with the project, by name.
const BUILT_IN: [&str; 4] = [
    include_str!("../../../shapes/tiny.toml"),
    include_str!("../../../shapes/demo.toml"),
    include_str!("../../../shapes/trade-64.toml"),
    include_str!("../../../shapes/trade-256.toml"),
];

/// Narrowest and widest limb of the range table.
const LIMB_BITS: std::ops::RangeInclusive<u32> = 8..=16;

/// A circuit's size.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// The text is not TOML, or it lacks a field or has one that no shape has; with the parser's message.
    #[error("not a shape: {0}")]
    Syntax(String),
    /// `limb_bits` is outside of 8..=16.
    #[error("shape '{name}': limb_bits = {limb_bits} is not within 8..=16")]
    LimbBits {
        /// Name of the shape.
        name: String,
        /// Bits that it states.
        limb_bits: u32,
    },
    /// A capacity is below what each batch uses.
    #[error("shape '{name}': {what} must be at least {least}")]
    TooSmall {
        /// Name of the shape.
        name: String,
        /// Name of the capacity.
        what: &'static str,
        /// Least number of rows.
        least: usize,
    },
    /// A number is above what keys, times or the header have bits for.
    #[error("shape '{name}': {what} = {value} is more than {most}")]
    TooLarge {
        /// Name of the shape.
        name: String,
        /// A capacity, a sum of several, or the number of published elements.
        what: &'static str,
        /// Its value; sums saturate.
        value: usize,
        /// Largest value that is accepted.
        most: usize,
    },
}

impl Shape {
    /// Parses the text of a shape file.
    pub fn parse(text: &str) -> Result<Self, ShapeError> {
        let shape: Self = toml::from_str(text).map_err(|e| ShapeError::Syntax(e.message().to_owned()))?;
        shape.check()?;
        Ok(shape)
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

    fn check(&self) -> Result<(), ShapeError> {
        let name = || self.name.clone();
        if !LIMB_BITS.contains(&self.limb_bits) {
            return Err(ShapeError::LimbBits { name: name(), limb_bits: self.limb_bits });
        }
        let c = &self.capacities;
        // The path of the globals leaf is there in every batch.
        if c["nodes"] == 0 {
            return Err(ShapeError::TooSmall { name: name(), what: "nodes", least: 1 });
        }
        // Places of accounts have 12 bits in a position's element, and keys of padding rows differ; row times
        // have 20 bits; the sums of signature rows are sized for so many; header element 2 has 16 bits for each place of a list.
        let places = ListPlaces::of(c);
        let largest = [
            ("cross_accounts + isolated_accounts + flat_accounts + mode_changes", c.accounts(), 1 << 12),
            ("rows of ops", c.op_rows(), (1 << 20) - 2),
            ("actions", c["actions"], MAX_ROWS * GROUP),
            ("deposits", places.deposit_capacity, MOST_ELEMENTS),
            ("withdrawals", places.withdrawal_capacity, MOST_ELEMENTS),
            ("published elements", places.element_count, MOST_ELEMENTS),
        ];
        for (what, value, most) in largest {
            if value > most {
                return Err(ShapeError::TooLarge { name: name(), what, value, most });
            }
        }
        Ok(())
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
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `tiny` with other capacities; what `check` says.
    fn checked(changes: &[(&str, usize)]) -> Result<(), ShapeError> {
        let mut shape = Shape::named("tiny").unwrap();
        for (name, rows) in changes {
            shape.capacities[name] = *rows;
        }
        shape.check()
    }

    fn refused(what: &'static str, value: usize) -> Result<(), ShapeError> {
        Err(ShapeError::TooLarge { name: "tiny".to_owned(), what, value, most: 65_535 })
    }

    #[test]
    fn refuses_lists_that_header_element_2_cannot_name() {
        let tiny = Shape::named("tiny").unwrap();
        // All but what the withdrawals take, and one element more.
        let rest = 65_535 - (tiny.element_count() - 1);
        assert_eq!(checked(&[("withdrawals", rest)]), Ok(()));
        assert_eq!(checked(&[("withdrawals", rest + 1)]), refused("published elements", 65_536));
        assert_eq!(checked(&[("withdrawals", 65_536)]), refused("withdrawals", 65_536));
        assert_eq!(checked(&[("deposits", 65_536)]), refused("deposits", 65_536));
        // Sums saturate.
        let endless = checked(&[("positions", usize::MAX), ("orders", usize::MAX)]);
        assert_eq!(endless, refused("published elements", usize::MAX));
    }
}
