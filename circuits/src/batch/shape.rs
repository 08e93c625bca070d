//! Shapes: how many rows of each kind a circuit has. Data, never code: one shape, one key pair.

use ark_bn254::Fr;
use serde::Deserialize;
use thiserror::Error;

use crate::gadgets::signature::transcript::{GROUP, MAX_ROWS};
use crate::gadgets::var::power_of_two;
use crate::kinds::Capacities;
use crate::publication::element_count;

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
    pub name: String,
    /// Number by which the contract knows the shape.
    pub id: u32,
    /// Bits of a limb of the range table, whose rows are `2^limb_bits` constraints.
    pub limb_bits: u32,
    pub capacities: Capacities,
}

/// Why a shape is refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ShapeError {
    #[error("unknown shape '{name}': built in are {known}; or give the path of a .toml file")]
    Unknown { name: String, known: String },
    #[error("not a shape: {0}")]
    Syntax(String),
    #[error("shape '{name}': limb_bits = {limb_bits} is not within 8..=16")]
    LimbBits { name: String, limb_bits: u32 },
    #[error("shape '{name}': {what} must be at least {least}")]
    TooSmall { name: String, what: &'static str, least: usize },
    #[error("shape '{name}': {what} = {value} is more than {most}")]
    TooLarge { name: String, what: &'static str, value: usize, most: usize },
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
        // Places of accounts have 12 bits in a position's element, and keys of padding rows differ; row times have 20 bits; the sums of
        // signature rows are sized for so many.
        let largest = [
            ("cross_accounts + isolated_accounts + flat_accounts + mode_changes", c.accounts(), 1 << 12),
            ("rows of ops", c.op_rows(), (1 << 20) - 2),
            ("actions", c["actions"], MAX_ROWS * GROUP),
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
        element_count(&self.capacities)
    }

    /// The constant part of header element 2.
    pub fn shape_and_count(&self) -> Fr {
        Fr::from(self.id) * power_of_two(72) + Fr::from(self.element_count() as u64) * power_of_two(40)
    }
}
