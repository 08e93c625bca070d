//! The nouns: accounts, orders, markets, globals, and the tree over their leaves.

use std::collections::{BTreeMap, HashMap};

use ark_bn254::Fr;
use thiserror::Error;

use crate::params::{EPOCH_SECONDS, FEE_ACCOUNT, FIRST_USER_ACCOUNT, MARKETS_MAX, POOL_BASE, SIGNERS};

pub mod account;
mod cells;
pub mod globals;
pub mod market;
pub mod order;
pub(crate) mod tags;
pub mod tree;
pub(crate) mod wires;

pub use account::{Account, Mode, Position, PublicKey};
pub use cells::{Cells, CellsError};
pub use globals::{Globals, signers_digest};
pub use market::{Beyond, HigherTiers, Market, ParameterError, Parameters, Slope, Tier, higher_tiers};
pub use order::{Flags, Order, Side};
use tree::{Address, NodeTouch, Tree};

/// Number of an account, below 2^36. 1 collects fees, `1 + m` is the pool of market m, users start at 600.
pub type AccountId = u64;
/// Number of an order, below 2^36. The counter starts at 1, and no id is used twice.
pub type OrderId = u64;
/// Number of a market, `1..512`.
pub type MarketId = u16;

/// The insurance pool of a market.
pub const fn pool_account(market: MarketId) -> AccountId {
    POOL_BASE + market as AccountId
}

/// Sums that the law speaks about but the tree does not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Quote quanta credited by deposits.
    pub deposited: u128,
    /// Quote quanta paid out by withdrawals.
    pub withdrawn: u128,
    /// What settlements rounded away, scale U. Never decreases.
    pub dust: u128,
}

/// All cells, and the tree over them. The root is as after the last finished batch.
#[derive(Clone, Debug)]
pub struct State {
    pub(crate) accounts: HashMap<AccountId, Account>,
    pub(crate) orders: HashMap<OrderId, Order>,
    pub(crate) markets: BTreeMap<MarketId, Market>,
    pub(crate) globals: Globals,
    pub(crate) tree: Tree,
    pub(crate) ledger: Ledger,
    pub(crate) next_account: AccountId,
    /// Keys of the registered price signers, in their order.
    pub(crate) signers: Vec<PublicKey>,
}

/// What a deployment starts with.
#[derive(Clone, Debug)]
pub struct Genesis {
    /// Owner of the fee account.
    pub fee_owner: PublicKey,
    /// Markets by id, with their parameters and first prices.
    pub markets: BTreeMap<MarketId, Market>,
    /// Markets 1 to this one have an empty pool, listed or not: a later listing needs one that is there. Every listed
    /// market has one besides.
    pub pools: MarketId,
    /// Seconds. No market may have had its last tick later, and no batch may have an earlier time.
    pub time: u64,
    /// 248-bit digest of the configuration.
    pub config: Fr,
    /// Keys of the price signers, at most [`SIGNERS`]. Without any, prices are the operator's word.
    pub signers: Vec<PublicKey>,
}

impl Genesis {
    /// A deployment with an owner of the fee account, without price signers.
    pub const fn of(owner: PublicKey, markets: BTreeMap<MarketId, Market>, time: u64, config: Fr) -> Self {
        Self { fee_owner: owner, markets, pools: 0, time, config, signers: Vec::new() }
    }
}

/// Why a genesis is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GenesisError {
    /// The id of a market is 0, or 512 or more.
    #[error("market id {0} is outside 1..{MARKETS_MAX}")]
    MarketId(MarketId),
    /// A market may not be listed with its parameters.
    #[error("market {market}: {source}")]
    Parameters {
        /// Id of the market.
        market: MarketId,
        /// What is wrong with them.
        source: ParameterError,
    },
    /// There are more price signers than a batch has room for.
    #[error("{0} price signers, at most {SIGNERS} are possible")]
    Signers(usize),
    /// The key of a price signer is not on the curve, or of small order, or another's, too.
    #[error("price signer {0}: not a key of its own on the curve")]
    SignerKey(usize),
    /// The last tick of a market is later than the time of the genesis.
    #[error("market {market} had its last tick after the genesis")]
    TickAhead {
        /// Id of the market.
        market: MarketId,
    },
}

