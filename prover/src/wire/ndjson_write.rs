//! Writes a tape in our own format, line by line.

use super::decimal::Decimal;
use super::event::*;
use super::ndjson::{Isolated, Line};
use super::prints::QUOTE_DECIMALS;
use std::io::{Error, Write};

/// Writes every listing and event; `read` gives the same tape back.
///
/// Errors: those of the writer, and prints or notices, which our format has no words for.
pub fn write(tape: &Tape, out: &mut dyn Write) -> Result<(), Error> {
    let start = tape.events.first().map_or(0, |event| event.time);
    for listing in &tape.listings {
        put(out, &market(listing, start))?;
    }
    let mut markets = vec![0; tape.orders.len()];
    for event in &tape.events {
        if let What::Order(request) = &event.what {
            markets[request.name as usize] = request.market;
        }
        put(out, &line(tape, &markets, event)?)?;
    }
    Ok(())
}

fn put(out: &mut dyn Write, line: &Line) -> Result<(), Error> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

fn empty(time: u64, event: &str) -> Line {
    Line {
        time: super::clock::format(time),
        event: event.to_owned(),
        market: None,
        user: None,
        id: None,
        side: None,
        price: None,
        size: None,
        amount: None,
        rate: None,
        isolated: None,
        from: None,
        to: None,
        maker: None,
        taker: None,
        post_only: None,
        reduce_only: None,
        ioc: None,
        fok: None,
        max_fee: None,
        expiry: None,
        price_decimals: None,
        size_decimals: None,
        initial_margin: None,
        maintenance_margin: None,
        taker_fee: None,
        maker_fee: None,
        liquidation_fee: None,
        band: None,
        funding_cap: None,
    }
}

fn market(listing: &Listing, time: u64) -> Line {
    Line {
        market: Some(listing.name.clone()),
        price: Some(listing.first_price.to_string()),
        price_decimals: Some(listing.price_decimals),
        size_decimals: Some(listing.size_decimals),
        initial_margin: Some(listing.risk.initial_margin),
        maintenance_margin: Some(listing.risk.maintenance_margin),
        taker_fee: Some(listing.risk.taker_fee),
        maker_fee: Some(listing.risk.maker_fee),
        liquidation_fee: Some(listing.risk.liquidation_fee),
        band: Some(listing.risk.band),
        funding_cap: Some(listing.risk.funding_cap),
        ..empty(time, "market")
    }
}

/// `markets`: the market of each order named so far (a fill names orders only).
fn line(tape: &Tape, markets: &[Market], event: &Event) -> Result<Line, Error> {
    let blank = |kind| empty(event.time, kind);
    let user = |user: User| Some(tape.user_name(user).to_owned());
    let market = |market: Market| Some(tape.market_name(market).to_owned());
    Ok(match &event.what {
        What::Deposit { user: who, pocket, amount } => Line {
            user: user(*who),
            isolated: isolated(tape, *pocket),
            amount: quanta(*amount),
            ..blank("deposit")
        },
        What::Withdraw { user: who, pocket, amount } => Line {
            user: user(*who),
            isolated: isolated(tape, *pocket),
            amount: quanta(*amount),
            ..blank("withdraw")
        },
        What::Transfer { user: who, from, to, amount } => Line {
            user: user(*who),
            from: pocket_market(tape, *from),
            to: pocket_market(tape, *to),
            amount: quanta(*amount),
            ..blank("transfer")
        },
        What::Order(request) => order(tape, event.time, request),
        What::Cancel { user: who, order } => {
            Line { user: user(*who), id: name(tape, *order), ..blank("cancel") }
        }
        What::Match { maker, taker, lots } => Line {
            maker: name(tape, *maker),
            taker: name(tape, *taker),
            size: size(tape, markets.get(*maker as usize).copied(), *lots),
            ..blank("fill")
        },
        What::Liquidate { user: who, pocket, market: place, lots, price: ticks, taker } => Line {
            user: user(*who),
            isolated: matches!(pocket, Pocket::Isolated(_)).then_some(Isolated::Flag(true)),
            market: market(*place),
            size: size(tape, Some(*place), *lots),
            price: price(tape, *place, *ticks),
            taker: taker.and_then(|taker| name(tape, taker)),
            ..blank("liquidate")
        },
        What::Tick { market: place, price, rate } => Line {
            market: market(*place),
            price: Some(price.to_string()),
            rate: (*rate != 0).then_some(*rate),
            ..blank("tick")
        },
        What::Print { .. } | What::LiquidationNotice { .. } => {
            return Err(Error::other("prints have no owner of the other side: not writable as orders"));
        }
    })
}

fn order(tape: &Tape, time: u64, request: &OrderRequest) -> Line {
    let terms = request.terms;
    Line {
        id: name(tape, request.name),
        user: Some(tape.user_name(request.user).to_owned()),
        market: Some(tape.market_name(request.market).to_owned()),
        side: Some(if request.side == Side::Buy { "buy" } else { "sell" }.to_owned()),
        price: price(tape, request.market, request.limit),
        size: size(tape, Some(request.market), request.lots),
        isolated: matches!(request.pocket, Pocket::Isolated(_)).then_some(Isolated::Flag(true)),
        post_only: terms.post_only.then_some(true),
        reduce_only: terms.reduce_only.then_some(true),
        ioc: terms.ioc.then_some(true),
        fok: terms.fok.then_some(true),
        max_fee: (terms.max_fee != 0).then_some(terms.max_fee),
        expiry: terms.expiry.map(super::clock::format),
        ..empty(time, "order")
    }
}

fn name(tape: &Tape, order: OrderName) -> Option<String> {
    tape.orders.get(order as usize).cloned()
}

fn quanta(amount: u64) -> Option<String> {
    Decimal::from_units(i128::from(amount), QUOTE_DECIMALS).map(|d| d.to_string())
}

fn price(tape: &Tape, market: Market, ticks: u32) -> Option<String> {
    let listing = tape.listings.get(usize::from(market).wrapping_sub(1))?;
    Decimal::from_units(i128::from(ticks), listing.price_decimals).map(|d| d.to_string())
}

fn size(tape: &Tape, market: Option<Market>, lots: u64) -> Option<String> {
    let listing = tape.listings.get(usize::from(market?).wrapping_sub(1))?;
    Decimal::from_units(i128::from(lots), listing.size_decimals).map(|d| d.to_string())
}

fn pocket_market(tape: &Tape, pocket: Pocket) -> Option<String> {
    match pocket {
        Pocket::Cross => None,
        Pocket::Isolated(market) => Some(tape.market_name(market).to_owned()),
    }
}

fn isolated(tape: &Tape, pocket: Pocket) -> Option<Isolated> {
    pocket_market(tape, pocket).map(Isolated::Market)
}
