//! What is said to the refused ops of a random run, and to spoiled copies of its ops: a check of the
//! spec, and two sides that stand as they must not.

use std::collections::{BTreeMap, BTreeSet};

use super::random::{Run, fund};
use super::world::World;
use super::*;
use crate::ops::{Fill, Liquidate, Taker, Tick, TransferItem};
use crate::reject::Refusal;
use crate::reject::tests::spec_ids;
use crate::state::PublicKey;

const BATCHES: u64 = 16;
const OPS_PER_BATCH: usize = 300;

fn begin_at(state: State, time: u64) -> Executor {
    let (capacities, signatures) = (Capacities::UNLIMITED, SignatureCheck::Skip);
    Executor::begin(state, BatchContext { time, domain: domain(), capacities, signatures }).unwrap()
}

/// Copies of an op with one part changed, most of them beyond a bound.
fn spoiled(op: &Op, other: OrderId) -> Vec<Op> {
    match op {
        Op::Tick(tick) => vec![
            Op::Tick(Tick { price: 0, ..*tick }),
            Op::Tick(Tick { price: u64::MAX, ..*tick }),
            Op::Tick(Tick { rate: i32::MIN, ..*tick }),
        ],
        Op::Configure(_) => Vec::new(),
        Op::Deposit(deposit) => vec![
            Op::Deposit(Deposit { amount: 0, ..*deposit }),
            Op::Deposit(Deposit { amount: 1 << 63, ..*deposit }),
            Op::Deposit(Deposit { amount: (1 << 63) - 1, ..*deposit }),
            Op::Deposit(Deposit { account: 1, ..*deposit }),
            Op::Deposit(Deposit { mode: Mode::Isolated(9), ..*deposit }),
        ],
        Op::Fill(fill) => {
            let (taker, maker) = (fill.maker, fill.taker);
            let sizes = [0, 1, fill.lots + 1, 40 * fill.lots].map(|lots| Fill { lots, ..*fill });
            let pairs = [Fill { taker, maker, ..*fill }, Fill { maker: other, ..*fill }];
            sizes.into_iter().chain(pairs).map(Op::Fill).collect()
        }
        Op::Liquidate(due) => {
            let Liquidate { lots, quote, market, .. } = *due;
            let sizes = [0, 1, lots + 1, 2 * lots, 1 << 40].map(|lots| Liquidate { lots, ..*due });
            let quotes = [0, quote / 2, quote * 2, 1 << 63].map(|quote| Liquidate { quote, ..*due });
            let bids = [quote, quote + 1, quote * 2].map(|quote| Liquidate {
                taker: Taker::Order(other),
                quote,
                ..*due
            });
            let more = [
                Liquidate { market: 1 + market % 4, ..*due },
                Liquidate { account: 1 + u64::from(market), ..*due },
            ];
            let all = sizes.into_iter().chain(quotes).chain(bids).chain(more);
            all.map(Op::Liquidate).collect()
        }
        Op::Action(action) => spoiled_actions(action),
        Op::CollectFees => Vec::new(),
    }
}

fn spoiled_actions(action: &Action) -> Vec<Op> {
    let mut all = Vec::new();
    let mut add = |spoil: &dyn Fn(&mut Action)| {
        let mut copy = action.clone();
        spoil(&mut copy);
        all.push(Op::Action(Box::new(copy)));
    };
    add(&|a| a.items.clear());
    add(&|a| a.nonce = 0);
    add(&|a| a.nonce += 1 << 21);
    add(&|a| a.nonce = 1 << 40);
    add(&|a| (a.strict, a.nonce) = (true, a.nonce + 5));
    add(&|a| a.lane = Lane::Cancels);
    add(&|a| a.account += 1);
    let items: [fn(&mut Item); 9] = [
        |item| edit(item, |order| order.limit = 0),
        |item| edit(item, |order| order.lots = 1),
        |item| edit(item, |order| order.lots = 1 << 56),
        |item| edit(item, |order| order.expiry = 0),
        |item| edit(item, |order| order.market = 99),
        |item| edit(item, |order| (order.flags.post_only, order.flags.fill_or_kill) = (true, true)),
        |item| amount(item, |amount| *amount = 0),
        |item| amount(item, |amount| *amount *= 40),
        |item| amount(item, |amount| *amount = 1 << 63),
    ];
    for spoil in items {
        add(&|a| a.items.iter_mut().for_each(spoil));
    }
    let to = action.account;
    add(&|a| a.items = vec![Item::Transfer(TransferItem { to, amount: 1, mode: Mode::Cross })]);
    for limits in [vec![1_000_001], vec![1 << 20], vec![5, 6]] {
        add(&|a| a.items = limits.iter().copied().map(Item::SetLeverage).collect());
    }
    let [cross, first, second] = [0, 1, 2].map(|market| Item::SetMode(Mode::from_market(market)));
    for modes in
        [vec![cross], vec![first], vec![second], vec![first, first], vec![Item::SetMode(Mode::Isolated(99))]]
    {
        add(&|a| a.items = modes.clone());
    }
    let (new, invalid) = (key(10).public_key(), PublicKey::IDENTITY);
    for keys in [vec![invalid], vec![new, new]] {
        add(&|a| a.items = keys.iter().copied().map(Item::ChangeKey).collect());
    }
    all
}

