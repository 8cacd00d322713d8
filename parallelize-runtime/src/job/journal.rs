//! Jobs that store their results in a file.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Job;
use crate::journal::{self, AsIs, Codec, JournalError, JournalItems, OkOnly, Recording};
use crate::work::Work;

/// A job with a journal. Its type is written out, because an `impl` type would borrow the path.
type Journaled<I, W, P, C, R> = Job<JournalItems<I, C, R>, Recording<W, C>, P>;

/// A job whose journal holds only the values in `Ok`.
type JournaledOk<I, W, P, T, E> = Journaled<I, W, P, OkOnly, Result<T, E>>;

// Rustdoc takes the badge of the feature from here, and not from the private module.
#[cfg(feature = "journal")]
impl<I: Iterator + Send, W, P> Job<I, W, P> {
    /// Stores the results in the file at `path`, and computes only those that are not in it yet.
    ///
    /// The process may end at any moment, even by `kill -9`. The results of all items that ended a
    /// few milliseconds earlier are in the file, and the same call in a second start continues from
    /// there. The results equal those of the job without a journal, whichever last call runs it. On
    /// a cluster, results of another machine are stored when their chunk arrives.
    ///
    /// ```
    /// use parallelize::job;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// let path = std::env::temp_dir().join(format!("squares in {}", std::process::id()));
    /// let calls = AtomicUsize::new(0);
    /// let square = |i: u64| {
    ///     calls.fetch_add(1, Ordering::Relaxed);
    ///     i * i
    /// };
    ///
    /// // The first start computes some results, and the second one the others.
    /// let first = job(0..100, square).journal(&path)?.stream(|squares| squares.take(10).count());
    /// let squares = job(0..100, square).journal(&path)?.collect();
    /// assert_eq!((first, squares[99]), (10, 9801));
    /// assert_eq!(calls.into_inner(), 100);
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Which jobs can use the file
    ///
    /// A job can use the file if it has the same function, constants and items as the job that
    /// wrote it. Further items may follow at the end. If the function, a constant or an item
    /// differs, the file is refused with the reason and left untouched.
    ///
    /// Constants and items are compared by digests, so they all have to be [`Serialize`]. Items are
    /// compared if they have a stored result. To do so, this call draws the items up to the last
    /// one with a result. If more than a million items have no result and few have one, the items
    /// behind these are compared when the job gets to them, and the job panics if one differs.
    ///
    /// The entries of a map are compared in no particular order. Those of a
    /// [`HashSet`](std::collections::HashSet) are compared in its own order, which differs from
    /// process to process: use a [`BTreeSet`](std::collections::BTreeSet).
    ///
    /// Some changes cannot be seen. Remove the file after any of these:
    ///
    /// - a change of the function's body
    /// - a change of what the function reads besides its arguments, such as a file
    /// - a change of what a closure captures: a closure is known only by the function around it and
    ///   by the type of its results. You can make the captures a part of the path.
    ///
    /// # Which results are stored
    ///
    /// All results except errors: the next start computes an item again if it panicked or if its
    /// result is an `Err`. The cause, such as a full disk, may be gone by then. If the errors
    /// cannot be serialized, use [`journal_ok`](Job::journal_ok).
    ///
    /// The type of a result has to restore with [serde](https://docs.rs/serde) what it serialized.
    /// `Some(None)` and `Some(())` would come back as `None`, so the job panics if a result
    /// contains one of these.
    ///
    /// Storing takes about a microsecond for each item. The file is not synchronized with the disk:
    /// a power failure may lose or damage the results of the last seconds. Damaged results are
    /// computed again, and all others are kept. Nothing in the file is overwritten or cut off.
    ///
    /// # Errors
    ///
    /// Returns an error if the file belongs to other work, is not a journal, or is in use by
    /// another job; if it is not a regular file, or cannot be opened, read or written; or if a
    /// constant or an item cannot be encoded. An existing file is left untouched then.
    ///
    /// # Panics
    ///
    /// Panics if the iterator panics. Later, the last call of the job panics with the path and the
    /// reason if results cannot be stored, such as on a full disk, or if stored results are changed
    /// while the job runs. Those in the file stay there.
    pub fn journal<R>(
        self,
        path: impl AsRef<Path>,
    ) -> Result<Journaled<I, W, P, AsIs, R>, JournalError>
    where
        I::Item: Serialize + Send,
        W: Work<I::Item, Output = R>,
        R: Serialize + DeserializeOwned,
    {
        self.open_journal::<R, AsIs>(path.as_ref())
    }

    /// Like [`journal`](Job::journal), but for a function whose errors cannot be serialized.
    ///
    /// ```
    /// use parallelize::job;
    /// use std::{env, fs, io, process};
    ///
    /// # let path = env::temp_dir().join(format!("lengths in {}", process::id()));
    /// let length = |path: &str| -> io::Result<u64> { Ok(fs::metadata(path)?.len()) };
    /// let lengths = job([".", "missing"], length).journal_ok(&path)?.collect();
    /// assert!(lengths[0].is_ok() && lengths[1].is_err());
    /// # fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the errors of [`journal`](Job::journal).
    ///
    /// # Panics
    ///
    /// Panics where [`journal`](Job::journal) does.
    pub fn journal_ok<T, E>(
        self,
        path: impl AsRef<Path>,
    ) -> Result<JournaledOk<I, W, P, T, E>, JournalError>
    where
        I::Item: Serialize + Send,
        W: Work<I::Item, Output = Result<T, E>>,
        T: Serialize + DeserializeOwned,
    {
        self.open_journal::<Result<T, E>, OkOnly>(path.as_ref())
    }

    fn open_journal<R, C>(self, path: &Path) -> Result<Journaled<I, W, P, C, R>, JournalError>
    where
        I::Item: Serialize,
        W: Work<I::Item, Output = R>,
        C: Codec<R>,
    {
        let Self {
            items,
            work,
            mut settings,
            progress,
        } = self;
        let key = work.key();
        let (items, work) =
            journal::open(path, items, work, &key).map_err(|kind| JournalError {
                path: path.to_owned(),
                kind,
            })?;
        settings.is_uneven = items.has_stored();
        Ok(Job {
            items,
            work,
            settings,
            progress,
        })
    }
}
