//! `PARALLELIZE_REPORT`: reports of programs that cannot be changed.

use std::env;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::panic::Location;
use std::sync::LazyLock;

use super::Recorder;
use crate::observe::Observer;
use crate::schedule::Settings;

/// `PARALLELIZE_REPORT`, where 0 says as little as nothing.
static IS_WANTED: LazyLock<bool> = LazyLock::new(|| {
    let value = env::var_os("PARALLELIZE_REPORT").unwrap_or_default();
    !value.is_empty() && value != "0"
});

/// The report of a call that is printed when this is dropped, so also when the call unwinds; none
/// unless the environment asks for it.
// In a box, so that it is next to nothing where there is none.
pub(crate) struct EnvReport(Option<Box<Asked>>);

struct Asked {
    recorder: Recorder,
    site: &'static Location<'static>,
    is_complete: bool,
}

impl EnvReport {
    /// For a call by the caller of this, on so many threads.
    #[inline]
    #[track_caller]
    pub(crate) fn new(settings: Settings) -> Self {
        let site = settings.site.unwrap_or(Location::caller());
        Self(IS_WANTED.then(|| Box::new(Asked::new(settings.threads, site))))
    }

    #[inline]
    pub(crate) fn observer(&self) -> Option<&dyn Observer> {
        let asked = self.0.as_deref()?;
        Some(&asked.recorder)
    }

    /// Prints it, for a call that has come to its end unless it failed or was left early.
    #[inline]
    pub(crate) fn finish(mut self, is_complete: bool) {
        if let Some(asked) = &mut self.0 {
            asked.is_complete = is_complete;
        }
    }
}

impl Drop for EnvReport {
    #[inline]
    fn drop(&mut self) {
        if let Some(asked) = self.0.take() {
            asked.print();
        }
    }
}

impl Asked {
    #[cold]
    fn new(threads: Option<NonZeroUsize>, site: &'static Location<'static>) -> Self {
        Self {
            recorder: Recorder::new(threads),
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
        // At one go, lest it mix with others. Where it cannot be told, there is nobody to tell.
        _ = io::stderr().write_all(text.as_bytes());
    }
}
