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

/// Results that are no [`Result`].
pub trait NeverFails {
    /// Returns whether the result is an error: it is not.
    fn is_failure(&self) -> bool {
        false
    }
}

impl<R> NeverFails for Verdict<'_, R> {}
