//! Printed tapes to work: mirrored pairs, liquidations with their pairs, and the rest against the house.
//!
//! Rows of one second are looked at together. A *mirrored pair* is two fills of two users with the same
//! market, price and size on opposite sides: they traded with each other. A liquidation notice takes the
//! pairs of its user. What is left has no counterparty in the file: the house account takes it.

use super::accounts::Parts;
use super::refused::Reason;
use super::tally::Kind;
use super::work::{Forced, Holder, OrderKey, Task, Trade, Work};
use crate::wire::event::{Event, Market, Role, Side, User, What};
use std::collections::{BTreeMap, BTreeSet};

/// One print of a second.
#[derive(Clone, Copy)]
struct Print {
    /// Index among the events of the second: files that are newest first have falling lines.
    index: usize,
    line: u64,
    time: u64,
    user: User,
    market: Market,
    side: Side,
    price: u32,
    lots: u64,
    role: Role,
}

/// What a second's rows turn out to be.
enum Meeting {
    Pair(Print, Print),
    Forced { victim: Print, mirror: Print, notice: u64, notional: Option<u64> },
    Alone(Print),
}

impl Meeting {
    fn index(&self) -> usize {
        match self {
            Self::Pair(a, b) => a.index.min(b.index),
            Self::Forced { victim, mirror, .. } => victim.index.min(mirror.index),
            Self::Alone(print) => print.index,
        }
    }

    fn line(&self) -> u64 {
        match self {
            Self::Pair(a, b) => a.line.min(b.line),
            Self::Forced { victim, mirror, .. } => victim.line.min(mirror.line),
            Self::Alone(print) => print.line,
        }
    }

    fn prints(&self) -> impl Iterator<Item = &Print> {
        let (a, b) = match self {
            Self::Pair(a, b) => (a, Some(b)),
            Self::Forced { mirror, .. } => (mirror, None),
            Self::Alone(print) => (print, None),
        };
        std::iter::once(a).chain(b)
    }
}

/// Work of one second.
pub fn lower_second(events: &[Event]) -> Vec<Work> {
    let prints: Vec<Print> = events.iter().enumerate().filter_map(print).collect();
    let (meetings, unmatched) = meet(&prints, events);
    let prices = prices(&meetings);
    let money = |(index, event)| Some((index, money(event)?));
    let mut work: Vec<(usize, Work)> = events.iter().enumerate().filter_map(money).collect();
    let mut notices = BTreeSet::new();
    for meeting in &meetings {
        let mut lowered = lower(meeting, &prices);
        // A notice over several markets is still one row.
        if let Task::Forced(forced) = &lowered.task {
            lowered.rows += u32::from(notices.insert(forced.notice));
        }
        work.push((meeting.index(), lowered));
    }
    work.extend(unmatched);
    work.sort_by_key(|(index, _)| *index);
    work.into_iter().map(|(_, work)| work).collect()
}

fn print((index, event): (usize, &Event)) -> Option<Print> {
    let What::Print { user, market, side, price, lots, role } = event.what else { return None };
    Some(Print { index, line: event.line, time: event.time, user, market, side, price, lots, role })
}

fn money(event: &Event) -> Option<Work> {
    let task = match event.what {
        What::Deposit { user, mode, amount } => {
            Task::Deposit { to: Holder::user(user, mode), amount, assumed: false }
        }
        What::Withdraw { user, mode, amount } => Task::Withdraw { from: Holder::user(user, mode), amount },
        _ => return None,
    };
    Some(Work { line: event.line, time: event.time, rows: 1, task })
}

/// Pairs first come, first served; then each notice takes the pairs in which its user was the maker
/// (an exchange's liquidations rest in the book of the liquidated user's name). A notice that finds none
/// is work that is refused; its index among the events comes with it.
fn meet(prints: &[Print], events: &[Event]) -> (Vec<Meeting>, Vec<(usize, Work)>) {
    let mut taken = vec![false; prints.len()];
    let mut meetings = Vec::new();
    for i in 0..prints.len() {
        let mirrors = |j: &usize| !taken[*j] && is_mirror(&prints[i], &prints[*j]);
        if taken[i] {
            continue;
        }
        if let Some(j) = (i + 1..prints.len()).find(mirrors) {
            (taken[i], taken[j]) = (true, true);
            meetings.push(Meeting::Pair(prints[i], prints[j]));
        } else {
            meetings.push(Meeting::Alone(prints[i]));
        }
    }
    let mut unmatched = Vec::new();
    for (at, event) in events.iter().enumerate() {
        let What::LiquidationNotice { user, notional, .. } = event.what else { continue };
        let mut found = Vec::new();
        for (index, meeting) in meetings.iter().enumerate() {
            let Meeting::Pair(a, b) = meeting else { continue };
            let (victim, mirror) = if a.user == user { (*a, *b) } else { (*b, *a) };
            if victim.user == user && victim.role == Role::Maker {
                found.push((index, victim, mirror));
            }
        }
        if found.is_empty() {
            unmatched.push((at, hopeless(event)));
        }
        // Of several markets the notice gives the sum only.
        let notional = (found.len() == 1).then_some(notional);
        for (index, victim, mirror) in found {
            meetings[index] = Meeting::Forced { victim, mirror, notice: event.line, notional };
        }
    }
    meetings.sort_by_key(Meeting::index);
    (meetings, unmatched)
}

