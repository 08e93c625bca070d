//! Invented takers, for files that name no users.
//!
//! Orders (same second, market and side) go in turn to sixteen users `taker-00` to `taker-15`; the house
//! account is the maker of each.

use super::draft::{At, Draft, Raw};
use super::error::Fault;
use super::event::{Market, Role, Side};

/// Users that the takers' orders are dealt to.
pub const TAKERS: usize = 16;

/// Who gets the next order.
#[derive(Default)]
pub struct Dealer {
    last: Option<(u64, Market, Side)>,
    turn: usize,
}

/// A trade of which the file says only what the taker did.
pub struct TakerTrade<'a> {
    /// Name of the market.
    pub market: &'a str,
    /// Side of the taker.
    pub side: Side,
    /// Price in quote tokens.
    pub price: super::decimal::Decimal,
    /// Size in base units.
    pub size: super::decimal::Decimal,
}

impl Dealer {
    /// Appends a trade as the print of one of the invented takers.
    pub fn push(&mut self, draft: &mut Draft, at: At, trade: &TakerTrade<'_>) -> Result<(), Fault> {
        let TakerTrade { price, size, side, .. } = *trade;
        let market = draft.seen_market(trade.market, at.line, price, size)?;
        let order = (at.time, market, side);
        if self.last.is_some_and(|previous| previous != order) {
            self.turn = (self.turn + 1) % TAKERS;
        }
        self.last = Some(order);
        let user = draft.user(&format!("taker-{:02}", self.turn))?;
        draft.push_print(at, Raw { price, size, user, market, side, role: Role::Taker });
        Ok(())
    }
}
