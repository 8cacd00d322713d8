//! One call: a source, a policy, a team and a sink. The only place where they meet.
//!
//! A call has two halves, and either may be empty. It begins as the plain loop, as long as that is
//! expected to be faster than waking another thread; what is left then is shared with the team.

use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use crate::outcome::{Failure, Failures, Outcome};
use crate::policy::Policy;
use crate::pool::Pool;
use crate::profile::{self, Profile, WORTH_SHARING, WORTH_WAKING};
use crate::slots::Slots;
use crate::source::{Run, Source};
use crate::sync::{
    AtomicBool, Mutex, MutexGuard, Ordering, Padded, into_inner, lock, lock_giving_way,
};
use crate::team;
use crate::worker::{Judge, Work, Worker};

/// Does `work` for all `items` and gives the results in order, or the failure with the lowest index.
pub(crate) fn collect<I, W, J>(
    items: I,
    work: &W,
    profile: &Profile,
    threads: Option<NonZeroUsize>,
) -> Outcome<Vec<J::Value>, J::Reason>
where
    I: Iterator + Send,
    W: Work<I::Item>,
    J: Judge<W::Output, Value: Send, Reason: Send>,
{
    let (at_least, at_most) = items.size_hint();
    let mut results = Vec::new();
    // An iterator that promises more than memory holds is not believed.
    _ = results.try_reserve_exact(at_least);
    let mut caller = Worker::<_, _, J>::new(work);

    if at_most.is_some_and(|items| items < 2 || profile.is_short(items)) {
        let begun = profile::is_due().then(Instant::now);
        caller.append(items, &mut results)?;
        if let Some(begun) = begun {
            profile.learn(results.len(), begun.elapsed());
        }
        return Ok(results);
    }
    match Pool::with(threads) {
        (_, 1) => caller.append(items, &mut results).map(|()| results),
        (pool, threads) => share(items, results, caller, profile, pool, threads),
    }
}

/// The same, where it may be worth it to have others help.
// A function of its own, so that a short call need not make room for all that this one takes.
#[inline(never)]
fn share<I, W, J>(
    items: I,
    mut results: Vec<J::Value>,
    mut caller: Worker<'_, W, W::Local, J>,
    profile: &Profile,
    pool: Pool,
    threads: usize,
) -> Outcome<Vec<J::Value>, J::Reason>
where
    I: Iterator + Send,
    W: Work<I::Item>,
    J: Judge<W::Output, Value: Send, Reason: Send>,
{
    let at_most = items.size_hint().1;
    let (known, is_trusted) = (profile.item_seconds(), profile.is_trusted());
    let mut policy = Policy::new(threads, size_of::<I::Item>(), known, is_trusted);
    let worth = if team::is_awake() {
        WORTH_SHARING
    } else {
        WORTH_WAKING
    };
    let mut items = Some(items);
    // If nobody knows how many items come, one is the least there can be: the clock will tell.
    if policy.is_below(worth, at_most.unwrap_or(1)) {
        items = alone(pool, &mut caller, items, &mut results, &mut policy, worth)?;
    }
    if let Some(items) = items {
        let left = at_most.map_or(usize::MAX, |items| items.saturating_sub(results.len()));
        let helpers = threads.min(left).max(1) - 1;
        let work = caller.work();
        let call = Call::new(items, results, policy);
        let mut last = Finished::default();
        let mut lead = |ask_again: &dyn Fn()| {
            let supply = || {
                ask_again();
                lock(&call.supply.0)
            };
            last = call.work(&mut caller, &supply);
        };
        team::run(pool, helpers, &|| call.help::<W, J>(work, pool), &mut lead);
        (results, policy) = call.finish(&last)?;
    }
    // What a thread has for itself may panic when it is dropped, and then the results are not out.
    drop(caller);
    let (items, elapsed) = policy.finished();
    profile.learn(items, elapsed);
    Ok(results)
}

