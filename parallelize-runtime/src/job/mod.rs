//! The builder and its last calls, each a few lines over the engine.

#[cfg(feature = "journal")]
mod journal;
mod observers;
mod outcomes;
mod progress;
mod report;
mod spawn;
mod stop;
mod stream;

pub use spawn::JobHandle;
pub use stop::Stop;

use std::fmt;
use std::num::NonZeroUsize;
use std::panic::Location;

#[cfg(feature = "cluster")]
use crate::cluster::Distributed;
use crate::engine;
use crate::observe::Progress;
use crate::observe::Recorder;
use crate::outcome::{self, ItemError};
use crate::schedule::Profile;
use crate::schedule::Settings;
use crate::work::{Branch, Each, Function, KeepAll, StopAtErr, Work};
#[cfg(feature = "journal")]
use crate::work::{Key, Keyed};
use observers::Observers;

/// Applies `function` to every item, on all cores, and gives the results in input order.
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
/// If the function panics for an item, with the message `item 17: <its message>`; if it does for
/// several, this is the one with the lowest index. A panic of the iterator is passed on as it is.
#[track_caller]
pub fn map<I, F, R>(items: I, function: F) -> Vec<R>
where
    I: IntoIterator<Item: Send, IntoIter: Send>,
    F: Fn(I::Item) -> R + Sync,
    R: Send,
{
    job(items, function).collect()
}

/// The same as [`map`], as a [`Job`] that can be told more before it runs.
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

/// The job of a companion: `local` makes what each worker has for itself, and `apply` does the work
/// for an item.
pub fn companion<I, S, L, F, R>(
    profile: &'static Profile,
    items: I,
    local: L,
    apply: F,
) -> Job<I::IntoIter, Function<L, F>>
where
    I: IntoIterator<IntoIter: Send>,
    L: Fn() -> S + Sync,
    F: Fn(&mut S, I::Item) -> R + Sync,
{
    Job::new(profile, items, Function { local, apply })
}

/// The same with the `constants` apart, of which `key` makes what tells the job from others.
#[cfg(feature = "journal")]
pub fn keyed<I, C, S, L, F, K, R>(
    profile: &'static Profile,
    items: I,
    local: L,
    constants: C,
    apply: F,
    key: K,
) -> Job<I::IntoIter, Keyed<C, L, F, K>>
where
    I: IntoIterator<IntoIter: Send>,
    C: Sync,
    L: Fn() -> S + Sync,
    F: Fn(&C, &mut S, I::Item) -> R + Sync,
    K: Fn(&C) -> Key + Sync,
{
    let work = Keyed {
        constants,
        local,
        apply,
        key,
    };
    Job::new(profile, items, work)
}

/// Work for each of many items that is described and not yet run.
///
/// `f_job(..)` beside an annotated `f`, and [`job`] for a closure, give one. What it is told, in any
/// order, changes how it runs and never what comes of it:
///
/// | | |
/// |---|---|
/// | [`threads`](Job::threads) | on how many threads |
/// | [`chunk_size`](Job::chunk_size) | how many items a thread takes at a time |
/// | [`window`](Job::window) | how many results a stream holds |
/// | `local` | with the cargo feature `cluster`: on this machine only |
/// | [`on_progress`](Job::on_progress) | who is told how far it has come; with the cargo feature `progress` also `progress` and `progress_with`, which show a bar |
/// | `journal`, `journal_ok` | where results are kept that a second start need not compute again; of the cargo feature `journal` |
///
/// A last call runs it:
///
/// | | |
/// |---|---|
/// | [`collect`](Job::collect) | all results |
/// | [`try_collect`](Job::try_collect) | all values, or the first error with its index |
/// | [`outcomes`](Job::outcomes), [`outcomes_until`](Job::outcomes_until) | what became of each item, also if some panic; until somebody says stop |
/// | [`stream`](Job::stream), [`stream_unordered`](Job::stream_unordered) | the results while they are computed |
/// | [`report`](Job::report) | all results, and what was gained; `PARALLELIZE_REPORT=1` in the environment prints that for every call |
/// | [`spawn`](Job::spawn) | a handle, while it runs in the background |
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

