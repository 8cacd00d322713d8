//! Consecutive items in place: those of a range, a slice or a `Vec` are handed out by position. No
//! lock is held while they move, and no buffer holds them.
//!
//! # Why this is sound
//!
//! What stands behind an iterator type is asked by its [`TypeId`]. It tells types apart up to their
//! lifetimes, and these do not matter here: an iterator is copied, and its copy has its lifetimes.
//!
//! - **Copies.** A range of integers and an iterator over a slice are some numbers and pointers,
//!   and have no destructor. A bitwise copy is what `Clone` makes of them. Of two copies, one
//!   yields the next items and no others, and the other one goes on behind these. For `IterMut`,
//!   which has no `Clone`, this is what `split_at_mut` does: no item is yielded twice. It relies on
//!   how `std` makes it, of raw pointers.
//! - **Owned items.** The items of a [`vec::IntoIter`] stand side by side in its memory. Those that
//!   are handed out are forgotten there, and so belong to the part that reads them. A part reads
//!   each of its items once, and what is left when it is dropped it drops.
//! - **Lengths.** An [`AtMost`] comes from a block of known length, and nothing makes it longer.
//! - **Memory.** A part counts itself in `lent` as long as it may read. If the iterator is dropped
//!   by then, it leaks its memory.

#[cfg(all(test, not(loom)))]
mod tests;

use std::any::TypeId;
use std::iter::{Copied, Take};
use std::mem;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;
use std::{ptr, slice, vec};

use crate::outcome::discard;
use crate::schedule::Slices;

/// How the next items leave an iterator together.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Division {
    /// One by one, into a buffer.
    Buffered,
    /// A copy of the iterator yields them.
    Copied,
    /// They are read where a `vec::IntoIter` holds them.
    Owned,
}

impl Division {
    fn of<I: Iterator>(slices: Slices) -> Self {
        let iterator = typeid::of::<I>();
        let is_range = || {
            is_integer::<I::Item>()
                && (iterator == typeid::of::<Range<I::Item>>()
                    || iterator == typeid::of::<RangeInclusive<I::Item>>())
        };
        if iterator == typeid::of::<vec::IntoIter<I::Item>>() {
            Self::Owned
        } else if iterator == typeid::of::<Copied<slice::Iter<'_, I::Item>>>()
            || is_range()
            || slices.iterate_by(iterator)
        {
            assert!(!mem::needs_drop::<I>(), "a copy would be dropped as well");
            Self::Copied
        } else {
            Self::Buffered
        }
    }
}

/// Returns whether `items` are handed out in place.
pub(crate) fn is_in_place<I: Iterator>(items: &I, slices: Slices) -> bool {
    // A wide range may have more items than can be counted.
    Division::of::<I>(slices) != Division::Buffered && items.size_hint().1.is_some()
}

fn is_integer<X>() -> bool {
    [
        TypeId::of::<u8>(),
        TypeId::of::<u16>(),
        TypeId::of::<u32>(),
        TypeId::of::<u64>(),
        TypeId::of::<u128>(),
        TypeId::of::<usize>(),
        TypeId::of::<i8>(),
        TypeId::of::<i16>(),
        TypeId::of::<i32>(),
        TypeId::of::<i64>(),
        TypeId::of::<i128>(),
        TypeId::of::<isize>(),
    ]
    .contains(&typeid::of::<X>())
}

/// An iterator that hands out its next items in parts.
#[derive(Debug)]
pub(super) struct Divisible<I> {
    /// There until the end.
    items: Option<I>,
    division: Division,
    /// Counts the parts that read the memory of `items`.
    lent: Arc<()>,
}

impl<I: Iterator> Divisible<I> {
    pub(super) fn new(items: I, slices: Slices) -> Self {
        Self {
            items: Some(items),
            division: Division::of::<I>(slices),
            lent: Arc::new(()),
        }
    }

