//! Records of a batch in typed columns: one column per type of record.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt::Debug;

use crate::gadgets::row::Padded;

/// Plain data that a row is filled from.
pub trait Record: Any + Clone + Debug + PartialEq + Send + Sync {}

impl<T: Any + Clone + Debug + PartialEq + Send + Sync> Record for T {}

/// Records of one type, in the order in which they were made.
trait Column: Any + Debug + Send + Sync {
    fn append(&mut self, more: Box<dyn Column>);
    fn boxed_clone(&self) -> Box<dyn Column>;
    fn equals(&self, other: &dyn Column) -> bool;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

impl<T: Record> Column for Vec<Padded<T>> {
    fn append(&mut self, more: Box<dyn Column>) {
        if let Ok(more) = more.into_any().downcast::<Self>() {
            self.extend(*more);
        }
    }

    fn boxed_clone(&self) -> Box<dyn Column> {
        Box::new(self.clone())
    }

    fn equals(&self, other: &dyn Column) -> bool {
        other.as_any().downcast_ref::<Self>().is_some_and(|other| self == other)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// The records of a batch, by type.
#[derive(Debug, Default)]
pub struct Records {
    columns: HashMap<TypeId, Box<dyn Column>>,
}

impl Clone for Records {
    fn clone(&self) -> Self {
        Self { columns: self.columns.iter().map(|(id, column)| (*id, column.boxed_clone())).collect() }
    }
}

impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        let same = |id: &TypeId, column: &dyn Column| {
            other.columns.get(id).is_some_and(|other| column.equals(&**other))
        };
        self.columns.len() == other.columns.len()
            && self.columns.iter().all(|(id, column)| same(id, &**column))
    }
}

impl Records {
    /// The records of a type.
    pub fn of<T: Record>(&self) -> &[Padded<T>] {
        let column = self.columns.get(&TypeId::of::<T>());
        column.and_then(|column| column.as_any().downcast_ref::<Vec<Padded<T>>>()).map_or(&[], Vec::as_slice)
    }

    /// The records of a type, to be changed.
    pub fn of_mut<T: Record>(&mut self) -> &mut Vec<Padded<T>> {
        let column =
            self.columns.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(Vec::<Padded<T>>::new()));
        column.as_any_mut().downcast_mut().expect("a column stands under the type of its records")
    }

    /// Adds a record, whose row takes part.
    pub fn push<T: Record>(&mut self, record: T) {
        self.of_mut().push(Padded::enabled(record));
    }

    /// Adds the records of `more` behind those that are here.
    pub fn append(&mut self, more: Self) {
        for (id, column) in more.columns {
            match self.columns.get_mut(&id) {
                Some(own) => own.append(column),
                None => {
                    self.columns.insert(id, column);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_told_apart_by_type_and_keep_their_order() {
        let mut records = Records::default();
        assert!(records.of::<u32>().is_empty());
        records.push(1u32);
        records.push(7u64);
        let mut more = Records::default();
        more.push(2u32);
        more.push("text");
        records.append(more.clone());
        assert_eq!(records.of::<u32>().iter().map(|row| row.record).collect::<Vec<_>>(), [1, 2]);
        assert_eq!((records.of::<u64>().len(), records.of::<&str>().len()), (1, 1));
        assert_eq!(more.of::<u32>().len(), 1);
        records.of_mut::<u32>()[1].enabled = false;
        assert_ne!(records, more);
        assert_eq!(records, records.clone());
    }
}