impl State {
    /// The fee account, one empty pool per market that nobody signs for, the markets, and globals at batch 0.
    pub fn genesis(genesis: Genesis) -> Result<Self, GenesisError> {
        let mut accounts = HashMap::new();
        accounts.insert(FEE_ACCOUNT, Account::empty(genesis.fee_owner, Mode::Cross));
        if genesis.pools >= MARKETS_MAX {
            return Err(GenesisError::MarketId(genesis.pools));
        }
        let listed = genesis.markets.keys().copied();
        for market in listed.chain(1..=genesis.pools) {
            accounts.insert(pool_account(market), Account::empty(PublicKey::NOBODY, Mode::Isolated(market)));
        }
        for (&market, parameters) in &genesis.markets {
            if market == 0 || market >= MARKETS_MAX {
                return Err(GenesisError::MarketId(market));
            }
            parameters.validate().map_err(|source| GenesisError::Parameters { market, source })?;
            if parameters.last_tick > genesis.time {
                return Err(GenesisError::TickAhead { market });
            }
        }
        check_signers(&genesis.signers)?;
        let mut state = Self {
            accounts,
            orders: HashMap::new(),
            markets: genesis.markets,
            globals: Globals {
                batch: 0,
                next_order: 1,
                deposits: 0,
                time: genesis.time,
                epoch: genesis.time / EPOCH_SECONDS,
                config: genesis.config,
                signers: signers_digest(&genesis.signers),
            },
            tree: Tree::new(),
            ledger: Ledger::default(),
            next_account: FIRST_USER_ACCOUNT,
            signers: genesis.signers,
        };
        let leaves = state.leaves();
        state.tree.update(&leaves);
        Ok(state)
    }

    /// Keys of the registered price signers; without any, prices are the operator's word.
    pub fn signers(&self) -> &[PublicKey] {
        &self.signers
    }

    /// Root of the tree after the last finished batch.
    pub fn root(&self) -> Fr {
        self.tree.root()
    }

    /// An account; `None` if it was never created.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(&id)
    }

    /// A resting order; `None` if nothing rests under this id.
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.orders.get(&id)
    }

    /// A market; `None` if it is not listed.
    pub fn market(&self, id: MarketId) -> Option<&Market> {
        self.markets.get(&id)
    }

    /// Counters, deposit cursor and time after the last finished batch.
    pub const fn globals(&self) -> &Globals {
        &self.globals
    }

    /// Sums since the genesis.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The tree over the leaves of all cells.
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Accounts in no particular order.
    pub fn accounts(&self) -> impl Iterator<Item = (AccountId, &Account)> {
        self.accounts.iter().map(|(id, account)| (*id, account))
    }

    /// Resting orders in no particular order.
    pub fn orders(&self) -> impl Iterator<Item = (OrderId, &Order)> {
        self.orders.iter().map(|(id, order)| (*id, order))
    }

    /// Markets by id.
    pub fn markets(&self) -> impl Iterator<Item = (MarketId, &Market)> {
        self.markets.iter().map(|(id, market)| (*id, market))
    }

    /// The id that the next new account gets.
    pub const fn next_account(&self) -> AccountId {
        self.next_account
    }

    /// Every leaf that is not EMPTY.
    pub fn leaves(&self) -> Vec<(Address, Fr)> {
        let accounts = self.accounts.iter();
        let orders = self.orders.iter();
        let markets = self.markets.iter();
        accounts
            .map(|(id, account)| (tree::account_leaf(*id), account.leaf()))
            .chain(orders.map(|(id, order)| (tree::order_leaf(*id), order.leaf())))
            .chain(markets.map(|(id, market)| (tree::market_leaf(*id), market.leaf())))
            .chain([(tree::GLOBALS_LEAF, self.globals.leaf())])
            .collect()
    }

    pub(crate) fn update_tree(&mut self, leaves: &[(Address, Fr)]) -> Vec<NodeTouch> {
        self.tree.update(leaves)
    }
}

/// At most as many as there is room for; keys on the curve, of large order, each once.
fn check_signers(signers: &[PublicKey]) -> Result<(), GenesisError> {
    if signers.len() > SIGNERS {
        return Err(GenesisError::Signers(signers.len()));
    }
    let bad = |(number, key): &(usize, &PublicKey)| !key.is_valid_key() || signers[..*number].contains(key);
    match signers.iter().enumerate().find(bad) {
        Some((number, _)) => Err(GenesisError::SignerKey(number)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
