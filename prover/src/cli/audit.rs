//! `zkmargin audit DIR`: rebuilds every state from the published bytes and judges the run.

use super::arguments::{Audit, EventKind};
use super::progress::Progress;
use super::{DONE, Failure, OWN_WORD, OutFile, print_json, print_line};
use crate::audit::account::{self, View};
use crate::audit::events::{self, Event, Kind};
use crate::audit::names::Names;
use crate::audit::report::Collector;
use crate::audit::{AuditError, Audited, Finding, Options, Step, Verdict, audit};
use crate::record::genesis::GenesisFile;
use crate::report::table::Table;
use crate::verify::field_hex;
use serde::Serialize;
use std::io::Write;
use zkmargin_circuits::state::{AccountId, PublicKey, State};

/// What the command prints as JSON.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    verdict: Verdict,
    /// What the verdict rests on besides what was given and computed.
    words: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts_shown: Option<Vec<View>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events_shown: Option<Vec<Event>>,
}

/// A fault, as JSON.
#[derive(Serialize)]
struct Fault<'a> {
    clean: bool,
    fault: &'a Finding,
}

pub fn run(options: &Audit) -> Result<u8, Failure> {
    let wanted = Options {
        directory: options.directory.clone(),
        genesis: options.genesis.clone(),
        key: options.key.clone(),
        from: options.from,
        to: options.to,
        snapshot: options.snapshot.clone(),
        no_recompile: options.no_recompile,
        unjudged: false,
    };
    let names = options.names.as_deref().map(Names::read).transpose();
    let names = names.map_err(|error| Failure::usage(error.to_string()))?.unwrap_or_default();
    let html = options.html.as_deref().map(|path| OutFile::at(path, options.force)).transpose()?;
    let mut report = html.map(|file| (Collector::new(names.clone()), file));
    let mut shown = Shown::new(options);
    let bar = Progress::of_share("audit");
    let audited = audit(&wanted, &mut |step| {
        bar.share_done(step.number as f64 / step.of as f64, &format!("batch {}", step.number));
        if let Some((collector, _)) = &mut report {
            collector.take(step);
        }
        shown.take(step)
    });
    drop(bar);
    let Audited { verdict, genesis, state } = audited.map_err(|error| failure(error, options.json))?;
    let accounts = accounts(options, &genesis, &state)?;
    if let Some((collector, file)) = report {
        write_report(&collector, file, &verdict)?;
    }
    if options.csv {
        return Ok(code(&verdict));
    }
    if options.json {
        let words = verdict.words();
        let (accounts_shown, events_shown) = (accounts, shown.listed);
        print_json(&Report { words, accounts_shown, events_shown, verdict: verdict.clone() })?;
    } else {
        print_line(&verdict.to_text())?;
        if let Some(events) = &shown.listed {
            print_line(&format!("\n{}", table(events)))?;
        }
        for view in accounts.unwrap_or_default() {
            print_line(&format!("\n{}", view_text(&view, names.get(view.id))))?;
        }
    }
    Ok(code(&verdict))
}

/// Writes the page whole or not at all.
fn write_report(collector: &Collector, file: OutFile<'_>, verdict: &Verdict) -> Result<(), Failure> {
    if collector.is_empty() {
        let text = "--html: the snapshot is of the last batch, so there is no batch to show; audit without --snapshot";
        return Err(Failure::usage(text.to_owned()));
    }
    let mut growing = file.begin()?;
    collector
        .write(verdict, &mut growing)
        .map_err(|error| Failure::new(format!("cannot write the report: {error}")))?;
    growing.finish()
}

fn code(verdict: &Verdict) -> u8 {
    if verdict.rests_on_no_word() { DONE } else { OWN_WORD }
}

/// One line for people; for programs the finding too.
pub fn failure(error: AuditError, json: bool) -> Failure {
    match &error {
        AuditError::CouldNotRun(text) => Failure::usage(text.clone()),
        AuditError::Dirty(fault) => {
            if json {
                // The failure's line comes on standard error in any case.
                let _ = print_json(&Fault { clean: false, fault });
            }
            Failure::new(fault.to_string())
        }
    }
}

/// What the command shows besides the verdict.
struct Shown<'a> {
    options: &'a Audit,
    /// Events that are listed at the end; none if they are not asked for or written as CSV.
    listed: Option<Vec<Event>>,
    heads_written: bool,
}

impl<'a> Shown<'a> {
    fn new(options: &'a Audit) -> Self {
        let listed = (!options.events.is_empty() && !options.csv).then(Vec::new);
        Self { options, listed, heads_written: false }
    }

