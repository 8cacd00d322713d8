//! Jobs that tell how far they have come.

use super::Job;
use crate::progress::{Callback, Progress};

impl<I, W, P: Progress> Job<I, W, P> {
    /// Calls `tell` with the number of items that are done, and with that of all items if the
    /// iterator knows it, whenever some more are done.
    ///
    /// One thread at a time does, with numbers that rise; the last call is over when the job is, and
    /// has the last number. If it takes long, the numbers rise in larger steps.
    ///
    /// ```
    /// let mut last = (0, None);
    /// let job = parallelize_runtime::job(0..1_000, |i| i * i);
    /// job.on_progress(|done, total| last = (done, total)).collect();
    /// assert_eq!(last, (1_000, Some(1_000)));
    /// ```
    ///
    /// # Panics
    ///
    /// The last call of the job does if `tell` panics.
    pub fn on_progress<F>(self, tell: F) -> Job<I, W, impl Progress>
    where
        F: FnMut(usize, Option<usize>) + Send,
    {
        self.with_progress(Callback(tell))
    }

    /// Has `progress` told, too.
    fn with_progress<Q: Progress>(self, progress: Q) -> Job<I, W, (P, Q)> {
        Job {
            items: self.items,
            work: self.work,
            settings: self.settings,
            progress: (self.progress, progress),
        }
    }
}
