//! A tape that is being read. Ticks, lots and the quote quantum follow from the digits of all rows, so prints
//! and amounts get their units only at the end.

mod finish;

use super::Options;
use super::decimal::Decimal;
use super::error::{Fault, one_line};
use super::event::{Event, Listing, Market, Risk, Role, Side, User, What};
use super::quanta::{COARSEST, MAX_AMOUNT, Need};
use super::tape::{Place, SkipReason, Skipped, Tape};
use super::units::{MAX_MARKETS, check_name, to_ticks};
use std::collections::HashMap;

/// A tape that is being read.
pub struct Draft {
    tape: Tape,
    allowed: Option<Vec<String>>,
    markets: HashMap<String, Market>,
    users: HashMap<String, User>,
    known: Vec<Known>,
    prints: Vec<(usize, Decimal, Decimal)>,
    amounts: Vec<(usize, Field, Decimal)>,
    quote_decimals: Option<u32>,
    /// Index in the tape's list of what is left out: a file may have as many names as rows.
    skipped: HashMap<(String, SkipReason), usize>,
}

/// What is known of a market besides its listing.
struct Known {
    need: Need,
    /// Whether the file says what a tick and a lot are.
    declared: bool,
    line: u64,
    refusal: Option<SkipReason>,
}

/// The fields of events that are amounts.
#[derive(Clone, Copy)]
enum Field {
    Amount,
    AccountValue,
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

/// Where a row stands in the file, and when it happened.
#[derive(Clone, Copy)]
pub struct At {
    /// Place of the row.
    pub line: u64,
    /// Time of the row in seconds since 1970.
    pub time: u64,
}

impl Draft {
    /// An empty tape of a file whose places are lines or entries.
    pub fn new(file: &str, options: &Options, place: Place) -> Self {
        Self {
            tape: Tape { file: file.to_owned(), place, ..Tape::default() },
            allowed: options.markets.clone(),
            markets: HashMap::new(),
            users: HashMap::new(),
            known: Vec::new(),
            prints: Vec::new(),
            amounts: Vec::new(),
            quote_decimals: None,
            skipped: HashMap::new(),
        }
    }

    /// Fixes the quote quantum instead of choosing it.
    pub fn fix_quote_decimals(&mut self, decimals: u32) {
        self.quote_decimals = Some(decimals);
    }

    /// Index of a user's name, new or known.
    pub fn user(&mut self, name: &str) -> Result<User, Fault> {
        if let Some(user) = self.users.get(name) {
            return Ok(*user);
        }
        check_name(name, "user")?;
        let user = self.tape.users.len() as User;
        self.tape.users.push(name.to_owned());
        self.users.insert(name.to_owned(), user);
        Ok(user)
    }

    /// Appends an order's name; its index is returned.
    pub fn order(&mut self, name: &str) -> u32 {
        self.tape.orders.push(name.to_owned());
        self.tape.orders.len() as u32 - 1
    }

    /// A market that the file names by its rows; `price` and `size` widen its decimals.
    pub fn seen_market(
        &mut self,
        name: &str,
        line: u64,
        price: Decimal,
        size: Decimal,
    ) -> Result<Market, Fault> {
        if !self.is_allowed(name) {
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
        let (price_decimals, size_decimals) = (price.decimals(), size.fewest_decimals());
        let need = Need { price_decimals, size_decimals };
        let market = match self.markets.get(name) {
            Some(market) => *market,
            None => {
                let name = name.to_owned();
                let listing = Listing {
                    name,
                    price_decimals,
                    size_decimals,
                    first_price: price,
                    risk: Risk::TAPE,
                    tiers: Vec::new(),
                };
                self.list(listing, Known { need, declared: false, line, refusal: None })?
            }
        };
        let known = &mut self.known[usize::from(market) - 1].need;
        known.price_decimals = known.price_decimals.max(need.price_decimals);
        known.size_decimals = known.size_decimals.max(need.size_decimals);
        Ok(market)
    }

    /// A market that the file declares; it is skipped in the end if its price is no number of ticks.
    pub fn declare(&mut self, line: u64, listing: Listing) -> Result<(), Fault> {
        if self.markets.contains_key(&listing.name) {
            let what = format!("market '{}' is declared twice", listing.name);
            return Err(Fault::new(what, "remove the line"));
        }
        let refusal = to_ticks(&listing, listing.first_price).is_none().then(|| SkipReason::Price {
            price: listing.first_price.to_string(),
            price_decimals: listing.price_decimals,
        });
        let need = Need::from(&listing);
        self.list(listing, Known { need, declared: true, line, refusal }).map(|_| ())
    }

    fn list(&mut self, listing: Listing, known: Known) -> Result<Market, Fault> {
        check_name(&listing.name, "market")?;
        if self.tape.listings.len() >= MAX_MARKETS {
            return Err(Fault::new(
                format!("market '{}' is one more than {MAX_MARKETS}", listing.name),
                "split the file by market",
            ));
        }
        let market = self.tape.listings.len() as Market + 1;
        self.markets.insert(listing.name.clone(), market);
        self.tape.listings.push(listing);
        self.known.push(known);
        Ok(market)
    }

    fn is_allowed(&self, name: &str) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.iter().any(|market| market == name))
    }

