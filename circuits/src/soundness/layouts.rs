//! Every word of the protocol: its width, both halves of its packing, its one reading.

use ark_bn254::Fr;
use proptest::prelude::*;

use crate::gadgets::cs::Shared;
use crate::gadgets::curve::GENERATOR;
use crate::gadgets::int::Int;
use crate::gadgets::memory::{CELL_KEY, TOUCH_TIME};
use crate::gadgets::row::{Padded, Row, RowWitness};
use crate::gadgets::var::{Var, power_of_two};
use crate::gadgets::word::{AnyLayout, Bits, ELEMENT_BITS, Layout};
use crate::leaves::{account, market, order};
use crate::ops::action::{
    CANCEL_ITEM, CHANGE_KEY_ITEM, DOMAIN_WORD, MESSAGE_HEADER, SET_LEVERAGE_ITEM, SET_MODE_ITEM,
    TRANSFER_ITEM, WITHDRAW_ITEM,
};
use crate::ops::change_key::{REKEY_FIRST, REKEY_SECOND, REKEY_THIRD};
use crate::ops::configure::{CONFIGURATION_FIRST, CONFIGURATION_SECOND, CONFIGURATION_THIRD};
use crate::ops::deposit::{DEPOSIT_FIRST, DEPOSIT_SECOND, DEPOSIT_THIRD};
use crate::ops::liquidate::{LIQUIDATION_FIRST, LIQUIDATION_SECOND, LIQUIDATION_THIRD};
use crate::ops::prices::{PREMIUMS_ITEM, PRICES_ITEM};
use crate::ops::transfer::TRANSFER_ELEMENT;
use crate::ops::withdraw::WITHDRAWAL_ELEMENT;
use crate::ops::{Context, tick};
use crate::params::{FUNDING_DIVISOR, HIGHER_TIERS, PRICE_BITS, TIME_BITS};
use crate::publication::{CURSORS, NUMBERS};
use crate::soundness::fixture;
use crate::soundness::leaf_forge::leaf_tuple;
use crate::state::account::{ACCOUNT_ELEMENT, ACCOUNT_WORD, POSITION_ELEMENT, SLOT_WORD};
use crate::state::globals::{GLOBALS_ELEMENT, GLOBALS_WORD};
use crate::state::market::{
    CLOCKS_WORD, INTEREST_WORD, LIMITS_WORD, MARKET_ELEMENT, PARAMETERS_WORD, QUOTES_WORD, TIERS_WORD,
};
use crate::state::order::{FLAGS, ORDER_ELEMENT, ORDER_ITEM, PROGRESS_WORD, RESTING_FLAGS, TERMS_WORD};
use crate::state::tags::{CONFIGURED, DISTINCT_KEY, ORDER_MARKET, POSITION_ADDRESS, SIGNER};
use crate::state::tree::{ACCOUNT_LEAF, MARKET_LEAF, ORDER_LEAF};
use crate::state::{Account, Beyond, Flags, HigherTiers, Market, Mode, Order, Position, Side, Tier};

/// A declared layout, whatever its number of fields.
pub trait Word {
    fn any(&self) -> AnyLayout<'_>;
    fn unpack(&self, word: Fr) -> Option<Vec<Bits>>;
    /// The word of constants that have the width of their field as a type.
    fn pack_ints(&self, values: &[Bits]) -> Fr;
}

impl<const N: usize> Word for Layout<N> {
    fn any(&self) -> AnyLayout<'_> {
        Layout::any(self)
    }

    fn unpack(&self, word: Fr) -> Option<Vec<Bits>> {
        Layout::unpack(self, word).map(Vec::from)
    }

    fn pack_ints(&self, values: &[Bits]) -> Fr {
        let fields = Layout::any(self).fields;
        let ints: [Int; N] =
            std::array::from_fn(|i| Int::new_unchecked(Var::constant(values[i].to_field()), fields[i].bits));
        Layout::pack_ints(self, ints.each_ref()).value()
    }
}

