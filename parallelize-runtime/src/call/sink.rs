//! Where the results of a call go.

use super::division::AtMost;
use super::source::Claim;
use crate::outcome::Payload;
use crate::schedule::Policy;

/// The results of a call as long as one thread works alone: those of the first items, in order.
pub(crate) trait Gathered {
    /// A result.
    type Value;

    /// Returns the number of results.
    fn len(&self) -> usize;

    /// Takes the next result.
    fn push(&mut self, result: Self::Value);

    /// Returns whether there is memory for `further` results.
    fn has_room(&self, further: usize) -> bool {
        _ = further;
        true
    }

    /// Returns how many of the next results are best taken together, at most.
    fn block_len(&self) -> usize {
        usize::MAX
    }

    /// Takes the next results, for which there is room.
    fn extend(&mut self, results: impl Iterator<Item = Self::Value>);

    /// Likewise for no more than [`block_len`](Self::block_len) results.
    #[inline]
    fn extend_block(&mut self, results: AtMost<impl Iterator<Item = Self::Value>>) {
        self.extend(results.into_inner());
    }
}

impl<R> Gathered for Vec<R> {
    type Value = R;

    #[inline]
    fn len(&self) -> usize {
        Vec::len(self)
    }

    #[inline]
    fn push(&mut self, result: R) {
        Vec::push(self, result);
    }

    #[inline]
    fn has_room(&self, further: usize) -> bool {
        further <= self.capacity() - Vec::len(self)
    }

    #[inline]
    fn extend(&mut self, results: impl Iterator<Item = R>) {
        Extend::extend(self, results);
    }
}

/// Takes the results of a call. Each chunk has a sink of its own.
pub(crate) trait Sink: Sync {
    /// A result.
    type Value;

    /// What the calling thread has of the results before it shares the call.
    type Gathered: Gathered<Value = Self::Value>;

    /// Takes the results of one chunk.
    type ChunkSink<'s>: ChunkSink<Value = Self::Value>
    where
        Self: 's;

    /// Notes that `len` items have been claimed. Called in the order of the claims.
    fn chunk_started(&self, len: usize) {
        _ = len;
    }

    /// Returns the sink of the chunk at `claim`.
    fn chunk_sink(&self, claim: Claim) -> Self::ChunkSink<'_>;

    /// Notes that a chunk has ended. If it failed, the failure is recorded already.
    fn chunk_finished(&self) {}

    /// Returns how many of the next `len` items may start now, where `policy` sizes the chunks.
    fn allowed_len(&self, len: usize, policy: &Policy) -> usize {
        _ = policy;
        len
    }

    /// Waits for a moment until items may start again. Returns whether they may.
    fn wait_for_room(&self) -> bool {
        false
    }
}

/// Takes the results of one chunk, in order.
pub(crate) trait ChunkSink {
    /// A result.
    type Value;

    /// Returns the position of the next result.
    fn position(&self) -> usize;

    /// Returns how many of the next results are best taken together, at most.
    fn block_len(&self) -> usize {
        usize::MAX
    }

    /// Takes the next result.
    fn push(&mut self, result: Self::Value);

    /// Takes the next results. It does not call the iterator again after its end.
    #[inline]
    fn extend(&mut self, results: AtMost<impl Iterator<Item = Self::Value>>) {
        results.into_inner().for_each(|result| self.push(result));
    }

    /// Takes the sum of the next results, which are a leaf, if the call is a sum of numbers.
    #[cfg(feature = "cluster")]
    fn push_sum(&mut self, sum: Self::Value) {
        _ = sum;
        unreachable!("the call is no sum");
    }

    /// Hands over the results, after the last one. If that panics, returns the position to which
    /// the panic belongs.
    fn finish(&mut self) -> Result<(), (usize, Payload)> {
        Ok(())
    }
}
