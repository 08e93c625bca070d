//! What the decoder refuses, and what each bit of a batch's lists is good for.

use std::collections::{BTreeMap, BTreeSet};

use ark_bn254::Fr;
use ark_ff::PrimeField;

use super::*;
use crate::executor::BatchContext;
use crate::executor::tests::configure::{a_day_on, changing};
use crate::executor::tests::random::{Run, fund};
use crate::executor::tests::world::World;
use crate::executor::tests::{domain, genesis};
use crate::executor::{ApplyError, Executor};
use crate::gadgets::var::power_of_two;
use crate::kinds::{Capacities, Trace};
use crate::ops::Op;
use crate::ops::action::SignatureCheck;
use crate::ops::change_key::{X_HIGH_MAX, Y_HIGH_MAX};
use crate::publication::follows;
use crate::state::State;

/// A batch whose lists all hold something; the state before it, and its bytes.
fn busy() -> (State, Vec<u8>, Capacities) {
    (0..40).find_map(busy_of).expect("such a batch")
}

/// The first of a hundred batches of a random run whose lists all hold something.
fn busy_of(seed: u64) -> Option<(State, Vec<u8>, Capacities)> {
    let world = World { limits: 20, modes: 20, keys: 10, ..World::small(2, 9) };
    let mut run = Run::new(seed, world);
    let mut state = a_day_on(fund(&mut run, genesis(world.markets)));
    (1..100).find_map(|number| {
        let before = state.clone();
        let (after, trace) = batch(&mut run, before.clone(), number);
        state = after;
        let (bytes, capacities) = follows::bytes(&trace);
        let full = LISTS.iter().all(|list| list.capacity(&capacities) > 0);
        (full && trace.usage()["markets"] == 2).then_some((before, bytes, capacities))
    })
}

fn batch(run: &mut Run, state: State, number: u64) -> (State, Trace) {
    let context = BatchContext {
        time: 87_500 + 997 * number,
        domain: domain(),
        capacities: Capacities::UNLIMITED,
        signatures: SignatureCheck::Skip,
    };
    let mut executor = Executor::begin(state, context).unwrap();
    let ticks = if number.is_multiple_of(2) { run.ticks() } else { Vec::new() };
    let due = |run: &mut Run, executor: &Executor| run.liquidations(executor);
    for op in ticks {
        try_op(run, &mut executor, &op);
    }
    for op in due(run, &executor) {
        try_op(run, &mut executor, &op);
    }
    for _ in 0..40 {
        let op = run.op(&executor);
        if op != Op::CollectFees {
            try_op(run, &mut executor, &op);
        }
    }
    let mut others = LISTS.iter().filter(|list| list.name != "configurations");
    if others.all(|list| list.capacity(executor.usage()) > 0) {
        let op = changing(&executor, 1, |p| p.min_lots ^= 3);
        try_op(run, &mut executor, &op);
    }
    let (state, trace) = executor.finish().unwrap_or_else(|unfinished| panic!("{unfinished}"));
    run.keep_orders(&state);
    (state, trace)
}

fn try_op(run: &mut Run, executor: &mut Executor, op: &Op) {
    match executor.apply(op) {
        Ok(applied) => run.note(applied),
        Err(ApplyError::Refused(_)) => {}
        Err(other) => panic!("{other}"),
    }
}

/// The element with one bit turned, as bytes; none if it is no element then.
fn turned(bytes: &[u8], element: usize, bit: u32) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = ELEMENT_BYTES * (element + 1) - 1 - bit as usize / 8;
    bytes[at] ^= 1 << (bit % 8);
    bytes
}

/// List and field (`-` for a bit outside of all fields), and whether the bit is the field's lowest.
fn field_of(element: usize, bit: u32, capacities: &Capacities) -> ((&'static str, &'static str), bool) {
    let list = LISTS.iter().rev().find(|list| offset(list.name, capacities) <= element).unwrap();
    let layout = &list.layouts[(element - offset(list.name, capacities)) % list.elements()];
    let field = layout.fields.iter().find(|field| (field.at..field.at + field.bits).contains(&bit));
    ((list.name, field.map_or("-", |field| field.name)), field.is_some_and(|field| field.at == bit))
}

