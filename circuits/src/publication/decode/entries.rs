//! What the entries of the lists say.

use std::ops::RangeInclusive;

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};

use super::Wrong;
use crate::gadgets::hex::field_hex;
use crate::gadgets::word::{Bits, Layout};
use crate::ops::Configure;
use crate::ops::change_key::{REKEY_FIRST, REKEY_SECOND, REKEY_THIRD, X_HIGH_MAX, Y_HIGH_MAX};
use crate::ops::configure::{
    CONFIGURATION_ELEMENTS, CONFIGURATION_FIRST, CONFIGURATION_SECOND, CONFIGURATION_THIRD,
};
use crate::ops::deposit::{
    DEPOSIT_FIRST, DEPOSIT_SECOND, DEPOSIT_THIRD, X_HIGH_BITS, X_LOW_BITS, Y_HIGH_BITS, Y_LOW_BITS,
};
use crate::ops::liquidate::{LIQUIDATION_FIRST, LIQUIDATION_SECOND, LIQUIDATION_THIRD};
use crate::ops::transfer::TRANSFER_ELEMENT;
use crate::ops::withdraw::WITHDRAWAL_ELEMENT;
use crate::params::{
    AMOUNT_BITS, COLLATERAL_OFFSET, FIRST_USER_ACCOUNT, FUNDING_INDEX_OFFSET, HIGHER_TIERS, M, MARKETS_MAX,
    RATE_OFFSET, SLOTS, STATUS_HALTED, rate_of,
};
use crate::state::account::{ACCOUNT_ELEMENT, POSITION_ELEMENT};
use crate::state::globals::GLOBALS_ELEMENT;
use crate::state::market::{HigherTiers, MARKET_ELEMENT, TIERS_WORD, Tier};
use crate::state::order::ORDER_ELEMENT;
use crate::state::{AccountId, Flags, MarketId, Mode, OrderId, Parameters, PublicKey, Side};

/// A deposit that the batch credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepositEntry {
    /// Account that got it, perhaps created by it.
    pub account: AccountId,
    /// Key of the queue's entry.
    pub owner: PublicKey,
    /// Mode of the queue's entry.
    pub mode: Mode,
    /// Quote quanta, `1..2^63`.
    pub amount: u64,
}

/// The kind of rows in which an account was opened, which is its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountRows {
    /// A cross account with slots.
    Cross,
    /// An isolated account.
    Isolated,
    /// A cross account without positions.
    Flat,
    /// An account without positions that changes its mode.
    ModeChange,
}

/// An account that the batch opened, as it is afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountEntry {
    /// The list.
    pub rows: AccountRows,
    /// Its number.
    pub id: AccountId,
    /// Quote quanta in balance form.
    pub collateral: i64,
    /// Last nonce of the order lane.
    pub order_nonce: u64,
    /// Last nonce of the cancel lane.
    pub cancel_nonce: u64,
    /// The owner's own lowest initial fraction, parts per million (0: none).
    pub leverage_limit: u32,
    /// Created in this batch.
    pub fresh: bool,
    /// Cross or isolated.
    pub mode: Mode,
}

/// A position that the batch changed, as it is afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionEntry {
    /// Number of the account's row among cross and isolated rows, isolated ones behind all cross ones.
    pub place: usize,
    /// Slot of the account.
    pub slot: usize,
    /// Market of the slot in this batch.
    pub market: MarketId,
    /// Base quanta, negative for a short; 0 if the position is closed.
    pub size: i64,
    /// Quote quanta, 0 if the position is closed.
    pub entry_quote: u64,
}

/// A withdrawal that the contract pays out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithdrawalEntry {
    /// Address on L1.
    pub recipient: [u8; 20],
    /// Quote quanta, `1..2^63`.
    pub amount: u64,
}

/// A transfer between accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferEntry {
    /// The sender.
    pub from: AccountId,
    /// The recipient.
    pub to: AccountId,
    /// Quote quanta, `1..2^63`.
    pub amount: u64,
    /// The transfer created the recipient, with the sender's key.
    pub created: bool,
}

