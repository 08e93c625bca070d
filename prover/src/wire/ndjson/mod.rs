//! Our own format: one JSON object per line. `zkmargin sample` writes it; `docs/events.md` describes it.
//!
//! One type, [`line::Line`], is what stands in a line: it is read from JSON and written to JSON.

mod diagnose;
mod line;
mod read;
mod write;

pub use read::read;
pub use write::write;
