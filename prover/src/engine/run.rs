//! One pass over a batch's work on a copy of the state: builds ops, applies them, notes what is refused.

use super::wallets::Wallets;
use super::work::{OrderKey, Want};
use crate::wire::event::{OrderRequest, Pocket, Side, User};
use std::collections::{BTreeMap, HashMap};
use zkmargin_circuits::executor::{Applied, ApplyError, Executor};
use zkmargin_circuits::kinds::Overflow;
use zkmargin_circuits::ops::{
    Action, Deposit, Fill, Item, Lane, Liquidate, Op, OrderItem, Taker, TransferItem, WithdrawItem,
};
use zkmargin_circuits::params::{M, U};
use zkmargin_circuits::state::{self, AccountId, Flags, Mode, OrderId};

/// Orders of printed trades live within their batch; their expiry is the last second there is.
const NEVER: u64 = (1 << 40) - 1;
/// Most items under one signature of the house.
const HOUSE_ITEMS: usize = 128;

/// Why a piece of work did not happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Refused: by a `Reject` of the law, or because something before it was refused.
    Refused(String),
    /// The batch has no more rows of some kind.
    Full(Overflow),
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Reject(reject) => Self::Refused(reject.name()),
            ApplyError::Overflow(overflow) => Self::Full(overflow),
            ApplyError::Sealed => Self::Refused("Sealed".to_owned()),
        }
    }
}

/// Who an account belongs to: a user of the tape, or (None) the house.
pub type Owner = Option<User>;

/// The accounts and orders that are known across batches.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// Accounts by owner and mode.
    pub accounts: HashMap<(Owner, Pocket), AccountId>,
    /// Orders by key: id and owner's account.
    pub orders: HashMap<OrderKey, (OrderId, AccountId)>,
}

/// Who signs the action at an index of the ops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signer {
    /// Index of the action in the ops.
    pub op: usize,
    /// Owner of the wallet that signs.
    pub owner: Owner,
}

/// The limit and the size of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizing {
    /// Limit price in ticks.
    pub limit: u32,
    /// Size in lots.
    pub lots: u64,
}

/// A pass that is under way.
pub struct Run<'a> {
    executor: Executor,
    wallets: &'a Wallets,
    directory: &'a Directory,
    /// New accounts and orders of this pass.
    pub born: Directory,
    /// Ops applied so far; signatures are still blank.
    pub ops: Vec<Op>,
    /// The signers of the actions among the ops.
    pub signers: Vec<Signer>,
    failed: HashMap<OrderKey, String>,
}

impl<'a> Run<'a> {
    /// A pass with an executor that skips signatures.
    pub fn new(executor: Executor, directory: &'a Directory, wallets: &'a Wallets) -> Self {
        Self {
            executor,
            wallets,
            directory,
            born: Directory::default(),
            ops: Vec::new(),
            signers: Vec::new(),
            failed: HashMap::new(),
        }
    }

    /// Applies an op as it is.
    pub fn apply(&mut self, op: Op) -> Result<Applied, Failure> {
        let applied = self.executor.apply(&op)?;
        self.ops.push(op);
        Ok(applied)
    }

    /// The account of an owner, if it was opened.
    pub fn account(&self, owner: Owner, pocket: Pocket) -> Option<AccountId> {
        let key = (owner, pocket);
        self.born.accounts.get(&key).or_else(|| self.directory.accounts.get(&key)).copied()
    }

    fn need_account(&self, owner: Owner, pocket: Pocket) -> Result<AccountId, Failure> {
        self.account(owner, pocket).ok_or_else(|| refused("UnknownAccount"))
    }

    fn order(&self, key: OrderKey) -> Result<(OrderId, AccountId), Failure> {
        let known = self.born.orders.get(&key).or_else(|| self.directory.orders.get(&key));
        known.copied().ok_or_else(|| match self.failed.get(&key) {
            Some(reason) => refused(reason),
            None => refused("UnknownOrder"),
        })
    }

    /// Whether an order was placed, in this pass or before.
    pub fn is_placed(&self, key: OrderKey) -> bool {
        self.order(key).is_ok()
    }

    /// Credits a deposit, opening the account if the owner has none.
    pub fn deposit(&mut self, owner: Owner, pocket: Pocket, amount: u64) -> Result<(), Failure> {
        let account = self.account(owner, pocket).unwrap_or(0);
        let key = self.wallets.get(owner).public;
        let deposit = Deposit { account, owner: key, mode: mode(pocket), amount };
        if let Applied::Deposit { account } = self.apply(Op::Deposit(deposit))? {
            self.born.accounts.insert((owner, pocket), account);
        }
        Ok(())
    }

    /// Pays out to the owner's L1 address.
    pub fn withdraw(&mut self, owner: Owner, pocket: Pocket, amount: u64) -> Result<(), Failure> {
        let recipient = self.wallets.get(owner).recipient;
        let item = Item::Withdraw(WithdrawItem { amount, recipient });
        self.act(owner, pocket, vec![item], &[]).map(|_| ())
    }

