//! Panics and errors with their index, as the engine passes them on. If several end a call, the one
//! with the lowest index wins, whatever the timing.

use std::any::Any;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The payload of a panic.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Why the results of a call end before its items do.
#[derive(Debug)]
pub(crate) enum Failure<B> {
    /// The output of an item ended the call.
    Break(B),
    /// An item panicked.
    Item(Payload),
    /// Something other than an item panicked: the iterator, or a worker's own state.
    Outside(Payload),
}

/// The result of a call, or the failure that ends it and its position.
pub(crate) type Ended<T, B> = Result<T, (usize, Failure<B>)>;

/// The failure with the lowest index so far.
#[derive(Debug)]
pub(crate) struct Failures<B> {
    bound: AtomicUsize,
    lowest: Mutex<Option<(usize, Failure<B>)>>,
}

impl<B> Failures<B> {
    pub(crate) fn new() -> Self {
        Self {
            bound: AtomicUsize::new(usize::MAX),
            lowest: Mutex::new(None),
        }
    }

    /// Returns the position from which on no item need begin.
    ///
    /// The bound only saves work: the lowest failure itself is read after all workers have left.
    #[inline]
    pub(crate) fn bound(&self) -> &AtomicUsize {
        &self.bound
    }

    /// Lets no further item begin.
    pub(crate) fn cancel(&self) {
        self.bound.store(0, Ordering::Relaxed);
    }

    /// Notes that position `index` failed.
    pub(crate) fn record(&self, index: usize, failure: Failure<B>) {
        let mut lowest = self.lowest.lock().unwrap_or_else(PoisonError::into_inner);
        let superseded = match &*lowest {
            Some((known, _)) if *known <= index => Some((index, failure)),
            _ => {
                self.bound.fetch_min(index, Ordering::Relaxed);
                lowest.replace((index, failure))
            }
        };
        // The drop of a payload or an error runs user code, so it happens outside the lock.
        drop(lowest);
        discard(superseded);
    }

    /// Takes the lowest failure and its index.
    pub(crate) fn take_lowest(&self) -> Option<(usize, Failure<B>)> {
        let mut lowest = self.lowest.lock().unwrap_or_else(PoisonError::into_inner);
        lowest.take()
    }
}

impl<B> Drop for Failures<B> {
    /// Discards the lowest failure if no caller has taken it, as when an observer panics.
    fn drop(&mut self) {
        discard(self.take_lowest());
    }
}

/// Drops `value`, which the caller of the job never sees, and ignores a panic of its drop.
pub(crate) fn discard(value: impl Sized) {
    let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(value)));
    // The payload of that panic might panic in turn when it is dropped.
    mem::forget(dropped);
}

/// Returns the reason of a `Failure::Break` with its index, or re-raises the panic that ended the
/// call. The message of an item's panic then begins with the item's index.
#[track_caller]
pub(crate) fn break_or_panic<B>(index: usize, failure: Failure<B>) -> (usize, B) {
    match failure {
        Failure::Break(reason) => (index, reason),
        Failure::Item(payload) => resume_item(index, payload),
        Failure::Outside(payload) => panic::resume_unwind(payload),
    }
}

/// Re-raises the panic of item `index`, with the index before its message: `item 17: <message>`.
///
/// The panic hook runs once more, on the calling thread: a person who does not catch the panic
/// learns the index only from the hook. A payload without a message is passed on unchanged.
#[track_caller]
fn resume_item(index: usize, payload: Payload) -> ! {
    match message(&*payload) {
        Some(message) => panic!("item {index}: {message}"),
        None => panic::resume_unwind(payload),
    }
}

/// The text in place of the message of a panic that has none.
pub(super) const NO_MESSAGE: &str = "a panic without a message";

/// Returns the message of a panic, or a note that it has none.
#[cfg(feature = "cluster")]
pub(crate) fn message_or_note(payload: &(dyn Any + Send)) -> &str {
    message(payload).unwrap_or(NO_MESSAGE)
}

/// Returns the message of a panic, if it has one.
pub(super) fn message(payload: &dyn Any) -> Option<&str> {
    let literal = payload.downcast_ref::<&'static str>().copied();
    literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_failure_is_kept() {
        let failures = Failures::new();
        assert_eq!(failures.bound().load(Ordering::Relaxed), usize::MAX);
        for index in [7, 3, 5, 3, 9] {
            failures.record(index, Failure::Break(index));
        }
        assert_eq!(failures.bound().load(Ordering::Relaxed), 3);
        assert!(matches!(
            failures.take_lowest(),
            Some((3, Failure::Break(3)))
        ));
    }
}
