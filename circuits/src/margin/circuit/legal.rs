//! What an account may do by its own act, on variables.

use ark_bn254::Fr;
use num_bigint::{BigInt, Sign};

use super::{Change, HeaderVar};
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::int::{Bit, Int, signed_to_fr};
use crate::gadgets::range::enforce_nonnegative;
use crate::gadgets::var::{Committed, Var};
use crate::params::{M, PRICE_SCALE_BITS, QUOTE_BITS, REQUIREMENT_BITS, U};
use crate::reject::Reject;

/// What is known of a change: whether the position grew or flipped, and whether the account is
/// healthy after it.
#[derive(Clone, Copy, Debug)]
pub struct ChangeBits<'a> {
    pub grows: &'a Bit,
    pub healthy: &'a Bit,
}

/// What a legal change pays.
#[derive(Clone, Debug)]
pub struct PaidVar {
    /// Quote quanta, at most the fee that was due.
    pub fee: Int,
    /// The fee that was due is paid whole.
    pub full: Bit,
}

/// The fee that a change of the header (before the fee) pays, and that it is legal.
///
/// Healthy after the whole fee: pays it. Else the position may not grow, and the fee f is the
/// smaller of the whole fee and the slack. With `gain(f) = (TV₁ - f·U)·MMR₀ - TV₀·MMR₁`, whatever the
/// sign of TV₀, `f <= slack ⇔ gain(f) >= 0`.
///
/// `MaintenanceRises` cannot happen here: one position changes, and where it does not grow MMR does
/// not either. `MMR₀ > 0` where a position shrinks, as fractions and prices are not 0. Both hold
/// for trades, the only changes that call this.
///
/// - Advice: `healthy`, `full`, f: unique, `full` since `full = 0` requires f below the fee and
///   `gain(f + 1) < 0`. Forged in `ops::fill`.
/// - Errors, in order: `BelowInitialMargin`, `RatioFalls`. Cost: 61 at 13 bits per limb.
///   Spec: margin-circuit.md#legal-change
pub fn legal_change(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    headers: Change<&HeaderVar>,
    grows: &Bit,
    fee: &Int,
) -> PaidVar {
    let healthy = is_healthy(cs, headers.after, fee);
    let unhealthy = healthy.not();
    checks.require_zero_product_always(
        &mut cs.check("LEGAL-4"),
        Reject::BelowInitialMargin,
        unhealthy.var(),
        grows.var(),
    );

    let pledged = pledged(cs, headers);
    let (full, paid) = fee_paid(cs, headers, ChangeBits { grows, healthy: &healthy }, fee, &pledged);
    let gain = require_gain(cs, checks, headers, Taken { pledged: &pledged, paid: &paid }, unhealthy.var());

    // A reduced fee is the whole slack: one quote quantum more would lower the ratio.
    let quantum = headers.before.maintenance.shift(PRICE_SCALE_BITS);
    let cs = &mut cs.check("LEGAL-7");
    let short = &(quantum.var() - gain.var()).add_constant(-Fr::from(1u64));
    let short = cs.product(full.not().var(), short);
    enforce_nonnegative(cs, &short, REQUIREMENT_BITS + PRICE_SCALE_BITS);
    PaidVar { fee: paid, full }
}

/// [`legal_change`] without a fee, demanded if `condition`. Errors, in order: `BelowInitialMargin`,
/// `RatioFalls`. Cost: 23 at 13 bits per limb.
///   Spec: margin-circuit.md#legal-change
pub fn legal_change_without_fee(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    headers: Change<&HeaderVar>,
    bits: ChangeBits<'_>,
    condition: &Bit,
) {
    let ChangeBits { grows, healthy } = bits;
    let second = cs.check("LEGAL-4").product(condition.var(), healthy.not().var());
    checks.require_zero_product_always(
        &mut cs.check("LEGAL-4"),
        Reject::BelowInitialMargin,
        &second,
        grows.var(),
    );
    let pledged = pledged(cs, headers);
    require_gain(cs, checks, headers, Taken { pledged: &pledged, paid: &Int::zero() }, &second);
}

