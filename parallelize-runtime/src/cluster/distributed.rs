//! A function as the leader knows it: it sends items and receives results.

use super::nesting::in_item;
use crate::encoding::ErrorText;
#[cfg(feature = "journal")]
use crate::work::Key;
use crate::work::{Function, Isolatable, Remote, RemoteFunction, Sealed, Work};

/// Work that this rank or another one can do.
#[derive(Debug)]
pub struct Distributed<C, L, F, X, R> {
    pub(crate) work: Function<C, L, F>,
    pub(crate) function: &'static str,
    pub(crate) constants: fn(&C, &mut Vec<u8>) -> Result<(), ErrorText>,
    pub(crate) encode: fn(&X, &mut Vec<u8>) -> Result<(), ErrorText>,
    pub(crate) decode: fn(&mut &[u8]) -> Result<R, ErrorText>,
}

impl<C, L, F, X, R> Work<X> for Distributed<C, L, F, X, R>
where
    C: Sync,
    L: Sync,
    F: Sync,
    Function<C, L, F>: Work<X, Output = R>,
{
    type Local = <Function<C, L, F> as Work<X>>::Local;
    type Output = R;

    #[inline]
    fn local(&self) -> Self::Local {
        self.work.local()
    }

    #[inline]
    fn apply(&self, local: &mut Self::Local, item: X) -> R {
        in_item(|| self.work.apply(local, item))
    }

    fn remote(&self) -> Option<&dyn Remote<X, R>> {
        Some(self)
    }

    fn remote_function(&self) -> Option<&dyn RemoteFunction> {
        Some(self)
    }

    #[cfg(feature = "journal")]
    fn key(&self) -> Key {
        self.work.key()
    }
}

#[diagnostic::do_not_recommend]
impl<C, L, F, X, R> Isolatable for Distributed<C, L, F, X, R> {}

impl<C, L, F, X, R> Sealed for Distributed<C, L, F, X, R> {}

impl<C, L, F, X, R> RemoteFunction for Distributed<C, L, F, X, R>
where
    C: Sync,
    L: Sync,
    F: Sync,
{
    fn name(&self) -> &'static str {
        self.function
    }

    fn constants(&self, into: &mut Vec<u8>) -> Result<(), ErrorText> {
        (self.constants)(&self.work.constants, into)
    }
}

impl<C, L, F, X, R> Remote<X, R> for Distributed<C, L, F, X, R>
where
    C: Sync,
    L: Sync,
    F: Sync,
{
    fn encode(&self, item: &X, into: &mut Vec<u8>) -> Result<(), ErrorText> {
        (self.encode)(item, into)
    }

    fn may_be_summed(&self) -> bool {
        true
    }

    fn decode(&self, _: usize, bytes: &mut &[u8]) -> Result<R, ErrorText> {
        (self.decode)(bytes)
    }
}
