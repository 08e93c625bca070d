//! Forgeries that relations between a key's points make possible. The verifier that each of them
//! defeats is the true one without the line that refuses the relation: the equations hold, and the
//! relation is the only fault of the key.

use super::sample::{Sample, rng};
use super::seeded::{HASH, Product, challenge, products};
use crate::keys::KeyElement::{self, Alpha, Beta, Delta, Gamma, GeneratorG1, GeneratorG2, SigmaG};
use crate::prove::Randomness;
use crate::setup::{Trapdoor, setup_unchecked};
use crate::{
    Commitment, KeyError, KeyFileError, Proof, Prover, ProvingKey, Relation, SparseRelation, VerifyError,
    VerifyingKey, verify,
};
use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{Field, One, UniformRand, Zero};

fn trapdoor(relate: impl Fn(&mut Trapdoor)) -> Trapdoor {
    let mut rng = rng(21);
    let [alpha, beta, gamma, delta, tau, sigma, knowledge] = std::array::from_fn(|_| Fr::rand(&mut rng));
    let mut trapdoor = Trapdoor { alpha, beta, gamma, delta, tau, sigma, knowledge };
    relate(&mut trapdoor);
    trapdoor
}

/// A false statement under a key of related secrets, and all that its forger works with. Nothing here
/// is secret: a combination of K's without their 1/γ is one of τⁱ, α·τⁱ and β·τⁱ in G1, which the first
/// phase of a ceremony publishes; D and P are combinations of the proving key's bases.
struct Forger {
    key: VerifyingKey,
    inputs: Vec<Fr>,
    commitment: Commitment,
    /// `L = K₀ + s·K₁ + v·K₂ + z·K₃ + D`
    l: G1Affine,
    /// `γ·L`, in G1.
    l_unscaled: G1Affine,
    beta_g1: G1Affine,
    delta_g1: G1Affine,
}

impl Forger {
    fn new(relate: impl Fn(&mut Trapdoor)) -> Forger {
        let sample = Sample::new(5, 1);
        let trapdoor = trapdoor(relate);
        let proving = setup_unchecked(&sample.relation, &trapdoor).unwrap();
        let key = proving.verifying_key().clone();
        let prover = Prover::new(&proving, &sample.relation).unwrap();
        let commitment = prover.commit(&sample.committed(1), Fr::from(3u64)).unwrap();
        // No opening of D has this value.
        let inputs = [sample.committed_public(), vec![Fr::from(666u64)]].concat();
        let z = HASH.challenge(&commitment.point, &inputs[..1]);
        let columns = [Fr::one(), inputs[0], inputs[1], z];
        let public: G1Projective = key.k.iter().zip(columns).map(|(k, column)| *k * column).sum();
        let l = G1Affine::from(public + commitment.point);
        let [beta_g1, delta_g1] = proving.beta_and_delta_g1();
        Forger { l_unscaled: (l * trapdoor.gamma).into(), key, inputs, commitment, l, beta_g1, delta_g1 }
    }

    /// Accepted by the equations, refused by the key's check, which finds this relation and no other.
    /// Then without an identity for C: B + δ and C + A are as good as B and C.
    #[track_caller]
    fn forges(&self, relation: KeyError, a: G1Affine, b: G2Affine, c: G1Affine) {
        let proof = Proof { a, b, c, commitment: Some(self.commitment) };
        let b = (b + self.key.delta_g2).into();
        let other = Proof { b, c: (c + a).into(), ..proof };
        assert!(other.check_points().is_ok());
        for proof in [proof, other] {
            assert_only(&self.key, relation, &self.inputs, &proof);
        }
    }
}

#[track_caller]
pub fn assert_only(key: &VerifyingKey, relation: KeyError, inputs: &[Fr], proof: &Proof) {
    let z = challenge(key, inputs, proof);
    assert!(products(key, inputs, z, proof).iter().all(Product::is_zero), "{relation}");
    assert_eq!(key.relations(), [relation]);
    assert_eq!(verify(key, inputs, proof, HASH), Err(VerifyError::Key(relation)));
}

pub fn related(left: KeyElement, right: KeyElement) -> KeyError {
    KeyError::Related { left, right }
}

fn same_secret(right: KeyElement) -> KeyError {
    KeyError::SameSecret { left: Alpha, right }
}

fn signs() -> [Fr; 2] {
    [Fr::one(), -Fr::one()]
}

#[test]
fn beta_is_gamma() {
    for sign in signs() {
        let f = Forger::new(|t| t.gamma = sign * t.beta);
        let a = f.key.alpha_g1 + f.l * sign;
        f.forges(related(Beta, Gamma), a.into(), f.key.beta_g2, G1Affine::identity());
    }
}

