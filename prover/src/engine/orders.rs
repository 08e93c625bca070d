//! Orders that a tape names: which of them live for one batch only, and where a batch may not end.
//!
//! What is left of an immediate-or-cancel or fill-or-kill order ends with its batch. So such an order is
//! placed directly before it is used first ([`postpone`]), and a batch does not end between its placing
//! and its last fill ([`Orders::cut`]), unless no batch could hold them.

use super::work::{Task, Want, Wanted, Work};
use crate::wire::event::{Event, Market, OrderName, OrderRequest, What};
use std::collections::{BTreeSet, HashMap};

/// From where to where in the work an immediate order is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Life {
    /// Index of its placing.
    first: usize,
    /// Index of its last fill.
    last: usize,
    /// Filled whole or not at all.
    whole: bool,
}

/// What is known of the orders that a tape names.
#[derive(Debug, Clone, Default)]
pub struct Orders {
    /// Market and last second of each order, by name.
    terms: Vec<(Market, Option<u64>)>,
    lives: HashMap<OrderName, Life>,
    /// Names by the index of their placing.
    by_place: Vec<(usize, OrderName)>,
    /// Fill-or-kill orders that are refused together with all of their fills.
    struck: BTreeSet<OrderName>,
}

/// What to do where no batch can hold all that belongs together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// End the batch here: the fills beyond find that their order has ended.
    Cut(usize),
    /// Refuse this fill-or-kill order and its fills.
    Strike(OrderName),
}

impl Orders {
    /// The orders of a tape and where they are in its work.
    pub fn of(events: &[Event], work: &[Work]) -> Self {
        let mut terms = Vec::new();
        for event in events {
            if let What::Order(request) = &event.what {
                let index = request.name as usize;
                terms.resize(terms.len().max(index + 1), (0, None));
                terms[index] = (request.market, request.terms.expiry);
            }
        }
        let mut orders = Self { terms, ..Self::default() };
        orders.renumber(work);
        orders
    }

    /// Finds the orders again in work that has changed.
    pub fn renumber(&mut self, work: &[Work]) {
        let mut lives: HashMap<OrderName, Life> = HashMap::new();
        for (index, work) in work.iter().enumerate() {
            match &work.task {
                Task::Act { wants, .. } => {
                    for Wanted { want, .. } in wants {
                        let Want::Order(request) = want else { continue };
                        if is_immediate(request) {
                            let whole = request.terms.fok;
                            lives.insert(request.name, Life { first: index, last: index, whole });
                        }
                    }
                }
                Task::Match { maker, taker, .. } => {
                    for name in [maker, taker] {
                        if let Some(life) = lives.get_mut(name) {
                            life.last = index;
                        }
                    }
                }
                _ => {}
            }
        }
        let mut by_place: Vec<_> = lives.iter().map(|(name, life)| (life.first, *name)).collect();
        by_place.sort_unstable();
        (self.lives, self.by_place) = (lives, by_place);
    }

    /// The market of an order.
    pub fn market(&self, name: OrderName) -> Option<Market> {
        self.terms.get(name as usize).map(|(market, _)| *market)
    }

    /// The last second at which the batch of this work may be, for the work to be possible.
    pub fn deadline(&self, work: &Work) -> Option<u64> {
        let expiry = |name: &OrderName| {
            let (_, expiry) = self.terms.get(*name as usize)?;
            // What has expired already is refused in any batch.
            expiry.filter(|expiry| *expiry >= work.time)
        };
        match &work.task {
            Task::Act { wants, .. } => {
                let name = |wanted: &Wanted| match &wanted.want {
                    Want::Order(request) => Some(request.name),
                    Want::Cancel(_) => None,
                };
                wants.iter().filter_map(name).filter_map(|name| expiry(&name)).min()
            }
            Task::Match { maker, taker, .. } => [maker, taker].into_iter().filter_map(expiry).min(),
            Task::Liquidate { taker, .. } => taker.as_ref().and_then(expiry),
            _ => None,
        }
    }

