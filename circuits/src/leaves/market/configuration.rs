//! What a market's row hands to its configuration: the parameters that it opens and closes with, or its listing.

use super::quotes::{Opened, Quotes};
use super::{Configured, MarketRecord};
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::params::*;
use crate::state::market::{CLOCKS_WORD, PARAMETER_WORDS, QUOTES_WORD};
use crate::state::tags::{CONFIGURE, CONFIGURED};
use crate::state::wires;

/// What a batch moves of the market, before and after it.
pub(super) struct Ends<'a> {
    /// Words 0 and 1 of the opening.
    pub opening: &'a [Var<Committed>; 2],
    /// Words 2 to 8 of the opening.
    pub parameters: &'a [Var<Committed>; PARAMETER_WORDS],
    pub new: &'a Quotes,
    /// Open interest after the batch.
    pub closed: &'a Int,
}

/// The market's parameters after the batch.
pub(super) struct Closing {
    /// The batch lists the market: its old leaf is EMPTY.
    pub lists: Bit,
    /// Words 2 to 8 of the new leaf.
    pub words: [Var<Committed>; PARAMETER_WORDS],
}

/// Hands the market to its configuration, if it has one (MKT-26 to MKT-31).
///
/// Advice: the words after; those that the configuration takes if the market is configured, else the words before.
pub(super) fn configuration(
    cs: &mut Cs<'_>,
    record: &MarketRecord,
    row: &Opened<'_>,
    ends: Ends<'_>,
) -> Closing {
    let Opened { enable, id, old, .. } = *row;
    let zero = Var::<Committed>::zero();
    let configured = Bit::hint(&mut cs.check("MKT-31"), "market.configured", record.configured.is_some());
    let lists = record.configured == Some(Configured::Listed);
    let lists = Bit::hint(&mut cs.check("MKT-31"), "market.lists", lists);
    cs.enforce("MKT-31", configured.var(), enable.not().var(), &zero);
    cs.enforce("MKT-31", lists.var(), configured.not().var(), &zero);

    let [_, _, words @ ..] = record.new.words();
    let words = words.map(|word| cs.hint("market.word_after", word));
    for (after, before) in words.iter().zip(ends.parameters) {
        cs.enforce("MKT-27", configured.not().var(), &(after - before), &zero);
    }
    begins(cs, &lists, old, ends.opening);
    let price = lists.select(&mut cs.check("MKT-30"), &old.price, &ends.new.price);
    let read = CONFIGURED.pack_ints([id, &lists.int(), &price, &ends.new.rate, ends.closed]);
    let tuple = [&[read][..], ends.parameters, &words].concat();
    cs.check("MKT-26").send(CONFIGURE, &tuple, configured.var());
    Closing { lists, words }
}

/// A market that the batch lists begins with a price, which is the one asked for last, and nothing else: no index, no
/// rate, no open interest, no tick and so no price that is young enough for trades, and funding paid until now.
fn begins(cs: &mut Cs<'_>, lists: &Bit, old: &Quotes, opening: &[Var<Committed>; 2]) {
    let nothing = Int::zero();
    let constant = |bits: u32| Var::constant(power_of_two(bits));
    let index = Int::new_unchecked(constant(FUNDING_INDEX_BITS - 1), FUNDING_INDEX_BITS);
    let rate = Int::new_unchecked(constant(RATE_BITS), RATE_BITS + 1);
    let time = wires::time(cs);
    let quotes = QUOTES_WORD.pack_ints([&old.price, &index, &nothing, &rate, &nothing, &nothing, &nothing]);
    let clocks = CLOCKS_WORD.pack_ints([&nothing, &time, &nothing, &nothing, &old.price, &nothing]);
    for (found, begun) in opening.iter().zip([quotes, clocks]) {
        cs.enforce("MKT-29", lists.var(), &(found - &begun), &Var::<Committed>::zero());
    }
}
