//! Whether a thread evaluates an item of a function that other ranks know.

use std::cell::Cell;

thread_local! {
    static IN_ITEM: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether this thread evaluates an item of a function that other ranks know.
pub(crate) fn is_in_item() -> bool {
    IN_ITEM.get()
}

/// Runs `item`, which evaluates an item of such a function.
#[inline]
pub(super) fn in_item<O>(item: impl FnOnce() -> O) -> O {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            IN_ITEM.set(self.0);
        }
    }
    let _restore = Restore(IN_ITEM.replace(true));
    item()
}