    /// Appends the next items to `buffer`, at most `len` of them.
    pub(super) fn extend(&mut self, buffer: &mut Vec<I::Item>, len: usize) {
        buffer.extend(self.items().take(len));
    }

    pub(super) fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.as_ref().expect(THERE).size_hint()
    }

    fn items(&mut self) -> &mut I {
        self.items.as_mut().expect(THERE)
    }

    /// Returns how many items are left, if they are handed out in place.
    pub(super) fn left_in_place(&self) -> Option<usize> {
        match self.division {
            Division::Buffered => None,
            Division::Copied | Division::Owned => self.size_hint().1,
        }
    }

    /// Hands out the next `len` items in place. There are as many.
    ///
    /// # Panics
    ///
    /// Panics if they can only be buffered.
    pub(super) fn part(&mut self, len: usize) -> Part<I> {
        assert!(
            self.left_in_place().is_some_and(|left| len <= left),
            "too few items"
        );
        match self.division {
            Division::Buffered => unreachable!("no item is in place"),
            Division::Copied => {
                // SAFETY: the iterator is of a type that can be copied.
                let items = unsafe { divide(self.items(), len) };
                Part::Copied(CopiedPart { items, left: len })
            }
            Division::Owned => {
                let lent = Arc::clone(&self.lent);
                let items = ptr::from_mut(self.items()).cast::<vec::IntoIter<I::Item>>();
                // SAFETY: the iterator is of this type.
                let items = unsafe { &mut *items };
                let next = items.as_slice().as_ptr();
                items.take(len).for_each(mem::forget);
                Part::Owned(OwnedPart {
                    next,
                    left: len,
                    _buffer: Vec::new(),
                    _lent: Some(lent),
                })
            }
        }
    }
}

const THERE: &str = "the items are there until the end";

impl<I> Divisible<I> {
    /// Returns the items that are left.
    pub(super) fn into_inner(mut self) -> I {
        assert!(!self.is_lent(), "a part is in use");
        self.items.take().expect(THERE)
    }

    fn is_lent(&mut self) -> bool {
        // Not by the count, which would not order the reads of a part before this.
        Arc::get_mut(&mut self.lent).is_none()
    }
}

impl<I> Drop for Divisible<I> {
    fn drop(&mut self) {
        if self.is_lent() {
            mem::forget(self.items.take());
        }
    }
}

/// Divides the next `len` items off. There are as many.
///
/// # Safety
///
/// The iterator is of a type that can be copied (the module's "copies"). Only `len` items are
/// requested from the result.
unsafe fn divide<I: Iterator>(items: &mut I, len: usize) -> I {
    // SAFETY: the caller ensures that this is a copy, of which only the beginning is used.
    let front = unsafe { ptr::read(items) };
    if let Some(last) = len.checked_sub(1) {
        items.nth(last);
    }
    front
}

/// The items of a chunk.
pub(crate) enum Part<I: Iterator> {
    Copied(CopiedPart<I>),
    Owned(OwnedPart<I::Item>),
}

/// Items that can be requested in blocks.
pub(crate) trait Blocks {
    type Item;

    /// Some of the next items. Those that are not requested are left.
    type Block<'b>: Iterator<Item = Self::Item>
    where
        Self: 'b;

    /// Returns the number of items that are left.
    fn left(&self) -> usize;

    /// Returns the next `len` items, of which there are as many.
    fn block(&mut self, len: usize) -> AtMost<Self::Block<'_>>;
}

/// An iterator that yields no more items than it says: a block, or what becomes of its items.
pub(crate) struct AtMost<I> {
    items: I,
    len: usize,
}

impl<I: Iterator> AtMost<I> {
    /// Returns the largest number of items.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn into_inner(self) -> I {
        self.items
    }

    #[inline]
    pub(super) fn map<R>(self, f: impl FnMut(I::Item) -> R) -> AtMost<impl Iterator<Item = R>> {
        AtMost {
            items: self.items.map(f),
            len: self.len,
        }
    }

    #[inline]
    pub(super) fn map_while<R>(
        self,
        f: impl FnMut(I::Item) -> Option<R>,
    ) -> AtMost<impl Iterator<Item = R>> {
        AtMost {
            items: self.items.map_while(f),
            len: self.len,
        }
    }
}

