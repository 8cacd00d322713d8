//! Values that travel between machines. Generated code demands these traits of a user's types.

use std::any::type_name;
use std::borrow::Borrow;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::encoding::{self, ErrorText};

/// A value that travels. Where a type does not, the compiler quotes this trait and its messages.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel to other machines",
    label = "cannot be encoded and decoded",
    note = "derive `serde::Serialize` and `serde::Deserialize` for it and for what is in it; if it comes from another crate, look for a feature `serde` there"
)]
pub trait Travels: Sized {
    /// Appends the value to `into`. An error calls it `what`.
    ///
    /// # Errors
    ///
    /// Returns the reason if the value cannot be encoded.
    fn put(&self, what: &str, into: &mut Vec<u8>) -> Result<(), ErrorText>;

    /// Takes a value off `from`. An error calls it `what`.
    ///
    /// # Errors
    ///
    /// Returns the reason if no value can be decoded.
    fn take(what: &str, from: &mut &[u8]) -> Result<Self, ErrorText>;
}

// Otherwise the compiler names serde's traits, one after the other, instead of this one.
#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Travels for T {
    fn put(&self, what: &str, into: &mut Vec<u8>) -> Result<(), ErrorText> {
        put(self, what, into)
    }

    fn take(what: &str, from: &mut &[u8]) -> Result<Self, ErrorText> {
        encoding::decode(from).map_err(|reason| failure::<T>(what, "decoded", &reason))
    }
}

/// A value behind a reference that travels, and arrives as an `Owned`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel to other machines",
    label = "cannot be encoded and decoded",
    note = "derive `serde::Serialize` and `serde::Deserialize` for it and for what is in it; if it comes from another crate, look for a feature `serde` there"
)]
// `Owned` is a parameter, because an associated type would cause one more error of the compiler.
pub trait TravelsAs<Owned: Borrow<Self>> {
    /// Appends the value to `into`. An error calls it `what`.
    ///
    /// # Errors
    ///
    /// Returns the reason if the value cannot be encoded.
    fn put(&self, what: &str, into: &mut Vec<u8>) -> Result<(), ErrorText>;

    /// Takes a value off `from`. An error calls it `what`.
    ///
    /// # Errors
    ///
    /// Returns the reason if no value can be decoded.
    fn take(what: &str, from: &mut &[u8]) -> Result<Owned, ErrorText>;
}

macro_rules! travels_as {
    ($([$($generics:tt)*] $ty:ty => $owned:ty,)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> TravelsAs<$owned> for $ty {
            fn put(&self, what: &str, into: &mut Vec<u8>) -> Result<(), ErrorText> {
                put(self, what, into)
            }

            fn take(what: &str, from: &mut &[u8]) -> Result<$owned, ErrorText> {
                Travels::take(what, from)
            }
        }
    )*};
}

travels_as! {
    [T: Serialize + DeserializeOwned] T => T,
    [T: Serialize + DeserializeOwned] [T] => Vec<T>,
    [] str => String,
    [] Path => PathBuf,
    [] OsStr => OsString,
}

fn put<T: Serialize + ?Sized>(value: &T, what: &str, into: &mut Vec<u8>) -> Result<(), ErrorText> {
    encoding::encode(value, into).map_err(|reason| failure::<T>(what, "encoded", &reason))
}

fn failure<T: ?Sized>(what: &str, verb: &str, reason: &str) -> ErrorText {
    format!(
        "{what} of type `{}` cannot be {verb}: {reason}",
        type_name::<T>()
    )
}
