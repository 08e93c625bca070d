//! One account as the bytes give it: what it holds, what it is worth, how far it is from liquidation.

use super::books::opened;
use crate::record::genesis::{GenesisFile, ListedMarket};
use crate::verify::field_hex;
use serde::Serialize;
use zkmargin_circuits::margin::native::withdrawable;
use zkmargin_circuits::params::{M, U};
use zkmargin_circuits::state::{AccountId, Market, Position, State};

/// An account, in quanta of the quote and in the scales of the spec; decimal strings where tokens are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// Number of the account.
    pub id: AccountId,
    /// Its owner's key.
    pub owner_x: String,
    /// Second coordinate.
    pub owner_y: String,
    /// 0 for cross, else the only market.
    pub mode: u16,
    /// Collateral after funding is settled, quote tokens: the balance, where buying took off the quote.
    pub collateral: String,
    /// `TV`: what the account is worth at the oracle prices, quote tokens.
    pub value: String,
    /// `C + Σ s·E`: cash without unrealised profit, quote tokens.
    pub cash: String,
    /// Initial requirement, quote tokens.
    pub initial: String,
    /// Maintenance requirement, quote tokens.
    pub maintenance: String,
    /// What may be withdrawn, quote tokens.
    pub withdrawable: String,
    /// The worst of `bankrupt`, `close-out`, `liquidatable`, `reduce only`, `healthy`.
    pub health: &'static str,
    /// Its open positions.
    pub positions: Vec<PositionView>,
}

/// A position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PositionView {
    /// Name of the market.
    pub market: String,
    /// Base units, negative for a short.
    pub size: String,
    /// What was paid or received for it, quote tokens per base unit.
    pub entry_price: String,
    /// Oracle price, quote tokens per base unit.
    pub price: String,
    /// Profit at the oracle price, quote tokens.
    pub unrealised: String,
    /// Oracle price at which the account is liquidatable if no other price moves; none if there is none.
    pub liquidation_price: Option<String>,
}

/// The account of a number; none if it does not exist.
pub fn view(genesis: &GenesisFile, state: &State, id: AccountId) -> Option<View> {
    let account = state.account(id)?;
    let header = opened(account, |id| state.market(id).copied())?;
    let tokens = |quanta: i128| decimal(quanta, genesis.quote_decimals);
    let value = |scaled: i128| tokens(scaled.div_euclid(U));
    let health = header.health().name();
    let positions = account.positions().filter_map(|position| {
        let market = state.market(position.market)?;
        let listed = genesis.listed(position.market)?;
        let missing = M * header.total_value() - header.maintenance;
        Some(position_view(genesis, listed, market, position, missing))
    });
    Some(View {
        id,
        owner_x: field_hex(account.owner.x),
        owner_y: field_hex(account.owner.y),
        mode: account.mode.market(),
        collateral: tokens(header.collateral.into()),
        value: value(header.total_value()),
        cash: tokens(header.cash()),
        initial: value(header.initial / M),
        maintenance: value(header.maintenance / M),
        withdrawable: tokens(withdrawable(&header).into()),
        health,
        positions: positions.collect(),
    })
}

/// `excess` is `M·TV - MMR` of the account.
fn position_view(
    genesis: &GenesisFile,
    listed: &ListedMarket,
    market: &Market,
    position: &Position,
    excess: i128,
) -> PositionView {
    let size = i128::from(position.size);
    let profit = size * i128::from(market.price) - size.signum() * i128::from(position.entry_quote) * U;
    let entry = (i128::from(position.entry_quote) * U) / size.abs().max(1);
    PositionView {
        market: listed.name.clone(),
        size: base_units(listed, size),
        entry_price: price(genesis, listed, entry),
        price: price(genesis, listed, market.price.into()),
        unrealised: decimal(profit.div_euclid(U), genesis.quote_decimals),
        liquidation_price: liquidation_price(market, position, excess).map(|at| price(genesis, listed, at)),
    }
}

/// The price at which `M·TV = MMR`, if no other price moves: within a tier of slope m, `M·TV - MMR` falls by `M·b - |b|·m`
/// for each unit that the price falls.
fn liquidation_price(market: &Market, position: &Position, excess: i128) -> Option<i128> {
    let size = i128::from(position.size.unsigned_abs());
    let value = size as u128 * u128::from(market.price);
    let excess = excess + market.slope(value).maintenance(value);
    market.slopes().find_map(|tier| {
        let slope = M * i128::from(position.size) - size * i128::from(tier.maintenance_fraction);
        let price = i128::from(market.price) - (excess - tier.maintenance(value)).checked_div(slope)?;
        let price = u64::try_from(price).ok().filter(|price| *price > 0)?;
        let at = size as u128 * u128::from(price);
        (tier.low..=tier.high).contains(&at).then_some(price.into())
    })
}

/// A price of 32.32 quote quanta per base quantum in quote tokens per base unit, rounded to the market's decimals and
/// four more: so a price in whole ticks, which 32.32 cuts, reads as it was.
pub fn price(genesis: &GenesisFile, listed: &ListedMarket, price: i128) -> String {
    // Base quanta of a unit: lot·10^size_decimals.
    let digits = listed.price_decimals + 4;
    let up = listed.size_decimals + digits as i32 - genesis.quote_decimals as i32;
    let per_lot = num_bigint::BigInt::from(price) * listed.lot;
    let ten = |power: u32| num_bigint::BigInt::from(10u8).pow(power);
    let scaled = if up >= 0 { per_lot * ten(up as u32) } else { per_lot / ten(up.unsigned_abs()) };
    let scaled: num_bigint::BigInt = (scaled + (1u64 << 31)) >> 32;
    i128::try_from(scaled).map_or_else(|big| big.to_string(), |value| decimal(value, digits))
}

/// A size of base quanta in base units.
pub fn base_units(listed: &ListedMarket, size: i128) -> String {
    // A lot is 10^-size_decimals units; a part of a lot is never held but after a listing's change.
    let lot = i128::from(listed.lot);
    let (lots, rest) = (size / lot, size % lot);
    let whole = match u32::try_from(listed.size_decimals) {
        Ok(decimals) => decimal(lots, decimals),
        Err(_) => (lots * 10i128.pow(listed.size_decimals.unsigned_abs())).to_string(),
    };
    if rest == 0 { whole } else { format!("{whole} and {rest} base quanta") }
}

/// An integer of `10^-decimals` as a decimal number.
pub fn decimal(value: i128, decimals: u32) -> String {
    let scale = 10u128.pow(decimals);
    let (whole, rest) = (value.unsigned_abs() / scale, value.unsigned_abs() % scale);
    let sign = if value < 0 { "-" } else { "" };
    if decimals == 0 {
        return format!("{sign}{whole}");
    }
    let fraction = format!("{rest:0width$}", width = decimals as usize);
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{digits}"),
    }
}
