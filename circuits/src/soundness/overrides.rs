//! The hint-override gate on a whole batch of the tiny shape: every piece of advice of every kind of row
//! that takes part is replaced, alone, by other values. The row must then violate a constraint, leave the
//! range table, or read what no row sent; where advice does not matter it is named here.
//!
//! The rows of signatures have their own gate (`gadgets::signature::circuit_tests`).

use ark_bn254::Fr;

use super::batches::{a_trade, tiny};
use crate::gadgets::cs::Shared;
use crate::gadgets::row::{Padded, Row};
use crate::leaves::account::CrossAccount;
use crate::leaves::changed::ChangedPosition;
use crate::leaves::market::MarketLeaf;
use crate::leaves::node::Node;
use crate::ops::collect_fees::circuit::CollectFees;
use crate::ops::deposit::circuit::Deposit;
use crate::ops::fill::circuit::FillRow;
use crate::ops::place::circuit::Place;
use crate::publication::Deployment;
use crate::soundness::attacks::inputs::Inputs;
use crate::soundness::forge::Forger;

/// Names of the advice of row `row` that does not matter there.
fn harmless<R: Row<Record: Clone>>(
    inputs: &[Padded<R::Record>],
    row: usize,
    globals: &[Fr],
    free: &[&str],
) -> Vec<&'static str> {
    let (_, circuit) = tiny();
    let shared = Shared { limb_bits: circuit.limb_bits, globals };
    // Enabled so far, and counted.
    let carry = [Fr::from(1u64), Fr::from(row as u64)];
    let mut names = Forger::<R>::new(&inputs[row])
        .in_block(shared, row as u64, &carry)
        .every_hint_is_pinned(&[free, &["memory.row_time"]].concat());
    names.sort_unstable();
    names.dedup();
    names
}

fn inputs() -> (Inputs, Vec<Fr>) {
    let (shape, _) = tiny();
    let (_, trace) = a_trade(shape.capacities);
    let inputs = Inputs::new(&shape, &trace, &Deployment { shape_id: shape.id, key_id: [5; 31] });
    let globals = inputs.globals();
    (inputs, globals)
}

/// Fixed by the old root: the row then sends another old leaf, which is not this row's to refuse.
const MARKET_INPUTS: [&str; 16] = [
    "market.parameter",
    "market.price",
    "market.cut_at",
    "market.asked_before",
    "market.rated_hour",
    "market.above",
    "market.below",
    "market.still_before",
    "market.funding_index",
    "market.last_tick",
    "market.open_interest",
    "market.paid_until",
    "market.remainder",
    "market.rate_in_force",
    "market.in_arrears",
    // A configuration would have to take it.
    "market.configured",
];

#[test]
fn state_rows_pin_their_advice() {
    let (inputs, globals) = inputs();
    assert_eq!(harmless::<Node>(&inputs.nodes, 0, &globals, &[]), [""; 0]);
    let market = harmless::<MarketLeaf>(&inputs.markets, 0, &globals, &MARKET_INPUTS);
    assert_eq!(market, ["is_zero.inverse"]);
}

#[test]
fn an_account_that_trades_pins_its_advice() {
    let (inputs, globals) = inputs();
    let row = inputs.cross.len() - 1;
    // The key is the old leaf's, or for a new account the deposit's; which of the two, the tree says.
    let names = harmless::<CrossAccount>(&inputs.cross, row, &globals, &["owner", "account.fresh"]);
    // An unused slot looks nothing up and sends nothing, and its size is zero.
    let tier = ["tier.low", "tier.high", "tier.initial_fraction", "tier.maintenance_fraction"];
    let benign = |name: &str| name == "is_zero.inverse" || name.starts_with("slot.") || tier.contains(&name);
    assert!(names.iter().all(|name| benign(name)), "{names:?}");
}

#[test]
fn op_rows_pin_their_advice() {
    let (inputs, globals) = inputs();
    let place = harmless::<Place>(&inputs.places, 0, &globals, &[]);
    assert!(place.iter().all(|name| *name == "is_zero.inverse"), "{place:?}");
    // The amount is published, the contract compares it with its queue; a creation needs a new account.
    let free = ["deposit.amount", "deposit.births"];
    assert_eq!(harmless::<Deposit>(&inputs.deposits, 1, &globals, &free), [""; 0]);
    // How much of two crossing orders is filled is the operator's choice.
    let fill = harmless::<FillRow>(&inputs.fills, 0, &globals, &["fill.lots"]);
    assert!(fill.iter().all(|name| name.ends_with("inverse")), "{fill:?}");
    assert_eq!(harmless::<CollectFees>(&inputs.collected, 0, &globals, &[]), [""; 0]);
    assert_eq!(harmless::<ChangedPosition>(&inputs.changed, 0, &globals, &[]), [""; 0]);
}
