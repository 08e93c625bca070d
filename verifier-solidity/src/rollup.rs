//! The exchange's contract on an in-process chain: deploy, deposit, apply batches, withdraw.

use crate::abi::{BatchEntry, DeploymentEntry, IMarginRollup, IMockERC20, IVerifier, ShapeEntry};
use crate::artefact::{Artefact, ArtefactError};
use crate::evm::{CallError, Evm, GasUse, Outcome};
use crate::key::{SolidityKey, SolidityKeyError};
use crate::statement::{Element, Header};
use alloy_primitives::aliases::U40;
use alloy_sol_types::{SolCall, SolValue};
use ark_bn254::Fr;
use ark_ff::PrimeField;
use revm::primitives::{Address, B256, U256, keccak256};
use thiserror::Error;
use zkmargin_groth16::{Proof, VerifyingKey};

/// Most by which a batch's time may be before the block that fixes its bytes, in seconds, unless a deployment says
/// otherwise.
pub const DEFAULT_LAG: u64 = 600;

/// Seconds from a proposal to the first block that may fix a batch with it, unless a deployment says otherwise.
pub const DEFAULT_CONFIG_DELAY: u64 = 14 * 86_400;

/// Number of words of a proof in calldata.
pub const PROOF_WORDS: usize = 12;

/// A circuit and where the lists lie that the contract reads (indices count the header's elements).
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    /// Id of the shape.
    pub id: u32,
    /// Verifying key of the shape's circuit.
    pub key: &'a VerifyingKey,
    /// Number of published elements, the header's included.
    pub elements: u16,
    /// Number of entries of the deposits list.
    pub deposit_capacity: u16,
    /// Index of the first element of the withdrawals list.
    pub withdrawal_start: u16,
    /// Number of entries of the withdrawals list.
    pub withdrawal_capacity: u16,
    /// Number of entries of the configurations list, the last of all.
    pub configuration_capacity: u16,
}

/// What is fixed when the contract is deployed.
#[derive(Debug, Clone, Copy)]
pub struct Deployment {
    /// Id of the chain.
    pub chain_id: u64,
    /// Time of the chain at first, in seconds.
    pub time: u64,
    /// Address that may commit and apply batches.
    pub operator: Address,
    /// State root of the empty exchange.
    pub genesis_root: Fr,
    /// Time of the genesis state in seconds, below 2^40.
    pub genesis_time: u64,
    /// Most by which a batch's time may be before the block that applies or commits it: 60 to 900 seconds.
    pub lag: u64,
    /// Digest of the exchange's configuration.
    pub config_digest: Element,
    /// Address that may propose configurations of markets; the zero address if nobody may.
    pub governor: Address,
    /// Seconds from a proposal to the first block that may fix a batch with it: 7 to 90 days.
    pub config_delay: u64,
    /// Highest id of a market of the genesis.
    pub markets: u16,
    /// Highest id of a market whose pool the genesis has: no market above it is ever listed.
    pub pools: u16,
    /// If true, the contract accepts development keys: for demonstrations and tests only.
    pub allow_insecure_key: bool,
}

/// What the operator says of a batch beside its lists and its proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// Id of the shape that the batch is proved with.
    pub shape_id: u32,
    /// State root after the batch.
    pub new_root: Fr,
    /// Time of the batch in seconds, below 2^40.
    pub time: u64,
    /// Number of deposits that are applied after the batch.
    pub deposits_after: u64,
}

/// What binds a batch to its bytes before its proof is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commit {
    /// Number of the batch: the next one without a commit.
    pub number: u64,
    /// Time of the batch in seconds, below 2^40.
    pub time: u64,
    /// Number of deposits that are applied after the batch.
    pub deposits_after: u64,
    /// Hash of the deposit chain after those, as L1 had it when the batch was sealed. Read anew for the commit, it
    /// would say nothing of the deposits that are in the batch.
    pub deposit_chain: B256,
    /// Digest of the batch's published bytes.
    pub s: Fr,
}

/// The receipt of a batch that was applied.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Gas that applying the batch used.
    pub gas: GasUse,
    /// Number of the batch; the first after genesis is 1.
    pub batch: u64,
    /// State root before the batch.
    pub old_root: Fr,
    /// State root after the batch.
    pub new_root: Fr,
}

/// How far the contract is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursors {
    /// Number of batches that were applied.
    pub batch: u64,
    /// Time of the last batch in seconds.
    pub time: u64,
    /// Number of deposits that were applied.
    pub deposits_applied: u64,
    /// Number of deposits that were queued, the applied ones included.
    pub deposits_queued: u64,
    /// Number of batches after `batch` that have a commit.
    pub committed: u16,
}

