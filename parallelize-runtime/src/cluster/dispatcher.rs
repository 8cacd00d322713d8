//! Sends chunks of a call to threads of other ranks, and commits the results that come back.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::balance::Balance;
use super::call_channel::{CallChannel, CallHeader};
use super::loads::Loads;
use super::message::Message;
use super::remote_work::{ItemResult, Received, RemoteWork, refusal};
use crate::call::{Call, ChunkSink, Claim, Sink};
use crate::encoding::ErrorText;
use crate::observe::WorkerId;
use crate::outcome::Failure;
use crate::work::LEAF;

/// Bounds the time that the dispatcher waits for a reply before it looks again whether the sink has
/// room and whether the call was stopped.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Bounds the encoded items of a chunk, in bytes, by the size of earlier items. The dispatcher soon
/// gets to the next chunk then, and the receiver soon has its first results.
const MAX_CHUNK_BYTES: usize = 4 << 20;

/// Bounds the items of the first chunk, before the size of an item is known.
const MAX_FIRST_ITEMS: usize = 16;

/// Bounds the chunks that have only cached results and are committed one after the other without a
/// look at the replies. Workers on this machine claim longer chunks of such items.
const MAX_CACHED_CHUNKS: usize = 64;

/// Sends chunks of a call to threads of other ranks, and commits the results that come back.
pub(super) struct Dispatcher<'d, 'w, I: Iterator, S, T, B> {
    call: &'d Call<'w, I, S, B>,
    work: &'d dyn RemoteWork<I::Item, T, B>,
    channel: CallChannel,
    loads: Loads,
    balance: Balance,
    /// The chunks that other ranks have, by the position of their first item.
    in_flight: BTreeMap<usize, InFlight<T, B>>,
    /// The items of the chunk that is sent next. It is empty otherwise, and keeps its memory.
    items: Vec<I::Item>,
    /// How many items fill [`MAX_CHUNK_BYTES`], judging by the latest chunk.
    max_items: usize,
    /// The bound that the ranks know: they begin no item from this position on.
    sent_bound: usize,
    /// The lowest position of an error from another rank, and the peer that sent it.
    lowest_error: Option<(usize, usize)>,
    /// The items and the times of finished chunks, until the policy has learned them.
    finished: Vec<(usize, Duration)>,
}

/// Cached results of a chunk's items, with their positions.
type Cached<T, B> = VecDeque<(usize, ItemResult<T, B>)>;

/// The encoded items of a chunk, and the cached results of those that are not sent.
type Encoded<T, B> = (Vec<u8>, Cached<T, B>);

/// A chunk that another rank has.
struct InFlight<T, B> {
    claim: Claim,
    /// The results of its items that were not sent.
    cached: Cached<T, B>,
    peer: usize,
    /// How long it took to encode and to send.
    send_time: Duration,
}

/// A chunk whose results are ready to be committed.
struct ReadyChunk<'r, T, B> {
    claim: Claim,
    cached: Cached<T, B>,
    /// The peer that evaluated the other items, and their encoded results.
    received: Option<(usize, &'r [u8])>,
}

