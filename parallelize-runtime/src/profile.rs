//! What an item cost last time, and the guess whether threads are worth waking.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// A call that takes no longer than this on one thread is not made faster by a second: waking one costs the waker 4 to
/// 16 us, and 20 to 80 us pass until it works (measured on a virtual machine with two cores).
pub(crate) const WORTH_WAKING: Duration = Duration::from_micros(40);

/// The same where a second thread is awake and waits for the call: it begins after some 0.2 us, but the first items
/// and the last wait for each other.
pub(crate) const WORTH_SHARING: Duration = Duration::from_micros(3);

/// Remembers what an item of one companion cost. Each companion has its own, as a `static`.
#[derive(Debug)]
pub struct Profile {
    /// The bits of the seconds per item, an `f64`; zero before the first measured call.
    seconds: AtomicU64,
    calls: AtomicU32,
}

/// One call in so many is measured even if it is so short that a look at the clock shows.
const DUE: u32 = 8;

impl Profile {
    /// Knows nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            seconds: AtomicU64::new(0),
            calls: AtomicU32::new(0),
        }
    }

    /// Seconds per item, if there was a call to learn from.
    pub(crate) fn item_seconds(&self) -> Option<f64> {
        // Relaxed, as below: a number and nothing else. Of two calls at once either may have the last word.
        let seconds = f64::from_bits(self.seconds.load(Ordering::Relaxed));
        (seconds > 0.0).then_some(seconds)
    }

    /// Whether this call should be measured, however short it is.
    pub(crate) fn is_due(&self) -> bool {
        // A lost update only shifts the turn, so no read-modify-write.
        let calls = self.calls.load(Ordering::Relaxed).wrapping_add(1);
        self.calls.store(calls, Ordering::Relaxed);
        calls % DUE == 0
    }

    /// Learns what an item cost this time.
    pub(crate) fn learn(&self, item_seconds: f64) {
        self.seconds
            .store(item_seconds.to_bits(), Ordering::Relaxed);
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::new()
    }
}
