//! Jobs in which a panic costs one item only, and which can be stopped.

use std::iter::Enumerate;
use std::sync::atomic::AtomicUsize;

use super::Job;
use super::catch_panics::CatchPanics;
use super::started_progress::StartedProgress;
use super::stop::Stop;
use crate::observe::Progress;
use crate::outcome::Outcome;
use crate::work::Work;

impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// Runs the job and returns the outcome of each item in input order: its result or its panic.
    ///
    /// If the function panics, the panic hook runs once, and the other items go on. The thread's
    /// own state, as set by the option [`local`], may be left half changed. So it is dropped, and
    /// made anew for the next item of the thread. If making it panics, the outcome of that item is
    /// this panic.
    ///
    /// ```
    /// use parallelize::{Outcome, job};
    ///
    /// for outcome in job([4, 0, 2], |x: i32| 100 / x).outcomes() {
    ///     match outcome {
    ///         Outcome::Done(quotient) => println!("{quotient}"),
    ///         Outcome::Panicked(panic) => println!("{panic}"),
    ///         Outcome::Died(death) => println!("{death}"),
    ///         Outcome::Skipped => unreachable!("this job is never stopped"),
    ///     }
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the iterator panics, with its panic.
    ///
    /// [`local`]: https://docs.rs/parallelize/latest/parallelize/attr.parallel.html#localbuffer--expr-
    #[track_caller]
    #[must_use = "nothing else tells of items that panicked"]
    pub fn outcomes<R>(self) -> Vec<Outcome<R>>
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        self.outcomes_until(&Stop::new())
    }

    /// Like [`outcomes`](Job::outcomes), but starts no further item once `stop` has stopped. Items
    /// that have started are finished.
    ///
    /// The items that did not start are [`Skipped`](Outcome::Skipped). How many of these there are
    /// depends on the iterator:
    ///
    /// - If it knows the number of its items, there is an outcome for each.
    /// - If it knows only an upper bound, the items are drawn and skipped, so that there is an
    ///   outcome for each. Drawing all items takes its time, however large the bound is.
    /// - If it knows no bound, as an endless one does not, no further item is drawn. The outcomes
    ///   end with the items that were drawn. A bound of [`usize::MAX`] before the first item counts
    ///   as none.
    /// - If it has more items than memory can hold outcomes, according to its lower bound, no
    ///   further item is drawn either.
    ///
    /// Progress counts only the items that started.
    ///
    /// ```
    /// use parallelize::{Outcome, Stop, job};
    ///
    /// let stop = Stop::new();
    /// let search = |i: u64| {
    ///     if i * i == 1_369 {
    ///         stop.stop();
    ///     }
    ///     i * i
    /// };
    /// let outcomes = job(0..1_000_000, search).outcomes_until(&stop);
    /// assert_eq!(outcomes.len(), 1_000_000);
    /// assert!(outcomes[37].is_done() && outcomes[999_999].is_skipped());
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the iterator panics, with its panic.
    #[track_caller]
    #[must_use = "nothing else tells of items that panicked or were skipped"]
    pub fn outcomes_until<R>(self, stop: &Stop) -> Vec<Outcome<R>>
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        let skipped = &AtomicUsize::new(0);
        // Asked for now, because the bound falls with each item that is drawn.
        let is_bounded = self
            .items
            .size_hint()
            .1
            .is_some_and(|most| most < usize::MAX);
        let mut items = UntilStopped {
            items: self.items.enumerate(),
            stop,
            was_stopped: stop.is_stopped(),
        };
        let job = Job {
            items: &mut items,
            work: CatchPanics::new(self.work, stop, skipped),
            settings: self.settings,
            progress: StartedProgress::new(self.progress, skipped),
        };
        let mut outcomes = job.collect();
        if items.was_stopped && is_bounded {
            append_skipped(items.items, &mut outcomes);
        }
        outcomes
    }
}

/// The items up to the stop, with their positions.
///
/// Its size hint is that of the items, although it may end earlier. That reserves too much memory
/// for the results, which the outcomes of skipped items fill.
struct UntilStopped<'s, I> {
    items: Enumerate<I>,
    stop: &'s Stop,
    /// Whether the stop ended it.
    was_stopped: bool,
}

impl<I: Iterator> Iterator for UntilStopped<'_, I> {
    type Item = (usize, I::Item);

    fn next(&mut self) -> Option<(usize, I::Item)> {
        // Without the clock, which the work looks at before each item.
        self.was_stopped = self.stop.is_flag_set();
        if self.was_stopped {
            return None;
        }
        self.items.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

/// Adds an outcome for each of the `items`, which were not drawn before the stop.
///
/// Adds none if memory cannot hold the outcomes of the least number that there are. The upper bound
/// reserves nothing, since it may be far too large.
fn append_skipped<X, R>(items: Enumerate<impl Iterator<Item = X>>, outcomes: &mut Vec<Outcome<R>>) {
    let (least, most) = items.size_hint();
    if outcomes.try_reserve_exact(least).is_err() {
        return;
    }
    if most == Some(least) {
        outcomes.resize_with(outcomes.len() + least, || Outcome::Skipped);
    } else {
        items.for_each(|_| outcomes.push(Outcome::Skipped));
    }
}
