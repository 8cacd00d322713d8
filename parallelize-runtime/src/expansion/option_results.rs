//! What `skip_none` and `fail_fast` make of results. Traits see through every alias of the two types.

use crate::outcome::ItemError;

/// What `skip_none` works on.
#[diagnostic::on_unimplemented(
    message = "`skip_none` needs a function that returns an `Option`; this one returns `{Self}`",
    label = "not an `Option`"
)]
pub trait Optional {
    /// What it holds.
    type Some;

    /// Itself.
    fn into_option(self) -> Option<Self::Some>;
}

impl<T> Optional for Option<T> {
    type Some = T;

    fn into_option(self) -> Self {
        self
    }
}

/// What `fail_fast` works on.
#[diagnostic::on_unimplemented(
    message = "`fail_fast` needs a function that returns a `Result`; this one returns `{Self}`",
    label = "not a `Result`"
)]
pub trait Fallible {
    /// What success holds.
    type Ok;
    /// What failure holds.
    type Err;

    /// Itself.
    ///
    /// # Errors
    ///
    /// If it is one.
    fn into_result(self) -> Result<Self::Ok, Self::Err>;
}

impl<T, E> Fallible for Result<T, E> {
    type Ok = T;
    type Err = E;

    fn into_result(self) -> Self {
        self
    }
}

/// The values that are there.
pub fn somes<R: Optional>(results: Vec<R>) -> Vec<R::Some> {
    results.into_iter().filter_map(R::into_option).collect()
}

/// The error as the function returned it.
///
/// # Errors
///
/// If there is one.
pub fn without_index<T, E>(results: Result<T, ItemError<E>>) -> Result<T, E> {
    results.map_err(|failure| failure.error)
}
