//! What is told about the course of a call while it goes on.

use std::ops::Range;
use std::time::{Duration, Instant};

/// Who is told.
pub(crate) trait Watch: Sync {
    /// The current thread has evaluated the items at `positions`, which took it `elapsed` from
    /// `begun` on.
    fn evaluated(&self, positions: Range<usize>, begun: Instant, elapsed: Duration);

    /// The calling thread has done everything by itself.
    fn was_serial(&self, why: Serial);
}

/// Why a call ran as the plain loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Serial {
    /// It was to run on one thread.
    OneThread,
    /// It had one item or none.
    FewItems,
    /// It was expected to be over before another thread would have been awake.
    Cheap,
}
