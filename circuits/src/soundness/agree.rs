//! Both halves of an op on one record.
//!
//! The native half accepts a record exactly if its row notes no failed check, and exactly if the row's
//! constraints and ranges hold. A refused record has the same first reason in both halves. An accepted one
//! leaves behind what follows from the native half's result and nothing else, and reads what the outcome
//! lists; in a row that is not enabled, it leaves and reads nothing.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, MontFp, One, Zero};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use crate::gadgets::checks::Checks;
use crate::gadgets::cs::{Cs, Direction, Shared, Tag};
use crate::gadgets::int::Bit;
use crate::gadgets::range::RANGE;
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::gadgets::var::Var;
use crate::ops::Context;
use crate::reject::{Refusal, Reject};
use crate::soundness::bounds;
use crate::soundness::fixture::context;
use crate::soundness::forge::{Forger, outside_table, refusal};
use crate::state::wires;

/// Number of the row in its block; the rows before it are enabled.
pub const NUMBER: u64 = 3;
/// First order id of the batch.
pub const NEXT_ORDER: u64 = 70;

const LIMB_BITS: u32 = 13;
/// What the row before hands on in a block that counts its enabled rows.
const CARRY: [Fr; 2] = [Fr::ONE, MontFp!("3")];
/// Random cases of a run; every reason that they can meet occurs among them.
const CASES: usize = 8_000;

static GLOBALS: LazyLock<[Fr; wires::COUNT]> = LazyLock::new(|| globals(context().time));
static LATER: LazyLock<[Fr; wires::COUNT]> = LazyLock::new(|| globals(a_day_later().time));

thread_local! {
    static IS_LATER: Cell<bool> = const { Cell::new(false) };
}

/// The fixture's context a day later.
pub fn a_day_later() -> Context {
    let time = context().time + 86_400;
    Context { time, observed: time, ..context() }
}

/// Runs a test whose rows share [`a_day_later`]'s time.
pub fn later<T>(test: impl FnOnce() -> T) -> T {
    IS_LATER.set(true);
    let outcome = test();
    IS_LATER.set(false);
    outcome
}

fn globals(time: u64) -> [Fr; wires::COUNT] {
    let mut globals = [Fr::ZERO; wires::COUNT];
    globals[usize::from(wires::DOMAIN)] = context().domain.word();
    globals[usize::from(wires::TIME)] = Fr::from(time);
    globals[usize::from(wires::NEXT_ORDER)] = Fr::from(NEXT_ORDER);
    globals
}

/// What the row shares with others: time and domain of the fixture's context, or of a day later.
fn shared() -> Shared<'static> {
    let globals = if IS_LATER.get() { &*LATER } else { &*GLOBALS };
    Shared { limb_bits: LIMB_BITS, globals }
}

/// What a row reads and leaves behind: tuples, without limbs and idle ones, and published elements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    tuples: Vec<(Tag, Direction, Vec<Fr>)>,
    published: Vec<Fr>,
    second_selector: Option<&'static str>,
}

impl Outcome {
    /// What this row reads and leaves behind. Panics if it sends or receives a tuple more than once.
    fn of(row: &RowWitness) -> Self {
        let mut outcome = Self { published: row.published.clone(), ..Self::default() };
        for (number, interaction) in row.interactions.iter().enumerate() {
            if interaction.tag != RANGE && !interaction.multiplicity.is_zero() {
                assert!(interaction.multiplicity.is_one(), "{}", interaction.tag.name);
                outcome.tuples.push((interaction.tag, interaction.direction, row.tuple(number).to_vec()));
            }
        }
        outcome.by_tag()
    }

    /// The row sends this tuple.
    pub fn sends(mut self, tag: Tag, tuple: impl Into<Vec<Fr>>) -> Self {
        self.tuples.push((tag, Direction::Send, tuple.into()));
        self
    }

    /// The row receives this tuple or looks it up.
    pub fn receives(mut self, tag: Tag, tuple: impl Into<Vec<Fr>>) -> Self {
        self.tuples.push((tag, Direction::Receive, tuple.into()));
        self
    }

    /// The row changes a cell.
    pub fn touches(self, tag: Tag, before: impl Into<Vec<Fr>>, after: impl Into<Vec<Fr>>) -> Self {
        self.receives(tag, before).sends(tag, after)
    }

