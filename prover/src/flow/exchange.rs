//! The invented exchange: keeps just enough state to write events that make sense.

use super::{Flow, listing};
use crate::wire::Tape;
use crate::wire::decimal::Decimal;
use crate::wire::event::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// Monday, 1 January 2024, midnight UTC.
const START: u64 = 1_704_067_200;
/// Users 0 and 1 are market makers.
const MAKERS: User = 2;
/// The last trader is the one with little margin.
const MAKER_DEPOSIT: u64 = 5_000_000_000_000;
const TRADER_DEPOSIT: u64 = 20_000_000_000;
const ISOLATED_MARGIN: u64 = 500_000_000;
/// Orders of a trade are worth about this many quote quanta.
const ORDER_VALUE: u64 = 1_000_000_000;
/// Most a signer pays, parts per million.
const MAX_FEE: u32 = 1_000;
/// Distance of a maker's quotes, in thousandths of the price.
const SPREAD: u32 = 1;

/// An order that may still be hit.
#[derive(Clone, Copy)]
struct Resting {
    name: OrderName,
    user: User,
    market: Market,
    side: Side,
    left: u64,
}

/// The generator while it writes a tape.
pub struct Exchange {
    flow: Flow,
    rng: ChaCha20Rng,
    tape: Tape,
    time: u64,
    /// Oracle price in ticks, by market.
    mid: Vec<u32>,
    book: Vec<Resting>,
    fills: u32,
    refreshed: Option<u32>,
    /// Traders that moved margin to an isolated account, with its market.
    isolated: Vec<(User, Market)>,
    reckless: Option<(Market, u64)>,
}

impl Exchange {
    /// Names users and lists markets.
    pub fn open(flow: Flow) -> Self {
        let users = (0..MAKERS).map(|i| format!("maker-{i}"));
        let traders = (0..flow.traders).map(|i| format!("trader-{i:03}"));
        let tape = Tape {
            file: "flow".to_owned(),
            listings: listing::listings(flow.markets),
            users: users.chain(traders).collect(),
            ..Tape::default()
        };
        Self {
            flow,
            rng: ChaCha20Rng::seed_from_u64(flow.seed),
            tape,
            time: START,
            mid: listing::first_ticks(flow.markets),
            book: Vec::new(),
            fills: 0,
            refreshed: None,
            isolated: Vec::new(),
            reckless: None,
        }
    }

    /// The number of fills so far.
    pub fn fills(&self) -> u32 {
        self.fills
    }

    /// Gives the finished tape.
    pub fn close(self) -> Tape {
        self.tape
    }

    /// Makes the first deposits of all users.
    fn fund(&mut self) {
        for user in 0..MAKERS {
            self.push(What::Deposit { user, mode: MarginMode::Cross, amount: MAKER_DEPOSIT });
        }
        for trader in 0..self.flow.traders {
            let user = MAKERS + trader;
            self.push(What::Deposit { user, mode: MarginMode::Cross, amount: TRADER_DEPOSIT });
        }
    }

    /// Lets one thing happen, sometimes two.
    pub fn step(&mut self) {
        if self.refreshed != Some(self.fills / self.flow.refresh) {
            self.refreshed = Some(self.fills / self.flow.refresh);
            self.refresh();
        }
        self.time += self.rng.gen_range(0..3);
        match self.rng.gen_range(0..100) {
            0..70 => self.take(),
            70..78 => self.rest(),
            78..84 => self.cancel(),
            84..89 => self.isolate(),
            89..93 => self.withdraw(),
            93..96 => self.deposit(),
            96..98 => self.reckless(),
            _ => self.overreach(),
        }
    }

    fn push(&mut self, what: What) {
        let line = self.tape.events.len() as u64 + 1;
        self.tape.events.push(Event { line, time: self.time, what });
    }

    fn trader(&mut self) -> User {
        // The last trader is the reckless one: it trades only in `reckless`.
        MAKERS + self.rng.gen_range(0..self.flow.traders - 1)
    }

    fn any_market(&mut self) -> Market {
        self.rng.gen_range(1..=self.flow.markets)
    }

    fn mid(&self, market: Market) -> u32 {
        self.mid[usize::from(market) - 1]
    }

    /// Lots worth about `value` quanta at the oracle price, at least one.
    fn lots(&self, market: Market, value: u64) -> u64 {
        let listing = &self.tape.listings[usize::from(market) - 1];
        let tick_quote =
            10u64.pow((6 - listing.price_decimals as i32 - listing.size_decimals).unsigned_abs());
        (value / (u64::from(self.mid(market)) * tick_quote)).max(1)
    }

