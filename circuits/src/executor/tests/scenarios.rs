use super::*;
use crate::executor::invariants;
use crate::leaves::account::AccountRecord;
use crate::leaves::market::MarketRecord;
use crate::leaves::order::OrderRecord;
use crate::margin::Header;
use crate::ops::action::ActionRecord;
use crate::ops::collect_fees::CollectFeesRecord;
use crate::ops::deposit::DepositRecord;
use crate::ops::fill::{FillAmounts, FillRecord};
use crate::ops::place::PlaceRecord;
use crate::ops::{Fill, Tick, TransferItem, WithdrawItem};
use crate::params::{FIRST_USER_ACCOUNT, SLOTS, TOUCHES_PER_ROW};
use crate::publication::{Deployment, elements};
use crate::state::tree::{NodeTouch, account_leaf, order_leaf};
use ark_ff::Zero;

pub(super) fn finish(executor: Executor) -> (State, Trace) {
    let usage = *executor.usage();
    let dust = executor.state().ledger().dust;
    let (state, trace) = executor.finish().unwrap();
    invariants::check(dust, &state, &trace).unwrap();
    invariants::check_root(&state).unwrap();
    // The executor reported the usage of the finished trace.
    assert_eq!(usage, trace.usage());
    (state, trace)
}

/// Two rich accounts, 600 (key 10) and 601 (key 11).
pub(super) fn funded(markets: MarketId) -> Executor {
    let mut executor = begin(genesis(markets), Capacities::UNLIMITED.with("flat_accounts", 0));
    assert_eq!(deposit(&mut executor, 10, 1_000_000), FIRST_USER_ACCOUNT);
    deposit(&mut executor, 11, 1_000_000);
    executor
}

pub(super) fn trade(executor: &mut Executor, market: MarketId, lots: u64) {
    let taker = place(executor, 10, 600, item(market, Side::Buy, 100, lots));
    let maker = place(executor, 11, 601, item(market, Side::Sell, 100, lots));
    executor.apply(&Op::Fill(Fill { taker, maker, lots })).unwrap();
}

/// An order keeps the carry of its fees while it rests: how its fills are spread over batches costs nothing.
#[test]
fn fills_in_three_batches_cost_what_one_fill_costs() {
    let capacities = Capacities::UNLIMITED.with("flat_accounts", 0);
    let paid = |fills: &[u64]| {
        let mut executor = begin(finish(funded(1)).0, capacities);
        let maker = place(&mut executor, 11, 601, item(1, Side::Sell, 100, 1_000));
        let (mut fees, mut carries) = (0, Vec::new());
        for lots in fills {
            let taker = place(&mut executor, 10, 600, item(1, Side::Buy, 100, *lots));
            match executor.apply(&Op::Fill(Fill { taker, maker, lots: *lots })).unwrap() {
                Applied::Fill(amounts) => fees += amounts.maker_fee,
                other => panic!("{other:?}"),
            }
            let (state, _) = finish(executor);
            carries.extend(state.order(maker).map(|order| order.fee_carry));
            executor = begin(state, capacities);
        }
        (fees, carries)
    };
    assert_eq!(paid(&[1_000]), (20, vec![]));
    // 6.66, 6.66 and 6.68, of which the first two round up.
    assert_eq!(paid(&[333, 333, 334]), (20, vec![340_000, 680_000]));
}

