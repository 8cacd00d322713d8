//! The events of a call, and the trait that receives them.

use std::fmt;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::schedule::Gain;

/// Receives the events of a call while it runs.
pub(crate) trait Observer: Sync {
    /// Notes that the worker `by` has evaluated the items at `positions`. It began at `begun` and
    /// took `elapsed`.
    fn on_chunk(&self, by: WorkerId, positions: Range<usize>, begun: Instant, elapsed: Duration);

    /// Notes that the calling thread has done all the work, for the reason `why`.
    fn on_serial(&self, why: Serial);

    /// Notes that a helper, the current thread, begins to work on the call.
    ///
    /// Called whenever it enters, before its first chunk.
    fn on_entered(&self) {}

    /// Notes what an item costs alone and in company, as far as that was measured in this call or
    /// before. Of the time in which threads worked on items, `alone` passed while one thread did.
    ///
    /// Called at most once, at the end of the call.
    fn on_gain(&self, gain: Gain, alone: Duration) {
        _ = (gain, alone);
    }

    /// Notes that the call goes on with `workers` threads of this process, the caller included,
    /// because more did not help.
    ///
    /// Called at each change, with the number of all threads if more help again.
    fn on_limited(&self, workers: usize) {
        _ = workers;
    }

    /// Notes that the consumer of a stream took `elapsed` of the calling thread's time.
    ///
    /// Called at the end of the stream, or whenever the consumer requests the next results.
    fn on_consumed(&self, elapsed: Duration) {
        _ = elapsed;
    }

    /// Notes that the process `rank` on `host` takes part in the call with `threads` threads.
    ///
    /// Called once for each process, this one (rank 0) included, before another process evaluates
    /// an item.
    #[cfg_attr(
        not(feature = "cluster"),
        allow(dead_code, reason = "without a cluster there is one process")
    )]
    fn on_joined(&self, rank: usize, host: &str, threads: usize) {
        _ = (rank, host, threads);
    }

    /// Notes that no further items are sent to other ranks, as evaluating one costs less than
    /// sending it.
    #[cfg_attr(
        not(feature = "cluster"),
        allow(dead_code, reason = "without a cluster nothing is sent")
    )]
    fn on_sending_stopped(&self) {}
}

/// The worker that evaluated items.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "cluster"),
    allow(dead_code, reason = "without a cluster it is the current thread")
)]
pub(crate) enum WorkerId {
    /// The current thread.
    Current,
    /// The thread with this number in the process with this rank.
    Remote { rank: usize, thread: usize },
    /// No worker: the results are those of an earlier call, as a journal keeps them.
    Cached,
}

/// The reason why a job ran serially on the calling thread.
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
    /// The job was limited to one thread.
    OneThread,
    /// The job had one item or none.
    FewItems,
    /// The job was expected to end before another thread could have helped.
    Cheap,
    /// Earlier calls of the function were slower on several threads than on one: its items wait
    /// for each other.
    Contended,
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneThread => "it had one thread",
            Self::FewItems => "it had one item or none",
            Self::Cheap => "it seemed too cheap to share",
            Self::Contended => "more threads did not help, as items wait for each other",
        })
    }
}
