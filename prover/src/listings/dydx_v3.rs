//! dYdX v3: the markets that its API served, as CSV.

use super::table::{FieldFault, Row, scan};
use super::{Largest, VenueFile, VenueMarket};
use crate::wire::{Lines, WireError};

const REQUIRED: [&str; 9] = [
    "market",
    "status",
    "stepSize",
    "tickSize",
    "minOrderSize",
    "oraclePrice",
    "initialMarginFraction",
    "maintenanceMarginFraction",
    "baselinePositionSize",
];

pub fn read(lines: Lines) -> Result<VenueFile, WireError> {
    let mut markets = Vec::new();
    let scanned = scan(lines, &REQUIRED, &[], |row| {
        markets.push(market(row)?);
        Ok(())
    })?;
    let rises = "the initial margin rises with the position beyond baselinePositionSize; the law has no such rise, so the \
                 largest position ends there";
    Ok(scanned.file(markets, Some(rises.to_owned())))
}

fn market(row: &Row<'_>) -> Result<VenueMarket, FieldFault> {
    Ok(VenueMarket {
        line: row.line,
        name: row.name("market")?,
        price: Some(row.positive("oraclePrice")?),
        tick: Some(row.positive("tickSize")?),
        lot: Some(row.positive("stepSize")?),
        smallest: Some(row.positive("minOrderSize")?),
        initial: row.millionths("initialMarginFraction")?,
        maintenance: row.millionths("maintenanceMarginFraction")?,
        tiers: Vec::new(),
        largest: Some(Largest::Size(row.positive("baselinePositionSize")?)),
        open_interest: None,
        open: row.text("status") == "ONLINE",
    })
}
