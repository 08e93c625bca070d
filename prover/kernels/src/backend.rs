//! Which implementation of the kernels runs.

#[cfg(target_arch = "x86_64")]
use crate::simd::Isa;
use crate::simd::Kernel;
use std::fmt;
use std::sync::OnceLock;

/// An implementation of the kernels. All give the same results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The scalar code that any processor runs.
    Portable,
    /// The code for vectors of AVX2 with FMA.
    Avx2,
    /// The code for vectors of AVX-512 with IFMA and VBMI2.
    Avx512Ifma,
}

/// What [`Backend::current`] gives.
static CURRENT: OnceLock<Backend> = OnceLock::new();

impl Backend {
    /// The fastest implementation that this processor has, asked once, or that which was chosen.
    pub fn current() -> Backend {
        *CURRENT.get_or_init(|| Self::available()[0])
    }

    /// Makes this the current implementation for the whole program.
    ///
    /// # Panics
    /// If this processor cannot run it, or if another is in use already: choose before the first
    /// computation.
    pub fn choose(self) {
        if !Self::available().contains(&self) {
            self.missing();
        }
        let current = *CURRENT.get_or_init(|| self);
        assert_eq!(current, self, "other kernels are in use already");
    }

    /// The name of the implementation in options and reports.
    pub fn name(self) -> &'static str {
        match self {
            Backend::Portable => "portable",
            Backend::Avx2 => "avx2",
            Backend::Avx512Ifma => "avx512-ifma",
        }
    }

    /// The implementations that this processor can run, the fastest first.
    pub fn available() -> Vec<Backend> {
        let mut available = vec![];
        #[cfg(target_arch = "x86_64")]
        {
            available.extend(crate::simd::Avx512::detect().map(|_| Backend::Avx512Ifma));
            available.extend(crate::simd::Avx2::detect().map(|_| Backend::Avx2));
        }
        available.push(Backend::Portable);
        available
    }

    /// Runs a kernel on vectors; none on the portable backend.
    ///
    /// # Panics
    /// If this processor does not have the backend.
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> Option<K::Output> {
        match self {
            Backend::Portable => None,
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2 => {
                Some(Isa::run(crate::simd::Avx2::detect().unwrap_or_else(|| self.missing()), kernel))
            }
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512Ifma => {
                Some(Isa::run(crate::simd::Avx512::detect().unwrap_or_else(|| self.missing()), kernel))
            }
            #[cfg(not(target_arch = "x86_64"))]
            _ => {
                drop(kernel);
                self.missing()
            }
        }
    }

    /// The backends that tests run: all available ones, or only the one that `ZKMARGIN_KERNELS` names, for
    /// emulators that get the instructions of another wrong.
    #[cfg(test)]
    pub(crate) fn tested() -> Vec<Backend> {
        let only = std::env::var("ZKMARGIN_KERNELS").ok();
        let named = |backend: &Backend| only.as_ref().is_none_or(|name| name == backend.name());
        Self::available().into_iter().filter(named).collect()
    }

    /// Panics, for an implementation that was asked for without asking [`Backend::available`].
    pub(crate) fn missing(self) -> ! {
        panic!("this processor does not have what the {self} kernels need")
    }
}

impl Default for Backend {
    fn default() -> Self {
        Backend::current()
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
