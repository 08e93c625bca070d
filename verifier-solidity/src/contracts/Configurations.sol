// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {HeaderLayout} from "./HeaderLayout.sol";
import {IMarginRollup} from "./IMarginRollup.sol";
import {Publication} from "./Publication.sol";

/// @title The list of configurations of markets, the last of a batch's lists
/// @notice The circuit checks what an entry says; here it is only found, and compared with what was proposed.
library Configurations {
    /// Bytes of an entry.
    uint256 private constant ENTRY = HeaderLayout.CONFIGURATION_ELEMENTS * HeaderLayout.ELEMENT_BYTES;

    /// The list at the end of `lists`. `_register` has checked that it fits behind the header.
    function last(bytes calldata lists, uint256 capacity) internal pure returns (bytes calldata) {
        unchecked {
            return lists[lists.length - capacity * ENTRY:];
        }
    }

    /// The entries before the first whose first element is zero.
    function used(bytes calldata list) internal pure returns (bytes calldata) {
        uint256 end = 0;
        while (end < list.length && _first(list, end) != 0) end += ENTRY;
        return list[:end];
    }

    /// Refuses what no batch could have as its entries.
    function check(bytes calldata configurations) internal pure {
        bool whole = configurations.length != 0 && configurations.length % ENTRY == 0;
        if (!whole || used(configurations).length != configurations.length) revert IMarginRollup.ConfigurationsInvalid();
    }

    /// The number of listed markets after these entries: new ones, which have a price, take the numbers behind it.
    function listed(bytes calldata list, uint16 markets, uint16 pools) internal pure returns (uint16) {
        for (uint256 start = 0; start < list.length; start += ENTRY) {
            (uint16 market, uint256 price) = HeaderLayout.configuration(_first(list, start));
            if (price == 0) continue;
            if (market != ++markets || market > pools) revert IMarginRollup.UnknownMarket(market);
        }
        return markets;
    }

    /// The first element of the entry at byte `start`.
    function _first(bytes calldata list, uint256 start) private pure returns (uint256) {
        return Publication.elementAt(list, start / HeaderLayout.ELEMENT_BYTES);
    }
}
