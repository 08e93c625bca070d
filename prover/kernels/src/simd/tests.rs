use super::*;
#[cfg(target_arch = "x86_64")]
use crate::backend::Backend;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Every operation on two vectors, in a fixed order.
struct AllOperations {
    a: [u64; LANES],
    b: [u64; LANES],
    c: [u64; LANES],
}

impl Kernel for AllOperations {
    type Output = Vec<[u64; LANES]>;

    #[inline(always)]
    fn run<V: Vector>(self, isa: V::Isa) -> Self::Output {
        let AllOperations { a, b, c } = self;
        let (va, vb, vc) = (V::from_array(isa, a), V::from_array(isa, b), V::from_array(isa, c));
        let halves = |array: [u64; LANES]| -> ([u64; 4], [u64; 4]) {
            (array[..4].try_into().unwrap(), array[4..].try_into().unwrap())
        };
        let (low, high) = halves(a);
        let mut pairs = [[0; 2]; 4];
        vb.store_pairs(pairs.each_mut());
        assert_eq!(pairs.as_flattened(), b);
        let mask = a[0] as u8;
        vec![
            V::splat(isa, a[0]).to_array(),
            V::load_halves(isa, &low, &high).to_array(),
            va.add(vb).to_array(),
            va.sub(vb).to_array(),
            va.and(vb).to_array(),
            va.or(vb).to_array(),
            va.shl::<12>().to_array(),
            va.shr::<52>().to_array(),
            va.sar::<52>().to_array(),
            va.sar::<63>().to_array(),
            va.funnel_shr::<12>(vb).to_array(),
            va.funnel_shr::<52>(vb).to_array(),
            vb.add_where_negative(va, vc).to_array(),
            vc.madd52_low(va, vb).to_array(),
            vc.madd52_high(va, vb).to_array(),
            va.lookup(vb).to_array(),
            va.even_lanes(vb).to_array(),
            va.odd_lanes(vb).to_array(),
            va.even_pairs(vb).to_array(),
            va.odd_pairs(vb).to_array(),
            [va.equal(vb) as u64, va.equal(va) as u64, 0, 0, 0, 0, 0, 0],
            va.select(mask, vb).to_array(),
        ]
    }
}

/// What the documentation of each operation says, on lanes that name themselves.
#[test]
fn emulation_does_what_is_documented() {
    let a = [0, 1, 2, 3, 4, 5, 6, 7];
    let b = [10, 11, 12, 13, 14, 15, 16, 17];
    let got = Emulation.run(AllOperations { a, b, c: [5; LANES] });
    assert_eq!(got[1], a);
    assert_eq!(got[2], [10, 12, 14, 16, 18, 20, 22, 24]);
    assert_eq!(got[3][7], u64::MAX - 9);
    assert_eq!(got[6][3], 3 << 12);
    assert_eq!(got[10], b.map(|lane| lane << 52));
    assert_eq!(got[11], b.map(|lane| lane << 12));
    assert_eq!(got[12], b);
    assert_eq!(got[13], [5, 16, 29, 44, 61, 80, 101, 124]);
    assert_eq!(got[14], [5; LANES]);
    assert_eq!(got[15], [2, 3, 4, 5, 6, 7, 0, 1]);
    assert_eq!(got[16], [0, 10, 2, 12, 4, 14, 6, 16]);
    assert_eq!(got[17], [1, 11, 3, 13, 5, 15, 7, 17]);
    assert_eq!(got[18], [0, 1, 4, 5, 10, 11, 14, 15]);
    assert_eq!(got[19], [2, 3, 6, 7, 12, 13, 16, 17]);
    assert_eq!(got[20][..2], [0, 255]);
    assert_eq!(got[21], a);
}

#[test]
fn products_take_the_low_52_bits() {
    let top = u64::MAX;
    let got = Emulation.run(AllOperations { a: [top; LANES], b: [top; LANES], c: [0; LANES] });
    // (2^52 - 1)² = 2^104 - 2^53 + 1.
    assert_eq!(got[13], [1; LANES]);
    assert_eq!(got[14], [(1 << 52) - 2; LANES]);
    assert_eq!(got[8], [top; LANES]);
    assert_eq!(got[7], [(1 << 12) - 1; LANES]);
    assert_eq!(got[12], [top; LANES]);
    let got = Emulation.run(AllOperations { a: [top; LANES], b: [3; LANES], c: [4; LANES] });
    assert_eq!(got[12], [7; LANES]);
}

#[cfg(target_arch = "x86_64")]
fn agrees_with_the_emulation(isa: impl Isa) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for round in 0..10_000 {
        let mut draw = || -> [u64; LANES] {
            let dense: [u64; LANES] = rng.r#gen();
            // Long runs of ones and of zeros, and small numbers, too.
            if round % 2 == 0 { dense } else { dense.map(|x| ((x as i64) >> (x % 64)) as u64) }
        };
        let (a, b, c) = (draw(), draw(), draw());
        assert_eq!(
            isa.run(AllOperations { a, b, c }),
            Emulation.run(AllOperations { a, b, c }),
            "{a:x?} {b:x?} {c:x?}"
        );
    }
}

#[test]
#[cfg(target_arch = "x86_64")]
fn instructions_agree_with_the_emulation() {
    for backend in Backend::tested() {
        match backend {
            Backend::Portable => println!("no instructions to test in the portable kernels"),
            Backend::Avx2 => agrees_with_the_emulation(Avx2::detect().expect("available")),
            Backend::Avx512Ifma => agrees_with_the_emulation(Avx512::detect().expect("available")),
        }
    }
}
