//! The builder: a [`Job`], its settings and its last calls, each a few lines over the engine.
//!
//! This room may use `engine`, `cluster`, `journal`, `observe`, `team`, `work`, `schedule`,
//! `outcome` and `encoding`.

#[cfg(not(all(feature = "journal", feature = "processes", feature = "progress")))]
mod absent;
mod catch_panics;
mod items;
mod observers;
mod started_progress;
mod stop;

pub use items::Items;
pub use spawn::JobHandle;
pub use stop::Stop;

use std::fmt;
use std::panic::Location;

#[cfg(feature = "cluster")]
use crate::cluster::Distributed;
use crate::engine::{self, Shareable};
use crate::observe::{Progress, Recorder};
use crate::outcome::{self, ItemError};
use crate::schedule::{Profile, Settings, Slices};
#[cfg(feature = "journal")]
use crate::work::Key;
use crate::work::{Branch, Each, Fallible, Function, KeepAll, StopAtErr, Work};
use observers::Observers;

/// Applies `function` to every item on all cores, and returns the results in input order.
///
/// This is [`Iterator::map`] and [`collect`](Iterator::collect) for a function that takes long. It
/// runs on the calling thread and on rayon's pool.
///
/// ```
/// let lengths = parallelize::map(["one", "three", "fifteen"], |word| word.len());
/// assert_eq!(lengths, [3, 5, 7]);
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
/// let job = parallelize::job(0..100, |i| i * i).threads(4);
/// assert_eq!(job.collect()[99], 9801);
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

/// Makes the job of a companion: `local` makes the state that each worker has for itself, and
/// `apply` does the work for an item. Both receive the `constants`.
pub fn companion<I, C, S, L, F, R>(
    profile: &'static Profile,
    items: I,
    constants: C,
    local: L,
    apply: F,
) -> Job<I::IntoIter, Function<C, L, F>>
where
    I: IntoIterator<IntoIter: Send>,
    C: Sync,
    L: Fn(&C) -> S + Sync,
    F: Fn(&C, &mut S, I::Item) -> R + Sync,
{
    let work = Function {
        constants,
        local,
        apply,
        #[cfg(feature = "journal")]
        key: None,
    };
    Job::new(profile, items, work)
}

