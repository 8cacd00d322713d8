//! Outcomes, errors and panics of items, as users see them and as the engine passes them on.
//!
//! This room imports nothing else of the crate.

mod death;
mod failure;
mod payload;

use std::error::Error;
use std::fmt;

pub use death::{DeathCause, ItemDeath};
use failure::NO_MESSAGE;
#[cfg(feature = "cluster")]
pub(crate) use failure::message_or_note;
pub(crate) use failure::{Ended, Failure, Failures, Payload, break_or_panic, discard};
pub use payload::PanicPayload;

/// The error of an item, and which item it was.
///
/// [`Job::try_collect`](crate::Job::try_collect) and similar calls return it. It is displayed as
/// `item 17: <error>`, and is an [`Error`] whose [source](Error::source) is the error of the item.
/// A `String`, a `Box<dyn Error>` or an `anyhow::Error` is not an [`Error`] itself: if the function
/// returns one of these, make an error from the two parts, here or with
/// [`try_collect_with`](crate::Job::try_collect_with):
///
/// ```
/// use parallelize::job;
/// use std::error::Error;
///
/// fn check(i: u32) -> Result<u32, String> {
///     if i < 100 { Ok(i) } else { Err(format!("{i} is too much")) }
/// }
///
/// fn all(items: std::ops::Range<u32>) -> Result<Vec<u32>, Box<dyn Error>> {
///     Ok(job(items, check).try_collect().map_err(|failure| failure.to_string())?)
/// }
///
/// assert_eq!(all(98..200).unwrap_err().to_string(), "item 2: 100 is too much");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ItemError<E> {
    /// The position of the item among all items, from 0.
    pub index: usize,
    /// The error that the function returned for it.
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

/// The outcome of an item: its result, or the reason why it has none.
///
/// [`Job::outcomes`](crate::Job::outcomes) returns one for each item.
///
/// ```
/// use parallelize::{Outcome, job};
///
/// let outcomes = job([4, 0, 2], |x: i32| 100 / x).outcomes();
/// assert!(outcomes[1].is_panicked());
/// let quotients: Vec<i32> = outcomes.into_iter().filter_map(Outcome::done).collect();
/// assert_eq!(quotients, [25, 50]);
/// ```
#[derive(Debug)]
pub enum Outcome<R> {
    /// The item was done, with this result.
    Done(R),
    /// The item panicked.
    Panicked(ItemPanic),
    /// The process that evaluated the item died. This happens only in a job with
    /// [`processes`](crate::Job::processes): what kills a thread kills the whole program.
    Died(ItemDeath),
    /// The item had not begun when the [`Stop`](crate::Stop) stopped the job.
    Skipped,
}

impl<R> Outcome<R> {
    /// Returns the result, if there is one.
    ///
    /// ```
    /// use parallelize::{Outcome, job};
    ///
    /// let outcomes = job(["7", "x", "9"], |text| text.parse::<u32>().unwrap()).outcomes();
    /// let numbers = outcomes.into_iter().filter_map(Outcome::done);
    /// assert_eq!(numbers.sum::<u32>(), 16);
    /// ```
    #[must_use = "the result is lost"]
    pub fn done(self) -> Option<R> {
        match self {
            Self::Done(result) => Some(result),
            Self::Panicked(_) | Self::Died(_) | Self::Skipped => None,
        }
    }

    /// Returns whether there is a result.
    ///
    /// ```
    /// let texts = ["7", "x", "9"];
    /// let outcomes = parallelize::job(texts, |text| text.parse::<u32>().unwrap()).outcomes();
    /// let done = outcomes.iter().filter(|outcome| outcome.is_done());
    /// assert_eq!(done.count(), 2);
    /// ```
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Returns whether the item panicked.
    ///
    /// ```
    /// let texts = ["7", "x", "9"];
    /// let outcomes = parallelize::job(texts, |text| text.parse::<u32>().unwrap()).outcomes();
    /// assert_eq!(outcomes.iter().position(|outcome| outcome.is_panicked()), Some(1));
    /// ```
    #[must_use]
    pub const fn is_panicked(&self) -> bool {
        matches!(self, Self::Panicked(_))
    }

    /// Returns whether the process of the item died.
    ///
    /// ```
    /// use parallelize::Outcome;
    ///
    /// /// Returns the positions of the items to run again, in processes with more memory.
    /// fn to_run_again(outcomes: &[Outcome<f64>]) -> Vec<usize> {
    ///     (0..outcomes.len()).filter(|i| outcomes[*i].is_died()).collect()
    /// }
    /// # use parallelize::{DeathCause, ItemDeath};
    /// # let death = ItemDeath { index: 1, cause: DeathCause::Signal(9) };
    /// # assert_eq!(to_run_again(&[Outcome::Done(0.5), Outcome::Died(death)]), [1]);
    /// ```
    #[must_use]
    pub const fn is_died(&self) -> bool {
        matches!(self, Self::Died(_))
    }

    /// Returns whether the item was skipped.
    ///
    /// ```
    /// use parallelize::{Stop, job};
    /// use std::time::Duration;
    ///
    /// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
    /// let stop = Stop::after(Duration::from_millis(10));
    /// let outcomes = job(2..100_000, is_prime).outcomes_until(&stop);
    /// let left = outcomes.iter().filter(|outcome| outcome.is_skipped()).count();
    /// println!("{left} of {} are left for another time", outcomes.len());
    /// ```
    #[must_use]
    pub const fn is_skipped(&self) -> bool {
        matches!(self, Self::Skipped)
    }
}

/// The panic of an item, and which item it was: a part of an [`Outcome`].
///
/// It is displayed as `item 17: <message>`. It is an [`Error`], so `?` turns it into a
/// `Box<dyn Error + Send + Sync>` or an `anyhow::Error`.
///
/// ```
/// use parallelize::{Outcome, job};
/// use std::error::Error;
///
/// fn quotients(of: &[i32]) -> Result<Vec<i32>, Box<dyn Error + Send + Sync>> {
///     let mut quotients = Vec::new();
///     for outcome in job(of, |x| 100 / x).outcomes() {
///         match outcome {
///             Outcome::Done(quotient) => quotients.push(quotient),
///             Outcome::Panicked(panic) => Err(panic)?,
///             Outcome::Died(death) => Err(death)?,
///             Outcome::Skipped => unreachable!("nothing stops this job"),
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
    /// The payload of the panic.
    pub payload: PanicPayload,
}

impl ItemPanic {
    /// Returns the message of the panic, or a note that it has none.
    ///
    /// ```
    /// use parallelize::{Outcome, job};
    ///
    /// let mut outcomes = job(["x"], |text| text.parse::<u32>().expect("no number")).outcomes();
    /// let Some(Outcome::Panicked(panic)) = outcomes.pop() else { unreachable!() };
    /// assert_eq!(panic.message(), "no number: ParseIntError { kind: InvalidDigit }");
    /// assert_eq!(panic.to_string(), format!("item 0: {}", panic.message()));
    /// ```
    #[must_use]
    pub fn message(&self) -> &str {
        self.payload.message().unwrap_or(NO_MESSAGE)
    }
}

impl fmt::Display for ItemPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item {}: {}", self.index, self.message())
    }
}

impl Error for ItemPanic {}

#[cfg(test)]
mod tests {
    use super::*;

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
