//! Groth16 over BN254 with at most one Pedersen commitment (BSB22).
