//! Actions that JavaScript encoded and signed: the batch takes them, and its circuit is satisfied.

#[path = "wallet_orders/vectors.rs"]
mod vectors;

use std::collections::BTreeMap;

use ark_bn254::Fr;
use ark_ff::Field;
use vectors::{Case, Computed};
use zkmargin_circuits::batch::compile::compile;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::batch::witness::witness;
use zkmargin_circuits::executor::{Applied, ApplyError, BatchContext, Executor};
use zkmargin_circuits::gadgets::signature::SecretKey;
use zkmargin_circuits::ops::PricesItem;
use zkmargin_circuits::ops::action::SignatureCheck;
use zkmargin_circuits::ops::{Action, Deposit, Domain, Fill, Item, Op};
use zkmargin_circuits::params::{AGE_BITS, STATUS_OPEN};
use zkmargin_circuits::publication::{Deployment, elements};
use zkmargin_circuits::reject::{Refusal, Reject};
use zkmargin_circuits::state::{AccountId, Genesis, Market, Mode, PublicKey, State, higher_tiers};

/// The wallets' accounts; the third has the first one's key.
const ALICE: AccountId = 600;
const BOB: AccountId = 601;
const ALICE_ISOLATED: AccountId = 602;

/// Price 100, lots and ticks of one quantum.
fn market() -> Market {
    Market {
        price: 100 << 32,
        asked: 100 << 32,
        max_price: 1 << 45,
        max_size: 1 << 40,
        still_age: (1 << AGE_BITS) - 1,
        halt_age: (1 << AGE_BITS) - 1,
        last_tick: 1_000,
        paid_until: 1_000,
        funding_interval: 3_600,
        funding_cap: 1_000_000,
        initial_fraction: 100_000,
        maintenance_fraction: 50_000,
        tiers: higher_tiers(&[], [100_000, 50_000]).unwrap(),
        taker_fee: 500,
        maker_fee: 200,
        liquidation_fee: 5_000,
        band: 200_000,
        collar: 0,
        lot: 1,
        tick_quote: 1,
        min_lots: 10,
        status: STATUS_OPEN,
        ..Market::BLANK
    }
}

/// A batch in which the wallets' three accounts were funded.
fn funded(shape: &Shape, domain: Domain, signatures: SignatureCheck, cases: &[Case]) -> Executor {
    let operator = |number| SecretKey::from_seed(&[number; 32]).public_key();
    let state = State::genesis(Genesis {
        fee_owner: operator(1),
        markets: BTreeMap::from([(1, market())]),
        pools: 0,
        time: 1_000,
        config: Fr::from(77u64),
        signers: Vec::new(),
    })
    .unwrap();
    let context = BatchContext { time: 1_001, domain, capacities: shape.capacities, signatures };
    let mut executor = Executor::begin(state, context).unwrap();
    let accounts =
        [(ALICE, ALICE, Mode::Cross), (BOB, BOB, Mode::Cross), (ALICE_ISOLATED, ALICE, Mode::Isolated(1))];
    for (account, wallet, mode) in accounts {
        let deposit = Deposit { account: 0, owner: key(cases, wallet), mode, amount: 1_000_000_000 };
        assert_eq!(executor.apply(&Op::Deposit(deposit)), Ok(Applied::Deposit { account }));
    }
    executor
}

/// The public key that JavaScript derived for the wallet of `account`.
fn key(cases: &[Case], account: AccountId) -> PublicKey {
    cases.iter().find(|case| case.action.account == account).expect("a case of the account").key
}

fn op(action: &Action) -> Op {
    Op::Action(Box::new(action.clone()))
}

