//! Liquidations with their published numbers, and the checks of the law with both sides.

use super::Step;
use super::accounts::ratio;
use super::exact::Exact;
use crate::audit::account::{base_units, decimal, price};
use crate::audit::law::{self, Line};
use crate::record::genesis::{GenesisFile, ListedMarket};
use serde::Serialize;
use zkmargin_circuits::params::{M, U};
use zkmargin_circuits::publication::decode::LiquidationEntry;
use zkmargin_circuits::state::{Market, MarketId};

/// Liquidations that the page holds; those after are counted only.
const MOST: usize = 100_000;

/// Rows, and the law beside them.
#[derive(Debug, Default)]
pub struct Liquidations {
    /// The published numbers.
    pub rows: Rows,
    /// The checks, one list per row.
    pub law: Law,
}

/// Columns of equal length. Money in quote tokens, sizes in base units.
#[derive(Debug, Default, Serialize)]
pub struct Rows {
    /// Row of the table of batches.
    at: Vec<usize>,
    element: Vec<usize>,
    account: Vec<u64>,
    taker: Vec<u64>,
    order: Vec<Option<u64>>,
    market: Vec<MarketId>,
    short: Vec<bool>,
    size: Vec<Exact>,
    held: Vec<Exact>,
    quote: Vec<Exact>,
    /// Quote per base unit.
    price: Vec<Exact>,
    oracle: Vec<Exact>,
    fee: Vec<Exact>,
    value: Vec<Exact>,
    initial: Vec<Exact>,
    maintenance: Vec<Exact>,
    /// `M·TV / MMR` before, cut to three decimals.
    ratio: Vec<Option<f64>>,
    left_out: usize,
}

/// Checks: what they ask once, their numbers per liquidation.
#[derive(Debug, Default, Serialize)]
pub struct Law {
    /// Id, words, relation, unit.
    asks: Vec<[String; 4]>,
    /// The checks of each liquidation.
    lines: Vec<Vec<Sides>>,
}

/// A check's number in [`Law::asks`], left side, right side, and whether it holds; an array in JSON.
#[derive(Debug, Serialize)]
struct Sides(usize, Box<str>, Box<str>, bool);

impl Liquidations {
    /// Adds those of a batch.
    pub fn take(&mut self, step: &Step<'_>, row: usize) {
        for entry in &step.batch.liquidations {
            let listed = step.genesis.listed(entry.value.market);
            let Some((market, listed)) = step.state.market(entry.value.market).zip(listed) else { continue };
            if self.rows.at.len() == MOST {
                self.rows.left_out += 1;
                continue;
            }
            self.rows.at.push(row);
            self.rows.element.push(entry.at.element);
            self.rows.take(&entry.value, step.genesis, listed, market);
            self.law.take(&law::liquidation(&entry.value, market, step.state.globals().time));
        }
    }
}

impl Rows {
    fn take(
        &mut self,
        entry: &LiquidationEntry,
        genesis: &GenesisFile,
        listed: &ListedMarket,
        market: &Market,
    ) {
        let tokens = |quanta: i128| Exact::of(&decimal(quanta, genesis.quote_decimals));
        let size = i128::from(entry.lots) * i128::from(market.lot);
        self.account.push(entry.account);
        self.taker.push(entry.taker);
        self.order.push(entry.order);
        self.market.push(entry.market);
        self.short.push(entry.short);
        self.size.push(Exact::of(&base_units(listed, size)));
        self.held.push(Exact::of(&base_units(listed, entry.held.into())));
        self.quote.push(tokens(entry.quote.into()));
        let paid = (i128::from(entry.quote) * U).checked_div(size).unwrap_or_default();
        self.price.push(Exact::of(&price(genesis, listed, paid)));
        self.oracle.push(Exact::of(&price(genesis, listed, market.price.into())));
        self.fee.push(tokens(entry.fee.into()));
        self.value.push(tokens(entry.value.div_euclid(U)));
        self.initial.push(tokens(entry.initial.div_euclid(U * M)));
        self.maintenance.push(tokens(entry.maintenance.div_euclid(U * M)));
        self.ratio.push(ratio(entry.value, entry.maintenance));
    }
}

impl Law {
    fn take(&mut self, lines: &[Line]) {
        let lines = lines.iter().map(|line| {
            let ask = [line.id, line.what, &line.relation, &line.unit].map(str::to_owned);
            let at = self.asks.iter().position(|known| *known == ask).unwrap_or_else(|| {
                self.asks.push(ask);
                self.asks.len() - 1
            });
            Sides(at, line.left.as_str().into(), line.right.as_str().into(), line.holds)
        });
        let lines = lines.collect();
        self.lines.push(lines);
    }
}
