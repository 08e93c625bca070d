//! The state of an audit in a file, so that it can go on from there.
//!
//! One JSON object: the run's configuration, the batch, the root, and every cell. A snapshot is believed as far as its
//! root goes: the tree is built again from the cells.

use super::Directory;
use super::finding::{AuditError, unreadable};
use crate::verify::{field_hex, hex};
use serde::{Deserialize, Serialize};
use std::path::Path;
use zkmargin_circuits::state::{Cells, State};

const FORMAT: &str = "zkmargin/audit/v1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    /// State root of the genesis.
    genesis: String,
    /// State root after the batch.
    root: String,
    /// The contract's chain of deposits.
    deposits: String,
    cells: Cells,
}

/// What a snapshot holds.
pub struct Snapshot {
    /// The state.
    pub state: State,
    /// The contract's chain of deposits.
    pub deposits: [u8; 32],
}

/// Writes the state under a temporary name, then under its own.
pub fn write(
    path: &Path,
    directory: &Directory,
    state: &State,
    deposits: &[u8; 32],
) -> Result<(), AuditError> {
    let file = File {
        format: FORMAT.to_owned(),
        genesis: directory.genesis.root.clone(),
        root: field_hex(state.root()),
        deposits: hex(deposits),
        cells: state.cells(),
    };
    let part = path.with_extension("part");
    let text = serde_json::to_vec(&file).map_err(|error| AuditError::CouldNotRun(error.to_string()))?;
    std::fs::write(&part, text).map_err(|error| unreadable(&part, &error))?;
    std::fs::rename(&part, path).map_err(|error| unreadable(path, &error))
}

/// Reads a snapshot of the run that starts with `genesis`.
pub fn read(path: &Path, genesis: &State) -> Result<Snapshot, AuditError> {
    let refuse = |what: String| {
        AuditError::CouldNotRun(format!("{}: {what}; remove it to begin anew", path.display()))
    };
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    let file: File = serde_json::from_slice(&bytes)
        .map_err(|error| refuse(format!("is no snapshot of an audit: {error}")))?;
    if file.format != FORMAT {
        return Err(refuse(format!("is of version {}", file.format)));
    }
    if file.genesis != field_hex(genesis.root()) {
        return Err(refuse("is of a run with another genesis".to_owned()));
    }
    let state = State::from_cells(file.cells).map_err(|error| refuse(error.to_string()))?;
    if field_hex(state.root()) != file.root {
        return Err(refuse("its cells do not give its root".to_owned()));
    }
    let deposits = crate::hex::bytes(&file.deposits);
    let deposits = deposits.ok_or_else(|| refuse("its chain of deposits is no hash".to_owned()))?;
    Ok(Snapshot { state, deposits })
}