#[test]
fn beta_is_delta() {
    for sign in signs() {
        let f = Forger::new(|t| t.delta = sign * t.beta);
        let b = f.key.beta_g2 + f.key.gamma_g2;
        let c = (f.l - f.key.alpha_g1) * sign;
        f.forges(related(Beta, Delta), f.l, b.into(), c.into());
    }
}

#[test]
fn gamma_is_delta() {
    for sign in signs() {
        let f = Forger::new(|t| t.delta = sign * t.gamma);
        let c = f.l * -sign;
        f.forges(related(Gamma, Delta), f.key.alpha_g1, f.key.beta_g2, c.into());
    }
}

#[test]
fn alpha_is_the_generator() {
    for sign in signs() {
        let f = Forger::new(|t| t.alpha = sign);
        let a = f.beta_g1 * sign + f.l_unscaled;
        let c = G1Affine::identity();
        f.forges(related(GeneratorG1, Alpha), a.into(), G2Affine::generator(), c);
    }
}

#[test]
fn beta_is_the_generator() {
    for sign in signs() {
        let f = Forger::new(|t| t.beta = sign);
        let a = f.key.alpha_g1 * sign + f.l_unscaled;
        let c = G1Affine::identity();
        f.forges(related(GeneratorG2, Beta), a.into(), G2Affine::generator(), c);
    }
}

#[test]
fn delta_is_the_generator() {
    for sign in signs() {
        let f = Forger::new(|t| t.delta = sign);
        let c = f.l_unscaled * -sign;
        f.forges(related(GeneratorG2, Delta), f.key.alpha_g1, f.key.beta_g2, c.into());
    }
}

#[test]
fn alpha_has_the_secret_of_gamma() {
    for sign in signs() {
        let f = Forger::new(|t| t.gamma = sign * t.alpha);
        let a = f.beta_g1 * sign + f.l;
        f.forges(same_secret(Gamma), a.into(), f.key.gamma_g2, G1Affine::identity());
    }
}

#[test]
fn alpha_has_the_secret_of_delta() {
    for sign in signs() {
        let f = Forger::new(|t| t.delta = sign * t.alpha);
        let c = f.beta_g1 * -sign;
        f.forges(same_secret(Delta), f.l, f.key.gamma_g2, c.into());
        // δ in G1 is α: nothing else of the proving key is needed.
        assert_eq!(f.delta_g1, G1Affine::from(f.key.alpha_g1 * sign));
    }
}

/// With α = ±β the key is also that of a circuit in which a row `a·b = c` is `(a + 1)·(b ∓ 1) = c`.
#[test]
fn alpha_has_the_secret_of_beta() {
    for sign in signs() {
        let sample = Sample::new(5, 1);
        let t = trapdoor(|t| t.beta = sign * t.alpha);
        let other = with_last_row(&sample, [Fr::one(), -sign, Fr::zero()]);
        let key = setup_unchecked(&sample.relation, &t).unwrap().verifying_key().clone();
        let others = setup_unchecked(&other, &t).unwrap();
        assert_eq!(VerifyingKey { fingerprint: key.fingerprint, ..others.verifying_key().clone() }, key);
        // The last row makes v: (sum + 1)·(z ∓ 1) in place of sum·z.
        let (inputs, proof) =
            prove_other(&sample, &other, &others, None, |sum, z| (sum + Fr::one()) * (z - sign) - sum * z);
        assert_false(&sample, &inputs, &proof);
        assert_only(&key, same_secret(Beta), &inputs, &proof);
    }
}

/// With γ = 1 and σ = ±α every polynomial of τ can be committed to, and stands in L as a constant of
/// the rows: D + L_r(τ) with L_r the row's own polynomial makes another v.
#[test]
fn sigma_is_alpha() {
    for sign in signs() {
        commit_to_a_constant(same_secret(SigmaG), |t| (t.gamma, t.sigma) = (Fr::one(), sign * t.alpha));
    }
}

/// The same with β, whose multiples β·τⁱ are published too. Where G is not the generator a verifying
/// key does not show it.
#[test]
fn sigma_is_beta() {
    for sign in signs() {
        commit_to_a_constant(related(Beta, SigmaG), |t| {
            (t.gamma, t.knowledge, t.sigma) = (Fr::one(), Fr::one(), sign * t.beta);
        });
    }
}

#[track_caller]
fn commit_to_a_constant(relation: KeyError, relate: impl Fn(&mut Trapdoor)) {
    let sample = Sample::new(5, 1);
    let t = trapdoor(relate);
    let other = with_last_row(&sample, [Fr::zero(), Fr::zero(), -Fr::one()]);
    let key = setup_unchecked(&sample.relation, &t).unwrap().verifying_key().clone();
    let others = setup_unchecked(&other, &t).unwrap();
    let row = G1Affine::from(others.verifying_key().k[0] - key.k[0]);
    // α·L_r(τ) or β·L_r(τ) up to sign, a combination of what is published.
    let extra = Commitment { point: row, knowledge: (row * t.sigma).into() };
    let (inputs, proof) = prove_other(&sample, &other, &others, Some(extra), |_, _| Fr::one());
    assert_false(&sample, &inputs, &proof);
    assert_only(&key, relation, &inputs, &proof);
}

