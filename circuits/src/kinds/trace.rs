//! What a batch did: enough to fill every row of the circuit.

use ark_bn254::Fr;

use super::{Capacities, KINDS, Record, Records};
use crate::gadgets::row::Padded;
use crate::ops::Domain;
use crate::state::Globals;

/// A finished batch.
///
/// Every op row has its own number `T = 1, 2, …` in the order of execution; the items of a bulk action
/// are rows of their own after the action's row. Records of leaves ascend by id, and nodes stand deepest
/// level first, the root last.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Where signatures are valid.
    pub domain: Domain,
    /// Globals before the batch.
    pub old_globals: Globals,
    /// Batch number, time and cursors after the batch.
    pub new_globals: Globals,
    /// Root of the state before the batch.
    pub old_root: Fr,
    /// Root of the state after the batch.
    pub new_root: Fr,
    /// Time of the last touch of the pending fees; their value at the end is 0.
    pub fees_at: u32,
    /// What the rows of all kinds are filled from.
    pub records: Records,
}

impl Trace {
    /// The records of a type, in their order.
    pub fn of<T: Record>(&self) -> &[Padded<T>] {
        self.records.of()
    }

    /// Rows of each kind that the batch uses.
    pub fn usage(&self) -> Capacities {
        let mut usage = Capacities::default();
        usage.add(&self.records);
        usage
    }

    /// Opened accounts.
    pub fn accounts(&self) -> usize {
        self.usage().accounts()
    }

    /// Fills and liquidations.
    pub fn trades(&self) -> usize {
        let usage = self.usage();
        usage["fills"] + usage["liquidations"]
    }
}

const _: () = assert!(KINDS.len() <= super::capacities::MOST);
