//! Cells in memory during a batch.

use std::collections::BTreeMap;

use crate::leaves::market::Configured;
use crate::margin::native::{settle, totals};
use crate::margin::{Header, PositionCell};
use crate::ops::{Configure, Nonces, Tick};
use crate::params::{PRICES_PER_WORD, SLOTS};
use crate::reject::{Refusal, Reject};
use crate::state::{Account, Market, MarketId, Mode, Order, OrderId, Position, PublicKey};

/// A value and the time at which it was last touched (0: opened).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell<T> {
    pub value: T,
    pub at: u32,
}

impl<T: Copy> Cell<T> {
    /// The cell as it opened, at time 0.
    pub const fn open(value: T) -> Self {
        Self { value, at: 0 }
    }

    /// Writes `post` at `at`; gives the cell as it was.
    pub const fn touch(&mut self, at: u32, post: T) -> Self {
        std::mem::replace(self, Self { value: post, at })
    }
}

/// One slot of an opened account; `market` is 0 for a slot that was and stayed empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    /// The market that the slot holds, or is reserved for, during the batch.
    pub market: MarketId,
    pub opened: PositionCell,
    pub closed: PositionCell,
    /// Time of the position's last touch.
    pub at: u32,
}

impl Slot {
    /// Size or entry quote differ: the position is published.
    pub fn changed(&self) -> bool {
        self.opened != self.closed
    }
}

/// An opened account.
#[derive(Clone, Debug)]
pub(super) struct OpenAccount {
    /// When it was created, if in this batch.
    pub created_at: Option<u32>,
    pub old: Account,
    pub dust: u64,
    pub opened: Header,
    pub header: Cell<Header>,
    pub nonces: Cell<Nonces>,
    pub slots: [Slot; SLOTS],
    /// The limit that its owner set in this batch, if any.
    pub amended: Option<u32>,
    /// The mode that its owner set in this batch, if any: no slot is used then.
    pub new_mode: Option<Mode>,
    /// The key that its owner set in this batch, if any.
    pub rekeyed: Option<PublicKey>,
}

impl OpenAccount {
    /// Settles funding and sums value and requirements. `market` knows every market of a position.
    pub fn open(
        old: Account,
        created_at: Option<u32>,
        market: impl Fn(MarketId) -> Option<Market>,
    ) -> Result<Self, Refusal> {
        let settled = settle(&old, &market)?;
        let header = totals(&old, settled.collateral, &market)?;
        let slots = old.slots.map(|slot| slot.map_or(Slot::default(), opened_slot));
        let nonces = Nonces { order: old.order_nonce, cancel: old.cancel_nonce };
        let at = created_at.unwrap_or(0);
        Ok(Self {
            created_at,
            dust: settled.dust,
            opened: header,
            header: Cell { value: header, at },
            nonces: Cell { value: nonces, at },
            slots,
            amended: None,
            new_mode: None,
            rekeyed: None,
            old,
        })
    }

    /// The position in `market`, flat if there is none.
    pub fn position(&self, market: MarketId) -> PositionCell {
        self.slots
            .iter()
            .find(|slot| slot.market == market)
            .map_or(PositionCell::default(), |slot| slot.closed)
    }

    /// Writes the position in `market`, which takes the lowest unreserved slot if it has none.
    /// Errors: `ModeChanging`, `NoFreeSlot`.
    pub fn touch_position(
        &mut self,
        market: MarketId,
        at: u32,
        post: PositionCell,
    ) -> Result<Cell<PositionCell>, Refusal> {
        if self.new_mode.is_some() {
            return Err(Reject::ModeChanging.into());
        }
        let slots = &mut self.slots[..self.old.mode.slots()];
        let place = slots
            .iter()
            .position(|slot| slot.market == market)
            .or_else(|| slots.iter().position(|slot| slot.market == 0))
            .ok_or(Reject::NoFreeSlot)?;
        let slot = &mut slots[place];
        slot.market = market;
        let before = Cell { value: slot.closed, at: slot.at };
        (slot.closed, slot.at) = (post, at);
        Ok(before)
    }

    /// Slots that are occupied, or reserved by a trade.
    pub fn used_slots(&self) -> usize {
        self.slots.iter().filter(|slot| slot.market != 0).count()
    }

