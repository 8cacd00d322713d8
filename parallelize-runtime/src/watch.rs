//! What is told about the course of a call while it goes on.

use std::fmt;
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

/// Why a job ran as the plain loop on the calling thread.
///
/// ```
/// use parallelize_runtime::{Serial, job};
///
/// let (_, report) = job(0..100, |i| i * i).threads(1).report();
/// assert_eq!(report.serial, Some(Serial::OneThread));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Serial {
    /// It was to run on one thread.
    OneThread,
    /// It had one item or none.
    FewItems,
    /// It was expected to be over before another thread would have been of use.
    Cheap,
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneThread => "it had one thread",
            Self::FewItems => "it had one item or none",
            Self::Cheap => "it seemed too cheap to share",
        })
    }
}
