//! Whether an output is a result of the call or ends it.

use std::convert::Infallible;
use std::ops::ControlFlow;

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

impl<T, E> Branch<Result<T, E>> for StopAtErr {
    type Value = T;
    type Reason = E;
    const KEEPS_ALL: bool = false;

    #[inline]
    fn branch(output: Result<T, E>) -> ControlFlow<E, T> {
        match output {
            Ok(value) => ControlFlow::Continue(value),
            Err(error) => ControlFlow::Break(error),
        }
    }
}
