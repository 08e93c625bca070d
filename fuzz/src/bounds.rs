//! What a reader may take, whatever its input.

/// Bytes of memory that a reader may have at one time, for inputs up to [`MOST_INPUT`], unpacked if they are packed.
pub const MOST_BYTES: usize = 64 << 20;
/// Longest input of a campaign and of the committed corpora, in bytes.
pub const MOST_INPUT: usize = 1 << 16;
