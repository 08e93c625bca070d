//! Layouts of words and leaves against shifted sums of big integers.

use super::*;
use crate::gadgets::hash::poseidon;
use crate::gadgets::signature::SecretKey;
use crate::soundness::fixture::{market, order, owner};
use ark_ff::PrimeField;
use num_bigint::BigUint;

/// `Σ value·2^shift`.
fn sum(parts: &[(u128, u32)]) -> BigUint {
    parts.iter().map(|(value, shift)| BigUint::from(*value) << *shift).sum()
}

fn big(word: Fr) -> BigUint {
    word.into_bigint().into()
}

fn position(size: i64) -> Position {
    Position { market: 7, size, entry_quote: (1 << 62) + 3, funding_index: -5 }
}

fn account(mode: Mode) -> Account {
    let mut account = Account::empty(owner(4), mode);
    account.collateral = -9;
    (account.order_nonce, account.cancel_nonce) = (11, 12);
    (account.liq_since, account.leverage_limit, account.orders_from) = (13, 14, 15);
    account.slots[0] = Some(position(-6));
    account
}

#[test]
fn slot_and_account_words() {
    let common = [(7, 0), ((1 << 62) + 3, 73), ((1 << 95) - 5, 136)];
    assert_eq!(big(position(6).word()), sum(&common) + sum(&[(6, 17)]));
    assert_eq!(big(position(-6).word()), sum(&common) + sum(&[(6, 17), (1, 16)]));
    assert_eq!(position(0).word(), Fr::from(0u64));
    let want = sum(&[((1 << 63) - 9, 0), (11, 64), (12, 104), (13, 144), (14, 180), (3, 200), (15, 216)]);
    assert_eq!(big(account(Mode::Isolated(3)).word()), want);
}

#[test]
fn account_leaves_by_mode() {
    let field = |value: u64| Fr::from(value);
    let PublicKey { x, y } = owner(4);
    let isolated = account(Mode::Isolated(3));
    let slot = position(-6).word();
    assert_eq!(isolated.leaf(), poseidon(&[field(3), x, y, isolated.word(), slot]));
    let mut cross = account(Mode::Cross);
    cross.slots[9] = Some(position(8));
    let zero = field(0);
    let mut first = vec![field(1), slot];
    first.extend([zero; 7]);
    let mut second = vec![field(1), zero, position(8).word()];
    second.extend([zero; 6]);
    let want = poseidon(&[field(2), x, y, cross.word(), poseidon(&first), poseidon(&second)]);
    assert_eq!(cross.leaf(), want);
}

#[test]
fn order_words_and_leaf() {
    let flags = Flags { post_only: true, reduce_only: false, immediate_or_cancel: false, fill_or_kill: true };
    let order = Order { left: 999, flags, fee_carry: 7, ..order(600, Side::Sell) };
    let want = [(600, 0), (1, 36), (1, 52), (100, 53), (9, 85), (1_000, 89), (2_000, 109)];
    let [w0, w1] = order.words();
    assert_eq!((big(w0), big(w1)), (sum(&want), sum(&[(1_000, 0), (999, 56), (7, 112)])));
    assert_eq!(order.leaf(), poseidon(&[Fr::from(4u64), w0, w1]));
    assert_eq!(Order { left: 0, ..order }.leaf(), Fr::from(0u64));
}

#[test]
fn market_words_and_leaf() {
    let market = Market {
        funding_index: 4,
        open_interest: 5,
        last_tick: 6,
        paid_until: 7,
        funding_remainder: 8,
        rate: -9,
        in_arrears: true,
        open_notional_low: 10,
        open_notional_high: 11,
        open_growth: 12,
        interest: -19,
        premium_clamp: 20,
        still_age: 13,
        halt_age: 14,
        cut_at: 15,
        asked: 17,
        rated_hour: 18,
        beyond: Beyond::Below,
        still: true,
        configured_at: 16,
        collar: 19,
        tiers: higher_tiers(
            &[Tier { from: 17, initial_fraction: 100_001, maintenance_fraction: 50_002 }],
            [0; 2],
        )
        .unwrap(),
        ..market()
    };
    let price = 100u128 << 32;
    let [w0, w1, w2, w3, w4, w5, rest @ ..] = market.words();
    let want =
        [(price, 0), ((1 << 95) + 4, 54), (5, 150), ((1 << 30) - 9, 214), (1, 245), (2, 246), (1, 248)];
    assert_eq!(big(w0), sum(&want));
    assert_eq!(big(w1), sum(&[(6, 0), (7, 40), (8, 80), (15, 122), (17, 162), (18, 216)]));
    let want = [(1 << 45, 0), (1 << 40, 54), (1_000_000, 110), (3_600, 140), (13, 156), (14, 176), (16, 196)];
    assert_eq!(big(w2), sum(&want));
    let want = [
        (100_000, 0),
        (50_000, 20),
        (500, 40),
        (200, 60),
        (5_000, 80),
        (200_000, 100),
        (1, 120),
        (1, 160),
        (10, 200),
        (1, 232),
        (19, 236),
    ];
    assert_eq!(big(w3), sum(&want));
    assert_eq!(big(w4), sum(&[(10, 0), (11, 63), (12, 126), ((1 << 30) - 19, 182), (20, 213)]));
    let never = (1 << 63) - 1;
    assert_eq!(
        big(w5),
        sum(&[(17, 0), (100_001, 63), (50_002, 83), (never, 103), (100_001, 166), (50_002, 186)])
    );
    for word in rest {
        let unused = [(never, 0), (100_001, 63), (50_002, 83), (never, 103), (100_001, 166), (50_002, 186)];
        assert_eq!(big(word), sum(&unused));
    }
    let [w6, w7, w8] = rest;
    assert_eq!(market.leaf(), poseidon(&[Fr::from(5u64), w0, w1, w2, w3, w4, w5, w6, w7, w8]));
}

