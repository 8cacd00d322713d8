//! The same call on other machines: their threads help, and their runs come by messages.
//!
//! A leader, on which `main` goes on, and followers, that evaluate what they are sent. The leader's
//! engine is that of every call. Beside its team there is a dispatcher (`dispatch.rs`), who takes runs
//! from the same source, sends them to threads of followers, and places what comes back in the same
//! sink. How messages travel is somebody else's business: `parallelize-mpi`, or a channel in tests.

mod balance;
mod dispatch;
mod distributed;
mod follower;
mod judged_work;
mod leader;
mod message;
mod nesting;
mod registry;
mod remote_ranks;
mod task;
mod travel;
mod verdict;

use std::sync::Arc;

/// The registry's, for generated code.
pub use linkme;

pub use crate::work::{Remote, RemoteFunction};
pub use distributed::Distributed;
pub use follower::Follower;
pub use leader::Leader;
pub use registry::{Entry, FUNCTIONS, check_registry};
pub use task::{Function, Task, TaskResult};
pub use travel::{Travels, TravelsAs, constants};
pub use verdict::{NeverFails, Verdict};

pub(crate) use remote_ranks::RemoteRanks;

/// A process of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rank {
    /// From 0, which is the leader.
    pub number: usize,
    /// The name of its machine.
    pub host: String,
    /// How many threads it has for items.
    pub threads: usize,
}

/// The way to the other ranks.
pub trait Transport: Send + Sync + 'static {
    /// Sends `message` to `rank`, and does not wait for that. Messages from one thread to one rank
    /// arrive in their order. What several ranks are told is shared and not copied.
    fn send(&self, rank: usize, message: Arc<Vec<u8>>);
}
