//! A tape to lines.

use super::line::{Line, LiquidateLine, MarketLine, MoneyLine, OrderLine, TierLine};
use crate::wire::clock;
use crate::wire::decimal::Decimal;
use crate::wire::event::*;
use crate::wire::tape::Tape;
use std::io::{Error, Write};

/// Writes the header, every listing and every event; `read` gives the same tape back.
///
/// Errors: the writer's, and prints or notices, which our format has no words for.
pub fn write(tape: &Tape, out: &mut dyn Write) -> Result<(), Error> {
    put(out, &Line::Header { quote_decimals: tape.quote_decimals })?;
    let start = tape.events.first().map_or(0, |event| event.time);
    for listing in &tape.listings {
        put(out, &Line::Market(market(listing, start)))?;
    }
    let mut writer = Writer { tape, markets: vec![0; tape.orders.len()] };
    for event in &tape.events {
        put(out, &writer.line(event).ok_or_else(unwritable)?)?;
    }
    Ok(())
}

fn put(out: &mut dyn Write, line: &Line) -> Result<(), Error> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

fn unwritable() -> Error {
    Error::other("prints name no owner of the other side, so they cannot be written as orders")
}

/// A tape, and the market of each order written so far (a fill names orders only).
struct Writer<'a> {
    tape: &'a Tape,
    markets: Vec<Market>,
}

impl Writer<'_> {
    fn line(&mut self, event: &Event) -> Option<Line> {
        let time = clock::format(event.time);
        Some(match &event.what {
            What::Deposit { user, mode, amount } => Line::Deposit(self.money(time, *user, *mode, *amount)?),
            What::TopUp { market, amount } => {
                Line::TopUp { time, market: self.market(*market), amount: self.quanta(*amount)? }
            }
            What::Withdraw { user, mode, amount } => Line::Withdraw(self.money(time, *user, *mode, *amount)?),
            What::Transfer { user, from, to, amount } => {
                let (user, amount) = (self.user(*user), self.quanta(*amount)?);
                Line::Transfer { time, user, amount, from: self.isolated(*from), to: self.isolated(*to) }
            }
            What::SetLeverage { user, mode, limit } => {
                let isolated = self.isolated(*mode);
                Line::SetLeverage { time, user: self.user(*user), limit: *limit, isolated }
            }
            What::SetMode { user, from, to } => {
                let (from, to) = (self.isolated(*from), self.isolated(*to));
                Line::SetMode { time, user: self.user(*user), from, to }
            }
            What::ChangeKey { user, mode } => {
                Line::ChangeKey { time, user: self.user(*user), isolated: self.isolated(*mode) }
            }
            What::Order(request) => {
                *self.markets.get_mut(request.name as usize)? = request.market;
                Line::Order(self.order(time, request)?)
            }
            What::Cancel { user, order } => {
                Line::Cancel { time, user: self.user(*user), id: self.id(*order)? }
            }
            What::Match { maker, taker, lots } => {
                let market = *self.markets.get(*maker as usize)?;
                let (maker, taker) = (self.id(*maker)?, self.id(*taker)?);
                Line::Fill { time, maker, taker, size: self.size(market, *lots)? }
            }
            What::Liquidate { user, mode, market, lots, price, taker } => Line::Liquidate(LiquidateLine {
                time,
                user: self.user(*user),
                market: self.market(*market),
                size: self.size(*market, *lots)?,
                price: self.price(*market, *price)?,
                isolated: mode.market().is_some(),
                taker: taker.and_then(|taker| self.id(taker)),
            }),
            What::Tick { market, price, rate } => {
                Line::Tick { time, market: self.market(*market), price: price.to_string(), rate: *rate }
            }
            What::Print { .. } | What::LiquidationNotice { .. } => return None,
        })
    }

    fn money(&self, time: String, user: User, mode: MarginMode, amount: u64) -> Option<MoneyLine> {
        let (user, isolated) = (self.user(user), self.isolated(mode));
        Some(MoneyLine { time, user, amount: self.quanta(amount)?, isolated })
    }

    fn order(&self, time: String, request: &OrderRequest) -> Option<OrderLine> {
        let Terms { post_only, reduce_only, ioc, fok, max_fee, expiry } = request.terms;
        Some(OrderLine {
            time,
            id: self.id(request.name)?,
            user: self.user(request.user),
            market: self.market(request.market),
            side: if request.side == Side::Buy { "buy" } else { "sell" }.to_owned(),
            price: self.price(request.market, request.limit)?,
            size: self.size(request.market, request.lots)?,
            isolated: request.mode.market().is_some(),
            post_only,
            reduce_only,
            ioc,
            fok,
            max_fee,
            expiry: expiry.map(clock::format),
        })
    }

    fn user(&self, user: User) -> String {
        self.tape.user_name(user).to_owned()
    }

    fn market(&self, market: Market) -> String {
        self.tape.market_name(market).to_owned()
    }

    fn id(&self, order: OrderName) -> Option<String> {
        self.tape.orders.get(order as usize).cloned()
    }

    fn isolated(&self, mode: MarginMode) -> Option<String> {
        mode.market().map(|market| self.market(market))
    }

    fn listing(&self, market: Market) -> Option<&Listing> {
        self.tape.listings.get(usize::from(market).checked_sub(1)?)
    }

    fn quanta(&self, amount: u64) -> Option<String> {
        decimal(i128::from(amount), self.tape.quote_decimals as i32)
    }

    fn price(&self, market: Market, ticks: u32) -> Option<String> {
        decimal(i128::from(ticks), self.listing(market)?.price_decimals as i32)
    }

    fn size(&self, market: Market, lots: u64) -> Option<String> {
        decimal(i128::from(lots), self.listing(market)?.size_decimals)
    }
}

fn decimal(units: i128, decimals: i32) -> Option<String> {
    Decimal::from_units(units, decimals).map(|number| number.to_string())
}

fn market(listing: &Listing, time: u64) -> MarketLine {
    let risk = listing.risk;
    MarketLine {
        time: clock::format(time),
        market: listing.name.clone(),
        price: listing.first_price.to_string(),
        price_decimals: listing.price_decimals,
        size_decimals: listing.size_decimals,
        initial_margin: risk.initial_margin,
        maintenance_margin: risk.maintenance_margin,
        tiers: listing.tiers.iter().map(tier).collect(),
        taker_fee: risk.taker_fee,
        maker_fee: risk.maker_fee,
        liquidation_fee: risk.liquidation_fee,
        band: risk.band,
        still_age: risk.still_age,
        halt_age: risk.halt_age,
        funding_cap: risk.funding_cap,
        open_interest_low: risk.open_interest_low,
        open_interest_high: risk.open_interest_high,
        open_interest_growth: risk.open_interest_growth,
    }
}

const fn tier(tier: &RiskTier) -> TierLine {
    TierLine {
        from: tier.from,
        initial_margin: tier.initial_margin,
        maintenance_margin: tier.maintenance_margin,
    }
}
