//! Results under `skip_none` and `fail_fast`. Traits recognize an `Option` and a `Result`: so
//! aliases of them work, which a check of names would not see.

use crate::job::Job;
use crate::work::{Fallible, Work};

/// An `Option`, for `skip_none`.
#[diagnostic::on_unimplemented(
    message = "`skip_none` needs a function that returns an `Option`; this one returns `{Self}`",
    label = "not an `Option`"
)]
pub trait Optional {
    /// The type of its value.
    type Some;

    /// Returns the value as the `Option` that it is.
    fn into_option(self) -> Option<Self::Some>;
}

impl<T> Optional for Option<T> {
    type Some = T;

    fn into_option(self) -> Self {
        self
    }
}

/// Returns the values of all results that are `Some`.
pub fn somes<R: Optional>(results: Vec<R>) -> Vec<R::Some> {
    results.into_iter().filter_map(R::into_option).collect()
}

/// Runs a `job` and returns the values of all results, or the error with the lowest index.
///
/// # Errors
///
/// Returns the error as the function returned it, if there is one.
// A function, since the compiler's error for a method names the type of the job.
#[track_caller]
pub fn fail_fast<I, W>(
    job: Job<I, W>,
) -> Result<Vec<<W::Output as Fallible>::Ok>, <W::Output as Fallible>::Err>
where
    I: Iterator + Send,
    W: Work<I::Item, Output: Fallible<Ok: Send, Err: Send>>,
{
    job.fail_fast()
}
