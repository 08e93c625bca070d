//! Names of the points that a verifying key consists of.

use std::fmt;

/// A point of a verifying key, or a generator that its points are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyElement {
    /// The generator G₁ of the first group.
    GeneratorG1,
    /// The generator G₂ of the second group.
    GeneratorG2,
    /// The point α of G1.
    Alpha,
    /// The point β of G2.
    Beta,
    /// The point γ of G2.
    Gamma,
    /// The point δ of G2.
    Delta,
    /// The K element of a public column, which is 0 for the constant one.
    K(usize),
    /// The point G of G2, which the knowledge proof is checked against.
    KnowledgeBase,
    /// The point σ·G of G2.
    SigmaG,
}

impl fmt::Display for KeyElement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            KeyElement::GeneratorG1 => "the generator of G1",
            KeyElement::GeneratorG2 => "the generator of G2",
            KeyElement::Alpha => "alpha",
            KeyElement::Beta => "beta",
            KeyElement::Gamma => "gamma",
            KeyElement::Delta => "delta",
            KeyElement::K(index) => return write!(out, "K[{index}]"),
            KeyElement::KnowledgeBase => "G",
            KeyElement::SigmaG => "sigma·G",
        };
        out.write_str(name)
    }
}
