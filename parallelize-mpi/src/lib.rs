#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod cores;
mod exit;
mod handshake;
mod hello;
mod join;
mod launch;
mod mpi_thread;
mod outbox;
mod parts;
mod refuse;

pub use join::{Cluster, join};

/// For the tests of message passing. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::mpi_thread::{MpiThread, RankInfo};
    pub use crate::outbox::Outbox;
}
