//! Where a job runs, in which chunks, and how many results it holds.

use std::num::NonZeroUsize;

use super::Job;

impl<I, W, P> Job<I, W, P> {
    /// Sets the number of threads, including the calling one. 0, the default, uses as many as the
    /// surrounding [rayon pool] has.
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
    /// // Mostly waits, as for a server.
    /// let fetch = |page: u32| {
    ///     thread::sleep(Duration::from_millis(1));
    ///     format!("page {page}")
    /// };
    /// let pages = job(1..=100, fetch).threads(50).collect();
    /// assert_eq!(pages[99], "page 100");
    /// ```
    ///
    /// [rayon pool]: https://docs.rs/rayon/latest/rayon/struct.ThreadPool.html
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
    /// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
    /// let are_prime = parallelize::job(2..1_000, is_prime).chunk_size(50).collect();
    /// assert_eq!(are_prime[..5], [true, true, false, true, false]);
    /// ```
    pub fn chunk_size(mut self, items: usize) -> Self {
        self.settings.chunk = NonZeroUsize::new(items);
        self
    }

    /// Sets how many results a stream holds at most. A result counts from the start of its item
    /// until it is consumed. 0, the default, allows 32 chunks for each thread.
    ///
    /// A chunk is a single item if that takes long, and thousands of items if they are cheap. A
    /// larger window evens out items that take long. A smaller one uses less memory, but with fewer
    /// than two results for each thread, some threads have to wait.
    ///
    /// ```
    /// // The first prime above a million, from numbers without an end.
    /// let is_prime = |n: u64| (2..1_000).all(|divisor| n % divisor != 0);
    /// let job = parallelize::job(1_000_000.., |n| (n, is_prime(n))).window(100);
    /// let first = job.stream(|mut numbers| numbers.find(|(_, is_prime)| *is_prime));
    /// assert_eq!(first, Some((1_000_003, true)));
    /// ```
    pub fn window(mut self, results: usize) -> Self {
        self.settings.window = NonZeroUsize::new(results);
        self
    }

    /// Runs the job on this machine only, even if the function has
    /// [`#[parallel(cluster)]`][cluster] and the program runs on
    /// [several machines](https://docs.rs/parallelize-mpi).
    ///
    /// ```
    /// use parallelize::parallel;
    ///
    /// #[parallel(cluster)]
    /// fn population(growth: f64, years: u32) -> f64 {
    ///     (0..years).fold(0.5, |size, _| growth * size * (1.0 - size))
    /// }
    ///
    /// // A few years are not worth sending.
    /// let few = population_job([2.0, 3.2], 10).local().collect();
    /// assert_eq!(few[0], 0.5);
    /// ```
    ///
    /// [cluster]: https://docs.rs/parallelize/latest/parallelize/attr.parallel.html#cluster
    #[cfg(feature = "cluster")]
    pub fn local(mut self) -> Self {
        self.settings.is_local = true;
        self
    }
}
