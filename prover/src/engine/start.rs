//! Where a replay starts: the listed markets, and the tape as work.

use super::accounts::Parts;
use super::market::{self, exact_price};
use super::refused::Reason;
use super::requests::Bulk;
use super::tally::Kind;
use super::wallets::Wallets;
use super::work::{Holder, Task, Work};
use super::{EngineError, prints, requests};
use crate::record::genesis::GenesisFile;
use crate::wire::event::{Event, MarginMode, Market, What};
use crate::wire::quanta::{FINEST, MAX_AMOUNT};
use crate::wire::{SkipReason, Tape};
use std::collections::BTreeMap;
use zkmargin_circuits::kinds::Capacities;
use zkmargin_circuits::params::EPOCH_SECONDS;
use zkmargin_circuits::state::{PublicKey, State};

/// What the house brings to every market: a thousand million quote tokens.
const HOUSE_TOKENS: u64 = 1_000_000_000;
const _: () = assert!((HOUSE_TOKENS as i128) * 10i128.pow(FINEST) < MAX_AMOUNT);

/// The markets as listed, an empty exchange. Markets that the protocol refuses leave the tape with their rows,
/// which are counted there. With price signers it begins an epoch before the tape, so that the first row may have signed
/// prices.
///
/// Errors: no market of the tape can be listed; the protocol refuses the start.
pub(super) fn genesis(
    tape: &mut Tape,
    wallets: &Wallets,
    signers: &[PublicKey],
) -> Result<(State, GenesisFile), EngineError> {
    let before = if signers.is_empty() { 0 } else { EPOCH_SECONDS };
    let time = tape.events.first().map_or(0, |event| event.time.saturating_sub(before));
    let mut markets = BTreeMap::new();
    let (mut reasons, mut first) = (BTreeMap::new(), None);
    for (listing, id) in tape.listings.iter().zip(1..) {
        match market::market(listing, tape.quote_decimals, time) {
            Ok(market) => {
                markets.insert(markets.len() as Market + 1, market);
            }
            Err(source) => {
                reasons.insert(id, (SkipReason::Protocol(source.to_string()), 1));
                first.get_or_insert(source);
            }
        }
    }
    if let Some(source) = first.filter(|_| markets.is_empty()) {
        return Err(EngineError::Listing { file: tape.file.clone(), source });
    }
    tape.skip_markets(reasons);
    let owner = wallets.exchange().public;
    let file = GenesisFile::new(time, tape.quote_decimals, owner, signers, &tape.listings, &markets);
    let started = file.and_then(|file| Ok((file.state()?, file)));
    started.map_err(|source| EngineError::Genesis { file: tape.file.clone(), source })
}

/// Whether a tape prints trades; else it names orders and their matches.
pub(super) fn is_printed(tape: &Tape) -> bool {
    tape.events.iter().any(|event| matches!(event.what, What::Print { .. }))
}

/// A whole tape of named orders as work.
pub(super) fn lower_requests(tape: &Tape, state: &State, capacities: &Capacities) -> Vec<Work> {
    let mut modes = vec![MarginMode::Cross; tape.orders.len()];
    for event in &tape.events {
        if let What::Order(request) = &event.what {
            modes[request.name as usize] = request.mode;
        }
    }
    let mode_of = |name: u32| modes.get(name as usize).copied().unwrap_or(MarginMode::Cross);
    let oracle = |event: &Event| {
        let What::Tick { market, price, rate } = event.what else { return None };
        let exact = state.market(market).zip(tape.listings.get(usize::from(market) - 1)).and_then(
            |(listed, listing)| exact_price(price, listing.size_decimals, tape.quote_decimals, listed.lot),
        );
        Some(match exact {
            Some(price) => Task::Tick { market, price, rate },
            None => Task::Hopeless { kind: Kind::Tick, market: Some(market), reason: Reason::PriceWidth },
        })
    };
    requests::lower(&tape.events, Bulk::of(capacities), mode_of, oracle)
}

/// A whole tape of prints as work, with the house and the deposits that the tape leaves out.
pub(super) fn lower_prints(tape: &Tape, state: &State, parts: &Parts) -> Vec<Work> {
    let token = 10u64.pow(tape.quote_decimals);
    let tick_quote = |market| state.market(market).map_or(0, |market| market.tick_quote);
    let mut waiting = prints::assumed_deposits(&tape.events, parts, token, tick_quote);
    let deposit = |event: &Event, to: Holder, amount| Work {
        line: event.line,
        time: event.time,
        rows: 0,
        task: Task::Deposit { to, amount, assumed: true },
    };
    let mut work = Vec::new();
    if let Some(first) = tape.events.first() {
        work.extend(
            parts.houses(tape.listings.len()).map(|house| deposit(first, house, HOUSE_TOKENS * token)),
        );
    }
    for second in tape.events.chunk_by(|a, b| a.time == b.time) {
        for event in second {
            let What::Print { user, market, .. } = event.what else { continue };
            let trader = parts.trader(Some(user), market);
            if let Some(amount) = waiting.remove(&trader) {
                work.push(deposit(event, trader, amount));
            }
        }
        work.extend(prints::lower_second(second));
    }
    work
}
