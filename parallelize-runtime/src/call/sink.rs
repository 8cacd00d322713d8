//! Where results go.

use super::source::Run;
use crate::schedule::Policy;

/// Where the results of a call go: a sink for each run.
pub(crate) trait Gather<T>: Sync {
    /// Takes the results of one run.
    type Sink<'g>: Sink<Result = T>
    where
        Self: 'g;

    /// A run of so many items has been taken. Runs come here in their order.
    fn begin(&self, len: usize) {
        _ = len;
    }

    /// The sink of `run`.
    fn sink(&self, run: Run) -> Self::Sink<'_>;

    /// A run has ended, and if it failed that is known by now.
    fn end(&self) {}

    /// How many of the next `len` items may be begun now, where runs are as this `policy` has them.
    fn admits(&self, len: usize, policy: &Policy) -> usize {
        _ = policy;
        len
    }

    /// Waits a little for the time when items may be begun again: whether it came.
    fn wait_a_little(&self) -> bool {
        false
    }
}

/// Where the results of a run go.
pub(crate) trait Sink {
    /// What they are.
    type Result;
    /// The position of the next result.
    fn position(&self) -> usize;
    /// Takes the next result.
    fn push(&mut self, result: Self::Result);
}
