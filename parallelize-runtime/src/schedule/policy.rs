//! The number of items in the next chunk. Plain numbers; no clock and no threads.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "estimates; a float out of range becomes the nearest integer, as it should here"
)]

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use super::tuner::Tuner;

/// The time that a chunk should take. It is long beside the cost of claiming a chunk: a lock and
/// two looks at the clock, some 0.1 us. It is short enough that all workers end at about the same
/// time.
const CHUNK_TIME: Duration = Duration::from_micros(50);

/// The time that a chunk should take if it goes to another process of this machine. That waits some
/// tens of microseconds for its next chunk.
#[cfg(feature = "processes")]
const ISOLATED_TIME: Duration = Duration::from_millis(5);

/// Bounds the time of such a chunk from below.
#[cfg(feature = "processes")]
const ISOLATED_SHORTEST_TIME: Duration = Duration::from_micros(200);

/// Bounds the time of a chunk from below when chunks get shorter so that all workers end together.
/// Passing the items of the next chunk from core to core takes half a microsecond.
const SHORTEST_TIME: Duration = Duration::from_micros(10);

/// The size of the buffer into which a worker reads the items of a chunk, unless they are handed
/// out in place, in bytes. It should stay in the worker's cache.
const BUFFER_BYTES: usize = 32 * 1024;

/// A chunk has at most `1 / PARTS` of a worker's even share of what is left.
const PARTS: usize = 4;

/// Bounds the length of the next chunk, as a multiple of the longest finished one.
pub(super) const GROWTH: usize = 4;

/// Bounds the length of a chunk if the cost of one item says little about the next, in items.
const MOST_UNEVEN: usize = 16;

/// The length of a finished chunk for which many earlier calls count as evidence, in items. Those
/// calls had other items, so they do not justify a long first chunk.
const EARLIER: usize = 256;

/// The number of items that may begin between two looks at whether the call has failed, if they are
/// cheaper than [`UNCHECKED`]. Many enough for a loop that the compiler vectorises; few, as the
/// next ones may be dear.
const UNCHECKED_LEN: usize = 64;

/// The time of an item beside which a look costs nothing, in seconds.
const UNCHECKED: f64 = 20e-9;

/// The cost of passing an item to another thread through a buffer, in seconds.
const HANDLING: f64 = 2e-9;

/// Bounds the length of the next batch of the plain loop, as a multiple of the items done so far.
const ALONE_GROWTH: usize = 4;

/// Sizes chunks by what the finished ones took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(super) workers: usize,
    /// The number of items to share, if that is known.
    shared: Option<usize>,
    /// The length of every chunk, if `chunk_size` fixes it.
    pub(super) fixed: Option<usize>,
    /// The time that a chunk should take, and a bound of it from below.
    time: (Duration, Duration),
    /// The largest length of a chunk in a buffer, in items.
    most: usize,
    /// Whether items move through no buffer.
    is_in_place: bool,
    /// The length of the longest finished chunk.
    longest: usize,
    /// The length of the longest chunk that another rank has finished.
    pub(super) longest_remote: usize,
    /// The estimated time of an item of the next chunk, rather too long than too short.
    pub(super) item_seconds: Option<f64>,
    /// A lower bound of that for the first items of this call.
    pub(super) least_seconds: f64,
    /// The number of finished items.
    finished: usize,
    /// The time that they took on all threads together.
    busy: Duration,
    /// The time that they took while one worker was active.
    pub(super) alone: Duration,
    /// Whether the cost of one item says little about the next.
    pub(super) is_uneven: bool,
    /// When the first chunk of this part of the call began.
    pub(super) part_begun: Option<Instant>,
    /// What finds the number of workers, unless that is fixed.
    pub(super) tuner: Option<Tuner>,
}

impl Policy {
    /// Makes a policy for one worker and items of `item_bytes` bytes.
    ///
    /// In earlier calls an item took `item_seconds`. If this `is_trusted`, there were many such
    /// calls. If there is a `fixed` length, all chunks have it.
    pub(crate) fn new(
        item_bytes: usize,
        item_seconds: Option<f64>,
        is_trusted: bool,
        fixed: Option<NonZeroUsize>,
    ) -> Self {
        let most = (BUFFER_BYTES / item_bytes.max(1)).max(1);
        let longest = if is_trusted { EARLIER } else { 0 };
        Self {
            workers: 1,
            shared: None,
            fixed: fixed.map(NonZeroUsize::get),
            time: (CHUNK_TIME, SHORTEST_TIME),
            most,
            is_in_place: false,
            longest,
            longest_remote: 0,
            item_seconds,
            least_seconds: 0.0,
            finished: 0,
            busy: Duration::ZERO,
            alone: Duration::ZERO,
            is_uneven: false,
            part_begun: None,
            tuner: None,
        }
    }

