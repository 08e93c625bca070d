//! The deposit row against the native half, and against forged advice.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, PrimeField, Zero};

use super::apply;
use super::circuit::{Deposit, DepositRecord, deposit};
use crate::gadgets::cs::{Cs, Direction, Shared};
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::gadgets::var::power_of_two;
use crate::margin::Header;
use crate::reject::Reject;
use crate::soundness::fixture::flat;
use crate::soundness::forge::{Forger, refusal};
use crate::soundness::samples::{header_tuple, tuples};
use crate::state::tags::{BIRTH, HEADER, KEY};
use crate::state::{Mode, PublicKey};

const SHARED: Shared<'static> = Shared { limb_bits: 13, globals: &[] };
/// Row 3, after three enabled ones.
const CARRY: [u64; 2] = [1, 3];

fn honest() -> DepositRecord {
    let owner = PublicKey { x: -Fr::from(5u64), y: Fr::from(12_345u64) * power_of_two(190) };
    let header = Header { mode: Mode::Isolated(9), ..flat(-3) };
    let births = false;
    DepositRecord { sequence: 2, account: 600, owner, amount: 7, births, header, header_at: 0 }
}

fn run(input: &(impl Clone + Into<Padded<DepositRecord>>)) -> (Option<Reject>, RowWitness) {
    let carry = CARRY.map(Fr::from);
    let mut cs = Cs::witness(SHARED, 3, &carry);
    let failed = deposit(&mut cs, &input.clone().into()).failed();
    (failed, RowWitness::from_cs(cs))
}

#[test]
fn agrees_and_publishes_the_queues_entry() {
    let most = (1 << 63) - 1;
    let cases = [
        (-3, 1),
        (-3, 7),
        (0, most),
        (-3, most + 1),
        (-3, u64::MAX),
        (-3, 0),
        (i64::MAX - 7, 7),
        (i64::MAX - 6, 7),
    ];
    for (collateral, amount) in cases {
        let input = DepositRecord { amount, header: Header { collateral, ..honest().header }, ..honest() };
        let op = super::Deposit { account: 600, owner: input.owner, mode: Mode::Isolated(9), amount };
        let native = apply(&op, &input.owner, &input.header).map_err(Reject::from);
        let (failed, row) = run(&input);
        assert_eq!((failed, refusal(&row, 13).is_some()), (native.err(), native.is_err()));
        let Ok(after) = native else { continue };
        assert_eq!(tuples(&row, HEADER, Direction::Send), [header_tuple(600, 33, &after)]);
        let PublicKey { x, y } = input.owner;
        assert_eq!(tuples(&row, KEY, Direction::Receive), [[Fr::from(600u64), x, y]]);
        // Element 0 has x >> 128, element 1 x's low half and y >> 136, element 2 what is left of y.
        let low = |value: Fr, bits: usize| {
            Fr::from_le_bytes_mod_order(&value.into_bigint().0.map(u64::to_le_bytes).concat()[..bits / 8])
        };
        let (x_low, y_low) = (low(x, 128), low(y, 136));
        let (x_high, y_high) = ((x - x_low) / power_of_two(128), (y - y_low) / power_of_two(136));
        let first = x_high
            + Fr::from(amount) * power_of_two(126)
            + Fr::from(9u64) * power_of_two(190)
            + Fr::from(600u64) * power_of_two(206);
        assert_eq!(row.published, [first, x_low + y_high * power_of_two(128), y_low]);
        assert_eq!(row.carry_out, [Fr::from(1u64), Fr::from(4u64)]);
    }
}

#[test]
fn a_new_account_is_born_before_its_first_touch() {
    let input = DepositRecord { births: true, header_at: 32, ..honest() };
    let (failed, row) = run(&input);
    assert_eq!((failed, refusal(&row, 13)), (None, None));
    assert_eq!(tuples(&row, BIRTH, Direction::Send), [[600u64, 32].map(Fr::from)]);
    assert_eq!(tuples(&row, HEADER, Direction::Receive), [header_tuple(600, 32, &input.header)]);
    let silent =
        |row: &RowWitness| row.interactions.iter().all(|i| i.tag != BIRTH || i.multiplicity.is_zero());
    assert!(silent(&run(&honest()).1) && !silent(&row));
    // Nothing is born of a row that is not selected.
    assert_eq!(run(&Padded::disabled(DepositRecord { ..input })).1.violations, ["DEP-5"]);
}

#[test]
fn rejects_a_gap_in_the_list() {
    let row =
        RowWitness::compute::<Deposit>(SHARED, 3, &[Fr::ZERO, Fr::from(2u64)], &Padded::enabled(honest()));
    assert_eq!(row.violations, ["PRE-1"]);
}

#[test]
fn every_hint_is_pinned() {
    // The amount is published, the contract compares it with its queue; a birth is received by one new
    // account, or the batch has no proof.
    let free = ["memory.row_time", "deposit.amount", "deposit.births"];
    let (input, carry) = (honest(), CARRY.map(Fr::from));
    let forger = Forger::<Deposit>::new(&input).in_block(SHARED, 3, &carry);
    assert_eq!(forger.every_hint_is_pinned(&free), [""; 0]);
}

#[test]
fn padding_is_inert() {
    let row = RowWitness::compute::<Deposit>(
        SHARED,
        3,
        &[Fr::ZERO, Fr::from(2u64)],
        &Padded::disabled(Deposit::dummy()),
    );
    assert_eq!(refusal(&row, 13), None);
    assert_eq!(row.published, [Fr::ZERO; 3]);
    assert_eq!(row.carry_out, [Fr::ZERO, Fr::from(2u64)]);
    assert!(
        row.interactions
            .iter()
            .filter(|i| [BIRTH, HEADER, KEY].contains(&i.tag))
            .all(|i| i.multiplicity.is_zero())
    );
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<Deposit>(13).constraints.len(), 93);
}
