//! SIGINT and SIGTERM: temporary files go, one line says what is kept, the exit code says which signal it was.

use super::{Failure, progress};
use crate::leftovers;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Exit codes of shells for a process that a signal ended: 128 and the signal's number.
const SIGNALLED: i32 = 128;

/// From now on a thread waits for the signals and ends the process at the first.
pub fn watch(program: &'static str) -> Result<(), Failure> {
    let failure = |error| Failure::new(format!("signals cannot be handled: {error}"));
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(failure)?;
    let wait = move || {
        if let Some(signal) = signals.forever().next() {
            end(program, signal);
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait).map_err(failure)?;
    Ok(())
}

fn end(program: &str, signal: i32) -> ! {
    let cleared = leftovers::clear();
    progress::clear();
    let name = if signal == SIGINT { "SIGINT" } else { "SIGTERM" };
    let note = cleared.note.as_deref().unwrap_or("nothing incomplete is left behind");
    eprintln!("{program}: ended by {name}; {note}");
    std::process::exit(SIGNALLED + signal)
}
