//! The threads of one process in a call.

use super::thread_stats::{ThreadKey, ThreadStats};

/// The threads of one process in a call.
#[derive(Default)]
pub(super) struct ProcessStats {
    /// The name of its machine. Empty until it is known.
    pub(super) host: String,
    /// The number of threads that were requested of it.
    pub(super) requested: usize,
    /// The threads by their numbers. Some may not have arrived.
    threads: Vec<ThreadStats>,
}

impl ProcessStats {
    /// Makes the process of a caller that has requested `requested` threads, itself included.
    pub(super) fn of_caller(requested: usize) -> Self {
        let caller = ThreadStats {
            has_arrived: true,
            ..ThreadStats::default()
        };
        Self {
            host: String::new(),
            requested,
            threads: vec![caller],
        }
    }

    /// Returns the thread with this number, which may be new.
    pub(super) fn thread(&mut self, number: usize) -> &mut ThreadStats {
        if self.threads.len() <= number {
            self.threads.resize(number + 1, ThreadStats::default());
        }
        &mut self.threads[number]
    }

    /// Returns the threads that arrived, and those that were requested in vain. The latter fill up
    /// to `most` threads in all.
    pub(super) fn into_threads(
        mut self,
        rank: usize,
        most: usize,
    ) -> impl Iterator<Item = ThreadStats> {
        let requested = self.requested.min(most);
        let len = self.threads.len().max(requested);
        self.threads.resize(len, ThreadStats::default());
        // A process may have more threads than were requested, and any of them may arrive.
        let arrived = self.threads.iter().filter(|thread| thread.has_arrived);
        let mut missing = requested.saturating_sub(arrived.count());
        let threads = self.threads.into_iter().enumerate();
        threads.filter_map(move |(number, thread)| {
            if !thread.has_arrived {
                missing = missing.checked_sub(1)?;
            }
            let key = ThreadKey { rank, number };
            Some(ThreadStats { key, ..thread })
        })
    }
}
