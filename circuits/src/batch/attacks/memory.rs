//! Memory: rules 8, 9 and 10 of the review.

use ark_bn254::Fr;
use ark_ff::Field;

use super::bench::{Bench, advice, cohere, rich_and_poor};
use crate::batch::circuit_tests::a_trade;
use crate::batch::kinds;
use crate::batch::native::tests::{begin, deposit, item, place};
use crate::batch::shape::Shape;
use crate::ops::{Deposit, Fill, Item, Op, OrderItem};
use crate::state::{Mode, Side};

fn shifted(k: i64, bits: u32) -> Fr {
    let magnitude = Fr::from(k.unsigned_abs()) * Fr::from(2u64).pow([u64::from(bits)]);
    if k < 0 { -magnitude } else { magnitude }
}

/// One account with two deposits, at T = 1 and T = 2.
fn two_credits() -> Bench {
    Bench::tiny(|executor| {
        let account = deposit(executor, 10, 700);
        let owner = crate::batch::native::tests::key(10).public_key();
        let again = Deposit { account, owner, mode: Mode::Cross, amount: 30 };
        executor.apply(&Op::Deposit(again)).unwrap();
    })
}

/// Rule 8: the second credit reads the opening and the first one reads what the second left.
#[test]
pub fn time_runs_backwards() {
    let bench = two_credits();
    let mut inputs = bench.inputs();
    let opened = inputs.deposits[0].header;
    // Born at 8T, touched at 8T + 1.
    let (born, times) = (inputs.cross[0].opened_at, [9, 17]);
    inputs.deposits[1].header = opened;
    inputs.deposits[1].header_at = born;
    inputs.deposits[0].header.collateral = opened.collateral + 30;
    inputs.deposits[0].header_at = times[1];
    inputs.cross[0].close.header_touch = times[0];
    cohere(&bench.circuit, &mut inputs, &[]);
    bench.verdict(&inputs, &[]).only_unbalances(&["range"]);
}

/// Rule 9: an account's row twice, one leaf.
#[test]
pub fn the_same_account_opened_twice() {
    let bench = Bench::grown(
        |c| c.cross_accounts += 1,
        1,
        |executor| {
            deposit(executor, 10, 1_000);
        },
    );
    let mut inputs = bench.inputs();
    let mut twice = inputs.cross[0];
    twice.close = inputs.cross[0].close;
    inputs.cross.push(twice);
    let verdict = bench.verdict(&inputs, &[]);
    verdict.unbalances("node");
    verdict.unbalances("header");
}

/// Rule 9: two slots for one market, so two cells of one position.
#[test]
pub fn a_second_cell_of_one_position() {
    let shape = Shape::named("tiny").unwrap();
    let bench = Bench::after(a_trade(shape.capacities).0, |executor| {
        place(executor, 10, 600, item(1, Side::Buy, 90, 20));
    });
    let mut inputs = bench.inputs();
    let first = inputs.cross[0].slots[0];
    let mut second = first;
    second.old = None;
    second.new_size = 0;
    second.new_entry_quote = 0;
    inputs.cross[0].slots[1] = second;
    cohere(&bench.circuit, &mut inputs, &[]);
    bench.verdict(&inputs, &[]).only_unbalances(&["range"]);
}

/// Rule 9: each of two accounts closes with the other's header, named by a time beyond its own
/// address's: the poor account leaves with the rich one's collateral.
#[test]
pub fn headers_exchanged_at_close() {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    let [rich, poor] = [inputs.cross[0].close, inputs.cross[1].close];
    // Neither holds a position: nonces and all sums but the collateral are alike.
    (inputs.cross[0].close, inputs.cross[1].close) = (poor, rich);
    // The nonces stay where they are: untouched since birth.
    (inputs.cross[0].close.nonce_touch, inputs.cross[1].close.nonce_touch) =
        (rich.nonce_touch, poor.nonce_touch);
    assert_ne!(rich.collateral, poor.collateral);
    let forged = [(0, 1), (1, -1)].map(|(row, step)| {
        advice(kinds::CROSS_ACCOUNT, row, "account.header_touch", move |at| at + shifted(step, 26))
    });
    cohere(&bench.circuit, &mut inputs, &forged);
    bench.verdict(&inputs, &forged).only_unbalances(&["range"]);
}

