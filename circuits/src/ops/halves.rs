//! An op's two halves side by side, for tests: how its row runs within a block, what it puts on the
//! bus, which matrices it has.

use std::fmt::Debug;

use ark_bn254::Fr;
use ark_ff::Zero;

use super::{Context, Domain};
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::{Cs, Direction, Shared, Tag};
use crate::gadgets::forge::{Forger, refusal};
use crate::gadgets::range::RANGE;
use crate::gadgets::row::{IdealBus, Row, RowWitness, Template};
use crate::gadgets::var::Terms;
use crate::globals;
use crate::reject::Reject;

/// Limbs of the range table in these tests.
pub const LIMB_BITS: u32 = 13;
/// T of the row under test.
pub const SEQUENCE: u32 = 900;
/// First order id of the batch, and the number of the row under test within its block.
pub const NEXT_ORDER: u64 = 5_000;
pub const ROW: u64 = 3;
/// What the native half reads of the batch.
pub const CONTEXT: Context = Context { time: 1_000, domain: Domain { chain_id: 31_337, contract: [7; 20] } };

/// Time of touch `j`.
pub fn at(j: u64) -> u64 {
    8 * u64::from(SEQUENCE) + j
}

/// A row's surroundings: shared wires, number, carried wires.
pub struct Block {
    globals: Vec<Fr>,
    row: u64,
    carry: Vec<Fr>,
}

impl Block {
    /// Row [`ROW`] of a block whose rows before it are all enabled.
    pub fn new() -> Self {
        Self::after(ROW, [1, ROW])
    }

    /// Row `row`, handed `carry` (whether the row before is enabled, and how many rows are).
    pub fn after(row: u64, carry: [u64; 2]) -> Self {
        let mut values = vec![Fr::zero(); globals::COUNT];
        values[usize::from(globals::DOMAIN)] = CONTEXT.domain.word();
        values[usize::from(globals::TIME)] = Fr::from(CONTEXT.time);
        values[usize::from(globals::NEXT_ORDER)] = Fr::from(NEXT_ORDER);
        Self { globals: values, row, carry: carry.map(Fr::from).to_vec() }
    }

    fn shared(&self) -> Shared<'_> {
        Shared { limb_bits: LIMB_BITS, globals: &self.globals }
    }

    /// The ledger's first reject, and the row.
    pub fn run(&self, op: impl FnOnce(&mut Cs<'_>) -> Checks<Reject>) -> (Option<Reject>, RowWitness) {
        let mut cs = Cs::witness(self.shared(), self.row, &self.carry);
        let failed = op(&mut cs).failed();
        (failed, RowWitness::from_cs(cs))
    }

    pub fn row<R: Row>(&self, input: &R::Input) -> RowWitness {
        RowWitness::compute::<R>(self.shared(), self.row, &self.carry, input)
    }

    pub fn forger<'a, R: Row>(&'a self, input: &'a R::Input) -> Forger<'a, R> {
        Forger::new(input).in_block(self.shared(), self.row, &self.carry)
    }
}

/// Why the row is refused by itself.
pub fn refused(row: &RowWitness) -> Option<&'static str> {
    refusal(row, LIMB_BITS)
}

/// Tuples with a multiplicity, in order, limbs left out.
pub fn active(row: &RowWitness, direction: Direction) -> Vec<(Tag, Vec<Fr>)> {
    let all = row.interactions.iter().enumerate();
    all.filter(|(_, i)| i.direction == direction && i.tag != RANGE && !i.multiplicity.is_zero())
        .map(|(n, i)| (i.tag, row.tuple(n).to_vec()))
        .collect()
}

/// What a row that is accepted sends, receives and publishes, packed by hand.
#[derive(Debug)]
pub struct Expected {
    pub sent: Vec<(Tag, Vec<Fr>)>,
    pub received: Vec<(Tag, Vec<Fr>)>,
    pub published: Vec<Fr>,
}

/// Panics where the halves differ; returns the common verdict.
pub fn agree(
    ran: &(Option<Reject>, RowWitness),
    native: Result<Expected, Reject>,
    case: &dyn Debug,
) -> Option<Reject> {
    let (failed, row) = ran;
    match native {
        Ok(expected) => {
            assert_eq!((*failed, refused(row)), (None, None), "{case:?}");
            assert_eq!(active(row, Direction::Send), expected.sent, "sent by {case:?}");
            assert_eq!(active(row, Direction::Receive), expected.received, "received by {case:?}");
            assert_eq!(row.published, expected.published, "published by {case:?}");
            None
        }
        Err(reject) => {
            assert_eq!(*failed, Some(reject), "{case:?}");
            assert!(refused(row).is_some(), "{reject:?} is noted but not enforced: {case:?}");
            Some(reject)
        }
    }
}

/// The row satisfies its constraints, touches no tuple and publishes zeros.
pub fn assert_inert(row: &RowWitness) {
    assert_eq!(refused(row), None);
    assert_eq!(active(row, Direction::Send), vec![]);
    assert_eq!(active(row, Direction::Receive), vec![]);
    assert!(row.published.iter().all(Zero::is_zero));
    let mut bus = IdealBus::default();
    bus.add(row);
    assert_eq!(bus.imbalances(LIMB_BITS), vec![]);
}

/// Numbers and values of the hints of a name.
pub fn numbers<R: Row>(forger: &Forger<'_, R>, name: &str) -> Vec<(usize, Fr)> {
    let hints = forger.hints();
    hints.iter().enumerate().filter(|(_, (n, _))| *n == name).map(|(i, (_, v))| (i, *v)).collect()
}

/// A constraint with its id, or an interaction with its tag's name and its multiplicity.
type Line = (&'static str, Vec<Terms>);

fn matrices<R: Row>(input: &R::Input) -> Vec<Line> {
    let mut cs = Cs::template(LIMB_BITS);
    R::synthesize(&mut cs, input);
    let constraints = cs.constraints.iter().map(|c| (c.id, vec![c.a.clone(), c.b.clone(), c.c.clone()]));
    let interactions = cs.interactions.iter().map(|i| {
        let mut terms = i.tuple.clone();
        terms.push(i.multiplicity.clone());
        (i.tag.name, terms)
    });
    let published = cs.published.iter().map(|p| ("published", vec![p.terms.clone()]));
    constraints.chain(interactions).chain(published).collect()
}

/// The matrices do not depend on the input; returns the constraints of the row alone, and with the bus.
pub fn shape<R: Row>(inputs: &[R::Input]) -> (usize, usize) {
    let blank = matrices::<R>(&R::blank());
    for input in inputs {
        assert!(matrices::<R>(input) == blank, "{}: the matrices depend on the input", R::NAME);
    }
    let template = Template::compile::<R>(LIMB_BITS);
    (template.own_constraints, template.constraints.len())
}