#[test]
fn a_batch_from_deposit_to_withdrawal() {
    let mut executor = funded(1);
    let tick = Tick { market: 1, price: 101 << 32, rate: 500_000 };
    assert_eq!(reason(executor.apply(&Op::Tick(tick))), Some(Reject::TickTooLate));
    trade(&mut executor, 1, 1_000);
    let resting = place(&mut executor, 10, 600, item(1, Side::Sell, 150, 30));
    assert_eq!(executor.pending_fees(), 70);
    let (state, trace) = finish(executor);
    assert_eq!((state.globals().batch, state.globals().next_order), (1, 4));
    assert_eq!(state.account(1).unwrap().collateral, 70);
    assert_eq!(state.market(1).unwrap().open_interest, 2_000);
    assert_eq!(state.order(resting).unwrap().left, 30);
    assert!(state.order(1).is_none() && trace.usage()["orders"] == 1);
    let left: Vec<u64> = trace.of::<PlaceRecord>().iter().map(|row| row.left).collect();
    assert_eq!(left, [0, 0, 30]);
    assert_eq!(trace.new_root, state.root());

    let mut executor = begin(state, Capacities::UNLIMITED.with("flat_accounts", 0));
    executor.apply(&Op::Tick(tick)).unwrap();
    assert_eq!(reason(executor.apply(&Op::Tick(tick))), Some(Reject::TickTwice));
    let items = vec![
        Item::Cancel(resting),
        Item::Withdraw(WithdrawItem { amount: 500, recipient: [3; 20] }),
        Item::Transfer(TransferItem { to: 0, amount: 40, mode: Mode::Isolated(1) }),
        Item::Transfer(TransferItem { to: 601, amount: 2, mode: Mode::Cross }),
        Item::Order(item(1, Side::Buy, 90, 10)),
    ];
    let op = signed(&executor, 10, 600, items);
    let applied = executor.apply(&op).unwrap();
    assert_eq!(applied, Applied::Action { orders: vec![4], accounts: vec![602, 601] });
    let (state, trace) = finish(executor);
    assert_eq!(state.account(602).unwrap().mode, Mode::Isolated(1));
    assert_eq!(state.ledger().withdrawn, 500);
    assert_eq!(state.tree().value(order_leaf(resting)), Fr::zero());
    assert!(trace.of::<AccountRecord<SLOTS>>().iter().map(|row| row.id).eq([600, 601]));
    assert!(trace.of::<AccountRecord<1>>().iter().map(|row| row.id).eq([602]));
    assert_eq!(trace.usage()["positions"], 0);
}

#[test]
fn a_refused_op_leaves_nothing_behind() {
    let mut executor = funded(1);
    let before = (*executor.usage(), *executor.globals(), executor.account(600));
    let items = vec![
        Item::Order(item(1, Side::Buy, 100, 10)),
        Item::Transfer(TransferItem { to: 0, amount: 40, mode: Mode::Cross }),
        Item::Cancel(99),
    ];
    let op = signed(&executor, 10, 600, items);
    assert_eq!(reason(executor.apply(&op)), Some(Reject::UnknownOrder));
    assert_eq!((*executor.usage(), *executor.globals(), executor.account(600)), before);
    assert!(executor.order(1).is_none() && executor.account(602).is_err());
    trade(&mut executor, 1, 10);
    let (_, trace) = finish(executor);
    assert_eq!(trace.of::<ActionRecord>()[0].sequence, 3);
}

#[test]
fn every_touch_follows_the_one_before() {
    let mut executor = funded(2);
    for market in [1, 2, 1] {
        trade(&mut executor, market, 50);
    }
    let (state, trace) = finish(executor);
    // All touches of headers, by account: (time, time of the touch before, value before).
    let mut touches: Vec<(AccountId, (u32, u32, Header))> = Vec::new();
    let at = |sequence: u32, j: u32| TOUCHES_PER_ROW * sequence + j;
    for row in trace.of::<DepositRecord>() {
        touches.push((row.account, (at(row.sequence, 1), row.header_at, row.header)));
    }
    for row in trace.of::<FillRecord>() {
        for (side, previous, j) in
            [(&row.cells.taker, &row.previous.taker, 1), (&row.cells.maker, &row.previous.maker, 4)]
        {
            touches.push((side.order.account, (at(row.sequence, j), previous.header, side.leg.header)));
        }
    }
    for row in trace.of::<CollectFeesRecord>() {
        touches.push((1, (at(row.sequence, 1), row.header_at, row.header)));
    }
    touches.sort_by_key(|(account, (at, ..))| (*account, *at));
    for row in trace.of::<AccountRecord<SLOTS>>() {
        let own: Vec<_> = touches.iter().filter(|(id, _)| *id == row.id).map(|(_, touch)| *touch).collect();
        assert_eq!((own[0].1, own[0].2), (row.opened_at, row.opened));
        for pair in own.windows(2) {
            let ((at, ..), (next, before, _)) = (pair[0], pair[1]);
            assert!(before == at && next > at && at >= TOUCHES_PER_ROW);
        }
        assert_eq!(row.close.header_touch, own[own.len() - 1].0);
        let closed = state.account(row.id).unwrap().collateral;
        assert_eq!(row.closed().collateral, closed);
    }
    let fees: Vec<_> = trace.of::<FillRecord>().iter().map(|row| row.record).collect();
    for pair in fees.windows(2) {
        let FillAmounts { taker_fee, maker_fee, .. } = pair[0].amounts;
        assert_eq!(pair[1].previous.fees, at(pair[0].sequence, 7));
        assert_eq!(pair[1].cells.fees, pair[0].cells.fees + taker_fee + maker_fee);
    }
    let collected = &trace.of::<CollectFeesRecord>()[0];
    assert_eq!((collected.fees_at, trace.fees_at), (at(fees[2].sequence, 7), at(collected.sequence, 0)));
}

