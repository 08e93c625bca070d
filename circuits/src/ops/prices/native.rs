/// Signers who make a quorum: more than two thirds.
pub const fn quorum(signers: usize) -> usize {
    2 * signers / 3 + 1
}

/// The lower median of what `signers` registered signers state, if more than two thirds of them do. A price of 0 states
/// nothing.
pub fn median(prices: impl IntoIterator<Item = u64>, signers: usize) -> Option<u64> {
    let mut stated: Vec<u64> = prices.into_iter().filter(|price| *price != 0).collect();
    stated.sort_unstable();
    (stated.len() >= quorum(signers)).then(|| stated[(stated.len() - 1) / 2])
}
