//! Files that are cut or changed.

use std::fs::{self, OpenOptions};
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;

use parallelize_runtime::{Job, JournalError, Work, job};

use crate::layout::{HEAD, Record, checksum, head, layout};
use crate::support::scratch::Scratch;
use crate::{Row, looped, row};

/// The number of items of a whole journal.
pub(crate) const ITEMS: u64 = 12;

/// A journal of several records.
pub(crate) struct Journal {
    pub(crate) path: Scratch,
    pub(crate) whole: Vec<u8>,
    /// The length of the header.
    pub(crate) header: usize,
    pub(crate) records: Vec<Record>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        let path = Scratch::new();
        for len in [4, 7, 9, ITEMS] {
            run(&path, len).unwrap();
        }
        let whole = path.bytes();
        let (header, records) = layout(&whole);
        assert!(records.len() >= 4);
        Self {
            path,
            whole,
            header,
            records,
        }
    }

    fn header(&self) -> &[u8] {
        &self.whole[..self.header]
    }

    fn record(&self, i: usize) -> &[u8] {
        &self.whole[self.records[i].bytes.clone()]
    }

    /// Returns the positions whose results are only in the records that `is_lost` selects.
    fn items(&self, is_lost: impl Fn(&Record) -> bool) -> Vec<u64> {
        let lost = self.records.iter().filter(|record| is_lost(record));
        let mut items: Vec<_> = lost.flat_map(|record| record.items.clone()).collect();
        items.sort_unstable();
        items
    }

    /// Checks a start with `bytes` in the file: it computes exactly the `lost` items and removes
    /// nothing from the file, and a further start computes nothing.
    #[track_caller]
    fn check(&self, bytes: &[u8], lost: &[u64], what: &str) {
        let computed = run(self.path.put(bytes), ITEMS);
        assert_eq!(computed.unwrap(), lost, "{what}");
        assert!(self.path.bytes().starts_with(bytes), "{what}");
        assert_eq!(run(&self.path, ITEMS).unwrap(), [], "{what}");
    }
}

/// Returns a job that computes rows on one thread and adds their positions to `computed`.
pub(crate) fn rows(
    len: u64,
    computed: &Mutex<Vec<u64>>,
) -> Job<Range<u64>, impl Work<u64, Output = Row>> {
    let function = |seed| {
        computed.lock().unwrap().push(seed);
        row(seed)
    };
    job(0..len, function).threads(1)
}

/// Compares a job of `len` items with the loop. Returns the positions of the items it computed.
fn run(path: impl AsRef<Path>, len: u64) -> Result<Vec<u64>, JournalError> {
    let computed = Mutex::default();
    let found = rows(len, &computed).journal(path)?.collect();
    assert_eq!(found, looped(len));
    Ok(computed.into_inner().unwrap())
}

#[test]
fn a_changed_bit_costs_one_record() {
    let journal = Journal::new();
    for at in 0..journal.whole.len() {
        let lost = journal.items(|record| record.bytes.contains(&at));
        // All eight would take seconds, and differ in nothing that the reader looks at.
        for bit in [at % 8, 7 - at % 8] {
            let mut changed = journal.whole.clone();
            changed[at] ^= 1 << bit;
            if at >= journal.header {
                journal.check(&changed, &lost, &format!("bit {bit} of byte {at}"));
            } else {
                let refused = run(journal.path.put(&changed), ITEMS);
                assert!(refused.is_err(), "bit {bit} of byte {at}");
                assert_eq!(journal.path.bytes(), changed);
            }
        }
    }
}

#[test]
fn a_changed_byte_costs_one_record() {
    let journal = Journal::new();
    for at in journal.header..journal.whole.len() {
        let lost = journal.items(|record| record.bytes.contains(&at));
        for byte in [0, 0xff, 0xc1] {
            let mut changed = journal.whole.clone();
            changed[at] = byte;
            if changed != journal.whole {
                journal.check(&changed, &lost, &format!("byte {at} is {byte}"));
            }
        }
    }
}

#[test]
fn a_file_cut_anywhere_can_be_continued() {
    let journal = Journal::new();
    for end in 0..=journal.whole.len() {
        let lost = journal.items(|record| record.bytes.end > end);
        journal.check(&journal.whole[..end], &lost, &format!("cut at {end}"));
    }
}

#[test]
fn records_behind_a_torn_one_are_found() {
    let journal = Journal::new();
    let last = journal.records.len() - 1;
    let at = journal.records[last].bytes.start;
    for end in 0..journal.record(last).len() {
        // The job that was cut off is continued, and cut off again.
        let torn = &journal.record(last)[..end];
        let whole = &journal.whole;
        let bytes = [&whole[..at], torn, torn, &whole[at..], torn].concat();
        journal.check(&bytes, &[], &format!("torn at {end}"));
    }
}

