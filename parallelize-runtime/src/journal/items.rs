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
/// There is nothing to call here. It stands in the type of such a job, so that a function can
/// return one:
///
/// ```
/// use parallelize::{Items, Job, JournalError, JournalItem, Work, job};
/// use std::path::Path;
///
/// type Item = JournalItem<u32, f64>;
/// type Kept<I, W> = Result<Job<I, W>, JournalError>;
///
/// /// The roots of some numbers, which the file at `path` keeps.
/// fn roots(path: &Path) -> Kept<impl Items<Item>, impl Work<Item, Output = f64>> {
///     job(0..100, |n| f64::from(n).sqrt()).journal(path)
/// }
/// # let path = std::env::temp_dir().join(format!("roots of {}", std::process::id()));
/// # assert_eq!(roots(&path)?.collect()[81], 9.0);
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

/// Bounds the number of items without a stored result that are drawn before the job runs, beyond
/// the number of those with one.
const MAX_GAP: usize = 1 << 20;

/// The items of a job with a journal, with the results that are stored.
///
/// The items before the position `checked_end` are drawn and compared before the job runs. Those
/// behind are drawn and compared when the job gets to them.
pub struct JournalItems<I: Iterator, C, R> {
    stored: StoredResults,
    /// The position behind the items that are compared before the job runs.
    checked_end: u64,
    /// The number of stored results before `checked_end` that are not taken yet.
    stored_left: usize,
    /// The items before `checked_end` without a stored result.
    missing: VecDeque<I::Item>,
    /// The items from `checked_end` on.
    rest: I,
    position: u64,
    scratch: Vec<u8>,
    codec: PhantomData<fn() -> (C, R)>,
}

impl<I, C, R> JournalItems<I, C, R>
where
    I: Iterator<Item: Serialize>,
    C: Codec<R>,
{
    /// Draws the `items` up to the last one with a stored result, but not more than [`MAX_GAP`]
    /// allows, and compares them with the `stored` ones.
    pub(super) fn new(items: I, stored: StoredResults) -> Result<Self, JournalErrorKind> {
        let mut reader = stored.fresh_copy();
        let mut new = Self {
            stored,
            checked_end: 0,
            stored_left: 0,
            missing: VecDeque::new(),
            rest: items,
            position: 0,
            scratch: Vec::new(),
            codec: PhantomData,
        };
        while new.checked_end < new.stored.end() && new.missing.len() < new.stored_left + MAX_GAP {
            let (items, scratch) = (&mut new.rest, &mut new.scratch);
            match draw_entry::<I, C, R>(items, &mut reader, new.checked_end, scratch)? {
                Some(Entry::Stored(_)) => new.stored_left += 1,
                Some(Entry::Missing(_, item)) => new.missing.push_back(item),
                None => break,
            }
            new.checked_end += 1;
        }
        Ok(new)
    }

    fn next_entry(&mut self) -> Result<Option<Entry<I::Item, R>>, JournalErrorKind> {
        let position = self.position;
        if position >= self.checked_end {
            let Self {
                rest,
                stored,
                scratch,
                ..
            } = self;
            return draw_entry::<I, C, R>(rest, stored, position, scratch);
        }
        if let Some((_, result)) = self.stored.take_at::<R, C>(position)? {
            self.stored_left -= 1;
            return Ok(Some(Entry::Stored(result)));
        }
        let item = self.missing.pop_front();
        Ok(item.map(|item| Entry::Missing(position, item)))
    }
}

/// Draws the item at `position`, and takes its result if it is stored. Returns nothing behind the
/// last item.
///
/// # Errors
///
/// Returns an error if the result is that of another item, or if there are results of further items
/// behind the last one.
fn draw_entry<I, C, R>(
    items: &mut I,
    stored: &mut StoredResults,
    position: u64,
    scratch: &mut Vec<u8>,
) -> Result<Option<Entry<I::Item, R>>, JournalErrorKind>
where
    I: Iterator<Item: Serialize>,
    C: Codec<R>,
{
    let index = usize::try_from(position).unwrap_or(usize::MAX);
    let Some(item) = items.next() else {
        let has_more_stored = position < stored.end();
        let too_few = JournalErrorKind::Items { found: index };
        return if has_more_stored {
            Err(too_few)
        } else {
            Ok(None)
        };
    };
    let Some((expected, result)) = stored.take_at::<R, C>(position)? else {
        return Ok(Some(Entry::Missing(position, item)));
    };
    let found = digest(&item, scratch).map_err(|reason| JournalErrorKind::Unfit {
        what: format!("item {index}"),
        reason,
    })?;
    if found != expected {
        return Err(JournalErrorKind::Item { index });
    }
    Ok(Some(Entry::Stored(result)))
}

impl<I: Iterator, C, R> JournalItems<I, C, R> {
    /// Returns whether some results are stored. Nothing may have been taken yet.
    pub(crate) fn has_stored(&self) -> bool {
        self.stored.end() > 0
    }
}

