//! A verifier that shares no field, curve or pairing code with ours (`referee.mjs`, in JavaScript)
//! judges real proofs in the contract's mode: keccak256 challenge, committed s, four public columns.

use crate::compiler;
use crate::horner::Circuit;
use crate::trapdoor::Referees;
use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, Field, One, PrimeField};
use revm::primitives::hex;
use serde_json::{Value, json};
use zkmargin_groth16::{Commitment, HashToField, KnowledgeBase, Proof, ProofError, VerifyError};
use zkmargin_verifier_solidity::SolidityKey;
use zkmargin_verifier_solidity::statement::{digest, evaluate};

const ELEMENTS: usize = 20;
const HASH: HashToField = HashToField::Keccak256;

/// A statement with a proof, which is true or not.
struct Case {
    what: String,
    s: Fr,
    v: Fr,
    proof: Proof,
    /// The bytes that the referee computes s and v from; without them it is given both.
    published: Option<Vec<u8>>,
}

impl Case {
    /// The statement of published bytes.
    fn of_bytes(what: &str, published: &[u8], proof: Proof) -> Case {
        let s = digest(published);
        let z = HASH.challenge(&proof.commitment.unwrap().point, &[s]);
        let v = evaluate(published, z);
        Case { what: what.to_string(), s, v, proof, published: Some(published.to_vec()) }
    }

    fn json(&self) -> Value {
        let proof = hex::encode(self.proof.to_bytes());
        let word = |value: Fr| format!("0x{}", hex::encode(value.into_bigint().to_bytes_be()));
        match &self.published {
            Some(published) => json!({ "published": hex::encode(published), "proof": proof }),
            None => json!({ "s": word(self.s), "v": word(self.v), "proof": proof }),
        }
    }
}

/// The referee's verdicts on all cases.
fn judge(key: &[u8], cases: &[Case]) -> Vec<String> {
    let cases: Vec<Value> = cases.iter().map(Case::json).collect();
    let question = json!({ "key": hex::encode(key), "cases": cases });
    serde_json::from_str(&compiler::run_with_input("referee.mjs", &question.to_string())).unwrap()
}

/// What the native verifier's refusal is called by the referee.
fn reason(verdict: Result<(), VerifyError>) -> &'static str {
    match verdict {
        Ok(()) => "accepted",
        Err(VerifyError::MainEquation) => "main equation",
        Err(VerifyError::KnowledgeEquation) => "knowledge equation",
        Err(VerifyError::Proof(ProofError::Point { error, .. })) => match error.to_string() {
            text if text.contains("identity") => "point at infinity",
            text if text.contains("not on the curve") => "point off the curve",
            text if text.contains("subgroup") => "point outside the subgroup",
            text => panic!("{text}"),
        },
        other => panic!("{other:?}"),
    }
}

fn with(proof: &Proof, point: G1Affine, knowledge: G1Affine) -> Proof {
    Proof { commitment: Some(Commitment { point, knowledge }), ..*proof }
}

/// Every element replaced by another point of its group, by its negative, by the one at infinity and by
/// one off the curve.
fn changed_elements(proof: &Proof) -> Vec<(String, Proof)> {
    let Commitment { point: d, knowledge: p } = proof.commitment.unwrap();
    let g1 = |point: G1Affine| {
        let off = G1Affine::new_unchecked(point.x, point.y + ark_bn254::Fq::one());
        let more = (point + G1Affine::generator()).into();
        [("more", more), ("opposite", -point), ("infinity", G1Affine::identity()), ("off", off)]
    };
    let mut changed = Vec::new();
    for (how, a) in g1(proof.a) {
        changed.push((format!("A {how}"), Proof { a, ..*proof }));
    }
    for (how, c) in g1(proof.c) {
        changed.push((format!("C {how}"), Proof { c, ..*proof }));
    }
    for (how, other) in g1(d) {
        changed.push((format!("D {how}"), with(proof, other, p)));
    }
    for (how, other) in g1(p) {
        changed.push((format!("P {how}"), with(proof, d, other)));
    }
    let off = G2Affine::new_unchecked(proof.b.x, -proof.b.x);
    let more = (proof.b + G2Affine::generator()).into();
    for (how, b) in [("more", more), ("opposite", -proof.b), ("infinity", G2Affine::identity()), ("off", off)]
    {
        changed.push((format!("B {how}"), Proof { b, ..*proof }));
    }
    changed.push(("A and C exchanged".into(), Proof { a: proof.c, c: proof.a, ..*proof }));
    changed.push(("D and P exchanged".into(), with(proof, p, d)));
    let two = Fr::from(2u64);
    changed.push(("D and P doubled".into(), with(proof, (d * two).into(), (p * two).into())));
    changed.push(("nothing committed".into(), with(proof, G1Affine::identity(), G1Affine::identity())));
    changed
}

