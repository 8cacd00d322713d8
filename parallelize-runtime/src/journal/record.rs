//! Records: the results of consecutive items, as they are in the file.

use std::io::{self, Read};
use std::mem;

use crate::encoding::digest::checksum;

/// The header of a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RecordHeader {
    /// The position of the first item.
    pub(super) start: u64,
    /// The number of items. At least one in every intact record.
    pub(super) items: u64,
    /// The length of the payload, in bytes.
    pub(super) payload_len: u64,
}

impl RecordHeader {
    /// The length of a header in the file, in bytes.
    pub(super) const LEN: usize = 4 * 8;

    /// Returns the header as it is in the file: with a checksum of itself and of the `payload`.
    fn to_bytes(self, payload: &[u8]) -> [[u8; 8]; 4] {
        let numbers = [self.start, self.items, self.payload_len];
        let [start, items, payload_len] = numbers.map(u64::to_le_bytes);
        let sum = checksum(&[&start, &items, &payload_len, payload]);
        [start, items, payload_len, sum.to_le_bytes()]
    }

    /// Reads the next record from `file`, which has `left` more bytes, and puts its payload into
    /// `payload`. Returns its header and whether the record is intact, or nothing if it is torn.
    pub(super) fn read_next(
        file: &mut impl Read,
        left: u64,
        payload: &mut Vec<u8>,
    ) -> io::Result<Option<(Self, bool)>> {
        let mut found = [[0; 8]; 4];
        let Some(left) = left.checked_sub(Self::LEN as u64) else {
            return Ok(None);
        };
        file.read_exact(found.as_flattened_mut())?;
        let [start, items, payload_len, _] = found.map(u64::from_le_bytes);
        let header = Self {
            start,
            items,
            payload_len,
        };
        if payload_len > left {
            return Ok(None);
        }
        payload.clear();
        file.take(payload_len).read_to_end(payload)?;
        let is_intact = items > 0 && header.to_bytes(payload) == found;
        Ok(Some((header, is_intact)))
    }

    /// Returns the position behind the last item.
    pub(super) fn end(&self) -> u64 {
        self.start.saturating_add(self.items)
    }
}

/// Records that are not in the file yet. Entries of consecutive items join one record.
#[derive(Debug, Default)]
pub(super) struct Page {
    bytes: Vec<u8>,
    /// The header of the last record, and where its payload begins in `bytes`.
    last: Option<(RecordHeader, usize)>,
}

impl Page {
    /// Adds the `entry` of the item at `position`. Returns the length of the page, in bytes.
    pub(super) fn add(&mut self, position: u64, entry: &[u8]) -> usize {
        if self.last.is_none_or(|(header, _)| header.end() != position) {
            self.begin_record(position);
        }
        self.bytes.extend_from_slice(entry);
        if let Some((header, _)) = &mut self.last {
            header.items += 1;
        }
        self.bytes.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Moves all records to the end of `into`.
    pub(super) fn drain_into(&mut self, into: &mut Vec<u8>) {
        self.finish_record();
        if into.is_empty() {
            mem::swap(into, &mut self.bytes);
        } else {
            into.append(&mut self.bytes);
        }
    }

    fn begin_record(&mut self, start: u64) {
        self.finish_record();
        let header = RecordHeader {
            start,
            items: 0,
            payload_len: 0,
        };
        // Reserves the header's place. `finish_record` fills it.
        self.bytes.extend([0; RecordHeader::LEN]);
        self.last = Some((header, self.bytes.len()));
    }

    fn finish_record(&mut self) {
        let Some((mut header, payload_at)) = self.last.take() else {
            return;
        };
        let payload = &self.bytes[payload_at..];
        header.payload_len = payload.len() as u64;
        let header = header.to_bytes(payload);
        let place = payload_at - RecordHeader::LEN..payload_at;
        self.bytes[place].copy_from_slice(header.as_flattened());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the intact headers and payloads in `bytes`, and the number of bytes behind the last
    /// record that is not torn.
    fn read(bytes: &[u8]) -> (Vec<(RecordHeader, Vec<u8>)>, usize) {
        let (mut left, mut payload, mut found) = (bytes, Vec::new(), Vec::new());
        let mut rest = left;
        while let Some((header, is_intact)) =
            RecordHeader::read_next(&mut left, rest.len() as u64, &mut payload).unwrap()
        {
            found.extend(is_intact.then(|| (header, payload.clone())));
            rest = left;
        }
        (found, rest.len())
    }

    fn page() -> Vec<u8> {
        let mut page = Page::default();
        for position in [3_u8, 4, 5, 9, 7, 8] {
            page.add(position.into(), &vec![7; position.into()]);
        }
        let mut bytes = Vec::new();
        page.drain_into(&mut bytes);
        assert!(page.is_empty());
        bytes
    }

    #[test]
    fn entries_of_consecutive_items_are_one_record() {
        let record = |start, items, len: u8| {
            let header = RecordHeader {
                start,
                items,
                payload_len: len.into(),
            };
            (header, vec![7; len.into()])
        };
        let expected = vec![record(3, 3, 12), record(9, 1, 9), record(7, 2, 15)];
        assert_eq!(read(&page()), (expected, 0));
    }

    #[test]
    fn a_torn_record_is_ignored() {
        let bytes = page();
        let whole = read(&bytes).0;
        for end in 0..bytes.len() {
            let (found, left) = read(&bytes[..end]);
            assert!(whole.starts_with(&found) && found.len() < whole.len());
            let read: u64 = found
                .iter()
                .map(|(header, _)| RecordHeader::LEN as u64 + header.payload_len)
                .sum();
            assert_eq!(left as u64 + read, end as u64);
        }
        // Zeros read as damaged records without a payload, and these are skipped.
        assert_eq!(read(&[0; 100]), (vec![], 100 % RecordHeader::LEN));
    }

    #[test]
    fn a_changed_record_is_ignored() {
        let bytes = page();
        let whole = read(&bytes).0;
        let mut start = 0;
        for (i, (_, payload)) in whole.iter().enumerate() {
            let len = RecordHeader::LEN + payload.len();
            // The other records are found, unless the change hides where the next ones begin.
            let (before, behind) = (&whole[..i], &whole[i + 1..]);
            for (at, change) in (0..len).flat_map(|at| [1, 0x80, 0xff].map(|change| (at, change))) {
                let mut bytes = bytes.clone();
                bytes[start + at] ^= change;
                let found = read(&bytes).0;
                if (16..24).contains(&at) {
                    assert_eq!(found, before, "byte {at} of record {i}");
                } else {
                    assert_eq!(found, [before, behind].concat(), "byte {at} of record {i}");
                }
            }
            start += len;
        }
    }
}
