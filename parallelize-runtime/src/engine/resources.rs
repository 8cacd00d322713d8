//! The threads and machines that can work on a call.

use std::time::Duration;

use crate::call::{Call, Sink};
use crate::cluster::RemoteRanks;
use crate::schedule::{
    BREAK_EVEN_ASLEEP, BREAK_EVEN_AWAKE, BREAK_EVEN_DOZING, BREAK_EVEN_REMOTE, LIGHT_SLEEP,
    Settings,
};
use crate::team::{self, HelperPool as _, Pool};
use crate::work::{Branch, Work};

/// The threads and machines that can work on a call.
pub(super) struct Resources<'w, X, T, B> {
    pub(super) pool: Pool,
    /// The number of threads on this machine.
    pub(super) local_threads: usize,
    remote_ranks: Option<RemoteRanks<'w, X, T, B>>,
}

impl<'w, X, T, B> Resources<'w, X, T, B> {
    /// Finds the resources for a call of `work` with these `settings`.
    pub(super) fn find<W, M>(work: &'w W, settings: &Settings) -> Self
    where
        X: 'w,
        W: Work<X>,
        M: Branch<W::Output, Value = T, Reason = B> + 'w,
    {
        let (pool, local_threads) = Pool::with(settings.threads);
        Self {
            pool,
            local_threads,
            remote_ranks: RemoteRanks::find::<_, M>(work, settings),
        }
    }

    /// Returns whether the calling thread is the only one.
    pub(super) fn is_alone(&self) -> bool {
        self.local_threads == 1 && self.remote_ranks.is_none()
    }

    /// Returns whether other machines can help.
    pub(super) fn has_remote_ranks(&self) -> bool {
        self.remote_ranks.is_some()
    }

    /// Returns the number of threads on all machines.
    pub(super) fn total_threads(&self) -> usize {
        let remote = self.remote_ranks.as_ref();
        self.local_threads + remote.map_or(0, RemoteRanks::threads)
    }

    /// Returns how many threads on this machine can work on `items` items. `None` is an unknown
    /// number.
    pub(super) fn most_workers(&self, items: Option<usize>) -> usize {
        self.local_threads.min(items.unwrap_or(usize::MAX))
    }

    /// Returns the least work that repays sharing it now, as time on one thread.
    pub(super) fn break_even(&self) -> Duration {
        match self.local_threads {
            1 => BREAK_EVEN_REMOTE,
            _ => break_even(self.pool.id()),
        }
    }

    /// Runs `lead`, the part of a call on this machine. Other ranks, if there are any, work on the
    /// call meanwhile, unless it `is_short`. They work on one call only.
    pub(super) fn run_alongside<I, S>(
        &mut self,
        call: &Call<'_, I, S, B>,
        is_short: bool,
        lead: impl FnOnce(),
    ) where
        T: Send,
        B: Send,
        I: Iterator<Item = X> + Send,
        S: Sink<Value = T>,
    {
        match self.remote_ranks.take() {
            Some(remote_ranks) if !is_short => remote_ranks.run_alongside(call, lead),
            _ => lead(),
        }
    }
}

/// Returns the least work that repays sharing it now with a thread of the pool that has this id.
pub(super) fn break_even(pool: usize) -> Duration {
    if team::has_idle_helper(pool) {
        BREAK_EVEN_AWAKE
    } else if team::was_in_call_within(LIGHT_SLEEP) {
        BREAK_EVEN_DOZING
    } else {
        BREAK_EVEN_ASLEEP
    }
}
