//! A chunk before and after it is evaluated.

use std::time::{Duration, Instant};

use super::division::Part;
use super::source::Claim;
use crate::schedule::Policy;

/// A chunk that is claimed.
pub(crate) struct Chunk<I: Iterator> {
    pub(crate) claim: Claim,
    pub(crate) part: Part<I>,
    /// The number of items that may begin between two looks at whether the call has failed.
    pub(super) unchecked: usize,
}

/// A worker's last chunk, until the policy has learned from it.
pub(crate) type LastChunk = Option<FinishedChunk>;

/// A finished chunk.
pub(crate) struct FinishedChunk {
    pub(super) items: usize,
    pub(super) begun: Instant,
    pub(super) elapsed: Duration,
    /// The number of workers that were active when it ended.
    pub(super) active: usize,
    /// Whether this number was the same all the time.
    pub(super) is_steady: bool,
}

/// Reports a worker's last chunk to the policy.
pub(super) fn learn_last(policy: &mut Policy, last: &mut LastChunk) {
    if let Some(FinishedChunk {
        items,
        begun,
        elapsed,
        active,
        is_steady,
    }) = last.take()
    {
        policy.record_chunk(items, begun, elapsed, active, is_steady);
    }
}