/// Why the contract could not be used.
#[derive(Debug, Error)]
pub enum RollupError {
    /// The committed bytecode cannot be read.
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
    /// The contracts cannot use a key.
    #[error(transparent)]
    Key(#[from] SolidityKeyError),
    /// A transaction did nothing.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The proof has no commitment.
    #[error("the proof has no commitment: it has {got} bytes instead of 384")]
    ProofLength {
        /// Length of the proof in bytes.
        got: usize,
    },
    /// A time has more than 40 bits.
    #[error("time {time} has more than 40 bits")]
    Time {
        /// The time in seconds.
        time: u64,
    },
    /// The contract was deployed without the shape of a batch.
    #[error("the contract knows no shape {id}")]
    UnknownShape {
        /// Id of the shape.
        id: u32,
    },
}

/// The rollup contract, its token and its verifiers.
pub struct Rollup {
    /// The chain that all of them are on.
    pub evm: Evm,
    /// Address of the rollup contract.
    pub contract: Address,
    /// Address of the token.
    pub token: Address,
    /// Address that deployed the contracts and applies batches.
    pub operator: Address,
    config_digest: Element,
    shapes: Vec<(ShapeEntry, Element)>,
}

impl Rollup {
    /// Deploys a test token, a verifier for each shape and the contract.
    pub fn deploy(deployment: &Deployment, shapes: &[Shape<'_>]) -> Result<Self, RollupError> {
        Self::deploy_from(&Artefact::committed()?, deployment, shapes)
    }

    /// Deploys the contracts of another run of the compiler than the committed one.
    pub fn deploy_from(
        artefact: &Artefact,
        deployment: &Deployment,
        shapes: &[Shape<'_>],
    ) -> Result<Self, RollupError> {
        let mut evm = Evm::new(deployment.chain_id, deployment.time);
        let from = deployment.operator;
        let mut entries = Vec::with_capacity(shapes.len());
        for shape in shapes {
            let key = SolidityKey::new(shape.key)?;
            let verifier = deploy_verifier(&mut evm, artefact, from, &key)?;
            entries.push((shape.entry(verifier), key.id()));
        }
        // No fee, and a dollar's usual six decimals.
        let token = (U256::ZERO, U256::from(6)).abi_encode();
        let token = evm.deploy(from, &artefact.creation_code("MockERC20")?, &token)?;
        let registered = entries.iter().map(|(entry, _)| entry.clone()).collect();
        let arguments = deployment.entry(token, registered)?.abi_encode();
        let contract = evm.deploy(from, &artefact.creation_code("MarginRollup")?, &arguments)?;
        let config_digest = deployment.config_digest;
        Ok(Rollup { evm, contract, token, operator: from, config_digest, shapes: entries })
    }

    /// Mints `amount` of the test token to `from` and deposits it for the key (x, y).
    pub fn deposit(
        &mut self,
        from: Address,
        owner: (Fr, Fr),
        mode: u16,
        amount: u64,
    ) -> Result<GasUse, RollupError> {
        let value = U256::from(amount);
        self.send(from, self.token, &IMockERC20::mintCall { to: from, amount: value })?;
        let approve = IMockERC20::approveCall { spender: self.contract, amount: value };
        self.send(from, self.token, &approve)?;
        let (x, y) = (word(owner.0), word(owner.1));
        let deposit = IMarginRollup::depositCall { x, y, mode, amount: value };
        Ok(self.send(from, self.contract, &deposit)?.gas)
    }

    /// Makes the header that the contract will build for `batch`: what the prover has to publish.
    pub fn header(&mut self, batch: &Batch) -> Result<Header, RollupError> {
        let found = self.shapes.iter().find(|(entry, _)| entry.id == batch.shape_id);
        let Some((shape, key_id)) = found else {
            return Err(RollupError::UnknownShape { id: batch.shape_id });
        };
        let (shape, key_id) = (shape.clone(), *key_id);
        let cursors = self.cursors()?;
        Ok(Header {
            chain_id: self.evm.chain_id(),
            contract: self.contract,
            batch: cursors.batch + 1,
            shape_id: batch.shape_id,
            elements: shape.elements.into(),
            deposit_capacity: shape.depositCapacity,
            withdrawal_start: shape.withdrawalStart,
            withdrawal_capacity: shape.withdrawalCapacity,
            configuration_capacity: shape.configurationCapacity,
            time: batch.time,
            key_id,
            old_root: self.root()?,
            new_root: batch.new_root,
            deposits_before: cursors.deposits_applied,
            deposits_after: batch.deposits_after,
            config_digest: self.config_digest,
        })
    }

    /// Proposes the entries of a batch's configurations list. Returns the digest.
    pub fn propose(&mut self, from: Address, configurations: &[u8]) -> Result<B256, RollupError> {
        let call = IMarginRollup::proposeCall { configurations: configurations.to_vec().into() };
        self.send(from, self.contract, &call)?;
        Ok(keccak256(configurations))
    }

    /// Withdraws a proposal that is not ready.
    pub fn cancel_proposal(&mut self, from: Address, digest: B256) -> Result<(), RollupError> {
        self.send(from, self.contract, &IMarginRollup::cancelProposalCall { digest })?;
        Ok(())
    }

    /// Reads from when on a proposal may be applied, in seconds; 0 for none.
    pub fn proposal(&mut self, digest: B256) -> Result<u64, RollupError> {
        Ok(self.read(self.contract, &IMarginRollup::proposalsCall { digest })?.to())
    }

    /// Reads the number of listed markets.
    pub fn markets(&mut self) -> Result<u16, RollupError> {
        self.read(self.contract, &IMarginRollup::marketsCall {})
    }

    /// Binds a batch to its bytes, as the operator.
    pub fn commit_batch(&mut self, commit: &Commit) -> Result<GasUse, RollupError> {
        Ok(self.send(self.operator, self.contract, &commit.call()?)?.gas)
    }

    /// Applies a batch as the operator. `lists` are the published bytes after the header.
    pub fn apply_batch(
        &mut self,
        batch: &Batch,
        lists: &[u8],
        proof: &Proof,
    ) -> Result<Receipt, RollupError> {
        let old_root = self.root()?;
        let call = batch.call(lists, proof_words(proof)?)?;
        let outcome = self.send(self.operator, self.contract, &call)?;
        Ok(Receipt { gas: outcome.gas, batch: self.cursors()?.batch, old_root, new_root: self.root()? })
    }

    /// Pays entry `index` of the withdrawals of `batch`; `list` is that batch's withdrawals list.
    pub fn withdraw(&mut self, batch: u64, index: u64, list: &[u8]) -> Result<GasUse, RollupError> {
        let list = list.to_vec().into();
        let call = IMarginRollup::withdrawCall { batch, index: U256::from(index), list };
        Ok(self.send(self.operator, self.contract, &call)?.gas)
    }

    /// Reads the state root.
    pub fn root(&mut self) -> Result<Fr, RollupError> {
        let root = self.read(self.contract, &IMarginRollup::rootCall {})?;
        Ok(Fr::from_be_bytes_mod_order(&root.to_be_bytes::<32>()))
    }

    /// Reads the number of batches, the time and the deposit cursors.
    pub fn cursors(&mut self) -> Result<Cursors, RollupError> {
        let c = self.read(self.contract, &IMarginRollup::cursorsCall {})?;
        Ok(Cursors {
            batch: c.batch,
            time: c.time.to::<u64>(),
            deposits_applied: c.depositsApplied,
            deposits_queued: c.depositsQueued,
            committed: c.committed,
        })
    }

    /// Reads the hash of the deposit chain after deposit `index`, where 0 gives the start.
    pub fn deposit_hash(&mut self, index: u64) -> Result<B256, RollupError> {
        self.read(self.contract, &IMarginRollup::depositHashCall { index })
    }

    /// Reads the collateral that `account` holds on L1, in units of the token.
    pub fn balance(&mut self, account: Address) -> Result<U256, RollupError> {
        self.read(self.token, &IMockERC20::balanceOfCall { account })
    }

    /// The address of the verifier of a shape, if the contract was deployed with it.
    pub fn verifier(&self, shape_id: u32) -> Option<Address> {
        self.shapes.iter().find(|(entry, _)| entry.id == shape_id).map(|(entry, _)| entry.verifier)
    }

    /// Sends any call of the interfaces in [`crate::abi`].
    pub fn send<C: SolCall>(&mut self, from: Address, to: Address, call: &C) -> Result<Outcome, RollupError> {
        Ok(self.evm.call(from, to, call.abi_encode())?)
    }

    /// Calls a view of the interfaces in [`crate::abi`] and decodes its answer.
    pub fn read<C: SolCall>(&mut self, to: Address, call: &C) -> Result<C::Return, RollupError> {
        let outcome = self.evm.simulate(self.operator, to, call.abi_encode())?;
        let answer = C::abi_decode_returns(&outcome.output);
        answer.map_err(|error| CallError::Answer { reason: error.to_string() }.into())
    }
}

impl Shape<'_> {
    fn entry(&self, verifier: Address) -> ShapeEntry {
        ShapeEntry {
            id: self.id,
            verifier,
            elements: self.elements,
            depositCapacity: self.deposit_capacity,
            withdrawalStart: self.withdrawal_start,
            withdrawalCapacity: self.withdrawal_capacity,
            configurationCapacity: self.configuration_capacity,
        }
    }
}

impl Deployment {
    fn entry(&self, token: Address, shapes: Vec<ShapeEntry>) -> Result<DeploymentEntry, RollupError> {
        Ok(DeploymentEntry {
            token,
            operator: self.operator,
            governor: self.governor,
            configDelay: seconds(self.config_delay)?,
            genesisRoot: word(self.genesis_root),
            genesisTime: seconds(self.genesis_time)?,
            lag: seconds(self.lag)?,
            configDigest: U256::from_be_slice(&self.config_digest).to(),
            markets: self.markets,
            pools: self.pools,
            allowInsecureKey: self.allow_insecure_key,
            shapes,
        })
    }
}

impl Batch {
    /// The calldata that applies the batch. Errors: a time that has more than 40 bits, a proof without a commitment.
    pub fn calldata(&self, lists: &[u8], proof: &Proof) -> Result<Vec<u8>, RollupError> {
        Ok(self.call(lists, proof_words(proof)?)?.abi_encode())
    }

