// SPDX-License-Identifier: MIT OR Apache-2.0
// Generated from circuits/src/publication; do not edit. In verifier-solidity:
// UPDATE=1 cargo nextest run -p zkmargin-verifier-solidity layout && npm run build
pragma solidity ^0.8.28;

/// @title Sizes of the published bytes, and the header's elements of several fields
library HeaderLayout {
    /// Bytes of an element.
    uint256 internal constant ELEMENT_BYTES = 31;
    /// Elements of the header.
    uint256 internal constant HEADER_ELEMENTS = 10;
    /// Elements of an entry of the deposits list, which begins right after the header.
    uint256 internal constant DEPOSIT_ELEMENTS = 3;
    /// Elements of an entry of the configurations list, the last of all lists.
    uint256 internal constant CONFIGURATION_ELEMENTS = 7;
    /// Element 0: the first bytes of keccak256("zkmargin/batch/v1").
    bytes31 internal constant DOMAIN_TAG = hex"7c57087e9a3940a6345b2c4c480b98d3edadeea6ba817733205401b3c907ad";

    /// Element 1, its fields from the lowest bit.
    function element1(
        uint160 contractAddress,
        uint64 chainId
    ) internal pure returns (uint248) {
        return uint248(contractAddress)
            | uint248(chainId) << 160;
    }

    /// Element 2, its fields from the lowest bit.
    function element2(
        uint40 time,
        uint32 elementCount,
        uint32 shapeId,
        uint64 batch,
        uint16 depositCapacity,
        uint16 withdrawalStart,
        uint16 withdrawalCapacity,
        uint16 configurationCapacity
    ) internal pure returns (uint248) {
        return uint248(time)
            | uint248(elementCount) << 40
            | uint248(shapeId) << 72
            | uint248(batch) << 104
            | uint248(depositCapacity) << 168
            | uint248(withdrawalStart) << 184
            | uint248(withdrawalCapacity) << 200
            | uint248(configurationCapacity) << 216;
    }

    /// Element 8, its fields from the lowest bit.
    function element8(
        uint64 forced,
        uint64 depositsAfter,
        uint64 depositsBefore
    ) internal pure returns (uint248) {
        return uint248(forced)
            | uint248(depositsAfter) << 64
            | uint248(depositsBefore) << 128;
    }

    /// The market of a configuration, and its price if the market is new, else 0; from the entry's first element.
    function configuration(uint256 first) internal pure returns (uint16 market, uint256 price) {
        return (uint16(first >> 0 & (2 ** 9 - 1)), first >> 9 & (2 ** 54 - 1));
    }
}
