// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Groth16} from "./Groth16.sol";
import {HeaderLayout} from "./HeaderLayout.sol";

/// @title The published bytes of a batch: a header of ten elements, then the shape's lists
/// @notice An element is 31 bytes, big-endian. The header is built from what the contract knows.
library Publication {
    /// What the header says of a batch; `batch` is the number after applying it. `counters` is element 2, with
    /// batch and time in it.
    struct Header {
        uint64 batch;
        uint40 time;
        uint248 counters;
        uint248 keyId;
        uint256 oldRoot;
        uint256 newRoot;
        uint64 depositsBefore;
        uint64 depositsAfter;
        uint248 configDigest;
    }

    /// Header and lists in one piece.
    function assemble(Header memory h, bytes calldata lists) internal view returns (bytes memory) {
        // The constructor refuses a chain id of more than 64 bits.
        uint248 place = HeaderLayout.element1({contractAddress: uint160(address(this)), chainId: uint64(block.chainid)});
        uint248 cursors =
            HeaderLayout.element8({forced: 0, depositsAfter: h.depositsAfter, depositsBefore: h.depositsBefore});
        // In one call: each step of a chain of calls would copy what the ones before it wrote.
        return abi.encodePacked(
            HeaderLayout.DOMAIN_TAG,
            place,
            h.counters,
            h.keyId,
            uint248(h.oldRoot >> 128),
            uint248(uint128(h.oldRoot)),
            uint248(h.newRoot >> 128),
            uint248(uint128(h.newRoot)),
            cursors,
            h.configDigest,
            lists
        );
    }

    /// Digest of the bytes as a field element.
    function digest(bytes memory data) internal pure returns (uint256) {
        return uint256(keccak256(data)) % Groth16.R;
    }

    /// Sum of d_i z^i over the elements of `data`, whose length is a multiple of 31.
    function evaluate(bytes memory data, uint256 z) internal pure returns (uint256 sum) {
        uint256 r = Groth16.R;
        // 244 elements and more: a Solidity loop costs three times as much. Reads only `data` and, below
        // each element, its last byte's neighbour, which the shift drops. No overflow: a mulmod is below
        // 2^254 and an element below 2^248, so the sum needs a reduction only at the end.
        assembly ("memory-safe") {
            let first := add(data, 0x20)
            let at := add(first, mload(data))
            // Down to a multiple of 24 elements, then 24 at a time: a turn of the loop costs two elements.
            for { let rest := mod(div(mload(data), 31), 24) } rest { rest := sub(rest, 1) } {
                at := sub(at, 31)
                sum := add(mulmod(sum, z, r), shr(8, mload(at)))
            }
            for {} gt(at, first) {} {
                at := sub(at, 744)
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 713))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 682))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 651))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 620))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 589))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 558))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 527))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 496))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 465))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 434))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 403))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 372))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 341))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 310))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 279))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 248))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 217))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 186))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 155))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 124))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 93))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 62))))
                sum := add(mulmod(sum, z, r), shr(8, mload(add(at, 31))))
                sum := add(mulmod(sum, z, r), shr(8, mload(at)))
            }
            sum := mod(sum, r)
        }
    }

    /// Element `index` of a run of elements in calldata. The caller has checked that the run has it: every
    /// list is a part of `lists`, whose length is compared with the shape's, or has a length checked next to
    /// the call.
    function elementAt(bytes calldata run, uint256 index) internal pure returns (uint256 element) {
        // A checked slice costs five times as much, and a batch reads dozens of elements.
        assembly ("memory-safe") {
            element := shr(8, calldataload(add(run.offset, mul(index, 31))))
        }
    }

    /// Whether every byte of `run` is zero.
    function isZero(bytes calldata run) internal pure returns (bool) {
        uint256 any = 0;
        // Four words at a time, then single words, then the rest of the last one with what follows it
        // shifted out.
        assembly ("memory-safe") {
            let at := run.offset
            let fours := add(at, and(run.length, not(127)))
            for {} lt(at, fours) { at := add(at, 128) } {
                any := or(any, or(calldataload(at), calldataload(add(at, 32))))
                any := or(any, or(calldataload(add(at, 64)), calldataload(add(at, 96))))
            }
            let whole := add(run.offset, and(run.length, not(31)))
            for {} lt(at, whole) { at := add(at, 32) } { any := or(any, calldataload(at)) }
            let rest := and(run.length, 31)
            if rest { any := or(any, shr(sub(256, mul(8, rest)), calldataload(at))) }
        }
        return any == 0;
    }
}
