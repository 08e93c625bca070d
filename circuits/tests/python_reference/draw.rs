//! Operands: boundary values, one after the other or mixed with numbers of every width.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zkmargin_circuits::params::{FUNDING_DIVISOR, FUNDING_SCALE, M, U};

/// Draws the operands of one case after the other.
pub struct Draw {
    rng: ChaCha8Rng,
    /// What is left of the number of the case in the product of all boundary values; none for a random case.
    product: Option<u64>,
}

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed), product: None }
    }

    /// From here on the operands are those of case `number` in the product of their boundary values.
    pub fn begin_product(&mut self, number: u64) {
        self.product = Some(number);
    }

    /// Whether the number was within the product. From here on operands are random.
    pub fn end_product(&mut self) -> bool {
        self.product.take() == Some(0)
    }

    /// A number of `low..=high`: one of some twenty boundary values or, as often, one of random width.
    pub fn within(&mut self, low: i128, high: i128) -> i128 {
        assert!(low <= high, "{low}..={high}");
        if let Some(number) = self.product {
            let values = boundaries(low, high);
            let count = values.len() as u64;
            self.product = Some(number / count);
            return values[(number % count) as usize];
        }
        if self.coin() {
            let values = boundaries(low, high);
            return values[self.rng.gen_range(0..values.len())];
        }
        let widest = 128 - low.unsigned_abs().max(high.unsigned_abs()).leading_zeros();
        let width = self.rng.gen_range(0..=widest);
        let magnitude = self.rng.gen_range(0..=(1u128 << width) - 1) as i128;
        let value = if low < 0 && self.coin() { -magnitude } else { magnitude };
        value.clamp(low, high)
    }

    /// A number at most 2 from `value`, cut to `low..=high`.
    pub fn near(&mut self, value: i128, low: i128, high: i128) -> i128 {
        (value + self.rng.gen_range(-2..=2)).clamp(low, high)
    }

    /// True as often as false.
    pub fn coin(&mut self) -> bool {
        match self.product {
            Some(number) => {
                self.product = Some(number / 2);
                number % 2 == 1
            }
            None => self.rng.gen_bool(0.5),
        }
    }

    /// 1 as often as -1.
    pub fn sign(&mut self) -> i128 {
        if self.coin() { 1 } else { -1 }
    }
}

/// Values of `low..=high` at which something may change: both ends, small numbers, the law's scales.
fn boundaries(low: i128, high: i128) -> Vec<i128> {
    let middle = low + (high - low) / 2;
    let mut values = vec![low, low + 1, low + 2, middle, middle + 1, high - 2, high - 1, high];
    for scale in [1, M, U] {
        values.extend([scale - 1, scale, scale + 1, -scale - 1, -scale, 1 - scale]);
    }
    values.extend([FUNDING_DIVISOR, -FUNDING_DIVISOR, FUNDING_SCALE, -FUNDING_SCALE]);
    values.retain(|value| (low..=high).contains(value));
    values.sort_unstable();
    values.dedup();
    values
}