/// A new key of an account, which holds from the next batch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RekeyEntry {
    /// The account.
    pub account: AccountId,
    /// Its new key, a point of the curve that is not of small order.
    pub key: PublicKey,
}

/// The leaf of an order after the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderEntry {
    /// Its number.
    pub id: OrderId,
    /// Account that signed it.
    pub account: AccountId,
    /// Market in which it trades.
    pub market: MarketId,
    /// Buy or sell.
    pub side: Side,
    /// Limit price in ticks.
    pub limit: u32,
    /// Lots left; 0 if the order is gone.
    pub left: u64,
    /// How the order may trade.
    pub flags: Flags,
    /// Highest fee that the signer accepts, parts per million of the quote.
    pub max_fee: u32,
    /// Last second at which the order may trade.
    pub expiry: u64,
    /// What the fees of its fills so far are above the exact ones, millionths of a quote quantum.
    pub fee_carry: u32,
}

/// The price and the rate that the operator asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatedTick {
    /// 32.32, before the band.
    pub asked: u64,
    /// 10^-9 per hour.
    pub rate: i32,
}

/// A market that the batch opened, as it is afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketEntry {
    /// Its number.
    pub market: MarketId,
    /// Oracle price, 32.32.
    pub price: u64,
    /// Funding index, 32.32.
    pub funding_index: i128,
    /// The market's tick; `None` if it did not tick.
    pub tick: Option<StatedTick>,
}

/// A liquidation, with the account's numbers right before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidationEntry {
    /// The account that was liquidated.
    pub account: AccountId,
    /// Who took the position over: the market's pool or the account of an order.
    pub taker: AccountId,
    /// The taker's order; `None` if the pool took without one.
    pub order: Option<OrderId>,
    /// Market of the position.
    pub market: MarketId,
    /// The position was short.
    pub short: bool,
    /// Lots closed.
    pub lots: u64,
    /// Quote quanta for all of the lots.
    pub quote: u64,
    /// Quote quanta to the market's insurance pool.
    pub fee: u64,
    /// Base quanta held before, at least the lots.
    pub held: u64,
    /// `TV` before, scale U.
    pub value: i128,
    /// `IMR` before, scale `U·M`.
    pub initial: i128,
    /// `MMR` before, scale `U·M`.
    pub maintenance: i128,
}

impl AccountRows {
    /// All of them, in the order of their lists.
    pub const ALL: [Self; 4] = [Self::Cross, Self::Isolated, Self::Flat, Self::ModeChange];

    /// Name of the list.
    pub const fn list(self) -> &'static str {
        match self {
            Self::Cross => "cross_accounts",
            Self::Isolated => "isolated_accounts",
            Self::Flat => "flat_accounts",
            Self::ModeChange => "mode_changes",
        }
    }
}

const USERS: RangeInclusive<u64> = FIRST_USER_ACCOUNT..=u64::MAX;
const IDS: RangeInclusive<u64> = 1..=u64::MAX;
const MARKETS: RangeInclusive<u64> = 1..=MARKETS_MAX as u64 - 1;
const AMOUNTS: RangeInclusive<u64> = 1..=(1 << AMOUNT_BITS) - 1;
const CARRIES: RangeInclusive<u64> = 0..=M as u64 - 1;

impl DepositEntry {
    pub(super) fn read([first, second, third]: [Fr; 3]) -> Result<Self, Wrong> {
        let [x_high, amount, mode, account] = unpack(&DEPOSIT_FIRST, first)?;
        let [x_low, y_high] = unpack(&DEPOSIT_SECOND, second)?;
        let [y_low] = unpack(&DEPOSIT_THIRD, third)?;
        let x = coordinate("owner.x", (x_high, X_HIGH_BITS), (x_low, X_LOW_BITS))?;
        let y = coordinate("owner.y", (y_high, Y_HIGH_BITS), (y_low, Y_LOW_BITS))?;
        Ok(Self {
            account: within("account", account, IDS)?,
            owner: PublicKey { x, y },
            mode: mode_of(mode)?,
            amount: within("amount", amount, AMOUNTS)?,
        })
    }
}

