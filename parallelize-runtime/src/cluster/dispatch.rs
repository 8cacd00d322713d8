//! Sends runs of a call to threads of other ranks, and places what comes back.

use std::collections::{BTreeMap, VecDeque};
use std::iter;
use std::marker::PhantomData;
use std::mem;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::Rank;
use super::leader::{About, Cluster, Line};
use super::message::Came;
use super::message::{Ends, Message};
use crate::call::Run;
use crate::call::Sink;
use crate::call::{Call, Gather};
use crate::encoding::{self, Reason};
use crate::observe::{Watch, Who};
use crate::outcome::Failure;
use crate::schedule::Settings;
use crate::work::Remote;
use crate::work::{Judge, Work};

/// How long a call goes on before other ranks are asked: by then it is worth their while, and its
/// policy knows what an item takes.
const PATIENCE: Duration = Duration::from_micros(300);

/// How long the dispatcher waits at most before it looks whether there is room for results again, or
/// a stop.
const LOOK: Duration = Duration::from_millis(5);

/// A run that takes longer than this is long: the next one need not wait behind it for the sake of a
/// round trip.
const LONG: Duration = Duration::from_millis(50);

/// How many bytes of items a run should have at most: what sends them should soon get to the next one,
/// and what takes them to its first results.
const MOST_BYTES: usize = 4 << 20;

/// How many items the first run may have, when nobody knows how large they are.
const FIRST: usize = 16;

/// So many runs of nothing but known items are placed one after the other. Those who are here take
/// longer ones.
const MOST_KNOWN: usize = 64;

/// So many runs show what sending is worth.
const EVIDENCE: usize = 16;

/// How long nothing is sent when it was not worth it, and how long when it has not been again and
/// again.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// What becomes of an item: a result, or a failure.
type Judgement<T, B> = Result<T, Failure<B>>;

/// What the dispatcher has to know of the work.
trait Dispatch<X, T, B>: Sync {
    /// The name under which ranks know the function.
    fn function(&self) -> &'static str;

    /// What a rank is told before its first run.
    fn about(&self, threads: Option<usize>) -> Result<About, Reason>;

    /// Appends `item` to `into`, unless it is known what it comes to.
    fn encode(&self, item: X, into: &mut Vec<u8>) -> Result<Option<Judgement<T, B>>, Reason>;

    /// What has come of the item at `position`, off `bytes`.
    fn judge(
        &self,
        position: usize,
        rank: &Rank,
        bytes: &mut &[u8],
    ) -> Result<Judgement<T, B>, Reason>;

    /// What an item comes to that did not begin, if it comes to anything.
    fn skipped(&self) -> Option<T>;

    /// Whether no further item is to begin.
    fn is_stopped(&self) -> bool;
}

/// Work for other ranks whose outputs are judged as they are here.
struct Judged<'w, X, R, J> {
    remote: &'w dyn Remote<X, R>,
    judge: PhantomData<fn() -> J>,
}

impl<X, R, J: Judge<R>> Judged<'_, X, R, J> {
    fn judged(output: R) -> Judgement<J::Value, J::Reason> {
        match J::judge(output) {
            ControlFlow::Continue(value) => Ok(value),
            ControlFlow::Break(reason) => Err(Failure::Break(reason)),
        }
    }
}

