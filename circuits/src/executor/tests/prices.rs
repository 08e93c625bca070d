//! Price lists: who may sign them, when, and which price a market takes.

use super::*;
use crate::ops::action::ActionRecord;
use crate::ops::prices::signer_of;
use crate::ops::{PremiumsItem, PricesItem, Tick};
use crate::params::SIGNER_BASE;
use crate::soundness::batches::{circuit_of, deployment};

/// Five markets and as many price signers, at time 1000: four of them are a quorum.
fn signed_genesis(signers: u8) -> State {
    let markets: BTreeMap<_, _> = (1..=5).map(|id| (id, market())).collect();
    let config = Fr::from(77u64);
    let mut genesis = Genesis::of(key(1).public_key(), markets, 1_000, config);
    genesis.signers = (0..signers).map(|number| signer(number).public_key()).collect();
    State::genesis(genesis).unwrap()
}

fn signer(number: u8) -> SecretKey {
    key(100 + number)
}

/// A batch at this time.
pub(super) fn at(state: State, time: u64) -> Executor {
    let capacities = Capacities::UNLIMITED.with("flat_accounts", 0);
    let signatures = SignatureCheck::Verify;
    Executor::begin(state, BatchContext { time, domain: domain(), capacities, signatures }).unwrap()
}

/// A list of signer `number`: these prices of the markets 1 to 5.
pub(super) fn list(number: u8, epoch: u64, prices: [u64; 5]) -> Op {
    let [a, b, c, d, e] = prices;
    let items = [(0, [0, a, b, c]), (1, [d, e, 0, 0])];
    let items = items.map(|(index, prices)| Item::Prices(PricesItem { index, prices }));
    by(number, epoch, items.into())
}

fn by(number: u8, nonce: u64, items: Vec<Item>) -> Op {
    by_in(Lane::Orders, number, nonce, items)
}

fn by_in(lane: Lane, number: u8, nonce: u64, items: Vec<Item>) -> Op {
    let account = SIGNER_BASE + u64::from(number);
    assert_eq!(signer_of(account), Some(usize::from(number)));
    let signature = key(1).sign(Fr::from(0u64));
    let mut action = Action { account, lane, strict: false, nonce, items, signature };
    action.signature = signer(number).sign(action.message(&domain()).hash);
    Op::Action(Box::new(action))
}

fn price(units: u64) -> u64 {
    units << 32
}

/// Lists of these signers with 100 plus their number for market 1, and 100 for the others.
fn lists(executor: &mut Executor, epoch: u64, signers: impl IntoIterator<Item = u8>) {
    for number in signers {
        let prices = [price(100 + u64::from(number)), price(100), price(100), price(100), price(100)];
        assert_eq!(executor.apply(&list(number, epoch, prices)), Ok(Applied::Prices { epoch }));
    }
}

#[test]
fn opened_markets_take_the_median_of_a_quorum() {
    let mut executor = at(signed_genesis(5), 1_105);
    lists(&mut executor, 110, [0, 1, 3, 4]);
    assert_eq!(executor.market(1).unwrap().price, price(100), "not yet open");
    deposit(&mut executor, 10, 1_000_000);
    place(&mut executor, 10, 600, item(1, Side::Buy, 100, 50));
    // The lower one of 101 and 103, observed in the epoch.
    let market = executor.market(1).unwrap();
    assert_eq!((market.price, market.last_tick), (price(101), 1_100));
    let (state, trace) = executor.finish().unwrap();
    assert_eq!(state.globals().epoch, 110);
    assert_eq!(state.market(2).unwrap().last_tick, 1_000, "a market that is not opened does not tick");
    assert_eq!(trace.usage()["ticks"], 1);
    // Without lists nothing ticks, and the epoch stays.
    let mut executor = at(state, 1_200);
    place(&mut executor, 10, 600, item(1, Side::Buy, 100, 50));
    assert_eq!(executor.market(1).unwrap().last_tick, 1_100);
    assert_eq!(executor.finish().unwrap().0.globals().epoch, 110);
}

#[test]
fn too_few_signers_move_nothing() {
    let mut executor = at(signed_genesis(5), 1_105);
    lists(&mut executor, 110, [0, 1, 2]);
    deposit(&mut executor, 10, 1_000_000);
    place(&mut executor, 10, 600, item(1, Side::Buy, 100, 50));
    assert_eq!(executor.market(1).unwrap().last_tick, 1_000);
}