/// σ·K is K without its 1/γ where σ = ±γ, so that a commitment may hold v's element and shift v.
fn shifted_by_gamma(relate: impl Fn(&mut Trapdoor)) -> (ProvingKey, Vec<Fr>, Proof) {
    let sample = Sample::new(5, 1);
    let t = trapdoor(relate);
    let proving = setup_unchecked(&sample.relation, &t).unwrap();
    let shift = Fr::from(1_000_000u64);
    let element = G1Affine::from(proving.verifying_key().k[2] * shift);
    let extra = Commitment { point: element, knowledge: (element * t.sigma).into() };
    let (mut inputs, proof) =
        prove_other(&sample, &sample.relation, &proving, Some(extra), |_, _| Fr::zero());
    inputs[1] -= shift;
    assert_false(&sample, &inputs, &proof);
    (proving, inputs, proof)
}

#[test]
fn sigma_is_gamma() {
    for sign in signs() {
        let (key, inputs, proof) = shifted_by_gamma(|t| (t.knowledge, t.sigma) = (Fr::one(), sign * t.gamma));
        assert_only(key.verifying_key(), related(Gamma, SigmaG), &inputs, &proof);
    }
}

/// Where G is not the generator the verifying key does not show that σ is another secret, and the
/// forgery passes; the proving key's bases show it.
#[test]
fn a_proving_key_shows_what_the_verifying_key_hides() {
    let (key, inputs, proof) = shifted_by_gamma(|t| t.sigma = -t.gamma);
    verify(key.verifying_key(), &inputs, &proof, HASH).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    for of in [Beta, Gamma, Delta] {
        let sample = Sample::new(4, 1);
        let trapdoor = trapdoor(|t| match of {
            Beta => t.sigma = t.beta,
            Gamma => t.sigma = -t.gamma,
            _ => t.sigma = t.delta,
        });
        let key = setup_unchecked(&sample.relation, &trapdoor).unwrap();
        key.verifying_key().check().unwrap();
        key.write(&path).unwrap();
        let error = ProvingKey::open(&path, &key.fingerprint()).err().unwrap();
        let expected = KeyError::SigmaIsSecret { of };
        assert!(matches!(error, KeyFileError::Key(error) if error == expected), "{error}");
    }
}

/// The sample's circuit with multiples of the constant added to A, B and C of its last row, which
/// says `sum·z = v - w₀`.
fn with_last_row(sample: &Sample, constants: [Fr; 3]) -> SparseRelation {
    let mut rows = sample.rows();
    let row = rows.last_mut().unwrap();
    for (terms, constant) in [&mut row.a, &mut row.b, &mut row.c].into_iter().zip(constants) {
        if !constant.is_zero() {
            terms.push((0, constant));
        }
    }
    SparseRelation::new(sample.relation.layout(), rows).unwrap()
}

/// A proof of the changed circuit, whose v differs from the sample's by what `shift` says of the last
/// partial sum and z. `extra` is added to the commitment, which the key takes as one more shift.
fn prove_other(
    sample: &Sample,
    other: &SparseRelation,
    key: &ProvingKey,
    extra: Option<Commitment>,
    shift: impl Fn(Fr, Fr) -> Fr,
) -> (Vec<Fr>, Proof) {
    let prover = Prover::new(key, other).unwrap();
    let randomness = Randomness::draw(&mut rng(9));
    let committed = sample.committed(1);
    let mut commitment = prover.commit(&committed, randomness.blinding).unwrap();
    if let Some(extra) = extra {
        commitment.point = (commitment.point + extra.point).into();
        commitment.knowledge = (commitment.knowledge + extra.knowledge).into();
    }
    let commitment = Some(commitment);
    let z = prover.challenge(&commitment, &sample.committed_public());
    let mut wires = sample.wires(&committed, z);
    let honest = wires[2];
    wires[2] += shift((honest - committed[0]) * z.inverse().unwrap(), z);
    let inputs = wires[1..3].to_vec();
    (inputs, prover.prove_wires(wires, commitment, &randomness).unwrap())
}

/// The elements that D opens to have another value than v.
#[track_caller]
fn assert_false(sample: &Sample, inputs: &[Fr], proof: &Proof) {
    let z = HASH.challenge(&proof.commitment.unwrap().point, &inputs[..1]);
    assert_ne!(sample.derive(&sample.committed(1), z).public[0], inputs[1]);
}
