//! Finds the intact records in a file, whatever lies between them.

use std::hash::Hasher;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use siphasher::sip::SipHasher13;

use super::record::{HeadBytes, MARKER, RecordHead, StoredRecord};

/// How much of the file is read at once, in bytes.
const BUFFER: usize = 64 << 10;

/// Bounds how much of a payload is hashed at once, in bytes.
const PIECE: usize = 4 << 10;

/// Reads the intact records of a file in their order.
///
/// Whatever is not an intact record is skipped up to the next [`MARKER`]: damage, a torn record, or
/// anything else. A length counts only if the checksum of its head holds, and no payload is kept.
pub(super) struct RecordReader<F> {
    reader: BufReader<F>,
    /// Where `reader` is in the file.
    position: u64,
    /// The length of the file, in bytes.
    len: u64,
    /// The checksum of the file's header.
    header_sum: u64,
}

impl<F: Read + Seek> RecordReader<F> {
    /// Makes a reader of the records in `file`, the first of which may begin at `start`.
    pub(super) fn new(mut file: F, start: u64, header_sum: u64) -> io::Result<Self> {
        let len = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(start))?;
        Ok(Self {
            reader: BufReader::with_capacity(BUFFER, file),
            position: start,
            len,
            header_sum,
        })
    }

    fn next_record(&mut self) -> io::Result<Option<StoredRecord>> {
        while self.find_first_byte()? {
            let behind_first_byte = self.position;
            if let Some(record) = self.try_record()? {
                return Ok(Some(record));
            }
            // The next record may begin in what looked like this one.
            self.go_back_to(behind_first_byte)?;
        }
        Ok(None)
    }

    /// Skips everything up to the first byte of the next marker, and this byte. Returns whether a
    /// head fits in behind.
    fn find_first_byte(&mut self) -> io::Result<bool> {
        self.position += self.reader.skip_until(MARKER[0])? as u64;
        Ok(self.left() >= (RecordHead::LEN - 1) as u64)
    }

    /// Reads the record whose first byte was skipped, if it is an intact one.
    fn try_record(&mut self) -> io::Result<Option<StoredRecord>> {
        let mut head = HeadBytes::default();
        let bytes = head.as_flattened_mut();
        bytes[0] = MARKER[0];
        self.read_exact(&mut bytes[1..])?;
        let Some(head) = RecordHead::parse(&head, self.header_sum) else {
            return Ok(None);
        };
        let payload_at = self.position;
        let is_intact =
            head.payload_len <= self.left() && self.checksum(head.payload_len)? == head.payload_sum;
        Ok(is_intact.then_some(StoredRecord { head, payload_at }))
    }

    /// Returns the checksum of the next `len` bytes.
    fn checksum(&mut self, len: u64) -> io::Result<u64> {
        // Hashes piece by piece what `digest::checksum` hashes at once.
        let mut hash = SipHasher13::new();
        let mut piece = [0; PIECE];
        let end = self.position + len;
        while self.position < end {
            let left = usize::try_from(end - self.position).unwrap_or(PIECE);
            let piece = &mut piece[..left.min(PIECE)];
            self.read_exact(piece)?;
            hash.write(piece);
        }
        Ok(hash.finish())
    }

    /// Returns the number of bytes from here to the end of the file.
    fn left(&self) -> u64 {
        self.len.saturating_sub(self.position)
    }

    fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.reader.read_exact(bytes)?;
        self.position += bytes.len() as u64;
        Ok(())
    }

    fn go_back_to(&mut self, position: u64) -> io::Result<()> {
        let back = i64::try_from(self.position - position).expect("files are not that long");
        self.position = position;
        // Unlike `seek`, this keeps the buffer.
        self.reader.seek_relative(-back)
    }
}

impl<F: Read + Seek> Iterator for RecordReader<F> {
    type Item = io::Result<StoredRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_record().transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::journal::record::Page;

    const HEADER_SUM: u64 = 99;

