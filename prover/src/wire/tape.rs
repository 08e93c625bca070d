//! What every reader yields: the events of a file, and the rows that are none.

use super::event::{Event, Listing, MarginMode, Market, User, What};
use super::quanta::COARSEST;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The content of a whole file.
#[derive(Debug, Clone)]
pub struct Tape {
    /// Name of the file, for messages.
    pub file: String,
    /// What the places of events count.
    pub place: Place,
    /// A quote quantum is `10^-quote_decimals` of the quote token: 6 to 9. All amounts are in quanta.
    pub quote_decimals: u32,
    /// Listings of the markets, in order of their ids.
    pub listings: Vec<Listing>,
    /// Names of users.
    pub users: Vec<String>,
    /// Names of orders.
    pub orders: Vec<String>,
    /// The events in time order, each of one row of the file.
    pub events: Vec<Event>,
    /// Rows of the file that are no events, with the reason.
    pub skipped: Vec<Skipped>,
}

impl Default for Tape {
    fn default() -> Self {
        Self {
            file: String::new(),
            place: Place::Line,
            quote_decimals: COARSEST,
            listings: Vec::new(),
            users: Vec::new(),
            orders: Vec::new(),
            events: Vec::new(),
            skipped: Vec::new(),
        }
    }
}

/// What [`Event::line`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// Lines of the file.
    #[default]
    Line,
    /// Entries of the file's JSON arrays, which often stand in one line.
    Entry,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Line => "line",
            Self::Entry => "entry",
        })
    }
}

/// Rows that a reader left out for one reason. They count as refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Name of the market, or of the kind of row.
    pub name: String,
    /// Reason for which the rows are left out.
    pub reason: SkipReason,
    /// Number of rows; a market that is declared and never used has none.
    pub rows: u64,
    /// Place of the first of them in the file, or of the market's declaration.
    pub line: u64,
}

/// Why rows are left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SkipReason {
    /// A tick times a lot is no whole number of quote quanta.
    #[error(
        "prices of {price_decimals} and sizes of {size_decimals} decimals: a tick times a lot is no whole number of quote quanta of 10^-{quote_decimals}"
    )]
    Quantum {
        /// Number of decimals of prices.
        price_decimals: u32,
        /// Number of decimals of sizes.
        size_decimals: i32,
        /// Number of decimals of amounts.
        quote_decimals: u32,
    },
    /// A price is beyond 2^32 ticks or, where the file declares the tick, no whole number of them.
    #[error("price {price} is not between 1 and 2^32 whole ticks of 10^-{price_decimals}")]
    Price {
        /// The price as the file has it.
        price: String,
        /// Number of decimals of prices.
        price_decimals: u32,
    },
    /// A size is beyond 2^56 lots.
    #[error("size {size} is above 2^56 lots of 10^-{size_decimals}")]
    Size {
        /// The size as the file has it.
        size: String,
        /// Number of decimals of sizes.
        size_decimals: i32,
    },
    /// The protocol refuses the market's parameters.
    #[error("{0}")]
    Protocol(String),
    /// Amounts are finer than the quote quantum, or 2^63 of them and more.
    #[error(
        "amounts that are no whole number below 2^63 of quote quanta of 10^-{quote_decimals}: round them"
    )]
    Amount {
        /// Number of decimals of amounts.
        quote_decimals: u32,
    },
    /// A pair of the spot market.
    #[error("a spot pair, which has no margin")]
    Spot,
    /// A change of a ledger that does not change the collateral of perpetual futures.
    #[error("does not change the collateral of perpetual futures")]
    OtherLedger,
    /// A transfer between two users, neither of whom is known to be the file's.
    #[error("a transfer between two users: name the file's own address with --user")]
    Direction,
}

impl Serialize for SkipReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Tape {
    /// The name of a market.
    pub fn market_name(&self, market: Market) -> &str {
        self.listings.get(usize::from(market).wrapping_sub(1)).map_or("?", |listing| listing.name.as_str())
    }

    /// The name of a user.
    pub fn user_name(&self, user: User) -> &str {
        self.users.get(user as usize).map_or("?", String::as_str)
    }

    /// The number of rows that are left out. With the number of events that is the number of rows of the file;
    /// headers and declarations of markets are no rows.
    pub fn skipped_rows(&self) -> u64 {
        self.skipped.iter().map(|skipped| skipped.rows).sum()
    }

