//! Requirements, the change of a slot, fees, legal changes, cash that leaves.

use zkmargin_circuits::margin::native::{
    MarketRef, legal_change, liquidation_slope, require_cash_stays, requirement, trade, trading_fee,
    withdrawable,
};
use zkmargin_circuits::margin::{Header, PositionCell};
use zkmargin_circuits::params::*;
use zkmargin_circuits::reject::Reject;
use zkmargin_circuits::state::Market;

use super::{
    Case, I64, PRICE, QUOTE, REQUIREMENT, SIZE, VALUE, header, largest_size, market, object, refused, tiered,
};
use crate::draw::Draw;

pub fn requirements(draw: &mut Draw) -> Case {
    let price = draw.within(1, PRICE);
    let most = largest_size(price);
    let size = draw.within(-most, most);
    let (market, tiers) = tiered(draw, price, size.abs() * price);
    let limit = draw.within(0, M);
    let required = requirement(&market, limit as u32, size as i64);
    let in_force = market.initial_in_force();
    Case::new(
        &[
            ("price", &price),
            ("size", &size),
            ("tiers", &tiers),
            ("in_force", &in_force),
            ("leverage_limit", &limit),
        ],
        object(&[
            ("initial", &required.initial),
            ("listed", &required.by_tiers),
            ("maintenance", &required.maintenance),
            ("slope", &liquidation_slope(&market, size.unsigned_abs() as u64)),
        ]),
    )
}

pub fn traded(draw: &mut Draw) -> Case {
    let size = draw.within(-SIZE, SIZE);
    let entry = if size == 0 { 0 } else { draw.within(0, QUOTE) };
    let change = match if draw.coin() { draw.near(-size, -2 * SIZE, 2 * SIZE) } else { 0 } {
        0 => draw.sign() * draw.within(1, 2 * SIZE),
        change => change,
    };
    let (quote, collateral) = (draw.within(0, QUOTE), draw.within(-I64, I64 - 1));
    let after = (size + change).abs();
    let max_size = if draw.coin() { draw.near(after, 1, SIZE) } else { SIZE };
    let header = Header { collateral: collateral as i64, ..header(0, 0, 0) };
    let cell = PositionCell { size: size as i64, entry_quote: entry as u64 };
    let market = Market { max_size: max_size as u64, ..market() };
    let traded = trade(&header, &cell, MarketRef { id: 1, market: &market }, change, quote as u64);
    let answer = traded.map_or_else(refused, |traded| {
        object(&[
            ("size", &traded.position.size),
            ("entry", &traded.position.entry_quote),
            ("collateral", &traded.header.collateral),
            ("increases", &traded.grows),
        ])
    });
    Case::new(
        &[
            ("size", &size),
            ("entry", &entry),
            ("change", &change),
            ("quote", &quote),
            ("collateral", &collateral),
            ("max_size", &max_size),
        ],
        answer,
    )
}

pub fn fee(draw: &mut Draw) -> Case {
    let (quote, rate, carry) = (draw.within(0, QUOTE), draw.within(0, M), draw.within(0, M - 1));
    let fee = trading_fee(quote as u64, rate as u32, carry as u32);
    Case::new(
        &[("quote", &quote), ("rate", &rate), ("carry", &carry)],
        object(&[("fee", &fee.amount), ("carry", &fee.carry)]),
    )
}

pub fn legal(draw: &mut Draw) -> Case {
    let narrow = draw.coin();
    // Narrow enough for the boundary of the ratio to be computed here.
    let (value, requirement) = if narrow { (1 << 60, 1 << 64) } else { (VALUE, REQUIREMENT) };
    let (tv0, mmr0) = (draw.within(-value, value), draw.within(0, requirement));
    let mmr1 = if draw.coin() { draw.near(mmr0, 0, requirement) } else { draw.within(0, requirement) };
    let increases = draw.within(0, 3) == 0;
    let mut fee = draw.within(0, QUOTE);
    let tv1 = if narrow && mmr0 > 0 {
        fee = draw.within(0, 1 << 26);
        let paid = if draw.coin() { fee * U } else { 0 };
        draw.near((tv0 * mmr1).div_euclid(mmr0) + paid, -value, value)
    } else {
        draw.within(-value, value)
    };
    let after = M * (tv1 - fee * U);
    let initial = if draw.coin() { draw.near(after, 0, REQUIREMENT) } else { draw.within(0, REQUIREMENT) };
    let (pre, post) = (header(tv0, 0, mmr0), header(tv1, initial, mmr1));
    let answer =
        legal_change(&pre, &post, increases, fee as u64).map_or_else(refused, |fee| object(&[("fee", &fee)]));
    Case::new(
        &[
            ("value_before", &tv0),
            ("maintenance_before", &mmr0),
            ("value_after", &tv1),
            ("initial_after", &initial),
            ("maintenance_after", &mmr1),
            ("increases", &increases),
            ("fee", &fee),
        ],
        answer,
    )
}

pub fn cash(draw: &mut Draw) -> Case {
    let collateral = draw.within(0, 1 << 62);
    // Above 2^64 the native maximum is 2^64 - 1; an amount has 63 bits.
    let cash = draw.within(-(1 << 67), (1 << 64) - 1);
    let value = draw.within(-VALUE, VALUE);
    let free = draw.within(-5 * M * U, 5 * M * U);
    let initial =
        if draw.coin() { (M * value - free).clamp(0, REQUIREMENT) } else { draw.within(0, REQUIREMENT) };
    let most = cash.min((M * value - initial).div_euclid(M * U));
    let amount = if draw.coin() { draw.near(most, 0, 1 << 62) } else { draw.within(0, 1 << 62) };
    let account = Header {
        collateral: collateral as i64,
        value: value - collateral * U,
        entry: cash - collateral,
        ..header(0, initial, 0)
    };
    let left = Header { collateral: (collateral - amount) as i64, ..account };
    let verdict = require_cash_stays(&left)
        .map_or_else(|refusal| format!("\"{:?}\"", Reject::from(refusal)), |()| "null".to_owned());
    Case::new(
        &[("cash", &cash), ("value", &value), ("initial", &initial), ("amount", &amount)],
        object(&[("most", &withdrawable(&account)), ("reject", &verdict)]),
    )
}
