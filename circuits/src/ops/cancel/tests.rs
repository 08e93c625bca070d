use super::*;
use crate::reject::Reject;
use crate::soundness::fixture::order;
use crate::state::{AccountId, Flags, Order, Side};

fn run(account: AccountId, order: &Order) -> Result<Order, Reject> {
    apply(account, order).map_err(Reject::from)
}

#[test]
fn cancels_only_own_living_orders_even_expired() {
    let alive = Order { expiry: 1, ..order(600, Side::Buy) };
    assert_eq!(run(600, &alive), Ok(Order { left: 0, ..alive }));
    assert_eq!(run(601, &alive), Err(Reject::NotOrderOwner));
    let mut whole = alive;
    whole.flags.fill_or_kill = true;
    assert!(run(600, &whole).is_ok());
    for left in [1, whole.size - 1] {
        let part = Order { left, ..whole };
        assert_eq!(run(600, &part), Err(Reject::FillOrKill));
        assert_eq!(run(601, &part), Err(Reject::NotOrderOwner));
        let immediate = Flags { immediate_or_cancel: true, fill_or_kill: false, ..part.flags };
        assert!(run(600, &Order { flags: immediate, ..part }).is_ok());
    }
    let dead = Order { left: 0, ..alive };
    assert_eq!(run(600, &dead), Err(Reject::UnknownOrder));
    assert_eq!(run(601, &dead), Err(Reject::UnknownOrder));
}
