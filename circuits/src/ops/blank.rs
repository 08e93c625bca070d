//! Cells of padding rows: they satisfy every check and name nothing. A padding row trades one base
//! quantum for nothing at a price of 0, because a division by a size of 0 has no result.

use ark_bn254::Fr;

use super::{Leg, MarketEntry, OrderLeg};
use crate::margin::{Header, PositionCell};
use crate::state::{Flags, Market, Mode, Order, PublicKey, Side};

/// An account that holds nothing and owes nothing.
pub fn leg() -> Leg {
    let zero = Fr::from(0u64);
    Leg {
        owner: PublicKey { x: zero, y: zero },
        header: Header {
            collateral: 0,
            value: 0,
            initial: 0,
            maintenance: 0,
            entry: 0,
            mode: Mode::Cross,
            leverage_limit: 0,
        },
        position: PositionCell::default(),
    }
}

/// An order for one lot, at a limit of 0 ticks.
pub fn order() -> Order {
    Order {
        account: 0,
        market: 0,
        side: Side::Buy,
        limit: 0,
        size: 1,
        left: 1,
        flags: Flags::default(),
        max_fee: 0,
        expiry: 0,
    }
}

pub fn order_leg() -> OrderLeg {
    OrderLeg { order: order(), leg: leg() }
}

/// A market where a lot is one base quantum and costs nothing.
pub fn market() -> MarketEntry {
    let market = Market {
        price: 0,
        reference_price: 0,
        funding_index: 0,
        open_interest: 0,
        max_price: 0,
        max_size: 1,
        last_tick: 0,
        funding_cap: 0,
        initial_fraction: 0,
        maintenance_fraction: 0,
        taker_fee: 0,
        maker_fee: 0,
        liquidation_fee: 0,
        band: 0,
        lot: 1,
        tick_quote: 0,
        min_lots: 0,
        status: 0,
    };
    MarketEntry { id: 0, market }
}
