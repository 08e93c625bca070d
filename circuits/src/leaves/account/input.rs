//! What the rows of accounts are filled in from.

use super::{RiskInput, SlotInput};
use crate::gadgets::curve::GENERATOR;
use crate::kinds::AccountRow;
use crate::state::{Account, AccountId, Market, MarketId, Mode, PublicKey};

/// An account with `N` slots, at its opening and closing.
#[derive(Clone, Copy, Debug)]
pub struct Input<const N: usize> {
    /// 0 is padding.
    pub id: AccountId,
    /// The leaf was EMPTY: born in this batch, with an owner and a mode and nothing else.
    pub fresh: bool,
    /// When header and nonces open: 0 but for a fresh account.
    pub opened_at: u32,
    pub owner: PublicKey,
    pub mode_market: u16,
    pub collateral: i64,
    pub order_nonce: u64,
    pub cancel_nonce: u64,
    pub liq_since: u64,
    pub leverage_limit: u32,
    pub slots: [SlotInput; N],
    pub close: Close,
}

/// Header and nonces as last touched, and when (0: never after the opening).
#[derive(Clone, Copy, Debug)]
pub struct Close {
    /// As the HEADER tuple has them; mode and leverage limit do not change.
    pub collateral: i64,
    pub value: i128,
    pub initial: i128,
    pub maintenance: i128,
    pub entry: i128,
    pub header_touch: u32,
    pub order_nonce: u64,
    pub cancel_nonce: u64,
    pub nonce_touch: u32,
}

impl<const N: usize> Input<N> {
    /// From a batch's record; `market` gives the opened markets after their ticks. An account of the
    /// other kind, or a slot of a market that was not opened, gives an input that no proof accepts.
    pub fn from_record<'a>(row: &AccountRow, market: impl Fn(MarketId) -> Option<&'a Market>) -> Self {
        let time = |at: u64| u32::try_from(at).unwrap_or(u32::MAX);
        let close = Close {
            collateral: row.closed.collateral,
            value: row.closed.value,
            initial: row.closed.initial,
            maintenance: row.closed.maintenance,
            entry: row.closed.entry,
            header_touch: time(row.header_at),
            order_nonce: row.nonces.order,
            cancel_nonce: row.nonces.cancel,
            nonce_touch: time(row.nonces_at),
        };
        let mut input = Self::new(row.id, &row.old, close);
        (input.fresh, input.opened_at) = (row.born_at.is_some(), time(row.born_at.unwrap_or(0)));
        for (number, slot) in input.slots.iter_mut().enumerate() {
            let record = &row.slots[number];
            *slot = SlotInput {
                market: record.market,
                risk: market(record.market).map(RiskInput::of).unwrap_or_default(),
                old: row.old.slots[number],
                new_size: record.closed.size,
                new_entry_quote: record.closed.entry_quote,
                last_touch: time(record.at),
            };
        }
        input
    }

    fn new(id: AccountId, account: &Account, close: Close) -> Self {
        Self {
            id,
            fresh: false,
            opened_at: 0,
            owner: account.owner,
            mode_market: account.mode.market(),
            collateral: account.collateral,
            order_nonce: account.order_nonce,
            cancel_nonce: account.cancel_nonce,
            liq_since: account.liq_since,
            leverage_limit: account.leverage_limit,
            slots: [SlotInput::default(); N],
            close,
        }
    }

    pub(super) fn padding(mode: Mode) -> Self {
        let account = Account::empty(GENERATOR, mode);
        let close = Close {
            collateral: 0,
            value: 0,
            initial: 0,
            maintenance: 0,
            entry: 0,
            header_touch: 0,
            order_nonce: 0,
            cancel_nonce: 0,
            nonce_touch: 0,
        };
        Self::new(0, &account, close)
    }
}
