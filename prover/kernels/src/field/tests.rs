//! Every function against ark-ff, on random values and on those at the edges of its bounds, over
//! the emulation and, where the processor has them, over the instructions.

use super::modulus::multiple;
use super::*;
#[cfg(target_arch = "x86_64")]
use crate::backend::Backend;
#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512};
use crate::simd::{Emulation, Isa, Kernel, LANES};
use ark_bn254::Fq2;
use ark_ff::{Field as _, One, PrimeField, Zero};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::marker::PhantomData;

/// Cases of a short test.
const SHORT: usize = 4_000;

/// Runs a test on the emulation and on the instructions that there are.
fn on_every_isa<K: Kernel<Output = ()> + Clone>(test: K) {
    Emulation.run(test.clone());
    #[cfg(target_arch = "x86_64")]
    for backend in Backend::tested() {
        match backend {
            Backend::Portable => {}
            Backend::Avx2 => Avx2::detect().expect("available").run(test.clone()),
            Backend::Avx512Ifma => Avx512::detect().expect("available").run(test.clone()),
        }
    }
}

/// The residue that five digits stand for, as an integer; of limbs, the residue of their low 52 bits.
fn residue<M: Modulus>(digits: [u64; DIGITS]) -> M::Element {
    let radix = M::Element::from(1u64 << DIGIT_BITS);
    digits.iter().rev().fold(M::Element::zero(), |sum, digit| sum * radix + M::Element::from(*digit))
}

/// The residue that five signed limbs stand for.
fn signed_residue<M: Modulus>(limbs: [u64; DIGITS]) -> M::Element {
    let radix = M::Element::from(1u64 << DIGIT_BITS);
    let signed = |limb: i64| {
        let magnitude = M::Element::from(limb.unsigned_abs());
        if limb < 0 { -magnitude } else { magnitude }
    };
    limbs.iter().rev().fold(M::Element::zero(), |sum, limb| sum * radix + signed(limb.cast_signed()))
}

fn lane_limbs<V: Vector>(x: &Limbs<V>, lane: usize) -> [u64; DIGITS] {
    x.map(|limb| limb.to_array()[lane])
}

fn lane_digits<V: Vector>(x: &Limbs<V>, lane: usize) -> [u64; DIGITS] {
    lane_limbs(x, lane).map(|limb| limb & DIGIT_MASK)
}

fn residues<V: Vector, M: Modulus>(x: &Limbs<V>) -> [M::Element; LANES] {
    std::array::from_fn(|lane| residue::<M>(lane_digits(x, lane)))
}

/// The inverse of R = 2^260.
fn inverse_radix<M: Modulus>() -> M::Element {
    M::Element::from(2u64).pow([260]).inverse().unwrap()
}

