//! The observers of a job, as one.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::observe::{EnvReport, Meter, Observer, Progress, Recorder, Serial, WorkerId};
use crate::schedule::{Gain, Settings};

/// The observers of a job, each of which may be missing.
pub(super) struct Observers<'r, P: Progress> {
    recorder: Option<&'r Recorder>,
    // Before the report, as fields are dropped in this order: a progress bar has to end before the
    // report is printed.
    meter: Meter<P>,
    env_report: EnvReport,
}

impl<'r, P: Progress> Observers<'r, P> {
    /// Combines `progress`, the `recorder`, and the report that the environment requests.
    #[track_caller]
    pub(super) fn new(
        progress: P,
        items: &impl Iterator,
        settings: Settings,
        recorder: Option<&'r Recorder>,
    ) -> Self {
        Self {
            recorder,
            meter: Meter::new(progress, items),
            env_report: EnvReport::new(settings),
        }
    }

    /// Returns this as an observer, if it has any.
    pub(super) fn observer(&self) -> Option<&dyn Observer> {
        let [recorder, env_report, meter] = self.each();
        let is_observed = recorder.is_some() || env_report.is_some() || meter.is_some();
        is_observed.then_some(self)
    }

    fn each(&self) -> [Option<&dyn Observer>; 3] {
        let recorder = self.recorder.map(|recorder| recorder as &dyn Observer);
        [recorder, self.env_report.observer(), self.meter.observer()]
    }

    /// Passes on whether the job is complete. If this is dropped instead, the job ended early.
    pub(super) fn finish(self, is_complete: bool) {
        self.meter.finish(is_complete);
        self.env_report.finish(is_complete);
    }
}

impl<P: Progress> Observer for Observers<'_, P> {
    fn on_chunk(&self, by: WorkerId, positions: Range<usize>, begun: Instant, elapsed: Duration) {
        for observer in self.each().into_iter().flatten() {
            observer.on_chunk(by, positions.clone(), begun, elapsed);
        }
    }

    fn on_serial(&self, why: Serial) {
        for observer in self.each().into_iter().flatten() {
            observer.on_serial(why);
        }
    }

    fn on_entered(&self) {
        for observer in self.each().into_iter().flatten() {
            observer.on_entered();
        }
    }

    fn on_gain(&self, gain: Gain, alone: Duration) {
        for observer in self.each().into_iter().flatten() {
            observer.on_gain(gain, alone);
        }
    }

    fn on_limited(&self, workers: usize) {
        for observer in self.each().into_iter().flatten() {
            observer.on_limited(workers);
        }
    }

    fn on_consumed(&self, elapsed: Duration) {
        for observer in self.each().into_iter().flatten() {
            observer.on_consumed(elapsed);
        }
    }

    fn on_joined(&self, rank: usize, host: &str, threads: usize) {
        for observer in self.each().into_iter().flatten() {
            observer.on_joined(rank, host, threads);
        }
    }

    fn on_sending_stopped(&self) {
        for observer in self.each().into_iter().flatten() {
            observer.on_sending_stopped();
        }
    }
}
