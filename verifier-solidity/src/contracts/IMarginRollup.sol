// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IVerifier} from "./IVerifier.sol";

/// @title The exchange's state root on L1, its deposits and its withdrawals
interface IMarginRollup {
    /// One circuit: its verifier and where the lists lie that the contract reads.
    /// @param id Number under which batches name the shape.
    /// @param verifier Holds the shape's key.
    /// @param elements Elements of 31 bytes in all, header included.
    /// @param depositCapacity Entries of the deposits list (three elements each, right after the header).
    /// @param withdrawalStart Index of the first element of the withdrawals list.
    /// @param withdrawalCapacity Entries of the withdrawals list (one element each), at most 256.
    /// @param configurationCapacity Entries of the configurations list (seven elements each, the last of all lists).
    struct Shape {
        uint32 id;
        IVerifier verifier;
        uint16 elements;
        uint16 depositCapacity;
        uint16 withdrawalStart;
        uint16 withdrawalCapacity;
        uint16 configurationCapacity;
    }

    /// Everything that is fixed when the contract is deployed.
    /// @param token Collateral; has `decimals()`, at most 9. One of its units is one quote quantum of the circuit.
    /// @param operator The only account that may commit and apply batches.
    /// @param governor The only account that may propose configurations of markets; the zero address if nobody may.
    /// @param configDelay Seconds from a proposal to the first block that may fix a batch with it: 7 to 90 days, by
    /// default 14.
    /// @param genesisRoot Root before batch 1.
    /// @param genesisTime Time before batch 1, in seconds.
    /// @param lag Most by which a batch's time may be before the block, in seconds: 60 to 900, by default 600.
    /// @param configDigest Digest of the exchange's parameters.
    /// @param markets Highest market of the genesis; a deposit may name no market that is not listed.
    /// @param pools Highest market whose pool the genesis has, at most 511: no market above it is ever listed.
    /// @param allowInsecureKey Accepts verifiers of development keys.
    /// @param shapes Circuits that batches may use, at least one.
    struct Deployment {
        IERC20 token;
        address operator;
        address governor;
        uint40 configDelay;
        uint256 genesisRoot;
        uint40 genesisTime;
        uint40 lag;
        uint248 configDigest;
        uint16 markets;
        uint16 pools;
        bool allowInsecureKey;
        Shape[] shapes;
    }

    /// What a batch says in calldata beside its lists and its proof.
    struct Batch {
        uint32 shapeId;
        uint256 newRoot;
        uint40 time;
        uint64 depositsAfter;
    }

    /// @notice The L1 queue got deposit `index` (counted from 1); `hash` is the chain's value with it.
    event Deposited(uint64 indexed index, uint256 x, uint256 y, uint16 mode, uint256 amount, bytes32 hash);
    /// @notice Batch `batch` moved the root; `deposits` is the queue's cursor after it. The root before is that
    /// of the batch before.
    event BatchApplied(uint64 indexed batch, uint256 newRoot, uint40 time, uint32 shapeId, uint64 deposits);
    /// @notice Batch `batch` is bound to `commitment`, and its time to this block, for 24 hours.
    event BatchCommitted(uint64 indexed batch, bytes32 commitment);
    /// @notice The commit of `batch` lapsed unused, and with it the `count - 1` commits after it.
    event CommitsLapsed(uint64 indexed batch, uint16 count);
    /// @notice From `readyAt` on the operator may apply these entries of a batch's configurations list.
    event Proposed(bytes32 indexed digest, uint40 readyAt, bytes configurations);
    event ProposalCancelled(bytes32 indexed digest);
    /// @notice Batch `batch` applied the proposal with this digest, which is used up.
    event Configured(uint64 indexed batch, bytes32 digest);
    /// @notice Entry `index` of the withdrawals of `batch` was paid.
    event Withdrawn(uint64 indexed batch, uint256 index, address recipient, uint256 amount);

