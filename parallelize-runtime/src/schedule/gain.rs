//! What an item costs alone and in company.

#![expect(clippy::cast_precision_loss, reason = "a few workers")]

/// Items whose times differ by this factor are of different kinds.
pub(super) const UNLIKE: f64 = 4.0;

/// What an item costs while one thread works alone, and what it costs while several do.
///
/// Both were measured on neighboring items, so their ratio holds for items of any cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gain {
    /// The time that an item takes on one thread alone, in seconds.
    pub(crate) alone: f64,
    /// The time that an item takes on each of `workers` threads that work at a time, in seconds.
    pub(crate) in_company: f64,
    /// The number of threads that worked at a time, at least two.
    pub(crate) workers: usize,
}

impl Gain {
    /// Makes the gain of `workers` threads that are `speedup` times as fast as one alone.
    pub(super) fn new(alone: f64, workers: usize, speedup: f64) -> Self {
        Self {
            alone,
            in_company: alone * workers as f64 / speedup,
            workers,
        }
    }

    /// Returns the time of an item in company as a multiple of its time alone.
    pub(crate) fn slowdown(&self) -> f64 {
        self.in_company / self.alone
    }

    /// Returns how many times as fast as one thread `workers` threads are.
    pub(crate) fn speedup(&self) -> f64 {
        self.workers as f64 / self.slowdown()
    }
}
