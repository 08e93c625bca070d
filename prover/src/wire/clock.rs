//! Times of files: seconds, milliseconds, microseconds or nanoseconds since 1970, or ISO 8601 with an offset.
//!
//! All readers take all of these. A whole number says its unit by its size: below 10^11 it counts seconds,
//! below 10^14 milliseconds, below 10^17 microseconds, from there nanoseconds. So seconds reach the year
//! 5138, and milliseconds begin in March 1973.

use super::error::Fault;
use jiff::Timestamp;

/// Microseconds of one second.
pub const SECOND: u64 = 1_000_000;
/// Numbers below this are seconds; a thousand times that are milliseconds, and so on.
const SECONDS_END: u64 = 100_000_000_000;
/// Times are below 2^40 seconds in the protocol, and ISO 8601 ends with the year 9999.
const LAST: u64 = 253_402_300_799;

/// Reads a time as seconds since 1970, a fraction of a second dropped (batches have whole seconds).
///
/// Errors: as [`micros`].
pub fn parse(text: &str) -> Result<u64, Fault> {
    Ok(micros(text)? / SECOND)
}

/// Reads a time as microseconds since 1970; what is finer is dropped.
///
/// Errors: another form, no offset, a date that does not exist, a year outside 1970 to 9999.
pub fn micros(text: &str) -> Result<u64, Fault> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let micros = if digits { text.parse().ok().and_then(whole) } else { calendar(text) };
    micros.filter(|micros| micros / SECOND <= LAST).ok_or_else(|| {
        Fault::new(
            format!("time '{text}' is neither a number since 1970 nor a date with an offset"),
            "write times as 2023-02-26T16:44:05Z, 2023-02-26T17:44:05+01:00 or 1677429845",
        )
    })
}

/// A number of seconds, milliseconds, microseconds or nanoseconds as microseconds.
fn whole(number: u64) -> Option<u64> {
    match number {
        n if n < SECONDS_END => n.checked_mul(SECOND),
        n if n < SECONDS_END * 1_000 => n.checked_mul(1_000),
        n if n < SECONDS_END * SECOND => Some(n),
        n => Some(n / 1_000),
    }
}

fn calendar(text: &str) -> Option<u64> {
    // Library extensions such as a zone in brackets would pass otherwise.
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"-+:.,TtZz ".contains(&b));
    let time: Timestamp = text.parse().ok().filter(|_| plain)?;
    u64::try_from(time.as_microsecond()).ok()
}

/// Writes seconds since 1970 as `2023-02-26T16:44:05Z`; as a plain number beyond the year 9999.
pub fn format(time: u64) -> String {
    let stamp = i64::try_from(time).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    stamp.map_or_else(|| time.to_string(), |stamp| stamp.to_string())
}
