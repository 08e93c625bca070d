//! Linear combinations with the same coefficients in many rows, eight rows at a time: products of
//! matrices that are made of repeated blocks.
//!
//! Spec: kernels.md#combinations

use crate::backend::Backend;
use crate::fault::{Site, strike};
use crate::field::{Field, Limbs, Modulus, ModulusFr, digits};
use crate::simd::{Kernel, LANES, Vector};
use ark_bn254::Fr;
use ark_ff::One;

/// The place of the values of a term: row i has its value at `first + i·stride`.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Index of the value of row 0.
    pub first: u32,
    /// Distance between the values of two rows that follow each other.
    pub stride: u32,
}

impl Place {
    #[inline(always)]
    fn of(self, row: usize) -> usize {
        self.first as usize + row * self.stride as usize
    }
}

/// The sum `Σ coefficient·value` over terms, the same in every row but for the places of the values.
#[derive(Clone, Debug, Default)]
pub struct Combination {
    added: Vec<Place>,
    subtracted: Vec<Place>,
    scaled: Vec<(Place, Fr)>,
}

impl FromIterator<(Place, Fr)> for Combination {
    fn from_iter<I: IntoIterator<Item = (Place, Fr)>>(terms: I) -> Self {
        let mut combination = Combination::default();
        for (place, coefficient) in terms {
            if coefficient.is_one() {
                combination.added.push(place);
            } else if coefficient == -Fr::one() {
                combination.subtracted.push(place);
            } else {
                combination.scaled.push((place, coefficient));
            }
        }
        combination
    }
}

/// Terms without a product up to which rows are summed one by one, and rows up to which all are.
const FEW_TERMS: usize = 8;
const FEW_ROWS: usize = 2;

impl Combination {
    /// Computes the combination in `first_row` and the rows after it, one for each element of `results`.
    ///
    /// # Panics
    /// If a place lies outside of `values`, or if this processor does not have the backend.
    pub fn evaluate(&self, backend: Backend, values: &[Fr], first_row: usize, results: &mut [Fr]) {
        let few = self.scaled.is_empty() && self.added.len() + self.subtracted.len() <= FEW_TERMS;
        if few || results.len() <= FEW_ROWS {
            return self.one_by_one(values, first_row, results);
        }
        for (number, results) in results.chunks_mut(LANES).enumerate() {
            let rows = rows(first_row + number * LANES, results.len());
            let Some(mut words) = backend.run(Eight { combination: self, values, rows }) else {
                self.one_by_one(values, rows[0], results);
                continue;
            };
            let words = &mut words[..results.len()];
            strike(Site::Rows, words);
            for (result, words) in results.iter_mut().zip(words) {
                *result = ModulusFr::from_words(*words);
            }
        }
    }

    fn one_by_one(&self, values: &[Fr], first_row: usize, results: &mut [Fr]) {
        for (row, result) in (first_row..).zip(results) {
            let added: Fr = self.added.iter().map(|place| values[place.of(row)]).sum();
            let subtracted: Fr = self.subtracted.iter().map(|place| values[place.of(row)]).sum();
            let scaled = self.scaled.iter().map(|(place, factor)| values[place.of(row)] * factor);
            *result = added - subtracted + scaled.sum::<Fr>();
        }
    }
}

/// Eight rows; the last one again where there are fewer.
fn rows(first: usize, count: usize) -> [usize; LANES] {
    std::array::from_fn(|lane| first + lane.min(count - 1))
}

struct Eight<'a> {
    combination: &'a Combination,
    values: &'a [Fr],
    rows: [usize; LANES],
}

/// Products side by side.
const SIDE_BY_SIDE: usize = 4;
/// Multiples of p between the bounds of a sum that may take another term: `reduce_wide` takes 84, and a
/// term makes at most two.
const WIDEST: u64 = 82;

