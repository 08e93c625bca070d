//! All cells of a state as plain data, to be kept in a file.

use std::collections::{BTreeMap, HashMap};

use ark_bn254::Fr;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::tree::Tree;
use super::{
    Account, AccountId, Beyond, Flags, Globals, HigherTiers, Ledger, Market, MarketId, Mode, Order, OrderId,
    Position, PublicKey, Side, State, Tier, signers_digest,
};
use crate::gadgets::hex::{field_hex, field_of_hex};
use crate::params::{HIGHER_TIERS, SLOTS};

/// The cells of a state. Numbers beyond 64 bits are decimal strings, field elements hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cells {
    accounts: Vec<AccountCell>,
    orders: Vec<OrderCell>,
    markets: Vec<MarketCell>,
    batch: u64,
    next_order: u64,
    deposits: u64,
    time: u64,
    epoch: u64,
    config: String,
    signers: Vec<[String; 2]>,
    deposited: String,
    withdrawn: String,
    dust: String,
    next_account: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountCell {
    id: AccountId,
    owner: [String; 2],
    mode: MarketId,
    collateral: i64,
    nonces: [u64; 2],
    liq_since: u64,
    leverage_limit: u32,
    orders_from: OrderId,
    positions: Vec<PositionCell>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PositionCell {
    slot: usize,
    market: MarketId,
    size: i64,
    entry_quote: u64,
    funding_index: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderCell {
    id: OrderId,
    account: AccountId,
    market: MarketId,
    sell: bool,
    limit: u32,
    size: u64,
    left: u64,
    flags: u8,
    max_fee: u32,
    expiry: u64,
    fee_carry: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarketCell {
    id: MarketId,
    price: u64,
    funding_index: String,
    cut_at: u64,
    asked: u64,
    beyond: u8,
    still: bool,
    open_interest: u64,
    max_price: u64,
    max_size: u64,
    open_notional_low: u64,
    open_notional_high: u64,
    open_growth: u64,
    interest: i32,
    premium_clamp: u32,
    /// Above which a price makes its market still, and halts it.
    ages: [u32; 2],
    last_tick: u64,
    paid_until: u64,
    funding_remainder: u64,
    rate: i32,
    rated_hour: u32,
    in_arrears: bool,
    funding_interval: u16,
    funding_cap: u32,
    /// Initial and maintenance fraction; fees of taker, maker and liquidation; band.
    fractions: [u32; 6],
    collar: u16,
    /// Of each tier above the first: where it begins, imf and mmf.
    tiers: [(u64, u32, u32); HIGHER_TIERS],
    lot: u64,
    tick_quote: u64,
    min_lots: u32,
    status: u8,
    configured_at: u64,
}

/// Cells that are no state's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what} is {found}: no such value")]
pub struct CellsError {
    what: &'static str,
    found: String,
}

impl State {
    /// All cells, ascending by number.
    pub fn cells(&self) -> Cells {
        let mut accounts: Vec<AccountCell> =
            self.accounts().map(|(id, cell)| AccountCell::of(id, cell)).collect();
        accounts.sort_unstable_by_key(|cell| cell.id);
        let mut orders: Vec<OrderCell> = self.orders().map(|(id, cell)| OrderCell::of(id, cell)).collect();
        orders.sort_unstable_by_key(|cell| cell.id);
        let Globals { batch, next_order, deposits, time, epoch, config, signers: _ } = self.globals;
        Cells {
            accounts,
            orders,
            markets: self.markets().map(|(id, cell)| MarketCell::of(id, cell)).collect(),
            batch,
            next_order,
            deposits,
            time,
            epoch,
            config: field_hex(config),
            signers: self.signers.iter().map(|key| [field_hex(key.x), field_hex(key.y)]).collect(),
            deposited: self.ledger.deposited.to_string(),
            withdrawn: self.ledger.withdrawn.to_string(),
            dust: self.ledger.dust.to_string(),
            next_account: self.next_account,
        }
    }

    /// The state of these cells; the tree is built anew, so the root is theirs.
    pub fn from_cells(cells: Cells) -> Result<Self, CellsError> {
        let accounts = cells.accounts.into_iter().map(AccountCell::account);
        let accounts = accounts.collect::<Result<HashMap<_, _>, _>>()?;
        let orders = cells.orders.into_iter().map(OrderCell::order).collect();
        let markets = cells.markets.into_iter().map(MarketCell::market);
        let markets = markets.collect::<Result<BTreeMap<_, _>, _>>()?;
        let key = |[x, y]: &[String; 2]| Ok(PublicKey { x: field("signer", x)?, y: field("signer", y)? });
        let signers = cells.signers.iter().map(key).collect::<Result<Vec<_>, _>>()?;
        let globals = Globals {
            batch: cells.batch,
            next_order: cells.next_order,
            deposits: cells.deposits,
            time: cells.time,
            epoch: cells.epoch,
            config: field("config", &cells.config)?,
            signers: signers_digest(&signers),
        };
        let ledger = Ledger {
            deposited: number("deposited", &cells.deposited)?,
            withdrawn: number("withdrawn", &cells.withdrawn)?,
            dust: number("dust", &cells.dust)?,
        };
        let tree = Tree::new();
        let next_account = cells.next_account;
        let mut state = Self { accounts, orders, markets, globals, tree, ledger, next_account, signers };
        let leaves = state.leaves();
        state.tree.update(&leaves);
        Ok(state)
    }
}

impl AccountCell {
    fn of(id: AccountId, account: &Account) -> Self {
        let slots = account.slots.iter().enumerate();
        Self {
            id,
            owner: [field_hex(account.owner.x), field_hex(account.owner.y)],
            mode: account.mode.market(),
            collateral: account.collateral,
            nonces: [account.order_nonce, account.cancel_nonce],
            liq_since: account.liq_since,
            leverage_limit: account.leverage_limit,
            orders_from: account.orders_from,
            positions: slots.filter_map(|(slot, cell)| Some(PositionCell::of(slot, &(*cell)?))).collect(),
        }
    }

    fn account(self) -> Result<(AccountId, Account), CellsError> {
        let [x, y] = &self.owner;
        let owner = PublicKey { x: field("owner", x)?, y: field("owner", y)? };
        let mut account = Account {
            collateral: self.collateral,
            order_nonce: self.nonces[0],
            cancel_nonce: self.nonces[1],
            liq_since: self.liq_since,
            leverage_limit: self.leverage_limit,
            orders_from: self.orders_from,
            ..Account::empty(owner, Mode::from_market(self.mode))
        };
        for cell in self.positions {
            let slot = cell.slot;
            if slot >= SLOTS || account.slots[slot].is_some() {
                return Err(CellsError { what: "slot", found: slot.to_string() });
            }
            account.slots[slot] = Some(cell.position()?);
        }
        Ok((self.id, account))
    }
}

impl PositionCell {
    fn of(slot: usize, position: &Position) -> Self {
        let Position { market, size, entry_quote, funding_index } = *position;
        Self { slot, market, size, entry_quote, funding_index: funding_index.to_string() }
    }

    fn position(self) -> Result<Position, CellsError> {
        let Self { market, size, entry_quote, funding_index, .. } = self;
        Ok(Position { market, size, entry_quote, funding_index: number("funding index", &funding_index)? })
    }
}

impl OrderCell {
    fn of(id: OrderId, order: &Order) -> Self {
        let Order { account, market, side, limit, size, left, flags, max_fee, expiry, fee_carry } = *order;
        Self {
            id,
            account,
            market,
            sell: side.bit(),
            limit,
            size,
            left,
            flags: flags.bits(),
            max_fee,
            expiry,
            fee_carry,
        }
    }

    fn order(self) -> (OrderId, Order) {
        let Self { id, account, market, sell, limit, size, left, flags, max_fee, expiry, fee_carry } = self;
        let side = if sell { Side::Sell } else { Side::Buy };
        (
            id,
            Order {
                account,
                market,
                side,
                limit,
                size,
                left,
                flags: Flags::from_bits(flags),
                max_fee,
                expiry,
                fee_carry,
            },
        )
    }
}

impl MarketCell {
    fn of(id: MarketId, market: &Market) -> Self {
        Self {
            id,
            price: market.price,
            funding_index: market.funding_index.to_string(),
            cut_at: market.cut_at,
            asked: market.asked,
            beyond: market.beyond.number(),
            still: market.still,
            open_interest: market.open_interest,
            max_price: market.max_price,
            max_size: market.max_size,
            open_notional_low: market.open_notional_low,
            open_notional_high: market.open_notional_high,
            open_growth: market.open_growth,
            interest: market.interest,
            premium_clamp: market.premium_clamp,
            ages: [market.still_age, market.halt_age],
            last_tick: market.last_tick,
            paid_until: market.paid_until,
            funding_remainder: market.funding_remainder,
            rate: market.rate,
            rated_hour: market.rated_hour,
            in_arrears: market.in_arrears,
            funding_interval: market.funding_interval,
            funding_cap: market.funding_cap,
            fractions: [
                market.initial_fraction,
                market.maintenance_fraction,
                market.taker_fee,
                market.maker_fee,
                market.liquidation_fee,
                market.band,
            ],
            collar: market.collar,
            tiers: market.tiers.map(|tier| (tier.from, tier.initial_fraction, tier.maintenance_fraction)),
            lot: market.lot,
            tick_quote: market.tick_quote,
            min_lots: market.min_lots,
            status: market.status,
            configured_at: market.configured_at,
        }
    }

    fn market(self) -> Result<(MarketId, Market), CellsError> {
        let [initial_fraction, maintenance_fraction, taker_fee, maker_fee, liquidation_fee, band] =
            self.fractions;
        let beyond = Beyond::from_number(self.beyond)
            .ok_or_else(|| CellsError { what: "beyond", found: self.beyond.to_string() })?;
        let market = Market {
            price: self.price,
            funding_index: number("funding index", &self.funding_index)?,
            cut_at: self.cut_at,
            asked: self.asked,
            beyond,
            still: self.still,
            open_interest: self.open_interest,
            max_price: self.max_price,
            max_size: self.max_size,
            open_notional_low: self.open_notional_low,
            open_notional_high: self.open_notional_high,
            open_growth: self.open_growth,
            interest: self.interest,
            premium_clamp: self.premium_clamp,
            still_age: self.ages[0],
            halt_age: self.ages[1],
            last_tick: self.last_tick,
            paid_until: self.paid_until,
            funding_remainder: self.funding_remainder,
            rate: self.rate,
            rated_hour: self.rated_hour,
            in_arrears: self.in_arrears,
            funding_interval: self.funding_interval,
            funding_cap: self.funding_cap,
            initial_fraction,
            maintenance_fraction,
            tiers: HigherTiers(self.tiers.map(|(from, initial_fraction, maintenance_fraction)| Tier {
                from,
                initial_fraction,
                maintenance_fraction,
            })),
            taker_fee,
            maker_fee,
            liquidation_fee,
            band,
            collar: self.collar,
            lot: self.lot,
            tick_quote: self.tick_quote,
            min_lots: self.min_lots,
            status: self.status,
            configured_at: self.configured_at,
        };
        Ok((self.id, market))
    }
}

fn number<T: std::str::FromStr>(what: &'static str, text: &str) -> Result<T, CellsError> {
    text.parse().map_err(|_| CellsError { what, found: text.to_owned() })
}

fn field(what: &'static str, text: &str) -> Result<Fr, CellsError> {
    field_of_hex(text).ok_or_else(|| CellsError { what, found: text.to_owned() })
}
