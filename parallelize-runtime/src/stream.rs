//! The sink of `stream`: finished runs that wait for the consumer, and no more of them than it can
//! keep up with.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::fmt;
use std::iter::FusedIterator;
use std::mem;
use std::num::NonZeroUsize;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use crate::call::Run;
use crate::call::{Call, Cancelling, Finished, Gather, Helpers, Step};
use crate::call::{Evaluate, Sink, Worker};
use crate::engine::Staff;
use crate::outcome::{self, Failure};
use crate::schedule::Policy;
use crate::schedule::Settings;
use crate::schedule::WORTH_SENDING;
use crate::sync::{AtomicUsize, Condvar, Mutex, Ordering, Padded, lock, thread};
use crate::team;
use crate::watch::{Serial, Watch, Who};
use crate::work::{Every, Work};

/// In which order the results come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Order {
    /// In that of the items.
    Items,
    /// As they are done.
    Done,
}

/// How many runs a stream holds for each thread, unless it is told how many results: so an item may
/// take as long as some twenty others, and nobody has to wait until its result is consumed.
const RUNS: usize = 32;

/// How long a helper waits for room before it goes back to its pool.
const PATIENCE: Duration = Duration::from_micros(50);

/// Fetches the next results into an empty buffer when the last ones are consumed: at which position
/// they stand.
type Fetch<'f, R> = &'f mut dyn FnMut(&mut VecDeque<R>) -> Option<usize>;

/// Gives the results of `work` for `items` to `consume` while they are computed: what it makes of
/// them, and whether it saw them all.
pub(crate) fn stream<I, W, O>(
    mut items: I,
    work: &W,
    settings: Settings,
    order: Order,
    watch: Option<&dyn Watch>,
    consume: impl FnOnce(Batches<'_, W::Output>) -> O,
) -> (O, bool)
where
    I: Iterator + Send,
    W: Work<I::Item, Output: Send>,
{
    let staff = Staff::of::<_, Every>(work, &settings);
    let mut caller = Worker::<_, _, Every>::new(work);
    let hint = items.size_hint();
    let mut has_ended = false;
    if staff.is_alone() {
        let mut fetch = lazily(&mut items, &mut caller, watch);
        let consumed = consume(Batches::new(&mut fetch, hint, &mut has_ended));
        return (consumed, has_ended);
    }
    let mut policy = settings.policy::<I::Item>();
    policy.share(staff.threads(), hint.1);
    let worth = staff.worth();
    // If nobody knows how many items come, one is the least there can be: the clock will tell.
    let is_cheap = policy.is_below(worth, hint.1.unwrap_or(1));
    let is_short = hint
        .1
        .is_some_and(|items| policy.is_below(WORTH_SENDING, items));
    let window = Window::new(order, &staff, settings);
    let call = Call::new(items, 0, window, policy, watch);
    let mut finished = None;

    let helpers = staff.here.min(hint.1.unwrap_or(usize::MAX)).max(1) - 1;
    let mut consume = Some(consume);
    let mut consumed = None;
    let mut lead = |ask: &dyn Fn(usize)| {
        let begun = Instant::now();
        let mut fetch = |batch: &mut VecDeque<_>| {
            // What is expected to be over soon has helpers come only if it is not.
            let is_worth_it = !is_cheap || begun.elapsed() > worth;
            if is_worth_it && !call.is_over() && call.gather.has_much_room() {
                ask(helpers);
            }
            call.fetch(&mut caller, &mut finished, batch)
        };
        // Whatever the consumer has not asked for by now, it does not want.
        let _cancelling = Cancelling(&call);
        let batches = Batches::new(&mut fetch, hint, &mut has_ended);
        consumed = consume.take().map(|consume| consume(batches));
    };
    let pool = staff.pool;
    let workers: &Helpers<'_, _, _, _, _> = &|go| go(&mut Worker::<_, _, Every>::new(work));
    let help = || call.help(workers, pool);
    staff.accompany(&call, is_short, || {
        team::run(pool, helpers, !is_cheap, &help, &mut lead);
    });
    match call.finish(finished) {
        Ok((_, _, policy)) => settings.learn(&policy),
        // It was not known yet when the results came to their end.
        Err((index, failure)) if has_ended => raise(index, failure),
        Err(_) => (),
    }
    let consumed = consumed.expect("the team runs its lead");
    (consumed, has_ended)
}

/// The plain loop, an item whenever one is asked for.
fn lazily<'l, I, W>(
    items: &'l mut I,
    caller: &'l mut Worker<'_, W, W::Local, Every>,
    watch: Option<&'l dyn Watch>,
) -> impl FnMut(&mut VecDeque<W::Output>) -> Option<usize>
where
    I: Iterator,
    W: Work<I::Item>,
{
    let mut position = 0;
    if let Some(watch) = watch {
        watch.was_serial(Serial::OneThread);
    }
    move |batch| {
        let begun = watch.map(|_| Instant::now());
        let item = items.next()?;
        let result = caller.judge(item);
        batch.push_back(result.unwrap_or_else(|failure| raise(position, failure)));
        position += 1;
        if let (Some(watch), Some(begun)) = (watch, begun) {
            watch.evaluated(Who::Me, position - 1..position, begun, begun.elapsed());
        }
        Some(position - 1)
    }
}

