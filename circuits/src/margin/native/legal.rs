//! What an account may do by its own act.

use num_bigint::BigInt;

use super::div_floor;
use super::division::div_floor_wide;
use crate::margin::Header;
use crate::params::{M, U};
use crate::reject::{Check, Quantity, Refusal, Reject, Relation, Unit};

/// Whether the change from `pre` to `post` (before the fee) is legal, and the fee that it pays.
///
/// First branch: healthy after the whole fee. Second branch, for a position that neither grows nor
/// flips: `MMR₁ <= MMR₀`, `TV₁·MMR₀ >= TV₀·MMR₁` whatever the sign of TV₀, and the fee is
/// `min(fee, slack)` with `slack = floor((TV₁·MMR₀ - TV₀·MMR₁)/(U·MMR₀))`. Without a requirement
/// before: `TV₁ >= TV₀` and `slack = floor((TV₁ - TV₀)/U)`.
///
/// So any price no worse than the zero price closes, a debt falls at least in proportion to the
/// requirement, and an account without a position left owes nothing (`MMR₁ = 0` gives `TV₁ >= 0`).
///
/// Errors, in order: `BelowInitialMargin`, `MaintenanceRises`, `RatioFalls`.
pub fn legal_change(pre: &Header, post: &Header, grows: bool, fee: u64) -> Result<u64, Refusal> {
    let value = M * (post.total_value() - i128::from(fee) * U);
    #[cfg(test)]
    compared(pre, post, grows, fee);
    if value >= post.initial {
        return Ok(fee);
    }
    if grows {
        return Err(Refusal {
            reason: Reject::BelowInitialMargin,
            id: "LEGAL-4",
            left: value.into(),
            right: post.initial.into(),
            relation: Relation::AtLeast,
            unit: Unit::Requirement,
        });
    }
    let (before, after) = (pre.maintenance, post.maintenance);
    Check::at_most("LEGAL-5", Reject::MaintenanceRises, after, before, Unit::Requirement).require()?;
    let slack = slack(pre, post);
    if slack < BigInt::from(0) {
        return Err(ratio_falls(pre, post));
    }
    Ok(u64::try_from(slack).map_or(fee, |slack| fee.min(slack)))
}

/// Tells the tests what a legal change compares: health, the ratio, and the fee with what there is for it.
#[cfg(test)]
fn compared(pre: &Header, post: &Header, grows: bool, fee: u64) {
    use crate::soundness::bounds::compared;
    let value = M * (post.total_value() - i128::from(fee) * U);
    compared(("LEGAL-3", Relation::AtLeast, Reject::BelowInitialMargin), &value.into(), &post.initial.into());
    if grows {
        return;
    }
    let Refusal { left, right, .. } = ratio_falls(pre, post);
    let healthy = value >= post.initial;
    if !healthy {
        compared(("LEGAL-5", Relation::AtLeast, Reject::RatioFalls), &left, &right);
    }
    // Without a fee nothing is compared with what there is for it.
    if fee == 0 {
        return;
    }
    let id = if healthy { "LEGAL-2" } else { "LEGAL-6" };
    compared((id, Relation::AtMost, Reject::RatioFalls), &fee.into(), &slack(pre, post).into());
}

/// The most that may be taken from `post` so that `TV₁·MMR₀ >= TV₀·MMR₁` still holds, quote quanta.
fn slack(pre: &Header, post: &Header) -> BigInt {
    let (before, after) = (pre.total_value(), post.total_value());
    if pre.maintenance > 0 {
        let gain = BigInt::from(after) * pre.maintenance - BigInt::from(before) * post.maintenance;
        return div_floor_wide(&gain, &(BigInt::from(U) * pre.maintenance));
    }
    BigInt::from(div_floor(after - before, U))
}

/// What is said to a negative [`slack`]: the ratios without their divisions, or the values where MMR₀ is 0.
fn ratio_falls(pre: &Header, post: &Header) -> Refusal {
    let (before, after) = (pre.total_value(), post.total_value());
    let (left, right, unit): (Quantity, Quantity, Unit) = if pre.maintenance > 0 {
        let kept = BigInt::from(after) * pre.maintenance;
        let wanted = BigInt::from(before) * post.maintenance;
        (kept.into(), wanted.into(), Unit::ValueRequirement)
    } else {
        (after.into(), before.into(), Unit::Value)
    };
    Refusal { reason: Reject::RatioFalls, id: "LEGAL-5", left, right, relation: Relation::AtLeast, unit }
}

/// Checks of cash that leaves an account: `post` is the header without it.
///
/// Errors, in order: `HoldsStillMarket`, `UnrealisedProfit` (`K < 0`), `BelowInitialMargin`.
pub fn require_cash_stays(post: &Header) -> Result<(), Refusal> {
    Check::equal("TAKE-5", Reject::HoldsStillMarket, post.still, 0, Unit::Count).require()?;
    Check::at_least("WDR-2", Reject::UnrealisedProfit, post.cash(), 0, Unit::QuoteQuanta).require()?;
    let value = M * post.total_value();
    Check::at_least("WDR-2", Reject::BelowInitialMargin, value, post.initial, Unit::Requirement).require()
}

/// `max(0, min(K, floor((M·TV - IMR)/(M·U))))`: exactly the amounts that [`require_cash_stays`]
/// lets go.
pub fn withdrawable(header: &Header) -> u64 {
    let free = div_floor(M * header.total_value() - header.initial, M * U);
    u64::try_from(header.cash().min(free).max(0)).unwrap_or(u64::MAX)
}
