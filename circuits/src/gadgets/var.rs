//! Affine combinations of wires, typed by when they are fixed.
//!
//! A [`Var`] carries its value always and its terms only while a template is recorded, so that the
//! same code describes a row once and fills it in many times.

use std::marker::PhantomData;
use std::ops::{Add, Neg, Sub};
use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, Zero};

/// A wire as a row sees it; the layout resolves it to a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wire {
    /// The constant one.
    One,
    /// The constant one times the row's number within its block.
    RowIndex,
    /// A committed wire shared by all rows.
    Global(u16),
    /// Committed wire of this row.
    Committed(u32),
    /// Derived wire of this row.
    Derived(u32),
    /// Committed wire handed over by the previous row of the block.
    CarryIn(u32),
    /// Committed wire handed to the next row of the block.
    CarryOut(u32),
    /// What the first row of the kind named `.0` receives.
    Seed(&'static str, u32),
    /// What the last row of the kind named `.0` hands over.
    Final(&'static str, u32),
    /// Power of the fold challenge; `Chi(1)` is the public input z.
    Chi(u8),
    /// Power of the fold challenge times the row's number.
    RowChi(u8),
    /// The pole challenge.
    Gamma,
}

/// Fixed before the challenge.
#[derive(Clone, Copy, Debug)]
pub struct Committed;
/// Fixed after the challenge, or determined by committed wires.
#[derive(Clone, Copy, Debug)]
pub struct Derived;

/// Coefficients of wires, ascending by wire, without zeros.
pub type Terms = Vec<(Wire, Fr)>;

/// An affine combination of wires of class `C` with its value.
#[derive(Debug)]
pub struct Var<C> {
    value: Fr,
    constant: Fr,
    terms: Terms,
    class: PhantomData<C>,
}

// Not derived: `C` is a marker and need not be `Clone`.
impl<C> Clone for Var<C> {
    fn clone(&self) -> Self {
        Self { value: self.value, constant: self.constant, terms: self.terms.clone(), class: PhantomData }
    }
}

impl<C> Var<C> {
    /// A constant; costs nothing.
    pub fn constant(value: Fr) -> Self {
        Self { value, constant: value, terms: Terms::new(), class: PhantomData }
    }

    /// The constant 0, without terms.
    pub fn zero() -> Self {
        Self::constant(Fr::ZERO)
    }

    /// The constant 1, on [`Wire::One`].
    pub fn one() -> Self {
        Self::constant(Fr::ONE)
    }

    pub(super) fn wire(value: Fr, wire: Option<Wire>) -> Self {
        let terms = wire.map(|w| vec![(w, Fr::ONE)]).unwrap_or_default();
        Self { value, constant: Fr::ZERO, terms, class: PhantomData }
    }

    /// The value on the witness at hand (of no meaning while a template is recorded).
    pub fn value(&self) -> Fr {
        self.value
    }

    /// The combination with the constant as a term of [`Wire::One`].
    pub fn terms(&self) -> Terms {
        let mut terms = Terms::with_capacity(self.terms.len() + 1);
        if !self.constant.is_zero() {
            terms.push((Wire::One, self.constant));
        }
        terms.extend_from_slice(&self.terms);
        terms
    }

    /// `self · k` for a constant `k`.
    pub fn scale(&self, k: Fr) -> Self {
        let terms =
            if k.is_zero() { Terms::new() } else { self.terms.iter().map(|(w, c)| (*w, *c * k)).collect() };
        Self { value: self.value * k, constant: self.constant * k, terms, class: PhantomData }
    }

    /// `self · 2^k`.
    pub fn shift(&self, k: u32) -> Self {
        self.scale(power_of_two(k))
    }

    /// `self + k` for a constant `k`; costs nothing.
    pub fn add_constant(&self, k: Fr) -> Self {
        let mut sum = self.clone();
        sum.value += k;
        sum.constant += k;
        sum
    }

    /// `self + other · k` in one pass.
    pub fn add_scaled(&self, other: &Self, k: Fr) -> Self {
        Self {
            value: self.value + other.value * k,
            constant: self.constant + other.constant * k,
            terms: merge(&self.terms, &other.terms, k),
            class: PhantomData,
        }
    }

    /// Sum of many; linear in the number of terms for short summands.
    pub fn sum<'a>(vars: impl IntoIterator<Item = &'a Self>) -> Self
    where
        C: 'a,
    {
        vars.into_iter().fold(Self::zero(), |sum, v| sum.add_scaled(v, Fr::ONE))
    }

    fn cast<D>(self) -> Var<D> {
        Var { value: self.value, constant: self.constant, terms: self.terms, class: PhantomData }
    }
}

