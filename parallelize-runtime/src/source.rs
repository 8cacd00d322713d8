//! Items: any iterator, handed out in runs of consecutive items.

use std::panic::{self, AssertUnwindSafe};

use crate::outcome::Payload;

/// A claim to consecutive positions.
///
/// Only a [`Source`] makes one, it makes each position part of one run only, and a run can be neither copied nor
/// cloned: whoever holds it has the sole right to the output slots at its positions.
#[derive(Debug)]
pub(crate) struct Run {
    start: usize,
    len: usize,
}

impl Run {
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
/// It never asks an iterator again that has ended or panicked, as the plain loop would not.
#[derive(Debug)]
pub(crate) struct Source<I> {
    items: I,
    next: usize,
    open: bool,
}

impl<I: Iterator> Source<I> {
    pub(crate) fn new(items: I) -> Self {
        Self {
            items,
            next: 0,
            open: true,
        }
    }

    /// How many items have been handed out.
    pub(crate) fn handed_out(&self) -> usize {
        self.next
    }

    /// How many items are left at most, as far as the iterator knows.
    #[inline]
    pub(crate) fn remaining(&self) -> Option<usize> {
        self.items.size_hint().1
    }

    /// Whether there may be further items.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Moves up to `most` items into `buffer`, which must be empty, and claims their positions.
    ///
    /// A panic of the iterator closes the source and comes back beside the items that were read before it.
    pub(crate) fn pull(
        &mut self,
        most: usize,
        buffer: &mut Vec<I::Item>,
    ) -> (Run, Option<Payload>) {
        debug_assert!(buffer.is_empty(), "items of an earlier run are left");
        let mut panicked = None;
        if self.open {
            let read = || buffer.extend(self.items.by_ref().take(most));
            // The iterator is not touched again after a panic, and `Vec::extend` counts what it has stored.
            panicked = panic::catch_unwind(AssertUnwindSafe(read)).err();
            self.open = buffer.len() == most && panicked.is_none();
        }
        (self.claim(buffer.len()), panicked)
    }

    /// Claims `most` positions and reads their items one by one, for whoever is alone with the source.
    pub(crate) fn direct(&mut self, most: usize) -> (Run, Direct<'_, I>) {
        let most = if self.open {
            most.min(usize::MAX - self.next)
        } else {
            0
        };
        let run = self.claim(most);
        (
            run,
            Direct {
                source: self,
                unread: most,
            },
        )
    }

    fn claim(&mut self, len: usize) -> Run {
        let start = self.next;
        self.next += len;
        Run { start, len }
    }
}

/// The items of one run, read from the iterator as they are asked for.
#[derive(Debug)]
pub(crate) struct Direct<'s, I> {
    source: &'s mut Source<I>,
    unread: usize,
}

impl<I: Iterator> Iterator for Direct<'_, I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        if self.unread == 0 {
            return None;
        }
        let item = self.source.items.next()?;
        self.unread -= 1;
        Some(item)
    }
}

impl<I> Drop for Direct<'_, I> {
    /// Whatever ended the reading early (the iterator, a panic, a failure) has ended the source, so the positions
    /// that were not read are counted back and still never claimed again.
    fn drop(&mut self) {
        if self.unread > 0 {
            self.source.open = false;
            self.source.next -= self.unread;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_hold_consecutive_items_at_consecutive_positions() {
        let mut source = Source::new(10..20);
        let mut items = Vec::new();
        for (most, positions) in [(3, 0..3), (1, 3..4), (100, 4..10), (5, 10..10)] {
            let (run, panicked) = source.pull(most, &mut items);
            assert!(panicked.is_none());
            assert_eq!(run.start()..run.end(), positions);
            assert!(items.drain(..).eq(positions.map(|i| i + 10)));
        }
        assert_eq!(source.handed_out(), 10);
    }

    #[test]
    fn direct_runs_give_back_what_was_not_there() {
        let mut source = Source::new(0..10);
        let (run, items) = source.direct(4);
        assert_eq!((run.start(), run.len()), (0, 4));
        assert!(items.eq(0..4));
        assert!(source.is_open());
        let (run, items) = source.direct(usize::MAX);
        assert_eq!((run.start(), run.end()), (4, usize::MAX));
        assert!(items.eq(4..10));
        assert!(!source.is_open());
        assert_eq!(source.handed_out(), 10);
    }

    #[test]
    fn a_direct_run_that_is_left_early_ends_the_source() {
        let mut source = Source::new(0..10);
        assert_eq!(source.direct(4).1.next(), Some(0));
        assert_eq!((source.is_open(), source.handed_out()), (false, 1));
        assert_eq!(source.pull(4, &mut Vec::new()).0.len(), 0);
        assert_eq!(source.direct(4).0.len(), 0);
    }

    #[test]
    fn a_panic_ends_the_source_behind_the_items_before_it() {
        let mut source = Source::new((0..10).inspect(|i| assert!(*i < 5, "five")));
        let mut items = Vec::new();
        let (run, panicked) = source.pull(8, &mut items);
        assert_eq!((run.len(), &*items), (5, &[0, 1, 2, 3, 4][..]));
        assert!(panicked.is_some());
        items.clear();
        let (run, panicked) = source.pull(8, &mut items);
        assert_eq!((run.len(), panicked.is_none()), (0, true));
    }
}
