//! Results that outlive the process: finished runs are appended to a file, and a second start computes
//! only what is missing.
//!
//! The file is a header, which says of what work the results are, and behind it records:
//!
//! | header | |
//! |---|---|
//! | `parallelize journal\n` | |
//! | `u32` | the version of all this |
//! | `u32` | the length of the body |
//! | body | function, type of the results, and a digest of each constant |
//! | `u64` | the checksum of all before |
//!
//! | record | |
//! |---|---|
//! | `u64` | the position of the first item |
//! | `u64` | how many items there are |
//! | `u64` | the length of the payload |
//! | `u64` | the checksum of these three and of the payload |
//! | payload | for each item a digest of it, a `u64`, and its encoded result |
//!
//! Numbers are little-endian. Records come in the order in which threads had them ready, and each is
//! in the file as a whole or is the torn end of it, which is cut. What disks damage is passed over.

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
mod sent;
mod stored_results;
mod writer;

use std::path::Path;
use std::sync::Arc;

pub(crate) use codec::{AsIs, Codec, OkOnly};
pub use error::{JournalError, JournalErrorKind};
pub(crate) use items::Items;
pub use items::JournalItem;
pub(crate) use recording::Recording;

use journal_file::JournalFile;
use stored_results::StoredResults;
use writer::Writer;

/// The items of a job with a journal, and its work.
pub(crate) type Journaled<I, W, C, R> = (Items<I, C, R>, Recording<W, C>);

/// Those of a job of `items` and `work` with the journal at `path`.
pub(crate) fn open<I, W, C>(
    path: &Path,
    items: I,
    work: W,
    key: &crate::work::Key,
) -> Result<Journaled<I, W, C, W::Output>, JournalErrorKind>
where
    I: Iterator<Item: serde::Serialize>,
    W: crate::work::Work<I::Item>,
    C: Codec<W::Output>,
{
    let header = header::Header::new(key, C::name())?;
    let (disk, runs) = JournalFile::open(path, &header)?;
    let disk = Arc::new(disk);
    let items = Items::new(items, StoredResults::new(Arc::clone(&disk), runs))?;
    let writer = Writer::begin(disk)?;
    Ok((items, Recording::new(work, writer)))
}
