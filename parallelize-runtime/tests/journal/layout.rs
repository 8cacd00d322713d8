//! The layout of a journal, as its documentation has it: finds the records in a file and makes
//! others.

use std::hash::Hasher;
use std::ops::Range;

use siphasher::sip::SipHasher13;

const MARKER: &[u8; 8] = b"\xc1record\n";

/// The length of a record's head, in bytes.
pub(crate) const HEAD: usize = 48;

/// A record in a file.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// Where it is in the file.
    pub(crate) bytes: Range<usize>,
    /// The positions of its items.
    pub(crate) items: Range<u64>,
}

/// Returns the length of the header and the records of an undamaged file.
pub(crate) fn layout(file: &[u8]) -> (usize, Vec<Record>) {
    let is_marker = |at: &usize| file[*at..].starts_with(MARKER);
    let header = (0..file.len()).find(is_marker).unwrap_or(file.len());
    let mut records = Vec::new();
    let mut at = header;
    while at < file.len() {
        assert!(is_marker(&at));
        let [start, items, len] = [1, 2, 3].map(|field| number(&file[at + 8 * field..]));
        let end = at + HEAD + usize::try_from(len).unwrap();
        records.push(Record {
            bytes: at..end,
            items: start..start + items,
        });
        at = end;
    }
    (header, records)
}

/// Returns the number at the beginning of `bytes`.
pub(crate) fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(*bytes.first_chunk().unwrap())
}

/// Returns the checksum of `bytes`.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    let mut hash = SipHasher13::new();
    hash.write(bytes);
    hash.finish()
}

/// Returns a head whose checksum holds in a file with this `header`.
pub(crate) fn head(header: &[u8], [start, items, len, sum]: [u64; 4]) -> Vec<u8> {
    let numbers = [start, items, len, sum].map(u64::to_le_bytes);
    let fields = [MARKER, numbers.as_flattened()].concat();
    let sum = checksum(&[header.last_chunk::<8>().unwrap(), &*fields].concat());
    [&*fields, &sum.to_le_bytes()].concat()
}

/// Returns an intact record with this `payload` for a file with this `header`.
pub(crate) fn record(header: &[u8], start: u64, items: u64, payload: &[u8]) -> Vec<u8> {
    let numbers = [start, items, payload.len() as u64, checksum(payload)];
    [&head(header, numbers), payload].concat()
}
