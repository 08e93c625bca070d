//! The bus: rules 1 to 6 of the review.

use std::collections::HashSet;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::bench::{advice, challenge, columns, failing, rich_and_poor, with_witness};
use crate::batch::assembly::Assembler;
use crate::batch::challenge::{Challenge, GAMMA_TAG};
use crate::batch::compile::compile;
use crate::batch::layout::{Block, Circuit};
use crate::batch::shape::Shape;
use crate::batch::table::{self, RangeTable};
use crate::bus::{NONCE, POINT, POSITION};
use crate::gadgets::cs::{Cs, Tag};
use crate::gadgets::hash::poseidon;
use crate::gadgets::range::RANGE;
use crate::gadgets::row::{MAX_ARITY, Row};
use crate::gadgets::var::{Var, Wire};

/// Rule 1: with the pole at a power of the challenge, two tuples sent and two others received cancel for
/// every challenge. With the pole that the circuit derives they do not, and another pole is refused.
#[test]
pub fn tuples_that_cancel_at_a_pole_that_is_a_power() {
    let k = Fr::from(77u64);
    let sum = |z: Fr, pole: Fr| {
        let share = |w0: Fr, w1: Fr| (pole - w0 - z * w1).inverse().unwrap();
        share(Fr::ZERO, k) + share(Fr::ZERO, -k) - share(k.square(), Fr::ZERO).double()
    };
    for z in [challenge(), Fr::from(123_456_789u64)] {
        assert_eq!(sum(z, z.square()), Fr::ZERO);
        assert_ne!(sum(z, poseidon(&[z, Fr::from(GAMMA_TAG)])), Fr::ZERO);
    }
    let bench = rich_and_poor();
    with_witness(&bench, |witness| {
        let z = challenge();
        let mut columns = columns(&bench.circuit, witness, z);
        assert_eq!(failing(&bench.circuit, &columns), Vec::<String>::new());
        let first = bench.circuit.columns() - bench.circuit.derived();
        let pole = first + bench.circuit.blocks[0].template.derived as usize - 1;
        assert_eq!(columns[pole], poseidon(&[z, Fr::from(GAMMA_TAG)]));
        columns[pole] = z.square();
        assert!(failing(&bench.circuit, &columns).iter().any(|id| id.ends_with("of challenge row 0")));
    });
}

/// Sends (5, 6, 7) as a nonce cell.
struct SendsNonce;
/// Receives (5, 6, 7) as the position cell or, with `true`, as the nonce cell.
struct Receives<const AS_SENT: bool>;

fn tuple() -> [Var<crate::gadgets::var::Committed>; 3] {
    [5u64, 6, 7].map(|value| Var::constant(Fr::from(value)))
}

impl Row for SendsNonce {
    type Input = ();
    const NAME: &'static str = "sends nonce";
    fn blank() {}
    fn synthesize(cs: &mut Cs<'_>, (): &()) {
        let _ = cs.hint("idle", Fr::ZERO);
        cs.send(NONCE, &tuple(), &Var::one());
        cs.publish(0, 0, &Var::zero());
        cs.publish(0, 1, &Var::zero());
    }
}

impl<const AS_SENT: bool> Row for Receives<AS_SENT> {
    type Input = ();
    const NAME: &'static str = "receives";
    fn blank() {}
    fn synthesize(cs: &mut Cs<'_>, (): &()) {
        let _ = cs.hint("idle", Fr::ZERO);
        cs.receive(if AS_SENT { NONCE } else { POSITION }, &tuple(), &Var::one());
    }
}

fn received<const AS_SENT: bool>() -> Vec<String> {
    const LIMB: u32 = 8;
    let blocks = vec![
        Block::new::<Challenge>(0, 1, LIMB),
        Block::new::<RangeTable>(1, table::rows(LIMB), LIMB),
        Block::new::<SendsNonce>(2, 1, LIMB),
        Block::new::<Receives<AS_SENT>>(3, 1, LIMB),
    ];
    let circuit = Circuit::new(blocks, LIMB, 0);
    let mut assembler = Assembler::new(&circuit, Vec::new());
    assembler.fill::<RangeTable>(1, &[]).unwrap();
    assembler.fill::<SendsNonce>(2, &[()]).unwrap();
    assembler.fill::<Receives<AS_SENT>>(3, &[()]).unwrap();
    let witness = assembler.finish(false).unwrap();
    failing(&circuit, &columns(&circuit, &witness, challenge()))
}

/// Rule 2: a tuple of one kind received as another of the same arity.
#[test]
pub fn a_tuple_of_one_kind_received_as_another() {
    assert_eq!(received::<true>(), Vec::<String>::new());
    assert_eq!(received::<false>(), ["the bus sum"]);
}

/// Rule 2: every fingerprint of the circuit has its kind's own constant, above every arity.
#[test]
pub fn every_fingerprint_names_its_kind() {
    let circuit = compile(&Shape::named("tiny").unwrap());
    let mut seen = 0;
    for block in &circuit.blocks {
        let fingerprints = block.template.constraints.iter().filter(|c| c.id == "BUS-2");
        for (constraint, interaction) in fingerprints.zip(&block.template.interactions) {
            let tag: Vec<Fr> = constraint
                .a
                .iter()
                .filter(|(w, _)| *w == Wire::Chi(MAX_ARITY + 1))
                .map(|(_, c)| *c)
                .collect();
            assert_eq!(tag, [-Fr::from(u64::from(interaction.tag.code))], "{}", interaction.tag.name);
            assert_ne!(interaction.tag.code, 0);
            seen += 1;
        }
    }
    assert!(seen > 1_000);
}

