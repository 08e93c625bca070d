use super::*;
use ark_bn254::{Fq, Fq2};
use ark_ff::{BigInt, Field, Fp, One, PrimeField, UniformRand, Zero};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// Integers below 2·q: near 0, q, 2·q and powers of two, and random ones.
fn integers(random: usize) -> Vec<[u64; 4]> {
    let mut edges = vec![[0; 4], [1, 0, 0, 0], [2, 0, 0, 0]];
    let near = |limbs: [u64; 4], by: u64| [limbs[0].wrapping_sub(by), limbs[1], limbs[2], limbs[3]];
    for by in [0, 1, 2] {
        edges.extend([near(prime::Q, by), near(prime::TWICE_Q, by + 1)]);
    }
    for bit in 0..254 {
        let mut power = [0; 4];
        power[bit / 64] = 1 << (bit % 64);
        edges.push(power);
    }
    edges.push([u64::MAX, u64::MAX, u64::MAX, (1 << 61) - 1]);
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    edges.extend((0..random).map(|_| {
        let mut limbs = [(); 4].map(|()| rng.next_u64());
        limbs[3] %= prime::TWICE_Q[3];
        limbs
    }));
    edges
}

fn below_twice_q(element: Prime) {
    assert!(prime::difference(element.0, prime::TWICE_Q).1, "{element:x?}");
}

fn to_ark(limbs: [u64; 4]) -> Fq {
    // From the integer, not through the code under test.
    let integer = Fq::from(limbs[3] >> 32) * Fq::from(2).pow([224])
        + Fq::from(limbs[3] & 0xffff_ffff) * Fq::from(2).pow([192])
        + Fq::from(limbs[2]) * Fq::from(2).pow([128])
        + Fq::from(limbs[1]) * Fq::from(2).pow([64])
        + Fq::from(limbs[0]);
    integer * Fp::<_, 4>::new_unchecked(BigInt::one())
}

fn agree<C: Coordinate, F: Field>(pairs: impl Iterator<Item = ([C; 2], [F; 2])>, leave: impl Fn(C) -> F) {
    for ([a, b], [x, y]) in pairs {
        assert_eq!(leave(a), x);
        assert_eq!(leave(a.add(b)), x + y);
        assert_eq!(leave(a.sub(b)), x - y);
        assert_eq!(leave(a.mul(b)), x * y);
        assert_eq!(leave(a.square()), x.square());
        assert_eq!(a.is_zero(), x.is_zero());
        assert!(a.sub(a).is_zero());
    }
}

#[test]
fn fq_agrees_with_ark() {
    let integers = integers(20_000);
    let shifted = integers.iter().skip(1).chain(integers.iter().rev());
    let check = |element: Prime| {
        below_twice_q(element);
        element.to_ark()
    };
    let pairs = shifted.zip(integers.iter().cycle());
    agree(pairs.map(|(a, b)| ([Prime(*a), Prime(*b)], [to_ark(*a), to_ark(*b)])), check);
}

#[test]
fn fq2_agrees_with_ark() {
    let integers = integers(5_000);
    let count = integers.len();
    let at = |index: usize| integers[index % count];
    let element = |index: usize| {
        let (c0, c1) = (at(index), at(7 * index + 1));
        (Quadratic { c0: Prime(c0), c1: Prime(c1) }, Fq2::new(to_ark(c0), to_ark(c1)))
    };
    let pairs = (0..2 * count).map(|index| {
        let ((a, x), (b, y)) = (element(index), element(5 * index + 3));
        ([a, b], [x, y])
    });
    let check = |element: Quadratic| {
        below_twice_q(element.c0);
        below_twice_q(element.c1);
        element.to_ark()
    };
    agree(pairs, check);
}

/// All factors as large as they may be.
#[test]
fn products_at_the_bound() {
    let largest = Prime([prime::TWICE_Q[0] - 1, prime::TWICE_Q[1], prime::TWICE_Q[2], prime::TWICE_Q[3]]);
    let zero = Prime::ZERO;
    let ark = Fq2::new(to_ark(largest.0), to_ark(largest.0));
    for (a, b) in [(largest, largest), (largest, zero), (zero, largest)] {
        let element = Quadratic { c0: a, c1: b };
        let expected = Fq2::new(to_ark(a.0), to_ark(b.0));
        for result in [element.square(), element.mul(Quadratic { c0: largest, c1: largest })] {
            below_twice_q(result.c0);
            below_twice_q(result.c1);
        }
        assert_eq!(element.square().to_ark(), expected.square());
        assert_eq!(element.mul(Quadratic { c0: largest, c1: largest }).to_ark(), expected * ark);
    }
}

#[test]
fn inverses_agree_with_ark() {
    for limbs in integers(5_000) {
        let inverse = Prime(limbs).inverse();
        below_twice_q(inverse);
        assert_eq!(inverse.to_ark(), to_ark(limbs).inverse().unwrap_or_else(Fq::zero), "{limbs:x?}");
    }
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    for _ in 0..100 {
        let element = Fq2::rand(&mut rng);
        let inverse = Quadratic::from_ark(&element).inverse();
        assert_eq!(inverse.to_ark(), element.inverse().expect("random elements are not zero"));
    }
    assert!(Quadratic::ZERO.inverse().is_zero());
    assert_eq!(Prime::ONE.to_ark(), Fq::one());
    assert_eq!(Quadratic::ONE.to_ark(), Fq2::one());
    assert_eq!(Fq::MODULUS.0, prime::Q);
}

/// Limbs that no field element has: arithmetic wraps and ends.
#[test]
fn broken_elements_do_no_harm() {
    let broken = Prime([u64::MAX; 4]);
    for other in [broken, Prime::ONE, Prime(prime::Q)] {
        let _ = [broken.add(other), broken.sub(other), broken.mul(other), broken.inverse()];
        let pair = Quadratic { c0: broken, c1: other };
        let _ = [pair.mul(pair), pair.square(), pair.inverse()];
    }
}
