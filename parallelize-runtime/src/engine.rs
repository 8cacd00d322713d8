//! One call: a source, a policy, a team and a sink. The only place where they meet.
//!
//! A call has two halves, and either may be empty. It begins as the plain loop, as long as that is
//! expected to be faster than waking another thread; what is left then is shared with the team.

use std::cell::Cell;
use std::mem;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use crate::outcome::{Failure, Failures};
use crate::policy::Policy;
use crate::pool::Pool;
use crate::profile::{Profile, WORTH_SHARING, WORTH_WAKING};
use crate::slots::{Slots, Writer};
use crate::source::{Run, Source};
use crate::sync::{AtomicBool, Mutex, Ordering, Padded, into_inner, lock};
use crate::team;

/// Applies the workers' function to all `items` and gives the results in order, or the failure with
/// the lowest index.
///
/// `make_worker` gives each thread that takes part the function that it applies to its items, once
/// it has an item.
pub(crate) fn collect<I, M, W, T, B>(
    mut items: I,
    make_worker: M,
    profile: &Profile,
    threads: Option<NonZeroUsize>,
) -> Result<Vec<T>, (usize, Failure<B>)>
where
    I: Iterator + Send,
    M: Fn() -> W + Sync,
    W: FnMut(I::Item) -> ControlFlow<B, T>,
    T: Send,
    B: Send,
{
    let (at_least, at_most) = items.size_hint();
    let mut results = Vec::new();
    // An iterator that promises more than memory holds is not believed.
    _ = results.try_reserve_exact(at_least);
    let mut worker = Worker {
        make: &make_worker,
        made: None,
    };

    let is_short = |items| items < 2 || profile.is_short(items);
    if at_most.is_some_and(is_short) {
        return worker.evaluate(items, results, || usize::MAX);
    }
    let (pool, threads) = Pool::with(threads);
    if threads == 1 {
        return worker.evaluate(items, results, || usize::MAX);
    }
    let mut policy = Policy::new(threads, size_of::<I::Item>(), profile.item_seconds());
    let worth = if team::is_awake() {
        WORTH_SHARING
    } else {
        WORTH_WAKING
    };
    // If nobody knows how many items come, one is the least there can be: the clock will tell.
    let ended = policy.is_below(worth, at_most.unwrap_or(1))
        && worker.alone(&mut items, &mut results, &mut policy, worth, pool)?;
    if !ended {
        let call = Call::new(items, results, policy);
        let helpers = threads.min(at_most.unwrap_or(threads)) - 1;
        let mut last = Finished::default();
        let lead = || last = call.work(&mut worker);
        team::run(pool, helpers, &|| call.help(&make_worker), lead);
        (results, policy) = call.finish(&last)?;
    }
    if let Some(item) = policy.mean_seconds() {
        profile.learn(item);
    }
    Ok(results)
}

/// What a call comes to, or the failure that ends it and its position.
type Outcome<T, B> = Result<T, (usize, Failure<B>)>;

/// Where the results of consecutive items go.
trait Sink<T> {
    /// The position of the next result.
    fn position(&self) -> usize;
    /// Takes the next result.
    fn push(&mut self, result: T);
}

impl<T> Sink<T> for Vec<T> {
    #[inline]
    fn position(&self) -> usize {
        self.len()
    }

    #[inline]
    fn push(&mut self, result: T) {
        self.push(result);
    }
}

impl<T> Sink<T> for Writer<'_, T> {
    #[inline]
    fn position(&self) -> usize {
        self.position()
    }

    #[inline]
    fn push(&mut self, result: T) {
        self.push(result);
    }
}

/// How far the evaluation of a run has come.
#[derive(Clone, Copy)]
struct Mark {
    position: usize,
    in_item: bool,
}

/// Leaves the mark behind when the evaluation ends or unwinds.
///
/// Until then it lives in registers: a counter in memory would cost as much as a cheap item.
struct Leave<'c> {
    mark: Mark,
    behind: &'c Cell<Mark>,
}

impl Drop for Leave<'_> {
    #[inline]
    fn drop(&mut self) {
        self.behind.set(self.mark);
    }
}

/// One thread's part in a call: the function it applies, made when its first item has come.
struct Worker<'m, M, W> {
    make: &'m M,
    made: Option<W>,
}