/// Every layout of the protocol.
pub fn all() -> Vec<&'static dyn Word> {
    vec![
        &SLOT_WORD,
        &ACCOUNT_WORD,
        &ACCOUNT_ELEMENT,
        &POSITION_ELEMENT,
        &FLAGS,
        &RESTING_FLAGS,
        &TERMS_WORD,
        &PROGRESS_WORD,
        &ORDER_ITEM,
        &ORDER_ELEMENT,
        &QUOTES_WORD,
        &CLOCKS_WORD,
        &LIMITS_WORD,
        &PARAMETERS_WORD,
        &INTEREST_WORD,
        &TIERS_WORD,
        &MARKET_ELEMENT,
        &PRICES_ITEM,
        &PREMIUMS_ITEM,
        &GLOBALS_WORD,
        &GLOBALS_ELEMENT,
        &DOMAIN_WORD,
        &MESSAGE_HEADER,
        &CANCEL_ITEM,
        &WITHDRAW_ITEM,
        &TRANSFER_ITEM,
        &SET_LEVERAGE_ITEM,
        &SET_MODE_ITEM,
        &CHANGE_KEY_ITEM,
        &DEPOSIT_FIRST,
        &DEPOSIT_SECOND,
        &DEPOSIT_THIRD,
        &WITHDRAWAL_ELEMENT,
        &TRANSFER_ELEMENT,
        &REKEY_FIRST,
        &REKEY_SECOND,
        &REKEY_THIRD,
        &CONFIGURATION_FIRST,
        &CONFIGURATION_SECOND,
        &CONFIGURATION_THIRD,
        &CONFIGURED,
        &LIQUIDATION_FIRST,
        &LIQUIDATION_SECOND,
        &LIQUIDATION_THIRD,
        &NUMBERS,
        &CURSORS,
        &TOUCH_TIME,
        &CELL_KEY,
        &SIGNER,
        &ORDER_MARKET,
        &DISTINCT_KEY,
        &POSITION_ADDRESS,
        &ACCOUNT_LEAF,
        &ORDER_LEAF,
        &MARKET_LEAF,
    ]
}

/// Values of the fields, from 256 random bits each.
fn values(layout: &AnyLayout<'_>, random: &[(u128, u128)]) -> Vec<Bits> {
    let whole = |&(low, high): &(u128, u128)| {
        Bits::from(Bits::from(low).to_field() + Bits::from(high >> 8).to_field() * power_of_two(128))
    };
    layout.fields.iter().zip(random).map(|(field, random)| whole(random).part(0, field.bits)).collect()
}

#[test]
fn widths() {
    let widths: Vec<(&str, u32)> = all().iter().map(|word| (word.any().name, word.any().bits)).collect();
    let expected = [
        ("slot", 232),
        ("account", 252),
        ("account element", 217),
        ("position element", 152),
        ("flags", 4),
        ("resting flags", 2),
        ("order terms", 145),
        ("order progress", 132),
        ("order item", 248),
        ("order element", 248),
        ("market quotes", 249),
        ("market clocks", 245),
        ("market limits", 236),
        ("market parameters", 246),
        ("market open interest", 238),
        ("market tiers", 206),
        ("market element", 245),
        ("prices item", 248),
        ("premiums item", 248),
        ("globals", 244),
        ("globals element", 76),
        ("domain", 224),
        ("message header", 110),
        ("cancel item", 248),
        ("withdraw item", 248),
        ("transfer item", 248),
        ("set leverage item", 248),
        ("set mode item", 248),
        ("change key item", 248),
        ("deposit element 1", 242),
        ("deposit element 2", 246),
        ("deposit element 3", 136),
        ("withdrawal element", 224),
        ("transfer element", 137),
        ("rekey element 1", 162),
        ("rekey element 2", 246),
        ("rekey element 3", 136),
        ("configuration element 1", 247),
        ("configuration element 2", 248),
        ("configuration element 3", 248),
        ("configured market", 159),
        ("liquidation element 1", 244),
        ("liquidation element 2", 220),
        ("liquidation element 3", 239),
        ("header element 2", 232),
        ("header element 8", 192),
        ("touch time", 24),
        ("cell key", 78),
        ("signer", 46),
        ("market of an order", 33),
        ("distinct key", 60),
        ("position address", 52),
        ("account leaf", 40),
        ("order leaf", 40),
        ("market leaf", 13),
    ];
    assert_eq!(widths, expected);
    assert!(widths.iter().all(|(name, bits)| !name.contains("element") || *bits <= ELEMENT_BITS));
}

