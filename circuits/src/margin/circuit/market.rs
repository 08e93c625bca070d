//! A market as ops see it: fixed within the batch, provided by the market's row.

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int, fr_from_i128};
use crate::gadgets::var::{Committed, Var};
use crate::params::{
    COLLAR_BITS, FRACTION_BITS, FUNDING_INDEX_BITS, FUNDING_INDEX_OFFSET, LOT_BITS, MIN_LOTS_BITS,
    OPEN_INTEREST_LIMIT_BITS, PRICE_BITS, SIZE_BITS, TICK_QUOTE_BITS,
};
use crate::state::Market;
use crate::state::tags::MARKET;

/// The market's values in the order of the MARKET tuple, its id left out.
#[derive(Clone, Debug)]
pub struct MarketVar {
    pub price: Int,
    /// `F + 2^95`.
    pub funding_index_offset: Int,
    /// In force.
    pub initial_fraction: Int,
    pub lot: Int,
    pub tick_quote: Int,
    pub min_lots: Int,
    pub max_size: Int,
    pub taker_fee: Int,
    pub maker_fee: Int,
    pub liquidation_fee: Int,
    pub max_price: Int,
    /// Users' fills only reduce.
    pub still: Bit,
    /// The most that a fill may raise `Σ |b|` to.
    pub open_interest_limit: Int,
    /// How far from the price a fill may be, parts per thousand of it.
    pub collar: Int,
    /// It may not be as far as one likes: the collar is not 0.
    pub collared: Bit,
    /// What honest advice on its tiers is taken from.
    pub honest: Market,
}

impl MarketVar {
    /// Advice that the MARKET tuple fixes.
    pub fn hint(cs: &mut Cs<'_>, market: &Market) -> Self {
        let mut cell = |name, value: u64, bits| Int::new_unchecked(cs.hint(name, Fr::from(value)), bits);
        let price = cell("market.price", market.price, PRICE_BITS);
        let in_force = market.initial_in_force();
        let initial_fraction = cell("market.initial_fraction", in_force.into(), FRACTION_BITS);
        let lot = cell("market.lot", market.lot, LOT_BITS);
        let tick_quote = cell("market.tick_quote", market.tick_quote, TICK_QUOTE_BITS);
        let min_lots = cell("market.min_lots", market.min_lots.into(), MIN_LOTS_BITS);
        let max_size = cell("market.max_size", market.max_size, SIZE_BITS);
        let taker_fee = cell("market.taker_fee", market.taker_fee.into(), FRACTION_BITS);
        let maker_fee = cell("market.maker_fee", market.maker_fee.into(), FRACTION_BITS);
        let liquidation_fee = cell("market.liquidation_fee", market.liquidation_fee.into(), FRACTION_BITS);
        let max_price = cell("market.max_price", market.max_price, PRICE_BITS);
        let limit = cs.hint("market.open_interest_limit", Fr::from(market.open_interest_limit()));
        let open_interest_limit = Int::new_unchecked(limit, OPEN_INTEREST_LIMIT_BITS);
        let collar = Int::new_unchecked(cs.hint("market.collar", Fr::from(market.collar)), COLLAR_BITS);
        // The market's row has constrained both.
        let collared = Bit::new_unchecked(cs.hint("market.collared", Fr::from(market.collar != 0)));
        let still = Bit::new_unchecked(cs.hint("market.still", Fr::from(market.still)));
        let index = fr_from_i128(market.funding_index + FUNDING_INDEX_OFFSET);
        let funding_index_offset =
            Int::new_unchecked(cs.hint("market.funding_index", index), FUNDING_INDEX_BITS);
        Self {
            price,
            funding_index_offset,
            initial_fraction,
            lot,
            tick_quote,
            min_lots,
            max_size,
            taker_fee,
            maker_fee,
            liquidation_fee,
            max_price,
            still,
            open_interest_limit,
            collar,
            collared,
            honest: *market,
        }
    }

    /// Advice that is looked up among the open markets, if `enable`. Cost: 16.
    pub fn lookup(cs: &mut Cs<'_>, id: &Var<Committed>, market: &Market, enable: &Bit) -> Self {
        let values = Self::hint(cs, market);
        let mut tuple = vec![id.clone()];
        tuple.extend(values.tuple());
        cs.lookup(MARKET, &tuple, enable.var());
        values
    }

    /// Components 1 to 15 of the MARKET tuple.
    pub fn tuple(&self) -> [Var<Committed>; 15] {
        [
            &self.price,
            &self.funding_index_offset,
            &self.initial_fraction,
            &self.lot,
            &self.tick_quote,
            &self.min_lots,
            &self.max_size,
            &self.taker_fee,
            &self.maker_fee,
            &self.liquidation_fee,
            &self.max_price,
            &self.still.int(),
            &self.open_interest_limit,
            &self.collar,
            &self.collared.int(),
        ]
        .map(|value| value.var().clone())
    }
}
