//! Our own format: one JSON object a line. `zkmargin sample` writes it.
//!
//! Numbers with a point are strings, so that no reader rounds them. Kinds (`event`) and fields:
//!
//! | event | fields |
//! |---|---|
//! | `market` | `market`, `price_decimals`, `size_decimals`, `price`; optional `initial_margin`, `maintenance_margin`, `taker_fee`, `maker_fee`, `liquidation_fee`, `band` (parts per million), `funding_cap` (10^-9 per hour) |
//! | `tick` | `market`, `price`, optional `rate` (10^-9 per hour) |
//! | `deposit`, `withdraw` | `user`, `amount`, optional `isolated` (market) |
//! | `transfer` | `user`, `amount`, optional `from`, `to` (isolated markets; absent: the cross account) |
//! | `order` | `id`, `user`, `market`, `side` (`buy`, `sell`), `price`, `size`; optional `isolated` (boolean), `post_only`, `reduce_only`, `ioc`, `fok`, `max_fee` (parts per million), `expiry` (time) |
//! | `cancel` | `user`, `id` |
//! | `fill` | `maker`, `taker` (order ids), `size`; the price is the maker's limit |
//! | `liquidate` | `user`, `market`, `size`, `price`, optional `isolated` (boolean), `taker` (order id; absent: the insurance pool) |
//!
//! Every object has `time`; markets are declared before they are used, orders before they are filled.

use super::decimal::Decimal;
use super::error::{Fault, WireError};
use super::event::*;
use super::lines::Lines;
use super::prints::{MAX_MARKETS, QUOTE_DECIMALS, check_name, check_time, to_amount, to_lots, to_ticks};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// One line as it stands in the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub time: String,
    pub event: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolated: Option<Isolated>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taker: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_only: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduce_only: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ioc: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fok: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_fee: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_decimals: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_decimals: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_margin: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance_margin: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taker_fee: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker_fee: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liquidation_fee: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funding_cap: Option<u32>,
}

/// `isolated` is a market's name for money and a flag for orders.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Isolated {
    Flag(bool),
    Market(String),
}

/// Names seen so far.
struct Reader {
    tape: Tape,
    allowed: Option<Vec<String>>,
    markets: HashMap<String, Market>,
    users: HashMap<String, User>,
    orders: HashMap<String, (OrderName, User, Market)>,
}

/// Reads a whole file.
pub fn read(mut lines: Lines, allowed: Option<Vec<String>>) -> Result<Tape, WireError> {
    let file = lines.file().to_owned();
    let mut reader = Reader {
        tape: Tape { file: file.clone(), ..Tape::default() },
        allowed,
        markets: HashMap::new(),
        users: HashMap::new(),
        orders: HashMap::new(),
    };
    let mut last = 0;
    while let Some((number, text)) = lines.next_line()? {
        reader.line(&mut last, number, &text).map_err(|fault| fault.at(&file, number))?;
    }
    if reader.tape.events.is_empty() {
        return Err(Fault::new("no events", "check that --format fits the file").at(&file, 1));
    }
    Ok(reader.tape)
}

impl Reader {
    fn line(&mut self, last: &mut u64, number: u64, text: &str) -> Result<(), Fault> {
        let line: Line = serde_json::from_str(text).map_err(|error| {
            Fault::new(format!("not an event: {error}"), "see `zkmargin sample` for the format")
        })?;
        let time = super::clock::parse(&line.time)?;
        check_time(last, time)?;
        if line.event == "market" {
            return self.list(&line);
        }
        let what = match line.event.as_str() {
            "tick" => self.tick(&line)?,
            "deposit" => {
                let (user, pocket, amount) = self.money(&line)?;
                What::Deposit { user, pocket, amount }
            }
            "withdraw" => {
                let (user, pocket, amount) = self.money(&line)?;
                What::Withdraw { user, pocket, amount }
            }
            "transfer" => self.transfer(&line)?,
            "order" => self.order(&line)?,
            "cancel" => self.cancel(&line)?,
            "fill" => self.fill(&line)?,
            "liquidate" => self.liquidate(&line)?,
            other => {
                let what = format!("event '{other}' is not known");
                return Err(Fault::new(what, "see `zkmargin sample` for the format"));
            }
        };
        self.tape.events.push(Event { line: number, time, what });
        Ok(())
    }

