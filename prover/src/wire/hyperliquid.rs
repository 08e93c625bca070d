//! Hyperliquid's history: ledger changes (`L`), fills (`F`) and liquidations (`X`) of users, merged by time.
//!
//! Columns: `time,kind,user,coin,side,px_or_liq_notional,sz_or_liq_account_value,ledger_delta_usd,taker_maker,margin_mode`.

use super::Options;
use super::columns::{expect_empty, expect_header, split};
use super::decimal::Decimal;
use super::draft::{Amount, At, Draft, Raw};
use super::error::{Fault, WireError};
use super::event::{MarginMode, Role, Side, What};
use super::lines::Lines;
use super::tape::{Place, Tape};
use super::units::check_time;

/// The header line, exactly.
pub const HEADER: &str = "time,kind,user,coin,side,px_or_liq_notional,sz_or_liq_account_value,ledger_delta_usd,taker_maker,margin_mode";
const COLUMNS: usize = 10;

/// Reads a whole history.
pub fn read(mut lines: Lines, options: &Options) -> Result<Tape, WireError> {
    let file = lines.file().to_owned();
    expect_header(&mut lines, HEADER)?;
    let mut draft = Draft::new(&file, options, Place::Line);
    let mut last = 0;
    while let Some((line, text)) = lines.next_line()? {
        row(&mut draft, &mut last, line, &text).map_err(|fault| fault.at(&file, line))?;
    }
    draft.finish()
}

fn row(draft: &mut Draft, last: &mut u64, line: u64, text: &str) -> Result<(), Fault> {
    let fields = split(text, COLUMNS)?;
    let time = super::clock::parse(fields[0])?;
    check_time(last, time)?;
    let at = At { line, time };
    match fields[1] {
        "L" => ledger(draft, at, &fields),
        "F" => fill(draft, at, &fields),
        "X" => liquidation(draft, at, &fields),
        other => Err(Fault::new(
            format!("kind '{other}' is not L, F or X"),
            "correct the row or choose another --format",
        )),
    }
}

fn ledger(draft: &mut Draft, at: At, fields: &[&str]) -> Result<(), Fault> {
    expect_empty(fields, &[3, 4, 5, 6, 8, 9], "a ledger row")?;
    let user = draft.user(fields[2])?;
    let delta = Decimal::parse(fields[7], "ledger_delta_usd")?;
    let amount = Amount { value: delta.magnitude(), field: "ledger_delta_usd" };
    let what = if delta.is_positive() {
        What::Deposit { user, mode: MarginMode::Cross, amount: 0 }
    } else {
        What::Withdraw { user, mode: MarginMode::Cross, amount: 0 }
    };
    draft.push_amount(at, amount, what)
}

fn fill(draft: &mut Draft, at: At, fields: &[&str]) -> Result<(), Fault> {
    expect_empty(fields, &[7, 9], "a fill row")?;
    let user = draft.user(fields[2])?;
    let side = match fields[4] {
        "B" => Side::Buy,
        "S" => Side::Sell,
        other => {
            return Err(Fault::new(format!("side '{other}' is not B or S"), "correct the row"));
        }
    };
    let role = match fields[8] {
        "M" => Role::Maker,
        "T" => Role::Taker,
        other => {
            return Err(Fault::new(format!("taker_maker '{other}' is not M or T"), "correct the row"));
        }
    };
    let price = Decimal::parse(fields[5], "price")?;
    let size = Decimal::parse(fields[6], "size")?;
    let market = draft.seen_market(fields[3], at.line, price, size)?;
    draft.push_print(at, Raw { price, size, user, market, side, role });
    Ok(())
}

fn liquidation(draft: &mut Draft, at: At, fields: &[&str]) -> Result<(), Fault> {
    expect_empty(fields, &[3, 4, 7, 8], "a liquidation row")?;
    let user = draft.user(fields[2])?;
    let notional = Amount { value: Decimal::parse(fields[5], "notional")?, field: "notional" };
    let value = Amount { value: Decimal::parse(fields[6], "account value")?, field: "account value" };
    if value.value.parts().0 < 0 {
        return Err(Fault::new(format!("account value {} is below zero", value.value), "correct the row"));
    }
    let isolated = match fields[9] {
        "Cross" => false,
        "Isolated" => true,
        other => {
            let what = format!("margin_mode '{other}' is not Cross or Isolated");
            return Err(Fault::new(what, "correct the row"));
        }
    };
    draft.push_notice(at, user, [notional, value], isolated)
}
