//! Binance's leverage tiers: several rows for each symbol, without prices and steps.

use super::table::{FieldFault, Row, fault, scan};
use super::{Largest, VenueFile, VenueMarket, VenueTier};
use crate::wire::decimal::Decimal;
use crate::wire::{Lines, WireError};
use zkmargin_circuits::params::{HIGHER_TIERS, TIERS};

const REQUIRED: [&str; 6] = ["symbol", "tier", "min_notional", "max_notional", "mmr", "max_leverage"];

/// A row.
struct Tier {
    symbol: String,
    number: i64,
    from: Decimal,
    to: Decimal,
    maintenance: u32,
    leverage: i64,
}

pub fn read(lines: Lines) -> Result<VenueFile, WireError> {
    let mut markets: Vec<VenueMarket> = Vec::new();
    let mut last: Option<Tier> = None;
    let mut beyond = 0;
    let scanned = scan(lines, &REQUIRED, &[], |row| {
        let tier = tier(row)?;
        follows(last.as_ref(), &tier)?;
        match markets.last_mut() {
            Some(market) if tier.number > 1 && market.tiers.len() < HIGHER_TIERS => market.rise(&tier),
            Some(_) if tier.number > 1 => beyond += 1,
            _ => markets.push(market(row.line, &tier)),
        }
        last = Some(tier);
        Ok(())
    })?;
    let tiers = format!(
        "{beyond} rows are of tiers above the {TIERS} that a market may have: its largest position ends where its tier {TIERS} does"
    );
    Ok(scanned.file(markets, (beyond > 0).then_some(tiers)))
}

fn tier(row: &Row<'_>) -> Result<Tier, FieldFault> {
    // Some tables write 50 as 50.0.
    let leverage = row.positive("max_leverage")?.units(0).and_then(|leverage| i64::try_from(leverage).ok());
    let unfit = || {
        let what = format!("max_leverage '{}' is no whole number", row.text("max_leverage"));
        fault("max_leverage", what, "correct the row")
    };
    Ok(Tier {
        symbol: row.name("symbol")?,
        number: row.whole("tier")?,
        from: row.decimal("min_notional")?,
        to: row.positive("max_notional")?,
        maintenance: row.millionths("mmr")?,
        leverage: leverage.ok_or_else(unfit)?,
    })
}

/// A symbol's tiers stand one below the other, each from where the last one ends, with no lower requirement.
fn follows(last: Option<&Tier>, tier: &Tier) -> Result<(), FieldFault> {
    let before = last.filter(|last| last.symbol == tier.symbol);
    let expected = before.map_or(1, |last| last.number + 1);
    let refused = |field: &str, what: String| Err(fault(field, what, "sort the rows by symbol and tier"));
    if tier.number != expected {
        let what = format!("tier {} of {} stands where tier {expected} must be", tier.number, tier.symbol);
        return refused("tier", what);
    }
    let start = before.map_or(Decimal::ZERO, |last| last.to);
    if tier.from != start {
        let what = format!("tier {} begins at {}, the last one ends at {start}", tier.number, tier.from);
        return refused("min_notional", what);
    }
    match before {
        Some(last) if tier.maintenance < last.maintenance => refused(
            "mmr",
            format!("{} ppm after {} ppm of the tier before", tier.maintenance, last.maintenance),
        ),
        Some(last) if tier.leverage > last.leverage => {
            refused("max_leverage", format!("{} after {} of the tier before", tier.leverage, last.leverage))
        }
        _ => Ok(()),
    }
}

impl Tier {
    /// One part of the leverage, parts per million, rounded up. The venue asks it of the whole position, we of the part in
    /// the tier: across a boundary a position may have a little more leverage here.
    fn initial(&self) -> u32 {
        1_000_000u64.div_ceil(self.leverage.unsigned_abs().max(1)) as u32
    }
}

impl VenueMarket {
    /// Adds a tier above the last one.
    fn rise(&mut self, tier: &Tier) {
        let Tier { from, to, maintenance, .. } = *tier;
        self.tiers.push(VenueTier { from, initial: tier.initial(), maintenance });
        self.largest = Some(Largest::Notional(to));
    }
}

fn market(line: u64, tier: &Tier) -> VenueMarket {
    VenueMarket {
        line,
        name: tier.symbol.clone(),
        price: None,
        tick: None,
        lot: None,
        smallest: None,
        initial: tier.initial(),
        maintenance: tier.maintenance,
        tiers: Vec::new(),
        largest: Some(Largest::Notional(tier.to)),
        open_interest: None,
        open: true,
    }
}
