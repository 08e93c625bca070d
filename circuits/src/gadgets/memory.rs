//! Memory: a cell is received as it was last sent and sent as it is now.

use ark_bn254::Fr;

use super::cs::{Cs, Tag};
use super::int::{Bit, Int};
use super::var::{Committed, Var};
use super::word::Layout;
use crate::params::{SEQUENCE_BITS, TOUCH_BITS};

/// Bits of the gap between two touches of a cell. At least the bits of a time,
/// `SEQUENCE_BITS + TOUCH_BITS`.
pub const GAP_BITS: u32 = 24;
/// When a cell is touched: the j of the touch and the time T of its row, `16T + j`.
pub const TOUCH_TIME: Layout<2> = Layout::new("touch time", [("touch", TOUCH_BITS), ("row", SEQUENCE_BITS)]);
/// Component 0 of a cell: its address, and when it was touched last.
pub const CELL_KEY: Layout<2> = Layout::new("cell key", [("time", 26), ("address", 52)]);
/// Where the address starts in component 0 of a cell.
pub const ADDRESS_SHIFT: u32 = CELL_KEY.shift_of("address");

// An address differs from another by at least 2^26 in component 0, a time by at most 2^24 + 2^24.
const _: () = assert!(SEQUENCE_BITS + TOUCH_BITS <= GAP_BITS);
const _: () = assert!((1 << (SEQUENCE_BITS + TOUCH_BITS)) + (1 << GAP_BITS) < (1u64 << ADDRESS_SHIFT));

/// Component 0 of a cell: `address·2^26 + time`. The time of a touch before is advice without a range;
/// [`touch`] says why one address and one time are left.
pub fn cell_key(address: &Var<Committed>, time: &Var<Committed>) -> Var<Committed> {
    CELL_KEY.pack_vars([time, address])
}

/// The time of a row: T, from which the times `16T + j` of its touches follow.
#[derive(Clone, Debug)]
pub struct RowTime(Var<Committed>);

impl RowTime {
    /// Advice in `[0, 2^20)`: any order of rows is as good as another, as long as all cells agree.
    /// A padding row needs a time of at least 1, so that a time before its touches exists. Cost: 3 at 13 bits
    /// per limb.
    pub fn hint(cs: &mut Cs<'_>, honest: u32) -> Self {
        let cs = &mut cs.check("MEM-1");
        Self(Int::hint_unsigned(cs, "memory.row_time", Fr::from(honest), SEQUENCE_BITS).var().clone())
    }

    /// `16T + j`.
    pub fn at(&self, j: u8) -> Var<Committed> {
        // T is ranged by `hint`.
        let row = Int::new_unchecked(self.0.clone(), SEQUENCE_BITS);
        TOUCH_TIME.pack_ints([&Int::constant(j.into()), &row])
    }

    /// The `j`-th touch of the row, of a cell last touched at `previous` (advice, pinned by
    /// [`touch`]). A row's touches have different j, also of different cells.
    pub fn touch(&self, cs: &mut Cs<'_>, j: u8, previous: u32) -> Touch {
        Touch { new: self.at(j), previous: cs.hint("memory.previous", Fr::from(previous)) }
    }
}

/// When a cell is touched and when it was touched before.
#[derive(Clone, Debug)]
pub struct Touch {
    pub new: Var<Committed>,
    pub previous: Var<Committed>,
}

/// Receives the cell at `address` as `before` and sends it as `after`, if `enable`.
///
/// `before` and `after` are components 1 and up. Enforces `new - previous - 1 ∈ [0, 2^24)` in padding
/// rows too. What is received was ranged by the row that sent it first; a new value is ranged by the
/// caller.
///
/// - Advice: none of its own. `previous` is pinned: every time sent is in `[0, 2^24)`, so no other
///   pair of address and time gives the received component 0, and only one tuple of the cell is
///   waiting to be received.
/// - Cost at 13 bits per limb: 5, 1 for an unchanged component, 2 for a changed one.
///   Spec: gadgets-memory.md
pub fn touch(
    cs: &mut Cs<'_>,
    cell: &CellAt<'_>,
    before: &[Var<Committed>],
    after: &[Var<Committed>],
    enable: &Bit,
) {
    let gap = &cell.time.new - &cell.time.previous;
    let gap = gap.add_constant(-Fr::from(1u64));
    super::range::enforce_range(&mut cs.check("MEM-2"), &gap, GAP_BITS);
    let tuple = |time: &Var<Committed>, values: &[Var<Committed>]| {
        let mut tuple = Vec::with_capacity(values.len() + 1);
        tuple.push(cell_key(cell.address, time));
        tuple.extend_from_slice(values);
        tuple
    };
    cs.receive(cell.tag, &tuple(&cell.time.previous, before), enable.var());
    cs.send(cell.tag, &tuple(&cell.time.new, after), enable.var());
}

/// The time at which a cell's last touch left it, for the row that receives it for good.
///
/// No touch follows that would pin it, so it is ranged to the bits below the address: with `t + 2^26·k`
/// the row would receive the cell of another address.
///
/// - Advice: the time; unique because one tuple of the cell is waiting to be received.
/// - Cost: a range check of 26 bits.   Spec: gadgets-memory.md
pub fn closing_time(cs: &mut Cs<'_>, name: &'static str, honest: u32) -> Var<Committed> {
    Int::hint_unsigned(cs, name, Fr::from(honest), ADDRESS_SHIFT).var().clone()
}

