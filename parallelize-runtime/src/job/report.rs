//! Jobs that report what their threads did.

use super::Job;
use crate::observe::{Progress, Recorder, Report};
use crate::work::Work;

impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// Runs the job and returns the results in input order, and a report of how much time the
    /// threads saved.
    ///
    /// Printed, the report says how many times as fast the job was as the plain loop, and what held
    /// it up: items that wait for each other, too few cores, cheap items.
    /// [`Report::speedup`] says how that is measured, and when it is an upper bound.
    ///
    /// To see reports without changing a program, set `PARALLELIZE_REPORT=1` in its environment:
    /// every call then prints its place in the source and its report to stderr. In the report of a
    /// stream, the time of its consumer is a part of the plain loop.
    ///
    /// If the job runs on a cluster, the report has the work of each machine: [`Report::hosts`].
    ///
    /// ```
    /// let words = ["one", "three", "fifteen"];
    /// let (lengths, report) = parallelize::job(words, |word| word.len()).report();
    /// assert_eq!(lengths, [3, 5, 7]);
    /// assert_eq!(report.items, 3);
    /// println!("{report}");
    /// ```
    ///
    /// # Panics
    ///
    /// Panics like [`map`](crate::map) if the function or the iterator panics.
    #[must_use]
    #[track_caller]
    pub fn report<R>(self) -> (Vec<R>, Report)
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        let recorder = Recorder::new(&self.settings);
        let results = self.collect_observed(Some(&recorder));
        (results, recorder.finish())
    }
}
