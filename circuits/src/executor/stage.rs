//! The working copy of one op: what it opened, changed and recorded.

use std::collections::{BTreeMap, HashMap};

use super::apply::Executor;
use super::cells::{Cell, OpenAccount, OpenMarket, OpenOrder, SignedList};
use crate::kinds::Records;
use crate::ops::prices::{median, word_of};
use crate::ops::{Context, MarketEntry, Tick, require_valid_key, tick};
use crate::params::{ACCOUNT_BITS, TOUCHES_PER_ROW, rate_of};
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::{Account, AccountId, Globals, Ledger, Market, MarketId, Mode, OrderId, PublicKey};

/// Cells opened or changed; all others are the executor's.
#[derive(Debug, Default)]
pub(super) struct Cells {
    pub accounts: HashMap<AccountId, OpenAccount>,
    pub orders: HashMap<OrderId, OpenOrder>,
    pub markets: HashMap<MarketId, OpenMarket>,
    /// The batch's price lists by signer.
    pub lists: BTreeMap<usize, SignedList>,
}

/// Values of which there is one per batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counters {
    /// Counters and cursors so far; batch number and time change at the end.
    pub globals: Globals,
    pub ledger: Ledger,
    pub next_account: AccountId,
    /// Pending fees.
    pub fees: Cell<u64>,
    /// The last used sequence number.
    pub sequence: u32,
    /// An op other than a tick happened.
    pub started: bool,
    /// Fees were collected: nothing may follow.
    pub sealed: bool,
}

/// What one op (or one atomic group) would change.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub base: &'a Executor,
    pub context: Context,
    pub cells: Cells,
    pub records: Records,
    pub counters: Counters,
}

/// A [`Stage`] without its base, ready to be merged.
#[derive(Debug)]
pub(super) struct Changes {
    pub cells: Cells,
    pub records: Records,
    pub counters: Counters,
}

/// Time of touch `j` of the row with number `sequence`: `16T + j`.
pub(super) const fn touch_time(sequence: u32, j: u32) -> u32 {
    TOUCHES_PER_ROW * sequence + j
}

impl<'a> Stage<'a> {
    pub fn new(base: &'a Executor) -> Self {
        Self {
            base,
            context: base.context(),
            cells: Cells::default(),
            records: Records::default(),
            counters: base.counters,
        }
    }

    pub fn into_changes(self) -> Changes {
        Changes { cells: self.cells, records: self.records, counters: self.counters }
    }

    /// The sequence number of the next row, after which no tick may come.
    pub fn next_sequence(&mut self) -> u32 {
        self.counters.started = true;
        self.early_sequence()
    }

    /// The sequence number of a row after which ticks may come.
    pub fn early_sequence(&mut self) -> u32 {
        self.counters.sequence += 1;
        self.counters.sequence
    }

    /// Opens a market, which pays its funding. Errors: `UnknownMarket`, `FundingIndexRange`.
    pub fn market(&mut self, id: MarketId) -> Result<&mut OpenMarket, Refusal> {
        if !self.cells.markets.contains_key(&id) {
            let open = match self.base.cells.markets.get(&id) {
                Some(open) => *open,
                None => self.open_market(id, None)?,
            };
            self.cells.markets.insert(id, open);
        }
        self.cells.markets.get_mut(&id).ok_or_else(|| Reject::UnknownMarket.into())
    }

    /// A market as the batch finds it: with its tick, which is the op's or, with price signers, the one that is due.
    pub fn open_market(&mut self, id: MarketId, op: Option<&Tick>) -> Result<OpenMarket, Refusal> {
        let stored = *self.base.state.market(id).ok_or(Reject::UnknownMarket)?;
        self.open_stored(id, stored, op)
    }

    /// The same of a market that the batch lists, or that is stored.
    pub fn open_stored(
        &mut self,
        id: MarketId,
        stored: Market,
        op: Option<&Tick>,
    ) -> Result<OpenMarket, Refusal> {
        let context = &self.context;
        let (median, premium) = (self.median(id), self.premium(id));
        let due = median.filter(|price| context.observed > stored.last_tick && *price <= stored.max_price);
        // Without signers nothing is due.
        let due =
            due.map(|price| Tick { market: id, price, rate: tick::signed_rate(context, &stored, premium) });
        if due.is_some() && tick::crosses_hour(context, &stored) && !self.has_premiums() {
            return Err(Reject::NoPremium.into());
        }
        if let Some(op) = op
            && context.is_signed
        {
            let due = due.ok_or(Reject::NoQuorum)?;
            Check::equal("MKT-24", Reject::NotMedian, op.price, due.price, Unit::Price).require()?;
            Check::equal("MKT-36", Reject::NotSignedRate, op.rate, due.rate, Unit::Rate).require()?;
        }
        let tick = op.copied().or(due);
        let market = match &tick {
            Some(tick) => tick::apply(context, tick, &stored)?,
            None => tick::open(context, &stored)?,
        };
        if let Some(tick) = tick {
            self.records.push(tick);
        }
        let open_interest = Cell::open(stored.open_interest);
        Ok(OpenMarket { old: stored, tick, median, premium, market, open_interest, configured: None })
    }

