//! Tree and accounts: rules 11 to 15 of the review.

use ark_bn254::Fr;
use ark_ff::Field;

use super::bench::{Bench, advice, cohere, rich_and_poor, sent, verdict, without};
use crate::batch::circuit_tests::a_trade;
use crate::batch::kinds;
use crate::batch::native::tests::{deposit, item, key, place};
use crate::batch::shape::Shape;
use crate::bus::NODE;
use crate::ops::{Deposit, Fill, Op, Tick};
use crate::state::tree::account_leaf;
use crate::state::tree::circuit::Input as NodeInput;
use crate::state::{Mode, Side};

/// Rule 11: a disabled node row receives the leaf of an account that does not exist. Without TREE-1
/// the account is there, with its money.
#[test]
pub fn an_invented_account_behind_a_disabled_node() {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    let mut invented = inputs.cross[0];
    (invented.id, invented.fresh, invented.collateral) = (700, false, 1_000_000_000_000);
    invented.opened_at = 0;
    invented.close.collateral = invented.collateral;
    (invented.close.header_touch, invented.close.nonce_touch) = (0, 0);
    inputs.cross.push(invented);
    let leaf = account_leaf(700);
    let (old, new) = sent(&bench.circuit, &inputs, &[], NODE)
        .into_iter()
        .find_map(|(_, tuple)| (tuple[0] == Fr::from(leaf)).then_some((tuple[1], tuple[2])))
        .unwrap();
    let j = (leaf & 7) as usize;
    let (mut before, mut after) = ([Fr::from(0u64); 8], [Fr::from(0u64); 8]);
    (before[j], after[j]) = (old, new);
    inputs.nodes.push(NodeInput { address: leaf >> 3, old: before, new: after, touched: 1 << j });
    let row = inputs.nodes.len() - 1;
    let forged = [advice(kinds::NODE, row, "node.enable", |_| Fr::from(0u64))];
    bench.verdict(&inputs, &forged).only_violates(&[&format!("TREE-1 of tree node row {row}")]);
    let weak = without(&bench.circuit, &[(kinds::NODE, "TREE-1")]);
    assert!(verdict(&weak, &inputs, &forged).accepted());
}

/// Rule 11: a leaf beside the batch's changes. Without TREE-2 the root takes it.
#[test]
pub fn a_child_changed_that_nobody_sent() {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    let idle = (0..8).find(|j| inputs.nodes[0].touched >> j & 1 == 0).unwrap();
    inputs.nodes[0].new[idle] += Fr::from(1u64);
    cohere(&bench.circuit, &mut inputs, &[]);
    bench.verdict(&inputs, &[]).only_violates(&["TREE-2 of tree node row 0"]);
    let weak = without(&bench.circuit, &[(kinds::NODE, "TREE-2")]);
    assert!(verdict(&weak, &inputs, &[]).accepted());
}

/// Rule 12: a new account that is born with money. Without ACC-3 it keeps it.
#[test]
pub fn a_born_account_with_money() {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    let gift = 1_000_000_000_000;
    inputs.cross[1].collateral += gift;
    inputs.cross[1].close.collateral += gift;
    inputs.deposits[1].header.collateral += gift;
    cohere(&bench.circuit, &mut inputs, &[]);
    bench.verdict(&inputs, &[]).only_violates(&["ACC-3 of cross account row 1"]);
    let weak = without(&bench.circuit, &[(kinds::CROSS_ACCOUNT, "ACC-3")]);
    assert!(verdict(&weak, &inputs, &[]).accepted());
}

/// Rule 12: an existing account is passed off as new, so that its leaf starts from EMPTY.
#[test]
pub fn an_old_account_opened_as_new() {
    let bench = Bench::withdrawal();
    let mut inputs = bench.inputs();
    let account = inputs.cross.iter().position(|a| a.id == 600).unwrap();
    inputs.cross[account].fresh = true;
    cohere(&bench.circuit, &mut inputs, &[]);
    let verdict = bench.verdict(&inputs, &[]);
    verdict.violates(&format!("ACC-3 of cross account row {account}"));
    verdict.unbalances("node");
}

/// Rule 12: an account whose id is as high as the first order's leaf.
#[test]
pub fn an_account_id_outside_its_wing() {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    let mut outside = inputs.cross[0];
    outside.id = (1 << 36) + 5;
    (outside.close.header_touch, outside.close.collateral) = (0, 0);
    inputs.cross.push(outside);
    let verdict = bench.verdict(&inputs, &[]);
    verdict.unbalances("range");
    verdict.unbalances("node");
}

/// Rule 12: an isolated row of mode 0, which is a cross account with one slot. Without ACC-2 it holds.
#[test]
pub fn an_isolated_row_of_no_market() {
    let bench = rich_and_poor();
    let inputs = bench.inputs();
    let forged = [advice(kinds::ISOLATED_ACCOUNT, 0, "account.mode", |_| Fr::from(0u64))];
    bench.verdict(&inputs, &forged).only_violates(&["ACC-2 of isolated account row 0"]);
    let weak = without(&bench.circuit, &[(kinds::ISOLATED_ACCOUNT, "ACC-2")]);
    assert!(verdict(&weak, &inputs, &forged).accepted());
}

/// Rule 12: a deposit to an account of another key.
#[test]
pub fn a_deposit_to_another_key() {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    inputs.deposits[0].owner = key(99).public_key();
    bench.verdict(&inputs, &[]).only_unbalances(&["key"]);
}

