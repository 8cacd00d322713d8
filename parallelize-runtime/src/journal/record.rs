//! Records: results of consecutive items, on their way to the file.

use std::io::{self, Read};
use std::mem;

use crate::encoding::digest::checksum;

/// The beginning of a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RecordHeader {
    /// The position of the first item.
    pub(super) start: u64,
    /// How many items there are, at least one.
    pub(super) items: u64,
    /// How many bytes the payload has.
    pub(super) bytes: u64,
}

impl RecordHeader {
    /// How many bytes it has.
    pub(super) const LEN: usize = 4 * 8;

    /// With the checksum of itself and of the `payload`.
    fn to_bytes(self, payload: &[u8]) -> [[u8; 8]; 4] {
        let [start, items, bytes] = [self.start, self.items, self.bytes].map(u64::to_le_bytes);
        let sum = checksum(&[&start, &items, &bytes, payload]);
        [start, items, bytes, sum.to_le_bytes()]
    }

    /// The next one of the `left` bytes in `file`, with its `payload`, unless it is torn; and whether
    /// they are as they were written.
    pub(super) fn next(
        file: &mut impl Read,
        left: u64,
        payload: &mut Vec<u8>,
    ) -> io::Result<Option<(Self, bool)>> {
        let mut found = [[0; 8]; 4];
        let Some(left) = left.checked_sub(Self::LEN as u64) else {
            return Ok(None);
        };
        file.read_exact(found.as_flattened_mut())?;
        let [start, items, bytes, _] = found.map(u64::from_le_bytes);
        let head = Self {
            start,
            items,
            bytes,
        };
        if bytes > left {
            return Ok(None);
        }
        payload.clear();
        file.take(bytes).read_to_end(payload)?;
        let is_whole = items > 0 && head.to_bytes(payload) == found;
        Ok(Some((head, is_whole)))
    }

    /// The position behind the last item.
    pub(super) fn end(&self) -> u64 {
        self.start.saturating_add(self.items)
    }
}

/// Records that are not in the file yet.
#[derive(Debug, Default)]
pub(super) struct Page {
    bytes: Vec<u8>,
    /// The last record, and where its payload begins.
    last: Option<(RecordHeader, usize)>,
}

impl Page {
    /// Adds the `entry` of the item at `position`: how many bytes there are now.
    pub(super) fn add(&mut self, position: u64, entry: &[u8]) -> usize {
        if self.last.is_none_or(|(head, _)| head.end() != position) {
            self.begin(position);
        }
        self.bytes.extend_from_slice(entry);
        if let Some((head, _)) = &mut self.last {
            head.items += 1;
        }
        self.bytes.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Moves all records to the end of `into`.
    pub(super) fn take(&mut self, into: &mut Vec<u8>) {
        self.finish();
        if into.is_empty() {
            mem::swap(into, &mut self.bytes);
        } else {
            into.append(&mut self.bytes);
        }
    }

    fn begin(&mut self, start: u64) {
        self.finish();
        let head = RecordHeader {
            start,
            items: 0,
            bytes: 0,
        };
        // What stands there is written when it is known.
        self.bytes.extend([0; RecordHeader::LEN]);
        self.last = Some((head, self.bytes.len()));
    }

    fn finish(&mut self) {
        let Some((mut head, at)) = self.last.take() else {
            return;
        };
        let payload = &self.bytes[at..];
        head.bytes = payload.len() as u64;
        let head = head.to_bytes(payload);
        let head = head.as_flattened();
        self.bytes[at - head.len()..at].copy_from_slice(head);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The heads and payloads in `bytes` that are whole, and how many bytes are left behind all.
    fn read(bytes: &[u8]) -> (Vec<(RecordHeader, Vec<u8>)>, usize) {
        let (mut left, mut payload, mut found) = (bytes, Vec::new(), Vec::new());
        let mut end = left;
        while let Some((head, is_whole)) =
            RecordHeader::next(&mut left, end.len() as u64, &mut payload).unwrap()
        {
            found.extend(is_whole.then(|| (head, payload.clone())));
            end = left;
        }
        (found, end.len())
    }

    fn page() -> Vec<u8> {
        let mut page = Page::default();
        for position in [3_u8, 4, 5, 9, 7, 8] {
            page.add(position.into(), &vec![7; position.into()]);
        }
        let mut bytes = Vec::new();
        page.take(&mut bytes);
        assert!(page.is_empty());
        bytes
    }

    #[test]
    fn what_is_consecutive_is_one_record() {
        let head = |start, items, bytes: u8| {
            let payload = vec![7; bytes.into()];
            let bytes = bytes.into();
            (
                RecordHeader {
                    start,
                    items,
                    bytes,
                },
                payload,
            )
        };
        let expected = vec![head(3, 3, 12), head(9, 1, 9), head(7, 2, 15)];
        assert_eq!(read(&page()), (expected, 0));
    }

    #[test]
    fn a_torn_record_is_none() {
        let bytes = page();
        let whole = read(&bytes).0;
        for end in 0..bytes.len() {
            let (found, left) = read(&bytes[..end]);
            assert!(whole.starts_with(&found) && found.len() < whole.len());
            let known: u64 = found
                .iter()
                .map(|(head, _)| RecordHeader::LEN as u64 + head.bytes)
                .sum();
            assert_eq!(left as u64 + known, end as u64);
        }
        // Of nothing but zeros, as many are passed over as fit.
        assert_eq!(read(&[0; 100]), (vec![], 100 % RecordHeader::LEN));
    }

    #[test]
    fn a_changed_record_is_none() {
        let bytes = page();
        let whole = read(&bytes).0;
        let mut start = 0;
        for (i, (_, payload)) in whole.iter().enumerate() {
            let len = RecordHeader::LEN + payload.len();
            // What is before it is there, and what is behind it, unless it says how far that is.
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
