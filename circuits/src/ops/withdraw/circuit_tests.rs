//! The withdraw row against the native half, and against forged advice.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, PrimeField, Zero};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::apply;
use super::circuit::{Withdraw, WithdrawRecord, withdraw};
use crate::gadgets::cs::{Cs, Direction, Shared};
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::gadgets::var::power_of_two;
use crate::margin::native::withdrawable;
use crate::ops::{Item, WithdrawItem};
use crate::reject::Reject;
use crate::soundness::fixture::flat;
use crate::soundness::forge::{Forger, refusal};
use crate::soundness::samples::{self, header_tuple, tuples};
use crate::state::tags::{HEADER, ITEM};

const SHARED: Shared<'static> = Shared { limb_bits: 13, globals: &[] };

fn honest() -> WithdrawRecord {
    WithdrawRecord {
        sequence: 4,
        single_cancel: false,
        account: 600,
        amount: 5,
        recipient: [0xa7; 20],
        header: flat(9),
        header_at: 3,
    }
}

fn run(input: &(impl Clone + Into<Padded<WithdrawRecord>>)) -> (Option<Reject>, RowWitness) {
    let mut cs = Cs::witness(SHARED, 0, &[]);
    let failed = withdraw(&mut cs, &input.clone().into()).failed();
    (failed, RowWitness::from_cs(cs))
}

fn agree(input: &WithdrawRecord) -> Option<Reject> {
    let item = WithdrawItem { amount: input.amount, recipient: input.recipient };
    let native = apply(&item, &input.header).map_err(Reject::from);
    let (failed, row) = run(input);
    assert_eq!((failed, refusal(&row, 13).is_some()), (native.err(), native.is_err()), "{input:?}");
    let Ok(after) = native else { return native.err() };
    let signed = [Item::Withdraw(item).word(), Fr::from(input.account)];
    assert_eq!(tuples(&row, ITEM, Direction::Receive), [signed]);
    assert_eq!(tuples(&row, HEADER, Direction::Receive), [header_tuple(600, 3, &input.header)]);
    assert_eq!(tuples(&row, HEADER, Direction::Send), [header_tuple(600, 64, &after)]);
    let recipient = Fr::from_be_bytes_mod_order(&input.recipient);
    assert_eq!(row.published, [recipient + Fr::from(input.amount) * power_of_two(160)]);
    None
}

#[test]
fn agrees_at_the_withdrawable_amount_of_random_accounts() {
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let mut accepted = 0;
    for _ in 0..1_500 {
        let terms = samples::terms(&mut rng);
        let size = samples::size(&mut rng, &terms.entry.market, i128::from(terms.lots));
        let header = samples::leg(&mut rng, &terms.entry.market, size, 0).header;
        let most = withdrawable(&header);
        for amount in [most.saturating_sub(1), most, most.saturating_add(1), 1, rng.gen_range(0..u64::MAX)] {
            accepted += usize::from(agree(&WithdrawRecord { header, amount, ..honest() }).is_none());
        }
    }
    assert!(accepted > 1_000, "{accepted} of 7500 accepted");
}

#[test]
fn rejects_at_the_bounds_of_amount_and_collateral() {
    let run = |collateral, amount| agree(&WithdrawRecord { header: flat(collateral), amount, ..honest() });
    assert_eq!(run(9, 0), Some(Reject::AmountRange));
    assert_eq!(run(9, 9), None);
    assert_eq!(run(9, 10), Some(Reject::UnrealisedProfit));
    assert_eq!(run(i64::MAX, (1 << 63) - 1), None);
    assert_eq!(run(i64::MAX, 1 << 63), Some(Reject::AmountRange));
    assert_eq!(run(i64::MAX, u64::MAX), Some(Reject::AmountRange));
    assert_eq!(run(i64::MIN, 1), Some(Reject::CollateralRange));
}

#[test]
fn every_hint_is_pinned() {
    let free = ["memory.row_time"];
    assert_eq!(Forger::<Withdraw>::new(&honest()).every_hint_is_pinned(&free), [""; 0]);
}

#[test]
fn padding_is_inert() {
    let row = RowWitness::compute::<Withdraw>(SHARED, 0, &[], &Padded::disabled(Withdraw::dummy()));
    assert_eq!(refusal(&row, 13), None);
    assert_eq!(row.published, [Fr::ZERO]);
    assert!(
        row.interactions.iter().filter(|i| [ITEM, HEADER].contains(&i.tag)).all(|i| i.multiplicity.is_zero())
    );
    // Whatever stands in a row that is not selected, nothing of it is published.
    let idle =
        RowWitness::compute::<Withdraw>(SHARED, 0, &[], &Padded::disabled(WithdrawRecord { ..honest() }));
    assert_eq!(idle.published, [Fr::ZERO]);
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<Withdraw>(13).constraints.len(), 71);
}
