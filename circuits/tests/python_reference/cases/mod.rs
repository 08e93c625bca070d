//! Cases of each rule, with what the native function answers.

use std::fmt::Display;

use zkmargin_circuits::margin::Header;
use zkmargin_circuits::params::*;
use zkmargin_circuits::reject::{Refusal, Reject};
use zkmargin_circuits::state::{Market, Mode};

pub mod liquidation;
pub mod margin;
pub mod opening;

/// One case: its operands and the native answer, as JSON objects.
pub struct Case {
    pub operands: String,
    pub answer: String,
}

impl Case {
    fn new(operands: &[(&str, &dyn Display)], answer: String) -> Self {
        Self { operands: object(operands), answer }
    }
}

fn object(fields: &[(&str, &dyn Display)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

fn refused(refusal: Refusal) -> String {
    format!("{{\"reject\":\"{:?}\"}}", Reject::from(refusal))
}

const I64: i128 = COLLATERAL_OFFSET;
const SIZE: i128 = (1 << SIZE_BITS) - 1;
const PRICE: i128 = (1 << PRICE_BITS) - 1;
const QUOTE: i128 = (1 << QUOTE_BITS) - 1;
const RATE: i128 = (1 << RATE_BITS) - 1;
/// Bounds of TV, and of requirements.
const VALUE: i128 = (1 << TOTAL_VALUE_BITS) - 1;
const REQUIREMENT: i128 = (1 << (REQUIREMENT_BITS - 1)) - 1;

/// The largest size at a price: `p·|b| < 2^95`.
fn largest_size(price: i128) -> i128 {
    (((1 << POSITION_VALUE_BITS) - 1) / price).min(SIZE)
}

/// A market that takes every operand: no limits, price and rate as stated.
fn market() -> Market {
    Market {
        price: 1,
        max_price: PRICE as u64,
        max_size: SIZE as u64,
        still_age: (1 << AGE_BITS) - 1,
        halt_age: (1 << AGE_BITS) - 1,
        funding_interval: 3_600,
        funding_cap: RATE as u32,
        initial_fraction: 100_000,
        maintenance_fraction: 50_000,
        lot: 1,
        tick_quote: 1,
        min_lots: 1,
        status: STATUS_OPEN,
        ..Market::BLANK
    }
}

/// An account with this total value, scale U, and these requirements, scale U·M.
fn header(value: i128, initial: i128, maintenance: i128) -> Header {
    Header { value: value - 1_000 * U, initial, maintenance, ..Header::flat(1_000, Mode::Cross) }
}
