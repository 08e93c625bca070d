//! Tapes of printed trades: markets are not declared but seen, so ticks and lots follow from the digits.

use super::decimal::Decimal;
use super::error::{Fault, WireError};
use super::event::{Event, Listing, Market, Risk, Role, Side, Tape, User, What};
use std::collections::HashMap;

/// Quote quanta are 10^-6 of the quote token.
pub const QUOTE_DECIMALS: u32 = 6;
/// Market ids have three tree levels of arity 8, and id 0 is none.
pub const MAX_MARKETS: usize = 511;
/// Bound of sizes in lots, which are below 2^56.
pub const MAX_LOTS: i128 = 1 << 56;
/// Bound of amounts, which are below 2^63.
pub const MAX_AMOUNT: i128 = 1 << 63;

/// A tape that is being read.
pub struct Prints {
    tape: Tape,
    allowed: Option<Vec<String>>,
    markets: HashMap<String, Market>,
    users: HashMap<String, User>,
    pending: Vec<(usize, Raw)>,
}

/// A print before its market's ticks and lots are known.
pub struct Raw {
    /// Price in quote tokens.
    pub price: Decimal,
    /// Size in base units.
    pub size: Decimal,
    /// User who trades.
    pub user: User,
    /// Market of the trade.
    pub market: Market,
    /// Side of that user.
    pub side: Side,
    /// Role of that user.
    pub role: Role,
}

impl Prints {
    /// An empty tape; `allowed` names the only markets that rows may use, if the caller knows them.
    pub fn new(file: &str, allowed: Option<Vec<String>>) -> Self {
        Self {
            tape: Tape { file: file.to_owned(), ..Tape::default() },
            allowed,
            markets: HashMap::new(),
            users: HashMap::new(),
            pending: Vec::new(),
        }
    }

    /// Index of a user's name, new or known.
    pub fn user(&mut self, name: &str) -> Result<User, Fault> {
        check_name(name, "user")?;
        if let Some(user) = self.users.get(name) {
            return Ok(*user);
        }
        let user = self.tape.users.len() as User;
        self.tape.users.push(name.to_owned());
        self.users.insert(name.to_owned(), user);
        Ok(user)
    }

    /// Market of a name; `price` and `size` widen its decimals.
    pub fn market(&mut self, name: &str, price: Decimal, size: Decimal) -> Result<Market, Fault> {
        check_name(name, "market")?;
        if self.allowed.as_ref().is_some_and(|allowed| !allowed.iter().any(|a| a == name)) {
            return Err(Fault::new(
                format!("unknown market '{name}'"),
                "add it to --markets or leave that option out",
            ));
        }
        if !price.is_positive() || !size.is_positive() {
            return Err(Fault::new(
                format!("price {price} and size {size} must both be above zero"),
                "correct the row",
            ));
        }
        let market = match self.markets.get(name) {
            Some(market) => *market,
            None => self.list(name, price)?,
        };
        let listing = &mut self.tape.listings[usize::from(market) - 1];
        listing.price_decimals = listing.price_decimals.max(price.decimals());
        listing.size_decimals = listing.size_decimals.max(size.decimals());
        if listing.price_decimals + listing.size_decimals > QUOTE_DECIMALS {
            return Err(Fault::new(
                format!(
                    "market {name} has prices of {} and sizes of {} decimals: a tick times a lot is no whole 10^-6 of the quote token",
                    listing.price_decimals, listing.size_decimals
                ),
                "round prices or sizes to six decimals in sum",
            ));
        }
        Ok(market)
    }

    fn list(&mut self, name: &str, first_price: Decimal) -> Result<Market, Fault> {
        if self.tape.listings.len() >= MAX_MARKETS {
            return Err(Fault::new(
                format!("market '{name}' is one more than {MAX_MARKETS}"),
                "split the file by market",
            ));
        }
        self.tape.listings.push(Listing {
            name: name.to_owned(),
            price_decimals: 0,
            size_decimals: 0,
            first_price,
            risk: Risk::TAPE,
        });
        let market = self.tape.listings.len() as Market;
        self.markets.insert(name.to_owned(), market);
        Ok(market)
    }

