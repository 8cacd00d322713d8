//! Whether the result of an item is an error.

/// Finds out whether a result, of whatever type, is an error.
///
/// If the type is a [`Result`], the compiler picks the inherent method. For any other type it falls
/// back on the method of [`NeverFails`].
#[derive(Debug)]
pub struct Verdict<'r, R>(pub &'r R);

impl<T, E> Verdict<'_, Result<T, E>> {
    /// Returns whether the result is an error.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.0.is_err()
    }
}

/// Results whose type is not a [`Result`].
pub trait NeverFails {
    /// Returns `false`: such a result is not an error.
    fn is_failure(&self) -> bool {
        false
    }
}

impl<R> NeverFails for Verdict<'_, R> {}
