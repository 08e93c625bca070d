// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Groth16} from "./Groth16.sol";

/// @title What a key must satisfy before a verifier is built on it
/// @notice Run once, in the constructor. A key with delta = gamma, or with a known relation between the
/// commitment's points, accepts forged proofs.
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

    uint256 internal constant GENERATOR = type(uint256).max;

    uint256 private constant GENERATOR_X_IMAGINARY =
        11559732032986387107991004021392285783925812861821192530917403151452391805634;
    uint256 private constant GENERATOR_X_REAL =
        10857046999023057135944570762232829481370756359578518086990519993285655852781;

    /// Reverts unless `key` is well formed and free of the relations that make forging possible.
    function check(bytes memory key) internal view {
        if (key.length != Groth16.KEY_BYTES) revert KeyLength(key.length);
        for (uint256 i = 0; i < 30; ++i) {
            if (_word(key, i * 32) >= Groth16.Q) revert KeyCoordinateOutOfRange(i);
        }
        uint256[5] memory g1 = [uint256(0), 0x1c0, 0x200, 0x240, 0x280];
        for (uint256 i = 0; i < 5; ++i) {
            if (_word(key, g1[i]) == 0 && _word(key, g1[i] + 32) == 0) revert KeyIdentity(g1[i]);
        }
        uint256[5] memory g2 = [uint256(0x40), 0xc0, 0x140, 0x2c0, 0x340];
        for (uint256 i = 0; i < 5; ++i) {
            if (_isZeroG2(key, g2[i])) revert KeyIdentity(g2[i]);
        }
        _checkCurves(key, g1, g2);
        _apart(key, 0x140, 0xc0); // delta, gamma
        _apartFromGenerator(key, 0x140);
        _apart(key, 0x340, 0xc0); // sigma G, gamma
        _apart(key, 0x340, 0x140); // sigma G, delta
        _apart(key, 0x340, 0x2c0); // sigma G, G
        _apartFromGenerator(key, 0x340);
    }

    /// The pairing precompile refuses points off the curve or outside the subgroup, whatever the product is.
    function _checkCurves(bytes memory key, uint256[5] memory g1, uint256[5] memory g2) private view {
        bytes memory pairs = "";
        for (uint256 i = 0; i < 5; ++i) {
            pairs = abi.encodePacked(pairs, _word(key, g1[i]), _word(key, g1[i] + 32));
            for (uint256 j = 0; j < 4; ++j) {
                pairs = abi.encodePacked(pairs, _word(key, g2[i] + 32 * j));
            }
        }
        (bool ok, bytes memory verdict) = address(8).staticcall(pairs);
        if (!ok || verdict.length != 32) revert KeyMalformed();
    }

    /// Equal abscissas on the curve mean equal or opposite points.
    function _apart(bytes memory key, uint256 left, uint256 right) private pure {
        if (_word(key, left) == _word(key, right) && _word(key, left + 32) == _word(key, right + 32)) {
            revert KeyPointsRelated(left, right);
        }
    }

    function _apartFromGenerator(bytes memory key, uint256 offset) private pure {
        if (_word(key, offset) == GENERATOR_X_IMAGINARY && _word(key, offset + 32) == GENERATOR_X_REAL) {
            revert KeyPointsRelated(offset, GENERATOR);
        }
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
