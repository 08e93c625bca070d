//! The rows that are forged, by kind.

use std::sync::Arc;

use ark_bn254::Fr;
use ark_ff::Field;

use super::signatures;
use super::subject::{Of, Subject};
use crate::batch::shape::Shape;
use crate::batch::statement::{Statement, StatementRow};
use crate::batch::witness::globals;
use crate::executor::tests::prices::{hours_batch, signed_batch};
use crate::gadgets::row::{Padded, Row, RowWitness};
use crate::kinds::Trace;
use crate::leaves::account::{CrossAccount, FlatAccount, IsolatedAccount, ModeChange};
use crate::leaves::changed::ChangedPosition;
use crate::leaves::market::MarketLeaf;
use crate::leaves::node::Node;
use crate::leaves::order::OrderLeaf;
use crate::leaves::{account, market, order};
use crate::ops::action::circuit::Chunk;
use crate::ops::action::row::SignatureRow;
use crate::ops::cancel::circuit::Cancel;
use crate::ops::change_key::circuit::ChangeKey;
use crate::ops::collect_fees::circuit::CollectFees;
use crate::ops::configure::circuit::ConfigureRow;
use crate::ops::deposit::circuit::Deposit;
use crate::ops::fill::circuit::FillRow;
use crate::ops::liquidate::circuit::LiquidateRow;
use crate::ops::place::circuit::Place;
use crate::ops::prices::circuit::Quotes;
use crate::ops::prices::signer::SignerRow;
use crate::ops::set_leverage::circuit::SetLeverage;
use crate::ops::set_mode::circuit::SetMode;
use crate::ops::tick::circuit::TickRow;
use crate::ops::transfer::circuit::Transfer;
use crate::ops::withdraw::circuit::Withdraw;
use crate::ops::{
    cancel, change_key, collect_fees, configure, deposit, fill, liquidate, place, prices, set_leverage,
    set_mode, transfer, withdraw,
};
use crate::soundness::agree;
use crate::soundness::attacks::bench::assemble;
use crate::soundness::attacks::inputs::Inputs;
use crate::soundness::attacks::random::{full_batch, full_flat_batch};
use crate::soundness::batches::{circuit_of, deployment};
use crate::state::wires;

pub type Subjects = Vec<Box<dyn Subject>>;

/// Rows of a kind, as they are and taking no part.
fn add<R: Row<Record: Clone + 'static> + 'static>(
    all: &mut Subjects,
    (what, most): (&str, usize),
    globals: &Arc<[Fr]>,
    rows: &[RowWitness],
    records: &[Padded<R::Record>],
) {
    for (number, record) in records.iter().enumerate().take(most) {
        let carry = match number.checked_sub(1) {
            _ if rows.is_empty() => Vec::new(),
            Some(before) => rows[before].carry_out.clone(),
            None => R::SEED.iter().copied().map(Fr::from).collect(),
        };
        let name = format!("{what}, row {number}");
        all.push(Box::new(
            Of::<R>::new(name.clone(), record.clone(), globals).in_block(number as u64, carry.clone()),
        ));
        let idle = Padded::disabled(record.record.clone());
        all.push(Box::new(
            Of::<R>::new(format!("{name}, idle"), idle, globals).in_block(number as u64, carry),
        ));
    }
}

fn of_batch(all: &mut Subjects, what: &str, shape: &Shape, trace: &Trace) {
    let circuit = circuit_of(shape);
    let inputs = Inputs::new(shape, trace, &deployment(shape));
    let witness = assemble(&circuit, &inputs, &[], true).unwrap_or_else(|e| panic!("{what}: {e}"));
    let globals: Arc<[Fr]> = inputs.globals().into();
    let rows = |kind: &str| {
        let block = circuit.blocks.iter().position(|b| b.kind() == kind).expect("a kind");
        &witness.rows()[block][..]
    };
    macro_rules! kinds {
        ($($kind:ty: $records:expr),* $(,)?) => {
            $(add::<$kind>(all, (what, 2), &globals, rows(<$kind>::NAME), &$records);)*
        };
    }
    kinds! {
        Node: inputs.nodes, CrossAccount: inputs.cross, IsolatedAccount: inputs.isolated, FlatAccount: inputs.flat,
        ModeChange: inputs.mode_changes, MarketLeaf: inputs.markets, OrderLeaf: inputs.orders,
        ChangedPosition: inputs.changed, Chunk: inputs.chunks, Place: inputs.places, Cancel: inputs.cancels,
        Withdraw: inputs.withdrawals, Transfer: inputs.transfers, SetLeverage: inputs.leverage_limits,
        SetMode: inputs.modes, ChangeKey: inputs.rekeys,
        TickRow: inputs.ticks, ConfigureRow: inputs.configurations, SignerRow: inputs.signers, Quotes: inputs.quotes, Deposit: inputs.deposits, CollectFees: inputs.collected, FillRow: inputs.fills,
        LiquidateRow: inputs.liquidations,
    }
    all.extend(signatures::rows(what, &inputs, rows(SignatureRow::NAME), &globals));
    all.push(Box::new(Of::<StatementRow>::new(what, Padded::enabled(inputs.statement), &globals)));
    of_statements(all, shape, inputs.transcript, inputs.statement);
}

