//! What markets and insurance pools were after each batch, a point where something changed.

use super::Step;
use super::exact::point;
use crate::audit::account::{base_units, decimal, price};
use crate::audit::books::opened;
use crate::record::genesis::ListedMarket;
use serde::Serialize;
use std::collections::BTreeMap;
use zkmargin_circuits::params::{FUNDING_FRACTION_BITS, U};
use zkmargin_circuits::state::{Market, MarketId, pool_account};

/// All markets, by number.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Markets {
    all: BTreeMap<MarketId, Series>,
}

/// A market over the batches. A column `…at` holds rows of the table of batches.
#[derive(Debug, Default, Serialize)]
struct Series {
    id: MarketId,
    name: String,
    at: Vec<usize>,
    /// Quote tokens per base unit.
    price: Vec<f64>,
    /// Quote tokens per base unit that a long position has paid since the genesis.
    funding: Vec<f64>,
    /// Base units, long and short together.
    open_interest: Vec<f64>,
    asked_at: Vec<usize>,
    /// Prices that ticks asked for and did not get.
    asked: Vec<f64>,
    pool_at: Vec<usize>,
    /// What the market's insurance pool is worth, quote tokens.
    pool: Vec<f64>,
    #[serde(skip)]
    last: Option<(u64, i128, u64)>,
    #[serde(skip)]
    last_pool: Option<i128>,
}

impl Markets {
    /// Adds what a batch changed.
    pub fn take(&mut self, step: &Step<'_>, row: usize) {
        for listed in &step.genesis.markets {
            let Some(market) = step.state.market(listed.id) else { continue };
            let series = self.all.entry(listed.id).or_insert_with(|| Series {
                id: listed.id,
                name: listed.name.clone(),
                ..Series::default()
            });
            series.take_market(step, listed, market, row);
            series.take_pool(step, row);
        }
        for entry in &step.batch.markets {
            let listed = step.genesis.listed(entry.value.market);
            let series = self.all.get_mut(&entry.value.market);
            let (Some(tick), Some((listed, series))) = (entry.value.tick, listed.zip(series)) else {
                continue;
            };
            if tick.asked != entry.value.price {
                series.asked_at.push(row);
                series.asked.push(point(&price(step.genesis, listed, tick.asked.into())));
            }
        }
    }
}

impl Series {
    fn take_market(&mut self, step: &Step<'_>, listed: &ListedMarket, market: &Market, row: usize) {
        let now = (market.price, market.funding_index, market.open_interest);
        if self.last.replace(now) == Some(now) {
            return;
        }
        let tokens = |value: i128| point(&price(step.genesis, listed, value));
        self.at.push(row);
        self.price.push(tokens(market.price.into()));
        // The chart leaves out what an index has beyond a price's fraction.
        self.funding.push(tokens(market.funding_index >> FUNDING_FRACTION_BITS));
        self.open_interest.push(units(listed, market.open_interest));
    }

    fn take_pool(&mut self, step: &Step<'_>, row: usize) {
        let account = step.state.account(pool_account(self.id));
        let header = account.and_then(|account| opened(account, |id| step.state.market(id).copied()));
        let Some(header) = header else { return };
        let value = header.total_value().div_euclid(U);
        if self.last_pool.replace(value) == Some(value) {
            return;
        }
        self.pool_at.push(row);
        self.pool.push(point(&decimal(value, step.genesis.quote_decimals)));
    }
}

/// Base units of a sum of positions; the chart leaves out parts of a lot.
fn units(listed: &ListedMarket, size: u64) -> f64 {
    let size = i128::from(size);
    point(&base_units(listed, size - size % i128::from(listed.lot.max(1))))
}
