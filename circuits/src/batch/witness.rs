//! From a finished native batch to the witness of its circuit.

use ark_bn254::Fr;
use ark_ff::PrimeField;
use rayon::prelude::*;

use super::assembly::{Assembler, AssemblyError, FilledKind, Witness};
use super::combine::{CombineRecord, CombineRow};
use super::layout::Circuit;
use super::shape::Shape;
use super::statement::{Statement, StatementRow};
use super::table::RangeTable;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::signature::transcript::{self, GROUP};
use crate::kinds::{Extract, KINDS, Kind, Trace};
use crate::ops::action::row::SignatureRow;
use crate::ops::prices::signer::SignerRecord;
use crate::ops::prices::{QuotesRecord, has_premiums, observed};
use crate::params::HOUR_SECONDS;
use crate::publication::Deployment;

/// Fills the rows of `circuit`, the circuit of `shape`, from what a batch recorded.
///
/// With `check`, rows and bus are checked and the first thing that does not hold is named.
pub fn witness<'a>(
    circuit: &'a Circuit,
    shape: &Shape,
    trace: &Trace,
    deployment: &Deployment,
    check: bool,
) -> Result<Witness<'a>, AssemblyError> {
    let statement = Statement::of(shape, trace, deployment);
    let transcript = transcript_of(shape, trace);
    let mut assembler = Assembler::new(circuit, globals(&statement, transcript, shape));
    fill(&mut assembler, shape, trace, &statement, transcript)?;
    assembler.finish(check)
}

/// Values of the global wires.
pub fn globals(statement: &Statement, transcript: Fr, shape: &Shape) -> Vec<Fr> {
    statement.globals(transcript, shape.capacities["cross_accounts"] as u64)
}

/// Final state of the transcript of all signatures of a batch.
pub fn transcript_of(shape: &Shape, trace: &Trace) -> Fr {
    let groups = SignatureRow::extract(trace, &shape.capacities);
    let groups: Vec<_> = groups.iter().map(|group| group.each_ref().map(|action| action.signed())).collect();
    transcript::transcript(&groups, shape.capacities["actions"].div_ceil(GROUP))
}

fn fill(
    assembler: &mut Assembler<'_>,
    shape: &Shape,
    trace: &Trace,
    statement: &Statement,
    transcript: Fr,
) -> Result<(), AssemblyError> {
    assembler.seed(SignatureRow::NAME, transcript::seed(transcript));
    fill_kinds(assembler, shape, trace, &|_| None)?;
    fill_fixed(assembler, statement)
}

/// Computes the rows of all kinds of the table, kinds in parallel: signature rows come one from the other and
/// take as long as all the rest. Tests may give the rows of a kind instead.
pub(crate) fn fill_kinds(
    assembler: &mut Assembler<'_>,
    shape: &Shape,
    trace: &Trace,
    instead: &(dyn Fn(&Kind) -> Option<Result<FilledKind, AssemblyError>> + Sync),
) -> Result<(), AssemblyError> {
    let capacities = &shape.capacities;
    let rows = |kind: &Kind| {
        let given = || assembler.rows(kind.name, |rows| (kind.fill)(trace, capacities, rows));
        instead(kind).unwrap_or_else(given)
    };
    // Last in the table, first to start.
    let filled: Vec<_> = KINDS.par_iter().rev().with_max_len(1).map(rows).collect();
    for filled in filled {
        assembler.put(filled?);
    }
    Ok(())
}

/// Computes the rows of which every circuit has a fixed number; what depends on other rows comes last.
pub(crate) fn fill_fixed(assembler: &mut Assembler<'_>, statement: &Statement) -> Result<(), AssemblyError> {
    assembler.fill::<RangeTable>(&[])?;
    assembler.fill::<StatementRow>(&[Padded::enabled(*statement)])?;
    match assembler.outcome(SignatureRow::NAME) {
        Some(finals) => {
            let finals = finals.to_vec();
            assembler.fill::<CombineRow>(&[Padded::enabled(CombineRecord { finals })])
        }
        None => assembler.fill::<CombineRow>(&[]),
    }
}

impl Statement {
    /// What a batch states, in a deployment of a shape.
    pub fn of(shape: &Shape, trace: &Trace, deployment: &Deployment) -> Self {
        let (old, new) = (&trace.old_globals, &trace.new_globals);
        let signer_count = trace.of::<SignerRecord>().len() as u64;
        Self {
            domain: trace.domain.word(),
            batch: new.batch,
            shape_constants: shape.constants(),
            time: new.time,
            last_time: old.time,
            key_id: Fr::from_be_bytes_mod_order(&deployment.key_id),
            old_root: trace.old_root,
            new_root: trace.new_root,
            deposits_before: old.deposits,
            deposits_after: new.deposits,
            next_order: old.next_order,
            places: new.next_order - old.next_order,
            config: new.config,
            epoch: new.epoch,
            last_epoch: old.epoch,
            signers: new.signers,
            signer_count,
            hour: observed(new.time, new.epoch, signer_count != 0) / HOUR_SECONDS,
            premiums: has_premiums(trace.of::<QuotesRecord>().iter().map(|row| &row.record)),
            fees_at: trace.fees_at,
        }
    }
}
