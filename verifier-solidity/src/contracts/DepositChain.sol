// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Groth16} from "./Groth16.sol";
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

    /// Continues the chain from `hash` over the first `used` entries of `list`; the others must be zero.
    /// @param list Begins with the deposits list, `capacity` entries of three elements; `used` is no larger.
    function replay(bytes32 hash, bytes calldata list, uint256 used, uint256 capacity)
        internal
        pure
        returns (bytes32)
    {
        for (uint256 i = 0; i < used; ++i) {
            hash = _replayOne(hash, list, i);
        }
        uint256 entry = 3 * Publication.ELEMENT;
        if (!Publication.isZero(list[used * entry:capacity * entry])) revert IMarginRollup.DepositEntry(used);
        return hash;
    }

    /// Entry: x_hi 126 | amount 64 | mode 16 | account 36;  x_lo 128 | y_hi 118;  y_lo 136. The circuit
    /// ranges every field; the bits above them are refused here as well, so that an entry has one reading.
    function _replayOne(bytes32 hash, bytes calldata list, uint256 index) private pure returns (bytes32) {
        uint256 e0 = Publication.elementAt(list, 3 * index);
        uint256 e1 = Publication.elementAt(list, 3 * index + 1);
        uint256 e2 = Publication.elementAt(list, 3 * index + 2);
        bool canonical = e0 >> 242 == 0 && e1 >> 246 == 0 && e2 >> 136 == 0;
        // Account 0 marks an unused entry.
        if (!canonical || e0 >> 206 == 0) revert IMarginRollup.DepositEntry(index);
        uint256 x = uint256(uint128(e0) & (2 ** 126 - 1)) << 128 | uint128(e1);
        uint256 y = (e1 >> 128) << 136 | e2;
        return link(hash, x, y, uint64(e0 >> 126), uint16(e0 >> 190));
    }
}
