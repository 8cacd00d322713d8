//! The threads that take part in a call.

use std::collections::HashSet;
use std::sync::Mutex;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// The longest that items wait for further threads. On a busy machine, threads arrive late.
const PATIENCE: Duration = Duration::from_secs(20);

/// The threads that have evaluated an item so far.
pub(crate) struct Arrivals {
    begun: Instant,
    threads: Mutex<HashSet<ThreadId>>,
}

impl Arrivals {
    pub(crate) fn new() -> Self {
        Self {
            begun: Instant::now(),
            threads: Mutex::default(),
        }
    }

    /// Notes that the current thread evaluates an item.
    pub(crate) fn note(&self) {
        self.threads.lock().unwrap().insert(thread::current().id());
    }

    /// Waits until `count` threads have arrived, but no longer than [`PATIENCE`] in all.
    pub(crate) fn wait_for(&self, count: usize) {
        while self.count() < count && self.begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Returns the number of threads that have arrived.
    pub(crate) fn count(&self) -> usize {
        self.threads.lock().unwrap().len()
    }

    /// Returns the threads that have arrived.
    pub(crate) fn into_threads(self) -> HashSet<ThreadId> {
        self.threads.into_inner().unwrap()
    }
}
