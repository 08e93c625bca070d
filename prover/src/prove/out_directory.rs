//! The directory that `prove --out DIR` or `replay --out DIR` fills. It appears whole or not at all: batches are collected in
//! `DIR.incomplete`, which gets its name at the end.
//!
//! If a run with proofs is interrupted, the batches that were finished stay there, and the same command goes on with
//! them. Without a finished batch, and of a replay, nothing stays.

use super::manifest::{OutError, io, json, read_json};
use crate::file_lock;
use crate::leftovers::{self, Leftover};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Name of the file that says which run a directory is of.
pub const RUN: &str = "run.json";
/// Name of the file that a process locks while it writes.
const LOCK: &str = "lock";
/// Ending of a folder that is being written.
const PART: &str = "part";

/// What a run is of. Only the same command goes on with its batches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunId {
    /// The version of the layout.
    pub layout: String,
    /// Keccak-256 digest of the file of events, hexadecimal; `-` for standard input.
    pub events: String,
    /// Format of the events.
    pub format: String,
    /// Names of the markets to which the tape is limited, if it is.
    pub markets: Option<Vec<String>>,
    /// Market that the file is about, where it does not say.
    pub market: Option<String>,
    /// User that the file is about, where it does not say.
    pub user: Option<String>,
    /// Seed that wallets are derived from.
    pub seed: u64,
    /// Most seconds from the first to the last row of a batch.
    pub span: u64,
    /// Name of the shape.
    pub shape: String,
    /// Fingerprint of the circuit, hexadecimal.
    pub circuit: String,
    /// Id of the key, hexadecimal.
    pub key_id: String,
    /// Id of the chain.
    pub chain_id: u64,
    /// Address of the contract, hexadecimal.
    pub contract: String,
    /// State root before the first batch, hexadecimal.
    pub genesis_root: String,
}

impl RunId {
    /// The first field in which another run differs: name, its value, this one's.
    fn difference(&self, other: &Self) -> Option<(String, String, String)> {
        let fields = |run: &Self| serde_json::to_value(run).unwrap_or_default();
        let (mine, others) = (fields(self), fields(other));
        let (mine, others) = (mine.as_object()?, others.as_object()?);
        let (name, value) = mine.iter().find(|(name, value)| others.get(*name) != Some(value))?;
        let other = others.get(name).map_or_else(String::new, ToString::to_string);
        Some((name.replace('_', " "), other, value.to_string()))
    }
}

/// A directory that is being filled.
pub struct OutDirectory {
    target: PathBuf,
    work: PathBuf,
    finished: u64,
    /// Removes the directory if a signal comes before there is something to keep.
    leftover: Option<Leftover>,
    /// Whether finished batches stay when the run is interrupted.
    keeps: bool,
    lock: Option<File>,
}

impl OutDirectory {
    /// Starts beside `target`, which must not exist yet, or takes an interrupted run's directory.
    ///
    /// `keeps`: whether finished batches stay when the run is interrupted.
    pub fn begin(target: &Path, keeps: bool) -> Result<Self, OutError> {
        if target.symlink_metadata().is_ok() {
            return Err(OutError::Exists { path: target.to_path_buf() });
        }
        let Some(name) = target.file_name() else {
            return Err(io(target, std::io::ErrorKind::InvalidFilename.into()));
        };
        let mut name = name.to_os_string();
        name.push(".incomplete");
        let work = target.with_file_name(name);
        let new = !work.exists();
        let leftover = new.then(|| leftovers::at(&work));
        if new {
            std::fs::create_dir_all(&work).map_err(|source| io(&work, source))?;
        }
        let lock = lock(&work)?;
        let mut out =
            Self { target: target.to_path_buf(), work, finished: 0, leftover, keeps, lock: Some(lock) };
        if !new {
            out.take_over()?;
        }
        out.tell_what_is_kept();
        Ok(out)
    }

