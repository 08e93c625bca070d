//! Lists are signed as a batch takes them; each fault has its name, and each market its median or its reason.

use super::check::ListFault;
use super::*;
use crate::engine::market::market;
use crate::engine::oracle::key;
use crate::flow::listing::listings;
use crate::record::genesis::GenesisFile;
use zkmargin_circuits::executor::{Applied, BatchContext, Executor};
use zkmargin_circuits::kinds::Capacities;
use zkmargin_circuits::ops::Op;
use zkmargin_circuits::ops::action::SignatureCheck;

const DOMAIN: Domain = Domain { chain_id: 5, contract: [7; 20] };
/// The genesis is of 1000 s: this is the first epoch that a list may have.
const EPOCH: u64 = 101;

/// Three markets and four signers, three of whom are a quorum.
fn genesis() -> GenesisFile {
    let listings = listings(3);
    let listed = |listing| market(listing, 6, 1_000).unwrap();
    let markets = listings.iter().zip(1..).map(|(listing, id)| (id, listed(listing))).collect();
    let keys: Vec<_> = (0..4).map(|number| key(1, number).public_key()).collect();
    GenesisFile::new(1_000, 6, keys[0], &keys, &listings, &markets).unwrap()
}

fn rules() -> Rules {
    Rules { domain: DOMAIN, epoch: None, last_epoch: EPOCH - 1 }
}

/// The genesis' prices, the first one higher by the signer's number.
fn honest(number: u8) -> SignedList {
    let of = |listed: &crate::record::genesis::ListedMarket| (listed.id, listed.price);
    let mut prices: BTreeMap<_, _> = genesis().markets.iter().map(of).collect();
    *prices.get_mut(&1).unwrap() += u64::from(number);
    sign(&key(1, number), number, &DOMAIN, EPOCH, &prices)
}

fn checked(lists: impl IntoIterator<Item = SignedList>) -> Checked {
    let lists: Vec<_> = (0..).zip(lists).map(|(at, list)| (format!("{at}.json"), list)).collect();
    check(&genesis(), &rules(), &lists).unwrap()
}

#[test]
fn a_batch_takes_the_lists_as_files_have_them() {
    let state = genesis().state().unwrap();
    let (capacities, signatures) = (Capacities::UNLIMITED, SignatureCheck::Verify);
    let context = BatchContext { time: 1_015, domain: DOMAIN, capacities, signatures };
    let mut executor = Executor::begin(state, context).unwrap();
    for number in 0..4 {
        let text = serde_json::to_string(&honest(number)).unwrap();
        let list: SignedList = serde_json::from_str(&text).unwrap();
        assert_eq!(list, honest(number));
        let op = Op::Action(Box::new(list.action().unwrap()));
        assert_eq!(executor.apply(&op), Ok(Applied::Prices { epoch: EPOCH }));
    }
}

/// 40·10^-9 of market 1, and the signer's number of market 2.
fn premiums(number: u8) -> SignedList {
    let premiums = BTreeMap::from([(1, 40), (2, i32::from(number))]);
    sign_premiums(&key(1, number), number, &DOMAIN, EPOCH, &premiums)
}

#[test]
fn lists_of_premiums_are_those_of_the_signers_of_prices() {
    let state = genesis().state().unwrap();
    let (capacities, signatures) = (Capacities::UNLIMITED, SignatureCheck::Verify);
    let context = BatchContext { time: 1_015, domain: DOMAIN, capacities, signatures };
    let mut executor = Executor::begin(state, context).unwrap();
    for list in (0..4).map(honest).chain((0..4).map(premiums)) {
        let list: SignedList = serde_json::from_str(&serde_json::to_string(&list).unwrap()).unwrap();
        executor.apply(&Op::Action(Box::new(list.action().unwrap()))).unwrap();
    }
    executor.finish().unwrap();
    let all = checked((0..4).map(honest).chain((0..4).map(premiums)));
    assert_eq!(all.complaint(), None);
    let found: Vec<_> = all.markets.iter().map(|market| (market.premiums, market.premium)).collect();
    assert_eq!(found, [(4, Some(40)), (4, Some(1)), (0, None)]);
    // Of one signer they are missing; two of four are no quorum.
    let missing = checked((0..4).map(honest).chain((0..3).map(premiums)));
    assert!(
        missing
            .complaint()
            .unwrap()
            .starts_with("price signer 3 has a list of prices or of premiums, not both")
    );
    assert_eq!(checked([0, 1].map(premiums)).markets[0].premium, None);
    let twice = checked([premiums(0), premiums(0)]);
    assert_eq!(twice.lists[1].fault, Some(ListFault::Doubled(0)));
    for (change, name) in [
        ((|list| list.premiums.swap(0, 1)) as fn(&mut SignedList), "unsorted"),
        (|list| list.premiums[1].market = 4, "unknown_market"),
        (|list| list.premiums[1].premium = 1 << 30, "premium_range"),
        (|list| list.premiums[1].premium += 1, "bad_signature"),
        (|list| list.premiums.clear(), "entries"),
        (|list| list.prices = honest(0).prices, "entries"),
        (|list| list.format = FORMAT.to_owned(), "entries"),
        (|list| list.epoch -= 1, "stale"),
    ] {
        let mut list = premiums(1);
        change(&mut list);
        let checked = checked([list]);
        assert_eq!(checked.lists[0].fault.as_ref().map(ListFault::code), Some(name));
    }
}

