//! All results at once, in a `Vec` or as one value.
//!
//! A call has two phases, and either may be empty. It begins as the plain loop, as long as that is
//! expected to end before another thread could help. The items that are left then go to all
//! workers.

use std::mem;
use std::time::{Duration, Instant};

use super::report_gain;
use super::resources::{Resources, break_even};
use super::slots::Slots;
use super::ticks::ShortLimit;
use crate::call::{Call, ErasedWorker, Gathered, Sink, Worker, WorkerFactory, is_in_place};
use crate::observe::{Observer, Serial, WorkerId};
use crate::outcome::{Ended, discard};
#[cfg(feature = "processes")]
use crate::processes::{Isolated, IsolatedWorker};
use crate::schedule::{
    BREAK_EVEN_ASLEEP, BREAK_EVEN_AWAKE, BREAK_EVEN_DOZING, BREAK_EVEN_REMOTE, LONGEST_TRUST,
    Policy, Settings, Slices, is_due,
};
use crate::team::{self, Pool, Request};
use crate::work::{Branch, Work};

/// Bounds the next batch of a call that is expected to be short, as a multiple of the items done.
const SHORT_GROWTH: usize = 4;

/// What a look at the clock costs. It does not count as time of the items.
const LOOK: Duration = Duration::from_nanos(20);

/// The results of a call as long as one thread works alone, with which all threads can go on.
pub(crate) trait Shareable: Gathered + Sized {
    /// Takes the further results from all threads.
    type Sink: Sink<Value = Self::Value, Gathered = Self>;

    /// Makes room for `len` results. There are none so far.
    fn begin(&mut self, len: usize);

    /// Makes room for `further` results if there is memory for them.
    fn reserve(&mut self, further: usize);

    /// Takes these results, and leaves none.
    fn take(&mut self) -> Self;

    /// Lets all threads go on with these results.
    fn into_sink(self) -> Self::Sink;

    /// Returns all `len` results after the threads have left.
    fn from_sink(sink: Self::Sink, len: usize) -> Self;
}

impl<R: Send> Shareable for Vec<R> {
    type Sink = Slots<R>;

    #[inline]
    fn begin(&mut self, len: usize) {
        *self = Self::with_capacity(len);
    }

    fn reserve(&mut self, further: usize) {
        _ = self.try_reserve_exact(further);
    }

    fn take(&mut self) -> Self {
        mem::take(self)
    }

    fn into_sink(self) -> Slots<R> {
        Slots::new(self)
    }

    fn from_sink(sink: Slots<R>, len: usize) -> Self {
        sink.into_vec(len)
    }
}

/// Applies `work` to all `items` and puts the results into `results` in order, or returns the
/// failure with the lowest index.
// Inline, because what surrounds a short call costs more than the call. The caller passes in the
// place for the results, because returning them would move them once more.
#[inline]
pub(crate) fn collect<I, W, M, G>(
    items: I,
    work: &W,
    settings: Settings,
    observer: Option<&dyn Observer>,
    results: &mut G,
) -> Ended<(), M::Reason>
where
    I: Iterator + Send,
    W: Work<I::Item>,
    M: Branch<W::Output, Value: Send, Reason: Send>,
    G: Shareable<Value = M::Value>,
{
    #[cfg(feature = "processes")]
    if let Some(isolated) = Isolated::find::<_, M>(work, &settings) {
        return collect_isolated::<I, W, M, G>(items, &isolated, work, settings, observer, results);
    }
    let mut items = items;
    let mut caller = Worker::<_, _, M>::new(work);
    let at_most = items.size_hint().1;
    if observer.is_none() && at_most.is_some_and(|items| items < 2) {
        results.begin(items.size_hint().0);
        return caller.append_all(items, results);
    }
    let is_short = |items| !settings.is_uneven && settings.profile.is_short(items);
    if observer.is_none() && at_most.is_some_and(is_short) && !is_due() {
        results.begin(items.size_hint().0);
        match append_short(&mut caller, items, results)? {
            Some(rest) => items = rest,
            None => return Ok(()),
        }
    }
    collect_timed::<I, W, M, G>(items, caller, settings, observer, results)
}