    /// Moves collateral between accounts of one owner, opening the second if there is none.
    pub fn transfer(
        &mut self,
        owner: Owner,
        (from, to): (Pocket, Pocket),
        amount: u64,
    ) -> Result<(), Failure> {
        let known = self.account(owner, to).unwrap_or(0);
        let item = TransferItem { to: known, amount, mode: mode(to) };
        let accounts = self.act(owner, from, vec![Item::Transfer(item)], &[])?;
        self.born.accounts.extend(accounts.first().map(|account| ((owner, to), *account)));
        Ok(())
    }

    /// Signs and applies items together: all of them or none. `keys` name the order items in sequence.
    /// Returns the recipients of transfers.
    fn act(
        &mut self,
        owner: Owner,
        pocket: Pocket,
        items: Vec<Item>,
        keys: &[OrderKey],
    ) -> Result<Vec<AccountId>, Failure> {
        let account = self.need_account(owner, pocket)?;
        let nonces = self.executor.account(account).map_err(ApplyError::from)?.nonces;
        let only_cancels = items.iter().all(|item| matches!(item, Item::Cancel(_)));
        let lane = if only_cancels { Lane::Cancels } else { Lane::Orders };
        let nonce = nonces.last(lane) + 1;
        let signature = self.wallets.blank_signature();
        let action = Action { account, lane, strict: false, nonce, items, signature };
        let applied = self.apply(Op::Action(Box::new(action)))?;
        self.signers.push(Signer { op: self.ops.len() - 1, owner });
        let Applied::Action { orders, accounts } = applied else { return Ok(Vec::new()) };
        let placed = keys.iter().zip(orders).map(|(key, id)| (*key, (id, account)));
        self.born.orders.extend(placed);
        Ok(accounts)
    }

    /// Places the order of a printed trade; a failure is remembered for the trades that need it.
    pub fn place(&mut self, key: OrderKey, sizing: Sizing) -> Result<(), Failure> {
        let (OrderKey::Prints { user, .. } | OrderKey::Forced { user, .. }) = key else {
            return Err(refused("UnknownOrder"));
        };
        if let Some(reason) = self.failed.get(&key) {
            return Err(refused(reason));
        }
        let placed = self.act(Some(user), Pocket::Cross, vec![item(key, sizing)], &[key]);
        placed.map(|_| ()).inspect_err(|failure| self.remember(failure, &[key]))
    }

    /// Trades that need an order which was refused are refused for the same reason.
    fn remember(&mut self, failure: &Failure, keys: &[OrderKey]) {
        if let Failure::Refused(reason) = failure {
            self.failed.extend(keys.iter().map(|key| (*key, reason.clone())));
        }
    }

    /// Places the house's exact counterparts in bulk.
    pub fn place_house(&mut self, orders: &[(OrderKey, Sizing)]) -> Result<(), Failure> {
        for part in orders.chunks(HOUSE_ITEMS) {
            let items = part.iter().map(|(key, sizing)| item(*key, *sizing)).collect();
            let keys: Vec<OrderKey> = part.iter().map(|(key, _)| *key).collect();
            self.act(None, Pocket::Cross, items, &keys)?;
        }
        Ok(())
    }

    /// Signs what a user asked for in one second.
    pub fn wants(&mut self, user: User, pocket: Pocket, wants: &[Want]) -> Result<(), Failure> {
        let keys: Vec<OrderKey> = wants.iter().filter_map(placed_name).collect();
        let outcome = self.items(wants).and_then(|items| self.act(Some(user), pocket, items, &keys));
        outcome.map(|_| ()).inspect_err(|failure| self.remember(failure, &keys))
    }

    fn items(&self, wants: &[Want]) -> Result<Vec<Item>, Failure> {
        let one = |want: &Want| match want {
            Want::Order(request) => Ok(requested(request)),
            Want::Cancel(name) => Ok(Item::Cancel(self.order(OrderKey::Named(*name))?.0)),
        };
        wants.iter().map(one).collect()
    }

    /// Lets two orders meet.
    pub fn fill(&mut self, maker: OrderKey, taker: OrderKey, lots: u64) -> Result<(), Failure> {
        let (maker, taker) = (self.order(maker)?.0, self.order(taker)?.0);
        self.apply(Op::Fill(Fill { taker, maker, lots })).map(|_| ())
    }

    /// Whether an order that must fill whole or not at all is filled in part.
    pub fn is_torn(&self, key: OrderKey) -> bool {
        let order = self.order(key).ok().and_then(|(id, _)| self.executor.order(id));
        order.is_some_and(|o| o.flags.fill_or_kill && o.left != 0 && o.left != o.size)
    }

    /// A liquidation of `lots` at a price of `price` ticks, taken by an order or the pool.
    pub fn liquidate(
        &mut self,
        account: (Owner, Pocket),
        market: u16,
        sizing: Sizing,
        taker: Option<OrderKey>,
    ) -> Result<(), Failure> {
        let op = self.liquidation(account, market, sizing, taker)?;
        self.apply(op).map(|_| ())
    }

