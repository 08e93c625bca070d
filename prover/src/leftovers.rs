//! What must not stay behind when a signal ends the process: temporary files, and what a person should know.
//!
//! Whoever makes a temporary file notes its path, with [`create`] or [`at`]. A handler of signals
//! calls [`clear`]: from then on no file is made any more, and the noted ones are removed.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Paths in use, with a number for each, and a note for the last line.
struct Noted {
    next: u64,
    paths: Vec<(u64, PathBuf)>,
    note: Option<String>,
}

impl Noted {
    fn add(&mut self, path: &Path) -> Leftover {
        self.next += 1;
        self.paths.push((self.next, path.to_path_buf()));
        Leftover(self.next)
    }
}

static NOTED: Mutex<Noted> = Mutex::new(Noted { next: 0, paths: Vec::new(), note: None });

fn noted() -> MutexGuard<'static, Noted> {
    NOTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary file or directory that a signal would remove. Dropping this only forgets the path.
#[derive(Debug)]
pub struct Leftover(u64);

impl Drop for Leftover {
    fn drop(&mut self) {
        noted().paths.retain(|(number, _)| *number != self.0);
    }
}

/// Makes a temporary file or directory and notes its path, with no moment between in which a signal could
/// leave it behind.
pub fn create<T, E>(
    make: impl FnOnce() -> Result<T, E>,
    path: impl FnOnce(&T) -> &Path,
) -> Result<(T, Leftover), E> {
    let mut noted = noted();
    let made = make()?;
    let leftover = noted.add(path(&made));
    Ok((made, leftover))
}

/// Notes a path at which a temporary file or directory is about to be made.
pub fn at(path: &Path) -> Leftover {
    noted().add(path)
}

/// What the last line of an interrupted process says besides the signal's name.
pub fn note(text: Option<String>) {
    noted().note = text;
}

/// What [`clear`] returns: as long as it lives, no temporary file is made.
pub struct Cleared {
    /// The text of the last [`note`].
    pub note: Option<String>,
    #[expect(dead_code, reason = "held so that nothing is made before the process ends")]
    held: MutexGuard<'static, Noted>,
}

/// Removes every noted file and directory. The process must end while the result lives.
pub fn clear() -> Cleared {
    let mut held = noted();
    for (_, path) in held.paths.drain(..) {
        // It may have got its final name just now: then nothing is there any more.
        let _ = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    }
    Cleared { note: held.note.take(), held }
}