/// Runs the plain loop over `items`, which are expected to take little time. Returns those that are
/// left if they take more.
///
/// Earlier calls had other items, so the first one is not trusted to be as cheap as theirs.
#[inline]
fn append_short<I, W, M, G>(
    caller: &mut Worker<'_, W, W::Local, M>,
    mut items: I,
    results: &mut G,
) -> Ended<Option<I>, M::Reason>
where
    I: Iterator,
    W: Work<I::Item>,
    M: Branch<W::Output>,
    G: Gathered<Value = M::Value>,
{
    let limit = ShortLimit::start();
    let mut most = 1;
    while items.size_hint().1.is_none_or(|left| left > most) {
        let before = results.len();
        caller.append_all(items.by_ref().take(most), results)?;
        if results.len() - before < most {
            return Ok(None);
        }
        if limit.is_over() {
            return Ok(Some(items));
        }
        most = results.len() * SHORT_GROWTH;
    }
    caller.append_all(items, results)?;
    Ok(None)
}

/// Like [`collect`], but measures the call. If there are `results` already, their items took longer
/// than expected.
#[inline(never)]
fn collect_timed<I, W, M, G>(
    items: I,
    mut caller: Worker<'_, W, W::Local, M>,
    settings: Settings,
    observer: Option<&dyn Observer>,
    results: &mut G,
) -> Ended<(), M::Reason>
where
    I: Iterator + Send,
    W: Work<I::Item>,
    M: Branch<W::Output, Value: Send, Reason: Send>,
    G: Shareable<Value = M::Value>,
{
    // An iterator may promise more items than memory holds. Then memory is reserved as they arrive.
    results.reserve(items.size_hint().0);
    let work = caller.work();
    let mut policy = settings.policy::<I::Item>();
    if is_in_place(&items, settings.slices) {
        policy.without_buffer();
    }
    if results.len() > 0 {
        // They took longer than expected.
        policy.forget_cost(results.len(), ShortLimit::LEAST);
    }
    let mut phase = SerialPhase {
        caller: &mut caller,
        items: Some(items),
        results: results.take(),
        policy,
        slices: settings.slices,
        observer,
    };
    // Finding remote ranks costs more than a short call could save.
    let budget = break_even(Pool::id_for(settings.threads));
    let is_cheap = phase.is_below(budget) && !phase.policy.is_trial_due();
    if observer.is_none() && is_cheap {
        phase.run_until_worth_sharing(budget, || Pool::with(settings.threads))?;
    }
    if phase.items.is_some() {
        let workers: &WorkerFactory<'_, _, _, _> = &|go| go(&mut Worker::<_, _, M>::new(work));
        phase.run_rest(Resources::find::<_, M>(work, &settings), workers)?;
    }
    report_gain(&phase.policy, observer);
    settings.learn(&phase.policy);
    *results = phase.results;
    Ok(())
}

/// Like [`collect`], but other processes evaluate the items.
#[cfg(feature = "processes")]
#[inline(never)]
fn collect_isolated<I, W, M, G>(
    items: I,
    isolated: &Isolated<'_, I::Item, M::Value, M::Reason>,
    work: &W,
    settings: Settings,
    observer: Option<&dyn Observer>,
    results: &mut G,
) -> Ended<(), M::Reason>
where
    I: Iterator + Send,
    W: Work<I::Item>,
    M: Branch<W::Output, Value: Send, Reason: Send>,
    G: Shareable<Value = M::Value>,
{
    results.reserve(items.size_hint().0);
    let mut phase = SerialPhase {
        caller: &mut IsolatedWorker::new(isolated),
        items: Some(items),
        results: results.take(),
        policy: settings.policy::<I::Item>(),
        slices: settings.slices,
        observer,
    };
    phase.policy.for_processes();
    let workers: &WorkerFactory<'_, _, _, _> = &|go| go(&mut IsolatedWorker::new(isolated));
    let resources = Resources::find::<_, M>(work, &settings.isolated());
    phase.run_all(resources, workers)?;
    *results = phase.results;
    Ok(())
}

