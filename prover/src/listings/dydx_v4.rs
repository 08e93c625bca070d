//! dYdX v4: a perpetual with its tier, its book and its price, in the chain's units.

use super::table::{FieldFault, Row, fault, scan};
use super::{Largest, OpenInterest, VenueFile, VenueMarket};
use crate::wire::decimal::Decimal;
use crate::wire::{Lines, WireError};

const REQUIRED: [&str; 9] = [
    "ticker",
    "atomic_resolution",
    "imf_ppm",
    "maint_fraction_of_imf_ppm",
    "step_base_quantums",
    "subticks_per_tick",
    "quantum_conversion_exponent",
    "price_exponent",
    "genesis_price_int",
];
/// Notional from which on the venue's initial margin rises with the root of the position.
const BASE_NOTIONAL: &str = "base_position_notional_quote_q";
const LOW: &str = "open_interest_lower_cap";
const HIGH: &str = "open_interest_upper_cap";

/// A quote quantum of the chain is 10^-6 USDC.
const QUOTE_EXPONENT: i64 = -6;

pub fn read(lines: Lines) -> Result<VenueFile, WireError> {
    let mut markets = Vec::new();
    let scanned = scan(lines, &REQUIRED, &[BASE_NOTIONAL, LOW, HIGH], |row| {
        markets.push(market(row)?);
        Ok(())
    })?;
    let rising = markets.iter().filter(|market| market.largest.is_some()).count();
    let rises = format!(
        "the initial margin of {rising} markets rises with the position beyond {BASE_NOTIONAL}; the law has no such rise, so the \
         largest position ends there"
    );
    Ok(scanned.file(markets, (rising > 0).then_some(rises)))
}

fn market(row: &Row<'_>) -> Result<VenueMarket, FieldFault> {
    let resolution = row.exponent("atomic_resolution")?;
    let initial = row.parts_per_million("imf_ppm")?;
    let fraction = row.parts_per_million("maint_fraction_of_imf_ppm")?;
    let lot = scaled(row, "step_base_quantums", resolution)?;
    let exponent = row.exponent("quantum_conversion_exponent")?;
    let tick = scaled(row, "subticks_per_tick", exponent + QUOTE_EXPONENT - resolution)?;
    let price = scaled(row, "genesis_price_int", row.exponent("price_exponent")?)?;
    let notional = quote(row, BASE_NOTIONAL)?.filter(|notional| notional.is_positive());
    let open_interest = quote(row, LOW)?.zip(quote(row, HIGH)?);
    Ok(VenueMarket {
        line: row.line,
        name: row.name("ticker")?,
        price: Some(price),
        tick: Some(tick),
        lot: Some(lot),
        smallest: None,
        initial,
        // Rounded up: never a lower requirement than the venue's.
        maintenance: (u64::from(initial) * u64::from(fraction)).div_ceil(1_000_000) as u32,
        tiers: Vec::new(),
        largest: notional.map(Largest::Notional),
        open_interest: open_interest.map(|(low, high)| OpenInterest { low, high }),
        open: true,
    })
}

/// A whole number above zero times a power of ten.
fn scaled(row: &Row<'_>, column: &str, exponent: i64) -> Result<Decimal, FieldFault> {
    let units = row.whole(column)?;
    if units <= 0 {
        return Err(fault(column, format!("{column} {units} is not above zero"), "correct the row"));
    }
    let decimals = i32::try_from(-exponent).ok().filter(|decimals| (-18..=36).contains(decimals));
    decimals.and_then(|decimals| Decimal::from_units(units.into(), decimals)).ok_or_else(|| {
        let what = format!("{column} {units}·10^{exponent} is beyond 18 decimals or 18 zeros");
        fault(column, what, "correct it, or the exponents of the row")
    })
}

/// Quote quanta of the chain as tokens.
fn quote(row: &Row<'_>, column: &str) -> Result<Option<Decimal>, FieldFault> {
    let Some(quanta) = row.optional_decimal(column)? else { return Ok(None) };
    let whole = quanta.units(0).and_then(|units| Decimal::from_units(units, -QUOTE_EXPONENT as i32));
    let unfit = || fault(column, format!("{column} {quanta} is no whole number"), "correct the row");
    whole.map(Some).ok_or_else(unfit)
}
