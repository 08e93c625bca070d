//! Scalars cut into signed digits, and the digits of each window sorted: what several
//! multiplications by the same scalars share.

use super::cost::{self, Lengths};
use super::recode::{Cutter, GROUP, Group, for_each_signed, windows};
use crate::backend::Backend;
use ark_bn254::Fr;
use rayon::prelude::*;

/// Scalars sorted by one task, at most and at least: its counters and the places that it writes to
/// stay in L2, and threads get a block each, but none with fewer scalars than counters.
const LARGEST_BLOCK: usize = 1 << 17;
const SMALLEST_BLOCK: usize = 1 << 14;

/// The digits of many scalars: `sᵢ = Σ dᵢ(w)·2^(width·w)`, `|dᵢ(w)| ≤ 2^(width - 1)`.
pub struct Digits {
    len: usize,
    width: u32,
    windows: Vec<Window>,
}

/// One digit of every scalar.
pub(super) struct Window {
    blocks: Vec<Sorted>,
}

/// Scalars with a digit other than zero, by the digit's magnitude.
struct Sorted {
    /// Index of the scalar and, in the lowest bit, whether its digit is negative.
    entries: Vec<u32>,
    /// Magnitude m has `entries[starts[m - 1]..starts[m]]`.
    starts: Vec<u32>,
}

impl Digits {
    /// Chooses the width by the scalars' lengths. At most 2^31 scalars.
    pub fn of(scalars: &[Fr]) -> Self {
        Self::on(Backend::current(), scalars)
    }

    /// [`Digits::of`] by a given implementation.
    ///
    /// # Panics
    /// If the processor does not have it.
    pub fn on(backend: Backend, scalars: &[Fr]) -> Self {
        let lengths = Lengths::of(backend, scalars);
        Self::cut(backend, scalars, cost::best_width(&lengths), lengths.longest())
    }

    /// With a given width from 1 to 24.
    pub fn with_width(scalars: &[Fr], width: u32) -> Self {
        let backend = Backend::current();
        Self::cut(backend, scalars, width, Lengths::of(backend, scalars).longest())
    }

    fn cut(backend: Backend, scalars: &[Fr], width: u32, longest: u32) -> Self {
        assert!(scalars.len() < 1 << 31, "entries have 31 bits for the index");
        let cutter = Cutter::new(width, windows(longest, width));
        let share = scalars.len().div_ceil(rayon::current_num_threads());
        let smallest = (2 << (width - 1)).clamp(SMALLEST_BLOCK, LARGEST_BLOCK);
        let size = share.clamp(smallest, LARGEST_BLOCK);
        let blocks = scalars.par_chunks(size).enumerate();
        let blocks: Vec<Vec<Sorted>> = blocks
            .map_init(Cut::default, |cut, (number, block)| {
                cut.fill(backend, block, (number * size) as u32, &cutter);
                let cut = &*cut;
                (0..cutter.windows()).into_par_iter().map(|window| cut.sort(window, width)).collect()
            })
            .collect();
        let mut windows: Vec<_> = (0..cutter.windows()).map(|_| Window { blocks: vec![] }).collect();
        for (window, sorted) in blocks.into_iter().flat_map(|block| (0..).zip(block)) {
            windows[window as usize].blocks.push(sorted);
        }
        Digits { len: scalars.len(), width, windows }
    }

    /// Number of scalars.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bits of a digit.
    pub fn width(&self) -> u32 {
        self.width
    }

    pub(super) fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// Magnitudes that a digit may have, zero apart.
    pub(super) fn buckets(&self) -> usize {
        1 << (self.width - 1)
    }
}

impl Window {
    /// How many digits have this magnitude, from 1.
    pub(super) fn count(&self, magnitude: usize) -> usize {
        self.blocks.iter().map(|block| block.with(magnitude).len()).sum()
    }

    /// Scalars whose digit has this magnitude, in parts: index and, in the lowest bit, whether the
    /// digit is negative.
    #[inline(always)]
    pub(super) fn for_each(&self, magnitude: usize, mut part: impl FnMut(&[u32])) {
        for block in &self.blocks {
            part(block.with(magnitude));
        }
    }
}

impl Sorted {
    #[inline(always)]
    fn with(&self, magnitude: usize) -> &[u32] {
        &self.entries[self.starts[magnitude - 1] as usize..self.starts[magnitude] as usize]
    }
}

/// Digits of a block; scratch of one task, used for several blocks.
#[derive(Default)]
struct Cut {
    /// Entries and magnitudes of scalars that have one digit.
    short: Vec<(u32, u32)>,
    /// Entries, without the digit's sign, of the other scalars.
    long: Vec<u32>,
    /// For each window their digits; more than there are of them.
    digits: Vec<Vec<i32>>,
}

impl Cut {
    /// `first` is the index of the first scalar.
    fn fill(&mut self, backend: Backend, scalars: &[Fr], first: u32, cutter: &Cutter) {
        self.short.clear();
        self.long.clear();
        self.digits.resize_with(cutter.windows() as usize, Vec::new);
        let half = 1u64 << (cutter.width() - 1);
        let mut group = Group::default();
        let mut index = first;
        for_each_signed(backend, scalars, |scalar| {
            let entry = index << 1 | u32::from(scalar.negative);
            index += 1;
            let [low, high @ ..] = scalar.magnitude;
            if high == [0; 3] && low <= half {
                if low != 0 {
                    self.short.push((entry, low as u32));
                }
                return;
            }
            group.set(self.long.len() % GROUP, &cutter.shifted(&scalar.magnitude));
            self.long.push(entry);
            if self.long.len().is_multiple_of(GROUP) {
                self.append(&group, cutter);
            }
        });
        if !self.long.len().is_multiple_of(GROUP) {
            self.append(&group, cutter);
        }
    }