    fn list(&mut self, line: &Line) -> Result<(), Fault> {
        let name = need(&line.market, "market")?;
        check_name(name, "market")?;
        let price = decimal(&line.price, "price")?;
        let price_decimals = line.price_decimals.ok_or_else(|| missing("price_decimals"))?;
        let size_decimals = line.size_decimals.ok_or_else(|| missing("size_decimals"))?;
        if price_decimals.saturating_add(size_decimals) > QUOTE_DECIMALS {
            return Err(Fault::new(
                format!("market {name}: price_decimals plus size_decimals is above {QUOTE_DECIMALS}"),
                "a tick times a lot must be whole 10^-6 of the quote token",
            ));
        }
        if self.markets.contains_key(name) || self.markets.len() >= MAX_MARKETS {
            let what = format!("market '{name}' is declared twice or one more than {MAX_MARKETS}");
            return Err(Fault::new(what, "remove the line"));
        }
        let listing = Listing {
            name: name.to_owned(),
            price_decimals,
            size_decimals,
            first_price: price,
            risk: risk(line)?,
        };
        to_ticks(&listing, price)?;
        self.tape.listings.push(listing);
        self.markets.insert(name.to_owned(), self.tape.listings.len() as Market);
        Ok(())
    }

    fn market(&self, name: &str) -> Result<Market, Fault> {
        let known = self.markets.get(name).copied();
        let allowed = self.allowed.as_ref().is_none_or(|a| a.iter().any(|m| m == name));
        known.filter(|_| allowed).ok_or_else(|| {
            Fault::new(
                format!("unknown market '{name}'"),
                "declare it with a \"market\" line above, and in --markets if that is given",
            )
        })
    }

    fn listing(&self, market: Market) -> &Listing {
        &self.tape.listings[usize::from(market) - 1]
    }

    fn user(&mut self, line: &Line) -> Result<User, Fault> {
        let name = need(&line.user, "user")?;
        check_name(name, "user")?;
        let next = self.tape.users.len() as User;
        let user = *self.users.entry(name.to_owned()).or_insert(next);
        if user == next {
            self.tape.users.push(name.to_owned());
        }
        Ok(user)
    }

    fn money(&mut self, line: &Line) -> Result<(User, Pocket, u64), Fault> {
        let pocket = match &line.isolated {
            None | Some(Isolated::Flag(false)) => Pocket::Cross,
            Some(Isolated::Market(name)) => Pocket::Isolated(self.market(name)?),
            Some(Isolated::Flag(true)) => {
                return Err(Fault::new("isolated is true", "name the market of the account"));
            }
        };
        let amount = to_amount(decimal(&line.amount, "amount")?, "amount")?;
        Ok((self.user(line)?, pocket, amount))
    }

    fn transfer(&mut self, line: &Line) -> Result<What, Fault> {
        let pocket = |name: &Option<String>| match name {
            None => Ok(Pocket::Cross),
            Some(name) => self.market(name).map(Pocket::Isolated),
        };
        let (from, to) = (pocket(&line.from)?, pocket(&line.to)?);
        if from == to {
            return Err(Fault::new("transfer from an account to itself", "correct from or to"));
        }
        let amount = to_amount(decimal(&line.amount, "amount")?, "amount")?;
        Ok(What::Transfer { user: self.user(line)?, from, to, amount })
    }

    fn order(&mut self, line: &Line) -> Result<What, Fault> {
        let id = need(&line.id, "id")?;
        check_name(id, "order")?;
        let market = self.market(need(&line.market, "market")?)?;
        let side = match need(&line.side, "side")? {
            "buy" => Side::Buy,
            "sell" => Side::Sell,
            other => {
                return Err(Fault::new(format!("side '{other}' is not buy or sell"), "correct the line"));
            }
        };
        let limit = to_ticks(self.listing(market), decimal(&line.price, "price")?)?;
        let lots = to_lots(self.listing(market), decimal(&line.size, "size")?)?;
        let terms = terms(line)?;
        let user = self.user(line)?;
        let name = self.tape.orders.len() as OrderName;
        if self.orders.insert(id.to_owned(), (name, user, market)).is_some() {
            return Err(Fault::new(format!("order id '{id}' is used twice"), "give every order its own id"));
        }
        self.tape.orders.push(id.to_owned());
        let pocket = pocket_of(line, market)?;
        Ok(What::Order(OrderRequest { name, user, pocket, market, side, limit, lots, terms }))
    }