impl<X, R, J: Judge<R>> Dispatch<X, J::Value, J::Reason> for Judged<'_, X, R, J> {
    fn function(&self) -> &'static str {
        self.remote.function()
    }

    fn about(&self, threads: Option<usize>) -> Result<About, Reason> {
        let mut constants = Vec::new();
        self.remote.constants(&mut constants)?;
        Ok(About {
            function: self.remote.function(),
            threads,
            ends_with: match (self.remote.ends_with_panics(), J::ACCEPTS_ALL) {
                (false, _) => Ends::Never,
                (true, true) => Ends::Panic,
                (true, false) => Ends::Error,
            },
            constants,
        })
    }

    fn encode(
        &self,
        item: X,
        into: &mut Vec<u8>,
    ) -> Result<Option<Judgement<J::Value, J::Reason>>, Reason> {
        match self.remote.known(item) {
            Ok(output) => Ok(Some(Self::judged(output))),
            Err(item) => self.remote.encode(&item, into).map(|()| None),
        }
    }

    fn judge(
        &self,
        position: usize,
        rank: &Rank,
        bytes: &mut &[u8],
    ) -> Result<Judgement<J::Value, J::Reason>, Reason> {
        let (came, rest) = bytes.split_first().ok_or("nothing has come")?;
        *bytes = rest;
        let output = match Came::from_byte(*came) {
            Some(Came::Done) => self.remote.decode(position, bytes)?,
            Some(Came::Panicked) => {
                let words: String = encoding::decode(bytes)?;
                let Rank { number, host, .. } = rank;
                let payload = Box::new(format!("{words} (rank {number} on {host})"));
                match self.remote.panicked(position, payload) {
                    Ok(output) => output,
                    Err(payload) => return Ok(Err(Failure::Item(payload))),
                }
            }
            None => return Err("there are no such results".to_owned()),
        };
        Ok(Self::judged(output))
    }

    fn skipped(&self) -> Option<J::Value> {
        match J::judge(self.remote.skipped()?) {
            ControlFlow::Continue(value) => Some(value),
            ControlFlow::Break(_) => None,
        }
    }

    fn is_stopped(&self) -> bool {
        self.remote.is_stopped()
    }
}

/// Other ranks that can work on a call.
pub(crate) struct Abroad<'w, X, T, B> {
    work: Box<dyn Dispatch<X, T, B> + Send + 'w>,
    line: Line,
    /// How many threads of each, if that was said.
    threads: Option<usize>,
}

