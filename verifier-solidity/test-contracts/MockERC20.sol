// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Collateral for tests and demonstrations: anyone may mint
contract MockERC20 is ERC20 {
    /// Taken from every transfer, in units: a token with which deposits must be refused.
    uint256 public immutable FEE;
    uint8 private immutable DECIMALS;

    constructor(uint256 fee, uint8 decimals_) ERC20("Test dollar", "TUSD") {
        FEE = fee;
        DECIMALS = decimals_;
    }

    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (FEE != 0 && from != address(0)) super._update(to, address(0), FEE);
    }
}