    /// The orders whose life spans index `end` and starts at `from` or later: those that a batch which
    /// begins at `from` and ends before `end` would part from a fill.
    fn parted(&self, from: usize, end: usize) -> impl Iterator<Item = (OrderName, Life)> {
        let start = self.by_place.partition_point(|(place, _)| *place < from);
        let near = self.by_place[start..].iter().take_while(move |(place, _)| *place < end);
        near.filter_map(move |(_, name)| {
            let life = *self.lives.get(name)?;
            (life.last >= end && !self.struck.contains(name)).then_some((*name, life))
        })
    }

    /// The last index up to `end` at which a batch that begins at `from` parts no order from its fills;
    /// `from` if there is none.
    pub fn cut(&self, from: usize, end: usize) -> usize {
        let mut end = end;
        while let Some(first) = self.parted(from, end).map(|(_, life)| life.first).min() {
            end = first;
        }
        end
    }

    /// How to go on where [`Self::cut`] leaves nothing and the batch cannot reach beyond `end`.
    pub fn part(&self, from: usize, end: usize) -> Parting {
        let mut cut = end;
        while cut > from {
            let whole = self.parted(from, cut).filter(|(_, life)| life.whole);
            match whole.min_by_key(|(_, life)| life.first) {
                None => return Parting::Cut(cut),
                Some((name, life)) if life.first == from => return Parting::Strike(name),
                Some((_, life)) => cut = life.first,
            }
        }
        Parting::Cut(end)
    }

    /// Refuses a fill-or-kill order with all of its fills. Gives the number of rows that go with it: not
    /// those that went with another order.
    pub fn strike(&mut self, name: OrderName, work: &[Work]) -> u64 {
        let Some(life) = self.lives.get(&name) else { return 0 };
        let this = BTreeSet::from([name]);
        let none = BTreeSet::new();
        let mine = |work: &&Work| self.is_struck(work, &this) && !self.is_struck(work, &none);
        let rows = work[life.first..=life.last].iter().filter(mine).count();
        self.struck.insert(name);
        rows as u64
    }

    /// Whether the work belongs to an order that was struck, or is among `also`: its rows are refused
    /// with the order.
    pub fn is_struck(&self, work: &Work, also: &BTreeSet<OrderName>) -> bool {
        if self.struck.is_empty() && also.is_empty() {
            return false;
        }
        let gone = |name: &OrderName| self.struck.contains(name) || also.contains(name);
        match &work.task {
            Task::Act { wants, .. } => match wants.as_slice() {
                [Wanted { want: Want::Order(request), .. }] => gone(&request.name),
                _ => false,
            },
            Task::Match { maker, taker, .. } => gone(maker) || gone(taker),
            _ => false,
        }
    }

    /// Index of the work that places an immediate order.
    pub fn place(&self, name: OrderName) -> Option<usize> {
        self.lives.get(&name).map(|life| life.first)
    }
}

/// Whether what is left of the order ends with its batch.
pub const fn is_immediate(request: &OrderRequest) -> bool {
    request.terms.ioc || request.terms.fok
}

/// The events in the order in which they are worked off: an immediate order comes directly before the
/// first event that uses it, at the time of that event. Readers refuse a use before the order.
pub fn postpone(events: &[Event]) -> Vec<(u64, &Event)> {
    let mut waiting: HashMap<OrderName, &Event> = HashMap::new();
    let used: BTreeSet<OrderName> = events.iter().flat_map(uses).flatten().copied().collect();
    let mut order = Vec::with_capacity(events.len());
    for event in events {
        if let What::Order(request) = &event.what
            && is_immediate(request)
            && used.contains(&request.name)
        {
            waiting.insert(request.name, event);
            continue;
        }
        for name in uses(event).into_iter().flatten() {
            order.extend(waiting.remove(name).map(|placed| (event.time, placed)));
        }
        order.push((event.time, event));
    }
    order
}

/// The orders that an event needs: two at most.
fn uses(event: &Event) -> [Option<&OrderName>; 2] {
    match &event.what {
        What::Match { maker, taker, .. } => [Some(maker), Some(taker)],
        What::Cancel { order, .. } => [Some(order), None],
        What::Liquidate { taker, .. } => [taker.as_ref(), None],
        _ => [None, None],
    }
}
