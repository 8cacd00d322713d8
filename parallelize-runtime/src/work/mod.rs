//! The work that is done for an item, and what becomes of its output.
//!
//! This room may use `outcome` and `encoding`.

mod branch;
#[cfg(feature = "journal")]
mod key;
#[cfg(feature = "cluster")]
mod remote;
mod seed;
mod sums;

pub use branch::Fallible;
pub(crate) use branch::{Branch, KeepAll, StopAtErr, TryWork};
#[cfg(feature = "journal")]
pub use key::{Constant, Key};
#[cfg(feature = "cluster")]
pub(crate) use remote::Sealed;
#[cfg(feature = "cluster")]
pub use remote::{Isolatable, Remote, RemoteFunction};
pub use seed::seed;
pub(crate) use sums::LEAF;
#[cfg(feature = "cluster")]
pub(crate) use sums::{adder, are_same_numbers};

/// The work that a [`Job`](crate::Job) does for each of its items, which are `X`.
///
/// There is nothing to implement or to call here: companions provide it, and the last calls of a
/// job use it. It stands in the type of a job, so that a function can take or return one:
///
/// ```
/// use parallelize::{Items, Job, Work, job};
///
/// /// Returns the mean of all results.
/// fn mean<X>(job: Job<impl Items<X>, impl Work<X, Output = f64>>) -> f64 {
///     let (sum, count) = job.fold(
///         || (0.0, 0.0),
///         |(sum, count), result| (sum + result, count + 1.0),
///         |left, right| (left.0 + right.0, left.1 + right.1),
///     );
///     sum / count
/// }
///
/// assert_eq!(mean(job(["1", "2.5"], |text| text.parse().unwrap())), 1.75);
/// ```
pub trait Work<X>: Sync {
    /// The state that each worker has for itself.
    #[doc(hidden)]
    type Local;

    /// The output of an item.
    type Output;

    /// Makes the state of a worker, before its first item.
    #[doc(hidden)]
    fn local(&self) -> Self::Local;

    /// Does the work for one item.
    #[doc(hidden)]
    fn apply(&self, local: &mut Self::Local, item: X) -> Self::Output;

    /// Returns how items travel to other processes, if those may do this work now.
    #[cfg(feature = "cluster")]
    #[doc(hidden)]
    fn remote(&self) -> Option<&dyn Remote<X, Self::Output>> {
        None
    }

    /// Like [`remote`](Work::remote), but expects that items travel. A wrapper calls it only after
    /// its own `remote` has found that they do.
    #[cfg(feature = "cluster")]
    #[doc(hidden)]
    fn expect_remote(&self) -> &dyn Remote<X, Self::Output> {
        self.remote()
            .expect("a wrapper travels only if its work does")
    }

    /// Returns the function as other processes know it, if they know it.
    #[cfg(feature = "cluster")]
    #[doc(hidden)]
    fn remote_function(&self) -> Option<&dyn RemoteFunction> {
        None
    }

    /// Returns the identity of this work.
    #[cfg(feature = "journal")]
    #[doc(hidden)]
    fn key(&self) -> Key {
        Key::named(std::any::type_name::<Self>())
    }
}

/// A function of an item and nothing else.
pub(crate) struct Each<F>(pub(crate) F);

impl<X, R, F: Fn(X) -> R + Sync> Work<X> for Each<F> {
    type Local = ();
    type Output = R;

    #[inline]
    fn local(&self) {}

    #[inline]
    fn apply(&self, (): &mut (), item: X) -> R {
        (self.0)(item)
    }

    #[cfg(feature = "journal")]
    fn key(&self) -> Key {
        Key::of(&self.0)
    }
}

/// A function with its constants, and a second function that makes the state of a worker.
#[derive(Debug)]
pub struct Function<C, L, F> {
    pub(crate) constants: C,
    pub(crate) local: L,
    pub(crate) apply: F,
    /// Computes the key from the constants. Without it, the type is the key.
    #[cfg(feature = "journal")]
    pub(crate) key: Option<fn(&C) -> Key>,
}

impl<X, C, S, R, L, F> Work<X> for Function<C, L, F>
where
    C: Sync,
    L: Fn(&C) -> S + Sync,
    F: Fn(&C, &mut S, X) -> R + Sync,
{
    type Local = S;
    type Output = R;

    #[inline]
    fn local(&self) -> S {
        (self.local)(&self.constants)
    }

    #[inline]
    fn apply(&self, local: &mut S, item: X) -> R {
        (self.apply)(&self.constants, local, item)
    }

    #[cfg(feature = "journal")]
    fn key(&self) -> Key {
        match self.key {
            Some(key) => key(&self.constants),
            None => Key::named(std::any::type_name::<Self>()),
        }
    }
}