/// Re-raises the panic of an item, which cannot fail otherwise here.
fn raise(index: usize, failure: Failure<Infallible>) -> ! {
    match outcome::reason(index, failure).1 {}
}

impl<I, R> Call<'_, I, Window<R>, Infallible>
where
    I: Iterator,
    R: Send,
{
    /// The next results: finished ones if there are any; otherwise the caller works, too.
    fn fetch(
        &self,
        caller: &mut dyn Evaluate<I, Window<R>, R, Infallible>,
        finished: &mut Finished,
        batch: &mut VecDeque<R>,
    ) -> Option<usize> {
        loop {
            if let Some((start, results)) = self.gather.next() {
                *batch = results.into();
                return Some(start);
            }
            let step = self.lead(caller, finished);
            if step != Step::Ran && !self.gather.wait() {
                if let Some((index, failure)) = self.failures().take_lowest() {
                    raise(index, failure);
                }
                debug_assert_eq!(step, Step::Over, "without results there is room");
                return None;
            }
        }
    }
}

/// The results that are computed or being computed, and not consumed.
struct Window<R> {
    order: Order,
    threads: usize,
    /// Whether some of them are on other machines.
    has_others: bool,
    settings: Settings,
    /// How many results there are or will be of the runs that have begun.
    held: Padded<AtomicUsize>,
    /// How many there may be, as far as is known.
    most: AtomicUsize,
    rack: Mutex<Rack<R>>,
    /// Whenever a run comes to the rack.
    came: Condvar,
}

/// The runs that are finished.
struct Rack<R> {
    ready: BTreeMap<usize, Vec<R>>,
    /// How many runs are being computed.
    running: usize,
    /// The position behind the results that the consumer has.
    next: usize,
    /// How many results it was given last.
    given: usize,
}

impl<R> Window<R> {
    fn new<X, B>(order: Order, staff: &Staff<'_, X, R, B>, settings: Settings) -> Self {
        let rack = Rack {
            ready: BTreeMap::new(),
            running: 0,
            next: 0,
            given: 0,
        };
        let threads = staff.threads();
        Self {
            order,
            threads,
            has_others: threads > staff.here,
            settings,
            held: Padded::default(),
            most: AtomicUsize::new(usize::MAX),
            rack: Mutex::new(rack),
            came: Condvar::new(),
        }
    }

    /// Takes the next run off the rack, if it is there. The consumer has consumed what it was given
    /// before.
    fn next(&self) -> Option<(usize, Vec<R>)> {
        let mut rack = lock(&self.rack);
        let given = mem::take(&mut rack.given);
        self.held.0.fetch_sub(given, Ordering::Relaxed);
        if !rack.has_next(self.order) {
            return None;
        }
        let (start, results) = rack.ready.pop_first()?;
        rack.given = results.len();
        rack.next = start + results.len();
        Some((start, results))
    }

    /// Waits for the next run: whether it came. If nobody is at work, none will.
    fn wait(&self) -> bool {
        let mut rack = lock(&self.rack);
        while !rack.has_next(self.order) && rack.running > 0 {
            let waited = self.came.wait(rack);
            rack = waited.unwrap_or_else(PoisonError::into_inner);
        }
        rack.has_next(self.order)
    }

    /// How many results it holds unless it is told.
    fn most_by(&self, policy: &Policy) -> usize {
        let len = policy.usual_len(self.has_others);
        len.saturating_mul(RUNS * self.threads)
    }

    /// Whether it is worth it to have helpers come.
    fn has_much_room(&self) -> bool {
        let most = self.most.load(Ordering::Relaxed);
        self.held.0.load(Ordering::Relaxed) <= most / 2
    }
}

impl<R> Rack<R> {
    fn has_next(&self, order: Order) -> bool {
        let first = self.ready.keys().next();
        first.is_some_and(|start| order == Order::Done || *start == self.next)
    }
}

impl<R: Send> Gather<R> for Window<R> {
    type Sink<'g>
        = Pane<'g, R>
    where
        R: 'g;

