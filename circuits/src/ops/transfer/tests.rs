use super::*;
use crate::ops::TransferItem;
use crate::reject::Reject;
use crate::soundness::fixture::flat;
use crate::state::Mode;

#[test]
fn moves_cash_and_nothing_more() {
    let run = |amount, from, to| {
        let item = TransferItem { to: 601, amount, mode: Mode::Cross };
        let (from, to) = apply(&item, &flat(from), &flat(to))?;
        Ok::<_, Reject>((from.collateral, to.collateral))
    };
    assert_eq!(run(5, 5, -9), Ok((0, -4)));
    assert_eq!(run(6, 5, 0), Err(Reject::UnrealisedProfit));
    assert_eq!(run(0, 5, 0), Err(Reject::AmountRange));
    assert_eq!(run(1, 5, i64::MAX - 1), Ok((4, i64::MAX)));
    assert_eq!(run(1, 5, i64::MAX), Err(Reject::CollateralRange));
}
