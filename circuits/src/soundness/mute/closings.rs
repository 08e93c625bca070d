//! Points with which the combining row closes its equation wrongly: where the sum is multiplied by eight and
//! compared, what follows from a trial does not close by itself.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, One};

use std::collections::BTreeSet;

use super::closed::{COLUMN, FIRST, MULTIPLE, OFFSET, OTHERS, SUM};
use super::places::Unit;
use super::search::{Forged, Search};
use crate::gadgets::cs::BOUNDARY;
use crate::gadgets::curve::{MONTGOMERY_A, MontgomeryPoint, Point, Scalar};
use crate::gadgets::row::RowWitness;
use crate::soundness::kinds;

/// Sums at the end of the row: the last addition, then the sum doubled three times, then the offset.
const LAST: usize = 7;
/// Offsets that are tried.
const COUNTERS: u64 = 64;

/// A point's coordinates under two numbers.
fn at(numbers: [usize; 2], point: &MontgomeryPoint) -> Forged {
    vec![(numbers[0], point.u), (numbers[1], point.v)]
}

/// A point of the curve as the Edwards form has it.
fn edwards(point: &MontgomeryPoint) -> Option<Point> {
    let (below, beside) = (point.v.inverse()?, (point.u + Fr::one()).inverse()?);
    Some(Point { x: point.u * below, y: (point.u - Fr::one()) * beside })
}

/// A point of prime order divided by `by`; `None` if it is of another order.
fn divided(point: &MontgomeryPoint, by: u64) -> Option<MontgomeryPoint> {
    let point = edwards(point)?;
    let factor = Scalar::from(by).inverse()?;
    (point.is_on_curve() && point.is_in_prime_subgroup()).then(|| point.mul(&factor).to_montgomery())?
}

fn eight_times(point: &MontgomeryPoint) -> Option<MontgomeryPoint> {
    point.double()?.double()?.double()
}

/// The other points with the same second coordinate.
fn beside(point: &MontgomeryPoint) -> Vec<MontgomeryPoint> {
    // v² = u³ + A·u² + u: the other first coordinates solve u² + (A + u₁)·u + 1 + A·u₁ + u₁² = 0.
    let (u, sum) = (point.u, MONTGOMERY_A + point.u);
    let product = Fr::one() + MONTGOMERY_A * u + u.square();
    let Some(root) = (sum.square() - product.double().double()).sqrt() else { return Vec::new() };
    let half = Fr::from(2u64).inverse().unwrap_or_default();
    [root, -root].map(|root| MontgomeryPoint { u: (root - sum) * half, v: point.v }).to_vec()
}

