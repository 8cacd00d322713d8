//! Whether a thread is inside an item of a function that other ranks know.

use std::cell::Cell;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside an item of a function that other ranks know.
pub(crate) fn is_inside() -> bool {
    INSIDE.get()
}

/// Runs an item of such a function.
#[inline]
pub(crate) fn inside<O>(item: impl FnOnce() -> O) -> O {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            INSIDE.set(self.0);
        }
    }
    let _restore = Restore(INSIDE.replace(true));
    item()
}
