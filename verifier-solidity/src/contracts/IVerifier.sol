// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Verifies one committed Groth16 proof over BN254
/// @notice The key is fixed when the verifier is deployed. Nothing here returns false: a proof that is
/// not valid reverts with the reason.
interface IVerifier {
    /// @notice A public input is not below the group order; `index` is 0 for s, 1 for v.
    error InputOutOfRange(uint256 index);
    /// @notice Word `index` of the proof is not below the base field's modulus.
    error CoordinateOutOfRange(uint256 index);
    /// @notice A point of the proof is off its curve, outside its subgroup or the one at infinity.
    error MalformedPoint();
    /// @notice The points are well formed, but the equation does not hold.
    error ProofRejected();
    /// @notice The precompile at address `precompile` succeeded with `got` bytes, which is not the length of its
    /// answer: this chain does not have it.
    error PrecompileAnswer(uint256 precompile, uint256 got);
    /// @notice More or fewer bytes of calldata than the call's own encoding has.
    error CalldataLength(uint256 expected, uint256 got);

    /// @notice Reverts unless `proof` proves the statement (s, v) under this verifier's key.
    /// @dev The third public input, the challenge z, is computed here from the commitment and s.
    /// @param s Digest of the published bytes, below r; bound to the commitment through z.
    /// @param v Value of the published elements at z, below r.
    /// @param proof A(2), B(4, imaginary part first), C(2), commitment D(2), its proof of knowledge(2).
    function verify(uint256 s, uint256 v, uint256[12] calldata proof) external view;

    /// @notice The upper 31 bytes of the hash of the key's 960 bytes, its circuit, the circuit's sizes and `insecure`:
    /// header element 3 of a batch.
    function keyId() external view returns (uint248);

    /// @notice True where the key was made on one machine, whose owner can forge proofs.
    function insecure() external view returns (bool);
}