/// The action with one thing changed, in every way that its nonce or its fields still allow.
fn changed(case: &Case) -> Vec<(String, Action)> {
    let mut all = Vec::new();
    let mut push = |what: String, change: &dyn Fn(&mut Action)| {
        let mut action = case.action.clone();
        change(&mut action);
        assert_ne!(action, case.action, "{what}");
        all.push((format!("{}: {what}", case.name), action));
    };
    if case.action.account != ALICE_ISOLATED {
        push("account".into(), &|action| action.account = ALICE_ISOLATED);
    }
    // A strict action allows the next nonce only.
    push("nonce".into(), &|action| (action.nonce, action.strict) = (action.nonce + 1, false));
    if case.action.strict {
        push("strict".into(), &|action| action.strict = false);
    }
    if case.action.items.len() > 1 {
        push("items dropped".into(), &|action| action.items.truncate(5));
        push("items swapped".into(), &|action| action.items.swap(0, 1));
    }
    for (i, item) in case.action.items.iter().enumerate() {
        for (what, other) in changed_items(item) {
            push(format!("item {i}, {what}"), &|action| action.items[i] = other);
        }
    }
    push("S".into(), &|action| action.signature.s.0[0] ^= 1);
    all
}

fn changed_items(item: &Item) -> Vec<(&'static str, Item)> {
    match *item {
        Item::Order(order) => {
            let (mut limit, mut lots, mut side, mut flags) = (order, order, order, order);
            limit.limit ^= 1;
            lots.lots ^= 1;
            side.side = side.side.opposite();
            flags.flags.reduce_only ^= true;
            let all = [("limit", limit), ("lots", lots), ("side", side), ("flags", flags)];
            all.map(|(what, order)| (what, Item::Order(order))).to_vec()
        }
        Item::Cancel(order) => vec![("order", Item::Cancel(order + 1))],
        Item::Withdraw(withdraw) => {
            let (mut amount, mut recipient) = (withdraw, withdraw);
            amount.amount += 1;
            recipient.recipient[19] ^= 1;
            vec![("amount", Item::Withdraw(amount)), ("recipient", Item::Withdraw(recipient))]
        }
        Item::Transfer(transfer) => {
            let (mut to, mut amount) = (transfer, transfer);
            to.to = ALICE;
            amount.amount -= 1;
            vec![("to", Item::Transfer(to)), ("amount", Item::Transfer(amount))]
        }
        Item::SetLeverage(limit) => vec![("limit", Item::SetLeverage(limit - 1))],
        Item::Prices(prices) => {
            let mut other = prices;
            other.prices[3] ^= 1;
            let next = PricesItem { index: prices.index + 1, ..prices };
            vec![("price", Item::Prices(other)), ("index", Item::Prices(next))]
        }
        Item::Premiums(premiums) => {
            let mut other = premiums;
            other.premiums[3] = Some(other.premiums[3].map_or(0, |premium| premium ^ 1));
            vec![("premium", Item::Premiums(other))]
        }
        Item::SetMode(_) => vec![("mode", Item::SetMode(Mode::Isolated(1)))],
        Item::ChangeKey(key) => {
            let (left, down) = (PublicKey { x: -key.x, ..key }, PublicKey { y: -key.y, ..key });
            vec![("x", Item::ChangeKey(left)), ("y", Item::ChangeKey(down))]
        }
    }
}

#[test]
fn javascript_and_rust_compute_the_same_message() {
    let (domain, cases) = vectors::read();
    assert!(cases.len() >= 3);
    for case in &cases {
        let message = case.action.message(&domain);
        let ours = Computed {
            words: case.action.items.iter().map(Item::word).collect(),
            chain: message.chunks.iter().map(|chunk| chunk.after).collect(),
            domain: message.domain,
            header: message.header,
            payload: message.payload,
            message: message.hash,
        };
        assert_eq!(ours, case.computed, "{}", case.name);
    }
    let bulk = cases.iter().find(|case| case.action.items.len() > 1).unwrap();
    assert_eq!(bulk.computed.chain.len(), 2, "two links");
}

