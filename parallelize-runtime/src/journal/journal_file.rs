//! The file of a journal.

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use fs4::{FileExt, TryLockError};

use super::error::JournalErrorKind;
use super::header::Header;
use super::record::StoredRecord;
use super::record_reader::RecordReader;
use crate::encoding::digest::checksum;
use crate::sync::lock;

/// Bounds the number of bytes that are read of another header, to find how it differs.
const MAX_HEADER_LEN: u64 = 1 << 20;

/// An open file, which no other job is using.
#[derive(Debug)]
pub(super) struct JournalFile {
    path: PathBuf,
    file: Mutex<File>,
    /// The header that the file has, or is to have.
    header: Vec<u8>,
    /// The first error of an append. After it, nothing is appended.
    failed: OnceLock<String>,
}

impl JournalFile {
    /// Opens the journal at `path` for the work of the `header`. Returns it with its records.
    ///
    /// A missing file is created. A file with a part of the header is taken for an empty one: a
    /// process leaves it if it is killed while it writes the header. The bytes of an existing file
    /// are left as they are. [`begin`](Self::begin) has to be called before anything is appended.
    pub(super) fn open(
        path: &Path,
        header: &Header,
    ) -> Result<(Self, Vec<StoredRecord>), JournalErrorKind> {
        let journal = Self::new(path, open(path)?, header.to_bytes());
        journal.lock()?;
        let records = journal.read_records(header)?;
        Ok((journal, records))
    }

    fn new(path: &Path, file: File, header: Vec<u8>) -> Self {
        Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            header,
            failed: OnceLock::new(),
        }
    }

    /// Returns the checksum of the header, which is a part of the checksum of each record's head.
    pub(super) fn header_sum(&self) -> u64 {
        self.header
            .last_chunk()
            .map_or(0, |sum| u64::from_le_bytes(*sum))
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

    /// Returns the intact records in the file if it begins with the `header`, and none if it holds
    /// only a part of the header.
    fn read_records(&self, header: &Header) -> Result<Vec<StoredRecord>, JournalErrorKind> {
        let file = &*lock(&self.file);
        let (expected, mut found) = (&self.header, Vec::new());
        let len = expected.len() as u64;
        file.take(len).read_to_end(&mut found)?;
        if found == *expected {
            let records = RecordReader::new(file, len, self.header_sum())?;
            return Ok(records.collect::<io::Result<_>>()?);
        }
        if expected.starts_with(&found) {
            return Ok(Vec::new());
        }
        file.take(MAX_HEADER_LEN).read_to_end(&mut found)?;
        Err(header.mismatch(&found))
    }

    /// Writes the header, or the part of it that the file lacks.
    pub(super) fn begin(&self) -> io::Result<()> {
        let mut file = lock(&self.file);
        let len = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        match self.header.get(len..) {
            Some(missing) => append(&mut file, missing),
            None => Ok(()),
        }
    }

    /// Reads the payload of `record` into `payload`.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, or if the payload has changed since the record
    /// was found.
    pub(super) fn read_payload(
        &self,
        record: &StoredRecord,
        payload: &mut Vec<u8>,
    ) -> io::Result<()> {
        let head = record.head;
        let len = usize::try_from(head.payload_len);
        let len = len.map_err(|_| io::Error::from(ErrorKind::OutOfMemory))?;
        // The record was intact, so its length is right.
        payload.resize(len, 0);
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(record.payload_at))?;
        file.read_exact(payload)?;
        if checksum(&[payload]) != head.payload_sum {
            let (first, last) = (head.start, head.end() - 1);
            let reason = format!("the results of the items {first} to {last} were changed");
            return Err(io::Error::new(ErrorKind::InvalidData, reason));
        }
        Ok(())
    }

    /// Appends `bytes`. Keeps the error if that fails, and appends nothing more: a job whose
    /// results are not all stored is going to fail.
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
///
/// Reading a pipe or a terminal could wait forever, and opening a device can change it. So `path`
/// is checked before it is opened. It is checked again afterwards, because it may be replaced in
/// between. Opening a pipe for reading and writing does not wait.
fn open(path: &Path) -> io::Result<File> {
    match fs::metadata(path) {
        Ok(metadata) => check_is_file(&metadata)?,
        Err(error) if error.kind() == ErrorKind::NotFound => (),
        Err(error) => return Err(error),
    }
    let file = OpenOptions::new()
        .read(true)
        // Where files cannot be locked, this keeps two jobs that use the file at once from writing
        // into each other's records.
        .append(true)
        .create(true)
        .open(path)?;
    check_is_file(&file.metadata()?)?;
    Ok(file)
}

fn check_is_file(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let (kind, other) = if metadata.is_dir() {
        (ErrorKind::IsADirectory, "a directory")
    } else {
        (ErrorKind::InvalidInput, "a pipe, a socket or a device")
    };
    let reason = format!("a journal is a regular file, and this is {other}");
    Err(io::Error::new(kind, reason))
}

fn append(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::End(0))?;
    file.write_all(bytes)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_appended_behind_a_failure() {
        let path = std::env::temp_dir().join(format!("failed-{}.journal", std::process::id()));
        let journal = JournalFile::new(&path, open(&path).unwrap(), Vec::new());
        journal.append(b"first");
        journal.failed.set("on purpose".to_owned()).unwrap();
        journal.append(b"second");
        let found = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(found, b"first");
    }

    #[test]
    fn a_failed_append_is_remembered() {
        let path = Path::new("/dev/full");
        let journal = JournalFile::new(
            path,
            OpenOptions::new().write(true).open(path).unwrap(),
            Vec::new(),
        );
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
