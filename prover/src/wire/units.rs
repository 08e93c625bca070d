//! From decimal numbers to ticks and lots, and the checks that all readers share.

use super::decimal::Decimal;
use super::error::Fault;
use super::event::Listing;

/// Market ids have three tree levels of arity 8, and id 0 is none.
pub const MAX_MARKETS: usize = 511;
/// Bound of sizes in lots, which are below 2^56.
const MAX_LOTS: i128 = 1 << 56;

/// Converts a price to ticks, at least 1 and below 2^32.
pub fn to_ticks(listing: &Listing, price: Decimal) -> Option<u32> {
    let ticks = price.units(listing.price_decimals as i32)?;
    u32::try_from(ticks).ok().filter(|ticks| *ticks > 0)
}

/// Converts a size to lots, at least 1 and below 2^56.
pub fn to_lots(listing: &Listing, size: Decimal) -> Option<u64> {
    let lots = size.units(listing.size_decimals).filter(|lots| *lots > 0 && *lots < MAX_LOTS)?;
    u64::try_from(lots).ok()
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

/// Refuses a time before the last one.
pub fn check_time(last: &mut u64, time: u64) -> Result<(), Fault> {
    if time < *last {
        return Err(Fault::new(
            format!("time {} is before the row above", super::clock::format(time)),
            "sort the file by time",
        ));
    }
    *last = time;
    Ok(())
}