    fn begin(&self, len: usize) {
        self.held.0.fetch_add(len, Ordering::Relaxed);
        lock(&self.rack).running += 1;
    }

    fn sink(&self, run: Run) -> Pane<'_, R> {
        Pane {
            window: self,
            results: Vec::with_capacity(run.len()),
            run,
        }
    }

    fn end(&self) {
        lock(&self.rack).running -= 1;
        self.came.notify_one();
    }

    fn admits(&self, len: usize, policy: &Policy) -> usize {
        // Relaxed: only whoever has the lock of the source makes it more.
        let held = self.held.0.load(Ordering::Relaxed);
        let most = self
            .settings
            .window
            .map_or_else(|| self.most_by(policy), NonZeroUsize::get);
        self.most.store(most, Ordering::Relaxed);
        let share = match self.settings.chunk {
            Some(_) => most,
            // Something for everybody, while the consumer has something, too.
            None => (most / (2 * self.threads)).max(1),
        };
        let len = len.min(share);
        if held + len <= most { len } else { 0 }
    }

    fn wait_a_little(&self) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if self.has_much_room() {
                return true;
            }
            thread::yield_now();
        }
        false
    }
}

/// The results of one run, which go to the rack when it is finished or has failed.
struct Pane<'w, R> {
    window: &'w Window<R>,
    run: Run,
    results: Vec<R>,
}

impl<R> Sink for Pane<'_, R> {
    type Result = R;

    fn position(&self) -> usize {
        self.run.start() + self.results.len()
    }

    fn push(&mut self, result: R) {
        self.results.push(result);
    }
}

impl<R> Drop for Pane<'_, R> {
    fn drop(&mut self) {
        let Window { held, rack, .. } = self.window;
        let results = mem::take(&mut self.results);
        held.0
            .fetch_sub(self.run.len() - results.len(), Ordering::Relaxed);
        if !results.is_empty() {
            lock(rack).ready.insert(self.run.start(), results);
        }
    }
}

/// The results of a stream with their positions.
pub(crate) struct Batches<'s, R> {
    fetch: Fetch<'s, R>,
    /// Results in order, of which the first stands at `position`.
    batch: VecDeque<R>,
    position: usize,
    /// How many are left, at least and at most.
    left: (usize, Option<usize>),
    has_ended: &'s mut bool,
    /// Whether fetching has panicked.
    is_broken: bool,
}

impl<'s, R> Batches<'s, R> {
    fn new(fetch: Fetch<'s, R>, left: (usize, Option<usize>), has_ended: &'s mut bool) -> Self {
        Self {
            fetch,
            batch: VecDeque::new(),
            position: 0,
            left,
            has_ended,
            is_broken: false,
        }
    }
}

impl<R> Iterator for Batches<'_, R> {
    type Item = (usize, R);

    #[inline]
    fn next(&mut self) -> Option<(usize, R)> {
        if self.batch.is_empty() {
            if *self.has_ended || self.is_broken {
                return None;
            }
            // Whoever catches a panic of this finds that nothing is left, and not that it is complete.
            self.is_broken = true;
            if let Some(start) = (self.fetch)(&mut self.batch) {
                self.position = start;
            } else {
                *self.has_ended = true;
                self.left = (0, Some(0));
            }
            self.is_broken = false;
        }
        let result = self.batch.pop_front()?;
        self.position += 1;
        self.left.0 = self.left.0.saturating_sub(1);
        self.left.1 = self.left.1.map(|left| left.saturating_sub(1));
        Some((self.position - 1, result))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left
    }
}

/// The results of a [`Job`](crate::Job) in the order of its items, while they are computed.
///
/// [`Job::stream`](crate::Job::stream) gives one to its consumer.
pub struct Stream<'s, R>(pub(crate) Batches<'s, R>);

impl<R> Iterator for Stream<'_, R> {
    type Item = R;

    #[inline]
    fn next(&mut self) -> Option<R> {
        self.0.next().map(|(_, result)| result)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<R> FusedIterator for Stream<'_, R> {}

impl<R> fmt::Debug for Stream<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

/// The results of a [`Job`](crate::Job) with the positions of their items, as they are done.
///
/// [`Job::stream_unordered`](crate::Job::stream_unordered) gives one to its consumer.
pub struct StreamUnordered<'s, R>(pub(crate) Batches<'s, R>);

impl<R> Iterator for StreamUnordered<'_, R> {
    type Item = (usize, R);

    #[inline]
    fn next(&mut self) -> Option<(usize, R)> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<R> FusedIterator for StreamUnordered<'_, R> {}

impl<R> fmt::Debug for StreamUnordered<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamUnordered").finish_non_exhaustive()
    }
}