#[test]
fn premiums_of_a_feed_are_read_exactly() {
    let genesis = genesis();
    let row = |market: u16, premium: &str| format!("{{\"market\": {market}, \"premium\": \"{premium}\"}}\n");
    let read =
        super::premiums(&genesis, "feed", &(row(1, "0.0000125") + "\n" + &row(3, "-1.073741823"))).unwrap();
    assert_eq!(read, BTreeMap::from([(1, 12_500), (3, -1_073_741_823)]));
    let refused = |text: &str| super::premiums(&genesis, "feed", text).unwrap_err().to_string();
    let good = row(2, "0");
    assert_eq!(
        refused(&format!("{good}{good}")),
        "feed:2: a second premium of market 2; state each market once"
    );
    assert!(refused(&row(4, "0")).starts_with("feed:1: market 4 is not listed"));
    for bad in ["1.073741824", "-2"] {
        assert!(refused(&row(1, bad)).contains(&format!("market 1 cannot have the premium {bad};")));
    }
    assert!(refused("{\"market\": 1, \"price\": \"1\"}").starts_with("feed:1: unknown field"));
}

#[test]
fn the_lower_median_of_a_quorum() {
    let first = genesis().markets[0].price;
    let medians = |checked: &Checked| checked.markets.iter().map(|market| market.median).collect::<Vec<_>>();
    let all = checked((0..4).map(honest));
    assert_eq!((all.complaint(), all.markets.len(), all.epoch), (None, 3, Some(EPOCH)));
    assert_eq!(medians(&all)[0], Some(first + 1));
    assert_eq!(medians(&checked([3, 1, 2].map(honest)))[0], Some(first + 2));
    let few = checked([0, 1].map(honest));
    assert_eq!(medians(&few), [None; 3]);
    let said = "too few signers for market 1: 2 of 4 state a price, a quorum is 3";
    assert_eq!(few.complaint().as_deref(), Some(said));
}

#[test]
fn each_fault_has_its_name() {
    type Change = fn(&mut SignedList);
    let cases: [(Change, &str); 11] = [
        (|list| list.format.push('2'), "format"),
        (|list| list.chain_id = 6, "other_chain"),
        (|list| list.contract = list.contract.replace('7', "8"), "other_contract"),
        (|list| list.signer = 4, "unregistered"),
        (|list| list.epoch += 1, "other_epoch"),
        (|list| list.prices.swap(0, 1), "unsorted"),
        (|list| list.prices[1].market = 1, "unsorted"),
        (|list| list.prices[2].market = 4, "unknown_market"),
        (|list| list.prices[2].price = 0, "price_range"),
        (|list| list.prices[2].price += 1, "bad_signature"),
        (|list| list.s = "0x1".to_owned(), "malformed"),
    ];
    for (change, name) in cases {
        let mut list = honest(1);
        change(&mut list);
        let checked = checked([honest(0), list, honest(2), honest(3)]);
        let faults: Vec<_> = checked.lists.iter().filter_map(|list| list.fault.as_ref()).collect();
        let [fault] = faults.as_slice() else { panic!("{name}: {faults:?}") };
        assert_eq!(fault.code(), name);
        // The other three are a quorum; the command fails nevertheless.
        assert_eq!(checked.markets[0].stated, 3);
        assert_eq!(checked.complaint(), Some(format!("1.json: {fault}")));
    }
    let twice = checked([honest(0), honest(1), honest(0)]);
    assert_eq!(twice.lists[2].fault, Some(ListFault::Doubled(0)));
    // Another signer's list under one's own number is no list of his.
    let stolen = SignedList { signer: 2, ..honest(1) };
    assert_eq!(checked([stolen]).lists[0].fault.as_ref().map(ListFault::code), Some("bad_signature"));
    let stale = Rules { last_epoch: EPOCH, ..rules() };
    let stale = check(&genesis(), &stale, &[("old.json".to_owned(), honest(0))]).unwrap();
    let said = "old.json: stale: of epoch 101, the last one with prices is 101";
    assert_eq!(stale.complaint().as_deref(), Some(said));
}

