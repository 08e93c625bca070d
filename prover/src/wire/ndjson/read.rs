//! Lines to a tape.

use super::diagnose::diagnose;
use super::line::{Line, LiquidateLine, MarketLine, MoneyLine, OrderLine, TierLine};
use crate::wire::Options;
use crate::wire::clock;
use crate::wire::decimal::{Decimal, MAX_DECIMALS};
use crate::wire::draft::{Amount, At, Draft};
use crate::wire::error::{Fault, WireError};
use crate::wire::event::*;
use crate::wire::lines::Lines;
use crate::wire::quanta::{COARSEST, FINEST};
use crate::wire::tape::{Place, Tape};
use crate::wire::units::{check_name, check_time, to_lots, to_ticks};
use std::collections::HashMap;
use zkmargin_circuits::params::HIGHER_TIERS;

/// Largest power of ten of base units in a lot.
const LARGEST_LOT: i32 = 12;

/// A tape that is being read, with the orders so far.
struct Reader {
    draft: Draft,
    orders: HashMap<String, (OrderName, Market)>,
    last: u64,
    is_first: bool,
}

/// Reads a whole file.
pub fn read(mut lines: Lines, options: &Options) -> Result<Tape, WireError> {
    let file = lines.file().to_owned();
    let draft = Draft::new(&file, options, Place::Line);
    let mut reader = Reader { draft, orders: HashMap::new(), last: 0, is_first: true };
    while let Some((number, text)) = lines.next_line()? {
        reader.line(number, &text).map_err(|fault| fault.at(&file, number))?;
        reader.is_first = false;
    }
    reader.draft.finish()
}

impl Reader {
    fn line(&mut self, number: u64, text: &str) -> Result<(), Fault> {
        let line: Line = serde_json::from_str(text).map_err(|error| diagnose(text, &error))?;
        match line {
            Line::Header { quote_decimals } => self.header(quote_decimals),
            Line::Market(market) => {
                self.at(number, &market.time)?;
                self.draft.declare(number, listing(market)?)
            }
            Line::Tick { time, market, price, rate } => {
                let at = self.at(number, &time)?;
                self.tick(at, &market, &price, rate)
            }
            Line::Deposit(money) => {
                let (at, user, mode) = self.money(number, &money)?;
                self.amount(at, &money.amount, What::Deposit { user, mode, amount: 0 })
            }
            Line::TopUp { time, market, amount } => {
                let at = self.at(number, &time)?;
                let market = self.draft.declared(&market)?;
                self.amount(at, &amount, What::TopUp { market, amount: 0 })
            }
            Line::Withdraw(money) => {
                let (at, user, mode) = self.money(number, &money)?;
                self.amount(at, &money.amount, What::Withdraw { user, mode, amount: 0 })
            }
            Line::Transfer { time, user, amount, from, to } => {
                let at = self.at(number, &time)?;
                self.transfer(at, &user, &amount, (from, to))
            }
            Line::SetLeverage { time, user, limit, isolated } => {
                let (at, limit) = (self.at(number, &time)?, ppm(limit, "limit")?);
                let (mode, user) = (self.mode_named(isolated.as_deref())?, self.draft.user(&user)?);
                self.draft.push(at, What::SetLeverage { user, mode, limit });
                Ok(())
            }
            Line::SetMode { time, user, from, to } => {
                let at = self.at(number, &time)?;
                self.set_mode(at, &user, (from, to))
            }
            Line::ChangeKey { time, user, isolated } => {
                let at = self.at(number, &time)?;
                let (mode, user) = (self.mode_named(isolated.as_deref())?, self.draft.user(&user)?);
                self.draft.push(at, What::ChangeKey { user, mode });
                Ok(())
            }
            Line::Order(order) => self.order(number, &order),
            Line::Cancel { time, user, id } => {
                let at = self.at(number, &time)?;
                let (order, _) = self.known_order(&id)?;
                let user = self.draft.user(&user)?;
                self.draft.push(at, What::Cancel { user, order });
                Ok(())
            }
            Line::Fill { time, maker, taker, size } => {
                let at = self.at(number, &time)?;
                self.fill(at, [&maker, &taker], &size)
            }
            Line::Liquidate(line) => self.liquidate(number, &line),
        }
    }

    fn fill(&mut self, at: At, [maker, taker]: [&str; 2], size: &str) -> Result<(), Fault> {
        let (maker, market) = self.known_order(maker)?;
        let (taker, _) = self.known_order(taker)?;
        let lots = self.lots(market, size)?;
        self.draft.push(at, What::Match { maker, taker, lots });
        Ok(())
    }

