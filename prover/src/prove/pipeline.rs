//! Batches one after another: the next one's rows are filled while this one is proved.

use super::{Filled, Machine, ProveRunError, Proven};
use std::sync::mpsc::sync_channel;
use zkmargin_circuits::kinds::Trace;

/// Proves every batch and hands each over, in order, to `done`.
///
/// Making batches and filling their rows run on a thread of their own, at most one batch ahead: besides the
/// batch being proved, one batch with its rows is in memory, and no more. The first error of any part
/// ends the run; batches made before it have been handed over.
pub fn run<B, E>(
    machine: &Machine<'_>,
    batches: impl Iterator<Item = Result<B, E>> + Send,
    trace: impl Fn(&B) -> &Trace + Send,
    tell: &dyn Fn(&str),
    mut done: impl FnMut(B, Proven) -> Result<(), E>,
) -> Result<(), E>
where
    B: Send,
    E: From<ProveRunError> + Send,
{
    let fill = move |batch: Result<B, E>| -> Result<(B, Filled<'_>), E> {
        let batch = batch?;
        let filled = machine.fill(trace(&batch))?;
        Ok((batch, filled))
    };
    // No buffer: a batch that is ready waits in the hands of its thread.
    let (send, ready) = sync_channel(0);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for item in batches.map(fill) {
                let last = item.is_err();
                // The receiver is gone where a proof failed.
                if send.send(item).is_err() || last {
                    break;
                }
            }
        });
        for item in ready {
            let (batch, filled) = item?;
            done(batch, machine.prove_filled(filled, tell)?)?;
        }
        Ok(())
    })
}
