//! Place: an order item becomes an order cell.
//!
//! - **Moves**: a new order with `left = size` and no carry of fees; the order counter by one.
//! - **Needs**: a listed market.
//! - **Signs**: the action that carries the item.
//! - **Rejects**, in order: `BadFlags` (post-only with IOC or FOK), `ZeroLimit`, `BelowMinimumOrder`
//!   (a reduce-only order needs one lot only, so that any remainder can be closed), `OrderExpired`.
//!   The executor: `UnknownMarket`, `OrderIdsExhausted`.
//! - **Rounds**: nothing.
//! - **Cells**: the order is created at 16T; the market is looked up. Ids follow the order of place rows.

pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod native;
#[cfg(test)]
mod tests;

pub use circuit::PlaceRecord;
pub use native::apply;
