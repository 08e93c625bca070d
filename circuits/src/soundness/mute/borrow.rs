//! Fields of packed words that borrow from each other.

use std::collections::{BTreeMap, BTreeSet};

use ark_bn254::Fr;
use ark_ff::{Field, One};

use super::search::{Forged, Search};
use crate::gadgets::range::RANGE;
use crate::gadgets::var::Wire;

/// In words of more fields only neighbours borrow from each other.
const MOST_FIELDS: usize = 16;

impl Search<'_> {
    /// Two fields of a packed word changed so that the word stays: the lower one by a unit of the upper one.
    pub(super) fn borrows(&self, numbers: &BTreeSet<usize>) -> Vec<Forged> {
        let own: BTreeMap<Wire, usize> = numbers.iter().map(|n| (self.advice[*n].wire, *n)).collect();
        let template = self.subject.template();
        let mut pairs: BTreeSet<(usize, Fr, usize, Fr)> = BTreeSet::new();
        let words = template.interactions.iter().filter(|i| i.tag != RANGE).flat_map(|i| &i.tuple);
        let hashed = template.constraints[..template.own_constraints].iter().flat_map(|c| [&c.a, &c.b]);
        let published = template.published.iter().map(|p| &p.terms);
        for terms in words.chain(hashed).chain(published) {
            let fields = terms.iter().filter_map(|(wire, c)| own.get(wire).map(|n| (*n, *c)));
            let fields: Vec<(usize, Fr)> = fields.collect();
            for (i, (a, at_a)) in fields.iter().enumerate() {
                let near = |j: usize| fields.len() <= MOST_FIELDS || j.abs_diff(i) == 1;
                let others = fields.iter().enumerate().filter(|(j, _)| *j != i && near(*j));
                pairs.extend(others.map(|(_, (b, at_b))| (*a, *at_a, *b, *at_b)));
            }
        }
        let mut all = Vec::new();
        for (a, at_a, b, at_b) in pairs {
            let unit = at_b * at_a.inverse().unwrap_or_default();
            for sign in [Fr::one(), -Fr::one()] {
                let of = |n: usize, change: Fr| (n, self.advice[n].value + change);
                all.push(vec![of(a, unit * sign), of(b, -sign)]);
            }
        }
        all
    }
}
