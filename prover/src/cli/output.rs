//! Files that the user names. A device, a link or a pipe is never replaced, an existing file only with
//! `--force`; a file appears whole or not at all, with the permissions that the umask leaves.

use super::Failure;
use super::arguments::Output;
use crate::leftovers::{self, Leftover};
use std::fs::{FileType, Metadata, Permissions};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::Path;
use tempfile::{NamedTempFile, TempDir};

/// A name at which a file may be written.
#[derive(Debug)]
pub struct OutFile<'a> {
    path: &'a Path,
    force: bool,
}

impl<'a> OutFile<'a> {
    /// The file that a command's options name, if they do.
    pub(super) fn of(output: &'a Output) -> Result<Option<Self>, Failure> {
        output.out.as_deref().map(|path| Self::at(path, output.force)).transpose()
    }

    /// Checks the name, before anything is computed.
    pub fn at(path: &'a Path, force: bool) -> Result<Self, Failure> {
        let out = Self { path, force };
        out.replaced()?;
        let folder = out.folder();
        if path.file_name().is_none() || path.as_os_str().to_string_lossy().ends_with('/') {
            return Err(Failure::new(format!("'{}' is not the name of a file", path.display())));
        }
        match folder.metadata() {
            Ok(metadata) if metadata.is_dir() => Ok(out),
            Ok(_) => Err(out.failure(format!("{} is not a directory", folder.display()))),
            Err(error) => Err(out.failure(format!("directory {}: {error}", folder.display()))),
        }
    }

    /// Writes the file whole or not at all.
    pub fn write(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut growing = self.begin()?;
        growing.file.write_all(bytes).map_err(|error| growing.out.failure(error))?;
        growing.finish()
    }

    /// Begins to write the file. It appears when it is finished.
    pub fn begin(self) -> Result<Growing<'a>, Failure> {
        let make = || {
            let mut builder = tempfile::Builder::new();
            builder.prefix(".zkmargin-");
            new_permissions(&mut builder);
            builder.tempfile_in(self.folder())
        };
        let made = leftovers::create(make, |file| file.path());
        let (file, leftover) = made.map_err(|error| self.failure(error))?;
        Ok(Growing { file: BufWriter::new(file), out: self, _leftover: leftover })
    }

    /// Permissions of the regular file that is replaced, if one is there and `--force` was given.
    fn replaced(&self) -> Result<Option<Permissions>, Failure> {
        let metadata = match self.path.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            found => found.map_err(|error| self.failure(error))?,
        };
        self.refuse_others(&metadata)?;
        Ok(Some(metadata.permissions()))
    }

    fn refuse_others(&self, metadata: &Metadata) -> Result<(), Failure> {
        if !metadata.is_file() {
            let advice = "give the name of a new file; without --out the output goes to standard output";
            let what = describe(metadata.file_type());
            return Err(self.failure(format!("is {what}, which is never replaced; {advice}")));
        }
        if !self.force {
            return Err(self.failure("is there already; give another name, or --force to replace it"));
        }
        Ok(())
    }

    fn folder(&self) -> &Path {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    fn failure(&self, what: impl std::fmt::Display) -> Failure {
        Failure::new(format!("{}: {what}", self.path.display()))
    }
}

/// A file that is being written, under another name until it is finished.
#[derive(Debug)]
pub struct Growing<'a> {
    file: BufWriter<NamedTempFile>,
    out: OutFile<'a>,
    _leftover: Leftover,
}

impl Growing<'_> {
    /// Gives the file its name.
    pub fn finish(self) -> Result<(), Failure> {
        let Self { file, out, _leftover } = self;
        let failure = |error: std::io::Error| out.failure(error);
        let file = file.into_inner().map_err(|error| failure(error.into_error()))?;
        file.as_file().sync_all().map_err(failure)?;
        // What lies there may have changed since the name was checked.
        match out.replaced()? {
            Some(permissions) => {
                file.as_file().set_permissions(permissions).map_err(failure)?;
                file.persist(out.path).map_err(|error| failure(error.error))?;
            }
            None => drop(file.persist_noclobber(out.path).map_err(|error| failure(error.error))?),
        }
        Ok(())
    }
}

impl Write for Growing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// A temporary directory. It goes with this value, or with a signal that ends the process.
#[derive(Debug)]
pub struct TemporaryFolder {
    folder: TempDir,
    _leftover: Leftover,
}

impl TemporaryFolder {
    /// Makes the directory where the system has such ones.
    pub fn new() -> Result<Self, Failure> {
        let made = leftovers::create(tempfile::tempdir, |folder| folder.path());
        let failure = |error| Failure::new(format!("temporary directory: {error}"));
        let (folder, leftover) = made.map_err(failure)?;
        Ok(Self { folder, _leftover: leftover })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// What lies at a name, in words.
pub fn describe(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
    }
    match kind {
        kind if kind.is_symlink() => "a symbolic link",
        kind if kind.is_dir() => "a directory",
        _ => "no regular file",
    }
}

/// Temporary files are private by themselves; this one gets its final name, so the umask decides.
fn new_permissions(builder: &mut tempfile::Builder<'_, '_>) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(Permissions::from_mode(0o666));
    }
}
