//! Transforms against ark-poly, on every engine and over several numbers of threads.

use super::engine::Engine;
use super::*;
use crate::backend::Backend;
use ark_ff::{AdditiveGroup, UniformRand, Zero};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Every engine of this machine, and the vectors' code on emulated vectors.
fn engines() -> Vec<(String, Engine)> {
    let backends = Backend::tested().into_iter().map(|backend| (backend.to_string(), Engine::new(backend)));
    backends.chain([("emulated".to_string(), Engine::Emulated)]).collect()
}

fn domain(log_size: u32, engine: Engine) -> Domain {
    Domain { engine, ..Domain::with_backend(1 << log_size, Backend::Portable).unwrap() }
}

/// Random values among which are zeros, ones and minus ones.
fn draw(log_size: u32, seed: u64) -> Vec<Fr> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let edges = [Fr::zero(), Fr::ONE, -Fr::ONE];
    (0..1usize << log_size).map(|i| if i % 5 < 2 { edges[(i / 5) % 3] } else { Fr::rand(&mut rng) }).collect()
}

/// ark-poly's domain and its coset by the same shift.
fn reference(log_size: u32) -> (Radix2EvaluationDomain<Fr>, Radix2EvaluationDomain<Fr>) {
    let subgroup = Radix2EvaluationDomain::new(1 << log_size).unwrap();
    (subgroup, subgroup.get_coset(Fr::GENERATOR).unwrap())
}

/// Sizes summed directly, then each parity of the two factors, up to blocks beyond the inner one.
const SIZES: [u32; 15] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];

#[test]
fn interpolation_agrees_with_ark() {
    for (name, engine) in engines() {
        for log_size in SIZES {
            let domain = domain(log_size, engine);
            let (subgroup, _) = reference(log_size);
            assert_eq!(domain.root(), subgroup.group_gen());
            for values in [draw(log_size, 1), vec![-Fr::ONE; 1 << log_size], vec![Fr::ZERO; 1 << log_size]] {
                let factor = Fr::from(3u64);
                let mut expected = subgroup.ifft(&values);
                expected.iter_mut().for_each(|c| *c *= factor);
                let coefficients = domain.interpolate(values, factor);
                assert_eq!(domain.natural_order(coefficients), expected, "{name}, 2^{log_size}");
            }
        }
    }
}

/// The quotient's way through the coset and back: what leaves a transform fits the next one.
#[test]
fn coset_transforms_agree_with_ark() {
    for (name, engine) in engines() {
        for log_size in SIZES {
            let domain = domain(log_size, engine);
            let (subgroup, coset) = reference(log_size);
            let (a, b) = (draw(log_size, 2), draw(log_size, 3));
            let expected: Vec<Fr> = {
                let on_coset = |values: &[Fr]| coset.fft(&subgroup.ifft(values));
                let products = on_coset(&a).into_iter().zip(on_coset(&b)).map(|(a, b)| a * b).collect();
                let factor = Fr::from(7u64);
                let coefficients: Vec<Fr> = products;
                coset.ifft(&coefficients).into_iter().map(|c| c * factor).collect()
            };
            let mut products = domain.extend_to_coset(a);
            let coefficients = domain.interpolate(b, Fr::ONE);
            products.multiply(&domain.evaluate_on_coset(coefficients));
            let got = domain.interpolate_from_coset(products, Fr::from(7u64));
            assert_eq!(domain.natural_order(got), expected, "{name}, 2^{log_size}");
        }
    }
}

#[test]
fn extension_is_the_identity_on_polynomials() {
    let domain = Domain::new(1 << 9).unwrap();
    let values = draw(9, 4);
    let coefficients = domain.interpolate(values.clone(), Fr::ONE);
    let mut back = domain.interpolate_from_coset(domain.extend_to_coset(values), Fr::ONE);
    assert_eq!(back, coefficients);
    back.subtract(&coefficients);
    assert!(domain.natural_order(back).iter().all(Fr::is_zero));
}

#[test]
fn threads_do_not_change_results() {
    let results: Vec<_> = [1, 2, 3, 16]
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let domain = Domain::new(1 << 13).unwrap();
            pool.install(|| domain.extend_to_coset(draw(13, 5)))
        })
        .into();
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn domains_round_up_and_end() {
    assert_eq!(Domain::new(0).unwrap().size(), 1);
    assert_eq!(Domain::new(5).unwrap().size(), 8);
    assert!(Domain::new((1 << 28) + 1).is_none());
    assert!(Domain::new(usize::MAX).is_none());
}

#[test]
#[should_panic(expected = "values of the domain")]
fn refuses_another_number_of_values() {
    Domain::new(64).unwrap().interpolate(vec![Fr::ONE; 63], Fr::ONE);
}

/// 2^18 and more points: 512 by 512, where blocks of the first pass exceed the inner cache twice.
///
/// `cargo test --release -p zkmargin-kernels -- --ignored large_transforms`
#[test]
#[ignore = "long"]
fn large_transforms_agree_with_ark() {
    for (name, engine) in engines() {
        for log_size in [17, 18, 20] {
            let domain = domain(log_size, engine);
            let (subgroup, coset) = reference(log_size);
            let values = draw(log_size, 6);
            let coefficients = subgroup.ifft(&values);
            let got = domain.interpolate(values.clone(), Fr::ONE);
            assert!(domain.natural_order(got) == coefficients, "{name}, 2^{log_size}");
            let on_coset = domain.extend_to_coset(values);
            let back = domain.interpolate_from_coset(on_coset.clone(), Fr::ONE);
            assert!(domain.natural_order(back) == coefficients, "{name}, 2^{log_size}");
            let mut sorted = on_coset.0;
            let mut expected = coset.fft(&coefficients);
            sorted.sort();
            expected.sort();
            assert!(sorted == expected, "{name}, 2^{log_size}");
        }
    }
}
