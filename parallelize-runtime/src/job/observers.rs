//! Who is told about the course of a job.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::observe::{EnvReport, Recorder};
use crate::observe::{Meter, Progress};
use crate::observe::{Observer, Serial, WorkerId};
use crate::schedule::Settings;

/// All who are told about the course of a job, and whether there is any.
pub(super) struct Observers<'r, P: Progress> {
    recorder: Option<&'r Recorder>,
    // Ends before anything is printed, also where it is only dropped: it may have a bar there.
    meter: Meter<P>,
    printed: EnvReport,
}

impl<'r, P: Progress> Observers<'r, P> {
    /// `progress`, the `recorder`, and what the environment asks for.
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
            printed: EnvReport::new(settings),
        }
    }

    /// What has to observer the call, if anybody is to be told.
    pub(super) fn observer(&self) -> Option<&dyn Observer> {
        let [recorder, printed, meter] = self.each();
        let is_watched = recorder.is_some() || printed.is_some() || meter.is_some();
        is_watched.then_some(self)
    }

    fn each(&self) -> [Option<&dyn Observer>; 3] {
        let recorder = self.recorder.map(|recorder| recorder as &dyn Observer);
        [recorder, self.printed.observer(), self.meter.observer()]
    }

    /// Tells what came of it in the end. Without this it has failed.
    pub(super) fn finish(self, is_complete: bool) {
        self.meter.finish(is_complete);
        self.printed.finish(is_complete);
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
