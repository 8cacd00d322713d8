//! All results at once.
//!
//! A call has two phases, and either may be empty. It begins as the plain loop, as long as that is
//! expected to end before another thread could help. The items that are left then go to all
//! workers.

use std::mem;
use std::time::{Duration, Instant};

use super::resources::{Resources, break_even};
use super::slots::Slots;
use crate::call::{Call, ErasedWorker, Worker, WorkerFactory};
use crate::observe::{Observer, Serial, WorkerId};
use crate::outcome::Ended;
use crate::schedule::{
    BREAK_EVEN_ASLEEP, BREAK_EVEN_AWAKE, BREAK_EVEN_REMOTE, Policy, Settings, is_due,
};
use crate::team::{self, Pool, Request};
use crate::work::{Branch, Work};

/// Applies `work` to all `items` and puts the results into `results` in order, or returns the
/// failure with the lowest index.
// Inline, because what surrounds a short call costs more than the call. The caller passes in the
// place for the results, because returning them would move them once more.
#[inline]
pub(crate) fn collect<I, W, M>(
    items: I,
    work: &W,
    settings: Settings,
    observer: Option<&dyn Observer>,
    results: &mut Vec<M::Value>,
) -> Ended<(), M::Reason>
where
    I: Iterator + Send,
    W: Work<I::Item>,
    M: Branch<W::Output, Value: Send, Reason: Send>,
{
    let is_known = !settings.is_uneven;
    let is_short = |items| items < 2 || is_known && settings.profile.is_short(items);
    if observer.is_none() && items.size_hint().1.is_some_and(is_short) && !is_due() {
        *results = Vec::with_capacity(items.size_hint().0);
        return Worker::<_, _, M>::new(work).append_all(items, results);
    }
    *results = collect_timed::<I, W, M>(items, work, settings, observer)?;
    Ok(())
}

/// Like [`collect`], but looks at the clock.
#[inline(never)]
fn collect_timed<I, W, M>(
    items: I,
    work: &W,
    settings: Settings,
    observer: Option<&dyn Observer>,
) -> Ended<Vec<M::Value>, M::Reason>
where
    I: Iterator + Send,
    W: Work<I::Item>,
    M: Branch<W::Output, Value: Send, Reason: Send>,
{
    let mut results = Vec::new();
    // An iterator may promise more items than memory holds. Then memory is reserved as they arrive.
    _ = results.try_reserve_exact(items.size_hint().0);
    let mut caller = Worker::<_, _, M>::new(work);
    let mut phase = SerialPhase {
        caller: &mut caller,
        items: Some(items),
        results,
        policy: settings.policy::<I::Item>(),
        observer,
    };
    // Finding remote ranks costs more than a short call could save.
    let budget = break_even(Pool::id_for(settings.threads));
    if observer.is_none() && phase.is_below(budget) {
        phase.run_until_worth_sharing(budget, || Pool::with(settings.threads))?;
    }
    if phase.items.is_some() {
        let workers: &WorkerFactory<'_, _, _, _> = &|go| go(&mut Worker::<_, _, M>::new(work));
        phase.run_rest(Resources::find::<_, M>(work, &settings), workers)?;
    }
    settings.learn(&phase.policy);
    let results = phase.results;
    // The caller's own state may panic when it is dropped. Then the results are dropped as well.
    drop(caller);
    Ok(results)
}

/// A call on which only the calling thread has worked so far.
struct SerialPhase<'c, I: Iterator, T: Send, B> {
    caller: &'c mut dyn ErasedWorker<I, Slots<T>, B>,
    /// The items that are left, unless all have been requested.
    items: Option<I>,
    results: Vec<T>,
    policy: Policy,
    observer: Option<&'c dyn Observer>,
}

