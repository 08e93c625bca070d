//! The end of a draft: the quote quantum is chosen, and every price, size and amount gets its unit.

use super::{Draft, Field};
use crate::wire::decimal::Decimal;
use crate::wire::error::{Fault, WireError};
use crate::wire::event::{Event, Market, What};
use crate::wire::quanta::{FINEST, Need, choose, to_quanta};
use crate::wire::tape::{Place, SkipReason, Tape};
use crate::wire::units::{to_lots, to_ticks};
use std::collections::{BTreeMap, BTreeSet};

impl Draft {
    /// The tape, once every row was seen and so every unit is known.
    ///
    /// Errors: no events at all; no market can be listed.
    pub fn finish(mut self) -> Result<Tape, WireError> {
        if self.tape.events.is_empty() {
            let fault = Fault::new("no events", "check that --format fits the file");
            return Err(fault.at(&self.tape.file, 1));
        }
        let needs: Vec<Need> =
            self.known.iter().filter(|known| known.refusal.is_none()).map(|known| known.need).collect();
        let amounts: Vec<Decimal> = self.amounts.iter().map(|(_, _, amount)| *amount).collect();
        let decimals = self.quote_decimals.unwrap_or_else(|| choose(&needs, &amounts));
        self.tape.quote_decimals = decimals;
        self.fix_units(decimals);
        self.fill_prints();
        self.fill_amounts(decimals);
        let refused = std::mem::take(&mut self.known).into_iter().zip(1..);
        let reasons: BTreeMap<Market, (SkipReason, u64)> =
            refused.filter_map(|(known, id)| Some((id, (known.refusal?, known.line)))).collect();
        let is_none_left = !reasons.is_empty() && reasons.len() == self.tape.listings.len();
        self.tape.skip_markets(reasons);
        if is_none_left {
            return Err(none_listed(&self.tape));
        }
        Ok(self.tape)
    }

    /// Ticks and lots of all markets, and the markets for which the quantum is too coarse.
    fn fix_units(&mut self, quote_decimals: u32) {
        for (listing, known) in self.tape.listings.iter_mut().zip(&mut self.known) {
            let Need { price_decimals, size_decimals } = known.need;
            if !known.declared {
                listing.price_decimals = price_decimals;
                listing.size_decimals = known.need.lot_decimals(quote_decimals);
            }
            if known.refusal.is_none() && !known.need.is_exact(quote_decimals) {
                // A quantum that was chosen is too coarse only for what the finest does not serve either.
                let quote_decimals = self.quote_decimals.unwrap_or(FINEST);
                known.refusal = Some(SkipReason::Quantum { price_decimals, size_decimals, quote_decimals });
            }
        }
    }

    fn fill_prints(&mut self) {
        for (index, exact_price, exact_size) in std::mem::take(&mut self.prints) {
            let What::Print { market, price, lots, .. } = &mut self.tape.events[index].what else { continue };
            let at = usize::from(*market) - 1;
            let (listing, refusal) = (&self.tape.listings[at], &mut self.known[at].refusal);
            if refusal.is_some() {
                continue;
            }
            match (to_ticks(listing, exact_price), to_lots(listing, exact_size)) {
                (Some(ticks), Some(size)) => (*price, *lots) = (ticks, size),
                (None, _) => {
                    let (price, price_decimals) = (exact_price.to_string(), listing.price_decimals);
                    *refusal = Some(SkipReason::Price { price, price_decimals });
                }
                (_, None) => {
                    let (size, size_decimals) = (exact_size.to_string(), listing.size_decimals);
                    *refusal = Some(SkipReason::Size { size, size_decimals });
                }
            }
        }
    }

    /// Amounts in quanta; rows whose amount is no number of quanta are left out.
    fn fill_amounts(&mut self, quote_decimals: u32) {
        let mut gone = BTreeSet::new();
        for (index, field, exact) in std::mem::take(&mut self.amounts) {
            match to_quanta(exact, quote_decimals) {
                Some(quanta) => set_amount(&mut self.tape.events[index].what, field, quanta),
                None => {
                    gone.insert(index);
                }
            }
        }
        for index in &gone {
            let Event { line, what, .. } = &self.tape.events[*index];
            let (name, line) = (kind(what), *line);
            self.skip_row(name, SkipReason::Amount { quote_decimals }, line);
        }
        let mut index = 0;
        self.tape.events.retain(|_| {
            index += 1;
            !gone.contains(&(index - 1))
        });
    }
}

fn set_amount(what: &mut What, field: Field, quanta: u64) {
    match (what, field) {
        (
            What::Deposit { amount, .. }
            | What::TopUp { amount, .. }
            | What::Withdraw { amount, .. }
            | What::Transfer { amount, .. },
            Field::Amount,
        ) => *amount = quanta,
        (What::LiquidationNotice { notional, .. }, Field::Amount) => *notional = quanta,
        (What::LiquidationNotice { account_value, .. }, Field::AccountValue) => *account_value = quanta,
        _ => {}
    }
}

/// What rows with an amount are called.
fn kind(what: &What) -> &'static str {
    match what {
        What::Deposit { .. } | What::TopUp { .. } => "deposits",
        What::Withdraw { .. } => "withdrawals",
        What::Transfer { .. } => "transfers",
        _ => "liquidation notices",
    }
}

fn none_listed(tape: &Tape) -> WireError {
    let (what, line) = match tape.skipped.iter().find(|skipped| is_market(&skipped.reason)) {
        Some(first) => (format!("market {}: {}", first.name, first.reason), first.line),
        None => ("no market can be listed".to_owned(), 1),
    };
    let (what, line) = match tape.place {
        Place::Line => (what, line),
        Place::Entry => (format!("entry {line}: {what}"), 1),
    };
    Fault::new(what, "no market of the file can be listed: give a file with another").at(&tape.file, line)
}

fn is_market(reason: &SkipReason) -> bool {
    matches!(reason, SkipReason::Quantum { .. } | SkipReason::Price { .. } | SkipReason::Size { .. })
}
