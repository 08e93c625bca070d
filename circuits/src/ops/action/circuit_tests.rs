//! The action part of a signature row and the chunk row against the native half, and forged advice.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Zero};

use super::ActionRecord;
use super::circuit::{Chunk, ChunkRecord, action};
use super::{Action, Item, Lane, Nonces, OrderItem, SignatureCheck, apply};
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::{Cs, Direction, Tag};
use crate::gadgets::int::Bit;
use crate::gadgets::row::{Padded, Row, Template};
use crate::gadgets::signature::Signature;
use crate::params::ITEMS_PER_CHUNK;
use crate::reject::Reject;
use crate::soundness::agree::{self, Outcome};
use crate::soundness::fixture::{context, owner};
use crate::soundness::forge::Forger;
use crate::soundness::samples::{key, tuples};
use crate::state::tags::{CHAIN, ITEM, KEY, NONCE};
use crate::state::{Flags, Mode, Side};

/// What the signature of the row must be of: read, as the signature fixes it.
const SIGNED: Tag = Tag { code: 99, name: "signed", arity: 3, provider: true };

/// An action whose signature the test takes for granted.
struct Unsigned;

impl Row for Unsigned {
    type Record = ActionRecord;
    const NAME: &'static str = "action without its signature";

    fn dummy() -> Self::Record {
        ActionRecord { account: 0, nonce: 0, ..input(&single(Item::Cancel(1)), Nonces::default()) }
    }

    fn synthesize(cs: &mut Cs<'_>, input: &Padded<Self::Record>) {
        run_in(cs, input);
    }
}

fn run_in(cs: &mut Cs<'_>, input: &Padded<ActionRecord>) -> Checks<Reject> {
    let enable = Bit::hint(cs, "enable", input.enabled);
    let mut checks = Checks::new(&enable);
    let number = cs.row_index();
    let signed = action(cs, &mut checks, &number, input);
    cs.lookup(SIGNED, &[signed.message, signed.x, signed.y], enable.var());
    checks
}

fn single(item: Item) -> Action {
    let zero = Fr::ZERO;
    let signature =
        Signature { r: crate::gadgets::curve::Point { x: zero, y: zero }, s: ark_ff::BigInt::zero() };
    Action { account: 600, lane: Lane::Cancels, strict: false, nonce: 9, items: vec![item], signature }
}

fn bulk(count: u64) -> Action {
    let items = (1..=count).map(Item::Cancel).collect();
    Action { lane: Lane::Orders, items, ..single(Item::Cancel(1)) }
}

fn input(action: &Action, nonces: Nonces) -> ActionRecord {
    let message = action.message(&context().domain);
    ActionRecord {
        sequence: 3,
        account: action.account,
        owner: owner(4),
        orders_from: 5,
        lane: action.lane,
        strict: action.strict,
        nonce: action.nonce,
        nonces,
        nonces_at: 17,
        signature: action.signature,
        message,
    }
}

fn agree(action: &Action, nonces: Nonces) -> Option<Reject> {
    let native = || apply(&context(), action, &owner(4), &nonces, SignatureCheck::Skip);
    agree::both_halves::<Unsigned, _>(&input(action, nonces), native, run_in, |(message, after)| {
        let [account, number, x, y] = [Fr::from(600u64), Fr::from(agree::NUMBER), owner(4).x, owner(4).y];
        let cell = |at, Nonces { order, cancel }: Nonces| [key(600, at), Fr::from(order), Fr::from(cancel)];
        let outcome = Outcome::default()
            .receives(SIGNED, [message.hash, x, y])
            .receives(KEY, [account, x, y, Fr::from(5u64)])
            .touches(NONCE, cell(17, nonces), cell(48, *after));
        if message.chunks.is_empty() {
            let mark = if action.lane == Lane::Cancels { 1u64 << 40 } else { 0 };
            outcome.sends(ITEM, [message.payload, Fr::from(600 + mark)])
        } else {
            let count = Fr::from(message.chunks.len() as u64);
            let end = [number, count, message.payload, account];
            outcome.touches(CHAIN, end, [number, Fr::ZERO, Fr::ZERO, account])
        }
    })
}

fn order_item() -> Item {
    Item::Order(OrderItem {
        market: 3,
        side: Side::Sell,
        limit: 4,
        lots: 5,
        flags: Flags::default(),
        max_fee: 6,
        expiry: 7,
    })
}

#[test]
pub(crate) fn agrees_on_messages_nonces_and_items() {
    let transfer = Item::Transfer(super::TransferItem { to: 0, amount: 8, mode: Mode::Isolated(3) });
    let order = Action { lane: Lane::Orders, ..single(order_item()) };
    for action in [single(Item::Cancel(1)), single(transfer), order, bulk(2), bulk(4), bulk(5), bulk(9)] {
        assert_eq!(agree(&action, Nonces { order: 8, cancel: 5 }), None, "{action:?}");
    }
}

