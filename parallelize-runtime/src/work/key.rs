//! The identity of a job's work: its function and its constants.

use std::any;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::Serialize;

use crate::encoding::digest::digest;

/// The function of a job and the digests of its constants.
#[derive(Debug)]
pub struct Key {
    pub(crate) function: String,
    pub(crate) constants: Vec<(&'static str, Result<u64, String>)>,
}

impl Key {
    /// Makes the key of a function without constants, by the type of the function.
    #[must_use]
    pub fn of<F>(_function: &F) -> Self {
        Self::named(any::type_name::<F>())
    }

    /// Like [`of`](Self::of), but by the name of the function.
    #[must_use]
    pub fn named(function: &str) -> Self {
        Self {
            function: function.to_owned(),
            constants: Vec::new(),
        }
    }

    /// Adds the constant `name` with its `digest`.
    #[must_use]
    pub fn with(mut self, name: &'static str, digest: Result<u64, String>) -> Self {
        self.constants.push((name, digest));
        self
    }
}

/// A constant that may have a digest.
///
/// `digest` can be called for a constant of any type. If the type is `Serialize`, the compiler
/// picks the method of this type. For any other type it finds the method of `Unfit` through
/// [`Deref`], and that always fails.
#[derive(Debug)]
pub struct Constant<'c, T> {
    value: &'c T,
    otherwise: Unfit<T>,
}

impl<'c, T> Constant<'c, T> {
    /// Wraps the constant `value`.
    #[must_use]
    pub fn new(value: &'c T) -> Self {
        Self {
            value,
            otherwise: Unfit(PhantomData),
        }
    }
}

impl<T: Serialize> Constant<'_, T> {
    /// Returns the digest of the constant.
    ///
    /// # Errors
    ///
    /// Returns the reason if the constant cannot be encoded.
    pub fn digest(&self) -> Result<u64, String> {
        digest(self.value, &mut Vec::new())
    }
}

/// Leads to [`Unfit`] where the constant is not known to be `Serialize`.
impl<T> Deref for Constant<'_, T> {
    type Target = Unfit<T>;

    fn deref(&self) -> &Unfit<T> {
        &self.otherwise
    }
}

/// A constant that is not known to be `Serialize`.
#[derive(Debug)]
pub struct Unfit<T>(PhantomData<fn() -> T>);

impl<T> Unfit<T> {
    /// Returns no digest.
    ///
    /// # Errors
    ///
    /// Always returns the reason, with the remedy.
    #[expect(clippy::unused_self, reason = "it is called like `Constant::digest`")]
    pub fn digest(&self) -> Result<u64, String> {
        let ty = any::type_name::<T>();
        Err(format!(
            "`{ty}` is not known to be `serde::Serialize`; derive that for it, or make a job of a \
             closure by `parallelize::job`, whose captures are not looked at"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_can_be_called_for_any_constant() {
        struct Opaque;
        fn of_any<T>(value: &T) -> Result<u64, String> {
            Constant::new(value).digest()
        }
        fn of_known<T: Serialize>(value: &T) -> Result<u64, String> {
            Constant::new(value).digest()
        }
        let text = "text";
        let known = Constant::new(&text).digest().unwrap();
        assert_eq!(of_known(&text), Ok(known));
        assert_eq!(Constant::new(&"text".to_owned()).digest(), Ok(known));
        assert!(of_any(&text).unwrap_err().contains("`&str` is not known"));
        assert!(
            Constant::new(&Opaque)
                .digest()
                .unwrap_err()
                .contains("Opaque")
        );
        assert!(Constant::new(&&Opaque).digest().is_err());
        assert!(Constant::new(&|| ()).digest().is_err());
    }
}