#[test]
fn a_batch_of_actions_signed_in_javascript_satisfies_the_circuit() {
    let (domain, cases) = vectors::read();
    let shape = Shape::named("demo").unwrap();
    let mut executor = funded(&shape, domain, SignatureCheck::Verify, &cases);
    for (i, case) in cases.iter().enumerate() {
        executor.apply(&op(&case.action)).unwrap_or_else(|e| panic!("{}: {e}", case.name));
        if i == 1 {
            // Order 2 takes from order 1, the rest of which a later action cancels.
            executor.apply(&Op::Fill(Fill { taker: 2, maker: 1, lots: 30 })).unwrap();
        }
    }
    let (state, trace) = executor.finish().unwrap_or_else(|unfinished| panic!("{unfinished}"));
    let resting: Vec<_> = state.orders().map(|(id, order)| (id, order.account, order.left)).collect();
    assert_eq!(resting.len(), 2);
    assert!(resting.contains(&(4, ALICE, 40)) && resting.contains(&(5, ALICE, 10)), "{resting:?}");
    assert_eq!(state.account(603).unwrap().owner, key(&cases, BOB), "the transfer's new account");
    assert_eq!(state.account(ALICE).unwrap().leverage_limit, 1_000_000);
    assert_eq!(state.account(ALICE_ISOLATED).unwrap().mode, Mode::Cross);
    let new_keys = cases.iter().filter_map(|case| match case.action.items[0] {
        Item::ChangeKey(key) => Some(key),
        _ => None,
    });
    assert_eq!(new_keys.collect::<Vec<_>>(), [state.account(BOB).unwrap().owner]);

    let circuit = compile(&shape);
    let deployment = Deployment { shape_id: shape.id, key_id: [5; 31] };
    let witness = witness(&circuit, &shape, &trace, &deployment, true).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(witness.elements(), elements(&trace, &shape.capacities, &deployment).unwrap());
    assert_eq!(
        circuit.unsatisfied(&witness.columns(Fr::from(5u64), Fr::from(3u64).pow([200]))),
        Vec::<String>::new()
    );
}

#[test]
fn what_the_wallet_did_not_sign_is_refused() {
    let (domain, cases) = vectors::read();
    let shape = Shape::named("demo").unwrap();
    let mut executor = funded(&shape, domain, SignatureCheck::Verify, &cases);
    let refused = Err(ApplyError::Refused(Refusal::plain(Reject::BadSignature, "SIG-14")));
    for case in &cases {
        for (what, action) in changed(case) {
            assert_eq!(executor.apply(&op(&action)), refused, "{what}");
        }
        executor.apply(&op(&case.action)).unwrap_or_else(|e| panic!("{}: {e}", case.name));
    }

    let mut contract = domain.contract;
    contract[0] ^= 0x80;
    let others = [Domain { chain_id: domain.chain_id + 1, ..domain }, Domain { contract, ..domain }];
    for other in others {
        let mut executor = funded(&shape, other, SignatureCheck::Verify, &cases);
        for case in &cases {
            assert_eq!(executor.apply(&op(&case.action)), refused, "{} in {other:?}", case.name);
        }
    }
}

/// An operator that skips its own check gains nothing: the same order at another limit has no witness.
#[test]
fn a_changed_limit_does_not_satisfy_the_circuit() {
    let (domain, cases) = vectors::read();
    let shape = Shape::named("demo").unwrap();
    let circuit = compile(&shape);
    let deployment = Deployment { shape_id: shape.id, key_id: [5; 31] };
    for changes in [false, true] {
        let mut executor = funded(&shape, domain, SignatureCheck::Skip, &cases);
        let mut action = cases[0].action.clone();
        let Item::Order(order) = &mut action.items[0] else { panic!("an order") };
        order.limit += u32::from(changes);
        executor.apply(&op(&action)).unwrap();
        let (_, trace) = executor.finish().unwrap_or_else(|unfinished| panic!("{unfinished}"));
        let witness = witness(&circuit, &shape, &trace, &deployment, false).unwrap();
        let broken = circuit.unsatisfied(&witness.columns(Fr::from(5u64), Fr::from(3u64).pow([200])));
        // Both coordinates of the equation over all signatures, and nothing else.
        let equation = "SIG-14 of combine signatures row 0";
        assert_eq!(broken, vec![equation; if changes { 2 } else { 0 }]);
    }
}
