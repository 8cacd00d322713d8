//! Whether an output is a result of the call or ends it.

use std::convert::Infallible;
use std::ops::ControlFlow;

use super::Work;

/// Separates the outputs that are results from those that end the call.
pub(crate) trait Branch<O> {
    /// A result of the call.
    type Value;

    /// The reason why the call ends.
    type Reason;

    /// Whether no output ends the call. The plain loop may then look at several items at once.
    const KEEPS_ALL: bool;

    /// Returns the result, or the reason why the call ends.
    fn branch(output: O) -> ControlFlow<Self::Reason, Self::Value>;
}

/// Keeps each output as a result.
pub(crate) struct KeepAll;

impl<O> Branch<O> for KeepAll {
    type Value = O;
    type Reason = Infallible;
    const KEEPS_ALL: bool = true;

    #[inline]
    fn branch(output: O) -> ControlFlow<Infallible, O> {
        ControlFlow::Continue(output)
    }
}

/// Keeps the values, and ends the call at the first error.
pub(crate) struct StopAtErr;

impl<O: Fallible> Branch<O> for StopAtErr {
    type Value = O::Ok;
    type Reason = O::Err;
    const KEEPS_ALL: bool = false;

    #[inline]
    fn branch(output: O) -> ControlFlow<O::Err, O::Ok> {
        match output.into_result() {
            Ok(value) => ControlFlow::Continue(value),
            Err(error) => ControlFlow::Break(error),
        }
    }
}

/// A `Result`. A trait recognizes it, and not a check of names: so aliases of it work.
#[diagnostic::on_unimplemented(
    message = "`fail_fast` and `try_` reductions need a function that returns a `Result`; this one \
               returns `{Self}`",
    label = "not a `Result`"
)]
pub trait Fallible {
    /// The type of its value.
    type Ok;
    /// The type of its error.
    type Err;

    /// Returns the value as the `Result` that it is.
    ///
    /// # Errors
    ///
    /// Returns the error if it is an `Err`.
    fn into_result(self) -> Result<Self::Ok, Self::Err>;
}

impl<T, E> Fallible for Result<T, E> {
    type Ok = T;
    type Err = E;

    #[inline]
    fn into_result(self) -> Self {
        self
    }
}

/// Work whose output for an item `X` is a `Result`, with short names for the types in it.
pub trait TryWork<X>: Work<X, Output: Fallible<Ok = Self::Ok, Err = Self::Err>> {
    /// The type of its value.
    type Ok: Send;
    /// The type of its error.
    type Err: Send;
}

impl<X, W> TryWork<X> for W
where
    W: Work<X, Output: Fallible<Ok: Send, Err: Send>>,
{
    type Ok = <W::Output as Fallible>::Ok;
    type Err = <W::Output as Fallible>::Err;
}
