//! What is finished between two switches of the number of workers, and how fast it passed.

/// The chunks of a window explain what the clock says if the two differ by less than this factor.
const EXPLAINED: f64 = 1.4;

/// What was finished since the last switch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// When the window began in this part of the call, in seconds.
    pub(super) begun: Option<f64>,
    items: f64,
    /// The chunks during which the number of active workers did not change.
    pub(super) chunks: usize,
    items_in_chunks: f64,
    /// The time of these chunks, divided among the workers, in seconds.
    shares: f64,
}

/// A finished chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimedChunk {
    pub(crate) items: f64,
    pub(crate) seconds: f64,
    /// When the chunk ended, in seconds after this part of the call began.
    pub(crate) ended: f64,
    /// The number of active workers when it ended.
    pub(crate) active: usize,
    /// Whether this number was the same all the time.
    pub(crate) is_steady: bool,
}

impl TimedChunk {
    /// Returns the time of an item on one of the workers, in seconds.
    pub(super) fn pace(&self) -> f64 {
        self.seconds / self.items
    }
}

impl Window {
    pub(super) const fn new(begun: Option<f64>) -> Self {
        Self {
            begun,
            items: 0.0,
            chunks: 0,
            items_in_chunks: 0.0,
            shares: 0.0,
        }
    }

    pub(super) fn record(&mut self, chunk: &TimedChunk) {
        self.items += chunk.items;
        if chunk.is_steady {
            self.chunks += 1;
            self.items_in_chunks += chunk.items;
            #[expect(clippy::cast_precision_loss, reason = "a few workers")]
            let share = chunk.seconds / chunk.active as f64;
            self.shares += share;
        }
    }

    /// Returns the time of an item in a window that took `elapsed` seconds.
    ///
    /// The chunks tell it best: the clock counts items that began before the window, and misses
    /// those that end after it. But where threads wait for a core, most windows have none of the
    /// chunks that were interrupted.
    pub(super) fn pace(&self, elapsed: f64) -> f64 {
        let by_clock = elapsed / self.items;
        let by_chunks = self.shares / self.items_in_chunks;
        let ratio = by_clock / by_chunks;
        if ratio < EXPLAINED && ratio * EXPLAINED > 1.0 {
            by_chunks
        } else {
            by_clock
        }
    }
}
