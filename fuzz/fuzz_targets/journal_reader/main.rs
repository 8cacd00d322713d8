//! A damaged journal costs what is damaged; a file that cannot be one is refused, unchanged.
#![cfg_attr(fuzzing, no_main)]

mod damage;
#[path = "../../../parallelize-runtime/tests/journal/layout.rs"]
mod layout;
#[path = "../../support/program.rs"]
mod program;
#[path = "../../../parallelize-runtime/tests/support/scratch.rs"]
mod scratch;

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use damage::Damage;
use layout::{HEAD, Record, checksum, head, layout, number, record};
use parallelize_runtime::{JournalError, job};
use scratch::Scratch;

program::fuzz!(fuzz);

/// The number of items at each start of the job that wrote the journal.
const STARTS: [u64; 6] = [1, 4, 5, 9, 14, ITEMS];
const ITEMS: u64 = 20;

/// The results of one of these are as long as those of a large record.
fn result(i: u64) -> (u64, String) {
    let long = if i == 7 { 5_000 } else { i % 4 * 9 };
    (i * i, "r".repeat(index(long)))
}

fn index(position: u64) -> usize {
    usize::try_from(position).expect("a small number")
}

/// Runs the job with the journal at `path`. Checks its results and returns which it computed.
fn run(path: &Path, len: u64) -> Result<Vec<u64>, JournalError> {
    let computed = Mutex::new(Vec::new());
    let function = |i| {
        computed.lock().expect("no panic").push(i);
        result(i)
    };
    let results = job(0..len, function).threads(1).journal(path)?.collect();
    assert!(
        results.into_iter().eq((0..len).map(result)),
        "a wrong result"
    );
    Ok(computed.into_inner().expect("no panic"))
}

/// An undamaged journal.
struct Journal {
    bytes: Vec<u8>,
    /// The length of the header.
    header: usize,
    records: Vec<Record>,
}

static WHOLE: LazyLock<Journal> = LazyLock::new(|| {
    let path = Scratch::new();
    for len in STARTS {
        run(path.as_ref(), len).expect("a new journal");
    }
    let bytes = fs::read(&path).expect("a journal");
    let (header, records) = layout(&bytes);
    Journal {
        bytes,
        header,
        records,
    }
});

impl Journal {
    fn header(&self) -> &[u8] {
        &self.bytes[..self.header]
    }

    /// Returns the record that `bytes` begin with, if they begin with any intact one.
    fn intact<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let fields = [8, 16, 24, 32].map(|at| bytes.get(at..at + 8).map_or(0, number));
        let found = bytes.get(..HEAD)?;
        let end = usize::try_from(fields[2]).ok()?.checked_add(HEAD)?;
        let payload = bytes.get(HEAD..end)?;
        let is_intact = found == head(self.header(), fields) && checksum(payload) == fields[3];
        is_intact.then(|| &bytes[..end])
    }

    /// Returns which of the items have no intact record in `file`, or `None` if there is a record
    /// that no job wrote: the fuzzer knows how to make the checksums hold.
    fn lost(&self, file: &[u8]) -> Option<Vec<u64>> {
        let mut is_stored = vec![false; index(ITEMS)];
        let behind_header = file.strip_prefix(self.header()).unwrap_or_default();
        for at in 0..behind_header.len() {
            let rest = &behind_header[at..];
            let Some(found) = rest
                .starts_with(b"\xc1")
                .then(|| self.intact(rest))
                .flatten()
            else {
                continue;
            };
            let known = self.records.iter();
            let known = known
                .clone()
                .find(|record| self.bytes[record.bytes.clone()] == *found)?;
            let Range { start, end } = known.items;
            is_stored[index(start)..index(end)].fill(true);
        }
        Some((0..ITEMS).filter(|i| !is_stored[index(*i)]).collect())
    }
}

fn fuzz(bytes: &[u8]) {
    let whole = &*WHOLE;
    let file = match bytes.split_first() {
        None => return,
        Some((0, any)) => any.to_vec(),
        Some((1, any)) => [whole.header(), any].concat(),
        Some((2, payload)) => {
            let at = payload.first().map_or(0, |first| u64::from(first % 64));
            let record = record(whole.header(), at, 1, payload);
            [whole.header(), &record].concat()
        }
        Some((_, choices)) => Damage::chosen_by(choices).applied_to(&whole.bytes, &whole.records),
    };
    let path = Scratch::new();
    fs::write(&path, &file).expect("a file that can be written");
    let computed = run(path.as_ref(), ITEMS);
    let left = fs::read(&path).expect("a file");
    let has_header = file.starts_with(whole.header()) || whole.header().starts_with(&file);
    match computed {
        Ok(computed) => {
            assert!(
                has_header,
                "the header is damaged, and the file is not refused"
            );
            if let Some(lost) = whole.lost(&file) {
                assert_eq!(computed, lost);
            }
            assert!(left.starts_with(&file), "something is cut off");
            let again = run(path.as_ref(), ITEMS).expect("a second start");
            assert!(again.is_empty(), "a second start computes {again:?}");
        }
        Err(error) => {
            assert!(left == file, "a refused file is changed");
            let may_be_refused = !has_header || whole.lost(&file).is_none();
            assert!(may_be_refused, "{error}");
        }
    }
}
