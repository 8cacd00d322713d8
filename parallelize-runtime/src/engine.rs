//! One call: a source, a policy, a team and a sink. The only place where they meet.

use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use crate::outcome::{Failure, Failures};
use crate::policy::Policy;
use crate::pool::Current;
use crate::profile::{Profile, WORTH_WAKING};
use crate::slots::Slots;
use crate::source::{Run, Source};
use crate::sync::{Mutex, into_inner, lock};
use crate::team;

/// Applies the workers' function to all `items` and gives the results in order, or the failure with the lowest index.
///
/// `make_worker` gives each thread that takes part the function that it applies to its items, once it has an item.
pub(crate) fn collect<I, M, W, T, B>(
    items: I,
    make_worker: M,
    profile: Option<&Profile>,
) -> Result<Vec<T>, (usize, Failure<B>)>
where
    I: Iterator + Send,
    M: Fn() -> W + Sync,
    W: FnMut(I::Item) -> ControlFlow<B, T>,
    T: Send,
    B: Send,
{
    let (at_least, at_most) = items.size_hint();
    let threads = if at_most.is_some_and(|items| items < 2) {
        1
    } else {
        Current::threads()
    };
    let known = profile.and_then(Profile::item_seconds);
    let call = Call {
        supply: Mutex::new(Supply {
            source: Source::new(items),
            policy: Policy::new(threads, size_of::<I::Item>(), known),
        }),
        slots: Slots::new(at_least),
        failures: Failures::new(),
        make_worker,
    };
    call.run(threads, at_most);
    call.finish(profile)
}

/// What all workers of a call share.
struct Call<I, M, T, B> {
    supply: Mutex<Supply<I>>,
    slots: Slots<T>,
    failures: Failures<B>,
    make_worker: M,
}

/// The next items, and how many of them to take.
struct Supply<I> {
    source: Source<I>,
    policy: Policy,
}

impl<I, M, T, B> Call<I, M, T, B>
where
    I: Iterator + Send,
    T: Send,
    B: Send,
{
    fn run<W>(&self, threads: usize, at_most: Option<usize>)
    where
        M: Fn() -> W + Sync,
        W: FnMut(I::Item) -> ControlFlow<B, T>,
    {
        let mut worker = None;
        if threads == 1 {
            self.loop_on(&mut worker);
        } else if !self.is_cheap(at_most) || !self.loop_for(WORTH_WAKING, &mut worker) {
            let helpers = threads.min(at_most.unwrap_or(threads)) - 1;
            team::run(Current, helpers, &|| self.help(), || self.work(&mut worker));
        }
    }

    /// Whether the whole call is expected to end before a second thread could be of use.
    fn is_cheap(&self, at_most: Option<usize>) -> bool {
        // If nobody knows how many items come, one is the least there can be: the clock will tell.
        lock(&self.supply)
            .policy
            .is_below(WORTH_WAKING, at_most.unwrap_or(1))
    }

    /// The plain loop, to the end.
    fn loop_on<W>(&self, worker: &mut Option<W>)
    where
        M: Fn() -> W,
        W: FnMut(I::Item) -> ControlFlow<B, T>,
    {
        let mut supply = lock(&self.supply);
        let (run, items) = supply.source.direct(usize::MAX);
        self.evaluate(run, items, worker);
    }

    /// The plain loop with a look at the clock now and then, until the items or the `budget` are spent: whether the
    /// items are.
    fn loop_for<W>(&self, budget: Duration, worker: &mut Option<W>) -> bool
    where
        M: Fn() -> W,
        W: FnMut(I::Item) -> ControlFlow<B, T>,
    {
        let Supply { source, policy } = &mut *lock(&self.supply);
        let start = Instant::now();
        let mut begun = start;
        while source.is_open() {
            let before = source.handed_out();
            let (run, items) = source.direct(policy.next_len(None));
            self.evaluate(run, items, worker);
            let now = Instant::now();
            policy.record(source.handed_out() - before, now - begun);
            if now - start > budget {
                break;
            }
            begun = now;
        }
        !source.is_open()
    }

    /// What a helper does, from the moment it comes in.
    fn help<W>(&self)
    where
        M: Fn() -> W,
        W: FnMut(I::Item) -> ControlFlow<B, T>,
    {
        // Beside the items, which have their own place to be caught at, this is a worker's state that panics when it
        // is dropped, or an iterator that cannot even say how long it is.
        let helped = panic::catch_unwind(AssertUnwindSafe(|| self.work(&mut None)));
        if let Err(payload) = helped {
            self.failures.record(usize::MAX, Failure::Beside(payload));
        }
    }

    /// Takes runs until there are none.
    fn work<W>(&self, worker: &mut Option<W>)
    where
        M: Fn() -> W,
        W: FnMut(I::Item) -> ControlFlow<B, T>,
    {
        let mut items = Vec::new();
        let mut finished = (0, Duration::ZERO);
        while let Some(run) = self.next_run(finished, &mut items) {
            let begun = Instant::now();
            let len = run.len();
            self.evaluate(run, items.drain(..), worker);
            finished = (len, begun.elapsed());
        }
    }

    /// Reports the run that is finished and takes the next.
    fn next_run(
        &self,
        (items, elapsed): (usize, Duration),
        buffer: &mut Vec<I::Item>,
    ) -> Option<Run> {
        // After a failure, every item that is still to come lies behind it.
        if self.failures.any() {
            return None;
        }
        let mut supply = lock(&self.supply);
        let Supply { source, policy } = &mut *supply;
        policy.record(items, elapsed);
        let most = policy.next_len(source.remaining());
        let (run, panicked) = source.pull(most, buffer);
        drop(supply);
        if let Some(payload) = panicked {
            self.failures.record(run.end(), Failure::Beside(payload));
        }
        (run.len() > 0).then_some(run)
    }

    /// Applies the worker's function to the items of a run, up to the first that fails.
    fn evaluate<W>(&self, run: Run, items: impl Iterator<Item = I::Item>, worker: &mut Option<W>)
    where
        M: Fn() -> W,
        W: FnMut(I::Item) -> ControlFlow<B, T>,
    {
        let mut results = self.slots.writer(run);
        let mut in_item = false;
        // What unwinds here is not used again: after a failure the call has no results, and its worker no more items.
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
            let work = worker.get_or_insert_with(&self.make_worker);
            for item in items {
                if results.position() >= self.failures.bound() {
                    break;
                }
                in_item = true;
                results.push(work(item)?);
                in_item = false;
            }
            ControlFlow::Continue(())
        }));
        let failure = match outcome {
            Ok(ControlFlow::Continue(())) => return,
            Ok(ControlFlow::Break(reason)) => Failure::Break(reason),
            Err(payload) if in_item => Failure::Item(payload),
            Err(payload) => Failure::Beside(payload),
        };
        self.failures.record(results.position(), failure);
    }

    /// All results, unless there was a failure.
    fn finish(self, profile: Option<&Profile>) -> Result<Vec<T>, (usize, Failure<B>)> {
        let Supply { source, policy } = into_inner(self.supply);
        if let Some(failure) = self.failures.into_lowest() {
            return Err(failure);
        }
        if let (Some(profile), Some(item)) = (profile, policy.mean_seconds()) {
            profile.learn(item);
        }
        let len = source.handed_out();
        drop(source);
        Ok(self.slots.into_vec(len))
    }
}
