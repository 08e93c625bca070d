//! One position slot of an opened account: old word, settlement and sums, new word, publication.

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int, fr_from_i128, is_zero};
use crate::gadgets::memory::cell_key;
use crate::gadgets::memory::closing_time;
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::margin::circuit::{RequirementVar, TiersOf, least_fraction, requirement};
use crate::params::*;
use crate::state::account::{POSITION_ELEMENT, SLOT_WORD};
use crate::state::tags::{CHANGED, POSITION, RISK, position_address};
use crate::state::{Market, MarketId, Position};

/// A slot at the account's opening and closing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotInput {
    /// 0: neither occupied nor reserved during the batch.
    pub market: MarketId,
    /// The slot's market after its tick; blank in an unused slot.
    pub listed: Market,
    /// The position of the old leaf; `None` for an empty slot.
    pub old: Option<Position>,
    /// Size when the account closes, base quanta, negative for a short.
    pub new_size: i64,
    /// Entry quote when the account closes, quote quanta.
    pub new_entry_quote: u64,
    /// What the position requires when the account closes, scale U·M: its part of IMR and of MMR.
    pub new_required: [i128; 2],
    /// When the position was touched last; 0 for the opening.
    pub last_touch: u32,
}

/// Whose slot, and where.
pub(super) struct Owner<'a> {
    pub enable: &'a Bit,
    pub account: &'a Var<Committed>,
    /// Place of the account in the published list.
    pub place: &'a Var<Committed>,
    pub leverage_limit: &'a Int,
}

/// What a slot contributes to its account.
pub(super) struct Slot {
    pub used: Bit,
    pub old_occupied: Bit,
    pub old_word: Var<Committed>,
    pub new_word: Var<Committed>,
    /// `(F - f)·b`, scale U·2^16.
    pub owed: Int,
    /// `p·b`, scale U.
    pub value: Int,
    /// What the position requires, scale U·M.
    pub initial: Int,
    pub maintenance: Int,
    /// `s·E`, the entry quote with the sign of the position.
    pub entry: Int,
    /// 1 for a position in a still market.
    pub still: Int,
}

/// Components of a slot's word: market, sign, |b|, entry quote, funding index with its offset.
struct Parts<'a> {
    market: &'a Int,
    short: &'a Bit,
    size: &'a Int,
    entry_quote: &'a Int,
    index: &'a Int,
}

impl Parts<'_> {
    /// The slot's word if `occupied`, else 0.
    fn word(&self, cs: &mut Cs<'_>, occupied: &Bit) -> Var<Committed> {
        let word =
            SLOT_WORD.pack_ints([self.market, &self.short.int(), self.size, self.entry_quote, self.index]);
        cs.product(occupied.var(), &word)
    }
}

/// A slot whose market is `market` if it is used; `number` is its place in the account.
///
/// - Advice: `used` (an unused slot is all zero; a used one opens a cell); the old parts, ranged and
///   pinned by the old leaf; the market's values, looked up; the new cell, received.
/// - Cost: see `tests::costs_are_pinned`.   Spec: state-account.md
pub(super) fn slot(
    cs: &mut Cs<'_>,
    owner: &Owner<'_>,
    market: &Int,
    number: usize,
    record: &SlotInput,
) -> Slot {
    let used = Bit::hint(&mut cs.check("SLOT-1"), "slot.used", record.market != 0);
    cs.enforce("SLOT-1", used.var(), owner.enable.not().var(), &Var::<Committed>::zero());
    let risk = look_up(cs, market, &record.listed, &used);
    let at = At { owner, market, number, used: &used };
    let (opened, old_occupied, old_word) = read(cs, at, record);
    let required = required(cs, at, &risk, &opened, record);
    open(cs, at, &opened, &required);
    let (closed, new_word) = close(cs, at, &risk, record);
    publish(cs, at, &opened, &closed);
    let cs = &mut cs.check("SLOT-11");
    let sign = opened.short.sign();
    let change = risk.index.sub(&opened.index);
    Slot {
        owed: change.mul(cs, &opened.signed),
        value: risk.price.mul(cs, &opened.signed),
        initial: required.initial,
        maintenance: required.maintenance,
        entry: sign.mul(cs, &opened.entry_quote),
        still: risk.still.and(cs, &old_occupied).int(),
        used,
        old_occupied,
        old_word,
        new_word,
    }
}

