//! What a thread remembers of its part in teams.

use std::cell::Cell;

use crate::sync::thread_local;

thread_local! {
    /// Whether this thread stays with a caller.
    pub(super) static STAYS: Cell<bool> = Cell::default();

    /// Whether it was of use, if the pool has asked it to a call meanwhile.
    pub(super) static ASKED: Cell<Option<bool>> = Cell::default();

    /// Whether this thread is inside a call.
    pub(super) static BUSY: Cell<bool> = Cell::default();

    /// What asks for helpers that this thread has turned yielding from for too long.
    pub(super) static DEFERRED: Cell<Vec<Box<dyn FnOnce()>>> = Cell::default();
}

/// Whether this thread is inside a call.
pub(crate) fn is_busy() -> bool {
    BUSY.with(Cell::get)
}

/// Marks the thread as busy while `work` runs.
pub(super) fn busy<O>(work: impl FnOnce() -> O) -> O {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            BUSY.with(|busy| busy.set(self.0));
            respawn_deferred();
        }
    }
    let _restore = Restore(BUSY.with(|busy| busy.replace(true)));
    work()
}

/// Gives back to the pool what it had this thread do while that was busy.
pub(crate) fn respawn_deferred() {
    // A thread that is about to end has nothing of the kind.
    let aside = DEFERRED.try_with(Cell::take).unwrap_or_default();
    for job in aside {
        job();
    }
}