impl<M, W> Worker<'_, M, W> {
    /// Applies the function to `items`, up to the first that fails or that lies behind a known
    /// failure.
    fn evaluate<X, T, B, S: Sink<T>>(
        &mut self,
        items: impl Iterator<Item = X>,
        results: S,
        bound: impl Fn() -> usize,
    ) -> Outcome<S, B>
    where
        M: Fn() -> W,
        W: FnMut(X) -> ControlFlow<B, T>,
    {
        let start = Mark {
            position: results.position(),
            in_item: false,
        };
        let behind = Cell::new(start);
        // What unwinds here is not used again: after a failure the call has no results, and its
        // workers no more items.
        let evaluated = panic::catch_unwind(AssertUnwindSafe(|| {
            let work = self.made.get_or_insert_with(self.make);
            let mut results = results;
            let mut leave = Leave {
                mark: start,
                behind: &behind,
            };
            for item in items {
                if leave.mark.position >= bound() {
                    break;
                }
                leave.mark.in_item = true;
                results.push(work(item)?);
                leave.mark.in_item = false;
                leave.mark.position += 1;
            }
            ControlFlow::Continue(results)
        }));
        let failure = match evaluated {
            Ok(ControlFlow::Continue(results)) => return Ok(results),
            Ok(ControlFlow::Break(reason)) => Failure::Break(reason),
            Err(payload) if behind.get().in_item => Failure::Item(payload),
            Err(payload) => Failure::Beside(payload),
        };
        Err((behind.get().position, failure))
    }

    /// The plain loop, until the items have ended or have taken so long that others may as well
    /// help: whether they have ended.
    fn alone<I, T, B>(
        &mut self,
        items: &mut I,
        results: &mut Vec<T>,
        policy: &mut Policy,
        budget: Duration,
        pool: Pool,
    ) -> Outcome<bool, B>
    where
        I: Iterator,
        M: Fn() -> W,
        W: FnMut(I::Item) -> ControlFlow<B, T>,
    {
        // How many of `most` items did not come.
        let mut batch = |most: usize| {
            let full = results.len().saturating_add(most);
            *results =
                self.evaluate(items.by_ref().take(most), mem::take(results), || usize::MAX)?;
            Ok(full - results.len())
        };
        let start = Instant::now();
        let mut begun = start;
        loop {
            let most = policy.batch_len(budget);
            let missing = batch(most)?;
            let now = Instant::now();
            policy.record(most - missing, now - begun);
            if missing > 0 {
                if now - start > WORTH_SHARING {
                    team::was_alone(pool, start, now);
                }
                return Ok(true);
            }
            if now - start > budget {
                return Ok(false);
            }
            begun = now;
        }
    }
}

/// What all workers of a call share. What changes with every run is kept apart from what is read
/// with every item.
struct Call<I, T, B> {
    supply: Padded<Mutex<Supply<I>>>,
    slots: Slots<T>,
    ending: Padded<Ending<B>>,
}

/// How a call ends.
struct Ending<B> {
    /// There is no further run, so nobody need ask for one. Relaxed, as it only saves that.
    over: AtomicBool,
    failures: Failures<B>,
}

/// How many items a run had, and how long they took.
#[derive(Default)]
struct Finished {
    items: usize,
    elapsed: Duration,
}

/// The next items, and how many of them to take.
struct Supply<I> {
    source: Source<I>,
    policy: Policy,
}

impl<I: Iterator, T, B> Call<I, T, B> {
    /// The rest of a call that has begun with `results`.
    fn new(items: I, results: Vec<T>, policy: Policy) -> Self {
        let source = Source::new(items, results.len());
        Self {
            supply: Padded(Mutex::new(Supply { source, policy })),
            slots: Slots::new(results),
            ending: Padded(Ending {
                over: AtomicBool::new(false),
                failures: Failures::new(),
            }),
        }
    }

    /// What a helper does, from the moment it comes in.
    fn help<M, W>(&self, make: &M) -> bool
    where
        M: Fn() -> W,
        W: FnMut(I::Item) -> ControlFlow<B, T>,
    {
        // Items are caught one by one. What may still unwind is a worker's own state when it is
        // dropped, and an iterator that is asked for its length.
        panic::catch_unwind(AssertUnwindSafe(|| {
            self.work(&mut Worker { make, made: None }).items > 0
        }))
        .unwrap_or_else(|payload| {
            self.fail(usize::MAX, Failure::Beside(payload));
            false
        })
    }

    /// Takes runs until there are none: the last one, which is not reported.
    fn work<M, W>(&self, worker: &mut Worker<'_, M, W>) -> Finished
    where
        M: Fn() -> W,
        W: FnMut(I::Item) -> ControlFlow<B, T>,
    {
        let mut items = Vec::new();
        let mut finished = Finished::default();
        while let Some(run) = self.next_run(&finished, &mut items) {
            let begun = Instant::now();
            let len = run.len();
            let results = self.slots.writer(run);
            let bound = || self.ending.0.failures.bound();
            if let Err((position, failure)) = worker.evaluate(items.drain(..), results, bound) {
                self.fail(position, failure);
            }
            finished = Finished {
                items: len,
                elapsed: begun.elapsed(),
            };
        }
        finished
    }

    /// Reports the run that is finished and takes the next.
    fn next_run(&self, finished: &Finished, buffer: &mut Vec<I::Item>) -> Option<Run> {
        let Ending { over, .. } = &self.ending.0;
        if over.load(Ordering::Relaxed) {
            return None;
        }
        let mut supply = lock(&self.supply.0);
        let Supply { source, policy } = &mut *supply;
        policy.record(finished.items, finished.elapsed);
        let most = policy.next_len(source.remaining());
        let (run, panicked) = source.pull(most, buffer);
        let has_ended = source.has_ended();
        drop(supply);
        if has_ended {
            over.store(true, Ordering::Relaxed);
        }
        if let Some(payload) = panicked {
            self.fail(run.end(), Failure::Beside(payload));
        }
        (run.len() > 0).then_some(run)
    }

    /// Notes a failure, behind which every item lies that is still to come.
    fn fail(&self, position: usize, failure: Failure<B>) {
        let Ending { over, failures } = &self.ending.0;
        over.store(true, Ordering::Relaxed);
        failures.record(position, failure);
    }

    /// All results, and a policy that has learned from them, unless there was a failure.
    fn finish(self, last: &Finished) -> Outcome<(Vec<T>, Policy), B> {
        let Supply { source, mut policy } = into_inner(self.supply.0);
        policy.record(last.items, last.elapsed);
        match self.ending.0.failures.into_lowest() {
            Some(failure) => Err(failure),
            None => Ok((self.slots.into_vec(source.position()), policy)),
        }
    }
}