/// Rule 9: nonces of two accounts exchanged at the close: a signed action can be replayed.
#[test]
pub fn nonces_exchanged_at_close() {
    let bench = Bench::tiny(|executor| {
        let account = deposit(executor, 10, 1_000_000_000);
        deposit(executor, 11, 5);
        place(executor, 10, account, item(1, Side::Buy, 90, 20));
    });
    let mut inputs = bench.inputs();
    let [used, fresh] = [inputs.cross[0].close, inputs.cross[1].close];
    assert_ne!(used.order_nonce, fresh.order_nonce);
    (inputs.cross[0].close.order_nonce, inputs.cross[1].close.order_nonce) =
        (fresh.order_nonce, used.order_nonce);
    (inputs.cross[0].close.nonce_touch, inputs.cross[1].close.nonce_touch) =
        (fresh.nonce_touch, used.nonce_touch);
    let forged = [(0, 1), (1, -1)].map(|(row, step)| {
        advice(kinds::CROSS_ACCOUNT, row, "account.nonce_touch", move |at| at + shifted(step, 26))
    });
    cohere(&bench.circuit, &mut inputs, &forged);
    bench.verdict(&inputs, &forged).only_unbalances(&["range"]);
}

/// Rule 9: long and short exchanged between two accounts at the close.
#[test]
pub fn positions_exchanged_at_close() {
    let bench = Bench::trade();
    let mut inputs = bench.inputs();
    let row = |id| inputs.cross.iter().position(|a| a.id == id).unwrap();
    let rows = [row(600), row(601)];
    let [long, short] = rows.map(|row| inputs.cross[row].slots[0]);
    assert!(long.new_size > 0 && short.new_size < 0);
    for (row, other) in [(rows[0], short), (rows[1], long)] {
        let slot = &mut inputs.cross[row].slots[0];
        (slot.new_size, slot.new_entry_quote) = (other.new_size, other.new_entry_quote);
        slot.last_touch = other.last_touch;
    }
    let used = move |step: i64| move |at: Fr| if at == Fr::from(0u64) { at } else { at + shifted(step, 42) };
    let forged = [(rows[0], 1), (rows[1], -1)]
        .map(|(row, step)| advice(kinds::CROSS_ACCOUNT, row, "slot.last_touch", used(step)));
    cohere(&bench.circuit, &mut inputs, &forged);
    bench.verdict(&inputs, &forged).only_unbalances(&["range"]);
}

/// Rule 9: a credit that no deposit made: the account closes with a cell that nobody sent.
#[test]
pub fn a_cell_received_that_nobody_sent() {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    inputs.cross[1].close.collateral += 1_000_000;
    cohere(&bench.circuit, &mut inputs, &[]);
    bench.verdict(&inputs, &[]).only_unbalances(&["header"]);
}

/// Rule 10: an order that nobody signed.
#[test]
pub fn an_order_that_nobody_signed() {
    let bench = Bench::tiny(|executor| {
        let account = deposit(executor, 10, 1_000_000_000);
        let immediate = OrderItem { flags: immediate(), ..item(1, Side::Buy, 90, 20) };
        place(executor, 10, account, immediate);
    });
    let mut inputs = bench.inputs();
    let mut invented = inputs.places[0];
    invented.sequence = 50;
    invented.order.limit = 140;
    invented.at = 8 * 50;
    inputs.places.push(invented);
    inputs.statement.places += 1;
    cohere(&bench.circuit, &mut inputs, &[]);
    bench.verdict(&inputs, &[]).only_unbalances(&["item"]);
}

/// Rule 10: an order rests under an id that its place row did not give it.
#[test]
pub fn an_order_id_used_again() {
    let shape = Shape::named("tiny").unwrap();
    let (state, _) = a_trade(shape.capacities);
    let bench = Bench::after(state, |executor| {
        place(executor, 10, 600, item(1, Side::Buy, 90, 20));
    });
    let mut inputs = bench.inputs();
    inputs.orders[0].id -= 1;
    let verdict = bench.verdict(&inputs, &[]);
    verdict.unbalances("rest");
    verdict.unbalances("node");
}

