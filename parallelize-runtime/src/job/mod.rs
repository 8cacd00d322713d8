//! The builder: a [`Job`], its settings and its last calls, each a few lines over the engine.
//!
//! This room may use `engine`, `cluster`, `journal`, `observe`, `team`, `work`, `schedule`,
//! `outcome` and `encoding`.

#[cfg(not(all(feature = "journal", feature = "processes", feature = "progress")))]
mod absent;
mod catch_panics;
mod companion;
mod items;
mod observers;
mod started_progress;
mod stop;

pub use companion::companion;
pub use items::Items;
pub use spawn::JobHandle;
pub use stop::Stop;

use std::fmt;
use std::panic::Location;

use crate::engine::{self, Shareable};
use crate::observe::{Progress, Recorder};
use crate::outcome;
use crate::schedule::{Profile, Settings};
use crate::work::{Branch, Each, KeepAll, Work};
use observers::Observers;

/// Applies `function` to every item on all cores, and returns the results in input order.
///
/// This is [`Iterator::map`] and [`collect`](Iterator::collect) for a function that takes long. It
/// runs on the calling thread and on rayon's pool.
///
/// ```
/// let texts = ["to be", "or not to be", "that is the question"];
/// let words = parallelize::map(texts, |text| text.split(' ').count());
/// assert_eq!(words, [2, 4, 4]);
/// ```
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one:
/// `item 17: <its message>`. If the iterator panics, its panic is passed on unchanged.
#[track_caller]
pub fn map<I, F, R>(items: I, function: F) -> Vec<R>
where
    I: IntoIterator<Item: Send, IntoIter: Send>,
    F: Fn(I::Item) -> R + Sync,
    R: Send,
{
    job(items, function).collect()
}

/// Like [`map`], but returns a [`Job`], which takes settings before it runs.
///
/// ```
/// let numbers = ["2", "3", "five"];
/// let job = parallelize::job(numbers, |text| text.parse::<u32>()).threads(2);
/// assert_eq!(job.try_collect().unwrap_err().index, 2);
/// ```
#[track_caller]
pub fn job<I, F, R>(items: I, function: F) -> Job<I::IntoIter, impl Work<I::Item, Output = R>>
where
    I: IntoIterator<Item: Send, IntoIter: Send>,
    F: Fn(I::Item) -> R + Sync,
    R: Send,
{
    Job::new(Profile::of(Location::caller()), items, Each(function))
}

/// A function and the items to apply it to. Nothing runs yet.
///
/// [`job`] makes one from a closure, and `f_job(..)` from a function `f` with
/// [`#[parallel]`][parallel]. Settings change how it runs, and a last call runs it:
///
/// ```
/// let texts = ["to be", "or not to be", "that is the question"];
/// let words = parallelize::job(texts, |text| text.split(' ').count())
///     .threads(2)
///     .on_progress(|done, _| println!("{done} texts are done"))
///     .collect();
/// assert_eq!(words, [2, 4, 4]);
/// ```
///
/// [`Items`] says how a function returns a job.
///
/// # Last calls
///
/// One last call runs the job:
///
/// | Last call | Returns |
/// |---|---|
/// | [`collect`](Job::collect) | all results |
/// | [`try_collect`](Job::try_collect), [`try_collect_with`](Job::try_collect_with) | all values, or the first error with its index |
/// | [`stream`](Job::stream) | what a closure makes of the results while they are computed |
/// | [`stream_unordered`](Job::stream_unordered) | likewise, with each result when it is done |
/// | [`sum`](Job::sum), [`try_sum`](Job::try_sum) | the sum of all results |
/// | [`reduce`](Job::reduce), [`try_reduce`](Job::try_reduce) | what a function of two makes of all results |
/// | [`fold`](Job::fold), [`try_fold`](Job::try_fold) | what accumulators make of all results |
/// | [`outcomes`](Job::outcomes) | the result or the panic of each item |
/// | [`outcomes_until`](Job::outcomes_until) | likewise, until the job is stopped |
/// | [`report`](Job::report) | all results, and how well the threads were used |
/// | [`spawn`](Job::spawn) | a handle, while the job runs in the background |
///
/// # Settings
///
/// Settings change how a job runs, and never its results. A job takes any of them, in any order:
///
/// | Setting | |
/// |---|---|
/// | [`threads`](Job::threads) | sets the number of threads |
/// | [`chunk_size`](Job::chunk_size) | sets how many items a thread takes at a time |
/// | [`window`](Job::window) | sets how many results a stream holds at most |
#[cfg_attr(
    feature = "cluster",
    doc = "| [`local`](Job::local) | runs the job on this machine only |"
)]
#[cfg_attr(
    feature = "processes",
    doc = "| [`processes`](Job::processes) | lets other processes evaluate the items |",
    doc = "| [`timeout`](Job::timeout) | ends an item of such a process that takes too long |",
    doc = "| [`items_per_process`](Job::items_per_process) | replaces such a process after some items |"
)]
/// | [`on_progress`](Job::on_progress) | calls a closure with the number of items that are done |
#[cfg_attr(
    feature = "progress",
    doc = "| [`progress`](Job::progress) | shows a progress bar |",
    doc = "| [`progress_with`](Job::progress_with) | shows a progress bar of your own |"
)]
#[cfg_attr(
    feature = "journal",
    doc = "| [`journal`](Job::journal) | stores results in a file for later starts |",
    doc = "| [`journal_ok`](Job::journal_ok) | likewise if errors cannot be serialized |"
)]
///
/// [parallel]: https://docs.rs/parallelize/latest/parallelize/attr.parallel.html
#[must_use = "a job does nothing until one of its last calls runs it"]
pub struct Job<I, W, P = ()> {
    items: I,
    work: W,
    settings: Settings,
    progress: P,
}

