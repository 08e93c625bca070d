// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Groth16} from "./Groth16.sol";
import {HeaderLayout} from "./HeaderLayout.sol";
import {IMarginRollup} from "./IMarginRollup.sol";
import {Publication} from "./Publication.sol";

/// @title The hash chain over L1 deposits, and its comparison with what a batch published
library DepositChain {
    /// Coefficients of the owner keys' curve, a x^2 + y^2 = 1 + d x^2 y^2 over the field of order r.
    uint256 private constant CURVE_A = 168700;
    uint256 private constant CURVE_D = 168696;

    /// h_i = keccak256(h_(i-1), x, y, amount, mode), five words.
    function link(bytes32 previous, uint256 x, uint256 y, uint256 amount, uint256 mode)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(previous, x, y, amount, mode));
    }

    /// Refuses a key that no circuit row accepts: it would stop the queue for everyone behind it.
    /// A point has order 1 or 2 where x = 0, 4 where y = 0, and 8 where a x^2 = y^2 (its double has y = 0).
    function checkOwner(uint256 x, uint256 y) internal pure {
        uint256 r = Groth16.R;
        if (x >= r || y >= r || x == 0 || y == 0) revert IMarginRollup.OwnerKey(x, y);
        uint256 ax2 = mulmod(CURVE_A, mulmod(x, x, r), r);
        uint256 y2 = mulmod(y, y, r);
        // d x^2 y^2 = (d / a) (a x^2) y^2, multiplied through by a: a (a x^2 + y^2) = a + d (a x^2) y^2.
        uint256 left = mulmod(CURVE_A, addmod(ax2, y2, r), r);
        uint256 right = addmod(CURVE_A, mulmod(CURVE_D, mulmod(ax2, y2, r), r), r);
        if (left != right || ax2 == y2) revert IMarginRollup.OwnerKey(x, y);
    }

    /// Continues the chain from `hash` over the first `used` entries of `list`. That the entries after them
    /// are zero, the circuit proves: it counts the used rows, and the header tells it how many there are.
    ///
    /// Entry: x_hi 126 | amount 64 | mode 16 | account 36;  x_lo 128 | y_hi 118;  y_lo 136. The circuit
    /// ranges every field; the bits above them are refused here as well, so that an entry has one reading.
    /// @param list Begins with the deposits list, whose capacity is at least `used`.
    function replay(bytes32 hash, bytes calldata list, uint256 used) internal pure returns (bytes32) {
        bool canonical = true;
        // As `link` over each entry, at half its gas: the five words lie in free memory, where the hash of
        // one entry takes the first word's place for the next. Reads three elements of each used entry.
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, hash)
            let at := list.offset
            for { let end := add(at, mul(used, 93)) } lt(at, end) { at := add(at, 93) } {
                let e0 := shr(8, calldataload(at))
                let e1 := shr(8, calldataload(add(at, 31)))
                let e2 := shr(8, calldataload(add(at, 62)))
                let account := shr(206, e0)
                let excess := or(shr(36, account), or(shr(246, e1), shr(136, e2)))
                canonical := and(canonical, gt(iszero(excess), iszero(account)))
                // x = x_hi 2^128 + x_lo, y = y_hi 2^136 + y_lo
                mstore(add(words, 0x20), or(shl(128, and(e0, sub(shl(126, 1), 1))), and(e1, sub(shl(128, 1), 1))))
                mstore(add(words, 0x40), or(shl(136, shr(128, e1)), e2))
                mstore(add(words, 0x60), and(shr(126, e0), 0xffffffffffffffff))
                mstore(add(words, 0x80), and(shr(190, e0), 0xffff))
                mstore(words, keccak256(words, 0xa0))
            }
            hash := mload(words)
        }
        if (!canonical) _revertEntry(list, used);
        return hash;
    }

    /// Names the first used entry that is empty or not canonical.
    function _revertEntry(bytes calldata list, uint256 used) private pure {
        for (uint256 i = 0; i < used; ++i) {
            uint256 first = HeaderLayout.DEPOSIT_ELEMENTS * i;
            uint256 account = Publication.elementAt(list, first) >> 206;
            uint256 excess = Publication.elementAt(list, first + 1) >> 246 | Publication.elementAt(list, first + 2) >> 136;
            // Account 0 marks an unused entry.
            if (account == 0 || account >> 36 != 0 || excess != 0) revert IMarginRollup.DepositEntry(i);
        }
    }
}
