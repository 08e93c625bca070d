//! Prices and premiums: what registered signers say of the markets, and the medians that a batch takes.
//!
//! - **Moves**: the epoch of prices, and with it the nonces of each signer whose lists the batch has.
//! - **Needs**: comes before ticks and all other ops; all lists of a batch are of one epoch k, `k·10 s` is not after the
//!   batch, and k is above the epoch of the lists before. One list of prices a signer; and either none of premiums, or
//!   one of each signer whose prices the batch has, behind them.
//! - **Signs**: signer i signs an action of the account `520 + i`, which no account has, with k as its nonce in the lane
//!   of orders. Its items are words of four prices each: word j has those of the markets 4j to 4j + 3, 32.32; 0 says
//!   nothing of a market. Premiums in the same way, in the lane of cancels: the average premium of the hour that was
//!   completed before the epoch's, 10^-9 per hour, as `premium + 2^30`; 0 says nothing.
//! - **Rejects**, in order: `TickTooLate`, `NotSigner`, `UnknownAccount` (an item that is no word of a list, or of another
//!   list than the first), `PricesTwice`, `WrongLane`, `EpochAhead`, `EpochMismatch`, `PremiumsAlone`, then those of an
//!   action. At the batch's end: a signer whose premiums are missing.
//! - **Rounds**: nothing: the median is one of the signed values.
//! - **Cells**: the signer's nonces at 16T.
//!
//! With a quorum, more than two thirds of the registered signers, the price of a market is the lower median: of n
//! prices the one with `2·#(≤ p) ≥ n` and `2·#(< p) < n`. **Every market that the batch opens** takes it as its tick, if
//! it was observed after the market's last tick and is a price that the market may have; no other tick is possible. The
//! premium is the lower median in the same way, and gives the rate of the first tick of an hour.

pub(crate) mod circuit;
#[cfg(test)]
pub mod circuit_tests;
mod native;
pub(crate) mod signer;
#[cfg(test)]
mod tests;

use crate::gadgets::word::Layout;
use crate::params::{
    EPOCH_SECONDS, PREMIUM_BITS, PRICE_BITS, PRICE_WORD_BITS, PRICES_PER_WORD, SIGNER_BASE, SIGNERS,
    stated_rate,
};
use crate::state::{AccountId, MarketId, tags};
pub use native::{has_premiums, median, quorum};

/// A word of prices as it is signed.
pub const PRICES_ITEM: Layout<5> = tags::item(
    "prices item",
    15,
    [
        ("index", PRICE_WORD_BITS),
        ("price_0", PRICE_BITS),
        ("price_1", PRICE_BITS),
        ("price_2", PRICE_BITS),
        ("price_3", PRICE_BITS),
    ],
);

/// A word of premiums as it is signed.
pub const PREMIUMS_ITEM: Layout<5> = tags::item(
    "premiums item",
    14,
    [
        ("index", PRICE_WORD_BITS),
        ("premium_0", PREMIUM_BITS),
        ("premium_1", PREMIUM_BITS),
        ("premium_2", PREMIUM_BITS),
        ("premium_3", PREMIUM_BITS),
    ],
);

/// Prices of four markets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricesItem {
    /// The first market is `4·index`.
    pub index: u8,
    /// 32.32 quote quanta per base quantum; 0 for none.
    pub prices: [u64; PRICES_PER_WORD],
}

/// Premiums of four markets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PremiumsItem {
    /// The first market is `4·index`.
    pub index: u8,
    /// Of the completed hour, 10^-9 per hour, magnitudes below 2^30; none where the signer knows none.
    pub premiums: [Option<i32>; PRICES_PER_WORD],
}

impl PremiumsItem {
    /// The premiums as lists state them.
    pub fn stated(&self) -> [u64; PRICES_PER_WORD] {
        self.premiums.map(|premium| premium.map_or(0, stated_rate))
    }
}

/// A list's word on its way to the row of its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PremiumWord {
    /// As the list states them.
    pub premiums: [u64; PRICES_PER_WORD],
    /// The word is the only one of its list.
    pub is_single: bool,
}

/// The words of one number, by signer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuotesRecord {
    /// The prices of each signer whose list has the word.
    pub signed: [Option<[u64; PRICES_PER_WORD]>; SIGNERS],
    /// The premiums of each signer whose list of premiums has the word.
    pub premiums: [Option<PremiumWord>; SIGNERS],
    /// Number of registered signers.
    pub signers: usize,
}

/// The number of the word that has a market's price, and the price's place in it.
pub const fn word_of(market: MarketId) -> (usize, usize) {
    (market as usize / PRICES_PER_WORD, market as usize % PRICES_PER_WORD)
}

/// When the prices of a batch's ticks were observed, seconds: with price signers in its epoch, else at its time.
pub const fn observed(time: u64, epoch: u64, is_signed: bool) -> u64 {
    if is_signed { epoch * EPOCH_SECONDS } else { time }
}

/// The number of the price signer that acts under an account's number, registered or not.
pub const fn signer_of(account: AccountId) -> Option<usize> {
    if account >= SIGNER_BASE && account < SIGNER_BASE + SIGNERS as u64 {
        Some((account - SIGNER_BASE) as usize)
    } else {
        None
    }
}