/// Each bit reaches the state, or the batch is refused; the fields that do not reach it are events.
#[test]
fn each_bit_of_the_lists_is_refused_or_an_event() {
    let (before, bytes, capacities) = busy();
    let elements = bytes.len() / ELEMENT_BYTES;
    let (mut free, mut tried) = (BTreeMap::new(), BTreeSet::new());
    for element in HEADER_ELEMENTS..elements {
        // One bit of five, and the lowest of each field.
        for bit in 0..8 * ELEMENT_BYTES as u32 {
            let (place, lowest) = field_of(element, bit, &capacities);
            if !lowest && !(bit + element as u32).is_multiple_of(5) {
                continue;
            }
            let forged = turned(&bytes, element, bit);
            tried.insert(place);
            let Ok(batch) = decode(&forged, &capacities) else { continue };
            if before.clone().apply(&batch).is_ok() {
                *free.entry(place).or_insert(0) += 1;
            }
        }
    }
    // Asked prices beyond the band give the same price. Who was liquidated or paid is not in the state but by
    // what became of it.
    let events: BTreeSet<&str> = free.keys().map(|(list, _)| *list).collect();
    assert!(events.is_subset(&["liquidations", "markets", "transfers", "withdrawals"].into()), "{free:?}");
    let in_markets: Vec<&str> =
        free.keys().filter(|(list, _)| *list == "markets").map(|(_, field)| *field).collect();
    assert!(in_markets.iter().all(|field| *field == "asked"), "{free:?}");
    let paid: Vec<_> = free.keys().filter(|(list, _)| *list == "withdrawals").collect();
    assert_eq!(paid, [&("withdrawals", "recipient")]);
    for list in LISTS {
        for field in list.layouts.iter().flat_map(|layout| layout.fields) {
            assert!(
                tried.contains(&(list.name, field.name)),
                "{} of {} was not tried",
                field.name,
                list.name
            );
        }
    }
}

fn published() -> (Vec<u8>, Capacities, State) {
    let (before, bytes, capacities) = busy();
    (bytes, capacities, before)
}

/// Puts a value into a field of an element.
fn put(bytes: &[u8], element: usize, at: u32, bits: u32, value: u128) -> Vec<u8> {
    let range = ELEMENT_BYTES * element..ELEMENT_BYTES * (element + 1);
    let word = Fr::from_be_bytes_mod_order(&bytes[range.clone()]);
    let old = crate::gadgets::word::Bits::from(word).part(at, bits).to_field();
    let word = word + (Fr::from(value) - old) * power_of_two(at);
    let mut bytes = bytes.to_vec();
    bytes[range].copy_from_slice(&crate::publication::publish(&[word]));
    bytes
}

#[test]
fn fields_out_of_their_range_are_refused() {
    let (bytes, capacities, _) = published();
    let at = |list: &str| offset(list, &capacities);
    let cases: [(usize, u32, u32, u128, &str); 16] = [
        (at("deposits"), 126, 64, 0, "amount: expected 1 to"),
        (at("deposits"), 126, 64, 1 << 63, "amount: expected 1 to"),
        (at("deposits"), 190, 16, 512, "mode: expected 0 to 511, found 512"),
        (at("deposits"), 206, 36, 0, "account: expected at least 1, found 0"),
        (at("cross_accounts"), 0, 36, 0, "id: expected at least"),
        (at("cross_accounts"), 201, 16, 3, "mode: expected 0, found 3"),
        (at("isolated_accounts"), 201, 16, 0, "mode: expected a market, found 0"),
        (at("positions"), 16, 16, 0, "market: expected 1 to 511, found 0"),
        (at("withdrawals"), 160, 64, 0, "amount: expected 1 to"),
        (at("transfers"), 36, 36, 0, "to: expected at least"),
        (at("markets"), 9, 54, 0, "price: expected at least 1, found 0"),
        (at("markets"), 0, 9, 0, "market: expected 1 to 511, found 0"),
        (at("liquidations"), 125, 56, 0, "lots: expected at least 1, found 0"),
        (at("globals"), 0, 36, 0, "next order: expected at least 1, found 0"),
        (at("configurations"), 0, 9, 0, "market: expected 1 to 511, found 0"),
        (at("configurations"), 173, 4, 4, "status: expected 0 to 3, found 4"),
    ];
    for (element, shift, bits, value, said) in cases {
        let error = decode(&put(&bytes, element, shift, bits, value), &capacities).unwrap_err().to_string();
        assert!(error.contains(said) && error.contains(&format!("element {element}")), "{error}");
    }
}

/// CKEY-3: with any lower part, the upper part of a coordinate of a new key makes a number below the modulus.
#[test]
fn upper_parts_of_the_modulus_are_refused_in_new_keys() {
    let (bytes, capacities, _) = published();
    let element = offset("rekeys", &capacities);
    for (element, at, bits, most, what) in
        [(element, 36, 126, X_HIGH_MAX, "key.x"), (element + 1, 128, 118, Y_HIGH_MAX, "key.y")]
    {
        let said = |high: i128| {
            let forged = put(&bytes, element, at, bits, high as u128);
            decode(&forged, &capacities).unwrap_err().to_string()
        };
        let refused = format!("{what}: expected an upper part below the modulus's");
        assert!(said(most + 1).contains(&refused), "{}", said(most + 1));
        // The point is not on the curve then.
        assert!(!said(most).contains("upper part"), "{}", said(most));
    }
}

/// DEP-7: a deposit that creates an account names a point of large order; nobody's key is a pool's.
#[test]
fn a_new_account_has_a_key_of_large_order() {
    let before = genesis(1);
    let mut executor = crate::executor::tests::begin(before.clone(), Capacities::UNLIMITED);
    crate::executor::tests::deposit(&mut executor, 10, 5);
    let (bytes, capacities) = follows::bytes(&executor.finish().unwrap().1);
    before.clone().apply(&decode(&bytes, &capacities).unwrap()).unwrap();
    let element = offset("deposits", &capacities);
    let mut nobodys = bytes;
    for (element, at, bits) in [(element, 0, 126), (element + 1, 0, 246), (element + 2, 0, 136)] {
        nobodys = put(&nobodys, element, at, bits, 0);
    }
    let error = before.clone().apply(&decode(&nobodys, &capacities).unwrap()).unwrap_err().to_string();
    assert!(error.contains("key of a new account: expected one of large order, found (0x00"), "{error}");
}

