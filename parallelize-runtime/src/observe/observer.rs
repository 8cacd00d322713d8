//! What is told about the course of a call while it goes on.

use std::fmt;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Who is told.
pub(crate) trait Observer: Sync {
    /// The items at `positions` have been evaluated `by` a thread, which took it `elapsed` from
    /// `begun` on.
    fn on_chunk(&self, by: WorkerId, positions: Range<usize>, begun: Instant, elapsed: Duration);

    /// The calling thread has done everything by itself.
    fn on_serial(&self, why: Serial);

    /// A process on `host` has part in the call with so many threads. This is told of all of them,
    /// also of this one, which is rank 0, before another one evaluates anything.
    #[cfg_attr(not(feature = "cluster"), allow(dead_code, reason = "there is one"))]
    fn on_joined(&self, rank: usize, host: &str, threads: usize) {
        _ = (rank, host, threads);
    }

    /// The items were cheaper to do than to send, so that the others were left alone.
    #[cfg_attr(not(feature = "cluster"), allow(dead_code, reason = "there is one"))]
    fn on_sending_stopped(&self) {}
}

/// Who evaluates items.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "cluster"), allow(dead_code, reason = "it is me"))]
pub(crate) enum WorkerId {
    /// The current thread.
    Current,
    /// A thread of another process, by their numbers.
    Remote { rank: usize, thread: usize },
    /// It was known what they come to.
    Cached,
}

/// Why a job ran as the plain loop on the calling thread.
///
/// ```
/// use parallelize::{Serial, job};
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
