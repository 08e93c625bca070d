//! Scalars cut into signed digits, and the digits of each window sorted: what several
//! multiplications by the same scalars share.

use super::cost::{self, Lengths};
use super::recode::{Cuts, Cutter, for_each_signed, windows};
use crate::backend::Backend;
use crate::memory::Zeros;
use ark_bn254::Fr;
use rayon::prelude::*;
use std::mem::replace;
use std::ops::Range;

/// Scalars cut by one task.
const BLOCK: usize = 1 << 14;

/// The digits of many scalars: `sᵢ = Σ dᵢ(w)·2^(width·w)`, `|dᵢ(w)| ≤ 2^(width - 1)`.
pub struct Digits {
    len: usize,
    width: u32,
    windows: Vec<Window>,
}

/// One digit of every scalar, sorted.
pub(super) struct Window {
    /// For each digit other than zero, by its magnitude, the index of the scalar and, in the lowest
    /// bit, whether the digit is negative; then places that are left over.
    entries: Zeros<u32>,
    /// Magnitude m has `entries[starts[m - 1]..starts[m]]`.
    starts: Vec<u32>,
}

impl Digits {
    /// Cuts scalars into digits of a width chosen by the scalars' lengths.
    ///
    /// # Panics
    /// If there are 2^31 scalars or more.
    pub fn of(scalars: &[Fr]) -> Self {
        Self::on(Backend::current(), scalars)
    }

    /// Cuts scalars as [`Digits::of`] does, by a given implementation.
    ///
    /// # Panics
    /// If there are 2^31 scalars or more, or if the processor does not have the implementation.
    pub fn on(backend: Backend, scalars: &[Fr]) -> Self {
        Self::cut(backend, scalars, None)
    }

    /// Cuts scalars into digits of `width` bits.
    ///
    /// # Panics
    /// If the width is not from 1 to 24, or if there are 2^31 scalars or more.
    pub fn with_width(scalars: &[Fr], width: u32) -> Self {
        assert!((1..=24).contains(&width), "no digits of {width} bits");
        Self::cut(Backend::current(), scalars, Some(width))
    }

    fn cut(backend: Backend, scalars: &[Fr], width: Option<u32>) -> Self {
        assert!(scalars.len() < 1 << 31, "entries have 31 bits for the index");
        let lengths = |block: &[Fr]| Lengths::of(backend, block);
        let blocks: Vec<_> = scalars.par_chunks(BLOCK).with_max_len(1).map(lengths).collect();
        let lengths = Lengths::sum(&blocks);
        let width = width.unwrap_or_else(|| cost::best_width(&lengths));
        let cutter = Cutter::new(width, windows(lengths.longest(), width));
        let mut digits: Vec<_> = (0..cutter.windows()).map(|_| Zeros::new(lengths.at_least(width))).collect();
        let places = split(&mut digits, blocks.iter().map(|block| block.at_least(width)));
        let blocks: Vec<Block> = scalars
            .par_chunks(BLOCK)
            .zip(places)
            .with_max_len(1)
            .enumerate()
            .map(|(number, (scalars, places))| {
                Block::cut(backend, scalars, (number * BLOCK) as u32, &cutter, places)
            })
            .collect();
        Digits { len: scalars.len(), width, windows: sort_all(&blocks, digits, width) }
    }

    /// The number of scalars.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there is no scalar.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bits of a digit.
    pub(crate) fn width(&self) -> u32 {
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
    #[inline(always)]
    pub(super) fn count(&self, magnitude: usize) -> usize {
        (self.starts[magnitude] - self.starts[magnitude - 1]) as usize
    }

    /// The entries of these magnitudes.
    #[inline(always)]
    pub(super) fn with(&self, magnitudes: &Range<usize>) -> &[u32] {
        let [start, end] = [magnitudes.start, magnitudes.end].map(|m| self.starts[m - 1] as usize);
        &self.entries[start..end]
    }
}

/// Splits each of the slices at the same places: for each part, what the slices have there.
fn split(slices: &mut [Zeros<u32>], parts: impl Iterator<Item = usize>) -> Vec<Vec<&mut [i32]>> {
    let mut rest: Vec<&mut [i32]> = slices.iter_mut().map(|slice| bytemuck::cast_slice_mut(slice)).collect();
    parts
        .map(|count| {
            rest.iter_mut().map(|rest| rest.split_off_mut(..count).expect("a place for each")).collect()
        })
        .collect()
}

/// Some of the scalars.
struct Block {
    /// Entries and magnitudes of scalars with one digit other than zero.
    short: Vec<(u32, u32)>,
    /// Indices of scalars with several digits.
    long: Vec<u32>,
}

impl Block {
    /// `first` is the index of the first scalar. Writes the digits of the long ones, a slice for
    /// each window.
    fn cut<'a>(
        backend: Backend,
        scalars: &[Fr],
        first: u32,
        cutter: &'a Cutter,
        digits: Vec<&'a mut [i32]>,
    ) -> Self {
        let mut block = Block { short: vec![], long: vec![] };
        let mut cuts = Cuts::new(cutter, digits);
        let mut index = first;
        for_each_signed(backend, scalars, |scalar| {
            match scalar.bits() {
                0 => {}
                bits if bits < cutter.width() => {
                    let entry = index << 1 | u32::from(scalar.negative);
                    block.short.push((entry, scalar.magnitude[0] as u32));
                }
                _ => {
                    cuts.push(&scalar);
                    block.long.push(index);
                }
            }
            index += 1;
        });
        cuts.finish();
        block
    }
}

