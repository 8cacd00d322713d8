//! Panics and errors with their index. Where one ends the call, the lowest index wins, whatever the
//! timing.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::payload::PanicPayload;

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Why the results of a call end before its items do.
#[derive(Debug)]
pub(crate) enum Failure<B> {
    /// An item asked to stop here.
    Break(B),
    /// An item panicked.
    Item(Payload),
    /// Something beside the items panicked: the iterator that yields them, or a worker's own state.
    Beside(Payload),
}

/// What a call comes to, or the failure that ends it and its position.
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

    /// The position from which on no item need be started any more.
    ///
    /// It only saves work: what is true of the lowest failure is read after all workers have left.
    #[inline]
    pub(crate) fn bound(&self) -> &AtomicUsize {
        &self.bound
    }

    /// Has no item be started any more.
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
        // A payload or an error runs user code when it is dropped, so not under the lock.
        drop(lowest);
        discard(superseded);
    }

    /// The lowest failure and its index, once.
    pub(crate) fn take_lowest(&self) -> Option<(usize, Failure<B>)> {
        let mut lowest = self.lowest.lock().unwrap_or_else(PoisonError::into_inner);
        lowest.take()
    }

    /// The lowest failure and its index, when everybody has gone.
    pub(crate) fn into_lowest(self) -> Option<(usize, Failure<B>)> {
        let lowest = self.lowest.into_inner();
        lowest.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops what a failure has left behind. If that panics as well, it follows from a failure that is
/// known already.
pub(crate) fn discard(left: impl Sized) {
    let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(left)));
    // What that carries might panic in turn when it is dropped.
    mem::forget(dropped);
}

/// The error of an item, and which item it was.
///
/// It reads `item 17: <error>`, and is an [`Error`] whose [source](Error::source) is that of the item.
/// Where the function returns something that is none, like a `String`, a `Box<dyn Error>` or an
/// `anyhow::Error`, make one of the two parts:
///
/// ```
/// use parallelize_runtime::job;
/// use std::error::Error;
///
/// fn check(i: u32) -> Result<u32, String> {
///     if i < 100 { Ok(i) } else { Err(format!("{i} is too much")) }
/// }
///
/// fn all(items: std::ops::Range<u32>) -> Result<Vec<u32>, Box<dyn Error>> {
///     // Or, for an error of `anyhow`: `failure.error.context(format!("item {}", failure.index))`.
///     Ok(job(items, check).try_collect().map_err(|failure| failure.to_string())?)
/// }
///
/// assert_eq!(all(98..200).unwrap_err().to_string(), "item 2: 100 is too much");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ItemError<E> {
    /// The position of the item among all items, from 0.
    pub index: usize,
    /// What the function returned for it.
    pub error: E,
}

impl<E: fmt::Display> fmt::Display for ItemError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item {}: {}", self.index, self.error)
    }
}

impl<E: Error + 'static> Error for ItemError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}

/// What became of an item.
///
/// ```
/// use parallelize_runtime::{Outcome, job};
///
/// let outcomes = job([4, 0, 2], |x: i32| 100 / x).outcomes();
/// assert!(outcomes[1].is_panicked());
/// let quotients: Vec<i32> = outcomes.into_iter().filter_map(Outcome::done).collect();
/// assert_eq!(quotients, [25, 50]);
/// ```
#[derive(Debug)]
pub enum Outcome<R> {
    /// Its result.
    Done(R),
    /// It panicked.
    Panicked(ItemPanic),
    /// It had not begun when the [`Stop`](crate::Stop) said so.
    Skipped,
}

impl<R> Outcome<R> {
    /// The result, if there is one.
    pub fn done(self) -> Option<R> {
        match self {
            Self::Done(result) => Some(result),
            Self::Panicked(_) | Self::Skipped => None,
        }
    }

    /// Whether there is a result.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Whether it panicked.
    #[must_use]
    pub const fn is_panicked(&self) -> bool {
        matches!(self, Self::Panicked(_))
    }

    /// Whether it was skipped.
    #[must_use]
    pub const fn is_skipped(&self) -> bool {
        matches!(self, Self::Skipped)
    }
}

/// The panic of an item, and which item it was.
///
/// It reads `item 17: <message>`. As an error it works with `?`, in `Box<dyn Error + Send + Sync>`
/// and in `anyhow::Error`.
///
/// ```
/// use parallelize_runtime::{Outcome, job};
/// use std::error::Error;
///
/// fn quotients(of: &[i32]) -> Result<Vec<i32>, Box<dyn Error + Send + Sync>> {
///     let mut quotients = Vec::new();
///     for outcome in job(of, |x| 100 / x).outcomes() {
///         match outcome {
///             Outcome::Done(quotient) => quotients.push(quotient),
///             Outcome::Panicked(panic) => Err(panic)?,
///             Outcome::Skipped => unreachable!("nobody stops this job"),
///         }
///     }
///     Ok(quotients)
/// }
///
/// let error = quotients(&[4, 0, 2]).unwrap_err();
/// assert_eq!(error.to_string(), "item 1: attempt to divide by zero");
/// ```
#[derive(Debug)]
pub struct ItemPanic {
    /// The position of the item among all items, from 0.
    pub index: usize,
    /// What the panic carries.
    pub payload: PanicPayload,
}

impl ItemPanic {
    /// What the panic said, or words to the effect that it said nothing.
    #[must_use]
    pub fn message(&self) -> &str {
        self.payload
            .message()
            .unwrap_or("a panic without a message")
    }
}

impl fmt::Display for ItemPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item {}: {}", self.index, self.message())
    }
}

impl Error for ItemPanic {}

/// The reason to stop and its index; or the panic is re-raised, with the index of the item if it was
/// one.
#[track_caller]
pub(crate) fn reason<B>(index: usize, failure: Failure<B>) -> (usize, B) {
    match failure {
        Failure::Break(reason) => (index, reason),
        Failure::Item(payload) => resume_item(index, payload),
        Failure::Beside(payload) => panic::resume_unwind(payload),
    }
}

/// Re-raises the panic of item `index`, its number before its message: `item 17: <message>`.
///
/// The panic hook runs once more, on the calling thread, since it is the only one that a person who
/// did not catch the panic learns the index from. A payload that is no message is passed on as it
/// is.
#[track_caller]
pub(crate) fn resume_item(index: usize, payload: Payload) -> ! {
    match message(&*payload) {
        Some(message) => panic!("item {index}: {message}"),
        None => panic::resume_unwind(payload),
    }
}

/// What the panic said, if it said anything.
pub(crate) fn message(payload: &(dyn Any + Send)) -> Option<&str> {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
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

    #[test]
    fn an_item_error_reads_well() {
        let error = ItemError {
            index: 17,
            error: "seven".parse::<i32>().unwrap_err(),
        };
        assert_eq!(error.to_string(), "item 17: invalid digit found in string");
        assert_eq!(
            error.source().unwrap().to_string(),
            "invalid digit found in string"
        );
    }
}
