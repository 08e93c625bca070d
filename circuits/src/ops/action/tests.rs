use super::*;
use crate::gadgets::hash::poseidon;
use crate::gadgets::signature::SecretKey;
use crate::ops::{Context, Domain};
use crate::params::NONCE_STEP_MAX;
use crate::reject::Reject;
use crate::soundness::fixture::context;
use crate::state::{Flags, Mode, Side};
use ark_bn254::Fr;
use ark_ff::{PrimeField, Zero};
use num_bigint::BigUint;

fn order() -> OrderItem {
    OrderItem {
        market: 3,
        side: Side::Sell,
        limit: 77,
        lots: 1 << 55,
        flags: Flags { reduce_only: true, ..Flags::default() },
        max_fee: 999,
        expiry: 12_345,
    }
}

fn signed(items: Vec<Item>, nonce: u64) -> (SecretKey, Action) {
    let key = SecretKey::from_seed(&[7; 32]);
    let unsigned = key.sign(Fr::zero());
    let mut action =
        Action { account: 601, lane: Lane::Orders, strict: false, nonce, items, signature: unsigned };
    action.signature = key.sign(action.message(&context().domain).hash);
    (key, action)
}

fn run(key: &SecretKey, action: &Action, last: u64) -> Result<Nonces, Reject> {
    let nonces = Nonces { order: last, cancel: 4 };
    apply(&context(), action, &key.public_key(), &nonces, SignatureCheck::Verify)
        .map(|(_, n)| n)
        .map_err(Reject::from)
}

#[test]
fn words_have_the_stated_layout() {
    let big = |item: Item| BigUint::from(item.word().into_bigint());
    let one = |shift: u32| BigUint::from(1u8) << shift;
    let want = BigUint::from(3u8)
        + one(16)
        + (BigUint::from(77u8) << 17)
        + one(49 + 55)
        + (BigUint::from(2u8) << 105)
        + (BigUint::from(999u16) << 109)
        + (BigUint::from(12_345u16) << 129)
        + one(244);
    assert_eq!(big(Item::Order(order())), want);
    assert_eq!(big(Item::Cancel(9)), (BigUint::from(2u8) << 244) + 9u8);
    let mut recipient = [0u8; 20];
    (recipient[0], recipient[19]) = (0xff, 1);
    let withdraw = WithdrawItem { amount: 5, recipient };
    let want = (BigUint::from(3u8) << 244) + 5u8 + one(64) + (BigUint::from(0xffu8) << (64 + 152));
    assert_eq!(big(Item::Withdraw(withdraw)), want);
    let transfer = TransferItem { to: 6, amount: u64::MAX, mode: Mode::Isolated(2) };
    let want = (one(2 + 244)) + 6u8 + (BigUint::from(u64::MAX) << 36) + (BigUint::from(2u8) << 100);
    assert_eq!(big(Item::Transfer(transfer)), want);
}

#[test]
fn message_chains_items_four_at_a_time() {
    let items: Vec<Item> = (1..=5).map(Item::Cancel).collect();
    let (_, mut action) = signed(items, 5);
    let domain = Domain { chain_id: 1, contract: [0; 20] };
    let word = |i: u64| Item::Cancel(i).word();
    let zero = Fr::zero();
    let h1 = poseidon(&[zero, word(1), word(2), word(3), word(4)]);
    let h2 = poseidon(&[h1, word(5), zero, zero, zero]);
    let message = action.message(&domain);
    assert_eq!((message.payload, message.chunks.len()), (h2, 2));
    assert_eq!((message.chunks[1].before, message.chunks[1].after), (h1, h2));
    let header = 2u128 | 601 << 10 | 5 << 46 | 2 << 86 | 1 << 102;
    assert_eq!(message.header, Fr::from(header));
    assert_eq!(message.domain, Fr::from(BigUint::from(1u8) << 160u32));
    assert_eq!(message.hash, poseidon(&[message.domain, message.header, h2]));
    action.items.truncate(1);
    (action.lane, action.strict) = (Lane::Cancels, true);
    let single = action.message(&domain);
    assert_eq!(single.payload, word(1));
    assert_eq!(single.header, Fr::from(1u128 | 1 << 8 | 1 << 9 | 601 << 10 | 5 << 46 | 1 << 102));
}