    /// Signs an order; its name is filled in here.
    fn order(&mut self, mut request: OrderRequest) -> OrderName {
        let name = self.tape.orders.len() as OrderName;
        self.tape.orders.push(format!("o{name}"));
        request.name = name;
        self.push(What::Order(request));
        name
    }

    /// New oracle prices with funding, new ladders signed in bulk.
    fn refresh(&mut self) {
        self.time += 30;
        for market in 1..=self.flow.markets {
            let mid = self.mid(market);
            let shock = self.reckless.is_some_and(|(m, _)| m == market);
            let step = if shock { -35 } else { self.rng.gen_range(-4..=4) };
            let moved = i64::from(mid) + i64::from(mid) * step / 1_000;
            self.mid[usize::from(market) - 1] = moved.clamp(1_000, 1 << 30) as u32;
            let decimals = self.tape.listings[usize::from(market) - 1].price_decimals;
            let price = Decimal::from_units(i128::from(self.mid(market)), decimals as i32);
            let rate = self.rng.gen_range(-50_000..=50_000);
            if let Some(price) = price {
                self.push(What::Tick { market, price, rate });
            }
        }
        if self.fills == 0 {
            self.fund();
        }
        self.requote();
        if let Some((market, lots)) = self.reckless.take() {
            self.liquidate(market, lots);
        }
    }

    fn requote(&mut self) {
        for user in 0..MAKERS {
            self.time += 1;
            self.book.retain(|order| order.user != user);
            for market in 1..=self.flow.markets {
                for side in [Side::Buy, Side::Sell] {
                    self.quote(user, market, side);
                }
            }
        }
    }

    fn quote(&mut self, user: User, market: Market, side: Side) {
        let mid = self.mid(market);
        let away = mid / 1_000 * SPREAD * (user + 1);
        let limit = if side == Side::Buy { mid - away } else { mid + away };
        let lots = self.lots(market, 20 * ORDER_VALUE);
        // A quote holds until the next refresh: what is left of it then does not rest.
        let terms = Terms { ioc: true, max_fee: MAX_FEE, ..Terms::default() };
        let name = self.order(OrderRequest {
            name: 0,
            user,
            mode: MarginMode::Cross,
            market,
            side,
            limit,
            lots,
            terms,
        });
        self.book.push(Resting { name, user, market, side, left: lots });
    }

    /// Where a user trades: in its isolated account of the market if it has one.
    fn margin_mode(&self, user: User, market: Market) -> MarginMode {
        if self.isolated.contains(&(user, market)) { MarginMode::Isolated(market) } else { MarginMode::Cross }
    }

    /// A taker's IOC order against a resting one.
    fn take(&mut self) {
        let user = self.trader();
        let candidates: Vec<usize> =
            (0..self.book.len()).filter(|i| self.book[*i].user != user && self.book[*i].left > 0).collect();
        if candidates.is_empty() {
            return self.rest();
        }
        let pick = candidates[self.rng.gen_range(0..candidates.len())];
        let resting = self.book[pick];
        let value = ORDER_VALUE / 4 + self.rng.gen_range(0..ORDER_VALUE);
        let lots = self.lots(resting.market, value).min(resting.left);
        let mid = self.mid(resting.market);
        let side = resting.side.opposite();
        let limit = if side == Side::Buy { mid + mid / 50 } else { mid - mid / 50 };
        let terms = Terms { ioc: true, max_fee: MAX_FEE, ..Terms::default() };
        let mode = self.margin_mode(user, resting.market);
        let taker = self.order(OrderRequest {
            name: 0,
            user,
            mode,
            market: resting.market,
            side,
            limit,
            lots,
            terms,
        });
        self.push(What::Match { maker: resting.name, taker, lots });
        self.book[pick].left -= lots;
        self.fills += 1;
    }

    /// A trader leaves an order in the book, slightly better than the makers.
    fn rest(&mut self) {
        let (user, market) = (self.trader(), self.any_market());
        let side = if self.rng.r#gen() { Side::Buy } else { Side::Sell };
        let mid = self.mid(market);
        let away = mid / 2_000;
        let limit = if side == Side::Buy { mid - away } else { mid + away };
        let lots = self.lots(market, ORDER_VALUE);
        let expiry = Some(self.time + 3_600);
        let terms = Terms { post_only: true, max_fee: MAX_FEE, expiry, ..Terms::default() };
        let mode = self.margin_mode(user, market);
        let name = self.order(OrderRequest { name: 0, user, mode, market, side, limit, lots, terms });
        self.book.push(Resting { name, user, market, side, left: lots });
    }