fn edit(item: &mut Item, spoil: impl Fn(&mut OrderItem)) {
    if let Item::Order(order) = item {
        spoil(order);
    }
}

fn amount(item: &mut Item, spoil: impl Fn(&mut u64)) {
    match item {
        Item::Withdraw(withdraw) => spoil(&mut withdraw.amount),
        Item::Transfer(transfer) => spoil(&mut transfer.amount),
        Item::Order(_) | Item::Cancel(_) | Item::SetLeverage(_) | Item::SetMode(_) | Item::ChangeKey(_) => {}
        Item::Prices(_) | Item::Premiums(_) => {}
    }
}

/// What was said, counted by reason; panics at a refusal that makes no sense.
struct Said {
    ids: BTreeSet<String>,
    reasons: BTreeMap<Reject, usize>,
    with_sides: usize,
}

impl Said {
    fn note(&mut self, op: &Op, refusal: &Refusal) {
        assert!(self.ids.contains(refusal.id), "{refusal}: no such check, {op:?}");
        assert!(!refusal.contradicts_itself(), "{refusal}, and so it is, {op:?}");
        *self.reasons.entry(refusal.reason).or_default() += 1;
        self.with_sides += usize::from(refusal.has_sides());
    }

    fn all(&mut self, executor: &Executor, op: &Op, other: OrderId) {
        for op in spoiled(op, other) {
            if let Err(ApplyError::Refused(refusal)) = executor.check(&op) {
                self.note(&op, &refusal);
            }
        }
    }
}

#[test]
fn refused_ops_of_a_random_run_are_told_two_sides_that_stand_as_they_must_not() {
    let mut said = Said { ids: spec_ids(), reasons: BTreeMap::new(), with_sides: 0 };
    let world = World { fill_or_kill: 5, parts: 35, step: 20, leveraged: 30, ..World::BUSY };
    let mut run = Run::new(20_261_201, world);
    let mut state = fund(&mut run, genesis(world.markets));
    for number in 1..=BATCHES {
        let mut executor = begin_at(state, 1_001 + 997 * number);
        for op in run.ticks() {
            said.all(&executor, &op, 0);
            executor.apply(&op).unwrap();
        }
        for op in run.liquidations(&executor) {
            let other = run.orders.last().copied().unwrap_or_default();
            said.all(&executor, &op, other);
        }
        for round in 0..OPS_PER_BATCH {
            let op = run.op(&executor);
            let other = run.orders.get(round % run.orders.len().max(1)).copied().unwrap_or_default();
            said.all(&executor, &op, other);
            match executor.apply(&op) {
                Ok(applied) if op != Op::CollectFees => run.note(applied),
                Ok(_) => break,
                Err(ApplyError::Refused(refusal)) => said.note(&op, &refusal),
                Err(other) => panic!("{other}"),
            }
        }
        state = executor.finish().unwrap_or_else(|unfinished| panic!("{unfinished}")).0;
        run.keep_orders(&state);
    }
    let Said { reasons, with_sides, .. } = said;
    assert!(reasons.len() >= 38 && with_sides > 10_000, "{} {with_sides} {reasons:?}", reasons.len());
}