    fn known_order(&self, id: &str) -> Result<(OrderName, User, Market), Fault> {
        self.orders.get(id).copied().ok_or_else(|| {
            Fault::new(format!("unknown order '{id}'"), "an order stands above its fills and cancels")
        })
    }

    fn cancel(&mut self, line: &Line) -> Result<What, Fault> {
        let (order, _, _) = self.known_order(need(&line.id, "id")?)?;
        Ok(What::Cancel { user: self.user(line)?, order })
    }

    fn fill(&mut self, line: &Line) -> Result<What, Fault> {
        let (maker, _, market) = self.known_order(need(&line.maker, "maker")?)?;
        let (taker, _, _) = self.known_order(need(&line.taker, "taker")?)?;
        let lots = to_lots(self.listing(market), decimal(&line.size, "size")?)?;
        Ok(What::Match { maker, taker, lots })
    }

    fn liquidate(&mut self, line: &Line) -> Result<What, Fault> {
        let market = self.market(need(&line.market, "market")?)?;
        let lots = to_lots(self.listing(market), decimal(&line.size, "size")?)?;
        let price = to_ticks(self.listing(market), decimal(&line.price, "price")?)?;
        let taker = match &line.taker {
            Some(id) => Some(self.known_order(id)?.0),
            None => None,
        };
        let pocket = pocket_of(line, market)?;
        Ok(What::Liquidate { user: self.user(line)?, pocket, market, lots, price, taker })
    }

    fn tick(&self, line: &Line) -> Result<What, Fault> {
        let market = self.market(need(&line.market, "market")?)?;
        let price = decimal(&line.price, "price")?;
        if !price.is_positive() {
            return Err(Fault::new(format!("price {price} is not above zero"), "correct the line"));
        }
        Ok(What::Tick { market, price, rate: line.rate.unwrap_or(0) })
    }
}

fn terms(line: &Line) -> Result<Terms, Fault> {
    let expiry = line.expiry.as_deref().map(super::clock::parse).transpose()?;
    Ok(Terms {
        post_only: line.post_only.unwrap_or(false),
        reduce_only: line.reduce_only.unwrap_or(false),
        ioc: line.ioc.unwrap_or(false),
        fok: line.fok.unwrap_or(false),
        max_fee: ppm(line.max_fee, 0, "max_fee")?,
        expiry,
    })
}

fn pocket_of(line: &Line, market: Market) -> Result<Pocket, Fault> {
    match line.isolated {
        None | Some(Isolated::Flag(false)) => Ok(Pocket::Cross),
        Some(Isolated::Flag(true)) => Ok(Pocket::Isolated(market)),
        Some(Isolated::Market(_)) => Err(Fault::new("isolated names a market", "write true or false here")),
    }
}

fn risk(line: &Line) -> Result<Risk, Fault> {
    let base = Risk::TAPE;
    Ok(Risk {
        initial_margin: ppm(line.initial_margin, base.initial_margin, "initial_margin")?,
        maintenance_margin: ppm(line.maintenance_margin, base.maintenance_margin, "maintenance_margin")?,
        taker_fee: ppm(line.taker_fee, base.taker_fee, "taker_fee")?,
        maker_fee: ppm(line.maker_fee, base.maker_fee, "maker_fee")?,
        liquidation_fee: ppm(line.liquidation_fee, base.liquidation_fee, "liquidation_fee")?,
        band: ppm(line.band, base.band, "band")?,
        funding_cap: line.funding_cap.unwrap_or(base.funding_cap),
    })
}

/// Fractions are parts per million, at most the whole.
fn ppm(value: Option<u32>, default: u32, field: &str) -> Result<u32, Fault> {
    match value.unwrap_or(default) {
        value if value <= 1_000_000 => Ok(value),
        value => Err(Fault::new(format!("{field} {value} is above 1000000"), "write parts per million")),
    }
}

fn need<'a>(field: &'a Option<String>, name: &str) -> Result<&'a str, Fault> {
    field.as_deref().ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Fault {
    Fault::new(format!("field \"{name}\" is missing"), "see `zkmargin sample` for the format")
}

fn decimal(field: &Option<String>, name: &str) -> Result<Decimal, Fault> {
    Decimal::parse(need(field, name)?, name)
}
