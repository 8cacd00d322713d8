//! What a thread remembers of its part in calls.

use std::cell::Cell;

use crate::sync::thread_local;

thread_local! {
    /// Whether this thread is inside a call, as its caller or as a helper.
    static IN_CALL: Cell<bool> = Cell::default();

    /// Whether this thread lingers with a caller, which includes the time in which it yields.
    pub(super) static LINGERING: Cell<bool> = Cell::default();

    /// Whether a helper was useful that the pool ran on this thread while it yielded. `None` if
    /// there was none.
    pub(super) static HELPED_WHILE_YIELDING: Cell<Option<bool>> = Cell::default();

    /// Functions that request helpers again. This thread has passed on these helpers too often.
    static DEFERRED: Cell<Vec<Box<dyn FnOnce()>>> = Cell::default();
}

/// Returns whether this thread is inside a call.
pub(crate) fn is_in_call() -> bool {
    IN_CALL.with(Cell::get)
}

/// Runs `work` as a part of a call.
pub(super) fn in_call<O>(work: impl FnOnce() -> O) -> O {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            IN_CALL.with(|in_call| in_call.set(self.0));
            request_deferred();
        }
    }
    let _restore = Restore(IN_CALL.with(|in_call| in_call.replace(true)));
    work()
}

/// Keeps `request` until the next [`request_deferred`] of this thread.
pub(super) fn defer(request: impl FnOnce() + 'static) {
    // A thread that is about to end keeps nothing.
    _ = DEFERRED.try_with(|deferred| {
        let mut requests = deferred.take();
        requests.push(Box::new(request));
        deferred.set(requests);
    });
}

/// Requests again the helpers that this thread has deferred.
pub(crate) fn request_deferred() {
    // A thread that is about to end has deferred nothing.
    let deferred = DEFERRED.try_with(Cell::take).unwrap_or_default();
    for request in deferred {
        request();
    }
}
