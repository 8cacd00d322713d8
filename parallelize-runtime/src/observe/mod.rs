//! What users learn about a call: its progress, a progress bar, and the report of its threads.
//!
//! The engine reports its events to an [`Observer`]; everything here implements that trait or uses
//! it.
//!
//! This room may use `team` and `schedule`.

#[cfg(feature = "progress")]
mod bar;
mod observer;
mod progress;
mod report;

#[cfg(feature = "progress")]
pub(crate) use bar::{GivenBar, StandardBar};
pub use observer::Serial;
pub(crate) use observer::{Observer, WorkerId};
pub use progress::Progress;
pub(crate) use progress::{Callback, Meter};
pub use report::{Chunk, Host, Report};
pub(crate) use report::{EnvReport, Recorder};
