//! Bits flipped on purpose in intermediate results, for tests of what a prover makes of arithmetic
//! that goes wrong: a bad memory cell, a bug in a kernel. Only in builds with the feature `faults`;
//! without it the functions called here are empty.
//!
//! Kernels call `strike_…` on what they have just computed. Each call is a *visit*; a test arms a
//! [`Fault`] at one of the visits to come. The plan is one for the whole process, so a process runs
//! one such test at a time.

#[cfg(not(feature = "faults"))]
use ark_bn254::Fr;

/// Flips one bit of the points if a fault is due.
#[cfg(not(feature = "faults"))]
#[inline(always)]
pub(crate) fn strike_points<P>(_points: &mut [P]) {}

/// Flips one bit of the elements if a fault is due.
#[cfg(not(feature = "faults"))]
#[inline(always)]
pub(crate) fn strike_elements(_elements: &mut [Fr]) {}

#[cfg(feature = "faults")]
pub use armed::{Fault, arm, disarm, visits};

#[cfg(feature = "faults")]
pub(crate) use armed::{strike_elements, strike_points};

#[cfg(feature = "faults")]
mod armed {
    use ark_bn254::Fr;
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    /// A bit to flip.
    #[derive(Clone, Copy, Debug)]
    pub struct Fault {
        /// The visit, counted from 0, whose result is changed.
        pub visit: u64,
        /// Chooses the bit of that result (taken modulo the number of its bits).
        pub bit: u64,
        /// Whether every later visit is changed as well.
        pub lasting: bool,
    }

    const NEVER: u64 = u64::MAX;
    static VISITS: AtomicU64 = AtomicU64::new(0);
    static VISIT: AtomicU64 = AtomicU64::new(NEVER);
    static LAST: AtomicU64 = AtomicU64::new(0);
    static BIT: AtomicU64 = AtomicU64::new(0);
    static STRUCK: AtomicU64 = AtomicU64::new(0);

    /// Starts counting visits at 0, with a fault to come.
    pub fn arm(fault: Fault) {
        disarm();
        BIT.store(fault.bit, SeqCst);
        LAST.store(if fault.lasting { NEVER } else { fault.visit }, SeqCst);
        VISIT.store(fault.visit, SeqCst);
    }

    /// Takes the fault away; how many results were changed.
    pub fn disarm() -> u64 {
        VISIT.store(NEVER, SeqCst);
        VISITS.store(0, SeqCst);
        STRUCK.swap(0, SeqCst)
    }

    /// Visits since [`arm`] or [`disarm`].
    pub fn visits() -> u64 {
        VISITS.load(SeqCst)
    }

    /// The bit to flip now, if the visit that begins is due.
    fn due(bits: usize) -> Option<usize> {
        if bits == 0 {
            return None;
        }
        let visit = VISITS.fetch_add(1, SeqCst);
        let due = VISIT.load(SeqCst) <= visit && visit <= LAST.load(SeqCst);
        due.then(|| {
            STRUCK.fetch_add(1, SeqCst);
            (BIT.load(SeqCst) % bits as u64) as usize
        })
    }

    pub(crate) fn strike_points<P: bytemuck::Pod>(points: &mut [P]) {
        let words: &mut [u64] = bytemuck::cast_slice_mut(points);
        if let Some(bit) = due(64 * words.len()) {
            words[bit / 64] ^= 1 << (bit % 64);
        }
    }

    pub(crate) fn strike_elements(elements: &mut [Fr]) {
        if let Some(bit) = due(256 * elements.len()) {
            elements[bit / 256].0.0[bit % 256 / 64] ^= 1 << (bit % 64);
        }
    }
}
