//! A function as the leader knows it: it sends items and receives results.

use super::nesting::{in_item, is_in_item};
use crate::encoding::Reason;
use crate::team;
#[cfg(feature = "journal")]
use crate::work::Key;
use crate::work::{Remote, RemoteFunction, Work};

/// Work that this rank or another one can do.
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
        in_item(|| self.work.apply(local, item))
    }

    fn remote(&self) -> Option<&dyn Remote<X, W::Output>> {
        // A call inside an item runs on the rank of that item.
        (!is_in_item() && !team::is_busy()).then_some(self)
    }

    fn remote_function(&self) -> Option<&dyn RemoteFunction> {
        Some(self)
    }

    #[cfg(feature = "journal")]
    fn key(&self) -> Key {
        self.work.key()
    }
}

impl<X, W, C> RemoteFunction for Distributed<W, C, X>
where
    W: Work<X>,
    C: Fn(&mut Vec<u8>) -> Result<(), Reason> + Sync,
{
    fn name(&self) -> &'static str {
        self.function
    }

    fn constants(&self, into: &mut Vec<u8>) -> Result<(), Reason> {
        (self.constants)(into)
    }
}

impl<X, W, C> Remote<X, W::Output> for Distributed<W, C, X>
where
    W: Work<X>,
    C: Fn(&mut Vec<u8>) -> Result<(), Reason> + Sync,
{
    fn encode(&self, item: &X, into: &mut Vec<u8>) -> Result<(), Reason> {
        (self.encode)(item, into)
    }

    fn decode(&self, _: usize, bytes: &mut &[u8]) -> Result<W::Output, Reason> {
        (self.decode)(bytes)
    }
}
