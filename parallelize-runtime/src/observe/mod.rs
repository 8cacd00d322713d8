//! What is told about a call while it runs: progress, bars and reports.
//!
//! This room may use `team` and `schedule`.

#[cfg(feature = "progress")]
mod bar;
mod observer;
mod progress;
mod report;

#[cfg(feature = "progress")]
pub(crate) use bar::{Given, Standard};
pub use observer::Serial;
pub(crate) use observer::{Observer, WorkerId};
pub use progress::Progress;
pub(crate) use progress::{Callback, Meter};
pub use report::{Chunk, Host, Report};
pub(crate) use report::{EnvReport, Recorder};
