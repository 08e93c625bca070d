//! The action part of a signature row, and the chunks of bulk actions.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::{ActionRecord, Lane, MESSAGE_HEADER};
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::hash::circuit::poseidon;
use crate::gadgets::int::{Bit, Int, is_zero};
use crate::gadgets::memory::{CellAt, RowTime, touch};
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var};
use crate::params::*;
use crate::reject::Reject;
use crate::state::tags::{CHAIN, ITEM, KEY, NONCE, SIGNER, marked};
use crate::state::wires::{DOMAIN, EPOCH};

/// What the signature must be of, and by whom.
pub struct SignedVar {
    pub message: Var<Committed>,
    pub x: Var<Committed>,
    pub y: Var<Committed>,
}

/// Moves a nonce, releases the signed items and returns what must be signed.
///
/// - `number`: the action's number, a constant of the row.
/// - Advice: all of the action; the message binds account, lane, nonce and items (ACT-1 to ACT-7, ACT-11, ACT-12).
/// - Cost: 322 at 13 bits per limb.   Spec: ops-items.md#action
pub fn action(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    number: &Var<Committed>,
    record: &ActionRecord,
) -> SignedVar {
    let enable = checks.enable().clone();
    // With its width, so that the mark of a price signer is no part of it.
    let id = Fr::from(record.account);
    let id = Int::hint_unsigned(&mut cs.check("ACT-11"), "action.account", id, ACCOUNT_BITS);
    let oracle = Bit::hint(&mut cs.check("ACT-11"), "action.oracle", record.is_oracle());
    let account = marked(&id, &oracle);
    let x = cs.hint("action.owner", record.owner.x);
    let y = cs.hint("action.owner", record.owner.y);
    let orders_from = cs.hint("action.orders_from", Fr::from(record.orders_from));
    cs.check("ACT-1").lookup(KEY, &[account.clone(), x.clone(), y.clone(), orders_from], enable.var());

    let cancel_lane = Bit::hint(&mut cs.check("ACT-7"), "action.lane", record.lane == Lane::Cancels);
    let strict = Bit::hint(&mut cs.check("ACT-7"), "action.strict", record.strict);
    let nonce = Fr::from(record.nonce);
    let nonce = Int::hint_unsigned(&mut cs.check("ACT-2"), "action.nonce", nonce, NONCE_BITS);
    // A signer's list is of the batch's epoch, so it has one of each.
    let other = nonce.var() - &cs.global(EPOCH);
    cs.enforce("ACT-12", oracle.var(), &other, &Var::<Committed>::zero());
    let step = NonceStep { account: &account, cancel_lane: &cancel_lane, strict: &strict, nonce: &nonce };
    move_nonce(cs, checks, record, step);

    let chunks = Fr::from(record.message.chunks.len() as u64);
    let chunks = Int::hint_unsigned(&mut cs.check("ACT-4"), "action.chunks", chunks, 16);
    let bulk = chunks.is_zero(&mut cs.check("ACT-4")).not();
    let payload = cs.hint("action.payload", record.message.payload);
    let kind = bulk.int().add_constant(1);
    let lane = cancel_lane.int();
    let header = MESSAGE_HEADER.pack_ints([&kind, &lane, &strict.int(), &id, &nonce, &chunks]);
    let domain = cs.global(DOMAIN);
    let message = poseidon(&mut cs.check("ACT-5"), &[domain, header, payload.clone()]);

    let cs = &mut cs.check("ACT-6");
    let bulk_selected = bulk.and(cs, &enable);
    let single_selected = enable.var() - bulk_selected.var();
    let single_cancel = cancel_lane.and(cs, &bulk.not());
    let mark = SIGNER.pack_ints([&id, &single_cancel.int(), &oracle.int()]);
    cs.send(ITEM, &[payload.clone(), mark], &single_selected);
    let start = [number.clone(), Var::zero(), Var::zero(), account.clone()];
    cs.send(CHAIN, &start, bulk_selected.var());
    cs.receive(CHAIN, &[number.clone(), chunks.var().clone(), payload, account], bulk_selected.var());
    SignedVar { message, x, y }
}

