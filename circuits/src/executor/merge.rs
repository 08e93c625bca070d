//! Taking over what an op changed, if the batch still fits its shape.

use super::apply::Executor;
use super::cells::{OpenAccount, OpenOrder, SignedList};
use super::stage::{Cells, Changes};
use crate::kinds::{Overflow, Usage};
use crate::ops::prices::word_of;
use crate::params::SEQUENCE_BITS;
use crate::state::tree::{Address, account_leaf, market_leaf, order_leaf};

impl Executor {
    /// Merges a stage if the batch still fits its shape.
    pub(super) fn merge(&mut self, changes: Changes) -> Result<(), Overflow> {
        let sequence = changes.counters.sequence;
        if sequence >> SEQUENCE_BITS != 0 {
            let capacity = (1 << SEQUENCE_BITS) - 1;
            return Err(Overflow { what: "sequence", needed: sequence as usize, capacity });
        }
        let (mut usage, leaves) = self.usage_with(&changes);
        let flat = self.count_accounts(&changes, &mut usage);
        leaves.iter().for_each(|(leaf, added)| self.count(*leaf, *added));
        let usage = usage.with("nodes", self.nodes.nodes());
        if let Err(overflow) = self.capacities.fits(&usage) {
            leaves.iter().rev().for_each(|(leaf, added)| self.count(*leaf, !added));
            return Err(overflow);
        }
        (self.usage, self.flat) = (usage, flat);
        self.cells.accounts.extend(changes.cells.accounts);
        self.cells.orders.extend(changes.cells.orders);
        self.cells.markets.extend(changes.cells.markets);
        self.cells.lists.extend(changes.cells.lists);
        self.records.append(changes.records);
        self.counters = changes.counters;
        Ok(())
    }

    fn count(&mut self, leaf: Address, add: bool) {
        if add { self.nodes.add(leaf) } else { self.nodes.remove(leaf) }
    }

    /// Usage of accounts after `changes`; how many cross accounts use no slot then.
    ///
    /// Those take rows without slots as long as there are any, and rows with slots beyond.
    fn count_accounts(&self, changes: &Changes, usage: &mut Usage) -> usize {
        let mut flat = self.flat;
        usage["cross_accounts"] += usage["flat_accounts"];
        for (id, account) in &changes.cells.accounts {
            let before = self.cells.accounts.get(id);
            usage[account.rows()] += 1;
            if let Some(before) = before {
                usage[before.rows()] -= 1;
            }
            flat += usize::from(account.is_flat());
            flat -= usize::from(before.is_some_and(OpenAccount::is_flat));
        }
        usage["flat_accounts"] = flat.min(self.capacities["flat_accounts"]);
        usage["cross_accounts"] -= usage["flat_accounts"];
        flat
    }

    /// Rows of quotes for these lists and markets: as many as the highest number of a word asks for.
    fn quotes_with(&self, cells: &Cells) -> usize {
        if self.state.signers().is_empty() {
            return 0;
        }
        let words = |list: &SignedList| {
            let premiums = list.premiums.iter().flat_map(|words| words.keys());
            list.words.keys().chain(premiums).max().map(|index| usize::from(*index))
        };
        let words = cells.lists.values().filter_map(words);
        let markets = cells.markets.keys().map(|id| word_of(*id).0);
        words.chain(markets).max().map_or(0, |highest| highest + 1)
    }

    /// Usage after `changes` except for accounts and nodes, and the leaves that come (true) or go (false).
    fn usage_with(&self, changes: &Changes) -> (Usage, Vec<(Address, bool)>) {
        let mut usage = self.usage;
        usage.add(&changes.records);
        let mut leaves = Vec::new();
        for (id, account) in &changes.cells.accounts {
            let before = self.cells.accounts.get(id);
            usage["positions"] += account.changed();
            usage["positions"] -= before.map_or(0, OpenAccount::changed);
            if before.is_none() {
                leaves.push((account_leaf(*id), true));
            }
        }
        usage["quotes"] = usage["quotes"].max(self.quotes_with(&changes.cells));
        for id in changes.cells.markets.keys() {
            if !self.cells.markets.contains_key(id) {
                leaves.push((market_leaf(*id), true));
                usage["markets"] += 1;
            }
        }
        for (id, order) in &changes.cells.orders {
            let before = self.cells.orders.get(id).is_some_and(OpenOrder::needs_leaf);
            if before != order.needs_leaf() {
                leaves.push((order_leaf(*id), !before));
            }
            usage["orders"] += usize::from(order.needs_leaf());
            usage["orders"] -= usize::from(before);
        }
        (usage, leaves)
    }
}
