//! The bus: rules 1 to 6 of the review.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::bench::{Advice, Bench, advice, close_as_sent, rich_and_poor};
use super::corpus::{Forgery, Rows, SeededBug, by_bus, by_checks, check};
use super::evaluate::Chosen;
use super::weaken::Weak;
use super::{memory, orders};
use crate::batch::assembly::Assembler;
use crate::batch::challenge::Challenge;
use crate::batch::layout::{Block, Circuit};
use crate::batch::shape::Shape;
use crate::batch::table::{self, RangeTable};
use crate::executor::tests::{begin, deposit, genesis, item, place};
use crate::gadgets::cs::{Cs, Tag};
use crate::gadgets::int::Bit;
use crate::gadgets::range::RANGE;
use crate::gadgets::row::{MAX_ARITY, Padded, Row};
use crate::gadgets::var::Var;
use crate::ops::{Fill, Op};
use crate::params::TOUCHES_PER_ROW;
use crate::soundness::batches::finish;
use crate::soundness::kinds;
use crate::state::Side;
use crate::state::tags::{HEADER, MARKET, NONCE, ORDER, TICK};

pub const BUGS: &[SeededBug] = &[
    SeededBug {
        name: "tuples that cancel at a pole that is a power of the challenge",
        rule: 1,
        weak: &[Weak::PoleOfChallenge],
        noticed: by_bus(&["cancels"]),
        attack: tuples_that_cancel,
    },
    SeededBug {
        name: "a tuple of one kind received as another",
        rule: 2,
        weak: &[Weak::NoTags],
        noticed: by_bus(&["nonce", "tick"]),
        attack: received_as_another,
    },
    SeededBug {
        name: "an unsigned order paid for by a row that counts minus one",
        rule: 3,
        weak: &[Weak::NoBit(kinds::PLACE, "prefix.enable")],
        noticed: by_checks(&["INT-1 of place"]),
        attack: selectors_one_and_minus_one,
    },
    SeededBug {
        name: "a padding row that provides a market of another price",
        rule: 3,
        weak: &[Weak::FreeComponent(kinds::MARKET, MARKET, 0)],
        noticed: by_bus(&["market"]),
        attack: market_of_a_padding_row,
    },
    SeededBug {
        name: "a limb chosen after the challenge balances invented money",
        rule: 4,
        weak: &[Weak::LateComponent(kinds::DEPOSIT, RANGE)],
        noticed: by_bus(&["header"]),
        attack: memory::cell_that_nobody_sent,
    },
    SeededBug {
        name: "a component chosen after the challenge balances invented money",
        rule: 5,
        weak: &[Weak::LateComponent(kinds::CROSS_ACCOUNT, NONCE)],
        noticed: by_bus(&["header"]),
        attack: memory::cell_that_nobody_sent,
    },
    SeededBug {
        name: "a multiplicity chosen after the challenge balances invented money",
        rule: 5,
        weak: &[Weak::LateMultiplicity(kinds::CROSS_ACCOUNT, HEADER)],
        noticed: by_bus(&["header"]),
        attack: memory::cell_that_nobody_sent,
    },
    SeededBug {
        name: "an element chosen after the challenge tells the contract another root",
        rule: 5,
        weak: &[Weak::LateElement(kinds::STATEMENT, 7)],
        noticed: by_checks(&["the evaluation"]),
        attack: another_root_published,
    },
    SeededBug {
        name: "two orders of one id change places",
        rule: 6,
        weak: &[Weak::NoRowIndex(kinds::PLACE, ORDER)],
        noticed: by_bus(&["order"]),
        attack: || orders_exchanged(0),
    },
    SeededBug {
        name: "a count chosen for a challenge that is known balances invented money",
        rule: 20,
        weak: &[Weak::KnownChallenge],
        noticed: by_bus(&["header"]),
        attack: memory::cell_that_nobody_sent,
    },
];

#[test]
fn every_bug_of_the_bus_is_caught() {
    check(BUGS);
}

/// The circuit of one kind of row, besides the challenge and the range table.
fn alone<R: Row>() -> Circuit {
    const LIMB: u32 = 8;
    let blocks = vec![
        Block::new::<Challenge>(1, LIMB),
        Block::new::<RangeTable>(table::rows(LIMB), LIMB),
        Block::new::<R>(1, LIMB),
    ];
    Circuit::new(blocks, &["header"], LIMB, 0)
}

