//! Results under `skip_none` and `fail_fast`. Traits recognize `Option` and `Result`: so aliases of
//! them work, which a check of names would not see.

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
