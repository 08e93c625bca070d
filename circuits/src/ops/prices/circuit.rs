//! The row of the words of one number: what each signer says of four markets, and the medians.

use ark_bn254::Fr;

use super::{PREMIUMS_ITEM, PRICES_ITEM, PremiumWord, QuotesRecord};
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::range::enforce_nonnegative;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var};
use crate::gadgets::word::Layout;
use crate::ops::prices::median;
use crate::params::{PREMIUM_BITS, PRICE_BITS, PRICE_WORD_BITS, PRICES_PER_WORD, SIGNERS};
use crate::state::tags::{ITEM, MEDIAN, SIGNER, price_signer};
use crate::state::wires;

/// Bits of a number of signers.
const COUNT_BITS: u32 = SIGNERS.ilog2() + 1;

/// Row j takes word j of each list of the batch, of prices and of premiums, and provides the medians of the markets 4j to
/// 4j + 3.
pub struct Quotes;

/// What a list is of.
struct Stated {
    item: &'static Layout<5>,
    bits: u32,
}

const PRICES: Stated = Stated { item: &PRICES_ITEM, bits: PRICE_BITS };
const PREMIUMS: Stated = Stated { item: &PREMIUMS_ITEM, bits: PREMIUM_BITS };

/// A signer's word in the row.
struct Word {
    /// The signer's list has it.
    has: Bit,
    /// 0 states nothing.
    values: [Int; PRICES_PER_WORD],
}

/// The lower median of a market.
struct Median {
    /// Enough signers state a value.
    quorum: Bit,
    /// 0 without a quorum.
    value: Int,
}

impl Row for Quotes {
    type Record = QuotesRecord;
    const NAME: &'static str = "quotes";

    fn dummy() -> QuotesRecord {
        QuotesRecord::default()
    }

    // QUO-1 to QUO-9.
    fn synthesize(cs: &mut Cs<'_>, record: &Padded<QuotesRecord>) {
        let signed = record.signed.map(|word| word.filter(|_| record.enabled));
        let premiums = record.premiums.map(|word| word.filter(|_| record.enabled));
        let signer = |number: usize| price_signer(&Var::constant(Fr::from(number as u64)));
        let prices: Vec<Word> =
            (0..SIGNERS).map(|number| word(cs, &PRICES, signed[number], signer(number))).collect();
        let stated: Vec<Word> =
            (0..SIGNERS).map(|number| premium_word(cs, premiums[number], signer(number))).collect();
        let premiums = premiums.map(|word| word.map(|word| word.premiums));
        for place in 0..PRICES_PER_WORD {
            let of = |words: [Option<[u64; PRICES_PER_WORD]>; SIGNERS]| {
                let values = words.into_iter().flatten().map(|values| values[place]);
                median(values, record.signers).unwrap_or_default()
            };
            let price = lower_median(cs, place, (&prices, PRICES.bits), of(signed));
            let premium = lower_median(cs, place, (&stated, PREMIUMS.bits), of(premiums));
            let index = cs.row_index().scale(Fr::from(PRICES_PER_WORD as u64));
            let market = index.add_constant(Fr::from(place as u64));
            let medians =
                [&market, price.quorum.var(), price.value.var(), premium.quorum.var(), premium.value.var()];
            cs.check("QUO-8").provide(MEDIAN, &medians.map(Clone::clone));
        }
    }
}

/// The word of one signer, received if there is one.
fn word(
    cs: &mut Cs<'_>,
    of: &Stated,
    signed: Option<[u64; PRICES_PER_WORD]>,
    signer: Var<Committed>,
) -> Word {
    let has = Bit::hint(&mut cs.check("QUO-1"), "quotes.has", signed.is_some());
    // A shape has at most 2^8 such rows (`Shape::check`).
    let index = Int::new_unchecked(cs.row_index(), PRICE_WORD_BITS);
    let values = signed
        .unwrap_or_default()
        .map(|value| Int::hint_unsigned(&mut cs.check("QUO-2"), "quotes.value", Fr::from(value), of.bits));
    let [a, b, c, d] = &values;
    let word = of.item.pack_ints([&index, a, b, c, d]);
    cs.check("QUO-3").receive(ITEM, &[word, signer], has.var());
    Word { has, values }
}

/// The same of premiums, in the lane of cancels, where the only item of an action is marked as such.
fn premium_word(cs: &mut Cs<'_>, signed: Option<PremiumWord>, signer: Var<Committed>) -> Word {
    let single = signed.is_some_and(|word| word.is_single);
    let single = Bit::hint(&mut cs.check("QUO-9"), "quotes.single", single);
    let signer = &signer + &single.var().shift(SIGNER.shift_of("cancel_lane"));
    let word = word(cs, &PREMIUMS, signed.map(|word| word.premiums), signer);
    cs.enforce("QUO-9", single.var(), word.has.not().var(), &Var::<Committed>::zero());
    word
}

/// The median of one market: the one value with half of the stated ones at or below it, and less than half below; 0
/// without a quorum.
fn lower_median(cs: &mut Cs<'_>, place: usize, (words, bits): (&[Word], u32), honest: u64) -> Median {
    let stated: Vec<Bit> = words
        .iter()
        .map(|word| {
            let cs = &mut cs.check("QUO-4");
            word.values[place].is_zero(cs).not().and(cs, &word.has)
        })
        .collect();
    let count = sum(stated.iter().map(Bit::var));
    let registered = Int::new_unchecked(cs.global(wires::SIGNERS), COUNT_BITS);
    let more = count.scale(3).sub(&registered.scale(2)).add_constant(-1);
    let quorum = more.is_nonnegative(&mut cs.check("QUO-5"));

    // With a quorum one of the stated values, which are in their range: QUO-7 compares it with each of them as integers.
    let value = Int::new_unchecked(cs.hint("quotes.median", Fr::from(honest)), bits);
    cs.enforce("QUO-6", quorum.not().var(), value.var(), &Var::<Committed>::zero());
    let (mut at_most, mut below) = (Vec::new(), Vec::new());
    for (word, stated) in words.iter().zip(&stated) {
        let cs = &mut cs.check("QUO-7");
        let distance = value.sub(&word.values[place]);
        let reached = distance.is_nonnegative(cs);
        let equal = distance.is_zero(cs);
        at_most.push(cs.product(stated.var(), reached.var()));
        below.push(cs.product(stated.var(), &(reached.var() - equal.var())));
    }
    let cs = &mut cs.check("QUO-7");
    let half = sum(at_most.iter()).scale(2).sub(&count);
    let less = count.sub(&sum(below.iter()).scale(2)).add_constant(-1);
    for bound in [half, less] {
        let needed = cs.product(quorum.var(), bound.var());
        enforce_nonnegative(cs, &needed, bound.bits());
    }
    Median { quorum, value }
}

/// A sum of as many bits as there are signers.
fn sum<'a>(bits: impl Iterator<Item = &'a Var<Committed>>) -> Int {
    Int::new_unchecked(Var::sum(bits), COUNT_BITS)
}
