//! What the rows of accounts are filled in from.

use super::SlotInput;
use crate::gadgets::curve::GENERATOR;
use crate::margin::Header;
use crate::state::{Account, AccountId, Mode, OrderId, PublicKey};

/// An account with `N` slots, at its opening and closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountRecord<const N: usize> {
    /// Below 2^36; from 600 on, if fresh.
    pub id: AccountId,
    /// The leaf was EMPTY: the account is created in this batch, with an owner and a mode and nothing else.
    pub fresh: bool,
    /// When header and nonces open: 0 but for a fresh account.
    pub opened_at: u32,
    /// The key of the opening.
    pub owner: PublicKey,
    /// The mode: 0 for cross, else the only market.
    pub mode_market: u16,
    /// Collateral of the old leaf, quote quanta, funding not settled.
    pub collateral: i64,
    /// Last nonce of the order lane in the old leaf, below 2^40.
    pub order_nonce: u64,
    /// Last nonce of the cancel lane in the old leaf, below 2^40.
    pub cancel_nonce: u64,
    /// Reserved in the leaf, 36 bits: no op reads or sets it.
    pub liq_since: u64,
    /// The owner's limit of the opening, in parts per million; 0 for none.
    pub leverage_limit: u32,
    /// The first order that the key of the old leaf signed for; 0 if it is the account's first.
    pub orders_from: OrderId,
    /// Position slots, in the order of the leaf.
    pub slots: [SlotInput; N],
    /// The limit that the owner set in this batch, if any; it closes with the account.
    pub amended: Option<u32>,
    /// The key that the owner set in this batch, if any; it closes with the account.
    pub rekeyed: Option<PublicKey>,
    /// What the account closes with.
    pub close: Close,
    /// The header as it opened, funding settled. The row computes it; checks of the law read it here.
    pub opened: Header,
}

/// Header and nonces as last touched, and when (0: never after the opening). Mode and leverage limit of the
/// HEADER tuple do not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    /// `C`, quote quanta.
    pub collateral: i64,
    /// `W`, scale U, at the prices of the batch.
    pub value: i128,
    /// `IMR`, scale U·M.
    pub initial: i128,
    /// `MMR`, scale U·M.
    pub maintenance: i128,
    /// `X`, quote quanta.
    pub entry: i128,
    /// When the header was touched last.
    pub header_touch: u32,
    /// Last nonce of the order lane.
    pub order_nonce: u64,
    /// Last nonce of the cancel lane.
    pub cancel_nonce: u64,
    /// When the nonces were touched last.
    pub nonce_touch: u32,
}

impl<const N: usize> AccountRecord<N> {
    /// The account as its leaf has it, funding not settled, with slots that are not used.
    pub fn of(id: AccountId, account: &Account, opened: Header, close: Close) -> Self {
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
            orders_from: account.orders_from,
            slots: [SlotInput::default(); N],
            amended: None,
            rekeyed: None,
            close,
            opened,
        }
    }

    /// The owner's own limit after the batch.
    pub fn leverage_limit_after(&self) -> u32 {
        self.amended.unwrap_or(self.leverage_limit)
    }

    /// The header as it closed.
    pub const fn closed(&self) -> Header {
        let Close { collateral, value, initial, maintenance, entry, .. } = self.close;
        Header { collateral, value, initial, maintenance, entry, ..self.opened }
    }

    pub(super) fn padding(mode: Mode) -> Self {
        let account = Account::empty(GENERATOR, mode);
        let opened = Header::flat(0, mode);
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
        Self::of(0, &account, opened, close)
    }
}
