//! Hyperliquid's history: ledger changes (`L`), fills (`F`) and liquidations (`X`) of users, merged by time.
//!
//! Columns: `time,kind,user,coin,side,px_or_liq_notional,sz_or_liq_account_value,ledger_delta_usd,taker_maker,margin_mode`.

use super::decimal::Decimal;
use super::error::{Fault, WireError};
use super::event::{Pocket, Role, Side, Tape, What};
use super::lines::Lines;
use super::prints::{Prints, QUOTE_DECIMALS, Raw, check_time, to_amount};

/// The header line, exactly.
pub const HEADER: &str = "time,kind,user,coin,side,px_or_liq_notional,sz_or_liq_account_value,ledger_delta_usd,taker_maker,margin_mode";
const COLUMNS: usize = 10;

/// Reads a whole history.
pub fn read(mut lines: Lines, markets: Option<Vec<String>>) -> Result<Tape, WireError> {
    let file = lines.file().to_owned();
    super::expect_header(&mut lines, HEADER)?;
    let mut prints = Prints::new(&file, markets);
    let mut last = 0;
    while let Some((line, text)) = lines.next_line()? {
        row(&mut prints, &mut last, line, &text).map_err(|fault| fault.at(&file, line))?;
    }
    prints.finish()
}

fn row(prints: &mut Prints, last: &mut u64, line: u64, text: &str) -> Result<(), Fault> {
    let fields = super::split(text, COLUMNS)?;
    let time = super::clock::parse(fields[0])?;
    check_time(last, time)?;
    match fields[1] {
        "L" => ledger(prints, line, time, &fields),
        "F" => fill(prints, line, time, &fields),
        "X" => liquidation(prints, line, time, &fields),
        other => Err(Fault::new(
            format!("kind '{other}' is not L, F or X"),
            "correct the row or choose another --format",
        )),
    }
}

fn ledger(prints: &mut Prints, line: u64, time: u64, fields: &[&str]) -> Result<(), Fault> {
    super::expect_empty(fields, &[3, 4, 5, 6, 8, 9], "a ledger row")?;
    let user = prints.user(fields[2])?;
    let delta = Decimal::parse(fields[7], "ledger_delta_usd")?;
    let (mantissa, decimals) = delta.parts();
    let size = Decimal::from_units(mantissa.abs(), decimals).unwrap_or(delta);
    let amount = to_amount(size, "ledger_delta_usd")?;
    let what = if delta.is_positive() {
        What::Deposit { user, pocket: Pocket::Cross, amount }
    } else {
        What::Withdraw { user, pocket: Pocket::Cross, amount }
    };
    prints.push(line, time, what);
    Ok(())
}

fn fill(prints: &mut Prints, line: u64, time: u64, fields: &[&str]) -> Result<(), Fault> {
    super::expect_empty(fields, &[7, 9], "a fill row")?;
    let user = prints.user(fields[2])?;
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
    let market = prints.market(fields[3], price, size)?;
    prints.push_print(line, time, Raw { price, size, user, market, side, role });
    Ok(())
}

fn liquidation(prints: &mut Prints, line: u64, time: u64, fields: &[&str]) -> Result<(), Fault> {
    super::expect_empty(fields, &[3, 4, 7, 8], "a liquidation row")?;
    let user = prints.user(fields[2])?;
    let notional = to_amount(Decimal::parse(fields[5], "notional")?, "notional")?;
    let value = Decimal::parse(fields[6], "account value")?;
    let account_value = value
        .units(QUOTE_DECIMALS)
        .and_then(|units| u64::try_from(units).ok())
        .ok_or_else(|| Fault::new(format!("account value {value} is out of range"), "correct the row"))?;
    let isolated = match fields[9] {
        "Cross" => false,
        "Isolated" => true,
        other => {
            let what = format!("margin_mode '{other}' is not Cross or Isolated");
            return Err(Fault::new(what, "correct the row"));
        }
    };
    prints.push(line, time, What::LiquidationNotice { user, notional, account_value, isolated });
    Ok(())
}
