//! One pass over a batch's work on a copy of the state: builds ops, applies them, notes what is refused.

use super::accounts::Parts;
use super::items::{item, protocol_mode, requested};
use super::refused::{Failure, Reason};
use super::wallets::Wallets;
use super::work::{Holder, OrderKey, Owner, Want, Wanted};
use crate::wire::event::{MarginMode, Market, User};
use std::collections::HashMap;
use zkmargin_circuits::executor::{Applied, ApplyError, Executor};
use zkmargin_circuits::ops::{Action, Deposit, Fill, Item, Lane, Op, TransferItem, WithdrawItem};
use zkmargin_circuits::reject::Reject;
use zkmargin_circuits::state::{AccountId, Mode, OrderId, PublicKey, pool_account};

/// The accounts and orders that are known across batches.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// Ids of accounts; 0 for one that has another mode now.
    pub accounts: HashMap<Holder, AccountId>,
    /// How often the key of an account has changed, if it has.
    pub keys: HashMap<AccountId, u32>,
    /// The same from the next batch on.
    pub next_keys: HashMap<AccountId, u32>,
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
    /// How often the account's key has changed.
    pub changes: u32,
}

impl Directory {
    /// Takes what a batch created. Its new keys are in force from now on.
    pub fn extend(&mut self, created: Self) {
        self.accounts.extend(created.accounts);
        self.accounts.retain(|_, account| *account != 0);
        self.keys.extend(created.keys);
        self.keys.extend(created.next_keys);
        self.orders.extend(created.orders);
    }
}

/// The limit and the size of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizing {
    /// Limit price in ticks.
    pub limit: u32,
    /// Size in lots.
    pub lots: u64,
}

/// What a pass reads and does not change.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Keys of all owners.
    pub wallets: &'a Wallets,
    /// Accounts and orders of the batches before.
    pub directory: &'a Directory,
    /// Which owners have several pooled accounts.
    pub parts: &'a Parts,
}

/// A pass that is under way.
pub struct Run<'a> {
    /// The batch so far.
    pub executor: Executor,
    known: Known<'a>,
    /// New accounts and orders of this pass.
    pub created: Directory,
    /// Ops applied so far; signatures are still blank.
    pub ops: Vec<Op>,
    /// The signers of the actions among the ops.
    pub signers: Vec<Signer>,
    failed: HashMap<OrderKey, Reason>,
}

impl<'a> Run<'a> {
    /// A pass with an executor that skips signatures.
    pub fn new(executor: Executor, known: Known<'a>) -> Self {
        let (created, failed) = (Directory::default(), HashMap::new());
        Self { executor, known, created, ops: Vec::new(), signers: Vec::new(), failed }
    }

    /// Applies an op as it is.
    pub fn apply(&mut self, op: Op) -> Result<Applied, Failure> {
        let applied = self.executor.apply(&op)?;
        self.ops.push(op);
        Ok(applied)
    }

    /// The pooled account that an owner trades a market with.
    pub fn trader(&self, owner: Owner, market: Market) -> Holder {
        self.known.parts.trader(owner, market)
    }

    /// The id of an account, if it was opened.
    pub fn account(&self, holder: Holder) -> Option<AccountId> {
        let created = self.created.accounts.get(&holder);
        let known = created.or_else(|| self.known.directory.accounts.get(&holder)).copied();
        known.filter(|account| *account != 0)
    }

    /// How often the key of an account has changed before this batch.
    fn changes(&self, account: AccountId) -> u32 {
        let known = self.created.keys.get(&account).or_else(|| self.known.directory.keys.get(&account));
        known.copied().unwrap_or_default()
    }

    pub(super) fn need_account(&self, holder: Holder) -> Result<AccountId, Failure> {
        Ok(self.account(holder).ok_or(Reject::UnknownAccount)?)
    }

    pub(super) fn order(&self, key: OrderKey) -> Result<(OrderId, AccountId), Failure> {
        let known = self.created.orders.get(&key).or_else(|| self.known.directory.orders.get(&key));
        known.copied().ok_or_else(|| match self.failed.get(&key) {
            Some(reason) => Failure::Refused(reason.clone()),
            None => Reject::UnknownOrder.into(),
        })
    }

    /// Whether an order was placed, in this pass or before.
    pub fn is_placed(&self, key: OrderKey) -> bool {
        self.order(key).is_ok()
    }

    /// Whether a user signs for an account.
    fn owns(&self, user: User, account: AccountId) -> bool {
        let key = self.known.wallets.changed(Some(user), self.changes(account)).public;
        self.executor.account(account).is_ok_and(|view| view.owner == key)
    }

