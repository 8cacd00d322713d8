#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub use parallelize_macros::parallel;
pub use parallelize_runtime::{
    Chunk, Host, ItemError, ItemPanic, Items, Job, JobHandle, Outcome, PanicPayload, Progress,
    Report, Serial, Stop, Stream, StreamUnordered, Work, job, map, seed,
};

#[cfg(feature = "journal")]
pub use parallelize_runtime::{JournalError, JournalErrorKind, JournalItem};

#[cfg(feature = "progress")]
pub use parallelize_runtime::indicatif;

#[doc(hidden)]
pub use parallelize_runtime::__private;
