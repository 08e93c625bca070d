//! Kinds whose rows are not one record each: links of chains, signatures in groups, published positions.

use std::array::from_fn;

use ark_bn254::Fr;

use super::{Capacities, Records, Trace};
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::signature::transcript::GROUP;
use crate::leaves::changed::{ChangedPosition, PositionChange};
use crate::ops::action::ActionRecord;
use crate::ops::action::circuit::{Chunk, ChunkRecord};
use crate::ops::action::row::SignatureRow;

/// A kind whose records are made of other kinds' records.
pub trait Extract: Row {
    /// How many the records of a batch give.
    fn used(records: &Records) -> usize;

    /// The records, for a shape of these capacities.
    fn extract(trace: &Trace, capacities: &Capacities) -> Vec<Padded<Self::Record>>;
}

/// A link per four items of a bulk action.
impl Extract for Chunk {
    fn used(records: &Records) -> usize {
        records.of::<ActionRecord>().iter().map(|action| action.message.chunks.len()).sum()
    }

    fn extract(trace: &Trace, _: &Capacities) -> Vec<Padded<ChunkRecord>> {
        let links = |(number, action): (usize, &Padded<ActionRecord>)| {
            let account = action.known_as();
            let link = move |(index, chunk): (usize, &crate::ops::action::Chunk)| ChunkRecord {
                action: number as u64,
                index: index as u64,
                account,
                before: chunk.before,
                words: chunk.words,
            };
            let chunks = action.message.chunks.iter().enumerate();
            chunks.map(link).map(Padded::enabled).collect::<Vec<_>>()
        };
        trace.of::<ActionRecord>().iter().enumerate().flat_map(links).collect()
    }
}

/// Four actions per row, the last row filled up with idle places.
impl Extract for SignatureRow {
    fn used(records: &Records) -> usize {
        records.of::<ActionRecord>().len()
    }

    fn extract(trace: &Trace, _: &Capacities) -> Vec<Padded<[Padded<ActionRecord>; GROUP]>> {
        let place = |part: &[Padded<ActionRecord>], i: usize| {
            part.get(i).cloned().unwrap_or_else(|| Padded::disabled(ActionRecord::idle()))
        };
        let groups = trace.of::<ActionRecord>().chunks(GROUP);
        groups.map(|part| Padded::enabled(from_fn(|i| place(part, i)))).collect()
    }
}

/// The published elements, which name accounts by their places in the lists of the shape.
impl Extract for ChangedPosition {
    fn used(records: &Records) -> usize {
        records.of::<PositionChange>().len()
    }

    fn extract(trace: &Trace, capacities: &Capacities) -> Vec<Padded<Fr>> {
        let cross = capacities["cross_accounts"];
        trace.of::<PositionChange>().iter().map(|change| Padded::enabled(change.element(cross))).collect()
    }
}
