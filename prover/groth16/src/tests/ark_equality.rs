//! Without a commitment, keys and proofs are those of ark-groth16, element for element.

use super::sample::rng;
use crate::keys::Section;
use crate::prove::Randomness;
use crate::relation::{Derived, Layout};
use crate::setup::{Trapdoor, setup_with_trapdoor};
use crate::sparse::{ClosureAssignment, SparseRelation, SparseRow};
use crate::{HashToField, Prover, verify};
use ark_bn254::{Bn254, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{One, UniformRand};
use ark_groth16::Groth16;
use ark_poly::{EvaluationDomain, GeneralEvaluationDomain};
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystem, ConstraintSystemRef, OptimizationGoal, R1CS_PREDICATE_LABEL,
    SynthesisError, Variable,
};
use ark_snark::SNARK;
use zkmargin_kernels::Backend;
use zkmargin_kernels::points::{PackedG1, PackedG2, pack_all};

/// `y = x^(2^squarings) + 3`, with y and a second, unrelated input public.
#[derive(Clone)]
struct Squarings {
    x: Fr,
    squarings: usize,
}

impl ConstraintSynthesizer<Fr> for Squarings {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        let mut value = self.x;
        let mut variable = cs.new_witness_variable(|| Ok(value))?;
        for _ in 0..self.squarings {
            let square = cs.new_witness_variable(|| Ok(value * value))?;
            let factor = variable;
            cs.enforce_r1cs_constraint(|| factor.into(), || factor.into(), || square.into())?;
            (value, variable) = (value * value, square);
        }
        let three = Fr::from(3u64);
        let y = cs.new_input_variable(|| Ok(value + three))?;
        let _unused_input = cs.new_input_variable(|| Ok(Fr::from(77u64)))?;
        cs.enforce_r1cs_constraint(
            || ark_relations::lc!() + variable + (three, Variable::One),
            || Variable::One.into(),
            || y.into(),
        )
    }
}

/// Matrices and wires of a circuit written for ark-relations.
fn import(circuit: Squarings) -> (SparseRelation, Vec<Fr>, Vec<Fr>) {
    let cs = ConstraintSystem::new_ref();
    cs.set_optimization_goal(OptimizationGoal::Constraints);
    circuit.generate_constraints(cs.clone()).unwrap();
    cs.finalize();
    let matrices = cs.to_matrices().unwrap().remove(R1CS_PREDICATE_LABEL).unwrap();
    let terms = |terms: &[(Fr, usize)]| terms.iter().map(|(f, column)| (*column, *f)).collect();
    let rows: Vec<SparseRow> = (0..cs.num_constraints())
        .map(|row| SparseRow {
            a: terms(&matrices[0][row]),
            b: terms(&matrices[1][row]),
            c: terms(&matrices[2][row]),
        })
        .collect();
    let layout = Layout {
        constraints: rows.len(),
        public: cs.num_instance_variables(),
        committed_public: 0,
        committed: 0,
        derived: cs.num_witness_variables(),
    };
    let relation = SparseRelation::new(layout, rows).unwrap();
    let inputs = cs.instance_assignment().unwrap()[1..].to_vec();
    (relation, inputs, cs.witness_assignment().unwrap())
}

fn trapdoor(seed: u64, rows: usize) -> Trapdoor {
    let mut secrets = rng(seed);
    let [alpha, beta, gamma, delta] = std::array::from_fn(|_| Fr::rand(&mut secrets));
    let domain = GeneralEvaluationDomain::<Fr>::new(rows).unwrap();
    // ark draws τ itself, first of all, from the generator that it is given.
    let tau = domain.sample_element_outside_domain(&mut rng(seed + 1));
    Trapdoor { alpha, beta, gamma, delta, tau, sigma: Fr::one(), knowledge: Fr::one() }
}

fn ark_key(circuit: Squarings, trapdoor: &Trapdoor, seed: u64) -> ark_groth16::ProvingKey<Bn254> {
    Groth16::<Bn254>::generate_parameters_with_qap(
        circuit,
        trapdoor.alpha,
        trapdoor.beta,
        trapdoor.gamma,
        trapdoor.delta,
        G1Affine::generator().into(),
        G2Affine::generator().into(),
        &mut rng(seed + 1),
    )
    .unwrap()
}

#[test]
fn keys_and_proofs_equal_those_of_ark() {
    // 3 squarings fill a domain of 8 but one; 5 and 60 land elsewhere in theirs.
    for (seed, squarings) in [(10, 3), (20, 5), (30, 60)] {
        let circuit = Squarings { x: Fr::from(5u64), squarings };
        let (relation, inputs, witness) = import(circuit.clone());
        let trapdoor = trapdoor(seed, squarings + 1 + 3);
        let ours = setup_with_trapdoor(&relation, &trapdoor).unwrap();
        let arks = ark_key(circuit.clone(), &trapdoor, seed);

        let key = ours.verifying_key();
        assert_eq!(key.alpha_g1, arks.vk.alpha_g1);
        assert_eq!(key.beta_g2, arks.vk.beta_g2);
        assert_eq!(key.gamma_g2, arks.vk.gamma_g2);
        assert_eq!(key.delta_g2, arks.vk.delta_g2);
        assert_eq!(key.k, arks.vk.gamma_abc_g1);
        assert_eq!(ours.beta_and_delta_g1(), [arks.beta_g1, arks.delta_g1]);
        assert_eq!(ours.g1(Section::A), pack_all::<PackedG1>(&arks.a_query));
        assert_eq!(ours.g1(Section::BG1), pack_all::<PackedG1>(&arks.b_g1_query));
        assert_eq!(ours.b_g2(), pack_all::<PackedG2>(&arks.b_g2_query));
        assert_eq!(ours.g1(Section::H), pack_all::<PackedG1>(&arks.h_query));
        assert_eq!(ours.g1(Section::L), pack_all::<PackedG1>(&arks.l_query));

        let randomness = Randomness::draw(&mut rng(seed + 2));
        let derived = Derived { public: inputs.clone(), wires: witness };
        let mut assignment =
            ClosureAssignment { committed_public: vec![], committed: vec![], derive: |_| derived.clone() };
        let prover = Prover::new(&ours, &relation).unwrap();
        let proof = prover.prove_with_randomness(&mut assignment, &randomness).unwrap();
        for backend in Backend::available() {
            let prover = Prover::new(&ours, &relation).unwrap().with_backend(backend);
            let same = prover.prove_with_randomness(&mut assignment, &randomness).unwrap();
            assert_eq!(same, proof, "{backend}");
        }
        let arks_proof =
            Groth16::<Bn254>::create_proof_with_reduction(circuit, &arks, randomness.r, randomness.s)
                .unwrap();
        let converted = ark_groth16::Proof { a: proof.a, b: proof.b, c: proof.c };
        assert_eq!(converted, arks_proof);
        assert_eq!(proof.commitment, None);
        assert!(Groth16::<Bn254>::verify(&arks.vk, &inputs, &converted).unwrap());
        verify(key, &inputs, &proof, HashToField::default()).unwrap();
    }
}
