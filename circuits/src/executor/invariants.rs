//! What must hold of any batch, checked on the states around it and on its trace.
//!
//! 1. With `C_a = C·U - Σ (F - f)·b`: `Σ C_a + dust = U·(deposits - withdrawals)`; dust never
//!    decreases.
//! 2. `Σ b = 0` and `open_interest = Σ |b|` for each market.
//! 3. At the batch's prices, no account falls from `M·TV >= MMR` to below it, and none with
//!    `TV < 0` changes without gaining.
//! 4. The tree belongs to the cells: the root follows from the leaves alone (`check_root`, slow).

use std::collections::BTreeMap;

use num_bigint::BigInt;
use thiserror::Error;

use crate::kinds::Trace;
use crate::leaves::account::{AccountRecord, ModeChangeRecord};
use crate::margin::Header;
use crate::params::{FUNDING_SCALE, SLOTS};
use crate::state::tree::Tree;
use crate::state::{AccountId, MarketId, State};

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Violation {
    /// Invariant 1: value came from nowhere, or was lost.
    #[error("value is not conserved: accounts and dust hold {held}, the contract {paid} (scale U)")]
    Conservation {
        /// `Σ C_a + dust`, scale U.
        held: BigInt,
        /// `U·(deposits - withdrawals)`.
        paid: BigInt,
    },
    /// Invariant 1: dust went back to an account.
    #[error("dust fell from {before} to {after}")]
    DustFell {
        /// Dust before the batch, scale U.
        before: u128,
        /// Dust after the batch, scale U.
        after: u128,
    },
    /// Invariant 2: longs and shorts of a market differ.
    #[error("market {market}: sizes sum to {sum}")]
    Unbalanced {
        /// Id of the market.
        market: MarketId,
        /// `Σ b`, base quanta, which should be 0.
        sum: i128,
    },
    /// Invariant 2: the open interest of a market is not what its accounts hold.
    #[error("market {market}: open interest {stated}, positions hold {held}")]
    OpenInterest {
        /// Id of the market.
        market: MarketId,
        /// What the market's cell says, base quanta.
        stated: u64,
        /// `Σ |b|`, base quanta.
        held: u128,
    },
    /// Invariant 3: the account met its maintenance requirement before the batch, and not after it.
    #[error("account {0} fell below its maintenance requirement")]
    FellBelowMaintenance(AccountId),
    /// Invariant 3: the account had a negative value before the batch, and less after it.
    #[error("bankrupt account {0} lost value")]
    BankruptLost(AccountId),
    /// Invariant 4: a tree that is built from all leaves has another root.
    #[error("the root is not that of the leaves")]
    Root,
}

/// Checks invariants 1 to 3 of a batch that led from `before` (its ledger) to `after`.
pub fn check(dust_before: u128, after: &State, trace: &Trace) -> Result<(), Violation> {
    check_conservation(after)?;
    let dust = after.ledger().dust;
    if dust < dust_before {
        return Err(Violation::DustFell { before: dust_before, after: dust });
    }
    check_open_interest(after)?;
    let cross = trace.of::<AccountRecord<SLOTS>>().iter().map(|row| (row.id, row.opened, row.closed()));
    let isolated = trace.of::<AccountRecord<1>>().iter().map(|row| (row.id, row.opened, row.closed()));
    let flat = trace.of::<AccountRecord<0>>().iter().map(|row| (row.id, row.opened, row.closed()));
    let moved = trace.of::<ModeChangeRecord>().iter().map(|row| &row.account);
    let moved = moved.map(|account| (account.id, account.opened, account.closed()));
    cross
        .chain(isolated)
        .chain(flat)
        .chain(moved)
        .try_for_each(|(id, pre, post)| check_health(id, &pre, &post))
}

/// Invariant 1.
fn check_conservation(state: &State) -> Result<(), Violation> {
    let mut held = BigInt::from(state.ledger().dust);
    for (_, account) in state.accounts() {
        held += i128::from(account.collateral) * FUNDING_SCALE;
        for position in account.positions() {
            let index = state.market(position.market).map_or(0, |market| market.funding_index);
            held -= BigInt::from(index - position.funding_index) * position.size;
        }
    }
    let ledger = state.ledger();
    let paid = (BigInt::from(ledger.deposited) - ledger.withdrawn) * FUNDING_SCALE;
    if held == paid { Ok(()) } else { Err(Violation::Conservation { held, paid }) }
}

/// Invariant 2.
fn check_open_interest(state: &State) -> Result<(), Violation> {
    let mut sums: BTreeMap<MarketId, (i128, u128)> = BTreeMap::new();
    for (_, account) in state.accounts() {
        for position in account.positions() {
            let (sum, held) = sums.entry(position.market).or_default();
            *sum += i128::from(position.size);
            *held += u128::from(position.size.unsigned_abs());
        }
    }
    for (market, cell) in state.markets() {
        let (sum, held) = sums.get(&market).copied().unwrap_or_default();
        if sum != 0 {
            return Err(Violation::Unbalanced { market, sum });
        }
        let stated = cell.open_interest;
        if u128::from(stated) != held {
            return Err(Violation::OpenInterest { market, stated, held });
        }
    }
    Ok(())
}

/// Invariant 3.
fn check_health(account: AccountId, pre: &Header, post: &Header) -> Result<(), Violation> {
    if !pre.is_liquidatable() && post.is_liquidatable() {
        return Err(Violation::FellBelowMaintenance(account));
    }
    if pre.total_value() < 0 && post.total_value() < pre.total_value() {
        return Err(Violation::BankruptLost(account));
    }
    Ok(())
}

/// Invariant 4: rebuilds the tree from every leaf.
pub fn check_root(state: &State) -> Result<(), Violation> {
    let mut tree = Tree::new();
    tree.update(&state.leaves());
    if tree.root() == state.root() { Ok(()) } else { Err(Violation::Root) }
}

#[cfg(test)]
mod tests;