impl<'w, X, T, B> Abroad<'w, X, T, B> {
    /// Those for a call with these settings, if there are any and its work can be done there.
    pub(crate) fn find<W, J>(work: &'w W, settings: &Settings) -> Option<Self>
    where
        X: 'w,
        W: Work<X>,
        J: Judge<W::Output, Value = T, Reason = B> + 'w,
    {
        // What the environment says of this rank, it says of no other.
        let threads = settings.threads.map(NonZeroUsize::get);
        // The plain loop was asked for, or this machine.
        if settings.is_local || threads == Some(1) {
            return None;
        }
        let remote = work.remote()?;
        let judge = PhantomData::<fn() -> J>;
        Some(Self {
            work: Box::new(Judged { remote, judge }),
            line: Cluster::current()?.call(),
            threads,
        })
    }

    /// How many threads they have.
    pub(crate) fn threads(&self) -> usize {
        self.line.cluster.threads(self.threads)
    }

    /// Has them work on `call` until `lead` returns and what they have begun is done.
    pub(crate) fn accompany<I, G>(self, call: &Call<'_, I, G, B>, lead: impl FnOnce())
    where
        T: Send,
        B: Send,
        I: Iterator<Item = X> + Send,
        G: Gather<T>,
    {
        /// Also when `lead` unwinds.
        struct Waking<F: Fn()>(F);
        impl<F: Fn()> Drop for Waking<F> {
            fn drop(&mut self) {
                self.0();
            }
        }
        thread::scope(|scope| {
            let _waking = Waking(self.line.waker());
            // Without a thread for it, the call goes on without them.
            _ = thread::Builder::new()
                .name("parallelize dispatch".to_owned())
                .spawn_scoped(scope, move || self.dispatch(call));
            lead();
        });
    }

    fn dispatch<I, G>(self, call: &Call<'_, I, G, B>)
    where
        I: Iterator<Item = X>,
        G: Gather<T>,
    {
        // Woken if it is over by then.
        self.line.answer(PATIENCE);
        if call.is_over() {
            return;
        }
        if let Some(watch) = call.watch() {
            self.introduce(watch);
        }
        let about = AssertUnwindSafe(|| self.work.about(self.threads));
        match panic::catch_unwind(about) {
            Ok(Ok(about)) => Dispatcher::new(call, &*self.work, self.line, about).run(),
            Ok(Err(why)) => call.fail(0, refusal(self.work.function(), &why)),
            Err(payload) => call.fail(0, Failure::Beside(payload)),
        }
    }

    /// Tells who has part in the call.
    fn introduce(&self, watch: &dyn Watch) {
        let Cluster { me, ranks, .. } = &*self.line.cluster;
        for Rank {
            number,
            host,
            threads,
        } in iter::once(me).chain(ranks)
        {
            watch.joined(*number, host, self.threads.unwrap_or(*threads));
        }
    }
}

/// What a value that does not travel comes to. The panic hook runs for it.
fn refusal<B>(function: &str, why: &str) -> Failure<B> {
    let panicked = panic::catch_unwind(|| panic!("`{function}`: {why}"));
    Failure::Beside(panicked.expect_err("it panics"))
}

struct Dispatcher<'d, 'w, I: Iterator, G, T, B> {
    call: &'d Call<'w, I, G, B>,
    work: &'d dyn Dispatch<I::Item, T, B>,
    line: Line,
    /// How many runs each rank has, and how many threads.
    loads: Vec<(usize, usize)>,
    /// The runs that are elsewhere, by where they start.
    away: BTreeMap<usize, Away<T, B>>,
    /// Whether the latest run that came back was short.
    is_short: bool,
    /// How many items make up the bytes that a run may have, by the latest one.
    most: usize,
    /// Up to where the ranks know that they need go.
    bound: usize,
    /// The lowest position of an error, and whose it is.
    error: Option<(usize, usize)>,
    items: Vec<I::Item>,
    balance: Balance,
    /// How many items the runs had that came back, and how long they took, until that is reported.
    finished: Vec<(usize, Duration)>,
}

/// What sending is worth.
#[derive(Default)]
struct Balance {
    runs: usize,
    /// How many of them took more than half as much time here as there.
    bad: usize,
    /// How long nothing is sent after so many were bad, and until when.
    pause: Duration,
    until: Option<Instant>,
}

impl Balance {
    /// A run for which this thread was at work for as long as `spent` and another for as long as
    /// `gained`.
    fn note(&mut self, spent: Duration, gained: Duration, now: Instant) {
        self.runs += 1;
        self.bad += usize::from(2 * spent > gained);
        if self.runs < EVIDENCE {
            return;
        }
        // Runs vote, since a thread may be interrupted for longer than a run takes.
        if 2 * self.bad < self.runs {
            *self = Self::default();
            return;
        }
        let pause = (2 * self.pause).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        *self = Self {
            pause,
            until: Some(now + pause),
            ..Self::default()
        };
    }

    /// Whether others took off less than sending cost here when that was last seen.
    fn is_bad(&self) -> bool {
        self.until.is_some()
    }

    /// Whether to send now. After a pause it is to be seen again what that is worth: the items may be
    /// others by then.
    fn is_open(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| now >= until)
    }
}

type Known<T, B> = VecDeque<(usize, Judgement<T, B>)>;

/// A run that is elsewhere.
struct Away<T, B> {
    run: Run,
    /// What is known of its items, and at which positions they stand.
    known: Known<T, B>,
    place: usize,
    /// How long it took to send it.
    spent: Duration,
}

impl<'d, 'w, I, G, T, B> Dispatcher<'d, 'w, I, G, T, B>
where
    I: Iterator,
    G: Gather<T>,
{
    fn new(
        call: &'d Call<'w, I, G, B>,
        work: &'d dyn Dispatch<I::Item, T, B>,
        mut line: Line,
        about: About,
    ) -> Self {
        let ranks = line.cluster.ranks.iter();
        let loads = ranks.map(|rank| (0, about.threads.unwrap_or(rank.threads)));
        let loads = loads.collect();
        line.begin(about);
        Self {
            call,
            work,
            loads,
            line,
            away: BTreeMap::new(),
            is_short: false,
            most: FIRST,
            bound: usize::MAX,
            error: None,
            items: Vec::new(),
            balance: Balance::default(),
            finished: Vec::new(),
        }
    }

    fn run(mut self) {
        loop {
            if self.line.cluster.has_ended() {
                self.lose_all();
                break;
            }
            self.send_all();
            if self.away.is_empty() && self.call.is_over() {
                break;
            }
            match self.line.answer(LOOK) {
                Some((
                    _,
                    Message::Results {
                        start,
                        thread,
                        busy,
                        results,
                        ..
                    },
                )) => {
                    self.take(start, thread, busy, &results);
                }
                Some((place, Message::Refused { start, why, .. })) => {
                    self.refuse(start, place, &why);
                }
                _ => (),
            }
            self.tell_bound();
        }
        self.call.learn(&mut self.finished);
        if let (true, Some(watch)) = (self.balance.is_bad(), self.call.watch()) {
            watch.stopped_sending();
        }
        self.tell_whose_error();
    }

    /// Says on stderr where the error that ends the call comes from, as it cannot say so itself.
    fn tell_whose_error(&self) {
        let bound = self.call.failures().bound().load(Ordering::Relaxed);
        let ends_the_call = |(position, _): &(usize, usize)| *position == bound;
        if let Some((position, place)) = self.error.filter(ends_the_call) {
            let Rank { number, host, .. } = &self.line.cluster.ranks[place];
            eprintln!("parallelize: the error of item {position} is from rank {number} on {host}");
        }
    }

    /// Sends runs as long as there are any and somebody is free for them.
    fn send_all(&mut self) {
        let mut known_runs = 0;
        while let Some(place) = self.free() {
            let is_closed = self.call.is_over() || !self.balance.is_open(Instant::now());
            if is_closed || known_runs == MOST_KNOWN {
                return;
            }
            let (items, finished) = (&mut self.items, &mut self.finished);
            let Ok(run) = self.call.take(items, finished, self.most) else {
                return;
            };
            let start = run.start();
            let begun = Instant::now();
            match panic::catch_unwind(AssertUnwindSafe(|| self.encoded(start))) {
                Ok(Ok((items, known))) if items.is_empty() => {
                    known_runs += 1;
                    self.place(run, known, None, Who::Nobody, begun, Duration::ZERO);
                }
                Ok(Ok((items, known))) => {
                    known_runs = 0;
                    let (len, bytes) = (run.len() - known.len(), items.len());
                    self.most = MOST_BYTES.saturating_mul(len) / bytes;
                    self.line.send(place, start, items);
                    self.loads[place].0 += 1;
                    let away = Away {
                        run,
                        known,
                        place,
                        spent: begun.elapsed(),
                    };
                    self.away.insert(start, away);
                }
                Ok(Err(why)) => self.lose(run, self.refusal(&why)),
                Err(payload) => self.lose(run, Failure::Beside(payload)),
            }
        }
    }

    /// The rank that has least to do, if it can do with another run: one for each thread, and where
    /// runs are short another one that waits, so that nobody waits for a round trip.
    fn free(&self) -> Option<usize> {
        let most = if self.is_short { 2 } else { 1 };
        let loads = self.loads.iter().enumerate();
        let load =
            |&(_, &(runs, threads)): &(usize, &(usize, usize))| runs * 1_000 / threads.max(1);
        let (place, (runs, threads)) = loads.min_by_key(load)?;
        (*runs < most * threads).then_some(place)
    }

    /// The items of the run at `start` as they travel, and what is known of the others.
    fn encoded(&mut self, start: usize) -> Result<(Vec<u8>, Known<T, B>), Reason> {
        let (mut bytes, mut known) = (Vec::new(), Known::new());
        for (position, item) in (start..).zip(self.items.drain(..)) {
            let judgement = self.work.encode(item, &mut bytes)?;
            known.extend(judgement.map(|judgement| (position, judgement)));
        }
        Ok((bytes, known))
    }

    /// Takes the results of the run at `start`, for which a `thread` was `busy`.
    fn take(&mut self, start: usize, thread: usize, busy: Duration, results: &[u8]) {
        if let Some(away) = self.back(start) {
            let now = Instant::now();
            let len = away.run.len() - away.known.len();
            let rank = self.line.cluster.ranks[away.place].number;
            let by = Who::Other { rank, thread };
            let came = Some((away.place, results));
            self.place(away.run, away.known, came, by, now, busy);
            let spent = away.spent + now.elapsed();
            self.balance.note(spent, busy, Instant::now());
            self.is_short = busy <= LONG;
            self.finished.push((len, busy));
        }
    }

    /// Puts what is `known` and what has come of a run, `by` a thread that was `busy`, where it
    /// belongs.
    fn place(
        &mut self,
        run: Run,
        known: Known<T, B>,
        came: Option<(usize, &[u8])>,
        by: Who,
        now: Instant,
        busy: Duration,
    ) {
        let start = run.start();
        let settled = AssertUnwindSafe(|| self.settle(run, known, came));
        let end = panic::catch_unwind(settled).unwrap_or_else(|payload| {
            self.call.fail(start, Failure::Beside(payload));
            start
        });
        let begun = now.checked_sub(busy).unwrap_or(now);
        // Whoever watches may panic, and then there may still be runs that are waited for.
        let told = AssertUnwindSafe(|| self.call.ended(by, start..end, begun, busy));
        if let Err(payload) = panic::catch_unwind(told) {
            self.call.fail(usize::MAX, Failure::Beside(payload));
        }
    }

    /// Puts the results of a run into its sink: where they end.
    fn settle(&mut self, run: Run, mut known: Known<T, B>, came: Option<(usize, &[u8])>) -> usize {
        let end = run.end();
        let mut sink = self.call.gather.sink(run);
        let (place, mut results) = came.unwrap_or_default();
        // Up to which position an item was begun.
        let mut begun = sink.position();
        while sink.position() < end {
            let position = sink.position();
            let is_known = known.front().is_some_and(|(known, _)| *known == position);
            let judgement = if is_known {
                known.pop_front().expect("there is one").1
            } else if !results.is_empty() {
                let rank = &self.line.cluster.ranks[place];
                let judged = self.work.judge(position, rank, &mut results);
                judged.unwrap_or_else(|why| Err(self.refusal(&why)))
            } else if let Some(skipped) = self.work.skipped() {
                sink.push(skipped);
                continue;
            } else {
                break;
            };
            match judgement {
                Ok(value) => sink.push(value),
                Err(failure) => {
                    if matches!(failure, Failure::Break(_)) && !is_known {
                        let error = (position, place);
                        self.error = Some(self.error.map_or(error, |known| known.min(error)));
                    }
                    drop(sink);
                    self.call.fail(position, failure);
                    return position;
                }
            }
            begun = sink.position();
        }
        begun
    }

    fn refusal(&self, why: &str) -> Failure<B> {
        refusal(self.work.function(), why)
    }

    fn refuse(&mut self, start: usize, place: usize, why: &str) {
        if let Some(Away { run, .. }) = self.back(start) {
            let Rank { number, host, .. } = &self.line.cluster.ranks[place];
            let why = format!("{why} (rank {number} on {host})");
            self.lose(run, self.refusal(&why));
        }
    }

    /// The run at `start`, which has come back.
    fn back(&mut self, start: usize) -> Option<Away<T, B>> {
        let away = self.away.remove(&start)?;
        self.loads[away.place].0 -= 1;
        Some(away)
    }

    /// Ends the call with a run of which nothing has come.
    fn lose(&self, run: Run, failure: Failure<B>) {
        let start = run.start();
        drop(self.call.gather.sink(run));
        self.call.fail(start, failure);
        // There is nobody who has evaluated it.
        self.call.gather.end();
    }

    /// Ends the call if there are runs that will not come back.
    fn lose_all(&mut self) {
        for Away { run, .. } in mem::take(&mut self.away).into_values() {
            let why = "the other ranks were told to leave while they had items of this call";
            self.lose(run, self.refusal(why));
        }
    }

    /// Has nobody begin what is of no use any more.
    fn tell_bound(&mut self) {
        let bound = if self.work.is_stopped() {
            0
        } else {
            self.call.failures().bound().load(Ordering::Relaxed)
        };
        if bound < self.bound {
            self.bound = bound;
            self.line.bound(bound);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sending_goes_on_as_long_as_it_is_worth_it() {
        let (now, millis) = (Instant::now(), Duration::from_millis);
        let mut balance = Balance::default();
        for i in 0..1_000 {
            // Now and then it is interrupted.
            let spent = millis(if i % 3 == 0 { 100 } else { 0 });
            balance.note(spent, millis(2), now);
        }
        assert!(balance.is_open(now) && !balance.is_bad());
    }

    #[test]
    fn sending_pauses_for_longer_and_longer_when_it_is_not_worth_it() {
        let (mut now, millis) = (Instant::now(), Duration::from_millis);
        let mut balance = Balance::default();
        for pause in [5, 10, 20, 40, 80, 100, 100] {
            for _ in 0..EVIDENCE {
                assert!(balance.is_open(now));
                balance.note(millis(9), millis(1), now);
            }
            assert!(!balance.is_open(now + millis(pause - 1)));
            now += millis(pause);
        }
        assert!(balance.is_open(now) && balance.is_bad());
        for _ in 0..EVIDENCE {
            balance.note(millis(1), millis(9), now);
        }
        assert!(!balance.is_bad());
    }
}