/// Whether `M·(TV - fee·U) >= IMR`. Cost: 12 at 13 bits per limb.
pub fn is_healthy(cs: &mut Cs<'_>, header: &HeaderVar, fee: &Int) -> Bit {
    let fee = fee.shift(PRICE_SCALE_BITS).scale(M as u64);
    header.initial_excess().sub(&fee).is_nonnegative(&mut cs.check("LEGAL-3"))
}

/// `TV₀·MMR₁`, which a gain subtracts.
fn pledged(cs: &mut Cs<'_>, headers: Change<&HeaderVar>) -> Int {
    let Change { before: pre, after: post } = headers;
    pre.total_value().mul(&mut cs.check("LEGAL-8"), &post.maintenance)
}

/// What lowers a gain: `TV₀·MMR₁`, and f.
#[derive(Clone, Copy)]
struct Taken<'a> {
    pledged: &'a Int,
    paid: &'a Int,
}

/// `gain(f) >= 0` where `condition` is one; returns the gain.
fn require_gain(
    cs: &mut Cs<'_>,
    checks: &mut Checks<Reject>,
    headers: Change<&HeaderVar>,
    taken: Taken<'_>,
    condition: &Var<Committed>,
) -> Int {
    let cs = &mut cs.check("LEGAL-5");
    let gain = gain(cs, headers, taken);
    let demanded = Int::new_unchecked(cs.product(condition, gain.var()), gain.bits());
    checks.require_nonnegative_always(cs, Reject::RatioFalls, &demanded);
    gain
}

/// `gain(f) = (TV₁ - f·U)·MMR₀ - TV₀·MMR₁`.
fn gain(cs: &mut Cs<'_>, headers: Change<&HeaderVar>, taken: Taken<'_>) -> Int {
    let Taken { pledged, paid } = taken;
    let after = headers.after.total_value().sub(&paid.shift(PRICE_SCALE_BITS));
    after.mul(cs, &headers.before.maintenance).sub(pledged)
}

/// Advice: whether the fee is paid in full, and what is paid: the fee if `full`, else less.
fn fee_paid(
    cs: &mut Cs<'_>,
    headers: Change<&HeaderVar>,
    bits: ChangeBits<'_>,
    fee: &Int,
    pledged: &Int,
) -> (Bit, Int) {
    let ChangeBits { grows, healthy } = bits;
    let honest = if healthy.value() || grows.value() {
        fee.value()
    } else {
        fee.value().min(slack(headers, &pledged.value()))
    };
    let full = Bit::hint(&mut cs.check("LEGAL-1"), "legal.full_fee", honest == fee.value());
    let paid = cs.hint("legal.fee", signed_to_fr(&honest));
    let waived = fee.var() - &paid;
    cs.enforce("LEGAL-1", full.var(), &waived, &Var::<Committed>::zero());
    cs.enforce("LEGAL-2", healthy.var(), full.not().var(), &Var::<Committed>::zero());
    let cs = &mut cs.check("LEGAL-6");
    // Both ranged, so their sum, the whole fee, is an integer far below 2^252/M (TFEE-1).
    enforce_nonnegative(cs, &paid, QUOTE_BITS);
    enforce_nonnegative(cs, &(&waived - full.not().var()), QUOTE_BITS);
    (full, Int::new_unchecked(paid, QUOTE_BITS))
}

/// The honest slack, 0 where it is negative (then the change is rejected anyway).
fn slack(headers: Change<&HeaderVar>, pledged: &BigInt) -> BigInt {
    let Change { before: pre, after: post } = headers;
    let requirement = pre.maintenance.value();
    if requirement.sign() != Sign::Plus {
        return BigInt::ZERO;
    }
    let gain = post.total_value().value() * &requirement - pledged;
    if gain.sign() == Sign::Minus { BigInt::ZERO } else { gain / (requirement * U) }
}
