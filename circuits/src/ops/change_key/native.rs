use super::{X_HIGH_MAX, Y_HIGH_MAX};
use crate::gadgets::word::Bits;
use crate::ops::deposit::{X_HIGH_BITS, X_LOW_BITS, Y_HIGH_BITS, Y_LOW_BITS};
use crate::ops::require_valid_key;
use crate::reject::{Check, Refusal, Reject, Unit};
use crate::state::PublicKey;

/// The key at the account's closing; `rekeyed` is one that an earlier op of the batch set.
pub fn apply(key: &PublicKey, rekeyed: Option<PublicKey>) -> Result<PublicKey, Refusal> {
    require_valid_key(key)?;
    let high = |coordinate, low_bits, bits| {
        let high = Bits::from(coordinate).part(low_bits, bits).to_u128();
        high.expect("at most 126 bits")
    };
    let x_high = high(key.x, X_LOW_BITS, X_HIGH_BITS);
    let y_high = high(key.y, Y_LOW_BITS, Y_HIGH_BITS);
    let earlier = i128::from(rekeyed.is_some());
    Check::at_most("CKEY-3", Reject::KeyRange, x_high, X_HIGH_MAX, Unit::Coordinate).require()?;
    Check::at_most("CKEY-3", Reject::KeyRange, y_high, Y_HIGH_MAX, Unit::Coordinate).require()?;
    Check::equal("CKEY-4", Reject::KeyTwice, earlier, 0, Unit::Count).require()?;
    Ok(*key)
}
