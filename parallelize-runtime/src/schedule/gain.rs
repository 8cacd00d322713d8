//! What an item costs alone and in company.

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
    /// Returns the time of an item in company as a multiple of its time alone.
    pub(crate) fn slowdown(&self) -> f64 {
        self.in_company / self.alone
    }
}
