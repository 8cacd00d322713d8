//! What an item is, and what it costs: arithmetic in registers, each step of which needs the one
//! before, so that it keeps one core busy and nothing else.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// An item: what its computation starts from, and for how many steps it goes on.
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

/// So many steps of a random number generator: Marsaglia's xorshift.
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

/// How many steps take how long on this machine.
pub(crate) struct Calibration {
    /// What an item of so many steps takes in the plain loop, in nanoseconds. A core works on
    /// several short ones at once, so these are not multiples of each other.
    short: Vec<f64>,
    /// What a step takes in a long item.
    step: f64,
}

/// From so many steps on, twice as many take twice as long.
const LONG: u32 = 2_000;

impl Calibration {
    pub(crate) fn measure() -> Self {
        let short = (0..64).map(nanos_per_item).collect();
        let step = nanos_per_item(LONG) / f64::from(LONG);
        Self { short, step }
    }

    /// How many steps come closest to so many nanoseconds, and at least one.
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

    /// `len` items, of which item `i` takes `nanos(i)`.
    pub(crate) fn items(&self, len: u32, nanos: impl Fn(u32) -> f64) -> Vec<Item> {
        let item = |seed| Item {
            seed,
            steps: self.steps(nanos(seed)),
        };
        (0..len).map(item).collect()
    }
}

/// What an item takes in the plain loop: the shortest of a few tries.
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