    /// The row receives these cells and sends those.
    pub fn changes(mut self, before: Vec<(Tag, Vec<Fr>)>, after: Vec<(Tag, Vec<Fr>)>) -> Self {
        self.tuples.extend(before.into_iter().map(|(tag, tuple)| (tag, Direction::Receive, tuple)));
        self.tuples.extend(after.into_iter().map(|(tag, tuple)| (tag, Direction::Send, tuple)));
        self
    }

    /// The row publishes this element.
    pub fn publishes(mut self, element: Fr) -> Self {
        self.published.push(element);
        self
    }

    /// The row has a second selector, and check `id` refuses it in a row that is not enabled.
    pub fn selects_under(mut self, id: &'static str) -> Self {
        self.second_selector = Some(id);
        self
    }

    /// Tuples of a kind and direction keep their order; the kinds may be listed in any order.
    fn by_tag(mut self) -> Self {
        self.tuples.sort_by_key(|(tag, direction, _)| (tag.code, *direction == Direction::Send));
        self
    }
}

/// Asks both halves about a record; panics where they differ. Returns the reason of both, if they refuse.
///
/// - `native`: the native half; the sides of its comparisons count for [`bounds`].
/// - `circuit`: synthesises the row and returns its checks.
/// - `outcome`: what an accepted row reads and leaves behind, by the native half's result.
pub fn both_halves<R: Row<Record: Clone + Debug>, T>(
    record: &R::Record,
    native: impl FnOnce() -> Result<T, Refusal>,
    circuit: fn(&mut Cs<'_>, &Padded<R::Record>) -> Checks<Reject>,
    outcome: impl FnOnce(&T) -> Outcome,
) -> Option<Reject> {
    let (noted, row) = synthesize(R::NAME, |cs| circuit(cs, &Padded::enabled(record.clone())));
    let violated = refusal(&row, LIMB_BITS);
    let name = R::NAME;
    let after = match bounds::counting(native, |outcome| Some(outcome.as_ref().map(|_| ()))) {
        Ok(after) => after,
        Err(Refusal { reason, .. }) => {
            assert_eq!(noted, Some(reason), "{name}: {record:?}");
            assert!(violated.is_some(), "{name}: {reason:?} is noted but not enforced: {record:?}");
            return noted;
        }
    };
    assert_eq!((noted, violated), (None, None), "{name}: {record:?}");
    let mut expected = outcome(&after).by_tag();
    let second_selector = expected.second_selector.take();
    assert_eq!(Outcome::of(&row), expected, "{name}: {record:?}");
    assert_eq!(row.carry_out, carried::<R>(true), "{name}: {record:?}");
    match second_selector {
        None => assert_idle::<R>(shared(), &CARRY, record.clone()),
        Some(id) => {
            let idle = self::row::<R>(&Padded::disabled(record.clone()));
            assert_eq!(refusal(&idle, LIMB_BITS), Some(id), "{name} when it is idle: {record:?}");
        }
    }
    None
}

/// The circuit half of a row without checks: other rows hold the law of its op.
pub fn without_checks<R: Row>(cs: &mut Cs<'_>, input: &Padded<R::Record>) -> Checks<Reject> {
    R::synthesize(cs, input);
    Checks::new(&Bit::new_unchecked(Var::one()))
}

/// Asks both halves about random records. The reasons they meet are `reachable`, all of them and no other;
/// at least one record in twenty is accepted.
pub fn on_samples(agree: impl Fn(&mut ChaCha20Rng) -> Option<Reject>, reachable: &[Reject]) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut seen: BTreeMap<Option<Reject>, usize> = BTreeMap::new();
    for _ in 0..CASES {
        *seen.entry(agree(&mut rng)).or_default() += 1;
    }
    let reasons: BTreeSet<Reject> = seen.keys().copied().flatten().collect();
    assert_eq!(reasons, reachable.iter().copied().collect(), "{seen:?}");
    assert!(seen[&None] > CASES / 20, "{seen:?}");
}