#[test]
fn globals_word_and_leaf() {
    let config = Fr::from(8u64);
    let globals =
        Globals { batch: 1, next_order: 2, deposits: 3, time: 4, epoch: 5, config, signers: Fr::from(9u64) };
    assert_eq!(big(globals.word()), sum(&[(1, 0), (2, 64), (3, 100), (4, 164), (5, 204)]));
    assert_eq!(globals.leaf(), poseidon(&[Fr::from(6u64), globals.word(), config, Fr::from(9u64)]));
}

#[test]
fn markets_are_refused_at_the_bounds_of_their_parameters() {
    let refused = |spoil: fn(&mut Market)| {
        let mut market = market();
        spoil(&mut market);
        market.validate().err()
    };
    assert_eq!(refused(|_| ()), None);
    // 2^45 · 2^49 < 2^95, but 2^45 · 2^50 is not.
    assert_eq!(refused(|m| m.max_size = 1 << 49), None);
    let bits = Some(ParameterError::PositionValue { bits: 96 });
    assert_eq!(refused(|m| m.max_size = 1 << 50), bits);
    assert_eq!(refused(|m| m.initial_fraction = 55_500), None);
    let fees = Some(ParameterError::FeesEatMargin { tier: 1, sum: 55_500, initial: 55_499 });
    assert_eq!(refused(|m| m.initial_fraction = 55_499), fees);
    // mmf 5 %: at most 1.25 % in the longest interval of one hour.
    assert_eq!(refused(|m| m.funding_cap = 12_500_000), None);
    let eats = |interval, cap| Some(ParameterError::FundingEatsMargin { interval, cap, maintenance: 50_000 });
    assert_eq!(refused(|m| m.funding_cap = 12_500_001), eats(3_600, 12_500_001));
    assert_eq!(refused(|m| (m.funding_cap, m.funding_interval) = (6_250_000, 7_200)), None);
    assert_eq!(refused(|m| (m.funding_cap, m.funding_interval) = (6_250_000, 7_201)), eats(7_201, 6_250_000));
    let open = |low, high| Some(ParameterError::OpenNotional { low, high });
    assert_eq!(refused(|m| m.open_notional_low = 5), None);
    assert_eq!(refused(|m| (m.open_notional_low, m.open_notional_high) = (5, 6)), None);
    assert_eq!(refused(|m| (m.open_notional_low, m.open_notional_high) = (6, 6)), open(6, 6));
    assert_eq!(refused(|m| m.max_size = 10), None);
    let orders = Some(ParameterError::OrdersTooLarge { smallest: 10, largest: 9 });
    assert_eq!(refused(|m| m.max_size = 9), orders);
    let fields: [fn(&mut Market); 19] = [
        |m| m.open_growth = 1 << 56,
        |m| m.paid_until = 1 << 40,
        |m| m.asked = 0,
        |m| m.rated_hour = 1 << 29,
        |m| m.interest = 1 << 30,
        |m| m.interest = (-1 << 30) - 1,
        |m| m.premium_clamp = 1 << 25,
        |m| m.funding_remainder = 3_600_000_000_000,
        |m| m.funding_interval = 59,
        |m| m.rate = -1_000_001,
        |m| m.price = 0,
        |m| m.price = m.max_price + 1,
        |m| m.max_price = 1 << 54,
        |m| m.maintenance_fraction = 0,
        |m| m.band = 1_000_000,
        |m| m.collar = 1 << 10,
        |m| m.lot = 0,
        |m| m.tick_quote = 1 << 40,
        |m| m.status = 16,
    ];
    for spoil in fields {
        assert!(matches!(refused(spoil), Some(ParameterError::Range { .. })));
    }
}