    fn liquidate(&mut self, number: u64, line: &LiquidateLine) -> Result<(), Fault> {
        let at = self.at(number, &line.time)?;
        let market = self.draft.declared(&line.market)?;
        let (lots, price) = (self.lots(market, &line.size)?, self.ticks(market, &line.price)?);
        let taker = line.taker.as_deref().map(|id| self.known_order(id)).transpose()?;
        let (user, mode) = (self.draft.user(&line.user)?, margin_mode(line.isolated, market));
        let taker = taker.map(|(order, _)| order);
        self.draft.push(at, What::Liquidate { user, mode, market, lots, price, taker });
        Ok(())
    }

    fn header(&mut self, quote_decimals: u32) -> Result<(), Fault> {
        if !self.is_first {
            return Err(Fault::new("the header is not the first line", "move it to the top of the file"));
        }
        if !(COARSEST..=FINEST).contains(&quote_decimals) {
            return Err(Fault::new(
                format!("quote_decimals {quote_decimals} is not between {COARSEST} and {FINEST}"),
                "correct the header, or leave it out: then it is chosen",
            ));
        }
        self.draft.fix_quote_decimals(quote_decimals);
        Ok(())
    }

    fn at(&mut self, line: u64, time: &str) -> Result<At, Fault> {
        let time = clock::parse(time)?;
        check_time(&mut self.last, time)?;
        Ok(At { line, time })
    }

    /// Ticks of a price; of a market that cannot be listed they do not matter, since its rows are left out.
    fn ticks(&self, market: Market, price: &str) -> Result<u32, Fault> {
        let price = Decimal::parse(price, "price")?;
        let Some(listing) = self.draft.listing(market) else { return Ok(0) };
        to_ticks(listing, price).ok_or_else(|| {
            let Listing { name, price_decimals, .. } = listing;
            Fault::new(
                format!("price {price} of {name} is not a whole number of ticks of 10^-{price_decimals} between 1 and 2^32"),
                "correct the row",
            )
        })
    }

    /// Lots of a size; of a market that cannot be listed they do not matter.
    fn lots(&self, market: Market, size: &str) -> Result<u64, Fault> {
        let size = Decimal::parse(size, "size")?;
        let Some(listing) = self.draft.listing(market) else { return Ok(0) };
        to_lots(listing, size).ok_or_else(|| {
            let (name, lot) = (&listing.name, -listing.size_decimals);
            Fault::new(
                format!("size {size} of {name} is not a whole number of lots of 10^{lot} between 1 and 2^56"),
                "correct the row",
            )
        })
    }

    fn money(&mut self, number: u64, money: &MoneyLine) -> Result<(At, User, MarginMode), Fault> {
        let at = self.at(number, &money.time)?;
        let mode = self.mode_named(money.isolated.as_deref())?;
        Ok((at, self.draft.user(&money.user)?, mode))
    }

    fn amount(&mut self, at: At, amount: &str, what: What) -> Result<(), Fault> {
        let value = Decimal::parse(amount, "amount")?;
        self.draft.push_amount(at, Amount { value, field: "amount" }, what)
    }

    fn mode_named(&self, market: Option<&str>) -> Result<MarginMode, Fault> {
        market.map_or(Ok(MarginMode::Cross), |name| Ok(MarginMode::Isolated(self.draft.declared(name)?)))
    }

    fn transfer(
        &mut self,
        at: At,
        user: &str,
        amount: &str,
        (from, to): (Option<String>, Option<String>),
    ) -> Result<(), Fault> {
        let (from, to) = (self.mode_named(from.as_deref())?, self.mode_named(to.as_deref())?);
        if from == to {
            return Err(Fault::new("transfer from an account to itself", "correct from or to"));
        }
        let user = self.draft.user(user)?;
        self.amount(at, amount, What::Transfer { user, from, to, amount: 0 })
    }

    fn set_mode(
        &mut self,
        at: At,
        user: &str,
        (from, to): (Option<String>, Option<String>),
    ) -> Result<(), Fault> {
        let (from, to) = (self.mode_named(from.as_deref())?, self.mode_named(to.as_deref())?);
        if (from == MarginMode::Cross) == (to == MarginMode::Cross) {
            let fix = "name one market: an account goes from cross to isolated, or back";
            return Err(Fault::new("exactly one of from and to must be a market", fix));
        }
        let user = self.draft.user(user)?;
        self.draft.push(at, What::SetMode { user, from, to });
        Ok(())
    }