#[test]
fn nonces_at_their_bounds() {
    let at = |nonce, last| {
        let (key, action) = signed(vec![Item::Order(order())], nonce);
        run(&key, &action, last)
    };
    assert_eq!(at(10, 10), Err(Reject::NonceTooLow));
    assert_eq!(at(11, 10), Ok(Nonces { order: 11, cancel: 4 }));
    assert_eq!(at(10 + NONCE_STEP_MAX, 10).map(|n| n.order), Ok(10 + NONCE_STEP_MAX));
    assert_eq!(at(11 + NONCE_STEP_MAX, 10), Err(Reject::NonceTooHigh));
    let strict = |nonce| {
        let (key, mut action) = signed(vec![Item::Order(order())], nonce);
        action.strict = true;
        action.signature = key.sign(action.message(&context().domain).hash);
        run(&key, &action, 10).map(|n| n.order)
    };
    assert_eq!(strict(11), Ok(11));
    assert_eq!(strict(12), Err(Reject::NonceNotNext));
}

#[test]
fn a_cancel_uses_its_own_lane_and_a_single_order_may_not() {
    let (key, mut action) = signed(vec![Item::Cancel(3)], 5);
    action.lane = Lane::Cancels;
    action.signature = key.sign(action.message(&context().domain).hash);
    assert_eq!(run(&key, &action, 10), Ok(Nonces { order: 10, cancel: 5 }));
    action.items = vec![Item::Order(order())];
    assert_eq!(run(&key, &action, 10), Err(Reject::WrongLane));
}

#[test]
fn every_signed_part_is_bound() {
    let (key, action) = signed(vec![Item::Order(order()), Item::Cancel(3)], 5);
    assert!(run(&key, &action, 0).is_ok());
    let spoil: [fn(&mut Action); 7] = [
        |a| a.account += 1,
        |a| a.lane = Lane::Cancels,
        |a| a.strict = true,
        |a| a.nonce += 1,
        |a| a.items.swap(0, 1),
        |a| a.items.push(Item::Cancel(4)),
        |a| a.items[1] = Item::Cancel(4),
    ];
    for (number, spoil) in spoil.iter().enumerate() {
        let mut spoiled = action.clone();
        spoil(&mut spoiled);
        let nonces = Nonces { order: spoiled.nonce - 1, cancel: spoiled.nonce - 1 };
        let check = SignatureCheck::Verify;
        let result = apply(&context(), &spoiled, &key.public_key(), &nonces, check);
        assert_eq!(result.map(|_| ()).map_err(Reject::from), Err(Reject::BadSignature), "{number}");
    }
    let elsewhere = Context { domain: Domain { chain_id: 9, contract: [0; 20] }, ..context() };
    let check = SignatureCheck::Verify;
    let result = apply(&elsewhere, &action, &key.public_key(), &Nonces::default(), check);
    assert_eq!(result.map(|_| ()).map_err(Reject::from), Err(Reject::BadSignature));
}

#[test]
fn fields_wider_than_their_place_are_refused() {
    let fails = |item: Item| {
        let (_, mut action) = signed(vec![Item::Cancel(1)], 5);
        action.items = vec![item];
        require_fields(&action).is_err()
    };
    assert!(fails(Item::Order(OrderItem { lots: 1 << 56, ..order() })));
    assert!(!fails(Item::Order(OrderItem { lots: (1 << 56) - 1, ..order() })));
    assert!(fails(Item::Order(OrderItem { max_fee: 1 << 20, ..order() })));
    assert!(fails(Item::Order(OrderItem { expiry: 1 << 36, ..order() })));
    assert!(fails(Item::SetLeverage(1 << 20)) && !fails(Item::SetLeverage((1 << 20) - 1)));
    assert!(fails(Item::Cancel(1 << 36)) && !fails(Item::Cancel((1 << 36) - 1)));
    assert!(fails(Item::Transfer(TransferItem { to: 1 << 36, amount: 1, mode: Mode::Cross })));
    let (_, mut action) = signed(vec![Item::Cancel(1)], 5);
    action.nonce = 1 << 40;
    assert_eq!(require_fields(&action).map_err(Reject::from), Err(Reject::FieldRange));
    action.items.clear();
    assert_eq!(require_fields(&action).map_err(Reject::from), Err(Reject::ItemCount));
}
