//! The kinds of tuples that rows exchange: codes and arities.
//!
//! Cells (memory): component 0 is `address·2^26 + time`. Providers: component 0 is the key.

use crate::gadgets::cs::Tag;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::memory::CELL_KEY;
use crate::gadgets::var::{Committed, Var};
use crate::gadgets::word::Layout;
use crate::params::{
    ACCOUNT_BITS, MARKET_BITS, MARKET_DEPTH, OPEN_INTEREST_BITS, PRICE_BITS, RATE_BITS, SIGNER_BASE,
};
use ark_bn254::Fr;

const fn cell(code: u8, name: &'static str, arity: u8) -> Tag {
    Tag { code, name, arity, provider: false }
}

const fn provider(code: u8, name: &'static str, arity: u8) -> Tag {
    Tag { code, name, arity, provider: true }
}

/// `[account·2^26 + t, C, W, imr, mmr, X, mode_market, leverage_limit, still]`: the sums of an open account.
pub const HEADER: Tag = cell(2, "header", 9);
/// `[account·2^26 + t, order_nonce, cancel_nonce]`.
pub const NONCE: Tag = cell(3, "nonce", 3);
/// `[(account·2^16 + market)·2^26 + t, b, E, imr, mmr]`: signed size, entry quote, and what the position requires.
pub const POSITION: Tag = cell(4, "position", 5);
/// `[id·2^26 + t, left, fee_carry, size, account, market, side, limit, post_only, reduce_only, ioc, fok, max_fee]`.
pub const ORDER: Tag = cell(5, "order", 13);
/// `[market·2^26 + t, open_interest]`.
pub const OI: Tag = cell(6, "open interest", 2);
/// `[t, fees]`: fees of the batch, quote quanta.
pub const FEES: Tag = cell(7, "fees", 2);
/// `[address, old, new]`: hash of a tree node before and after the batch.
pub const NODE: Tag = cell(8, "node", 3);
/// `[word, account]`: a signed item on its way to the row that applies it.
pub const ITEM: Tag = cell(9, "item", 2);
/// `[action, i, H_i, account]`: the hash chain of a bulk action.
pub const CHAIN: Tag = cell(10, "chain", 4);
/// `[element]`: a changed position on its way to the published list.
pub const CHANGED: Tag = cell(11, "changed", 1);
/// `[account, x, y, orders_from]`: the owner's key, and the first order that it signed for; 0 if it is the account's first.
pub const KEY: Tag = provider(12, "key", 4);
/// `[id, price, F + 2^95, imf, lot, tick_quote, min_lots, max_size, taker_fee, maker_fee, liq_fee, p_max, still,
/// oi_limit]` of an open market; imf is the one in force.
pub const MARKET: Tag = provider(13, "market", 16);
/// `[key]`: keys of which no two are equal.
pub const DISTINCT: Tag = cell(15, "distinct", 1);
/// `[id, leaf word 0, left, fee_carry]`: a new order that rests, on its way to its leaf's row.
pub const REST: Tag = cell(16, "rest", 4);
/// `[id, price, F + 2^95, imf in force, still]` of a market, open or not: what opening an account needs.
pub const RISK: Tag = provider(17, "risk", 5);
/// `[id, min_lots]` of a market, open or not: what placing an order needs.
pub const LISTED: Tag = provider(18, "listed", 2);
/// `[account, t]`: a new account, from the op that creates it to its row; its cells open at t.
pub const BIRTH: Tag = cell(19, "birth", 2);
/// `[account, leverage_limit]`: an owner's own limit, from the op that sets it to the account's row, which
/// closes with it. Within the batch the limit of the opening holds.
pub const AMEND: Tag = cell(20, "amend", 2);
/// `[account, x, y]`: a new key, from the op that sets it to the account's row, which closes with it. Within
/// the batch the key of the opening holds.
pub const REKEY: Tag = cell(21, "rekey", 3);
/// `[market, price, rate]`: a tick, from its row to the market's row, which takes at most one.
pub const TICK: Tag = cell(22, "tick", 3);
/// `[market, quorum, price, quorum of premiums, premium + 2^30]`: the lower median of the prices signed for a market in the
/// batch's epoch, and 1, if a quorum has signed one, else zeros; and the same of premiums.
pub const MEDIAN: Tag = provider(24, "median", 5);
/// `[account, mode]`: a new mode, from the op that sets it to the account's row, which closes with it. Within
/// the batch the mode of the opening holds.
pub const MODE: Tag = cell(23, "mode", 2);

/// `[id, low, high, imf, mmf, A of imf, A of mmf]`: the tiers of a market, open or not. From the value `low` to `high`
/// (scale U) a position requires `m·n - A·U`.
pub const TIER: Tag = provider(26, "tier", 7);

