//! Calls on several machines: threads of other ranks evaluate chunks that arrive as messages.
//!
//! One rank is the leader: it continues `main`. The others are followers: they evaluate what the
//! leader sends. The leader runs these calls with the same engine as all others. Beside its team, a
//! dispatcher claims chunks from the same source, sends them to followers, and pushes the results
//! into the same sink.
//!
//! A [`Transport`] carries the messages. `parallelize-mpi` has one, and tests have one within a
//! single process.
//!
//! This room may use `call`, `work`, `team`, `observe`, `schedule`, `outcome` and `encoding`.

mod balance;
mod call_channel;
mod dispatcher;
mod distributed;
mod follower;
mod follower_state;
mod leader;
mod loads;
mod message;
mod nesting;
mod open_call;
mod rank;
mod registry;
mod remote_ranks;
mod remote_work;
mod task;
mod transport;
mod travel;
mod verdict;

/// For generated code, which adds its functions to the registry with it.
pub use linkme;

pub use crate::work::{Remote, RemoteFunction};
pub use distributed::Distributed;
pub use follower::Follower;
pub use leader::Leader;
pub use rank::Rank;
pub use registry::{Entry, FUNCTIONS, check_registry};
pub use task::{Function, Task, TaskResult};
pub use transport::Transport;
pub use travel::{Travels, TravelsAs};
pub use verdict::{NeverFails, Verdict};

pub(crate) use remote_ranks::RemoteRanks;
#[cfg(feature = "processes")]
pub(crate) use {
    message::Message,
    nesting::is_in_item,
    open_call::{OpenCall, QueuedChunk},
    remote_work::{BranchedWork, Received, RemoteWork, refusal},
};
