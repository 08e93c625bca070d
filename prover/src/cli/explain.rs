//! `zkmargin explain DIR --batch N --event K`: why an event was allowed, each check with both sides.

use super::arguments::Explain;
use super::audit::failure;
use super::progress::Progress;
use super::{DONE, Failure, print_json, print_line};
use crate::audit::events::{self, Event, Kind};
use crate::audit::law::{self, Line};
use crate::audit::{AuditError, Options, Step, audit};
use crate::report::table::Table;
use serde::Serialize;
use zkmargin_circuits::publication::decode::Entry;

/// An event and its checks.
#[derive(Serialize)]
struct Explained {
    allowed: bool,
    event: Event,
    checks: Vec<Line>,
    /// What the bytes do not say and the batch's proof alone shows.
    proven_only: &'static str,
    /// The proof of the batch was verified.
    proven: bool,
}

pub fn run(options: &Explain) -> Result<u8, Failure> {
    let wanted = Options {
        directory: options.directory.clone(),
        genesis: options.genesis.clone(),
        // Batches up to this one are applied, and its proof is verified; a liquidation that the law refuses is shown.
        from: Some(options.batch),
        to: Some(options.batch),
        unjudged: true,
        no_recompile: true,
        ..Options::default()
    };
    let mut explained = None;
    let bar = Progress::of_share("explain");
    let audited = audit(&wanted, &mut |step| {
        bar.share_done(step.number as f64 / step.of as f64, &format!("batch {}", step.number));
        if step.number == options.batch {
            explained = Some(explain(step, options.event)?);
        }
        Ok(())
    })
    .map_err(|error| failure(error, options.json))?;
    drop(bar);
    let proven = audited.verdict.proofs > 0;
    let explained =
        explained.ok_or_else(|| Failure::usage(format!("there is no batch {}", options.batch)))?;
    let explained = Explained { proven, ..explained };
    if options.json {
        print_json(&explained)?
    } else {
        print_line(&text(&explained))?
    }
    match explained.checks.iter().find(|line| !line.holds) {
        None => Ok(DONE),
        Some(line) => {
            let (batch, event) = (options.batch, options.event);
            Err(Failure::new(format!(
                "batch {batch}, event {event} cannot be explained: {} wants {}: {}",
                line.id,
                line.what,
                line.sides()
            )))
        }
    }
}

fn explain(step: &Step<'_>, number: usize) -> Result<Explained, AuditError> {
    let events = events::of(step);
    let Some(event) = number.checked_sub(1).and_then(|at| events.get(at)).cloned() else {
        let text = format!("batch {} has {} events, not {number}", step.number, events.len());
        return Err(AuditError::CouldNotRun(text));
    };
    let (checks, proven_only) = checks(step, &event);
    Ok(Explained { allowed: checks.iter().all(|line| line.holds), event, checks, proven_only, proven: false })
}

/// The checks of an event on what is published, and what is not.
fn checks(step: &Step<'_>, event: &Event) -> (Vec<Line>, &'static str) {
    let liquidation = step.batch.liquidations.iter().find(|entry| entry.at.element == event.element);
    if let Some(Entry { value, .. }) = liquidation {
        let market = step.state.market(value.market).expect("an opened market");
        let rest = "that value and requirements are the account's at that moment, that an order's owner signed it and \
                    its limit holds, and that the taker may take (LIQ-6, LIQ-7, LIQ-13)";
        return (law::liquidation(value, market, step.state.globals().time), rest);
    }
    let market = step.batch.markets.iter().find(|entry| entry.at.element == event.element);
    if let Some(Entry { value, .. }) = market
        && let (Some(stated), Some(before), Some(after)) =
            (value.tick, step.markets_before.get(&value.market), step.state.market(value.market))
    {
        let mut checks = law::tick(&stated, before, after);
        if step.genesis.signers.is_empty() {
            return (checks, "nothing more: price and rate are the operator's word");
        }
        checks.push(law::observed(before, after));
        let in_force = law::rate_in_force(&stated, before, after);
        let rest = match in_force {
            Some(_) => {
                "that the asked price is the lower median of what a quorum of the registered price signers signed in the \
                 batch's epoch (QUO-5 to QUO-8, MKT-23, MKT-24)"
            }
            None => {
                "that the asked price is the lower median of what a quorum of the registered price signers signed in the \
                 batch's epoch (QUO-5 to QUO-8, MKT-23, MKT-24), and that the rate, of an hour's first tick, follows from \
                 that of their premiums (MKT-35, MKT-36)"
            }
        };
        checks.extend(in_force);
        return (checks, rest);
    }
    if matches!(event.kind, Kind::Modes | Kind::Keys) {
        let rest = "that the account's owner signed it, once in the batch, with the key of before; the account is in the \
                    state with it";
        return (Vec::new(), rest);
    }
    if event.kind == Kind::Configurations {
        let rest = "that the parameters of before allowed the step (CFG-12 to CFG-18), which the state recomputes; that L1 had the \
                    proposal and that it had waited is L1's word";
        return (Vec::new(), rest);
    }
    let rest = "who signed, and that the account's margin allowed it at that moment";
    (event.amount.map(law::amount).into_iter().collect(), rest)
}

fn text(explained: &Explained) -> String {
    let event = &explained.event;
    let mut text = format!("batch {}, event {}: {}", event.batch, event.event, event.kind.name());
    for (name, value) in [
        ("account", event.account),
        ("other", event.other),
        ("market", event.market.map(u64::from)),
        ("amount", event.amount),
    ] {
        if let Some(value) = value {
            text.push_str(&format!("\n  {name} {value}"));
        }
    }
    for (name, value) in &event.details {
        text.push_str(&format!("\n  {name} {value}"));
    }
    let mut table = Table::new(&["check", "asks", "numbers", "holds"]);
    for line in &explained.checks {
        table.row([
            line.id.to_owned(),
            line.what.to_owned(),
            line.sides(),
            if line.holds { "yes" } else { "NO" }.to_owned(),
        ]);
    }
    let by = if explained.proven {
        "shown by the batch's proof alone, which holds"
    } else {
        "shown by nothing, as the run has no proofs"
    };
    text.push_str(&format!("\n\n{}\n\n{by}: {}", table.to_text(), explained.proven_only));
    text
}