    /// The list of a signer.
    pub fn list(&self, signer: usize) -> Option<&SignedList> {
        self.cells.lists.get(&signer).or_else(|| self.base.cells.lists.get(&signer))
    }

    /// Whether each signer with a list of prices has one of premiums.
    fn has_premiums(&self) -> bool {
        let signers = 0..self.base.state.signers().len();
        signers.filter_map(|signer| self.list(signer)).all(|list| list.premiums.is_some())
    }

    /// What a quorum of signers gives for a market.
    fn median(&self, id: MarketId) -> Option<u64> {
        let signers = self.base.state.signers().len();
        let (index, place) = word_of(id);
        let index = u8::try_from(index).ok()?;
        let words = (0..signers).filter_map(|signer| self.list(signer)?.words.get(&index));
        median(words.map(|prices| prices[place]), signers)
    }

    /// What a quorum of signers gives for a market's premium.
    fn premium(&self, id: MarketId) -> Option<i32> {
        let signers = self.base.state.signers().len();
        let (index, place) = word_of(id);
        let index = u8::try_from(index).ok()?;
        let words = (0..signers).filter_map(|signer| self.list(signer)?.premiums.as_ref()?.get(&index));
        median(words.map(|premiums| premiums[place]), signers).map(rate_of)
    }

    /// A market as ops read it.
    pub fn entry(&mut self, id: MarketId) -> Result<MarketEntry, Refusal> {
        Ok(MarketEntry { id, market: self.market(id)?.market })
    }

    /// Opens an account, and the markets of its positions.
    /// Errors: `UnknownAccount`, `CollateralRange` (funding).
    pub fn account(&mut self, id: AccountId) -> Result<&mut OpenAccount, Refusal> {
        if !self.cells.accounts.contains_key(&id) {
            let open = match self.base.cells.accounts.get(&id) {
                Some(open) => open.clone(),
                None => {
                    let stored = self.base.state.account(id).ok_or(Reject::UnknownAccount)?;
                    self.open_account(stored.clone(), None)?
                }
            };
            self.cells.accounts.insert(id, open);
        }
        self.cells.accounts.get_mut(&id).ok_or_else(|| Reject::UnknownAccount.into())
    }

    fn open_account(&mut self, account: Account, created_at: Option<u32>) -> Result<OpenAccount, Refusal> {
        for position in account.positions() {
            self.market(position.market)?;
        }
        let markets = &self.cells.markets;
        OpenAccount::open(account, created_at, |id| markets.get(&id).map(|open| open.market))
    }

    /// A new account with the next id, created at the time `at`.
    /// Errors, in order: `UnknownMarket`, `InvalidOwner`, `AccountIdsExhausted`.
    pub fn create_account(&mut self, owner: PublicKey, mode: Mode, at: u32) -> Result<AccountId, Refusal> {
        if let Mode::Isolated(market) = mode {
            self.base.state.market(market).ok_or(Reject::UnknownMarket)?;
        }
        require_valid_key(&owner)?;
        let id = self.counters.next_account;
        if id >> ACCOUNT_BITS != 0 {
            return Err(Reject::AccountIdsExhausted.into());
        }
        self.counters.next_account += 1;
        let open = self.open_account(Account::empty(owner, mode), Some(at))?;
        self.cells.accounts.insert(id, open);
        Ok(id)
    }

    /// Opens an order. Error: `UnknownOrder`.
    pub fn order(&mut self, id: OrderId) -> Result<&mut OpenOrder, Refusal> {
        if !self.cells.orders.contains_key(&id) {
            let open = match self.base.cells.orders.get(&id) {
                Some(open) => *open,
                None => {
                    let stored = *self.base.state.order(id).ok_or(Reject::UnknownOrder)?;
                    OpenOrder { created: false, old: stored, cell: Cell::open(stored) }
                }
            };
            self.cells.orders.insert(id, open);
        }
        self.cells.orders.get_mut(&id).ok_or_else(|| Reject::UnknownOrder.into())
    }
}