/// Items that a copy of an iterator yields.
pub(crate) struct CopiedPart<I> {
    items: I,
    left: usize,
}

impl<I: Iterator> CopiedPart<I> {
    /// Makes a part of all `items` if a copy yields them, or returns them.
    pub(super) fn of(items: I, slices: Slices) -> Result<Self, I> {
        match (Division::of::<I>(slices), items.size_hint().1) {
            (Division::Copied, Some(left)) => Ok(Self { items, left }),
            _ => Err(items),
        }
    }

    /// Returns the items that are left.
    pub(super) fn into_items(self) -> I {
        self.items
    }
}

impl<I: Iterator> Blocks for CopiedPart<I> {
    type Item = I::Item;

    type Block<'b>
        = Take<I>
    where
        I: 'b;

    #[inline]
    fn left(&self) -> usize {
        self.left
    }

    #[inline]
    fn block(&mut self, len: usize) -> AtMost<Take<I>> {
        self.left = self.left.checked_sub(len).expect("there are as many items");
        // SAFETY: such a part is made only of an iterator that can be copied.
        let items = unsafe { divide(&mut self.items, len) };
        let items = items.take(len);
        AtMost { items, len }
    }
}

/// Items that this part owns, in memory that a buffer or an iterator owns.
pub(crate) struct OwnedPart<X> {
    next: *const X,
    left: usize,
    /// Empty, as the items in its memory belong to the part.
    _buffer: Vec<X>,
    _lent: Option<Arc<()>>,
}

impl<X> OwnedPart<X> {
    /// Makes a part of the items in `buffer`.
    pub(super) fn buffered(mut buffer: Vec<X>) -> Self {
        let (next, left) = (buffer.as_ptr(), buffer.len());
        // SAFETY: it has no items any more, as they belong to the part.
        unsafe { buffer.set_len(0) };
        Self {
            next,
            left,
            _buffer: buffer,
            _lent: None,
        }
    }
}

impl<X> Blocks for OwnedPart<X> {
    type Item = X;

    type Block<'b>
        = OwnedBlock<'b, X>
    where
        X: 'b;

    #[inline]
    fn left(&self) -> usize {
        self.left
    }

    #[inline]
    fn block(&mut self, len: usize) -> AtMost<OwnedBlock<'_, X>> {
        self.left = self.left.checked_sub(len).expect("there are as many items");
        let next = self.next;
        // SAFETY: the items of the block are within the memory.
        self.next = unsafe { next.add(len) };
        let items = OwnedBlock {
            next,
            left: len,
            part: self,
        };
        AtMost { items, len }
    }
}

impl<X> Drop for OwnedPart<X> {
    fn drop(&mut self) {
        if mem::needs_drop::<X>() {
            let left = self.left;
            self.block(left).into_inner().for_each(discard);
        }
    }
}

/// Some items of an [`OwnedPart`].
// A type of its own, so that the loop over it can have it in registers.
pub(crate) struct OwnedBlock<'p, X> {
    next: *const X,
    left: usize,
    part: &'p mut OwnedPart<X>,
}

impl<X> Iterator for OwnedBlock<'_, X> {
    type Item = X;

    #[inline]
    fn next(&mut self) -> Option<X> {
        self.left = self.left.checked_sub(1)?;
        // SAFETY: the part owns this item, and does not read it again.
        let item = unsafe { self.next.read() };
        // SAFETY: the item is within the memory.
        self.next = unsafe { self.next.add(1) };
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<X> Drop for OwnedBlock<'_, X> {
    #[inline]
    fn drop(&mut self) {
        self.part.next = self.next;
        self.part.left += self.left;
    }
}
