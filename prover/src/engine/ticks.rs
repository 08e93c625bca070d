//! Oracle prices that open a batch: what is asked, and what the band makes of it.

use crate::wire::event::Market;
use serde::Serialize;
use zkmargin_circuits::ops::Tick;
use zkmargin_circuits::state;

/// A tick that a batch opens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Line of the file that asks for it, or whose work needs it.
    pub line: u64,
    /// Rows of the file that it stands for: none if the price is taken from prints.
    pub rows: u64,
    /// The tick.
    pub tick: Tick,
}

/// An oracle price that the band cut. Prices are 32.32 quote quanta per base quantum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Clamped {
    /// Line of the file that asked for it, or whose work needed it.
    pub line: u64,
    /// Market of the price.
    pub market: Market,
    /// The price that was asked for.
    pub asked: u64,
    /// The price that is in force.
    pub applied: u64,
    /// The price around which the band lies.
    pub reference: u64,
    /// Half the band's width, parts per million of the reference.
    pub band: u32,
}

impl Clamped {
    /// What became of a tick, if its price was cut; `market` is as after it.
    pub fn of(asked: &Asked, applied: u64, market: &state::Market) -> Option<Self> {
        let Tick { market: id, price, .. } = asked.tick;
        let (reference, band) = (market.reference_price, market.band);
        (applied != price).then_some(Self {
            line: asked.line,
            market: id,
            asked: price,
            applied,
            reference,
            band,
        })
    }
}
