//! The items and their cost. An item is a chain of arithmetic in registers, in which each step
//! needs the result of the step before. It keeps one core busy and nothing else.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// An item: the seed and the number of steps of its computation.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    pub(crate) seed: u32,
    pub(crate) steps: u32,
}

impl Item {
    #[inline]
    pub(crate) fn work(self) -> u64 {
        chain(self.seed.into(), self.steps)
    }
}

/// Computes `steps` steps of a random number generator, Marsaglia's xorshift.
#[inline]
pub(crate) fn chain(seed: u64, steps: u32) -> u64 {
    let mut state = seed | 1 << 32;
    for _ in 0..steps {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    state
}

/// The time of an item on this machine, by its number of steps.
pub(crate) struct Calibration {
    /// The nanoseconds of an item in the plain loop, by its number of steps. A core works on
    /// several short items at once, so these times are not proportional.
    short: Vec<f64>,
    /// The nanoseconds of a step in a long item.
    step: f64,
}

/// A number of steps from which on the time is proportional to it.
const LONG: u32 = 2_000;

impl Calibration {
    pub(crate) fn measure() -> Self {
        let short = (0..64).map(nanos_per_item).collect();
        let step = nanos_per_item(LONG) / f64::from(LONG);
        Self { short, step }
    }

    /// Returns the number of steps, at least one, whose time is closest to `nanos`.
    pub(crate) fn steps(&self, nanos: f64) -> u32 {
        let off = |steps: &usize| (self.short[*steps] - nanos).abs();
        if nanos < self.short[self.short.len() - 1] {
            let closest = (1..self.short.len()).min_by(|a, b| off(a).total_cmp(&off(b)));
            return closest.map_or(1, |steps| steps.try_into().unwrap_or(1));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float out of range becomes the nearest integer"
        )]
        let steps = (nanos / self.step).round() as u32;
        steps
    }

    /// Returns `len` items, of which item `i` takes `nanos(i)` nanoseconds.
    pub(crate) fn items(&self, len: u32, nanos: impl Fn(u32) -> f64) -> Vec<Item> {
        // Most items cost what the one before costs, and the search is slow for millions of them.
        let mut last = (f64::NAN, 0);
        let item = |seed| {
            let nanos = nanos(seed);
            if nanos.to_bits() != last.0.to_bits() {
                last = (nanos, self.steps(nanos));
            }
            Item {
                seed,
                steps: last.1,
            }
        };
        (0..len).map(item).collect()
    }

    /// Returns the numbers in words that [`Self::from_text`] reads.
    pub(crate) fn to_text(&self) -> String {
        let numbers = [self.step].into_iter().chain(self.short.iter().copied());
        let words: Vec<_> = numbers.map(|number| number.to_string()).collect();
        words.join(" ")
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let mut numbers = text.split(' ').map(|word| word.parse().ok());
        Some(Self {
            step: numbers.next()??,
            short: numbers.collect::<Option<_>>()?,
        })
    }
}

/// Returns the nanoseconds of an item in the plain loop, as the shortest of several tries.
fn nanos_per_item(steps: u32) -> f64 {
    const ITEMS: u32 = 1_000;
    let items: Vec<_> = (0..ITEMS).map(|seed| Item { seed, steps }).collect();
    let time = || {
        let start = Instant::now();
        black_box(
            black_box(&items)
                .iter()
                .map(|item| item.work())
                .collect::<Vec<_>>(),
        );
        start.elapsed()
    };
    let shortest = (0..9).map(|_| time()).min().unwrap_or(Duration::ZERO);
    shortest.as_secs_f64() * 1e9 / f64::from(ITEMS)
}
