//! Blocks whose enabled rows come first, counted.

use ark_bn254::Fr;

use super::cs::Cs;
use super::int::Bit;
use super::var::{Committed, Var};

/// Carried wire: whether the row before was enabled. The seed is one.
pub const ENABLED: u32 = 0;
/// Carried wire: number of enabled rows so far. The seed is zero.
pub const COUNT: u32 = 1;

/// What the first row of such a block receives: enabled, none counted.
pub const SEED: &[u64] = &[1, 0];

/// The selector of a row in such a block: enabled only if the row before is. Cost: 4.
pub fn enable(cs: &mut Cs<'_>, honest: bool) -> Bit {
    let bit = Bit::hint(&mut cs.check("PRE-1"), "prefix.enable", honest);
    let before = cs.carry_in(ENABLED);
    cs.enforce("PRE-1", bit.var(), &(&Var::<Committed>::one() - &before), &Var::<Committed>::zero());
    let next = cs.carry_out(ENABLED, Fr::from(honest));
    cs.enforce_equal("PRE-2", &next, bit.var());
    let count = &cs.carry_in(COUNT) + bit.var();
    let counted = cs.carry_out(COUNT, count.value());
    cs.enforce_equal("PRE-3", &counted, &count);
    bit
}
