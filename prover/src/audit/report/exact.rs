//! Decimal numbers that reach the page's script with every digit.

use serde::{Serialize, Serializer};

/// Digits that a number of 64 bits keeps.
const DIGITS: usize = 15;
/// Below it a script prints an exponent.
const SMALLEST: f64 = 1e-6;

/// A decimal number: a JSON number where that prints as the same digits, else a string.
#[derive(Debug, Clone, PartialEq)]
pub enum Exact {
    /// A number that a script reads and prints without loss.
    Number(f64),
    /// Any other.
    Text(Box<str>),
}

impl Exact {
    /// The number that a decimal text says; a text that is none stays a text.
    pub fn of(text: &str) -> Self {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        match text.parse::<f64>() {
            Ok(number) if digits <= DIGITS && (number == 0.0 || number.abs() >= SMALLEST) => {
                Self::Number(number)
            }
            _ => Self::Text(text.into()),
        }
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) if number.fract() == 0.0 => serializer.serialize_i64(*number as i64),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// A decimal text as a point of a chart: the nearest number of 64 bits.
pub fn point(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}
