//! The invariants of the law, kept in sums that move with the accounts of each batch.
//!
//! 1. With `C_a = C·U·2^16 - Σ (F - f)·b`: `Σ C_a + dust = U·2^16·(deposits - withdrawals)`; dust never decreases. As
//!    `Σ b = 0` in each market, `Σ C_a = Σ C·U·2^16 + Σ f·b`, which no tick moves.
//! 2. `Σ b = 0` and `open_interest = Σ |b|` for each market.
//! 3. At the batch's prices no account falls from `M·TV >= MMR` to below it, and none with `TV < 0` loses.

use num_bigint::BigInt;
use std::collections::BTreeMap;
use zkmargin_circuits::margin::Header;
use zkmargin_circuits::margin::native::{settle, totals};
use zkmargin_circuits::params::FUNDING_SCALE;
use zkmargin_circuits::state::{Account, AccountId, MarketId, State};

/// Sums over all accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Books {
    held: BigInt,
    sizes: BTreeMap<MarketId, (i128, u128)>,
    dust: u128,
}

/// A rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Number of the invariant and what it says.
    pub what: String,
    /// What should be.
    pub expected: String,
    /// What is.
    pub found: String,
}

impl Books {
    /// The sums of a state.
    pub fn of(state: &State) -> Self {
        let mut books = Self { dust: state.ledger().dust, ..Self::default() };
        for (_, account) in state.accounts() {
            books.count(account, 1);
        }
        books
    }

    fn count(&mut self, account: &Account, weight: i64) {
        self.held += BigInt::from(i128::from(account.collateral) * FUNDING_SCALE) * weight;
        for position in account.positions() {
            self.held += BigInt::from(position.funding_index) * position.size * weight;
            let (sum, gross) = self.sizes.entry(position.market).or_default();
            *sum += i128::from(position.size) * i128::from(weight);
            let magnitude = i128::from(position.size.unsigned_abs()) * i128::from(weight);
            *gross = gross.wrapping_add_signed(magnitude);
        }
    }

    /// Takes the accounts of a batch from what they were to what they are, and checks the three invariants.
    pub fn follow(
        &mut self,
        before: &BTreeMap<AccountId, Option<Account>>,
        state: &State,
    ) -> Result<(), Broken> {
        for (id, account) in before {
            if let Some(account) = account {
                self.count(account, -1);
            }
            if let Some(account) = state.account(*id) {
                self.count(account, 1);
            }
        }
        self.conservation(state)?;
        self.open_interest(state)?;
        before.iter().try_for_each(|(id, account)| match (account, state.account(*id)) {
            (Some(before), Some(after)) => health(*id, before, after, state),
            _ => Ok(()),
        })
    }

    fn conservation(&mut self, state: &State) -> Result<(), Broken> {
        let ledger = state.ledger();
        let held = &self.held + BigInt::from(ledger.dust);
        let paid = (BigInt::from(ledger.deposited) - ledger.withdrawn) * FUNDING_SCALE;
        if held != paid {
            return Err(broken(
                "invariant 1: accounts and dust hold what was paid in (scale U·2^16)",
                paid,
                held,
            ));
        }
        if ledger.dust < self.dust {
            return Err(broken("invariant 1: dust never decreases", self.dust, ledger.dust));
        }
        self.dust = ledger.dust;
        Ok(())
    }

    fn open_interest(&self, state: &State) -> Result<(), Broken> {
        for (id, market) in state.markets() {
            let (sum, gross) = self.sizes.get(&id).copied().unwrap_or_default();
            if sum != 0 {
                return Err(broken(format!("invariant 2: sizes of market {id}"), 0, sum));
            }
            if u128::from(market.open_interest) != gross {
                return Err(broken(
                    format!("invariant 2: open interest of market {id}"),
                    gross,
                    market.open_interest,
                ));
            }
        }
        Ok(())
    }
}

/// Invariant 3. A settlement that the law refuses was refused before.
fn health(id: AccountId, before: &Account, after: &Account, state: &State) -> Result<(), Broken> {
    let market = |id| state.market(id).copied();
    let Some((before, after)) = opened(before, market).zip(opened(after, market)) else { return Ok(()) };
    if !before.is_liquidatable() && after.is_liquidatable() {
        let what = format!("invariant 3: account {id} meets its maintenance requirement");
        return Err(broken(what, "as before", "below it"));
    }
    if before.total_value() < 0 && after.total_value() < before.total_value() {
        let what = format!("invariant 3: value of account {id}, which is in debt (scale U)");
        return Err(broken(what, format!("at least {}", before.total_value()), after.total_value()));
    }
    Ok(())
}

/// The totals of an account at these markets, funding settled.
pub fn opened(
    account: &Account,
    market: impl Fn(MarketId) -> Option<zkmargin_circuits::state::Market> + Copy,
) -> Option<Header> {
    let settled = settle(account, market).ok()?;
    totals(account, settled.collateral, market).ok()
}

fn broken(what: impl Into<String>, expected: impl ToString, found: impl ToString) -> Broken {
    Broken { what: what.into(), expected: expected.to_string(), found: found.to_string() }
}
