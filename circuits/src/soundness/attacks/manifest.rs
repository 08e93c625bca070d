//! Which seeded bugs and which tests stand for which rule.

use std::collections::BTreeSet;
use std::path::Path;

use super::corpus::corpus;
use super::{accounts, actions, advisories, claims, creations, memory, signatures, statement, ticks, tree};

/// A test that mounts a rule's attack.
enum Mount {
    /// A function of this module.
    Here(fn()),
    /// A file, relative to the repository's root, and the name of a function in it.
    In(&'static str, &'static str),
}
use Mount::{Here, In};

const KEYS: &str = "prover/groth16/src/tests/key_rules.rs";
const RELATIONS: &str = "prover/groth16/src/tests/relations.rs";
const FORGERY: &str = "prover/groth16/src/tests/forgery.rs";
const BATCHES: &str = "prover/groth16/src/tests/batches.rs";
const SEEDED: &str = "prover/groth16/src/tests/seeded.rs";
const FORGE: &str = "verifier-solidity/tests/contracts/forge.rs";
const ROLLUP: &str = "verifier-solidity/tests/contracts/rollup.rs";
const LAW: &str = "verifier-solidity/tests/contracts/law.rs";
const GATE: &str = "circuits/src/soundness/batches.rs";

/// Seeded bugs outside the circuit: a verifier, a key check or a gate that lacks a rule accepts what the
/// true one refuses.
const DOUBLES: [(u8, &str, &str); 7] = [
    (20, SEEDED, "a_verifier_that_is_told_the_challenge_accepts_a_chosen_one"),
    (21, SEEDED, "a_verifier_without_the_knowledge_equation_accepts_anything"),
    (21, SEEDED, "a_verifier_without_key_checks_accepts_anything_where_delta_is_gamma"),
    (21, SEEDED, "a_knowledge_equation_of_known_sigma_accepts_anything"),
    (22, SEEDED, "a_batch_without_scalars_accepts_errors_that_cancel"),
    (22, SEEDED, "equations_of_one_scalar_accept_errors_that_cancel"),
    (24, GATE, "the_kernel_gate_finds_a_missing_constraint"),
];

/// Attacks beside the corpus: the ones for which no weakened circuit makes sense, and claims about all rows.
fn manifest() -> Vec<(u8, Mount)> {
    vec![
        (1, Here(claims::another_pole_is_refused)),
        (2, Here(claims::every_fingerprint_names_its_kind)),
        (3, Here(claims::a_selector_that_is_no_bit)),
        (3, Here(claims::multiplicities_are_zero_or_one)),
        (3, Here(tree::a_market_provided_twice)),
        (4, Here(claims::nothing_after_the_challenge_is_sent_or_published)),
        (5, Here(claims::nothing_after_the_challenge_is_sent_or_published)),
        (5, Here(claims::an_element_changed_after_the_challenge)),
        (6, Here(claims::keys_of_providers_are_unique)),
        (6, Here(claims::nonce_points_exchanged)),
        (9, Here(memory::the_same_account_opened_twice)),
        (12, Here(accounts::an_old_account_opened_as_new)),
        (12, Here(creations::an_account_created_twice)),
        (12, Here(advisories::a_node_row_in_a_leafs_place)),
        (15, Here(ticks::a_second_tick_row)),
        (17, Here(signatures::an_offset_off_the_curve)),
        (18, Here(signatures::a_nonce_point_of_small_order)),
        (18, Here(signatures::a_nonce_point_off_the_curve)),
        (19, Here(actions::a_signature_for_another_deployment)),
        (20, In(FORGERY, "refuses_a_challenge_of_the_provers_choice")),
        (20, In(FORGERY, "refuses_advice_changed_after_the_commitment")),
        (21, In(KEYS, "every_pair_of_g1_is_apart")),
        (21, In(KEYS, "every_pair_of_g2_is_apart_but_three")),
        (21, In(RELATIONS, "beta_is_gamma")),
        (21, In(RELATIONS, "beta_is_delta")),
        (21, In(RELATIONS, "gamma_is_delta")),
        (21, In(RELATIONS, "alpha_is_the_generator")),
        (21, In(RELATIONS, "beta_is_the_generator")),
        (21, In(RELATIONS, "delta_is_the_generator")),
        (21, In(RELATIONS, "alpha_has_the_secret_of_gamma")),
        (21, In(RELATIONS, "alpha_has_the_secret_of_delta")),
        (21, In(RELATIONS, "alpha_has_the_secret_of_beta")),
        (21, In(RELATIONS, "sigma_is_alpha")),
        (21, In(RELATIONS, "sigma_is_beta")),
        (21, In(RELATIONS, "sigma_is_gamma")),
        (21, In(KEYS, "refuses_keys_that_contradict_their_layout")),
        (22, In(BATCHES, "errors_of_the_two_equations_do_not_cancel")),
        (22, In(FORGE, "refuses_errors_that_cancel")),
        (23, Here(statement::a_header_of_another_state)),
        (23, Here(statement::a_header_of_another_shape)),
        (23, In(ROLLUP, "refuses_a_root_outside_the_field")),
        (23, In(ROLLUP, "refuses_a_proof_for_any_other_header")),
        (23, In(LAW, "refuses_honest_proofs_where_the_lists_are_registered_elsewhere")),
        (24, In(GATE, "the_kernel_of_a_trade_holds_only_inputs")),
    ]
}

fn assert_stands(file: &str, name: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = std::fs::read_to_string(root.join(file)).unwrap();
    assert!(text.contains(&format!("#[test]\nfn {name}()")), "{name} in {file}");
}

#[test]
fn every_rule_has_a_seeded_bug() {
    let of_corpus = corpus().map(|bug| bug.rule);
    let rules: BTreeSet<u8> = of_corpus.chain(DOUBLES.map(|(rule, ..)| rule)).collect();
    assert_eq!(rules, (1..=24).collect());
    DOUBLES.iter().for_each(|(_, file, name)| assert_stands(file, name));
    let names: BTreeSet<&str> = corpus().map(|bug| bug.name).collect();
    assert_eq!(names.len(), corpus().count(), "names are unique");
    println!("{} seeded bugs in the circuit, {} doubles outside", names.len(), DOUBLES.len());
    assert!(names.len() >= 40);
}

#[test]
fn every_other_attack_stands() {
    let mut here = BTreeSet::new();
    for (rule, mount) in manifest() {
        assert!((1..=24).contains(&rule));
        match mount {
            Here(test) => {
                here.insert((rule, test as usize));
            }
            In(file, name) => assert_stands(file, name),
        }
    }
    assert!(here.len() >= 15);
}
