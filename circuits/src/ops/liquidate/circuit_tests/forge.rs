//! Coherent forgeries of a liquidation's advice.

use super::*;

#[test]
fn rejects_another_zero_price_with_its_remainders() {
    let one = Fr::from(1u64);
    for input in legal(5).take(10) {
        let forger = Forger::<LiquidateRow>::new(&input);
        let distance = forger.hints_named("zero_price.distance")[0];
        let low = forger.hints_named("zero_price.low_bits");
        let field = |x: Fr| x + one / Fr::from(1u64 << 32);
        for other in [distance.1 - one, distance.1 + one, Fr::from(0u64), -one, distance.1 + distance.1] {
            if other != distance.1 {
                assert!(matches!(forger.verdict_of(&[(distance.0, other)]), Verdict::Refused(_)));
            }
        }
        // Other low bits leave a quotient that is no integer; with 2^32 more it is one less.
        for (number, bits) in low {
            for other in [bits + one, bits - one, bits + Fr::from(1u64 << 32), field(bits)] {
                assert!(matches!(forger.verdict_of(&[(number, other)]), Verdict::Refused(_)));
            }
        }
    }
}

#[test]
fn rejects_every_flipped_bit() {
    let one = Fr::from(1u64);
    let bits = ["int.is_nonnegative", "int.sign", "trade.flips", "is_zero.bit"];
    for input in legal(6).take(20) {
        let forger = Forger::<LiquidateRow>::new(&input);
        for (number, value) in bits.iter().flat_map(|name| forger.hints_named(name)) {
            let verdict = forger.verdict_of(&[(number, one - value)]);
            assert!(matches!(verdict, Verdict::Refused(_)), "hint {number}: {verdict:?}");
        }
    }
}

#[test]
fn rejects_a_bid_passed_off_as_the_pool_and_the_reverse() {
    for input in legal(7).take(20) {
        let forger = Forger::<LiquidateRow>::new(&input);
        let (number, bid) = forger.hints_named("liquidate.bid")[0];
        let other = Fr::from(1u64) - bid;
        // Another taker's cells are read, or a check on them fails.
        assert!(matches!(forger.verdict_of(&[(number, other)]), Verdict::Refused(_) | Verdict::ReadsOther));
    }
}
