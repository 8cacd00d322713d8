//! A function as the leader knows it: it sends items and takes results.

use std::any::type_name;
use std::borrow::Borrow;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::task::{inside, is_inside};
use crate::encoding::{self, Reason};
use crate::outcome::Payload;
use crate::team;
use crate::worker::Work;

/// Work that other ranks can do.
pub trait Remote<X, R>: Sync {
    /// The name under which they know it.
    fn function(&self) -> &'static str;

    /// Appends the constants to `into`.
    ///
    /// # Errors
    ///
    /// If one of them cannot be encoded.
    fn constants(&self, into: &mut Vec<u8>) -> Result<(), Reason>;

    /// Appends `item` to `into`.
    ///
    /// # Errors
    ///
    /// If it cannot be encoded.
    fn encode(&self, item: &X, into: &mut Vec<u8>) -> Result<(), Reason>;

    /// Takes the result of the item at `position` off `bytes`.
    ///
    /// # Errors
    ///
    /// If there is none.
    fn decode(&self, position: usize, bytes: &mut &[u8]) -> Result<R, Reason>;

    /// The result of `item` if it need not be computed.
    ///
    /// # Errors
    ///
    /// If it has to be: the item.
    fn known(&self, item: X) -> Result<R, X> {
        Err(item)
    }

    /// What an item comes to that panicked, if it does not end the call.
    #[doc(hidden)]
    fn panicked(&self, position: usize, payload: Payload) -> Result<R, Payload> {
        _ = position;
        Err(payload)
    }

    /// Whether an item that panics ends the call.
    fn ends_with_panics(&self) -> bool {
        true
    }

    /// What an item comes to that was not begun, if it comes to anything.
    fn skipped(&self) -> Option<R> {
        None
    }

    /// Whether no further item is to begin.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// What came of an item elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Came {
    /// Its result stands behind this.
    Done = 0,
    /// The words of its panic stand behind this.
    Panicked = 1,
}

impl Came {
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        [Self::Done, Self::Panicked]
            .into_iter()
            .find(|came| *came as u8 == byte)
    }
}

/// The form in which a value stands on another machine, where there is nothing that it could borrow
/// from.
pub trait Owned {
    /// The type that owns it.
    type Form: Borrow<Self>;
}

impl<T> Owned for T {
    type Form = T;
}

impl Owned for str {
    type Form = String;
}

impl Owned for Path {
    type Form = PathBuf;
}

impl Owned for OsStr {
    type Form = OsString;
}

impl<T> Owned for [T] {
    type Form = Vec<T>;
}

/// The constants of a call, from which generated code takes one after the other.
#[derive(Debug)]
pub struct Constants<'b> {
    function: &'static str,
    bytes: &'b [u8],
}

impl<'b> Constants<'b> {
    pub(crate) fn new(function: &'static str, bytes: &'b [u8]) -> Self {
        Self { function, bytes }
    }

    /// The next one, which is the `argument`.
    ///
    /// # Errors
    ///
    /// If it cannot be decoded.
    pub fn take<T: DeserializeOwned>(&mut self, argument: &str) -> Result<T, Reason> {
        encoding::decode(&mut self.bytes).map_err(|why| {
            unfit(
                self.function,
                &named(argument),
                type_name::<T>(),
                "decoded",
                &why,
            )
        })
    }

    /// Appends the `argument` of `function` to `into`.
    ///
    /// # Errors
    ///
    /// If it cannot be encoded.
    pub fn put<T: Serialize + ?Sized>(
        function: &str,
        argument: &str,
        value: &T,
        into: &mut Vec<u8>,
    ) -> Result<(), Reason> {
        encoding::encode(value, into).map_err(|why| {
            unfit(
                function,
                &named(argument),
                type_name::<T>(),
                "encoded",
                &why,
            )
        })
    }
}

/// How an argument is spoken of.
pub(crate) fn named(argument: &str) -> String {
    format!("argument `{argument}`")
}

/// Says what does not travel, and why.
pub(crate) fn unfit(function: &str, what: &str, ty: &str, done: &str, why: &str) -> Reason {
    format!("`{function}`: {what} of type `{ty}` cannot be {done}: {why}")
}

/// Work that is done here or elsewhere.
#[derive(Debug)]
pub struct Distributed<W, C> {
    pub(crate) work: W,
    pub(crate) function: &'static str,
    /// What the argument is called that varies.
    pub(crate) argument: &'static str,
    pub(crate) constants: C,
}

impl<X, W, C> Work<X> for Distributed<W, C>
where
    X: Serialize,
    W: Work<X, Output: DeserializeOwned>,
    C: Fn(&mut Vec<u8>) -> Result<(), Reason> + Sync,
{
    type Local = W::Local;
    type Output = W::Output;

    #[inline]
    fn local(&self) -> W::Local {
        self.work.local()
    }

    #[inline]
    fn apply(&self, local: &mut W::Local, item: X) -> W::Output {
        inside(|| self.work.apply(local, item))
    }

    fn remote(&self) -> Option<&dyn Remote<X, W::Output>> {
        // What an item asks for is done where the item is.
        (!is_inside() && !team::is_busy()).then_some(self)
    }
}

impl<X, W, C> Remote<X, W::Output> for Distributed<W, C>
where
    X: Serialize,
    W: Work<X, Output: DeserializeOwned>,
    C: Fn(&mut Vec<u8>) -> Result<(), Reason> + Sync,
{
    fn function(&self) -> &'static str {
        self.function
    }

    fn constants(&self, into: &mut Vec<u8>) -> Result<(), Reason> {
        (self.constants)(into)
    }

    fn encode(&self, item: &X, into: &mut Vec<u8>) -> Result<(), Reason> {
        Constants::put(self.function, self.argument, item, into)
    }

    fn decode(&self, _: usize, bytes: &mut &[u8]) -> Result<W::Output, Reason> {
        encoding::decode(bytes).map_err(|why| {
            let ty = type_name::<W::Output>();
            unfit(self.function, "the result", ty, "decoded", &why)
        })
    }
}
