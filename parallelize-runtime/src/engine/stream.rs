//! The results one by one, while they are computed.

use std::cell::Cell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Instant;

use super::report_gain;
use super::resources::Resources;
use super::results::Batches;
use super::window::{Order, Window};
use crate::call::{
    Call, CancelOnDrop, ErasedWorker, FinishedCall, LastChunk, Step, Worker, WorkerFactory,
    is_in_place,
};
use crate::observe::{Observer, Serial, WorkerId};
use crate::outcome::{self, Ended, Failure};
#[cfg(feature = "processes")]
use crate::processes::{Isolated, IsolatedWorker};
use crate::schedule::{BREAK_EVEN_REMOTE, LONGEST_TRUST, Settings};
use crate::team::{self, Request};
use crate::work::{KeepAll, Work};

/// Passes the results of `work` for `items` to `consume` while they are computed. Returns what
/// `consume` returns, and whether it took all results.
pub(crate) fn stream<I, W, O>(
    mut items: I,
    work: &W,
    settings: Settings,
    order: Order,
    observer: Option<&dyn Observer>,
    consume: impl FnOnce(Batches<'_, W::Output>) -> O,
) -> (O, bool)
where
    I: Iterator + Send,
    W: Work<I::Item, Output: Send>,
{
    let sharing = |settings| Sharing {
        resources: Resources::find::<_, KeepAll>(work, &settings),
        settings,
        order,
        observer,
    };
    #[cfg(feature = "processes")]
    if let Some(isolated) = Isolated::find::<_, KeepAll>(work, &settings) {
        let workers: &WorkerFactory<'_, _, _, _> = &|go| go(&mut IsolatedWorker::new(&isolated));
        let mut caller = IsolatedWorker::new(&isolated);
        return sharing(settings.isolated()).run(items, &mut caller, workers, consume);
    }
    #[cfg(feature = "processes")]
    let settings = settings.not_isolated();
    let sharing = sharing(settings);
    let mut caller = Worker::<_, _, KeepAll>::new(work);
    if sharing.resources.is_alone() {
        let (hint, mut has_ended) = (items.size_hint(), false);
        let clock = ConsumerClock::new(observer);
        let mut lazily = lazily(&mut items, &mut caller, observer);
        let mut fetch = |batch: &mut VecDeque<_>| clock.wait(|| lazily(batch));
        let consumed = consume(Batches::new(&mut fetch, hint, &mut has_ended));
        return (consumed, has_ended);
    }
    let workers: &WorkerFactory<'_, _, _, _> = &|go| go(&mut Worker::<_, _, KeepAll>::new(work));
    sharing.run(items, &mut caller, workers, consume)
}

/// A stream whose items several threads may evaluate.
struct Sharing<'w, X, R> {
    resources: Resources<'w, X, R, Infallible>,
    settings: Settings,
    order: Order,
    observer: Option<&'w dyn Observer>,
}

impl<X, R: Send> Sharing<'_, X, R> {
    /// Passes the results for `items` to `consume`. The `caller` evaluates items on this thread,
    /// and those that `workers` make on others.
    fn run<I, O>(
        self,
        items: I,
        caller: &mut dyn ErasedWorker<I, Window<R>, Infallible>,
        workers: &WorkerFactory<'_, I, Window<R>, Infallible>,
        consume: impl FnOnce(Batches<'_, R>) -> O,
    ) -> (O, bool)
    where
        I: Iterator<Item = X> + Send,
    {
        let Self {
            mut resources,
            settings,
            order,
            observer,
        } = self;
        let hint = items.size_hint();
        let (at_most, mut has_ended) = (hint.1, false);
        let mut policy = settings.policy::<I::Item>();
        if is_in_place(&items, settings.slices) {
            policy.without_buffer();
        }
        policy.share(resources.total_threads(), at_most);
        if resources.has_remote_ranks() {
            policy.without_tuner();
        }
        #[cfg(feature = "processes")]
        if settings.is_isolated() {
            policy.for_processes();
        }
        policy.begin_call(resources.most_workers(at_most), None);
        let budget = resources.break_even();
        // An unknown number counts as one item, the least there can be. The clock corrects that.
        let is_cheap = !settings.is_isolated() && policy.is_below(budget, at_most.unwrap_or(1));
        let is_short = at_most.is_some_and(|items| policy.is_below(BREAK_EVEN_REMOTE, items));
        let window = Window::new(order, &resources, settings);
        let call = Call::new(items, 0, window, &policy, settings.slices, observer);
        let mut last = None;

        let most_workers = resources.most_workers(at_most);
        let helpers = || call.useful_workers().min(most_workers).max(1) - 1;
        let mut consume = Some(consume);
        let mut consumed = None;
        let mut lead = |request: &dyn Fn(usize)| {
            let (begun, clock) = (Instant::now(), ConsumerClock::new(observer));
            let mut fetch = |batch: &mut VecDeque<_>| {
                // A call that is expected to end soon requests helpers only after a while.
                let is_worth_it = !is_cheap || begun.elapsed() > budget.min(LONGEST_TRUST);
                if is_worth_it && !call.is_over() && call.sink.has_much_room() {
                    request(helpers());
                }
                clock.wait(|| call.fetch(caller, &mut last, batch))
            };
            // When the consumer returns, it has taken all the results that it wants.
            let _cancel = CancelOnDrop(&call);
            let batches = Batches::new(&mut fetch, hint, &mut has_ended);
            consumed = consume.take().map(|consume| consume(batches));
        };
        let pool = resources.pool;
        let help = |request: Request<'_>| call.help(workers, request);
        resources.run_alongside(&call, is_short, || {
            team::run(pool, helpers(), !is_cheap, &help, &mut lead);
        });
        settle(call.finish(last), settings, has_ended, observer);
        let consumed = consumed.expect("the team runs its lead");
        (consumed, has_ended)
    }
}

