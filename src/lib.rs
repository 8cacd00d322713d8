#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod guide;

pub use parallelize_macros::parallel;
pub use parallelize_runtime::{
    Chunk, DeathCause, Host, ItemDeath, ItemError, ItemPanic, Items, Job, JobHandle, Outcome,
    PanicPayload, Progress, Report, Serial, Stop, Stream, StreamUnordered, Work, job, map, seed,
};

#[cfg(feature = "cluster")]
pub use parallelize_runtime::Isolatable;

#[cfg(feature = "journal")]
pub use parallelize_runtime::{JournalError, JournalErrorKind, JournalItem};

#[cfg(feature = "processes")]
pub use parallelize_runtime::processes;

#[cfg(feature = "progress")]
pub use parallelize_runtime::indicatif;

#[doc(hidden)]
pub use parallelize_runtime::__private;