    /// Counts the finished batches and removes what was not finished.
    fn take_over(&mut self) -> Result<(), OutError> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.work).map_err(|source| io(&self.work, source))? {
            names.push(entry.map_err(|source| io(&self.work, source))?.path());
        }
        names.retain(|path| !path.ends_with(LOCK));
        if !names.is_empty() && !self.work.join(RUN).is_file() {
            // Another program's directory: not even the lock stays.
            let _ = std::fs::remove_file(self.work.join(LOCK));
            self.lock = None;
            return Err(OutError::NoRun { path: self.work.clone() });
        }
        for part in names.iter().filter(|path| path.extension().is_some_and(|ending| ending == PART)) {
            std::fs::remove_dir_all(part).map_err(|source| io(part, source))?;
        }
        while self.folder(self.finished + 1).is_dir() {
            self.finished += 1;
        }
        if self.finished == 0 {
            self.leftover = Some(leftovers::at(&self.work));
        }
        Ok(())
    }

    /// Says which run this is. Refuses finished batches of another one.
    pub fn identify(&self, run: &RunId) -> Result<(), OutError> {
        let path = self.work.join(RUN);
        if self.finished > 0 {
            let there: RunId = read_json(&path)?;
            if let Some((what, got, expected)) = run.difference(&there) {
                return Err(OutError::OtherRun { path: self.work.clone(), what, got, expected });
            }
        }
        write(&path, &json(run))
    }

    /// The number of batches that are finished.
    pub fn finished(&self) -> u64 {
        self.finished
    }

    /// The directory in which the batches lie until the run is complete.
    pub fn work(&self) -> &Path {
        &self.work
    }

    /// The folder of a batch, from 1.
    fn folder(&self, number: u64) -> PathBuf {
        self.work.join(crate::verify::folder_name(number))
    }

    /// Adds the next batch's files, by name: all of them or none.
    pub fn add(&mut self, files: &[(&str, &[u8])]) -> Result<(), OutError> {
        let folder = self.folder(self.finished + 1);
        let part = folder.with_extension(PART);
        let _leftover = leftovers::at(&part);
        std::fs::create_dir(&part).map_err(|source| io(&part, source))?;
        for (name, content) in files {
            write(&part.join(name), content)?;
        }
        std::fs::rename(&part, &folder).map_err(|source| io(&folder, source))?;
        self.finished += 1;
        if self.keeps {
            self.leftover = None;
            self.tell_what_is_kept();
        }
        Ok(())
    }

    /// Writes the files of the whole run, by name, and gives the directory its name.
    pub fn finish(mut self, files: &[(&str, &[u8])]) -> Result<PathBuf, OutError> {
        for (name, content) in files {
            write(&self.work.join(name), content)?;
        }
        std::fs::rename(&self.work, &self.target).map_err(|source| io(&self.target, source))?;
        self.leftover = None;
        leftovers::note(Some(format!("{} is complete", self.target.display())));
        // The run is whole; if one of these stays, it does no harm.
        for name in [RUN, LOCK] {
            let _ = std::fs::remove_file(self.target.join(name));
        }
        Ok(self.target.clone())
    }

    /// What a person should know if the run ends now, none if nothing is kept.
    pub fn kept(&self) -> Option<String> {
        let batches = match self.finished {
            _ if !self.keeps => return None,
            0 => return None,
            1 => "1 finished batch is".to_owned(),
            many => format!("{many} finished batches are"),
        };
        Some(format!("{batches} kept in {}, and the same command goes on from there", self.work.display()))
    }

    fn tell_what_is_kept(&self) {
        leftovers::note(self.kept());
    }
}

impl Drop for OutDirectory {
    fn drop(&mut self) {
        // Without the lock the directory belongs to another process, or it has its name by now.
        if self.finished == 0 && self.lock.take().is_some() {
            let _ = std::fs::remove_dir_all(&self.work);
        }
    }
}

/// Locks a directory for as long as the result lives.
fn lock(work: &Path) -> Result<File, OutError> {
    let path = work.join(LOCK);
    let lock = file_lock::try_lock(&path).map_err(|source| io(&path, source))?;
    lock.ok_or_else(|| OutError::Busy { path: work.to_path_buf() })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), OutError> {
    std::fs::write(path, bytes).map_err(|source| io(path, source))
}
