//! dYdX v4's indexer: public trades of a market, and fills of a subaccount, as the JSON that is served, or
//! several pages one after another. Newest first as served.
//!
//! Trades name neither market nor users; fills name the market and, within one address, the subaccount.

use super::Options;
use super::decimal::Decimal;
use super::draft::{At, Draft, Raw};
use super::error::{Fault, WireError};
use super::event::{Role, Side};
use super::history::{Dated, sort};
use super::json::{Entry, each_entry};
use super::lines::Lines;
use super::market_name::market_name;
use super::takers::{Dealer, TakerTrade};
use super::tape::{Place, Tape};

/// What a file's address is called if the caller does not say.
const OWNER: &str = "owner";

/// An entry of the file.
struct Row {
    price: Decimal,
    size: Decimal,
    side: Side,
    fill: Option<Fill>,
}

/// What a user's fill says more than a public trade.
struct Fill {
    market: String,
    subaccount: u64,
    role: Role,
}

/// Reads a whole file.
pub fn read(lines: Lines, options: &Options) -> Result<Tape, WireError> {
    let file = lines.file().to_owned();
    let mut rows = Vec::new();
    each_entry(lines, &["trades", "fills"], &mut |entry| {
        let row = row(&entry)?;
        rows.push(Dated::new(&entry, "createdAt", row)?);
        Ok(())
    })?;
    sort(&mut rows);
    // Only trades need a market from outside.
    let market = match rows.iter().any(|dated| dated.row.fill.is_none()) {
        true => market_name(&file, options)?,
        false => String::new(),
    };
    let mut draft = Draft::new(&file, options, Place::Entry);
    let mut dealer = Dealer::default();
    let owner = options.user.as_deref().unwrap_or(OWNER);
    for dated in &rows {
        let (at, row) = (dated.at(), &dated.row);
        let outcome = match &row.fill {
            Some(fill) => push_fill(&mut draft, at, row, (owner, fill)),
            None => {
                let Row { price, size, side, .. } = *row;
                dealer.push(&mut draft, at, &TakerTrade { market: &market, side, price, size })
            }
        };
        outcome.map_err(|fault| dated.refuse(fault, &file))?;
    }
    draft.finish()
}

fn push_fill(draft: &mut Draft, at: At, row: &Row, (owner, fill): (&str, &Fill)) -> Result<(), Fault> {
    let user = match fill.subaccount {
        0 => draft.user(owner)?,
        number => draft.user(&format!("{owner}/{number}"))?,
    };
    let Row { price, size, side, .. } = *row;
    let market = draft.seen_market(&fill.market, at.line, price, size)?;
    draft.push_print(at, Raw { price, size, user, market, side, role: fill.role });
    Ok(())
}

fn row(entry: &Entry) -> Result<Row, Fault> {
    let price = Decimal::parse(entry.text("price")?, "price")?;
    let size = Decimal::parse(entry.text("size")?, "size")?;
    let side = match entry.text("side")? {
        "BUY" => Side::Buy,
        "SELL" => Side::Sell,
        other => return Err(Fault::new(format!("side '{other}' is not BUY or SELL"), "correct the entry")),
    };
    let fill = if entry.has("liquidity") { Some(fill(entry)?) } else { None };
    Ok(Row { price, size, side, fill })
}

fn fill(entry: &Entry) -> Result<Fill, Fault> {
    let role = match entry.text("liquidity")? {
        "TAKER" => Role::Taker,
        "MAKER" => Role::Maker,
        other => {
            return Err(Fault::new(
                format!("liquidity '{other}' is not TAKER or MAKER"),
                "correct the entry",
            ));
        }
    };
    let market = entry.text("market")?.to_owned();
    Ok(Fill { market, subaccount: entry.whole_or("subaccountNumber", 0)?, role })
}
