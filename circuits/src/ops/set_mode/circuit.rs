//! The set mode row.

use ark_bn254::Fr;

use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::row::{Padded, Row};
use crate::ops::action::SET_MODE_ITEM;
use crate::params::{ACCOUNT_BITS, FIRST_USER_ACCOUNT, MARKET_BITS};
use crate::reject::Reject;
use crate::state::tags::{ITEM, LISTED, MODE, signer};
use crate::state::{AccountId, MarketId};

/// A signed mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetModeRecord {
    /// The item was signed alone, in the cancel lane.
    pub single_cancel: bool,
    /// The account whose mode is set.
    pub account: AccountId,
    /// The new mode: 0 for cross, else the market.
    pub mode_market: MarketId,
    /// The market's smallest order, lots: what else LISTED says. 0 for cross.
    pub min_lots: u32,
}

/// Sets the mode that an account closes with.
pub struct SetMode;

impl Row for SetMode {
    type Record = SetModeRecord;
    const NAME: &'static str = "set mode";

    fn dummy() -> SetModeRecord {
        SetModeRecord { single_cancel: false, account: 0, mode_market: 0, min_lots: 0 }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<SetModeRecord>) {
        set_mode(cs, record);
    }
}

/// The row's check, `ReservedAccount`. All else the account's row says, which has no slots (SMODE-1 to SMODE-5).
pub fn set_mode(cs: &mut Cs<'_>, record: &Padded<SetModeRecord>) -> Checks<Reject> {
    let enable = Bit::hint(&mut cs.check("SMODE-5"), "set_mode.enable", record.enabled);
    let mut checks = Checks::new(&enable);
    // An id, and 0 or a market: the mode change row that receives the MODE below ranges both (ACC-1, MODE-1).
    let account = Int::new_unchecked(cs.hint("set_mode.account", Fr::from(record.account)), ACCOUNT_BITS);
    let mode = Int::new_unchecked(cs.hint("set_mode.mode", Fr::from(record.mode_market)), MARKET_BITS);
    let above_reserved = account.add_constant(-i128::from(FIRST_USER_ACCOUNT));
    checks.require_nonnegative(&mut cs.check("SMODE-2"), Reject::ReservedAccount, &above_reserved);
    let cross = mode.is_zero(&mut cs.check("SMODE-3"));
    let isolated = cross.not().and(&mut cs.check("SMODE-3"), &enable);
    let min_lots = cs.hint("set_mode.min_lots", Fr::from(record.min_lots));
    cs.check("SMODE-3").lookup(LISTED, &[mode.var().clone(), min_lots], isolated.var());
    let cancel_lane = Bit::hint(&mut cs.check("SMODE-5"), "set_mode.lane", record.single_cancel);
    let item = [SET_MODE_ITEM.pack_ints([&mode]), signer(&account, &cancel_lane)];
    cs.check("SMODE-1").receive(ITEM, &item, enable.var());
    cs.check("SMODE-4").send(MODE, &[account.var().clone(), mode.var().clone()], enable.var());
    checks
}
