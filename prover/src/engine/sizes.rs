//! What printed trades need of the orders behind them.

use super::plan::Verdict;
use super::run::Sizing;
use super::work::{OrderKey, Task, Work};
use crate::wire::event::Side;
use std::collections::BTreeMap;

/// Limits and sizes that printed trades need of their orders: the worst price, the sum of lots.
pub fn sizes(work: &[Work], verdicts: Option<&[Verdict]>) -> BTreeMap<OrderKey, Sizing> {
    let mut sizes = BTreeMap::new();
    for (index, work) in work.iter().enumerate() {
        let verdict = verdicts.and_then(|verdicts| verdicts.get(index));
        if verdict == Some(&Verdict::Dropped) {
            continue;
        }
        match &work.task {
            Task::Trade(trade) => {
                add(&mut sizes, trade.maker, trade.price, trade.lots);
                add(&mut sizes, trade.taker, trade.price, trade.lots);
            }
            Task::Forced(forced) => {
                let lots = match verdict {
                    Some(Verdict::Split { liquidated, filled }) => liquidated + filled,
                    _ => forced.lots,
                };
                add(&mut sizes, forced.taker, forced.price, lots);
            }
            _ => {}
        }
    }
    sizes
}

fn add(sizes: &mut BTreeMap<OrderKey, Sizing>, key: OrderKey, price: u32, lots: u64) {
    let side = match key {
        OrderKey::Prints { side, .. } | OrderKey::Forced { side, .. } | OrderKey::House { side, .. } => side,
        OrderKey::Named(_) => return,
    };
    let sizing = sizes.entry(key).or_insert(Sizing { limit: price, lots: 0 });
    sizing.lots = sizing.lots.saturating_add(lots);
    sizing.limit = match side {
        Side::Buy => sizing.limit.max(price),
        Side::Sell => sizing.limit.min(price),
    };
}
