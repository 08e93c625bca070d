//! The tick row.

use ark_bn254::Fr;

use super::Tick;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, fr_from_i128};
use crate::gadgets::row::{Padded, Row};
use crate::state::tags::TICK;

/// Sends a market the price asked for and its rate.
pub struct TickRow;

impl Row for TickRow {
    type Record = Tick;
    const NAME: &'static str = "tick";

    fn dummy() -> Tick {
        Tick { market: 0, price: 0, rate: 0 }
    }

    // The market's row receives the tuple once, ranges id and price, bounds the rate by the cap and checks the tick's law.
    fn synthesize(cs: &mut Cs<'_>, record: &Padded<Tick>) {
        let enable = Bit::hint(&mut cs.check("TICK-1"), "tick.enable", record.enabled);
        let market = cs.hint("tick.market", Fr::from(record.market));
        let price = cs.hint("tick.price", Fr::from(record.price));
        let rate = cs.hint("tick.rate", fr_from_i128(record.rate.into()));
        cs.check("TICK-2").send(TICK, &[market, price, rate], enable.var());
    }
}