impl<I, W> Job<I, W> {
    fn new(profile: &'static Profile, items: impl IntoIterator<IntoIter = I>, work: W) -> Self {
        Self {
            items: items.into_iter(),
            work,
            settings: Settings::of(profile),
            progress: (),
        }
    }
}

// Here and not in a file of their own: where a result is not `Send`, the compiler's error quotes
// the path of `collect`, which is `Job::collect` only beside the type.
impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// Runs the job and returns the results in input order.
    ///
    /// ```
    /// // The number of steps to 1, where an even number is halved, and an odd one tripled plus 1.
    /// let steps = |mut n: u64| {
    ///     let mut steps = 0;
    ///     while n != 1 {
    ///         n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
    ///         steps += 1;
    ///     }
    ///     steps
    /// };
    /// let all = parallelize::job(1..=1_000, steps).collect();
    /// assert_eq!((all[25], all[26], all[27]), (10, 111, 18));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics like [`map`](crate::map) if the function or the iterator panics.
    #[track_caller]
    pub fn collect<R>(self) -> Vec<R>
    where
        W: Work<I::Item, Output = R>,
        R: Send, // For an `Rc`, return an `Arc`; for a `Box<dyn Fn()>`, a `Box<dyn Fn() + Send>`.
    {
        self.collect_observed(None)
    }

    /// Like [`collect`](Job::collect), but also reports the course of the job to the `recorder`.
    #[inline]
    #[track_caller]
    fn collect_observed<R>(self, recorder: Option<&Recorder>) -> Vec<R>
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        let mut results = Vec::new();
        match self.run::<KeepAll, _>(recorder, &mut results) {
            Ok(()) => results,
            Err((_, never)) => match never {},
        }
    }

    /// Runs the job and puts its values into `results`, or returns the reason that ended it, with
    /// the index of the item.
    // Inline, because moving the description of a short call costs more than the call. For the
    // same reason the caller passes in the place for the results.
    #[inline]
    #[track_caller]
    fn run<M, G>(
        self,
        recorder: Option<&Recorder>,
        results: &mut G,
    ) -> Result<(), (usize, M::Reason)>
    where
        W: Work<I::Item>,
        M: Branch<W::Output, Value: Send, Reason: Send>,
        G: Shareable<Value = M::Value>,
    {
        let Self {
            items,
            work,
            settings,
            progress,
        } = self;
        let observers = Observers::new(progress, &items, settings, recorder);
        let ended =
            engine::collect::<_, _, M, _>(items, &work, settings, observers.observer(), results);
        observers.finish(ended.is_ok());
        // No closure: its panic would have the place of the closure.
        match ended {
            Ok(()) => Ok(()),
            Err((index, failure)) => Err(outcome::break_or_panic(index, failure)),
        }
    }
}

// The documentation of `Job` lists its methods in this order: last calls, then settings, as its own
// tables do.
mod try_collect;

mod stream;

mod reduce;

mod outcomes;

mod report;

mod spawn;

mod settings;

#[cfg(feature = "processes")]
mod processes;

mod progress;

#[cfg(feature = "journal")]
mod journal;

impl<I, W, P> fmt::Debug for Job<I, W, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").finish_non_exhaustive()
    }
}
