//! The items of a call: any iterator, claimed in chunks of consecutive items.

use std::panic::{self, AssertUnwindSafe};

use super::division::{Divisible, OwnedPart, Part};
use crate::outcome::Payload;
use crate::schedule::Slices;

/// A claim to consecutive positions.
///
/// Only a [`Source`] makes claims. It makes each position part of one claim only, and a claim can
/// be neither copied nor cloned. So the worker that holds a claim has the sole right to the output
/// slots at its positions.
#[derive(Debug)]
pub(crate) struct Claim {
    start: usize,
    len: usize,
}

impl Claim {
    #[inline]
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn end(&self) -> usize {
        self.start + self.len
    }
}

/// The user's iterator and how far it has been read.
///
/// Like the plain loop, it does not call the iterator again after that has ended or panicked.
#[derive(Debug)]
pub(crate) struct Source<I> {
    items: Divisible<I>,
    next: usize,
    open: bool,
}

impl<I: Iterator> Source<I> {
    /// Makes a source of `items`, the first of which stands at position `next`.
    pub(crate) fn new(items: I, next: usize, slices: Slices) -> Self {
        Self {
            items: Divisible::new(items, slices),
            next,
            open: true,
        }
    }

    /// Returns the position of the next item.
    pub(super) fn position(&self) -> usize {
        self.next
    }

    /// Returns the items that are left, unless all have been requested.
    pub(super) fn into_items(self) -> Option<I> {
        self.open.then(|| self.items.into_inner())
    }

    /// Returns whether no further item will be read.
    pub(super) fn has_ended(&self) -> bool {
        !self.open
    }

    /// Hands out the next items and claims their positions. Otherwise like [`pull`](Self::pull).
    pub(super) fn next_part(
        &mut self,
        choose: impl FnOnce(Option<usize>) -> usize,
    ) -> (Claim, Part<I>, Option<Payload>) {
        let left = self.items.left_in_place();
        if let (true, Some(left)) = (self.open, left) {
            let len = choose(Some(left)).min(left);
            self.open = len < left;
            return (self.claim(len), self.items.part(len), None);
        }
        let mut buffer = Vec::new();
        let (claim, panicked) = self.pull(choose, &mut buffer);
        (claim, Part::Owned(OwnedPart::buffered(buffer)), panicked)
    }

    fn claim(&mut self, len: usize) -> Claim {
        let start = self.next;
        self.next += len;
        Claim { start, len }
    }

    /// Moves the next items into `buffer`, which must be empty, and claims their positions.
    ///
    /// `choose` gives the largest length of the chunk. It receives the upper bound of the
    /// iterator's size hint. If it gives zero, the iterator is not touched.
    ///
    /// If the hint says that no item is left, the iterator is called once more, to learn
    /// whether this chunk is the last. If it yields an item all the same, that item joins the
    /// chunk.
    ///
    /// A panic of the iterator closes the source. It is returned beside the items that were read
    /// before it.
    pub(crate) fn pull(
        &mut self,
        choose: impl FnOnce(Option<usize>) -> usize,
        buffer: &mut Vec<I::Item>,
    ) -> (Claim, Option<Payload>) {
        debug_assert!(buffer.is_empty(), "items of an earlier claim are left");
        let mut panicked = None;
        if self.open {
            // The iterator is not touched again after a panic, and `Vec` counts what it has stored.
            let read = panic::catch_unwind(AssertUnwindSafe(|| {
                let most = choose(self.items.size_hint().1);
                if most == 0 {
                    return true;
                }
                self.items.extend(buffer, most);
                if buffer.len() < most {
                    return false;
                }
                if self.items.size_hint().1 != Some(0) {
                    return true;
                }
                self.items.extend(buffer, 1);
                buffer.len() > most
            }));
            self.open = matches!(read, Ok(true));
            panicked = read.err();
        }
        (self.claim(buffer.len()), panicked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_hold_consecutive_positions() {
        let mut source = Source::new(10..20, 5, Slices::UNKNOWN);
        let mut items = Vec::new();
        for (most, positions) in [(3, 5..8), (1, 8..9), (100, 9..15), (5, 15..15)] {
            let (claim, panicked) = source.pull(|_| most, &mut items);
            assert!(panicked.is_none());
            assert_eq!(claim.start()..claim.end(), positions);
            assert!(items.drain(..).eq(positions.map(|i| i + 5)));
        }
        assert_eq!(source.position(), 15);
    }

    #[test]
    fn the_last_chunk_is_known_to_be_the_last() {
        let mut source = Source::new(0..10, 0, Slices::UNKNOWN);
        let mut items = Vec::new();
        for (most, ended) in [(4, false), (6, true)] {
            source.pull(|_| most, &mut items);
            assert_eq!(source.has_ended(), ended);
            items.clear();
        }
    }

    #[test]
    fn an_iterator_whose_hint_ends_too_early_is_called_again() {
        struct Modest(std::ops::Range<i32>);
        impl Iterator for Modest {
            type Item = i32;
            fn next(&mut self) -> Option<i32> {
                self.0.next()
            }
            fn size_hint(&self) -> (usize, Option<usize>) {
                (0, Some(0))
            }
        }
        let mut source = Source::new(Modest(0..5), 0, Slices::UNKNOWN);
        let mut items = Vec::new();
        for expected in [&[0, 1, 2][..], &[3, 4], &[]] {
            source.pull(|_| 2, &mut items);
            assert_eq!(items, expected);
            items.clear();
        }
        assert!(source.has_ended());
    }

    #[test]
    fn a_panic_closes_the_source_behind_the_items_before_it() {
        let mut source = Source::new(
            (0..10).inspect(|i| assert!(*i < 5, "five")),
            0,
            Slices::UNKNOWN,
        );
        let mut items = Vec::new();
        let (claim, panicked) = source.pull(|_| 8, &mut items);
        assert_eq!((claim.len(), &*items), (5, &[0, 1, 2, 3, 4][..]));
        assert!(panicked.is_some());
        items.clear();
        let (claim, panicked) = source.pull(|_| 8, &mut items);
        assert_eq!((claim.len(), panicked.is_none()), (0, true));
    }
}
