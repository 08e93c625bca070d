// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Groth16} from "./Groth16.sol";
import {IVerifier} from "./IVerifier.sol";

/// @title What a key must satisfy before a verifier is built on it
/// @notice Run once, in the constructor. A key whose secrets are 1, or one another's equal up to sign, accepts
/// forged proofs.
library KeyChecks {
    /// A key has 960 bytes.
    error KeyLength(uint256 got);
    /// Word `index` of the key is not below the base field's modulus.
    error KeyCoordinateOutOfRange(uint256 index);
    /// The point at byte `offset` is the one at infinity.
    error KeyIdentity(uint256 offset);
    /// A point of the key is off its curve or outside its subgroup.
    error KeyMalformed();
    /// The points at these byte offsets are equal or opposite (`GENERATOR` stands for the group's generator).
    error KeyPointsRelated(uint256 left, uint256 right);
    /// The points at these byte offsets, in different groups, have equal or opposite logarithms.
    error KeySecretsRelated(uint256 left, uint256 right);

    uint256 internal constant GENERATOR = type(uint256).max;

    // Byte offsets inside a key.
    uint256 private constant ALPHA = 0;
    uint256 private constant BETA = Groth16.BETA;
    uint256 private constant GAMMA = Groth16.GAMMA;
    uint256 private constant DELTA = Groth16.DELTA;
    uint256 private constant G = Groth16.G;
    uint256 private constant MINUS_SIGMA_G = Groth16.MINUS_SIGMA_G;

    uint256 private constant G2_X_IMAGINARY =
        11559732032986387107991004021392285783925812861821192530917403151452391805634;
    uint256 private constant G2_X_REAL = 10857046999023057135944570762232829481370756359578518086990519993285655852781;
    uint256 private constant G2_Y_IMAGINARY =
        4082367875863433681332203403145435568316851327593401208105741076214120093531;
    uint256 private constant G2_Y_REAL = 8495653923123431417604973247489272438418190587263600148770280649306958101930;

    /// Reverts unless `key` is well formed and free of the relations that make forging possible.
    function check(bytes memory key) internal view {
        if (key.length != Groth16.KEY_BYTES) revert KeyLength(key.length);
        for (uint256 i = 0; i < 30; ++i) {
            if (_word(key, i * 32) >= Groth16.Q) revert KeyCoordinateOutOfRange(i);
        }
        uint256[5] memory g1 = [ALPHA, 0x1c0, 0x200, 0x240, 0x280];
        for (uint256 i = 0; i < 5; ++i) {
            if (_word(key, g1[i]) == 0 && _word(key, g1[i] + 32) == 0) revert KeyIdentity(g1[i]);
        }
        uint256[5] memory g2 = [BETA, GAMMA, DELTA, G, MINUS_SIGMA_G];
        for (uint256 i = 0; i < 5; ++i) {
            if (_isZeroG2(key, g2[i])) revert KeyIdentity(g2[i]);
        }
        _checkCurves(key, g1, g2);
        _checkApart(key, g1, g2);
        _checkSecrets(key);
    }

    /// The pairing precompile refuses points off the curve or outside the subgroup, whatever the product is.
    function _checkCurves(bytes memory key, uint256[5] memory g1, uint256[5] memory g2) private view {
        bytes memory pairs = "";
        for (uint256 i = 0; i < 5; ++i) {
            pairs = abi.encodePacked(pairs, _word(key, g1[i]), _word(key, g1[i] + 32), _pointOfG2(key, g2[i]));
        }
        _pairing(pairs);
    }

    /// No two points of a group are equal or opposite, the generator included. Only gamma, G and the generator of
    /// G2 may coincide: ceremonies set gamma to the generator, and G is gamma where five pairs are to do.
    function _checkApart(bytes memory key, uint256[5] memory g1, uint256[5] memory g2) private pure {
        for (uint256 i = 0; i < 5; ++i) {
            // The abscissa of the generator of G1.
            if (_word(key, g1[i]) == 1) revert KeyPointsRelated(g1[i], GENERATOR);
            bool free = g2[i] == GAMMA || g2[i] == G;
            bool generator = _word(key, g2[i]) == G2_X_IMAGINARY && _word(key, g2[i] + 32) == G2_X_REAL;
            if (generator && !free) revert KeyPointsRelated(g2[i], GENERATOR);
            for (uint256 j = i + 1; j < 5; ++j) {
                if (_word(key, g1[i]) == _word(key, g1[j])) revert KeyPointsRelated(g1[j], g1[i]);
                bool same = _sameAbscissaG2(key, g2[i], g2[j]);
                if (same && !(free && g2[j] == G)) revert KeyPointsRelated(g2[j], g2[i]);
            }
        }
    }

    /// alpha's secret is not that of beta, gamma, delta or sigma, up to sign.
    function _checkSecrets(bytes memory key) private view {
        bytes memory generator = abi.encodePacked(G2_X_IMAGINARY, G2_X_REAL, G2_Y_IMAGINARY, G2_Y_REAL);
        uint256[3] memory others = [BETA, GAMMA, DELTA];
        for (uint256 i = 0; i < 3; ++i) {
            if (_sameSecret(key, generator, _pointOfG2(key, others[i]))) revert KeySecretsRelated(ALPHA, others[i]);
        }
        // sigma is the ratio of sigma G to G.
        if (_sameSecret(key, _pointOfG2(key, G), _pointOfG2(key, MINUS_SIGMA_G))) {
            revert KeySecretsRelated(ALPHA, MINUS_SIGMA_G);
        }
    }

    /// Whether `point` is alpha's secret times `base`, or the opposite: e(alpha, base) e(-+G1, point) = 1.
    function _sameSecret(bytes memory key, bytes memory base, bytes memory point) private view returns (bool) {
        bytes memory first = abi.encodePacked(_word(key, ALPHA), _word(key, ALPHA + 32), base);
        // The generator of G1 is (1, 2).
        return _pairing(abi.encodePacked(first, uint256(1), uint256(2), point))
            || _pairing(abi.encodePacked(first, uint256(1), Groth16.Q - 2, point));
    }

    function _pairing(bytes memory pairs) private view returns (bool) {
        (bool ok, bytes memory verdict) = address(8).staticcall(pairs);
        if (!ok) revert KeyMalformed();
        if (verdict.length != 32) revert IVerifier.PrecompileAnswer(8, verdict.length);
        return abi.decode(verdict, (uint256)) == 1;
    }

    /// Equal abscissas on the curve mean equal or opposite points.
    function _sameAbscissaG2(bytes memory key, uint256 left, uint256 right) private pure returns (bool) {
        return _word(key, left) == _word(key, right) && _word(key, left + 32) == _word(key, right + 32);
    }

    function _pointOfG2(bytes memory key, uint256 offset) private pure returns (bytes memory) {
        return abi.encodePacked(
            _word(key, offset), _word(key, offset + 32), _word(key, offset + 64), _word(key, offset + 96)
        );
    }

    function _isZeroG2(bytes memory key, uint256 offset) private pure returns (bool) {
        return _word(key, offset) | _word(key, offset + 32) | _word(key, offset + 64) | _word(key, offset + 96) == 0;
    }

    function _word(bytes memory key, uint256 offset) private pure returns (uint256 word) {
        // Offsets are constants of this file, below the length that `check` compares first.
        assembly ("memory-safe") {
            word := mload(add(add(key, 0x20), offset))
        }
    }
}
