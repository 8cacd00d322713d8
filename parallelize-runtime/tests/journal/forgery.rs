//! Records that no job has written although their checksums hold.

use std::sync::atomic::{AtomicUsize, Ordering};

use parallelize_runtime::{Job, JournalErrorKind, Work, job};

use crate::layout::{checksum, layout, record};
use crate::support::scratch::Scratch;
use crate::{Row, looped, reset, row};

/// Returns a job of rows that counts in `drawn` how many of the `items` are drawn.
fn rows(
    items: impl Iterator<Item = u64> + Send,
    drawn: &AtomicUsize,
) -> Job<impl Iterator<Item = u64> + Send, impl Work<u64, Output = Row>> {
    let items = items.inspect(|_| _ = drawn.fetch_add(1, Ordering::SeqCst));
    job(items, row).threads(2)
}

/// Returns a journal of ten rows with one more record.
fn with_record(start: u64, items: u64, payload: &[u8]) -> (Scratch, Vec<u8>) {
    let path = Scratch::new();
    let drawn = AtomicUsize::new(0);
    rows(0..10, &drawn).journal(&path).unwrap().collect();
    let whole = path.bytes();
    let header = &whole[..layout(&whole).0];
    let bytes = [&*whole, &record(header, start, items, payload)].concat();
    path.put(&bytes);
    (path, bytes)
}

#[test]
fn a_far_position_does_not_draw_endless_items() {
    for start in [1_000_000_000, 1 << 60, u64::MAX - 1] {
        let (path, _) = with_record(start, 1, &[0xc0; 9]);
        let drawn = AtomicUsize::new(0);
        let job = rows(0.., &drawn).journal(&path).unwrap();
        assert!(reset(&drawn) < 1_100_000);
        let found: Vec<_> = job.stream(|rows| rows.take(20).collect());
        assert_eq!(found, looped(20));
        assert!(reset(&drawn) < 100_000);
    }
}

#[test]
fn a_far_position_of_few_items_is_refused() {
    for start in [10, 1_000, 1 << 60, u64::MAX - 1] {
        let (path, bytes) = with_record(start, 1, &[0xc0; 9]);
        let drawn = AtomicUsize::new(0);
        let error = rows(0..10, &drawn).journal(&path).err().unwrap();
        assert!(matches!(error.kind, JournalErrorKind::Items { found: 10 }));
        assert_eq!(path.bytes(), bytes);
    }
}

#[test]
fn more_items_than_the_payload_can_hold_are_damage() {
    for items in [0, 2, 1 << 60, u64::MAX] {
        let (path, bytes) = with_record(10, items, &[0xc0; 9]);
        let drawn = AtomicUsize::new(0);
        let found = rows(0..20, &drawn).journal(&path).unwrap().collect();
        assert_eq!(found, looped(20));
        assert!(path.bytes().starts_with(&bytes));
    }
}

#[test]
fn a_payload_without_results_is_refused() {
    // Two digests.
    let (path, bytes) = with_record(10, 2, &[0; 16]);
    let drawn = AtomicUsize::new(0);
    let error = rows(0..20, &drawn).journal(&path).err().unwrap();
    assert!(
        matches!(error.kind, JournalErrorKind::Unfit { .. }),
        "{error}"
    );
    assert_eq!(path.bytes(), bytes);
}

#[test]
fn a_file_of_the_version_before_is_refused_with_the_reason() {
    let path = Scratch::new();
    let start = || job(0..10, row).journal(&path);
    start().unwrap().collect();
    let mut bytes = path.bytes();
    bytes.truncate(layout(&bytes).0 - 8);
    bytes[b"parallelize journal\n".len()] = 1;
    let sum = checksum(&bytes).to_le_bytes();
    let old = [&*bytes, &sum, &[0; 50]].concat();
    path.put(&old);
    let error = start().err().unwrap();
    let text = error.to_string();
    assert!(
        text.contains("version 1, which only earlier versions"),
        "{text}"
    );
    assert!(text.contains("left untouched"), "{text}");
    let expected = JournalErrorKind::Version {
        found: 1,
        expected: 2,
    };
    assert_eq!(error.kind.to_string(), expected.to_string());
    assert_eq!(path.bytes(), old);
}
