//! Progress of a job that can be stopped.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::observe::Progress;

/// Counts the items that started, without those that were skipped.
pub(super) struct StartedProgress<'s, P> {
    progress: P,
    /// The number of items that were drawn and then skipped.
    skipped: &'s AtomicUsize,
    /// The numbers that were reported last.
    last: Option<(usize, Option<usize>)>,
}

impl<'s, P> StartedProgress<'s, P> {
    /// Wraps `progress`. It subtracts `skipped` from the number of items that are done.
    pub(super) fn new(progress: P, skipped: &'s AtomicUsize) -> Self {
        Self {
            progress,
            skipped,
            last: None,
        }
    }
}

impl<P: Progress> Progress for StartedProgress<'_, P> {
    fn began(&mut self, total: Option<usize>) -> bool {
        self.progress.began(total)
    }

    fn advanced(&mut self, done: usize, total: Option<usize>) {
        // Relaxed: an item is counted as skipped before its chunk is counted in `done`.
        let started = done.saturating_sub(self.skipped.load(Ordering::Relaxed));
        // Items of a chunk that is not in `done` yet may be in `skipped` already. The number must
        // not fall meanwhile.
        let least = self.last.map_or(0, |(started, _)| started);
        let started = started.max(least);
        let now = Some((started, total));
        if self.last != now {
            self.last = now;
            self.progress.advanced(started, total);
        }
    }

    fn ended(&mut self, is_complete: bool) {
        let has_skipped = matches!(self.last, Some((started, Some(total))) if started < total);
        self.progress.ended(is_complete && !has_skipped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::Callback;

    #[test]
    fn progress_does_not_fall_when_items_are_skipped() {
        let skipped = &AtomicUsize::new(0);
        let mut reported = Vec::new();
        let mut progress = StartedProgress::new(Callback(|done, _| reported.push(done)), skipped);
        progress.advanced(0, Some(30));
        progress.advanced(10, Some(30));
        // These are in a chunk of 10 items that is not counted as done yet.
        skipped.store(9, Ordering::Relaxed);
        progress.advanced(12, Some(30));
        progress.advanced(22, Some(30));
        assert_eq!(reported, [0, 10, 13]);
    }
}