/// `[market | lists | price | rate + 2^30 | Σ|b|, seven words before, seven after]`: a market that closes with other
/// parameters, from its row to the configuration that allows them. Within the batch the words before hold.
pub const CONFIGURE: Tag = cell(25, "configure", 15);

/// All kinds of tuples but the range table's.
#[cfg(test)]
pub const ALL: [Tag; 25] = [
    HEADER,
    NONCE,
    POSITION,
    ORDER,
    OI,
    FEES,
    NODE,
    ITEM,
    CHAIN,
    CHANGED,
    KEY,
    MARKET,
    crate::gadgets::signature::POINT,
    DISTINCT,
    REST,
    RISK,
    LISTED,
    BIRTH,
    AMEND,
    REKEY,
    TICK,
    MODE,
    MEDIAN,
    CONFIGURE,
    TIER,
];

/// The word of an ITEM: the fields of a signed item and, above all of them, its kind.
pub const fn item<const N: usize>(
    name: &'static str,
    kind: u64,
    fields: [(&'static str, u32); N],
) -> Layout<N> {
    Layout::new(name, fields).with_constant("kind", 244, 4, kind)
}

/// The account of an ITEM: who signed, whether it was a single item in the cancel lane, and whether a price signer
/// signed. KEY, NONCE and CHAIN know price signers by the same number.
pub const SIGNER: Layout<3> =
    Layout::new("signer", [("account", ACCOUNT_BITS), ("cancel_lane", 1), ("oracle", 1)])
        .with_gap("cancel_lane", 40)
        .with_gap("oracle", ORACLE_SHIFT);
/// Bit of the mark of price signers: above every account's number and the keys of padding rows.
pub const ORACLE_SHIFT: u32 = 45;

/// The market of an ORDER; of an expired one, a number that no market has, so that nothing trades it, and
/// only a cancel, which does not read the market, can touch it.
pub const ORDER_MARKET: Layout<2> =
    Layout::new("market of an order", [("market", MARKET_BITS), ("expired", 1)]).with_gap("expired", 32);

/// What the rules of a configuration read of a market: whether the batch lists it, its first price or the one that
/// it closes with, and the rate and the open interest that it closes with.
pub const CONFIGURED: Layout<5> = Layout::new(
    "configured market",
    [
        ("market", 3 * MARKET_DEPTH),
        ("lists", 1),
        ("price", PRICE_BITS),
        ("rate", RATE_BITS + 1),
        ("open_interest", OPEN_INTEREST_BITS),
    ],
);

/// The key of a DISTINCT: a name, under an account.
pub const DISTINCT_KEY: Layout<2> = Layout::new("distinct key", [("name", 24), ("account", ACCOUNT_BITS)]);

/// Address of a position cell.
pub const POSITION_ADDRESS: Layout<2> =
    Layout::new("position address", [("market", MARKET_BITS), ("account", ACCOUNT_BITS)]);
const _: () = assert!(POSITION_ADDRESS.bits() == CELL_KEY.width_of("address"));

/// The signer of an item on wires.
pub fn signer(account: &Int, cancel_lane: &Bit) -> Var<Committed> {
    SIGNER.pack_ints([account, &cancel_lane.int(), &Int::zero()])
}

/// The number under which an account or, with the mark, a price signer is known.
pub fn marked(account: &Int, oracle: &Bit) -> Var<Committed> {
    SIGNER.pack_ints([account, &Int::zero(), &oracle.int()])
}

/// The number under which price signer `number` is known.
pub fn price_signer(number: &Var<Committed>) -> Var<Committed> {
    number.add_constant(Fr::from((1u64 << ORACLE_SHIFT) + SIGNER_BASE))
}

/// Address of a position cell on wires. An account row has ranged both parts; in a trade the account has a
/// KEY, and the market is looked up, which for an expired order finds nothing.
pub fn position_address(account: &Var<Committed>, market: &Var<Committed>) -> Var<Committed> {
    POSITION_ADDRESS.pack_vars([market, account])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gadgets::range::RANGE;
    use crate::gadgets::row::MAX_ARITY;

    #[test]
    fn codes_are_unique_and_not_zero() {
        let mut codes: Vec<u8> = ALL.iter().chain([&RANGE]).map(|tag| tag.code).collect();
        assert!(codes.iter().all(|code| *code != 0));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ALL.len() + 1);
    }

    #[test]
    fn arities_leave_the_tags_power_free() {
        assert!(ALL.iter().all(|tag| (1..=MAX_ARITY).contains(&tag.arity)));
    }
}
