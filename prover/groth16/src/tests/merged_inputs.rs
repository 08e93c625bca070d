//! Forgeries under keys whose K elements are the identity, or equal or opposite to one another.

use super::relations::{assert_only, related};
use super::sample::{Sample, rng};
use super::seeded::{HASH, Product, challenge, products};
use crate::keys::KeyElement::K;
use crate::prove::Randomness;
use crate::{Proof, Prover, ProvingKey, VerifyError, verify};
use ark_bn254::Fr;
use ark_ff::{One, Zero};

/// With K_j = ±K_i or K_j = O a proof of other public wires is one of the inputs: column j's wire is
/// 0 and column i's makes up for it. So v, z or the constant one is what the prover wants.
#[test]
fn inputs_of_one_element_are_not_told_apart() {
    let sample = Sample::new(5, 1);
    let proving = sample.key();
    for (i, j) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
        for factor in [Fr::one(), -Fr::one(), Fr::zero()] {
            let mut key = proving.verifying_key().clone();
            key.k[j] = (key.k[i] * factor).into();
            let (inputs, proof) = merged_inputs(&sample, &proving, (i, j), factor);
            let z = challenge(&key, &inputs, &proof);
            assert!(products(&key, &inputs, z, &proof).iter().all(Product::is_zero), "{i} {j} {factor}");
            if !factor.is_zero() {
                assert_only(&key, related(K(i), K(j)), &inputs, &proof);
            }
            assert!(verify(&key, &inputs, &proof, HASH).is_err());
            let honest = verify(proving.verifying_key(), &inputs, &proof, HASH);
            assert_eq!(honest, Err(VerifyError::MainEquation));
        }
    }
}

/// Inputs and a proof that an honest key refuses and a key with K_j = factor·K_i accepts.
fn merged_inputs(sample: &Sample, key: &ProvingKey, (i, j): (usize, usize), factor: Fr) -> (Vec<Fr>, Proof) {
    let prover = Prover::new(key, &sample.relation).unwrap();
    let randomness = Randomness::draw(&mut rng(9));
    // With v's wire 0 all elements are.
    let committed = if j == 2 { vec![Fr::zero(); 5] } else { sample.committed(1) };
    let commitment = prover.commit(&committed, randomness.blinding);
    let s = sample.committed_public()[0];
    let z = prover.challenge(&commitment, &[s]);
    let mut public = [Fr::one(), s, Fr::from(666u64), z];
    let told = |public: &[Fr; 4]| {
        let mut wires = *public;
        wires[i] += factor * public[j];
        wires[j] = Fr::zero();
        wires
    };
    if j != 2 {
        // v is free: it is set so that its wire has the elements' value at z's wire.
        let [_, _, v, chosen] = told(&public);
        let value = sample.derive(&committed, chosen).public[0];
        public[2] += value - v;
    }
    let [one, s_wire, v, chosen] = told(&public);
    let mut wires = sample.wires(&committed, chosen);
    // The inverses, which come first of the derived wires, are of the constant.
    let derived = 4 + committed.len();
    wires[derived..derived + committed.len()].iter_mut().for_each(|inverse| *inverse *= one);
    wires[..4].copy_from_slice(&[one, s_wire, v, chosen]);
    (public[1..3].to_vec(), prover.prove_wires(wires, commitment, &randomness).unwrap())
}
