// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IVerifier} from "./IVerifier.sol";
import {Groth16} from "./Groth16.sol";
import {KeyChecks} from "./KeyChecks.sol";

/// @title The verifier's code, with its key and the key's id in the last bytes of that code
/// @notice Deployed through `Groth16Verifier`. Reading a key from one's own code costs 3 gas a word; from
/// storage it would cost 2,100, and from a second contract 2,600 for the account.
contract KeyedVerifier is IVerifier {
    /// The key, its id and one byte, 1 for an insecure key.
    uint256 private constant TAIL = 960 + 31 + 1;
    /// Selector, two inputs, twelve words of proof.
    uint256 private constant CALL_BYTES = 4 + 14 * 32;

    /// @inheritdoc IVerifier
    function verify(uint256 s, uint256 v, uint256[12] calldata proof) external view {
        if (msg.data.length != CALL_BYTES) revert CalldataLength(CALL_BYTES, msg.data.length);
        Groth16.verify(_key(), keyId(), s, v, proof);
    }

    /// @inheritdoc IVerifier
    function keyId() public pure returns (uint248 id) {
        // Read into scratch space, like the flag.
        assembly ("memory-safe") {
            mstore(0, 0)
            codecopy(1, sub(codesize(), 32), 31)
            id := mload(0)
        }
    }

    /// @inheritdoc IVerifier
    function insecure() external pure returns (bool flag) {
        // The last byte of the code; written to scratch space.
        assembly ("memory-safe") {
            mstore(0, 0)
            codecopy(31, sub(codesize(), 1), 1)
            flag := mload(0)
        }
    }

    function _key() private pure returns (bytes memory key) {
        key = new bytes(Groth16.KEY_BYTES);
        // Fills exactly the bytes allocated on the line above.
        assembly ("memory-safe") {
            codecopy(add(key, 0x20), sub(codesize(), TAIL), mload(key))
        }
    }
}

/// @title Deploys a verifier for a key that is given as data
contract Groth16Verifier {
    /// @param key The 960 bytes described in `Groth16`; refused by `KeyChecks`.
    /// @param circuit Fingerprint of the circuit, as the key states it.
    /// @param sizes Sizes of the circuit, as `Groth16.keyId` takes them.
    /// @param insecureKey True for a development key; whoever relies on the verifier reads it back. The key's id
    /// covers all four, so none of them can be another than the owner of a known id stated.
    constructor(bytes memory key, bytes32 circuit, uint256 sizes, bool insecureKey) {
        KeyChecks.check(key);
        uint248 id = Groth16.keyId(key, circuit, sizes, insecureKey);
        bytes memory code = abi.encodePacked(type(KeyedVerifier).runtimeCode, key, id, insecureKey);
        // The created contract's code is the verifier's code and its tail, in place of this contract's own.
        assembly ("memory-safe") {
            return(add(code, 0x20), mload(code))
        }
    }
}