#[test]
fn spare_bits_are_refused() {
    let (bytes, capacities, _) = published();
    for list in LISTS {
        for (number, layout) in list.layouts.iter().enumerate() {
            if list.capacity(&capacities) == 0 {
                continue;
            }
            let element = offset(list.name, &capacities) + number;
            for bit in layout.bits..8 * ELEMENT_BYTES as u32 {
                let error = decode(&turned(&bytes, element, bit), &capacities).unwrap_err().to_string();
                assert!(error.contains(layout.name), "{error}");
            }
        }
    }
}

/// A hole may stand before an entry, but not in deposits and positions; the order of entries is free.
#[test]
fn holes_and_order() {
    let (bytes, capacities, before) = published();
    let roomy = capacities.with("withdrawals", capacities["withdrawals"] + 1);
    let roomy = roomy.with("orders", roomy["orders"] + 1).with("positions", roomy["positions"] + 1);
    let root = |bytes: &[u8]| {
        let batch = decode(bytes, &roomy).map_err(|error| error.to_string())?;
        let mut state = before.clone();
        state.apply(&batch).map_err(|error| error.to_string())?;
        Ok::<_, String>(state.root())
    };
    // The same batch in a larger shape: the new last entry of each list is a hole.
    let grown = |hole_first: &[&str]| {
        let mut grown = bytes[..ELEMENT_BYTES * HEADER_ELEMENTS].to_vec();
        for list in LISTS {
            let size = ELEMENT_BYTES * list.elements();
            let first = ELEMENT_BYTES * offset(list.name, &capacities);
            let entries = &bytes[first..first + size * list.capacity(&capacities)];
            let holes = vec![0; size * (list.capacity(&roomy) - list.capacity(&capacities))];
            let parts =
                if hole_first.contains(&list.name) { [&holes[..], entries] } else { [entries, &holes[..]] };
            parts.iter().for_each(|part| grown.extend_from_slice(part));
        }
        let count = grown.len() / ELEMENT_BYTES;
        put(&grown, 2, 40, 32, count as u128)
    };
    let same = root(&grown(&[])).unwrap();
    assert_eq!(root(&grown(&["withdrawals", "orders"])), Ok(same));
    // A new order with nothing left, where the hole was.
    let element = offset("orders", &roomy) + capacities["orders"];
    let id = before.globals.next_order;
    let gone = [(0, 36, id.into()), (36, 36, 600), (72, 9, 1)];
    let gone =
        gone.iter().fold(grown(&[]), |bytes, (at, bits, value)| put(&bytes, element, *at, *bits, *value));
    let error = root(&gone).unwrap_err();
    assert!(error.contains("left, of a new order: expected 1 or more, found 0"), "{error}");
    let error = root(&grown(&["positions"])).unwrap_err();
    assert!(error.contains("list positions") && error.contains("without holes"), "{error}");
}

/// A field of the state that the spec's table does not mention fails.
#[test]
fn every_field_of_the_state_is_in_the_table() {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/spec/src/publication.md")).unwrap();
    let told: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .filter(|name| name.contains('.') && !name.contains('`'))
        .map(str::to_owned)
        .collect();
    let (_, _, state) = published();
    let account =
        state.accounts().find(|(_, account)| account.positions().count() > 0).expect("a position").1;
    let order = state.orders().next().expect("a resting order").1;
    let market = state.markets().next().expect("a market").1;
    let mut fields = BTreeSet::new();
    let mut add = |what: &str, debug: String| {
        fields.extend(top_fields(&debug).into_iter().map(|field| format!("{what}.{field}")));
    };
    add("account", format!("{account:#?}"));
    add("position", format!("{:#?}", account.positions().next().expect("a position")));
    add("order", format!("{order:#?}"));
    add("market", format!("{market:#?}"));
    add("globals", format!("{:#?}", state.globals()));
    assert_eq!(told, fields);
}

/// Names of the fields of a struct, from its debug output: indented once.
fn top_fields(debug: &str) -> Vec<String> {
    let field = |line: &str| {
        let rest = line.strip_prefix("    ").filter(|rest| !rest.starts_with(' '))?;
        Some(rest.split_once(':')?.0.to_owned())
    };
    debug.lines().filter_map(field).collect()
}

#[test]
fn bytes_of_another_shape_are_refused() {
    let (bytes, capacities, _) = published();
    let other = capacities.with("transfers", capacities["transfers"] + 1);
    let found = bytes.len() / ELEMENT_BYTES;
    assert_eq!(decode(&bytes, &other), Err(DecodeError::Count { expected: found + 1, found }));
    assert!(matches!(decode(&bytes[1..], &capacities), Err(DecodeError::Header(HeaderError::Length(_)))));
}
