//! The challenge row: the powers of χ = z and the pole γ = Poseidon(z, tag), once.
//!
//! Two challenges, because with γ a power of χ there are tuples that cancel for every z (BUS-3).

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::hash::circuit::poseidon_derived;
use crate::gadgets::row::{MAX_ARITY, Padded, Row};
use crate::gadgets::var::{Derived, Var, Wire};

/// Separates the hash that gives γ from every other use of Poseidon with two inputs.
pub const GAMMA_TAG: u64 = 0x67616d6d61;

/// Derived wires: χ² … χ^(MAX_ARITY + 1), Poseidon's inner wires, γ last.
pub struct Challenge;

/// The challenge.
#[derive(Clone, Copy, Debug)]
pub struct ChallengeRecord {
    /// z, the hash of the commitment to the committed wires and of the digest s.
    pub z: Fr,
}

impl Row for Challenge {
    type Record = ChallengeRecord;
    const NAME: &'static str = "challenge";

    fn dummy() -> ChallengeRecord {
        ChallengeRecord { z: Fr::from(0u64) }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<ChallengeRecord>) {
        let cs = &mut cs.check("BUS-3");
        let z = cs.challenge(Wire::Chi(1), record.z);
        let mut power = z.clone();
        for _ in 2..=MAX_ARITY + 1 {
            power = cs.product_derived(&power, &z);
        }
        let digest = poseidon_derived(cs, &[z, Var::<Derived>::constant(Fr::from(GAMMA_TAG))]);
        cs.assign_derived(&digest);
    }
}