#[test]
fn a_ticks_price_is_the_median_and_its_rate_the_one_in_force() {
    let mut executor = at(signed_genesis(3), 1_105);
    let tick = |units, rate| Op::Tick(Tick { market: 1, price: price(units), rate });
    assert_eq!(reason(executor.apply(&tick(100, 0))), Some(Reject::NoQuorum));
    lists(&mut executor, 110, [0, 1, 2]);
    for units in [100, 102] {
        assert_eq!(reason(executor.apply(&tick(units, 0))), Some(Reject::NotMedian));
    }
    for rate in [1, -1] {
        assert_eq!(reason(executor.apply(&tick(101, rate))), Some(Reject::NotSignedRate));
    }
    assert!(executor.apply(&tick(101, 0)).is_ok());
    assert_eq!(reason(executor.apply(&tick(101, 0))), Some(Reject::TickTwice));
    deposit(&mut executor, 10, 1_000_000);
    place(&mut executor, 10, 600, item(2, Side::Buy, 100, 50));
    assert_eq!(executor.market(2).unwrap().last_tick, 1_100);
    let state = executor.finish().unwrap().0;
    // The price of an epoch that the market has had is no new one.
    let mut executor = at(state, 1_115);
    lists(&mut executor, 111, [0, 1, 2]);
    assert!(executor.apply(&tick(101, 0)).is_ok());
}

/// A list of premiums of signer `number`, of the markets 1 to 5.
fn premium_list(number: u8, epoch: u64, premiums: [Option<i32>; 5]) -> Op {
    let [a, b, c, d, e] = premiums;
    let items = [(0, [None, a, b, c]), (1, [d, e, None, None])];
    let items = items.map(|(index, premiums)| Item::Premiums(PremiumsItem { index, premiums }));
    by_in(Lane::Cancels, number, epoch, items.into())
}

/// Lists of premiums of these signers: their number less one in market 1, 40 in the others but for 5, of which one signer
/// knows nothing.
fn premium_lists(executor: &mut Executor, epoch: u64, signers: impl IntoIterator<Item = u8>) {
    for number in signers {
        let last = (number > 0).then_some(40);
        let premiums = [Some(i32::from(number) - 1), Some(40), Some(2_000_000), Some(-2_000_000), last];
        let op = premium_list(number, epoch, premiums);
        assert_eq!(executor.apply(&op), Ok(Applied::Premiums { epoch }));
    }
}

#[test]
fn the_first_tick_of_an_hour_takes_the_signed_rate() {
    let mut executor = at(signed_genesis(3), 3_605);
    lists(&mut executor, 360, 0..3);
    let tick = |market, units, rate| Op::Tick(Tick { market, price: price(units), rate });
    // No list of premiums, and not one of each.
    assert_eq!(reason(executor.apply(&tick(1, 101, 0))), Some(Reject::NoPremium));
    deposit(&mut executor, 10, 1_000_000);
    let mut executor = at(signed_genesis(3), 3_605);
    lists(&mut executor, 360, 0..3);
    premium_lists(&mut executor, 360, 0..2);
    assert_eq!(reason(executor.apply(&tick(1, 101, 0))), Some(Reject::NoPremium));
    premium_lists(&mut executor, 360, 2..3);
    // The median, at most the cap, and 0 where two of three are no quorum.
    for (market, units, rate) in
        [(1, 101, 0), (2, 100, 40), (3, 100, 1_000_000), (4, 100, -1_000_000), (5, 100, 0)]
    {
        for other in [rate - 1, rate + 1] {
            let other = reason(executor.apply(&tick(market, units, other)));
            assert_eq!(other, Some(Reject::NotSignedRate), "{market}");
        }
        executor.apply(&tick(market, units, rate)).unwrap();
        let market = executor.market(market).unwrap();
        assert_eq!((market.rate, market.rated_hour), (rate, 1));
    }
    let state = executor.finish().unwrap().0;
    // Until the next hour no list of premiums is needed.
    let mut executor = at(state, 7_199);
    lists(&mut executor, 719, 0..3);
    executor.apply(&tick(2, 100, 40)).unwrap();
    let state = executor.finish().unwrap().0;
    // A market that an op opens takes rate and price by itself.
    let mut executor = at(state, 7_205);
    lists(&mut executor, 720, 0..3);
    premium_lists(&mut executor, 720, 0..3);
    deposit(&mut executor, 10, 1_000_000);
    place(&mut executor, 10, 600, item(2, Side::Buy, 100, 50));
    assert_eq!((executor.market(2).unwrap().rate, executor.market(2).unwrap().rated_hour), (40, 2));
}

