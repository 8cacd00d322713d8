//! The types that items point to.

use std::marker::PhantomData;
use std::ops::Deref;

use crate::schedule::Slices;

/// The type that items point to. It tells what may stand behind them.
#[derive(Debug)]
pub struct Pointee<T: ?Sized>(PhantomData<T>);

/// A type that has no size, or is not known to have one. There are no slices of it.
#[derive(Clone, Copy, Debug)]
pub struct Unsized;

impl<T: ?Sized> Pointee<T> {
    /// Makes the type.
    #[expect(clippy::new_without_default, reason = "generated code calls this only")]
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

// By value and with a name that no user has: a method of a trait of theirs could be taken instead.
impl<T> Pointee<T> {
    /// Returns the iterators over slices of this type.
    #[must_use]
    pub fn __slices(self) -> Slices {
        Slices::of::<T>()
    }
}

impl Unsized {
    /// Returns that there are no slices of this type.
    #[must_use]
    pub fn __slices(self) -> Slices {
        Slices::UNKNOWN
    }
}

// Where the method of a type with a size does not apply, the compiler takes that of the target.
impl<T: ?Sized> Deref for Pointee<T> {
    type Target = Unsized;

    fn deref(&self) -> &Unsized {
        &Unsized
    }
}
