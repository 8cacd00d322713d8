//! The items of a job with a journal.

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;

use super::codec::Codec;
use super::error::JournalErrorKind;
use super::stored_results::StoredResults;
use crate::encoding::digest::digest;

/// An item of a job with a [`journal`](crate::Job::journal): one that is to be computed, or the
/// result that the journal has.
///
/// It is of use only to say what such a job is, as in
/// `Job<impl Iterator<Item = JournalItem<X, R>>, impl Work<JournalItem<X, R>, Output = R>>`.
pub struct JournalItem<X, R>(Entry<X, R>);

enum Entry<X, R> {
    Known(R),
    New(u64, X),
}

impl<X, R> JournalItem<X, R> {
    /// One that is to be computed.
    #[cfg(feature = "cluster")]
    pub(super) fn new(position: u64, item: X) -> Self {
        Self(Entry::New(position, item))
    }

    /// Its position and itself, unless its result is known.
    #[cfg(feature = "cluster")]
    pub(super) fn missing(&self) -> Option<(u64, &X)> {
        match &self.0 {
            Entry::Known(_) => None,
            Entry::New(position, item) => Some((*position, item)),
        }
    }

    /// Its result if that is known; otherwise its position and the item.
    pub(super) fn known(self) -> Result<R, (u64, X)> {
        match self.0 {
            Entry::Known(result) => Ok(result),
            Entry::New(position, item) => Err((position, item)),
        }
    }
}

impl<X, R> fmt::Debug for JournalItem<X, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalItem").finish_non_exhaustive()
    }
}

/// All items, with the results that are known.
pub struct Items<I: Iterator, C, R> {
    known: StoredResults,
    /// How many are left of those that are known.
    known_left: usize,
    /// Those in front of the last known one that are not known.
    missing: VecDeque<I::Item>,
    rest: I,
    position: u64,
    codec: PhantomData<fn() -> (C, R)>,
}

impl<I, C, R> Items<I, C, R>
where
    I: Iterator<Item: Serialize>,
    C: Codec<R>,
{
    /// Draws all `items` up to the last that is known, and compares those that are.
    pub(super) fn new(mut items: I, known: StoredResults) -> Result<Self, JournalErrorKind> {
        let mut checked = known.again();
        let mut known_left = 0;
        let mut missing = VecDeque::new();
        let mut scratch = Vec::new();
        for position in 0..known.end() {
            let index = usize::try_from(position).expect("an iterator has come so far");
            let known = checked.take::<R, C>(position)?;
            let found = JournalErrorKind::Items { found: index };
            let item = items.next().ok_or(found)?;
            let Some((expected, _)) = known else {
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
            known_left += 1;
        }
        Ok(Self {
            known,
            known_left,
            missing,
            rest: items,
            position: 0,
            codec: PhantomData,
        })
    }
}

impl<I: Iterator, C, R> Items<I, C, R> {
    /// Whether some results are known.
    pub(crate) fn are_known(&self) -> bool {
        self.known_left > 0
    }
}

impl<I, C, R> Iterator for Items<I, C, R>
where
    I: Iterator,
    C: Codec<R>,
{
    type Item = JournalItem<I::Item, R>;

    fn next(&mut self) -> Option<Self::Item> {
        // What is computed now could not be recorded.
        self.known.disk().panic_if_failed();
        let known = if self.known_left > 0 {
            let known = self.known.take::<R, C>(self.position);
            known.unwrap_or_else(|error| self.known.disk().fail(error))
        } else {
            None
        };
        let entry = if let Some((_, result)) = known {
            self.known_left -= 1;
            Entry::Known(result)
        } else {
            let item = self.missing.pop_front().or_else(|| self.rest.next())?;
            Entry::New(self.position, item)
        };
        self.position += 1;
        Some(JournalItem(entry))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let drawn = self.known_left + self.missing.len();
        let (least, most) = self.rest.size_hint();
        let most = most.and_then(|most| most.checked_add(drawn));
        (least.saturating_add(drawn), most)
    }
}
