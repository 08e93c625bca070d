//! Scratch that tasks hand on to each other.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What tasks have made and done with: at most one for each that runs at a time.
///
/// Rayon cuts a loop into few pieces and cuts them further only before they start, so that whoever
/// is done first can wait for half a second for a piece that another has just begun. Loops of heavy
/// items are therefore cut to the last (`with_max_len(1)`), and their scratch, which
/// `for_each_init` would make anew for each piece, is kept here.
pub(crate) struct Spares<T>(Mutex<Vec<T>>);

impl<T> Default for Spares<T> {
    fn default() -> Self {
        Spares(Mutex::new(vec![]))
    }
}

impl<T> Spares<T> {
    /// Work with a spare one, or with a new one if there is none. One that a panic interrupts is
    /// dropped.
    pub fn with<R>(&self, new: impl FnOnce() -> T, work: impl FnOnce(&mut T) -> R) -> R {
        let spare = self.lock().pop();
        let mut scratch = spare.unwrap_or_else(new);
        let result = work(&mut scratch);
        self.lock().push(scratch);
        result
    }

    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        // Nothing that can panic runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn scratch_is_handed_on() {
        let spares = Spares::default();
        let made = Cell::new(0);
        let next = || {
            made.set(made.get() + 1);
            made.get()
        };
        spares.with(next, |first| {
            assert_eq!(*first, 1);
            spares.with(next, |second| *second += 10);
        });
        spares.with(next, |again| {
            assert_eq!(*again, 1);
            spares.with(next, |other| assert_eq!(*other, 12));
        });
        assert_eq!(made.get(), 2);
    }

    #[test]
    fn scratch_of_a_panic_is_dropped() {
        let spares = Spares::default();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            spares.with(|| 1, |_| panic!("on purpose"));
        }));
        assert!(caught.is_err());
        spares.with(|| 2, |new| assert_eq!(*new, 2));
    }
}
