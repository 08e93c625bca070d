//! A leaf whose tag and mode disagree can never be opened.

use super::flat::flat;
use super::*;
use crate::gadgets::cs::Direction;
use crate::gadgets::hash::poseidon;
use crate::gadgets::range::RANGE;
use crate::soundness::forge::Forger;
use crate::soundness::leaf_forge::old_leaf;
use crate::state::account::{ACCOUNT_WORD, block_hash};
use ark_ff::{Field, PrimeField};

const CROSS_LIMIT: u32 = 50_003;
const ONE: Fr = Fr::ONE;

/// The leaf of an account under the tag of cross or isolated accounts, whatever its mode.
fn leaf(account: &Account, kind: u64, mode: u16) -> Fr {
    let unit = power_of_two(ACCOUNT_WORD.shift_of("mode"));
    let word = account.word() + unit * (Fr::from(mode) - Fr::from(account.mode.market()));
    let slots = account.slot_words();
    let mut input = vec![Fr::from(kind), account.owner.x, account.owner.y, word];
    match kind {
        tag::ISOLATED => input.push(slots[0]),
        _ => input.extend(slots.chunks(SLOTS_PER_BLOCK).map(block_hash)),
    }
    poseidon(&input)
}

/// The limbs of a row that are not in the range table.
fn outside(row: &RowWitness) -> usize {
    let limit = Fr::from(1u64 << SHARED.limb_bits).into_bigint();
    let limbs = row.interactions.iter().enumerate().filter(|(_, i)| {
        i.tag == RANGE && i.direction == Direction::Receive && !i.multiplicity.is_zero()
    });
    limbs.filter(|(number, _)| row.tuple(*number)[0].into_bigint() >= limit).count()
}

/// A row with one piece of advice replaced.
fn forged<R: Row>(input: &Padded<R::Record>, hint: &'static str, value: Fr) -> RowWitness
where
    R::Record: Clone,
{
    let forger = Forger::<R>::new(input).in_block(SHARED, 5, &[]);
    forger.run(&|name, _, honest| if name == hint { value } else { honest })
}

/// A row whose mode is the constant 0 opens the word of another mode only with a part that is too wide: the
/// one below the mode takes it in. Its range, and no other, refuses that.
fn no_mode_under_the_cross_tag<R: Row<Record: Clone>>(account: &Account, input: &Padded<R::Record>) {
    assert_eq!(old_leaf(&run::<R>(input)), leaf(account, tag::CROSS, 0));
    for mode in [1u16, 4, 511, u16::MAX] {
        let wide = Fr::from(account.leverage_limit) + power_of_two(FRACTION_BITS) * Fr::from(mode);
        let row = forged::<R>(input, "account.leverage_limit", wide);
        assert_eq!(old_leaf(&row), leaf(account, tag::CROSS, mode), "the forgery is what it says");
        assert_eq!((row.violations.as_slice(), refusal(&row, 13)), ([""; 0].as_slice(), Some("RANGE")));
        // Were the limit not ranged, nothing in the row would refuse: its limbs are all that is outside.
        let limbs = outside(&forged::<R>(input, "account.leverage_limit", power_of_two(200)));
        assert!((1..=limbs).contains(&outside(&row)));
    }
}

#[test]
fn a_cross_row_opens_no_leaf_with_a_mode() {
    let row = cross();
    assert_eq!(row.old.leverage_limit, CROSS_LIMIT);
    no_mode_under_the_cross_tag::<CrossAccount>(&row.old, &input(&row));
}

#[test]
fn a_flat_row_opens_no_leaf_with_a_mode() {
    let row = flat();
    no_mode_under_the_cross_tag::<FlatAccount>(&row.old, &input(&row));
}