/// A call on which only the calling thread has worked so far.
struct SerialPhase<'c, I: Iterator, G: Shareable, B> {
    caller: &'c mut dyn ErasedWorker<I, G::Sink, B>,
    /// The items that are left, unless all have been requested.
    items: Option<I>,
    results: G,
    policy: Policy,
    slices: Slices,
    observer: Option<&'c dyn Observer>,
}

impl<I: Iterator, G: Shareable, B> SerialPhase<'_, I, G, B> {
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
            let results = &mut self.results;
            self.caller
                .append(items, self.slices, usize::MAX, results)?;
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
        let ended = self.run_batches(since, budget.min(LONGEST_TRUST), budget)?;
        let is_asleep = matches!(budget, BREAK_EVEN_ASLEEP | BREAK_EVEN_DOZING);
        if self.items.is_none()
            && is_asleep
            && !self.policy.is_best_alone()
            && !self.policy.is_below(BREAK_EVEN_AWAKE, self.results.len())
        {
            team::note_serial_call(since, ended, || {
                let (pool, threads) = pool();
                (threads > 1).then_some(pool)
            });
        }
        Ok(())
    }

    /// Runs the plain loop in batches, with a look at the clock after each. It began at `since`,
    /// and goes on for `budget`, or longer if what is left then takes no longer than `break_even`.
    /// Returns when it ended.
    fn run_batches(
        &mut self,
        since: Instant,
        budget: Duration,
        break_even: Duration,
    ) -> Ended<Instant, B> {
        let mut begun = since;
        while let Some(rest) = self.items.take() {
            let at_most = rest.size_hint().1;
            let before = self.results.len();
            let time = budget.min(LONGEST_TRUST);
            let most = self.policy.batch_len(time, before, at_most);
            let appended = self
                .caller
                .append(rest, self.slices, most, &mut self.results);
            let mut appended = DiscardOnDrop(Some(appended));
            let done = self.results.len() - before;
            let now = Instant::now();
            let elapsed = now - begun;
            self.policy.record_alone(done, elapsed.saturating_sub(LOOK));
            if let Some(observer) = self.observer {
                let positions = before..self.results.len();
                observer.on_chunk(WorkerId::Current, positions, begun, elapsed);
            }
            let rest = appended.take()?;
            begun = now;
            if done < most {
                break;
            }
            self.items = rest;
            if break_even == Duration::MAX {
                // There is no other thread.
                continue;
            }
            // An unknown number of items is taken for as many as are done.
            let left = self.at_most().unwrap_or(self.results.len());
            let is_below = !self.policy.is_best_alone() && self.policy.is_below(break_even, left);
            let is_unlike = now - since > LONGEST_TRUST && self.policy.ignore_unlike_evidence();
            if is_unlike || now - since > budget && !is_below {
                break;
            }
        }
        Ok(begun)
    }
}

/// Discards a value unless it is taken. A panic of the observer would drop a failure, and that
/// could panic as well.
struct DiscardOnDrop<V>(Option<V>);

impl<V> DiscardOnDrop<V> {
    fn take(&mut self) -> V {
        self.0.take().expect("it is taken once")
    }
}

impl<V> Drop for DiscardOnDrop<V> {
    fn drop(&mut self) {
        if let Some(value) = self.0.take() {
            discard(value);
        }
    }
}