impl Search<'_> {
    /// Trials with other points at the end of the combining row.
    pub(super) fn closings(&self, lacking: &BTreeSet<Unit>) -> Vec<Forged> {
        let of_ends =
            |unit: &Unit| ["SIG-14", "SIG-15"].contains(&self.places.name(self.places.checks(*unit)[0]).id);
        if self.subject.template().name != kinds::COMBINE || !lacking.iter().any(of_ends) {
            return Vec::new();
        }
        let mut all = self.other_ends().unwrap_or_default();
        all.extend(self.first_addition().into_iter().chain(self.last_addition()));
        all.extend(self.same_second_coordinate());
        all
    }

    fn boundary(&self, row: &RowWitness, number: usize, step: usize) -> MontgomeryPoint {
        let value = |number: usize| row.carry_out[number - BOUNDARY];
        MontgomeryPoint { u: value(number), v: value(number + step) }
    }

    /// Numbers of the last sums, of the slopes before them, and of the first addition to a column.
    fn sums(&self) -> (Vec<[usize; 2]>, Vec<usize>, [usize; 3]) {
        let (sums, slopes) = (self.named("curve.sum"), self.named("curve.slope"));
        let pairs: Vec<[usize; 2]> = sums.chunks(2).map(|pair| [pair[0], pair[1]]).collect();
        let first = self.named("signature.multiple")[0];
        let after = |numbers: &[usize]| numbers.iter().copied().find(|n| *n > first).expect("an addition");
        let first = [after(&slopes), after(&sums), after(&sums) + 1];
        (pairs[pairs.len() - LAST..].to_vec(), slopes[slopes.len() - LAST..].to_vec(), first)
    }

    /// Doublings that give the negative of what they must, or of the point that is doubled; and a first tangent of
    /// another slope.
    fn other_ends(&self) -> Option<Vec<Forged>> {
        let offset = self.boundary(&self.honest, OFFSET, 2);
        let (sums, slopes, _) = self.sums();
        let honest = |i: usize| {
            let [u, v] = sums[i].map(|number| self.honest_of(number).1);
            MontgomeryPoint { u, v }
        };
        let closed_with = |sum: &MontgomeryPoint, then: Forged| [at([SUM, SUM + 1], sum), then].concat();
        let mut all = vec![closed_with(&offset.neg(), Vec::new())];
        let half = divided(&offset, 2)?.neg();
        for i in 1..4 {
            // Of the sum, which the honest doubling has as it should be.
            all.push(closed_with(&offset.neg(), vec![(sums[i][1], honest(i).v)]));
            all.push(closed_with(&offset.double()?.neg(), at(sums[i], &honest(i))));
            // Of the offset.
            let before = if i == 1 { offset } else { honest(i + 2) };
            all.push(closed_with(&offset.neg(), vec![(sums[i + 3][1], -honest(i + 3).v)]));
            all.push(closed_with(&half, at(sums[i + 3], &before.neg())));
        }
        let (twice, slope) = (offset.double()?, Fr::from(3u64));
        let u = (slope.square() - MONTGOMERY_A - twice.u) * Fr::from(2u64).inverse()?;
        let sum = MontgomeryPoint { u, v: slope * (u - twice.u) - twice.v };
        all.push(closed_with(&sum, vec![(slopes[1], slope)]));
        Some(all)
    }

    /// The first column's final sum, where it is added to, with each of the three equations of the line missing.
    fn first_addition(&self) -> Vec<Forged> {
        let (_, _, [slope, u, v]) = self.sums();
        let (sum, multiple) =
            (self.boundary(&self.honest, COLUMN, 1), self.boundary(&self.honest, MULTIPLE, 1));
        let honest = self.boundary(&self.honest, FIRST, 2);
        let added = off_the_line(&sum, &multiple, &honest, self.honest_of(slope).1);
        let forge = |(column, value): &(MontgomeryPoint, Fr)| {
            [at([FIRST, FIRST + 2], column), vec![(slope, *value)], at([u, v], &sum)].concat()
        };
        added.iter().map(forge).collect()
    }

    /// The same for the first column where it is added to the others, weighed.
    fn last_addition(&self) -> Vec<Forged> {
        let (sums, slopes, _) = self.sums();
        let (sum, others) = (self.boundary(&self.honest, SUM, 1), self.boundary(&self.honest, OTHERS, 1));
        let honest = self.boundary(&self.honest, COLUMN, 1);
        // Here the forged point is the second one, and the third equation is of the first one.
        let slope = self.honest_of(slopes[0]).1;
        let on = |u: Fr, slope: Fr| others.v + slope * (u - others.u);
        let moved = slope + Fr::one();
        let other = moved.square() - MONTGOMERY_A - others.u - sum.u;
        let forged = [
            (MontgomeryPoint { u: honest.u, v: honest.v + Fr::one() }, slope),
            (MontgomeryPoint { u: honest.u + Fr::one(), v: on(honest.u + Fr::one(), slope) }, slope),
            (MontgomeryPoint { u: other, v: on(other, moved) }, moved),
        ];
        let forge = |(column, value): &(MontgomeryPoint, Fr)| {
            [at([COLUMN, COLUMN + 1], column), vec![(slopes[0], *value)], at(sums[0], &sum)].concat()
        };
        forged.iter().map(forge).collect()
    }

    /// A sum that times eight has the second coordinate of the offset times eight, and another first one: for the
    /// first of several offsets that has one.
    fn same_second_coordinate(&self) -> Option<Forged> {
        let [counter] = self.named("signature.counter")[..] else { return None };
        (0..COUNTERS).find_map(|k| {
            let counter = (counter, Fr::from(k));
            let row = self.trial(&vec![counter]);
            let offset = self.noticed(&row).hard.is_empty().then(|| self.boundary(&row, OFFSET, 2))?;
            let sum = beside(&eight_times(&offset)?).iter().find_map(|point| divided(point, 8))?;
            Some([vec![counter], at([SUM, SUM + 1], &sum)].concat())
        })
    }
}

/// For `p + q = sum`: other points `p` and slopes with which all equations of the line hold but the chord's, but the
/// sum of first coordinates, and but the reflection.
fn off_the_line(
    sum: &MontgomeryPoint,
    q: &MontgomeryPoint,
    p: &MontgomeryPoint,
    slope: Fr,
) -> [(MontgomeryPoint, Fr); 3] {
    let moved = slope + Fr::one();
    let u = moved.square() - MONTGOMERY_A - q.u - sum.u;
    let step = MontgomeryPoint { u: p.u + Fr::one(), v: p.v + slope };
    [
        (MontgomeryPoint { u, v: moved * (u - sum.u) - sum.v }, moved),
        (step, slope),
        (MontgomeryPoint { u, v: q.v - (q.u - u) * moved }, moved),
    ]
}
