//! Jobs that run in the background.

use std::fmt;
use std::panic::{self, Location};
use std::thread;

use super::Job;
use crate::observe::Progress;
use crate::work::Work;

impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// Runs the job in the background and returns a handle, which waits for the results.
    ///
    /// The job has to own everything that it uses, or to share it through an
    /// [`Arc`](std::sync::Arc) or a `static`. If the handle is dropped, the job goes on, as with
    /// [`thread::spawn`].
    ///
    /// ```
    /// let squares = parallelize::job(0..1_000, |i| i * i).spawn();
    /// println!("meanwhile, something else");
    /// assert_eq!(squares.join()[999], 998_001);
    /// ```
    ///
    /// The job is called on a new thread. On a thread of a pool, it might wait for the very thread
    /// that waits for it in [`join`](JobHandle::join). Its helpers are threads of rayon's global
    /// pool unless [`threads`](Job::threads) sets their number. This holds even inside the
    /// `install` of another pool.
    ///
    /// # Panics
    ///
    /// Panics if the operating system cannot start another thread.
    #[track_caller]
    pub fn spawn<R>(mut self) -> JobHandle<R>
    where
        I: 'static,
        W: Work<I::Item, Output = R> + Send + 'static,
        P: 'static,
        R: Send + 'static,
    {
        self.settings.site = Some(Location::caller());
        let thread = thread::Builder::new().name("parallelize job".to_owned());
        let thread = thread
            .spawn(|| self.collect())
            .unwrap_or_else(|error| panic!("cannot start a thread for the job: {error}"));
        JobHandle { thread }
    }
}

/// The handle of a job that runs in the background, made by [`Job::spawn`].
pub struct JobHandle<R> {
    thread: thread::JoinHandle<Vec<R>>,
}

impl<R> JobHandle<R> {
    /// Returns whether [`join`](JobHandle::join) would return or panic without waiting for items.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for the job and returns its results, which are those of [`Job::collect`].
    ///
    /// # Panics
    ///
    /// Panics if the job panicked, with the panic of [`Job::collect`]. The panic hook ran then, and
    /// does not run again.
    #[expect(
        clippy::must_use_candidate,
        reason = "a job may be joined for its side effects"
    )]
    pub fn join(self) -> Vec<R> {
        self.thread
            .join()
            .unwrap_or_else(|payload| panic::resume_unwind(payload))
    }
}

impl<R> fmt::Debug for JobHandle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobHandle")
            .field("is_finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}
