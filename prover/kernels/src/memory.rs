//! Large pieces of memory.

use bytemuck::Pod;
use memmap2::MmapMut;
use std::io;
use std::ops::{Deref, DerefMut};

/// Gives zeros in memory of their own, at least one byte; in large pages where the system has them, for
/// what is visited in no order. Pages are made when they are first written to, by whoever does it.
///
/// # Errors
/// If the system has not that much.
pub fn zeros(bytes: usize) -> io::Result<MmapMut> {
    let map = MmapMut::map_anon(bytes.max(1))?;
    // A system without large pages refuses, and is only slower.
    #[cfg(target_os = "linux")]
    let _ = map.advise(memmap2::Advice::HugePage);
    Ok(map)
}

/// Less is left to the allocator.
const LARGE: usize = 1 << 20;

/// A slice of elements that are zero at first, in [`zeros`] if it is large.
pub struct Zeros<T>(Held<T>);

enum Held<T> {
    Small(Vec<T>),
    Large(MmapMut),
}

impl<T: Pod> Zeros<T> {
    /// Makes a slice of `count` zeros.
    ///
    /// # Panics
    /// If the system has no memory for them, as any vector would.
    pub fn new(count: usize) -> Self {
        let bytes = count * size_of::<T>();
        Zeros(if bytes < LARGE {
            Held::Small(vec![T::zeroed(); count])
        } else {
            Held::Large(zeros(bytes).expect("memory for the elements"))
        })
    }
}

impl<T: Pod> Deref for Zeros<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match &self.0 {
            Held::Small(elements) => elements,
            Held::Large(map) => bytemuck::cast_slice(map),
        }
    }
}

impl<T: Pod> DerefMut for Zeros<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.0 {
            Held::Small(elements) => elements,
            Held::Large(map) => bytemuck::cast_slice_mut(map),
        }
    }
}
