//! The threads and machines that can work on a call.

use std::time::Duration;

use crate::call::{Call, Gather};
use crate::cluster::Abroad;
use crate::schedule::{Settings, WORTH_SENDING, WORTH_SHARING, WORTH_WAKING};
use crate::team::{self, HelperPool as _, Pool};
use crate::work::{Judge, Work};

/// All who can work on a call.
pub(crate) struct Staff<'w, X, T, B> {
    pub(crate) pool: Pool,
    /// How many threads there are on this machine.
    pub(crate) here: usize,
    abroad: Option<Abroad<'w, X, T, B>>,
}

impl<'w, X, T, B> Staff<'w, X, T, B> {
    pub(crate) fn of<W, J>(work: &'w W, settings: &Settings) -> Self
    where
        X: 'w,
        W: Work<X>,
        J: Judge<W::Output, Value = T, Reason = B> + 'w,
    {
        let (pool, here) = Pool::with(settings.threads);
        Self {
            pool,
            here,
            abroad: Abroad::find::<_, J>(work, settings),
        }
    }

    /// Whether the calling thread is the only one.
    pub(crate) fn is_alone(&self) -> bool {
        self.here == 1 && self.abroad.is_none()
    }

    /// How many threads there are on all machines.
    pub(crate) fn threads(&self) -> usize {
        self.here + self.abroad.as_ref().map_or(0, Abroad::threads)
    }

    /// How much work is worth sharing now.
    pub(crate) fn worth(&self) -> Duration {
        match self.here {
            1 => WORTH_SENDING,
            _ => worth_asking(self.pool.id()),
        }
    }

    /// Runs the `lead` of a call on this machine, and has others work on it meanwhile unless it is
    /// expected to be over soon.
    pub(crate) fn accompany<I, G>(
        self,
        call: &Call<'_, I, G, B>,
        is_short: bool,
        lead: impl FnOnce(),
    ) where
        T: Send,
        B: Send,
        I: Iterator<Item = X> + Send,
        G: Gather<T>,
    {
        match self.abroad {
            Some(abroad) if !is_short => abroad.accompany(call, lead),
            _ => lead(),
        }
    }
}

/// How much work is worth sharing with a thread of this pool now.
pub(super) fn worth_asking(pool: usize) -> Duration {
    if team::is_awake(pool) {
        WORTH_SHARING
    } else {
        WORTH_WAKING
    }
}