impl<I, C, R> Iterator for JournalItems<I, C, R>
where
    I: Iterator<Item: Serialize>,
    C: Codec<R>,
{
    type Item = JournalItem<I::Item, R>;

    fn next(&mut self) -> Option<Self::Item> {
        // The results of further items could not be recorded.
        self.stored.file().panic_if_failed();
        let entry = self.next_entry();
        let entry = entry.unwrap_or_else(|error| self.stored.file().panic_with(error))?;
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

#[cfg(test)]
mod tests {
    use std::ops::Range;
    use std::panic::{self, AssertUnwindSafe};
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::{env, fs, process};

    use super::super::codec::AsIs;
    use super::super::header::Header;
    use super::super::journal_file::JournalFile;
    use super::super::record::Page;
    use super::*;
    use crate::work::Key;

    /// A position behind those that are compared before the job runs.
    const FAR: usize = MAX_GAP + 100;

    struct Scratch(PathBuf);

    impl Drop for Scratch {
        fn drop(&mut self) {
            _ = fs::remove_file(&self.0);
        }
    }

    /// Makes a journal with the results of the items at `positions`. Each item is its position, and
    /// each result twice the item.
    fn journal(positions: &[usize]) -> Scratch {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::SeqCst);
        let name = format!("parallelize-items-{}-{number}.journal", process::id());
        let path = Scratch(env::temp_dir().join(name));
        let (file, _) = JournalFile::open(&path.0, &header()).unwrap();
        file.begin().unwrap();
        let (mut page, mut bytes) = (Page::new(file.header_sum()), Vec::new());
        for position in positions {
            let digest = digest(position, &mut Vec::new()).unwrap();
            let mut entry = digest.to_le_bytes().to_vec();
            AsIs::encode(&(2 * position), &mut entry).unwrap();
            page.add(*position as u64, &entry);
        }
        page.drain_into(&mut bytes);
        file.append(&bytes);
        path
    }

    fn header() -> Header {
        Header::new(&Key::named("double"), "usize").unwrap()
    }

    type Opened<I> = Result<JournalItems<I, AsIs, usize>, JournalErrorKind>;

    fn open<I: Iterator<Item = usize>>(path: &Path, items: I) -> Opened<I> {
        let (file, records) = JournalFile::open(path, &header())?;
        JournalItems::new(items, StoredResults::new(Arc::new(file), records))
    }

    /// Returns the message with which the items `from` end by a panic.
    fn panic_of(items: JournalItems<impl Iterator<Item = usize>, AsIs, usize>) -> String {
        let count = panic::catch_unwind(AssertUnwindSafe(|| items.count()));
        *count.unwrap_err().downcast().unwrap()
    }

    #[test]
    fn far_results_are_compared_when_their_items_are_drawn() {
        let path = journal(&[0, 1, 5, FAR, FAR + 1, FAR + 3]);
        let all = || 0..FAR + 10;
        let mut items = open(&path.0, all()).unwrap();
        assert!(items.has_stored());
        assert_eq!(items.checked_end, (MAX_GAP + 2 * 3) as u64);
        let mut stored = Vec::new();
        for position in all() {
            let left = all().len() - position;
            assert_eq!(items.size_hint(), (left, Some(left)));
            match items.next().unwrap().into_stored() {
                Ok(result) => stored.push((position, result)),
                Err(missing) => assert_eq!(missing, (position as u64, position)),
            }
        }
        assert!(items.next().is_none());
        drop(items);
        let expected = [0, 1, 5, FAR, FAR + 1, FAR + 3].map(|at| (at, 2 * at));
        assert_eq!(stored, expected);

        let other = all().map(|at| if at == FAR + 1 { 0 } else { at });
        let message = panic_of(open(&path.0, other).unwrap());
        let expected = format!(": item {} had another value", FAR + 1);
        assert!(message.ends_with(&expected), "{message}");

        let message = panic_of(open(&path.0, 0..FAR + 2).unwrap());
        let expected = format!("more items than the {} of the job", FAR + 2);
        assert!(message.ends_with(&expected), "{message}");
    }

    #[test]
    fn results_that_are_stored_twice_hide_no_others() {
        let path = journal(&[0, 1, 2, 3, 4, 5, 1, 2, 3, 6, 7]);
        let items = open(&path.0, 0..9).unwrap();
        let found: Vec<_> = items.map(|item| item.into_stored().ok()).collect();
        let expected = (0..9).map(|at| (at < 8).then_some(2 * at));
        assert!(found.into_iter().eq(expected));
    }

    #[test]
    fn results_as_dense_as_gaps_are_compared_at_once() {
        let others = |changed: usize| {
            let change = move |at| if at == changed { 0 } else { at };
            (0..).map(change)
        };
        let every_other: Vec<_> = (1..2_000).step_by(2).chain([MAX_GAP + 900]).collect();
        let path = journal(&every_other);
        let items = open(&path.0, 0..).unwrap();
        assert_eq!(items.checked_end, (MAX_GAP + 901) as u64);
        drop(items);
        for changed in [1, 1_999, MAX_GAP + 900] {
            let error = open(&path.0, others(changed)).err().unwrap();
            assert!(matches!(error, JournalErrorKind::Item { index } if index == changed));
        }
        let items: Range<usize> = 0..MAX_GAP;
        let error = open(&path.0, items).err().unwrap();
        assert!(matches!(error, JournalErrorKind::Items { found: MAX_GAP }));
    }
}