/// Rule 13: a position that is in the leaf but opens no cell and counts for nothing. Without SLOT-2
/// and SLOT-4 an account can leave a losing position out of its margin.
#[test]
pub fn a_losing_position_hidden() {
    let bench = Bench::withdrawal();
    let mut inputs = bench.inputs();
    let row = inputs.cross.iter().position(|a| a.id == 600).unwrap();
    assert_ne!(inputs.cross[row].slots[0].new_size, 0);
    // An unused slot looks no market up: the price is the prover's, here nothing.
    inputs.cross[row].slots[0].risk.price = 0;
    let withdrawal = &mut inputs.withdrawals[0].header;
    (withdrawal.value, withdrawal.initial, withdrawal.maintenance) = (0, 0, 0);
    let header = &mut inputs.cross[row].close;
    (header.value, header.initial, header.maintenance) = (0, 0, 0);
    let forged = [advice(kinds::CROSS_ACCOUNT, row, "slot.used", |_| Fr::from(0u64))];
    cohere(&bench.circuit, &mut inputs, &forged);
    let checks = ["SLOT-2", "SLOT-4"].map(|id| format!("{id} of cross account row {row}"));
    bench.verdict(&inputs, &forged).only_violates(&checks.each_ref().map(String::as_str));
    let dropped = [(kinds::CROSS_ACCOUNT, "SLOT-2"), (kinds::CROSS_ACCOUNT, "SLOT-4")];
    assert!(verdict(&without(&bench.circuit, &dropped), &inputs, &forged).accepted());
}

/// Rule 14: an account that is isolated in market 2 trades market 1.
#[test]
pub fn an_isolated_account_trades_another_market() {
    let bench = Bench::grown(
        |c| c.isolated_accounts += 1,
        1,
        |executor| {
            let buyer = deposit(executor, 10, 1_000_000_000);
            let (owner, mode) = (key(11).public_key(), Mode::Isolated(1));
            let op = Op::Deposit(Deposit { account: 0, owner, mode, amount: 1_000_000_000 });
            executor.apply(&op).unwrap();
            let maker = place(executor, 10, buyer, item(1, Side::Buy, 100, 50));
            let taker = place(executor, 11, 601, item(1, Side::Sell, 99, 30));
            executor.apply(&Op::Fill(Fill { taker, maker, lots: 30 })).unwrap();
        },
    );
    let mut inputs = bench.inputs();
    let mode = Mode::Isolated(2);
    inputs.isolated[0].mode_market = 2;
    inputs.deposits[1].header.mode = mode;
    inputs.fills[0].cells.taker.leg.header.mode = mode;
    let verdict = bench.verdict(&inputs, &[]);
    verdict.violates("CHECK-3 of fill row 0");
    verdict.unbalances("position");
    verdict.unbalances("risk");
    assert!(!verdict.unbalanced.contains("header"));
}

/// Rule 15: an account opens at a price that the market does not have.
#[test]
pub fn an_account_opened_at_another_price() {
    let bench = Bench::trade();
    let mut inputs = bench.inputs();
    // No size yet, so nothing else depends on it.
    let row = inputs.cross.iter().position(|a| a.id == 600).unwrap();
    inputs.cross[row].slots[0].risk.price *= 2;
    bench.verdict(&inputs, &[]).only_unbalances(&["risk"]);
}

/// Rule 15: the market's tuple as it was before the batch's tick.
#[test]
pub fn a_fill_at_the_price_before_the_tick() {
    let shape = Shape::named("tiny").unwrap();
    let bench = Bench::after(a_trade(shape.capacities).0, |executor| {
        executor.apply(&Op::Tick(Tick { market: 1, price: 101 << 32, rate: 40 })).unwrap();
        let taker = place(executor, 11, 601, item(1, Side::Sell, 99, 10));
        executor.apply(&Op::Fill(Fill { taker, maker: 1, lots: 10 })).unwrap();
    });
    let mut inputs = bench.inputs();
    inputs.fills[0].cells.entry.market.price = inputs.markets[0].old.price;
    assert_ne!(inputs.markets[0].old.price, inputs.markets[0].new.price);
    bench.verdict(&inputs, &[]).unbalances("market");
}

/// Rule 3: a market whose row is there twice, the second with another price: a provider's tuple is
/// unique by the tree.
#[test]
pub fn a_market_provided_twice() {
    let bench = Bench::grown(
        |c| c.markets = 2,
        1,
        |executor| {
            executor.apply(&Op::Tick(Tick { market: 1, price: 101 << 32, rate: 40 })).unwrap();
        },
    );
    let mut inputs = bench.inputs();
    let mut other = inputs.markets[0];
    other.new.price += 1 << 32;
    inputs.markets.push(other);
    bench.verdict(&inputs, &[]).unbalances("node");
}

/// Rule 7: the top limb of an address is a field element of full size; shifted to a whole limb it is in
/// the table. Only the look-up of the limb as it is notices.
#[test]
pub fn a_partial_limb_of_field_size() {
    let bench = rich_and_poor();
    let inputs = bench.inputs();
    let row = inputs.nodes.len();
    assert_eq!(bench.circuit.limb_bits, 9, "39 bits are four limbs and 3 bits");
    let large = Fr::from(1u64 << 36) * Fr::from(1u64 << 6).inverse().unwrap();
    let forged = [super::bench::Advice {
        kind: kinds::NODE,
        row,
        choose: Box::new(move |name, _, honest| match name {
            "node.address" => large,
            "range.limb" => Fr::from(0u64),
            _ => honest,
        }),
    }];
    let verdict = bench.verdict(&inputs, &forged);
    verdict.only_unbalances(&["range"]);
    assert_eq!(verdict.tuples, 1);
}