    /// The id of a declared market.
    pub fn declared(&self, name: &str) -> Result<Market, Fault> {
        self.markets.get(name).copied().filter(|_| self.is_allowed(name)).ok_or_else(|| {
            Fault::new(
                format!("unknown market '{name}'"),
                "declare it with a \"market\" line above, and in --markets if that is given",
            )
        })
    }

    /// The listing of a market, None if it cannot be listed.
    pub fn listing(&self, market: Market) -> Option<&Listing> {
        let index = usize::from(market).checked_sub(1)?;
        self.tape.listings.get(index).filter(|_| self.known[index].refusal.is_none())
    }

    /// Appends an event whose units are known.
    pub fn push(&mut self, at: At, what: What) {
        self.tape.events.push(Event { line: at.line, time: at.time, what });
    }

    /// Appends a print.
    pub fn push_print(&mut self, at: At, raw: Raw) {
        let Raw { user, market, side, role, .. } = raw;
        self.prints.push((self.tape.events.len(), raw.price, raw.size));
        self.push(at, What::Print { user, market, side, price: 0, lots: 0, role });
    }

    /// Appends a deposit, withdrawal or transfer of an amount.
    pub fn push_amount(&mut self, at: At, amount: Amount<'_>, what: What) -> Result<(), Fault> {
        amount.check()?;
        self.amounts.push((self.tape.events.len(), Field::Amount, amount.value));
        self.push(at, what);
        Ok(())
    }

    /// Appends a liquidation notice with its notional and the account's value.
    pub fn push_notice(
        &mut self,
        at: At,
        user: User,
        amounts: [Amount<'_>; 2],
        isolated: bool,
    ) -> Result<(), Fault> {
        let [notional, value] = amounts;
        notional.check()?;
        self.amounts.push((self.tape.events.len(), Field::Amount, notional.value));
        self.amounts.push((self.tape.events.len(), Field::AccountValue, value.value));
        self.push(at, What::LiquidationNotice { user, notional: 0, account_value: 0, isolated });
        Ok(())
    }

    /// Notes a row that is left out. The name is the file's and may be anything.
    pub fn skip_row(&mut self, name: &str, reason: SkipReason, line: u64) {
        let name = one_line(name.to_owned());
        let list = &mut self.tape.skipped;
        let index = *self.skipped.entry((name.clone(), reason.clone())).or_insert_with(|| {
            list.push(Skipped { name, reason, rows: 0, line });
            list.len() - 1
        });
        list[index].rows += 1;
        list[index].line = list[index].line.min(line);
    }
}

/// An amount of quote tokens with the name of its field.
#[derive(Clone, Copy)]
pub struct Amount<'a> {
    /// The amount.
    pub value: Decimal,
    /// Name of the field, for messages.
    pub field: &'a str,
}

impl Amount<'_> {
    /// Refuses an amount that is not above zero, or too large for any quantum.
    fn check(&self) -> Result<(), Fault> {
        let Self { value, field } = *self;
        let (mantissa, decimals) = value.parts();
        let tokens = mantissa / 10i128.pow(decimals);
        let is_small = tokens < MAX_AMOUNT / 10i128.pow(COARSEST);
        if value.is_positive() && is_small {
            return Ok(());
        }
        Err(Fault::new(
            format!("{field} {value} is not between 0 and 9223372036854 quote tokens"),
            "correct the row",
        ))
    }
}