/// The kind's padding is satisfied and leaves nothing behind: with limbs of any width, after an enabled row
/// and after an idle one, and whatever the batch's time.
pub fn padding_is_inert<R: Row>() {
    for limb_bits in [8, LIMB_BITS, 14] {
        for globals in [&[], &GLOBALS[..]] {
            for before in [Fr::ONE, Fr::ZERO] {
                assert_idle::<R>(Shared { limb_bits, globals }, &[before, CARRY[1]], R::dummy());
            }
        }
    }
}

/// In a block that counts its enabled rows, an enabled one after an idle one is refused.
pub fn rejects_a_row_after_an_idle_one<R: Row>(record: R::Record) {
    let row = RowWitness::compute::<R>(shared(), NUMBER, &[Fr::ZERO, CARRY[1]], &Padded::enabled(record));
    assert_eq!(row.violations, ["PRE-1"], "{}", R::NAME);
}

/// A record in a row that is not enabled: satisfied, with nothing sent, received, looked up, published or
/// counted.
fn assert_idle<R: Row>(shared: Shared<'_>, carry: &[Fr], record: R::Record) {
    let row = RowWitness::compute::<R>(shared, NUMBER, carry, &Padded::disabled(record));
    assert_eq!(refusal(&row, shared.limb_bits), None, "{} when it is idle", R::NAME);
    let nothing = Outcome { published: vec![Fr::ZERO; row.published.len()], ..Outcome::default() };
    assert_eq!(Outcome::of(&row), nothing, "{} when it is idle", R::NAME);
    assert_eq!(row.carry_out, carried::<R>(false), "{} when it is idle", R::NAME);
}

/// What the row hands on, if rows of its kind are counted.
fn carried<R: Row>(enabled: bool) -> Vec<Fr> {
    if R::SEED.is_empty() {
        Vec::new()
    } else {
        [enabled.into(), NUMBER + u64::from(enabled)].map(Fr::from).to_vec()
    }
}

/// The row has as many wires and interactions as its kind's template.
pub fn has_the_shape_of<R: Row>(template: &Template, input: &Padded<R::Record>) {
    let row = RowWitness::compute::<R>(shared(), NUMBER, &CARRY, input);
    assert_eq!(row.committed.len() as u32, template.committed, "{}", R::NAME);
    assert_eq!(row.derived.len() as u32, template.derived, "{}", R::NAME);
    assert_eq!(row.interactions.len(), template.interactions.len(), "{}", R::NAME);
}

/// The row of a kind as `circuit` synthesises it, and the first reason that it notes.
fn synthesize(
    kind: &'static str,
    circuit: impl FnOnce(&mut Cs<'_>) -> Checks<Reject>,
) -> (Option<Reject>, RowWitness) {
    let mut cs = Cs::witness(shared(), NUMBER, &CARRY).of_kind(kind);
    let noted = circuit(&mut cs).failed();
    (noted, RowWitness::from_cs(cs))
}

/// The first reason that a row notes, and whether its constraints or ranges refuse it.
pub fn verdict(circuit: impl FnOnce(&mut Cs<'_>) -> Checks<Reject>) -> (Option<Reject>, bool) {
    let (noted, row) = synthesize("", circuit);
    (noted, refusal(&row, LIMB_BITS).is_some())
}

/// Ids of the checks that refuse the row of a record.
pub fn refused_by<R: Row>(input: &(impl Clone + Into<Padded<R::Record>>)) -> BTreeSet<&'static str> {
    let (template, row) = (Template::compile::<R>(LIMB_BITS), row::<R>(input));
    let outside = outside_table(&row, LIMB_BITS);
    let constraints = row.violated.iter().map(|number| template.constraints[*number].check);
    constraints.chain(outside.map(|number| template.interactions[number].check)).collect()
}

/// The row of a record where [`both_halves`] has it.
pub fn row<R: Row>(input: &(impl Clone + Into<Padded<R::Record>>)) -> RowWitness {
    RowWitness::compute::<R>(shared(), NUMBER, &CARRY, &input.clone().into())
}

/// Forges the advice of the row where [`both_halves`] has it.
pub fn forger<R: Row>(input: &(impl Clone + Into<Padded<R::Record>>)) -> Forger<'static, R> {
    Forger::new(input).in_block(shared(), NUMBER, &CARRY)
}
