//! What the protocol calls things that a tape names.

use super::run::Sizing;
use super::work::OrderKey;
use crate::wire::event::{MarginMode, OrderRequest, Side};
use zkmargin_circuits::ops::{Item, OrderItem};
use zkmargin_circuits::params::EXPIRY_BITS;
use zkmargin_circuits::state::{self, Flags, Mode};

/// Orders of printed trades live within their batch; their expiry is the last second there is.
const NEVER: u64 = (1 << EXPIRY_BITS) - 1;

/// The mode of an account as the protocol names it.
pub fn protocol_mode(mode: MarginMode) -> Mode {
    match mode {
        MarginMode::Cross => Mode::Cross,
        MarginMode::Isolated(market) => Mode::Isolated(market),
    }
}

fn side(side: Side) -> state::Side {
    match side {
        Side::Buy => state::Side::Buy,
        Side::Sell => state::Side::Sell,
    }
}

/// An order for this batch only: what is left of it does not rest.
pub fn item(key: OrderKey, sizing: Sizing) -> Item {
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

/// An order as its owner asks for it.
pub fn requested(request: &OrderRequest) -> Item {
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