/// Statements that say what is out of range.
fn of_statements(all: &mut Subjects, shape: &Shape, transcript: Fr, honest: Statement) {
    let says = |spoil: &dyn Fn(&mut Statement)| {
        let mut statement = honest;
        spoil(&mut statement);
        statement
    };
    let spoilt = [
        ("time beyond its width", says(&|s| (s.time, s.last_time) = (1 << 40, 1 << 39))),
        ("time before the last", says(&|s| s.last_time = s.time + 1)),
        ("orders beyond their width", says(&|s| s.next_order = (1 << 36) - s.places)),
        ("an epoch before the last", says(&|s| s.last_epoch = s.epoch + 1)),
        ("an epoch to come", says(&|s| s.epoch = s.time / 10 + 1)),
    ];
    for (what, statement) in spoilt {
        let globals: Arc<[Fr]> = globals(&statement, transcript, shape).into();
        all.push(Box::new(Of::<StatementRow>::new(what, Padded::enabled(statement), &globals)));
    }
    let said = globals(&honest, transcript, shape);
    let at = |wire: u16| usize::from(wire);
    let (one, signed) = (Fr::from(1u64), said[at(wires::SIGNED)]);
    // When prices are observed if it is said otherwise whether they are signed.
    let times = [Fr::from(honest.time), Fr::from(10 * honest.epoch)];
    let otherwise = times[usize::from(signed != one)];
    let fraction = Fr::from(3_600u64).inverse().expect("not zero");
    let spoilt: [(&str, &[(u16, Fr)]); 12] = [
        (
            "a first order of -1",
            &[(wires::NEXT_ORDER, -one), (wires::NEXT_ORDER_AFTER, Fr::from(honest.places) - one)],
        ),
        ("another next order", &[(wires::NEXT_ORDER_AFTER, said[at(wires::NEXT_ORDER_AFTER)] + one)]),
        ("an epoch of -1 before", &[(wires::LAST_EPOCH, -one)]),
        ("another number of signers", &[(wires::SIGNERS, said[at(wires::SIGNERS)] + one)]),
        ("signed or not, said otherwise", &[(wires::SIGNED, one - signed)]),
        ("the same, and observed so", &[(wires::SIGNED, one - signed), (wires::OBSERVED, otherwise)]),
        ("observed a second later", &[(wires::OBSERVED, said[at(wires::OBSERVED)] + one)]),
        ("the hour before", &[(wires::HOUR, said[at(wires::HOUR)] - one)]),
        ("the next hour", &[(wires::HOUR, said[at(wires::HOUR)] + one)]),
        ("a fraction of an hour less", &[(wires::HOUR, said[at(wires::HOUR)] - fraction)]),
        ("premiums twice", &[(wires::PREMIUMS, one + one)]),
        ("premiums without signers", &[(wires::PREMIUMS, one), (wires::SIGNED, Fr::from(0u64))]),
    ];
    for (what, changes) in spoilt {
        let mut globals = said.clone();
        changes.iter().for_each(|(wire, value)| globals[at(*wire)] = *value);
        all.push(Box::new(Of::<StatementRow>::new(what, Padded::enabled(honest), &globals.into())));
    }
}

pub fn subjects() -> Subjects {
    let mut all = Vec::new();
    let (shape, trace) = full_batch();
    of_batch(&mut all, "full batch", &shape, &trace);
    let (shape, trace) = full_flat_batch();
    of_batch(&mut all, "flat batch", &shape, &trace);
    let (shape, trace) = signed_batch();
    of_batch(&mut all, "signed batch", &shape, &trace);
    let (shape, trace) = hours_batch();
    of_batch(&mut all, "first batch of an hour", &shape, &trace);
    of_tests(&mut all);
    all
}

/// What a row receives from three enabled ones, or one that is not after three: selector, count, and what else there is.
fn received<R: Row>(enabled: u64) -> Vec<Fr> {
    [enabled, 3, 77].into_iter().take(R::SEED.len()).map(Fr::from).collect()
}