#[test]
pub(crate) fn rejects_nonces_as_the_native_half() {
    for lane in [Lane::Orders, Lane::Cancels] {
        for strict in [false, true] {
            for nonce in [0, 49, 50, 51, 52, 49 + (1 << 20), 50 + (1 << 20), 51 + (1 << 20)] {
                let action = Action { lane, strict, nonce, ..bulk(2) };
                let nonces = match lane {
                    Lane::Orders => Nonces { order: 50, cancel: (1 << 40) - 1 },
                    Lane::Cancels => Nonces { order: 0, cancel: 50 },
                };
                let expected = match nonce {
                    0 | 49 | 50 => Some(Reject::NonceTooLow),
                    nonce if nonce > 50 + (1 << 20) => Some(Reject::NonceTooHigh),
                    nonce if strict && nonce != 51 => Some(Reject::NonceNotNext),
                    _ => None,
                };
                assert_eq!(agree(&action, nonces), expected, "{action:?}");
            }
        }
    }
}

#[test]
fn an_action_with_chunks_is_bulk_and_releases_no_single_item() {
    let mut forged = input(&single(Item::Cancel(1)), Nonces::default());
    let [before, after] = [1u64, 2].map(Fr::from);
    forged.message.chunks = vec![crate::ops::action::Chunk { before, words: [Fr::ZERO; 4], after }];
    let row = agree::row::<Unsigned>(&forged);
    let active =
        |tag| row.interactions.iter().filter(move |i| i.tag == tag && !i.multiplicity.is_zero()).count();
    assert_eq!((active(ITEM), active(CHAIN)), (0, 2));
}

#[test]
fn every_hint_of_an_action_is_pinned() {
    // A single item has no chunks: the inverse of an actual zero does not matter.
    for (action, harmless) in [(single(Item::Cancel(1)), vec!["is_zero.inverse"]), (bulk(9), vec![])] {
        let forger = agree::forger::<Unsigned>(&input(&action, Nonces { order: 8, cancel: 5 }));
        assert_eq!(forger.every_hint_is_pinned(&["memory.row_time"]), harmless);
    }
}

#[test]
fn chunks_link_the_natives_chain_and_release_each_item() {
    let action = bulk(9);
    let message = action.message(&context().domain);
    let items = action.items.chunks(ITEMS_PER_CHUNK);
    assert_eq!(items.len(), message.chunks.len());
    for (index, (chunk, items)) in message.chunks.iter().zip(items).enumerate() {
        let index = index as u64;
        let input = ChunkRecord { action: 12, index, account: 600, before: chunk.before, words: chunk.words };
        let link = |i: u64, hash: Fr| [Fr::from(12u64), Fr::from(i), hash, Fr::from(600u64)];
        let linked =
            Outcome::default().touches(CHAIN, link(index, chunk.before), link(index + 1, chunk.after));
        let released = items.iter().map(|item| [item.word(), Fr::from(600u64)]);
        let outcome = released.fold(linked, |outcome, item| outcome.sends(ITEM, item));
        let circuit = agree::without_checks::<Chunk>;
        assert_eq!(agree::both_halves::<Chunk, _>(&input, || Ok(()), circuit, |()| outcome), None);
        // Another word gives another link, and the last link is the signed payload.
        Forger::<Chunk>::new(&input).every_hint_is_pinned(&["chunk.word"]);
    }
}

#[test]
fn another_word_in_a_chunk_gives_another_link() {
    let message = bulk(4).message(&context().domain);
    let link = |words| {
        let before = message.chunks[0].before;
        let row = agree::row::<Chunk>(&ChunkRecord { action: 12, index: 0, account: 600, before, words });
        tuples(&row, CHAIN, Direction::Send)[0][2]
    };
    for place in 0..4 {
        let mut words = message.chunks[0].words;
        words[place] += Fr::from(1u64);
        assert_ne!(link(words), message.payload);
        words.swap(place, (place + 1) % 4);
        assert_ne!(link(words), message.payload);
    }
}

#[test]
fn padding_is_inert() {
    agree::padding_is_inert::<Unsigned>();
    agree::padding_is_inert::<Chunk>();
}

#[test]
fn costs_are_pinned() {
    // One more for the selector and one for the test's own look-up.
    assert_eq!(Template::compile::<Unsigned>(13).constraints.len(), 322 + 2);
    assert_eq!(Template::compile::<Chunk>(13).constraints.len(), 349);
}