    fn cancel(&mut self) {
        let open: Vec<usize> =
            (0..self.book.len()).filter(|i| self.book[*i].user >= MAKERS && self.book[*i].left > 0).collect();
        if open.is_empty() {
            return;
        }
        let order = self.book.remove(open[self.rng.gen_range(0..open.len())]);
        self.push(What::Cancel { user: order.user, order: order.name });
    }

    /// Margin goes to an isolated account, or comes back from one.
    fn isolate(&mut self) {
        // Two of them do.
        let user = MAKERS + self.rng.gen_range(0..2.min(self.flow.traders - 1));
        let market = self.any_market();
        let to = MarginMode::Isolated(market);
        let known = self.isolated.contains(&(user, market));
        if known && self.rng.r#gen() {
            self.push(What::Transfer { user, from: to, to: MarginMode::Cross, amount: ISOLATED_MARGIN / 10 });
        } else {
            self.push(What::Transfer { user, from: MarginMode::Cross, to, amount: ISOLATED_MARGIN });
        }
        if !known {
            self.isolated.push((user, market));
        }
    }

    fn withdraw(&mut self) {
        let user = self.trader();
        let amount = self.rng.gen_range(1_000_000..50_000_000);
        self.push(What::Withdraw { user, mode: MarginMode::Cross, amount });
    }

    fn deposit(&mut self) {
        let user = self.trader();
        let amount = self.rng.gen_range(10_000_000..500_000_000);
        self.push(What::Deposit { user, mode: MarginMode::Cross, amount });
    }

    /// The reckless trader buys twenty times its isolated margin just before the price falls.
    fn reckless(&mut self) {
        if self.reckless.is_some() {
            return;
        }
        let user = MAKERS + self.flow.traders - 1;
        let market = self.any_market();
        let mode = MarginMode::Isolated(market);
        let sells = |o: &Resting| o.user < MAKERS && o.market == market && o.side == Side::Sell;
        let margin = ISOLATED_MARGIN / 10;
        let lots = self.lots(market, margin * 18);
        let Some(pick) = self.book.iter().position(|o| sells(o) && o.left >= lots) else {
            return;
        };
        self.push(What::Transfer { user, from: MarginMode::Cross, to: mode, amount: margin });
        let maker = self.book[pick].name;
        let limit = self.mid(market) + self.mid(market) / 50;
        let terms = Terms { ioc: true, max_fee: MAX_FEE, ..Terms::default() };
        let taker =
            self.order(OrderRequest { name: 0, user, mode, market, side: Side::Buy, limit, lots, terms });
        self.push(What::Match { maker, taker, lots });
        self.book[pick].left -= lots;
        self.fills += 1;
        self.reckless = Some((market, lots));
    }

    /// A quarter of the reckless position goes to a trader's bid just below the oracle price.
    fn liquidate(&mut self, market: Market, lots: u64) {
        let bidder = self.trader();
        let price = self.mid(market) - self.mid(market) / 500;
        let part = (lots / 4).max(1);
        let terms = Terms { ioc: true, max_fee: MAX_FEE, ..Terms::default() };
        let taker = self.order(OrderRequest {
            name: 0,
            user: bidder,
            mode: MarginMode::Cross,
            market,
            side: Side::Buy,
            limit: price,
            lots: part,
            terms,
        });
        let user = MAKERS + self.flow.traders - 1;
        let mode = MarginMode::Isolated(market);
        self.push(What::Liquidate { user, mode, market, lots: part, price, taker: Some(taker) });
    }

    /// An order far beyond its owner's margin meets a maker: the fill must be refused.
    fn overreach(&mut self) {
        let (user, market) = (self.trader(), self.any_market());
        let lots = self.lots(market, TRADER_DEPOSIT * 40);
        let limit = self.mid(market);
        let terms = Terms { max_fee: MAX_FEE, ..Terms::default() };
        let maker = self.order(OrderRequest {
            name: 0,
            user: 0,
            mode: MarginMode::Cross,
            market,
            side: Side::Sell,
            limit,
            lots,
            terms,
        });
        let ioc = Terms { ioc: true, ..terms };
        let taker = self.order(OrderRequest {
            name: 0,
            user,
            mode: MarginMode::Cross,
            market,
            side: Side::Buy,
            limit,
            lots,
            terms: ioc,
        });
        self.push(What::Match { maker, taker, lots });
        self.push(What::Cancel { user: 0, order: maker });
    }
}
