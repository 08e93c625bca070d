//! Opening an account: funding is settled once, then value and requirements are summed once.

use num_bigint::{BigInt, Sign};

use super::division::div_floor_wide;
use crate::margin::{Header, PositionCell};
use crate::params::{COLLATERAL_OFFSET, FUNDING_SCALE};
use crate::reject::{Refusal, Reject, Relation, Unit};
use crate::state::{Account, Market, MarketId};

/// What settling the funding of an account gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// `C'`, quote quanta.
    pub collateral: i64,
    /// What the floor took, scale U·2^16, below that: it goes to the dust ledger.
    pub dust: u64,
}

/// `C' = floor((C·U·2^16 - Σ (F - f)·b)/(U·2^16))`: one floor per account, against the account.
///
/// `markets` gives the market after this batch's tick. Errors: `UnknownMarket`, `CollateralRange`.
pub fn settle(account: &Account, market: impl Fn(MarketId) -> Option<Market>) -> Result<Settled, Refusal> {
    let mut owed = BigInt::from(0);
    for position in account.positions() {
        let index = market(position.market).ok_or(Reject::UnknownMarket)?.funding_index;
        let change = index - position.funding_index;
        match change.checked_mul(position.size.into()) {
            Some(part) => owed += part,
            None => owed += BigInt::from(change) * position.size,
        }
    }
    let total = BigInt::from(i128::from(account.collateral) * FUNDING_SCALE) - owed;
    let collateral = div_floor_wide(&total, &BigInt::from(FUNDING_SCALE));
    let dust = total - &collateral * BigInt::from(FUNDING_SCALE);
    Ok(Settled {
        collateral: i64::try_from(&collateral).map_err(|_| collateral_range(collateral))?,
        dust: u64::try_from(dust).unwrap_or_default(),
    })
}

/// What is said to a settled collateral beyond its range.
fn collateral_range(collateral: BigInt) -> Refusal {
    let (relation, bound) = match collateral.sign() {
        Sign::Minus => (Relation::AtLeast, -COLLATERAL_OFFSET),
        _ => (Relation::Less, COLLATERAL_OFFSET),
    };
    let (reason, unit) = (Reject::CollateralRange, Unit::QuoteQuanta);
    Refusal { reason, id: "ACC-6", left: collateral.into(), right: bound.into(), relation, unit }
}

/// What one position requires, scale U·M.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// `max(R_imf(n), n·e)` with the fraction in force or the owner's own, whichever is higher.
    pub initial: i128,
    /// `R_imf(n)`: by the tiers alone.
    pub by_tiers: i128,
    /// `R_mmf(n)`.
    pub maintenance: i128,
}

/// What `size` base quanta in `market` require: `R(n) = m·n - A` by the tier of the value `n = |b|·p`, and initially
/// no less than `n·max(e, leverage_limit)` with the fraction e in force.
pub fn requirement(market: &Market, leverage_limit: u32, size: i64) -> Requirement {
    let value = u128::from(size.unsigned_abs()) * u128::from(market.price);
    let slope = market.slope(value);
    let by_tiers = slope.initial(value);
    let least = market.initial_in_force().max(leverage_limit);
    Requirement {
        initial: by_tiers.max(value as i128 * i128::from(least)),
        by_tiers,
        maintenance: slope.maintenance(value),
    }
}

/// The header of a settled account.
pub fn totals(
    account: &Account,
    collateral: i64,
    market: impl Fn(MarketId) -> Option<Market>,
) -> Result<Header, Refusal> {
    let leverage_limit = account.leverage_limit;
    let mut header = Header { leverage_limit, ..Header::flat(collateral, account.mode) };
    for position in account.positions() {
        let market = market(position.market).ok_or(Reject::UnknownMarket)?;
        let cell = PositionCell { size: position.size, entry_quote: position.entry_quote };
        header.add_position(&market, &cell, 1);
        header.still += u8::from(market.still);
    }
    Ok(header)
}

impl Header {
    /// Adds (`weight` 1) or removes (-1) the terms of one position.
    pub(crate) fn add_position(&mut self, market: &Market, cell: &PositionCell, weight: i128) {
        let required = requirement(market, self.leverage_limit, cell.size);
        self.value += weight * i128::from(market.price) * i128::from(cell.size);
        self.initial += weight * required.initial;
        self.maintenance += weight * required.maintenance;
        self.entry += weight * i128::from(cell.size.signum()) * i128::from(cell.entry_quote);
    }
}
