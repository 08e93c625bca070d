use super::*;
use crate::points::{PackedG1, PackedG2, pack_all};
use crate::simd::Emulation;
use ark_bn254::Fr;
use ark_ec::CurveGroup;
use ark_ec::short_weierstrass::{Affine, Projective, SWCurveConfig};
use ark_ff::{One, PrimeField, UniformRand, Zero};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::sync::atomic::{AtomicUsize, Ordering};

fn random_points<P: Packed>(count: usize) -> Vec<Affine<P::Config>> {
    let mut rng = ChaCha20Rng::seed_from_u64(count as u64);
    let points: Vec<Projective<P::Config>> = (0..count).map(|_| UniformRand::rand(&mut rng)).collect();
    Projective::normalize_batch(&points)
}

/// Random points and every kind of relation between two of them.
fn points_with_relatives<P: Packed>() -> Vec<Affine<P::Config>> {
    let mut points = random_points::<P>(20);
    let relatives = [points[0], -points[0], Affine::identity(), (points[0] + points[1]).into_affine()];
    points.extend(relatives);
    points
}

fn adds_all_pairs<P: Packed, A: BatchAdd<P>>(adder: &A) {
    let points = points_with_relatives::<P>();
    let count = points.len() as u32;
    let pairs: Vec<[u32; 2]> = (0..count).flat_map(|l| (0..count).map(move |r| [l, r])).collect();
    // Batches and vectors end wherever they like.
    for length in [0, 1, 2, 7, 8, 9, 31, 32, 33, pairs.len()] {
        let pairs = &pairs[pairs.len() - length..];
        let mut pool: Pool<P> = pack_all(&points).into();
        adder.clone().append_sums(&mut pool, pairs);
        assert_eq!(pool.len(), points.len() + length);
        for ([left, right], sum) in pairs.iter().zip(&pool[points.len()..]) {
            let expected = points[*left as usize] + points[*right as usize];
            assert_eq!(sum.to_affine(), expected.into_affine(), "{left} + {right}");
        }
    }
}

fn adds_long_batches<P: Packed, A: BatchAdd<P>>(adder: &A) {
    let points = random_points::<P>(61);
    let count = points.len() as u32;
    let pairs: Vec<[u32; 2]> = (0..3000).map(|i| [i % count, (i / count + i + 1) % count]).collect();
    let mut pool: Pool<P> = pack_all(&points).into();
    adder.clone().append_sums(&mut pool, &pairs);
    for ([left, right], sum) in pairs.iter().zip(&pool[points.len()..]) {
        let expected = points[*left as usize] + points[*right as usize];
        assert_eq!(sum.to_affine(), expected.into_affine(), "{left} + {right}");
    }
}

/// One pair of equal or opposite points among ordinary ones, and no identity: only the product of
/// all denominators tells. In every place of a step, with one step, with two and with a whole batch.
fn notices_one_special_pair<P: Packed, A: BatchAdd<P>>(adder: &A) {
    let mut points = random_points::<P>(40);
    points.push(-points[0]);
    let packed: Vec<P> = pack_all(&points);
    let opposite = points.len() as u32 - 1;
    for (length, places) in [(16, 0..16), (32, 12..20), (2560, 2551..2553)] {
        for place in places {
            for special in [[0, 0], [0, opposite]] {
                let mut pairs: Vec<[u32; 2]> = (0..length).map(|i| [1 + i % 19, 20 + i % 20]).collect();
                pairs[place] = special;
                let mut pool: Pool<P> = packed.clone().into();
                adder.clone().append_sums(&mut pool, &pairs);
                for ([left, right], sum) in pairs.iter().zip(&pool[points.len()..]) {
                    let expected = points[*left as usize] + points[*right as usize];
                    assert_eq!(sum.to_affine(), expected.into_affine(), "{left} + {right} at {place}");
                }
            }
        }
    }
}

/// Sums of the points, taken from number `first` on and round, in runs of these lengths.
fn sums_of_runs<C: SWCurveConfig>(points: &[Affine<C>], first: usize, lengths: &[u32]) -> Vec<Affine<C>> {
    let mut points = points.iter().cycle().skip(first);
    let sum = |length: &u32| points.by_ref().take(*length as usize).sum::<Projective<C>>().into_affine();
    lengths.iter().map(sum).collect()
}

