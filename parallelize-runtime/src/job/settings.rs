//! Where a job runs, and in which chunks.

use std::num::NonZeroUsize;

use super::Job;

impl<I, W, P> Job<I, W, P> {
    /// Sets the number of threads, including the calling one. 0, the default, uses as many as the
    /// surrounding rayon pool has.
    ///
    /// On a cluster, this is the number of threads on each machine. With 1, the job is the plain
    /// loop on this machine alone.
    ///
    /// The threads start with the first job that needs them, and stay for other jobs with the same
    /// number. Work that waits can use more threads than there are cores.
    ///
    /// If the operating system cannot start all threads, the job runs on those that could be
    /// started, at least on the calling one. The results are the same. Stderr says so once, and the
    /// printed [`Report`](crate::Report) says it for each job.
    ///
    /// ```
    /// use parallelize::job;
    /// use std::{thread, time::Duration};
    ///
    /// let wait = |i| {
    ///     thread::sleep(Duration::from_millis(1));
    ///     i
    /// };
    /// assert_eq!(job(0..100, wait).threads(50).collect(), Vec::from_iter(0..100));
    /// ```
    pub fn threads(mut self, threads: usize) -> Self {
        self.settings.threads = NonZeroUsize::new(threads);
        self
    }

    /// Sets how many items a thread takes at a time. 0, the default, chooses automatically.
    ///
    /// By default, a job measures how long its items take. Set this only if you know better: if
    /// neighbouring items share something that is expensive to fetch, or if a test needs chunks of
    /// a certain length.
    ///
    /// ```
    /// let squares = parallelize::job(0..10, |i| i * i).chunk_size(4).collect();
    /// assert_eq!(squares, [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
    /// ```
    pub fn chunk_size(mut self, items: usize) -> Self {
        self.settings.chunk = NonZeroUsize::new(items);
        self
    }

    /// Runs the job on this machine only, even if the function is a `#[parallel(cluster)]` one and
    /// the program runs on a cluster.
    ///
    /// ```
    /// let squares = parallelize::job(0..10, |i| i * i).local().collect();
    /// assert_eq!(squares[9], 81);
    /// ```
    #[cfg(feature = "cluster")]
    pub fn local(mut self) -> Self {
        self.settings.is_local = true;
        self
    }
}
