//! The helpers that a thread has sent on their way and whose jobs have not begun.
//!
//! A busy pool may begin a job long after the call has ended that it was spawned for. Such a job is
//! given the next errand of its thread. So the jobs that a thread piles up beside a busy pool are
//! no more than the helpers that its calls under way may have, and no helper is lost.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::door::PendingHelper;
use super::idle_helpers::IdleHelpers;
use crate::sync;

/// A helper on its way, and the helpers that it lingers with afterwards.
pub(super) struct Errand {
    pub(super) idle_helpers: sync::Arc<IdleHelpers>,
    pub(super) pending: PendingHelper,
}

/// A job that waits in a pool, with its errand until it begins.
pub(super) struct WaitingJob(Mutex<Option<Errand>>);

thread_local! {
    /// The jobs of this thread that have not begun, by the id of their pool.
    static WAITING: RefCell<BTreeMap<usize, Vec<Weak<WaitingJob>>>> = RefCell::default();
}

/// Gives the `errand` to a job of this thread that waits in the pool with this id for a call that
/// is over. Returns a new job that has to be spawned if there is none.
pub(super) fn send(pool: usize, errand: Errand) -> Option<Arc<WaitingJob>> {
    let mut errand = Some(errand);
    let waiting = WAITING.try_with(|waiting| {
        let mut waiting = waiting.borrow_mut();
        let jobs = waiting.entry(pool).or_default();
        // The job owns itself, so that its helper is not pending any more if the pool drops it.
        jobs.retain(|job| job.strong_count() > 0);
        if jobs
            .iter()
            .any(|job| job.upgrade().is_some_and(|job| job.give(&mut errand)))
        {
            return None;
        }
        let job = Arc::new(WaitingJob(Mutex::new(errand.take())));
        jobs.push(Arc::downgrade(&job));
        Some(job)
    });
    // A thread that is about to end has lost its list.
    waiting.unwrap_or_else(|_| Some(Arc::new(WaitingJob(Mutex::new(errand)))))
}

impl WaitingJob {
    /// Takes the `errand` if the call of its own errand is over. Returns whether it did.
    fn give(&self, errand: &mut Option<Errand>) -> bool {
        let mut own = self.lock();
        let is_over = |own: &Errand| own.pending.door().is_closed();
        let takes = own.as_ref().is_some_and(is_over);
        if takes {
            drop(mem::replace(&mut *own, errand.take()));
        }
        takes
    }

    /// Begins the job. Returns its errand.
    pub(super) fn begin(self: Arc<Self>) -> Option<Errand> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Errand>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
