//! Times of the transforms beside ark-poly's, interleaved in one run.
//!
//! `cargo run --release -p zkmargin-kernels --example ntt_against_ark -- [REPEATS] [LOG2…]`
//!
//! For each size and for 1 and 2 threads it prints medians of both, for a transform of natural
//! values to coefficients and for the way from values to values on the coset (two transforms), and
//! the ratio of ark-poly's time to ours: wall time, and CPU time of the whole process.

use ark_bn254::Fr;
use ark_ff::{FftField, Field, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rand::SeedableRng;
use std::time::Instant;
use zkmargin_kernels::ntt::Domain;

/// Wall and CPU time in milliseconds.
type Time = (f64, f64);

/// CPU time of all threads in nanoseconds, from Linux's scheduler; zero elsewhere.
fn cpu_time() -> u64 {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0 };
    tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|line| line.split(' ').next()?.parse::<u64>().ok())
        .sum()
}

fn time<T>(work: impl FnOnce() -> T) -> Time {
    let (start, cpu) = (Instant::now(), cpu_time());
    let result = work();
    let times = (start.elapsed().as_secs_f64() * 1e3, (cpu_time() - cpu) as f64 / 1e6);
    drop(result);
    times
}

fn medians(times: &[Time]) -> Time {
    let median = |of: fn(&Time) -> f64| {
        let mut sorted: Vec<f64> = times.iter().map(of).collect();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    (median(|time| time.0), median(|time| time.1))
}

fn compare(name: &str, repeats: usize, mut ark: impl FnMut() -> Time, mut ours: impl FnMut() -> Time) {
    let (mut arks, mut own) = (vec![], vec![]);
    for _ in 0..repeats {
        arks.push(ark());
        own.push(ours());
    }
    let (ark, ours) = (medians(&arks), medians(&own));
    println!(
        "{name}: ark {:.1} ms (CPU {:.1}), ours {:.1} ms (CPU {:.1}), ratio {:.2} (CPU {:.2})",
        ark.0,
        ark.1,
        ours.0,
        ours.1,
        ark.0 / ours.0,
        ark.1 / ours.1
    );
}

fn main() {
    let numbers: Vec<usize> =
        std::env::args().skip(1).map(|argument| argument.parse().expect("a number")).collect();
    let repeats = numbers.first().copied().unwrap_or(5);
    let sizes = if numbers.len() > 1 { numbers[1..].to_vec() } else { vec![18, 19, 20] };
    for log_size in sizes {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let values: Vec<Fr> = (0..1usize << log_size).map(|_| Fr::rand(&mut rng)).collect();
        let subgroup = Radix2EvaluationDomain::<Fr>::new(1 << log_size).expect("a size below 2^28");
        let coset = subgroup.get_coset(Fr::GENERATOR).expect("a coset");
        let domain = Domain::new(1 << log_size).expect("a size below 2^28");
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| {
                let name = |what| format!("2^{log_size}, {threads} threads, {}, {what}", domain.backend());
                let ark = || {
                    let mut values = values.clone();
                    time(|| subgroup.ifft_in_place(&mut values))
                };
                let ours = || {
                    let values = values.clone();
                    time(|| domain.interpolate(values, Fr::ONE))
                };
                compare(&name("interpolate"), repeats, ark, ours);
                let ark = || {
                    let mut values = values.clone();
                    time(|| {
                        subgroup.ifft_in_place(&mut values);
                        coset.fft_in_place(&mut values);
                    })
                };
                let ours = || {
                    let values = values.clone();
                    time(|| domain.extend_to_coset(values))
                };
                compare(&name("extend to the coset"), repeats, ark, ours);
            });
        }
        let products = domain.products_per_transform();
        println!(
            "2^{log_size}: {products} products a transform, {:.2} a point",
            products as f64 / values.len() as f64
        );
    }
}
