//! What multiples `2^(width·k)·P` of every base would bring if a key had them, turn by turn beside a plain
//! multiplication in G1, all points in large pages: medians of five. With multiples for several windows
//! these share buckets, so that a multiplication of as many bases by scalars of one digit stands for the
//! windows of one set. `RAYON_NUM_THREADS=1 cargo run --release -p zkmargin-kernels --example multiples -- 20`

use ark_bn254::Fr;
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ff::{UniformRand, Zero};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::time::Instant;
use zkmargin_kernels::fixed_base::FixedBase;
use zkmargin_kernels::memory::Zeros;
use zkmargin_kernels::msm::{Digits, msm_digits};
use zkmargin_kernels::points::{Packed, PackedG1};

const ROUNDS: usize = 5;
const SCALAR_BITS: u32 = 254;

fn main() {
    let log2: u32 = std::env::args().nth(1).and_then(|size| size.parse().ok()).unwrap_or(16);
    let count = 1usize << log2;
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let scalars: Vec<Fr> = (0..count).map(|_| Fr::rand(&mut rng)).collect();
    let generator = Projective::from(Affine::<<PackedG1 as Packed>::Config>::generator());
    let points = FixedBase::<PackedG1>::new(generator, count).multiples(&scalars);
    let plain = Digits::of(&scalars);
    for [width, images] in [[17, 2], [19, 7], [20, 13]] {
        let sets = f64::from(SCALAR_BITS.div_ceil(width)) / f64::from(images);
        // Any points do: what is timed does not see what they are.
        let mut many = Zeros::new(count * images as usize);
        many.chunks_mut(count).for_each(|part| part.copy_from_slice(&points));
        let digit = |rng: &mut ChaCha20Rng| {
            let magnitude = Fr::from(rng.gen_range(1..1u32 << (width - 1)));
            if rng.r#gen() { magnitude } else { -magnitude }
        };
        let short: Vec<Fr> = many.iter().map(|_| digit(&mut rng)).collect();
        let shared = Digits::with_width(&short, width);
        let time = |points: &[PackedG1], digits: &Digits| {
            let start = Instant::now();
            assert!(!msm_digits(points, digits, 0).is_zero());
            start.elapsed().as_secs_f64()
        };
        let plain_points = &many[..count];
        let [mut without, mut with] = [vec![], vec![]];
        for _ in 0..ROUNDS {
            without.push(time(plain_points, &plain));
            with.push(sets * time(&many, &shared));
        }
        let [without, with] = [without, with].map(median);
        println!("2^{log2}: {images} multiples, digits of {width} bits: {with:.3} s; without {without:.3} s");
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
