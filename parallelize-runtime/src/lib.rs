//! The engine of the [`parallelize`] crate: items -> chunks -> sink.
//!
//! [`parallelize`]: https://docs.rs/parallelize

#[doc(hidden)]
#[path = "generated/mod.rs"]
pub mod __private;
#[cfg(feature = "progress")]
mod bar;
mod call;
#[cfg(feature = "cluster")]
#[doc(hidden)]
pub mod cluster;
#[cfg(not(feature = "cluster"))]
#[path = "no_cluster.rs"]
mod cluster;
#[cfg(any(feature = "cluster", feature = "journal"))]
mod encoding;
mod engine;
mod job;
#[cfg(feature = "journal")]
mod journal;
mod outcome;
mod progress;
mod report;
mod schedule;
mod stop;
mod sync;
mod team;
mod watch;
mod work;

pub use engine::{Stream, StreamUnordered};
#[cfg(feature = "progress")]
pub use indicatif;
pub use job::{Job, JobHandle, job, map};
#[cfg(feature = "journal")]
pub use journal::{JournalError, JournalErrorKind, JournalItem};
pub use outcome::{ItemError, ItemPanic, Outcome, PanicPayload};
pub use progress::Progress;
pub use report::{Chunk, Host, Report};
pub use stop::Stop;
pub use watch::Serial;
pub use work::Work;
