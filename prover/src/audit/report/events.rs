//! All events, one column per field.

use super::Step;
use super::exact::{Exact, point};
use crate::audit::account::{decimal, price};
use crate::audit::events::{self, Event, Kind};
use crate::record::genesis::GenesisFile;
use serde::Serialize;
use zkmargin_circuits::state::MarketId;

/// Events that the page holds; those after are counted only.
const MOST: usize = 500_000;

/// Columns of equal length, a row per event.
#[derive(Debug, Default, Serialize)]
pub struct Events {
    /// Row of the table of batches.
    at: Vec<usize>,
    /// Number in the batch, as `audit --events` and `explain --event` count.
    event: Vec<usize>,
    kind: Vec<u8>,
    account: Vec<Option<u64>>,
    other: Vec<Option<u64>>,
    market: Vec<Option<MarketId>>,
    /// Quote tokens.
    amount: Vec<Option<Exact>>,
    detail: Vec<Detail>,
    left_out: usize,
    #[serde(skip)]
    liquidations: usize,
}

/// What is left to say, by kind.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Detail {
    /// A tick: price, price asked for, rate of funding per hour.
    Tick([f64; 3]),
    /// A withdrawal: address of the recipient.
    Recipient(String),
    /// A transfer: whether it created the account.
    Created(bool),
    /// A deposit: 0, or the only market of the account. A change of mode: the same after it.
    Mode(u16),
    /// A new key: both coordinates.
    Key([String; 2]),
    /// A liquidation: its row among the liquidations.
    Row(usize),
}

impl Events {
    /// Adds those of a batch.
    pub fn take(&mut self, step: &Step<'_>, row: usize) {
        for event in events::of(step) {
            // The page has no words for them.
            if event.kind == Kind::Configurations {
                continue;
            }
            if self.at.len() == MOST {
                self.left_out += 1;
                continue;
            }
            let detail = self.detail(&event, step.genesis);
            self.at.push(row);
            self.event.push(event.event);
            self.kind.push(number(event.kind));
            self.account.push(event.account);
            self.other.push(event.other);
            self.market.push(event.market);
            let tokens = |quanta: u64| Exact::of(&decimal(quanta.into(), step.genesis.quote_decimals));
            self.amount.push(event.amount.map(tokens));
            self.detail.push(detail);
        }
    }

    fn detail(&mut self, event: &Event, genesis: &GenesisFile) -> Detail {
        let field = |name| event.details.iter().find(|field| field.0 == name).map_or("", |field| &field.1);
        let listed = event.market.and_then(|id| genesis.listed(id));
        let tokens = |name| match (listed, field(name).parse()) {
            (Some(listed), Ok(value)) => point(&price(genesis, listed, value)),
            _ => f64::NAN,
        };
        match event.kind {
            Kind::Deposits | Kind::Modes => Detail::Mode(field("mode").parse().unwrap_or_default()),
            // The rate counts 10^-9 per hour.
            Kind::Ticks => Detail::Tick([tokens("price"), tokens("asked"), point(field("rate")) / 1e9]),
            Kind::Transfers => Detail::Created(field("created") == "true"),
            Kind::Withdrawals => Detail::Recipient(field("recipient").to_owned()),
            Kind::Configurations => Detail::Created(!field("first_price").is_empty()),
            Kind::Keys => Detail::Key([field("owner_x").to_owned(), field("owner_y").to_owned()]),
            Kind::Liquidations => {
                self.liquidations += 1;
                Detail::Row(self.liquidations - 1)
            }
        }
    }
}

/// The kind's number in the page's script.
const fn number(kind: Kind) -> u8 {
    match kind {
        Kind::Deposits => 0,
        Kind::Ticks => 1,
        Kind::Transfers => 2,
        Kind::Withdrawals => 3,
        Kind::Liquidations => 4,
        Kind::Modes => 5,
        Kind::Keys => 6,
        Kind::Configurations => 7,
    }
}