    /// Returns three records, each by itself.
    fn records() -> [Vec<u8>; 3] {
        let mut page = Page::new(HEADER_SUM);
        [(3_u64, 2), (9, 1), (7, 700)].map(|(start, items)| {
            for position in start..start + items {
                page.add(
                    position,
                    &[&position.to_le_bytes()[..], b"\xc1result"].concat(),
                );
            }
            let mut bytes = Vec::new();
            page.drain_into(&mut bytes);
            bytes
        })
    }

    /// Returns the first positions of the intact records in `bytes`, behind some other bytes.
    fn found(bytes: &[u8]) -> Vec<u64> {
        let file = Cursor::new([&[MARKER[0]; 5], bytes].concat());
        let reader = RecordReader::new(file, 5, HEADER_SUM).unwrap();
        reader.map(|record| record.unwrap().head.start).collect()
    }

    #[test]
    fn every_changed_bit_loses_one_record() {
        let records = records();
        let starts = [3, 9, 7];
        let mut at = 0;
        for (i, record) in records.iter().enumerate() {
            let mut others = starts.to_vec();
            others.remove(i);
            // The last record is long.
            for bit in (0..8 * record.len()).step_by(1 + record.len() / 200) {
                let mut bytes = records.concat();
                bytes[at + bit / 8] ^= 1 << (bit % 8);
                assert_eq!(found(&bytes), others, "bit {bit} of record {i}");
            }
            at += record.len();
        }
        assert_eq!(found(&records.concat()), starts);
    }

    #[test]
    fn records_are_found_behind_a_torn_one() {
        let [first, second, third] = records();
        for end in 0..third.len() {
            let bytes = [&third[..end], &first, &third[..end], &second, &third[..end]].concat();
            assert_eq!(found(&bytes), [3, 9], "torn at {end}");
        }
    }

    #[test]
    fn records_are_found_between_anything() {
        let [first, second, third] = records();
        for len in [0, 1, 7, 8, 47, 48, 5_000, 100_000] {
            for pattern in [
                &b"\0"[..],
                b"\xff",
                b"\xc1",
                &MARKER,
                b"anything",
                &first[..56],
            ] {
                let other: Vec<u8> = pattern.iter().copied().cycle().take(len).collect();
                let bytes = [&other, &first, &other, &second, &other, &third, &other];
                let bytes = bytes.map(|part| &**part).concat();
                assert_eq!(found(&bytes), [3, 9, 7], "{len} of {pattern:?}");
            }
        }
    }

    /// A file that keeps the length of the longest read.
    struct Measured {
        file: Cursor<Vec<u8>>,
        longest: usize,
    }

    impl Read for Measured {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.longest = self.longest.max(into.len());
            self.file.read(into)
        }
    }

    impl Seek for Measured {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.file.seek(to)
        }
    }

    #[test]
    fn no_length_in_the_file_is_a_length_in_memory() {
        let [first, second, _] = records();
        let zeros = vec![0; 1 << 20];
        let rest = (zeros.len() + second.len()) as u64;
        for payload_len in [rest, rest + 1, 1 << 40, u64::MAX] {
            let head = RecordHead {
                start: 0,
                items: 1,
                payload_len,
                payload_sum: 0,
            };
            let head = head.to_bytes(HEADER_SUM);
            let bytes = [&*first, head.as_flattened(), &zeros, &second].concat();
            let file = Cursor::new(bytes);
            let mut measured = Measured { file, longest: 0 };
            let reader = RecordReader::new(&mut measured, 0, HEADER_SUM).unwrap();
            assert_eq!(reader.count(), 2);
            assert!(measured.longest < 100_000, "{}", measured.longest);
        }
    }

    #[test]
    fn records_of_other_work_are_not_found() {
        let file = Cursor::new(records().concat());
        let reader = RecordReader::new(file, 0, HEADER_SUM + 1).unwrap();
        assert_eq!(reader.count(), 0);
    }
}