impl<I: Iterator, T: Send, B> SerialPhase<'_, I, T, B> {
    /// Returns how many items are left at most, if that is known.
    fn at_most(&self) -> Option<usize> {
        let items = self.items.as_ref();
        items.map_or(Some(0), |items| items.size_hint().1)
    }

    /// Returns whether sharing could save no more than `limit`, as far as is known.
    fn is_below(&self, limit: Duration) -> bool {
        // An unknown number counts as one item, the least there can be. The clock corrects that.
        self.policy.is_below(limit, self.at_most().unwrap_or(1))
    }

    /// Runs the rest serially, untimed and unobserved.
    fn run_to_end(&mut self) -> Ended<(), B> {
        if let Some(items) = self.items.take() {
            self.caller.append(items, usize::MAX, &mut self.results)?;
        }
        Ok(())
    }

    /// Runs the plain loop until the items end or what is left repays sharing it.
    ///
    /// Notes a call that would have been shared if a helper had been awake. After several such
    /// calls, the team wakes a thread of the `pool` for the next ones, if the pool has another.
    fn run_until_worth_sharing(
        &mut self,
        budget: Duration,
        pool: impl FnOnce() -> (Pool, usize),
    ) -> Ended<(), B> {
        let since = Instant::now();
        let ended = self.run_batches(since, budget)?;
        let is_over = self.items.is_none() && budget == BREAK_EVEN_ASLEEP;
        if is_over && !self.policy.is_below(BREAK_EVEN_AWAKE, self.results.len()) {
            team::note_serial_call(since, ended, || {
                let (pool, threads) = pool();
                (threads > 1).then_some(pool)
            });
        }
        Ok(())
    }

    /// Runs the plain loop in batches, with a look at the clock after each. It began at `since`.
    /// Returns when it ended.
    fn run_batches(&mut self, since: Instant, budget: Duration) -> Ended<Instant, B> {
        let mut begun = since;
        while let Some(rest) = self.items.take() {
            let at_most = rest.size_hint().1;
            let most = self
                .policy
                .batch_len(budget.min(BREAK_EVEN_ASLEEP), at_most);
            let before = self.results.len();
            let appended = self.caller.append(rest, most, &mut self.results);
            let done = self.results.len() - before;
            let now = Instant::now();
            let elapsed = now - begun;
            self.policy.record(done, elapsed);
            if let Some(observer) = self.observer {
                let positions = before..self.results.len();
                observer.on_chunk(WorkerId::Current, positions, begun, elapsed);
            }
            let rest = appended?;
            begun = now;
            if done < most {
                break;
            }
            self.items = rest;
            // An unknown number of items is taken for as many as are done.
            let left = self.at_most().unwrap_or(self.results.len());
            if now - since > budget && !self.policy.is_below(budget, left) {
                break;
            }
        }
        Ok(begun)
    }
}

impl<I, T, B> SerialPhase<'_, I, T, B>
where
    I: Iterator + Send,
    T: Send,
    B: Send,
{
    /// Runs the remaining items, in parallel if that repays waking a thread.
    // A function of its own, so that a short call reserves no stack for what this one holds.
    #[inline(never)]
    fn run_rest(
        &mut self,
        resources: Resources<'_, I::Item, T, B>,
        workers: &WorkerFactory<'_, I, Slots<T>, B>,
    ) -> Ended<(), B> {
        let (serial, budget) = match self.at_most() {
            _ if resources.is_alone() => (Some(Serial::OneThread), Duration::MAX),
            Some(0 | 1) => (Some(Serial::FewItems), Duration::MAX),
            _ => {
                let budget = resources.break_even();
                (self.is_below(budget).then_some(Serial::Cheap), budget)
            }
        };
        if let Some(serial) = serial {
            let ended = if serial == Serial::OneThread && self.observer.is_none() {
                self.run_to_end()
            } else {
                let pool = || (resources.pool, resources.local_threads);
                self.run_until_worth_sharing(budget, pool)
            };
            if let (Some(observer), None) = (self.observer, &self.items) {
                observer.on_serial(serial);
            }
            ended?;
        }
        match self.items.take() {
            Some(items) => self.run_parallel(items, resources, workers),
            None => Ok(()),
        }
    }

    /// Runs the `items`, which are all that are left, on all threads and machines.
    fn run_parallel(
        &mut self,
        items: I,
        resources: Resources<'_, I::Item, T, B>,
        workers: &WorkerFactory<'_, I, Slots<T>, B>,
    ) -> Ended<(), B> {
        let left = items.size_hint().1;
        let pool = resources.pool;
        let most_workers = resources.most_workers(left);
        let helpers = |useful_workers: usize| useful_workers.min(most_workers).max(1) - 1;
        self.policy.share(resources.total_threads(), left);
        let is_short = left.is_some_and(|left| self.policy.is_below(BREAK_EVEN_REMOTE, left));
        let position = self.results.len();
        let slots = Slots::new(mem::take(&mut self.results));
        let call = Call::new(items, position, slots, self.policy, self.observer);
        let mut last = None;
        let mut lead = |request: &dyn Fn(usize)| {
            let request = |useful_workers| request(helpers(useful_workers));
            call.work(self.caller, &mut last, &request);
        };
        let first_helpers = helpers(call.useful_workers());
        resources.run_alongside(&call, is_short, || {
            let help = |request: Request<'_>| call.help(workers, request);
            team::run(pool, first_helpers, true, &help, &mut lead);
        });
        let (slots, len);
        (slots, len, self.policy) = call.finish(last)?;
        self.results = slots.into_vec(len);
        Ok(())
    }
}