    fn order(&mut self, number: u64, line: &OrderLine) -> Result<(), Fault> {
        let at = self.at(number, &line.time)?;
        check_name(&line.id, "order")?;
        let market = self.draft.declared(&line.market)?;
        let side = match line.side.as_str() {
            "buy" => Side::Buy,
            "sell" => Side::Sell,
            other => {
                return Err(Fault::new(format!("side '{other}' is not buy or sell"), "correct the line"));
            }
        };
        let (limit, lots) = (self.ticks(market, &line.price)?, self.lots(market, &line.size)?);
        let terms = terms(line)?;
        let user = self.draft.user(&line.user)?;
        if self.orders.contains_key(&line.id) {
            let what = format!("order id '{}' is used twice", line.id);
            return Err(Fault::new(what, "give every order its own id"));
        }
        let name = self.draft.order(&line.id);
        self.orders.insert(line.id.clone(), (name, market));
        let mode = margin_mode(line.isolated, market);
        let request = OrderRequest { name, user, mode, market, side, limit, lots, terms };
        self.draft.push(at, What::Order(request));
        Ok(())
    }

    fn known_order(&self, id: &str) -> Result<(OrderName, Market), Fault> {
        self.orders.get(id).copied().ok_or_else(|| {
            Fault::new(format!("unknown order '{id}'"), "an order stands above its fills and cancels")
        })
    }

    fn tick(&mut self, at: At, market: &str, price: &str, rate: i32) -> Result<(), Fault> {
        let market = self.draft.declared(market)?;
        let price = Decimal::parse(price, "price")?;
        if !price.is_positive() {
            return Err(Fault::new(format!("price {price} is not above zero"), "correct the line"));
        }
        self.draft.push(at, What::Tick { market, price, rate });
        Ok(())
    }
}

fn margin_mode(isolated: bool, market: Market) -> MarginMode {
    if isolated { MarginMode::Isolated(market) } else { MarginMode::Cross }
}

fn listing(line: MarketLine) -> Result<Listing, Fault> {
    check_name(&line.market, "market")?;
    let first_price = Decimal::parse(&line.price, "price")?;
    let (price_decimals, size_decimals) = (line.price_decimals, line.size_decimals);
    if price_decimals > MAX_DECIMALS || !(-LARGEST_LOT..=MAX_DECIMALS as i32).contains(&size_decimals) {
        return Err(Fault::new(
            format!("price_decimals {price_decimals} or size_decimals {size_decimals} is out of range"),
            format!("prices have 0 to {MAX_DECIMALS} decimals, sizes -{LARGEST_LOT} to {MAX_DECIMALS}"),
        ));
    }
    let risk = Risk {
        initial_margin: ppm(line.initial_margin, "initial_margin")?,
        maintenance_margin: ppm(line.maintenance_margin, "maintenance_margin")?,
        taker_fee: ppm(line.taker_fee, "taker_fee")?,
        maker_fee: ppm(line.maker_fee, "maker_fee")?,
        liquidation_fee: ppm(line.liquidation_fee, "liquidation_fee")?,
        band: ppm(line.band, "band")?,
        still_age: line.still_age,
        halt_age: line.halt_age,
        funding_cap: line.funding_cap,
        open_interest_low: line.open_interest_low,
        open_interest_high: line.open_interest_high,
        open_interest_growth: line.open_interest_growth,
    };
    let tiers = tiers(&line.tiers)?;
    Ok(Listing { name: line.market, price_decimals, size_decimals, first_price, risk, tiers })
}

fn tiers(lines: &[TierLine]) -> Result<Vec<RiskTier>, Fault> {
    if lines.len() > HIGHER_TIERS {
        let what = format!("{} tiers above the first", lines.len());
        return Err(Fault::new(what, format!("list {HIGHER_TIERS} at most")));
    }
    let tier = |line: &TierLine| {
        Ok(RiskTier {
            from: line.from,
            initial_margin: ppm(line.initial_margin, "initial_margin")?,
            maintenance_margin: ppm(line.maintenance_margin, "maintenance_margin")?,
        })
    };
    lines.iter().map(tier).collect()
}

fn terms(line: &OrderLine) -> Result<Terms, Fault> {
    Ok(Terms {
        post_only: line.post_only,
        reduce_only: line.reduce_only,
        ioc: line.ioc,
        fok: line.fok,
        max_fee: ppm(line.max_fee, "max_fee")?,
        expiry: line.expiry.as_deref().map(clock::parse).transpose()?,
    })
}

/// Fractions are parts per million, at most the whole.
fn ppm(value: u32, field: &str) -> Result<u32, Fault> {
    if value <= 1_000_000 {
        return Ok(value);
    }
    Err(Fault::new(format!("{field} {value} is above 1000000"), "write parts per million"))
}
