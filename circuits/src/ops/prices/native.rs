use super::QuotesRecord;

/// Signers who make a quorum: more than two thirds.
pub const fn quorum(signers: usize) -> usize {
    2 * signers / 3 + 1
}

/// Whether a batch with these words has lists of premiums.
pub fn has_premiums<'a>(words: impl IntoIterator<Item = &'a QuotesRecord>) -> bool {
    words.into_iter().any(|words| words.premiums.iter().any(Option::is_some))
}

/// The lower median of what `signers` registered signers state, if more than two thirds of them do. 0 states
/// nothing.
pub fn median(prices: impl IntoIterator<Item = u64>, signers: usize) -> Option<u64> {
    let mut stated: Vec<u64> = prices.into_iter().filter(|price| *price != 0).collect();
    stated.sort_unstable();
    (stated.len() >= quorum(signers)).then(|| stated[(stated.len() - 1) / 2])
}
