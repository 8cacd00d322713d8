//! The methods of cargo features that are off. They exist to say so, and cannot be called.

#[cfg(not(feature = "processes"))]
use std::time::Duration;

use super::Job;

/// Shows that the feature `progress` is off. Nothing implements it.
#[cfg(not(feature = "progress"))]
#[diagnostic::on_unimplemented(
    message = "a progress bar needs the cargo feature `progress` of `parallelize`",
    label = "this method is off",
    note = "in `Cargo.toml`: `parallelize = {{ version = \"0.1\", features = [\"progress\"] }}`",
    note = "without it, `.on_progress(|done, total| ..)` calls a closure"
)]
pub trait HasProgress {}

/// Shows that the feature `journal` is off. Nothing implements it.
#[cfg(not(feature = "journal"))]
#[diagnostic::on_unimplemented(
    message = "a journal needs the cargo feature `journal` of `parallelize`",
    label = "this method is off",
    note = "in `Cargo.toml`: `parallelize = {{ version = \"0.1\", features = [\"journal\"] }}`"
)]
pub trait HasJournal {}

/// Shows that the feature `processes` is off. Nothing implements it.
#[cfg(not(feature = "processes"))]
#[diagnostic::on_unimplemented(
    message = "other processes need the cargo feature `processes` of `parallelize`",
    label = "this method is off",
    note = "in `Cargo.toml`: `parallelize = {{ version = \"0.1\", features = [\"processes\"] }}`"
)]
pub trait HasProcesses {}

#[cfg(not(feature = "processes"))]
impl<I, W, P> Job<I, W, P> {
    /// Needs the cargo feature `processes`.
    #[doc(hidden)]
    pub fn processes(self, processes: usize) -> Self
    where
        Self: HasProcesses,
    {
        _ = processes;
        self
    }

    /// Needs the cargo feature `processes`.
    #[doc(hidden)]
    pub fn timeout(self, time: Duration) -> Self
    where
        Self: HasProcesses,
    {
        _ = time;
        self
    }

    /// Needs the cargo feature `processes`.
    #[doc(hidden)]
    pub fn items_per_process(self, items: usize) -> Self
    where
        Self: HasProcesses,
    {
        _ = items;
        self
    }
}

#[cfg(not(feature = "progress"))]
impl<I, W, P> Job<I, W, P> {
    /// Needs the cargo feature `progress`.
    #[doc(hidden)]
    pub fn progress(self) -> Self
    where
        Self: HasProgress,
    {
        self
    }

    /// Needs the cargo feature `progress`.
    #[doc(hidden)]
    pub fn progress_with<B>(self, bar: B) -> Self
    where
        Self: HasProgress,
    {
        drop(bar);
        self
    }
}

#[cfg(not(feature = "journal"))]
impl<I, W, P> Job<I, W, P> {
    /// Needs the cargo feature `journal`.
    ///
    /// # Errors
    ///
    /// It cannot be called, so it returns none.
    #[doc(hidden)]
    pub fn journal<F>(self, file: F) -> std::io::Result<Self>
    where
        Self: HasJournal,
    {
        drop(file);
        Ok(self)
    }

    /// Needs the cargo feature `journal`.
    ///
    /// # Errors
    ///
    /// It cannot be called, so it returns none.
    #[doc(hidden)]
    pub fn journal_ok<F>(self, file: F) -> std::io::Result<Self>
    where
        Self: HasJournal,
    {
        drop(file);
        Ok(self)
    }
}
