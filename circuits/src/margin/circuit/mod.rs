//! The margin law on variables, one function per rule: same names and order of checks as the native
//! half. Widths come from `params.rs`; spec: `margin-circuit.md`.
//!
//! Values of cells are advice that the bus fixes: whoever first sent them ranged them. So the types
//! here take their widths for granted, and every function that makes a new value says how it stays
//! in its width.

use ark_bn254::Fr;

use super::native::Requirement;
use super::{Header, PositionCell};
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int, fr_from_i128};
use crate::gadgets::var::{Committed, Var};
use crate::params::{
    COLLATERAL_BITS, FRACTION_BITS, MARKET_BITS, PRICE_SCALE_BITS, QUOTE_BITS, REQUIREMENT_BITS, SIZE_BITS,
    SLOTS, VALUE_BITS,
};

mod legal;
mod liquidation;
mod market;
mod requirement;
mod trade;

pub use legal::{ChangeBits, PaidVar, is_healthy, legal_change, legal_change_without_fee};
pub use liquidation::{
    ClosedFrom, LiquidatedSize, liquidation_fee, liquidation_rate, require_not_over, zero_price, zero_quote,
};
pub use market::MarketVar;
pub use requirement::{RequirementVar, TiersOf, least_fraction, maintenance, requirement};
pub use trade::{
    Holding, MarketRefVar, TradeSide, TradedVar, add_collateral, carry_kept, pay_fee, trade, trading_fee,
};

/// Bits of `|X|`: 16 entry quotes.
pub const ENTRY_SUM_BITS: u32 = QUOTE_BITS + SLOTS.ilog2();

/// Bits of the number of still markets that an account holds: 16 at most.
pub const STILL_BITS: u32 = SLOTS.ilog2() + 1;

/// A value before and after a change.
#[derive(Clone, Copy, Debug)]
pub struct Change<T> {
    pub before: T,
    pub after: T,
}

/// [`Header`] on variables, in the order of the HEADER tuple.
#[derive(Clone, Debug)]
pub struct HeaderVar {
    pub collateral: Int,
    pub value: Int,
    pub initial: Int,
    pub maintenance: Int,
    pub entry: Int,
    pub mode_market: Int,
    pub leverage_limit: Int,
    /// Number of still markets held at the opening.
    pub still: Int,
}

impl HeaderVar {
    /// Advice that the HEADER tuple fixes.
    pub fn hint(cs: &mut Cs<'_>, header: &Header) -> Self {
        let mut cell = |name, value: i128, bits| Int::new_unchecked(cs.hint(name, fr_from_i128(value)), bits);
        Self {
            collateral: cell("header.collateral", header.collateral.into(), COLLATERAL_BITS),
            value: cell("header.value", header.value, VALUE_BITS),
            initial: cell("header.initial", header.initial, REQUIREMENT_BITS),
            maintenance: cell("header.maintenance", header.maintenance, REQUIREMENT_BITS),
            entry: cell("header.entry", header.entry, ENTRY_SUM_BITS),
            mode_market: cell("header.mode_market", header.mode_market().into(), MARKET_BITS),
            leverage_limit: cell("header.leverage_limit", header.leverage_limit.into(), FRACTION_BITS),
            still: cell("header.still", header.still.into(), STILL_BITS),
        }
    }

    /// Components 1 to 8 of the HEADER tuple.
    pub fn tuple(&self) -> [Var<Committed>; 8] {
        [
            &self.collateral,
            &self.value,
            &self.initial,
            &self.maintenance,
            &self.entry,
            &self.mode_market,
            &self.leverage_limit,
            &self.still,
        ]
        .map(|cell| cell.var().clone())
    }

    /// `TV = C·U + W`, scale U. Free.
    pub fn total_value(&self) -> Int {
        self.collateral.shift(PRICE_SCALE_BITS).add(&self.value)
    }

    /// `M·TV - IMR`: not negative in a healthy account. Free.
    pub fn initial_excess(&self) -> Int {
        self.total_value().scale(crate::params::M as u64).sub(&self.initial)
    }

    /// `M·TV - MMR`: negative in a liquidatable account. Free.
    pub fn maintenance_excess(&self) -> Int {
        self.total_value().scale(crate::params::M as u64).sub(&self.maintenance)
    }
}

/// [`PositionCell`] on variables with what it requires, in the order of the POSITION tuple.
#[derive(Clone, Debug)]
pub struct PositionVar {
    pub size: Int,
    pub entry_quote: Int,
    /// Its part of the account's IMR and MMR, as the slot or the trade before has computed them.
    pub initial: Int,
    pub maintenance: Int,
}

impl PositionVar {
    /// Advice that the POSITION tuple fixes.
    pub fn hint(cs: &mut Cs<'_>, position: &PositionCell, required: &Requirement) -> Self {
        let mut cell = |name, value: Fr, bits| Int::new_unchecked(cs.hint(name, value), bits);
        let PositionCell { size, entry_quote } = position;
        Self {
            size: cell("position.size", fr_from_i128((*size).into()), SIZE_BITS),
            entry_quote: cell("position.entry_quote", Fr::from(*entry_quote), QUOTE_BITS),
            initial: cell("position.initial", fr_from_i128(required.initial), REQUIREMENT_BITS),
            maintenance: cell("position.maintenance", fr_from_i128(required.maintenance), REQUIREMENT_BITS),
        }
    }

    /// The position with its sign and magnitude. Cost: 7 at 13 bits per limb.
    pub fn held(&self, cs: &mut Cs<'_>) -> HeldVar {
        let (short, magnitude) = self.size.sign_and_magnitude(&mut cs.check("TRADE-2"));
        HeldVar { cell: self.clone(), short, magnitude }
    }

    /// Components 1 to 4 of the POSITION tuple.
    pub fn tuple(&self) -> [Var<Committed>; 4] {
        [&self.size, &self.entry_quote, &self.initial, &self.maintenance].map(|cell| cell.var().clone())
    }
}

/// A position with its sign and magnitude; a flat one counts as long.
#[derive(Clone, Debug)]
pub struct HeldVar {
    pub cell: PositionVar,
    pub short: Bit,
    pub magnitude: Int,
}
