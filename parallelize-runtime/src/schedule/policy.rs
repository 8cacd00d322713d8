//! Chunks: how many items the next run takes. Plain numbers; no clock and no threads.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "estimates; a float out of range becomes the nearest integer, as it should here"
)]

use std::num::NonZeroUsize;
use std::time::Duration;

/// How long a run should take: long enough that taking it (a lock and two looks at the clock, some
/// 0.1 us) is lost in it, short enough that all workers end together.
const RUN_TIME: Duration = Duration::from_micros(50);

/// How short a run may get to even out the ends of the workers: passing the next one from core to
/// core takes half a microsecond.
const SHORTEST_TIME: Duration = Duration::from_micros(10);

/// How long a run should take that goes to another machine and back: some tens of microseconds of
/// work on both, and a round trip that the run before it covers.
const REMOTE_TIME: Duration = Duration::from_millis(5);

/// How short such a run may get.
const REMOTE_SHORTEST_TIME: Duration = Duration::from_micros(100);

/// What such a run costs the one who sends it, at most.
#[cfg(feature = "cluster")]
const REMOTE_COST: Duration = Duration::from_micros(20);

/// A worker reads the items of a run into a buffer of at most this many bytes, which stays in its
/// cache.
const BUFFER_BYTES: usize = 32 * 1024;

/// A run takes no more than one in so many parts of an even share of what is left.
const PARTS: usize = 4;

/// How much longer than the longest finished run the next one may be.
const GROWTH: usize = 4;

/// How long a run of items may be of which some cost next to nothing.
const MOST_UNEVEN: usize = 16;

/// For how long a run many earlier calls count as evidence. They were about other items, so not
/// for a long one.
const EARLIER: usize = 256;

/// What handing an item to another thread costs, beside the item: it goes through a buffer.
const HANDLING: f64 = 2e-9; // seconds

/// How much longer than the longest batch so far the next one of a worker alone may be.
const ALONE_GROWTH: usize = 16;

/// Sizes runs by what the finished ones took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    workers: usize,
    /// How many items there are to share, if that is known.
    shared: Option<usize>,
    /// The length of every run, if that is not for us to say.
    fixed: Option<usize>,
    most: usize,
    longest: usize,
    /// The longest run that has come back from another machine.
    longest_remote: usize,
    /// What an item of the next run takes, rather too much than too little.
    item_seconds: Option<f64>,
    finished: usize,
    busy: Duration,
    /// Whether an item says little of the next one.
    is_uneven: bool,
}

