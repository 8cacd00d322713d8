//! The items of a job with a journal.

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;

use super::codec::Codec;
use super::error::JournalErrorKind;
use super::stored_results::StoredResults;
use crate::encoding::digest::digest;

/// An item of a job with a [`journal`](crate::Job::journal): an item to compute, or a stored
/// result.
///
/// It serves only to write the type of such a job:
/// `Job<impl Iterator<Item = JournalItem<X, R>>, impl Work<JournalItem<X, R>, Output = R>>`.
pub struct JournalItem<X, R>(Entry<X, R>);

enum Entry<X, R> {
    /// The stored result.
    Stored(R),
    /// The position of the item, and the item. Its result is to be computed.
    Missing(u64, X),
}

impl<X, R> JournalItem<X, R> {
    /// Makes an item to compute.
    #[cfg(feature = "cluster")]
    pub(super) fn missing(position: u64, item: X) -> Self {
        Self(Entry::Missing(position, item))
    }

    /// Returns the position and the item, unless its result is stored.
    #[cfg(feature = "cluster")]
    pub(super) fn as_missing(&self) -> Option<(u64, &X)> {
        match &self.0 {
            Entry::Stored(_) => None,
            Entry::Missing(position, item) => Some((*position, item)),
        }
    }

    /// Returns the result if it is stored, and otherwise the position and the item.
    pub(super) fn into_stored(self) -> Result<R, (u64, X)> {
        match self.0 {
            Entry::Stored(result) => Ok(result),
            Entry::Missing(position, item) => Err((position, item)),
        }
    }
}

impl<X, R> fmt::Debug for JournalItem<X, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalItem").finish_non_exhaustive()
    }
}

/// The items of a job with a journal, with the results that are stored.
pub struct JournalItems<I: Iterator, C, R> {
    stored: StoredResults,
    /// The number of stored results that are not taken yet.
    stored_left: usize,
    /// The items without a result that lie before the last stored one.
    missing: VecDeque<I::Item>,
    /// The items behind the last stored one.
    rest: I,
    position: u64,
    codec: PhantomData<fn() -> (C, R)>,
}

impl<I, C, R> JournalItems<I, C, R>
where
    I: Iterator<Item: Serialize>,
    C: Codec<R>,
{
    /// Draws the `items` up to the last one with a stored result, and checks that each of those
    /// with a stored result has the digest that is stored with it.
    pub(super) fn new(mut items: I, stored: StoredResults) -> Result<Self, JournalErrorKind> {
        let mut checked = stored.fresh_copy();
        let mut stored_left = 0;
        let mut missing = VecDeque::new();
        let mut scratch = Vec::new();
        for position in 0..stored.end() {
            let index = usize::try_from(position).expect("an iterator has yielded as many");
            let entry = checked.take_at::<R, C>(position)?;
            let too_few = JournalErrorKind::Items { found: index };
            let item = items.next().ok_or(too_few)?;
            let Some((expected, _)) = entry else {
                missing.push_back(item);
                continue;
            };
            let found = digest(&item, &mut scratch).map_err(|reason| JournalErrorKind::Unfit {
                what: format!("item {index}"),
                reason,
            })?;
            if found != expected {
                return Err(JournalErrorKind::Item { index });
            }
            stored_left += 1;
        }
        Ok(Self {
            stored,
            stored_left,
            missing,
            rest: items,
            position: 0,
            codec: PhantomData,
        })
    }
}

impl<I: Iterator, C, R> JournalItems<I, C, R> {
    /// Returns whether some results are stored.
    pub(crate) fn has_stored(&self) -> bool {
        self.stored_left > 0
    }
}

impl<I, C, R> Iterator for JournalItems<I, C, R>
where
    I: Iterator,
    C: Codec<R>,
{
    type Item = JournalItem<I::Item, R>;

    fn next(&mut self) -> Option<Self::Item> {
        // The results of further items could not be recorded.
        self.stored.file().panic_if_failed();
        let stored = if self.stored_left > 0 {
            let stored = self.stored.take_at::<R, C>(self.position);
            stored.unwrap_or_else(|error| self.stored.file().panic_with(error))
        } else {
            None
        };
        let entry = if let Some((_, result)) = stored {
            self.stored_left -= 1;
            Entry::Stored(result)
        } else {
            let item = self.missing.pop_front().or_else(|| self.rest.next())?;
            Entry::Missing(self.position, item)
        };
        self.position += 1;
        Some(JournalItem(entry))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let drawn = self.stored_left + self.missing.len();
        let (least, most) = self.rest.size_hint();
        let most = most.and_then(|most| most.checked_add(drawn));
        (least.saturating_add(drawn), most)
    }
}