fn fill_alone<R: Row>(assembler: &mut Assembler<'_>, record: R::Record) {
    assembler.fill::<RangeTable>(&[]).unwrap();
    assembler.fill::<R>(&[Padded::enabled(record)]).unwrap();
}

fn forgery_alone<R: Row>(honest: fn(&mut Assembler<'_>), forged: fn(&mut Assembler<'_>)) -> Forgery {
    let (honest, forged) = (Rows::Own(honest), Rows::Own(forged));
    Forgery { circuit: alone::<R>(), honest, forged, advice: Vec::new(), chosen: Chosen::default() }
}

// The elements that every circuit publishes.
fn publish_nothing(cs: &mut Cs<'_>) {
    cs.publish("header", 0, &Var::zero());
    cs.publish("header", 1, &Var::zero());
}

/// A kind of tuples whose code is the square of a number that is at hand.
const CANCELS: Tag = Tag { code: 4, name: "cancels", arity: LAST + 1, provider: false };
/// Number of the last component, whose power of χ is the square root of the tag's.
const LAST: u8 = MAX_ARITY.div_ceil(2);

/// Sends two tuples `(u, 0, 1, 0, …, v)` and receives two.
struct Cancels;

impl Row for Cancels {
    type Record = [[Fr; 2]; 4];
    const NAME: &'static str = "cancels";
    fn dummy() -> Self::Record {
        Default::default()
    }
    fn synthesize(cs: &mut Cs<'_>, input: &Padded<Self::Record>) {
        for (number, [first, last]) in input.iter().enumerate() {
            let mut tuple = vec![Var::zero(); usize::from(LAST) + 1];
            (tuple[0], tuple[2]) = (cs.hint("first", *first), Var::one());
            tuple[usize::from(LAST)] = cs.hint("last", *last);
            match number {
                0 | 1 => cs.send(CANCELS, &tuple, &Var::one()),
                _ => cs.receive(CANCELS, &tuple, &Var::one()),
            }
        }
        publish_nothing(cs);
    }
}

/// With the pole χ² and `a² = -4·χ^32`: sent `γ - f = a² ± ka`, received `a² - k²` twice, and
/// `1/(a² + ka) + 1/(a² - ka) = 2/(a² - k²)` for every χ.
fn tuples_that_cancel() -> Forgery {
    fn tuples() -> (Fr, [[Fr; 2]; 2]) {
        let k = Fr::from(77u64);
        let root = (-Fr::from(4u64)).sqrt().expect("minus one is a square");
        (k, [[Fr::ZERO, -k * root], [Fr::ZERO, k * root]])
    }
    forgery_alone::<Cancels>(
        |assembler| {
            let (_, [a, b]) = tuples();
            fill_alone::<Cancels>(assembler, [a, b, a, b]);
        },
        |assembler| {
            let (k, [a, b]) = tuples();
            let received = [k.square(), Fr::ZERO];
            fill_alone::<Cancels>(assembler, [a, b, received, received]);
        },
    )
}

/// Sends (5, 6, 7) as a nonce cell and receives it as one, or as a tick.
struct Relabels;

impl Row for Relabels {
    type Record = bool;
    const NAME: &'static str = "relabels";
    fn dummy() -> bool {
        true
    }
    fn synthesize(cs: &mut Cs<'_>, as_sent: &Padded<bool>) {
        let as_sent = Bit::hint(cs, "as sent", as_sent.record);
        let tuple = [5u64, 6, 7].map(|value| Var::constant(Fr::from(value)));
        cs.send(NONCE, &tuple, &Var::one());
        cs.receive(NONCE, &tuple, as_sent.var());
        cs.receive(TICK, &tuple, as_sent.not().var());
        publish_nothing(cs);
    }
}

fn received_as_another() -> Forgery {
    forgery_alone::<Relabels>(
        |assembler| fill_alone::<Relabels>(assembler, true),
        |assembler| fill_alone::<Relabels>(assembler, false),
    )
}

