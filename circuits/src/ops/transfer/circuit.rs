//! The transfer row.

use ark_bn254::Fr;

use super::TRANSFER_ELEMENT;
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int, is_zero};
use crate::gadgets::memory::RowTime;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var};
use crate::margin::Header;
use crate::margin::circuit::{Change, HeaderVar, add_collateral};
use crate::ops::action::TRANSFER_ITEM;
use crate::ops::blank;
use crate::ops::cells::{Clock, TouchAt};
use crate::ops::withdraw::circuit::take;
use crate::params::{ACCOUNT_BITS, MARKET_BITS};
use crate::reject::Reject;
use crate::state::tags::{ITEM, KEY, signer};
use crate::state::{OrderId, PublicKey};

/// List of transfers among the published lists.
const LIST: &str = "transfers";

/// A signed transfer and the two headers before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferRecord {
    /// T of the row, below 2^20: it touches its cells at `16T + j`.
    pub sequence: u32,
    /// The item was signed alone, in the cancel lane.
    pub single_cancel: bool,
    /// The sender, who signed.
    pub from: u64,
    /// The recipient as signed; 0 for a new account of the owner.
    pub named: u64,
    /// The recipient; the new id, if it is created.
    pub to: u64,
    /// The signed mode, for an unnamed recipient: 0 for cross, else the market of an isolated account.
    pub mode_market: u16,
    /// Quote quanta, in `1..2^63`; 0 in padding.
    pub amount: u64,
    /// The recipient is new: this transfer, which names none, creates it.
    pub creates: bool,
    /// The sender's owner, and the recipient's if it is unnamed.
    pub from_owner: PublicKey,
    /// The first order that the sender's key signed for; 0 if it is the account's first.
    pub from_orders: OrderId,
    /// The sender's header before the transfer, which the row touches at `16T`.
    pub from_header: Header,
    /// When the sender's header was touched last.
    pub from_at: u32,
    /// The recipient's header before the transfer, which the row touches at `16T + 1`.
    pub to_header: Header,
    /// When the recipient's header was touched last; `16T` for a new account.
    pub to_at: u32,
}

/// Moves collateral from one account to another.
pub struct Transfer;

impl Row for Transfer {
    type Record = TransferRecord;
    const NAME: &'static str = "transfer";

    fn dummy() -> TransferRecord {
        TransferRecord {
            sequence: 1,
            single_cancel: false,
            from: 0,
            named: 0,
            to: 0,
            mode_market: 0,
            amount: 0,
            creates: false,
            from_owner: blank::leg().owner,
            from_orders: 0,
            from_header: blank::leg().header,
            from_at: 0,
            to_header: blank::leg().header,
            to_at: 0,
        }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<TransferRecord>) {
        transfer(cs, record);
    }
}

/// The row's checks, in order: `SelfTransfer`, the checks of [`take`], `CollateralRange` of the
/// recipient (TRF-1 to TRF-9).
pub fn transfer(cs: &mut Cs<'_>, record: &Padded<TransferRecord>) -> Checks<Reject> {
    let enable = Bit::hint(&mut cs.check("TRF-9"), "transfer.enable", record.enabled);
    let mut checks = Checks::new(&enable);
    // Ids: their HEADER cells, opened by rows that range their ids (ACC-1), are received below.
    let from = Int::new_unchecked(cs.hint("transfer.from", Fr::from(record.from)), ACCOUNT_BITS);
    let to = Int::new_unchecked(cs.hint("transfer.to", Fr::from(record.to)), ACCOUNT_BITS);
    let (named, mode) = (Fr::from(record.named), Fr::from(record.mode_market));
    let named = Int::hint_unsigned(&mut cs.check("TRF-8"), "transfer.named", named, ACCOUNT_BITS);
    let mode = Int::hint_unsigned(&mut cs.check("TRF-8"), "transfer.mode", mode, MARKET_BITS);
    let same = is_zero(&mut cs.check("TRF-1"), &(from.var() - to.var()));
    checks.require_zero(&mut cs.check("TRF-1"), Reject::SelfTransfer, same.var());

    let (from_before, to_before) =
        (HeaderVar::hint(cs, &record.from_header), HeaderVar::hint(cs, &record.to_header));
    let (amount, from_after) = take(cs, &mut checks, &from_before, record.amount);
    let to_after = add_collateral(&mut cs.check("TRF-2"), &mut checks, &to_before, &amount);
    let parties = Parties { from: &from, to: &to, to_header: &to_before, named: &named, mode: &mode };
    let creates = recipient(cs, record, &enable, parties);

    let cancel_lane = Bit::hint(&mut cs.check("TRF-9"), "transfer.lane", record.single_cancel);
    let item = [TRANSFER_ITEM.pack_ints([&named, &amount, &mode]), signer(&from, &cancel_lane)];
    cs.check("TRF-8").receive(ITEM, &item, enable.var());

    let clock = Clock { time: RowTime::hint(cs, record.sequence), enable: &enable };
    clock.send_creation(&mut cs.check("TRF-7"), &to, &creates);
    let headers = [(&from_before, &from_after), (&to_before, &to_after)]
        .map(|(before, after)| Change { before, after });
    clock.touch_header(&mut cs.check("TRF-2"), TouchAt { j: 0, previous: record.from_at }, &from, headers[0]);
    clock.touch_header(&mut cs.check("TRF-2"), TouchAt { j: 1, previous: record.to_at }, &to, headers[1]);
    let element = TRANSFER_ELEMENT.pack_ints([&from, &to, &amount, &creates.int()]);
    let element = cs.check("TRF-6").product(enable.var(), &element);
    cs.publish(LIST, 0, &element);
    checks
}

/// Sender and recipient, and what is signed about the recipient.
#[derive(Clone, Copy)]
struct Parties<'a> {
    from: &'a Int,
    to: &'a Int,
    to_header: &'a HeaderVar,
    named: &'a Int,
    mode: &'a Int,
}

// Named: the recipient is that account. Unnamed: a new one of the same owner, of the signed mode. Returns whether
// it is new. An account that is there may be another's work: its key may have been changed to the owner's.
fn recipient(cs: &mut Cs<'_>, record: &Padded<TransferRecord>, enable: &Bit, parties: Parties<'_>) -> Bit {
    let Parties { from, to, to_header, named, mode } = parties;
    let unnamed = named.is_zero(&mut cs.check("TRF-3"));
    let selected = unnamed.and(&mut cs.check("TRF-4"), enable);
    cs.enforce("TRF-3", unnamed.not().var(), &(to.var() - named.var()), &Var::<Committed>::zero());
    let x = cs.hint("transfer.owner", record.from_owner.x);
    let y = cs.hint("transfer.owner", record.from_owner.y);
    let orders_from = cs.hint("transfer.orders_from", Fr::from(record.from_orders));
    for (account, orders_from) in [(from, orders_from), (to, Var::zero())] {
        let key = [account.var().clone(), x.clone(), y.clone(), orders_from];
        cs.check("TRF-4").lookup(KEY, &key, selected.var());
    }
    cs.enforce(
        "TRF-5",
        selected.var(),
        &(to_header.mode_market.var() - mode.var()),
        &Var::<Committed>::zero(),
    );
    // A bit, as it equals one.
    let creates = Bit::new_unchecked(cs.hint("transfer.births", Fr::from(record.creates)));
    cs.enforce_equal("TRF-7", creates.var(), selected.var());
    creates
}