    /// Prepares for uneven items: a chunk may begin with items whose results are known already and
    /// continue with others that have to be computed.
    pub(super) fn with_uneven_items(self) -> Self {
        Self {
            most: self.most.min(MOST_UNEVEN),
            is_uneven: true,
            ..self
        }
    }

    /// Learns that items move through no buffer.
    pub(crate) fn without_buffer(&mut self) {
        self.is_in_place = true;
    }

    /// Prepares for chunks that go to other processes of this machine.
    #[cfg(feature = "processes")]
    pub(crate) fn for_processes(&mut self) {
        self.time = (ISOLATED_TIME, ISOLATED_SHORTEST_TIME);
        // What is best for threads says nothing of processes.
        self.without_tuner();
    }

    /// Returns how many items may begin between two looks at whether the call has failed: one,
    /// unless this call has shown that its items are cheap.
    pub(crate) fn unchecked_len(&self) -> usize {
        let is_cheap = self.item_seconds.is_some_and(|seconds| seconds < UNCHECKED);
        if is_cheap && self.finished > 0 && !self.is_uneven {
            UNCHECKED_LEN
        } else {
            1
        }
    }

    /// Returns whether `chunk_size` fixes the length of every chunk.
    pub(crate) fn has_fixed_len(&self) -> bool {
        self.fixed.is_some()
    }

    /// Forgets what items cost in earlier calls: the first `items` items of this one took longer,
    /// `at_least` this long together.
    pub(crate) fn forget_cost(&mut self, items: usize, at_least: Duration) {
        self.item_seconds = None;
        self.longest = 0;
        self.least_seconds = at_least.as_secs_f64() / items as f64;
    }

    /// Prepares to share `items` items, if their number is known, among `workers` workers.
    pub(crate) fn share(&mut self, workers: usize, items: Option<usize>) {
        self.workers = workers;
        self.shared = items;
    }

    /// Learns that a chunk of `items` items took `elapsed`.
    pub(super) fn record(&mut self, items: usize, elapsed: Duration) {
        if items == 0 {
            return;
        }
        let seconds = elapsed.as_secs_f64() / items as f64;
        // More expensive items count fully, cheaper ones by half: an estimate that is too high only
        // shortens a chunk.
        let known = self.item_seconds.unwrap_or(seconds);
        self.item_seconds = Some(seconds.max(f64::midpoint(known, seconds)));
        self.longest = self.longest.max(items);
        self.finished += items;
        self.busy += elapsed;
    }

    /// Learns that the plain loop took `elapsed` for `items` items.
    pub(crate) fn record_alone(&mut self, items: usize, elapsed: Duration) {
        self.record(items, elapsed);
        self.alone += elapsed;
    }

    /// Returns the number of finished items and the time that they took on all threads together.
    pub(crate) fn finished(&self) -> (usize, Duration) {
        (self.finished, self.busy)
    }

    /// Returns whether `items` items are known to take less than `limit`, so that sharing them
    /// could save no more than that.
    pub(crate) fn is_below(&self, limit: Duration, items: usize) -> bool {
        !self.is_uneven
            && self.item_seconds.is_some_and(|seconds| {
                let handling = if self.is_in_place { 0.0 } else { HANDLING };
                (seconds - handling) * (items as f64) < limit.as_secs_f64()
            })
    }

    /// Returns how many items the plain loop takes before its next look at the clock: at least one,
    /// and as many as fit into `budget`. If all `left` items fit, this is `usize::MAX`.
    ///
    /// Earlier calls had other items, so only this call's count as evidence. `done` of them are.
    pub(crate) fn batch_len(&self, budget: Duration, done: usize, left: Option<usize>) -> usize {
        let by_evidence = self
            .fixed
            .unwrap_or(done.saturating_mul(ALONE_GROWTH))
            .max(1);
        let fits = |left| {
            let takes = |seconds| seconds * left as f64 <= budget.as_secs_f64();
            left <= by_evidence && (self.fixed.is_some() || self.item_seconds.is_some_and(takes))
        };
        if left.is_some_and(fits) {
            return usize::MAX;
        }
        let by_time = self.fixed.unwrap_or_else(|| self.len_of(budget));
        by_time.min(by_evidence).max(1)
    }

