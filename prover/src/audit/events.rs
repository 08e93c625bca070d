//! What a batch publishes that a reader may ask for, one row per event.

use super::{Step, configurations_digest, withdrawals_hash};
use crate::record::genesis::ListedTier;
use crate::verify::{field_hex, hex};
use serde::Serialize;
use zkmargin_circuits::ops::Configure;
use zkmargin_circuits::publication::decode::{AccountEntry, AccountRows, Entry, Published};
use zkmargin_circuits::state::MarketId;

/// Numbers of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Credited deposits.
    pub deposits: u64,
    /// Withdrawals.
    pub withdrawals: u64,
    /// Transfers.
    pub transfers: u64,
    /// Ticks.
    pub ticks: u64,
    /// Liquidations.
    pub liquidations: u64,
    /// Accounts that changed their mode.
    pub modes: u64,
    /// New keys of accounts.
    pub keys: u64,
    /// Configurations of markets.
    pub configurations: u64,
    /// Entries of accounts.
    pub accounts: u64,
    /// Entries of orders.
    pub orders: u64,
}

impl Counts {
    pub(super) fn add(&mut self, batch: &Published) {
        self.deposits += batch.deposits.len() as u64;
        self.withdrawals += batch.withdrawals.len() as u64;
        self.transfers += batch.transfers.len() as u64;
        self.ticks += batch.markets.iter().filter(|entry| entry.value.tick.is_some()).count() as u64;
        self.liquidations += batch.liquidations.len() as u64;
        self.modes += mode_changes(batch).count() as u64;
        self.keys += batch.rekeys.len() as u64;
        self.configurations += batch.configurations.len() as u64;
        self.accounts += batch.accounts.len() as u64;
        self.orders += batch.orders.len() as u64;
    }
}

/// Entries of accounts that changed their mode.
fn mode_changes(batch: &Published) -> impl Iterator<Item = &Entry<AccountEntry>> {
    batch.accounts.iter().filter(|entry| entry.value.rows == AccountRows::ModeChange)
}

/// A kind of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Deposits that the batch credits.
    Deposits,
    /// Withdrawals that the contract pays out.
    Withdrawals,
    /// Transfers between accounts.
    Transfers,
    /// Ticks of markets.
    Ticks,
    /// Liquidations.
    Liquidations,
    /// Accounts whose owner changed the mode.
    Modes,
    /// New keys of accounts.
    Keys,
    /// Configurations of markets, by a proposal of L1.
    Configurations,
}

/// An event: where it stands, and its fields by name. Amounts in quanta, prices 32.32, as published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Number of the batch.
    pub batch: u64,
    /// Time of the batch.
    pub time: u64,
    /// Number of the event in its batch, from 1: deposits, ticks, transfers, withdrawals, liquidations, modes,
    /// keys, then configurations.
    pub event: usize,
    /// What it is.
    pub kind: Kind,
    /// Number of the first element.
    pub element: usize,
    /// Account that it is about; for a transfer the sender.
    pub account: Option<u64>,
    /// Other account: the recipient of a transfer, the taker of a liquidation.
    pub other: Option<u64>,
    /// Market.
    pub market: Option<MarketId>,
    /// Amount, or the quote of a liquidation, quote quanta.
    pub amount: Option<u64>,
    /// The rest, by name.
    pub details: Vec<(&'static str, String)>,
}

