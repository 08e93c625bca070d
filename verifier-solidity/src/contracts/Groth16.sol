// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IVerifier} from "./IVerifier.sol";

/// @title Groth16 over BN254 with one Pedersen commitment
/// @notice A key is 30 words: alpha(2) beta(4) gamma(4) delta(4) K0(2) K1(2) K2(2) K3(2) G(4) minusSigmaG(4).
/// With L = K0 + s K1 + v K2 + z K3 + D the proof has to satisfy
///   main:       e(A, B) = e(alpha, beta) e(L, gamma) e(C, delta)
///   knowledge:  e(D, minusSigmaG) e(P, G) = 1
/// Both go into one pairing call, the second raised to rho.
library Groth16 {
    /// Order of the groups.
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// Modulus of the curve's coordinates.
    uint256 internal constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;
    uint256 internal constant KEY_BYTES = 960;

    // Byte offsets inside a key.
    uint256 internal constant BETA = 0x40;
    uint256 internal constant GAMMA = 0xc0;
    uint256 internal constant DELTA = 0x140;
    uint256 private constant K = 0x1c0;
    uint256 internal constant G = 0x2c0;
    uint256 internal constant MINUS_SIGMA_G = 0x340;

    // Word positions inside a proof.
    uint256 private constant D_X = 8;
    uint256 private constant P_X = 10;

    /// The commitment's challenge: keccak256(D.x, D.y, s) mod r.
    function challenge(uint256 s, uint256[12] calldata proof) internal pure returns (uint256) {
        return uint256(keccak256(abi.encodePacked(proof[D_X], proof[D_X + 1], s))) % R;
    }

    /// Upper 31 bytes of the hash of the key and of what it says of itself.
    /// @param circuit Fingerprint of the circuit.
    /// @param sizes Sizes of the circuit, 32 bits each: constraints, public, committed public, committed, derived.
    /// @param insecure True for a development key.
    function keyId(bytes memory key, bytes32 circuit, uint256 sizes, bool insecure) internal pure returns (uint248) {
        return uint248(uint256(keccak256(abi.encodePacked(key, circuit, sizes, insecure))) >> 8);
    }

    /// Reverts unless both equations hold; every word is checked to be canonical first, and no point of a proof is
    /// the one at infinity.
    /// @param id The key's id.
    function verify(bytes memory key, uint248 id, uint256 s, uint256 v, uint256[12] calldata proof) internal view {
        if (s >= R) revert IVerifier.InputOutOfRange(0);
        if (v >= R) revert IVerifier.InputOutOfRange(1);
        if (!_wellFormed(proof)) _revertMalformed(proof);
        uint256 z = challenge(s, proof);
        // Everything that either equation depends on is hashed (the key by its id, z by what it is computed
        // from), so rho is drawn after it is fixed: if one of the equations fails, at most one rho of 2^128
        // balances their product.
        uint256 rho = uint128(uint256(keccak256(abi.encodePacked(id, s, v, proof))));

        uint256[5] memory work;
        _sumInputs(work, key, [s, v, z], proof);
        bool merged = _sameG2(key, GAMMA, G);
        // Where G is gamma, rho P joins L's pair: e(L, gamma) e(rho P, gamma) = e(L + rho P, gamma).
        if (merged) {
            (work[2], work[3], work[4]) = (proof[P_X], proof[P_X + 1], rho);
            _mulAdd(work);
        }
        _checkPairs(work, key, rho, merged, proof);
    }

    /// Whether all coordinates are below q and no point is the one at infinity, written as zeros. Both curves have
    /// odd order, so only that point has y = 0.
    function _wellFormed(uint256[12] calldata proof) private pure returns (bool ok) {
        uint256 q = Q;
        uint256 top = Q - 1;
        // A Solidity loop costs four times as much. The twelve words are the whole array; y - 1 < q - 1 is
        // 0 < y < q, since 0 - 1 wraps.
        assembly ("memory-safe") {
            ok := and(lt(calldataload(proof), q), lt(sub(calldataload(add(proof, 0x20)), 1), top))
            ok := and(ok, and(lt(calldataload(add(proof, 0x40)), q), lt(calldataload(add(proof, 0x60)), q)))
            let imaginary := calldataload(add(proof, 0x80))
            let real := calldataload(add(proof, 0xa0))
            ok := and(ok, and(and(lt(imaginary, q), lt(real, q)), lt(0, or(imaginary, real))))
            ok := and(ok, and(lt(calldataload(add(proof, 0xc0)), q), lt(sub(calldataload(add(proof, 0xe0)), 1), top)))
            ok := and(ok, and(lt(calldataload(add(proof, 0x100)), q), lt(sub(calldataload(add(proof, 0x120)), 1), top)))
            ok := and(ok, and(lt(calldataload(add(proof, 0x140)), q), lt(sub(calldataload(add(proof, 0x160)), 1), top)))
        }
    }

    /// Names the first coordinate that is too large; if there is none, a point is the one at infinity.
    function _revertMalformed(uint256[12] calldata proof) private pure {
        for (uint256 i = 0; i < 12; ++i) {
            if (proof[i] >= Q) revert IVerifier.CoordinateOutOfRange(i);
        }
        revert IVerifier.MalformedPoint();
    }

    /// Leaves L in words 0 and 1 of `work`.
    function _sumInputs(uint256[5] memory work, bytes memory key, uint256[3] memory inputs, uint256[12] calldata proof)
        private
        view
    {
        (work[0], work[1]) = _g1(key, K);
        for (uint256 i = 0; i < 3; ++i) {
            (work[2], work[3]) = _g1(key, K + 0x40 * (i + 1));
            work[4] = inputs[i];
            _mulAdd(work);
        }
        (work[2], work[3]) = (proof[D_X], proof[D_X + 1]);
        _add(work);
    }

    /// Lays out the pairs and calls the pairing precompile. `work` holds L (with rho P where merged).
    function _checkPairs(
        uint256[5] memory work,
        bytes memory key,
        uint256 rho,
        bool merged,
        uint256[12] calldata proof
    ) private view {
        uint256[36] memory pairs;
        // -A: y is neither 0 nor above q.
        (pairs[0], pairs[1]) = (proof[0], Q - proof[1]);
        (pairs[2], pairs[3], pairs[4], pairs[5]) = (proof[2], proof[3], proof[4], proof[5]);
        (pairs[6], pairs[7]) = _g1(key, 0);
        _copyG2(pairs, 8, key, BETA);
        (pairs[12], pairs[13]) = (work[0], work[1]);
        _copyG2(pairs, 14, key, GAMMA);
        (pairs[18], pairs[19]) = (proof[6], proof[7]);
        _copyG2(pairs, 20, key, DELTA);

        (work[2], work[3], work[4]) = (proof[D_X], proof[D_X + 1], rho);
        _mul(work);
        (pairs[24], pairs[25]) = (work[2], work[3]);
        _copyG2(pairs, 26, key, MINUS_SIGMA_G);
        if (!merged) {
            (work[2], work[3], work[4]) = (proof[P_X], proof[P_X + 1], rho);
            _mul(work);
            (pairs[30], pairs[31]) = (work[2], work[3]);
            _copyG2(pairs, 32, key, G);
        }
        _pairing(pairs, merged ? 5 * 192 : 6 * 192);
    }

    /// Words 0, 1 of `work` += scalar in word 4 times the point in words 2, 3.
    function _mulAdd(uint256[5] memory work) private view {
        _mul(work);
        _add(work);
    }

    /// Words 2, 3 of `work` *= scalar in word 4. Refuses points off the curve.
    function _mul(uint256[5] memory work) private view {
        bool ok;
        uint256 length;
        // Precompiles have no Solidity call syntax; both ranges lie inside `work`.
        assembly ("memory-safe") {
            ok := staticcall(gas(), 7, add(work, 0x40), 0x60, add(work, 0x40), 0x40)
            length := mul(ok, returndatasize())
        }
        // A chain without the precompile calls an empty account: that succeeds, and `work` is as it was.
        if (length != 0x40) _revertCall(ok, 7, length);
    }

    /// Words 0, 1 of `work` += words 2, 3. Refuses points off the curve.
    function _add(uint256[5] memory work) private view {
        bool ok;
        uint256 length;
        // As in `_mul`.
        assembly ("memory-safe") {
            ok := staticcall(gas(), 6, work, 0x80, work, 0x40)
            length := mul(ok, returndatasize())
        }
        if (length != 0x40) _revertCall(ok, 6, length);
    }

    function _pairing(uint256[36] memory pairs, uint256 length) private view {
        bool ok;
        uint256 answered;
        // As in `_mul`; the first word of `pairs` is reused for the verdict.
        assembly ("memory-safe") {
            ok := staticcall(gas(), 8, pairs, length, pairs, 0x20)
            answered := mul(ok, returndatasize())
        }
        // Without an answer the first word is still A.x, which the prover chooses: 1 for A = (1, 2).
        if (answered != 0x20) _revertCall(ok, 8, answered);
        if (pairs[0] != 1) revert IVerifier.ProofRejected();
    }

    /// Names what is wrong with a call of a precompile: it refused its points, or is not there.
    function _revertCall(bool ok, uint256 precompile, uint256 length) private pure {
        if (!ok) revert IVerifier.MalformedPoint();
        revert IVerifier.PrecompileAnswer(precompile, length);
    }

    function _g1(bytes memory key, uint256 offset) private pure returns (uint256 x, uint256 y) {
        // `offset` is one of the constants above, inside the 960 bytes.
        assembly ("memory-safe") {
            let at := add(add(key, 0x20), offset)
            x := mload(at)
            y := mload(add(at, 0x20))
        }
    }

    function _copyG2(uint256[36] memory pairs, uint256 word, bytes memory key, uint256 offset) private pure {
        // Both ranges are given by constants: 128 bytes inside `pairs` and inside the 960 bytes of `key`.
        assembly ("memory-safe") {
            mcopy(add(pairs, mul(word, 0x20)), add(add(key, 0x20), offset), 0x80)
        }
    }

    function _sameG2(bytes memory key, uint256 left, uint256 right) private pure returns (bool same) {
        // As in `_g1`.
        assembly ("memory-safe") {
            let a := add(add(key, 0x20), left)
            let b := add(add(key, 0x20), right)
            let low := or(xor(mload(a), mload(b)), xor(mload(add(a, 0x20)), mload(add(b, 0x20))))
            let high := or(xor(mload(add(a, 0x40)), mload(add(b, 0x40))), xor(mload(add(a, 0x60)), mload(add(b, 0x60))))
            same := iszero(or(low, high))
        }
    }
}