    /// Returns how many items take as long as `time`, or zero if nothing is known.
    fn len_of(&self, time: Duration) -> usize {
        self.item_seconds
            .map_or(0, |seconds| (time.as_secs_f64() / seconds) as usize)
    }

    /// Returns the length of the next chunk, at least one. `remaining` items are left, if their
    /// number is known.
    pub(crate) fn next_len(&self, remaining: Option<usize>) -> usize {
        let (time, shortest) = self.time;
        let len = self.chunk_len(remaining, time, shortest);
        if self.is_in_place && !self.is_uneven {
            len
        } else {
            self.within_buffer(len)
        }
    }

    /// Bounds a length, unless `chunk_size` fixes it.
    pub(super) fn within_buffer(&self, len: usize) -> usize {
        if self.fixed.is_some() {
            len
        } else {
            len.min(self.most)
        }
    }

    /// Returns the length of a chunk that should take `time`. Towards the end of the call it may
    /// take less, down to `shortest`.
    pub(super) fn chunk_len(
        &self,
        remaining: Option<usize>,
        time: Duration,
        shortest: Duration,
    ) -> usize {
        if let Some(fixed) = self.fixed {
            return fixed;
        }
        let by_evidence = self.longest.saturating_mul(GROWTH);
        // A part of an even share, so that the items left can make up for a chunk that turns out
        // slow. But no shorter than a chunk that is worth claiming.
        let by_share = remaining.map_or(usize::MAX, |items| {
            let part = items.div_ceil(PARTS * self.workers);
            part.max(self.shortest_len(shortest))
        });
        self.len_of(time).min(by_evidence).min(by_share).max(1)
    }

    /// Returns the number of items that take about as long as `shortest` and divide the share of
    /// each worker evenly.
    fn shortest_len(&self, shortest: Duration) -> usize {
        let (Some(items), Some(seconds)) = (self.shared, self.item_seconds) else {
            return self.len_of(shortest);
        };
        let share = items.div_ceil(self.useful(shortest));
        let parts = (share as f64 * seconds / shortest.as_secs_f64()).round() as usize;
        share.div_ceil(parts.max(1))
    }

    /// Returns how many workers are useful, as far as is known.
    pub(crate) fn useful_workers(&self) -> usize {
        self.useful(self.time.1).min(self.most_active())
    }