/// Rule 3: a selector that is two, or minus one, so that a row sends twice what it receives once.
#[test]
pub fn a_selector_that_is_no_bit() {
    let bench = rich_and_poor();
    let inputs = bench.inputs();
    let is_selector = |name: &str| {
        let ends = [".enable", ".used", ".born", ".bid", ".ticks", ".touched", ".bulk", ".fresh", ".lane"];
        ends.iter().any(|end| name.ends_with(end))
    };
    let mut kinds_seen = HashSet::new();
    for block in &bench.circuit.blocks {
        let names: HashSet<&'static str> =
            block.template.hints.iter().map(|(name, _)| *name).filter(|name| is_selector(name)).collect();
        for name in names {
            for value in [Fr::from(2u64), -Fr::ONE] {
                let forged = [advice(block.kind, 0, name, move |_| value)];
                let verdict = super::bench::verdict(&bench.circuit, &inputs, &forged);
                let row = format!("of {} row 0", block.template.name);
                let own = verdict.unsatisfied.iter().any(|id| id.ends_with(&row));
                assert!(own, "{name} = {value} in {}: {:?}", block.template.name, verdict.unsatisfied);
                kinds_seen.insert(block.kind);
            }
        }
    }
    assert!(kinds_seen.len() >= 12, "{kinds_seen:?}");
}

/// Rule 3: in a batch each multiplicity of what is sent or received is zero or one.
#[test]
pub fn multiplicities_are_zero_or_one() {
    with_witness(&rich_and_poor(), |witness| {
        for row in witness.rows().iter().flatten() {
            for interaction in row.interactions.iter().filter(|i| i.provided_by.is_none()) {
                assert!([Fr::ZERO, Fr::ONE].contains(&interaction.multiplicity), "{}", interaction.tag.name);
            }
        }
    });
}

/// Rules 4 and 5: tuples, multiplicities and published elements consist of wires fixed before the
/// challenge.
#[test]
pub fn nothing_after_the_challenge_is_sent_or_published() {
    let circuit = compile(&Shape::named("tiny").unwrap());
    let fixed =
        |wire: &Wire| !matches!(wire, Wire::Derived(_) | Wire::Chi(_) | Wire::RowChi(_) | Wire::Gamma);
    for block in &circuit.blocks {
        for interaction in &block.template.interactions {
            let terms = interaction.tuple.iter().chain([&interaction.multiplicity]).flatten();
            assert!(terms.clone().all(|(wire, _)| fixed(wire)), "{}", interaction.tag.name);
        }
        assert!(block.template.published.iter().flat_map(|p| &p.terms).all(|(wire, _)| fixed(wire)));
    }
}

/// Rule 5: an element that is another one than the row's: the evaluation notices.
#[test]
pub fn an_element_changed_after_the_challenge() {
    let bench = rich_and_poor();
    with_witness(&bench, |witness| {
        let z = challenge();
        let mut columns = columns(&bench.circuit, witness, z);
        // The evaluation of a list whose element 3 is one more.
        columns[2] += z.pow([3]);
        assert_eq!(failing(&bench.circuit, &columns), ["the evaluation"]);
    });
}

/// Rule 6: no two rows provide a tuple under one key, and the tables of points are named by constants.
#[test]
pub fn keys_of_providers_are_unique() {
    let bench = rich_and_poor();
    with_witness(&bench, |witness| {
        let mut keys: HashSet<(Tag, Vec<Fr>)> = HashSet::new();
        for row in witness.rows().iter().flatten() {
            for (i, interaction) in row.interactions.iter().enumerate() {
                if interaction.provided_by.is_some() {
                    let components = if interaction.tag == POINT { 2 } else { 1 };
                    let key = row.tuple(i)[..components].to_vec();
                    assert!(
                        keys.insert((interaction.tag, key)),
                        "{} {:?}",
                        interaction.tag.name,
                        row.tuple(i)
                    );
                }
            }
        }
        assert!(keys.len() > 600);
    });
    let constant = |(wire, _): &(Wire, Fr)| matches!(wire, Wire::One | Wire::RowIndex);
    for block in &bench.circuit.blocks {
        for interaction in &block.template.interactions {
            let keys = match interaction.tag {
                RANGE if interaction.provided_by.is_some() => 0..1,
                POINT if interaction.provided_by.is_some() => 0..2,
                // A look-up chooses the digit; the table is that of the row.
                POINT => 1..2,
                _ => 0..0,
            };
            assert!(interaction.tuple[keys].iter().flatten().all(constant), "{}", block.template.name);
        }
    }
}

/// Rule 6: a signature computed with another one's nonce point.
#[test]
pub fn nonce_points_exchanged() {
    let bench = super::signatures::two_orders();
    let mut inputs = bench.inputs();
    let [first, second, ..] = &mut inputs.signatures[0];
    std::mem::swap(&mut first.signature.r, &mut second.signature.r);
    let verdict = bench.verdict(&inputs, &[]);
    assert!(verdict.unsatisfied.iter().any(|id| id.starts_with("SIG-")), "{verdict:?}");
}
