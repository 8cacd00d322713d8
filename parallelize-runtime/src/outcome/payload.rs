//! The payload of a panic, in a form that threads can share.

use std::any::Any;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::failure::message;

/// The payload of a panic: usually its message, and in general any value.
///
/// Unlike the bare `Box<dyn Any + Send>` that [`catch_unwind`](std::panic::catch_unwind) gives, it
/// is [`Sync`], as errors have to be for `Box<dyn Error + Send + Sync>` and for `anyhow`. So it
/// lends the value only if its type is one that threads can share.
///
/// It is the second part of an [`ItemPanic`](crate::ItemPanic):
///
/// ```
/// use parallelize::{Outcome, job};
///
/// for outcome in job([4, 0], |people: u32| 60 / people).outcomes() {
///     match outcome {
///         Outcome::Panicked(panic) => println!("{}: {:?}", panic.index, panic.payload),
///         outcome => println!("{:?}", outcome.done()),
///     }
/// }
/// ```
pub struct PanicPayload(Box<Parts>);

/// The value is in one of the two.
struct Parts {
    /// As [`catch_unwind`](std::panic::catch_unwind) gave it.
    bare: Mutex<Option<Box<dyn Any + Send>>>,
    /// After a caller has named its type, which is one that threads can share.
    shared: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl PanicPayload {
    pub(crate) fn new(payload: Box<dyn Any + Send>) -> Self {
        Self(Box::new(Parts {
            bare: Mutex::new(Some(payload)),
            shared: OnceLock::new(),
        }))
    }

    /// Returns the value, if it is a `T`.
    ///
    /// ```
    /// use parallelize::{Outcome, job};
    /// use std::panic::panic_any;
    ///
    /// /// What a function panics with if it finds no solution.
    /// struct NoSolution {
    ///     steps: u32,
    /// }
    ///
    /// let solve = |_: f64| -> f64 { panic_any(NoSolution { steps: 1_000 }) };
    /// let mut outcomes = job([0.5], solve).outcomes();
    /// let Some(Outcome::Panicked(panic)) = outcomes.pop() else { unreachable!() };
    /// let reason = panic.payload.downcast_ref::<NoSolution>();
    /// assert_eq!(reason.map(|reason| reason.steps), Some(1_000));
    /// ```
    #[must_use]
    pub fn downcast_ref<T: Any + Send + Sync>(&self) -> Option<&T> {
        if self.0.shared.get().is_none() {
            self.share::<T>();
        }
        self.0.shared.get()?.downcast_ref()
    }

    /// Moves the value to where threads share it, if it is a `T`.
    fn share<T: Any + Send + Sync>(&self) {
        let mut bare = self.0.bare.lock().unwrap_or_else(PoisonError::into_inner);
        match bare.take().map(<Box<dyn Any + Send>>::downcast::<T>) {
            // Nothing is shared yet, because the value was still here.
            Some(Ok(value)) => _ = self.0.shared.set(value),
            Some(Err(other)) => *bare = Some(other),
            None => (),
        }
    }

    /// Returns the value as [`catch_unwind`](std::panic::catch_unwind) gives it and
    /// [`resume_unwind`](std::panic::resume_unwind) takes it.
    ///
    /// ```
    /// use parallelize::{Outcome, job};
    /// use std::panic::resume_unwind;
    ///
    /// /// Returns all shares, or goes on with the first panic as it was.
    /// fn shares(people: &[u32]) -> Vec<u32> {
    ///     let outcomes = job(people, |people| 60 / people).outcomes().into_iter();
    ///     let shares = outcomes.filter_map(|outcome| match outcome {
    ///         Outcome::Panicked(panic) => resume_unwind(panic.payload.into_inner()),
    ///         outcome => outcome.done(),
    ///     });
    ///     shares.collect()
    /// }
    ///
    /// assert_eq!(shares(&[4, 2]), [15, 30]);
    /// ```
    #[must_use]
    pub fn into_inner(self) -> Box<dyn Any + Send> {
        let Parts { bare, shared } = *self.0;
        let bare = bare.into_inner().unwrap_or_else(PoisonError::into_inner);
        match (shared.into_inner(), bare) {
            (Some(value), _) => value,
            (None, Some(value)) => value,
            (None, None) => unreachable!("the value is in one of the two"),
        }
    }

    /// Returns the message of the panic, if it has one.
    pub(crate) fn message(&self) -> Option<&str> {
        if self.0.shared.get().is_none() {
            self.share::<&'static str>();
            self.share::<String>();
        }
        message(&**self.0.shared.get()?)
    }
}

impl fmt::Debug for PanicPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message() {
            Some(message) => message.fmt(f),
            None => f.write_str(".."),
        }
    }
}

impl From<PanicPayload> for Box<dyn Any + Send> {
    fn from(payload: PanicPayload) -> Self {
        payload.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_type_and_by_no_other() {
        let payload = PanicPayload::new(Box::new(7_i32));
        assert_eq!(payload.downcast_ref::<u32>(), None);
        assert_eq!(payload.downcast_ref::<i32>(), Some(&7));
        assert_eq!(payload.downcast_ref::<u32>(), None);
        assert_eq!(payload.downcast_ref::<i32>(), Some(&7));
        assert_eq!(*payload.into_inner().downcast::<i32>().unwrap(), 7);
    }

    #[test]
    fn a_value_that_threads_cannot_share_comes_back_unchanged() {
        use std::cell::Cell;
        let payload = PanicPayload::new(Box::new(Cell::new(7)));
        assert_eq!(payload.message(), None);
        let value = payload.into_inner().downcast::<Cell<i32>>().unwrap();
        assert_eq!(value.get(), 7);
    }

    #[test]
    fn threads_that_look_at_once_see_the_same_value() {
        for _ in 0..200 {
            let payload = PanicPayload::new(Box::new("bad".to_owned()));
            std::thread::scope(|scope| {
                let seen = [0; 4].map(|_| scope.spawn(|| payload.message()));
                for seen in seen {
                    assert_eq!(seen.join().unwrap(), Some("bad"));
                }
            });
        }
    }
}
