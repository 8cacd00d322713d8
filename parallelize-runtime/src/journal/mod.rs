//! Results that outlive the process. They are appended to a file, and a second start computes only
//! the missing ones.
//!
//! This room may use `work`, `encoding`, `outcome` and `sync`.
//!
//! The file is a header, which says whose results these are, and any number of records behind it. A
//! record has the results of consecutive items. All numbers are little-endian.
//!
//! | bytes of the header | content |
//! |---|---|
//! | 20 | `parallelize journal\n` |
//! | 4 | version of the format, a `u32` |
//! | 4 | length of the body in bytes, a `u32` |
//! | .. | body: the function, the type of the results, the name and digest of each constant |
//! | 8 | checksum of everything before it, a `u64` |
//!
//! | bytes of a record | content |
//! |---|---|
//! | 8 | position of the first item, a `u64` |
//! | 8 | number of items, a `u64` |
//! | 8 | length of the payload in bytes, a `u64` |
//! | 8 | checksum of these three numbers and of the payload, a `u64` |
//! | .. | payload: for each item its digest, a `u64`, and its encoded result |
//!
//! Records are in the order in which threads finished them. If a process is killed while it writes,
//! the last record is torn, and the next start cuts it off. A record that the disk has damaged is
//! skipped, and its items are computed again.

mod codec;
mod error;
mod header;
mod items;
mod journal_file;
mod record;
mod recording;
#[cfg(feature = "cluster")]
mod remote;
#[cfg(feature = "cluster")]
mod sent_items;
mod stored_results;
mod writer;

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

pub(crate) use codec::{AsIs, Codec, OkOnly};
pub use error::{JournalError, JournalErrorKind};
pub use items::JournalItem;
pub(crate) use items::JournalItems;
pub(crate) use recording::Recording;

use crate::work::{Key, Work};
use header::Header;
use journal_file::JournalFile;
use stored_results::StoredResults;
use writer::Writer;

/// The items and the work of a job with a journal.
pub(crate) type Journaled<I, W, C, R> = (JournalItems<I, C, R>, Recording<W, C>);

/// Opens the journal at `path` for a job of `items` and `work`. The `key` tells the work from
/// others. Returns the items with the stored results, and the work that records further ones.
pub(crate) fn open<I, W, C>(
    path: &Path,
    items: I,
    work: W,
    key: &Key,
) -> Result<Journaled<I, W, C, W::Output>, JournalErrorKind>
where
    I: Iterator<Item: Serialize>,
    W: Work<I::Item>,
    C: Codec<W::Output>,
{
    let header = Header::new(key, C::type_name())?;
    let (file, records) = JournalFile::open(path, &header)?;
    let file = Arc::new(file);
    let items = JournalItems::new(items, StoredResults::new(Arc::clone(&file), records))?;
    let writer = Writer::start(file)?;
    Ok((items, Recording::new(work, writer)))
}
