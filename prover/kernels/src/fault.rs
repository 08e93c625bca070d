//! Bits flipped on purpose in intermediate results, for tests of what a prover makes of arithmetic
//! that goes wrong: a bad memory cell, a bug in a kernel. Only in builds with the feature `faults`;
//! without it `strike` is empty.
//!
//! Kernels call `strike` on what they have just computed. Each call is a *visit*; a test arms a
//! `Fault` at one of the visits to come. The plan is one for the whole process, so a process runs
//! one such test at a time.

/// The kind of result that has just been computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// The results are points: bases gathered, sums of a batch, or buckets.
    Points,
    /// The results are what the first pass of a transform leaves to the second.
    Transform,
    /// The results are combinations of eight rows.
    Rows,
}

/// Flips one bit of the values if a fault is due.
#[cfg(not(feature = "faults"))]
#[inline(always)]
pub(crate) fn strike<T>(_site: Site, _values: &mut [T]) {}

#[cfg(feature = "faults")]
pub use armed::{Fault, arm, disarm, visits};

#[cfg(feature = "faults")]
pub(crate) use armed::strike;

#[cfg(feature = "faults")]
mod armed {
    use super::Site;
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    /// A fault to come: a bit that is flipped in a result.
    #[derive(Clone, Copy, Debug)]
    pub struct Fault {
        /// The site whose result is changed.
        pub site: Site,
        /// The visit of the site, counted from 0, whose result is changed.
        pub visit: u64,
        /// Chooses the bit of that result (taken modulo the number of its bits).
        pub bit: u64,
        /// If true, the result of every later visit is changed as well.
        pub lasting: bool,
    }

    const NEVER: u64 = u64::MAX;
    static VISITS: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];
    static SITE: AtomicU64 = AtomicU64::new(0);
    static FIRST: AtomicU64 = AtomicU64::new(NEVER);
    static LAST: AtomicU64 = AtomicU64::new(0);
    static BIT: AtomicU64 = AtomicU64::new(0);
    static STRUCK: AtomicU64 = AtomicU64::new(0);

    /// Starts counting visits at 0, with a fault to come.
    pub fn arm(fault: Fault) {
        disarm();
        SITE.store(fault.site as u64, SeqCst);
        BIT.store(fault.bit, SeqCst);
        LAST.store(if fault.lasting { NEVER } else { fault.visit }, SeqCst);
        FIRST.store(fault.visit, SeqCst);
    }

    /// Takes the fault away and counts from 0 again. Gives the number of results that were changed.
    pub fn disarm() -> u64 {
        FIRST.store(NEVER, SeqCst);
        VISITS.iter().for_each(|count| count.store(0, SeqCst));
        STRUCK.swap(0, SeqCst)
    }

    /// The number of visits of a site since [`arm`] or [`disarm`].
    pub fn visits(site: Site) -> u64 {
        VISITS[site as usize].load(SeqCst)
    }

    /// See [`super`].
    pub(crate) fn strike<T: bytemuck::Pod>(site: Site, values: &mut [T]) {
        let words: &mut [u64] = bytemuck::cast_slice_mut(values);
        if words.is_empty() {
            return;
        }
        let visit = VISITS[site as usize].fetch_add(1, SeqCst);
        let due = FIRST.load(SeqCst) <= visit && visit <= LAST.load(SeqCst);
        if due && SITE.load(SeqCst) == site as u64 {
            STRUCK.fetch_add(1, SeqCst);
            let bit = BIT.load(SeqCst);
            words[(bit / 64 % words.len() as u64) as usize] ^= 1 << (bit % 64);
        }
    }
}