    /// Takes markets off the list with all their rows, which are counted; the others get new ids, without
    /// gaps. `line` is the place that a market without rows is reported at.
    pub fn skip_markets(&mut self, reasons: BTreeMap<Market, (SkipReason, u64)>) {
        if reasons.is_empty() {
            return;
        }
        let orders = self.order_markets();
        let mut skipped: BTreeMap<Market, Skipped> = BTreeMap::new();
        for (market, (reason, line)) in reasons {
            let name = self.market_name(market).to_owned();
            skipped.insert(market, Skipped { name, reason, rows: 0, line });
        }
        let ids = new_ids(self.listings.len(), |id| skipped.contains_key(&id));
        let mut markets = ids.iter();
        self.listings.retain(|_| markets.next().is_some_and(|id| *id != 0));
        let unknown = |id: Market| usize::from(id).checked_sub(1).and_then(|at| ids.get(at)).copied();
        self.events.retain_mut(|event| {
            let gone = markets_of(&event.what, &orders)
                .into_iter()
                .flatten()
                .find(|market| skipped.contains_key(market));
            let Some(entry) = gone.and_then(|market| skipped.get_mut(&market)) else {
                renumber(&mut event.what, |id| unknown(id).unwrap_or(id));
                return true;
            };
            entry.line = if entry.rows == 0 { event.line } else { entry.line.min(event.line) };
            entry.rows += 1;
            false
        });
        self.skipped.extend(skipped.into_values());
    }

    /// The market of each named order.
    fn order_markets(&self) -> Vec<Market> {
        let mut markets = vec![0; self.orders.len()];
        for event in &self.events {
            if let What::Order(request) = &event.what {
                markets[request.name as usize] = request.market;
            }
        }
        markets
    }
}

/// The new id of each old one, 0 for a market that is gone.
fn new_ids(count: usize, gone: impl Fn(Market) -> bool) -> Vec<Market> {
    let mut next = 0;
    let id = |index: usize| {
        if gone(index as Market + 1) {
            return 0;
        }
        next += 1;
        next
    };
    (0..count).map(id).collect()
}

/// The markets that an event needs, at most two; `orders` has the markets of named orders.
fn markets_of(what: &What, orders: &[Market]) -> [Option<Market>; 2] {
    let of_order = |name: u32| orders.get(name as usize).copied();
    match what {
        What::Deposit { mode, .. } | What::Withdraw { mode, .. } => [mode.market(), None],
        What::SetLeverage { mode, .. } | What::ChangeKey { mode, .. } => [mode.market(), None],
        What::Transfer { from, to, .. } | What::SetMode { from, to, .. } => [from.market(), to.market()],
        What::Print { market, .. } | What::Tick { market, .. } | What::TopUp { market, .. } => {
            [Some(*market), None]
        }
        What::LiquidationNotice { .. } => [None, None],
        What::Order(request) => [Some(request.market), None],
        What::Cancel { order, .. } => [of_order(*order), None],
        What::Match { maker, taker, .. } => [of_order(*maker), of_order(*taker)],
        What::Liquidate { market, taker, .. } => [Some(*market), taker.and_then(of_order)],
    }
}

fn renumber(what: &mut What, id: impl Fn(Market) -> Market) {
    let renumber_mode = |mode: &mut MarginMode| {
        if let MarginMode::Isolated(market) = mode {
            *market = id(*market);
        }
    };
    match what {
        What::Deposit { mode, .. } | What::Withdraw { mode, .. } => renumber_mode(mode),
        What::SetLeverage { mode, .. } | What::ChangeKey { mode, .. } => renumber_mode(mode),
        What::Transfer { from, to, .. } | What::SetMode { from, to, .. } => {
            renumber_mode(from);
            renumber_mode(to);
        }
        What::Print { market, .. } | What::Tick { market, .. } | What::TopUp { market, .. } => {
            *market = id(*market);
        }
        What::Order(request) => {
            request.market = id(request.market);
            renumber_mode(&mut request.mode);
        }
        What::Liquidate { market, mode, .. } => {
            *market = id(*market);
            renumber_mode(mode);
        }
        What::LiquidationNotice { .. } | What::Cancel { .. } | What::Match { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::new_ids;

    #[test]
    fn ids_have_no_gaps() {
        assert_eq!(new_ids(5, |id| id == 1 || id == 3), [0, 1, 0, 2, 3]);
    }
}
