//! The one change of a slot, on variables.

use ark_bn254::Fr;
use num_bigint::{BigInt, Sign};

use super::{
    HeaderVar, HeldVar, MarketVar, PositionVar, RequirementVar, TiersOf, least_fraction, requirement,
};
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int, honest_division};
use crate::gadgets::range::enforce_nonnegative;
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::params::{
    COLLATERAL_BITS, FEE_CARRY_BITS, M, QUOTE_BITS, REQUIREMENT_BITS, SIZE_BITS, VALUE_BITS,
};
use crate::reject::Reject;

use super::ENTRY_SUM_BITS;

/// Bits of `|b| + |b'|`, and so of `|Δ|`, once both sizes are known to be below `2^56`.
const CHANGE_BITS: u32 = SIZE_BITS + 1;

/// One side of a trade: what both sides share is computed once and negated.
#[derive(Clone, Debug)]
pub struct TradeSide {
    /// 0 for a buy, 1 for a sell.
    pub side: Bit,
    /// `|Δ|`, base quanta, below `2^96`.
    pub size: Int,
    /// `Δ`, the signed change of this side's size.
    pub signed_size: Int,
    /// `p·Δ`, the change of value at the oracle price.
    pub value: Int,
    /// Quote quanta, below `2^63`.
    pub quote: Int,
    /// `+quote` for a buy, `-quote` for a sell.
    pub signed_quote: Int,
}

impl TradeSide {
    /// Cost: 3.
    pub fn new(cs: &mut Cs<'_>, side: &Bit, size: &Int, quote: &Int, price: &Int) -> Self {
        let cs = &mut cs.check("TRADE-8");
        let signed = |cs: &mut Cs<'_>, magnitude: &Int| {
            let var = cs.product(side.sign().var(), magnitude.var());
            Int::new_unchecked(var, magnitude.bits())
        };
        let signed_size = signed(cs, size);
        let signed_quote = signed(cs, quote);
        let value = price.mul(cs, &signed_size);
        Self {
            side: side.clone(),
            size: size.clone(),
            signed_size,
            value,
            quote: quote.clone(),
            signed_quote,
        }
    }

    /// The counterparty's side. Free.
    pub fn opposite(&self) -> Self {
        Self {
            side: self.side.not(),
            size: self.size.clone(),
            signed_size: self.signed_size.neg(),
            value: self.value.neg(),
            quote: self.quote.clone(),
            signed_quote: self.signed_quote.neg(),
        }
    }
}

/// An account's header and its position in the market of a trade.
#[derive(Clone, Copy, Debug)]
pub struct Holding<'a> {
    pub header: &'a HeaderVar,
    pub held: &'a HeldVar,
}

/// A market under its number.
#[derive(Clone, Copy, Debug)]
pub struct MarketRefVar<'a> {
    pub id: &'a Var<Committed>,
    pub market: &'a MarketVar,
}

/// An account's side of a trade, before any fee.
#[derive(Clone, Debug)]
pub struct TradedVar {
    pub header: HeaderVar,
    pub position: PositionVar,
    /// What the position requires after the trade.
    pub required: RequirementVar,
    /// The position grew or flipped.
    pub grows: Bit,
    /// `|b|` before and after.
    pub size_before: Int,
    pub size_after: Int,
}

/// Signs and magnitudes of a position before and after.
struct Sizes {
    before: Int,
    short_after: Bit,
    after: Int,
    /// The trade is against the position, and so large that it changes its side.
    opposite: Bit,
    flips: Bit,
}

