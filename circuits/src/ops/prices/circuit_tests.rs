//! Rows of signers and of the words of their lists, against the native halves and against forged advice.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, Zero};

use super::circuit::Quotes;
use super::signer::{SignerRecord, SignerRow};
use super::{PremiumWord, PremiumsItem, PricesItem, QuotesRecord, median};
use crate::gadgets::cs::{Direction, Shared};
use crate::gadgets::hash::poseidon;
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::gadgets::signature::SecretKey;
use crate::gadgets::var::power_of_two;
use crate::ops::Item;
use crate::params::{PREMIUM_BITS, SIGNERS, rate_of};
use crate::soundness::forge::{Forger, refusal};
use crate::soundness::samples::tuples;
use crate::state::tags::{ITEM, KEY, MEDIAN, NONCE};
use crate::state::wires;

const ROW: u64 = 3;

fn globals(signers: u64) -> [Fr; wires::COUNT] {
    let mut globals = [Fr::ZERO; wires::COUNT];
    globals[usize::from(wires::SIGNERS)] = Fr::from(signers);
    globals[usize::from(wires::EPOCH)] = Fr::from(110u64);
    globals[usize::from(wires::LAST_EPOCH)] = Fr::from(100u64);
    globals
}

/// The same in a batch with lists of premiums.
fn globals_with_premiums(signers: u64) -> [Fr; wires::COUNT] {
    let mut globals = globals(signers);
    globals[usize::from(wires::PREMIUMS)] = Fr::ONE;
    globals
}

fn quotes_row(record: &Padded<QuotesRecord>) -> RowWitness {
    let globals = globals(record.signers as u64);
    RowWitness::compute::<Quotes>(Shared { limb_bits: 13, globals: &globals }, ROW, &[], record)
}

/// The words of prices as words of premiums, modulo their width, every other one the only one of its list; each signer's
/// are those of the signer after it.
fn with_premiums(mut record: QuotesRecord) -> QuotesRecord {
    for number in 0..SIGNERS {
        record.premiums[number] = record.signed[(number + 1) % SIGNERS].map(|prices| PremiumWord {
            premiums: prices.map(|price| price % (1 << PREMIUM_BITS)),
            is_single: (number + record.signers).is_multiple_of(2),
        });
    }
    record
}

/// The same price of all four markets by each of eight signers.
fn of_all_markets(prices: [u64; SIGNERS]) -> QuotesRecord {
    let signed = prices.map(|price| Some([price; 4]));
    QuotesRecord { signed, signers: SIGNERS, ..QuotesRecord::default() }
}

/// The prices of one market by signers, the other three as they come.
fn of_market(signers: usize, place: usize, prices: &[Option<u64>]) -> QuotesRecord {
    let mut record = QuotesRecord { signers, ..QuotesRecord::default() };
    for (signer, price) in prices.iter().enumerate() {
        record.signed[signer] = price.map(|price| {
            let mut prices = [11, 22, 33, 44].map(|base| base * (signer as u64 + 1));
            prices[place] = price;
            prices
        });
    }
    record
}

fn agrees(record: &QuotesRecord) {
    let row = quotes_row(&Padded::enabled(*record));
    assert_eq!(refusal(&row, 13), None, "{record:?}");
    let provided = tuples(&row, MEDIAN, Direction::Send);
    for (place, tuple) in provided.iter().enumerate() {
        let stated = record.signed.iter().flatten().map(|prices| prices[place]);
        let premiums = record.premiums.iter().flatten().map(|word| word.premiums[place]);
        let medians = [median(stated, record.signers), median(premiums, record.signers)];
        let [price, premium] = medians
            .map(|median| [Fr::from(u64::from(median.is_some())), Fr::from(median.unwrap_or_default())]);
        let market = [Fr::from(4 * ROW + place as u64)];
        assert_eq!(*tuple, [&market[..], &price, &premium].concat(), "{record:?}");
    }
    let received = row.interactions.iter().enumerate().filter(|(_, i)| i.tag == ITEM);
    let words: Vec<(Fr, Vec<Fr>)> =
        received.map(|(number, i)| (i.multiplicity, row.tuple(number).to_vec())).collect();
    assert_eq!(words.len(), 2 * SIGNERS);
    for (signer, (times, tuple)) in words[..SIGNERS].iter().enumerate() {
        assert_eq!(*times, Fr::from(u64::from(record.signed[signer].is_some())));
        let prices = record.signed[signer].unwrap_or_default();
        let number = power_of_two(45) + Fr::from(520 + signer as u64);
        assert_eq!(*tuple, [Item::Prices(PricesItem { index: ROW as u8, prices }).word(), number]);
    }
    for (signer, (times, tuple)) in words[SIGNERS..].iter().enumerate() {
        let word = record.premiums[signer];
        assert_eq!(*times, Fr::from(u64::from(word.is_some())));
        let PremiumWord { premiums, is_single } = word.unwrap_or_default();
        let mark = power_of_two(45) + Fr::from(u64::from(is_single)) * power_of_two(40);
        let premiums = premiums.map(|stated| (stated != 0).then(|| rate_of(stated)));
        let item = Item::Premiums(PremiumsItem { index: ROW as u8, premiums });
        assert_eq!(*tuple, [item.word(), mark + Fr::from(520 + signer as u64)]);
    }
}