/// A true proof and everything that its maker or its reader may change.
fn cases(circuit: &mut Circuit, published: &[u8]) -> Vec<Case> {
    let proof = circuit.prove(published);
    let Commitment { point: d, knowledge: p } = proof.commitment.unwrap();
    let key = circuit.key.verifying_key();
    let mut cases = vec![Case::of_bytes("true", published, proof)];
    let (t, u) = (Fr::from(12_345u64), Fr::from(678u64));
    let again = Proof {
        a: (proof.a * t.inverse().unwrap()).into(),
        b: (proof.b * t + key.delta_g2 * (t * u)).into(),
        c: (proof.c + proof.a * u).into(),
        ..proof
    };
    cases.push(Case::of_bytes("the same, randomised again", published, again));
    for place in [0, 31, 31 * 7 + 30, published.len() - 1] {
        let mut other = published.to_vec();
        other[place] ^= 1;
        cases.push(Case::of_bytes(&format!("byte {place}"), &other, proof));
    }
    let good = Case::of_bytes("", published, proof);
    let given =
        |what: &str, s: Fr, v: Fr, proof: Proof| Case { what: what.into(), s, v, proof, published: None };
    let one = Fr::one();
    cases.push(given("true, s and v given", good.s, good.v, proof));
    cases.push(given("another s", good.s + one, good.v, proof));
    cases.push(given("another v", good.s, good.v + one, proof));
    cases.push(given("s and v exchanged", good.v, good.s, proof));
    for (what, changed) in changed_elements(&proof) {
        cases.push(Case { what, published: None, proof: changed, ..given("", good.s, good.v, proof) });
    }
    // The challenge is made to fit: v moves by what D takes from its column.
    let shifted: G1Affine = (d + key.k[2] * t).into();
    let z = HASH.challenge(&shifted, &[good.s]);
    let v = evaluate(published, z);
    cases.push(given("a commitment shifted by v's element", good.s, v - t, with(&proof, shifted, p)));
    cases
}

#[test]
fn gives_the_verdicts_of_native_verifier_and_contract() {
    for base in [KnowledgeBase::Separate, KnowledgeBase::Gamma] {
        let mut circuit = Circuit::new(ELEMENTS, base);
        let published: Vec<u8> = (0..ELEMENTS * 31).map(|i| (i * 37 + i / 31) as u8).collect();
        let cases = cases(&mut circuit, &published);
        let key = circuit.key.verifying_key().clone();
        let mut referees = Referees::new(&key);
        let verdicts = judge(SolidityKey::new(&key).unwrap().bytes(), &cases);
        assert_eq!(verdicts.len(), cases.len());
        let mut accepted = 0;
        for (case, verdict) in cases.iter().zip(verdicts) {
            let native = referees.native.verify(&[case.s, case.v], &case.proof, HASH);
            assert_eq!(verdict, reason(native), "{}", case.what);
            let contract = referees.contract(case.s, case.v, &case.proof);
            assert_eq!(contract.is_ok(), verdict == "accepted", "{}: {contract:?}", case.what);
            accepted += usize::from(contract.is_ok());
        }
        assert_eq!(accepted, 3);
    }
}

/// A proof under the key of another circuit, and one whose challenge is drawn by gnark's hash.
#[test]
fn refuses_another_key_and_another_hash() {
    let published = vec![5u8; ELEMENTS * 31];
    let mut circuit = Circuit::new(ELEMENTS, KnowledgeBase::Gamma);
    let case = Case::of_bytes("", &published, circuit.prove(&published));
    let longer = vec![5u8; (ELEMENTS + 1) * 31];
    let mut other = Circuit::new(ELEMENTS + 1, KnowledgeBase::Gamma);
    let others = Case::of_bytes("", &longer, other.prove(&longer));
    let proof = circuit.prove_with_hash(&published, HashToField::Sha256Xmd);
    let z = HashToField::Sha256Xmd.challenge(&proof.commitment.unwrap().point, &[case.s]);
    let v = evaluate(&published, z);
    let hashed = Case { what: String::new(), s: case.s, v, proof, published: None };
    zkmargin_groth16::verify(circuit.key.verifying_key(), &[case.s, v], &proof, HashToField::Sha256Xmd)
        .unwrap();
    let key = SolidityKey::new(circuit.key.verifying_key()).unwrap();
    let verdicts = judge(key.bytes(), &[case, others, hashed]);
    assert_eq!(verdicts, ["accepted", "main equation", "main equation"]);
}
