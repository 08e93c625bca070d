//! Claims about all rows of a circuit that rules 1 to 6 of the review rest on.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use std::collections::HashSet;

use super::bench::{Bench, advice, challenge, columns, rich_and_poor, with_witness};
use crate::batch::challenge::GAMMA_TAG;
use crate::batch::compile::compile;
use crate::batch::shape::Shape;
use crate::executor::tests::deposit;
use crate::gadgets::cs::Tag;
use crate::gadgets::hash::poseidon;
use crate::gadgets::range::RANGE;
use crate::gadgets::row::MAX_ARITY;
use crate::gadgets::signature::POINT;
use crate::gadgets::var::Wire;
use crate::state::tags::TIER;

/// Rule 1: the pole is the hash of the challenge, and another pole is refused.
#[test]
pub fn another_pole_is_refused() {
    let bench = rich_and_poor();
    with_witness(&bench, |witness| {
        let z = challenge();
        let mut columns = columns(witness, z);
        assert_eq!(bench.circuit.unsatisfied(&columns), Vec::<String>::new());
        let first = bench.circuit.columns() - bench.circuit.derived();
        let pole = first + bench.circuit.blocks[0].template.derived as usize - 1;
        assert_eq!(columns[pole], poseidon(&[z, Fr::from(GAMMA_TAG)]));
        columns[pole] = z.square();
        assert!(bench.circuit.unsatisfied(&columns).iter().any(|id| id.ends_with("of challenge row 0")));
    });
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
                .chain(&constraint.b)
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
    // Rows of all kinds of accounts.
    let bench = Bench::grown(
        |c| {
            let kinds = ["flat_accounts", "mode_changes", "signers", "quotes", "configurations"];
            kinds.into_iter().for_each(|name| c[name] = 1);
        },
        1,
        |executor| {
            deposit(executor, 10, 1_000_000_000);
            deposit(executor, 11, 5);
        },
    );
    let inputs = bench.inputs();
    let is_selector = |name: &str| {
        let ends = [
            ".enable",
            ".used",
            ".born",
            ".bid",
            ".ticks",
            ".touched",
            ".bulk",
            ".fresh",
            ".lane",
            ".has",
            ".signed",
            ".oracle",
            ".configured",
            ".lists",
        ];
        ends.iter().any(|end| name.ends_with(end))
    };
    let mut kinds_seen = HashSet::new();
    for block in &bench.circuit.blocks {
        let names: HashSet<&'static str> =
            block.template.hints.iter().map(|(name, _)| *name).filter(|name| is_selector(name)).collect();
        for name in names {
            for value in [Fr::from(2u64), -Fr::ONE] {
                let forged = [advice(block.kind(), 0, name, move |_| value)];
                let verdict = super::bench::verdict(&bench.circuit, &inputs, &forged);
                let row = format!("of {} row 0", block.template.name);
                let own = verdict.unsatisfied.iter().any(|id| id.ends_with(&row));
                assert!(own, "{name} = {value} in {}: {:?}", block.template.name, verdict.unsatisfied);
                kinds_seen.insert(block.kind());
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
        let mut columns = columns(witness, z);
        // The evaluation of a list whose element 3 is one more.
        columns[2] += z.pow([3]);
        assert_eq!(bench.circuit.unsatisfied(&columns), ["the evaluation"]);
    });
}

/// Rule 6: no two rows provide a tuple under one key, and the tables of points are named by constants.
#[test]
pub fn keys_of_providers_are_unique() {
    let bench = super::accounts::large_position().0;
    with_witness(&bench, |witness| {
        let mut keys: HashSet<(Tag, Vec<Fr>)> = HashSet::new();
        let mut tiers: Vec<Vec<Fr>> = Vec::new();
        for row in witness.rows().iter().flatten() {
            for (i, interaction) in row.interactions.iter().enumerate() {
                if interaction.provided_by.is_some() {
                    // A market has several tiers; their ranges are below.
                    if interaction.tag == TIER {
                        tiers.push(row.tuple(i)[..3].to_vec());
                        continue;
                    }
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
        // Of a market that exists each value is in one tier, of those that have a value.
        tiers.retain(|tuple| tuple[0] < Fr::from(1u64 << 20) && tuple[1] <= tuple[2]);
        tiers.sort_unstable();
        assert!(!tiers.is_empty());
        assert!(tiers.windows(2).all(|pair| pair[0][0] != pair[1][0] || pair[0][2] < pair[1][1]));
    });
    let constant = |(wire, _): &(Wire, Fr)| matches!(wire, Wire::One | Wire::RowIndex);
    for block in &bench.circuit.blocks {
        for interaction in &block.template.interactions {
            let keys = match interaction.tag {
                RANGE if interaction.provided_by.is_some() => 0..1,
                POINT if interaction.provided_by.is_some() => 0..2,
                // A look-up chooses the digit; the table is the row's.
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
    let [first, second, ..] = &mut inputs.signatures[0].record;
    std::mem::swap(&mut first.signature.r, &mut second.signature.r);
    let verdict = bench.verdict(&inputs, &[]);
    assert!(verdict.unsatisfied.iter().any(|id| id.starts_with("SIG-")), "{verdict:?}");
}
