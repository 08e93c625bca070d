//! Exact decimal numbers: what a file says, digit for digit. No floating point anywhere.

use super::error::Fault;

/// Digits accepted in one number; more than any exchange prints and far from overflowing `i128`.
const MAX_DIGITS: usize = 30;
/// Decimals accepted after the point.
pub const MAX_DECIMALS: u32 = 18;

/// The number `mantissa · 10^-decimals`, without trailing zeros after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    mantissa: i128,
    decimals: u32,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0, decimals: 0 };
    /// One.
    pub const ONE: Self = Self { mantissa: 1, decimals: 0 };

    /// Reads `-12.340`: optional minus, digits, optional point and digits; no exponent, no blanks.
    ///
    /// Errors: empty, other characters, more than 30 digits or 18 decimals.
    pub fn parse(text: &str, field: &str) -> Result<Self, Fault> {
        let malformed = |why: &str| {
            Fault::new(format!("{field} '{text}' {why}"), "write a plain decimal number such as 1655.5")
        };
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) {
            return Err(malformed("is not a decimal number"));
        }
        let fraction = fraction.trim_end_matches('0');
        if whole.len() + fraction.len() > MAX_DIGITS || fraction.len() as u32 > MAX_DECIMALS {
            return Err(malformed("has too many digits"));
        }
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa * 10 + i128::from(digit - b'0');
        }
        let mantissa = if negative { -mantissa } else { mantissa };
        Ok(Self { mantissa, decimals: fraction.len() as u32 })
    }

    /// `units · 10^-decimals`, normalised; None beyond 18 decimals or if it overflows.
    pub fn from_units(units: i128, decimals: i32) -> Option<Self> {
        let power = 10i128.checked_pow(decimals.min(0).unsigned_abs())?;
        let (mut mantissa, mut left) = (units.checked_mul(power)?, decimals.max(0).unsigned_abs());
        while left > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            left -= 1;
        }
        (left <= MAX_DECIMALS).then_some(Self { mantissa, decimals: left })
    }

    /// The number of decimals that the number needs; for a whole number the number of its zeros at the end
    /// with a minus: 1.25 needs 2, 70 needs 0, but -1 would do.
    pub fn fewest_decimals(self) -> i32 {
        if self.decimals > 0 || self.mantissa == 0 {
            return self.decimals as i32;
        }
        let (mut rest, mut zeros) = (self.mantissa, 0);
        while rest % 10 == 0 {
            rest /= 10;
            zeros += 1;
        }
        -zeros
    }

    /// The number of decimals that the number needs, at least 0.
    pub fn decimals(self) -> u32 {
        self.decimals
    }

    /// Tells whether the number is above zero.
    pub fn is_positive(self) -> bool {
        self.mantissa > 0
    }

    /// The number without its sign.
    pub fn magnitude(self) -> Self {
        Self { mantissa: self.mantissa.abs(), decimals: self.decimals }
    }

    /// The number in units of `10^-decimals`; None if that is not whole or overflows.
    pub fn units(self, decimals: i32) -> Option<i128> {
        let up = decimals.checked_sub(self.decimals as i32)?;
        let power = 10i128.checked_pow(up.unsigned_abs())?;
        if up >= 0 {
            return self.mantissa.checked_mul(power);
        }
        (self.mantissa % power == 0).then_some(self.mantissa / power)
    }

    /// Numerator and decimal exponent: `self = mantissa · 10^-decimals`.
    pub fn parts(self) -> (i128, u32) {
        (self.mantissa, self.decimals)
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scale = 10u128.pow(self.decimals);
        let (whole, fraction) = (self.mantissa.unsigned_abs() / scale, self.mantissa.unsigned_abs() % scale);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if self.decimals == 0 {
            return write!(f, "{sign}{whole}");
        }
        write!(f, "{sign}{whole}.{fraction:0width$}", width = self.decimals as usize)
    }
}
