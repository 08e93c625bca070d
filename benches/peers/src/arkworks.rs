//! ark-groth16: its synthesis, setup and proof of a [`System`].

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Projective};
use ark_ec::PrimeGroup;
use ark_ff::{Field, UniformRand};
use ark_groth16::{Groth16, Proof, ProvingKey};
use ark_poly::{EvaluationDomain, GeneralEvaluationDomain, Radix2EvaluationDomain};
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystem, ConstraintSystemRef, LinearCombination, OptimizationGoal,
    R1CS_PREDICATE_LABEL, SynthesisError, SynthesisMode, Variable,
};
use ark_relations::utils::matrix::Matrix;
use rand_chacha::ChaCha20Rng;
use zkmargin::bench::kernels::multiples;
use zkmargin::bench::{Span, System, measure};
use zkmargin_kernels::points::PackedG1;

/// A key of ark-groth16, and what the Circom reduction has in place of its H query.
pub struct ArkKey {
    /// The key itself, for libsnark's reduction.
    pub key: ProvingKey<Bn254>,
    /// The points `Lᵢ(τ)/δ` for the odd points of the domain twice as large.
    pub circom_h: Vec<G1Affine>,
}

/// A system's rows, written for ark-relations.
#[derive(Clone, Copy)]
struct Circuit<'a> {
    system: &'a System<'a>,
    matrices: &'a [Matrix<Fr>; 3],
}

impl ConstraintSynthesizer<Fr> for Circuit<'_> {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        let (wires, public) = (&self.system.wires, self.system.layout().public);
        let mut variables = vec![Variable::One];
        for (column, wire) in wires.iter().enumerate().skip(1) {
            variables.push(if column < public {
                cs.new_input_variable(|| Ok(*wire))?
            } else {
                cs.new_witness_variable(|| Ok(*wire))?
            });
        }
        let sum = |row: &[(Fr, usize)]| {
            LinearCombination(row.iter().map(|(factor, column)| (*factor, variables[*column])).collect())
        };
        let [a, b, c] = self.matrices;
        for ((a, b), c) in a.iter().zip(b).zip(c) {
            cs.enforce_r1cs_constraint(|| sum(a), || sum(b), || sum(c))?;
        }
        Ok(())
    }
}

/// The matrices as ark-groth16 itself derives them before each proof, and how long that takes.
pub(crate) fn synthesize(
    system: &System<'_>,
    matrices: &[Matrix<Fr>; 3],
) -> Result<(Vec<Matrix<Fr>>, Span), SynthesisError> {
    let (result, span) = measure(|| {
        let cs = ConstraintSystem::new_ref();
        cs.set_optimization_goal(OptimizationGoal::Constraints);
        cs.set_mode(SynthesisMode::Prove { construct_matrices: true, generate_lc_assignments: false });
        Circuit { system, matrices }.generate_constraints(cs.clone())?;
        cs.finalize();
        cs.to_matrices()?.remove(R1CS_PREDICATE_LABEL).ok_or(SynthesisError::Unsatisfiable)
    });
    Ok((result?, span))
}

impl ArkKey {
    /// Runs ark-groth16's own setup, and says how long it took; then makes the points of the Circom reduction for the
    /// same secrets, not timed. INSECURE: the secrets are known here.
    pub fn setup(
        system: &System<'_>,
        matrices: &[Matrix<Fr>; 3],
        rng: &mut ChaCha20Rng,
    ) -> Result<(ArkKey, Span), SynthesisError> {
        let [alpha, beta, gamma, delta] = [(); 4].map(|()| Fr::rand(rng));
        let (g1, g2) = (G1Projective::generator(), G2Projective::generator());
        let domain = GeneralEvaluationDomain::<Fr>::new(system.layout().rows())
            .ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
        // The setup draws τ first of all; the same generator draws it here.
        let tau = domain.sample_element_outside_domain(&mut rng.clone());
        let (key, span) = measure(|| {
            let circuit = Circuit { system, matrices };
            Groth16::<Bn254>::generate_parameters_with_qap(circuit, alpha, beta, gamma, delta, g1, g2, rng)
        });
        let scalars = circom_h_scalars(domain.size(), tau, delta)?;
        Ok((ArkKey { key: key?, circom_h: multiples::<PackedG1>(&scalars) }, span))
    }

    /// Proves from ready matrices and wires.
    pub(crate) fn prove(
        &self,
        system: &System<'_>,
        matrices: &[Matrix<Fr>; 3],
        [r, s]: [Fr; 2],
    ) -> Result<Proof<Bn254>, SynthesisError> {
        let layout = system.layout();
        Groth16::<Bn254>::create_proof_with_reduction_and_matrices(
            &self.key,
            r,
            s,
            matrices,
            layout.public,
            layout.constraints,
            &system.wires,
        )
    }

    /// Tells whether a proof under this key holds for the system's public inputs.
    pub(crate) fn accepts(&self, proof: &Proof<Bn254>, system: &System<'_>) -> bool {
        let key = ark_groth16::prepare_verifying_key(&self.key.vk);
        Groth16::<Bn254>::verify_proof(&key, proof, system.inputs()).unwrap_or(false)
    }
}

/// `A·B - C` vanishes on the domain, so its values on the other half of the domain twice as large
/// determine it: snarkjs takes these values for the coefficients of H.
fn circom_h_scalars(domain_size: usize, tau: Fr, delta: Fr) -> Result<Vec<Fr>, SynthesisError> {
    let twice =
        Radix2EvaluationDomain::<Fr>::new(2 * domain_size).ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
    let inverse = delta.inverse().ok_or(SynthesisError::DivisionByZero)?;
    let lagrange = twice.evaluate_all_lagrange_coefficients(tau);
    Ok(lagrange.into_iter().skip(1).step_by(2).map(|value| value * inverse).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkmargin::bench::mix::mix;

    #[test]
    fn synthesis_yields_the_same_matrices() {
        let system = mix(8, 1);
        let matrices = system.matrices();
        let (mut synthesized, _) = synthesize(&system, &matrices).unwrap();
        synthesized.iter_mut().flatten().for_each(|row| row.sort_by_key(|(_, column)| *column));
        assert_eq!(synthesized, matrices);
    }

    #[test]
    fn snarkjs_and_arkworks_agree_on_the_roots_of_unity() {
        for power in [4u32, 20] {
            let domain = Radix2EvaluationDomain::<Fr>::new(1 << power).unwrap();
            let (generator, shift) = taceo_groth16::groth16_roots_of_unity::<Fr>(power as usize);
            assert_eq!((generator, shift.square()), (domain.group_gen, domain.group_gen));
            let twice = Radix2EvaluationDomain::<Fr>::new(2 << power).unwrap();
            assert_eq!(shift, twice.group_gen);
        }
    }
}
