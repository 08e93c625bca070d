//! A key whose secrets the test knows: it can make proofs that fail either equation by any amount,
//! which no honest prover can and which the contract must refuse.

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, UniformRand};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use zkmargin_groth16::{
    Commitment, CommitmentKey, HashToField, KeyOrigin, Layout, PreparedVerifyingKey, Proof, VerifyingKey,
};
use zkmargin_verifier_solidity::artefact::Artefact;
use zkmargin_verifier_solidity::rollup::{deploy_verifier, verify_call};
use zkmargin_verifier_solidity::{Address, CallError, Evm, RollupError, SolidityKey};

pub const SENDER: Address = Address::repeat_byte(0x0c);

/// The logarithms of a key's points.
pub struct Trapdoor {
    pub alpha: Fr,
    pub beta: Fr,
    pub gamma: Fr,
    pub delta: Fr,
    pub sigma: Fr,
    pub knowledge: Fr,
    pub k: [Fr; 4],
    pub rng: ChaCha20Rng,
}

/// By how much the exponents of the two equations are off; zero for a valid proof.
#[derive(Clone, Copy, Default)]
pub struct Errors {
    pub main: Fr,
    pub knowledge: Fr,
}

pub fn g1(logarithm: Fr) -> G1Affine {
    (G1Affine::generator() * logarithm).into_affine()
}

pub fn g2(logarithm: Fr) -> G2Affine {
    (G2Affine::generator() * logarithm).into_affine()
}

impl Trapdoor {
    /// `merged`: the knowledge proof's G is gamma.
    pub fn new(merged: bool) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let [alpha, beta, gamma, delta, sigma, separate] = std::array::from_fn(|_| Fr::rand(&mut rng));
        let k = std::array::from_fn(|_| Fr::rand(&mut rng));
        let knowledge = if merged { gamma } else { separate };
        Trapdoor { alpha, beta, gamma, delta, sigma, knowledge, k, rng }
    }

    pub fn key(&self) -> VerifyingKey {
        VerifyingKey {
            origin: KeyOrigin::InsecureDevelopment,
            fingerprint: [9; 32],
            layout: Layout { constraints: 1, public: 4, committed_public: 1, committed: 1, derived: 1 },
            alpha_g1: g1(self.alpha),
            beta_g2: g2(self.beta),
            gamma_g2: g2(self.gamma),
            delta_g2: g2(self.delta),
            k: self.k.iter().map(|k| g1(*k)).collect(),
            commitment: Some(CommitmentKey {
                g: g2(self.knowledge),
                g_sigma_neg: g2(-self.sigma * self.knowledge),
            }),
        }
    }

    /// A proof of (s, v) that is off by `errors`.
    pub fn prove(&mut self, s: Fr, v: Fr, errors: Errors) -> Proof {
        let [a, b, d] = std::array::from_fn(|_| Fr::rand(&mut self.rng));
        self.prove_with([a, b, d], (s, v), errors)
    }

    /// Makes a proof with a given choice of the logarithms of A, B and D.
    pub fn prove_with(&self, [a, b, d]: [Fr; 3], (s, v): (Fr, Fr), errors: Errors) -> Proof {
        let point = g1(d);
        let z = HashToField::Keccak256.challenge(&point, &[s]);
        let l = self.k[0] + s * self.k[1] + v * self.k[2] + z * self.k[3] + d;
        // -ab + αβ + γl + δc = main error; p·G - σ·d·G = knowledge error.
        let c = (errors.main + a * b - self.alpha * self.beta - self.gamma * l) / self.delta;
        let p = self.sigma * d + errors.knowledge * self.knowledge.inverse().unwrap();
        Proof { a: g1(a), b: g2(b), c: g1(c), commitment: Some(Commitment { point, knowledge: g1(p) }) }
    }
}

/// The deployed verifier of a trapdoor's key, beside the native one.
pub struct Referees {
    pub evm: Evm,
    pub verifier: Address,
    pub native: PreparedVerifyingKey,
}

impl Referees {
    pub fn new(key: &VerifyingKey) -> Self {
        let mut evm = Evm::new(1, 1);
        let solidity_key = SolidityKey::new(key).unwrap();
        let artefact = Artefact::committed().unwrap();
        let verifier = deploy_verifier(&mut evm, &artefact, SENDER, &solidity_key).unwrap();
        Referees { evm, verifier, native: PreparedVerifyingKey::new(key).unwrap() }
    }

    /// The contract's verdict.
    pub fn contract(&mut self, s: Fr, v: Fr, proof: &Proof) -> Result<(), RollupError> {
        use alloy_sol_types::SolCall;
        let call = verify_call(s, v, proof)?.abi_encode();
        self.evm.simulate(SENDER, self.verifier, call)?;
        Ok(())
    }

    /// Calldata as it is.
    pub fn raw(&mut self, data: Vec<u8>) -> Result<(), CallError> {
        self.evm.simulate(SENDER, self.verifier, data).map(|_| ())
    }

    pub fn native(&self, s: Fr, v: Fr, proof: &Proof) -> bool {
        self.native.verify(&[s, v], proof, HashToField::Keccak256).is_ok()
    }
}