/// All events of a batch, numbered as [`Event::event`] says.
pub fn of(step: &Step<'_>) -> Vec<Event> {
    let batch = step.batch;
    let mut events = Vec::new();
    let mut push = |kind, element, account, other, market, amount, details| {
        let (number, time, event) = (step.number, batch.header.time, events.len() + 1);
        events.push(Event {
            batch: number,
            time,
            event,
            kind,
            element,
            account,
            other,
            market,
            amount,
            details,
        });
    };
    for Entry { at, value } in &batch.deposits {
        let details = vec![
            ("owner_x", field_hex(value.owner.x)),
            ("owner_y", field_hex(value.owner.y)),
            ("mode", value.mode.market().to_string()),
        ];
        push(Kind::Deposits, at.element, Some(value.account), None, None, Some(value.amount), details);
    }
    for Entry { at, value } in &batch.markets {
        let Some(tick) = value.tick else { continue };
        let details = vec![
            ("asked", tick.asked.to_string()),
            ("price", value.price.to_string()),
            ("rate", tick.rate.to_string()),
            ("funding_index", value.funding_index.to_string()),
        ];
        push(Kind::Ticks, at.element, None, None, Some(value.market), None, details);
    }
    for Entry { at, value } in &batch.transfers {
        let details = vec![("created", value.created.to_string())];
        let (from, to) = (Some(value.from), Some(value.to));
        push(Kind::Transfers, at.element, from, to, None, Some(value.amount), details);
    }
    for Entry { at, value } in &batch.withdrawals {
        // What the contract stores of the batch's withdrawals (L1-25).
        let stored = withdrawals_hash(step.bytes, &batch.header.places()).unwrap_or_default();
        let details = vec![("recipient", hex(&value.recipient)), ("list_hash", hex(&stored))];
        push(Kind::Withdrawals, at.element, None, None, None, Some(value.amount), details);
    }
    for Entry { at, value } in &batch.liquidations {
        let details = vec![
            ("order", value.order.map_or_else(String::new, |order| order.to_string())),
            ("short", value.short.to_string()),
            ("lots", value.lots.to_string()),
            ("held", value.held.to_string()),
            ("fee", value.fee.to_string()),
            ("value", value.value.to_string()),
            ("initial", value.initial.to_string()),
            ("maintenance", value.maintenance.to_string()),
        ];
        let (account, taker) = (Some(value.account), Some(value.taker));
        push(Kind::Liquidations, at.element, account, taker, Some(value.market), Some(value.quote), details);
    }
    for Entry { at, value } in mode_changes(batch) {
        let details = vec![("mode", value.mode.market().to_string())];
        push(Kind::Modes, at.element, Some(value.id), None, None, None, details);
    }
    for Entry { at, value } in &batch.rekeys {
        let details = vec![("owner_x", field_hex(value.key.x)), ("owner_y", field_hex(value.key.y))];
        push(Kind::Keys, at.element, Some(value.account), None, None, None, details);
    }
    let proposal = configurations_digest(step.bytes, batch).map_or_else(String::new, |digest| hex(&digest));
    for Entry { at, value } in &batch.configurations {
        let details = configuration(value, &proposal);
        push(Kind::Configurations, at.element, None, None, Some(value.market), None, details);
    }
    events
}

/// What an entry of the list of configurations says, and the digest of the proposal that L1 had.
fn configuration(op: &Configure, proposal: &str) -> Vec<(&'static str, String)> {
    let p = &op.parameters;
    let fields: [(&'static str, i128); 22] = [
        ("status", p.status.into()),
        ("max_price", p.max_price.into()),
        ("max_size", p.max_size.into()),
        ("open_notional_low", p.open_notional_low.into()),
        ("open_notional_high", p.open_notional_high.into()),
        ("open_growth", p.open_growth.into()),
        ("interest", p.interest.into()),
        ("premium_clamp", p.premium_clamp.into()),
        ("still_age", p.still_age.into()),
        ("halt_age", p.halt_age.into()),
        ("funding_cap", p.funding_cap.into()),
        ("funding_interval", p.funding_interval.into()),
        ("initial_fraction", p.initial_fraction.into()),
        ("maintenance_fraction", p.maintenance_fraction.into()),
        ("taker_fee", p.taker_fee.into()),
        ("maker_fee", p.maker_fee.into()),
        ("liquidation_fee", p.liquidation_fee.into()),
        ("band", p.band.into()),
        ("collar", p.collar.into()),
        ("lot", p.lot.into()),
        ("tick_quote", p.tick_quote.into()),
        ("min_lots", p.min_lots.into()),
    ];
    let first_price = op.first_price.map_or_else(String::new, |price| price.to_string());
    let named = fields.map(|(name, value)| (name, value.to_string()));
    let tiers: Vec<String> = ListedTier::used(&p.tiers, [p.initial_fraction, p.maintenance_fraction])
        .iter()
        .map(|tier| format!("{}:{}:{}", tier.from, tier.initial_fraction, tier.maintenance_fraction))
        .collect();
    let named = named.into_iter().chain([("tiers", tiers.join(" "))]);
    [("proposal", proposal.to_owned()), ("first_price", first_price)].into_iter().chain(named).collect()
}

/// Heads of [`csv_row`].
pub const CSV_HEADS: &str = "batch,time,event,kind,account,other,market,amount,details";

/// An event as a row of CSV; details are `name=value`, joined by semicolons.
pub fn csv_row(event: &Event) -> String {
    let number = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
    let details: Vec<String> = event.details.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!(
        "{},{},{},{},{},{},{},{},{}",
        event.batch,
        event.time,
        event.event,
        event.kind.name(),
        number(event.account),
        number(event.other),
        number(event.market.map(u64::from)),
        number(event.amount),
        details.join(";")
    )
}

impl Kind {
    /// Its name in options and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deposits => "deposits",
            Self::Withdrawals => "withdrawals",
            Self::Transfers => "transfers",
            Self::Ticks => "ticks",
            Self::Liquidations => "liquidations",
            Self::Modes => "modes",
            Self::Keys => "keys",
            Self::Configurations => "configurations",
        }
    }
}
