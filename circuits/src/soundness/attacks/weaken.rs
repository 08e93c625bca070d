//! Seeded bugs: ways in which a circuit may lack a defence.

use ark_bn254::Fr;

use crate::batch::layout::Circuit;
use crate::gadgets::cs::{Constraint, Tag};
use crate::gadgets::range::RANGE;
use crate::gadgets::row::{MAX_ARITY, Template};
use crate::gadgets::var::{Terms, Wire};
use crate::soundness::kinds;

/// What a circuit lacks. Kinds have the names of [`kinds`].
#[derive(Clone, Copy, Debug)]
pub enum Weak {
    /// The constraints of an id in rows of a kind.
    Without(&'static str, &'static str),
    /// All that a check of the spec consists of in rows of a kind, its ranges too.
    NoCheck(&'static str, &'static str),
    /// The constraint that makes a piece of advice a bit.
    NoBit(&'static str, &'static str),
    /// Every range check of what a piece of advice stands in, directly or as a factor.
    NoRange(&'static str, &'static str),
    /// The look-up of a partial top limb as it is, one of its two look-ups.
    NoPlainLimb(&'static str, &'static str),
    /// The other one: the value may fill whole limbs.
    NoShiftedLimb(&'static str, &'static str),
    /// The look-ups of a kind of tuples in rows of a kind.
    NoLookup(&'static str, Tag),
    /// A kind of tuples, sent and received.
    NoTuples(Tag),
    /// A component of a kind of tuples, in all rows.
    NoComponent(Tag, usize),
    /// A component of a row's only tuple of a kind is advice of its own: witnessed again.
    FreeComponent(&'static str, Tag, usize),
    /// The tags of all fingerprints.
    NoTags,
    /// The pole's hash: it is the challenge's square.
    PoleOfChallenge,
    /// The number of the row in a kind of tuples.
    NoRowIndex(&'static str, Tag),
    /// The multiplicity of a row's first tuple of a kind is chosen after the challenge.
    LateMultiplicity(&'static str, Tag),
    /// The first component of a row's first tuple of a kind is chosen after the challenge.
    LateComponent(&'static str, Tag),
    /// A published element of a row is chosen after the challenge.
    LateElement(&'static str, usize),
    /// The commitment's hash: the challenge is known beforehand.
    KnownChallenge,
}

/// A wire that a weakening adds to each row of a kind.
#[derive(Clone, Debug)]
pub enum Added {
    /// Committed wire; honestly the value of `terms`.
    Free { kind: &'static str, wire: u32, terms: Terms },
    /// Derived wire in an interaction that the bus sum is solved for in row 0; honestly the value of `terms`.
    Solves { kind: &'static str, wire: u32, interaction: usize, terms: Terms },
    /// Derived wire that is published; honestly the value of `terms`.
    Publishes { kind: &'static str, wire: u32, published: usize, terms: Terms },
}

/// A circuit that lacks something.
pub struct Weakened {
    pub circuit: Circuit,
    pub added: Vec<Added>,
    /// The prover knows the challenge before it commits.
    pub known_challenge: bool,
}

impl Weakened {
    /// Panics if a weakening changes nothing.
    pub fn new(truth: &Circuit, weak: &[Weak]) -> Self {
        let mut blocks = truth.blocks.clone();
        let mut added = Vec::new();
        for one in weak {
            let mut changed = 0;
            for block in &mut blocks {
                let kind = block.kind();
                changed += weaken(&mut block.template, kind, one, &mut added);
            }
            assert!(changed > 0 || matches!(one, Weak::NoTags | Weak::KnownChallenge), "{one:?}");
        }
        for block in &mut blocks {
            block.template.rebuild_bus();
            if weak.iter().any(|one| matches!(one, Weak::NoTags)) {
                let tag = |(wire, _): &(Wire, Fr)| *wire != Wire::Chi(MAX_ARITY + 1);
                let own = block.template.own_constraints;
                block.template.constraints[own..].iter_mut().for_each(|c| {
                    if c.id == "BUS-2" {
                        c.a.retain(tag);
                        c.b.retain(tag);
                    }
                });
            }
        }
        let mut circuit = Circuit::new(blocks, &truth.lists, truth.limb_bits, truth.globals);
        truth.fixed_globals().for_each(|(global, value)| circuit.fix_global(global, value));
        let known_challenge = weak.iter().any(|one| matches!(one, Weak::KnownChallenge));
        Self { circuit, added, known_challenge }
    }
}

fn hint_wires(template: &Template, name: &str) -> Vec<Wire> {
    let named = template.hints.iter().filter(|(hint, _)| *hint == name);
    named.map(|(_, wire)| Wire::Committed(*wire)).collect()
}

fn mentions(terms: &Terms, wires: &[Wire]) -> bool {
    terms.iter().any(|(wire, _)| wires.contains(wire))
}

/// Keeps the row function's constraints that `keep` wants; how many went.
fn retain_constraints(template: &mut Template, keep: impl Fn(&Constraint) -> bool) -> usize {
    let own = template.own_constraints;
    template.constraints.truncate(own);
    template.constraints.retain(keep);
    template.own_constraints = template.constraints.len();
    own - template.own_constraints
}

/// Drops the limbs of which `drop` is true: (what they stand for mentions these wires, number among those).
fn drop_limbs(template: &mut Template, wires: &[Wire], drop: impl Fn(usize) -> bool) -> usize {
    let mut number = 0;
    let before = template.interactions.len();
    template.interactions.retain(|i| {
        let concerned = i.tag == RANGE && i.provided_by.is_none() && mentions(&i.tuple[0], wires);
        number += usize::from(concerned);
        !(concerned && drop(number - 1))
    });
    before - template.interactions.len()
}

/// The wires of a hint and the products that it is a factor of.
fn with_products(template: &Template, name: &str) -> Vec<Wire> {
    let mut wires = hint_wires(template, name);
    let own = &template.constraints[..template.own_constraints];
    let products = own.iter().filter(|c| mentions(&c.a, &wires) || mentions(&c.b, &wires));
    let products: Vec<Wire> =
        products.filter(|c| c.id == "CS-1").flat_map(|c| c.c.iter().map(|(wire, _)| *wire)).collect();
    wires.extend(products);
    wires
}

// Changes one template; how many places.
fn weaken(template: &mut Template, kind: &'static str, weak: &Weak, added: &mut Vec<Added>) -> usize {
    match *weak {
        Weak::Without(of, id) if of == kind => retain_constraints(template, |c| c.id != id),
        Weak::NoCheck(of, check) if of == kind => {
            let before = template.interactions.len();
            template.interactions.retain(|i| i.check != check || i.tag != RANGE);
            before - template.interactions.len() + retain_constraints(template, |c| c.check != check)
        }
        Weak::NoBit(of, name) if of == kind => {
            let wires = hint_wires(template, name);
            retain_constraints(template, |c| c.id != "INT-1" || !mentions(&c.a, &wires))
        }
        Weak::NoRange(of, name) if of == kind => {
            let wires = with_products(template, name);
            drop_limbs(template, &wires, |_| true)
        }
        Weak::NoPlainLimb(of, name) if of == kind => {
            let wires = hint_wires(template, name);
            drop_limbs(template, &wires, |number| number == 0)
        }
        Weak::NoShiftedLimb(of, name) if of == kind => {
            let wires = hint_wires(template, name);
            drop_limbs(template, &wires, |number| number == 1)
        }
        Weak::NoLookup(of, tag) if of == kind => {
            let before = template.interactions.len();
            template.interactions.retain(|i| i.tag != tag || i.provided_by.is_some());
            before - template.interactions.len()
        }
        Weak::NoTuples(tag) => {
            let before = template.interactions.len();
            template.interactions.retain(|i| i.tag != tag);
            before - template.interactions.len()
        }
        Weak::NoComponent(tag, component) => {
            let of_tag = template.interactions.iter_mut().filter(|i| i.tag == tag);
            of_tag.map(|i| i.tuple[component].clear()).count()
        }
        Weak::NoRowIndex(of, tag) if of == kind => {
            let of_tag = template.interactions.iter_mut().filter(|i| i.tag == tag);
            let terms = of_tag.flat_map(|i| i.tuple.iter_mut());
            terms.map(|terms| terms.retain(|(wire, _)| *wire != Wire::RowIndex)).count()
        }
        Weak::PoleOfChallenge if kind == kinds::CHALLENGE => {
            let pole = template.own_constraints - 1;
            let z = vec![(Wire::Chi(1), Fr::from(1u64))];
            (template.constraints[pole].a, template.constraints[pole].b) = (z.clone(), z);
            1
        }
        _ => add_wire(template, kind, weak, added),
    }
}

// Weakenings that replace something by a wire of its own.
fn add_wire(template: &mut Template, kind: &'static str, weak: &Weak, added: &mut Vec<Added>) -> usize {
    let first = |template: &Template, tag: Tag| {
        let found = template.interactions.iter().position(|i| i.tag == tag);
        found.unwrap_or_else(|| panic!("{} has no {}", template.name, tag.name))
    };
    let one = Fr::from(1u64);
    match *weak {
        Weak::FreeComponent(of, tag, component) if of == kind => {
            let interaction = first(template, tag);
            let wire = template.committed;
            template.committed += 1;
            let own = vec![(Wire::Committed(wire), one)];
            let terms = std::mem::replace(&mut template.interactions[interaction].tuple[component], own);
            added.push(Added::Free { kind, wire, terms });
        }
        Weak::LateMultiplicity(of, tag) if of == kind => {
            let (interaction, wire) = (first(template, tag), template.derived);
            template.derived += 1;
            let own = vec![(Wire::Derived(wire), one)];
            let terms = std::mem::replace(&mut template.interactions[interaction].multiplicity, own);
            added.push(Added::Solves { kind, wire, interaction, terms });
        }
        Weak::LateComponent(of, tag) if of == kind => {
            let (interaction, wire) = (first(template, tag), template.derived);
            template.derived += 1;
            template.interactions[interaction].tuple[0].push((Wire::Derived(wire), one));
            added.push(Added::Solves { kind, wire, interaction, terms: Terms::new() });
        }
        Weak::LateElement(of, published) if of == kind => {
            let wire = template.derived;
            template.derived += 1;
            let own = vec![(Wire::Derived(wire), one)];
            let terms = std::mem::replace(&mut template.published[published].terms, own);
            added.push(Added::Publishes { kind, wire, published, terms });
        }
        _ => return 0,
    }
    1
}
