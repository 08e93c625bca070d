//! The row of the words of one number: what each signer says of four markets, and the medians.

use ark_bn254::Fr;

use super::{PRICES_ITEM, QuotesRecord};
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::range::enforce_nonnegative;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var};
use crate::ops::prices::median;
use crate::params::{PRICE_BITS, PRICE_WORD_BITS, PRICES_PER_WORD, SIGNERS};
use crate::state::tags::{ITEM, MEDIAN, price_signer};
use crate::state::wires;

/// Bits of a number of signers.
const COUNT_BITS: u32 = SIGNERS.ilog2() + 1;

/// Row j takes word j of each list of the batch and provides the medians of the markets 4j to 4j + 3.
pub struct Quotes;

/// A signer's word in the row.
struct Word {
    /// The signer's list has it.
    has: Bit,
    prices: [Int; PRICES_PER_WORD],
}

impl Row for Quotes {
    type Record = QuotesRecord;
    const NAME: &'static str = "quotes";

    fn dummy() -> QuotesRecord {
        QuotesRecord::default()
    }

    // QUO-1 to QUO-8.
    fn synthesize(cs: &mut Cs<'_>, record: &Padded<QuotesRecord>) {
        let words: Vec<Word> = (0..SIGNERS).map(|signer| word(cs, signer, record)).collect();
        for place in 0..PRICES_PER_WORD {
            provide(cs, place, &words, record);
        }
    }
}

/// The word of one signer, received if there is one.
fn word(cs: &mut Cs<'_>, signer: usize, record: &Padded<QuotesRecord>) -> Word {
    let signed = record.signed[signer].filter(|_| record.enabled);
    let has = Bit::hint(&mut cs.check("QUO-1"), "quotes.has", signed.is_some());
    // A shape has at most 2^8 such rows (`Shape::check`).
    let index = Int::new_unchecked(cs.row_index(), PRICE_WORD_BITS);
    let prices = signed
        .unwrap_or_default()
        .map(|price| Int::hint_unsigned(&mut cs.check("QUO-2"), "quotes.price", Fr::from(price), PRICE_BITS));
    let [a, b, c, d] = &prices;
    let word = PRICES_ITEM.pack_ints([&index, a, b, c, d]);
    let signer = price_signer(&Var::constant(Fr::from(signer as u64)));
    cs.check("QUO-3").receive(ITEM, &[word, signer], has.var());
    Word { has, prices }
}

/// Provides the median of one market: the one value with half of the stated prices at or below it, and less than half
/// below; 0 without a quorum.
fn provide(cs: &mut Cs<'_>, place: usize, words: &[Word], record: &Padded<QuotesRecord>) {
    let stated: Vec<Bit> = words
        .iter()
        .map(|word| {
            let cs = &mut cs.check("QUO-4");
            word.prices[place].is_zero(cs).not().and(cs, &word.has)
        })
        .collect();
    let count = sum(stated.iter().map(Bit::var));
    let registered = Int::new_unchecked(cs.global(wires::SIGNERS), COUNT_BITS);
    let more = count.scale(3).sub(&registered.scale(2)).add_constant(-1);
    let quorum = more.is_nonnegative(&mut cs.check("QUO-5"));

    let prices = record.signed.iter().filter(|_| record.enabled).flatten().map(|prices| prices[place]);
    let honest = median(prices, record.signers).unwrap_or_default();
    let price = Int::hint_unsigned(&mut cs.check("QUO-6"), "quotes.median", Fr::from(honest), PRICE_BITS);
    cs.enforce("QUO-6", quorum.not().var(), price.var(), &Var::<Committed>::zero());
    let (mut at_most, mut below) = (Vec::new(), Vec::new());
    for (word, stated) in words.iter().zip(&stated) {
        let cs = &mut cs.check("QUO-7");
        let distance = price.sub(&word.prices[place]);
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
    let market = cs.row_index().scale(Fr::from(PRICES_PER_WORD as u64)).add_constant(Fr::from(place as u64));
    cs.check("QUO-8").provide(MEDIAN, &[market, quorum.var().clone(), price.var().clone()]);
}

/// A sum of as many bits as there are signers.
fn sum<'a>(bits: impl Iterator<Item = &'a Var<Committed>>) -> Int {
    Int::new_unchecked(Var::sum(bits), COUNT_BITS)
}