    /// Returns how many workers are useful if each should have work for at least `shortest`.
    fn useful(&self, shortest: Duration) -> usize {
        let (Some(items), Some(seconds)) = (self.shared, self.item_seconds) else {
            return self.workers;
        };
        if self.is_uneven || self.fixed.is_some() {
            return self.workers;
        }
        let chunks = (items as f64 * seconds / shortest.as_secs_f64()) as usize;
        chunks.max(2).min(self.workers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the lengths of all chunks over `items` items, where item `i` takes `cost(i)`, for
    /// one worker alone.
    fn chunks(
        workers: usize,
        items: usize,
        known: bool,
        cost: impl Fn(usize) -> Duration,
    ) -> Vec<usize> {
        let mut policy = Policy::new(8, None, false, None);
        policy.share(workers, known.then_some(items));
        let (mut at, mut lens) = (0, Vec::new());
        while at < items {
            let len = policy.next_len(known.then_some(items - at)).min(items - at);
            policy.record(len, (at..at + len).map(&cost).sum());
            at += len;
            lens.push(len);
        }
        lens
    }

    #[test]
    fn slow_items_come_one_by_one() {
        assert_eq!(chunks(2, 50, true, |_| Duration::from_millis(1)), [1; 50]);
        assert_eq!(chunks(2, 50, false, |_| Duration::from_millis(1)), [1; 50]);
    }

    #[test]
    fn chunks_of_cheap_items_grow_on_evidence_only() {
        let lens = chunks(2, 100_000, true, |_| Duration::from_nanos(5));
        assert!(lens.len() < 100, "{} chunks", lens.len());
        let mut longest = 0;
        for len in lens {
            assert!(len <= (longest * GROWTH).max(1), "{len} after {longest}");
            longest = longest.max(len);
        }
    }

    #[test]
    fn a_chunk_takes_no_longer_than_it_should() {
        let nanos = 500;
        for len in chunks(4, 1_000_000, false, |_| Duration::from_nanos(nanos)) {
            assert!(Duration::from_nanos(nanos) * u32::try_from(len).unwrap() <= CHUNK_TIME);
        }
    }

    #[test]
    fn cheap_first_items_lead_to_no_long_chunk_of_slow_ones() {
        let slow = Duration::from_millis(1);
        let cost = |i| {
            if i < 5_000 {
                Duration::from_nanos(10)
            } else {
                slow
            }
        };
        let lens = chunks(2, 5_500, false, cost);
        let slow_chunks: Vec<_> = lens
            .iter()
            .rev()
            .scan(0, |sum, len| {
                (*sum < 500).then(|| {
                    *sum += len;
                    *len
                })
            })
            .collect();
        // All but the chunk that met the first slow items on the evidence of the cheap ones.
        assert!(
            slow_chunks[..slow_chunks.len() - 1]
                .iter()
                .all(|len| *len == 1),
            "{slow_chunks:?}"
        );
    }

    #[test]
    fn chunks_shrink_towards_the_end_as_far_as_it_pays() {
        let item = Duration::from_nanos(190);
        let shortest = 53;
        let mut left = 10_000;
        for len in chunks(2, left, true, |_| item) {
            assert!(
                len <= left.div_ceil(2 * PARTS).max(shortest),
                "{len} of {left}"
            );
            assert!(len >= shortest.min(left) || left > 9_000, "{len} of {left}");
            left -= len;
        }
    }

    #[test]
    fn useful_workers_follow_the_amount_of_work() {
        let useful = |items, item_seconds| {
            let mut policy = Policy::new(8, item_seconds, true, None);
            policy.share(16, items);
            policy.useful_workers()
        };
        assert_eq!(useful(Some(8), None), 16);
        assert_eq!(useful(None, Some(1e-6)), 16);
        assert_eq!(useful(Some(8), Some(1e-6)), 2);
        assert_eq!(useful(Some(55), Some(1e-6)), 5);
        assert_eq!(useful(Some(5_000), Some(1e-6)), 16);
        // Items that turn out more expensive make more workers useful.
        let mut policy = Policy::new(8, Some(1e-6), true, None);
        policy.share(16, Some(55));
        assert_eq!(policy.next_len(Some(55)), 11);
        policy.record(11, Duration::from_secs(1));
        assert_eq!(
            (policy.useful_workers(), policy.next_len(Some(40))),
            (16, 1)
        );
    }

    #[test]
    fn a_short_call_is_divided_evenly() {
        for (items, item_micros, len) in [(8, 1, 4), (8, 3, 4), (8, 4, 2), (9, 1, 5), (2, 1, 1)] {
            let item_seconds = f64::from(item_micros) * 1e-6;
            let mut policy = Policy::new(8, Some(item_seconds), true, None);
            policy.share(2, Some(items));
            assert_eq!(policy.next_len(Some(items)), len, "{items} x {item_micros}");
            assert_eq!(policy.next_len(Some(items - len)), len);
        }
    }

    #[test]
    fn large_items_make_short_chunks() {
        let mut policy = Policy::new(8 * 1024, None, false, None);
        for _ in 0..20 {
            policy.record(policy.next_len(None), Duration::from_nanos(1));
        }
        assert_eq!(policy.next_len(None), 4);
        assert_eq!(Policy::new(1 << 30, None, false, None).next_len(None), 1);
    }

    #[test]
    fn a_call_is_cheap_only_if_that_is_known() {
        let limit = Duration::from_micros(40);
        assert!(!Policy::new(8, None, false, None).is_below(limit, 1));
        let known = Policy::new(8, Some(1e-6), true, None);
        assert!(known.is_below(limit, 39) && !known.is_below(limit, 41));
    }

    #[test]
    fn items_that_take_no_time_make_chunks_as_well() {
        let mut policy = Policy::new(0, None, false, None);
        for _ in 0..100 {
            let len = policy.next_len(None);
            assert!((1..=BUFFER_BYTES).contains(&len));
            policy.record(len, Duration::ZERO);
        }
    }
}
