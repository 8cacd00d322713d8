//! What is sent to other machines and comes from them, as generated code asks it of a user's types.

use std::any::type_name;
use std::borrow::Borrow;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::encoding::{self, Reason};

/// A value that travels. Its name and its words are what the compiler quotes where one does not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel to other machines",
    label = "cannot be encoded and decoded",
    note = "derive `serde::Serialize` and `serde::Deserialize` for it and for what is in it; if it comes from another crate, look for a feature `serde` there"
)]
pub trait Travels: Sized {
    /// Appends it to `into`. It is `what` if that fails.
    ///
    /// # Errors
    ///
    /// If it cannot be encoded.
    fn put(&self, what: &str, into: &mut Vec<u8>) -> Result<(), Reason>;

    /// Takes one off `from`.
    ///
    /// # Errors
    ///
    /// If there is none.
    fn take(what: &str, from: &mut &[u8]) -> Result<Self, Reason>;
}

// The compiler would speak of serde's traits, one after the other, and not of machines.
#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Travels for T {
    fn put(&self, what: &str, into: &mut Vec<u8>) -> Result<(), Reason> {
        put(self, what, into)
    }

    fn take(what: &str, from: &mut &[u8]) -> Result<Self, Reason> {
        encoding::decode(from).map_err(|why| unfit::<T>(what, "decoded", &why))
    }
}

/// What an argument refers to. It travels, and is an `Owned` where it arrives.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel to other machines",
    label = "cannot be encoded and decoded",
    note = "derive `serde::Serialize` and `serde::Deserialize` for it and for what is in it; if it comes from another crate, look for a feature `serde` there"
)]
// A parameter and no associated type: that would have the compiler complain once more.
pub trait TravelsAs<Owned: Borrow<Self>> {
    /// Appends it to `into`. It is `what` if that fails.
    ///
    /// # Errors
    ///
    /// If it cannot be encoded.
    fn put(&self, what: &str, into: &mut Vec<u8>) -> Result<(), Reason>;

    /// Takes one off `from`.
    ///
    /// # Errors
    ///
    /// If there is none.
    fn take(what: &str, from: &mut &[u8]) -> Result<Owned, Reason>;
}

macro_rules! travels_as {
    ($([$($generics:tt)*] $ty:ty => $owned:ty,)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> TravelsAs<$owned> for $ty {
            fn put(&self, what: &str, into: &mut Vec<u8>) -> Result<(), Reason> {
                put(self, what, into)
            }

            fn take(what: &str, from: &mut &[u8]) -> Result<$owned, Reason> {
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

fn put<T: Serialize + ?Sized>(value: &T, what: &str, into: &mut Vec<u8>) -> Result<(), Reason> {
    encoding::encode(value, into).map_err(|why| unfit::<T>(what, "encoded", &why))
}

fn unfit<T: ?Sized>(what: &str, done: &str, why: &str) -> Reason {
    format!(
        "{what} of type `{}` cannot be {done}: {why}",
        type_name::<T>()
    )
}

/// What appends the `constants` of a call. Says what they are to a compiler that has not come to where
/// they go.
pub fn constants<C>(constants: C) -> C
where
    C: Fn(&mut Vec<u8>) -> Result<(), Reason>,
{
    constants
}
