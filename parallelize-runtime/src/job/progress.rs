//! Jobs that tell how far they have come.

#[cfg(feature = "progress")]
use indicatif::ProgressBar;

use super::Job;
use crate::observe::{Callback, Progress};
#[cfg(feature = "progress")]
use crate::observe::{Given, Standard};

impl<I, W, P: Progress> Job<I, W, P> {
    /// Calls `tell` with the number of items that are done, and with that of all items if the
    /// iterator knows it, whenever some more are done.
    ///
    /// One thread at a time does, with numbers that rise; the last call is over when the job is, and
    /// has the last number. If it takes long, the numbers rise in larger steps.
    ///
    /// ```
    /// let mut last = (0, None);
    /// let job = parallelize::job(0..1_000, |i| i * i);
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

    /// Shows a bar on stderr while the job runs, with the items that are done, how many that are in
    /// a second, and the time that is left (ETA). Of the cargo feature `progress`.
    ///
    /// It is drawn ten times a second, also while an item takes long; if the iterator does not know
    /// how many items there are, then as a count, and without what cannot be known. It stays when the
    /// job is complete and goes if it fails. There is none where stderr is no terminal, and none for
    /// a job that begins while another one shows its bar, such as one inside an item.
    ///
    /// What is written to the terminal meanwhile, a panic's message among it, comes between two
    /// pictures of the bar. Where that disturbs, [`progress_with`](Job::progress_with) takes a bar
    /// that one can print by: [`ProgressBar::println`](indicatif::ProgressBar::println).
    ///
    /// ```
    /// let slowly = |i: u64| {
    ///     std::thread::sleep(std::time::Duration::from_millis(1));
    ///     i * i
    /// };
    /// let squares = parallelize::job(0..100, slowly).progress().collect();
    /// assert_eq!(squares[99], 9801);
    /// ```
    ///
    /// # Panics
    ///
    /// The last call of the job does if the system has no thread left that could draw the bar.
    #[cfg(feature = "progress")]
    pub fn progress(self) -> Job<I, W, impl Progress> {
        self.with_progress(Standard::on_stderr())
    }

    /// Has `bar` show how far the job has come: one of a style of your own, or of several at once.
    /// Of the cargo feature `progress`.
    ///
    /// It begins anew when the job does, with the number of items as its length if the iterator knows
    /// it. When the job is complete, it does what its
    /// [`with_finish`](indicatif::ProgressBar::with_finish) says, which is to go unless told
    /// otherwise; if the job fails, it goes. Its position is then the number of items that were done.
    /// How often it is drawn is up to it, as is whether it ticks while an item takes long.
    ///
    /// ```
    /// use parallelize::indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
    ///
    /// let style = ProgressStyle::with_template("squares {bar:40} {pos} of {len}")?;
    /// let bar = ProgressBar::no_length()
    ///     .with_style(style)
    ///     .with_finish(ProgressFinish::AndLeave);
    /// let job = parallelize::job(0..100, |i| i * i);
    /// job.progress_with(bar.clone()).collect();
    /// assert_eq!((bar.position(), bar.length()), (100, Some(100)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "progress")]
    pub fn progress_with(self, bar: ProgressBar) -> Job<I, W, impl Progress> {
        self.with_progress(Given(bar))
    }

    /// Has `progress` told, too.
    pub(crate) fn with_progress<Q: Progress>(self, progress: Q) -> Job<I, W, (P, Q)> {
        Job {
            items: self.items,
            work: self.work,
            settings: self.settings,
            progress: (self.progress, progress),
        }
    }
}
