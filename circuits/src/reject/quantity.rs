//! The integers that checks compare.

use std::cmp::Ordering;
use std::fmt;

use ark_bn254::Fr;
use ark_ff::PrimeField;
use num_bigint::{BigInt, BigUint};

/// One side of a comparison, exact.
#[derive(Clone, Debug)]
pub enum Quantity {
    /// Within `i128`: amounts, sizes, ids, and most values and requirements.
    Small(i128),
    /// Beyond `i128`: products of values and requirements, coordinates of keys.
    Wide(Box<BigInt>),
}

impl Quantity {
    #[cold]
    fn cmp_wide(&self, other: &Self) -> Ordering {
        self.big().cmp(&other.big())
    }

    /// The integer itself.
    pub fn big(&self) -> BigInt {
        match self {
            Self::Small(value) => (*value).into(),
            Self::Wide(value) => (**value).clone(),
        }
    }
}

impl Ord for Quantity {
    #[inline(always)]
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Small(left), Self::Small(right)) => left.cmp(right),
            _ => self.cmp_wide(other),
        }
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Quantity {}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(value) => value.fmt(f),
            Self::Wide(value) => value.fmt(f),
        }
    }
}

impl From<BigInt> for Quantity {
    fn from(value: BigInt) -> Self {
        i128::try_from(&value).map_or_else(|_| Self::Wide(Box::new(value)), Self::Small)
    }
}

impl From<u128> for Quantity {
    #[inline(always)]
    fn from(value: u128) -> Self {
        i128::try_from(value).map_or_else(|_| Self::Wide(Box::new(value.into())), Self::Small)
    }
}

impl From<Fr> for Quantity {
    fn from(value: Fr) -> Self {
        BigInt::from(BigUint::from(value.into_bigint())).into()
    }
}

macro_rules! small {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Quantity {
            #[inline(always)]
            fn from(value: $integer) -> Self {
                Self::Small(value.into())
            }
        }
    )*};
}

small!(bool, u8, u16, u32, u64, i32, i64, i128);