#[test]
fn garbage_anywhere_costs_nothing_else() {
    let journal = Journal::new();
    let starts: Vec<_> = journal.records.iter().map(|r| r.bytes.start).collect();
    let ends = [journal.whole.len()];
    for at in starts.into_iter().chain(ends) {
        for len in [1, 13, 5_000, 70_000] {
            for garbage in garbage(len) {
                let (before, behind) = journal.whole.split_at(at);
                let first = &garbage[..len.min(10)];
                let what = format!("{len} of {first:?} at {at}");
                journal.check(&[before, &garbage, behind].concat(), &[], &what);
            }
        }
    }
}

/// Returns `len` bytes of several kinds, some of them random.
fn garbage(len: usize) -> Vec<Vec<u8>> {
    let patterns: [&[u8]; 5] = [b"\0", b"\xff", b"\xc1", b"\xc1record\n", b"anything"];
    let cycled = patterns.map(|pattern| pattern.iter().copied().cycle().take(len).collect());
    let random = |seed: u64| {
        let words = (0..).map(move |i: u64| checksum(&[seed, i].map(u64::to_le_bytes).concat()));
        words.flat_map(u64::to_le_bytes).take(len).collect()
    };
    cycled.into_iter().chain((0..3).map(random)).collect()
}

#[test]
fn a_record_that_lost_or_gained_bytes_costs_only_itself() {
    let journal = Journal::new();
    for record in &journal.records {
        let lost = journal.items(|other| other.bytes == record.bytes);
        let at = record.bytes.clone();
        for inside in 1..at.len() {
            let (before, behind) = journal.whole.split_at(at.start + inside);
            let more = [before, b"more", behind].concat();
            journal.check(&more, &lost, &format!("more at {inside} of {record:?}"));
            let less = [&before[..before.len() - 1], behind].concat();
            journal.check(&less, &lost, &format!("less at {inside} of {record:?}"));
        }
        let (before, behind) = (&journal.whole[..at.start], &journal.whole[at.end..]);
        journal.check(&[before, behind].concat(), &lost, &format!("no {record:?}"));
    }
}

#[test]
fn a_wrong_length_costs_only_its_record() {
    let journal = Journal::new();
    let all = journal.whole.len() as u64;
    for record in &journal.records {
        let lost = journal.items(|other| other.bytes == record.bytes);
        let at = record.bytes.start;
        let behind = all - (at + HEAD) as u64;
        let lens = [0, 1, behind, behind + 1, all, 1 << 40, u64::MAX];
        let right = (record.bytes.len() - HEAD) as u64;
        for len in lens.into_iter().filter(|len| *len != right) {
            let mut changed = journal.whole.clone();
            changed[at + 24..][..8].copy_from_slice(&len.to_le_bytes());
            journal.check(&changed, &lost, &format!("length {len} of {record:?}"));
            // The checksum of the head holds, and that of the payload does not.
            let forged = head(journal.header(), [record.items.start, 1, len, 7]);
            changed[at..][..HEAD].copy_from_slice(&forged);
            journal.check(&changed, &lost, &format!("forged {len} of {record:?}"));
        }
    }
}

#[test]
fn a_length_within_a_large_file_costs_only_its_record() {
    let journal = Journal::new();
    let mut changed = journal.whole.clone();
    let at = journal.records[0].bytes.start;
    // 512 MiB more than it was.
    changed[at + 27] ^= 0x20;
    let file = OpenOptions::new()
        .write(true)
        .open(journal.path.put(&changed));
    // The file takes no room on the disk.
    file.unwrap().set_len(700 << 20).unwrap();
    let lost = journal.items(|record| record.bytes.start == at);
    assert_eq!(run(&journal.path, ITEMS).unwrap(), lost);
    assert!(fs::metadata(&journal.path).unwrap().len() > 700 << 20);
}

#[test]
fn records_in_a_result_are_not_taken_for_others() {
    let inner = Journal::new().whole;
    let path = Scratch::new();
    let start = || job(0..2_u8, |_| inner.clone()).threads(1).journal(&path);
    let expected = vec![inner.clone(); 2];
    assert_eq!(start().unwrap().collect(), expected);
    // All records of the file are damaged, and all those in the results are whole.
    let mut bytes = path.bytes();
    let (_, records) = layout(&bytes);
    for record in &records {
        bytes[record.bytes.start] ^= 1;
    }
    path.put(&bytes);
    assert_eq!(start().unwrap().collect(), expected);
    assert!(path.bytes().len() > bytes.len() + 2 * inner.len());
}
