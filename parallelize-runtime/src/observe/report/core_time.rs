//! How long a thread had a core, and how long it was ready but had none.

use std::fs::File;
use std::io::Read;
use std::str;
use std::time::Duration;

/// The least time between two readings of a thread. A reading takes about 4 us.
///
/// A chunk in which the thread waited for longer than this is followed by a reading, so less than
/// this is missed of each thread.
const INTERVAL: Duration = Duration::from_millis(1);

/// The time that a thread had a core, and the time that it was ready but had none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CoreTime {
    pub(super) had: Duration,
    pub(super) waited: Duration,
}

impl CoreTime {
    /// Returns what Linux has counted for the current thread since it started. Other systems do not
    /// count it in this way, and in some containers the file is missing.
    pub(super) fn of_current_thread() -> Option<Self> {
        if cfg!(miri) || !cfg!(target_os = "linux") {
            return None;
        }
        let mut text = [0; 64];
        let mut file = File::open("/proc/thread-self/schedstat").ok()?;
        let len = file.read(&mut text).ok()?;
        Self::parsed(str::from_utf8(&text[..len]).ok()?)
    }

    /// Reads the line of a thread: the nanoseconds on a core, those on a run queue, and how often
    /// the thread got a core. The last is 0 only where the kernel does not count.
    fn parsed(line: &str) -> Option<Self> {
        let mut numbers = line.split_ascii_whitespace().map(str::parse);
        let mut next = || numbers.next()?.ok();
        let (had, waited, times) = (next()?, next()?, next()?);
        (times > 0).then_some(Self {
            had: Duration::from_nanos(had),
            waited: Duration::from_nanos(waited),
        })
    }

    fn since(self, earlier: Self) -> Self {
        Self {
            had: self.had.saturating_sub(earlier.had),
            waited: self.waited.saturating_sub(earlier.waited),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            had: self.had + other.had,
            waited: self.waited + other.waited,
        }
    }
}

/// Adds up the core time of a thread while it takes part in a call.
#[derive(Clone, Debug, Default)]
pub(super) struct CoreMeter {
    total: Option<CoreTime>,
    /// The last reading, which may have failed.
    last: Option<CoreTime>,
    /// The time from the beginning of the call to the last reading.
    read_at: Option<Duration>,
}

impl CoreMeter {
    /// Begins or continues with a `reading` at the time `now`. What the thread did before does not
    /// count.
    pub(super) fn enter(&mut self, reading: Option<CoreTime>, now: Duration) {
        self.last = reading;
        self.read_at = Some(now);
    }

    /// Returns whether it is time for another reading.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.read_at
            .is_none_or(|read_at| now.saturating_sub(read_at) >= INTERVAL)
    }

    /// Adds what has passed since the last reading.
    pub(super) fn read(&mut self, reading: Option<CoreTime>, now: Duration) {
        if let (Some(reading), Some(last)) = (reading, self.last) {
            let total = self.total.unwrap_or_default();
            self.total = Some(total.plus(reading.since(last)));
        }
        self.enter(reading, now);
    }

    /// Returns the core time of the thread in the call, if it is known.
    pub(super) fn total(&self) -> Option<CoreTime> {
        self.total
    }

    /// Makes the meter of a thread with this core time.
    #[cfg(test)]
    pub(super) fn with(had: Duration, waited: Duration) -> Self {
        Self {
            total: Some(CoreTime { had, waited }),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Instant;

    use super::*;

    fn core_time(had: u64, waited: u64) -> CoreTime {
        CoreTime {
            had: Duration::from_nanos(had),
            waited: Duration::from_nanos(waited),
        }
    }

    #[test]
    fn a_line_has_three_numbers() {
        let parsed = CoreTime::parsed;
        assert_eq!(parsed("41093 57926 12\n"), Some(core_time(41_093, 57_926)));
        assert_eq!(parsed("0 57926 1\n"), Some(core_time(0, 57_926)));
        for line in ["0 0 0\n", "", "1 2", "1 two 3", "-1 2 3"] {
            assert_eq!(parsed(line), None, "{line}");
        }
    }

    #[test]
    fn only_the_time_in_the_call_counts() {
        let mut meter = CoreMeter::default();
        let at = Duration::from_millis;
        assert!(meter.is_due(at(0)));
        meter.enter(Some(core_time(100, 10)), at(1));
        assert!(!meter.is_due(at(1)));
        assert!(meter.is_due(at(2)));
        assert_eq!(meter.total(), None);
        meter.read(Some(core_time(103, 14)), at(2));
        assert_eq!(meter.total(), Some(core_time(3, 4)));
        // It leaves and comes back.
        meter.enter(Some(core_time(200, 50)), at(8));
        meter.read(Some(core_time(201, 52)), at(9));
        assert_eq!(meter.total(), Some(core_time(4, 6)));
    }

    #[test]
    fn a_system_that_does_not_count_is_asked_rarely() {
        let mut meter = CoreMeter::default();
        meter.read(None, Duration::ZERO);
        assert!(!meter.is_due(INTERVAL / 2));
        meter.read(None, INTERVAL);
        assert_eq!(meter.total(), None);
    }

    #[test]
    fn a_thread_that_sleeps_has_no_core_and_waits_for_none() {
        let Some(before) = CoreTime::of_current_thread() else {
            return;
        };
        let begun = Instant::now();
        thread::sleep(Duration::from_millis(30));
        let after = CoreTime::of_current_thread().unwrap().since(before);
        // A busy machine may let the thread wait after its sleep.
        let left = begun.elapsed().saturating_sub(Duration::from_millis(20));
        assert!(after.waited <= left && after.had <= left, "{after:?}");
    }
}
