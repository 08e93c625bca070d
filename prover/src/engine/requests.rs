//! Our own tapes to work: orders and cancels of one user in one second are signed together.

use super::work::{Task, Want, Work};
use crate::wire::event::{Event, Pocket, User, What};

/// Largest number of items under one signature.
pub const MAX_ITEMS: usize = 64;

/// Work of a run of events; `pocket_of` finds the account that an order's cancel must come from.
pub fn lower(
    events: &[Event],
    pocket_of: impl Fn(u32) -> Pocket,
    oracle: impl Fn(&Event) -> Option<Task>,
) -> Vec<Work> {
    let mut work: Vec<Work> = Vec::new();
    for event in events {
        let task = match &event.what {
            What::Deposit { user, pocket, amount } => {
                Task::Deposit { owner: Some(*user), pocket: *pocket, amount: *amount, assumed: false }
            }
            What::Withdraw { user, pocket, amount } => {
                Task::Withdraw { user: *user, pocket: *pocket, amount: *amount }
            }
            What::Transfer { user, from, to, amount } => {
                Task::Transfer { user: *user, from: *from, to: *to, amount: *amount }
            }
            What::Order(request) => {
                let want = Want::Order(request.clone());
                if join(&mut work, event, (request.user, request.pocket), &want) {
                    continue;
                }
                Task::Act { user: request.user, pocket: request.pocket, wants: vec![want] }
            }
            What::Cancel { user, order } => {
                let (want, pocket) = (Want::Cancel(*order), pocket_of(*order));
                if join(&mut work, event, (*user, pocket), &want) {
                    continue;
                }
                Task::Act { user: *user, pocket, wants: vec![want] }
            }
            What::Match { maker, taker, lots } => Task::Match { maker: *maker, taker: *taker, lots: *lots },
            What::Liquidate { user, pocket, market, lots, price, taker } => Task::Liquidate {
                user: *user,
                pocket: *pocket,
                market: *market,
                lots: *lots,
                price: *price,
                taker: *taker,
            },
            What::Tick { .. } => match oracle(event) {
                Some(task) => task,
                None => continue,
            },
            What::Print { .. } | What::LiquidationNotice { .. } => continue,
        };
        work.push(Work { line: event.line, time: event.time, rows: 1, task });
    }
    work
}

/// Adds an item to the action just before it, if that is the same account's in the same second.
fn join(work: &mut [Work], event: &Event, account: (User, Pocket), want: &Want) -> bool {
    let Some(last) = work.last_mut().filter(|last| last.time == event.time) else { return false };
    let Task::Act { user, pocket, wants } = &mut last.task else { return false };
    if (*user, *pocket) != account || wants.len() >= MAX_ITEMS {
        return false;
    }
    wants.push(want.clone());
    last.rows += 1;
    true
}