impl AccountEntry {
    pub(super) fn read(rows: AccountRows, word: Fr) -> Result<Self, Wrong> {
        let [id, collateral, order_nonce, cancel_nonce, leverage_limit, fresh, mode] =
            unpack(&ACCOUNT_ELEMENT, word)?;
        let (fresh, mode) = (bit(fresh), mode_of(mode)?);
        let fits = match rows {
            AccountRows::Cross | AccountRows::Flat => mode == Mode::Cross,
            AccountRows::Isolated => mode != Mode::Cross,
            AccountRows::ModeChange => true,
        };
        if !fits {
            let expected = if rows == AccountRows::Isolated { "a market" } else { "0" };
            return Err(Wrong::new("mode", expected, mode.market()));
        }
        Ok(Self {
            rows,
            id: within("id", id, if fresh || rows == AccountRows::ModeChange { USERS } else { IDS })?,
            collateral: (i128::from(integer(collateral)) - COLLATERAL_OFFSET) as i64,
            order_nonce: integer(order_nonce),
            cancel_nonce: integer(cancel_nonce),
            leverage_limit: integer(leverage_limit) as u32,
            fresh,
            mode,
        })
    }
}

impl PositionEntry {
    pub(super) fn read(word: Fr) -> Result<Self, Wrong> {
        let [place, slot, market, short, size, entry_quote] = unpack(&POSITION_ELEMENT, word)?;
        let (short, size, entry_quote) = (bit(short), integer(size) as i64, integer(entry_quote));
        if size == 0 && short {
            return Err(Wrong::new("short, of a closed position", 0, 1));
        }
        if size == 0 && entry_quote != 0 {
            return Err(Wrong::new("entry quote, of a closed position", 0, entry_quote));
        }
        Ok(Self {
            place: integer(place) as usize,
            slot: within("slot", slot, 0..=SLOTS as u64 - 1)? as usize,
            market: within("market", market, MARKETS)? as MarketId,
            size: if short { -size } else { size },
            entry_quote,
        })
    }
}

impl WithdrawalEntry {
    pub(super) fn read(word: Fr) -> Result<Self, Wrong> {
        let [recipient, amount] = unpack(&WITHDRAWAL_ELEMENT, word)?;
        let recipient = recipient.to_address().expect("160 bits");
        Ok(Self { recipient, amount: within("amount", amount, AMOUNTS)? })
    }
}

impl TransferEntry {
    pub(super) fn read(word: Fr) -> Result<Self, Wrong> {
        let [from, to, amount, created] = unpack(&TRANSFER_ELEMENT, word)?;
        let (from, created) = (within("from", from, IDS)?, bit(created));
        let to = within("to", to, if created { USERS } else { IDS })?;
        if from == to {
            return Err(Wrong::new("to", "another account than the sender", to));
        }
        Ok(Self { from, to, amount: within("amount", amount, AMOUNTS)?, created })
    }
}

impl RekeyEntry {
    pub(super) fn read([first, second, third]: [Fr; 3]) -> Result<Self, Wrong> {
        let [account, x_high] = unpack(&REKEY_FIRST, first)?;
        let [x_low, y_high] = unpack(&REKEY_SECOND, second)?;
        let [y_low] = unpack(&REKEY_THIRD, third)?;
        let account = within("account", account, IDS)?;
        for (what, high, most) in [("key.x", x_high, X_HIGH_MAX), ("key.y", y_high, Y_HIGH_MAX)] {
            let high = high.to_u128().expect("at most 126 bits");
            if high > most as u128 {
                return Err(Wrong::new(what, "an upper part below the modulus's", format!("{high:#x}")));
            }
        }
        let x = coordinate("key.x", (x_high, X_HIGH_BITS), (x_low, X_LOW_BITS))?;
        let y = coordinate("key.y", (y_high, Y_HIGH_BITS), (y_low, Y_LOW_BITS))?;
        let key = PublicKey { x, y };
        if !key.is_valid_key() {
            let found = format!("({}, {})", field_hex(x), field_hex(y));
            return Err(Wrong::new("key", "a point of the curve, not of small order", found));
        }
        Ok(Self { account, key })
    }
}

