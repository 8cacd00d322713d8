//! What tells the work of a job from other work: the function and its constants.

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
    /// That of a function without constants, which has a type of its own.
    #[must_use]
    pub fn of<F>(_function: &F) -> Self {
        Self::named(any::type_name::<F>())
    }

    /// The same by its name.
    #[must_use]
    pub fn named(function: &str) -> Self {
        Self {
            function: function.to_owned(),
            constants: Vec::new(),
        }
    }

    /// Adds the constant `name`.
    #[must_use]
    pub fn with(mut self, name: &'static str, digest: Result<u64, String>) -> Self {
        self.constants.push((name, digest));
        self
    }
}

/// A constant that may have a digest. That it can be asked for with any type, and that the answer is
/// the better one of two, is a matter of where the compiler looks for `digest` first.
#[derive(Debug)]
pub struct Constant<'c, T> {
    value: &'c T,
    otherwise: Unfit<T>,
}

impl<'c, T> Constant<'c, T> {
    /// For the constant `value`.
    #[must_use]
    pub fn new(value: &'c T) -> Self {
        Self {
            value,
            otherwise: Unfit(PhantomData),
        }
    }
}

impl<T: Serialize> Constant<'_, T> {
    /// The digest of the constant.
    ///
    /// # Errors
    ///
    /// If it cannot be encoded.
    pub fn digest(&self) -> Result<u64, String> {
        digest(self.value, &mut Vec::new())
    }
}

/// Where the compiler looks if a constant is not `Serialize`, as far as it knows.
impl<T> Deref for Constant<'_, T> {
    type Target = Unfit<T>;

    fn deref(&self) -> &Unfit<T> {
        &self.otherwise
    }
}

/// What is not known to be `Serialize`.
#[derive(Debug)]
pub struct Unfit<T>(PhantomData<fn() -> T>);

impl<T> Unfit<T> {
    /// No digest.
    ///
    /// # Errors
    ///
    /// Always, with the remedy.
    #[expect(clippy::unused_self, reason = "it is called as the other one is")]
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
    fn whatever_is_a_constant_can_be_asked() {
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