/// Rule 10: an order is filled when its time is over.
#[test]
pub fn an_expired_order_is_filled() {
    let shape = Shape::named("tiny").unwrap();
    let mut executor = begin(crate::batch::native::tests::genesis(1), shape.capacities);
    let buyer = deposit(&mut executor, 10, 1_000_000_000);
    let seller = deposit(&mut executor, 11, 1_000_000_000);
    let maker = place(&mut executor, 10, buyer, OrderItem { expiry: 1_002, ..item(1, Side::Buy, 100, 50) });
    let (state, _) = executor.finish().unwrap_or_else(|unfinished| panic!("{unfinished}"));
    let bench = Bench::after(state, |executor| {
        let taker = place(executor, 11, seller, item(1, Side::Sell, 99, 30));
        executor.apply(&Op::Fill(Fill { taker, maker, lots: 30 })).unwrap();
    });
    let mut inputs = bench.inputs();
    assert_eq!(inputs.statement.time, 1_002);
    inputs.statement.time += 1;
    cohere(&bench.circuit, &mut inputs, &[]);
    bench.verdict(&inputs, &[]).only_unbalances(&["order"]);
}

/// Rule 10: an order takes the key of a market row that provides nothing, and with it other terms:
/// a limit eight ticks lower and no least size.
#[test]
pub fn an_order_in_the_market_of_a_padding_row() {
    let bench = Bench::grown(
        |c| c.markets = 2,
        1,
        |executor| {
            let account = deposit(executor, 10, 1_000_000_000);
            place(executor, 10, account, item(1, Side::Buy, 100, 50));
        },
    );
    let mut inputs = bench.inputs();
    inputs.places[0].order.limit -= 8;
    inputs.places[0].min_lots = 0;
    let forged = [advice(kinds::PLACE, 0, "order.market", |market| market + Fr::from(1u64 << 20))];
    cohere(&bench.circuit, &mut inputs, &forged);
    bench.verdict(&inputs, &forged).only_unbalances(&["range"]);
}

pub fn immediate() -> crate::state::Flags {
    crate::state::Flags { immediate_or_cancel: true, ..Default::default() }
}

/// An item alone in the lane of cancels, signed by key 10.
pub fn in_cancel_lane(bench: &Bench, item: Item) -> crate::batch::native::Trace {
    use crate::batch::native::tests::{domain, key};
    use crate::ops::{Action, Lane};
    let mut trace = bench.trace.clone();
    let row = &mut trace.rows.actions[0];
    let (account, strict, nonce, signature) = (row.account, row.strict, row.nonce, row.signature);
    let action = Action { account, lane: Lane::Cancels, strict, nonce, items: vec![item], signature };
    row.lane = Lane::Cancels;
    row.message = action.message(&domain());
    row.signature = key(10).sign(row.message.hash);
    trace
}

/// Rule 10: an order signed alone in the lane of cancels, where no order is allowed, passes for one of
/// an account 2^40 higher and rests in another market.
#[test]
pub fn an_order_signed_in_the_lane_of_cancels() {
    let order = item(1, Side::Buy, 100, 50);
    let bench = Bench::tiny(|executor| {
        let account = deposit(executor, 10, 1_000_000_000);
        place(executor, 10, account, order);
    });
    let trace = in_cancel_lane(&bench, Item::Order(order));
    let mut inputs = bench.inputs_of(&trace);
    let close = &mut inputs.cross[0].close;
    (close.order_nonce, close.cancel_nonce) = (close.cancel_nonce, close.order_nonce);
    inputs.orders[0].old.market += 16;
    let forged = [advice(kinds::PLACE, 0, "order.account", |account| account + Fr::from(1u64 << 40))];
    cohere(&bench.circuit, &mut inputs, &forged);
    bench.verdict(&inputs, &forged).only_unbalances(&["range"]);
}
