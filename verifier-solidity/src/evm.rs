//! An Ethereum chain inside the process: deploy, call, set the time, count gas.

use crate::abi::ContractError;
use revm::context::{BlockEnv, CfgEnv, Context, TxEnv};
use revm::context_interface::cfg::gas::calculate_initial_tx_gas;
use revm::context_interface::result::ExecutionResult;
use revm::database::InMemoryDB;
use revm::handler::{MainnetContext, MainnetEvm};
use revm::precompile::Precompiles;
use revm::primitives::hardfork::SpecId;
use revm::primitives::{Address, Bytes, Log, TxKind, U256};
use revm::state::{AccountInfo, Bytecode};
use revm::{ExecuteCommitEvm, ExecuteEvm, MainBuilder};
use thiserror::Error;

/// Gas that a transaction may use: below the protocol's own limit of 2^24.
const GAS_LIMIT: u64 = 16_000_000;
/// The rules that the chain follows.
const RULES: SpecId = SpecId::OSAKA;

/// The gas of a transaction, by where it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GasUse {
    /// Gas that is paid before anything runs: 21,000 and the calldata.
    pub intrinsic: u64,
    /// Gas that running took, before refunds.
    pub execution: u64,
    /// Gas that the sender pays for, after refunds and the calldata floor of EIP-7623.
    pub total: u64,
}

/// What a successful transaction left behind.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The bytes that the call gave.
    pub output: Bytes,
    /// The events that the contracts logged, in their order.
    pub logs: Vec<Log>,
    /// The gas that the transaction used.
    pub gas: GasUse,
}

/// Why a transaction did nothing.
#[derive(Debug, Error)]
pub enum CallError {
    /// The contract reverted.
    #[error("{reason}")]
    Reverted {
        /// The reason that the contract gave.
        reason: ContractError,
        /// The gas that was used until then.
        gas: GasUse,
    },
    /// The machine stopped the call, for want of gas or for a bad instruction.
    #[error("the call stopped: {reason}")]
    Halted {
        /// The reason, as the machine names it.
        reason: String,
    },
    /// The transaction breaks a rule of the chain, so it did not run.
    #[error("the transaction is not valid: {reason}")]
    Invalid {
        /// The rule that it breaks.
        reason: String,
    },
    /// A deployment created no contract.
    #[error("no contract was created")]
    NothingCreated,
    /// The answer of the contract is not of the type that its interface states.
    #[error("the contract's answer cannot be decoded: {reason}")]
    Answer {
        /// What is wrong with the answer.
        reason: String,
    },
}

/// A chain with one block that is never closed; senders need no balance and gas is free.
pub struct Evm {
    inner: MainnetEvm<MainnetContext<InMemoryDB>>,
    chain_id: u64,
    time: u64,
}

impl Evm {
    /// Makes an empty chain whose block has the time `time` in seconds.
    pub fn new(chain_id: u64, time: u64) -> Self {
        let configure = |cfg: &mut CfgEnv| {
            cfg.chain_id = chain_id;
            // Transactions come from any account in any order.
            cfg.disable_nonce_check = true;
        };
        let context: MainnetContext<InMemoryDB> = Context::new(InMemoryDB::default(), RULES);
        let inner = context.modify_cfg_chained(configure).build_mainnet();
        let mut evm = Evm { inner, chain_id, time };
        evm.set_time(time);
        evm
    }

    /// The id of the chain.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The time of the block in seconds.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Sets the time of the block in seconds.
    pub fn set_time(&mut self, time: u64) {
        self.time = time;
        self.inner.set_block(BlockEnv {
            timestamp: U256::from(time),
            gas_limit: u64::MAX,
            ..Default::default()
        });
    }

    /// Makes this a chain that lacks the precompile at `address`, and has a contract with the code `code` in its
    /// place. With no code there is an empty account, as on a chain that never heard of the precompile.
    pub fn replace_precompile(&mut self, address: u8, code: &[u8]) {
        let address = Address::with_last_byte(address);
        let present = self.inner.precompiles.precompiles;
        let mut gone = Precompiles::default();
        gone.extend(present.get(&address).cloned());
        // The machine holds a reference without end; a test's chain lives as long as its process.
        self.inner.precompiles.precompiles = Box::leak(Box::new(present.difference(&gone)));
        let code = Bytecode::new_raw(code.to_vec().into());
        self.inner
            .ctx
            .journaled_state
            .database
            .insert_account_info(address, AccountInfo::from_bytecode(code));
    }

    /// Creates a contract from its creation code with the encoded constructor arguments appended.
    pub fn deploy(&mut self, from: Address, code: &[u8], arguments: &[u8]) -> Result<Address, CallError> {
        let data: Bytes = [code, arguments].concat().into();
        let result = self.transact(from, TxKind::Create, data)?;
        result.1.ok_or(CallError::NothingCreated)
    }

    /// Sends a transaction and keeps its effects.
    pub fn call(&mut self, from: Address, to: Address, data: Vec<u8>) -> Result<Outcome, CallError> {
        Ok(self.transact(from, TxKind::Call(to), data.into())?.0)
    }

    /// Runs a transaction and drops its effects.
    pub fn simulate(&mut self, from: Address, to: Address, data: Vec<u8>) -> Result<Outcome, CallError> {
        let (tx, intrinsic) = self.transaction(from, TxKind::Call(to), data.into());
        let result = self.inner.transact(tx).map_err(invalid)?.result;
        Ok(outcome(result, intrinsic)?.0)
    }

    fn transact(
        &mut self,
        from: Address,
        kind: TxKind,
        data: Bytes,
    ) -> Result<(Outcome, Option<Address>), CallError> {
        let (tx, intrinsic) = self.transaction(from, kind, data);
        let result = self.inner.transact_commit(tx).map_err(invalid)?;
        outcome(result, intrinsic)
    }

    /// The transaction, and the gas it costs before it runs.
    fn transaction(&self, from: Address, kind: TxKind, data: Bytes) -> (TxEnv, u64) {
        let initial = calculate_initial_tx_gas(RULES, &data, kind.is_create(), 0, 0, 0, None);
        let tx = TxEnv {
            caller: from,
            kind,
            data,
            gas_limit: GAS_LIMIT,
            gas_price: 0,
            chain_id: Some(self.chain_id),
            ..Default::default()
        };
        (tx, initial.initial_total_gas())
    }
}

fn invalid<E: std::fmt::Display>(error: E) -> CallError {
    CallError::Invalid { reason: error.to_string() }
}

fn outcome(result: ExecutionResult, intrinsic: u64) -> Result<(Outcome, Option<Address>), CallError> {
    let used = result.gas();
    let execution = used.total_gas_spent().saturating_sub(intrinsic);
    let gas = GasUse { intrinsic, execution, total: used.tx_gas_used() };
    match result {
        ExecutionResult::Success { output, logs, .. } => {
            let address = output.address().copied();
            Ok((Outcome { output: output.into_data(), logs, gas }, address))
        }
        ExecutionResult::Revert { output, .. } => {
            Err(CallError::Reverted { reason: ContractError::decode(&output), gas })
        }
        ExecutionResult::Halt { reason, .. } => Err(CallError::Halted { reason: format!("{reason:?}") }),
    }
}
