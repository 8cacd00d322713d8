//! Sends runs of a call to threads of other ranks, and places what comes back.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Rank;
use super::balance::Balance;
use super::judged_work::{Dispatch, Judgement, refusal};
use super::leader::{CallChannel, CallHeader};
use super::message::Message;
use crate::call::ChunkSink;
use crate::call::Claim;
use crate::call::{Call, Sink};
use crate::encoding::Reason;
use crate::observe::WorkerId;
use crate::outcome::Failure;

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

pub(super) struct Dispatcher<'d, 'w, I: Iterator, S, T, B> {
    call: &'d Call<'w, I, S, B>,
    work: &'d dyn Dispatch<I::Item, T, B>,
    line: CallChannel,
    /// How many runs each rank has, and how many threads.
    loads: Vec<(usize, usize)>,
    /// The runs that are elsewhere, by where they start.
    in_flight: BTreeMap<usize, InFlight<T, B>>,
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

type Cached<T, B> = VecDeque<(usize, Judgement<T, B>)>;

/// A run that is elsewhere.
struct InFlight<T, B> {
    claim: Claim,
    /// What is known of its items, and at which positions they stand.
    known: Cached<T, B>,
    place: usize,
    /// How long it took to send it.
    spent: Duration,
}

impl<'d, 'w, I, S, T, B> Dispatcher<'d, 'w, I, S, T, B>
where
    I: Iterator,
    S: Sink<Value = T>,
{
    pub(super) fn new(
        call: &'d Call<'w, I, S, B>,
        work: &'d dyn Dispatch<I::Item, T, B>,
        mut line: CallChannel,
        about: CallHeader,
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
            in_flight: BTreeMap::new(),
            is_short: false,
            most: FIRST,
            bound: usize::MAX,
            error: None,
            items: Vec::new(),
            balance: Balance::default(),
            finished: Vec::new(),
        }
    }

    pub(super) fn run(mut self) {
        loop {
            if self.line.cluster.has_ended() {
                self.lose_all();
                break;
            }
            self.send_all();
            if self.in_flight.is_empty() && self.call.is_over() {
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
            self.broadcast_bound();
        }
        self.call.learn_remote(&mut self.finished);
        if let (true, Some(observer)) = (self.balance.is_losing(), self.call.observer()) {
            observer.on_sending_stopped();
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
            let Ok(claim) = self.call.claim_remote(items, finished, self.most) else {
                return;
            };
            let start = claim.start();
            let begun = Instant::now();
            match panic::catch_unwind(AssertUnwindSafe(|| self.encoded(start))) {
                Ok(Ok((items, known))) if items.is_empty() => {
                    known_runs += 1;
                    self.place(claim, known, None, WorkerId::Cached, begun, Duration::ZERO);
                }
                Ok(Ok((items, known))) => {
                    known_runs = 0;
                    let (len, bytes) = (claim.len() - known.len(), items.len());
                    self.most = MOST_BYTES.saturating_mul(len) / bytes;
                    self.line.send(place, start, items);
                    self.loads[place].0 += 1;
                    let in_flight = InFlight {
                        claim,
                        known,
                        place,
                        spent: begun.elapsed(),
                    };
                    self.in_flight.insert(start, in_flight);
                }
                Ok(Err(why)) => self.lose(claim, self.refusal(&why)),
                Err(payload) => self.lose(claim, Failure::Beside(payload)),
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
    fn encoded(&mut self, start: usize) -> Result<(Vec<u8>, Cached<T, B>), Reason> {
        let (mut bytes, mut known) = (Vec::new(), Cached::new());
        for (position, item) in (start..).zip(self.items.drain(..)) {
            let judgement = self.work.encode(item, &mut bytes)?;
            known.extend(judgement.map(|judgement| (position, judgement)));
        }
        Ok((bytes, known))
    }

    /// Takes the results of the run at `start`, for which a `thread` was `busy`.
    fn take(&mut self, start: usize, thread: usize, busy: Duration, results: &[u8]) {
        if let Some(in_flight) = self.back(start) {
            let now = Instant::now();
            let len = in_flight.claim.len() - in_flight.known.len();
            let rank = self.line.cluster.ranks[in_flight.place].number;
            let by = WorkerId::Remote { rank, thread };
            let came = Some((in_flight.place, results));
            self.place(in_flight.claim, in_flight.known, came, by, now, busy);
            let spent = in_flight.spent + now.elapsed();
            self.balance.record(spent, busy, Instant::now());
            self.is_short = busy <= LONG;
            self.finished.push((len, busy));
        }
    }

    /// Puts what is `known` and what has come of a run, `by` a thread that was `busy`, where it
    /// belongs.
    fn place(
        &mut self,
        claim: Claim,
        known: Cached<T, B>,
        came: Option<(usize, &[u8])>,
        by: WorkerId,
        now: Instant,
        busy: Duration,
    ) {
        let start = claim.start();
        let settled = AssertUnwindSafe(|| self.settle(claim, known, came));
        let end = panic::catch_unwind(settled).unwrap_or_else(|payload| {
            self.call.fail(start, Failure::Beside(payload));
            start
        });
        let begun = now.checked_sub(busy).unwrap_or(now);
        // Whoever watches may panic, and then there may still be runs that are waited for.
        let told = AssertUnwindSafe(|| self.call.chunk_finished(by, start..end, begun, busy));
        if let Err(payload) = panic::catch_unwind(told) {
            self.call.fail(usize::MAX, Failure::Beside(payload));
        }
    }

    /// Puts the results of a run into its sink: where they end.
    fn settle(
        &mut self,
        claim: Claim,
        mut known: Cached<T, B>,
        came: Option<(usize, &[u8])>,
    ) -> usize {
        let end = claim.end();
        let mut sink = self.call.sink.chunk_sink(claim);
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
        if let Some(InFlight { claim, .. }) = self.back(start) {
            let Rank { number, host, .. } = &self.line.cluster.ranks[place];
            let why = format!("{why} (rank {number} on {host})");
            self.lose(claim, self.refusal(&why));
        }
    }

    /// The run at `start`, which has come back.
    fn back(&mut self, start: usize) -> Option<InFlight<T, B>> {
        let in_flight = self.in_flight.remove(&start)?;
        self.loads[in_flight.place].0 -= 1;
        Some(in_flight)
    }

    /// Ends the call with a run of which nothing has come.
    fn lose(&self, claim: Claim, failure: Failure<B>) {
        let start = claim.start();
        drop(self.call.sink.chunk_sink(claim));
        self.call.fail(start, failure);
        // There is nobody who has evaluated it.
        self.call.sink.chunk_finished();
    }

    /// Ends the call if there are runs that will not come back.
    fn lose_all(&mut self) {
        for InFlight { claim, .. } in mem::take(&mut self.in_flight).into_values() {
            let why = "the other ranks were told to leave while they had items of this call";
            self.lose(claim, self.refusal(why));
        }
    }

    /// Has nobody begin what is of no use any more.
    fn broadcast_bound(&mut self) {
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