#[test]
fn a_full_batch_refuses_and_stays_as_it_was() {
    let mut executor = funded(1);
    trade(&mut executor, 1, 100);
    let full = *executor.usage();
    let state = executor.finish().unwrap().0;
    // The same ops again in a shape that is one row short in each kind.
    for (what, used) in full.by_name() {
        if used == 0 {
            continue;
        }
        let mut short = full;
        short[what] -= 1;
        // Two placed orders count as resting until they are filled.
        short["orders"] = 2;
        short["nodes"] += if what == "nodes" { 0 } else { 99 };
        let mut executor = begin(genesis(1), short);
        let mut overflow = None;
        let ops: [fn(&mut Executor) -> Op; 5] = [
            |_| deposit_op(10),
            |_| deposit_op(11),
            |e| signed(e, 10, 600, vec![Item::Order(item(1, Side::Buy, 100, 100))]),
            |e| signed(e, 11, 601, vec![Item::Order(item(1, Side::Sell, 100, 100))]),
            |_| Op::Fill(Fill { taker: 1, maker: 2, lots: 100 }),
        ];
        for op in ops {
            let op = op(&mut executor);
            let before = *executor.usage();
            match executor.apply(&op) {
                Ok(_) => {}
                Err(ApplyError::Overflow(error)) => {
                    assert_eq!(*executor.usage(), before);
                    overflow = Some(error.what);
                    break;
                }
                Err(error) => panic!("{what}: {error}"),
            }
        }
        assert_eq!(overflow, Some(what));
        finish(executor);
    }
    assert_eq!(state.globals().batch, 1);
}

#[test]
fn a_batch_takes_as_many_ticks_as_its_shape_has_rows() {
    let mut executor = begin(genesis(2), Capacities::UNLIMITED.with("ticks", 1));
    let tick = |market, price| Tick { market, price, rate: -3 };
    // Clamped to the band by the market's row: the record has the price as asked.
    executor.apply(&Op::Tick(tick(1, 1 << 45))).unwrap();
    assert_eq!(reason(executor.apply(&Op::Tick(tick(1, 1 << 45)))), Some(Reject::TickTwice));
    let overflow = Overflow { what: "ticks", needed: 2, capacity: 1 };
    assert_eq!(executor.apply(&Op::Tick(tick(2, 101 << 32))), Err(ApplyError::Overflow(overflow)));
    assert_eq!(executor.usage()["ticks"], 1);
    let (_, trace) = finish(executor);
    let records: Vec<Tick> = trace.of().iter().map(|row| row.record).collect();
    assert_eq!(records, [tick(1, 1 << 45)]);
    assert_eq!(trace.of::<MarketRecord>()[0].new.price, 120 << 32);
}

fn deposit_op(number: u8) -> Op {
    let owner = key(number).public_key();
    Op::Deposit(Deposit { account: 0, owner, mode: Mode::Cross, amount: 1_000_000 })
}

#[test]
fn a_slot_stays_with_its_market_until_the_batch_ends() {
    let mut executor = funded(17);
    for market in 1..=16 {
        trade(&mut executor, market, 10);
    }
    // Close market 1: its slot stays reserved, so a 17th market has no place.
    let close = |executor: &mut Executor| {
        let taker = place(executor, 10, 600, item(1, Side::Sell, 100, 10));
        let maker = place(executor, 11, 601, item(1, Side::Buy, 100, 10));
        executor.apply(&Op::Fill(Fill { taker, maker, lots: 10 })).unwrap();
    };
    close(&mut executor);
    let taker = place(&mut executor, 10, 600, item(17, Side::Buy, 100, 10));
    let maker = place(&mut executor, 11, 601, item(17, Side::Sell, 100, 10));
    let fill = Op::Fill(Fill { taker, maker, lots: 10 });
    assert_eq!(reason(executor.apply(&fill)), Some(Reject::NoFreeSlot));
    let (state, trace) = finish(executor);
    assert_eq!(trace.of::<AccountRecord<SLOTS>>()[1].slots[0].market, 1);
    assert!(state.account(600).unwrap().slots[0].is_none());
    let mut executor = begin(state, Capacities::UNLIMITED.with("flat_accounts", 0));
    executor.apply(&fill).unwrap();
    let (state, _) = finish(executor);
    assert_eq!(state.account(600).unwrap().slots[0].unwrap().market, 17);
}

