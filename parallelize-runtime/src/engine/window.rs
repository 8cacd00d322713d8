//! The sink of a stream: finished chunks that wait for the consumer, and a bound on their number.

use std::collections::BTreeMap;
use std::mem;
use std::num::NonZeroUsize;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::resources::Resources;
use crate::call::{ChunkSink, Claim, Sink};
use crate::outcome::discard;
use crate::schedule::{Policy, Settings};
use crate::sync::{AtomicUsize, Condvar, Mutex, Ordering, Padded, lock, thread};

/// The order in which results arrive at the consumer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Order {
    /// The order of the items.
    Items,
    /// The order in which results are done.
    Done,
}

/// The default size of a window, in chunks for each thread. While one item takes as long as about
/// twenty others, no thread has to wait until its result is consumed.
const CHUNKS_PER_THREAD: usize = 32;

/// Bounds the time that a helper waits for room in the window before it returns to its pool.
const PATIENCE: Duration = Duration::from_micros(50);

/// The results that are computed or being computed, and not yet consumed.
pub(super) struct Window<R> {
    order: Order,
    threads: usize,
    /// Whether some of the threads are on other machines.
    has_remote: bool,
    settings: Settings,
    /// The number of results in the chunks that have started and are not consumed.
    held: Padded<AtomicUsize>,
    /// The size of the window as last computed, in results.
    size: AtomicUsize,
    buffer: Mutex<ReorderBuffer<R>>,
    /// Notified whenever a chunk enters the buffer or fails.
    chunk_finished: Condvar,
}

/// The finished chunks.
struct ReorderBuffer<R> {
    ready: BTreeMap<usize, Vec<R>>,
    /// The number of chunks that are being computed.
    running: usize,
    /// The position behind the last result that the consumer took.
    next: usize,
    /// The length of the chunk that the consumer took last.
    taken: usize,
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
            taken: 0,
        };
        let threads = resources.total_threads();
        Self {
            order,
            threads,
            has_remote: threads > resources.local_threads,
            settings,
            held: Padded::default(),
            size: AtomicUsize::new(usize::MAX),
            buffer: Mutex::new(buffer),
            chunk_finished: Condvar::new(),
        }
    }

    /// Takes the next chunk out of the buffer, if it is there. By now the consumer has consumed
    /// the chunk that it took before.
    pub(super) fn next(&self) -> Option<(usize, Vec<R>)> {
        let mut buffer = lock(&self.buffer);
        let consumed = mem::take(&mut buffer.taken);
        self.held.0.fetch_sub(consumed, Ordering::Relaxed);
        if !buffer.has_next(self.order) {
            return None;
        }
        let (start, results) = buffer.ready.pop_first()?;
        buffer.taken = results.len();
        buffer.next = start + results.len();
        Some((start, results))
    }

    /// Waits for the next chunk. Returns whether it is there; if no chunk is running, none will be.
    pub(super) fn wait(&self) -> bool {
        let mut buffer = lock(&self.buffer);
        while !buffer.has_next(self.order) && buffer.running > 0 {
            let waited = self.chunk_finished.wait(buffer);
            buffer = waited.unwrap_or_else(PoisonError::into_inner);
        }
        buffer.has_next(self.order)
    }

    /// Returns the default size of the window, in results.
    fn default_size(&self, policy: &Policy) -> usize {
        let chunk = policy.usual_len(self.has_remote);
        chunk.saturating_mul(CHUNKS_PER_THREAD * self.threads)
    }

    /// Returns whether there is enough room to request helpers.
    pub(super) fn has_much_room(&self) -> bool {
        let size = self.size.load(Ordering::Relaxed);
        self.held.0.load(Ordering::Relaxed) <= size / 2
    }
}

impl<R> ReorderBuffer<R> {
    fn has_next(&self, order: Order) -> bool {
        let first = self.ready.keys().next();
        first.is_some_and(|start| order == Order::Done || *start == self.next)
    }
}

