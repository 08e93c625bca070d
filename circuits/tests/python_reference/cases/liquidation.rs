//! Liquidations: zero price and quotes, fee, size.

use zkmargin_circuits::margin::native::{
    Liquidated, liquidation_fee, liquidation_slope, liquidation_step, require_not_over, requirement,
    zero_price, zero_quote,
};
use zkmargin_circuits::params::*;
use zkmargin_circuits::state::market::liquidation_rate;
use zkmargin_circuits::state::{Market, Side};

use super::{Case, PRICE, QUOTE, REQUIREMENT, SIZE, VALUE, header, largest_size, object, tiered};
use crate::draw::Draw;

/// The side that closes a position of this sign.
fn closing(sign: i128) -> Side {
    if sign > 0 { Side::Sell } else { Side::Buy }
}

pub fn zero(draw: &mut Draw) -> Case {
    let (price, sign) = (draw.within(1, PRICE), draw.sign());
    let rest = draw.within(0, largest_size(price));
    let (market, tiers) = tiered(draw, price, rest * price);
    let slope = liquidation_slope(&market, rest as u64);
    let mmf = i128::from(slope);
    let narrow = draw.coin();
    let maintenance = draw.within(1, if narrow { 1 << 80 } else { REQUIREMENT });
    let highest = (maintenance - 1) / M;
    let value = if narrow {
        // Next to a whole discount.
        let discount = draw.within(0, (U * mmf - 1) / M);
        draw.near(discount * maintenance / (U * mmf), 0, highest)
    } else {
        draw.within(0, highest)
    };
    let amount = draw.within(1, SIZE);
    let side = closing(sign);
    let zero = zero_price(&header(value, 0, maintenance), &market, slope, side);
    let quote = |price| zero_quote(price, amount as u64, side);
    Case::new(
        &[
            ("price", &price),
            ("tiers", &tiers),
            ("rest", &rest),
            ("size", &sign),
            ("maintenance", &maintenance),
            ("value", &value),
            ("amount", &amount),
        ],
        object(&[
            ("zero_price", &zero),
            ("zero_quote", &quote(zero)),
            ("oracle_quote", &quote(market.price)),
        ]),
    )
}

pub fn penalty(draw: &mut Draw) -> Case {
    let (sign, quote, listed, slope) =
        (draw.sign(), draw.within(0, QUOTE), draw.within(0, M), draw.within(1, M));
    let rate = i128::from(liquidation_rate(listed as u32, slope as u32));
    let due = (quote * rate + M - 1) / M;
    let room = if draw.coin() { draw.near(due, 0, QUOTE) } else { draw.within(0, QUOTE) };
    let zero = quote - sign * room;
    let fee = liquidation_fee(quote as u64, zero, rate as u32, closing(sign));
    Case::new(
        &[("size", &sign), ("quote", &quote), ("rate", &listed), ("slope", &slope), ("zero_quote", &zero)],
        object(&[("fee", &fee)]),
    )
}

pub fn size(draw: &mut Draw) -> Case {
    let price = draw.within(1, PRICE);
    let held = draw.within(1, largest_size(price));
    let amount = draw.within(1, held);
    let whole = draw.coin();
    let lot = draw.within(1, amount.min((1 << LOT_BITS) - 1));
    let min_lots = draw.within(1, u32::MAX.into());
    let narrow = draw.coin();
    let value = draw.within(0, if narrow { 1 << 60 } else { VALUE });
    let loss = draw.within(-(1 << 44), if narrow { 1 << 44 } else { value.max(1) });
    let (market, tiers) = tiered(draw, price, (held - amount) * price);
    let market = Market { lot: lot as u64, min_lots: min_lots as u32, ..market };
    let step = liquidation_step(&market, amount as u64, whole);
    let maintenance = if narrow {
        // The requirement at which the size is just legal.
        let less = amount - i128::from(step);
        let of = |size: i128| requirement(&market, 0, size as i64).maintenance;
        let just = M * value + of(held) - of(held - less) - (M * loss * less).div_euclid(amount);
        draw.near(just, 0, REQUIREMENT)
    } else {
        draw.within(0, REQUIREMENT)
    };
    let (pre, post) = (header(value, 0, maintenance), header(value - loss, 0, maintenance));
    let sizes = Liquidated { held: held as u64, size: amount as u64, step };
    let legal = require_not_over(&pre, &post, &market, sizes).is_ok();
    Case::new(
        &[
            ("price", &price),
            ("tiers", &tiers),
            ("held", &held),
            ("amount", &amount),
            ("whole", &whole),
            ("lot", &lot),
            ("min_lots", &min_lots),
            ("value_before", &value),
            ("value_after", &(value - loss)),
            ("maintenance_before", &maintenance),
        ],
        object(&[("legal", &legal)]),
    )
}
