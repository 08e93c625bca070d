//! Scenarios of the executor, and a long random run under the invariants.

mod accounts;
pub(crate) mod configure;
mod flat;
mod golden;
mod keys;
mod leverage;
mod modes;
pub(crate) mod prices;
pub(crate) mod random;
mod refusals;
mod sandwich;
mod scenarios;
pub(crate) mod world;

use std::collections::BTreeMap;

use ark_bn254::Fr;

use super::*;
use crate::gadgets::signature::SecretKey;
use crate::kinds::*;
use crate::ops::action::SignatureCheck;
use crate::ops::{Action, Deposit, Domain, Item, Lane, Op, OrderItem};
use crate::reject::Reject;
use crate::soundness::fixture::{market, tiered};
use crate::state::{AccountId, Flags, Genesis, MarketId, Mode, OrderId, Side, State};

pub(crate) fn key(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

pub(crate) fn domain() -> Domain {
    Domain { chain_id: 31_337, contract: [9; 20] }
}

/// Markets 1 to `markets` of the fixture, at time 1000: the even ones have tiers.
pub(crate) fn genesis(markets: MarketId) -> State {
    let listed = |id: MarketId| if id.is_multiple_of(2) { tiered() } else { market() };
    let markets: BTreeMap<_, _> = (1..=markets).map(|id| (id, listed(id))).collect();
    State::genesis(Genesis {
        fee_owner: key(1).public_key(),
        markets,
        pools: 0,
        time: 1_000,
        config: Fr::from(77u64),
        signers: Vec::new(),
    })
    .unwrap()
}

pub(crate) fn begin(state: State, capacities: Capacities) -> Executor {
    let time = state.globals().time + 1;
    let signatures = SignatureCheck::Verify;
    Executor::begin(state, BatchContext { time, domain: domain(), capacities, signatures }).unwrap()
}

/// Deposits into a new account of key `number`.
pub(crate) fn deposit(executor: &mut Executor, number: u8, amount: u64) -> AccountId {
    let owner = key(number).public_key();
    let op = Op::Deposit(Deposit { account: 0, owner, mode: Mode::Cross, amount });
    match executor.apply(&op).unwrap() {
        Applied::Deposit { account } => account,
        other => panic!("{other:?}"),
    }
}

/// Items signed by key `number` for `account`, with the next nonce of the order lane.
pub(crate) fn signed(executor: &Executor, number: u8, account: AccountId, items: Vec<Item>) -> Op {
    let nonce = executor.account(account).unwrap().nonces.order + 1;
    let signature = key(number).sign(Fr::from(0u64));
    let mut action = Action { account, lane: Lane::Orders, strict: false, nonce, items, signature };
    action.signature = key(number).sign(action.message(&domain()).hash);
    Op::Action(Box::new(action))
}

pub(crate) fn item(market: MarketId, side: Side, limit: u32, lots: u64) -> OrderItem {
    let flags = Flags::default();
    OrderItem { market, side, limit, lots, flags, max_fee: 1_000, expiry: 1 << 35 }
}

/// The reason of a refusal; None if the op was applied or the batch could not take it.
pub(super) fn reason<T>(result: Result<T, ApplyError>) -> Option<Reject> {
    match result {
        Err(ApplyError::Refused(refusal)) => Some(refusal.reason),
        _ => None,
    }
}

/// Places one order and returns its id.
pub(crate) fn place(executor: &mut Executor, number: u8, account: AccountId, item: OrderItem) -> OrderId {
    let op = signed(executor, number, account, vec![Item::Order(item)]);
    match executor.apply(&op).unwrap() {
        Applied::Action { orders, .. } => orders[0],
        other => panic!("{other:?}"),
    }
}

#[test]
fn begin_checks_the_time() {
    let context = |time| BatchContext {
        time,
        domain: domain(),
        capacities: Capacities::UNLIMITED,
        signatures: SignatureCheck::Verify,
    };
    let error = Executor::begin(genesis(1), context(999)).unwrap_err();
    assert_eq!(error, BeginError::TimeBackwards { last: 1_000, time: 999 });
    assert!(Executor::begin(genesis(1), context(1_000)).is_ok());
    assert_eq!(Executor::begin(genesis(1), context(1 << 40)).unwrap_err(), BeginError::TimeRange(1 << 40));
}
