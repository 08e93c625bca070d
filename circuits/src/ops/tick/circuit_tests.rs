//! The tick row against the native half, and against forged advice beside the market's row.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::circuit::TickRow;
use super::{Tick, apply};
use crate::gadgets::cs::Shared;
use crate::gadgets::int::fr_from_i128;
use crate::gadgets::row::{IdealBus, Padded, Row, RowWitness, Template};
use crate::leaves::market::{MarketLeaf, MarketRecord};
use crate::ops::Context;
use crate::soundness::agree::{self, Outcome};
use crate::soundness::fixture::{context, market};
use crate::soundness::forge::{Forger, refusal};
use crate::state::tags::TICK;
use crate::state::wires;

const NOW: u64 = 3_000;

fn honest() -> Tick {
    Tick { market: 300, price: 101 << 32, rate: -777 }
}

fn run(input: &(impl Clone + Into<Padded<Tick>>)) -> RowWitness {
    agree::row::<TickRow>(input)
}

/// The row of the market that takes the tick.
fn market_row() -> RowWitness {
    let Tick { market: id, price, rate } = honest();
    let (old, context) = (market(), Context { time: NOW, observed: NOW, ..context() });
    let new = apply(&context, &Tick { market: id, price, rate }, &old).expect("a legal tick");
    assert_eq!(new.price, price);
    let record = MarketRecord {
        id,
        old,
        tick: Some(honest()),
        median: None,
        premium: None,
        new,
        open_interest_at: 0,
        configured: None,
    };
    let mut globals = [Fr::ZERO; wires::COUNT];
    for wire in [wires::TIME, wires::OBSERVED] {
        globals[usize::from(wire)] = Fr::from(NOW);
    }
    let shared = Shared { limb_bits: 13, globals: &globals };
    RowWitness::compute::<MarketLeaf>(shared, 0, &[], &record.into())
}

/// Whether the market's row receives exactly what these rows send.
fn taken(rows: &[&RowWitness]) -> bool {
    let mut bus = IdealBus::default();
    rows.iter().for_each(|row| bus.add(row));
    bus.add(&market_row());
    bus.imbalances(13).iter().all(|(tag, ..)| *tag != TICK)
}

#[test]
fn sends_what_is_asked_for() {
    for (stated, price) in [(1, 80u64 << 32), (99 << 32, 99 << 32), (1 << 45, 120 << 32)] {
        for rate in [-1_000_000, 0, 1_000_000] {
            let op = Tick { market: 300, price: stated, rate };
            let after = apply(&context(), &op, &market()).expect("a legal tick");
            assert_eq!(after.price, price);
            // The law of a tick, the band included, is checked in the market's row.
            let circuit = agree::without_checks::<TickRow>;
            let sent = [Fr::from(300u64), Fr::from(stated), fr_from_i128(rate.into())];
            let refused = agree::both_halves::<TickRow, _>(
                &op,
                || Ok(()),
                circuit,
                |()| Outcome::default().sends(TICK, sent),
            );
            assert_eq!(refused, None);
        }
    }
}

/// The row sends its advice as it is: all of it but what the market's row received is noticed there.
#[test]
fn every_hint_is_pinned() {
    let honest = honest();
    assert!(taken(&[&run(&honest)]));
    let forger = Forger::<TickRow>::new(&honest);
    let hints = forger.hints();
    assert_eq!(hints.len(), 4);
    for (number, (name, value)) in hints.into_iter().enumerate() {
        let half = Fr::from(2u64).inverse().expect("2 is not zero");
        for other in [value + Fr::from(1u64), value - Fr::from(1u64), -value, Fr::ZERO, value * half] {
            let row = forger.run(&|_, n, v| if n == number { other } else { v });
            assert!(other == value || refusal(&row, 13).is_some() || !taken(&[&row]), "{name} := {other}");
        }
    }
}

#[test]
fn a_market_takes_one_tick() {
    let row = run(&honest());
    assert!(!taken(&[]));
    assert!(!taken(&[&row, &row]));
    let other = run(&Tick { market: 301, ..honest() });
    assert!(!taken(&[&other]));
    assert!(!taken(&[&row, &other]));
}

#[test]
fn padding_is_inert() {
    agree::padding_is_inert::<TickRow>();
    let padding = run(&Padded::disabled(TickRow::dummy()));
    let idle = run(&Padded::disabled(honest()));
    assert!(taken(&[&run(&honest()), &idle, &padding]));
}

#[test]
fn costs_are_pinned() {
    assert_eq!(Template::compile::<TickRow>(13).constraints.len(), 4);
}