impl<R> Drop for ReorderBuffer<R> {
    /// Discards the results that the consumer did not take. In the plain loop there would be none,
    /// so a panic of their drop is ignored.
    fn drop(&mut self) {
        let ready = mem::take(&mut self.ready);
        ready.into_values().flatten().for_each(discard);
    }
}

impl<R: Send> Sink for Window<R> {
    type Value = R;
    type Gathered = Vec<R>;

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
        self.chunk_finished.notify_one();
    }

    fn allowed_len(&self, len: usize, policy: &Policy) -> usize {
        // Relaxed: it grows only under the lock of the source, which this thread holds.
        let held = self.held.0.load(Ordering::Relaxed);
        let size = self
            .settings
            .window
            .map_or_else(|| self.default_size(policy), NonZeroUsize::get);
        self.size.store(size, Ordering::Relaxed);
        let share = match self.settings.chunk {
            Some(_) => size,
            // Half of the window is for the chunks that threads work on, and half for those that
            // wait for the consumer.
            None => (size / (2 * self.threads)).max(1),
        };
        let len = len.min(share);
        if held + len <= size { len } else { 0 }
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

/// The results of one chunk, which enter the window when the chunk ends or fails.
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
        let missing = self.claim.len() - results.len();
        held.0.fetch_sub(missing, Ordering::Relaxed);
        if !results.is_empty() {
            lock(buffer).ready.insert(self.claim.start(), results);
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;
    use crate::schedule::Profile;

    /// Makes the window of a stream on `threads` threads. 0 is the default size.
    fn window(order: Order, threads: usize, chunk: usize, size: usize) -> Window<usize> {
        static PROFILE: Profile = Profile::new();
        let mut settings = Settings::of(&PROFILE);
        settings.chunk = NonZeroUsize::new(chunk);
        settings.window = NonZeroUsize::new(size);
        let buffer = ReorderBuffer {
            ready: BTreeMap::new(),
            running: 0,
            next: 0,
            taken: 0,
        };
        Window {
            order,
            threads,
            has_remote: false,
            settings,
            held: Padded::default(),
            size: AtomicUsize::new(usize::MAX),
            buffer: Mutex::new(buffer),
            chunk_finished: Condvar::new(),
        }
    }

    /// Starts chunks of at most `len` items until there is no room. Returns their lengths, and
    /// asserts that there is much room as long as no more than half of the window is used.
    fn fill(window: &Window<usize>, len: usize, size: usize) -> Vec<usize> {
        let policy = window.settings.policy::<usize>();
        let mut lens = Vec::new();
        loop {
            let len = window.allowed_len(len, &policy);
            let held = lens.iter().sum::<usize>();
            assert_eq!(window.has_much_room(), held <= size / 2);
            if len == 0 {
                assert!(!window.wait_for_room());
                return lens;
            }
            window.chunk_started(len);
            lens.push(len);
        }
    }

    #[test]
    fn a_window_has_room_for_32_chunks_of_each_thread_by_default() {
        assert_eq!(fill(&window(Order::Items, 4, 1, 0), 1, 128), [1; 128]);
        assert_eq!(fill(&window(Order::Items, 3, 2, 0), 2, 192), [2; 96]);
    }

    #[test]
    fn half_of_a_window_is_for_the_chunks_that_threads_work_on() {
        assert_eq!(fill(&window(Order::Items, 4, 0, 80), 1_000, 80), [10; 8]);
        assert_eq!(fill(&window(Order::Items, 4, 0, 7), 1_000, 7), [1; 7]);
        // A length that is set is cut only to the window.
        assert_eq!(fill(&window(Order::Items, 4, 30, 80), 30, 80), [30; 2]);
        assert_eq!(fill(&window(Order::Items, 4, 30, 20), 30, 20), [20]);
    }

    #[test]
    fn a_helper_waits_only_until_there_is_room() {
        // On a busy machine, all of its patience may pass before the first look.
        while !window(Order::Items, 2, 1, 4).wait_for_room() {}
    }
}
