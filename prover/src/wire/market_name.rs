//! The market of a file that does not name it.

use super::Options;
use super::error::{Fault, WireError};
use super::units::check_name;
use std::path::Path;

/// What stands between market and date in the names that exchanges give.
const KINDS: [&str; 2] = ["-trades", "-aggTrades"];

/// The market that the caller names, or that the file's name begins with (`BTCUSDT-trades-2024-01.csv`).
///
/// Errors: neither names one.
pub fn market_name(file: &str, options: &Options) -> Result<String, WireError> {
    let base = Path::new(file).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let from_file =
        || KINDS.iter().find_map(|kind| base.split_once(kind)).map(|(market, _)| market.to_owned());
    let name =
        options.market.clone().or_else(from_file).filter(|name| !name.is_empty()).ok_or_else(|| {
            Fault::new(
                "the file does not name its market",
                "give --market NAME, or keep a file name such as BTCUSDT-trades-2024-01.csv",
            )
            .at(file, 1)
        })?;
    check_name(&name, "market").map_err(|fault| fault.at(file, 1))?;
    Ok(name)
}
