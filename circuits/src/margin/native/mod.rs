//! The margin law on integers, one function per rule.
//!
//! Fast paths stay in `i128`, where the widths of `params.rs` fit; only accounts below their initial
//! margin need the wide products of the second legal branch.

mod division;
mod legal;
mod liquidation;
mod settlement;
mod trade;

pub use division::{div_ceil, div_floor};
pub use legal::{legal_change, require_cash_stays, withdrawable};
pub use liquidation::{
    Liquidated, liquidation_fee, liquidation_slope, liquidation_step, not_over_sides, require_not_over,
    zero_price, zero_quote,
};
pub use settlement::{Requirement, Settled, requirement, settle, totals};
pub use trade::{MarketRef, Traded, TradingFee, add_collateral, trade, trading_fee};