/// A function and the items to apply it to. Nothing runs yet.
///
/// [`job`] makes one from a closure, and `f_job(..)` from a function `f` with `#[parallel]`.
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
/// ```
/// use parallelize::job;
///
/// let mut last = 0;
/// let sum = job(0..10_000_u64, |i| i % 7)
///     .threads(2)
///     .on_progress(|done, _| last = done)
///     .stream(|remainders| remainders.sum::<u64>());
/// assert_eq!((sum, last), (29_994, 10_000));
/// ```
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
    /// let squares = parallelize::job(0..100, |i| i * i).collect();
    /// assert_eq!(squares[99], 9801);
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

    /// Runs the job and returns the values of all results in input order, or the error with the
    /// lowest index.
    ///
    /// Once an error is known, no item behind it starts.
    ///
    /// ```
    /// use parallelize::job;
    ///
    /// let numbers = job(["1", "2", "3"], |text| text.parse::<u32>()).try_collect();
    /// assert_eq!(numbers, Ok(vec![1, 2, 3]));
    ///
    /// let failed = job(["1", "two", "3"], |text| text.parse::<u32>()).try_collect();
    /// assert_eq!(failed.unwrap_err().index, 1);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the error with the lowest index if the function returns one for some item.
    ///
    /// # Panics
    ///
    /// Panics like [`map`](crate::map) if the function or the iterator panics.
    #[track_caller]
    pub fn try_collect<T, E>(self) -> Result<Vec<T>, ItemError<E>>
    where
        W: Work<I::Item, Output = Result<T, E>>,
        T: Send,
        E: Send,
    {
        let mut values = Vec::new();
        match self.run::<StopAtErr, _>(None, &mut values) {
            Ok(()) => Ok(values),
            Err((index, error)) => Err(ItemError { index, error }),
        }
    }

    /// Like [`try_collect`](Job::try_collect), but makes an error of your own from the index and
    /// the error of the item.
    ///
    /// [`ItemError`] is an [`Error`](std::error::Error) if the error of the item is one. Those of
    /// `anyhow` and `eyre`, a `Box<dyn Error>` and a `String` are not. Their own ways of adding a
    /// context apply:
    ///
    /// ```
    /// use anyhow::{Context, Result, ensure};
    /// use parallelize::job;
    ///
    /// fn check(i: u32) -> Result<u32> {
    ///     ensure!(i < 100, "{i} is too much");
    ///     Ok(i)
    /// }
    ///
    /// fn all() -> Result<Vec<u32>> {
    ///     job(98..200, check)
    ///         .try_collect_with(|index, error| error.context(format!("row {index}")))
    ///         .context("table.csv")
    /// }
    ///
    /// assert_eq!(format!("{:#}", all().unwrap_err()), "table.csv: row 2: 100 is too much");
    /// ```
    ///
    /// ```
    /// use eyre::{Report, Result, ensure};
    /// use parallelize::job;
    ///
    /// fn check(i: u32) -> Result<u32> {
    ///     ensure!(i < 100, "{i} is too much");
    ///     Ok(i)
    /// }
    ///
    /// fn all() -> Result<Vec<u32>> {
    ///     let with_row = |index, error: Report| error.wrap_err(format!("row {index}"));
    ///     Ok(job(98..200, check).try_collect_with(with_row)?)
    /// }
    ///
    /// assert_eq!(format!("{:#}", all().unwrap_err()), "row 2: 100 is too much");
    /// ```
    ///
    /// An error of your own, here made by `thiserror`:
    ///
    /// ```
    /// use parallelize::job;
    /// use std::num::ParseIntError;
    /// use thiserror::Error;
    ///
    /// #[derive(Debug, Error)]
    /// #[error("row {row} is no number")]
    /// struct BadRow {
    ///     row: usize,
    ///     source: ParseIntError,
    /// }
    ///
    /// fn all(rows: &[&str]) -> Result<Vec<u32>, BadRow> {
    ///     job(rows, |row| row.parse()).try_collect_with(|row, source| BadRow { row, source })
    /// }
    ///
    /// assert_eq!(all(&["1", "two"]).unwrap_err().to_string(), "row 1 is no number");
    /// ```
    ///
    /// A boxed error:
    ///
    /// ```
    /// use parallelize::job;
    /// use std::error::Error;
    ///
    /// type BoxedError = Box<dyn Error + Send + Sync>;
    ///
    /// fn check(i: u32) -> Result<u32, BoxedError> {
    ///     if i < 100 { Ok(i) } else { Err(format!("{i} is too much").into()) }
    /// }
    ///
    /// fn all() -> Result<Vec<u32>, BoxedError> {
    ///     job(98..200, check).try_collect_with(|row, error| format!("row {row}: {error}").into())
    /// }
    ///
    /// assert_eq!(all().unwrap_err().to_string(), "row 2: 100 is too much");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns what `convert` makes of the error with the lowest index, if the function returns one
    /// for some item.
    ///
    /// # Panics
    ///
    /// Panics like [`map`](crate::map) if the function or the iterator panics, and if `convert`
    /// does.
    #[track_caller]
    pub fn try_collect_with<T, E, O>(self, convert: impl FnOnce(usize, E) -> O) -> Result<Vec<T>, O>
    where
        W: Work<I::Item, Output = Result<T, E>>,
        T: Send,
        E: Send,
    {
        let collected = self.try_collect();
        collected.map_err(|ItemError { index, error }| convert(index, error))
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

// Behind `collect`, because the documentation of `Job` lists its methods in this order.
mod settings;

mod outcomes;
mod reduce;
mod stream;

mod progress;
mod report;
mod spawn;

#[cfg(feature = "processes")]
mod processes;

#[cfg(feature = "journal")]
mod journal;

/// What generated code calls for the option `fail_fast`.
impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// Runs the job and returns the values of all results, or the error with the lowest index.
    ///
    /// # Errors
    ///
    /// Returns the error as the function returned it, if there is one.
    #[track_caller]
    pub(crate) fn fail_fast(
        self,
    ) -> Result<Vec<<W::Output as Fallible>::Ok>, <W::Output as Fallible>::Err>
    where
        W: Work<I::Item, Output: Fallible<Ok: Send, Err: Send>>,
    {
        let mut values = Vec::new();
        match self.run::<StopAtErr, _>(None, &mut values) {
            Ok(()) => Ok(values),
            Err((_, error)) => Err(error),
        }
    }
}

/// What generated code adds to the job of a companion.
impl<I, C, L, F> Job<I, Function<C, L, F>> {
    /// Tells which `slices` the items may stand in.
    #[doc(hidden)]
    pub fn within(mut self, slices: Slices) -> Self {
        self.settings.slices = slices;
        self
    }

    /// Sets how the `key` of the job, for its journal, is computed from its constants.
    #[cfg(feature = "journal")]
    #[doc(hidden)]
    pub fn keyed(mut self, key: fn(&C) -> Key) -> Self {
        self.work.key = Some(key);
        self
    }

    /// Lets other ranks that know the `function` share the work. `constants` encodes what they
    /// receive before the first item, `encode` an item, and `decode` decodes a result.
    #[cfg(feature = "cluster")]
    #[doc(hidden)]
    pub fn distributed<R>(
        self,
        function: &'static str,
        constants: fn(&C, &mut Vec<u8>) -> Result<(), String>,
        encode: fn(&I::Item, &mut Vec<u8>) -> Result<(), String>,
        decode: fn(&mut &[u8]) -> Result<R, String>,
    ) -> Job<I, Distributed<C, L, F, I::Item, R>>
    where
        I: Iterator,
        Function<C, L, F>: Work<I::Item, Output = R>,
    {
        Job {
            items: self.items,
            work: Distributed {
                work: self.work,
                function,
                constants,
                encode,
                decode,
            },
            settings: self.settings,
            progress: self.progress,
        }
    }
}

impl<I, W, P> fmt::Debug for Job<I, W, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").finish_non_exhaustive()
    }
}