impl OrderEntry {
    pub(super) fn read(word: Fr) -> Result<Self, Wrong> {
        let [id, account, market, side, limit, left, flags, max_fee, expiry, fee_carry] =
            unpack(&ORDER_ELEMENT, word)?;
        let left = integer(left);
        let carries = if left == 0 { 0..=0 } else { CARRIES };
        let fee_carry = within("fee carry", fee_carry, carries)? as u32;
        Ok(Self {
            id: within("id", id, IDS)?,
            account: within("account", account, IDS)?,
            market: within("market", market, MARKETS)? as MarketId,
            side: if bit(side) { Side::Sell } else { Side::Buy },
            limit: integer(limit) as u32,
            left,
            flags: Flags::from_bits(integer(flags) as u8),
            max_fee: integer(max_fee) as u32,
            expiry: integer(expiry),
            fee_carry,
        })
    }
}

impl MarketEntry {
    pub(super) fn read(word: Fr) -> Result<Self, Wrong> {
        let [market, price, funding_index, ticked, rate, asked] = unpack(&MARKET_ELEMENT, word)?;
        let (rate, asked) = (integer(rate), integer(asked));
        let tick = match bit(ticked) {
            true => {
                let rate = within("rate", rate.into(), 1..=2 * RATE_OFFSET as u64 - 1)?;
                let asked = within("asked price", asked.into(), IDS)?;
                Some(StatedTick { asked, rate: rate_of(rate) })
            }
            false if rate != 0 => return Err(Wrong::new("rate, without a tick", 0, rate)),
            false if asked != 0 => return Err(Wrong::new("asked price, without a tick", 0, asked)),
            false => None,
        };
        Ok(Self {
            market: within("market", market, MARKETS)? as MarketId,
            price: within("price", price, IDS)?,
            funding_index: signed(funding_index) - FUNDING_INDEX_OFFSET,
            tick,
        })
    }
}

impl LiquidationEntry {
    pub(super) fn read([first, second, third]: [Fr; 3]) -> Result<Self, Wrong> {
        let [account, taker, order, market, short, lots, quote] = unpack(&LIQUIDATION_FIRST, first)?;
        let [value, initial] = unpack(&LIQUIDATION_SECOND, second)?;
        let [maintenance, held, fee] = unpack(&LIQUIDATION_THIRD, third)?;
        Ok(Self {
            account: within("account", account, IDS)?,
            taker: within("taker", taker, IDS)?,
            order: Some(integer(order)).filter(|order| *order != 0),
            market: within("market", market, MARKETS)? as MarketId,
            short: bit(short),
            lots: within("lots", lots, IDS)?,
            quote: integer(quote),
            fee: integer(fee),
            held: within("held", held, IDS)?,
            value: signed(value),
            initial: signed(initial),
            maintenance: signed(maintenance),
        })
    }
}

