//! The statement and what is published: rule 23 of the review.

use ark_bn254::Fr;

use super::bench::{Bench, advice, cohere, rich_and_poor, verdict, without};
use crate::batch::kinds;

/// Rule 23: a batch before the last one's time.
#[test]
pub fn a_batch_earlier_than_the_last() {
    let bench = rich_and_poor();
    let mut inputs = bench.inputs();
    inputs.statement.time = inputs.statement.last_time - 1;
    cohere(&bench.circuit, &mut inputs, &[]);
    bench.verdict(&inputs, &[]).only_unbalances(&["range"]);
}

/// Rule 23: another new root, another old root, another batch number, another configuration.
#[test]
pub fn a_header_of_another_state() {
    let bench = rich_and_poor();
    let forge: [fn(&mut crate::batch::statement::Statement); 5] = [
        |statement| statement.new_root += Fr::from(1u64),
        |statement| statement.old_root += Fr::from(1u64),
        |statement| statement.batch += 1,
        |statement| statement.config += Fr::from(1u64),
        |statement| statement.deposits_before += 1,
    ];
    for forge in forge {
        let mut inputs = bench.inputs();
        forge(&mut inputs.statement);
        inputs.statement.deposits_after = inputs.statement.deposits_before + 2;
        bench.verdict(&inputs, &[]).only_unbalances(&["node"]);
    }
}

/// Rule 23: the cursor of deposits moves by another number than the batch credits.
#[test]
pub fn a_cursor_that_skips_a_deposit() {
    let bench = rich_and_poor();
    let inputs = bench.inputs();
    let rows = bench.shape.capacities.deposits;
    let forged =
        [super::bench::Advice {
            kind: kinds::DEPOSIT,
            row: rows - 1,
            choose: Box::new(|name, _, honest| {
                if name == "carry" && honest == Fr::from(2u64) { Fr::from(3u64) } else { honest }
            }),
        }];
    let verdict = bench.verdict(&inputs, &forged);
    verdict.violates(&format!("PRE-3 of deposit row {}", rows - 1));
}

/// Rule 23: an idle place of a list that is not zero. Without PUB-2 it is published.
#[test]
pub fn an_idle_place_that_publishes() {
    let bench = rich_and_poor();
    let inputs = bench.inputs();
    let forged = [advice(kinds::CHANGED, 0, "changed.element", |_| Fr::from(1u64 << 40))];
    bench.verdict(&inputs, &forged).only_violates(&["PUB-2 of changed position row 0"]);
    let weak = without(&bench.circuit, &[(kinds::CHANGED, "PUB-2")]);
    assert!(verdict(&weak, &inputs, &forged).accepted());
}

/// Rule 23: a changed position that is not published.
#[test]
pub fn a_changed_position_left_out() {
    let bench = Bench::trade();
    let mut inputs = bench.inputs();
    inputs.changed.pop();
    bench.verdict(&inputs, &[]).only_unbalances(&["changed"]);
}

/// Rule 23: a withdrawal of more than was signed, to another address than was signed.
#[test]
pub fn a_withdrawal_that_was_not_signed() {
    let bench = Bench::withdrawal();
    let mut more = bench.inputs();
    more.withdrawals[0].amount += 1;
    let row = more.cross.iter().position(|a| a.id == 600).unwrap();
    more.cross[row].close.collateral -= 1;
    cohere(&bench.circuit, &mut more, &[]);
    bench.verdict(&more, &[]).only_unbalances(&["item"]);

    let mut elsewhere = bench.inputs();
    elsewhere.withdrawals[0].recipient = [4; 20];
    bench.verdict(&elsewhere, &[]).only_unbalances(&["item"]);
}

/// Rule 23: fees that nobody is credited with.
#[test]
pub fn fees_that_vanish() {
    let bench = Bench::trade();
    let mut inputs = bench.inputs();
    assert!(inputs.collected[0].fees > 0);
    let row = inputs.cross.iter().position(|a| a.id == 1).unwrap();
    let before = inputs.collected[0].clone();
    inputs.cross[row].close.collateral = before.header.collateral;
    inputs.cross[row].close.header_touch = before.header_at;
    inputs.collected.clear();
    inputs.statement.fees_at = u64::from(before.fees_at);
    cohere(&bench.circuit, &mut inputs, &[]);
    bench.verdict(&inputs, &[]).only_unbalances(&["fees"]);
}
