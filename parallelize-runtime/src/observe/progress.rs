//! The progress of a job: how many of its items are done.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, TryLockError};
use std::time::{Duration, Instant};

use super::observer::{Observer, Serial, WorkerId};

/// A receiver of the progress of a job.
///
/// There is nothing to implement or to call here: [`Job::on_progress`](crate::Job::on_progress) and
/// similar methods make it. It stands in the type of a job, so that a function can return one:
///
/// ```
/// use parallelize::{Items, Job, Progress, Work, job};
///
/// /// The words of each text, counted with a line for each text on the terminal.
/// fn words(
///     texts: Vec<String>,
/// ) -> Job<impl Items<String>, impl Work<String, Output = usize>, impl Progress> {
///     let words = |text: String| text.split_whitespace().count();
///     job(texts, words).on_progress(|done, _| println!("{done} texts are done"))
/// }
///
/// assert_eq!(words(vec!["to be".to_owned()]).collect(), [2]);
/// ```
pub trait Progress: Send {
    /// Notes that the job begins, with `total` items if the iterator knows their number. Returns
    /// whether [`advanced`](Progress::advanced) has an effect.
    #[doc(hidden)]
    fn began(&mut self, total: Option<usize>) -> bool;

    /// Notes that `done` items of `total` are done.
    #[doc(hidden)]
    fn advanced(&mut self, done: usize, total: Option<usize>);

    /// Notes that the job is complete, or that it ended early. No further call follows.
    #[doc(hidden)]
    fn ended(&mut self, is_complete: bool);
}

/// Ignores the progress.
impl Progress for () {
    #[inline]
    fn began(&mut self, _: Option<usize>) -> bool {
        false
    }

    fn advanced(&mut self, _: usize, _: Option<usize>) {}

    fn ended(&mut self, _: bool) {}
}

/// Passes the progress to both, the first before the second.
impl<P: Progress, Q: Progress> Progress for (P, Q) {
    fn began(&mut self, total: Option<usize>) -> bool {
        self.0.began(total) | self.1.began(total)
    }

    fn advanced(&mut self, done: usize, total: Option<usize>) {
        self.0.advanced(done, total);
        self.1.advanced(done, total);
    }

    fn ended(&mut self, is_complete: bool) {
        self.0.ended(is_complete);
        self.1.ended(is_complete);
    }
}

/// Calls a function with the number of items that are done and the total.
pub(crate) struct Callback<F>(pub(crate) F);

impl<F: FnMut(usize, Option<usize>) + Send> Progress for Callback<F> {
    fn began(&mut self, _: Option<usize>) -> bool {
        true
    }

    fn advanced(&mut self, done: usize, total: Option<usize>) {
        (self.0)(done, total);
    }

    fn ended(&mut self, _: bool) {}
}

/// Counts the items that are done and passes their number on.
pub(crate) struct Meter<P: Progress> {
    done: AtomicUsize,
    total: Option<usize>,
    /// Whether passing a number on has an effect.
    is_observed: bool,
    state: Mutex<MeterState<P>>,
}

/// A progress and the last number passed to it.
struct MeterState<P: Progress> {
    progress: P,
    last_done: Option<usize>,
    is_complete: bool,
}

impl<P: Progress> Meter<P> {
    /// Makes a meter for `items`, of which none is done. Their total is known if their size hint is
    /// exact.
    #[inline]
    pub(crate) fn new(mut progress: P, items: &impl Iterator) -> Self {
        let (at_least, at_most) = items.size_hint();
        let total = at_most.filter(|most| *most == at_least);
        let is_observed = progress.began(total);
        let state = MeterState {
            progress,
            last_done: None,
            is_complete: false,
        };
        Self {
            done: AtomicUsize::new(0),
            total,
            is_observed,
            state: Mutex::new(state),
        }
    }

    /// Returns this as an observer, if passing a number on has an effect.
    pub(crate) fn observer(&self) -> Option<&dyn Observer> {
        self.is_observed.then_some(self as &dyn Observer)
    }

    /// Passes on how many items are done, without waiting. If another thread is passing on a
    /// number, it passes on this one next.
    fn pass_on(&self) {
        loop {
            let mut state = match self.state.try_lock() {
                Ok(state) => state,
                // Poisoned if the progress panicked, which ends the call.
                Err(TryLockError::WouldBlock | TryLockError::Poisoned(_)) => return,
            };
            let done = self.done.load(Ordering::SeqCst);
            state.advance(done, self.total);
            drop(state);
            // Another thread may have counted meanwhile and returned above, as the lock was held.
            if self.done.load(Ordering::SeqCst) == done {
                return;
            }
        }
    }

    /// Passes on the last number and whether the job is complete. A meter that is dropped without
    /// this says that the job ended early.
    pub(crate) fn finish(self, is_complete: bool) {
        // After a panic of the progress the lock is poisoned, and `ended` is its only further call.
        if let (true, Ok(mut state)) = (self.is_observed, self.state.into_inner()) {
            state.advance(self.done.into_inner(), self.total);
            state.is_complete = is_complete;
        }
    }
}

impl<P: Progress> MeterState<P> {
    fn advance(&mut self, done: usize, total: Option<usize>) {
        if self.last_done != Some(done) {
            self.last_done = Some(done);
            self.progress.advanced(done, total);
        }
    }
}

impl<P: Progress> Drop for MeterState<P> {
    fn drop(&mut self) {
        self.progress.ended(self.is_complete);
    }
}

impl<P: Progress> Observer for Meter<P> {
    fn on_chunk(&self, _: WorkerId, positions: Range<usize>, _: Instant, _: Duration) {
        self.done.fetch_add(positions.len(), Ordering::SeqCst);
        self.pass_on();
    }

    fn on_serial(&self, _: Serial) {}
}
