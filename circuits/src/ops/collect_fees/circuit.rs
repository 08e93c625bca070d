//! The one row that credits the batch's fees.

use ark_bn254::Fr;

use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::memory::{CellAt, RowTime, touch};
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::Var;
use crate::margin::Header;
use crate::margin::circuit::{Change, HeaderVar, add_collateral};
use crate::ops::blank;
use crate::ops::cells::{Clock, TouchAt};
use crate::params::{AMOUNT_BITS, FEE_ACCOUNT};
use crate::reject::Reject;
use crate::state::tags::FEES;

/// Pending fees and the fee account before they arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectFeesRecord {
    /// T of the row, below 2^20: it touches its cells at `16T + j`.
    pub sequence: u32,
    /// Pending fees in quote quanta, below 2^63, which the row touches at `16T`.
    pub fees: u64,
    /// When the fees were touched last.
    pub fees_at: u32,
    /// Header of account 1 before the fees, which the row touches at `16T + 1`.
    pub header: Header,
    /// When that header was touched last.
    pub header_at: u32,
}

/// Empties the cell of pending fees into account 1. The statement row receives the cell empty.
pub struct CollectFees;

impl Row for CollectFees {
    type Record = CollectFeesRecord;
    const NAME: &'static str = "collect fees";

    fn dummy() -> CollectFeesRecord {
        CollectFeesRecord { sequence: 1, fees: 0, fees_at: 0, header: blank::leg().header, header_at: 0 }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<CollectFeesRecord>) {
        collect_fees(cs, record);
    }
}

/// The row's checks: `CollateralRange` (FEE-1, FEE-3).
pub fn collect_fees(cs: &mut Cs<'_>, record: &Padded<CollectFeesRecord>) -> Checks<Reject> {
    let enable = Bit::hint(&mut cs.check("FEE-3"), "collect_fees.enable", record.enabled);
    let mut checks = Checks::new(&enable);
    let fees = Int::new_unchecked(cs.hint("collect_fees.fees", Fr::from(record.fees)), AMOUNT_BITS);
    let before = HeaderVar::hint(cs, &record.header);
    let after = add_collateral(&mut cs.check("FEE-1"), &mut checks, &before, &fees);
    let clock = Clock { time: RowTime::hint(cs, record.sequence), enable: &enable };
    let time = clock.time.touch(cs, 0, record.fees_at);
    let cell = CellAt { tag: FEES, address: &Var::zero(), time: &time };
    touch(&mut cs.check("FEE-1"), &cell, &[fees.var().clone()], &[Var::zero()], &enable);
    let account = Int::constant(i128::from(FEE_ACCOUNT));
    clock.touch_header(
        &mut cs.check("FEE-1"),
        TouchAt { j: 1, previous: record.header_at },
        &account,
        Change { before: &before, after: &after },
    );
    checks
}
