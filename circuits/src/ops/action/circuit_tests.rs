//! The action part of a signature row and the chunk row against the native half, and forged advice.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Zero};

use super::ActionRecord;
use super::circuit::{Chunk, ChunkRecord, action};
use super::{Action, Item, Lane, Nonces, OrderItem, SignatureCheck, apply};
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::{Cs, Direction, Shared, Tag};
use crate::gadgets::int::Bit;
use crate::gadgets::row::{Padded, Row, RowWitness, Template};
use crate::gadgets::signature::Signature;
use crate::reject::Reject;
use crate::soundness::fixture::{context, owner};
use crate::soundness::forge::{Forger, refusal};
use crate::soundness::samples::{key, tuples};
use crate::state::tags::{CHAIN, ITEM, KEY, NONCE};
use crate::state::{Flags, Mode, Side};

/// What the signature of the row must be of: read, as the signature fixes it.
const SIGNED: Tag = Tag { code: 99, name: "signed", arity: 3, provider: true };
const NUMBER: u64 = 12;

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

fn run_in(cs: &mut Cs<'_>, input: &Padded<ActionRecord>) -> Option<Reject> {
    let enable = Bit::hint(cs, "enable", input.enabled);
    let mut checks = Checks::new(&enable);
    let number = cs.row_index();
    let signed = action(cs, &mut checks, &number, input);
    cs.lookup(SIGNED, &[signed.message, signed.x, signed.y], enable.var());
    checks.failed()
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
        lane: action.lane,
        strict: action.strict,
        nonce: action.nonce,
        nonces,
        nonces_at: 17,
        signature: action.signature,
        message,
    }
}

