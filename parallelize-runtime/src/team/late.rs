//! Whether the helper that a caller has requested is late.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// The time after which a pending helper is late. A thread that sleeps usually begins to work after
/// 20 to 80 us.
///
/// In a virtual machine, Linux takes a core that sleeps for one that is busy. So the woken thread
/// may get the core of the caller, and wait for milliseconds until it is moved. Another thread of
/// the pool last ran on another core, and gets that one. Measured with two cores in calls 2 ms
/// apart, 800 us of work took 740 us without a second request, and 420 us with it.
const LATE: Duration = Duration::from_micros(50);

/// Notices once in a call that a helper is late.
#[derive(Default)]
pub(super) struct LateHelper {
    /// When a helper was first seen pending.
    since: Cell<Option<Instant>>,
    was_noticed: Cell<bool>,
}

impl LateHelper {
    /// Returns whether a helper that is pending now is late, unless that was noticed before.
    pub(super) fn is_noticed(&self) -> bool {
        // Loom has no time, and repeats what it runs.
        if cfg!(loom) || self.was_noticed.get() {
            return false;
        }
        let now = Instant::now();
        let since = self.since.get().unwrap_or(now);
        self.since.set(Some(since));
        self.was_noticed.set(now - since > LATE);
        self.was_noticed.get()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::thread::sleep;

    use super::*;

    #[test]
    fn a_helper_is_late_once_and_only_after_a_while() {
        let late = LateHelper::default();
        let begun = Instant::now();
        while !late.is_noticed() {
            sleep(LATE / 10);
        }
        assert!(begun.elapsed() >= LATE);
        sleep(LATE * 2);
        assert!(!late.is_noticed());
    }
}
