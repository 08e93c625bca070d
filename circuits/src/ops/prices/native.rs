/// The lower median of what `signers` registered signers state, if more than two thirds of them do. A price of 0 states
/// nothing.
pub fn median(prices: impl IntoIterator<Item = u64>, signers: usize) -> Option<u64> {
    let mut stated: Vec<u64> = prices.into_iter().filter(|price| *price != 0).collect();
    stated.sort_unstable();
    let quorum = 3 * stated.len() > 2 * signers;
    quorum.then(|| stated[(stated.len() - 1) / 2])
}
