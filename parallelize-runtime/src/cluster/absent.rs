//! Stands in for this room without the feature `cluster`: there are no other ranks.

use std::convert::Infallible;
use std::marker::PhantomData;

use crate::call::{Call, Sink};
use crate::schedule::Settings;

/// Other ranks that can work on a call. There are none.
pub(crate) struct RemoteRanks<'w, X, T, B>(Infallible, PhantomData<(&'w (), X, T, B)>);

impl<'w, X, T, B> RemoteRanks<'w, X, T, B> {
    #[expect(
        clippy::extra_unused_type_parameters,
        reason = "with the feature they are used"
    )]
    pub(crate) fn find<W, M>(_: &'w W, _: &Settings) -> Option<Self> {
        None
    }

    pub(crate) fn threads(&self) -> usize {
        match self.0 {}
    }

    pub(crate) fn run_alongside<I: Iterator, S: Sink>(
        self,
        _: &Call<'_, I, S, B>,
        _: impl FnOnce(),
    ) {
        match self.0 {}
    }
}