/// Changes the position in `market` by `change`; see the native half for the law.
///
/// Every check holds in padding rows too; there as elsewhere, Δ is not 0. Errors, in order:
/// `WrongMarketForMode`, `PositionTooLarge`, `EntryQuoteRange`, `CollateralRange`.
///
/// - Advice: signs, `flips`, the entry quote; see `margin-circuit.md#trade`.
/// - New values: `|b'|`, E' and C' are ranged. W, IMR, MMR and X stay sums over at most 16 slots of
///   terms bounded by `max_price · max_size` and by E's width, so they keep their widths.
/// - Cost: 105 at 13 bits per limb.   Spec: margin-circuit.md#trade
pub fn trade(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    account: Holding<'_>,
    market: MarketRefVar<'_>,
    change: &TradeSide,
) -> TradedVar {
    let (Holding { header, held }, MarketRefVar { id, market }) = (account, market);
    let mode = header.mode_market.var();
    let other = mode - id;
    checks.require_zero_product_always(&mut cs.check("TRADE-1"), Reject::WrongMarketForMode, mode, &other);

    let sizes = sizes(cs, held, change);
    let headroom = Int::new_unchecked(market.max_size.var() - sizes.after.var(), CHANGE_BITS);
    checks.require_nonnegative_always(&mut cs.check("TRADE-3"), Reject::PositionTooLarge, &headroom);

    let size = held.cell.size.var() + change.signed_size.var();
    let entry_quote = entry_quote(cs, checks, &held.cell, change, &sizes);

    let paid = change.signed_quote.neg();
    let mut header_after = add_collateral(&mut cs.check("TRADE-6"), checks, header, &paid);
    header_after.value = widen(header.value.var() + change.value.var(), VALUE_BITS);
    let required = required_after(cs, checks, header, MarketRefVar { id, market }, &sizes.after);
    let moved = |sum: &Int, before: &Int, after: &Int| {
        widen(&(sum.var() - before.var()) + after.var(), REQUIREMENT_BITS)
    };
    header_after.initial = moved(&header.initial, &held.cell.initial, &required.initial);
    header_after.maintenance = moved(&header.maintenance, &held.cell.maintenance, &required.maintenance);
    let cs = &mut cs.check("TRADE-7");
    let signed_before = cs.product(held.short.sign().var(), held.cell.entry_quote.var());
    let signed_after = cs.product(sizes.short_after.sign().var(), entry_quote.var());
    header_after.entry = widen(&(header.entry.var() + &signed_after) - &signed_before, ENTRY_SUM_BITS);

    let grows = Bit::new_unchecked(sizes.opposite.not().var() + sizes.flips.var());
    let position = PositionVar {
        size: Int::new_unchecked(size, SIZE_BITS),
        entry_quote,
        initial: required.initial.clone(),
        maintenance: required.maintenance.clone(),
    };
    TradedVar {
        header: header_after,
        position,
        required,
        grows,
        size_before: sizes.before,
        size_after: sizes.after,
    }
}

/// Takes a sum for one that keeps its width, for the reason given at the caller.
fn widen(var: Var<Committed>, bits: u32) -> Int {
    Int::new_unchecked(var, bits)
}

/// `μ = |b| ± |Δ|` is the size in the direction of the old one; where it is negative the position
/// flips. A flat position counts as long: a sell then flips it, which gives the same as growing.
fn sizes(cs: &mut Cs<'_>, held: &HeldVar, change: &TradeSide) -> Sizes {
    let cs = &mut cs.check("TRADE-2");
    let (short_before, before) = (&held.short, held.magnitude.clone());
    let opposite = short_before.xor(cs, &change.side);
    let twice = cs.product(opposite.var(), &change.size.var().scale(Fr::from(2u64)));
    let along = &(before.var() + change.size.var()) - &twice;
    let negative = Int::new_unchecked(along.clone(), change.size.bits() + 1).value().sign() == Sign::Minus;
    let flips = Bit::hint(cs, "trade.flips", negative);
    let mirrored = cs.product(flips.var(), &along.scale(Fr::from(2u64)));
    let after = &along - &mirrored;
    // flips = 1 requires along <= -1, so the bit is unique, and flips = 1 implies opposite = 1.
    enforce_nonnegative(cs, &(&after - flips.var()), CHANGE_BITS);
    let short_after = short_before.xor(cs, &flips);
    // The caller holds it against max_size < 2^56.
    let after = Int::new_unchecked(after, SIZE_BITS);
    Sizes { before, short_after, after, opposite, flips }
}

/// One division for all cases: `E' = f₁·f₂/D`, with `(E + q)·1/1` to grow, `E·|b'|/|b|` to shrink,
/// `q·|b'|/|Δ|` to flip; floor for a long result, ceil for a short one.
fn entry_quote(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    position: &PositionVar,
    change: &TradeSide,
    sizes: &Sizes,
) -> Int {
    let cs = &mut cs.check("TRADE-5");
    let (entry, quote) = (position.entry_quote.var(), change.quote.var());
    let shrinks = sizes.opposite.var() - sizes.flips.var();
    let without_entry = cs.product(sizes.flips.var(), entry);
    let without_quote = cs.product(&shrinks, quote);
    let whole = &(&(entry + quote) - &without_entry) - &without_quote;
    let part = cs.product(sizes.opposite.var(), &sizes.after.var().add_constant(-Fr::from(1u64)));
    let part = part.add_constant(Fr::from(1u64));
    // |b| + |b'| = |Δ| where the position flips.
    let flipped = cs.product(sizes.flips.var(), sizes.after.var());
    let of = &(sizes.before.var() + &flipped).add_constant(-Fr::from(1u64));
    let of = cs.product(sizes.opposite.var(), of).add_constant(Fr::from(1u64));

    let whole = Int::new_unchecked(whole, QUOTE_BITS + 1);
    let part = Int::new_unchecked(part, SIZE_BITS);
    let of = Int::new_unchecked(of, CHANGE_BITS);
    let product = whole.mul(cs, &part);
    let honest = honest_division(&product.value(), &of.value(), sizes.short_after.value());
    let entry = cs.hint("trade.entry_quote", honest);
    let entry = Int::new_unchecked(entry, QUOTE_BITS + 1);
    let entry =
        checks.require_width_always(&mut cs.check("TRADE-4"), Reject::EntryQuoteRange, &entry, QUOTE_BITS);
    // excess = E'·D - f₁·f₂ is in (-D, 0] for a floor and in [0, D) for a ceil.
    let excess = &cs.product(entry.var(), of.var()) - product.var();
    let up = cs.product(sizes.short_after.var(), &excess.scale(Fr::from(2u64)));
    let remainder = &up - &excess;
    enforce_nonnegative(cs, &remainder, CHANGE_BITS);
    let below = &(of.var() - &remainder).add_constant(-Fr::from(1u64));
    enforce_nonnegative(cs, below, CHANGE_BITS);
    entry
}

