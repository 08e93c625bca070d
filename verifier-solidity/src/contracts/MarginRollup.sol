// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Configurations} from "./Configurations.sol";
import {DepositChain} from "./DepositChain.sol";
import {Groth16} from "./Groth16.sol";
import {HeaderLayout} from "./HeaderLayout.sol";
import {IMarginRollup} from "./IMarginRollup.sol";
import {IVerifier} from "./IVerifier.sol";
import {Publication} from "./Publication.sol";

/// @title The rollup: one root, moved by proved batches
/// @notice The batch number and the old root come from storage and are hashed into the statement, so a
/// batch fits exactly one state: it cannot be replayed, reordered or applied to another contract or chain.
contract MarginRollup is IMarginRollup, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// Cursors, in one storage slot. `depositsApplied` of the `depositsQueued` deposits are in the state. The
    /// `committed` batches after `batch` have a commit; once the first of them lapses, none of them counts.
    struct Cursors {
        uint64 batch;
        uint40 time;
        uint64 depositsApplied;
        uint64 depositsQueued;
        uint16 committed;
    }

    /// What a batch is bound to, and in a second storage slot the time of the block that bound it, and the batch's
    /// time and deposit cursor, which that block has checked.
    struct Commit {
        bytes32 commitment;
        uint40 committedAt;
        uint40 time;
        uint64 depositsAfter;
    }

    /// A registered shape, in one storage slot; fields as in `Shape`.
    struct Registered {
        IVerifier verifier;
        uint16 elements;
        uint16 depositCapacity;
        uint16 withdrawalStart;
        uint16 withdrawalCapacity;
        uint16 configurationCapacity;
    }

    /// Collateral that the account widths allow in all.
    uint256 private constant MAX_COLLATERAL = 2 ** 63;
    /// 2^63 units of a token with nine decimals are 9.2 * 10^9 tokens; with ten they would be fewer than 10^9.
    uint8 private constant MAX_DECIMALS = 9;
    /// Market ids of the state's tree are below 512, and 0 is none.
    uint16 private constant MAX_MARKETS = 511;
    /// Bounds of the lag, in seconds.
    uint40 private constant MIN_LAG = 60;
    uint40 private constant MAX_LAG = 900;
    /// How long the proof of a committed batch may take, in seconds.
    uint256 private constant COMMIT_WINDOW = 24 hours;
    /// Batches that may be committed and not yet applied.
    uint16 private constant MAX_COMMITS = 128;
    /// Bounds of the delay between a proposal and the first batch that may apply it.
    uint40 private constant MIN_CONFIG_DELAY = 7 days;
    uint40 private constant MAX_CONFIG_DELAY = 90 days;
    /// How long a proposal may be applied once it is ready. Behind it the operator cannot keep it for a better moment.
    uint40 private constant CONFIG_WINDOW = 14 days;
    /// Selector, four words of the batch, the lists' offset and length, twelve words of proof.
    uint256 private constant FIXED_CALL_BYTES = 4 + 18 * 32;

    IERC20 public immutable TOKEN;
    address public immutable OPERATOR;
    uint248 public immutable CONFIG_DIGEST;
    /// The only account that may propose configurations of markets; the zero address if nobody may.
    address public immutable GOVERNOR;
    /// Seconds from a proposal to the first block that may fix a batch with it.
    uint40 public immutable CONFIG_DELAY;
    /// Highest market that may ever be listed: the genesis has the pools of the markets up to it.
    uint16 public immutable POOLS;
    /// Most by which a batch's time may be before the block that applies or commits it, in seconds.
    uint40 public immutable LAG;
    /// True where a development key may decide over the root: never with real collateral.
    bool public immutable INSECURE;

    uint256 public root;
    Cursors public cursors;
    mapping(uint32 id => Registered) public shapes;
    /// The commit of each batch that has one; one that was applied or lapsed is without meaning.
    mapping(uint64 batch => Commit) public commits;
    /// The deposit chain after each deposit; the value at 0 is 0.
    mapping(uint64 index => bytes32) public depositHash;
    /// Hash of a batch's withdrawals list; 0 where it is empty.
    mapping(uint64 batch => bytes32) public withdrawalHash;
    /// One bit for each entry that was paid.
    mapping(uint64 batch => uint256) public withdrawalsPaid;
    /// From when on the proposal with this digest may be applied, in seconds; 0 for none.
    mapping(bytes32 digest => uint40) public proposals;
    /// Markets that are listed: those from 1 to this one.
    uint16 public markets;

    constructor(Deployment memory d) {
        if (d.genesisRoot >= Groth16.R) revert RootOutOfRange(d.genesisRoot);
        if (d.genesisTime > block.timestamp) revert TimeOutOfOrder(d.genesisTime, d.genesisTime, block.timestamp);
        if (d.lag < MIN_LAG || d.lag > MAX_LAG) revert LagOutOfRange(d.lag);
        if (block.chainid >> 64 != 0 || d.operator == address(0) || address(d.token).code.length == 0) {
            revert DeploymentInvalid();
        }
        // `decimals()` is optional in ERC-20: a token that does not say is refused as one with too many.
        (bool says, uint8 decimals) = d.token.tryGetDecimals();
        if (!says || decimals > MAX_DECIMALS) revert TokenDecimals(says ? decimals : type(uint256).max);
        if (d.pools > MAX_MARKETS || d.markets > d.pools) revert TooManyMarkets(d.markets, d.pools);
        if (d.configDelay < MIN_CONFIG_DELAY || d.configDelay > MAX_CONFIG_DELAY) {
            revert ConfigDelayOutOfRange(d.configDelay);
        }
        if (d.shapes.length == 0) revert NoShapes();
        TOKEN = d.token;
        OPERATOR = d.operator;
        CONFIG_DIGEST = d.configDigest;
        GOVERNOR = d.governor;
        CONFIG_DELAY = d.configDelay;
        POOLS = d.pools;
        markets = d.markets;
        LAG = d.lag;
        INSECURE = d.allowInsecureKey;
        root = d.genesisRoot;
        cursors.time = d.genesisTime;
        for (uint256 i = 0; i < d.shapes.length; ++i) {
            _register(d.shapes[i], d.allowInsecureKey);
        }
    }

    /// @inheritdoc IMarginRollup
    function deposit(uint256 x, uint256 y, uint16 mode, uint256 amount) external nonReentrant {
        // Nobody signs for a pool: its key is (0, 0), which is no point, and no other account has it.
        bool ofPool = x == 0 && y == 0 && mode != 0;
        if (!ofPool) DepositChain.checkOwner(x, y);
        if (amount == 0 || amount >= MAX_COLLATERAL) revert DepositAmount(amount);
        if (mode > markets) revert UnknownMarket(mode);
        uint64 index = cursors.depositsQueued + 1;
        bytes32 hash = DepositChain.link(depositHash[index - 1], x, y, amount, mode);
        cursors.depositsQueued = index;
        depositHash[index] = hash;
        emit Deposited(index, x, y, mode, amount, hash);

        // Tokens that take a fee on the way would leave the state with more than the contract holds.
        uint256 before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
        uint256 held = TOKEN.balanceOf(address(this));
        if (held != before + amount) revert DepositReceived(before + amount, held);
        if (held >= MAX_COLLATERAL) revert CollateralLimit(held);
    }

    /// @inheritdoc IMarginRollup
    function propose(bytes calldata configurations) external returns (bytes32 digest) {
        if (msg.sender != GOVERNOR) revert NotGovernor(msg.sender);
        Configurations.check(configurations);
        digest = keccak256(configurations);
        uint40 readyAt = proposals[digest];
        // A batch that was committed in the window's last second may be applied a day later, and is judged by this time.
        if (readyAt != 0 && block.timestamp <= readyAt + CONFIG_WINDOW + COMMIT_WINDOW) {
            revert AlreadyProposed(digest, readyAt);
        }
        readyAt = uint40(block.timestamp) + CONFIG_DELAY;
        proposals[digest] = readyAt;
        emit Proposed(digest, readyAt, configurations);
    }

    /// @inheritdoc IMarginRollup
    function cancelProposal(bytes32 digest) external {
        if (msg.sender != GOVERNOR) revert NotGovernor(msg.sender);
        uint40 readyAt = proposals[digest];
        if (readyAt == 0) revert NotProposed(digest);
        // A batch with it may be committed from now on. If the proposal could go, that batch could never be
        // applied, and nothing else could take its number for a day.
        if (block.timestamp >= readyAt) revert ProposalReady(digest, readyAt);
        delete proposals[digest];
        emit ProposalCancelled(digest);
    }

    /// @inheritdoc IMarginRollup
    function commitBatch(uint64 batch, uint40 time, uint64 depositsAfter, bytes32 depositChain, bytes32 commitment)
        external
    {
        if (msg.sender != OPERATOR) revert NotOperator(msg.sender);
        Cursors memory last = cursors;
        uint16 committed = last.committed;
        if (committed != 0) {
            if (_lapsed(commits[last.batch + 1].committedAt)) {
                emit CommitsLapsed(last.batch + 1, committed);
                committed = 0;
            } else {
                // The batch follows the youngest of those that wait.
                Commit storage youngest = commits[last.batch + committed];
                (last.time, last.depositsApplied) = (youngest.time, youngest.depositsAfter);
            }
        }
        uint64 next = last.batch + committed + 1;
        if (batch != next) revert CommitOutOfOrder(next, batch);
        if (committed == MAX_COMMITS) revert TooManyCommits();
        // What `applyBatch` would refuse is not bound: nothing else could take the number for a day.
        _checkTime(last, time);
        _checkCursor(last, depositsAfter);
        bytes32 queued = depositHash[depositsAfter];
        if (depositChain != queued) revert DepositChainMismatch(queued, depositChain);
        cursors.committed = committed + 1;
        commits[batch] = Commit({
            commitment: commitment,
            committedAt: uint40(block.timestamp),
            time: time,
            depositsAfter: depositsAfter
        });
        emit BatchCommitted(batch, commitment);
    }

    /// @inheritdoc IMarginRollup
    function applyBatch(Batch calldata batch, bytes calldata lists, uint256[12] calldata proof) external {
        if (msg.sender != OPERATOR) revert NotOperator(msg.sender);
        Registered memory shape = shapes[batch.shapeId];
        _checkEncoding(batch.shapeId, shape, lists);
        Cursors memory last = cursors;
        Publication.Header memory header = _header(last, shape, batch);
        if (header.newRoot >= Groth16.R) revert RootOutOfRange(header.newRoot);
        // When the batch's bytes were fixed: by its live commit, else now.
        uint256 fixedAt = block.timestamp;
        bool bound;
        if (last.committed != 0) (bound, last.committed, fixedAt) = _takeCommit(header, last.committed);
        // The time of a batch that is bound was checked in the commit's block.
        if (!bound) _checkTime(last, header.time);
        _checkDeposits(last, header.depositsAfter, shape.depositCapacity, lists);

        // A refused proof undoes all of this.
        cursors = Cursors({
            batch: header.batch,
            time: header.time,
            depositsApplied: header.depositsAfter,
            depositsQueued: last.depositsQueued,
            committed: last.committed
        });
        root = header.newRoot;
        _storeWithdrawals(header.batch, shape, lists);
        _takeProposal(header.batch, shape, lists, fixedAt);
        emit BatchApplied(header.batch, header.newRoot, header.time, batch.shapeId, header.depositsAfter);

        uint256 s = _verify(header, shape.verifier, lists, proof);
        if (bound) _checkCommitment(header.batch, s);
    }

    /// @inheritdoc IMarginRollup
    function withdraw(uint64 batch, uint256 index, bytes calldata list) external nonReentrant {
        if (withdrawalHash[batch] == 0 || keccak256(list) != withdrawalHash[batch]) revert WithdrawalList(batch);
        if (index >= list.length / HeaderLayout.ELEMENT_BYTES) revert WithdrawalEntry(index);
        uint256 paid = withdrawalsPaid[batch];
        // At most 256 entries: `_register`.
        if (paid >> index & 1 == 1) revert AlreadyWithdrawn(batch, index);
        withdrawalsPaid[batch] = paid | 1 << index;
        uint256 entry = Publication.elementAt(list, index);
        address recipient = address(uint160(entry));
        uint256 amount = uint64(entry >> 160);
        if (amount == 0) revert WithdrawalEntry(index);
        emit Withdrawn(batch, index, recipient, amount);
        TOKEN.safeTransfer(recipient, amount);
    }

    function _register(Shape memory shape, bool allowInsecureKey) private {
        uint256 depositsEnd = HeaderLayout.HEADER_ELEMENTS + HeaderLayout.DEPOSIT_ELEMENTS * shape.depositCapacity;
        uint256 withdrawalsEnd = uint256(shape.withdrawalStart) + shape.withdrawalCapacity;
        uint256 configurations = HeaderLayout.CONFIGURATION_ELEMENTS * shape.configurationCapacity;
        bool fits = depositsEnd <= shape.withdrawalStart && withdrawalsEnd + configurations <= shape.elements;
        bool known = address(shapes[shape.id].verifier) != address(0);
        // Without code there is no one to refuse a proof; a call of the interface would revert without a reason.
        bool code = address(shape.verifier).code.length != 0;
        if (!fits || known || !code || shape.withdrawalCapacity > 256) revert ShapeInvalid(shape.id);
        if (shape.verifier.insecure() && !allowInsecureKey) revert InsecureKey(address(shape.verifier));
        shapes[shape.id] = Registered({
            verifier: shape.verifier,
            elements: shape.elements,
            depositCapacity: shape.depositCapacity,
            withdrawalStart: shape.withdrawalStart,
            withdrawalCapacity: shape.withdrawalCapacity,
            configurationCapacity: shape.configurationCapacity
        });
    }

    /// The lists have the shape's length and nothing follows them in calldata.
    function _checkEncoding(uint32 id, Registered memory shape, bytes calldata lists) private pure {
        if (address(shape.verifier) == address(0)) revert UnknownShape(id);
        uint256 length;
        uint256 expected;
        // A registered shape has the header's elements and at most 2^16 - 1.
        unchecked {
            length = (shape.elements - HeaderLayout.HEADER_ELEMENTS) * HeaderLayout.ELEMENT_BYTES;
            expected = FIXED_CALL_BYTES + (length + 31) / 32 * 32;
        }
        if (lists.length != length) revert ListsLength(length, lists.length);
        if (msg.data.length != expected) revert CalldataLength(expected, msg.data.length);
    }

    /// Whether the batch's commit lives, how many of the `committed` commits remain, and when the batch's bytes were
    /// fixed. A live commit is for this header's time and deposit cursor.
    function _takeCommit(Publication.Header memory header, uint16 committed)
        private
        returns (bool bound, uint16 remaining, uint256 fixedAt)
    {
        Commit storage commit = commits[header.batch];
        fixedAt = commit.committedAt;
        if (_lapsed(fixedAt)) {
            // The commits behind it are younger, and bind bytes upon the root that it did not reach.
            emit CommitsLapsed(header.batch, committed);
            return (false, 0, block.timestamp);
        }
        if (header.time != commit.time || header.depositsAfter != commit.depositsAfter) {
            revert OtherHeaderCommitted(header.batch, commit.time, commit.depositsAfter);
        }
        return (true, committed - 1, fixedAt);
    }

    /// In the block that fixes a batch's bytes: its time is not before the last one's, not after the block, and not
    /// before the block by more than the lag.
    function _checkTime(Cursors memory last, uint40 time) private view {
        if (time < last.time || time > block.timestamp) revert TimeOutOfOrder(last.time, time, block.timestamp);
        // `time <= block.timestamp`, by the line above.
        unchecked {
            if (block.timestamp - time > LAG) revert TimeTooOld(block.timestamp - LAG, time);
        }
    }

    /// The digest s is of the bytes that batch `batch` is committed to.
    function _checkCommitment(uint64 batch, uint256 s) private view {
        bytes32 commitment = commits[batch].commitment;
        if (keccak256(abi.encode(batch, s)) != commitment) revert OtherBytesCommitted(batch, commitment);
    }

    function _lapsed(uint256 committedAt) private view returns (bool) {
        return block.timestamp > committedAt + COMMIT_WINDOW;
    }

    /// A deposit cursor does not go back, nor beyond the queue.
    function _checkCursor(Cursors memory last, uint64 afterBatch) private pure {
        if (afterBatch < last.depositsApplied || afterBatch > last.depositsQueued) {
            revert DepositCursor(last.depositsApplied, afterBatch, last.depositsQueued);
        }
    }

    /// The batch credits the next deposits of the queue, in order, and no others.
    function _checkDeposits(Cursors memory last, uint64 afterBatch, uint16 capacity, bytes calldata lists)
        private
        view
    {
        _checkCursor(last, afterBatch);
        uint64 used;
        // Not below, by the line above.
        unchecked {
            used = afterBatch - last.depositsApplied;
        }
        if (used > capacity) revert DepositCapacity(used, capacity);
        if (used == 0) return;
        bytes32 published = DepositChain.replay(depositHash[last.depositsApplied], lists, used);
        bytes32 queued = depositHash[afterBatch];
        if (published != queued) revert DepositChainMismatch(queued, published);
    }

    function _header(Cursors memory last, Registered memory shape, Batch calldata batch)
        private
        view
        returns (Publication.Header memory)
    {
        uint64 number = last.batch + 1;
        uint40 time = batch.time;
        // The circuit has constants in place of the shape's fields, so no proof fits a shape that was registered
        // with other places of the lists.
        uint248 counters = HeaderLayout.element2({
            time: time,
            elementCount: shape.elements,
            shapeId: batch.shapeId,
            batch: number,
            depositCapacity: shape.depositCapacity,
            withdrawalStart: shape.withdrawalStart,
            withdrawalCapacity: shape.withdrawalCapacity,
            configurationCapacity: shape.configurationCapacity
        });
        return Publication.Header({
            batch: number,
            time: time,
            counters: counters,
            keyId: shape.verifier.keyId(),
            oldRoot: root,
            newRoot: batch.newRoot,
            depositsBefore: last.depositsApplied,
            depositsAfter: batch.depositsAfter,
            configDigest: CONFIG_DIGEST
        });
    }

    /// Digest, challenge, value, proof. Returns the digest.
    function _verify(
        Publication.Header memory header,
        IVerifier verifier,
        bytes calldata lists,
        uint256[12] calldata proof
    ) private view returns (uint256 s) {
        bytes memory published = Publication.assemble(header, lists);
        s = Publication.digest(published);
        uint256 z = Groth16.challenge(s, proof);
        verifier.verify(s, Publication.evaluate(published, z), proof);
    }

    /// Keeps the hash of the withdrawals list unless every entry is zero.
    function _storeWithdrawals(uint64 batch, Registered memory shape, bytes calldata lists) private {
        bytes calldata list;
        // `_register` has checked that the list begins after the header and ends within the lists.
        unchecked {
            uint256 start = (shape.withdrawalStart - HeaderLayout.HEADER_ELEMENTS) * HeaderLayout.ELEMENT_BYTES;
            list = lists[start:start + shape.withdrawalCapacity * HeaderLayout.ELEMENT_BYTES];
        }
        if (!Publication.isZero(list)) withdrawalHash[batch] = keccak256(list);
    }

    /// Uses up the proposal of a batch that configures markets. It was ready, and not past its window, in the block that
    /// fixed the batch's bytes. The circuit has the list's size as a constant, fills the list from its first entry on,
    /// and an entry of it has a first element that is not zero.
    function _takeProposal(uint64 batch, Registered memory shape, bytes calldata lists, uint256 fixedAt) private {
        if (shape.configurationCapacity == 0) return;
        bytes calldata list = Configurations.last(lists, shape.configurationCapacity);
        if (Publication.elementAt(list, 0) == 0) return;
        list = Configurations.used(list);
        bytes32 digest = keccak256(list);
        uint40 readyAt = proposals[digest];
        if (readyAt == 0) revert NotProposed(digest);
        if (fixedAt < readyAt || fixedAt > readyAt + CONFIG_WINDOW) revert ProposalTime(digest, readyAt, uint40(fixedAt));
        delete proposals[digest];
        markets = Configurations.listed(list, markets, POOLS);
        emit Configured(batch, digest);
    }
}
