//! The kernel gate on trading rows: with the cells they receive and the operator's choices fixed, no
//! wire may move.

use crate::batch::assembly::Assembler;
use crate::batch::challenge::Challenge;
use crate::batch::layout::{Block, Circuit};
use crate::batch::table::{self, RangeTable};
use crate::gadgets::row::{Padded, Row};
use crate::publication::lists;
use crate::soundness::kernel::{FreeWire, free_wires};

const LIMB_BITS: u32 = 13;

/// Wires of the rows that nothing determines. `chosen` names what the operator may choose.
pub fn free<R: Row>(inputs: &[Padded<R::Record>], chosen: &[&str]) -> Vec<FreeWire> {
    let blocks = vec![
        Block::new::<Challenge>(1, LIMB_BITS),
        Block::new::<RangeTable>(table::rows(LIMB_BITS), LIMB_BITS),
        Block::new::<R>(inputs.len(), LIMB_BITS),
    ];
    let circuit = Circuit::new(blocks, &lists::names(), LIMB_BITS, 0);
    let mut assembler = Assembler::new(&circuit, Vec::new());
    assembler.fill::<RangeTable>(&[]).expect("a range table");
    assembler.fill::<R>(inputs).expect("rows that fit");
    // Other rows are not here: the bus does not balance.
    let witness = assembler.finish(false).expect("a witness");
    assert!(witness.rows().iter().flatten().all(|row| row.violations.is_empty()));
    // What a cell or a provider fixes; which of its market's tiers a row names is TIER-2's, not a linear matter.
    let cells = ["header.", "position.", "order.", "market.", "owner.", "tier."];
    let touched = ["memory.previous", "open_interest", "fees"];
    let fixed = |name: &str| {
        cells.iter().any(|cell| name.starts_with(cell)) || touched.contains(&name) || chosen.contains(&name)
    };
    free_wires(&circuit, &witness, &|_, name| name == "seed" || fixed(name))
}
