//! Work that other processes can do: the traits only.

use crate::encoding::ErrorText;
#[cfg(feature = "processes")]
use crate::outcome::ItemDeath;
use crate::outcome::Payload;

/// A function as other processes know it.
pub trait RemoteFunction: Sync {
    /// Returns the name under which they find it.
    fn name(&self) -> &'static str;

    /// Appends the constants of the call to `into`.
    ///
    /// # Errors
    ///
    /// Returns the reason if one of them cannot be encoded.
    fn constants(&self, into: &mut Vec<u8>) -> Result<(), ErrorText>;
}

/// Work that other processes of this program know.
///
/// There is nothing to implement or to call here: the job of a [`#[parallel(cluster)]`][cluster]
/// function has such work, and [`Job::processes`](crate::Job::processes) needs it. It stands in the
/// type of a function that takes such a job:
///
/// ```
/// use parallelize::{Isolatable, Items, Job, Work};
/// # #[cfg(feature = "processes")]
/// use std::time::Duration;
///
/// # #[cfg(feature = "processes")]
/// /// Returns the results of the items that end within a minute, and do not crash.
/// fn sound<X, R: Send, W>(job: Job<impl Items<X>, W>) -> Vec<R>
/// where
///     W: Work<X, Output = R> + Isolatable,
/// {
///     let job = job.processes(8).timeout(Duration::from_secs(60));
///     job.outcomes().into_iter().filter_map(|outcome| outcome.done()).collect()
/// }
/// ```
///
/// [cluster]: https://docs.rs/parallelize/latest/parallelize/attr.parallel.html#cluster
#[diagnostic::on_unimplemented(
    message = "other processes do not know this function",
    label = "not a job of a `#[parallel(cluster)]` function",
    note = "write `#[parallel(cluster)]` above the function, and call its `.._job(..)`; a closure \
            cannot travel to another process"
)]
pub trait Isolatable: Sealed {}

mod sealed {
    /// Keeps other crates from implementing a trait.
    pub trait Sealed {}
}

pub(crate) use sealed::Sealed;

/// Items `X` on their way to other processes, and results `R` on their way back.
pub trait Remote<X, R>: Sync {
    /// Appends `item` to `into`.
    ///
    /// # Errors
    ///
    /// Returns the reason if it cannot be encoded.
    fn encode(&self, item: &X, into: &mut Vec<u8>) -> Result<(), ErrorText>;

    /// Takes the result of the item at `position` off `bytes`.
    ///
    /// # Errors
    ///
    /// Returns the reason if there is none.
    fn decode(&self, position: usize, bytes: &mut &[u8]) -> Result<R, ErrorText>;

    /// Returns whether another process may send the sum of some results in their stead.
    fn may_be_summed(&self) -> bool {
        false
    }

    /// Returns the result of `item` if it need not be computed.
    ///
    /// # Errors
    ///
    /// Returns the item if it has to be computed.
    fn known(&self, item: X) -> Result<R, X> {
        Err(item)
    }

    /// Turns the panic of an item into its result, unless panics end the call.
    #[doc(hidden)]
    fn panicked(&self, position: usize, payload: Payload) -> Result<R, Payload> {
        _ = position;
        Err(payload)
    }

    /// Turns the death of an item's process into its result, unless it ends the call as a panic
    /// does.
    #[cfg(feature = "processes")]
    #[doc(hidden)]
    fn died(&self, death: ItemDeath) -> Result<R, ItemDeath> {
        Err(death)
    }

    /// Returns whether an item that panics ends the call.
    fn ends_with_panics(&self) -> bool {
        true
    }

    /// Returns the result of an item that did not begin, if such an item has one.
    fn skipped(&self) -> Option<R> {
        None
    }

    /// Returns whether no further item may begin.
    fn is_stopped(&self) -> bool {
        false
    }
}
