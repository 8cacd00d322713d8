//! Where helpers pause while a trial runs with fewer workers.

use std::sync::PoisonError;
use std::time::Duration;

use crate::sync::{Condvar, Mutex, lock};

/// Where helpers pause.
///
/// The lock is not that of the source: the iterator runs under that one, for as long as it likes.
pub(super) struct Pauses {
    /// The number of times that all pauses have ended.
    ended: Mutex<usize>,
    on_end: Condvar,
}

impl Pauses {
    pub(super) fn new() -> Self {
        Self {
            ended: Mutex::new(0),
            on_end: Condvar::new(),
        }
    }

    /// Returns the pause that begins now.
    pub(super) fn begin(&self) -> usize {
        *lock(&self.ended)
    }

    /// Waits for the end of the pause that began as `begun`, but no longer than `patience`. Returns
    /// whether it has not waited for so long: then the pause has ended, or is worth another look.
    pub(super) fn wait(&self, begun: usize, patience: Duration) -> bool {
        let ended = lock(&self.ended);
        if *ended != begun {
            return true;
        }
        let waited = self.on_end.wait_timeout(ended, patience);
        let (_ended, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }

    /// Ends all pauses.
    pub(super) fn end(&self) {
        *lock(&self.ended) += 1;
        self.on_end.notify_all();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_pause_ends_even_if_the_end_comes_before_the_wait() {
        const LONG: Duration = Duration::from_secs(60);
        let pauses = Pauses::new();
        let begun = pauses.begin();
        assert!(!pauses.wait(begun, Duration::from_millis(1)));
        pauses.end();
        assert!(pauses.wait(begun, LONG));
        let begun = pauses.begin();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| pauses.wait(begun, LONG));
            pauses.end();
            assert!(waiting.join().unwrap());
        });
    }
}
