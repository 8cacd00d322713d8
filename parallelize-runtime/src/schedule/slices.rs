//! What may stand behind items that are references.

use std::any::TypeId;
use std::slice;

/// The iterators over slices of one type.
// A function, so that a short call need not ask for the identities of types.
#[derive(Clone, Copy, Debug)]
pub struct Slices(fn(TypeId) -> bool);

impl Slices {
    /// Those of an unknown type.
    pub(crate) const UNKNOWN: Self = Self(|_| false);

    /// Makes the iterators over slices of `T`.
    pub(crate) fn of<T>() -> Self {
        Self(|iterator| {
            [
                typeid::of::<slice::Iter<'_, T>>(),
                typeid::of::<slice::IterMut<'_, T>>(),
                typeid::of::<slice::Chunks<'_, T>>(),
                typeid::of::<slice::ChunksExact<'_, T>>(),
                typeid::of::<slice::Windows<'_, T>>(),
            ]
            .contains(&iterator)
        })
    }

    /// Returns whether `iterator` is one of them.
    pub(crate) fn iterate_by(self, iterator: TypeId) -> bool {
        (self.0)(iterator)
    }
}
