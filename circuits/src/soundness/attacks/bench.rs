//! A forged batch on its way through the circuit: inputs, advice, and what notices.

use std::collections::{BTreeSet, HashMap};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField};

use crate::batch::assembly::{Assembler, AssemblyError, Witness};
use crate::batch::layout::Circuit;
use crate::batch::shape::Shape;
use crate::executor::Executor;
use crate::executor::tests::{begin, deposit, genesis, signed};
use crate::gadgets::cs::{Direction, Tag};
use crate::gadgets::hash::poseidon;
use crate::gadgets::int::fr_to_signed;
use crate::gadgets::memory::ADDRESS_SHIFT;
use crate::gadgets::row::{IdealBus, Padded};
use crate::kinds::{Capacities, Trace};
use crate::ops::{Item, WithdrawItem};
use crate::params::MARKET_BITS;
use crate::soundness::attacks::inputs::Inputs;
use crate::soundness::batches::{a_trade, circuit_of, deployment, finish};
use crate::soundness::kinds;
use crate::state::State;
use crate::state::tags::{CHANGED, HEADER, NODE, POSITION};

/// Chosen advice: (name, number within the row, honest value) to the forged value.
pub type Choice = dyn Fn(&'static str, usize, Fr) -> Fr + Sync;

/// Advice of one row.
pub struct Advice {
    pub kind: &'static str,
    pub row: usize,
    pub choose: Box<Choice>,
}

/// Replaces every hint of this name in a row.
pub fn advice(
    kind: &'static str,
    row: usize,
    name: &'static str,
    forge: impl Fn(Fr) -> Fr + Sync + 'static,
) -> Advice {
    let choose =
        move |hint: &'static str, _: usize, honest: Fr| if hint == name { forge(honest) } else { honest };
    Advice { kind, row, choose: Box::new(choose) }
}

/// Replaces hints of a row by name; a row has one such choice.
pub fn chosen(
    kind: &'static str,
    row: usize,
    forge: impl Fn(&'static str, Fr) -> Fr + Sync + 'static,
) -> Advice {
    Advice {
        kind,
        row,
        choose: Box::new(move |name: &'static str, _: usize, honest: Fr| forge(name, honest)),
    }
}

/// What noticed a forgery: constraints that fail, and kinds of tuples that do not balance.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    pub unsatisfied: Vec<String>,
    pub unbalanced: BTreeSet<&'static str>,
    /// How many tuples do not balance.
    pub tuples: usize,
}

impl Verdict {
    pub fn accepted(&self) -> bool {
        self.unsatisfied.is_empty() && self.unbalanced.is_empty()
    }

    /// Nothing else than the bus notices, and there only these kinds of tuples: without that one
    /// defence the attack would succeed.
    #[track_caller]
    pub fn only_unbalances(&self, tags: &[&'static str]) {
        assert_eq!(self.unbalanced, tags.iter().copied().collect(), "{:?}", self.unsatisfied);
        assert_eq!(self.unsatisfied, ["the bus sum"]);
    }

    #[track_caller]
    pub fn unbalances(&self, tag: &str) {
        assert!(self.unbalanced.contains(tag), "{self:?}");
        assert!(self.unsatisfied.iter().any(|id| id == "the bus sum"));
    }

    #[track_caller]
    pub fn violates(&self, check: &str) {
        assert!(self.unsatisfied.iter().any(|id| id == check), "{self:?}");
    }
}

/// A batch of a shape and the inputs of its rows.
pub struct Bench {
    pub shape: Shape,
    pub circuit: Circuit,
    pub trace: Trace,
}

impl Bench {
    /// A batch of the tiny shape, changed by `grow`, that starts from `markets` markets.
    pub fn grown(grow: impl FnOnce(&mut Capacities), markets: u16, run: impl FnOnce(&mut Executor)) -> Self {
        let mut shape = Shape::named("tiny").unwrap();
        grow(&mut shape.capacities);
        let mut executor = begin(genesis(markets), shape.capacities);
        run(&mut executor);
        Self::finished(shape, executor)
    }

    /// A batch of the tiny shape.
    pub fn tiny(run: impl FnOnce(&mut Executor)) -> Self {
        Self::grown(|_| (), 1, run)
    }

    /// A batch of the tiny shape after `state`.
    pub fn after(state: State, run: impl FnOnce(&mut Executor)) -> Self {
        Self::grown_after(|_| (), state, run)
    }

    /// A batch of the tiny shape, changed by `grow`, after `state`.
    pub fn grown_after(
        grow: impl FnOnce(&mut Capacities),
        state: State,
        run: impl FnOnce(&mut Executor),
    ) -> Self {
        let mut shape = Shape::named("tiny").unwrap();
        grow(&mut shape.capacities);
        let mut executor = begin(state, shape.capacities);
        run(&mut executor);
        Self::finished(shape, executor)
    }

    fn finished(shape: Shape, executor: Executor) -> Self {
        let (_, trace) = finish(executor);
        Self { circuit: circuit_of(&shape), shape, trace }
    }

    /// Two new accounts that trade.
    pub fn trade() -> Self {
        let shape = Shape::named("tiny").unwrap();
        let (_, trace) = a_trade(shape.capacities);
        Self { circuit: circuit_of(&shape), shape, trace }
    }

    /// The batch after that: the buyer withdraws 17.
    pub fn withdrawal() -> Self {
        let shape = Shape::named("tiny").unwrap();
        Self::after(a_trade(shape.capacities).0, |executor| {
            let withdrawal = Item::Withdraw(WithdrawItem { amount: 17, recipient: [3; 20] });
            let op = signed(executor, 10, 600, vec![withdrawal]);
            executor.apply(&op).unwrap();
        })
    }

    pub fn inputs(&self) -> Inputs {
        self.inputs_of(&self.trace)
    }

    /// The inputs of a forged record.
    pub fn inputs_of(&self, trace: &Trace) -> Inputs {
        Inputs::new(&self.shape, trace, &deployment(&self.shape))
    }

    /// What notices; a checked assembly must refuse whatever a proof would.
    #[track_caller]
    pub fn verdict(&self, inputs: &Inputs, forged: &[Advice]) -> Verdict {
        let verdict = verdict(&self.circuit, inputs, forged);
        let checked = assemble(&self.circuit, inputs, forged, true).map(|_| ());
        assert_eq!(checked.is_ok(), verdict.accepted(), "{checked:?} {verdict:?}");
        verdict
    }
}

/// A rich and a poor account, 600 and 601, and nothing else.
pub fn rich_and_poor() -> Bench {
    Bench::tiny(|executor| {
        assert_eq!(deposit(executor, 10, 1_000_000_000), 600);
        assert_eq!(deposit(executor, 11, 5), 601);
    })
}

/// The rows of inputs, with the forged advice.
pub fn assemble<'a>(
    circuit: &'a Circuit,
    inputs: &Inputs,
    forged: &'a [Advice],
    check: bool,
) -> Result<Witness<'a>, AssemblyError> {
    let mut assembler = forging(circuit, inputs.globals(), forged);
    inputs.fill(&mut assembler)?;
    assembler.finish(check)
}

/// An assembler with no rows yet, which takes the forged advice for the rows that have some.
pub fn forging<'a>(circuit: &'a Circuit, globals: Vec<Fr>, forged: &'a [Advice]) -> Assembler<'a> {
    let mut assembler = Assembler::new(circuit, globals);
    for Advice { kind, row, choose } in forged {
        assembler.override_row(kind, *row, choose.as_ref());
    }
    assembler
}

/// All columns at a challenge, with a digest that nothing depends on.
pub fn columns(witness: &Witness<'_>, z: Fr) -> Vec<Fr> {
    witness.columns(Fr::from(5u64), z)
}

pub fn challenge() -> Fr {
    Fr::from(3u64).pow([200])
}

/// The verdict of a circuit, which may lack constraints, without any check of the rows.
pub fn verdict(circuit: &Circuit, inputs: &Inputs, forged: &[Advice]) -> Verdict {
    let witness = assemble(circuit, inputs, forged, false).unwrap_or_else(|e| panic!("{e}"));
    let unsatisfied = circuit.unsatisfied(&columns(&witness, challenge()));
    let mut bus = IdealBus::default();
    witness.rows().iter().flatten().for_each(|row| bus.add(row));
    let left = bus.imbalances(circuit.limb_bits);
    Verdict { unsatisfied, unbalanced: left.iter().map(|(tag, ..)| tag.name).collect(), tuples: left.len() }
}

/// The honest witness, for checks of its own.
pub fn with_witness<T>(bench: &Bench, look: impl FnOnce(&Witness<'_>) -> T) -> T {
    look(&assemble(&bench.circuit, &bench.inputs(), &[], true).unwrap_or_else(|e| panic!("{e}")))
}

/// Tuples of a kind that rows send, in the order of rows.
pub fn sent(circuit: &Circuit, inputs: &Inputs, forged: &[Advice], tag: Tag) -> Vec<(&'static str, Vec<Fr>)> {
    let witness = assemble(circuit, inputs, forged, false).unwrap_or_else(|e| panic!("{e}"));
    let mut tuples = Vec::new();
    for (block, rows) in circuit.blocks.iter().zip(witness.rows()) {
        for row in rows {
            for (i, interaction) in row.interactions.iter().enumerate() {
                let active = interaction.multiplicity != Fr::ZERO;
                if interaction.tag == tag && interaction.direction == Direction::Send && active {
                    tuples.push((block.kind(), row.tuple(i).to_vec()));
                }
            }
        }
    }
    tuples
}

/// Makes all that depends on leaves and changed positions agree with the forged rows: the nodes above
/// the leaves, the root, the published positions. What is left to notice is the forgery itself.
pub fn cohere(circuit: &Circuit, inputs: &mut Inputs, forged: &[Advice]) {
    let changed = sent(circuit, inputs, forged, CHANGED);
    inputs.changed = changed.into_iter().map(|(_, tuple)| Padded::enabled(tuple[0])).collect();
    let leaves = sent(circuit, inputs, forged, NODE).into_iter().filter(|(kind, _)| *kind != kinds::NODE);
    let mut new: HashMap<Fr, Fr> = leaves.map(|(_, tuple)| (tuple[0], tuple[2])).collect();
    for node in inputs.nodes.iter_mut().map(|row| &mut row.record) {
        for j in (0..8).filter(|j| node.touched >> j & 1 == 1) {
            if let Some(hash) = new.get(&Fr::from(8 * node.address + j as u64)) {
                node.new[j] = *hash;
            }
        }
        new.insert(Fr::from(node.address), poseidon(&node.new));
    }
    inputs.statement.new_root = new[&Fr::ONE];
}

/// Makes the nodes above changed children agree with them, and the root.
pub fn rehash(inputs: &mut Inputs) {
    let mut new: HashMap<u64, Fr> = HashMap::new();
    for node in inputs.nodes.iter_mut().map(|row| &mut row.record) {
        for j in (0..8).filter(|j| node.touched >> j & 1 == 1) {
            if let Some(hash) = new.get(&(8 * node.address + j as u64)) {
                node.new[j] = *hash;
            }
        }
        new.insert(node.address, poseidon(&node.new));
    }
    inputs.statement.new_root = new[&1];
}

/// Lets every cross account close with the header that the forged rows sent last, and its positions with what they
/// require then.
pub fn close_as_sent(circuit: &Circuit, inputs: &mut Inputs) {
    close_as_sent_by(circuit, inputs, &[]);
}

/// The tuples of a kind of cell that were sent last, by address.
fn sent_last(circuit: &Circuit, inputs: &Inputs, forged: &[Advice], tag: Tag) -> HashMap<u64, Vec<Fr>> {
    let mut last: HashMap<u64, (u128, Vec<Fr>)> = HashMap::new();
    for (_, tuple) in sent(circuit, inputs, forged, tag) {
        let [low, high, ..] = tuple[0].into_bigint().0;
        let key = u128::from(high) << 64 | u128::from(low);
        let (address, time) = ((key >> ADDRESS_SHIFT) as u64, key & ((1 << ADDRESS_SHIFT) - 1));
        if last.get(&address).is_none_or(|(before, _)| *before <= time) {
            last.insert(address, (time, tuple));
        }
    }
    last.into_iter().map(|(address, (_, tuple))| (address, tuple)).collect()
}

/// [`close_as_sent`] of rows with forged advice.
pub fn close_as_sent_by(circuit: &Circuit, inputs: &mut Inputs, forged: &[Advice]) {
    let last = sent_last(circuit, inputs, forged, HEADER);
    let positions = sent_last(circuit, inputs, forged, POSITION);
    let signed = |value: Fr| i128::try_from(fr_to_signed(value)).unwrap();
    for account in &mut inputs.cross {
        let id = account.id;
        for slot in account.slots.iter_mut().filter(|slot| slot.market != 0) {
            let tuple = &positions[&((id << MARKET_BITS) + u64::from(slot.market))];
            slot.new_required = [signed(tuple[3]), signed(tuple[4])];
        }
        let tuple = &last[&id];
        let close = &mut account.close;
        close.collateral = i64::try_from(signed(tuple[1])).unwrap();
        (close.value, close.initial) = (signed(tuple[2]), signed(tuple[3]));
        (close.maintenance, close.entry) = (signed(tuple[4]), signed(tuple[5]));
    }
}

/// Numbers of the advice of a name within a row.
pub fn hint_numbers(bench: &Bench, kind: &'static str, row: usize, name: &'static str) -> Vec<usize> {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let record = seen.clone();
    let choose = move |hint: &'static str, number: usize, value: Fr| {
        if hint == name {
            record.lock().unwrap().push(number);
        }
        value
    };
    let watched = [Advice { kind, row, choose: Box::new(choose) }];
    assemble(&bench.circuit, &bench.inputs(), &watched, false).unwrap_or_else(|e| panic!("{e}"));
    std::mem::take(&mut *seen.lock().unwrap())
}