/// Which slot of whose account, in which market, and whether it is used.
#[derive(Clone, Copy)]
struct At<'a> {
    owner: &'a Owner<'a>,
    market: &'a Int,
    number: usize,
    used: &'a Bit,
}

struct Risk {
    price: Int,
    /// Funding index with its offset.
    index: Int,
    initial_fraction: Int,
    still: Bit,
}

fn look_up(cs: &mut Cs<'_>, market: &Int, record: &Market, used: &Bit) -> Risk {
    // The market's row has ranged these; in an unused slot they multiply a size of zero.
    // An empty slot's bit is free, and multiplied by 0.
    let still = Bit::new_unchecked(cs.hint("slot.still", Fr::from(record.still)));
    let mut provided = |name, value: Fr, bits| Int::new_unchecked(cs.hint(name, value), bits);
    let index = fr_from_i128(record.funding_index + FUNDING_INDEX_OFFSET);
    let risk = Risk {
        price: provided("slot.price", Fr::from(record.price), PRICE_BITS),
        index: provided("slot.index", index, FUNDING_INDEX_BITS),
        initial_fraction: provided("slot.imf", Fr::from(record.initial_in_force()), FRACTION_BITS),
        still,
    };
    let tuple = [market, &risk.price, &risk.index, &risk.initial_fraction, &risk.still.int()];
    cs.check("SLOT-9").lookup(RISK, &tuple.map(|int| int.var().clone()), used.var());
    risk
}

struct Opened {
    short: Bit,
    size: Int,
    signed: Int,
    entry_quote: Int,
    index: Int,
}

// The old word. An empty slot has size 0, and size 0 an entry quote of 0.
fn read(cs: &mut Cs<'_>, at: At<'_>, record: &SlotInput) -> (Opened, Bit, Var<Committed>) {
    let At { market, used, .. } = at;
    let old = record.old.unwrap_or(Position { market: 0, size: 0, entry_quote: 0, funding_index: 0 });
    let short = Bit::hint(&mut cs.check("SLOT-6"), "slot.old_short", old.size < 0);
    let size = Int::hint_unsigned(
        &mut cs.check("SLOT-6"),
        "slot.old_size",
        Fr::from(old.size.unsigned_abs()),
        SIZE_BITS,
    );
    let entry_quote =
        Int::hint_unsigned(&mut cs.check("SLOT-6"), "slot.old_entry", Fr::from(old.entry_quote), QUOTE_BITS);
    let index = fr_from_i128(old.funding_index + FUNDING_INDEX_OFFSET);
    let index = Int::hint_unsigned(&mut cs.check("SLOT-6"), "slot.old_index", index, FUNDING_INDEX_BITS);
    let empty = size.is_zero(&mut cs.check("SLOT-2"));
    let occupied = empty.not();
    cs.enforce("SLOT-2", occupied.var(), used.not().var(), &Var::<Committed>::zero());
    cs.enforce("SLOT-3", empty.var(), entry_quote.var(), &Var::<Committed>::zero());
    let parts = Parts { market, short: &short, size: &size, entry_quote: &entry_quote, index: &index };
    let word = parts.word(&mut cs.check("SLOT-6"), &occupied);
    let signed = short.sign().mul(&mut cs.check("SLOT-10"), &size);
    (Opened { short, size, signed, entry_quote, index }, occupied, word)
}

// What the old position requires, by the tier of its value: at least by the fraction in force, or the owner's own.
fn required(cs: &mut Cs<'_>, at: At<'_>, risk: &Risk, opened: &Opened, record: &SlotInput) -> RequirementVar {
    let cs = &mut cs.check("SLOT-12");
    let least = least_fraction(cs, &risk.initial_fraction, at.owner.leverage_limit);
    let value = risk.price.mul(cs, &opened.size);
    let tiers = TiersOf { market: at.market.var(), honest: &record.listed, enable: at.used };
    let required = requirement(cs, tiers, &value, &least);
    // Else an unused slot, which looks nothing up, would take off what the others require.
    for offset in &required.offsets {
        let unused = at.used.not();
        cs.check("SLOT-13").enforce("SLOT-13", unused.var(), offset.var(), &Var::<Committed>::zero());
    }
    required
}