#[test]
fn orders_that_must_not_rest() {
    let mut executor = funded(1);
    let flags = Flags { fill_or_kill: true, ..Flags::default() };
    let taker = place(&mut executor, 10, 600, OrderItem { flags, ..item(1, Side::Buy, 100, 100) });
    let unfilled = place(&mut executor, 10, 600, OrderItem { flags, ..item(1, Side::Buy, 9, 50) });
    let flags = Flags { immediate_or_cancel: true, ..Flags::default() };
    let immediate = place(&mut executor, 11, 601, OrderItem { flags, ..item(1, Side::Sell, 99, 200) });
    executor.apply(&Op::Fill(Fill { taker, maker: immediate, lots: 60 })).unwrap();
    let Unfinished { mut executor, error } = executor.finish().unwrap_err();
    assert_eq!(error, FinishError::FillOrKill(taker));
    // Nor does its owner's cancel get rid of it: nothing left would pass for filled whole.
    let cancel = |executor: &Executor, id| signed(executor, 10, 600, vec![Item::Cancel(id)]);
    let op = cancel(&executor, taker);
    assert_eq!(reason(executor.apply(&op)), Some(Reject::FillOrKill));
    let op = cancel(&executor, unfilled);
    assert!(executor.check(&op).is_ok());
    executor.apply(&Op::Fill(Fill { taker, maker: immediate, lots: 40 })).unwrap();
    assert_eq!(executor.order(immediate).unwrap().left, 100);
    let (state, trace) = finish(*executor);
    assert!([taker, unfilled, immediate].iter().all(|id| state.order(*id).is_none()));
    assert!(trace.of::<OrderRecord>().is_empty());
    let left: Vec<u64> = trace.of::<PlaceRecord>().iter().map(|row| row.left).collect();
    assert_eq!(left, [0, 50, 100]);
}

#[test]
fn an_atomic_group_is_all_or_nothing() {
    let mut executor = funded(1);
    let place = signed(&executor, 10, 600, vec![Item::Order(item(1, Side::Buy, 100, 100))]);
    let fill = Op::Fill(Fill { taker: 1, maker: 2, lots: 100 });
    let error = executor.apply_all(&[place.clone(), fill.clone()]).unwrap_err();
    assert_eq!((error.0, reason::<()>(Err(error.1))), (1, Some(Reject::UnknownOrder)));
    assert!(executor.order(1).is_none());
    let other = signed(&executor, 11, 601, vec![Item::Order(item(1, Side::Sell, 100, 100))]);
    assert_eq!(executor.apply_all(&[place, other, fill]).unwrap().len(), 3);
    executor.apply(&Op::CollectFees).unwrap();
    assert_eq!(executor.apply(&deposit_op(12)), Err(ApplyError::Sealed));
    finish(executor);
}

#[test]
fn published_elements_fill_their_lists() {
    let mut executor = funded(1);
    trade(&mut executor, 1, 1_000);
    place(&mut executor, 10, 600, item(1, Side::Sell, 150, 30));
    let used = *executor.usage();
    let (_, trace) = finish(executor);
    let roomy = used.with("cross_accounts", 5).with("isolated_accounts", 2).with("withdrawals", 1);
    let deployment = Deployment { shape_id: 4, key_id: [5; 31] };
    let list = elements(&trace, &roomy, &deployment).unwrap();
    // Header, 2 deposits, 5 + 2 accounts, 2 positions, withdrawal, order, market, globals.
    assert_eq!(list.len(), 10 + 6 + 7 + 2 + 1 + 1 + 1 + 1);
    assert_eq!(list[19..23], [Fr::zero(); 4]);
    assert!(list[23] != Fr::zero() && list[25] == Fr::zero());
    assert_eq!(crate::publication::publish(&list).len(), 31 * list.len());
    let small = roomy.with("positions", 1);
    let overflow = elements(&trace, &small, &deployment).unwrap_err();
    assert_eq!(overflow, Overflow { what: "positions", needed: 2, capacity: 1 });
    assert!(trace.of::<AccountRecord<SLOTS>>()[1].fresh);
    assert!(trace.of::<NodeTouch>().iter().any(|node| node.address == account_leaf(600) / 8));
}
