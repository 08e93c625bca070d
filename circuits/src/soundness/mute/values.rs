//! Values that trials give to advice.

use std::collections::BTreeSet;

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};

use super::places::Range;
use super::subject::LIMB_BITS;
use crate::gadgets::int::fr_to_signed;
use crate::gadgets::var::power_of_two;

/// Values out of a range, near its ends.
pub fn targets(range: &Range, value: Fr) -> Vec<Fr> {
    let end = power_of_two(range.bits);
    let one = Fr::one();
    let spare = (range.lower.len() as u32 + 1) * LIMB_BITS - range.bits;
    let fraction = power_of_two(spare).inverse().unwrap_or_default();
    vec![end, value + end, end + one, -one, value - end, fraction, end + end - one]
}

/// Other values for a piece of advice.
pub fn values(value: Fr, neighbour: Fr) -> Vec<Fr> {
    let one = Fr::one();
    let mut all = vec![
        value + one,
        value - one,
        value + one + one,
        value - one - one,
        -value,
        Fr::zero(),
        one,
        -one,
        one + one,
        one - value,
        value * (one + one).inverse().unwrap_or(one),
        neighbour,
    ];
    for bits in [9, 13, 26, 40, 64, 96] {
        all.extend([value + power_of_two(bits), value - power_of_two(bits)]);
    }
    let mut seen = BTreeSet::from([value]);
    all.retain(|other| seen.insert(*other));
    all
}

/// How a value was changed, in words.
pub fn change(honest: Fr, value: Fr) -> String {
    let small = |v: Fr| {
        let signed = fr_to_signed(v);
        (signed.bits() <= 64).then(|| signed.to_string())
    };
    let power = |v: Fr| (9..=252).find(|k| power_of_two(*k) == v);
    let difference = value - honest;
    if let Some(k) = power(difference) {
        format!("+ 2^{k}")
    } else if let Some(k) = power(-difference) {
        format!("- 2^{k}")
    } else if let Some(number) = small(value) {
        format!(":= {number}")
    } else if let Some(number) = small(difference) {
        format!("+ {number}")
    } else {
        "replaced".to_owned()
    }
}
