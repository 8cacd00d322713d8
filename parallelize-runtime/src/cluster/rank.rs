//! A process of the cluster.

use std::fmt;

/// A process of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rank {
    /// From 0, which is the leader.
    pub number: usize,
    /// The name of its machine.
    pub host: String,
    /// The number of its threads that evaluate items.
    pub threads: usize,
}

/// Names the rank in messages: `rank 1 on node1`.
impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, host, .. } = self;
        write!(f, "rank {number} on {host}")
    }
}
