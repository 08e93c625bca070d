//! A system as iden3's files in a directory.

use crate::arkworks::ArkKey;
use crate::formats::{write_r1cs, write_wtns, write_zkey};
use ark_bn254::Fr;
use ark_relations::utils::matrix::Matrix;
use serde::Serialize;
use std::path::{Path, PathBuf};
use zkmargin::bench::System;
use zkmargin::cli::{Failure, Growing, OutFile};

const R1CS: &str = "system.r1cs";
/// Name of the file of wires.
pub(crate) const WTNS: &str = "system.wtns";
/// Name of the file with the peers' key.
pub(crate) const ZKEY: &str = "system.zkey";

/// Where files go, and whether they replace what is there.
#[derive(Debug, Clone, Copy)]
pub struct Export<'a> {
    /// The directory, which need not be there.
    pub directory: &'a Path,
    /// Whether regular files are replaced.
    pub force: bool,
}

impl Export<'_> {
    /// Refuses names that cannot be written, before anything is computed; that of the key too, if one will be made.
    pub fn check(&self, with_key: bool) -> Result<(), Failure> {
        if !self.directory.exists() {
            return Ok(());
        }
        for name in [R1CS, WTNS].into_iter().chain(with_key.then_some(ZKEY)) {
            OutFile::at(&self.directory.join(name), self.force)?;
        }
        Ok(())
    }

    /// Writes `system.r1cs` and `system.wtns`.
    pub fn system(&self, system: &System<'_>, matrices: &[Matrix<Fr>; 3]) -> Result<(), Failure> {
        self.write(R1CS, |out| write_r1cs(out, &system.layout(), matrices))?;
        self.write(WTNS, |out| write_wtns(out, &system.wires))
    }

    /// Writes `system.zkey`.
    pub fn key(&self, key: &ArkKey, matrices: &[Matrix<Fr>; 3]) -> Result<(), Failure> {
        self.write(ZKEY, |out| write_zkey(out, key, matrices))
    }

    fn write(
        &self,
        name: &str,
        content: impl FnOnce(&mut Growing<'_>) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        let path = self.directory.join(name);
        let failure = |at: &Path, error: std::io::Error| Failure::new(format!("{}: {error}", at.display()));
        std::fs::create_dir_all(self.directory).map_err(|error| failure(self.directory, error))?;
        let mut file = OutFile::at(&path, self.force)?.begin()?;
        content(&mut file).map_err(|error| failure(&path, error))?;
        file.finish()
    }
}

/// What was written without measuring anything.
#[derive(Debug, Serialize)]
pub struct Written {
    name: String,
    constraints: usize,
    columns: usize,
    public: usize,
    files: [PathBuf; 2],
}

impl Written {
    /// Sizes of the system, and the files that [`Export::system`] wrote.
    pub fn of(system: &System<'_>, export: &Export<'_>) -> Self {
        let layout = system.layout();
        Written {
            name: system.name.clone(),
            constraints: layout.constraints,
            columns: layout.columns(),
            public: layout.public,
            files: [R1CS, WTNS].map(|name| export.directory.join(name)),
        }
    }

    /// The same as a line for people.
    pub fn text(&self) -> String {
        let Written { name, constraints, columns, public, files: [r1cs, wtns] } = self;
        let (r1cs, wtns) = (r1cs.display(), wtns.display());
        format!(
            "{name}: {constraints} constraints, {columns} wires, {public} public; written: {r1cs}, {wtns}"
        )
    }
}
