//! The sandwich: an operator names a false price, liquidates at it, and names the true one again. What it takes where he
//! states prices, and where signers do.

use super::prices::{at, list};
use super::*;
use crate::ops::prices::{median, quorum};
use crate::ops::{Fill, Liquidate, Taker, Tick};
use crate::params::U;
use crate::state::{Market, higher_tiers};

/// What five honest signers of seven see, in thousandths, when the price has gone from 100 to 99.5.
const HONEST: [u64; 5] = [99_400, 99_450, 99_500, 99_550, 99_600];
/// The false price.
const FALSE: u64 = 97_886;

/// Owners: the victim, the maker of its position, the operator.
const VICTIM: u8 = 10;
const MAKER: u8 = 11;
const OPERATOR: u8 = 12;
const LOTS: u64 = 1_000;

fn thousandths(price: u64) -> u64 {
    (u128::from(price) * (1 << 32) / 1_000) as u64
}

/// Five markets with an initial fraction of 5.55 % and a maintenance fraction of 5 %; as many price signers.
fn exchange(signers: u8) -> State {
    let tiers = higher_tiers(&[], [55_500, 50_000]).unwrap();
    let listed = Market { initial_fraction: 55_500, tiers, ..market() };
    let markets: BTreeMap<_, _> = (1..=5).map(|id| (id, listed)).collect();
    let mut genesis = Genesis::of(key(1).public_key(), markets, 1_000, Fr::from(77u64));
    genesis.signers = (0..signers).map(|number| key(100 + number).public_key()).collect();
    State::genesis(genesis).unwrap()
}

/// The price of market 1 that a signer states: the first two are corrupt.
fn stated(number: u8, corrupt: u64) -> u64 {
    number.checked_sub(2).map_or(corrupt, |honest| HONEST[usize::from(honest)])
}

fn lists(executor: &mut Executor, epoch: u64, signers: &[u8], of: impl Fn(u8) -> u64) {
    for number in signers {
        let price = of(*number);
        let prices = [thousandths(price), 100 << 32, 100 << 32, 100 << 32, 100 << 32];
        executor.apply(&list(*number, epoch, prices)).unwrap();
    }
}

/// The victim is long of 1,000 lots at 100, after its fee worth `equity` at that price.
fn opened(signers: u8, equity: u64) -> State {
    let mut executor = at(exchange(signers), 1_105);
    if signers > 0 {
        lists(&mut executor, 110, &[2, 3, 4, 5, 6], |_| 100_000);
    }
    let fee = LOTS * 100 * u64::from(market().taker_fee) / 1_000_000;
    for (owner, amount) in [(VICTIM, equity + fee), (MAKER, 1_000_000), (OPERATOR, 1_000_000)] {
        deposit(&mut executor, owner, amount);
    }
    let taker = place(&mut executor, VICTIM, 600, item(1, Side::Buy, 100, LOTS));
    let maker = place(&mut executor, MAKER, 601, item(1, Side::Sell, 100, LOTS));
    executor.apply(&Op::Fill(Fill { taker, maker, lots: LOTS })).unwrap();
    executor.finish().unwrap().0
}

/// What an account is worth at a price, thousandths; quote quanta.
fn worth(state: &State, account: AccountId, price: u64) -> i128 {
    let account = state.account(account).unwrap();
    let size: i64 = account.positions().map(|position| position.size).sum();
    i128::from(account.collateral) + i128::from(size) * i128::from(price) / 1_000
}

/// The operator takes over as many lots as he may at the lowest price that he may. None: nothing is due.
fn liquidate(executor: &mut Executor) -> Option<u64> {
    for limit in 1..=100 {
        let bid = place(executor, OPERATOR, 602, item(1, Side::Buy, limit, LOTS));
        let op = |lots| {
            let (quote, taker) = (u64::from(limit) * lots, Taker::Order(bid));
            Op::Liquidate(Liquidate { account: 600, market: 1, lots, quote, taker })
        };
        let most = (1..=LOTS).rev().find(|lots| executor.check(&op(*lots)).is_ok());
        if let Some(lots) = most {
            executor.apply(&op(lots)).unwrap();
            return Some(lots);
        }
    }
    None
}

/// Where the operator states prices, two batches take nearly all of the victim's equity.
#[test]
fn stated_prices_let_a_sandwich_take_an_accounts_equity() {
    let mut executor = at(opened(0, 5_550), 1_120);
    executor.apply(&Op::Tick(Tick { market: 1, price: thousandths(FALSE), rate: 0 })).unwrap();
    let lots = liquidate(&mut executor).expect("due at the false price");
    let mut executor = at(executor.finish().unwrap().0, 1_140);
    executor.apply(&Op::Tick(Tick { market: 1, price: 100 << 32, rate: 0 })).unwrap();
    let state = executor.finish().unwrap().0;
    let (lost, gained) = (5_550 - worth(&state, 600, 100_000), worth(&state, 602, 100_000) - 1_000_000);
    // The rest is the pool's fee.
    assert_eq!((lots, lost, gained), (952, 5_213, 4_760));
}

/// Where seven sign, two of them with him: no quorum that he may choose has a median outside of the honest prices, and who is
/// safe at all of these is not liquidated.
#[test]
fn signed_prices_bound_a_sandwich_by_the_honest_range() {
    let (safe, thin) = (opened(7, 5_750), opened(7, 5_550));
    let mut reached = std::collections::BTreeSet::new();
    for choice in 0u8..1 << 7 {
        let signers: Vec<u8> = (0..7).filter(|number| choice >> number & 1 == 1).collect();
        if signers.len() < quorum(7) {
            continue;
        }
        for corrupt in [FALSE, HONEST[0], HONEST[2], HONEST[4], 104_000] {
            reached.insert(median(signers.iter().map(|number| stated(*number, corrupt)), 7).unwrap());
        }
    }
    let range = [reached.first(), reached.last()].map(|end| *end.unwrap());
    assert_eq!(range, [HONEST[0], HONEST[4]]);

    // The lowest of them, at which the one is due and the other is not.
    let lots = [&safe, &thin].map(|state| {
        let mut executor = at(state.clone(), 1_120);
        lists(&mut executor, 112, &[0, 1, 2, 3, 4], |number| stated(number, FALSE));
        executor.apply(&Op::Tick(Tick { market: 1, price: thousandths(HONEST[0]), rate: 0 })).unwrap();
        let value = executor.account(600).unwrap().header.total_value() / U;
        (value, liquidate(&mut executor), executor)
    });
    let [(safe_at, none, _), (thin_at, some, executor)] = lots;
    assert_eq!((safe_at, none), (5_149, None));
    let mut executor = at(executor.finish().unwrap().0, 1_140);
    lists(&mut executor, 114, &[2, 3, 4, 5, 6], |number| stated(number, FALSE));
    executor.apply(&Op::Tick(Tick { market: 1, price: thousandths(HONEST[2]), rate: 0 })).unwrap();
    let state = executor.finish().unwrap().0;
    let (lost, gained) = (5_050 - worth(&state, 600, HONEST[2]), worth(&state, 602, HONEST[2]) - 1_000_000);
    assert_eq!((thin_at, some, lost, gained), (4_949, Some(219), 1_091, 985));
}