/// The words of a term's values; a macro because a closure would not be inlined.
macro_rules! words_at {
    ($self:expr, $place:expr) => {{
        let [r0, r1, r2, r3, r4, r5, r6, r7] = $self.rows;
        let (values, place) = ($self.values, $place);
        [
            ModulusFr::words(&values[place.of(r0)]),
            ModulusFr::words(&values[place.of(r1)]),
            ModulusFr::words(&values[place.of(r2)]),
            ModulusFr::words(&values[place.of(r3)]),
            ModulusFr::words(&values[place.of(r4)]),
            ModulusFr::words(&values[place.of(r5)]),
            ModulusFr::words(&values[place.of(r6)]),
            ModulusFr::words(&values[place.of(r7)]),
        ]
    }};
}

/// 16·v·2^256 and c·2^256, whose Montgomery product, over 2^260, is c·v·2^256: as ark-ff holds it.
macro_rules! factors {
    ($field:expr, $self:expr, $place:expr, $factor:expr) => {
        ($field.load_times_16(words_at!($self, $place)), $field.splat(digits(ModulusFr::words($factor))))
    };
}

impl Kernel for Eight<'_> {
    /// Sums as ark-ff holds them.
    type Output = [[u64; 4]; LANES];

    #[inline(always)]
    fn run<V: Vector>(self, isa: V::Isa) -> Self::Output {
        let field = Field::<V, ModulusFr>::new(isa);
        let Combination { added, subtracted, scaled } = self.combination;
        let mut sum = Sum { field, raw: field.zero(), above: 0, below: 0 };
        let (fours, rest) = scaled.as_chunks::<SIDE_BY_SIDE>();
        for [(p0, f0), (p1, f1), (p2, f2), (p3, f3)] in fours {
            let (a0, b0) = factors!(field, self, p0, f0);
            let (a1, b1) = factors!(field, self, p1, f1);
            let (a2, b2) = factors!(field, self, p2, f2);
            let (a3, b3) = factors!(field, self, p3, f3);
            let [c0, c1, c2, c3] = field.products_raw([&a0, &a1, &a2, &a3], [&b0, &b1, &b2, &b3]);
            sum.add::<2>(&c0);
            sum.add::<2>(&c1);
            sum.add::<2>(&c2);
            sum.add::<2>(&c3);
        }
        for (place, factor) in rest {
            let (value, factor) = factors!(field, self, place, factor);
            let [product] = field.products_raw([&value], [&factor]);
            sum.add::<2>(&product);
        }
        for place in added {
            sum.add::<1>(&field.load(words_at!(self, place)));
        }
        for place in subtracted {
            sum.subtract(&field.load(words_at!(self, place)));
        }
        let mut words = [[0; 4]; LANES];
        let [w0, w1, w2, w3, w4, w5, w6, w7] = &mut words;
        let integers = field.canonical(&sum.reduced());
        field.store(&integers, [w0, w1, w2, w3, w4, w5, w6, w7]);
        words
    }
}

/// A sum between `-below·p` and `above·p`, limbs not yet carried.
struct Sum<V: Vector> {
    field: Field<V, ModulusFr>,
    raw: Limbs<V>,
    above: u64,
    below: u64,
}

impl<V: Vector> Sum<V> {
    /// Adds what is not negative and below `BOUND`: a product with limbs below 20·2^52, of which there are at
    /// most 42, or a loaded value. Limbs of the sum stay below 2^62.
    #[inline(always)]
    fn add<const BOUND: u64>(&mut self, term: &Limbs<V>) {
        self.raw = self.field.raw_add(&self.raw, term);
        self.above += BOUND;
        self.keep_narrow();
    }

    /// Subtracts what is normalised below 1.
    #[inline(always)]
    fn subtract(&mut self, term: &Limbs<V>) {
        self.raw = self.field.raw_sub(&self.raw, term);
        self.below += 1;
        self.keep_narrow();
    }

    #[inline(always)]
    fn keep_narrow(&mut self) {
        if self.above + self.below > WIDEST {
            (self.raw, self.above, self.below) = (self.reduced(), 2, 0);
        }
    }

