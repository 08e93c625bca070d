//! The contracts' interfaces in Rust, and the reasons with which they revert.
//!
//! `tests/artefact.rs` compares every selector here with the compiled contracts.

use alloy_sol_types::{SolInterface, sol};

sol! {
    #[derive(Debug, PartialEq, Eq)]
    interface IVerifier {
        error InputOutOfRange(uint256 index);
        error CoordinateOutOfRange(uint256 index);
        error MalformedPoint();
        error ProofRejected();
        error PrecompileAnswer(uint256 precompile, uint256 got);
        error CalldataLength(uint256 expected, uint256 got);

        function verify(uint256 s, uint256 v, uint256[12] calldata proof) external view;
        function keyId() external view returns (uint248);
        function insecure() external view returns (bool);
    }

    #[derive(Debug, PartialEq, Eq)]
    interface KeyChecks {
        error KeyLength(uint256 got);
        error KeyCoordinateOutOfRange(uint256 index);
        error KeyIdentity(uint256 offset);
        error KeyMalformed();
        error KeyPointsRelated(uint256 left, uint256 right);
        error KeySecretsRelated(uint256 left, uint256 right);
    }

    #[derive(Debug, PartialEq, Eq)]
    struct ShapeEntry {
        uint32 id;
        address verifier;
        uint16 elements;
        uint16 depositCapacity;
        uint16 withdrawalStart;
        uint16 withdrawalCapacity;
        uint16 configurationCapacity;
    }

    #[derive(Debug, PartialEq, Eq)]
    struct DeploymentEntry {
        address token;
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
        ShapeEntry[] shapes;
    }

    #[derive(Debug, PartialEq, Eq)]
    struct BatchEntry {
        uint32 shapeId;
        uint256 newRoot;
        uint40 time;
        uint64 depositsAfter;
    }

    #[derive(Debug, PartialEq, Eq)]
    interface IMarginRollup {
        event Deposited(uint64 indexed index, uint256 x, uint256 y, uint16 mode, uint256 amount, bytes32 hash);
        event BatchApplied(
            uint64 indexed batch, uint256 newRoot, uint40 time, uint32 shapeId, uint64 deposits
        );
        event BatchCommitted(uint64 indexed batch, bytes32 commitment);
        event CommitsLapsed(uint64 indexed batch, uint16 count);
        event Proposed(bytes32 indexed digest, uint40 readyAt, bytes configurations);
        event ProposalCancelled(bytes32 indexed digest);
        event Configured(uint64 indexed batch, bytes32 digest);
        event Withdrawn(uint64 indexed batch, uint256 index, address recipient, uint256 amount);

        error NotOperator(address caller);
        error UnknownShape(uint32 id);
        error ShapeInvalid(uint32 id);
        error InsecureKey(address verifier);
        error DeploymentInvalid();
        error TooManyMarkets(uint16 markets, uint16 pools);
        error ConfigDelayOutOfRange(uint40 configDelay);
        error NotGovernor(address caller);
        error ConfigurationsInvalid();
        error AlreadyProposed(bytes32 digest, uint40 readyAt);
        error NotProposed(bytes32 digest);
        error ProposalReady(bytes32 digest, uint40 readyAt);
        error ProposalTime(bytes32 digest, uint40 readyAt, uint40 fixedAt);
        error NoShapes();
        error TokenDecimals(uint256 decimals);
        error RootOutOfRange(uint256 root);
        error TimeOutOfOrder(uint40 last, uint40 time, uint256 blockTime);
        error TimeTooOld(uint256 earliest, uint40 time);
        error LagOutOfRange(uint40 lag);
        error CommitOutOfOrder(uint64 next, uint64 batch);
        error TooManyCommits();
        error OtherBytesCommitted(uint64 batch, bytes32 commitment);
        error OtherHeaderCommitted(uint64 batch, uint40 time, uint64 depositsAfter);
        error ListsLength(uint256 expected, uint256 got);
        error CalldataLength(uint256 expected, uint256 got);
        error DepositCursor(uint64 applied, uint64 requested, uint64 queued);
        error DepositCapacity(uint64 used, uint16 capacity);
        error DepositEntry(uint256 index);
        error DepositChainMismatch(bytes32 queued, bytes32 published);
        error DepositAmount(uint256 amount);
        error DepositReceived(uint256 expected, uint256 got);
        error CollateralLimit(uint256 held);
        error UnknownMarket(uint16 mode);
        error OwnerKey(uint256 x, uint256 y);
        error WithdrawalList(uint64 batch);
        error WithdrawalEntry(uint256 index);
        error AlreadyWithdrawn(uint64 batch, uint256 index);

        function deposit(uint256 x, uint256 y, uint16 mode, uint256 amount) external;
        function propose(bytes calldata configurations) external returns (bytes32 digest);
        function cancelProposal(bytes32 digest) external;
        function commitBatch(
            uint64 batch, uint40 time, uint64 depositsAfter, bytes32 depositChain, bytes32 commitment
        ) external;
        function applyBatch(BatchEntry calldata batch, bytes calldata lists, uint256[12] calldata proof) external;
        function withdraw(uint64 batch, uint256 index, bytes calldata list) external;
        function root() external view returns (uint256);
        function cursors() external view
            returns (uint64 batch, uint40 time, uint64 depositsApplied, uint64 depositsQueued, uint16 committed);
        function commits(uint64 batch) external view
            returns (bytes32 commitment, uint40 committedAt, uint40 time, uint64 depositsAfter);
        function depositHash(uint64 index) external view returns (bytes32);
        function withdrawalHash(uint64 batch) external view returns (bytes32);
        function proposals(bytes32 digest) external view returns (uint40);
        function markets() external view returns (uint16);
    }

    interface IMockERC20 {
        function mint(address to, uint256 amount) external;
        function approve(address spender, uint256 amount) external returns (bool);
        function balanceOf(address account) external view returns (uint256);
    }
}

/// Why a contract reverted, decoded from the bytes that it gave.
#[derive(Debug, PartialEq, Eq)]
pub enum ContractError {
    /// The rollup contract reverted. `CalldataLength` has one selector in both interfaces and always decodes
    /// to this variant.
    Rollup(IMarginRollup::IMarginRollupErrors),
    /// A verifier reverted.
    Verifier(IVerifier::IVerifierErrors),
    /// A verifier refused its key when it was deployed.
    Key(KeyChecks::KeyChecksErrors),
    /// The bytes are no error of ours: they are the token's, a panic of Solidity, or nothing at all.
    Other(Vec<u8>),
}

impl ContractError {
    /// Decodes the bytes that a call reverted with.
    pub fn decode(output: &[u8]) -> Self {
        if let Ok(error) = IMarginRollup::IMarginRollupErrors::abi_decode(output) {
            return ContractError::Rollup(error);
        }
        if let Ok(error) = IVerifier::IVerifierErrors::abi_decode(output) {
            return ContractError::Verifier(error);
        }
        if let Ok(error) = KeyChecks::KeyChecksErrors::abi_decode(output) {
            return ContractError::Key(error);
        }
        ContractError::Other(output.to_vec())
    }
}

impl std::fmt::Display for ContractError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ContractError::Rollup(error) => write!(f, "rollup contract: {error:?}"),
            ContractError::Verifier(error) => write!(f, "verifier: {error:?}"),
            ContractError::Key(error) => write!(f, "verifier's key: {error:?}"),
            ContractError::Other(bytes) => write!(f, "reverted with {} bytes that are not ours", bytes.len()),
        }
    }
}