/// The plain loop, until the items have ended or what is left had better be shared: the items that
/// are left then.
fn alone<I, W, J>(
    pool: Pool,
    caller: &mut Worker<'_, W, W::Local, J>,
    mut items: Option<I>,
    results: &mut Vec<J::Value>,
    policy: &mut Policy,
    worth: Duration,
) -> Outcome<Option<I>, J::Reason>
where
    I: Iterator,
    W: Work<I::Item>,
    J: Judge<W::Output>,
{
    let since = Instant::now();
    let mut begun = since;
    while let Some(rest) = &mut items {
        let most = policy.batch_len(worth);
        let before = results.len();
        let at_most = rest.size_hint().1;
        if at_most.is_some_and(|left| left <= most) {
            // By value, an iterator is fastest.
            items
                .take()
                .map_or(Ok(()), |rest| caller.append(rest, results))?;
        } else {
            caller.append(rest.take(most), results)?;
        }
        let came = results.len() - before;
        let now = Instant::now();
        policy.record(came, now - begun);
        begun = now;
        if came < most {
            items = None;
        }
        // Where nobody knows, as many are left as have come.
        let left = at_most.map_or(results.len(), |left| left.saturating_sub(came));
        if now - since > worth && !policy.is_below(worth, left) {
            return Ok(items);
        }
    }
    if begun - since > WORTH_SHARING {
        team::was_alone(pool, since, begun);
    }
    Ok(None)
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

    /// What a helper does, from the moment it comes in: whether there was anything to do.
    fn help<W, J>(&self, work: &W, pool: Pool) -> bool
    where
        W: Work<I::Item>,
        J: Judge<W::Output, Value = T, Reason = B>,
    {
        // An iterator that is at work for whoever has the lock may itself need the pool, so nobody
        // of the pool waits for it idly.
        let supply = || lock_giving_way(&self.supply.0, || team::give_way(pool));
        // Items are caught one by one. What may still unwind is a worker's own state when it is
        // dropped.
        let help =
            AssertUnwindSafe(|| self.work(&mut Worker::<_, _, J>::new(work), &supply).items > 0);
        panic::catch_unwind(help).unwrap_or_else(|payload| {
            self.fail(usize::MAX, Failure::Beside(payload));
            false
        })
    }

    /// Takes runs from the `supply` until there are none: the last one, which is not reported.
    fn work<'s, W, J>(
        &'s self,
        worker: &mut Worker<'_, W, W::Local, J>,
        // Of one type for all, so that there is one copy of what follows.
        supply: &dyn Fn() -> MutexGuard<'s, Supply<I>>,
    ) -> Finished
    where
        W: Work<I::Item>,
        J: Judge<W::Output, Value = T, Reason = B>,
    {
        let mut items = Vec::new();
        let mut finished = Finished::default();
        while !self.ending.0.over.load(Ordering::Relaxed) {
            let Some(run) = self.next_run(supply(), &finished, &mut items) else {
                break;
            };
            let begun = Instant::now();
            let len = run.len();
            let mut results = self.slots.writer(run);
            let bound = || self.ending.0.failures.bound();
            if let Err((position, failure)) = worker.evaluate(items.drain(..), &mut results, bound)
            {
                self.fail(position, failure);
            }
            drop(results);
            finished = Finished {
                items: len,
                elapsed: begun.elapsed(),
            };
        }
        finished
    }

    /// Reports the run that is finished and takes the next.
    fn next_run(
        &self,
        mut supply: MutexGuard<'_, Supply<I>>,
        finished: &Finished,
        buffer: &mut Vec<I::Item>,
    ) -> Option<Run> {
        let Supply { source, policy } = &mut *supply;
        policy.record(finished.items, finished.elapsed);
        let (run, panicked) = source.pull(|remaining| policy.next_len(remaining), buffer);
        let has_ended = source.has_ended();
        drop(supply);
        if has_ended {
            self.ending.0.over.store(true, Ordering::Relaxed);
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