/// Sorts the digits of all windows, as many at a time as there are threads: the sorted ones
/// leave their memory to the entries of others. So there is memory for one more window per thread,
/// at most twice the memory of the digits.
fn sort_all(blocks: &[Block], digits: Vec<Zeros<u32>>, width: u32) -> Vec<Window> {
    let (count, threads) = (digits.len(), rayon::current_num_threads());
    let short: usize = blocks.iter().map(|block| block.short.len()).sum();
    let mut digits = digits.into_iter().enumerate();
    let mut free: Vec<Zeros<u32>> = vec![];
    let mut sorted = Vec::with_capacity(count);
    while sorted.len() < count {
        let parts = threads.div_ceil(digits.len().min(threads));
        let beside = |(window, digits): (usize, Zeros<u32>)| {
            let entries = match window {
                0 => Zeros::new(digits.len() + short),
                _ => free.pop().unwrap_or_else(|| Zeros::new(digits.len())),
            };
            (window, digits, entries)
        };
        let next: Vec<_> = digits.by_ref().take(threads).map(beside).collect();
        let done: Vec<_> = next
            .into_par_iter()
            .with_max_len(1)
            .map(|(window, digits, mut entries)| {
                let unsorted = Unsorted { blocks, lowest: window == 0, digits: &digits };
                let starts = unsorted.sort(width, parts, &mut entries);
                (Window { entries, starts }, digits)
            })
            .collect();
        for (window, digits) in done {
            sorted.push(window);
            free.push(digits);
        }
    }
    sorted
}

/// The digits of a window.
struct Unsorted<'a> {
    blocks: &'a [Block],
    /// Whether short scalars have their digit in this window.
    lowest: bool,
    /// The digits of the long scalars, block after block.
    digits: &'a [u32],
}

impl Unsorted<'_> {
    /// Every entry and its magnitude, also if that is zero.
    #[inline(always)]
    fn for_each(&self, mut take: impl FnMut(u32, u32)) {
        let mut rest = self.digits;
        for block in self.blocks {
            if self.lowest {
                block.short.iter().for_each(|(entry, magnitude)| take(*entry, *magnitude));
            }
            let (digits, others) = rest.split_at(block.long.len());
            rest = others;
            for (index, digit) in block.long.iter().zip(digits) {
                take(index << 1 | digit >> 31, digit.cast_signed().unsigned_abs());
            }
        }
    }

    /// Writes the entries of digits other than zero by their magnitudes; [`Window::starts`]. In
    /// that many parts, each of which goes through all digits and takes its share of magnitudes.
    fn sort(&self, width: u32, parts: usize, mut entries: &mut [u32]) -> Vec<u32> {
        let buckets = 1 << (width - 1);
        let share = usize::div_ceil(buckets, parts);
        let mut starts = vec![0u32; buckets + 1];
        starts[1..].par_chunks_mut(share).enumerate().for_each(|(part, counts)| {
            let first = (part * share) as u32 + 1;
            self.for_each(|_, magnitude| {
                if let Some(count) = counts.get_mut(magnitude.wrapping_sub(first) as usize) {
                    *count += 1;
                }
            });
        });
        let mut total = 0;
        let mut shares = Vec::with_capacity(parts);
        for (part, ends) in starts[1..].chunks_mut(share).enumerate() {
            let before = total;
            for end in &mut *ends {
                // Where the magnitude begins; moved to its end while the entries are put in.
                total += replace(end, total);
            }
            let places = entries.split_off_mut(..(total - before) as usize).expect("a place for each");
            shares.push(((part * share) as u32 + 1, before, ends, places));
        }
        shares.into_par_iter().for_each(|(first, before, ends, places)| {
            self.for_each(|entry, magnitude| {
                if let Some(end) = ends.get_mut(magnitude.wrapping_sub(first) as usize) {
                    places[(*end - before) as usize] = entry;
                    *end += 1;
                }
            });
        });
        starts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{AdditiveGroup, BigInteger, Field, One, PrimeField, UniformRand, Zero};
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
                let entries = window.with(&(magnitude..magnitude + 1));
                assert_eq!(entries.len(), window.count(magnitude));
                for entry in entries {
                    let digit = weight * Fr::from(magnitude as u64);
                    scalars[*entry as usize >> 1] += if entry & 1 == 1 { -digit } else { digit };
                }
            }
        }
        scalars
    }

    #[test]
    fn digits_of_every_width_make_the_scalars() {
        let scalars = edges();
        for width in (1..=18).chain([24]) {
            assert_eq!(put_together(&Digits::with_width(&scalars, width)), scalars, "width {width}");
        }
    }

    /// Blocks of short scalars only, of long ones only, of both, and a last one of seven.
    #[test]
    fn digits_across_blocks_make_the_scalars() {
        let edges = edges();
        let short = (0..BLOCK as u64).map(|i| Fr::from(i % 100));
        let bits = |scalar: Fr| scalar.into_bigint().num_bits().min((-scalar).into_bigint().num_bits());
        let long = edges.iter().copied().cycle().filter(|scalar| bits(*scalar) > 10);
        let scalars: Vec<Fr> =
            short.chain(long.take(BLOCK)).chain(edges.iter().copied().cycle().take(BLOCK + 7)).collect();
        for width in [8, 11] {
            assert_eq!(put_together(&Digits::with_width(&scalars, width)), scalars, "width {width}");
        }
        assert_eq!(put_together(&Digits::of(&scalars)), scalars);
    }

    /// On few threads windows are sorted one after the other, in memory of those before; on many
    /// a window is sorted in parts.
    #[test]
    fn digits_do_not_depend_on_the_number_of_threads() {
        let scalars: Vec<Fr> = edges().into_iter().cycle().take(BLOCK + 5).collect();
        for threads in [1, 2, 3, 16, 70] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            for width in [1, 2, 11] {
                let digits = pool.install(|| Digits::with_width(&scalars, width));
                assert_eq!(put_together(&digits), scalars, "{threads} threads, width {width}");
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
