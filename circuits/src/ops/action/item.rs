//! Items: what one signature may ask for, each with its word and its widths.

use ark_bn254::Fr;

use super::native::require_fits;
use crate::gadgets::word::Layout;
use crate::ops::change_key::{KEY_DIGEST_BITS, key_digest};
use crate::ops::prices::{PREMIUMS_ITEM, PRICES_ITEM, PremiumsItem, PricesItem};
use crate::params::*;
use crate::reject::{Refusal, Unit};
use crate::state::order::ORDER_ITEM;
use crate::state::{AccountId, Flags, MarketId, Mode, OrderId, PublicKey, Side, tags};

/// A cancel as it is signed.
pub const CANCEL_ITEM: Layout<1> = tags::item("cancel item", 2, [("order", ORDER_BITS)]);

/// A withdrawal as it is signed.
pub const WITHDRAW_ITEM: Layout<2> =
    tags::item("withdraw item", 3, [("amount", 64), ("recipient", ADDRESS_BITS)]);

/// A transfer as it is signed.
pub const TRANSFER_ITEM: Layout<3> =
    tags::item("transfer item", 4, [("to", ACCOUNT_BITS), ("amount", 64), ("mode", MARKET_BITS)]);

/// A limit of the owner's as it is signed.
pub const SET_LEVERAGE_ITEM: Layout<1> = tags::item("set leverage item", 5, [("limit", FRACTION_BITS)]);

/// A mode of the account as it is signed.
pub const SET_MODE_ITEM: Layout<1> = tags::item("set mode item", 6, [("mode", MARKET_BITS)]);

/// A new key as it is signed: the low bits of its hash.
pub const CHANGE_KEY_ITEM: Layout<1> = tags::item("change key item", 7, [("digest", KEY_DIGEST_BITS)]);

/// What one signature may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// Places an order.
    Order(OrderItem),
    /// Cancels an order of the account; an id below 2^36.
    Cancel(OrderId),
    /// Pays collateral out on L1.
    Withdraw(WithdrawItem),
    /// Moves collateral to another account.
    Transfer(TransferItem),
    /// The owner's limit, in parts per million of the notional value.
    SetLeverage(u32),
    /// Prices of four markets, of a price signer.
    Prices(PricesItem),
    /// Premiums of four markets, of a price signer.
    Premiums(PremiumsItem),
    /// The account's mode from its next opening on.
    SetMode(Mode),
    /// The account's key from its next opening on.
    ChangeKey(PublicKey),
}

/// An order as signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderItem {
    /// A listed market, in `1..512`.
    pub market: MarketId,
    /// Buy or sell.
    pub side: Side,
    /// Limit price in ticks, at least 1 to be placed.
    pub limit: u32,
    /// Size in lots of the market, below 2^56.
    pub lots: u64,
    /// Post-only goes with neither immediate-or-cancel nor fill-or-kill.
    pub flags: Flags,
    /// Highest fee that the order accepts, in parts per million of the quote; below 2^20.
    pub max_fee: u32,
    /// Seconds, below 2^40: the order trades in batches of a time up to this one.
    pub expiry: u64,
}

/// Collateral that leaves to an L1 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithdrawItem {
    /// Quote quanta.
    pub amount: u64,
    /// L1 address, 20 bytes big-endian.
    pub recipient: [u8; 20],
}

/// Collateral that moves to another account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferItem {
    /// 0: a new account of the same owner with `mode`.
    pub to: AccountId,
    /// Quote quanta.
    pub amount: u64,
    /// Read only if `to` is 0.
    pub mode: Mode,
}

impl Item {
    /// The signed word; needs fields within the widths of the word (`FieldRange`).
    pub fn word(&self) -> Fr {
        match self {
            Self::Order(order) => order_word(order),
            Self::Cancel(order) => CANCEL_ITEM.pack([(*order).into()]),
            Self::Withdraw(withdraw) => withdraw_word(withdraw),
            Self::Transfer(transfer) => transfer_word(transfer),
            Self::SetLeverage(limit) => SET_LEVERAGE_ITEM.pack([(*limit).into()]),
            Self::Prices(item) => prices_word(item),
            Self::Premiums(item) => premiums_word(item),
            Self::SetMode(mode) => SET_MODE_ITEM.pack([mode.market().into()]),
            Self::ChangeKey(key) => CHANGE_KEY_ITEM.pack([key_digest(key)]),
        }
    }

    /// Every field fits its place in the word. Error: `FieldRange`.
    pub(super) fn require_fields(&self) -> Result<(), Refusal> {
        match self {
            Self::Order(order) => {
                require_fits("PLC-2", order.lots, LOTS_BITS, Unit::Lots)?;
                require_fits("PLC-2", order.max_fee.into(), FRACTION_BITS, Unit::PartsPerMillion)?;
                require_fits("PLC-2", order.expiry, EXPIRY_BITS, Unit::Seconds)
            }
            Self::Cancel(order) => require_fits("CAN-3", *order, ORDER_BITS, Unit::Id),
            Self::Withdraw(_) | Self::SetMode(_) | Self::ChangeKey(_) => Ok(()),
            Self::Prices(item) => item
                .prices
                .iter()
                .try_for_each(|price| require_fits("QUO-2", *price, PRICE_BITS, Unit::Price)),
            Self::Premiums(item) => item.premiums.iter().flatten().try_for_each(|premium| {
                require_fits("QUO-2", premium.unsigned_abs().into(), RATE_BITS, Unit::Rate)
            }),
            Self::SetLeverage(limit) => {
                require_fits("LEV-2", (*limit).into(), FRACTION_BITS, Unit::PartsPerMillion)
            }
            Self::Transfer(transfer) => require_fits("TRF-3", transfer.to, ACCOUNT_BITS, Unit::Id),
        }
    }
}

fn order_word(order: &OrderItem) -> Fr {
    ORDER_ITEM.pack([
        order.market.into(),
        order.side.bit().into(),
        order.limit.into(),
        order.lots.into(),
        order.flags.bits().into(),
        order.max_fee.into(),
        order.expiry.into(),
    ])
}

fn prices_word(item: &PricesItem) -> Fr {
    let [a, b, c, d] = item.prices;
    PRICES_ITEM.pack([item.index.into(), a.into(), b.into(), c.into(), d.into()])
}

fn premiums_word(item: &PremiumsItem) -> Fr {
    let [a, b, c, d] = item.stated();
    PREMIUMS_ITEM.pack([item.index.into(), a.into(), b.into(), c.into(), d.into()])
}

fn withdraw_word(withdraw: &WithdrawItem) -> Fr {
    WITHDRAW_ITEM.pack([withdraw.amount.into(), (&withdraw.recipient).into()])
}

fn transfer_word(transfer: &TransferItem) -> Fr {
    TRANSFER_ITEM.pack([transfer.to.into(), transfer.amount.into(), transfer.mode.market().into()])
}
