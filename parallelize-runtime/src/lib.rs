//! The engine of the `parallelize` crate: items -> chunks -> sink.

mod job;
mod profile;

pub use job::map;

/// What generated code calls. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::job::{Job, companion};
    pub use crate::profile::Profile;
}
