//! Large pieces of memory.

use crate::points::Packed;
use memmap2::MmapMut;
use std::io;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// Zeros in memory of their own, at least one byte; in large pages where the system has them, for
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

/// Points, the identity at first, in [`zeros`].
pub(crate) struct Identities<P> {
    map: MmapMut,
    count: usize,
    points: PhantomData<P>,
}

impl<P: Packed> Identities<P> {
    /// # Panics
    /// If the system has no memory for them, as any vector would.
    pub fn new(count: usize) -> Self {
        let map = zeros(count * size_of::<P>()).expect("memory for points");
        let identities = Identities { map, count, points: PhantomData };
        debug_assert!(identities.first().is_none_or(P::is_identity), "the identity is all zero");
        identities
    }
}

impl<P: Packed> Deref for Identities<P> {
    type Target = [P];

    fn deref(&self) -> &[P] {
        bytemuck::cast_slice(&self.map[..self.count * size_of::<P>()])
    }
}

impl<P: Packed> DerefMut for Identities<P> {
    fn deref_mut(&mut self) -> &mut [P] {
        bytemuck::cast_slice_mut(&mut self.map[..self.count * size_of::<P>()])
    }
}
