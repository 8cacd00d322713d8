//! Files that are cut or changed.

use std::sync::atomic::AtomicUsize;

use crate::support::scratch::Scratch;
use crate::{looped, reset, rows};

#[test]
fn a_file_cut_anywhere_can_be_continued() {
    let (path, computed) = (Scratch::new(), AtomicUsize::new(0));
    // These starts write several records.
    for len in [4, 7, 9] {
        rows(len, &computed).journal(&path).unwrap().collect();
    }
    reset(&computed);
    let whole = path.bytes();
    let mut last = usize::MAX;
    for end in 0..=whole.len() {
        let job = rows(9, &computed)
            .threads(2)
            .journal(path.put(&whole[..end]))
            .unwrap();
        assert_eq!(job.collect(), looped(9), "cut at {end}");
        let now = reset(&computed);
        assert!(now <= last);
        last = now;
        // The new results were written behind the records that were complete.
        assert_eq!(
            rows(9, &computed).journal(&path).unwrap().collect(),
            looped(9)
        );
        assert_eq!(reset(&computed), 0, "cut at {end}");
    }
    assert_eq!(last, 0);
}

#[test]
fn a_changed_byte_is_never_a_wrong_result() {
    let (path, computed) = (Scratch::new(), AtomicUsize::new(0));
    for len in [4, 7] {
        rows(len, &computed).journal(&path).unwrap().collect();
    }
    let whole = path.bytes();
    let header = {
        let path = Scratch::new();
        drop(rows(7, &computed).journal(&path).unwrap());
        path.bytes().len()
    };
    for at in 0..whole.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[at] ^= change;
            let job = rows(7, &computed).threads(2).journal(path.put(&changed));
            assert_eq!(job.is_ok(), at >= header, "byte {at}");
            reset(&computed);
            if let Ok(job) = job {
                assert_eq!(job.collect(), looped(7), "byte {at}");
                let lost = reset(&computed);
                assert!(lost > 0, "byte {at}");
                // Only this record is lost, unless the byte hides where the other records begin.
                if at < header + 8 || at + 8 > whole.len() {
                    assert!(lost < 7, "byte {at}");
                }
                // The next start finds what was computed again.
                let again = rows(7, &computed).journal(&path).unwrap();
                assert_eq!((again.collect(), reset(&computed)), (looped(7), 0));
            } else {
                assert_eq!(path.bytes(), changed);
            }
        }
    }
}

#[test]
fn garbage_after_a_power_failure_is_cut_off() {
    let (path, computed) = (Scratch::new(), AtomicUsize::new(0));
    rows(5, &computed).journal(&path).unwrap().collect();
    reset(&computed);
    for tail in [vec![0; 5_000], vec![0xff; 5_000], b"anything".repeat(100)] {
        let torn = [path.bytes(), tail].concat();
        let job = rows(5, &computed).journal(path.put(&torn)).unwrap();
        assert_eq!((job.collect(), reset(&computed)), (looped(5), 0));
    }
}
