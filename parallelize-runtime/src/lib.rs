//! The engine of the [`parallelize`] crate: items -> chunks -> sink.
//!
//! [`parallelize`]: https://docs.rs/parallelize

#[cfg(feature = "progress")]
mod bar;
mod bounds;
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
mod grid;
mod job;
#[cfg(feature = "journal")]
mod journal;
mod outcome;
mod progress;
mod report;
mod results;
mod schedule;
mod slots;
mod stop;
mod stream;
mod sync;
mod team;
mod watch;
mod work;
mod zip;

#[cfg(feature = "progress")]
pub use indicatif;
pub use job::{Job, JobHandle, job, map};
#[cfg(feature = "journal")]
pub use journal::{JournalError, JournalErrorKind, JournalItem};
pub use outcome::{ItemError, ItemPanic, Outcome, PanicPayload};
pub use progress::Progress;
pub use report::{Chunk, Host, Report};
pub use stop::Stop;
pub use stream::{Stream, StreamUnordered};
pub use watch::Serial;
pub use work::Work;

/// What generated code calls. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use std::vec::Vec;

    pub use crate::bounds::{
        constant_is_shared_by_threads, item_is_shared_by_threads, item_moves_between_threads,
    };
    #[cfg(feature = "cluster")]
    pub use crate::cluster;
    pub use crate::grid::{Grid, axis, grid};
    #[cfg(feature = "journal")]
    pub use crate::job::keyed;
    pub use crate::job::{Job, companion};
    pub use crate::results::{Fallible, Optional, somes, without_index};
    pub use crate::schedule::Profile;
    pub use crate::work::Work;
    #[cfg(feature = "journal")]
    pub use crate::work::{Constant, Key};
    pub use crate::zip::{Zip, zip};
}
