//! Values that are counted while they live.

use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A value that counts itself in `L` while it lives, so that a leak or a second drop shows.
#[derive(Debug)]
pub(crate) struct Counted<L: Deref<Target = AtomicUsize>>(pub(crate) usize, pub(crate) L);

impl<L: Deref<Target = AtomicUsize>> Counted<L> {
    pub(crate) fn new(value: usize, live: L) -> Self {
        live.fetch_add(1, Ordering::SeqCst);
        Self(value, live)
    }
}

impl<L: Deref<Target = AtomicUsize>> Drop for Counted<L> {
    fn drop(&mut self) {
        let live = self.1.fetch_sub(1, Ordering::SeqCst);
        assert!(live > 0, "dropped twice");
    }
}