#[test]
fn premiums_come_with_prices_of_the_same_signers() {
    let premiums = [Some(1), None, None, None, None];
    let mut executor = at(signed_genesis(3), 3_605);
    assert_eq!(reason(executor.apply(&premium_list(0, 360, premiums))), Some(Reject::PremiumsAlone));
    lists(&mut executor, 360, 0..2);
    let mut refused = |op: &Op| reason(executor.apply(op));
    assert_eq!(refused(&premium_list(3, 360, premiums)), Some(Reject::NotSigner));
    assert_eq!(refused(&premium_list(0, 359, premiums)), Some(Reject::EpochMismatch));
    assert_eq!(refused(&premium_list(2, 360, premiums)), Some(Reject::PremiumsAlone));
    let word = |index| Item::Premiums(PremiumsItem { index, premiums: [Some(1); 4] });
    assert_eq!(refused(&by(0, 360, vec![word(0)])), Some(Reject::WrongLane));
    assert_eq!(refused(&by_in(Lane::Cancels, 0, 360, vec![word(0), word(0)])), Some(Reject::PricesTwice));
    let price = Item::Prices(PricesItem { index: 0, prices: [1; 4] });
    let mixed = by_in(Lane::Cancels, 0, 360, vec![word(0), price]);
    assert_eq!(refused(&mixed), Some(Reject::UnknownAccount));
    let mut wide = by_in(Lane::Cancels, 0, 360, vec![word(0)]);
    if let Op::Action(action) = &mut wide {
        action.items = vec![Item::Premiums(PremiumsItem { index: 0, premiums: [Some(-1 << 30); 4] })];
    }
    assert_eq!(refused(&wide), Some(Reject::FieldRange));
    assert_eq!(refused(&premium_list(0, 360, premiums)), None);
    assert_eq!(refused(&premium_list(0, 360, premiums)), Some(Reject::NonceTooLow));
    // The other signer's are missing.
    let unfinished = executor.finish().unwrap_err();
    assert_eq!(unfinished.error, FinishError::Premiums(1));
    let mut executor = *unfinished.executor;
    executor.apply(&premium_list(1, 360, premiums)).unwrap();
    executor.finish().unwrap();
}

#[test]
fn lists_are_refused() {
    let prices = [price(100); 5];
    let mut executor = at(signed_genesis(2), 1_105);
    let mut refused = |op: &Op| reason(executor.apply(op));
    // Unregistered, of the time to come, of the past, too far ahead of the last epoch, signed by another.
    assert_eq!(refused(&list(2, 110, prices)), Some(Reject::NotSigner));
    assert_eq!(refused(&list(0, 111, prices)), Some(Reject::EpochAhead));
    assert_eq!(refused(&list(0, 100, prices)), Some(Reject::NonceTooLow));
    let mut forged = list(0, 110, prices);
    if let Op::Action(action) = &mut forged {
        action.account += 1;
    }
    assert_eq!(refused(&forged), Some(Reject::BadSignature));
    // One word twice, a word that is no price, another lane.
    let word = |index, price| Item::Prices(PricesItem { index, prices: [price; 4] });
    assert_eq!(refused(&by(0, 110, vec![word(0, 5), word(0, 6)])), Some(Reject::PricesTwice));
    let mut wide = by(0, 110, vec![word(0, 5)]);
    if let Op::Action(action) = &mut wide {
        action.items = vec![word(0, 1 << 54)];
    }
    assert_eq!(refused(&wide), Some(Reject::FieldRange));
    assert_eq!(refused(&by(0, 110, vec![Item::SetLeverage(5)])), Some(Reject::UnknownAccount));
    let mut cancels = list(0, 110, prices);
    if let Op::Action(action) = &mut cancels {
        action.lane = Lane::Cancels;
    }
    assert_eq!(refused(&cancels), Some(Reject::WrongLane));
    // Of two epochs, twice by one signer, after an op.
    assert_eq!(refused(&list(0, 110, prices)), None);
    assert_eq!(refused(&list(1, 109, prices)), Some(Reject::EpochMismatch));
    assert_eq!(refused(&list(0, 110, prices)), Some(Reject::NonceTooLow));
    deposit(&mut executor, 10, 1_000_000);
    assert_eq!(reason(executor.apply(&list(1, 110, prices))), Some(Reject::TickTooLate));
    let op = signed(&executor, 10, 600, vec![word(0, 5)]);
    assert_eq!(reason(executor.apply(&op)), Some(Reject::NotSigner));
}

#[test]
fn a_price_beyond_the_markets_range_is_no_tick() {
    let mut executor = at(signed_genesis(1), 1_105);
    let beyond = market().max_price + 1;
    executor.apply(&list(0, 110, [beyond, price(100), price(100), price(100), price(100)])).unwrap();
    deposit(&mut executor, 10, 1_000_000);
    place(&mut executor, 10, 600, item(1, Side::Buy, 100, 50));
    assert_eq!(executor.market(1).unwrap().last_tick, 1_000);
}

/// The tiny shape with room for three signers and the words of four markets more than it has rows for.
pub(crate) fn signed_shape() -> crate::batch::shape::Shape {
    let mut shape = crate::batch::shape::Shape::named("tiny").unwrap();
    let c = &mut shape.capacities;
    (c["signers"], c["quotes"], c["chunks"], c["markets"], c["ticks"]) = (3, 2, c["chunks"] + 6, 2, 2);
    c["actions"] += 8;
    shape
}

