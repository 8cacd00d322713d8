//! `PARALLELIZE_REPORT`: reports for a program that is not changed.

use std::env;
use std::io::{self, Write};
use std::panic::Location;
use std::sync::LazyLock;

use super::Recorder;
use crate::observe::Observer;
use crate::schedule::Settings;

/// Whether `PARALLELIZE_REPORT` requests reports. Empty and 0 do not.
static IS_REQUESTED: LazyLock<bool> = LazyLock::new(|| {
    let value = env::var_os("PARALLELIZE_REPORT").unwrap_or_default();
    !value.is_empty() && value != "0"
});

/// The report of a call that is printed when this is dropped, even while it unwinds. None unless
/// the environment requests it.
// In a box, which keeps this small where there is none.
pub(crate) struct EnvReport(Option<Box<Requested>>);

struct Requested {
    recorder: Recorder,
    site: &'static Location<'static>,
    is_complete: bool,
}

impl EnvReport {
    /// Makes the report of a call with these `settings`. If these name no place in the source, the
    /// report names that of the caller.
    #[inline]
    #[track_caller]
    pub(crate) fn new(settings: Settings) -> Self {
        let site = settings.site.unwrap_or(Location::caller());
        Self(IS_REQUESTED.then(|| Box::new(Requested::new(&settings, site))))
    }

    /// Returns the observer of the call, if a report is requested.
    #[inline]
    pub(crate) fn observer(&self) -> Option<&dyn Observer> {
        let requested = self.0.as_deref()?;
        Some(&requested.recorder)
    }

    /// Prints the report, and says if the call is not complete. A report that is dropped without
    /// this says so, too.
    #[inline]
    pub(crate) fn finish(mut self, is_complete: bool) {
        if let Some(requested) = &mut self.0 {
            requested.is_complete = is_complete;
        }
    }
}

impl Drop for EnvReport {
    #[inline]
    fn drop(&mut self) {
        if let Some(requested) = self.0.take() {
            requested.print();
        }
    }
}

impl Requested {
    #[cold]
    fn new(settings: &Settings, site: &'static Location<'static>) -> Self {
        Self {
            recorder: Recorder::new(settings),
            site,
            is_complete: false,
        }
    }

    #[cold]
    fn print(self) {
        let ended = if self.is_complete {
            ""
        } else {
            "ended early: "
        };
        let (site, report) = (self.site, self.recorder.finish());
        let text = format!("{site}: {ended}{report}\n");
        // In one write, so that it does not mix with other output. A failure to write to stderr
        // cannot be reported.
        _ = io::stderr().write_all(text.as_bytes());
    }
}
