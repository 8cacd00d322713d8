//! Results under `skip_none` and `fail_fast`. Traits, and not names, tell `Option` and `Result`
//! from other types, so that aliases of them work.

use crate::outcome::ItemError;

/// An `Option`, for `skip_none`.
#[diagnostic::on_unimplemented(
    message = "`skip_none` needs a function that returns an `Option`; this one returns `{Self}`",
    label = "not an `Option`"
)]
pub trait Optional {
    /// The type of its value.
    type Some;

    /// Returns it as the type that it is.
    fn into_option(self) -> Option<Self::Some>;
}

impl<T> Optional for Option<T> {
    type Some = T;

    fn into_option(self) -> Self {
        self
    }
}

/// A `Result`, for `fail_fast`.
#[diagnostic::on_unimplemented(
    message = "`fail_fast` needs a function that returns a `Result`; this one returns `{Self}`",
    label = "not a `Result`"
)]
pub trait Fallible {
    /// The type of its value.
    type Ok;
    /// The type of its error.
    type Err;

    /// Returns it as the type that it is.
    ///
    /// # Errors
    ///
    /// Returns its error if it is an error.
    fn into_result(self) -> Result<Self::Ok, Self::Err>;
}

impl<T, E> Fallible for Result<T, E> {
    type Ok = T;
    type Err = E;

    fn into_result(self) -> Self {
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
