use super::{MAX_WIDTH, MIN_WIDTH, Params, poseidon, poseidon_ex, poseidon_params};
use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use light_poseidon::{Poseidon, PoseidonHasher};
use proptest::prelude::*;
use serde_json::Value;
use std::str::FromStr;

const VECTORS: &str = include_str!("../../../../testvectors/poseidon.json");

fn elements(list: &Value) -> Vec<Fr> {
    let parse = |text: &Value| Fr::from_str(text.as_str().expect("text")).expect("element");
    list.as_array().expect("list").iter().map(parse).collect()
}

/// The permutation as the paper states it.
fn permute_as_published(params: &Params, mut state: Vec<Fr>) -> Vec<Fr> {
    let width = params.width();
    let half = params.full_rounds / 2;
    for (round, constants) in params.ark.chunks(width).enumerate() {
        state.iter_mut().zip(constants).for_each(|(x, c)| *x += c);
        let partial = (half..half + params.partial_rounds).contains(&round);
        let boxes = if partial { 1 } else { width };
        state[..boxes].iter_mut().for_each(|x| *x = x.pow([5]));
        let dot = |row: &Vec<Fr>| row.iter().zip(&state).map(|(a, b)| *a * b).sum();
        state = params.mds.iter().map(dot).collect();
    }
    state
}

#[test]
fn agrees_with_the_wallets_library() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).expect("vectors");
    let mut count = [0; MAX_WIDTH];
    for vector in &vectors {
        let inputs = elements(&vector["inputs"]);
        let state = elements(&vector["state"]);
        assert_eq!(poseidon_ex(&inputs, state.len()), state);
        assert_eq!(poseidon(&inputs), state[0]);
        assert_eq!(vector["digest"].as_str(), Some(state[0].to_string().as_str()));
        count[inputs.len()] += 1;
    }
    assert!(count[1..].iter().all(|&n| n >= 5), "vectors by arity: {count:?}");
}

#[test]
fn sparse_form_agrees_with_the_published_one() {
    for width in MIN_WIDTH..=MAX_WIDTH {
        let params = poseidon_params(width);
        assert_eq!(params.full_rounds, 8);
        assert_eq!(params.ark.len(), (8 + params.partial_rounds) * width);
        let inputs: Vec<Fr> = (1..width as u64).map(|i| Fr::from(i).pow([77])).collect();
        let mut state = vec![Fr::zero()];
        state.extend(&inputs);
        assert_eq!(poseidon_ex(&inputs, width), permute_as_published(params, state));
    }
}

#[test]
fn inputs_change_the_digest_by_place_and_number() {
    let (one, two) = (Fr::from(1), Fr::from(2));
    assert_ne!(poseidon(&[one, two]), poseidon(&[two, one]));
    assert_ne!(poseidon(&[one]), poseidon(&[one, Fr::zero()]));
}

#[test]
#[should_panic(expected = "no form for 13 inputs")]
fn refuses_thirteen_inputs() {
    poseidon(&[Fr::zero(); 13]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn agrees_with_light_poseidon(seeds in proptest::collection::vec(any::<[u64; 4]>(), 1..=12)) {
        let inputs: Vec<Fr> = seeds
            .iter()
            .map(|s| Fr::from(s[0]) * Fr::from(s[1]) * Fr::from(s[2]) * Fr::from(s[3]))
            .collect();
        let mut other = Poseidon::<Fr>::new_circom(inputs.len()).expect("arity");
        prop_assert_eq!(poseidon(&inputs), other.hash(&inputs).expect("arity"));
    }
}
