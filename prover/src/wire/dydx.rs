//! dYdX public trades: `created_at,market,taker_side,price,size`. The file names no users.
//!
//! So takers are dealt out: orders (same second, market and side) go in turn to sixteen users
//! `taker-00` .. `taker-15`, and the house account is the maker of each.

use super::decimal::Decimal;
use super::error::{Fault, WireError};
use super::event::{Role, Side, Tape};
use super::lines::Lines;
use super::prints::{Prints, Raw, check_time};

/// The header line, exactly.
pub const HEADER: &str = "created_at,market,taker_side,price,size";
/// Users that the takers' orders are dealt to.
pub const TAKERS: usize = 16;
const COLUMNS: usize = 5;

/// Who gets the next order.
struct Dealer {
    last: Option<(u64, u16, Side)>,
    turn: usize,
}

/// Reads a whole file of trades.
pub fn read(mut lines: Lines, markets: Option<Vec<String>>) -> Result<Tape, WireError> {
    let file = lines.file().to_owned();
    super::expect_header(&mut lines, HEADER)?;
    let mut prints = Prints::new(&file, markets);
    let mut dealer = Dealer { last: None, turn: 0 };
    let mut last = 0;
    while let Some((line, text)) = lines.next_line()? {
        row(&mut prints, &mut dealer, &mut last, (line, &text)).map_err(|fault| fault.at(&file, line))?;
    }
    prints.finish()
}

fn row(
    prints: &mut Prints,
    dealer: &mut Dealer,
    last: &mut u64,
    (line, text): (u64, &str),
) -> Result<(), Fault> {
    let fields = super::split(text, COLUMNS)?;
    let time = super::clock::parse(fields[0])?;
    check_time(last, time)?;
    let side = match fields[2] {
        "BUY" => Side::Buy,
        "SELL" => Side::Sell,
        other => {
            let what = format!("taker_side '{other}' is not BUY or SELL");
            return Err(Fault::new(what, "correct the row"));
        }
    };
    let price = Decimal::parse(fields[3], "price")?;
    let size = Decimal::parse(fields[4], "size")?;
    let market = prints.market(fields[1], price, size)?;
    let order = (time, market, side);
    if dealer.last.is_some_and(|previous| previous != order) {
        dealer.turn = (dealer.turn + 1) % TAKERS;
    }
    dealer.last = Some(order);
    let user = prints.user(&format!("taker-{:02}", dealer.turn))?;
    prints.push_print(line, time, Raw { price, size, user, market, side, role: Role::Taker });
    Ok(())
}
