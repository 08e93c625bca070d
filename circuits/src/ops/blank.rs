//! Cells of padding rows: they satisfy every check and name nothing. A padding row trades one base
//! quantum for nothing at a price of 0, because a division by a size of 0 has no result.

use ark_bn254::Fr;

use super::{Leg, MarketEntry, OrderLeg};
use crate::margin::{Header, PositionCell};
use crate::state::{Market, Mode, Order, PublicKey};

/// An account that holds nothing and owes nothing.
pub fn leg() -> Leg {
    let zero = Fr::from(0u64);
    Leg {
        owner: PublicKey { x: zero, y: zero },
        orders_from: 0,
        header: Header::flat(0, Mode::Cross),
        position: PositionCell::default(),
    }
}

/// An order for one lot, at a limit of 0 ticks.
pub fn order() -> Order {
    Order { size: 1, left: 1, ..Order::BLANK }
}

pub fn order_leg() -> OrderLeg {
    OrderLeg { order: order(), leg: leg() }
}

/// A market where a lot is one base quantum and costs nothing.
pub fn market() -> MarketEntry {
    MarketEntry { id: 0, market: Market { max_size: 1, lot: 1, ..Market::BLANK } }
}
