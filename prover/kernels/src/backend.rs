//! Which implementation of the kernels runs.

use std::fmt;
use std::sync::OnceLock;

/// An implementation of the kernels. All give the same results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// Scalar code for any processor.
    Portable,
    /// Vectors of AVX-512 with IFMA.
    Avx512Ifma,
}

impl Backend {
    /// The fastest that this processor has; asked once.
    pub fn detect() -> Backend {
        static DETECTED: OnceLock<Backend> = OnceLock::new();
        *DETECTED.get_or_init(|| {
            #[cfg(target_arch = "x86_64")]
            if crate::simd::Avx512::detect().is_some() {
                return Backend::Avx512Ifma;
            }
            Backend::Portable
        })
    }

    /// Those that this processor can run, the fastest first.
    pub fn available() -> Vec<Backend> {
        match Backend::detect() {
            Backend::Portable => vec![Backend::Portable],
            Backend::Avx512Ifma => vec![Backend::Avx512Ifma, Backend::Portable],
        }
    }
}

impl Default for Backend {
    fn default() -> Self {
        Backend::detect()
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Backend::Portable => "portable",
            Backend::Avx512Ifma => "avx512-ifma",
        })
    }
}
