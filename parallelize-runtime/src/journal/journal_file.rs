//! The file of a journal.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use fs4::{FileExt, TryLockError};

use super::error::JournalErrorKind;
use super::header::Header;
use super::record::RecordHeader;
use crate::sync::lock;

/// Bounds how much of a file with another header is read to tell why it differs, in bytes.
const MAX_HEADER_LEN: u64 = 1 << 20;

/// An open file, which no other job is using.
#[derive(Debug)]
pub(super) struct JournalFile {
    path: PathBuf,
    file: Mutex<File>,
    /// The first error of an append. After it, nothing is appended.
    failed: OnceLock<String>,
}

/// A record in the file.
#[derive(Clone, Debug)]
pub(super) struct StoredRecord {
    pub(super) header: RecordHeader,
    /// Where the payload begins in the file.
    pub(super) payload_at: u64,
}

impl JournalFile {
    /// Opens the journal at `path` for the work of the `header`. Returns it with its records.
    ///
    /// A missing file is created. So is one with a part of the header, which a process leaves if it
    /// is killed while it writes the header. A torn record at the end is cut off. Any other file is
    /// left untouched.
    pub(super) fn open(
        path: &Path,
        header: &Header,
    ) -> Result<(Self, Vec<StoredRecord>), JournalErrorKind> {
        let journal = Self::new(path, open(path)?);
        journal.lock()?;
        let records = journal.read_or_begin(header)?;
        Ok((journal, records))
    }

    fn new(path: &Path, file: File) -> Self {
        Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            failed: OnceLock::new(),
        }
    }

    /// Locks the file, so that no other job can use it.
    fn lock(&self) -> Result<(), JournalErrorKind> {
        match FileExt::try_lock(&*lock(&self.file)) {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => Err(JournalErrorKind::InUse),
            // Some file systems have no locks.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(()),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Returns the records in the file if it begins with the `header`. Writes the header if the
    /// file holds only a part of it, or nothing.
    fn read_or_begin(&self, header: &Header) -> Result<Vec<StoredRecord>, JournalErrorKind> {
        let mut file = lock(&self.file);
        let expected = header.to_bytes();
        let mut found = Vec::new();
        (&*file)
            .take(expected.len() as u64)
            .read_to_end(&mut found)?;
        if found == expected {
            return Ok(read_records(&file, expected.len() as u64)?);
        }
        if expected.starts_with(&found) {
            file.set_len(0)?;
            append(&mut file, &expected)?;
            return Ok(Vec::new());
        }
        (&*file).take(MAX_HEADER_LEN).read_to_end(&mut found)?;
        Err(header.mismatch(&found))
    }

    /// Fills `bytes` from the file, beginning at `at`.
    pub(super) fn read(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(bytes)
    }

    /// Appends `bytes`. Keeps the error if that fails, and appends nothing more: no record could be
    /// found behind a part of another.
    pub(super) fn append(&self, bytes: &[u8]) {
        let mut file = lock(&self.file);
        if bytes.is_empty() || self.failed.get().is_some() {
            return;
        }
        if let Err(error) = append(&mut file, bytes) {
            _ = self.failed.set(error.to_string());
        }
    }

    /// # Panics
    ///
    /// Panics if an append failed.
    pub(super) fn panic_if_failed(&self) {
        if let Some(error) = self.failed.get() {
            self.panic_with(error);
        }
    }

    /// # Panics
    ///
    /// Always panics, with the path and the `error`.
    pub(super) fn panic_with(&self, error: impl fmt::Display) -> ! {
        panic!("journal `{}`: {error}", self.path.display());
    }
}

impl Drop for JournalFile {
    fn drop(&mut self) {
        // Otherwise the lock would last until every copy of the file is closed, and a process that
        // is being started holds a copy for a moment.
        _ = FileExt::unlock(&*lock(&self.file));
    }
}

/// Opens the file at `path`, or creates it if it is missing.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        // Where files cannot be locked, this keeps two jobs that use the file at once from writing
        // into each other's records. On Windows it would prevent that a torn end is cut off.
        .append(cfg!(unix))
        .create(true)
        .truncate(false)
        .open(path)
}

/// Reads the records of the `file`, beginning at `at`, and cuts the file behind the last intact
/// one.
///
/// Damaged records before that are skipped. If the length of a record is damaged, the records
/// behind it cannot be found.
fn read_records(file: &File, mut at: u64) -> io::Result<Vec<StoredRecord>> {
    let len = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let mut payload = Vec::new();
    let mut records = Vec::new();
    let mut end = at;
    while let Some((header, is_intact)) =
        RecordHeader::read_next(&mut reader, len - at, &mut payload)?
    {
        at += RecordHeader::LEN as u64;
        let record = StoredRecord {
            header,
            payload_at: at,
        };
        at += payload.len() as u64;
        if is_intact {
            records.push(record);
            end = at;
        }
    }
    if end < len {
        file.set_len(end)?;
    }
    Ok(records)
}

fn append(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::End(0))?;
    file.write_all(bytes)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_failed_append_is_remembered() {
        let path = Path::new("/dev/full");
        let journal = JournalFile::new(path, OpenOptions::new().write(true).open(path).unwrap());
        journal.panic_if_failed();
        journal.append(b"");
        journal.panic_if_failed();
        journal.append(b"something");
        let failed =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| journal.panic_if_failed()));
        let message = failed.unwrap_err().downcast::<String>().unwrap();
        assert!(
            message.starts_with("journal `/dev/full`: No space left"),
            "{message}"
        );
    }
}