/// An invented order, and a second row with the same order that counts minus one: what the first
/// receives without a signature the second gives back.
fn selectors_one_and_minus_one() -> Forgery {
    let bench = orders::one_order();
    let mut inputs = bench.inputs();
    let mut invented = inputs.places[0];
    (invented.sequence, invented.at) = (50, TOUCHES_PER_ROW * 50);
    (invented.order.limit, invented.order.expiry) = (1, inputs.statement.time);
    invented.order.size = u64::from(invented.min_lots);
    invented.left = invented.order.size;
    inputs.places.extend([invented, invented]);
    // The selector comes first, then what is handed on: the selector, the count.
    let choose = |_: &'static str, number: usize, honest: Fr| if number < 2 { -Fr::ONE } else { honest };
    let forged = [Advice { kind: kinds::PLACE, row: 2, choose: Box::new(choose) }];
    Forgery::coherent(bench, inputs, forged)
}

/// A market row that is no market's offers other prices; in the weakened circuit under any id.
fn market_of_a_padding_row() -> Forgery {
    let bench = Bench::grown(
        |c| c["markets"] = 2,
        1,
        |executor| {
            let buyer = deposit(executor, 10, 1_000_000_000);
            let seller = deposit(executor, 11, 1_000_000_000);
            let maker = place(executor, 10, buyer, item(1, Side::Buy, 100, 50));
            let taker = place(executor, 11, seller, item(1, Side::Sell, 99, 30));
            executor.apply(&Op::Fill(Fill { taker, maker, lots: 30 })).unwrap();
        },
    );
    let mut inputs = bench.inputs();
    let mut padding = inputs.markets[0];
    (padding.enabled, padding.id, padding.open_interest_at) = (false, 0, 0);
    padding.old.price += 1 << 32;
    (padding.new, padding.tick) = (padding.old, None);
    inputs.markets.push(padding);
    inputs.fills[0].cells.entry.market.price = padding.old.price;
    close_as_sent(&bench.circuit, &mut inputs);
    Forgery::coherent(bench, inputs, []).free(kinds::MARKET, 1, Fr::ONE)
}

fn another_root_published() -> Forgery {
    let bench = rich_and_poor();
    let inputs = bench.inputs();
    let (_, low) = crate::batch::statement::halves(inputs.statement.new_root);
    Forgery::new(bench, inputs, []).element(7, low + Fr::ONE)
}

/// Two equal orders rest, one of them filled in part: at the close each takes the other's rest, named by a
/// time `beyond` its own.
pub fn orders_exchanged(beyond: u64) -> Forgery {
    let shape = Shape::named("tiny").unwrap();
    let mut executor = begin(genesis(1), shape.capacities);
    deposit(&mut executor, 10, 1_000_000_000);
    deposit(&mut executor, 11, 1_000_000_000);
    let resting = place(&mut executor, 11, 601, item(1, Side::Sell, 100, 50));
    let (state, _) = finish(executor);
    let bench = Bench::grown_after(
        |c| c["orders"] += 1,
        state,
        |executor| {
            let taker = place(executor, 10, 600, item(1, Side::Buy, 100, 50));
            place(executor, 10, 600, item(1, Side::Buy, 100, 50));
            executor.apply(&Op::Fill(Fill { taker, maker: resting, lots: 30 })).unwrap();
        },
    );
    let mut inputs = bench.inputs();
    let [first, second] = [inputs.places[0], inputs.places[1]];
    assert_eq!((first.left, second.left), (20, 50));
    (inputs.places[0].left, inputs.places[0].at) = (second.left, second.at);
    (inputs.places[1].left, inputs.places[1].at) = (first.left, first.at);
    (inputs.places[0].fee_carry, inputs.places[1].fee_carry) = (second.fee_carry, first.fee_carry);
    for order in inputs.orders.iter_mut().filter(|order| order.created) {
        order.left = first.left + second.left - order.left;
        order.fee_carry = first.fee_carry + second.fee_carry - order.fee_carry;
    }
    let by = Fr::from(beyond);
    let forged = [
        advice(kinds::PLACE, 0, "place.closed_at", move |at| at + by),
        advice(kinds::PLACE, 1, "place.closed_at", move |at| at - by),
    ];
    Forgery::coherent(bench, inputs, forged)
}
