//! What a journal knows, in the order of the items.

use std::iter::Peekable;
use std::sync::Arc;
use std::vec;

use super::codec::Codec;
use super::error::JournalErrorKind;
use super::journal_file::{JournalFile, Stored};
use super::record::RecordHeader;
use crate::encoding::Reason;

/// Reads what is stored, one record at a time.
#[derive(Debug)]
pub(super) struct StoredResults {
    disk: Arc<JournalFile>,
    stored: Peekable<vec::IntoIter<Stored>>,
    /// The record that is being read.
    head: RecordHeader,
    payload: Vec<u8>,
    /// How much of its payload is read.
    read: usize,
}

impl StoredResults {
    pub(super) fn new(disk: Arc<JournalFile>, mut stored: Vec<Stored>) -> Self {
        stored.sort_by_key(|stored| stored.head.start);
        Self {
            disk,
            stored: stored.into_iter().peekable(),
            head: RecordHeader {
                start: 0,
                items: 0,
                bytes: 0,
            },
            payload: Vec::new(),
            read: 0,
        }
    }

    /// The same from the beginning, of which nothing may be taken yet.
    pub(super) fn again(&self) -> Self {
        Self {
            disk: Arc::clone(&self.disk),
            stored: self.stored.clone(),
            head: self.head,
            payload: Vec::new(),
            read: 0,
        }
    }

    pub(super) fn disk(&self) -> &JournalFile {
        &self.disk
    }

    /// The position behind the last item that is known.
    pub(super) fn end(&self) -> u64 {
        let ends = self.stored.clone().map(|stored| stored.head.end());
        ends.max().unwrap_or(0)
    }

    /// The digest of the item at `position` and its result, if they are known. Positions have to rise.
    pub(super) fn take<R, C: Codec<R>>(
        &mut self,
        position: u64,
    ) -> Result<Option<(u64, R)>, JournalErrorKind> {
        loop {
            while self.head.items > 0 {
                let at = self.head.start;
                if at > position {
                    return Ok(None);
                }
                let entry = self
                    .entry::<R, C>()
                    .map_err(|reason| JournalErrorKind::Unfit {
                        what: format!("what it has as the result of item {at}"),
                        reason,
                    })?;
                if at == position {
                    return Ok(Some(entry));
                }
            }
            match self.stored.next_if(|next| next.head.start <= position) {
                Some(next) => self.open(&next)?,
                None => return Ok(None),
            }
        }
    }

    fn open(&mut self, stored: &Stored) -> Result<(), JournalErrorKind> {
        // It is in the file, and was in memory before.
        let len = usize::try_from(stored.head.bytes).expect("it fits into memory");
        self.payload.resize(len, 0);
        self.disk.read(stored.at, &mut self.payload)?;
        self.head = stored.head;
        self.read = 0;
        Ok(())
    }

    /// The next entry of the record.
    fn entry<R, C: Codec<R>>(&mut self) -> Result<(u64, R), Reason> {
        let entry = &self.payload[self.read..];
        let (digest, mut result) = entry.split_first_chunk().ok_or("it has no end")?;
        let decoded = C::decode(&mut result)?;
        self.read = self.payload.len() - result.len();
        self.head.start += 1;
        self.head.items -= 1;
        Ok((u64::from_le_bytes(*digest), decoded))
    }
}
