//! Rows that publish what other rows found changed.

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::prefix;
use crate::gadgets::row::Row;
use crate::gadgets::var::Var;
use crate::state::tags::CHANGED;

/// List of changed positions among the published lists.
const LIST: u8 = 3;

/// Publishes one changed position; enabled rows come first, the others publish zero.
///
/// Each changed slot of an account row sends its element once, and each is received here once: the
/// list holds all of them and nothing else. Their order is the operator's; natively it is that of
/// accounts and slots.
pub struct ChangedPosition;

impl Row for ChangedPosition {
    type Input = Option<Fr>;
    const NAME: &'static str = "changed position";

    fn blank() -> Option<Fr> {
        None
    }

    fn synthesize(cs: &mut Cs<'_>, input: &Option<Fr>) {
        let enable = prefix::enable(cs, input.is_some());
        let element = cs.hint("changed.element", input.unwrap_or_default());
        cs.enforce("PUB-2", enable.not().var(), &element, &Var::<crate::gadgets::var::Committed>::zero());
        cs.check("PUB-3").receive(CHANGED, std::slice::from_ref(&element), enable.var());
        cs.publish(LIST, 0, &element);
    }
}

#[cfg(test)]
mod tests;