/// An integer below k·p: an edge in one of three cases, random otherwise.
fn draw_below<M: Modulus>(rng: &mut ChaCha8Rng, k: u64) -> [u64; DIGITS] {
    let bound = multiple(&M::P, k);
    let below = |x: &[u64; DIGITS]| x.iter().rev().lt(bound.iter().rev());
    let edge = match rng.gen_range(0..24) {
        0 => Some([0; DIGITS]),
        1 => Some([1, 0, 0, 0, 0]),
        2 => Some(minus_one(bound)),
        3 => Some(multiple(&M::P, rng.gen_range(0..k))),
        4 => Some(minus_one(multiple(&M::P, rng.gen_range(1..=k)))),
        // All lower digits at their maximum, the highest as high as the bound allows, or zero.
        5 => Some([DIGIT_MASK, DIGIT_MASK, DIGIT_MASK, DIGIT_MASK, bound[4] - 1]),
        6 => Some([DIGIT_MASK, DIGIT_MASK, DIGIT_MASK, DIGIT_MASK, 0]),
        7 => Some([0, 0, 0, 0, bound[4]]),
        _ => None,
    };
    if let Some(edge) = edge.filter(below) {
        return edge;
    }
    loop {
        let mut x: [u64; DIGITS] = std::array::from_fn(|_| rng.r#gen::<u64>() & DIGIT_MASK);
        x[4] = rng.gen_range(0..=bound[4]);
        if below(&x) {
            return x;
        }
    }
}

fn minus_one(mut x: [u64; DIGITS]) -> [u64; DIGITS] {
    for digit in &mut x {
        if *digit > 0 {
            *digit -= 1;
            return x;
        }
        *digit = DIGIT_MASK;
    }
    panic!("zero has no predecessor");
}

fn draw_limbs<V: Vector, M: Modulus>(f: &Field<V, M>, rng: &mut ChaCha8Rng, k: u64) -> Limbs<V> {
    let lanes: [[u64; DIGITS]; LANES] = std::array::from_fn(|_| draw_below::<M>(rng, k));
    std::array::from_fn(|i| V::from_array(f.isa(), lanes.map(|digits| digits[i])))
}

/// The same factor, with any bits above its digits where products do not look at them.
fn as_factor<V: Vector, M: Modulus>(f: &Field<V, M>, rng: &mut ChaCha8Rng, x: Limbs<V>) -> Limbs<V> {
    if !V::FACTORS_BY_LOW_BITS {
        return x;
    }
    x.map(|limb| limb.or(V::from_array(f.isa(), std::array::from_fn(|_| rng.r#gen::<u64>() & !DIGIT_MASK))))
}

/// Limbs of any sign up to 2^58, at their bounds in one case of four.
fn draw_raw<V: Vector, M: Modulus>(f: &Field<V, M>, rng: &mut ChaCha8Rng) -> Limbs<V> {
    let draw = |rng: &mut ChaCha8Rng| match rng.gen_range(0..8) {
        0 => 1i64 << 58,
        1 => -(1 << 58),
        _ => rng.gen_range(-(1 << 58)..1 << 58),
    };
    std::array::from_fn(|_| V::from_array(f.isa(), std::array::from_fn(|_| draw(rng).cast_unsigned())))
}

/// Products and squares at every admissible pair of bounds.
#[derive(Clone)]
struct Products<M> {
    vectors: usize,
    seed: u64,
    modulus: PhantomData<M>,
}

impl<M: Modulus> Kernel for Products<M> {
    type Output = ();

    fn run<V: Vector>(self, isa: V::Isa) {
        let f = Field::<V, M>::new(isa);
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let unit = inverse_radix::<M>();
        // The check of factors rounds up, so that it refuses the very corner of j·k = 73.
        let bounds = [(1, 1), (2, 2), (1, 72), (72, 1), (2, 36), (9, 8), (14, 5), (6, 12)];
        for round in 0..self.vectors {
            let (j, k) = bounds[round % bounds.len()];
            let (a, b) = (draw_limbs(&f, &mut rng, j), draw_limbs(&f, &mut rng, k));
            let (c, d) = (draw_limbs(&f, &mut rng, 8), draw_limbs(&f, &mut rng, 1));
            let [a, b, c, d] = [a, b, c, d].map(|x| as_factor(&f, &mut rng, x));
            let [ab, dc] = f.products([&a, &d], [&b, &c]);
            // One alone, and four side by side, each with factors of its own.
            let [four_ab, four_dc, four_ba, four_cd] = f.products([&a, &d, &b, &c], [&b, &c, &a, &d]);
            let alone = f.product(&a, &b);
            let factors = f.product_factors([&a, &d], [&b, &c]);
            let plus = [(); 4].map(|()| draw_raw(&f, &mut rng));
            let [plus_0, plus_1, ..] = &plus;
            let sums = f.products_plus([&a, &d], [&b, &c], [plus_0, plus_1]);
            let four_sums = f.products_plus([&a, &d, &b, &c], [&b, &c, &a, &d], plus.each_ref());
            let squares = f.squares_plus([&c, &d], [plus_0, plus_1]);
            let (ra, rb) = (residues::<V, M>(&a), residues::<V, M>(&b));
            let (rc, rd) = (residues::<V, M>(&c), residues::<V, M>(&d));
            for lane in 0..LANES {
                let of = |x: &Limbs<V>| residue::<M>(lane_digits(x, lane));
                let expected = [ra[lane] * rb[lane] * unit, rc[lane] * rd[lane] * unit];
                for same in [&ab, &alone, &four_ab, &four_ba, &factors[0]] {
                    assert_eq!(of(same), expected[0]);
                }
                for same in [&dc, &four_dc, &four_cd, &factors[1]] {
                    assert_eq!(of(same), expected[1]);
                }
                let signed = |x: &Limbs<V>| signed_residue::<M>(lane_limbs(x, lane));
                let expected_squares = [rc[lane].square() * unit, rd[lane].square() * unit];
                for n in 0..2 {
                    assert_eq!(signed(&sums[n]) - signed(&plus[n]), expected[n]);
                    assert_eq!(signed(&squares[n]) - signed(&plus[n]), expected_squares[n]);
                }
                for n in 0..4 {
                    assert_eq!(signed(&four_sums[n]) - signed(&plus[n]), expected[n % 2]);
                }
            }
            for result in [&ab, &dc, &alone, &four_ab, &four_dc, &four_ba, &four_cd] {
                check_below::<V, M>(result, 2);
            }
            for n in 0..2 {
                check_below::<V, M>(&factors[n].map(|limb| limb.and(f.mask())), 2);
                for sum in [&sums[n], &squares[n]] {
                    check_below::<V, M>(&f.normalise(f.raw_sub(sum, &plus[n])), 2);
                }
            }
            for (sum, plus) in four_sums.iter().zip(&plus) {
                check_below::<V, M>(&f.normalise(f.raw_sub(sum, plus)), 2);
            }
        }
    }
}

/// Checks the bound as the debug check does, but in every build.
fn check_below<V: Vector, M: Modulus>(x: &Limbs<V>, k: u64) {
    let bound = multiple(&M::P, k);
    for lane in 0..LANES {
        let digits = lane_limbs(x, lane);
        assert!(digits.iter().all(|digit| digit >> DIGIT_BITS == 0));
        assert!(digits.iter().rev().lt(bound.iter().rev()), "{digits:x?} is not below {k}");
    }
}

#[test]
fn products_and_squares_agree_with_ark() {
    on_every_isa(Products::<ModulusFq> { vectors: SHORT / LANES, seed: 1, modulus: PhantomData });
    on_every_isa(Products::<ModulusFr> { vectors: SHORT / LANES, seed: 2, modulus: PhantomData });
}

/// Ten million lanes of each field, or `ZKMARGIN_FIELD_CASES`: some minutes.
///
/// `cargo test --release -p zkmargin-kernels -- --ignored ten_million`
#[test]
#[ignore = "long"]
fn products_and_squares_agree_with_ark_ten_million() {
    let cases = std::env::var("ZKMARGIN_FIELD_CASES").map_or(10_000_000, |n| n.parse().unwrap());
    on_every_isa(Products::<ModulusFq> { vectors: cases / LANES, seed: 3, modulus: PhantomData });
    on_every_isa(Products::<ModulusFr> { vectors: cases / LANES, seed: 4, modulus: PhantomData });
}

#[derive(Clone)]
struct Linear<M>(M);

impl<M: Modulus> Kernel for Linear<M> {
    type Output = ();

    fn run<V: Vector>(self, isa: V::Isa) {
        let f = Field::<V, M>::new(isa);
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        for _ in 0..SHORT / LANES {
            let (a, b) = (draw_limbs(&f, &mut rng, 42), draw_limbs(&f, &mut rng, 42));
            let (c, d) = (draw_limbs(&f, &mut rng, 7), draw_limbs(&f, &mut rng, 2));
            let e = draw_limbs(&f, &mut rng, 4);
            let x = draw_limbs(&f, &mut rng, 2);
            let (sum, difference) = (f.add(&a, &b), f.sub::<42>(&a, &b));
            let (negated, lazy) =
                (f.normalise(f.raw_negate::<42>(&a)), f.normalise(f.reduce_raw(f.raw_sub(&c, &d))));
            let less = f.normalise(f.subtract_two_moduli(e));
            let factor = f.factor(f.raw_add(&a, &b));
            let canonical = f.canonical(&x);
            let wide = draw_limbs(&f, &mut rng, 84);
            let reduced = f.reduce_wide(&wide);
            for lane in 0..LANES {
                let of = |x: &Limbs<V>| residue::<M>(lane_digits(x, lane));
                assert_eq!(of(&sum), of(&a) + of(&b));
                assert_eq!(of(&difference), of(&a) - of(&b));
                assert_eq!(of(&negated), -of(&a));
                assert_eq!(of(&lazy), of(&c) - of(&d));
                assert_eq!(of(&less), of(&e));
                assert_eq!(of(&factor), of(&a) + of(&b));
                assert_eq!(of(&canonical), of(&x));
                assert_eq!(of(&reduced), of(&wide));
                assert_eq!(f.zero_lanes(&x) >> lane & 1 == 1, of(&x).is_zero());
            }
            check_below::<V, M>(&sum, 84);
            check_below::<V, M>(&difference, 84);
            check_below::<V, M>(&lazy, 3);
            check_below::<V, M>(&less, 3);
            check_below::<V, M>(&reduced, 2);
            check_below::<V, M>(&canonical, 1);
        }
    }
}

#[test]
fn sums_and_reductions_agree_with_ark() {
    on_every_isa(Linear(ModulusFq));
    on_every_isa(Linear(ModulusFr));
}

/// The boundaries between the intervals of the reductions, approached from both sides, with
/// raw limbs whose carries move the integer across them.
#[derive(Clone)]
struct Boundaries<M>(M);

impl<M: Modulus> Kernel for Boundaries<M> {
    type Output = ();

    fn run<V: Vector>(self, isa: V::Isa) {
        let f = Field::<V, M>::new(isa);
        let low: [i64; 7] = [0, 1, -1, 1 << 52, -(1 << 52), 1 << 58, -(1 << 58)];
        let highest = |k: u64| multiple(&M::P, k)[DIGITS - 1] as i64;
        // -2.6·p and 7.8·p in units of 2^208 are -1.96 and 5.9 of 2^46.
        let table = (-1i64..=5).map(|i| i << 46).chain([-(196 << 46) / 100, (590 << 46) / 100]);
        // Zero, 2.5·p and 4.9·p.
        let threshold = [140, highest(5) / 2, highest(49) / 10];
        for (tops, with_table) in [(table.collect::<Vec<_>>(), true), (threshold.to_vec(), false)] {
            // The table's index changes at an offset of 2^7.
            let offsets = if with_table { -68..=200 } else { -68..=68 };
            for (top, offset) in tops.iter().flat_map(|top| offsets.clone().map(move |offset| (top, offset)))
            {
                for (a, b) in low.into_iter().flat_map(|a| low.map(|b| (a, b))) {
                    let limbs = [a, b, a, b, top + offset].map(i64::cast_unsigned);
                    let x = f.splat(limbs);
                    let reduced = if with_table { f.reduce_raw(x) } else { f.subtract_two_moduli(x) };
                    let reduced = f.normalise(reduced);
                    check_below::<V, M>(&reduced, 3);
                    assert_eq!(residue::<M>(lane_digits(&reduced, 3)), signed_residue::<M>(limbs));
                }
            }
        }
    }
}

#[test]
fn reduction_holds_at_its_boundaries() {
    on_every_isa(Boundaries(ModulusFq));
    on_every_isa(Boundaries(ModulusFr));
}

#[derive(Clone)]
struct Conversions<M>(M);

impl<M: Modulus> Kernel for Conversions<M> {
    type Output = ();

    fn run<V: Vector>(self, isa: V::Isa) {
        let f = Field::<V, M>::new(isa);
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let edges = [M::Element::zero(), M::Element::one(), -M::Element::one()];
        for round in 0..SHORT / LANES {
            let mut elements: [M::Element; LANES] =
                std::array::from_fn(|_| M::Element::from_le_bytes_mod_order(&rng.r#gen::<[u8; 32]>()));
            if round < edges.len() {
                elements[round] = edges[round];
            }
            let refs: [&M::Element; LANES] = std::array::from_fn(|i| &elements[i]);
            let x = f.from_elements(refs);
            assert_eq!(f.to_elements(&x), elements);
            let shifted = f.load_times_16(std::array::from_fn(|i| M::words(&elements[i])));
            assert_eq!(f.to_elements(&shifted), elements);
            for (lane, element) in elements.iter().enumerate() {
                let splat = f.splat_element(element);
                check_below::<V, M>(&splat, 1);
                assert_eq!(lane_digits(&splat, lane), lane_digits(&f.canonical(&x), lane));
            }
            // As words, unchanged.
            let y = draw_limbs(&f, &mut rng, 5);
            let mut words = [[0; 4]; LANES];
            f.store(&as_factor(&f, &mut rng, y), words.each_mut());
            assert_eq!(f.load(words.each_ref()).map(V::to_array), y.map(V::to_array));
            assert_eq!(digits(&words[5]), lane_digits(&y, 5));
        }
        assert_eq!(f.to_elements(&f.one())[7], M::Element::one());
    }
}

#[test]
fn elements_enter_and_leave_unchanged() {
    on_every_isa(Conversions(ModulusFq));
    on_every_isa(Conversions(ModulusFr));
}

#[derive(Clone)]
struct Inverses;

impl Kernel for Inverses {
    type Output = ();

    fn run<V: Vector>(self, isa: V::Isa) {
        let f = Field::<V, ModulusFq>::new(isa);
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let values: Vec<Limbs<V>> = (0..37)
            .map(|_| {
                loop {
                    let x = draw_limbs(&f, &mut rng, 2);
                    if f.zero_lanes(&x) == 0 {
                        return x;
                    }
                }
            })
            .collect();
        let mut inverses = values.clone();
        f.invert_all(&mut inverses, &mut [f.zero(); 40]);
        for (x, inverse) in values.iter().zip(&inverses) {
            assert_eq!(f.to_elements(&f.product(x, inverse)), [ark_bn254::Fq::one(); LANES]);
        }
        let zeros = f.select(0b101, &values[0], &f.zero());
        assert_eq!(f.zero_lanes(&f.inverse(&zeros)), 0b101);
    }
}

#[test]
fn inverses_multiply_to_one() {
    on_every_isa(Inverses);
}

#[derive(Clone)]
struct Quadratic;

impl Kernel for Quadratic {
    type Output = ();

    fn run<V: Vector>(self, isa: V::Isa) {
        let f = QuadraticField::<V>::new(isa);
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        for _ in 0..SHORT / LANES {
            let mut draw = |k| [draw_limbs(&f.base, &mut rng, k), draw_limbs(&f.base, &mut rng, k)];
            let (a, b) = (draw(3), draw(3));
            let (wide, one) = (draw(22), draw(3));
            let factor = wide.map(|part| as_factor(&f.base, &mut rng, part));
            let plus = [draw_raw(&f.base, &mut rng), draw_raw(&f.base, &mut rng)];
            // All parts at their bounds at once.
            let largest = |k| f.base.splat(minus_one(multiple(&ModulusFq::P, k)));
            let corner = [[largest(22), largest(22)], [largest(3), largest(3)]];
            let product = f.to_elements(&f.product(&corner[0], &corner[1]));
            let factors = corner.map(|x| f.to_elements(&x)[0]);
            assert_eq!(product, [factors[0] * factors[1]; LANES]);
            let (ea, eb) = (f.to_elements(&a), f.to_elements(&b));
            let (ew, eo) = (f.to_elements(&wide), f.to_elements(&one));
            let square_plus = f.square_plus(&a, &plus);
            let square = [0, 1].map(|n| f.base.normalise(f.base.raw_sub(&square_plus[n], &plus[n])));
            let results = [f.product(&a, &b), f.product(&factor, &one), square, f.sub::<3>(&a, &b)];
            let got = results.map(|x| f.to_elements(&x));
            let inverse = f.to_elements(&f.inverse(&a));
            for i in 0..LANES {
                assert_eq!(got[0][i], ea[i] * eb[i]);
                assert_eq!(got[1][i], ew[i] * eo[i]);
                assert_eq!(got[2][i], ea[i].square());
                assert_eq!(got[3][i], ea[i] - eb[i]);
                assert_eq!(inverse[i], ea[i].inverse().unwrap_or(Fq2::zero()));
            }
            for part in results[0].iter().chain(&results[1]) {
                check_below::<V, ModulusFq>(part, 3);
            }
            for part in &results[2] {
                check_below::<V, ModulusFq>(part, 4);
            }
            let mut elements = ew;
            elements[3] = Fq2::zero();
            assert_eq!(f.to_elements(&f.from_elements(&elements)), elements);
            assert_eq!(f.zero_lanes(&f.from_elements(&elements)) >> 3 & 1, 1);
        }
        assert_eq!(f.to_elements(&f.one()), [Fq2::one(); LANES]);
    }
}

#[test]
fn quadratic_extension_agrees_with_ark() {
    on_every_isa(Quadratic);
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "reduce_wide")]
fn debug_builds_refuse_what_is_not_normalised() {
    let f = Field::<crate::simd::Emulated, ModulusFr>::new(Emulation);
    f.reduce_wide(&f.splat([1 << 52, 0, 0, 0, 0]));
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "factor: ")]
fn debug_builds_refuse_a_factor_beyond_its_bound() {
    let f = Field::<crate::simd::Emulated, ModulusFr>::new(Emulation);
    f.factor(f.raw_add(&f.splat(multiple(&ModulusFr::P, 84)), &f.splat(ModulusFr::P)));
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "store_raw: ")]
fn debug_builds_refuse_a_negative_integer() {
    let f = Field::<crate::simd::Emulated, ModulusFr>::new(Emulation);
    f.store_raw(f.raw_sub(&f.zero(), &f.one()), [[0; 4]; LANES].each_mut());
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "reduce_raw: limb")]
fn debug_builds_refuse_raw_limbs_that_are_too_large() {
    let f = Field::<crate::simd::Emulated, ModulusFr>::new(Emulation);
    f.reduce_raw(f.splat([1 << 59, 0, 0, 0, 0]));
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "factors are")]
fn debug_builds_refuse_factors_that_are_too_large() {
    let f = Field::<crate::simd::Emulated, ModulusFr>::new(Emulation);
    let x = f.splat(multiple(&ModulusFr::P, 10));
    f.product(&x, &x);
}