/// A nonce as an action states it.
#[derive(Clone, Copy)]
struct NonceStep<'a> {
    account: &'a Var<Committed>,
    cancel_lane: &'a Bit,
    strict: &'a Bit,
    nonce: &'a Int,
}

// nonce > last, nonce <= last + 2^20, and nonce = last + 1 if strict; the lane's last := nonce.
fn move_nonce(cs: &mut Cs<'_>, checks: &mut Checks<Reject>, record: &ActionRecord, stated: NonceStep<'_>) {
    let NonceStep { account, cancel_lane, strict, nonce } = stated;
    let time = RowTime::hint(cs, record.sequence).touch(cs, 0, record.nonces_at);
    let order = Int::new_unchecked(cs.hint("action.order_nonce", Fr::from(record.nonces.order)), NONCE_BITS);
    let cancel =
        Int::new_unchecked(cs.hint("action.cancel_nonce", Fr::from(record.nonces.cancel)), NONCE_BITS);
    let last = cancel_lane.select(&mut cs.check("ACT-2"), &cancel, &order);
    let skipped = nonce.sub(&last).add_constant(-1);
    checks.require_nonnegative(&mut cs.check("ACT-2"), Reject::NonceTooLow, &skipped);
    let room = Int::constant(NONCE_STEP_MAX as i128 - 1).sub(&skipped);
    checks.require_nonnegative(&mut cs.check("ACT-2"), Reject::NonceTooHigh, &room);
    let cs = &mut cs.check("ACT-3");
    let skipped_if_strict = cs.product(strict.var(), skipped.var());
    checks.require_zero(cs, Reject::NonceNotNext, &skipped_if_strict);
    // Of the two lanes, the one that is not used stays.
    let step = cs.product(cancel_lane.var(), &(nonce.var() - cancel.var()));
    let cancel_after = cancel.var() + &step;
    let other_step = cs.product(cancel_lane.not().var(), &(nonce.var() - order.var()));
    let order_after = order.var() + &other_step;
    let cell = CellAt { tag: NONCE, address: account, time: &time };
    let before = [order.var().clone(), cancel.var().clone()];
    let enable = checks.enable().clone();
    touch(cs, &cell, &before, &[order_after, cancel_after], &enable);
}

/// One link of a bulk action's chain: four items, released.
pub struct Chunk;

/// A link: which action, which link, and the chain before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkRecord {
    pub action: u64,
    pub index: u64,
    pub account: u64,
    pub before: Fr,
    pub words: [Fr; ITEMS_PER_CHUNK],
}

impl Row for Chunk {
    type Record = ChunkRecord;
    const NAME: &'static str = "chunk";

    fn dummy() -> ChunkRecord {
        ChunkRecord { action: 0, index: 0, account: 0, before: Fr::ZERO, words: [Fr::ZERO; ITEMS_PER_CHUNK] }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<ChunkRecord>) {
        let enable = Bit::hint(&mut cs.check("ACT-8"), "chunk.enable", record.enabled);
        let action = cs.hint("chunk.action", Fr::from(record.action));
        let index = cs.hint("chunk.index", Fr::from(record.index));
        let account = cs.hint("chunk.account", Fr::from(record.account));
        let before = cs.hint("chunk.before", record.before);
        let words = record.words.map(|word| cs.hint("chunk.word", word));
        let mut hashed = vec![before.clone()];
        hashed.extend_from_slice(&words);
        let after = poseidon(&mut cs.check("ACT-8"), &hashed);
        let link = [action.clone(), index.clone(), before, account.clone()];
        cs.check("ACT-8").receive(CHAIN, &link, enable.var());
        let link = [action, index.add_constant(Fr::ONE), after, account.clone()];
        cs.check("ACT-8").send(CHAIN, &link, enable.var());
        let cs = &mut cs.check("ACT-9");
        for word in words {
            // The zeros after the last item are no items; a disabled row releases none.
            let item = is_zero(cs, &word).not().and(cs, &enable);
            cs.send(ITEM, &[word, account.clone()], item.var());
        }
    }
}
