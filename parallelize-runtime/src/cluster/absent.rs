//! Without the feature `cluster` there are no other machines.

use std::convert::Infallible;
use std::marker::PhantomData;

use crate::call::Call;
use crate::schedule::Settings;

/// Other ranks that can work on a call: there are none.
pub(crate) struct Abroad<'w, X, T, B>(Infallible, PhantomData<(&'w (), X, T, B)>);

impl<'w, X, T, B> Abroad<'w, X, T, B> {
    #[expect(
        clippy::extra_unused_type_parameters,
        reason = "with the feature it is used"
    )]
    pub(crate) fn find<W, J>(_: &'w W, _: &Settings) -> Option<Self> {
        None
    }

    pub(crate) fn threads(&self) -> usize {
        match self.0 {}
    }

    pub(crate) fn accompany<I: Iterator, G>(self, _: &Call<'_, I, G, B>, _: impl FnOnce()) {
        match self.0 {}
    }
}