/// Rows for the gates.
pub fn rows() -> Vec<Padded<QuotesRecord>> {
    let some = |prices: &[u64]| prices.iter().map(|price| Some(*price)).collect::<Vec<_>>();
    let high = (1 << 54) - 1;
    [
        of_market(7, 0, &some(&[104, 100, 103, 101, 102, 1, high])),
        of_market(7, 1, &some(&[104, 100, 0, 101, 102])),
        of_market(7, 2, &some(&[5, 5, 5, 0])),
        of_market(3, 3, &some(&[300, 301, 299])),
        of_market(8, 3, &some(&[7, 7, 9, 9, 9, 7, 7, 9])),
        of_market(1, 0, &[Some(high)]),
        of_market(2, 0, &[None, Some(8)]),
        of_market(1, 0, &[None]),
        of_market(7, 3, &some(&[104, 100, 103, 101, 102, 1, high])),
        of_market(7, 3, &some(&[104, 100, 0, 101, 102])),
        of_market(3, 1, &some(&[300, 301, 299])),
        of_market(8, 1, &some(&[7, 7, 9, 9, 9, 7, 7, 9])),
        with_premiums(of_market(7, 0, &some(&[104, 100, 103, 101, 102, 1, high]))),
        with_premiums(of_all_markets([7, 7, 9, 9, 9, 7, 7, 9])),
        with_premiums(of_all_markets([9, 9, 7, 7, 7, 9, 9, 7])),
        with_premiums(of_market(3, 3, &some(&[300, 301, 299]))),
        // The median is the same without any one of them.
        with_premiums(QuotesRecord { signers: 7, ..of_all_markets([5; SIGNERS]) }),
        with_premiums(QuotesRecord { signers: 7, ..of_all_markets([4, 1, 3, 2, 6, 5, 7, 0]) }),
        with_premiums(of_all_markets([2, 3, 1, 1, 2, 3, 2, 2])),
    ]
    .map(Padded::enabled)
    .into()
}

#[test]
fn agrees_with_native_medians() {
    rows().iter().for_each(|record| agrees(record));
    // All lists of three signers out of few values, absent ones included, for each number of registered ones.
    let values = [None, Some(0), Some(1), Some(2), Some((1 << 54) - 1)];
    for number in 0..values.len().pow(3) {
        let prices = [number % 5, number / 5 % 5, number / 25].map(|value| values[value]);
        (3..=5).for_each(|signers| agrees(&with_premiums(of_market(signers, number % 4, &prices))));
    }
}

#[test]
fn another_median_is_refused() {
    let prices = [104, 100, 103, 101, 102, 0, 99].map(Some);
    let record = of_market(7, 0, &prices);
    let globals = globals(7);
    let shared = Shared { limb_bits: 13, globals: &globals };
    let forger = Forger::<Quotes>::new(&record).in_block(shared, ROW, &[]);
    let verdict = |price: u64| {
        let numbers: Vec<_> = forger
            .hints()
            .iter()
            .enumerate()
            .filter(|(_, h)| h.0 == "quotes.median")
            .map(|(n, _)| n)
            .collect();
        let row = forger.run(&|_, n, value| if n == numbers[0] { Fr::from(price) } else { value });
        refusal(&row, 13).is_none()
    };
    for price in [0, 1, 99, 100, 101, 102, 103, 104, 105, 1 << 53] {
        assert_eq!(verdict(price), price == 101, "{price}");
    }
}

