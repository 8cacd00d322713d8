//! The results in a journal, in the order of their items.

use std::iter::Peekable;
use std::sync::Arc;
use std::vec;

use super::codec::Codec;
use super::error::JournalErrorKind;
use super::journal_file::JournalFile;
use super::record::StoredRecord;
use crate::encoding::ErrorText;

/// Reads the results in a journal, one record at a time.
#[derive(Debug)]
pub(super) struct StoredResults {
    file: Arc<JournalFile>,
    /// The records that are not opened yet, by their first positions.
    records: Peekable<vec::IntoIter<StoredRecord>>,
    /// The position behind the last item that has a result.
    end: u64,
    /// The position of the next entry in the open record.
    position: u64,
    /// The number of entries in the open record that are not read yet.
    entries_left: u64,
    /// The payload of the open record.
    payload: Vec<u8>,
    /// How much of the payload is read, in bytes.
    read: usize,
}

impl StoredResults {
    pub(super) fn new(file: Arc<JournalFile>, mut records: Vec<StoredRecord>) -> Self {
        records.sort_by_key(|record| record.head.start);
        let ends = records.iter().map(|record| record.head.end());
        let end = ends.max().unwrap_or(0);
        Self::unopened(file, records.into_iter().peekable(), end)
    }

    /// Returns another reader of the same results. Nothing may have been taken from this one yet.
    pub(super) fn fresh_copy(&self) -> Self {
        Self::unopened(Arc::clone(&self.file), self.records.clone(), self.end)
    }

    fn unopened(
        file: Arc<JournalFile>,
        records: Peekable<vec::IntoIter<StoredRecord>>,
        end: u64,
    ) -> Self {
        Self {
            file,
            records,
            end,
            position: 0,
            entries_left: 0,
            payload: Vec::new(),
            read: 0,
        }
    }

    pub(super) fn file(&self) -> &JournalFile {
        &self.file
    }

    /// Returns the position behind the last item that has a result.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Takes the digest of the item at `position` and its result, if they are stored. `position`
    /// has to rise from call to call.
    pub(super) fn take_at<R, C: Codec<R>>(
        &mut self,
        position: u64,
    ) -> Result<Option<(u64, R)>, JournalErrorKind> {
        loop {
            while self.entries_left > 0 {
                let found = self.position;
                if found > position {
                    return Ok(None);
                }
                let entry =
                    self.next_entry::<R, C>()
                        .map_err(|reason| JournalErrorKind::Unfit {
                            what: format!("the stored result of item {found}"),
                            reason,
                        })?;
                if found == position {
                    return Ok(Some(entry));
                }
            }
            let is_due = |record: &StoredRecord| record.head.start <= position;
            match self.records.next_if(is_due) {
                Some(record) => self.open(&record)?,
                None => return Ok(None),
            }
        }
    }

    fn open(&mut self, record: &StoredRecord) -> Result<(), JournalErrorKind> {
        self.file.read_payload(record, &mut self.payload)?;
        self.position = record.head.start;
        self.entries_left = record.head.items;
        self.read = 0;
        Ok(())
    }

    /// Takes the next entry of the open record: a digest and a result.
    fn next_entry<R, C: Codec<R>>(&mut self) -> Result<(u64, R), ErrorText> {
        let entry = &self.payload[self.read..];
        let (digest, mut rest) = entry.split_first_chunk().ok_or("its end is missing")?;
        let result = C::decode(&mut rest)?;
        self.read = self.payload.len() - rest.len();
        self.position += 1;
        self.entries_left -= 1;
        Ok((u64::from_le_bytes(*digest), result))
    }
}
