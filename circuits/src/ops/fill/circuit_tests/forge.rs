//! Coherent forgeries of a fill's advice.

use super::*;

#[test]
fn rejects_a_reduced_fee_that_is_not_the_whole_slack() {
    let input = with_reduced_fee();
    let forger = Forger::<FillRow>::new(&input);
    let (paid, full) = (forger.hints_named("legal.fee")[0], forger.hints_named("legal.full_fee")[0]);
    let one = Fr::from(1u64);
    assert_eq!(full.1, Fr::from(0u64));
    for other in [paid.1 - one, paid.1 + one, Fr::from(0u64), -one] {
        for claimed in [Fr::from(0u64), one] {
            let verdict = forger.verdict_of(&[(paid.0, other), (full.0, claimed)]);
            assert!(matches!(verdict, Verdict::Refused(_)), "{other} {claimed}");
        }
    }
}

#[test]
fn rejects_a_false_claim_about_health() {
    // Every bit of the two legal changes flipped, alone and with the fee that would follow from it.
    for input in [with_reduced_fee(), legal(4).next().expect("an endless supply")] {
        let forger = Forger::<FillRow>::new(&input);
        let one = Fr::from(1u64);
        for (bit, value) in forger.hints_named("int.is_nonnegative") {
            for (paid, amount) in forger.hints_named("legal.fee") {
                for other in [amount, amount - one, Fr::from(0u64)] {
                    for (full, claimed) in forger.hints_named("legal.full_fee") {
                        for claim in [claimed, one - claimed] {
                            let forged = [(bit, one - value), (paid, other), (full, claim)];
                            assert!(matches!(forger.verdict_of(&forged), Verdict::Refused(_)));
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn rejects_a_coherent_forgery_of_entry_quote_and_sides() {
    for input in legal(5).take(20) {
        let forger = Forger::<FillRow>::new(&input);
        let one = Fr::from(1u64);
        let entries = forger.hints_named("trade.entry_quote");
        let signs: Vec<_> = [forger.hints_named("int.sign"), forger.hints_named("trade.flips")].concat();
        for (bit, value) in &signs {
            for (entry, quote) in &entries {
                for other in [*quote + one, *quote - one, Fr::from(0u64), *quote] {
                    let verdict = forger.verdict_of(&[(*bit, one - value), (*entry, other)]);
                    assert!(matches!(verdict, Verdict::Refused(_)), "{bit} {other}: {verdict:?}");
                }
            }
        }
    }
}

#[test]
fn rejects_another_fee_with_its_remainder() {
    let input = legal(6).find(|input| input.cells.entry.market.taker_fee > 0).expect("an endless supply");
    let forger = Forger::<FillRow>::new(&input);
    for (number, fee) in forger.hints_named("trade.fee") {
        // One more leaves a remainder of M too many; a quotient in the field leaves none.
        let m = Fr::from(1_000_000u64);
        let field = fee + Fr::from(1u64) / m;
        for other in [fee + Fr::from(1u64), fee - Fr::from(1u64), field, fee + m] {
            assert!(matches!(forger.verdict_of(&[(number, other)]), Verdict::Refused(_)));
        }
    }
}

#[test]
fn rejects_a_fee_with_the_carry_that_would_explain_it() {
    // A carry more or less by M explains a fee more or less by 1, but no order has such a carry; another one
    // below M is another order's.
    let input = legal(6).find(|input| input.cells.entry.market.taker_fee > 0).expect("an endless supply");
    let forger = Forger::<FillRow>::new(&input);
    let one = Fr::from(1u64);
    let m = Fr::from(1_000_000u64);
    for ((number, fee), (carry_number, carry)) in
        forger.hints_named("trade.fee").into_iter().zip(forger.hints_named("order.fee_carry"))
    {
        for (other, explained) in [(fee + one, carry - m), (fee - one, carry + m), (fee, carry + one)] {
            let forged = [(number, other), (carry_number, explained)];
            let verdict = forger.verdict_of(&forged);
            assert!(matches!(verdict, Verdict::Refused(_) | Verdict::ReadsOther), "{other}: {verdict:?}");
        }
    }
}