#[test]
fn every_hint_of_the_words_is_pinned() {
    for record in rows() {
        let globals = globals(record.signers as u64);
        let shared = Shared { limb_bits: 13, globals: &globals };
        let forger = Forger::<Quotes>::new(&record.record).in_block(shared, ROW, &[]);
        // What a row takes it receives.
        let harmless = forger.every_hint_is_pinned(&["quotes.has", "quotes.single", "quotes.value"]);
        assert!(harmless.iter().all(|name| *name == "is_zero.inverse"), "{harmless:?}");
    }
}

#[test]
fn idle_rows_take_nothing_and_give_no_median() {
    for record in rows() {
        let row = quotes_row(&Padded::disabled(record.record));
        assert_eq!(refusal(&row, 13), None);
        assert!(row.interactions.iter().filter(|i| i.tag == ITEM).all(|i| i.multiplicity.is_zero()));
        assert!(tuples(&row, MEDIAN, Direction::Send).iter().all(|t| t[1..] == [Fr::ZERO; 4]));
    }
}

fn signer_row(record: &Padded<SignerRecord>, carry: [Fr; 3]) -> RowWitness {
    signer_row_in(&globals(2), record, carry)
}

fn signer_row_in(globals: &[Fr], record: &Padded<SignerRecord>, carry: [Fr; 3]) -> RowWitness {
    RowWitness::compute::<SignerRow>(Shared { limb_bits: 13, globals }, ROW, &carry, record)
}

fn key() -> crate::state::PublicKey {
    SecretKey::from_seed(&[41; 32]).public_key()
}

/// Rows of signers for the gates, among them one with a key of small order.
pub fn signer_rows_and_refused() -> Vec<Padded<SignerRecord>> {
    let identity = crate::state::PublicKey { x: Fr::ZERO, y: Fr::ONE };
    let mut all = signer_rows();
    all.push(Padded::enabled(SignerRecord { key: identity, signed: false, at: 0 }));
    all
}

fn signer_rows() -> Vec<Padded<SignerRecord>> {
    let signed = SignerRecord { key: key(), signed: true, at: 16 };
    [signed, SignerRecord { signed: false, at: 0, ..signed }].map(Padded::enabled).into()
}

#[test]
fn a_signer_is_known_by_its_number_and_absorbed() {
    for record in signer_rows() {
        let before = Fr::from(77u64);
        let row = signer_row(&record, [Fr::ONE, Fr::from(3u64), before]);
        assert_eq!(refusal(&row, 13), None);
        let key = key();
        assert_eq!(row.carry_out, [Fr::ONE, Fr::from(4u64), poseidon(&[before, key.x, key.y])]);
        let number = power_of_two(45) + Fr::from(520 + ROW);
        assert_eq!(tuples(&row, KEY, Direction::Send), [[number, key.x, key.y, Fr::from(0u64)]]);
        let cell = number * power_of_two(26);
        let last = Fr::from(100u64);
        assert_eq!(tuples(&row, NONCE, Direction::Send), [[cell, last, last]]);
        let (at, epoch) = if record.signed { (16u64, 110u64) } else { (0, 100) };
        let (at, epoch) = (cell + Fr::from(at), Fr::from(epoch));
        assert_eq!(tuples(&row, NONCE, Direction::Receive), [[at, epoch, last]]);
        // With premiums the other lane ends where this one does.
        let row = signer_row_in(&globals_with_premiums(2), &record, [Fr::ONE, Fr::from(3u64), before]);
        assert_eq!(refusal(&row, 13), None);
        assert_eq!(tuples(&row, NONCE, Direction::Receive), [[at, epoch, epoch]]);
    }
}

#[test]
fn padding_knows_no_signer() {
    let carry = [Fr::ONE, Fr::from(3u64), Fr::from(77u64)];
    for record in [SignerRow::dummy(), signer_rows()[0].record] {
        let row = signer_row(&Padded::disabled(record), carry);
        assert_eq!(refusal(&row, 13), None);
        assert_eq!(row.carry_out, [Fr::ZERO, carry[1], carry[2]]);
        assert_eq!(tuples(&row, KEY, Direction::Send)[0][0], power_of_two(46) + Fr::from(ROW));
        assert!(row.interactions.iter().filter(|i| i.tag == NONCE).all(|i| i.multiplicity.is_zero()));
    }
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<Quotes>(13).constraints.len(), 1292);
    assert_eq!(Template::compile::<SignerRow>(13).constraints.len(), 290);
}