/// More pairs at once than wait for the next runs, and fewer.
fn sums_runs<P: Packed, A: BatchAdd<P>>(adder: &A) {
    let lengths = [0, 1, 2, 3, 64, 0, 65, 1, 64, 0];
    let points = random_points::<P>(200);
    let packed: Vec<P> = pack_all(&points);
    for calls in [1, 2, 7, 12] {
        let mut sums = vec![[P::IDENTITY; 10]; calls];
        let mut summer = Summer::new(adder);
        for (call, sums) in sums.iter_mut().enumerate() {
            // Scratch is used again after the end.
            if call == 7 {
                summer.finish();
            }
            let (end, start) = packed.split_at(call);
            summer.add(&lengths, |places| places.copy_from_slice(&[start, end].concat()), sums);
        }
        summer.finish();
        drop(summer);
        for (call, sums) in sums.into_iter().enumerate() {
            let expected = sums_of_runs(&points, call, &lengths);
            assert_eq!(sums.map(|sum| sum.to_affine()).as_slice(), expected, "call {call} of {calls}");
        }
    }
}

/// Portable additions that count their inversions.
#[derive(Clone)]
struct Counting<'a> {
    adder: Portable<<PackedG1 as Packed>::Coordinate>,
    calls: &'a AtomicUsize,
}

impl BatchAdd<PackedG1> for Counting<'_> {
    fn append_sums(&mut self, pool: &mut Pool<PackedG1>, pairs: &[[u32; 2]]) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.adder.append_sums(pool, pairs);
    }
}

#[test]
fn trees_of_different_heights_share_inversions() {
    let points = random_points::<PackedG1>(1000);
    let packed: Vec<PackedG1> = pack_all(&points);
    let lengths = [vec![512], vec![2; 200], vec![1; 88]].concat();
    let calls = AtomicUsize::new(0);
    let mut sums = vec![vec![PackedG1::IDENTITY; lengths.len()]; 40];
    let mut summer = Summer::new(&Counting { adder: Portable::default(), calls: &calls });
    for (call, sums) in sums.iter_mut().enumerate() {
        let (end, start) = packed.split_at(call);
        summer.add(&lengths, |places| places.copy_from_slice(&[start, end].concat()), sums);
    }
    summer.finish();
    drop(summer);
    for (call, sums) in sums.iter().enumerate() {
        let sums: Vec<_> = sums.iter().map(Packed::to_affine).collect();
        assert_eq!(sums, sums_of_runs(&points, call, &lengths), "call {call}");
    }
    // One by one they would take nine each.
    let calls = calls.into_inner();
    assert!(calls <= 40 + 9, "{calls} inversions");
}

fn weighs<P: Packed, A: BatchAdd<P>>(adder: &A, length: usize) {
    let points = random_points::<P>(length);
    let thinned = |keep: usize| -> Vec<P> {
        let kept = points
            .iter()
            .enumerate()
            .map(|(i, point)| if i % keep == 0 { *point } else { Affine::identity() });
        pack_all(&kept.collect::<Vec<_>>())
    };
    let lists = [thinned(1), thinned(3), vec![P::from_affine(&points[0]); length], vec![P::IDENTITY; length]];
    let sums = weighted_sums(adder, &lists.each_ref().map(Vec::as_slice));
    for (list, sum) in lists.iter().zip(sums) {
        let mut weight = Fr::zero();
        let mut expected = Projective::<P::Config>::default();
        for point in list {
            weight += Fr::one();
            expected += point.to_affine() * weight;
        }
        assert_eq!(sum, expected, "{length} points");
    }
}

fn all<P: Packed, A: BatchAdd<P>>(adder: &A) {
    adds_all_pairs::<P, A>(adder);
    adds_long_batches::<P, A>(adder);
    notices_one_special_pair::<P, A>(adder);
    sums_runs::<P, A>(adder);
    for length in [1, 2, 8, 64] {
        weighs::<P, A>(adder, length);
    }
}

#[test]
fn portable_additions_agree_with_ark() {
    all::<PackedG1, _>(&Portable::default());
    all::<PackedG2, _>(&Portable::default());
}

#[test]
fn additions_on_vectors_agree_with_ark() {
    all::<PackedG1, _>(&Vectorised::new(Emulation));
    all::<PackedG2, _>(&Vectorised::new(Emulation));
}

#[test]
fn additions_of_this_processor_agree_with_ark() {
    for backend in Backend::tested() {
        all::<PackedG1, _>(&Adder::new(backend));
        all::<PackedG2, _>(&Adder::new(backend));
    }
}

#[test]
fn lists_of_several_blocks_are_weighed() {
    weighs::<PackedG1, _>(&Portable::default(), 1 << 13);
}

/// A coordinate that is no field element, from a damaged key: any result, but one.
#[test]
fn damaged_points_do_not_hang() {
    let mut damaged = [u64::MAX; 8];
    damaged[..4].copy_from_slice(&ark_bn254::Fq::MODULUS.0);
    let points = [damaged, [u64::MAX; 8], [0; 8], [1; 8]].map(PackedG1);
    let mut pool: Pool<_> = points.to_vec().into();
    let pairs: Vec<[u32; 2]> = (0..4).flat_map(|l| (0..4).map(move |r| [l, r])).collect();
    Portable::default().append_sums(&mut pool, &pairs);
    assert_eq!(pool.len(), 20);
}
