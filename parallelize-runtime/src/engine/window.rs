//! The sink of a stream: finished chunks that wait for the consumer.

use std::collections::BTreeMap;
use std::mem;
use std::num::NonZeroUsize;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::resources::Resources;
use crate::call::{ChunkSink, Claim, Sink};
use crate::schedule::{Policy, Settings};
use crate::sync::{AtomicUsize, Condvar, Mutex, Ordering, Padded, lock, thread};

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

/// The results that are computed or being computed, and not consumed.
pub(super) struct Window<R> {
    order: Order,
    threads: usize,
    /// Whether some of them are on other machines.
    has_others: bool,
    settings: Settings,
    /// How many results there are or will be of the runs that have begun.
    held: Padded<AtomicUsize>,
    /// How many there may be, as far as is known.
    most: AtomicUsize,
    buffer: Mutex<ReorderBuffer<R>>,
    /// Whenever a run comes to the buffer.
    came: Condvar,
}

/// The runs that are finished.
struct ReorderBuffer<R> {
    ready: BTreeMap<usize, Vec<R>>,
    /// How many runs are being computed.
    running: usize,
    /// The position behind the results that the consumer has.
    next: usize,
    /// How many results it was given last.
    given: usize,
}

impl<R> Window<R> {
    pub(super) fn new<X, B>(
        order: Order,
        resources: &Resources<'_, X, R, B>,
        settings: Settings,
    ) -> Self {
        let buffer = ReorderBuffer {
            ready: BTreeMap::new(),
            running: 0,
            next: 0,
            given: 0,
        };
        let threads = resources.total_threads();
        Self {
            order,
            threads,
            has_others: threads > resources.local_threads,
            settings,
            held: Padded::default(),
            most: AtomicUsize::new(usize::MAX),
            buffer: Mutex::new(buffer),
            came: Condvar::new(),
        }
    }

    /// Takes the next run off the buffer, if it is there. The consumer has consumed what it was given
    /// before.
    pub(super) fn next(&self) -> Option<(usize, Vec<R>)> {
        let mut buffer = lock(&self.buffer);
        let given = mem::take(&mut buffer.given);
        self.held.0.fetch_sub(given, Ordering::Relaxed);
        if !buffer.has_next(self.order) {
            return None;
        }
        let (start, results) = buffer.ready.pop_first()?;
        buffer.given = results.len();
        buffer.next = start + results.len();
        Some((start, results))
    }

    /// Waits for the next run: whether it came. If nobody is at work, none will.
    pub(super) fn wait(&self) -> bool {
        let mut buffer = lock(&self.buffer);
        while !buffer.has_next(self.order) && buffer.running > 0 {
            let waited = self.came.wait(buffer);
            buffer = waited.unwrap_or_else(PoisonError::into_inner);
        }
        buffer.has_next(self.order)
    }

    /// How many results it holds unless it is told.
    fn most_by(&self, policy: &Policy) -> usize {
        let len = policy.usual_len(self.has_others);
        len.saturating_mul(RUNS * self.threads)
    }

    /// Whether it is worth it to have helpers come.
    pub(super) fn has_much_room(&self) -> bool {
        let most = self.most.load(Ordering::Relaxed);
        self.held.0.load(Ordering::Relaxed) <= most / 2
    }
}

impl<R> ReorderBuffer<R> {
    fn has_next(&self, order: Order) -> bool {
        let first = self.ready.keys().next();
        first.is_some_and(|start| order == Order::Done || *start == self.next)
    }
}

impl<R: Send> Sink for Window<R> {
    type Value = R;

    type ChunkSink<'s>
        = ChunkBuffer<'s, R>
    where
        R: 's;

    fn chunk_started(&self, len: usize) {
        self.held.0.fetch_add(len, Ordering::Relaxed);
        lock(&self.buffer).running += 1;
    }

    fn chunk_sink(&self, claim: Claim) -> ChunkBuffer<'_, R> {
        ChunkBuffer {
            window: self,
            results: Vec::with_capacity(claim.len()),
            claim,
        }
    }

    fn chunk_finished(&self) {
        lock(&self.buffer).running -= 1;
        self.came.notify_one();
    }

    fn allowed_len(&self, len: usize, policy: &Policy) -> usize {
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

    fn wait_for_room(&self) -> bool {
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

/// The results of one run, which go to the buffer when it is finished or has failed.
pub(super) struct ChunkBuffer<'w, R> {
    window: &'w Window<R>,
    claim: Claim,
    results: Vec<R>,
}

impl<R> ChunkSink for ChunkBuffer<'_, R> {
    type Value = R;

    fn position(&self) -> usize {
        self.claim.start() + self.results.len()
    }

    fn push(&mut self, result: R) {
        self.results.push(result);
    }
}

impl<R> Drop for ChunkBuffer<'_, R> {
    fn drop(&mut self) {
        let Window { held, buffer, .. } = self.window;
        let results = mem::take(&mut self.results);
        held.0
            .fetch_sub(self.claim.len() - results.len(), Ordering::Relaxed);
        if !results.is_empty() {
            lock(buffer).ready.insert(self.claim.start(), results);
        }
    }
}
