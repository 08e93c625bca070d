//! The set leverage row.

use ark_bn254::Fr;

use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::range::enforce_nonnegative;
use crate::gadgets::row::{Padded, Row};
use crate::ops::action::SET_LEVERAGE_ITEM;
use crate::params::{ACCOUNT_BITS, FRACTION_BITS, M};
use crate::reject::Reject;
use crate::state::AccountId;
use crate::state::tags::{AMEND, ITEM, signer};

/// A signed limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetLeverageRecord {
    /// The item was signed alone, in the cancel lane.
    pub single_cancel: bool,
    /// The account whose limit is set.
    pub account: AccountId,
    /// Parts per million.
    pub limit: u32,
}

/// Sets the limit that an account closes with.
pub struct SetLeverage;

impl Row for SetLeverage {
    type Record = SetLeverageRecord;
    const NAME: &'static str = "set leverage";

    fn dummy() -> SetLeverageRecord {
        SetLeverageRecord { single_cancel: false, account: 0, limit: 0 }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<SetLeverageRecord>) {
        set_leverage(cs, record);
    }
}

/// The row's check, `LeverageRange`; that it is the only one, the account's row says (LEV-1 to LEV-5).
pub fn set_leverage(cs: &mut Cs<'_>, record: &Padded<SetLeverageRecord>) -> Checks<Reject> {
    let enable = Bit::hint(&mut cs.check("LEV-5"), "set_leverage.enable", record.enabled);
    let mut checks = Checks::new(&enable);
    // An id: the account's row, which ranges its own (ACC-1), receives the AMEND below.
    let account = Int::new_unchecked(cs.hint("set_leverage.account", Fr::from(record.account)), ACCOUNT_BITS);
    let limit = Fr::from(record.limit);
    // Not negative; LEV-3 is the upper end.
    let limit = cs.hint("set_leverage.limit", limit);
    enforce_nonnegative(&mut cs.check("LEV-2"), &limit, FRACTION_BITS);
    let limit = Int::new_unchecked(limit, FRACTION_BITS);
    let room = Int::constant(M).sub(&limit);
    checks.require_nonnegative_always(&mut cs.check("LEV-3"), Reject::LeverageRange, &room);
    let cancel_lane = Bit::hint(&mut cs.check("LEV-5"), "set_leverage.lane", record.single_cancel);
    let item = [SET_LEVERAGE_ITEM.pack_ints([&limit]), signer(&account, &cancel_lane)];
    cs.check("LEV-1").receive(ITEM, &item, enable.var());
    let amend = [account.var().clone(), limit.var().clone()];
    cs.check("LEV-4").send(AMEND, &amend, enable.var());
    checks
}