    fn take(&mut self, step: &Step<'_>) -> Result<(), AuditError> {
        if self.options.events.is_empty() {
            return Ok(());
        }
        let kinds: Vec<Kind> = self.options.events.iter().map(|kind| (*kind).into()).collect();
        let events = events::of(step).into_iter().filter(|event| kinds.contains(&event.kind));
        match &mut self.listed {
            Some(listed) => listed.extend(events),
            None => {
                let mut out = std::io::stdout().lock();
                let heads = (!self.heads_written).then(|| events::CSV_HEADS.to_owned());
                self.heads_written = true;
                for line in heads.into_iter().chain(events.map(|event| events::csv_row(&event))) {
                    writeln!(out, "{line}")
                        .map_err(|error| AuditError::CouldNotRun(format!("cannot write: {error}")))?;
                }
            }
        }
        Ok(())
    }
}

/// The accounts that were asked for, after the last batch.
fn accounts(options: &Audit, genesis: &GenesisFile, state: &State) -> Result<Option<Vec<View>>, Failure> {
    let Some(wanted) = &options.account else { return Ok(None) };
    let ids = ids(wanted, state)?;
    if ids.is_empty() {
        let batch = state.globals().batch;
        return Err(Failure::usage(format!("--account {wanted}: no such account after batch {batch}")));
    }
    Ok(Some(ids.into_iter().filter_map(|id| account::view(genesis, state, id)).collect()))
}

/// The accounts of a number or of a key, ascending.
fn ids(wanted: &str, state: &State) -> Result<Vec<AccountId>, Failure> {
    if let Ok(id) = wanted.parse::<u64>() {
        return Ok(state.account(id).map(|_| id).into_iter().collect());
    }
    let Some((x, y)) = wanted.split_once(',') else {
        return Err(Failure::usage(format!(
            "--account {wanted}: give a number, or a key as x,y in hexadecimal"
        )));
    };
    let whole = |text: &str| {
        let digits = text.trim().trim_start_matches("0x").to_ascii_lowercase();
        format!("0x{digits:0>64}")
    };
    let (x, y) = (whole(x), whole(y));
    let own =
        |owner: &zkmargin_circuits::state::PublicKey| field_hex(owner.x) == x && field_hex(owner.y) == y;
    let mut ids: Vec<AccountId> =
        state.accounts().filter(|(_, account)| own(&account.owner)).map(|(id, _)| id).collect();
    ids.sort_unstable();
    Ok(ids)
}

fn table(events: &[Event]) -> String {
    let mut table =
        Table::new(&["batch", "event", "kind", "account", "other", "market", "amount", "details"]);
    let cell = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
    for event in events {
        let details: Vec<String> =
            event.details.iter().map(|(name, value)| format!("{name} {value}")).collect();
        table.row([
            event.batch.to_string(),
            event.event.to_string(),
            event.kind.name().to_owned(),
            cell(event.account),
            cell(event.other),
            cell(event.market.map(u64::from)),
            cell(event.amount),
            details.join(", "),
        ]);
    }
    table.to_text()
}

fn view_text(view: &View, name: Option<&str>) -> String {
    let name = name.map_or_else(String::new, |name| format!(" ({name})"));
    let mode = if view.mode == 0 { "cross".to_owned() } else { format!("isolated in market {}", view.mode) };
    let nobody = field_hex(PublicKey::NOBODY.x);
    let owner = match [&view.owner_x, &view.owner_y] {
        key if key == [&nobody; 2] => "nobody: only the law moves it, and who pays in".to_owned(),
        [x, y] => format!("{x}, {y}"),
    };
    let mut text = format!("account {}{name}, {mode}, {}\n  owner {owner}\n", view.id, view.health);
    text.push_str(&format!(
        "  value {}, cash without unrealised profit {}, collateral {}\n  initial requirement {}, maintenance {}; {} may be withdrawn\n",
        view.value, view.cash, view.collateral, view.initial, view.maintenance, view.withdrawable
    ));
    if view.positions.is_empty() {
        return text + "  no positions";
    }
    let mut table = Table::new(&["market", "size", "entry", "price", "unrealised", "liquidation at"]);
    for position in &view.positions {
        table.row([
            position.market.clone(),
            position.size.clone(),
            position.entry_price.clone(),
            position.price.clone(),
            position.unrealised.clone(),
            position.liquidation_price.clone().unwrap_or_default(),
        ]);
    }
    text + &table.to_text()
}

impl From<EventKind> for Kind {
    fn from(kind: EventKind) -> Self {
        match kind {
            EventKind::Deposits => Self::Deposits,
            EventKind::Withdrawals => Self::Withdrawals,
            EventKind::Transfers => Self::Transfers,
            EventKind::Ticks => Self::Ticks,
            EventKind::Liquidations => Self::Liquidations,
            EventKind::Modes => Self::Modes,
            EventKind::Keys => Self::Keys,
            EventKind::Configurations => Self::Configurations,
        }
    }
}