    /// Cuts the last group of the long scalars.
    fn append(&mut self, group: &Group, cutter: &Cutter) {
        let at = (self.long.len() - 1) / GROUP * GROUP;
        for (window, digits) in (0..).zip(&mut self.digits) {
            if digits.len() < at + GROUP {
                digits.resize(at + GROUP, 0);
            }
            let places = digits[at..].first_chunk_mut().expect("places for a group");
            cutter.digits_of(group, window, places);
        }
    }

    fn sort(&self, window: u32, width: u32) -> Sorted {
        let short = if window == 0 { &self.short[..] } else { &[] };
        let digits = &self.digits[window as usize][..self.long.len()];
        let mut starts = vec![0u32; (1 << (width - 1)) + 1];
        for (_, magnitude) in short {
            starts[*magnitude as usize] += 1;
        }
        for digit in digits {
            starts[digit.unsigned_abs() as usize] += 1;
        }
        starts[0] = 0;
        let mut total = 0;
        for start in &mut starts {
            // Where the magnitude begins; moved to its end while the entries are put in.
            total += std::mem::replace(start, total);
        }
        let mut entries = vec![0; total as usize];
        let mut put = |entry: u32, magnitude: u32| {
            let place = &mut starts[magnitude as usize];
            entries[*place as usize] = entry;
            *place += 1;
        };
        for (entry, magnitude) in short {
            put(*entry, *magnitude);
        }
        for (entry, digit) in self.long.iter().zip(digits) {
            if *digit != 0 {
                put(entry ^ u32::from(*digit < 0), digit.unsigned_abs());
            }
        }
        Sorted { entries, starts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{AdditiveGroup, Field, One, PrimeField, UniformRand, Zero};
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    fn edges() -> Vec<Fr> {
        let half = Fr::from(Fr::MODULUS_MINUS_ONE_DIV_TWO);
        let mut scalars = vec![Fr::zero(), Fr::one(), -Fr::one(), half, half + Fr::one()];
        for bit in 0..253u64 {
            let power = Fr::from(2u64).pow([bit]);
            scalars.extend([power, -power, power - Fr::one(), -power - Fr::one()]);
        }
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        scalars.extend((0..500).map(|_| Fr::rand(&mut rng)));
        scalars
    }

    /// The scalars again, from the sorted digits.
    fn put_together(digits: &Digits) -> Vec<Fr> {
        let mut scalars = vec![Fr::zero(); digits.len()];
        for (number, window) in digits.windows().iter().enumerate() {
            let weight = Fr::from(2u64).pow([number as u64 * u64::from(digits.width())]);
            for magnitude in 1..=digits.buckets() {
                let mut entries = Vec::new();
                window.for_each(magnitude, |part| entries.extend_from_slice(part));
                assert_eq!(entries.len(), window.count(magnitude));
                for entry in entries {
                    let digit = weight * Fr::from(magnitude as u64);
                    scalars[entry as usize >> 1] += if entry & 1 == 1 { -digit } else { digit };
                }
            }
        }
        scalars
    }

    #[test]
    fn digits_of_every_width_make_the_scalars() {
        let scalars = edges();
        for width in 1..=18 {
            assert_eq!(put_together(&Digits::with_width(&scalars, width)), scalars, "width {width}");
        }
    }

    #[test]
    fn digits_across_blocks_make_the_scalars() {
        let scalars: Vec<Fr> = (0..2 * LARGEST_BLOCK as u64 + 7).map(|i| Fr::from(i % 1000)).collect();
        assert_eq!(put_together(&Digits::of(&scalars)), scalars);
    }

    /// Blocks, and which of them share scratch, are other ones on other numbers of threads.
    #[test]
    fn digits_do_not_depend_on_the_number_of_threads() {
        let edges = edges();
        let scalars: Vec<Fr> = edges.iter().copied().cycle().take(3 * SMALLEST_BLOCK + 5).collect();
        for threads in [1, 2, 3, 16] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            let digits = pool.install(|| Digits::with_width(&scalars, 11));
            assert_eq!(digits.windows()[0].blocks.len(), threads.min(4));
            assert_eq!(put_together(&digits), scalars, "{threads} threads");
        }
    }

    /// Nothing of a block is left over for the next, which is smaller.
    #[test]
    fn scratch_of_a_block_serves_for_the_next() {
        let scalars = edges();
        let cutter = Cutter::new(7, windows(253, 7));
        let mut used = Cut::default();
        used.fill(Backend::Portable, &scalars, 0, &cutter);
        for length in [scalars.len() / 2 + 1, 70, 3, 0] {
            let block = &scalars[..length];
            let mut fresh = Cut::default();
            fresh.fill(Backend::Portable, block, 9, &cutter);
            used.fill(Backend::Portable, block, 9, &cutter);
            for window in 0..cutter.windows() {
                let (used, fresh) = (used.sort(window, 7), fresh.sort(window, 7));
                assert_eq!((used.entries, used.starts), (fresh.entries, fresh.starts), "{length}");
            }
        }
    }

    #[test]
    fn short_scalars_have_few_windows() {
        let two = Fr::one().double();
        let scalars = [Fr::zero(), Fr::one(), -Fr::one(), two, -two];
        assert_eq!(Digits::with_width(&scalars, 8).windows().len(), 1);
        assert!(Digits::of(&[Fr::zero(); 3]).windows().len() <= 1);
        assert!(Digits::of(&[]).is_empty());
    }
}