/// A batch of that shape with the lists of three signers, of which market 1 takes the median 101.
pub(crate) fn signed_batch() -> (crate::batch::shape::Shape, crate::kinds::Trace) {
    let shape = signed_shape();
    let signatures = SignatureCheck::Verify;
    let context = BatchContext { time: 1_105, domain: domain(), capacities: shape.capacities, signatures };
    let mut executor = Executor::begin(signed_genesis(3), context).unwrap();
    lists(&mut executor, 110, 0..3);
    deposit(&mut executor, 10, 1_000_000_000);
    place(&mut executor, 10, 600, item(1, Side::Buy, 100, 50));
    let (_, trace) = executor.finish().unwrap();
    (shape, trace)
}

/// The same in the first batch of an hour, with the lists of premiums: market 1 takes 0, the others 40.
pub(crate) fn hours_batch() -> (crate::batch::shape::Shape, crate::kinds::Trace) {
    let shape = signed_shape();
    let signatures = SignatureCheck::Verify;
    let context = BatchContext { time: 3_605, domain: domain(), capacities: shape.capacities, signatures };
    let mut executor = Executor::begin(signed_genesis(3), context).unwrap();
    lists(&mut executor, 360, 0..3);
    premium_lists(&mut executor, 360, 0..3);
    deposit(&mut executor, 10, 1_000_000_000);
    place(&mut executor, 10, 600, item(2, Side::Buy, 100, 50));
    let (_, trace) = executor.finish().unwrap();
    (shape, trace)
}

/// The first word of a list: prices of the markets 1 to 3.
pub(crate) fn earlier_word() -> Item {
    Item::Prices(PricesItem { index: 0, prices: [0, price(90), price(90), price(90)] })
}

/// A batch with the list of the one signer for epoch 110, which has the second word alone, and what the signer's list
/// of epoch 105 with the first word would be in its place.
pub(crate) fn two_lists() -> (crate::batch::shape::Shape, crate::kinds::Trace, ActionRecord) {
    let shape = signed_shape();
    let batch = |op: &Op| {
        let signatures = SignatureCheck::Verify;
        let context =
            BatchContext { time: 1_105, domain: domain(), capacities: shape.capacities, signatures };
        let mut executor = Executor::begin(signed_genesis(1), context).unwrap();
        executor.apply(op).unwrap();
        executor.finish().unwrap().1
    };
    let later = Item::Prices(PricesItem { index: 1, prices: [price(100), price(100), 0, 0] });
    let earlier = batch(&by(0, 105, vec![earlier_word()])).of::<ActionRecord>()[0].record.clone();
    let trace = batch(&by(0, 110, vec![later]));
    (shape, trace, earlier)
}

#[test]
fn batches_with_lists_are_provable() {
    let shape = signed_shape();
    let circuit = circuit_of(&shape);
    let mut state = signed_genesis(3);
    for (time, epoch, signers) in
        [(1_105, 110, 3), (1_125, 112, 2), (1_130, 113, 0), (1_200, 119, 3), (3_605, 360, 3)]
    {
        let signatures = SignatureCheck::Verify;
        let context = BatchContext { time, domain: domain(), capacities: shape.capacities, signatures };
        let mut executor = Executor::begin(state, context).unwrap();
        lists(&mut executor, epoch, 0..signers);
        if time > 3_600 {
            premium_lists(&mut executor, epoch, 0..signers);
        }
        if executor.state().globals().batch == 0 {
            deposit(&mut executor, 10, 1_000_000_000);
        } else {
            place(&mut executor, 10, 600, item(1, Side::Buy, 100, 50));
        }
        let (after, trace) = executor.finish().unwrap();
        let deployment = deployment(&shape);
        let witness = crate::batch::witness::witness(&circuit, &shape, &trace, &deployment, true);
        assert!(witness.is_ok(), "{time}: {:?}", witness.err());
        state = after;
    }
    assert_eq!((state.market(1).unwrap().last_tick, state.market(1).unwrap().rated_hour), (3_600, 1));
    // A shape without room for the signers, or for a word of the list, has none for the batch.
    for lacking in ["signers", "quotes"] {
        let capacities = shape.capacities.with(lacking, 1);
        let signatures = SignatureCheck::Verify;
        let context = BatchContext { time: 3_700, domain: domain(), capacities, signatures };
        let mut executor = Executor::begin(state.clone(), context).unwrap();
        let full = executor.apply(&list(0, 365, [price(100); 5]));
        assert!(matches!(full, Err(ApplyError::Overflow(overflow)) if overflow.what == lacking), "{full:?}");
    }
}
