//! How many rows of each kind a shape has, or a batch uses.

use std::fmt;
use std::ops::{Index, IndexMut};

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::{KINDS, Kind, Records, RowCount};

/// Most kinds that the table may have.
pub(super) const MOST: usize = 64;

/// Rows of the kinds whose number a shape gives, by name: what a shape offers, or what a batch uses.
///
/// `capacities["fills"]` reads and writes one of them; it panics for a name that no kind has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Capacities {
    /// Number of rows by place of the kind in the table; 0 for kinds without a name here.
    counts: [usize; MOST],
}

/// What a batch uses, were it finished now.
pub type Usage = Capacities;

/// A batch would need more rows of a kind than its shape has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{what}: {needed} rows needed, {capacity} in the shape")]
pub struct Overflow {
    /// Name of the capacity.
    pub what: &'static str,
    /// Rows that the batch would need.
    pub needed: usize,
    /// Rows that the shape has.
    pub capacity: usize,
}

/// Names of the capacities with the places of their kinds, in the order of the table.
fn named() -> impl Iterator<Item = (usize, &'static str)> {
    let name = |kind: &Kind| match kind.rows {
        RowCount::Capacity { name, .. } => Some(name),
        RowCount::Fixed(_) => None,
    };
    KINDS.iter().enumerate().filter_map(move |(place, kind)| Some((place, name(kind)?)))
}

fn place(name: &str) -> Option<usize> {
    named().find(|(_, known)| *known == name).map(|(place, _)| place)
}

impl Default for Capacities {
    fn default() -> Self {
        Self { counts: [0; MOST] }
    }
}

impl Capacities {
    /// Capacities that no batch reaches.
    pub const UNLIMITED: Self = Self { counts: [usize::MAX; MOST] };

    /// These with another number of rows of a kind.
    #[must_use]
    pub fn with(mut self, name: &str, rows: usize) -> Self {
        self[name] = rows;
        self
    }

    /// The same number of rows of every kind.
    pub fn all(rows: usize) -> Self {
        Self { counts: [rows; MOST] }
    }

    /// Kinds by name, in the order of the table.
    pub fn by_name(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let counts = self.counts;
        named().map(move |(place, name)| (name, counts[place]))
    }

    /// Adds the rows that records use.
    pub fn add(&mut self, records: &Records) {
        for (place, _) in named() {
            self.counts[place] += (KINDS[place].used)(records);
        }
    }

    /// Whether `usage` fits; else the first kind that does not.
    pub fn fits(&self, usage: &Usage) -> Result<(), Overflow> {
        for (place, what) in named() {
            let (needed, capacity) = (usage.counts[place], self.counts[place]);
            if needed > capacity {
                return Err(Overflow { what, needed, capacity });
            }
        }
        Ok(())
    }

    /// Accounts of all kinds of rows.
    pub fn accounts(&self) -> usize {
        let kinds = ["cross_accounts", "isolated_accounts", "flat_accounts", "mode_changes"];
        kinds.iter().fold(0, |sum, kind| sum.saturating_add(self[kind]))
    }

    /// Rows of op kinds, each of which has a time of its own.
    pub fn op_rows(&self) -> usize {
        let timed = KINDS.iter().filter(|kind| kind.timed);
        timed.map(|kind| kind.records(self)).fold(0, usize::saturating_add)
    }
}

impl Index<&str> for Capacities {
    type Output = usize;

    fn index(&self, name: &str) -> &usize {
        &self.counts[place(name).unwrap_or_else(|| panic!("no kind has the capacity '{name}'"))]
    }
}

impl IndexMut<&str> for Capacities {
    fn index_mut(&mut self, name: &str) -> &mut usize {
        &mut self.counts[place(name).unwrap_or_else(|| panic!("no kind has the capacity '{name}'"))]
    }
}

impl fmt::Debug for Capacities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.by_name()).finish()
    }
}

impl Serialize for Capacities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.by_name())
    }
}

impl<'de> Deserialize<'de> for Capacities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ByName)
    }
}

struct ByName;

impl<'de> Visitor<'de> for ByName {
    type Value = Capacities;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers of rows by name of the kind")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Capacities, A::Error> {
        let mut capacities = Capacities::default();
        let mut given = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let Some(place) = place(&name) else {
                let known: Vec<&str> = named().map(|(_, name)| name).collect();
                return Err(A::Error::custom(format!(
                    "unknown capacity '{name}': known are {}",
                    known.join(", ")
                )));
            };
            if given.contains(&place) {
                return Err(A::Error::custom(format!("capacity '{name}' is given twice")));
            }
            given.push(place);
            capacities.counts[place] = map.next_value()?;
        }
        Ok(capacities)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_unknown_ones_refused() {
        let read =
            |text: &str| toml::from_str::<Capacities>(text).map_err(|error| error.message().to_owned());
        let capacities = read("fills = 3\nnodes = 8").unwrap();
        assert_eq!((capacities["fills"], capacities["nodes"], capacities["cancels"]), (3, 8, 0));
        let error = read("fills = 3\nfees = 8").unwrap_err();
        assert!(error.starts_with("unknown capacity 'fees': known are nodes, "), "{error}");
    }

    #[test]
    fn the_first_kind_that_does_not_fit_is_named() {
        let capacities = Capacities::all(4).with("deposits", 1);
        assert_eq!(capacities.fits(&Capacities::all(1)), Ok(()));
        let overflow = capacities.fits(&Capacities::all(1).with("deposits", 2));
        assert_eq!(overflow, Err(Overflow { what: "deposits", needed: 2, capacity: 1 }));
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = named().map(|(_, name)| name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), named().count());
    }
}
