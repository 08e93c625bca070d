//! The tick row.

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, fr_from_i128};
use crate::gadgets::row::{Padded, Row};
use crate::state::MarketId;
use crate::state::tags::TICK;

/// A tick as the market's leaf takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TickRecord {
    /// Market that ticks.
    pub market: MarketId,
    /// 32.32, after the band.
    pub price: u64,
    /// 10^-9 per hour.
    pub rate: i32,
}

/// Sends a market its new price and its rate.
pub struct TickRow;

impl Row for TickRow {
    type Record = TickRecord;
    const NAME: &'static str = "tick";

    fn dummy() -> TickRecord {
        TickRecord { market: 0, price: 0, rate: 0 }
    }

    // The market's row receives the tuple once, ranges id and price, bounds the rate by the cap and checks the tick's law.
    fn synthesize(cs: &mut Cs<'_>, record: &Padded<TickRecord>) {
        let enable = Bit::hint(&mut cs.check("TICK-1"), "tick.enable", record.enabled);
        let market = cs.hint("tick.market", Fr::from(record.market));
        let price = cs.hint("tick.price", Fr::from(record.price));
        let rate = cs.hint("tick.rate", fr_from_i128(record.rate.into()));
        cs.check("TICK-2").send(TICK, &[market, price, rate], enable.var());
    }
}
