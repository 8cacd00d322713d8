//! Work that other processes can do: the trait only.

use crate::encoding::Reason;
use crate::outcome::Payload;

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