/// Which cell, and when.
#[derive(Clone, Copy, Debug)]
pub struct CellAt<'a> {
    pub tag: Tag,
    pub address: &'a Var<Committed>,
    pub time: &'a Touch,
}

#[cfg(test)]
mod tests {
    use ark_ff::Zero;

    use super::*;
    use crate::gadgets::cs::Shared;
    use crate::gadgets::row::{IdealBus, Padded, Row, RowWitness, Template};
    use crate::soundness::forge::{Forger, Verdict};

    const OI: Tag = Tag { code: 6, name: "open interest", arity: 2, provider: false };

    /// Adds 5 to the open interest of a market.
    struct Add5;

    #[derive(Clone, Copy)]
    struct Input {
        enable: bool,
        market: u64,
        time: u32,
        previous: u32,
        value: u64,
    }

    impl Row for Add5 {
        type Record = Input;
        const NAME: &'static str = "add 5";

        fn dummy() -> Input {
            Input { enable: false, market: 0, time: 1, previous: 0, value: 0 }
        }

        fn synthesize(cs: &mut Cs<'_>, input: &Padded<Input>) {
            let enable = Bit::hint(cs, "enable", input.enable);
            let time = RowTime::hint(cs, input.time).touch(cs, 3, input.previous);
            let market = cs.hint("market", Fr::from(input.market));
            let before = cs.hint("before", Fr::from(input.value));
            let after = before.add_constant(Fr::from(5u64));
            touch(cs, &CellAt { tag: OI, address: &market, time: &time }, &[before], &[after], &enable);
        }
    }

    const SHARED: Shared<'static> = Shared { limb_bits: 13, globals: &[] };

    fn run(input: impl Into<Padded<Input>>) -> RowWitness {
        RowWitness::compute::<Add5>(SHARED, 0, &[], &input.into())
    }

    fn honest() -> Input {
        Input { enable: true, market: 7, time: 2, previous: 11, value: 100 }
    }

    #[test]
    fn touches_in_any_row_order_leave_only_first_and_last() {
        let mut bus = IdealBus::default();
        // Times 16T + 3: 35, then 163. The later one is listed first.
        bus.add(&run(Input { time: 10, previous: 35, value: 105, ..honest() }));
        bus.add(&run(honest()));
        let mut left = bus.imbalances(13);
        left.sort_by_key(|(_, tuple, _)| tuple[1]);
        let key = |t: u64| Fr::from((7 << 26) + t);
        assert_eq!(left[0], (OI, vec![key(11), Fr::from(100u64)], -Fr::from(1u64)));
        assert_eq!(left[1], (OI, vec![key(163), Fr::from(110u64)], Fr::from(1u64)));
        assert_eq!(left.len(), 2);
    }

    #[test]
    fn rejects_time_that_stands_still_or_runs_back() {
        // The row's touch is at 35.
        for (previous, holds) in [(34, true), (35, false), (36, false), (0, true)] {
            let mut bus = IdealBus::default();
            bus.add(&run(Input { previous, ..honest() }));
            let out_of_range = bus.imbalances(13).iter().filter(|(tag, ..)| *tag != OI).count();
            assert_eq!(out_of_range == 0, holds, "previous touch at {previous}");
        }
    }

    #[test]
    fn rejects_another_address_packed_into_the_previous_time() {
        // Market 7 at time 11 has the component 0 of market 8 at time 11 - 2^26.
        let input = Input { market: 8, ..honest() };
        let choose = |name: &'static str, _: usize, value: Fr| match name {
            "memory.previous" => value - Fr::from(1u64 << 26),
            _ => value,
        };
        let row = Forger::<Add5>::new(&input).run(&choose);
        let component = row.interactions.iter().position(|i| i.tag == OI).map(|i| row.tuple(i)[0]);
        assert_eq!(component, Some(Fr::from((7u64 << 26) + 11)), "the forged tuple is that of market 7");
        assert!(matches!(Forger::<Add5>::new(&input).verdict(&choose), Verdict::Refused(_)));
    }

    #[test]
    fn every_hint_is_pinned() {
        let free = ["memory.row_time"];
        for input in [honest(), Input { time: (1 << 20) - 1, previous: (1 << 24) - 14, ..honest() }] {
            assert_eq!(Forger::<Add5>::new(&input).every_hint_is_pinned(&free), Vec::<&str>::new());
        }
        // Padding: what is neither received nor sent does not matter.
        Forger::<Add5>::new(&Padded::disabled(Add5::dummy())).every_hint_is_pinned(&free);
    }

    #[test]
    fn padding_is_inert() {
        let row = run(Padded::disabled(Add5::dummy()));
        assert!(row.violations.is_empty());
        let mut bus = IdealBus::default();
        bus.add(&row);
        assert!(bus.imbalances(13).is_empty());
        assert!(row.interactions.iter().filter(|i| i.tag == OI).all(|i| i.multiplicity.is_zero()));
    }

    #[test]
    fn costs_are_pinned() {
        let template = Template::compile::<Add5>(13);
        // Enable 1, row time 3, gap 3, two inverses, one component folded before and after.
        assert_eq!(template.constraints.len(), 1 + 3 + 3 + 2 + 2);
    }
}
