//! Who is told about the course of a job.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::observe::{Meter, Progress};
use crate::observe::{Printed, Recorder};
use crate::observe::{Serial, Watch, Who};
use crate::schedule::Settings;

/// All who are told about the course of a job, and whether there is any.
pub(super) struct Watchers<'r, P: Progress> {
    recorder: Option<&'r Recorder>,
    // Ends before anything is printed, also where it is only dropped: it may have a bar there.
    meter: Meter<P>,
    printed: Printed,
}

impl<'r, P: Progress> Watchers<'r, P> {
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
            printed: Printed::new(settings),
        }
    }

    /// What has to watch the call, if anybody is to be told.
    pub(super) fn watch(&self) -> Option<&dyn Watch> {
        let [recorder, printed, meter] = self.each();
        let is_watched = recorder.is_some() || printed.is_some() || meter.is_some();
        is_watched.then_some(self)
    }

    fn each(&self) -> [Option<&dyn Watch>; 3] {
        let recorder = self.recorder.map(|recorder| recorder as &dyn Watch);
        [recorder, self.printed.watch(), self.meter.watch()]
    }

    /// Tells what came of it in the end. Without this it has failed.
    pub(super) fn finish(self, is_complete: bool) {
        self.meter.finish(is_complete);
        self.printed.finish(is_complete);
    }
}

impl<P: Progress> Watch for Watchers<'_, P> {
    fn evaluated(&self, by: Who, positions: Range<usize>, begun: Instant, elapsed: Duration) {
        for watch in self.each().into_iter().flatten() {
            watch.evaluated(by, positions.clone(), begun, elapsed);
        }
    }

    fn was_serial(&self, why: Serial) {
        for watch in self.each().into_iter().flatten() {
            watch.was_serial(why);
        }
    }

    fn joined(&self, rank: usize, host: &str, threads: usize) {
        for watch in self.each().into_iter().flatten() {
            watch.joined(rank, host, threads);
        }
    }

    fn stopped_sending(&self) {
        for watch in self.each().into_iter().flatten() {
            watch.stopped_sending();
        }
    }
}