// The cell, sent at time 0.
fn open(cs: &mut Cs<'_>, at: At<'_>, opened: &Opened, required: &RequirementVar) {
    let At { owner, market, used, .. } = at;
    let key = cell_key(&position_address(owner.account, market.var()), &Var::zero());
    let cell = [&opened.signed, &opened.entry_quote, &required.initial, &required.maintenance];
    let tuple = [&[key][..], &cell.map(|part| part.var().clone())].concat();
    cs.check("SLOT-10").send(POSITION, &tuple, used.var());
}

struct Closed {
    short: Bit,
    size: Int,
    signed: Int,
    entry_quote: Int,
}

// The cell received as last touched, and the new word: settled to the market's index.
fn close(cs: &mut Cs<'_>, at: At<'_>, risk: &Risk, record: &SlotInput) -> (Closed, Var<Committed>) {
    let At { owner, market, used, .. } = at;
    let time = closing_time(&mut cs.check("ACC-10"), "slot.last_touch", record.last_touch);
    let signed = cs.hint("slot.new_size", fr_from_i128(record.new_size.into()));
    let entry_quote = cs.hint("slot.new_entry", Fr::from(record.new_entry_quote));
    let key = cell_key(&position_address(owner.account, market.var()), &time);
    // What it requires then is in the header's sums.
    let [initial, maintenance] = record.new_required.map(fr_from_i128);
    let initial = cs.hint("slot.new_initial", initial);
    let maintenance = cs.hint("slot.new_maintenance", maintenance);
    let cell = [key, signed.clone(), entry_quote.clone(), initial, maintenance];
    cs.check("SLOT-10").receive(POSITION, &cell, used.var());
    // Ranged by who sent it; an unused slot's size is zero by SLOT-4.
    let signed = Int::new_unchecked(signed, SIZE_BITS);
    let entry_quote = Int::new_unchecked(entry_quote, QUOTE_BITS);
    let (short, size) = signed.sign_and_magnitude(&mut cs.check("SLOT-6"));
    let occupied = size.is_zero(&mut cs.check("SLOT-4")).not();
    cs.enforce("SLOT-4", occupied.var(), used.not().var(), &Var::<Committed>::zero());
    let parts = Parts { market, short: &short, size: &size, entry_quote: &entry_quote, index: &risk.index };
    let word = parts.word(&mut cs.check("SLOT-6"), &occupied);
    (Closed { short, size, signed, entry_quote }, word)
}

// The position's element, if size or entry changed.
fn publish(cs: &mut Cs<'_>, at: At<'_>, opened: &Opened, closed: &Closed) {
    let At { owner, market, number, used } = at;
    // Sizes differ by less than 2^58, so the two differences are zero only together.
    let entry = closed.entry_quote.var() - opened.entry_quote.var();
    let difference = (closed.signed.var() - opened.signed.var()).add_scaled(&entry, power_of_two(64));
    let changed = is_zero(&mut cs.check("SLOT-7"), &difference).not();
    // An unused slot receives no cell: its advice must not become an element, nor a word (SLOT-4).
    cs.enforce("SLOT-5", changed.var(), used.not().var(), &Var::<Committed>::zero());
    // A constant of the row: a shape has at most 2^12 accounts (`Shape::check`).
    let place = Int::new_unchecked(owner.place.clone(), POSITION_ELEMENT.width_of("place"));
    let element = POSITION_ELEMENT.pack_ints([
        &place,
        &Int::constant(number as i128),
        market,
        &closed.short.int(),
        &closed.size,
        &closed.entry_quote,
    ]);
    cs.check("PUB-3").send(CHANGED, &[element], changed.var());
}