    /// A cross account that stays one and uses no slot: a row without slots will do for it.
    pub fn is_flat(&self) -> bool {
        self.new_mode.is_none() && self.old.mode == Mode::Cross && self.used_slots() == 0
    }

    /// The rows that take it: those of its mode, a flat one's too, or of changes of mode.
    pub const fn rows(&self) -> &'static str {
        match (self.new_mode, self.old.mode) {
            (Some(_), _) => "mode_changes",
            (None, Mode::Cross) => "cross_accounts",
            (None, Mode::Isolated(_)) => "isolated_accounts",
        }
    }

    /// Published positions.
    pub fn changed(&self) -> usize {
        self.slots.iter().filter(|slot| slot.changed()).count()
    }

    /// The account as it goes back to the tree; `next_order`: the first after the batch.
    pub fn close(&self, next_order: OrderId, market: impl Fn(MarketId) -> Option<Market>) -> Account {
        let slots = self.slots.map(|slot| {
            let funding_index = market(slot.market)?.funding_index;
            let PositionCell { size, entry_quote } = slot.closed;
            let position = Position { market: slot.market, size, entry_quote, funding_index };
            (size != 0).then_some(position)
        });
        Account {
            owner: self.rekeyed.unwrap_or(self.old.owner),
            mode: self.new_mode.unwrap_or(self.old.mode),
            collateral: self.header.value.collateral,
            order_nonce: self.nonces.value.order,
            cancel_nonce: self.nonces.value.cancel,
            slots,
            liq_since: self.old.liq_since,
            leverage_limit: self.amended.unwrap_or(self.old.leverage_limit),
            orders_from: if self.rekeyed.is_some() { next_order } else { self.old.orders_from },
        }
    }
}

fn opened_slot(position: Position) -> Slot {
    let cell = PositionCell { size: position.size, entry_quote: position.entry_quote };
    Slot { market: position.market, opened: cell, closed: cell, at: 0 }
}

/// An order that was opened, or placed in this batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenOrder {
    pub created: bool,
    pub old: Order,
    pub cell: Cell<Order>,
}

impl OpenOrder {
    /// Whether what is left of it rests across batches, if it was placed in this one.
    pub const fn rests(&self) -> bool {
        self.cell.value.left > 0 && self.cell.value.flags.rests()
    }

    /// Whether the tree is concerned.
    pub const fn needs_leaf(&self) -> bool {
        !self.created || self.rests()
    }
}

/// A price signer's list.
#[derive(Clone, Debug)]
pub(super) struct SignedList {
    /// Words of prices by number.
    pub words: BTreeMap<u8, [u64; PRICES_PER_WORD]>,
    /// Words of premiums by number, if the signer has a list of them.
    pub premiums: Option<BTreeMap<u8, [u64; PRICES_PER_WORD]>>,
    /// When the signer's nonces were touched.
    pub at: u32,
}

/// An opened market.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenMarket {
    pub old: Market,
    pub tick: Option<Tick>,
    /// What a quorum of price signers gives.
    pub median: Option<u64>,
    /// The premium that a quorum gives.
    pub premium: Option<i32>,
    /// After the tick, funding paid; its open interest is still the opening's.
    pub market: Market,
    pub open_interest: Cell<u64>,
    /// Its configuration in this batch, if any.
    pub configured: Option<Configure>,
}

impl OpenMarket {
    /// Whether the batch lists it, or changes it.
    pub fn configuration(&self) -> Option<Configured> {
        let listed = self.configured?.first_price.is_some();
        Some(if listed { Configured::Listed } else { Configured::Changed })
    }

    /// After the tick, with the open interest so far.
    pub const fn current(&self) -> Market {
        Market { open_interest: self.open_interest.value, ..self.market }
    }

    /// The market as it goes back to the tree, at the batch's time.
    pub const fn closing(&self, time: u64) -> Market {
        match &self.configured {
            None => self.current(),
            Some(op) => self.current().configured(&op.parameters, time),
        }
    }

    /// What the rules of its configuration read: a market that the batch lists has its first price.
    pub const fn configurable(&self) -> Market {
        match &self.configured {
            Some(Configure { first_price: Some(price), .. }) => Market { price: *price, ..self.current() },
            _ => self.current(),
        }
    }
}
