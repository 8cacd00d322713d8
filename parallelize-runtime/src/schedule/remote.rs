//! The number of items in the next chunk for another rank.

use std::time::Duration;

use super::policy::{GROWTH, Policy};

/// The time that a chunk for another rank should take. Sending it costs both sides some tens of
/// microseconds. During the round trip the rank works on the chunk before.
const REMOTE_TIME: Duration = Duration::from_millis(5);

/// Bounds the time of a chunk for another rank from below.
const REMOTE_SHORTEST_TIME: Duration = Duration::from_micros(100);

/// Bounds the time that a chunk for another rank costs the dispatcher.
#[cfg(feature = "cluster")]
const REMOTE_COST: Duration = Duration::from_micros(20);

impl Policy {
    /// Like [`record`](Self::record), but for a chunk that another rank has finished.
    #[cfg(feature = "cluster")]
    pub(crate) fn record_remote(&mut self, items: usize, elapsed: Duration) {
        self.longest_remote = self.longest_remote.max(items);
        self.record(items, elapsed);
    }

    /// Like [`next_len`](Self::next_len), but for a chunk that goes to another rank. It has at most
    /// `most` items, unless `chunk_size` fixes its length.
    #[cfg(feature = "cluster")]
    pub(crate) fn next_remote_len(&self, remaining: Option<usize>, most: usize) -> usize {
        // The dispatcher, which sends them all, has to keep up with all workers.
        let workers = u32::try_from(self.workers).unwrap_or(u32::MAX);
        let time = REMOTE_TIME.max(REMOTE_COST.saturating_mul(workers));
        self.remote_len(remaining, most, time)
    }

    /// Returns the usual length of a chunk, for the size of a stream's window. If the call
    /// `has_remote` workers, their chunks count as well.
    pub(crate) fn usual_len(&self, has_remote: bool) -> usize {
        let local = self.within_buffer(self.next_len(None));
        if has_remote {
            local.max(self.remote_len(None, usize::MAX, REMOTE_TIME))
        } else {
            local
        }
    }

    fn remote_len(&self, remaining: Option<usize>, most: usize, time: Duration) -> usize {
        let len = self.chunk_len(remaining, time, REMOTE_SHORTEST_TIME);
        if self.fixed.is_some() {
            return len;
        }
        // Known items stay on this rank, so their time says nothing about the others.
        let by_evidence = if self.is_uneven {
            self.longest_remote.saturating_mul(GROWTH)
        } else {
            usize::MAX
        };
        len.min(most).min(by_evidence).max(1)
    }
}

#[cfg(all(test, feature = "cluster"))]
mod tests {
    use super::*;

    #[test]
    fn known_items_say_nothing_of_the_others() {
        let micro = Duration::from_micros(1);
        let len = |is_uneven, remote| {
            let mut policy = Policy::new(8, None, false, None);
            if is_uneven {
                policy = policy.with_uneven_items();
            }
            policy.share(8, Some(1_000));
            policy.record(16, 16 * micro);
            if remote > 0 {
                policy.record_remote(remote, u32::try_from(remote).unwrap() * micro);
            }
            policy.next_remote_len(Some(500), usize::MAX)
        };
        assert_eq!((len(false, 0), len(true, 0)), (64, 1));
        assert_eq!((len(true, 1), len(true, 4)), (4, 16));
    }
}
