//! Results under `skip_none` and `fail_fast`. A trait recognizes an `Option`: so aliases of it
//! work, which a check of names would not see.

use crate::outcome::ItemError;

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

/// Strips the index from the error.
///
/// # Errors
///
/// Returns the error as the function returned it, if there is one.
pub fn without_index<T, E>(results: Result<T, ItemError<E>>) -> Result<T, E> {
    results.map_err(|failure| failure.error)
}