/// Padding, and a row that takes part after one that does not.
fn add_padding<R: Row<Record: Clone + 'static> + 'static>(
    all: &mut Subjects,
    globals: &Arc<[Fr]>,
    after_idle: Option<Padded<R::Record>>,
) {
    let (carry, idle): (Vec<Fr>, Vec<Fr>) = match R::SEED.is_empty() {
        true => Default::default(),
        false => (received::<R>(1), received::<R>(0)),
    };
    let padding = Padded::disabled(R::dummy());
    all.push(Box::new(Of::<R>::new("padding", padding, globals).in_block(3, carry)));
    if let Some(record) = after_idle.filter(|_| !R::SEED.is_empty()) {
        all.push(Box::new(Of::<R>::new("after an idle row", record, globals).in_block(3, idle)));
    }
}

/// The rows that tests of kinds start from, and the same taking no part.
fn of_tests(all: &mut Subjects) {
    let mut globals = vec![Fr::from(0u64); wires::COUNT];
    globals[usize::from(wires::TIME)] = Fr::from(1_000u64);
    globals[usize::from(wires::NEXT_ORDER)] = Fr::from(70u64);
    globals[usize::from(wires::DOMAIN)] = crate::soundness::fixture::context().domain.word();
    let globals: Arc<[Fr]> = globals.into();
    macro_rules! kinds {
        ($($kind:ty: $records:expr),* $(,)?) => {
            $(add_samples::<$kind>(all, &globals, $records);)*
        };
    }
    kinds! {
        FillRow: fill::circuit_tests::rows(), LiquidateRow: liquidate::circuit_tests::rows(),
        Place: place::circuit_tests::rows(), Withdraw: withdraw::circuit_tests::rows(),
        Transfer: transfer::circuit_tests::rows(), Cancel: cancel::circuit_tests::rows(),
        Deposit: deposit::circuit_tests::rows(), SetLeverage: set_leverage::circuit_tests::rows(),
        SetMode: set_mode::circuit_tests::rows(), ChangeKey: change_key::circuit_tests::rows(),
        CollectFees: collect_fees::circuit_tests::rows(), OrderLeaf: order::tests::rows(),
        CrossAccount: account::tests::cross_rows(), IsolatedAccount: account::tests::isolated_rows(),
        FlatAccount: account::tests::flat_rows(), ModeChange: account::tests::mode_change_rows(),
    }
    add_padding::<ChangedPosition>(all, &globals, Some(Padded::enabled(Fr::from(77u64))));
    add_padding::<Chunk>(all, &globals, None);
    add_padding::<Node>(all, &globals, None);
    add_padding::<TickRow>(all, &globals, None);
    add_padding::<MarketLeaf>(all, &globals, None);
    of_prices(all, &globals);
    of_configurations(all, &globals);
    for (number, sample) in market::tests::rows().into_iter().enumerate() {
        let (globals, record) = (sample.globals().to_vec(), sample.record);
        let name = format!("sample {number}");
        let row = Of::<MarketLeaf>::new(name.clone(), Padded::enabled(record), &globals.clone().into());
        all.push(Box::new(row));
        let idle = Padded::disabled(record);
        all.push(Box::new(Of::<MarketLeaf>::new(format!("{name}, idle"), idle, &globals.into())));
    }
}

/// Rows of configurations, a day later.
fn of_configurations(all: &mut Subjects, globals: &Arc<[Fr]>) {
    let mut globals = globals.to_vec();
    globals[usize::from(wires::TIME)] = Fr::from(agree::a_day_later().time);
    add_samples::<ConfigureRow>(all, &globals.into(), configure::circuit_tests::rows());
}

/// Rows of price signers and of the words of their lists.
fn of_prices(all: &mut Subjects, globals: &Arc<[Fr]>) {
    let mut globals = globals.to_vec();
    globals[usize::from(wires::EPOCH)] = Fr::from(110u64);
    globals[usize::from(wires::LAST_EPOCH)] = Fr::from(100u64);
    globals[usize::from(wires::PREMIUMS)] = Fr::from(1u64);
    add_samples::<SignerRow>(all, &globals.clone().into(), prices::circuit_tests::signer_rows_and_refused());
    for record in prices::circuit_tests::rows() {
        globals[usize::from(wires::SIGNERS)] = Fr::from(record.signers as u64);
        add_samples::<Quotes>(all, &globals.clone().into(), vec![record]);
    }
}

fn add_samples<R: Row<Record: Clone + 'static> + 'static>(
    all: &mut Subjects,
    globals: &Arc<[Fr]>,
    records: Vec<Padded<R::Record>>,
) {
    let first = records.first().cloned();
    let carry = received::<R>(1);
    for (number, record) in records.into_iter().enumerate() {
        let idle = Padded::disabled(record.record.clone());
        let name = format!("sample {number}");
        all.push(Box::new(Of::<R>::new(name.clone(), record, globals).in_block(3, carry.clone())));
        if number < 8 {
            all.push(Box::new(
                Of::<R>::new(format!("{name}, idle"), idle, globals).in_block(3, carry.clone()),
            ));
        }
    }
    add_padding::<R>(all, globals, first);
}
