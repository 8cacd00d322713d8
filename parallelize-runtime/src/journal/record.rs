//! Records: the results of consecutive items, as they are in the file.

use std::mem;

use crate::encoding::digest::checksum;

/// The first bytes of every record, by which a reader finds it. The first of them is rare: it
/// occurs in no text, and the encoding of values does not use it between them.
pub(super) const MARKER: [u8; 8] = *b"\xc1record\n";

/// The head of a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RecordHead {
    /// The position of the first item.
    pub(super) start: u64,
    /// The number of items, at least one.
    pub(super) items: u64,
    /// The length of the payload, in bytes.
    pub(super) payload_len: u64,
    /// The checksum of the payload.
    pub(super) payload_sum: u64,
}

/// A record in the file. It was intact when it was found.
#[derive(Clone, Debug)]
pub(super) struct StoredRecord {
    pub(super) head: RecordHead,
    /// Where the payload begins in the file.
    pub(super) payload_at: u64,
}

/// The bytes of a record's head, as they are in the file.
pub(super) type HeadBytes = [[u8; 8]; 6];

impl RecordHead {
    /// The length of a head in the file, in bytes.
    pub(super) const LEN: usize = size_of::<HeadBytes>();

    /// Returns the head as it is in a file whose header has the checksum `header_sum`.
    pub(super) fn to_bytes(self, header_sum: u64) -> HeadBytes {
        let numbers = [self.start, self.items, self.payload_len, self.payload_sum];
        let [start, items, payload_len, payload_sum] = numbers.map(u64::to_le_bytes);
        let fields = [MARKER, start, items, payload_len, payload_sum];
        let sum = checksum(&[&header_sum.to_le_bytes(), fields.as_flattened()]);
        [
            MARKER,
            start,
            items,
            payload_len,
            payload_sum,
            sum.to_le_bytes(),
        ]
    }

    /// Parses the head of a record in a file whose header has the checksum `header_sum`. Returns
    /// `None` if `bytes` are no head, or one that the crate does not write.
    pub(super) fn parse(bytes: &HeadBytes, header_sum: u64) -> Option<Self> {
        let [marker, start, items, payload_len, payload_sum, _] = *bytes;
        if marker != MARKER {
            return None;
        }
        let head = Self {
            start: u64::from_le_bytes(start),
            items: u64::from_le_bytes(items),
            payload_len: u64::from_le_bytes(payload_len),
            payload_sum: u64::from_le_bytes(payload_sum),
        };
        // Each entry begins with a digest.
        let most_items = head.payload_len / size_of::<u64>() as u64;
        let is_plausible =
            (1..=most_items).contains(&head.items) && head.start.checked_add(head.items).is_some();
        (is_plausible && head.to_bytes(header_sum) == *bytes).then_some(head)
    }

    /// Returns the position behind the last item.
    pub(super) fn end(&self) -> u64 {
        self.start + self.items
    }
}

/// Records that are not in the file yet. Entries of consecutive items join one record.
#[derive(Debug)]
pub(super) struct Page {
    bytes: Vec<u8>,
    /// The record that is not finished.
    last: Option<Begun>,
    /// The checksum of the file's header.
    header_sum: u64,
}

/// A record whose head is not written yet.
#[derive(Clone, Copy, Debug)]
struct Begun {
    start: u64,
    items: u64,
    /// Where the payload begins in the page.
    payload_at: usize,
}

impl Page {
    /// Makes an empty page for a file whose header has the checksum `header_sum`.
    pub(super) fn new(header_sum: u64) -> Self {
        Self {
            bytes: Vec::new(),
            last: None,
            header_sum,
        }
    }

    /// Adds the `entry` of the item at `position`. Returns the length of the page, in bytes.
    pub(super) fn add(&mut self, position: u64, entry: &[u8]) -> usize {
        let is_next = |begun: &Begun| begun.start + begun.items == position;
        if !self.last.as_ref().is_some_and(is_next) {
            self.begin_record(position);
        }
        self.bytes.extend_from_slice(entry);
        if let Some(begun) = &mut self.last {
            begun.items += 1;
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
        // Reserves the head's place. `finish_record` fills it.
        self.bytes.extend([0; RecordHead::LEN]);
        self.last = Some(Begun {
            start,
            items: 0,
            payload_at: self.bytes.len(),
        });
    }

    fn finish_record(&mut self) {
        let Some(begun) = self.last.take() else {
            return;
        };
        let payload = &self.bytes[begun.payload_at..];
        let head = RecordHead {
            start: begun.start,
            items: begun.items,
            payload_len: payload.len() as u64,
            payload_sum: checksum(&[payload]),
        };
        let head = head.to_bytes(self.header_sum);
        let place = begun.payload_at - RecordHead::LEN..begun.payload_at;
        self.bytes[place].copy_from_slice(head.as_flattened());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER_SUM: u64 = 99;

    fn head() -> RecordHead {
        RecordHead {
            start: 3,
            items: 2,
            payload_len: 20,
            payload_sum: 77,
        }
    }

    #[test]
    fn a_head_is_parsed_only_if_every_bit_is_right() {
        let bytes = head().to_bytes(HEADER_SUM);
        assert_eq!(RecordHead::parse(&bytes, HEADER_SUM), Some(head()));
        assert_eq!(RecordHead::parse(&bytes, HEADER_SUM + 1), None);
        for bit in 0..8 * RecordHead::LEN {
            let mut bytes = bytes;
            bytes.as_flattened_mut()[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(RecordHead::parse(&bytes, HEADER_SUM), None, "bit {bit}");
        }
        assert_eq!(RecordHead::parse(&[[0; 8]; 6], 0), None);
    }

    #[test]
    fn a_head_that_no_process_writes_is_refused() {
        let parsed = |change: fn(&mut RecordHead)| {
            let mut head = head();
            change(&mut head);
            RecordHead::parse(&head.to_bytes(HEADER_SUM), HEADER_SUM).is_some()
        };
        assert!(parsed(|_| ()));
        assert!(!parsed(|head| head.items = 0));
        // Two digests fit into 20 bytes.
        assert!(!parsed(|head| head.items = 3));
        assert!(!parsed(|head| head.items = u64::MAX));
        assert!(parsed(|head| head.start = u64::MAX - 2));
        assert!(!parsed(|head| head.start = u64::MAX - 1));
    }

    #[test]
    fn entries_of_consecutive_items_are_one_record() {
        let mut page = Page::new(HEADER_SUM);
        let mut expected = Vec::new();
        let records: [&[u64]; 3] = [&[3, 4, 5], &[9], &[7, 8]];
        for positions in records {
            let entry = |position: u64| position.to_le_bytes();
            for position in positions {
                page.add(*position, &entry(*position));
            }
            let payload: Vec<_> = positions.iter().flat_map(|at| entry(*at)).collect();
            let head = RecordHead {
                start: positions[0],
                items: positions.len() as u64,
                payload_len: payload.len() as u64,
                payload_sum: checksum(&[&payload]),
            };
            expected.extend_from_slice(head.to_bytes(HEADER_SUM).as_flattened());
            expected.extend(payload);
        }
        let mut bytes = b"before".to_vec();
        page.drain_into(&mut bytes);
        assert!(page.is_empty());
        assert_eq!(bytes, [b"before", &*expected].concat());
    }
}