    /// Appends an event whose units are known.
    pub fn push(&mut self, line: u64, time: u64, what: What) {
        self.tape.events.push(Event { line, time, what });
    }

    /// Appends a print; its ticks and lots are filled in by `finish`.
    pub fn push_print(&mut self, line: u64, time: u64, raw: Raw) {
        let what = What::Print {
            user: raw.user,
            market: raw.market,
            side: raw.side,
            price: 0,
            lots: 0,
            role: raw.role,
        };
        self.pending.push((self.tape.events.len(), raw));
        self.push(line, time, what);
    }

    /// The tape, once every row was seen and so every market's ticks and lots are known.
    ///
    /// Errors: no events at all; a price beyond 2^32 ticks or a size beyond 2^56 lots, with its line.
    pub fn finish(mut self) -> Result<Tape, WireError> {
        if self.tape.events.is_empty() {
            let fault = Fault::new("no events", "check that --format fits the file");
            return Err(fault.at(&self.tape.file, 1));
        }
        for (index, raw) in std::mem::take(&mut self.pending) {
            let listing = &self.tape.listings[usize::from(raw.market) - 1];
            let (price_now, lots_now) = to_units(listing, raw.price, raw.size)
                .map_err(|fault| fault.at(&self.tape.file, self.tape.events[index].line))?;
            if let What::Print { price, lots, .. } = &mut self.tape.events[index].what {
                (*price, *lots) = (price_now, lots_now);
            }
        }
        Ok(self.tape)
    }
}

/// Ticks and lots of a price and a size in a market.
pub fn to_units(listing: &Listing, price: Decimal, size: Decimal) -> Result<(u32, u64), Fault> {
    Ok((to_ticks(listing, price)?, to_lots(listing, size)?))
}

/// Converts a price to ticks, at least 1 and below 2^32.
pub fn to_ticks(listing: &Listing, price: Decimal) -> Result<u32, Fault> {
    price
        .units(listing.price_decimals)
        .and_then(|ticks| u32::try_from(ticks).ok())
        .filter(|ticks| *ticks > 0)
        .ok_or_else(|| {
            Fault::new(
                format!(
                    "price {price} of {} is not a whole number of ticks of 10^-{} between 1 and 2^32",
                    listing.name, listing.price_decimals
                ),
                "correct the row",
            )
        })
}

/// Converts a size to lots, at least 1 and below 2^56.
pub fn to_lots(listing: &Listing, size: Decimal) -> Result<u64, Fault> {
    size.units(listing.size_decimals)
        .filter(|lots| *lots > 0 && *lots < MAX_LOTS)
        .and_then(|lots| u64::try_from(lots).ok())
        .ok_or_else(|| {
            Fault::new(
                format!(
                    "size {size} of {} is not a whole number of lots of 10^-{} between 1 and 2^56",
                    listing.name, listing.size_decimals
                ),
                "correct the row",
            )
        })
}

/// An amount of quote tokens as quanta, 1..2^63.
pub fn to_amount(amount: Decimal, field: &str) -> Result<u64, Fault> {
    amount
        .units(QUOTE_DECIMALS)
        .filter(|units| *units > 0 && *units < MAX_AMOUNT)
        .and_then(|units| u64::try_from(units).ok())
        .ok_or_else(|| {
            Fault::new(
                format!("{field} {amount} is not between 10^-6 and 2^63·10^-6 in steps of 10^-6"),
                "correct the row",
            )
        })
}

/// Names are echoed in messages and tables: short and printable.
pub fn check_name(name: &str, kind: &str) -> Result<(), Fault> {
    let fits = (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_graphic() && b != b',' && b != b'"');
    if fits {
        return Ok(());
    }
    Err(Fault::new(
        format!("{kind} name '{name}' is empty, too long or has blanks"),
        "use 1 to 64 printable characters",
    ))
}

/// Refuses a time before the last one, or beyond 40 bits.
pub fn check_time(last: &mut u64, time: u64) -> Result<(), Fault> {
    if time < *last {
        return Err(Fault::new(
            format!("time {} is before the row above", super::clock::format(time)),
            "sort the file by time",
        ));
    }
    if time >= 1 << 40 {
        return Err(Fault::new(format!("time {time} is beyond 2^40"), "correct the row"));
    }
    *last = time;
    Ok(())
}
