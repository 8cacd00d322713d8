//! A chunk among the slowest of a job.

use std::time::Duration;

use super::spans::Span;
use super::thread_stats::ThreadKey;

/// Consecutive items that a thread took together, often only one.
///
/// [`Report::slowest`](field@crate::Report::slowest) has those that took longest:
///
/// ```
/// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
/// let (_, report) = parallelize::job(1_000..2_000, is_prime).report();
/// for chunk in &report.slowest {
///     println!("{} items from {} on: {:?}", chunk.items, chunk.index, chunk.time);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chunk {
    /// The position of its first item among all items of the job, from 0.
    pub index: usize,
    /// The number of its items.
    pub items: usize,
    /// The time that the thread took for all of them.
    pub time: Duration,
    pub(super) key: ThreadKey,
    pub(super) span: Span,
}
