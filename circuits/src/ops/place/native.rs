use crate::ops::{Context, MarketEntry, OrderItem, first_failure};
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::{AccountId, Order};

/// The order cell of `item`, placed by `account`.
pub fn apply(
    context: &Context,
    account: AccountId,
    item: &OrderItem,
    entry: &MarketEntry,
) -> Result<Order, Refusal> {
    let least = if item.flags.reduce_only { 1 } else { entry.market.min_lots };
    first_failure([
        Check::that("PLC-3", Reject::BadFlags, !item.flags.post_only || item.flags.rests()),
        Check::at_least("PLC-4", Reject::ZeroLimit, item.limit, 1, Unit::Ticks),
        Check::at_least("PLC-5", Reject::BelowMinimumOrder, item.lots, least, Unit::Lots),
        Check::at_least("PLC-6", Reject::OrderExpired, item.expiry, context.time, Unit::Seconds),
    ])?;
    Ok(Order {
        account,
        market: entry.id,
        side: item.side,
        limit: item.limit,
        size: item.lots,
        left: item.lots,
        flags: item.flags,
        max_fee: item.max_fee,
        expiry: item.expiry,
        fee_carry: 0,
    })
}
