//! Owners with several pooled accounts.
//!
//! An account has sixteen positions at most, and every market in which an opened account has one takes a
//! row of its batch. Nothing in a tape of prints says how the house, or a user without any deposit,
//! spreads its money. So each has one account for as many markets as a batch has rows.

use super::work::{Holder, Owner};
use crate::wire::event::{Event, MarginMode, Market, User, What};
use std::collections::BTreeSet;
use zkmargin_circuits::kinds::Capacities;
use zkmargin_circuits::params::SLOTS;

/// Which owners have several pooled accounts, and for how many markets each.
#[derive(Debug, Clone)]
pub struct Parts {
    markets: u16,
    undeposited: BTreeSet<User>,
}

impl Parts {
    /// Finds them from the events of a tape and the rows of a shape.
    pub fn of(events: &[Event], capacities: &Capacities) -> Self {
        let mut traded = BTreeSet::new();
        let mut deposited = BTreeSet::new();
        for event in events {
            match event.what {
                What::Print { user, .. } => traded.insert(user),
                What::Deposit { user, .. } => deposited.insert(user),
                _ => continue,
            };
        }
        let markets = capacities["markets"].clamp(1, SLOTS);
        let undeposited = traded.difference(&deposited).copied().collect();
        Self { markets: markets as u16, undeposited }
    }

    /// Users who trade though the tape shows no deposit of theirs.
    pub fn is_undeposited(&self, user: User) -> bool {
        self.undeposited.contains(&user)
    }

    /// The pooled account that an owner trades a market with.
    pub fn trader(&self, owner: Owner, market: Market) -> Holder {
        let several = owner.is_none_or(|user| self.is_undeposited(user));
        let part = if several { market.saturating_sub(1) / self.markets } else { 0 };
        Holder { owner, mode: MarginMode::Cross, part }
    }

    /// The house's accounts for that many markets.
    pub fn houses(&self, markets: usize) -> impl Iterator<Item = Holder> {
        let last = self.trader(None, u16::try_from(markets).unwrap_or(u16::MAX)).part;
        (0..=last).map(|part| Holder { owner: None, mode: MarginMode::Cross, part })
    }
}
