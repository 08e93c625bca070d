//! Times of files: RFC 3339 in UTC, to seconds since 1970.

use super::error::Fault;

/// Reads `2023-02-26T16:44:05Z`, a fraction of a second dropped (the tape's batches are whole seconds).
///
/// Errors: another form, a zone other than `Z`, a date that does not exist, a year outside 1970..9999.
pub fn parse(text: &str) -> Result<u64, Fault> {
    let fault =
        || Fault::new(format!("time '{text}' is not a UTC time"), "write times as 2023-02-26T16:44:05Z");
    let bytes = text.as_bytes();
    let shaped = bytes.len() >= 20
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && bytes[10] == b'T'
        && bytes[13] == b':'
        && bytes[16] == b':';
    if !shaped || !text.is_ascii() {
        return Err(fault());
    }
    let number = |from: usize, to: usize| -> Result<u64, Fault> {
        let part = &text[from..to];
        if !part.bytes().all(|b| b.is_ascii_digit()) {
            return Err(fault());
        }
        part.parse().map_err(|_| fault())
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let tail = text[19..].strip_suffix('Z').ok_or_else(fault)?;
    let fraction_ok = match tail.strip_prefix('.') {
        Some(digits) => !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()),
        None => tail.is_empty(),
    };
    let day_ok = (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month);
    if !fraction_ok || year < 1970 || !day_ok || hour > 23 || minute > 59 || second > 59 {
        return Err(fault());
    }
    Ok(((days_since_epoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

/// Writes seconds since 1970 as `parse` reads them.
pub fn format(time: u64) -> String {
    let (mut days, rest) = (time / 86_400, time % 86_400);
    let (mut year, mut month) = (1970, 1);
    while days >= year_days(year) {
        days -= year_days(year);
        year += 1;
    }
    while days >= days_in(year, month) {
        days -= days_in(year, month);
        month += 1;
    }
    let (hour, minute, second) = (rest / 3600, rest % 3600 / 60, rest % 60);
    format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", days + 1)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn year_days(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

fn days_since_epoch(year: u64, month: u64, day: u64) -> u64 {
    let years: u64 = (1970..year).map(year_days).sum();
    let months: u64 = (1..month).map(|m| days_in(year, m)).sum();
    years + months + day - 1
}