    error NotOperator(address caller);
    error UnknownShape(uint32 id);
    error ShapeInvalid(uint32 id);
    error InsecureKey(address verifier);
    /// @notice The chain's id has more than 64 bits, the operator is the zero address, or the token has no code.
    error DeploymentInvalid();
    /// @notice More markets than pools, or more pools than the state's tree has places for markets: at most 511.
    error TooManyMarkets(uint16 markets, uint16 pools);
    /// @notice The delay of proposals is not between 7 and 90 days.
    error ConfigDelayOutOfRange(uint40 configDelay);
    error NotGovernor(address caller);
    /// @notice No whole entries, or one whose first element is zero.
    error ConfigurationsInvalid();
    /// @notice The same entries are proposed: a batch may apply them from `readyAt` on, or a live commit still may.
    error AlreadyProposed(bytes32 digest, uint40 readyAt);
    /// @notice A batch has a configurations list that nobody proposed, or whose proposal was cancelled or used up.
    error NotProposed(bytes32 digest);
    /// @notice A proposal that is ready is not cancelled: a batch with it may be committed.
    error ProposalReady(bytes32 digest, uint40 readyAt);
    /// @notice The block that fixed the batch's bytes is before `readyAt`, or more than 14 days behind it.
    error ProposalTime(bytes32 digest, uint40 readyAt, uint40 fixedAt);
    /// @notice No shape was given, so no batch could ever be applied and no deposit be paid out.
    error NoShapes();
    /// @notice The token has more than 9 decimals, or `2^256 - 1` for a token that does not say: all collateral
    /// together is below 2^63 units, which would be less than 10^9 whole tokens.
    error TokenDecimals(uint256 decimals);
    error RootOutOfRange(uint256 root);
    /// @notice A batch's time is before that of the batch which it follows, or after the block that applies or
    /// commits it. A commit follows the youngest live commit, or the last applied batch where there is none.
    error TimeOutOfOrder(uint40 last, uint40 time, uint256 blockTime);
    /// @notice A batch's time is more than the lag before the block that applies or commits it.
    error TimeTooOld(uint256 earliest, uint40 time);
    /// @notice The lag is not between 60 and 900 seconds.
    error LagOutOfRange(uint40 lag);
    /// @notice A commit names another batch than the next one without a commit.
    error CommitOutOfOrder(uint64 next, uint64 batch);
    /// @notice As many batches are committed as may wait for their proofs: 128.
    error TooManyCommits();
    /// @notice Batch `batch` is bound to other bytes.
    error OtherBytesCommitted(uint64 batch, bytes32 commitment);
    /// @notice Batch `batch` is committed with this time and this deposit cursor, and is not applied with others.
    error OtherHeaderCommitted(uint64 batch, uint40 time, uint64 depositsAfter);
    error ListsLength(uint256 expected, uint256 got);
    error CalldataLength(uint256 expected, uint256 got);
    /// @notice A deposit cursor is below that of the batch which it follows, or beyond the queue.
    error DepositCursor(uint64 applied, uint64 requested, uint64 queued);
    error DepositCapacity(uint64 used, uint16 capacity);
    /// @notice Entry `index` of a batch's deposits should be used and is empty or not canonical.
    error DepositEntry(uint256 index);
    /// @notice The deposits that a batch publishes, or those that it was sealed upon, are not those of the queue.
    error DepositChainMismatch(bytes32 queued, bytes32 published);
    error DepositAmount(uint256 amount);
    error DepositReceived(uint256 expected, uint256 got);
    error CollateralLimit(uint256 held);
    /// @notice A deposit names a market that is not listed, or a batch lists another one than the next, or one
    /// without a pool.
    error UnknownMarket(uint16 mode);
    /// @notice The key is off the curve, one of its eight points of small order, or not canonical.
    error OwnerKey(uint256 x, uint256 y);
    error WithdrawalList(uint64 batch);
    error WithdrawalEntry(uint256 index);
    error AlreadyWithdrawn(uint64 batch, uint256 index);

    /// @notice Queues collateral for an account of the BabyJubJub key (x, y), or with (0, 0) for the insurance pool of
    /// market `mode`. Nobody takes out what a pool has.
    /// @param mode 0 for a cross account, otherwise the market of an isolated one or of a pool.
    /// @param amount Units of collateral, above 0 and below 2^63.
    function deposit(uint256 x, uint256 y, uint16 mode, uint256 amount) external;

    /// @notice Announces the entries of a batch's configurations list; only the governor. They may be applied, all of
    /// them in one batch, from the delay's end on for 14 days.
    /// @param configurations The list's bytes without its unused entries: seven elements of 31 bytes each.
    function propose(bytes calldata configurations) external returns (bytes32 digest);

    /// @notice Withdraws a proposal that is not ready; only the governor.
    function cancelProposal(bytes32 digest) external;

    /// @notice Binds the next batch without a commit to its bytes, so that its proof may follow within 24 hours.
    /// Until then nothing else is applied under its number. Its time is held against this block and its deposits
    /// against the queue: a commit that is mined too early, too late or upon other deposits reverts and binds nothing.
    /// @param batch The batch's number: one above the last that is applied or committed.
    /// @param time The batch's time in seconds, as in its header.
    /// @param depositsAfter The queue's cursor after the batch, as in its header.
    /// @param depositChain The value of `depositHash(depositsAfter)` when the batch was sealed.
    /// @param commitment keccak256(abi.encode(batch, s)), s the digest of the batch's published bytes.
    function commitBatch(uint64 batch, uint40 time, uint64 depositsAfter, bytes32 depositChain, bytes32 commitment)
        external;

    /// @notice Moves the root by one proved batch.
    /// @param lists The published bytes after the header, exactly as many as the shape has.
    function applyBatch(Batch calldata batch, bytes calldata lists, uint256[12] calldata proof) external;

    /// @notice Pays entry `index` of a batch's withdrawals to its recipient; anyone may call.
    /// @param list The bytes of that batch's withdrawals list.
    function withdraw(uint64 batch, uint256 index, bytes calldata list) external;
}
