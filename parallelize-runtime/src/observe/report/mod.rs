//! The report of a job: how long each thread worked, what took longest, and what held the job up.

mod bottleneck;
mod causes;
mod chunk;
mod core_time;
mod env_report;
mod host;
mod layout;
mod marks;
mod process_stats;
mod record;
mod recorder;
#[cfg(test)]
mod samples;
mod scale;
mod shares;
mod spans;
mod speedup;
mod table;
mod text;
mod thread_stats;
mod timeline;

pub use chunk::Chunk;
pub(crate) use env_report::EnvReport;
pub use host::Host;
pub(crate) use recorder::Recorder;

use std::time::Duration;

use crate::observe::Serial;
use shares::{mean, mean_share};
use speedup::MeasuredGain;
use thread_stats::ThreadStats;

/// A report of how much time the threads of a job saved, and of what held the job up.
///
/// [`Job::report`](crate::Job::report) returns one. Printed, it is a small table;
/// [`timeline_svg`](Report::timeline_svg) draws when each thread worked.
///
/// ```
/// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
/// let (_, report) = parallelize::job(1_000..2_000, is_prime).report();
/// println!("{report}");
/// println!("{} items in {:?}", report.items, report.wall);
/// # assert_eq!(report.items, 1_000);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The number of items that were done.
    pub items: usize,
    /// The number of [chunks](Chunk) in which threads took the items.
    pub chunks: usize,
    /// The time from the beginning of the job to its end.
    pub wall: Duration,
    /// The time that each thread worked on items, the calling thread first. Zero for a helper that
    /// was requested and did not arrive in time.
    ///
    /// None of the times is longer than [`wall`](Report::wall). They include the time that the
    /// iterator took to yield the items. They also include the time that an item waited: for a
    /// lock, for a file, or for a core that another thread had.
    ///
    /// If the job ran on a cluster, the threads of this process are followed by those of the other
    /// processes, in the order of the ranks. The time that items and results took to travel is not
    /// included.
    pub busy: Vec<Duration>,
    /// The work of each machine, this one first, if the job ran on a cluster. The processes of one
    /// machine are added up.
    ///
    /// Empty if no other process took part: because there is no cluster, because the job is
    /// [local], or because it ended too soon.
    #[cfg_attr(feature = "cluster", doc = "", doc = "[local]: crate::Job::local")]
    #[cfg_attr(
        not(feature = "cluster"),
        doc = "",
        doc = "[local]: https://docs.rs/parallelize/latest/parallelize/struct.Job.html"
    )]
    pub hosts: Vec<Host>,
    /// The reason why the job ran serially on the calling thread, if it did.
    pub serial: Option<Serial>,
    /// The chunks that took longest, the longest first. At most five.
    pub slowest: Vec<Chunk>,
    threads: Vec<ThreadStats>,
    /// The number of threads that this process can run at a time.
    cores: usize,
    /// Whether no more items were sent to other ranks, as sending cost more than evaluating.
    has_stopped_sending: bool,
    /// How many threads this process should have had, and how many of them could not be started.
    wanted_threads: usize,
    missing_threads: usize,
    /// Whether the number of threads was set for this call or in the environment.
    is_threads_set: bool,
    /// Whether other processes evaluated the items: one for each thread.
    is_isolated: bool,
    /// What an item costs alone and in company, if that was measured.
    gain: Option<MeasuredGain>,
    /// The number of threads with which the job went on because more did not help.
    limited: Option<usize>,
    /// The time that the caller spent on the results of a stream.
    consumed: Duration,
}

impl Report {
    /// Returns the share of the threads' time that went into items, from 0 to 1: it is 1 if all
    /// threads were busy from beginning to end.
    ///
    /// ```
    /// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
    /// let (_, report) = parallelize::job(1_000..2_000, is_prime).report();
    /// println!("The threads were busy for {:.0} % of the time.", 100.0 * report.efficiency());
    /// # assert!((0.0..=1.0).contains(&report.efficiency()));
    /// ```
    #[must_use]
    pub fn efficiency(&self) -> f64 {
        mean_share(self.total_busy(), self.wall, self.busy.len())
    }

    /// Returns the machine that evaluated `chunk`, one of the [slowest](field@Report::slowest), if
    /// the job ran on a cluster.
    ///
    /// ```
    /// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
    /// let (_, report) = parallelize::job(1_000..2_000, is_prime).report();
    /// for chunk in &report.slowest {
    ///     let host = report.host_of(chunk).map_or("here", |host| &host.name);
    ///     println!("item {} took {:?} on {host}", chunk.index, chunk.time);
    /// }
    /// ```
    #[must_use]
    pub fn host_of(&self, chunk: &Chunk) -> Option<&Host> {
        let thread = self.thread_of(chunk)?;
        self.hosts.get(self.threads[thread].host)
    }

    /// Returns the index of the thread that evaluated `chunk`.
    fn thread_of(&self, chunk: &Chunk) -> Option<usize> {
        let mut threads = self.threads.iter();
        threads.position(|thread| thread.key == chunk.key)
    }

    /// Returns the threads of this process, and the time that each worked on items.
    fn local_threads(&self) -> impl Iterator<Item = (Duration, &ThreadStats)> {
        let threads = self.busy.iter().copied().zip(&self.threads);
        threads.filter(|(_, thread)| thread.key.rank == 0)
    }

    /// Returns the time that all threads together worked on items.
    fn total_busy(&self) -> Duration {
        self.busy.iter().sum()
    }

    /// Returns the time that a chunk took on average.
    fn mean_chunk_time(&self) -> Duration {
        mean(self.total_busy(), self.chunks)
    }

    /// Returns the time that an item took on average.
    fn mean_item_time(&self) -> Duration {
        mean(self.total_busy(), self.items)
    }
}