#[test]
fn prices_of_a_feed_are_read_exactly() {
    let genesis = genesis();
    let row = |market: u16, price: &str| format!("{{\"market\": {market}, \"price\": \"{price}\"}}\n");
    let shown = |listed| crate::audit::account::price(&genesis, listed, listed.price.into());
    let text: String = genesis.markets.iter().map(|listed| row(listed.id, &shown(listed))).collect();
    let read = prices(&genesis, "feed", &text).unwrap();
    assert!(genesis.markets.iter().all(|listed| read[&listed.id] == listed.price));
    let refused = |text: &str| prices(&genesis, "feed", text).unwrap_err().to_string();
    let good = row(1, "2500.25");
    assert_eq!(
        refused(&format!("{good}\n{good}")),
        "feed:3: a second price of market 1; state each market once"
    );
    assert!(refused(&row(4, "1")).starts_with("feed:1: market 4 is not listed"));
    for bad in ["0", "-1", "99999999999999999"] {
        assert!(refused(&row(1, bad)).contains(&format!("market 1 cannot have the price {bad};")));
    }
    assert!(refused(&row(1, "1e3")).contains("not a decimal number"));
    assert!(refused("{\"market\": 1, \"price\": 2500.25}").starts_with("feed:1: invalid type"));
}

/// `testvectors/price-lists.json`: lists that JavaScript scaled, encoded, hashed and signed.
mod javascript {
    use super::*;
    use crate::engine::market::exact_price;
    use crate::wire::decimal::Decimal;
    use ark_bn254::Fr;
    use serde_json::Value;
    use std::str::FromStr;
    use zkmargin_circuits::ops::Item;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../../testvectors/price-lists.json")).unwrap()
    }

    fn number<T: FromStr>(value: &Value) -> T {
        let text = value.as_str().unwrap();
        text.parse().unwrap_or_else(|_| panic!("{text} is not a number of its width"))
    }

    #[test]
    fn a_list_has_the_same_bytes_and_each_step_to_its_message_the_same_value() {
        let vectors = vectors();
        let lists = ["lists", "premium_lists"].map(|name| vectors[name].as_array().unwrap());
        for case in lists.into_iter().flatten() {
            let line = case["line"].as_str().unwrap();
            let theirs: SignedList = serde_json::from_str(line).unwrap();
            let contract = crate::hex::bytes(case["contract"].as_str().unwrap().trim_start_matches("0x"));
            let domain = Domain { chain_id: number(&case["chain_id"]), contract: contract.unwrap() };

            let seed = vectors["signers"][usize::from(theirs.signer)]["seed"].as_str().unwrap();
            let secret = SecretKey::from_seed(&crate::hex::bytes(seed).unwrap());
            let (signer, epoch) = (number(&case["signer"]), number(&case["epoch"]));
            let ours = if theirs.is_of_premiums() {
                let premiums = theirs.premiums.iter().map(|entry| (entry.market, entry.premium)).collect();
                sign_premiums(&secret, signer, &domain, epoch, &premiums)
            } else {
                let prices = theirs.prices.iter().map(|entry| (entry.market, entry.price)).collect();
                sign(&secret, signer, &domain, epoch, &prices)
            };
            assert_eq!(serde_json::to_string(&ours).unwrap(), line);

            let (action, computed) = (ours.action().unwrap(), &case["computed"]);
            let message = action.message(&domain);
            let fields =
                |name: &str| computed[name].as_array().unwrap().iter().map(number).collect::<Vec<Fr>>();
            assert_eq!(action.items.iter().map(Item::word).collect::<Vec<_>>(), fields("words"));
            assert_eq!(message.chunks.iter().map(|chunk| chunk.after).collect::<Vec<_>>(), fields("chain"));
            let steps = [
                ("domain_word", message.domain),
                ("header", message.header),
                ("payload", message.payload),
                ("message", message.hash),
            ];
            for (name, ours) in steps {
                assert_eq!(ours, number::<Fr>(&computed[name]), "{name} of signer {}", theirs.signer);
            }
        }
    }

    #[test]
    fn premiums_round_half_up() {
        for case in vectors()["premium_roundings"].as_array().unwrap() {
            let premium = Decimal::parse(case["premium"].as_str().unwrap(), "premium").unwrap();
            let scaled = crate::oracle::read::exact_premium(premium);
            assert_eq!(scaled, Some(number(&case["scaled"])), "{case}");
        }
    }

    #[test]
    fn prices_round_half_up() {
        let vectors = vectors();
        let quote_decimals = vectors["quote_decimals"].as_u64().unwrap() as u32;
        for case in vectors["roundings"].as_array().unwrap() {
            let mut units = vectors["units"].as_array().unwrap().iter();
            let unit = units.find(|unit| unit["market"] == case["market"]).unwrap();
            let size_decimals = unit["size_decimals"].as_i64().unwrap() as i32;
            let price = Decimal::parse(case["price"].as_str().unwrap(), "price").unwrap();
            let scaled = exact_price(price, size_decimals, quote_decimals, number(&unit["lot"]));
            assert_eq!(scaled, Some(number(&case["scaled"])), "{case}");
        }
    }
}
