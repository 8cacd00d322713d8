//! Jobs that run in the background.

use std::fmt;
use std::panic::{self, Location};
use std::thread;

use super::Job;
use crate::observe::Progress;
use crate::work::Work;

impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// Runs the job in the background.
    ///
    /// The job has to own all that it works with, or to have it in an [`Arc`](std::sync::Arc) or a
    /// `static`. If the handle is dropped, it goes on by itself, as with [`thread::spawn`].
    ///
    /// ```
    /// let squares = parallelize::job(0..1_000, |i| i * i).spawn();
    /// println!("meanwhile, something else");
    /// assert_eq!(squares.join()[999], 998_001);
    /// ```
    ///
    /// Its caller is a new thread and not one of a pool: on those, a job might wait for the very
    /// thread that waits for it in [`join`](JobHandle::join). Helpers are those of
    /// [`threads`](Job::threads) if that was said, and otherwise of rayon's global pool, also where
    /// this is called inside `install` of another.
    ///
    /// # Panics
    ///
    /// If the operating system gives no further thread.
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
            .unwrap_or_else(|error| panic!("a thread for the job cannot be had: {error}"));
        JobHandle { thread }
    }
}

/// A job that runs in the background, made by [`Job::spawn`].
pub struct JobHandle<R> {
    thread: thread::JoinHandle<Vec<R>>,
}

impl<R> JobHandle<R> {
    /// Whether [`join`](JobHandle::join) would return, or panic, without waiting for items.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for the results, which are those of [`Job::collect`].
    ///
    /// # Panics
    ///
    /// If the job did: with the panic that [`Job::collect`] has. The panic hook ran when it did, and
    /// does not run again.
    #[expect(
        clippy::must_use_candidate,
        reason = "a job may be joined for what it does"
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
