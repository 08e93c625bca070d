//! Points one after the other, in memory that is kept and not cleared: a batch writes every place
//! that it appends.

use crate::points::Packed;
use std::ops::{Deref, DerefMut};

/// A vector of points that grows without setting what it appends to zero first.
#[derive(Clone)]
pub struct Pool<P> {
    /// The points from `len` on are left over from earlier use.
    points: Vec<P>,
    len: usize,
}

impl<P: Packed> Pool<P> {
    /// Appends `count` places, whose points are any; these places, and the points before.
    pub(crate) fn append(&mut self, count: usize) -> (&[P], &mut [P]) {
        let old = self.len;
        self.len += count;
        if self.len > self.points.len() {
            self.points.resize(self.len, P::IDENTITY);
        }
        let (before, rest) = self.points.split_at_mut(old);
        (before, &mut rest[..count])
    }

    pub(crate) fn push(&mut self, point: P) {
        self.append(1).1[0] = point;
    }

    pub(crate) fn extend_from_slice(&mut self, points: &[P]) {
        self.append(points.len()).1.copy_from_slice(points);
    }

    /// Forgets all but the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }
}

impl<P> Default for Pool<P> {
    fn default() -> Self {
        Pool { points: vec![], len: 0 }
    }
}

impl<P> Deref for Pool<P> {
    type Target = [P];

    fn deref(&self) -> &[P] {
        &self.points[..self.len]
    }
}

impl<P> DerefMut for Pool<P> {
    fn deref_mut(&mut self) -> &mut [P] {
        &mut self.points[..self.len]
    }
}

impl<P> From<Vec<P>> for Pool<P> {
    fn from(points: Vec<P>) -> Self {
        Pool { len: points.len(), points }
    }
}
