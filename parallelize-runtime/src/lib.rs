//! The engine of [`parallelize`](https://docs.rs/parallelize): items -> chunks -> sink. Use that
//! crate: it re-exports what users need, and the rest of this one may change with any version.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(feature = "processes", not(unix)))]
compile_error!("the cargo feature `processes` needs a Unix system so far");

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
#[cfg(feature = "processes")]
pub mod processes;
mod schedule;
mod sync;
mod team;
mod work;

pub use engine::{Stream, StreamUnordered};
pub use job::{Items, Job, JobHandle, Stop, job, map};
#[cfg(feature = "journal")]
pub use journal::{JournalError, JournalErrorKind, JournalItem};
pub use observe::{Chunk, Host, Progress, Report, Serial};
pub use outcome::{DeathCause, ItemDeath, ItemError, ItemPanic, Outcome, PanicPayload};
#[cfg(feature = "cluster")]
pub use work::Isolatable;
pub use work::{Work, seed};