    /// Credits a deposit, opening the account if the owner has none.
    pub fn deposit(&mut self, to: Holder, amount: u64) -> Result<(), Failure> {
        let account = self.account(to).unwrap_or(0);
        let (owner, mode) = match self.executor.account(account) {
            Ok(view) if view.orders_from != 0 => return self.deposit_beside(to, account, amount),
            // In the batch that changes them, key and mode of an account are those of before.
            Ok(view) => (view.owner, view.header.mode),
            Err(_) => (self.known.wallets.get(to.owner).public, protocol_mode(to.mode)),
        };
        let deposit = Deposit { account, owner, mode, amount };
        if let Applied::Deposit { account } = self.apply(Op::Deposit(deposit))? {
            self.created.accounts.insert(to, account);
        }
        Ok(())
    }

    /// Credits what is paid in for a market's pool.
    pub fn top_up(&mut self, market: Market, amount: u64) -> Result<(), Failure> {
        let (account, mode) = (pool_account(market), Mode::Isolated(market));
        self.apply(Op::Deposit(Deposit { account, owner: PublicKey::NOBODY, mode, amount })).map(|_| ())
    }

    /// A deposit names a key, and an account whose key was changed takes none by its key: a new account of the key takes
    /// the money and hands it on, by a transfer that names the account.
    fn deposit_beside(&mut self, to: Holder, account: AccountId, amount: u64) -> Result<(), Failure> {
        let changes = self.changes(account);
        let owner = self.known.wallets.changed(to.owner, changes).public;
        let deposit = Deposit { account: 0, owner, mode: Mode::Cross, amount };
        let Applied::Deposit { account: beside } = self.apply(Op::Deposit(deposit))? else { return Ok(()) };
        self.created.keys.insert(beside, changes);
        let item = TransferItem { to: account, amount, mode: protocol_mode(to.mode) };
        self.sign(to.owner, beside, (vec![Item::Transfer(item)], &[])).map(|_| ())
    }

    /// Pays out to the owner's L1 address.
    pub fn withdraw(&mut self, from: Holder, amount: u64) -> Result<(), Failure> {
        let recipient = self.known.wallets.get(from.owner).recipient;
        let item = Item::Withdraw(WithdrawItem { amount, recipient });
        self.act(from, vec![item], &[]).map(|_| ())
    }

    /// Moves collateral between accounts of one user, opening the second if there is none.
    pub fn transfer(
        &mut self,
        user: User,
        from: MarginMode,
        to: MarginMode,
        amount: u64,
    ) -> Result<(), Failure> {
        let to = Holder::user(user, to);
        let known = self.account(to).unwrap_or(0);
        let item = TransferItem { to: known, amount, mode: protocol_mode(to.mode) };
        let from = Holder::user(user, from);
        let accounts = self.act(from, vec![Item::Transfer(item)], &[])?;
        self.created.accounts.extend(accounts.first().map(|account| (to, *account)));
        if let (0, Some(account), Some(sender)) = (known, accounts.first(), self.account(from)) {
            // A new account has the sender's key.
            let changes = self.changes(sender);
            self.created.keys.extend((changes > 0).then_some((*account, changes)));
        }
        Ok(())
    }

    /// Sets a limit of an account's own leverage.
    pub fn set_leverage(&mut self, account: Holder, limit: u32) -> Result<(), Failure> {
        self.act(account, vec![Item::SetLeverage(limit)], &[]).map(|_| ())
    }

    /// Gives an account another mode. Events that follow know it by that.
    pub fn set_mode(&mut self, user: User, from: MarginMode, to: MarginMode) -> Result<(), Failure> {
        let (from, to) = (Holder::user(user, from), Holder::user(user, to));
        let account = self.need_account(from)?;
        if self.account(to).is_some() {
            return Err(Failure::Refused(Reason::AccountExists));
        }
        self.act(from, vec![Item::SetMode(protocol_mode(to.mode))], &[])?;
        self.created.accounts.extend([(from, 0), (to, account)]);
        Ok(())
    }

    /// Gives an account the next key of its owner.
    pub fn change_key(&mut self, holder: Holder) -> Result<(), Failure> {
        let account = self.need_account(holder)?;
        let changes = self.changes(account) + 1;
        let key = self.known.wallets.changed(holder.owner, changes).public;
        self.act(holder, vec![Item::ChangeKey(key)], &[])?;
        self.created.next_keys.insert(account, changes);
        Ok(())
    }

