//! The owner's key: a point of the curve that is not one of the eight of small order.

use ark_ff::{AdditiveGroup, Field};

use crate::gadgets::cs::Cs;
use crate::gadgets::curve::{EDWARDS_A, EDWARDS_D, ORDER_EIGHT_Y_SQUARED};
use crate::gadgets::var::{Committed, Var};
use crate::state::PublicKey;

/// Coordinates of a key on wires.
#[derive(Clone, Debug)]
pub struct OwnerVar {
    pub x: Var<Committed>,
    pub y: Var<Committed>,
}

/// A key that has been checked.
///
/// - Advice: the coordinates (pinned by the leaf's hash), the inverse of
///   `x·y·(y² - y₈²)`: unique, because it must exist.
/// - Cost: 6.   Spec: state-account.md
pub fn valid_key(cs: &mut Cs<'_>, honest: &PublicKey) -> OwnerVar {
    let owner = OwnerVar { x: cs.hint("owner.x", honest.x), y: cs.hint("owner.y", honest.y) };
    let xx = cs.product_derived(&owner.x, &owner.x);
    let yy = cs.product_derived(&owner.y, &owner.y);
    // a·x² + y² - 1 = d·x²·y².
    let left = xx.scale(EDWARDS_A).add_scaled(&yy, ark_bn254::Fr::ONE).add_constant(-ark_bn254::Fr::ONE);
    cs.enforce("KEY-1", &xx.scale(EDWARDS_D), &yy, &left);
    let xy = cs.product_derived(&owner.x, &owner.y);
    let product = cs.product_derived(&xy, yy.add_constant(-ORDER_EIGHT_Y_SQUARED));
    let inverse = product.value().inverse().unwrap_or(ark_bn254::Fr::ZERO);
    let inverse = cs.hint("owner.not_small_order", inverse);
    cs.enforce("KEY-2", &product, &inverse, &Var::<Committed>::one());
    owner
}