/// What the position requires after the trade, by the tier of its value.
fn required_after(
    cs: &mut Cs<'_>,
    checks: &Checks<Reject>,
    header: &HeaderVar,
    market: MarketRefVar<'_>,
    size: &Int,
) -> RequirementVar {
    let cs = &mut cs.check("TRADE-9");
    let MarketRefVar { id, market } = market;
    let least = least_fraction(cs, &market.initial_fraction, &header.leverage_limit);
    let value = market.price.mul(cs, size);
    let tiers = TiersOf { market: id, honest: &market.honest, enable: checks.enable() };
    requirement(cs, tiers, &value, &least)
}

/// Changes the collateral and ranges it. Error: `CollateralRange`. Cost: a range check of 64 bits.
pub fn add_collateral(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    header: &HeaderVar,
    amount: &Int,
) -> HeaderVar {
    let offset = power_of_two(COLLATERAL_BITS - 1);
    let collateral = header.collateral.var() + amount.var();
    let shifted = Int::new_unchecked(collateral.add_constant(offset), COLLATERAL_BITS + 1);
    checks.require_width_always(cs, Reject::CollateralRange, &shifted, COLLATERAL_BITS);
    HeaderVar { collateral: Int::new_unchecked(collateral, COLLATERAL_BITS), ..header.clone() }
}

/// Takes a fee of at least 0 from collateral that was in its range: only the lower end is left to check.
/// Error: `CollateralRange`. Cost: a sign check of 65 bits.
pub fn pay_fee(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, header: &HeaderVar, fee: &Int) -> HeaderVar {
    let collateral = header.collateral.var() - fee.var();
    let above = collateral.add_constant(power_of_two(COLLATERAL_BITS - 1));
    let above = Int::new_unchecked(above, COLLATERAL_BITS + 1);
    checks.require_nonnegative_always(cs, Reject::CollateralRange, &above);
    HeaderVar { collateral: Int::new_unchecked(collateral, COLLATERAL_BITS), ..header.clone() }
}

/// [`TradingFee`](crate::margin::native::TradingFee) on variables.
#[derive(Clone, Debug)]
pub struct TradingFeeVar {
    pub amount: Int,
    pub carry: Int,
}

/// The fee of one more fill: `fee = ceil((φ·q - c)/M)`, `c' = fee·M - (φ·q - c)`; see the native half.
///
/// Advice: the fee; c' is in `[0, M)`, so it is unique if the caller keeps it below `2^252/M`. Cost: 5 at
/// 13 bits per limb.   Spec: margin-circuit.md#fee
pub fn trading_fee(cs: &mut Cs<'_>, quote: &Int, rate: &Int, carry: &Int) -> TradingFeeVar {
    let cs = &mut cs.check("TFEE-1");
    let due = quote.mul(cs, rate).sub(carry);
    let honest = honest_division(&due.value(), &BigInt::from(M), true);
    let amount = cs.hint("trade.fee", honest);
    let excess = &amount.scale(Fr::from(M as u64)) - due.var();
    enforce_nonnegative(cs, &excess, FEE_CARRY_BITS);
    enforce_nonnegative(cs, &(&Var::constant(Fr::from(M as u64 - 1)) - &excess), FEE_CARRY_BITS);
    // At most the quote, since the rate is at most M.
    let amount = Int::new_unchecked(amount, QUOTE_BITS);
    TradingFeeVar { amount, carry: Int::new_unchecked(excess, FEE_CARRY_BITS) }
}

/// What an order keeps of the carry: all of it after a fee that was paid whole, nothing after another one,
/// which was below the exact fee. Cost: 1.   Spec: margin-circuit.md#fee
pub fn carry_kept(cs: &mut Cs<'_>, carry: &Int, full: &Bit) -> Int {
    let kept = cs.check("TFEE-2").product(full.var(), carry.var());
    Int::new_unchecked(kept, FEE_CARRY_BITS)
}