    /// Signs and applies items together: all of them or none. `keys` name the order items in sequence.
    /// Returns the recipients of transfers.
    fn act(
        &mut self,
        holder: Holder,
        items: Vec<Item>,
        keys: &[OrderKey],
    ) -> Result<Vec<AccountId>, Failure> {
        let account = self.need_account(holder)?;
        self.sign(holder.owner, account, (items, keys))
    }

    fn sign(
        &mut self,
        owner: Owner,
        account: AccountId,
        (items, keys): (Vec<Item>, &[OrderKey]),
    ) -> Result<Vec<AccountId>, Failure> {
        let nonces = self.executor.account(account).map_err(ApplyError::from)?.nonces;
        let only_cancels = items.iter().all(|item| matches!(item, Item::Cancel(_)));
        let lane = if only_cancels { Lane::Cancels } else { Lane::Orders };
        let nonce = nonces.last(lane) + 1;
        let signature = self.known.wallets.blank_signature();
        let action = Action { account, lane, strict: false, nonce, items, signature };
        let applied = self.apply(Op::Action(Box::new(action)))?;
        let changes = self.changes(account);
        self.signers.push(Signer { op: self.ops.len() - 1, owner, changes });
        let Applied::Action { orders, accounts } = applied else { return Ok(Vec::new()) };
        let placed = keys.iter().zip(orders).map(|(key, id)| (*key, (id, account)));
        self.created.orders.extend(placed);
        Ok(accounts)
    }

    /// Places the order of a printed trade; a failure is remembered for the trades that need it.
    pub fn place(&mut self, key: OrderKey, sizing: Sizing) -> Result<(), Failure> {
        let (OrderKey::Prints { user, market, .. } | OrderKey::Forced { user, market, .. }) = key else {
            return Err(Reject::UnknownOrder.into());
        };
        if let Some(reason) = self.failed.get(&key) {
            return Err(Failure::Refused(reason.clone()));
        }
        let trader = self.trader(Some(user), market);
        let placed = self.act(trader, vec![item(key, sizing)], &[key]);
        placed.map(|_| ()).inspect_err(|failure| self.remember(failure, &[key]))
    }

    /// Trades that need an order which was refused are refused for the same reason.
    fn remember(&mut self, failure: &Failure, keys: &[OrderKey]) {
        if let Failure::Refused(reason) = failure {
            self.failed.extend(keys.iter().map(|key| (*key, reason.clone())));
        }
    }

    /// Places exact counterparts of one of the house's accounts, under one signature.
    pub fn place_house(&mut self, house: Holder, orders: &[(OrderKey, Sizing)]) -> Result<(), Failure> {
        let items = orders.iter().map(|(key, sizing)| item(*key, *sizing)).collect();
        let keys: Vec<OrderKey> = orders.iter().map(|(key, _)| *key).collect();
        let placed = self.act(house, items, &keys);
        placed.map(|_| ()).inspect_err(|failure| self.remember(failure, &keys))
    }

    /// Signs what a user asked for in one second.
    pub fn wants(&mut self, user: User, mode: MarginMode, wants: &[Wanted]) -> Result<(), Failure> {
        let keys: Vec<OrderKey> = wants.iter().filter_map(placed_name).collect();
        let outcome = self.items(wants).and_then(|items| {
            let known = self.need_account(Holder::user(user, mode));
            let account = match wants {
                [Wanted { want: Want::Cancel(name), .. }] => {
                    let of_order = self.order(OrderKey::Named(*name))?.1;
                    match known {
                        Ok(account) if account == of_order => account,
                        // Whatever the account's mode is now.
                        _ if self.owns(user, of_order) => of_order,
                        known => known?,
                    }
                }
                _ => known?,
            };
            self.sign(Some(user), account, (items, &keys))
        });
        outcome.map(|_| ()).inspect_err(|failure| self.remember(failure, &keys))
    }

    fn items(&self, wants: &[Wanted]) -> Result<Vec<Item>, Failure> {
        let one = |wanted: &Wanted| match &wanted.want {
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
    pub fn is_partly_filled(&self, key: OrderKey) -> bool {
        let order = self.order(key).ok().and_then(|(id, _)| self.executor.order(id));
        order.is_some_and(|o| o.flags.fill_or_kill && o.left != 0 && o.left != o.size)
    }
}

fn placed_name(wanted: &Wanted) -> Option<OrderKey> {
    match &wanted.want {
        Want::Order(request) => Some(OrderKey::Named(request.name)),
        Want::Cancel(_) => None,
    }
}
