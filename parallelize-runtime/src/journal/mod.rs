//! Results that outlive the process. They are appended to a file, and a second start computes only
//! the missing ones.
//!
//! This room may use `work` and `encoding`.
//!
//! # The file
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
//! | 8 | marker: the byte `0xc1` and `record\n` |
//! | 8 | position of the first item, a `u64` |
//! | 8 | number of items, a `u64` |
//! | 8 | length of the payload in bytes, a `u64` |
//! | 8 | checksum of the payload, a `u64` |
//! | 8 | checksum of the header's last 8 bytes and of the 40 bytes before it, a `u64` |
//! | .. | payload: for each item its digest, a `u64`, and its encoded result |
//!
//! Records are in the order in which threads finished them. Because the header is a part of the
//! head's checksum, no record of other work is taken for one of these, such as one in a result.
//!
//! # Damage
//!
//! A kill, a full disk or a power failure can leave anything between and behind the records. The
//! reader skips it: it searches for the next marker, and takes a record only if both of its
//! checksums hold. It believes no length before the head's checksum holds, and keeps no payload. So
//! damage costs the results of the damaged records, and their items are computed again.
//!
//! Nothing is ever cut off or overwritten. New records are appended, also behind a torn one. A file
//! is changed only after the header and the items are accepted. A payload is checked again each
//! time it is read.
//!
//! # Comparison of the items
//!
//! A job draws and compares its items up to the last one with a stored result before it runs, so
//! that a journal of other items is refused before a result of it is used. The items without a
//! result are kept until the job gets to them, and an iterator may be endless. So the
//! comparison stops where the items without a result outnumber the others by `MAX_GAP`. An intact
//! record lies behind that only if almost all items before it failed, or if the file is forged. The
//! later items are compared when the job gets to them. If one differs, the job panics: no result of
//! another item is used.

mod codec;
mod error;
mod header;
mod items;
mod journal_file;
mod record;
mod record_reader;
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

/// Opens the journal at `path` for a job of `items` and `work`. The `key` identifies the
/// work. Returns the items with the stored results, and the work that records further ones.
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
    let writer = Writer::start(Arc::clone(&file))?;
    file.begin()?;
    Ok((items, Recording::new(work, writer)))
}
