//! Whether the result of an item is an error.

/// Tells whether a result is an error, where one can be: a method of the type itself is found before
/// that of a trait.
#[derive(Debug)]
pub struct Verdict<'r, R>(pub &'r R);

impl<T, E> Verdict<'_, Result<T, E>> {
    /// Whether it is one.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.0.is_err()
    }
}

/// What a result is that is no [`Result`].
pub trait NeverFails {
    /// Whether it is an error.
    fn is_failure(&self) -> bool {
        false
    }
}

impl<R> NeverFails for Verdict<'_, R> {}