// What is declared anywhere in the sources is in the list above.
#[test]
fn the_list_is_complete() {
    fn declared(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let of = |path: std::path::PathBuf| match path.is_dir() {
            true => declared(&path),
            false => {
                let text = std::fs::read_to_string(&path).expect("a text");
                text.lines()
                    .filter(|line| {
                        line.starts_with("pub") && line.contains(" const ") && line.contains(": Layout<")
                    })
                    .count()
            }
        };
        paths.map(of).sum()
    }
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert_eq!(all().len(), declared(&sources));
    let mut names: Vec<&str> = all().iter().map(|word| word.any().name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all().len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_word_has_one_reading(random in prop::collection::vec(any::<(u128, u128)>(), 11)) {
        for word in all() {
            let layout = word.any();
            let values = values(&layout, &random);
            let packed = layout.pack(&values);
            let constant = layout.constant.map(|(field, value)| (field.at, Fr::from(value)));
            let fields = layout.fields.iter().zip(&values).map(|(field, v)| (field.at, v.to_field()));
            let sum: Fr = fields.chain(constant).map(|(at, value)| value * power_of_two(at)).sum();
            prop_assert_eq!(packed, sum, "{}", layout.name);
            prop_assert_eq!(packed, word.pack_ints(&values), "{}", layout.name);
            prop_assert_eq!(word.unpack(packed), Some(values), "{}", layout.name);
        }
    }

    // The bits above the word, in gaps, and of the constant.
    #[test]
    fn no_word_has_a_spare_bit(random in prop::collection::vec(any::<(u128, u128)>(), 10)) {
        for word in all() {
            let layout = word.any();
            let packed = layout.pack(&values(&layout, &random));
            for bit in 0..253 {
                let owned = layout.fields.iter().any(|f| (f.at..f.at + f.bits).contains(&bit));
                if owned {
                    continue;
                }
                let set = Bits::from(packed).part(bit, 1) == true.into();
                let other = if set { packed - power_of_two(bit) } else { packed + power_of_two(bit) };
                prop_assert_eq!(word.unpack(other), None, "{}: bit {}", layout.name, bit);
            }
        }
    }

    #[test]
    fn leaves_of_any_order_agree(
        (account, id) in (0u64..1 << 36, 1u64..1 << 36), market in 0u16..512, sell: bool, limit: u32,
        (size, left) in (0u64..1 << 56, 0u64..1 << 56), [post_only, reduce_only]: [bool; 2],
        (max_fee, expiry) in (0u32..1 << 20, 0u64..1 << 36), after in 0u64..1 << 56,
        carries in [0u32..1 << 20, 0u32..1 << 20],
    ) {
        let flags = Flags { post_only, reduce_only, ..Flags::default() };
        let side = if sell { Side::Sell } else { Side::Buy };
        let [fee_carry, carry_after] = carries;
        let old = Order { account, market, side, limit, size, left, flags, max_fee, expiry, fee_carry };
        let record = order::OrderRecord { id, created: false, old, left: after, fee_carry: carry_after, at: 9 };
        let row = run::<order::OrderLeaf>(record);
        // The circuit leaves it to the old root that what opens is not an order that is gone.
        prop_assume!(left != 0);
        let new = Order { left: after, fee_carry: carry_after, ..old };
        prop_assert_eq!(&leaf_tuple(&row)[1..], [old.leaf(), new.leaf()]);
    }

    #[test]
    fn leaves_of_any_market_agree(
        prices in [0u64..1 << 54, 0u64..1 << 54, 0u64..1 << 54, 0u64..1 << 54], funding_index in -(1i128 << 95)..1 << 95,
        open_interest: [u64; 2], (max_size, last_tick) in (0u64..1 << 56, 0u64..1 << 40),
        (open_notional, open_growth) in ([0u64..1 << 63, 0u64..1 << 63], 0u64..1 << 56),
        (interest, premium_clamp) in (-(1i32 << 30)..1 << 30, 0u32..1 << 25),
        (paid_until, funding_remainder, funding_interval) in (0u64..1 << 40, 0u64..FUNDING_DIVISOR as u64, 0u16..),
        (rate, rated_hour, in_arrears) in (-(1i32 << 30)..1 << 30, 0u32..1 << 29, proptest::bool::ANY),
        configured_at in 0u64..1 << 40, funding_cap in 0u32..1 << 30, ppm in [0u32..1 << 20, 0u32..1 << 20, 0u32..1 << 20],
        (beyond, still, ages) in (0u8..3, any::<bool>(), [0u32..1 << 20, 0u32..1 << 20]),
        (lot, tick_quote, status, collar) in (0u64..1 << 40, 0u64..1 << 40, 0u8..16, 0u16..1 << 10), min_lots: u32,
        tiers: [(u64, u32, u32); HIGHER_TIERS],
    ) {
        let [price, cut_at, max_price, asked] = prices;
        let (cut_at, beyond) = (cut_at >> (PRICE_BITS - TIME_BITS), Beyond::from_number(beyond).unwrap());
        let [initial_fraction, taker_fee, liquidation_fee] = ppm;
        let (maintenance_fraction, maker_fee, band) = (ppm[0] ^ 1, ppm[1] ^ 2, ppm[2] ^ 3);
        let old = Market {
            price, cut_at, asked, beyond, still, still_age: ages[0], halt_age: ages[1], funding_index, open_interest: open_interest[0], max_price, max_size, last_tick,
            open_notional_low: open_notional[0].min(open_notional[1]), open_notional_high: open_notional[1], open_growth, interest, premium_clamp,
            paid_until, funding_remainder, rate, rated_hour, in_arrears, funding_interval,
            funding_cap, initial_fraction, maintenance_fraction, taker_fee, maker_fee, liquidation_fee, band, lot,
            tick_quote, min_lots, status, collar, configured_at,
            tiers: HigherTiers(tiers.map(|(from, initial, maintenance)| Tier {
                from: from >> 1, initial_fraction: initial >> 12, maintenance_fraction: maintenance >> 12,
            })),
        };
        // At the time to which funding is paid nothing is owed.
        let context = Context { time: paid_until, observed: paid_until, ..fixture::context() };
        let opened = tick::open(&context, &old).expect("a legal opening");
        let new = Market { open_interest: open_interest[1], ..opened };
        let record = market::MarketRecord { id: 7, old, tick: None, median: None, premium: None, new, open_interest_at: 9, configured: None };
        let row = run_at::<market::MarketLeaf>(paid_until, record);
        prop_assert_eq!(&leaf_tuple(&row)[1..], [old.leaf(), new.leaf()]);
    }

    #[test]
    fn leaves_of_any_account_agree(
        collateral: [i64; 2], nonces in [[0u64..1 << 40, 0u64..1 << 40], [0u64..1 << 40, 0u64..1 << 40]],
        liq_since in 0u64..1 << 36, leverage_limit in 0u32..1 << 20, market in 1u16..512, orders_from in 0u64..1 << 36,
        sizes in [1i64 - (1 << 56)..1 << 56, 1i64 - (1 << 56)..1 << 56], entries in [0u64..1 << 63, 0u64..1 << 63],
        funding_index in -(1i128 << 95)..1 << 95,
    ) {
        let slot = |i: usize| Position { market, size: sizes[i], entry_quote: entries[i], funding_index };
        let account = |i: usize| {
            let mut account = Account::empty(GENERATOR, Mode::Isolated(market));
            (account.collateral, account.order_nonce) = (collateral[i], nonces[i][0]);
            (account.cancel_nonce, account.liq_since) = (nonces[i][1], liq_since);
            (account.leverage_limit, account.orders_from) = (leverage_limit, orders_from);
            account.slots[0] = (sizes[i] != 0).then(|| slot(i));
            account
        };
        let (old, new) = (account(0), account(1));
        let listed = Market { funding_index, ..fixture::market() };
        let slot = account::SlotInput {
            market, listed, old: old.slots[0], new_size: sizes[1], new_entry_quote: entries[1], new_required: [0; 2], last_touch: 9,
        };
        let close = account::Close {
            collateral: new.collateral, value: 0, initial: 0, maintenance: 0, entry: 0, header_touch: 9,
            order_nonce: new.order_nonce, cancel_nonce: new.cancel_nonce, nonce_touch: 9,
        };
        let record = account::AccountRecord {
            id: 600, fresh: false, opened_at: 0, owner: GENERATOR, mode_market: market,
            collateral: old.collateral, order_nonce: old.order_nonce, cancel_nonce: old.cancel_nonce,
            liq_since, leverage_limit, orders_from, amended: None, rekeyed: None, slots: [slot], close,
            opened: fixture::flat(0),
        };
        let row = run::<account::IsolatedAccount>(record);
        prop_assert_eq!(&leaf_tuple(&row)[1..], [old.leaf(), new.leaf()]);
    }
}

fn run<R: Row>(record: R::Record) -> RowWitness {
    run_at::<R>(0, record)
}

/// The row in a batch of this time.
fn run_at<R: Row>(time: u64, record: R::Record) -> RowWitness {
    let mut globals = [Fr::from(0u64); crate::state::wires::COUNT];
    globals[usize::from(crate::state::wires::TIME)] = Fr::from(time);
    RowWitness::compute::<R>(Shared { limb_bits: 13, globals: &globals }, 0, &[], &Padded::enabled(record))
}