    /// Normalised below 2.
    #[inline(always)]
    fn reduced(&self) -> Limbs<V> {
        let field = &self.field;
        // below·p: limbs below 2^52·84.
        let [p0, p1, p2, p3, p4] = ModulusFr::P;
        let n = self.below;
        let shift = field.splat([p0 * n, p1 * n, p2 * n, p3 * n, p4 * n]);
        field.reduce_wide(&field.normalise(field.raw_add(&self.raw, &shift)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Emulation, Isa};
    use ark_ff::{Field as _, UniformRand, Zero};
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    const WIDTH: usize = 300;
    const ROWS: usize = 21;

    /// Values at the upper edge among random ones.
    fn values(rng: &mut ChaCha20Rng) -> Vec<Fr> {
        // The largest integer in Montgomery form, p - 1, is the element -1/R.
        let largest = -Fr::from(2u64).pow([256]).inverse().unwrap();
        let value = |rng: &mut ChaCha20Rng| match rng.gen_range(0..4) {
            0 => largest,
            1 => Fr::zero(),
            2 => -Fr::from(rng.gen_range(0u64..100)),
            _ => Fr::rand(rng),
        };
        (0..WIDTH * ROWS + 1).map(|_| value(rng)).collect()
    }

    fn combinations(rng: &mut ChaCha20Rng) -> Vec<Vec<(Place, Fr)>> {
        let place = |rng: &mut ChaCha20Rng| match rng.gen_range(0..5) {
            0 => Place { first: rng.gen_range(0..WIDTH as u32), stride: 0 },
            _ => Place { first: rng.gen_range(0..WIDTH as u32), stride: WIDTH as u32 },
        };
        let shapes =
            [[0, 0, 0], [1, 0, 0], [3, 5, 0], [0, 0, 1], [0, 0, 4], [9, 8, 7], [200, 0, 0], [0, 200, 0]];
        let more =
            [[0, 0, 200], [77, 78, 79], [38, 39, 1], [0, 1, 38], [1, 75, 0], [0, 76, 1], [300, 300, 3]];
        let largest = -Fr::from(2u64).pow([256]).inverse().unwrap();
        let terms = |[added, subtracted, scaled]: &[usize; 3]| {
            let mut terms = Vec::new();
            terms.extend((0..*added).map(|_| (place(rng), Fr::one())));
            terms.extend((0..*subtracted).map(|_| (place(rng), -Fr::one())));
            let factor = |rng: &mut ChaCha20Rng| if rng.r#gen() { largest } else { Fr::rand(rng) };
            terms.extend((0..*scaled).map(|_| (place(rng), factor(rng))));
            terms
        };
        shapes.iter().chain(&more).map(terms).collect()
    }

    fn expected(terms: &[(Place, Fr)], values: &[Fr], row: usize) -> Fr {
        let value = |place: &Place| values[place.first as usize + row * place.stride as usize];
        terms.iter().map(|(place, factor)| value(place) * factor).sum()
    }

    #[test]
    fn every_backend_gives_the_combination() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let values = values(&mut rng);
        for terms in combinations(&mut rng) {
            let combination: Combination = terms.iter().copied().collect();
            for (first, count) in [(0, ROWS), (3, 8), (5, 1), (7, 3), (4, 9), (2, 0)] {
                let expected: Vec<Fr> =
                    (first..first + count).map(|row| expected(&terms, &values, row)).collect();
                for backend in Backend::tested() {
                    let mut results = vec![Fr::one(); count];
                    combination.evaluate(backend, &values, first, &mut results);
                    assert_eq!(results, expected, "{backend}, {} terms from row {first}", terms.len());
                }
            }
        }
    }

    /// Runs with the bounds of every lane checked.
    #[test]
    fn vectors_stay_in_their_bounds() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let largest = -Fr::from(2u64).pow([256]).inverse().unwrap();
        let mut values = values(&mut rng);
        for round in 0..2 {
            for terms in combinations(&mut rng) {
                let combination: Combination = terms.iter().copied().collect();
                let rows = rows(4, 8);
                let sums = Emulation.run(Eight { combination: &combination, values: &values, rows });
                let expected: Vec<Fr> = (4..12).map(|row| expected(&terms, &values, row)).collect();
                assert_eq!(
                    sums.map(ModulusFr::from_words).as_slice(),
                    expected,
                    "round {round}, {} terms",
                    terms.len()
                );
            }
            values.fill(largest);
        }
    }
}
