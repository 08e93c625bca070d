//! Rebuilds the states of a run from its published bytes alone and judges them.
//!
//! Nothing here runs an op or makes a batch: this module uses neither the engine nor the executor. It has the decoder of the
//! bytes, the state that follows from them, the margin law's functions, and the verifier of proofs.

pub mod account;
mod books;
mod directory;
pub mod events;
mod finding;
pub mod law;
pub mod names;
pub mod report;
mod run;
mod snapshot;
mod verdict;

#[cfg(test)]
mod tests;

pub use directory::Directory;
pub use finding::{AuditError, Finding};
pub use verdict::{Source, Verdict};

use crate::record::genesis::GenesisFile;
use run::Audit;
use sha3::{Digest, Keccak256};
use std::collections::BTreeMap;
use std::path::PathBuf;
use zkmargin_circuits::ops::configure::CONFIGURATION_ELEMENTS;
use zkmargin_circuits::publication::{ELEMENT_BYTES, ListPlaces, Published};
use zkmargin_circuits::state::{Account, AccountId, Market, MarketId, State};

/// What to audit, and what to trust.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The run's directory.
    pub directory: PathBuf,
    /// A genesis file to trust; none takes the directory's own.
    pub genesis: Option<PathBuf>,
    /// A key file to trust; none takes the directory's own.
    pub key: Option<PathBuf>,
    /// The first batch whose proof is verified and whose events are judged; none is the first there is. Those before it are
    /// applied only.
    pub from: Option<u64>,
    /// The last batch; none is the last there is.
    pub to: Option<u64>,
    /// A file that keeps the state, written now and then and at the end; if it is there, the audit goes on from it.
    pub snapshot: Option<PathBuf>,
    /// Leaves the circuit uncompiled: the shape is then on the directory's word.
    pub no_recompile: bool,
    /// Does not judge liquidations: for one that is to be explained whatever it is.
    pub unjudged: bool,
}

/// One batch that was applied.
pub struct Step<'a> {
    /// Number of the batch.
    pub number: u64,
    /// Number of batches of the whole audit.
    pub of: u64,
    /// What the exchange started with.
    pub genesis: &'a GenesisFile,
    /// The published bytes.
    pub bytes: &'a [u8],
    /// The batch as they say it.
    pub batch: &'a Published,
    /// Its accounts before it; `None` for those that it created.
    pub before: &'a BTreeMap<AccountId, Option<Account>>,
    /// Its markets before it.
    pub markets_before: &'a BTreeMap<MarketId, Market>,
    /// The state after it.
    pub state: &'a State,
    /// Whether its events were judged: false before `--from`.
    pub judged: bool,
}

/// What is told of each batch; an error ends the audit.
pub type Observer<'a> = &'a mut dyn FnMut(&Step<'_>) -> Result<(), AuditError>;

/// An audit without a fault.
pub struct Audited {
    /// The verdict.
    pub verdict: Verdict,
    /// What the exchange started with.
    pub genesis: GenesisFile,
    /// The state after the last batch.
    pub state: State,
}

/// Audits a run. `observe` is told of every batch that was applied and judged; proofs are verified many at once, so a
/// false one may be found after later batches were told of.
pub fn audit(options: &Options, observe: Observer<'_>) -> Result<Audited, AuditError> {
    let directory = Directory::open(&options.directory, options.genesis.as_deref(), options.key.as_deref())?;
    let mut audit = Audit::begin(&directory, options)?;
    let last = audit.last(options)?;
    while !audit.is_done(last) {
        audit.step(last, observe)?;
    }
    audit.verify_pending()?;
    audit.write_snapshot()?;
    Ok(audit.end())
}

/// keccak256 of the entries of a batch's list of configurations: the proposal that the contract asks for. None for a
/// list without entries.
fn configurations_digest(bytes: &[u8], batch: &Published) -> Option<[u8; 32]> {
    let first = batch.configurations.first()?.at.element * ELEMENT_BYTES;
    let entry = CONFIGURATION_ELEMENTS * ELEMENT_BYTES;
    let entries = bytes.get(first..first + batch.configurations.len() * entry)?;
    Some(Keccak256::digest(entries).into())
}

/// keccak256 of a batch's list of withdrawals, as the contract stores it; none for a list without entries.
fn withdrawals_hash(bytes: &[u8], places: &ListPlaces) -> Option<[u8; 32]> {
    let start = places.withdrawal_start * ELEMENT_BYTES;
    let list = bytes.get(start..start + places.withdrawal_capacity * ELEMENT_BYTES)?;
    list.iter().any(|byte| *byte != 0).then(|| Keccak256::digest(list).into())
}