fn with_shared<T>(test: impl FnOnce(Shared<'_>) -> T) -> T {
    let mut globals = [Fr::ZERO; crate::state::wires::COUNT];
    globals[usize::from(crate::state::wires::DOMAIN)] = context().domain.word();
    test(Shared { limb_bits: 13, globals: &globals })
}

fn run(input: ActionRecord) -> (Option<Reject>, RowWitness) {
    with_shared(|shared| {
        let mut cs = Cs::witness(shared, NUMBER, &[]);
        let failed = run_in(&mut cs, &Padded::enabled(input));
        (failed, RowWitness::from_cs(cs))
    })
}

fn selected(row: &RowWitness, tag: Tag, direction: Direction) -> Vec<Vec<Fr>> {
    let active = |(_, i): &(usize, &crate::gadgets::cs::InteractionValue)| {
        i.tag == tag && i.direction == direction && !i.multiplicity.is_zero()
    };
    row.interactions.iter().enumerate().filter(active).map(|(n, _)| row.tuple(n).to_vec()).collect()
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
fn agrees_on_messages_nonces_and_items() {
    let transfer = Item::Transfer(super::TransferItem { to: 0, amount: 8, mode: Mode::Isolated(3) });
    let order = Action { lane: Lane::Orders, ..single(order_item()) };
    for action in [single(Item::Cancel(1)), single(transfer), order, bulk(2), bulk(4), bulk(9)] {
        let nonces = Nonces { order: 8, cancel: 5 };
        let (message, after) = apply(&context(), &action, &owner(4), &nonces, SignatureCheck::Skip).unwrap();
        let (failed, row) = run(input(&action, nonces));
        assert_eq!((failed, refusal(&row, 13)), (None, None));
        let PublicXy { x, y } = PublicXy::of(4);
        assert_eq!(tuples(&row, SIGNED, Direction::Receive), [[message.hash, x, y]]);
        assert_eq!(tuples(&row, KEY, Direction::Receive), [[Fr::from(600u64), x, y]]);
        let nonce = [key(600, 24), Fr::from(after.order), Fr::from(after.cancel)];
        assert_eq!(tuples(&row, NONCE, Direction::Send), [nonce]);
        let (items, starts) = (selected(&row, ITEM, Direction::Send), selected(&row, CHAIN, Direction::Send));
        let number = Fr::from(NUMBER);
        if message.chunks.is_empty() {
            let mark = if action.lane == Lane::Cancels { 1u64 << 40 } else { 0 };
            assert_eq!(items, [[message.payload, Fr::from(600 + mark)]]);
            assert!(starts.is_empty() && selected(&row, CHAIN, Direction::Receive).is_empty());
        } else {
            assert!(items.is_empty());
            assert_eq!(starts, [[number, Fr::ZERO, Fr::ZERO, Fr::from(600u64)]]);
            let count = Fr::from(message.chunks.len() as u64);
            let end = [number, count, message.payload, Fr::from(600u64)];
            assert_eq!(selected(&row, CHAIN, Direction::Receive), [end]);
        }
    }
}

struct PublicXy {
    x: Fr,
    y: Fr,
}

impl PublicXy {
    fn of(number: u64) -> Self {
        let key = owner(number);
        Self { x: key.x, y: key.y }
    }
}

#[test]
fn rejects_nonces_as_the_native_half() {
    for lane in [Lane::Orders, Lane::Cancels] {
        for strict in [false, true] {
            for nonce in [0, 49, 50, 51, 52, 50 + (1 << 20), 51 + (1 << 20)] {
                let action = Action { lane, strict, nonce, ..bulk(2) };
                let nonces = match lane {
                    Lane::Orders => Nonces { order: 50, cancel: (1 << 40) - 1 },
                    Lane::Cancels => Nonces { order: 0, cancel: 50 },
                };
                let native = apply(&context(), &action, &owner(4), &nonces, SignatureCheck::Skip).err();
                let (failed, row) = run(input(&action, nonces));
                assert_eq!((failed, refusal(&row, 13).is_some()), (native, native.is_some()), "{action:?}");
            }
        }
    }
}

#[test]
fn an_action_with_chunks_is_bulk_and_releases_no_single_item() {
    let mut forged = input(&single(Item::Cancel(1)), Nonces::default());
    let [before, after] = [1u64, 2].map(Fr::from);
    forged.message.chunks = vec![crate::ops::action::Chunk { before, words: [Fr::ZERO; 4], after }];
    with_shared(|shared| {
        let row = Forger::<Unsigned>::new(&forged).in_block(shared, NUMBER, &[]).honest();
        let released = row.interactions.iter().filter(|i| i.tag == ITEM && !i.multiplicity.is_zero());
        assert_eq!(released.count(), 0);
        let linked = row.interactions.iter().filter(|i| i.tag == CHAIN && !i.multiplicity.is_zero());
        assert_eq!(linked.count(), 2);
    });
}

#[test]
fn every_hint_of_an_action_is_pinned() {
    with_shared(|shared| {
        // A single item has no chunks: the inverse of an actual zero does not matter.
        for (action, harmless) in [(single(Item::Cancel(1)), vec!["is_zero.inverse"]), (bulk(9), vec![])] {
            let input = input(&action, Nonces { order: 8, cancel: 5 });
            let forger = Forger::<Unsigned>::new(&input).in_block(shared, NUMBER, &[]);
            assert_eq!(forger.every_hint_is_pinned(&["memory.row_time"]), harmless);
        }
    });
}

#[test]
fn chunks_link_the_natives_chain_and_release_each_item() {
    let action = bulk(9);
    let message = action.message(&context().domain);
    let mut released = Vec::new();
    for (index, chunk) in message.chunks.iter().enumerate() {
        let index = index as u64;
        let input = ChunkRecord { action: 12, index, account: 600, before: chunk.before, words: chunk.words };
        let shared = Shared { limb_bits: 13, globals: &[] };
        let row = RowWitness::compute::<Chunk>(shared, 0, &[], &Padded::enabled(input.clone()));
        assert_eq!(refusal(&row, 13), None);
        let link = |i: u64, hash: Fr| [Fr::from(12u64), Fr::from(i), hash, Fr::from(600u64)];
        assert_eq!(tuples(&row, CHAIN, Direction::Receive), [link(index, chunk.before)]);
        assert_eq!(tuples(&row, CHAIN, Direction::Send), [link(index + 1, chunk.after)]);
        released.extend(selected(&row, ITEM, Direction::Send));
        // Another word gives another link, and the last link is the signed payload.
        Forger::<Chunk>::new(&input).every_hint_is_pinned(&["chunk.word"]);
    }
    let items: Vec<_> = action.items.iter().map(|item| vec![item.word(), Fr::from(600u64)]).collect();
    assert_eq!(released, items);
}

#[test]
fn another_word_in_a_chunk_gives_another_link() {
    let message = bulk(4).message(&context().domain);
    let link = |words| {
        let before = message.chunks[0].before;
        let input = ChunkRecord { action: 12, index: 0, account: 600, before, words };
        let row = RowWitness::compute::<Chunk>(
            Shared { limb_bits: 13, globals: &[] },
            0,
            &[],
            &Padded::enabled(input.clone()),
        );
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
    let shared = Shared { limb_bits: 13, globals: &[] };
    let chunk = RowWitness::compute::<Chunk>(shared, 0, &[], &Padded::disabled(Chunk::dummy()));
    let mut cs = Cs::witness(shared, 0, &[]);
    run_in(&mut cs, &Padded::disabled(Unsigned::dummy()));
    for row in [chunk, RowWitness::from_cs(cs)] {
        assert_eq!(refusal(&row, 13), None);
        for tag in [KEY, NONCE, ITEM, CHAIN] {
            let all = [Direction::Send, Direction::Receive].map(|direction| selected(&row, tag, direction));
            assert!(all.iter().all(Vec::is_empty), "{}", tag.name);
        }
    }
}

#[test]
fn costs_are_pinned() {
    // One more for the selector and one for the test's own look-up.
    assert_eq!(Template::compile::<Unsigned>(13).constraints.len(), 315 + 2);
    assert_eq!(Template::compile::<Chunk>(13).constraints.len(), 349);
}
