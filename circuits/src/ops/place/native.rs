use crate::ops::{Context, MarketEntry, OrderItem};
use crate::reject::Reject;
use crate::state::{AccountId, Order};

/// The order cell of `item`, placed by `account`.
pub fn apply(
    context: &Context,
    account: AccountId,
    item: &OrderItem,
    entry: &MarketEntry,
) -> Result<Order, Reject> {
    if item.flags.post_only && !item.flags.rests() {
        return Err(Reject::BadFlags);
    }
    if item.limit == 0 {
        return Err(Reject::ZeroLimit);
    }
    let least = if item.flags.reduce_only { 1 } else { u64::from(entry.market.min_lots) };
    if item.lots < least {
        return Err(Reject::BelowMinimumOrder);
    }
    if item.expiry < context.time {
        return Err(Reject::OrderExpired);
    }
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
    })
}
