use super::*;
use crate::margin::PositionCell;
use crate::ops::WithdrawItem;
use crate::reject::Reject;
use crate::soundness::fixture::{flat, holding, market};

fn run(header: &crate::margin::Header, amount: u64) -> Result<i64, Reject> {
    Ok(apply(&WithdrawItem { amount, recipient: [0; 20] }, header)?.collateral)
}

#[test]
fn cash_of_a_flat_account_leaves_to_the_last_quantum() {
    assert_eq!(run(&flat(5), 0), Err(Reject::AmountRange));
    assert_eq!(run(&flat(5), 5), Ok(0));
    assert_eq!(run(&flat(5), 6), Err(Reject::UnrealisedProfit));
    assert_eq!(run(&flat(5), 1 << 63), Err(Reject::AmountRange));
    assert_eq!(run(&flat(i64::MIN), 1), Err(Reject::CollateralRange));
}

#[test]
fn initial_margin_stays() {
    // n = 100000, IMR 10000, TV 12000, K 12000.
    let cell = PositionCell { size: 1_000, entry_quote: 100_000 };
    let header = holding(12_000 - 100_000, &market(), cell);
    assert_eq!(run(&header, 2_000), Ok(10_000 - 100_000));
    assert_eq!(run(&header, 2_001), Err(Reject::BelowInitialMargin));
}

#[test]
fn unrealised_profit_stays() {
    // TV 40000, of which 25000 is profit since the entry.
    let cell = PositionCell { size: -1_000, entry_quote: 125_000 };
    let header = holding(40_000 + 100_000, &market(), cell);
    assert_eq!(header.cash(), 15_000);
    assert_eq!(run(&header, 15_000), Ok(125_000));
    assert_eq!(run(&header, 15_001), Err(Reject::UnrealisedProfit));
}
