//! Our own tapes to work: orders and cancels of one user in one second are signed together.

use super::orders::{is_immediate, postpone};
use super::work::{Holder, Task, Want, Wanted, Work};
use crate::wire::event::{Event, MarginMode, User, What};
use zkmargin_circuits::kinds::Capacities;
use zkmargin_circuits::params::ITEMS_PER_CHUNK;

/// Largest number of items under one signature.
const MAX_ITEMS: usize = 64;
/// Most items under one signature of the house.
const HOUSE_ITEMS: usize = 128;

/// How much one signature may carry for a batch of the shape to hold it.
#[derive(Debug, Clone, Copy)]
pub struct Bulk {
    items: usize,
    orders: usize,
    cancels: usize,
}

impl Bulk {
    /// The limits of a shape.
    pub fn of(capacities: &Capacities) -> Self {
        Self {
            items: capacities["chunks"].saturating_mul(ITEMS_PER_CHUNK),
            orders: capacities["places"],
            // Each closes a resting order, whose leaf takes a row.
            cancels: capacities["cancels"].min(capacities["orders"]),
        }
    }

    /// Most orders of the house under one signature.
    pub fn house(&self) -> usize {
        self.items.min(self.orders).clamp(1, HOUSE_ITEMS)
    }

    fn takes(&self, wants: &[Wanted], another: &Want) -> bool {
        let orders = wants.iter().filter(|wanted| matches!(wanted.want, Want::Order(_))).count();
        let room = match another {
            Want::Order(_) => orders < self.orders,
            Want::Cancel(_) => wants.len() - orders < self.cancels,
        };
        room && wants.len() < self.items.min(MAX_ITEMS)
    }
}

/// Work of a run of events; `mode_of` finds the account that an order's cancel must come from.
pub fn lower(
    events: &[Event],
    bulk: Bulk,
    mode_of: impl Fn(u32) -> MarginMode,
    oracle: impl Fn(&Event) -> Option<Task>,
) -> Vec<Work> {
    let mut work: Vec<Work> = Vec::new();
    for (time, event) in postpone(events) {
        let (account, want) = match &event.what {
            What::Order(request) => ((request.user, request.mode), Want::Order(request.clone())),
            What::Cancel { user, order } => ((*user, mode_of(*order)), Want::Cancel(*order)),
            _ => {
                let task = plain(event).or_else(|| oracle(event));
                work.extend(task.map(|task| Work { line: event.line, time, rows: 1, task }));
                continue;
            }
        };
        let wanted = Wanted { line: event.line, want };
        if let Some(task) = act(&mut work, time, account, wanted, bulk) {
            work.push(Work { line: event.line, time, rows: 1, task });
        }
    }
    work
}

/// The task of an event that needs nothing but itself.
fn plain(event: &Event) -> Option<Task> {
    match event.what {
        What::Deposit { user, mode, amount } => {
            Some(Task::Deposit { to: Holder::user(user, mode), amount, assumed: false })
        }
        What::TopUp { market, amount } => Some(Task::TopUp { market, amount }),
        What::Withdraw { user, mode, amount } => {
            Some(Task::Withdraw { from: Holder::user(user, mode), amount })
        }
        What::Transfer { user, from, to, amount } => Some(Task::Transfer { user, from, to, amount }),
        What::SetLeverage { user, mode, limit } => {
            Some(Task::SetLeverage { account: Holder::user(user, mode), limit })
        }
        What::SetMode { user, from, to } => Some(Task::SetMode { user, from, to }),
        What::ChangeKey { user, mode } => Some(Task::ChangeKey { account: Holder::user(user, mode) }),
        What::Match { maker, taker, lots } => Some(Task::Match { maker, taker, lots }),
        What::Liquidate { user, mode, market, lots, price, taker } => {
            Some(Task::Liquidate { user, mode, market, lots, price, taker })
        }
        _ => None,
    }
}

/// Adds an item to the action just before it, if that is the same account's in the same second; else
/// gives an action of its own. An order that lives for one batch is always alone: it is refused with its
/// fills.
fn act(
    work: &mut [Work],
    time: u64,
    account: (User, MarginMode),
    wanted: Wanted,
    bulk: Bulk,
) -> Option<Task> {
    let alone = |wanted: &Wanted| matches!(&wanted.want, Want::Order(request) if is_immediate(request));
    let last = work.last_mut().filter(|last| last.time == time && !alone(&wanted));
    if let Some(Work { rows, task: Task::Act { user, mode, wants }, .. }) = last
        && (*user, *mode) == account
        && !wants.iter().any(alone)
        && bulk.takes(wants, &wanted.want)
    {
        wants.push(wanted);
        *rows += 1;
        return None;
    }
    let (user, mode) = account;
    Some(Task::Act { user, mode, wants: vec![wanted] })
}