impl<I, G, B> SerialPhase<'_, I, G, B>
where
    I: Iterator + Send,
    G: Shareable<Value: Send>,
    B: Send,
{
    /// Runs the remaining items, in parallel if that repays waking a thread.
    // A function of its own, so that a short call reserves no stack for what this one holds.
    #[inline(never)]
    fn run_rest(
        &mut self,
        resources: Resources<'_, I::Item, G::Value, B>,
        workers: &WorkerFactory<'_, I, G::Sink, B>,
    ) -> Ended<(), B> {
        if resources.has_remote_ranks() {
            self.policy.without_tuner();
        }
        let why = self.reason_to_begin_alone(&resources);
        if let Some(why) = why {
            let ended = match why {
                Serial::OneThread if self.observer.is_none() => self.run_to_end(),
                Serial::Contended => self.run_alone(),
                _ => {
                    let budget = match why {
                        Serial::Cheap => resources.break_even(),
                        _ => Duration::MAX,
                    };
                    let pool = || (resources.pool, resources.local_threads);
                    self.run_until_worth_sharing(budget, pool)
                }
            };
            if let (Some(observer), None) = (self.observer, &self.items) {
                observer.on_serial(why);
            }
            ended?;
        }
        self.run_all(resources, workers)
    }

    /// Runs the remaining items in parallel.
    fn run_all(
        &mut self,
        mut resources: Resources<'_, I::Item, G::Value, B>,
        workers: &WorkerFactory<'_, I, G::Sink, B>,
    ) -> Ended<(), B> {
        while let Some(items) = self.items.take() {
            self.policy.begin_shared_part();
            self.run_parallel(items, &mut resources, workers)?;
            self.run_alone()?;
        }
        Ok(())
    }

    /// Returns why the remaining items are to begin on the calling thread alone, if they are.
    fn reason_to_begin_alone(
        &mut self,
        resources: &Resources<'_, I::Item, G::Value, B>,
    ) -> Option<Serial> {
        let left = self.at_most();
        if resources.is_alone() {
            return Some(Serial::OneThread);
        }
        if matches!(left, Some(0 | 1)) {
            return Some(Serial::FewItems);
        }
        if self.is_below(resources.break_even()) && !self.policy.is_trial_due() {
            return Some(Serial::Cheap);
        }
        let most = resources.most_workers(left);
        let workers = self.policy.begin_call(most, left);
        (workers == 1 && most > 1).then_some(Serial::Contended)
    }

    /// Runs the plain loop for a while because one thread alone was found best, or to find out.
    fn run_alone(&mut self) -> Ended<(), B> {
        if self.items.is_none() {
            return Ok(());
        }
        let (since, before) = (Instant::now(), self.results.len());
        let budget = self.policy.alone_for();
        let ended = self.run_batches(since, budget, budget)?;
        let done = self.results.len() - before;
        self.policy.end_call(done, ended - since, 1);
        Ok(())
    }

    /// Runs the `items`, which are all that are left, on all threads and machines. Leaves those
    /// that the calling thread should do alone.
    fn run_parallel(
        &mut self,
        items: I,
        resources: &mut Resources<'_, I::Item, G::Value, B>,
        workers: &WorkerFactory<'_, I, G::Sink, B>,
    ) -> Ended<(), B> {
        let left = items.size_hint().1;
        let pool = resources.pool;
        let most_workers = resources.most_workers(left);
        let helpers = |useful_workers: usize| useful_workers.min(most_workers).max(1) - 1;
        self.policy.share(resources.total_threads(), left);
        let is_short = left.is_some_and(|left| self.policy.is_below(BREAK_EVEN_REMOTE, left));
        let (begun, position) = (Instant::now(), self.results.len());
        let first_workers = self.policy.most_active().min(most_workers);
        let sink = self.results.take().into_sink();
        let call = Call::new(
            items,
            position,
            sink,
            &self.policy,
            self.slices,
            self.observer,
        );
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
        let finished = call.finish(last)?;
        self.policy = finished.policy;
        self.results = G::from_sink(finished.sink, finished.results);
        self.items = finished.items;
        let done = self.results.len() - position;
        self.policy.end_call(done, begun.elapsed(), first_workers);
        Ok(())
    }
}
