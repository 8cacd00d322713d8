//! What slowed the items of a job, as far as its numbers tell.

use std::time::Duration;

use super::Report;
use super::shares::share;

/// The least time of work whose core time is a good estimate. Linux adds up the time on a core at
/// its ticks, which are up to 10 ms apart.
const LONG: Duration = Duration::from_millis(50);

/// The least share of the cores that is called all of them, as estimates go.
const MOST_CORES: f64 = 0.75;

/// The least slowdown that says something, as a multiple of what the cores explain.
const CLEAR: f64 = 1.25;

/// Bounds the time that handing an item to a thread adds to it.
const HANDED_OUT: Duration = Duration::from_nanos(20);

impl Report {
    /// Returns whether an item in company takes clearly longer than too few cores, or handing it
    /// out, explain.
    pub(super) fn is_contended(&self) -> bool {
        self.gain.is_some_and(|measured| {
            let gain = measured.gain;
            let added = seconds(gain.in_company).saturating_sub(seconds(gain.alone));
            let by_cores = number(gain.workers) * self.core_share() / number(self.cores);
            added > HANDED_OUT && measured.slowdown() > CLEAR * by_cores.max(1.0)
        })
    }

    /// Returns whether `workers` threads keep all cores busy with these items.
    pub(super) fn are_cores_busy(&self, workers: usize) -> bool {
        number(workers) * self.core_share() >= MOST_CORES * number(self.cores)
    }

    /// Returns the share of an item's time for which it needs a core, as far as is known. The rest
    /// of the time it waits for something else.
    fn core_share(&self) -> f64 {
        let had = self.local_threads().map(|(_, thread)| thread.core.total());
        let had: Option<Duration> = had.flatten().map(|core| core.had).reduce(|a, b| a + b);
        let time = self.local_time_with_core();
        match had {
            Some(had) if time >= LONG => share(had, time).min(1.0),
            _ => 1.0,
        }
    }

    /// Returns the share of their busy time for which the threads of this process waited for a
    /// core, if that is known.
    pub(super) fn waited_share(&self) -> Option<f64> {
        let waited = self
            .local_threads()
            .filter_map(|(busy, thread)| Some(thread.core.total()?.waited.min(busy)));
        let waited = waited.reduce(|a, b| a + b)?;
        Some(share(waited, self.local_busy()))
    }
}

/// Returns a time from its `seconds`.
pub(super) fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// Returns a number of threads or cores for arithmetic.
#[expect(clippy::cast_precision_loss, reason = "no machine has 2^52 threads")]
pub(super) fn number(number: usize) -> f64 {
    number as f64
}