impl<'d, 'w, I, S, T, B> Dispatcher<'d, 'w, I, S, T, B>
where
    I: Iterator,
    S: Sink<Value = T>,
{
    pub(super) fn new(
        call: &'d Call<'w, I, S, B>,
        work: &'d dyn RemoteWork<I::Item, T, B>,
        mut channel: CallChannel,
        header: CallHeader,
    ) -> Self {
        let others = channel.cluster.others.iter();
        let loads = Loads::new(others.map(|rank| header.threads.unwrap_or(rank.threads)));
        channel.set_header(header);
        Self {
            call,
            work,
            channel,
            loads,
            balance: Balance::default(),
            in_flight: BTreeMap::new(),
            items: Vec::new(),
            max_items: MAX_FIRST_ITEMS,
            sent_bound: usize::MAX,
            lowest_error: None,
            finished: Vec::new(),
        }
    }

    /// Sends chunks and commits their results until the call is over and all chunks are back.
    pub(super) fn run(mut self) {
        loop {
            if self.channel.cluster.is_shut_down() {
                self.fail_in_flight();
                break;
            }
            self.send_chunks();
            if self.in_flight.is_empty() && self.call.is_over() {
                break;
            }
            if let Some((peer, reply)) = self.channel.next_reply(POLL_INTERVAL) {
                self.handle(peer, reply);
            }
            self.broadcast_bound();
        }
        self.call.learn_remote(&mut self.finished);
        if let (true, Some(observer)) = (self.balance.is_losing(), self.call.observer()) {
            observer.on_sending_stopped();
        }
        self.report_origin_of_error();
    }

    /// Prints the rank of the error that ends the call on stderr, since the error cannot name it.
    fn report_origin_of_error(&self) {
        let bound = self.call.failures().bound().load(Ordering::Relaxed);
        let ends_the_call = |(position, _): &(usize, usize)| *position == bound;
        if let Some((position, peer)) = self.lowest_error.filter(ends_the_call) {
            let rank = &self.channel.cluster.others[peer];
            eprintln!("parallelize: the error of item {position} is from {rank}");
        }
    }

    /// Sends chunks as long as there are any and a rank is free.
    fn send_chunks(&mut self) {
        let mut cached_chunks = 0;
        while let Some(peer) = self.loads.free_peer() {
            let is_closed = self.call.is_over() || !self.balance.is_open(Instant::now());
            if is_closed || cached_chunks == MAX_CACHED_CHUNKS {
                return;
            }
            let (items, finished) = (&mut self.items, &mut self.finished);
            let Ok(claim) = self.call.claim_remote(items, finished, self.max_items) else {
                return;
            };
            let begun = Instant::now();
            match self.encode_items(claim.start()) {
                Ok((items, cached)) if items.is_empty() => {
                    cached_chunks += 1;
                    let received = None;
                    let chunk = ReadyChunk {
                        claim,
                        cached,
                        received,
                    };
                    self.commit(chunk, WorkerId::Cached, begun, Duration::ZERO);
                }
                Ok((items, cached)) => {
                    cached_chunks = 0;
                    self.send_chunk(peer, claim, items, cached, begun);
                }
                Err(failure) => self.fail_chunk(claim, failure),
            }
        }
    }

    /// Encodes the items of the chunk at `start`, or returns the failure that ends the call.
    fn encode_items(&mut self, start: usize) -> Result<Encoded<T, B>, Failure<B>> {
        let (work, items) = (self.work, &mut self.items);
        let encode = AssertUnwindSafe(|| {
            let (mut bytes, mut cached) = (Vec::new(), Cached::new());
            for (position, item) in (start..).zip(items.drain(..)) {
                let result = work.encode(item, &mut bytes)?;
                cached.extend(result.map(|result| (position, result)));
            }
            Ok::<_, ErrorText>((bytes, cached))
        });
        match panic::catch_unwind(encode) {
            Ok(encoded) => encoded.map_err(|reason| self.refusal(&reason)),
            Err(payload) => Err(Failure::Outside(payload)),
        }
    }

    /// Sends the encoded `items` of the chunk at `claim` to `peer`. The encoding began at `begun`.
    fn send_chunk(
        &mut self,
        peer: usize,
        claim: Claim,
        items: Vec<u8>,
        cached: Cached<T, B>,
        begun: Instant,
    ) {
        let (start, len) = (claim.start(), claim.len() - cached.len());
        self.max_items = MAX_CHUNK_BYTES.saturating_mul(len) / items.len();
        self.channel.send_chunk(peer, start, items);
        self.loads.sent(peer);
        let in_flight = InFlight {
            claim,
            cached,
            peer,
            send_time: begun.elapsed(),
        };
        self.in_flight.insert(start, in_flight);
    }

    /// Handles a reply of `peer`.
    fn handle(&mut self, peer: usize, reply: Message) {
        match reply {
            Message::Results {
                start,
                thread,
                busy,
                results,
                ..
            } => self.receive_results(start, thread, busy, &results),
            Message::Refused { start, reason, .. } => self.receive_refusal(start, peer, &reason),
            _ => unreachable!("a reply is one of these"),
        }
    }

    /// Commits the results of the chunk at `start`, which kept a `thread` `busy`, and learns from
    /// it.
    fn receive_results(&mut self, start: usize, thread: usize, busy: Duration, results: &[u8]) {
        let Some(in_flight) = self.take_in_flight(start) else {
            return;
        };
        let InFlight {
            claim,
            cached,
            peer,
            send_time,
        } = in_flight;
        let now = Instant::now();
        let len = claim.len() - cached.len();
        let rank = self.channel.cluster.others[peer].number;
        let chunk = ReadyChunk {
            claim,
            cached,
            received: Some((peer, results)),
        };
        self.commit(chunk, WorkerId::Remote { rank, thread }, now, busy);
        let cost = send_time + now.elapsed();
        self.balance.record(cost, busy, Instant::now());
        self.loads.learn(busy);
        self.finished.push((len, busy));
    }

    /// Ends the call because `peer` cannot evaluate the chunk at `start`.
    fn receive_refusal(&mut self, start: usize, peer: usize, reason: &str) {
        if let Some(InFlight { claim, .. }) = self.take_in_flight(start) {
            let rank = &self.channel.cluster.others[peer];
            let reason = format!("{reason} ({rank})");
            self.fail_chunk(claim, self.refusal(&reason));
        }
    }

    /// Takes the chunk at `start`, to which a reply has arrived, out of those in flight.
    fn take_in_flight(&mut self, start: usize) -> Option<InFlight<T, B>> {
        let in_flight = self.in_flight.remove(&start)?;
        self.loads.returned(in_flight.peer);
        Some(in_flight)
    }

    /// Commits the results of a `chunk`, which kept the worker `by` `busy` until `now`.
    fn commit(&mut self, chunk: ReadyChunk<'_, T, B>, by: WorkerId, now: Instant, busy: Duration) {
        let start = chunk.claim.start();
        let push = AssertUnwindSafe(|| self.push_results(chunk));
        let end = panic::catch_unwind(push).unwrap_or_else(|payload| {
            self.call.fail(start, Failure::Outside(payload));
            start
        });
        let begun = now.checked_sub(busy).unwrap_or(now);
        // An observer may panic. The dispatcher still has to wait for the chunks in flight.
        let finish = AssertUnwindSafe(|| self.call.chunk_finished(by, start..end, begun, busy));
        if let Err(payload) = panic::catch_unwind(finish) {
            self.call.fail(usize::MAX, Failure::Outside(payload));
        }
    }

    /// Pushes the results of a `chunk` into its sink. Returns the position behind the last item
    /// that began.
    fn push_results(&mut self, chunk: ReadyChunk<'_, T, B>) -> usize {
        let (claim, mut cached) = (chunk.claim, chunk.cached);
        let (peer, mut results) = chunk.received.unwrap_or_default();
        let end = claim.end();
        let mut sink = self.call.sink.chunk_sink(claim);
        let mut begun_end = sink.position();
        while sink.position() < end {
            let position = sink.position();
            let received = if let Some(result) = take_cached(&mut cached, position) {
                Received::Item(result)
            } else if !results.is_empty() {
                self.take_result(position, peer, &mut results)
            } else if let Some(skipped) = self.work.skipped() {
                sink.push(skipped);
                continue;
            } else {
                break;
            };
            match received {
                Received::Item(Ok(value)) => sink.push(value),
                Received::Sum(sum) if end - position >= LEAF => sink.push_sum(sum),
                Received::Sum(_) => unreachable!("a leaf ends with its chunk at the latest"),
                Received::Item(Err(failure)) => {
                    self.finish(&mut sink);
                    drop(sink);
                    self.call.fail(position, failure);
                    return position;
                }
            }
            begun_end = sink.position();
        }
        self.finish(&mut sink);
        begun_end
    }

    /// Lets the `sink` of a chunk hand over its results.
    fn finish(&self, sink: &mut impl ChunkSink) {
        if let Err((position, payload)) = sink.finish() {
            self.call.fail(position, Failure::Outside(payload));
        }
    }

    /// Takes the result of the item at `position`, which `peer` evaluated, off `results`.
    fn take_result(&mut self, position: usize, peer: usize, results: &mut &[u8]) -> Received<T, B> {
        let rank = &self.channel.cluster.others[peer];
        let decoded = self.work.decode(position, Some(rank), results);
        let received = decoded.unwrap_or_else(|reason| Received::Item(Err(self.refusal(&reason))));
        if let Received::Item(Err(Failure::Break(_))) = received {
            let error = (position, peer);
            self.lowest_error = Some(self.lowest_error.map_or(error, |known| known.min(error)));
        }
        received
    }

    /// Ends the call because the chunk at `claim` has no results.
    fn fail_chunk(&self, claim: Claim, failure: Failure<B>) {
        let start = claim.start();
        drop(self.call.sink.chunk_sink(claim));
        self.call.fail(start, failure);
        // Notifies only the sink: observers count evaluated chunks, and this one was not evaluated.
        self.call.sink.chunk_finished();
    }

    /// Ends the call if there are chunks in flight, which will not come back.
    fn fail_in_flight(&mut self) {
        for InFlight { claim, .. } in mem::take(&mut self.in_flight).into_values() {
            let reason = "the other ranks were told to leave while they had items of this call";
            self.fail_chunk(claim, self.refusal(reason));
        }
    }

    fn refusal(&self, reason: &str) -> Failure<B> {
        refusal(self.work.function(), reason)
    }

    /// Sends the ranks the position from which on no item need begin, if it has become lower.
    fn broadcast_bound(&mut self) {
        let bound = if self.work.is_stopped() {
            0
        } else {
            self.call.failures().bound().load(Ordering::Relaxed)
        };
        if bound < self.sent_bound {
            self.sent_bound = bound;
            self.channel.send_bound(bound);
        }
    }
}

/// Takes the result of the item at `position` if it is `cached`. Positions must ascend.
fn take_cached<T, B>(cached: &mut Cached<T, B>, position: usize) -> Option<ItemResult<T, B>> {
    match cached.front() {
        Some((next, _)) if *next == position => cached.pop_front().map(|(_, result)| result),
        _ => None,
    }
}
