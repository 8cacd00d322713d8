//! What becomes of an output: a result of the call, or the reason why it ends.

use std::convert::Infallible;
use std::ops::ControlFlow;

/// What becomes of an output: a result, or a reason to go no further.
pub(crate) trait Judge<O> {
    /// What the results of the call are.
    type Value;

    /// Why it stops.
    type Reason;

    /// Whether no output is ever a reason to stop. The plain loop is then free to look at several
    /// items at once.
    const ACCEPTS_ALL: bool;

    fn judge(output: O) -> ControlFlow<Self::Reason, Self::Value>;
}

/// Each output is a result.
pub(crate) struct Every;

impl<O> Judge<O> for Every {
    type Value = O;
    type Reason = Infallible;
    const ACCEPTS_ALL: bool = true;

    #[inline]
    fn judge(output: O) -> ControlFlow<Infallible, O> {
        ControlFlow::Continue(output)
    }
}

/// The values are the results, up to the first error.
pub(crate) struct UntilError;

impl<T, E> Judge<Result<T, E>> for UntilError {
    type Value = T;
    type Reason = E;
    const ACCEPTS_ALL: bool = false;

    #[inline]
    fn judge(output: Result<T, E>) -> ControlFlow<E, T> {
        match output {
            Ok(value) => ControlFlow::Continue(value),
            Err(error) => ControlFlow::Break(error),
        }
    }
}