fn hopeless(event: &Event) -> Work {
    let task = Task::Hopeless { kind: Kind::Liquidation, market: None, reason: Reason::NoTrades };
    Work { line: event.line, time: event.time, rows: 1, task }
}

fn is_mirror(a: &Print, b: &Print) -> bool {
    a.user != b.user
        && a.market == b.market
        && a.price == b.price
        && a.lots == b.lots
        && a.side != b.side
        && a.role != b.role
}

/// Distinct prices of each user's order: an order with one price can be the maker at it.
fn prices(meetings: &[Meeting]) -> BTreeMap<(User, Market, Side), BTreeSet<u32>> {
    let mut prices: BTreeMap<_, BTreeSet<u32>> = BTreeMap::new();
    for print in meetings.iter().flat_map(Meeting::prints) {
        prices.entry((print.user, print.market, print.side)).or_default().insert(print.price);
    }
    prices
}

fn key(print: &Print, price: Option<u32>) -> OrderKey {
    let Print { time, user, market, side, .. } = *print;
    OrderKey::Prints { time, user, market, side, price }
}

fn lower(meeting: &Meeting, prices: &BTreeMap<(User, Market, Side), BTreeSet<u32>>) -> Work {
    let single = |p: &Print| prices.get(&(p.user, p.market, p.side)).is_some_and(|s| s.len() == 1);
    let (rows, print, task) = match meeting {
        Meeting::Alone(print) => {
            let Print { market, side, price, lots, .. } = *print;
            let house = OrderKey::House { market, side: side.opposite(), price };
            let (maker, taker) = if print.role == Role::Maker && single(print) {
                (key(print, None), house)
            } else {
                (house, key(print, None))
            };
            (1, print, Task::Trade(Trade { market, price, lots, maker, taker }))
        }
        Meeting::Pair(a, b) => {
            let (maker, taker) = if a.role == Role::Maker { (a, b) } else { (b, a) };
            let Print { market, price, lots, .. } = *a;
            // The maker's limit is the price: an order over several prices cannot be it.
            let exact = if single(maker) { None } else { Some(price) };
            let (maker, taker) = (key(maker, exact), key(taker, None));
            (2, a, Task::Trade(Trade { market, price, lots, maker, taker }))
        }
        Meeting::Forced { victim, mirror, notice, notional } => {
            let Print { user, market, side, price, lots, .. } = *victim;
            let taker = key(mirror, None);
            let (notice, notional) = (*notice, *notional);
            let forced = Forced { user, market, side, price, lots, taker, notice, notional };
            (2, victim, Task::Forced(forced))
        }
    };
    Work { line: meeting.line(), time: print.time, rows, task }
}

/// Deposits that the tape must have left out: for each account of a user who trades without any, its
/// largest gross notional at trade prices, in whole quote tokens: enough to hold it without leverage.
///
/// `token` is a quote token in quanta; `notional` gives the quote quanta of a tick and a lot, by market.
pub fn assumed_deposits(
    events: &[Event],
    parts: &Parts,
    token: u64,
    notional: impl Fn(Market) -> u64,
) -> BTreeMap<Holder, u64> {
    let mut largest: BTreeMap<Holder, u128> = BTreeMap::new();
    let mut held: BTreeMap<Holder, BTreeMap<Market, (i128, u32)>> = BTreeMap::new();
    for event in events {
        let What::Print { user, market, side, price, lots, .. } = event.what else { continue };
        if !parts.is_undeposited(user) {
            continue;
        }
        let trader = parts.trader(Some(user), market);
        let positions = held.entry(trader).or_default();
        let position = positions.entry(market).or_default();
        let signed = if side == Side::Buy { i128::from(lots) } else { -i128::from(lots) };
        *position = (position.0 + signed, price);
        let value = |(market, (lots, price)): (&Market, &(i128, u32))| {
            lots.unsigned_abs() * u128::from(*price) * u128::from(notional(*market))
        };
        let gross = positions.iter().map(value).sum::<u128>();
        let entry = largest.entry(trader).or_default();
        *entry = gross.max(*entry);
    }
    let token = u128::from(token);
    let whole = |gross: u128| u64::try_from(gross.div_ceil(token).max(1) * token).unwrap_or(u64::MAX >> 1);
    largest.into_iter().map(|(trader, gross)| (trader, whole(gross))).collect()
}
