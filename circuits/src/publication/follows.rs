//! Every batch that a test finishes is decoded and applied: the bytes alone give the state.

use super::{Deployment, decode, elements, publish};
use crate::kinds::{Capacities, Trace};
use crate::params::FIRST_USER_ACCOUNT;
use crate::state::State;

/// The bytes of a batch in a shape that has as many rows as the batch uses.
pub fn bytes(trace: &Trace) -> (Vec<u8>, Capacities) {
    let capacities = trace.usage();
    let deployment = Deployment { shape_id: 1, key_id: [5; 31] };
    (publish(&elements(trace, &capacities, &deployment).expect("rows for all")), capacities)
}

/// The state before and the bytes give the state after: cells, tree, counters and sums. Batches of attacks that
/// create an account below the users' ids are no batches.
pub fn from_bytes(before: State, trace: &Trace, after: &State) {
    if before.next_account < FIRST_USER_ACCOUNT {
        return;
    }
    let (bytes, capacities) = bytes(trace);
    let batch = decode(&bytes, &capacities).unwrap_or_else(|error| panic!("decoding: {error}"));
    let mut state = before;
    let applied = state.apply(&batch).unwrap_or_else(|difference| panic!("applying: {difference}"));
    assert_eq!((state.root(), state.globals), (after.root(), after.globals));
    assert!(state.accounts == after.accounts, "accounts");
    assert!(state.orders == after.orders, "orders");
    assert_eq!(state.markets, after.markets);
    assert_eq!((state.ledger, state.next_account), (after.ledger, after.next_account));
    assert_eq!(applied.placed, after.globals.next_order - trace.old_globals.next_order);
}
