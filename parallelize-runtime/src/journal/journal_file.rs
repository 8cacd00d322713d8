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

/// More than any header is long.
const LONGEST_HEADER: u64 = 1 << 20;

/// An open file that no other job has.
#[derive(Debug)]
pub(super) struct JournalFile {
    path: PathBuf,
    file: Mutex<File>,
    /// Why nothing is added any more.
    failed: OnceLock<String>,
}

/// Where the results of consecutive items are in the file.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) head: RecordHeader,
    /// Where the payload is.
    pub(super) at: u64,
}

impl JournalFile {
    /// The journal at `path`, of the work that `header` says, and what is in it.
    ///
    /// A file that is missing, or that was left while the header was written, becomes one; a torn end
    /// is cut; and what is anything else is left as it is.
    pub(super) fn open(
        path: &Path,
        header: &Header,
    ) -> Result<(Self, Vec<Stored>), JournalErrorKind> {
        let disk = Self::new(path, open(path)?);
        disk.lock()?;
        let stored = disk.begin(header)?;
        Ok((disk, stored))
    }

    fn new(path: &Path, file: File) -> Self {
        Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            failed: OnceLock::new(),
        }
    }

    /// Sees to it that nobody else has the file.
    fn lock(&self) -> Result<(), JournalErrorKind> {
        match FileExt::try_lock(&*lock(&self.file)) {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => Err(JournalErrorKind::InUse),
            // Some file systems have no locks.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(()),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// What is in the file, if that begins with the `header`.
    fn begin(&self, header: &Header) -> Result<Vec<Stored>, JournalErrorKind> {
        let mut file = lock(&self.file);
        let expected = header.to_bytes();
        let mut found = Vec::new();
        (&*file)
            .take(expected.len() as u64)
            .read_to_end(&mut found)?;
        if found == expected {
            return Ok(stored(&file, expected.len() as u64)?);
        }
        if expected.starts_with(&found) {
            file.set_len(0)?;
            append(&mut file, &expected)?;
            return Ok(Vec::new());
        }
        (&*file).take(LONGEST_HEADER).read_to_end(&mut found)?;
        Err(header.why_not(&found))
    }

    /// Fills `bytes` with what is in the file from `at` on.
    pub(super) fn read(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(bytes)
    }

    /// Adds `bytes`. If that fails it is noted, and nothing more is added: behind a part of a record
    /// nothing would be found again.
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
    /// If there was something that could not be added.
    pub(super) fn panic_if_failed(&self) {
        if let Some(error) = self.failed.get() {
            self.fail(error);
        }
    }

    /// # Panics
    ///
    /// With the path and the `error`.
    pub(super) fn fail(&self, error: impl fmt::Display) -> ! {
        panic!("journal `{}`: {error}", self.path.display());
    }
}

impl Drop for JournalFile {
    fn drop(&mut self) {
        // By itself this comes when all have closed the file, and a process that is being started has
        // it, too, for a moment.
        _ = FileExt::unlock(&*lock(&self.file));
    }
}

/// The file at `path`, which is created if it is missing.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        // Where no file can be locked, two that use it at once do not write into each other's
        // records. On Windows it would keep a torn end from being cut.
        .append(cfg!(unix))
        .create(true)
        .truncate(false)
        .open(path)
}

/// What is stored in the `file` from `at` on. It is cut behind the last record that is whole. Damaged
/// ones before that are passed over, unless their length is what is damaged: then that was the last.
fn stored(file: &File, mut at: u64) -> io::Result<Vec<Stored>> {
    let len = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let mut payload = Vec::new();
    let mut stored = Vec::new();
    let mut end = at;
    while let Some((head, is_whole)) = RecordHeader::next(&mut reader, len - at, &mut payload)? {
        at += RecordHeader::LEN as u64;
        let record = Stored { head, at };
        at += payload.len() as u64;
        if is_whole {
            stored.push(record);
            end = at;
        }
    }
    if end < len {
        file.set_len(end)?;
    }
    Ok(stored)
}

fn append(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::End(0))?;
    file.write_all(bytes)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_noted_for_good() {
        let path = Path::new("/dev/full");
        let disk = JournalFile::new(path, OpenOptions::new().write(true).open(path).unwrap());
        disk.panic_if_failed();
        disk.append(b"");
        disk.panic_if_failed();
        disk.append(b"something");
        let failed =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| disk.panic_if_failed()));
        let message = failed.unwrap_err().downcast::<String>().unwrap();
        assert!(
            message.starts_with("journal `/dev/full`: No space left"),
            "{message}"
        );
    }
}
