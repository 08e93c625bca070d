//! Cases of each rule, with what the native function answers.

use std::fmt::Display;

use zkmargin_circuits::margin::Header;
use zkmargin_circuits::params::*;
use zkmargin_circuits::reject::{Refusal, Reject};
use zkmargin_circuits::state::{Market, Mode, Tier, higher_tiers};

use crate::draw::Draw;

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

/// A market at a price, with tiers of which some begin near a value of scale U; and its tiers, `[from, imf, mmf]`.
fn tiered(draw: &mut Draw, price: i128, near: i128) -> (Market, String) {
    let mut begins: Vec<i128> =
        (0..draw.within(0, HIGHER_TIERS as i128))
            .map(|_| {
                if draw.coin() {
                    draw.near(near >> PRICE_SCALE_BITS, 0, QUOTE)
                } else {
                    draw.within(0, QUOTE)
                }
            })
            .collect();
    begins.sort_unstable();
    let mut fractions = |count| {
        let mut fractions: Vec<i128> = (0..count).map(|_| draw.within(1, M)).collect();
        fractions.sort_unstable();
        fractions
    };
    let (initial, maintenance) = (fractions(begins.len() + 1), fractions(begins.len() + 1));
    let listed: Vec<[i128; 3]> = [0]
        .iter()
        .chain(&begins)
        .zip(initial.iter().zip(&maintenance))
        .map(|(from, (imf, mmf))| [*from, *imf, *mmf])
        .collect();
    let higher: Vec<Tier> = listed[1..]
        .iter()
        .map(|[from, imf, mmf]| Tier {
            from: *from as u64,
            initial_fraction: *imf as u32,
            maintenance_fraction: *mmf as u32,
        })
        .collect();
    let first = [listed[0][1] as u32, listed[0][2] as u32];
    let market = Market {
        price: price as u64,
        initial_fraction: first[0],
        maintenance_fraction: first[1],
        tiers: higher_tiers(&higher, first).expect("as many as there may be"),
        ..market()
    };
    (market, format!("{listed:?}"))
}

/// An account with this total value, scale U, and these requirements, scale U·M.
fn header(value: i128, initial: i128, maintenance: i128) -> Header {
    Header { value: value - 1_000 * U, initial, maintenance, ..Header::flat(1_000, Mode::Cross) }
}
