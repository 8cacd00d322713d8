//! Jobs whose results outlive the process.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Job;
use crate::journal::{self, AsIs, Codec, Items, JournalError, OkOnly, Recording};
use crate::work::Work;

/// A job with a journal. Spelled out, since an `impl` would hold what the path borrows.
type Journaled<I, W, P, C, R> = Job<Items<I, C, R>, Recording<W, C>, P>;

/// One that has the values in results.
type JournaledOk<I, W, P, T, E> = Journaled<I, W, P, OkOnly, Result<T, E>>;

impl<I: Iterator + Send, W, P> Job<I, W, P> {
    /// Has results recorded in the file at `path`, and computes only those that are not there. Of the
    /// cargo feature `journal`.
    ///
    /// Whenever the process ends, also by `kill -9`, the results of all items that had ended some
    /// milliseconds before are in the file, and the same call in a second start goes on from there. The
    /// results are the same as without it, in whatever way the job is run. A result of another machine
    /// of a cluster is there when its run has come back, the items that were sent together.
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
    /// // Some are computed before it ends, and the others by a second start.
    /// let first = job(0..100, square).journal(&path)?.stream(|squares| squares.take(10).count());
    /// let squares = job(0..100, square).journal(&path)?.collect();
    /// assert_eq!((first, squares[99]), (10, 9801));
    /// assert_eq!(calls.into_inner(), 100);
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # What it is of
    ///
    /// The function, its constants and its items, which are compared by digests as far as they have
    /// results. A journal of others is refused and left as it is. Further items may come at the end.
    /// All constants have to be [`Serialize`] for that. The entries of a map are in no order there;
    /// those of a `HashSet` are in the one that it has, which is another one in each process.
    ///
    /// What cannot be seen is a change of the function itself, or of what it reads beside its
    /// arguments, as a file: then remove the journal. Nor can what a closure captures. A closure is
    /// known by the function that it stands in and by the type of its results: where captures matter,
    /// they can be part of the path.
    ///
    /// # What it records
    ///
    /// Results. A panic is none, so the item is computed again by the next start, and so is one whose
    /// result is an `Err`: what was full or out of reach may be so no more. Where an error cannot be
    /// serialized, [`journal_ok`](Job::journal_ok) takes the job. Results have to come out of
    /// [serde](https://docs.rs/serde) as they went in, which is for their types to see to. `Some(None)`
    /// and `Some(())` would come out as `None`, and are refused with a panic.
    ///
    /// An item costs about a microsecond more. The file is not synchronized with the disk, so results
    /// of the last seconds before a power failure may be lost, and are then computed again, as is what
    /// has been damaged.
    ///
    /// # Errors
    ///
    /// If the file is of other work, or is no journal, or is in use by another job; if it cannot be
    /// opened, read or written; if a constant or an item cannot be encoded. To compare them, all
    /// items up to the last recorded one are drawn from the iterator.
    ///
    /// # Panics
    ///
    /// If the iterator does. The last call of the job panics with the path and the reason if results
    /// cannot be recorded, say on a full disk. Those that are in the file stay there.
    pub fn journal<R>(
        self,
        path: impl AsRef<Path>,
    ) -> Result<Journaled<I, W, P, AsIs, R>, JournalError>
    where
        I::Item: Serialize + Send,
        W: Work<I::Item, Output = R>,
        R: Serialize + DeserializeOwned,
    {
        self.recorded::<R, AsIs>(path.as_ref())
    }

    /// The same for a function whose errors cannot be serialized. Of the cargo feature `journal`.
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
    /// As [`journal`](Job::journal).
    ///
    /// # Panics
    ///
    /// As [`journal`](Job::journal).
    pub fn journal_ok<T, E>(
        self,
        path: impl AsRef<Path>,
    ) -> Result<JournaledOk<I, W, P, T, E>, JournalError>
    where
        I::Item: Serialize + Send,
        W: Work<I::Item, Output = Result<T, E>>,
        T: Serialize + DeserializeOwned,
    {
        self.recorded::<Result<T, E>, OkOnly>(path.as_ref())
    }

    fn recorded<R, C>(self, path: &Path) -> Result<Journaled<I, W, P, C, R>, JournalError>
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
        settings.is_uneven = items.are_known();
        Ok(Job {
            items,
            work,
            settings,
            progress,
        })
    }
}
