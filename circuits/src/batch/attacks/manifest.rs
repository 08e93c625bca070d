//! Which test mounts which rule's attack.

use std::collections::BTreeSet;
use std::path::Path;

use super::{advisories, births, bus, memory, signatures, statement, tree};

/// A test that mounts a rule's attack.
enum Mount {
    /// Of this module.
    Here(fn()),
    /// In another file, relative to the repository's root: a function of this name.
    In(&'static str, &'static str),
}
use Mount::{Here, In};

const KEYS: &str = "prover/groth16/src/tests/key_rules.rs";
const FORGERY: &str = "prover/groth16/src/tests/forgery.rs";
const BATCHES: &str = "prover/groth16/src/tests/batches.rs";
const FORGE: &str = "verifier-solidity/tests/contracts/forge.rs";
const ROLLUP: &str = "verifier-solidity/tests/contracts/rollup.rs";
const GATE: &str = "circuits/src/batch/circuit_tests.rs";

/// The rules of the soundness review, 1 to 24, and the tests of each.
fn manifest() -> Vec<(u8, Mount)> {
    vec![
        (1, Here(bus::tuples_that_cancel_at_a_pole_that_is_a_power)),
        (2, Here(bus::a_tuple_of_one_kind_received_as_another)),
        (2, Here(bus::every_fingerprint_names_its_kind)),
        (3, Here(bus::a_selector_that_is_no_bit)),
        (3, Here(bus::multiplicities_are_zero_or_one)),
        (3, Here(tree::a_market_provided_twice)),
        (4, Here(bus::nothing_after_the_challenge_is_sent_or_published)),
        (5, Here(bus::nothing_after_the_challenge_is_sent_or_published)),
        (5, Here(bus::an_element_changed_after_the_challenge)),
        (6, Here(bus::keys_of_providers_are_unique)),
        (6, Here(bus::nonce_points_exchanged)),
        (7, Here(tree::a_partial_limb_of_field_size)),
        (8, Here(memory::time_runs_backwards)),
        (9, Here(memory::the_same_account_opened_twice)),
        (9, Here(memory::a_second_cell_of_one_position)),
        (9, Here(memory::headers_exchanged_at_close)),
        (9, Here(memory::nonces_exchanged_at_close)),
        (9, Here(memory::positions_exchanged_at_close)),
        (9, Here(memory::a_cell_received_that_nobody_sent)),
        (9, Here(births::headers_exchanged_at_the_opening)),
        (10, Here(memory::an_order_that_nobody_signed)),
        (10, Here(memory::an_order_id_used_again)),
        (10, Here(memory::an_expired_order_is_filled)),
        (10, Here(memory::an_order_in_the_market_of_a_padding_row)),
        (10, Here(memory::an_order_signed_in_the_lane_of_cancels)),
        (11, Here(tree::an_invented_account_behind_a_disabled_node)),
        (11, Here(tree::a_child_changed_that_nobody_sent)),
        (12, Here(tree::a_born_account_with_money)),
        (12, Here(tree::an_old_account_opened_as_new)),
        (12, Here(tree::an_account_id_outside_its_wing)),
        (12, Here(births::an_account_born_below_the_users_ids)),
        (12, Here(births::an_account_born_of_no_op)),
        (12, Here(births::an_account_opened_at_another_time_than_its_birth)),
        (12, Here(births::a_named_recipient_born_with_another_key)),
        (12, Here(tree::an_isolated_row_of_no_market)),
        (12, Here(tree::a_deposit_to_another_key)),
        (12, Here(advisories::a_node_row_in_a_leafs_place)),
        (13, Here(tree::a_losing_position_hidden)),
        (14, Here(tree::an_isolated_account_trades_another_market)),
        (15, Here(tree::an_account_opened_at_another_price)),
        (15, Here(tree::a_fill_at_the_price_before_the_tick)),
        (16, Here(signatures::coefficients_of_another_transcript)),
        (16, Here(signatures::a_chosen_coefficient)),
        (17, Here(signatures::an_offset_from_a_large_counter)),
        (17, Here(signatures::an_offset_off_the_curve)),
        (18, Here(signatures::a_nonce_point_of_small_order)),
        (18, Here(signatures::a_nonce_point_off_the_curve)),
        (18, Here(signatures::a_scalar_above_the_order)),
        (18, Here(signatures::a_challenge_above_the_modulus)),
        (19, Here(signatures::one_signature_for_two_actions)),
        (19, Here(signatures::an_action_signed_by_another_key)),
        (19, Here(signatures::a_signature_for_another_deployment)),
        (19, Here(signatures::a_chunk_skipped)),
        (19, Here(signatures::an_item_applied_twice)),
        (20, In(FORGERY, "refuses_a_challenge_of_the_provers_choice")),
        (20, In(FORGERY, "refuses_advice_changed_after_the_commitment")),
        (21, In(KEYS, "refuses_known_deltas")),
        (21, In(KEYS, "refuses_known_sigmas")),
        (21, In(KEYS, "refuses_keys_that_contradict_their_layout")),
        (22, In(BATCHES, "errors_of_the_two_equations_do_not_cancel")),
        (22, In(FORGE, "refuses_errors_that_cancel")),
        (23, Here(statement::a_batch_earlier_than_the_last)),
        (23, Here(statement::a_header_of_another_state)),
        (23, Here(statement::a_cursor_that_skips_a_deposit)),
        (23, Here(statement::an_idle_place_that_publishes)),
        (23, Here(statement::a_changed_position_left_out)),
        (23, Here(statement::a_withdrawal_that_was_not_signed)),
        (23, Here(statement::fees_that_vanish)),
        (23, In(ROLLUP, "refuses_a_root_outside_the_field")),
        (23, In(ROLLUP, "refuses_a_proof_for_any_other_header")),
        (24, In(GATE, "the_kernel_of_a_trade_holds_only_inputs")),
        (24, In(GATE, "the_kernel_gate_finds_a_missing_constraint")),
    ]
}

#[test]
fn every_rule_has_a_test() {
    let manifest = manifest();
    let rules: BTreeSet<u8> = manifest.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(rules, (1..=24).collect());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut here = BTreeSet::new();
    for (rule, mount) in manifest {
        match mount {
            Here(test) => {
                here.insert((rule, test as usize));
            }
            In(file, name) => {
                let text = std::fs::read_to_string(root.join(file)).unwrap();
                assert!(text.contains(&format!("#[test]\nfn {name}()")), "rule {rule}: {name} in {file}");
            }
        }
    }
    assert!(here.len() > 40);
}