    /// Lots that an account holds and could trade away on `side`.
    pub fn held_lots(&self, account: (Owner, Pocket), market: u16, side: Side) -> u64 {
        let view = self.account(account.0, account.1).and_then(|id| self.executor.account(id).ok());
        let positions = view.map_or_else(Vec::new, |view| view.positions);
        let closes = |size: i64| (size > 0) == (side == Side::Sell);
        positions
            .iter()
            .find(|(id, position)| *id == market && closes(position.size))
            .and_then(|(_, position)| {
                position.size.unsigned_abs().checked_div(self.executor.market(market)?.lot)
            })
            .unwrap_or(0)
    }

    /// The largest size below `sizing.lots` that would be accepted: more would be more than needed.
    pub fn largest_liquidation(
        &self,
        account: (Owner, Pocket),
        market: u16,
        sizing: Sizing,
        taker: Option<OrderKey>,
    ) -> u64 {
        let accepted = |lots: u64| {
            self.liquidation(account, market, Sizing { lots, ..sizing }, taker)
                .is_ok_and(|op| self.executor.check(&op).is_ok())
        };
        let (mut low, mut high) = (0, sizing.lots);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if accepted(middle) { low = middle } else { high = middle }
        }
        low
    }

    /// Whether `0 <= TV` and `M·TV < MMR` would hold at other prices (32.32) of some markets.
    pub fn is_due_at(&self, account: (Owner, Pocket), prices: &BTreeMap<u16, u64>) -> bool {
        let Some(id) = self.account(account.0, account.1) else { return false };
        let Ok(view) = self.executor.account(id) else { return false };
        let mut value = i128::from(view.header.collateral) * U;
        let mut maintenance = 0;
        for (id, position) in &view.positions {
            let Some(market) = self.executor.market(*id) else { return false };
            let price = prices.get(id).copied().unwrap_or(market.price).min(market.max_price);
            let price = i128::from(price);
            value += price * i128::from(position.size);
            maintenance +=
                price * i128::from(position.size.unsigned_abs()) * i128::from(market.maintenance_fraction);
        }
        value >= 0 && M * value < maintenance
    }

    fn liquidation(
        &self,
        account: (Owner, Pocket),
        market: u16,
        sizing: Sizing,
        taker: Option<OrderKey>,
    ) -> Result<Op, Failure> {
        let account = self.need_account(account.0, account.1)?;
        let taker = match taker {
            Some(key) => Taker::Order(self.order(key)?.0),
            None => Taker::Pool,
        };
        let tick_quote = self.executor.market(market).map_or(0, |market| market.tick_quote);
        let quote = u128::from(sizing.lots) * u128::from(sizing.limit);
        let quote = quote.checked_mul(u128::from(tick_quote)).and_then(|q| u64::try_from(q).ok());
        let quote = quote.ok_or_else(|| refused("QuoteRange"))?;
        Ok(Op::Liquidate(Liquidate { account, market, lots: sizing.lots, quote, taker }))
    }
}

fn placed_name(want: &Want) -> Option<OrderKey> {
    match want {
        Want::Order(request) => Some(OrderKey::Named(request.name)),
        Want::Cancel(_) => None,
    }
}

/// Makes a refusal with its reason.
pub fn refused(reason: &str) -> Failure {
    Failure::Refused(reason.to_owned())
}

/// The mode of an account in the protocol.
pub fn mode(pocket: Pocket) -> Mode {
    match pocket {
        Pocket::Cross => Mode::Cross,
        Pocket::Isolated(market) => Mode::Isolated(market),
    }
}

fn side(side: Side) -> state::Side {
    match side {
        Side::Buy => state::Side::Buy,
        Side::Sell => state::Side::Sell,
    }
}

/// An order for this batch only: what is left of it does not rest.
fn item(key: OrderKey, sizing: Sizing) -> Item {
    let (market, order_side) = match key {
        OrderKey::Prints { market, side, .. }
        | OrderKey::Forced { market, side, .. }
        | OrderKey::House { market, side, .. } => (market, side),
        OrderKey::Named(_) => (0, Side::Buy),
    };
    Item::Order(OrderItem {
        market,
        side: side(order_side),
        limit: sizing.limit,
        lots: sizing.lots,
        flags: Flags { immediate_or_cancel: true, ..Flags::default() },
        max_fee: 0,
        expiry: NEVER,
    })
}

fn requested(request: &OrderRequest) -> Item {
    let terms = request.terms;
    Item::Order(OrderItem {
        market: request.market,
        side: side(request.side),
        limit: request.limit,
        lots: request.lots,
        flags: Flags {
            post_only: terms.post_only,
            reduce_only: terms.reduce_only,
            immediate_or_cancel: terms.ioc,
            fill_or_kill: terms.fok,
        },
        max_fee: terms.max_fee,
        expiry: terms.expiry.unwrap_or(NEVER),
    })
}
