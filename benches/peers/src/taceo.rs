//! taceo-groth16, with the Circom reduction, which is the faster of its two.

use crate::arkworks::ArkKey;
use ark_bn254::{Bn254, Fr};
use ark_groth16::Proof;
use ark_relations::utils::matrix::Matrix;
use std::mem::{swap, take};
use taceo_groth16::{CircomReduction, ConstraintMatrices, Groth16};
use zkmargin::bench::System;

/// A key that proves with the Circom reduction while this lives; ark's comes back after it.
pub(crate) struct TaceoTable<'a> {
    key: &'a mut ArkKey,
    matrices: &'a mut [Matrix<Fr>; 3],
    moved: ConstraintMatrices<Fr>,
}

impl<'a> TaceoTable<'a> {
    /// Lends key and matrices without a copy: both provers take the memory of one.
    pub fn new(system: &System<'_>, key: &'a mut ArkKey, matrices: &'a mut [Matrix<Fr>; 3]) -> Self {
        let layout = system.layout();
        let terms = [0, 1, 2].map(|side: usize| matrices[side].iter().map(Vec::len).sum());
        let [a, b, c] = [0, 1, 2].map(|side: usize| take(&mut matrices[side]));
        let moved = ConstraintMatrices {
            num_instance_variables: layout.public,
            num_witness_variables: layout.derived,
            num_constraints: layout.constraints,
            a_num_non_zero: terms[0],
            b_num_non_zero: terms[1],
            c_num_non_zero: terms[2],
            a,
            b,
            c,
        };
        swap(&mut key.key.h_query, &mut key.circom_h);
        TaceoTable { key, matrices, moved }
    }

    /// Proves from ready matrices and wires; the message of taceo's error if it has one.
    pub fn prove(&self, system: &System<'_>, [r, s]: [Fr; 2]) -> Result<Proof<Bn254>, String> {
        Groth16::<Bn254>::prove::<CircomReduction>(&self.key.key, r, s, &self.moved, &system.wires)
            .map_err(|error| error.to_string())
    }
}

impl Drop for TaceoTable<'_> {
    fn drop(&mut self) {
        swap(&mut self.key.key.h_query, &mut self.key.circom_h);
        *self.matrices = [&mut self.moved.a, &mut self.moved.b, &mut self.moved.c].map(take);
    }
}
