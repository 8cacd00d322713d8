//! A random call, and the plain loop that it is compared with.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};
use std::{hint, iter, thread};

use parallelize_runtime::{Job, Work, job};

use super::Random;
use super::support::counted::Counted;

/// The message of every panic that a plan causes.
pub(crate) const PURPOSE: &str = "on purpose";

/// What is known about the number of items.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Length {
    Known,
    Unknown,
    /// An upper bound, which is too large.
    AtMost,
    /// Known, and the items stand in a `Vec`.
    InPlace,
}

/// The last call of the job.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Run {
    Collect,
    Try,
    Report,
    Progress,
    Outcomes,
    Until,
    Stream,
    Unordered,
    Spawn,
    Fold,
    TryFold,
    #[cfg(feature = "journal")]
    Journal,
}

impl Run {
    const ALL: &[Self] = &[
        Self::Collect,
        Self::Try,
        Self::Report,
        Self::Progress,
        Self::Outcomes,
        Self::Until,
        Self::Stream,
        Self::Unordered,
        Self::Spawn,
        Self::Fold,
        Self::TryFold,
        #[cfg(feature = "journal")]
        Self::Journal,
    ];
}

/// A call and all that it depends on.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(super) len: usize,
    pub(super) length: Length,
    pub(super) threads: usize,
    chunk: usize,
    pub(super) window: usize,
    /// The items that fail: by a panic, or by an error with [`Run::Try`] and [`Run::TryFold`].
    pub(super) failing: BTreeSet<usize>,
    /// Where the iterator panics.
    pub(super) source_fails: Option<usize>,
    /// The item that stops the job. With `None`, another thread stops it.
    pub(super) stopping: Option<usize>,
    /// The number of results that are taken from a stream.
    pub(super) taken: usize,
    /// Every how many items one is slow, and how long it takes.
    slow: (usize, Duration),
    /// Whether slow items sleep, so that many of them overlap on any machine.
    sleeps: bool,
    /// The call that some of the items make.
    nested: Option<Box<Plan>>,
    pub(super) run: Run,
}

impl Plan {
    pub(crate) fn new(random: &mut Random, depth: usize) -> Self {
        let bound = random.one_of(&[3, 70, 600, 3_000]) / (1 + 9 * depth) + 1;
        let len = random.below(bound);
        let length = random.one_of(&[
            Length::Known,
            Length::InPlace,
            Length::Unknown,
            Length::AtMost,
        ]);
        let source_fails = random.below(12) == 0 && length != Length::InPlace;
        Self {
            len,
            length,
            threads: random.one_of(&[0, 1, 2, 2, 3, 16]),
            chunk: random.one_of(&[0, 0, 0, 1, 2, 7, 1_000]),
            window: random.one_of(&[0, 0, 1, 2, 5, 100]),
            failing: random.positions(2 * bound),
            source_fails: source_fails.then(|| random.below(2 * bound)),
            stopping: (random.below(4) > 0).then(|| random.below(2 * bound)),
            taken: random.one_of(&[usize::MAX, usize::MAX, 0, 1, len / 2, len]),
            slow: (
                1 + random.below(20),
                Duration::from_micros(random.one_of(&[0, 0, 5, 60, 200])),
            ),
            sleeps: random.below(2) == 0,
            nested: (depth < 2 && random.below(8) == 0)
                .then(|| Box::new(Self::new(random, depth + 1))),
            run: random.one_of(Run::ALL),
        }
    }

    /// Returns the items, which panic at `source_fails`.
    pub(super) fn items<'l>(
        &self,
        live: &'l AtomicUsize,
    ) -> Box<dyn Iterator<Item = Value<'l>> + Send + 'l> {
        let source_fails = self.source_fails;
        let items = (0..self.len).map(move |i| {
            assert!(Some(i) != source_fails, "source {PURPOSE}");
            Counted::new(i, live)
        });
        let mut items = Box::new(items);
        match self.length {
            Length::Known | Length::InPlace => items,
            Length::Unknown => Box::new(iter::from_fn(move || items.next())),
            Length::AtMost => {
                let none = (0..50)
                    .filter(|_| false)
                    .map(move |i| Counted::new(i, live));
                Box::new(items.chain(none))
            }
        }
    }

    pub(super) fn set<I, W>(&self, job: Job<I, W>) -> Job<I, W> {
        job.threads(self.threads)
            .chunk_size(self.chunk)
            .window(self.window)
    }

    /// Spends what item `i` costs, and makes the calls that it makes.
    pub(super) fn cost(&self, i: usize) {
        let (every, time) = self.slow;
        if i % every == 0 && self.sleeps {
            thread::sleep(time);
        } else if i % every == 0 {
            let begun = Instant::now();
            while begun.elapsed() < time {
                hint::spin_loop();
            }
        }
        if let Some(nested) = self.nested.as_ref().filter(|_| i % 40 == 3) {
            let checked = nested.check();
            checked.unwrap_or_else(|reason| panic!("in item {i}: {reason}\n{nested:#?}"));
        }
    }

    /// Returns the result of item `i`, which may fail.
    pub(super) fn compute(&self, i: usize) -> usize {
        self.cost(i);
        assert!(!self.failing.contains(&i), "{PURPOSE}");
        result(i)
    }

    /// Returns the job in which failing items panic.
    pub(super) fn panics<'l, I: Items<'l>>(
        &'l self,
        items: I,
        live: &'l AtomicUsize,
    ) -> Job<I, impl Work<Value<'l>, Output = Value<'l>>> {
        self.set(job(items, move |item: Value<'l>| {
            Counted::new(self.compute(item.0), live)
        }))
    }

    /// Returns the job in which failing items are errors, which are counted as well.
    pub(super) fn errors<'l, I: Items<'l>>(
        &'l self,
        items: I,
        live: &'l AtomicUsize,
    ) -> Job<I, impl Work<Value<'l>, Output = Result<Value<'l>, Value<'l>>>> {
        self.set(job(items, move |item: Value<'l>| {
            self.cost(item.0);
            let value = Counted::new(result(item.0), live);
            if self.failing.contains(&item.0) {
                Err(value)
            } else {
                Ok(value)
            }
        }))
    }

    /// Returns the position at which the loop ends, and the message of its panic.
    pub(super) fn ends(&self) -> (usize, Option<String>) {
        let item = self.failing.first().copied().unwrap_or(self.len);
        let source = self.source_fails.unwrap_or(self.len);
        match item.min(source) {
            end if end >= self.len => (self.len, None),
            end if end == source => (end, Some(format!("source {PURPOSE}"))),
            end => (end, Some(format!("item {end}: {PURPOSE}"))),
        }
    }

    /// Returns the results of the loop, or the message of its panic.
    pub(super) fn whole(&self) -> Result<Vec<usize>, String> {
        let (end, message) = self.ends();
        message.map_or_else(|| Ok(results(end)), Err)
    }
}

/// The items of a call.
pub(super) trait Items<'l>: Iterator<Item = Value<'l>> + Send {}

impl<'l, I: Iterator<Item = Value<'l>> + Send> Items<'l> for I {}

/// An item or a result.
pub(super) type Value<'l> = Counted<&'l AtomicUsize>;

/// Returns the result of item `i` if it does not fail.
pub(super) fn result(i: usize) -> usize {
    i * 7 + 1
}

/// Returns the results of the items before `end`.
pub(super) fn results(end: usize) -> Vec<usize> {
    (0..end).map(result).collect()
}