/// Measures the time that the consumer of a stream takes between two requests, and after the last.
struct ConsumerClock<'o> {
    observer: Option<&'o dyn Observer>,
    /// When the consumer got the last results.
    since: Cell<Option<Instant>>,
}

impl<'o> ConsumerClock<'o> {
    fn new(observer: Option<&'o dyn Observer>) -> Self {
        Self {
            observer,
            since: Cell::new(None),
        }
    }

    /// Runs `fetch` while the consumer waits.
    fn wait<T>(&self, fetch: impl FnOnce() -> T) -> T {
        self.tell();
        let fetched = fetch();
        self.since.set(self.observer.map(|_| Instant::now()));
        fetched
    }

    fn tell(&self) {
        if let (Some(observer), Some(since)) = (self.observer, self.since.take()) {
            observer.on_consumed(since.elapsed());
        }
    }
}

impl Drop for ConsumerClock<'_> {
    fn drop(&mut self) {
        self.tell();
    }
}

/// Learns from a stream that is over, or raises its failure if the consumer has taken all results.
fn settle<I, R>(
    ended: Ended<FinishedCall<I, Window<R>>, Infallible>,
    settings: Settings,
    has_ended: bool,
    observer: Option<&dyn Observer>,
) {
    match ended {
        Ok(FinishedCall { policy, .. }) => {
            report_gain(&policy, observer);
            settings.learn(&policy);
        }
        // The failure became known after the consumer took the last result.
        Err((index, failure)) if has_ended => raise(index, failure),
        // The consumer left before the failure.
        Err((_, failure)) => outcome::discard(failure),
    }
}

/// Runs the plain loop, one item whenever a result is requested.
fn lazily<'l, I, W>(
    items: &'l mut I,
    caller: &'l mut Worker<'_, W, W::Local, KeepAll>,
    observer: Option<&'l dyn Observer>,
) -> impl FnMut(&mut VecDeque<W::Output>) -> Option<usize>
where
    I: Iterator,
    W: Work<I::Item>,
{
    let mut position = 0;
    if let Some(observer) = observer {
        observer.on_serial(Serial::OneThread);
    }
    move |batch| {
        let begun = observer.map(|_| Instant::now());
        let item = items.next()?;
        let result = caller.evaluate_one(item);
        batch.push_back(result.unwrap_or_else(|failure| raise(position, failure)));
        position += 1;
        if let (Some(observer), Some(begun)) = (observer, begun) {
            let positions = position - 1..position;
            observer.on_chunk(WorkerId::Current, positions, begun, begun.elapsed());
        }
        Some(position - 1)
    }
}

/// Re-raises the panic that ended the stream. No output can end one.
fn raise(index: usize, failure: Failure<Infallible>) -> ! {
    match outcome::break_or_panic(index, failure).1 {}
}

impl<I, R> Call<'_, I, Window<R>, Infallible>
where
    I: Iterator,
    R: Send,
{
    /// Puts the next results into `batch` and returns the position of the first. As long as there
    /// are none, the calling thread evaluates chunks as well.
    fn fetch(
        &self,
        caller: &mut dyn ErasedWorker<I, Window<R>, Infallible>,
        last: &mut LastChunk,
        batch: &mut VecDeque<R>,
    ) -> Option<usize> {
        loop {
            if let Some((start, results)) = self.sink.next() {
                *batch = results.into();
                return Some(start);
            }
            let step = self.lead(caller, last);
            if step != Step::Ran && !self.sink.wait() {
                if let Some((index, failure)) = self.failures().take_lowest() {
                    raise(index, failure);
                }
                debug_assert_eq!(step, Step::Over, "without results there is room");
                return None;
            }
        }
    }
}