/// An entry of the list of configurations.
pub(super) fn configuration(elements: [Fr; CONFIGURATION_ELEMENTS]) -> Result<Configure, Wrong> {
    let [first, second, third, words @ ..] = elements;
    let [market, price, max_price, max_size, status, initial, still, halt, collar] =
        unpack(&CONFIGURATION_FIRST, first)?;
    let [low, high, growth, interval, cap, maintenance] = unpack(&CONFIGURATION_SECOND, second)?;
    let [taker, maker, liquidation, band, lot, tick_quote, min_lots, interest, clamp] =
        unpack(&CONFIGURATION_THIRD, third)?;
    let mut tiers = [Tier::default(); HIGHER_TIERS];
    for (pair, word) in tiers.chunks_exact_mut(2).zip(words) {
        pair.copy_from_slice(&two_tiers(word)?);
    }
    let parameters = Parameters {
        tiers: HigherTiers(tiers),
        max_price: integer(max_price),
        max_size: integer(max_size),
        open_notional_low: integer(low),
        open_notional_high: integer(high),
        open_growth: integer(growth),
        interest: rate_of(integer(interest)),
        premium_clamp: integer(clamp) as u32,
        funding_cap: integer(cap) as u32,
        funding_interval: integer(interval) as u16,
        still_age: integer(still) as u32,
        halt_age: integer(halt) as u32,
        initial_fraction: integer(initial) as u32,
        maintenance_fraction: integer(maintenance) as u32,
        taker_fee: integer(taker) as u32,
        maker_fee: integer(maker) as u32,
        liquidation_fee: integer(liquidation) as u32,
        band: integer(band) as u32,
        collar: integer(collar) as u16,
        lot: integer(lot),
        tick_quote: integer(tick_quote),
        min_lots: integer(min_lots) as u32,
        status: within("status", status, 0..=STATUS_HALTED.into())? as u8,
    };
    Ok(Configure {
        market: within("market", market, MARKETS)? as MarketId,
        first_price: Some(integer(price)).filter(|price| *price != 0),
        parameters,
    })
}

/// The tiers of a word.
fn two_tiers(word: Fr) -> Result<[Tier; 2], Wrong> {
    let [from, initial, maintenance, next_from, next_initial, next_maintenance] = unpack(&TIERS_WORD, word)?;
    let tier = |from, initial, maintenance| Tier {
        from: integer(from),
        initial_fraction: integer(initial) as u32,
        maintenance_fraction: integer(maintenance) as u32,
    };
    Ok([tier(from, initial, maintenance), tier(next_from, next_initial, next_maintenance)])
}

/// The element of the list of globals.
pub(super) fn globals(word: Fr) -> Result<(OrderId, u64), Wrong> {
    let [next_order, epoch] = unpack(&GLOBALS_ELEMENT, word)?;
    Ok((within("next order", next_order, IDS)?, integer(epoch)))
}

/// The fields of a word.
fn unpack<const N: usize>(layout: &Layout<N>, word: Fr) -> Result<[Bits; N], Wrong> {
    layout.unpack(word).ok_or_else(|| {
        let any = layout.any();
        Wrong::new(any.name, format!("{} bits", any.bits), word.into_bigint())
    })
}

/// A field of at most 64 bits.
fn integer(field: Bits) -> u64 {
    field.to_u64().expect("a field of at most 64 bits")
}

/// A field of at most 127 bits.
fn signed(field: Bits) -> i128 {
    field.to_u128().and_then(|value| value.try_into().ok()).expect("a field of at most 127 bits")
}

fn bit(field: Bits) -> bool {
    field != Bits::default()
}

fn within(what: &'static str, field: Bits, range: RangeInclusive<u64>) -> Result<u64, Wrong> {
    let value = integer(field);
    if range.contains(&value) {
        return Ok(value);
    }
    let expected = match *range.end() {
        u64::MAX => format!("at least {}", range.start()),
        end => format!("{} to {end}", range.start()),
    };
    Err(Wrong::new(what, expected, value))
}

fn mode_of(field: Bits) -> Result<Mode, Wrong> {
    Ok(Mode::from_market(within("mode", field, 0..=u64::from(MARKETS_MAX) - 1)? as MarketId))
}

/// A coordinate from its high and low parts, each with its width.
fn coordinate(
    what: &'static str,
    (high, high_bits): (Bits, u32),
    (low, low_bits): (Bits, u32),
) -> Result<Fr, Wrong> {
    let bits = |value: Bits, count: u32| {
        let value = value.to_field().into_bigint();
        (0..count).map(|i| value.get_bit(i as usize)).collect::<Vec<bool>>()
    };
    let whole: Vec<bool> = bits(low, low_bits).into_iter().chain(bits(high, high_bits)).collect();
    let whole = <Fr as PrimeField>::BigInt::from_bits_le(&whole);
    Fr::from_bigint(whole).ok_or_else(|| Wrong::new(what, "a number below the field's modulus", whole))
}
