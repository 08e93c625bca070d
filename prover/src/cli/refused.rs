//! Where the refusals of a run go: the first into its report, all of them into a file if one is named.

use super::Failure;
use super::arguments::Batching;
use super::output::{Growing, OutFile};
use crate::engine::Engine;
use crate::report::{Refusal, Refusals, Venue};

/// Collects refusals as the command asks for.
pub fn begin<'a>(batching: &'a Batching, engine: &Engine) -> Result<Refusals<Growing<'a>>, Failure> {
    let begin = |path| OutFile::at(path, batching.force)?.begin();
    let out = batching.refused.as_deref().map(begin).transpose()?;
    let mut refusals = Refusals::new(Venue::new(engine.tape(), engine.state()), out);
    refusals.left_out(&engine.tape().skipped);
    Ok(refusals)
}

/// The first refusals of a run, all of which are now in the file that was asked for.
pub fn finish(refusals: Refusals<Growing<'_>>) -> Result<Vec<Refusal>, Failure> {
    let failure = |error: std::io::Error| Failure::new(format!("--refused: {error}"));
    let (shown, out) = refusals.finish().map_err(failure)?;
    out.map_or(Ok(()), Growing::finish)?;
    Ok(shown)
}