/// What is fixed before the challenge may stand wherever derived values stand, never the reverse.
impl From<Var<Committed>> for Var<Derived> {
    fn from(var: Var<Committed>) -> Self {
        var.cast()
    }
}

impl From<&Var<Committed>> for Var<Derived> {
    fn from(var: &Var<Committed>) -> Self {
        var.clone().cast()
    }
}

impl From<&Var<Derived>> for Var<Derived> {
    fn from(var: &Var<Derived>) -> Self {
        var.clone()
    }
}

/// `2^k` in the field, for `k < 256`.
pub fn power_of_two(k: u32) -> Fr {
    static POWERS: LazyLock<Powers> = LazyLock::new(|| powers(Fr::from(2u64)));
    POWERS[k as usize]
}

/// `2^-k` in the field, for `k < 256`.
pub fn inverse_power_of_two(k: u32) -> Fr {
    static POWERS: LazyLock<Powers> =
        LazyLock::new(|| powers(Fr::from(2u64).inverse().expect("two is not zero")));
    POWERS[k as usize]
}

/// Kept, because range checks ask for them by the ten thousand.
type Powers = [Fr; 256];

fn powers(base: Fr) -> Powers {
    let mut powers = [Fr::ONE; 256];
    for k in 1..powers.len() {
        powers[k] = powers[k - 1] * base;
    }
    powers
}

fn merge(a: &[(Wire, Fr)], b: &[(Wire, Fr)], k: Fr) -> Terms {
    if b.is_empty() || k.is_zero() {
        return a.to_vec();
    }
    let mut out = Terms::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if j == b.len() || (i < a.len() && a[i].0 < b[j].0) {
            out.push(a[i]);
            i += 1;
        } else if i == a.len() || b[j].0 < a[i].0 {
            out.push((b[j].0, b[j].1 * k));
            j += 1;
        } else {
            let sum = a[i].1 + b[j].1 * k;
            if !sum.is_zero() {
                out.push((a[i].0, sum));
            }
            i += 1;
            j += 1;
        }
    }
    out
}

impl<C> Add for &Var<C> {
    type Output = Var<C>;
    fn add(self, other: &Var<C>) -> Var<C> {
        self.add_scaled(other, Fr::ONE)
    }
}

impl<C> Sub for &Var<C> {
    type Output = Var<C>;
    fn sub(self, other: &Var<C>) -> Var<C> {
        self.add_scaled(other, -Fr::ONE)
    }
}

impl<C> Neg for &Var<C> {
    type Output = Var<C>;
    fn neg(self) -> Var<C> {
        self.scale(-Fr::ONE)
    }
}

impl<C> Add for Var<C> {
    type Output = Var<C>;
    fn add(self, other: Var<C>) -> Var<C> {
        &self + &other
    }
}

impl<C> Sub for Var<C> {
    type Output = Var<C>;
    fn sub(self, other: Var<C>) -> Var<C> {
        &self - &other
    }
}

impl<C> Neg for Var<C> {
    type Output = Var<C>;
    fn neg(self) -> Var<C> {
        -&self
    }
}