impl Policy {
    /// A policy for one worker and items of `item_bytes` bytes, which took `item_seconds` each in
    /// earlier calls, which were many if that `is_trusted`. All runs have the length `fixed` if
    /// there is one.
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
            most,
            longest,
            longest_remote: 0,
            item_seconds,
            finished: 0,
            busy: Duration::ZERO,
            is_uneven: false,
        }
    }

    /// For items of which some cost next to nothing: a run may well begin with some of them and go on
    /// with others.
    pub(crate) fn of_uneven(self) -> Self {
        Self {
            most: self.most.min(MOST_UNEVEN),
            is_uneven: true,
            ..self
        }
    }

    /// Prepares to share so many items, if their number is known, among so many `workers`.
    pub(crate) fn share(&mut self, workers: usize, items: Option<usize>) {
        self.workers = workers;
        self.shared = items;
    }

    /// Learns that a run of `items` items took `elapsed`.
    pub(crate) fn record(&mut self, items: usize, elapsed: Duration) {
        if items == 0 {
            return;
        }
        let seconds = elapsed.as_secs_f64() / items as f64;
        // Dearer items count at once and cheaper ones by half: an estimate that is too high only
        // shortens a run.
        let known = self.item_seconds.unwrap_or(seconds);
        self.item_seconds = Some(seconds.max(f64::midpoint(known, seconds)));
        self.longest = self.longest.max(items);
        self.finished += items;
        self.busy += elapsed;
    }

    /// The same of a run on another machine.
    #[cfg(feature = "cluster")]
    pub(crate) fn record_remote(&mut self, items: usize, elapsed: Duration) {
        self.longest_remote = self.longest_remote.max(items);
        self.record(items, elapsed);
    }

    /// How many items were finished, and how long that took on all threads together.
    pub(crate) fn finished(&self) -> (usize, Duration) {
        (self.finished, self.busy)
    }

    /// Whether threads could save no more than `limit` of what `items` items are known to take.
    pub(crate) fn is_below(&self, limit: Duration, items: usize) -> bool {
        !self.is_uneven
            && self.item_seconds.is_some_and(|seconds| {
                let shared = seconds - HANDLING;
                shared * (items as f64) < limit.as_secs_f64()
            })
    }

    /// How many items a worker alone takes before it looks at the clock again, to stay within
    /// `budget`; at least one, and no end of them if that holds all that are `left`.
    pub(crate) fn batch_len(&self, budget: Duration, left: Option<usize>) -> usize {
        let by_evidence = self
            .fixed
            .unwrap_or(self.longest.saturating_mul(ALONE_GROWTH));
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

    /// How many items take as long as `time`; none if nothing is known.
    fn len_of(&self, time: Duration) -> usize {
        self.item_seconds
            .map_or(0, |seconds| (time.as_secs_f64() / seconds) as usize)
    }

    /// How many items the next run takes, of `remaining` ones if their number is known; at least
    /// one.
    pub(crate) fn next_len(&self, remaining: Option<usize>) -> usize {
        let len = self.run_len(remaining, RUN_TIME, SHORTEST_TIME);
        if self.fixed.is_some() {
            len
        } else {
            len.min(self.most)
        }
    }

    /// The same for a run that goes to another machine, which has no more than `most` items unless
    /// its length is not for us to say.
    #[cfg(feature = "cluster")]
    pub(crate) fn next_remote_len(&self, remaining: Option<usize>, most: usize) -> usize {
        // What sends them has to keep up with all workers.
        let workers = u32::try_from(self.workers).unwrap_or(u32::MAX);
        let time = REMOTE_TIME.max(REMOTE_COST.saturating_mul(workers));
        self.remote_len(remaining, most, time)
    }

    /// How many items a run has of which several wait for a consumer, if some `has_remote`.
    pub(crate) fn usual_len(&self, has_remote: bool) -> usize {
        let here = self.next_len(None);
        if has_remote {
            here.max(self.remote_len(None, usize::MAX, REMOTE_TIME))
        } else {
            here
        }
    }

    fn remote_len(&self, remaining: Option<usize>, most: usize, time: Duration) -> usize {
        let len = self.run_len(remaining, time, REMOTE_SHORTEST_TIME);
        if self.fixed.is_some() {
            return len;
        }
        // Items that cost next to nothing stay here, and say nothing of those that do not.
        let by_evidence = if self.is_uneven {
            self.longest_remote.saturating_mul(GROWTH)
        } else {
            usize::MAX
        };
        len.min(most).min(by_evidence).max(1)
    }

    /// How many items the next run takes if it should take as long as `time`, and towards the end no
    /// less than `shortest`.
    fn run_len(&self, remaining: Option<usize>, time: Duration, shortest: Duration) -> usize {
        if let Some(fixed) = self.fixed {
            return fixed;
        }
        let by_evidence = self.longest.saturating_mul(GROWTH);
        // A part of an even share, so that what is left can still make up for a run that turns out
        // slow; but no less than is worth fetching.
        let by_share = remaining.map_or(usize::MAX, |items| {
            let part = items.div_ceil(PARTS * self.workers);
            part.max(self.shortest_len(shortest))
        });
        self.len_of(time).min(by_evidence).min(by_share).max(1)
    }

    /// How many items take about as long as `shortest`: so many that they divide the share of each
    /// worker evenly.
    fn shortest_len(&self, shortest: Duration) -> usize {
        let (Some(items), Some(seconds)) = (self.shared, self.item_seconds) else {
            return self.len_of(shortest);
        };
        let share = items.div_ceil(self.useful(shortest));
        let parts = (share as f64 * seconds / shortest.as_secs_f64()).round() as usize;
        share.div_ceil(parts.max(1))
    }

    /// How many workers on this machine are of use, as far as is known.
    pub(crate) fn useful_workers(&self) -> usize {
        self.useful(SHORTEST_TIME)
    }

    /// How many workers are of use if none should have less to do than takes as long as `shortest`.
    fn useful(&self, shortest: Duration) -> usize {
        let (Some(items), Some(seconds)) = (self.shared, self.item_seconds) else {
            return self.workers;
        };
        if self.is_uneven || self.fixed.is_some() {
            return self.workers;
        }
        let runs = (items as f64 * seconds / shortest.as_secs_f64()) as usize;
        runs.max(2).min(self.workers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths of all runs over `items` items, of which item `i` takes `cost(i)`, for a worker
    /// alone.
    fn runs(
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
        assert_eq!(runs(2, 50, true, |_| Duration::from_millis(1)), [1; 50]);
        assert_eq!(runs(2, 50, false, |_| Duration::from_millis(1)), [1; 50]);
    }

    #[test]
    fn cheap_items_come_in_runs_that_grow_on_evidence_only() {
        let lens = runs(2, 100_000, true, |_| Duration::from_nanos(5));
        assert!(lens.len() < 100, "{} runs", lens.len());
        let mut longest = 0;
        for len in lens {
            assert!(len <= (longest * GROWTH).max(1), "{len} after {longest}");
            longest = longest.max(len);
        }
    }

    #[test]
    fn a_run_takes_no_longer_than_it_should() {
        let nanos = 500;
        for len in runs(4, 1_000_000, false, |_| Duration::from_nanos(nanos)) {
            assert!(Duration::from_nanos(nanos) * u32::try_from(len).unwrap() <= RUN_TIME);
        }
    }

    #[test]
    fn cheap_first_items_produce_no_run_of_slow_ones() {
        let slow = Duration::from_millis(1);
        let cost = |i| {
            if i < 5_000 {
                Duration::from_nanos(10)
            } else {
                slow
            }
        };
        let lens = runs(2, 5_500, false, cost);
        let slow_runs: Vec<_> = lens
            .iter()
            .rev()
            .scan(0, |sum, len| {
                (*sum < 500).then(|| {
                    *sum += len;
                    *len
                })
            })
            .collect();
        // All but the one that met the first slow items, on the evidence of the cheap ones.
        assert!(
            slow_runs[..slow_runs.len() - 1].iter().all(|len| *len == 1),
            "{slow_runs:?}"
        );
    }

    #[test]
    fn runs_shrink_towards_the_end_as_far_as_it_is_worth_it() {
        let item = Duration::from_nanos(190);
        let shortest = 53;
        let mut left = 10_000;
        for len in runs(2, left, true, |_| item) {
            assert!(
                len <= left.div_ceil(2 * PARTS).max(shortest),
                "{len} of {left}"
            );
            assert!(len >= shortest.min(left) || left > 9_000, "{len} of {left}");
            left -= len;
        }
    }

    #[test]
    fn no_more_workers_are_of_use_than_there_is_work_for() {
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
        // What turns out to be dearer is worth more of them.
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
    fn what_is_short_is_divided_evenly() {
        for (items, item_micros, len) in [(8, 1, 4), (8, 3, 4), (8, 4, 2), (9, 1, 5), (2, 1, 1)] {
            let item_seconds = f64::from(item_micros) * 1e-6;
            let mut policy = Policy::new(8, Some(item_seconds), true, None);
            policy.share(2, Some(items));
            assert_eq!(policy.next_len(Some(items)), len, "{items} x {item_micros}");
            assert_eq!(policy.next_len(Some(items - len)), len);
        }
    }

    #[cfg(feature = "cluster")]
    #[test]
    fn what_is_known_says_nothing_of_what_is_not() {
        let micro = Duration::from_micros(1);
        let len = |is_uneven, away| {
            let mut policy = Policy::new(8, None, false, None);
            if is_uneven {
                policy = policy.of_uneven();
            }
            policy.share(8, Some(1_000));
            policy.record(16, 16 * micro);
            if away > 0 {
                policy.record_remote(away, u32::try_from(away).unwrap() * micro);
            }
            policy.next_remote_len(Some(500), usize::MAX)
        };
        assert_eq!((len(false, 0), len(true, 0)), (64, 1));
        assert_eq!((len(true, 1), len(true, 4)), (4, 16));
    }

    #[test]
    fn large_items_come_in_short_runs() {
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
    fn items_that_take_no_time_at_all_are_no_trouble() {
        let mut policy = Policy::new(0, None, false, None);
        for _ in 0..100 {
            let len = policy.next_len(None);
            assert!((1..=BUFFER_BYTES).contains(&len));
            policy.record(len, Duration::ZERO);
        }
    }
}
