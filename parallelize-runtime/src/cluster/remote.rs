//! A function as the leader knows it: it sends items and takes results.

use super::task::{inside, is_inside};
use crate::encoding::Reason;
#[cfg(feature = "journal")]
use crate::journal::Key;
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

/// Work that is done here or elsewhere.
#[derive(Debug)]
pub struct Distributed<W: Work<X>, C, X> {
    pub(crate) work: W,
    pub(crate) function: &'static str,
    pub(crate) constants: C,
    pub(crate) encode: fn(&X, &mut Vec<u8>) -> Result<(), Reason>,
    pub(crate) decode: fn(&mut &[u8]) -> Result<W::Output, Reason>,
}

impl<X, W, C> Work<X> for Distributed<W, C, X>
where
    W: Work<X>,
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

    #[cfg(feature = "journal")]
    fn key(&self) -> Key {
        self.work.key()
    }
}

impl<X, W, C> Remote<X, W::Output> for Distributed<W, C, X>
where
    W: Work<X>,
    C: Fn(&mut Vec<u8>) -> Result<(), Reason> + Sync,
{
    fn function(&self) -> &'static str {
        self.function
    }

    fn constants(&self, into: &mut Vec<u8>) -> Result<(), Reason> {
        (self.constants)(into)
    }

    fn encode(&self, item: &X, into: &mut Vec<u8>) -> Result<(), Reason> {
        (self.encode)(item, into)
    }

    fn decode(&self, _: usize, bytes: &mut &[u8]) -> Result<W::Output, Reason> {
        (self.decode)(bytes)
    }
}
