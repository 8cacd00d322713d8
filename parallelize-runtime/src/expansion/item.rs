//! Items of a function that takes a reference to what others own.

use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An item that gives an `X`: it is one, or refers to what owns what an `X` refers to.
///
/// A loop accepts these as well: in `for word in &words { length(word) }`, the compiler makes a
/// `&str` of each `&String`. It does so for the types that are named here and for no others, since
/// an implementation for all that dereferences to a `str` would overlap with the first one.
#[diagnostic::on_unimplemented(
    message = "an item has to be `{X}`, or a reference to what owns such a value",
    label = "an item is `{Self}`",
    note = "a collection lends its items if it is passed as `&items`"
)]
pub trait Item<X>: Copy + Send {
    /// Returns what the function takes.
    fn item(self) -> X;
}

impl<X: Copy + Send> Item<X> for X {
    #[inline]
    fn item(self) -> X {
        self
    }
}

macro_rules! owners {
    ($($target:ty: [$($owner:ty),+]),+) => {$($(
        #[diagnostic::do_not_recommend]
        impl<'a> Item<&'a $target> for &'a $owner {
            #[inline]
            fn item(self) -> &'a $target {
                self
            }
        }
    )+)+};
}

owners! {
    str: [String, &str, Box<str>, Arc<str>, Cow<'_, str>],
    Path: [PathBuf, &Path, Box<Path>, Arc<Path>, Cow<'_, Path>],
    OsStr: [OsString, &OsStr, Box<OsStr>, Arc<OsStr>, Cow<'_, OsStr>],
    CStr: [CString, &CStr, Box<CStr>, Arc<CStr>, Cow<'_, CStr>]
}

macro_rules! owners_of_slices {
    ($($owner:ty),+) => {$(
        #[diagnostic::do_not_recommend]
        impl<'a, T: Sync> Item<&'a [T]> for &'a $owner {
            #[inline]
            fn item(self) -> &'a [T] {
                self
            }
        }
    )+};
}

owners_of_slices!(Vec<T>, &[T], Box<[T]>);

#[diagnostic::do_not_recommend]
impl<'a, T: Send + Sync> Item<&'a [T]> for &'a Arc<[T]> {
    #[inline]
    fn item(self) -> &'a [T] {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: Clone + Sync> Item<&'a [T]> for &'a Cow<'_, [T]> {
    #[inline]
    fn item(self) -> &'a [T] {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: Sync, const N: usize> Item<&'a [T]> for &'a [T; N] {
    #[inline]
    fn item(self) -> &'a [T] {
        self
    }
}
