//! Decides whether sending items to other ranks pays.

use std::time::{Duration, Instant};

/// Chunks to measure before judging whether sending pays.
const SAMPLE_CHUNKS: usize = 16;

/// Bound the pause in sending after a sample that did not pay. The first pause is the shortest, and
/// doubles with each further sample that does not pay.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Weighs the time that sending costs on this rank against the time that other ranks take over.
#[derive(Default)]
pub(super) struct Balance {
    /// The chunks of the current sample.
    chunks: usize,
    /// How many of them cost this rank more than half the time that they took elsewhere.
    losing_chunks: usize,
    /// The length of the latest pause, if the latest sample did not pay.
    pause: Duration,
    paused_until: Option<Instant>,
}

impl Balance {
    /// Records a chunk that kept this thread busy for `cost` and a thread of another rank for
    /// `gain`.
    pub(super) fn record(&mut self, cost: Duration, gain: Duration, now: Instant) {
        self.chunks += 1;
        self.losing_chunks += usize::from(2 * cost > gain);
        if self.chunks < SAMPLE_CHUNKS {
            return;
        }
        // Counts chunks instead of adding up times: a thread may be interrupted for longer than a
        // chunk takes.
        if 2 * self.losing_chunks < self.chunks {
            *self = Self::default();
            return;
        }
        let pause = (2 * self.pause).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        *self = Self {
            pause,
            paused_until: Some(now + pause),
            ..Self::default()
        };
    }

    /// Returns whether sending did not pay in the latest sample.
    pub(super) fn is_losing(&self) -> bool {
        self.paused_until.is_some()
    }

    /// Returns whether to send now. After a pause sending is tried again, since the next items may
    /// differ.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        self.paused_until.is_none_or(|until| now >= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sending_continues_as_long_as_it_pays() {
        let (now, millis) = (Instant::now(), Duration::from_millis);
        let mut balance = Balance::default();
        for i in 0..1_000 {
            // Every third time the thread is interrupted.
            let cost = millis(if i % 3 == 0 { 100 } else { 0 });
            balance.record(cost, millis(2), now);
        }
        assert!(balance.is_open(now) && !balance.is_losing());
    }

    #[test]
    fn pauses_grow_while_sending_does_not_pay() {
        let (mut now, millis) = (Instant::now(), Duration::from_millis);
        let mut balance = Balance::default();
        for pause in [5, 10, 20, 40, 80, 100, 100] {
            for _ in 0..SAMPLE_CHUNKS {
                assert!(balance.is_open(now));
                balance.record(millis(9), millis(1), now);
            }
            assert!(!balance.is_open(now + millis(pause - 1)));
            now += millis(pause);
        }
        assert!(balance.is_open(now) && balance.is_losing());
        for _ in 0..SAMPLE_CHUNKS {
            balance.record(millis(1), millis(9), now);
        }
        assert!(!balance.is_losing());
    }
}
