//! Whether sending items to other ranks is worth it.

use std::time::{Duration, Instant};

/// So many runs show what sending is worth.
const EVIDENCE: usize = 16;

/// How long nothing is sent when it was not worth it, and how long when it has not been again and
/// again.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// What sending is worth.
#[derive(Default)]
pub(super) struct Balance {
    runs: usize,
    /// How many of them took more than half as much time here as there.
    bad: usize,
    /// How long nothing is sent after so many were bad, and until when.
    pause: Duration,
    until: Option<Instant>,
}

impl Balance {
    /// A run for which this thread was at work for as long as `spent` and another for as long as
    /// `gained`.
    pub(super) fn record(&mut self, spent: Duration, gained: Duration, now: Instant) {
        self.runs += 1;
        self.bad += usize::from(2 * spent > gained);
        if self.runs < EVIDENCE {
            return;
        }
        // Runs vote, since a thread may be interrupted for longer than a run takes.
        if 2 * self.bad < self.runs {
            *self = Self::default();
            return;
        }
        let pause = (2 * self.pause).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        *self = Self {
            pause,
            until: Some(now + pause),
            ..Self::default()
        };
    }

    /// Whether others took off less than sending cost here when that was last seen.
    pub(super) fn is_losing(&self) -> bool {
        self.until.is_some()
    }

    /// Whether to send now. After a pause it is to be seen again what that is worth: the items may be
    /// others by then.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| now >= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sending_goes_on_as_long_as_it_is_worth_it() {
        let (now, millis) = (Instant::now(), Duration::from_millis);
        let mut balance = Balance::default();
        for i in 0..1_000 {
            // Now and then it is interrupted.
            let spent = millis(if i % 3 == 0 { 100 } else { 0 });
            balance.record(spent, millis(2), now);
        }
        assert!(balance.is_open(now) && !balance.is_losing());
    }

    #[test]
    fn sending_pauses_for_longer_and_longer_when_it_is_not_worth_it() {
        let (mut now, millis) = (Instant::now(), Duration::from_millis);
        let mut balance = Balance::default();
        for pause in [5, 10, 20, 40, 80, 100, 100] {
            for _ in 0..EVIDENCE {
                assert!(balance.is_open(now));
                balance.record(millis(9), millis(1), now);
            }
            assert!(!balance.is_open(now + millis(pause - 1)));
            now += millis(pause);
        }
        assert!(balance.is_open(now) && balance.is_losing());
        for _ in 0..EVIDENCE {
            balance.record(millis(1), millis(9), now);
        }
        assert!(!balance.is_losing());
    }
}