impl<I, W, P> Job<I, W, P> {
    /// Runs on so many threads, the calling one among them; on as many as the surrounding pool has if
    /// this is 0 or not said. On a cluster these are those of each machine, and 1 is the plain loop
    /// here.
    ///
    /// They are started once and then stay for other calls on as many. More threads than cores are
    /// of use for work that waits.
    ///
    /// ```
    /// use parallelize::job;
    /// use std::{thread, time::Duration};
    ///
    /// let wait = |i| {
    ///     thread::sleep(Duration::from_millis(1));
    ///     i
    /// };
    /// assert_eq!(job(0..100, wait).threads(50).collect(), Vec::from_iter(0..100));
    /// ```
    pub fn threads(mut self, threads: usize) -> Self {
        self.settings.threads = NonZeroUsize::new(threads);
        self
    }

    /// Has a thread take so many items at a time; as many as turns out best if this is 0 or not
    /// said.
    ///
    /// Left alone, a job measures what its items take, so this is for those who know better: where
    /// neighbours share something that is dear to fetch, or where a test wants runs of a certain
    /// length.
    ///
    /// ```
    /// let squares = parallelize::job(0..10, |i| i * i).chunk_size(4).collect();
    /// assert_eq!(squares, [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
    /// ```
    pub fn chunk_size(mut self, items: usize) -> Self {
        self.settings.chunk = NonZeroUsize::new(items);
        self
    }

    /// Stays on this machine where the function is one of `#[parallel(cluster)]` and the program is
    /// part of a cluster. Of the cargo feature `cluster`.
    ///
    /// ```
    /// let squares = parallelize::job(0..10, |i| i * i).local().collect();
    /// assert_eq!(squares[9], 81);
    /// ```
    #[cfg(feature = "cluster")]
    pub fn local(mut self) -> Self {
        self.settings.is_local = true;
        self
    }

    /// Has other ranks, who know the `function`, do the work as well: generated code does. What they
    /// are sent before the first item, for each item, and what they answer is told by the others.
    #[cfg(feature = "cluster")]
    #[doc(hidden)]
    pub fn distributed<C>(
        self,
        function: &'static str,
        constants: C,
        encode: fn(&I::Item, &mut Vec<u8>) -> Result<(), String>,
        decode: fn(&mut &[u8]) -> Result<W::Output, String>,
    ) -> Job<I, Distributed<W, C, I::Item>, P>
    where
        I: Iterator,
        W: Work<I::Item>,
        C: Fn(&mut Vec<u8>) -> Result<(), String> + Sync,
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

impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// The results in input order.
    ///
    /// # Panics
    ///
    /// As [`map`] does.
    #[track_caller]
    pub fn collect<R>(self) -> Vec<R>
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        self.every(None)
    }

    /// The values of all results in input order, or the error with the lowest index.
    ///
    /// # Errors
    ///
    /// If the function returns one. No item behind the first that does is begun once that is known.
    ///
    /// # Panics
    ///
    /// As [`map`] does.
    #[track_caller]
    pub fn try_collect<T, E>(self) -> Result<Vec<T>, ItemError<E>>
    where
        W: Work<I::Item, Output = Result<T, E>>,
        T: Send,
        E: Send,
    {
        let mut values = Vec::new();
        match self.run::<StopAtErr>(None, &mut values) {
            Ok(()) => Ok(values),
            Err((index, error)) => Err(ItemError { index, error }),
        }
    }

    /// All outputs. What goes on is noted by the `recorder`.
    #[inline]
    #[track_caller]
    fn every<R>(self, recorder: Option<&Recorder>) -> Vec<R>
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        let mut results = Vec::new();
        match self.run::<KeepAll>(recorder, &mut results) {
            Ok(()) => results,
            Err((_, never)) => match never {},
        }
    }

    /// Runs the job and has its `results`, or gives the first output that is none, with its index.
    /// What goes on is noted by the `recorder`.
    // Inline, as a short call is over before all that describes it has been moved.
    #[inline]
    #[track_caller]
    fn run<M>(
        self,
        recorder: Option<&Recorder>,
        results: &mut Vec<M::Value>,
    ) -> Result<(), (usize, M::Reason)>
    where
        W: Work<I::Item>,
        M: Branch<W::Output, Value: Send, Reason: Send>,
    {
        let Self {
            items,
            work,
            settings,
            progress,
        } = self;
        let observers = Observers::new(progress, &items, settings, recorder);
        let ended =
            engine::collect::<_, _, M>(items, &work, settings, observers.observer(), results);
        observers.finish(ended.is_ok());
        ended.map_err(|(index, failure)| outcome::reason(index, failure))
    }
}

impl<I, W, P> fmt::Debug for Job<I, W, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").finish_non_exhaustive()
    }
}