    /// Makes the call that applies the batch. Refuses a time that has more than 40 bits.
    pub fn call(
        &self,
        lists: &[u8],
        proof: [U256; PROOF_WORDS],
    ) -> Result<IMarginRollup::applyBatchCall, RollupError> {
        let batch = BatchEntry {
            shapeId: self.shape_id,
            newRoot: word(self.new_root),
            time: seconds(self.time)?,
            depositsAfter: self.deposits_after,
        };
        Ok(IMarginRollup::applyBatchCall { batch, lists: lists.to_vec().into(), proof })
    }
}

impl Commit {
    /// The commit of a batch with this header, whose bytes have the digest `s`.
    pub fn new(header: &Header, deposit_chain: B256, s: Fr) -> Self {
        Commit {
            number: header.batch,
            time: header.time,
            deposits_after: header.deposits_after,
            deposit_chain,
            s,
        }
    }

    /// Makes the call that commits the batch. Refuses a time that has more than 40 bits.
    pub fn call(&self) -> Result<IMarginRollup::commitBatchCall, RollupError> {
        Ok(IMarginRollup::commitBatchCall {
            batch: self.number,
            time: seconds(self.time)?,
            depositsAfter: self.deposits_after,
            depositChain: self.deposit_chain,
            commitment: commitment(self.number, self.s),
        })
    }
}

/// Deploys a verifier for `key` from the committed artefact's code.
pub fn deploy_verifier(
    evm: &mut Evm,
    artefact: &Artefact,
    from: Address,
    key: &SolidityKey,
) -> Result<Address, RollupError> {
    let code = artefact.creation_code("Groth16Verifier")?;
    Ok(evm.deploy(from, &code, &key.deployment_arguments())?)
}

/// What the contract stores of batch `number` until its proof arrives; `s` is the digest of its published bytes.
pub fn commitment(number: u64, s: Fr) -> B256 {
    keccak256((number, word(s)).abi_encode())
}

/// Makes the call that verifies a proof of (s, v). Refuses a proof without commitment.
pub fn verify_call(s: Fr, v: Fr, proof: &Proof) -> Result<IVerifier::verifyCall, RollupError> {
    Ok(IVerifier::verifyCall { s: word(s), v: word(v), proof: proof_words(proof)? })
}

/// Encodes the coordinates of a proof as words. Refuses a proof without commitment.
pub fn proof_words(proof: &Proof) -> Result<[U256; PROOF_WORDS], RollupError> {
    let bytes = proof.to_bytes();
    if bytes.len() != 32 * PROOF_WORDS {
        return Err(RollupError::ProofLength { got: bytes.len() });
    }
    let mut words = [U256::ZERO; PROOF_WORDS];
    for (word, chunk) in words.iter_mut().zip(bytes.chunks(32)) {
        *word = U256::from_be_slice(chunk);
    }
    Ok(words)
}

/// Encodes a field element as a word.
pub fn word(value: Fr) -> U256 {
    U256::from_limbs(value.into_bigint().0)
}

/// A time that fits the contract's 40 bits.
fn seconds(time: u64) -> Result<U40, RollupError> {
    if time >> 40 != 0 {
        return Err(RollupError::Time { time });
    }
    Ok(U256::from(time).to())
}
