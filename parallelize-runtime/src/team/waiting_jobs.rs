//! The jobs of a thread that wait in a pool, each with the helper that it will run.
//!
//! A busy pool may begin a job long after its call has ended. The thread then gives the job the
//! next helper that it requests. So a thread never has more waiting jobs than its open calls may
//! have helpers, and no helper is lost.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::door::PendingHelper;
use super::idle_helpers::IdleHelpers;
use crate::sync;

/// A requested helper, and the caller's idle helpers that it joins after the call.
pub(super) struct RequestedHelper {
    pub(super) idle_helpers: sync::Arc<IdleHelpers>,
    pub(super) pending: PendingHelper,
}

/// A job that waits in a pool. It holds its helper until it begins.
pub(super) struct WaitingJob(Mutex<Option<RequestedHelper>>);

thread_local! {
    /// The jobs of this thread that have not begun, by the id of their pool.
    static WAITING: RefCell<BTreeMap<usize, Vec<Weak<WaitingJob>>>> = RefCell::default();
}

/// Gives the `helper` to a job of this thread whose call is over and that waits in the pool with
/// the id `pool`. If there is none, returns a new job, which the caller has to spawn.
pub(super) fn enlist(pool: usize, helper: RequestedHelper) -> Option<Arc<WaitingJob>> {
    let mut helper = Some(helper);
    let waiting = WAITING.try_with(|waiting| {
        let mut waiting = waiting.borrow_mut();
        let jobs = waiting.entry(pool).or_default();
        // The job owns itself, so that its helper is not pending any more if the pool drops it.
        jobs.retain(|job| job.strong_count() > 0);
        if jobs
            .iter()
            .any(|job| job.upgrade().is_some_and(|job| job.give(&mut helper)))
        {
            return None;
        }
        let job = Arc::new(WaitingJob(Mutex::new(helper.take())));
        jobs.push(Arc::downgrade(&job));
        Some(job)
    });
    // A thread that is about to end has lost its list.
    waiting.unwrap_or_else(|_| Some(Arc::new(WaitingJob(Mutex::new(helper)))))
}

impl WaitingJob {
    /// Replaces the job's own helper by `helper` if the call of its own is over. Returns whether it
    /// did.
    fn give(&self, helper: &mut Option<RequestedHelper>) -> bool {
        let mut own = self.lock();
        let is_over = |own: &RequestedHelper| own.pending.door().is_closed();
        let takes = own.as_ref().is_some_and(is_over);
        if takes {
            drop(mem::replace(&mut *own, helper.take()));
        }
        takes
    }

    /// Begins the job and returns its helper.
    pub(super) fn begin(self: Arc<Self>) -> Option<RequestedHelper> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<RequestedHelper>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::super::door::Door;
    use super::*;

    #[test]
    fn jobs_that_the_pool_has_dropped_are_forgotten() {
        const POOL: usize = 1;
        Door::open(&|_| true, 1, |door| {
            for _ in 0..100 {
                let helper = RequestedHelper {
                    idle_helpers: Arc::default(),
                    pending: Door::add_pending(door),
                };
                assert!(enlist(POOL, helper).is_some());
            }
            assert!(!door.has_pending());
        });
        WAITING.with_borrow(|waiting| assert!(waiting[&POOL].len() <= 1));
    }
}
