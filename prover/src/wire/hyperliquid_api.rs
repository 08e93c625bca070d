//! Hyperliquid's API: a user's fills (`userFills`, `userFillsByTime`) and ledger
//! (`userNonFundingLedgerUpdates`), as the JSON arrays that are served, or several one after another.
//!
//! A file holds the history of one user and does not name it.

use super::Options;
use super::decimal::Decimal;
use super::draft::{Amount, Draft, Raw};
use super::error::{Fault, WireError};
use super::event::{MarginMode, Role, Side, What};
use super::history::{Dated, sort};
use super::json::{Entry, Inner, each_entry};
use super::lines::Lines;
use super::tape::{Place, SkipReason, Tape};

/// What the file's user is called if the caller does not say.
const OWNER: &str = "owner";

/// An entry of the file.
enum Row {
    Fill { coin: String, price: Decimal, size: Decimal, side: Side, role: Role },
    In { amount: Decimal, field: &'static str },
    Out { amount: Decimal, field: &'static str },
    Skipped { name: String, reason: SkipReason },
}

/// Reads a whole file.
pub fn read(lines: Lines, options: &Options) -> Result<Tape, WireError> {
    let file = lines.file().to_owned();
    let mut rows = Vec::new();
    each_entry(lines, &[], &mut |entry| {
        let row = if entry.has("delta") { ledger(&entry, options.user.as_deref())? } else { fill(&entry)? };
        rows.push(Dated::new(&entry, "time", row)?);
        Ok(())
    })?;
    sort(&mut rows);
    let mut draft = Draft::new(&file, options, Place::Entry);
    for row in &rows {
        push(&mut draft, options, row).map_err(|fault| row.refuse(fault, &file))?;
    }
    draft.finish()
}

fn push(draft: &mut Draft, options: &Options, dated: &Dated<Row>) -> Result<(), Fault> {
    let at = dated.at();
    let user = draft.user(options.user.as_deref().unwrap_or(OWNER))?;
    let mode = MarginMode::Cross;
    match &dated.row {
        Row::Fill { coin, price, size, side, role } => {
            let (price, size, side, role) = (*price, *size, *side, *role);
            let market = draft.seen_market(coin, at.line, price, size)?;
            draft.push_print(at, Raw { price, size, user, market, side, role });
        }
        Row::In { amount, field } => {
            let amount = Amount { value: *amount, field };
            draft.push_amount(at, amount, What::Deposit { user, mode, amount: 0 })?;
        }
        Row::Out { amount, field } => {
            let amount = Amount { value: *amount, field };
            draft.push_amount(at, amount, What::Withdraw { user, mode, amount: 0 })?;
        }
        Row::Skipped { name, reason } => draft.skip_row(name, reason.clone(), at.line),
    }
    Ok(())
}

fn fill(entry: &Entry) -> Result<Row, Fault> {
    let coin = entry.text("coin")?;
    let price = Decimal::parse(entry.text("px")?, "px")?;
    let size = Decimal::parse(entry.text("sz")?, "sz")?;
    let side = match entry.text("side")? {
        "B" => Side::Buy,
        "A" => Side::Sell,
        other => return Err(Fault::new(format!("side '{other}' is not B or A"), "correct the entry")),
    };
    let role = if entry.flag("crossed")? { Role::Taker } else { Role::Maker };
    // Pairs of the spot market are `@107` or `PURR/USDC`.
    if coin.starts_with('@') || coin.contains('/') {
        return Ok(Row::Skipped { name: coin.to_owned(), reason: SkipReason::Spot });
    }
    Ok(Row::Fill { coin: coin.to_owned(), price, size, side, role })
}

fn ledger(entry: &Entry, owner: Option<&str>) -> Result<Row, Fault> {
    let delta = entry.object("delta")?;
    let kind = delta.text("type")?;
    let usdc = || Decimal::parse(delta.text("usdc")?, "usdc");
    Ok(match kind {
        "deposit" => Row::In { amount: usdc()?, field: "usdc" },
        "withdraw" | "vaultDeposit" => Row::Out { amount: usdc()?, field: "usdc" },
        "vaultWithdraw" => {
            let field = "netWithdrawnUsd";
            Row::In { amount: Decimal::parse(delta.text(field)?, field)?, field }
        }
        "accountClassTransfer" if delta.flag("toPerp")? => Row::In { amount: usdc()?, field: "usdc" },
        "accountClassTransfer" => Row::Out { amount: usdc()?, field: "usdc" },
        "internalTransfer" | "subAccountTransfer" => transfer(kind, delta, owner, usdc()?)?,
        other => Row::Skipped { name: other.to_owned(), reason: SkipReason::OtherLedger },
    })
}

/// Money to or from another user: which of them is the file's decides.
fn transfer(kind: &str, delta: Inner<'_>, owner: Option<&str>, amount: Decimal) -> Result<Row, Fault> {
    let (from, to) = (delta.text("user")?, delta.text("destination")?);
    let is_owner = |address: &str| owner.is_some_and(|owner| owner.eq_ignore_ascii_case(address));
    Ok(match (is_owner(from), is_owner(to)) {
        (false, true) => Row::In { amount, field: "usdc" },
        (true, false) => Row::Out { amount, field: "usdc" },
        _ => Row::Skipped { name: kind.to_owned(), reason: SkipReason::Direction },
    })
}
