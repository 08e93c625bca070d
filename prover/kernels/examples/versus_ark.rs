//! Multi-scalar multiplication here and in ark-ec, turn by turn on the same input: medians of five
//! and their ratios. `RAYON_NUM_THREADS=1 cargo run --release -p zkmargin-kernels --example
//! versus_ark -- 18 20`

use ark_bn254::Fr;
use ark_ec::VariableBaseMSM;
use ark_ec::scalar_mul::ScalarMul;
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ff::UniformRand;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::time::Instant;
use zkmargin_kernels::addition::Lanes;
use zkmargin_kernels::msm::{Digits, msm};
use zkmargin_kernels::points::{PackedG1, PackedG2, pack_all};

const ROUNDS: usize = 5;

fn main() {
    let sizes: Vec<u32> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    println!("{} threads", rayon::current_num_threads());
    for log2 in if sizes.is_empty() { vec![16] } else { sizes } {
        let count = 1 << log2;
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let random: Vec<Fr> = (0..count).map(|_| Fr::rand(&mut rng)).collect();
        let witness: Vec<Fr> = (0..count).map(|index| wire(index, &mut rng)).collect();
        compare::<PackedG1>(&format!("G1 2^{log2} random"), &random, &random);
        compare::<PackedG1>(&format!("G1 2^{log2} witness"), &random, &witness);
        compare::<PackedG2>(&format!("G2 2^{log2} random"), &random, &random);
        compare::<PackedG2>(&format!("G2 2^{log2} witness"), &random, &witness);
    }
}

/// A wire of a typical assignment: two fifths bits, a tenth 16-bit limbs, the rest anything.
fn wire(index: usize, rng: &mut ChaCha20Rng) -> Fr {
    match index % 10 {
        0..4 => Fr::from(rng.r#gen::<bool>()),
        4 => Fr::from(rng.r#gen::<u16>()),
        _ => Fr::rand(rng),
    }
}

fn compare<P: Lanes>(name: &str, logarithms: &[Fr], scalars: &[Fr]) {
    let generator = Projective::<P::Config>::from(<Affine<P::Config> as ark_ec::AffineRepr>::generator());
    let bases = generator.batch_mul(logarithms);
    let packed: Vec<P> = pack_all(&bases);
    let [mut ark, mut ours, mut digits] = [(); 3].map(|()| Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let expected = Projective::<P::Config>::msm_unchecked(&bases, scalars);
        ark.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        drop(Digits::of(scalars));
        digits.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let sum = msm(&packed, scalars);
        ours.push(start.elapsed().as_secs_f64());
        assert_eq!(sum, expected);
    }
    let [ark, ours, digits] = [ark, ours, digits].map(median);
    let ratio = ark / ours;
    println!("{name:16} ark {ark:.3} s, here {ours:.3} s (digits {digits:.3} s): {ratio:.2} times");
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
