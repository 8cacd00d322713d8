//! The runtime of the [`parallelize`] crate: items -> chunks -> sink.
//!
//! [`parallelize`]: https://docs.rs/parallelize
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
#[path = "expansion/mod.rs"]
pub mod __private;
mod call;
#[cfg(feature = "cluster")]
#[doc(hidden)]
pub mod cluster;
#[cfg(not(feature = "cluster"))]
#[path = "cluster/absent.rs"]
mod cluster;
#[cfg(any(feature = "cluster", feature = "journal"))]
mod encoding;
mod engine;
mod job;
#[cfg(feature = "journal")]
mod journal;
mod observe;
mod outcome;
mod schedule;
mod sync;
mod team;
mod work;

pub use engine::{Stream, StreamUnordered};
#[cfg(feature = "progress")]
pub use indicatif;
pub use job::{Items, Job, JobHandle, Stop, job, map};
#[cfg(feature = "journal")]
pub use journal::{JournalError, JournalErrorKind, JournalItem};
pub use observe::{Chunk, Host, Progress, Report, Serial};
pub use outcome::{ItemError, ItemPanic, Outcome, PanicPayload};
pub use work::{Work, seed};
