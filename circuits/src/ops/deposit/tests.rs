use super::*;
use crate::reject::Reject;
use crate::soundness::fixture::{flat, owner};

fn op(amount: u64) -> Deposit {
    Deposit { account: 600, owner: owner(1), mode: Mode::Cross, amount }
}

#[test]
fn rejects_in_order() {
    let run = |op: Deposit, collateral| -> Result<_, Reject> {
        Ok(apply(&op, &owner(1), 0, &flat(collateral))?.collateral)
    };
    assert_eq!(run(op(0), 5), Err(Reject::AmountRange));
    assert_eq!(run(op(1), 5), Ok(6));
    assert_eq!(run(op((1 << 63) - 1), 0), Ok(i64::MAX));
    assert_eq!(run(op((1 << 63) - 1), 1), Err(Reject::CollateralRange));
    assert_eq!(run(op(1 << 63), -5), Err(Reject::AmountRange));
    let other = Deposit { owner: owner(2), mode: Mode::Isolated(1), ..op(1) };
    assert_eq!(run(other, 5), Err(Reject::OwnerMismatch));
    let isolated = Deposit { mode: Mode::Isolated(1), ..op(1) };
    assert_eq!(run(isolated, 5), Err(Reject::ModeMismatch));
    let rekeyed = |op: Deposit| apply(&op, &owner(1), 1, &flat(5)).map_err(Reject::from).err();
    assert_eq!(rekeyed(op(0)), Some(Reject::AmountRange));
    assert_eq!(rekeyed(other), Some(Reject::OwnerMismatch));
    assert_eq!(rekeyed(isolated), Some(Reject::RekeyedAccount));
    assert_eq!(rekeyed(op(1)), Some(Reject::RekeyedAccount));
}
