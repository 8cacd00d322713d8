//! Jobs that tell what they gained.

use super::Job;
use crate::observe::Progress;
use crate::observe::{Recorder, Report};
use crate::work::Work;

impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// The results in input order, and what was gained by the threads.
    ///
    /// To look at programs that do not ask for it, set `PARALLELIZE_REPORT=1` in their environment:
    /// every call then prints its report to stderr, behind the place in the source where it is made.
    ///
    /// If the job runs on a cluster, it says what each machine did: [`Report::hosts`].
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
    /// As [`map`](crate::map) does.
    #[track_caller]
    pub fn report<R>(self) -> (Vec<R>, Report)
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        let recorder = Recorder::new(self.settings.threads);
        let results = self.collect_observed(Some(&recorder));
        (results, recorder.finish())
    }
}