#[test]
fn genesis_has_fee_account_and_pools() {
    let genesis = |ids: &[MarketId]| Genesis {
        fee_owner: owner(1),
        markets: ids.iter().map(|id| (*id, market())).collect(),
        pools: 0,
        time: 1_000,
        config: Fr::from(5u64),
        signers: Vec::new(),
    };
    let state = State::genesis(genesis(&[1, 511])).unwrap();
    assert_eq!(state.account(1).unwrap().mode, Mode::Cross);
    assert_eq!(state.account(512).unwrap().mode, Mode::Isolated(511));
    // The pools of markets that may be listed later; without them the root is another.
    let roomy = State::genesis(Genesis { pools: 3, ..genesis(&[1]) }).unwrap();
    assert_eq!(roomy.account(4).unwrap(), &Account::empty(PublicKey::NOBODY, Mode::Isolated(3)));
    assert!(roomy.account(5).is_none());
    assert_ne!(roomy.root(), State::genesis(genesis(&[1])).unwrap().root());
    let beyond = State::genesis(Genesis { pools: 512, ..genesis(&[1]) });
    assert_eq!(beyond.unwrap_err(), GenesisError::MarketId(512));
    assert_eq!(state.next_account(), FIRST_USER_ACCOUNT);
    assert_eq!(State::genesis(genesis(&[0])).unwrap_err(), GenesisError::MarketId(0));
    assert_eq!(State::genesis(genesis(&[512])).unwrap_err(), GenesisError::MarketId(512));
    let key = |number: u8| SecretKey::from_seed(&[number; 32]).public_key();
    let signed =
        |signers| State::genesis(Genesis { signers, ..genesis(&[1]) }).map(|state| state.globals().signers);
    assert_eq!(signed(vec![]), Ok(Fr::from(0u64)));
    let eight: Vec<PublicKey> = (0..8).map(key).collect();
    let digest = eight.iter().fold(Fr::from(0u64), |d, key| poseidon(&[d, key.x, key.y]));
    assert_eq!(signed(eight), Ok(digest));
    assert_eq!(signed((0..9).map(key).collect()), Err(GenesisError::Signers(9)));
    assert_eq!(signed(vec![key(1), key(2), key(1)]), Err(GenesisError::SignerKey(2)));
    assert_eq!(signed(vec![owner(1)]), Err(GenesisError::SignerKey(0)));
    let late = Genesis { time: 999, ..genesis(&[1]) };
    assert_eq!(State::genesis(late).unwrap_err(), GenesisError::TickAhead { market: 1 });
}

/// Price 100, so that twice an open interest of 50 quanta is worth 10,000 and counts 5,000.
#[test]
fn open_interest_raises_the_initial_fraction_and_bounds_itself() {
    let market = |open_interest, growth| Market {
        open_interest,
        open_growth: growth,
        open_notional_low: 5_000,
        open_notional_high: 15_000,
        ..market()
    };
    // imf 10 %: up to 5,000 as listed, at 10,000 half of the way to the whole, from 15,000 on the whole.
    let cases = [
        (100, 0, 100_000, 100),
        (0, 50, 100_000, 100),
        (101, 0, 104_500, 101),
        (150, 25, 550_000, 200),
        (200, 0, 550_000, 200),
        (299, 0, 995_500, 299),
        (300, 0, 1_000_000, 300),
        (299, 3, 1_000_000, 300),
        (500, 0, 1_000_000, 300),
        (u64::MAX, (1 << 56) - 1, 1_000_000, 300),
    ];
    for (open_interest, growth, fraction, limit) in cases {
        let market = market(open_interest, growth);
        assert_eq!(
            (market.initial_in_force(), market.open_interest_limit()),
            (fraction, limit),
            "{open_interest}"
        );
    }
    // Rounded up; one ulp of the price more already counts.
    let above = Market { price: (100 << 32) + 1, ..market(100, 0) };
    assert_eq!((above.initial_in_force(), above.open_interest_limit()), (100_001, 100));
    let unbounded = Market { open_notional_high: 0, ..market(500, 0) };
    assert_eq!((unbounded.initial_in_force(), unbounded.open_interest_limit()), (100_000, u64::MAX.into()));
    let extreme = Market {
        open_interest: u64::MAX,
        open_growth: (1 << 56) - 1,
        open_notional_low: 0,
        open_notional_high: (1 << 63) - 1,
        price: (1 << 54) - 1,
        initial_fraction: 1,
        ..market(0, 0)
    };
    assert_eq!(extreme.initial_in_force(), 1_000_000);
}
