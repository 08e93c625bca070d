//! The withdraw row, and taking an amount from a header.

use ark_bn254::Fr;
use ark_ff::PrimeField;

use super::WITHDRAWAL_ELEMENT;
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::memory::RowTime;
use crate::gadgets::row::{Padded, Row};
use crate::margin::Header;
use crate::margin::circuit::{Change, HeaderVar, add_collateral};
use crate::ops::action::WITHDRAW_ITEM;
use crate::ops::blank;
use crate::ops::cells::{self, Clock, TouchAt};
use crate::params::{ACCOUNT_BITS, ADDRESS_BITS};
use crate::reject::Reject;
use crate::state::tags::{ITEM, signer};

/// List of withdrawals among the published lists.
const LIST: &str = "withdrawals";

/// A signed withdrawal and the header before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawRecord {
    /// T of the row, below 2^20: it touches its cells at `16T + j`.
    pub sequence: u32,
    /// The item was signed alone, in the cancel lane.
    pub single_cancel: bool,
    /// The account that pays, and signed.
    pub account: u64,
    /// Quote quanta, in `1..2^63`; 0 in padding.
    pub amount: u64,
    /// L1 address, 20 bytes big-endian.
    pub recipient: [u8; 20],
    /// Header before the withdrawal, which the row touches at `16T`.
    pub header: Header,
    /// When the header was touched last.
    pub header_at: u32,
}

/// Pays collateral out on L1.
pub struct Withdraw;

impl Row for Withdraw {
    type Record = WithdrawRecord;
    const NAME: &'static str = "withdraw";

    fn dummy() -> WithdrawRecord {
        WithdrawRecord {
            sequence: 1,
            single_cancel: false,
            account: 0,
            amount: 0,
            recipient: [0; 20],
            header: blank::leg().header,
            header_at: 0,
        }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<WithdrawRecord>) {
        withdraw(cs, record);
    }
}

/// The row's checks, which [`take`] makes (WDR-1 to WDR-4).
pub fn withdraw(cs: &mut Cs<'_>, record: &Padded<WithdrawRecord>) -> Checks<Reject> {
    let enable = Bit::hint(&mut cs.check("WDR-4"), "withdraw.enable", record.enabled);
    let mut checks = Checks::new(&enable);
    // An id: its HEADER cell, opened by a row that ranges its id (ACC-1), is received below.
    let account = Int::new_unchecked(cs.hint("withdraw.account", Fr::from(record.account)), ACCOUNT_BITS);
    let before = HeaderVar::hint(cs, &record.header);
    let (amount, after) = take(cs, &mut checks, &before, record.amount);
    let recipient = Fr::from_be_bytes_mod_order(&record.recipient);
    let recipient = Int::hint_unsigned(&mut cs.check("WDR-1"), "withdraw.recipient", recipient, ADDRESS_BITS);

    let cancel_lane = Bit::hint(&mut cs.check("WDR-4"), "withdraw.lane", record.single_cancel);
    let item = [WITHDRAW_ITEM.pack_ints([&amount, &recipient]), signer(&account, &cancel_lane)];
    cs.check("WDR-1").receive(ITEM, &item, enable.var());
    let clock = Clock { time: RowTime::hint(cs, record.sequence), enable: &enable };
    clock.touch_header(
        &mut cs.check("WDR-2"),
        TouchAt { j: 0, previous: record.header_at },
        &account,
        Change { before: &before, after: &after },
    );
    let element = WITHDRAWAL_ELEMENT.pack_ints([&recipient, &amount]);
    let element = cs.check("WDR-3").product(enable.var(), &element);
    cs.publish(LIST, 0, &element);
    checks
}

/// The amount and the header without it, which its owner sends away.
///
/// Checks (TAKE-1 to TAKE-5), in order: `AmountRange`, `CollateralRange`, `HoldsStillMarket`, `UnrealisedProfit`,
/// `BelowInitialMargin`.
pub fn take(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    header: &HeaderVar,
    amount: u64,
) -> (Int, HeaderVar) {
    let amount = cells::amount(&mut cs.check("TAKE-1"), checks, "take.amount", amount);
    let after = add_collateral(&mut cs.check("TAKE-2"), checks, header, &amount.neg());
    checks.require_zero(&mut cs.check("TAKE-5"), Reject::HoldsStillMarket, header.still.var());
    let (cash, excess) = (after.collateral.add(&after.entry), after.initial_excess());
    checks.require_nonnegative(&mut cs.check("TAKE-3"), Reject::UnrealisedProfit, &cash);
    checks.require_nonnegative(&mut cs.check("TAKE-4"), Reject::BelowInitialMargin, &excess);
    (amount, after)
}
