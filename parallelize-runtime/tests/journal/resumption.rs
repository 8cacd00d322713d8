//! A later start computes only what is missing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use parallelize_runtime::__private::companion;
use parallelize_runtime::{Outcome, Stop, job};

use crate::support::scratch::Scratch;
use crate::support::{in_every_setting_and_by_default, new_profile};
use crate::{Row, looped, reset, row, rows};

#[test]
fn a_second_start_computes_nothing() {
    in_every_setting_and_by_default(|threads, chunk| {
        for len in [0, 1, 2, 100] {
            let (path, computed) = (Scratch::new(), AtomicUsize::new(0));
            for expected in [len as usize, 0, 0] {
                let job = rows(len, &computed)
                    .threads(threads)
                    .journal(&path)
                    .unwrap();
                assert_eq!(job.chunk_size(chunk).collect(), looped(len));
                assert_eq!(reset(&computed), expected);
            }
        }
    });
}

#[test]
fn a_start_after_any_number_of_items_computes_only_the_others() {
    in_every_setting_and_by_default(|threads, chunk| {
        for first in [1, 7, 50, 99, 100] {
            let (path, computed) = (Scratch::new(), AtomicUsize::new(0));
            let start = rows(100, &computed).journal(&path).unwrap();
            start.threads(threads).chunk_size(chunk).stream(|rows| {
                assert_eq!(rows.take(first).collect::<Vec<_>>(), looped(first as u64));
            });
            let before = reset(&computed);
            assert!(before >= first);
            // The second start may have more items than the first.
            let second = rows(120, &computed).chunk_size(chunk);
            let second = second.journal(&path).unwrap().threads(threads);
            assert_eq!(second.collect(), looped(120));
            assert_eq!(reset(&computed), 120 - before);
        }
    });
}

#[test]
fn every_last_call_uses_the_stored_results() {
    let computed = AtomicUsize::new(0);
    for stored in [0, 1, 40, 60] {
        let begun = Scratch::new();
        assert_eq!(
            rows(stored, &computed)
                .journal(&begun)
                .unwrap()
                .collect()
                .len(),
            stored as usize
        );
        let begun = begun.bytes();
        in_every_setting_and_by_default(|threads, chunk| {
            let path = Scratch::new();
            let ready = || {
                reset(&computed);
                let job = rows(60, &computed).chunk_size(chunk).window(20);
                job.journal(path.put(&begun)).unwrap().threads(threads)
            };
            let is_done = |rows: Vec<Row>| {
                assert_eq!(rows, looped(60));
                assert_eq!(reset(&computed), 60 - stored as usize);
            };
            is_done(ready().collect());
            is_done(ready().report().0);
            is_done(ready().stream(|rows| rows.collect()));
            is_done(
                ready()
                    .outcomes()
                    .into_iter()
                    .filter_map(Outcome::done)
                    .collect(),
            );
            let outcomes = ready().outcomes_until(&Stop::new());
            is_done(outcomes.into_iter().filter_map(Outcome::done).collect());
            let rows = ready().stream_unordered(|rows| rows.collect::<BTreeMap<_, _>>());
            is_done(rows.into_values().collect());
            let mut last = (0, None);
            is_done(
                ready()
                    .on_progress(|done, all| last = (done, all))
                    .collect(),
            );
            assert_eq!(last, (60, Some(60)));
        });
    }
}

#[test]
fn a_spawned_job_uses_the_stored_results() {
    let path = Scratch::new();
    for _ in 0..2 {
        let handle = job(0..100, row).threads(2).journal(&path).unwrap().spawn();
        assert_eq!(handle.join(), looped(100));
    }
}

#[test]
fn endless_iterators_are_drawn_only_as_far_as_results_are_stored() {
    in_every_setting_and_by_default(|threads, chunk| {
        let path = Scratch::new();
        let drawn = AtomicUsize::new(0);
        let mut furthest = 0;
        let endless = || (0_u64..).inspect(|_| _ = drawn.fetch_add(1, Ordering::SeqCst));
        for first in [3, 10, 5] {
            let rows = job(endless(), row).journal(&path).unwrap();
            let checked = reset(&drawn);
            assert!(checked <= furthest);
            let rows = rows.threads(threads).chunk_size(chunk);
            let rows: Vec<_> = rows.stream(|rows| rows.take(first).collect());
            assert_eq!(rows, looped(first as u64));
            furthest = furthest.max(checked + reset(&drawn));
        }
        let (path, computed) = (Scratch::new(), AtomicUsize::new(0));
        let until = |last: u64, stop: &Stop| {
            let function = |seed| {
                if seed == last {
                    stop.stop();
                }
                computed.fetch_add(1, Ordering::SeqCst);
                row(seed)
            };
            let job = job(0_u64.., function).journal(&path).unwrap();
            let outcomes = job.threads(threads).chunk_size(chunk).outcomes_until(stop);
            let mut done = 0;
            for (seed, outcome) in (0..).zip(outcomes) {
                if let Outcome::Done(found) = outcome {
                    assert_eq!(found, row(seed));
                    done += 1;
                }
            }
            (done, reset(&computed))
        };
        let (done, first) = until(300, &Stop::new());
        assert_eq!(done, first);
        let (done, second) = until(30_000, &Stop::after(Duration::from_millis(20)));
        assert!(done >= second && done <= first + second);
        let stop = Stop::new();
        stop.stop();
        assert_eq!(until(0, &stop), (0, 0));
    });
}

#[test]
fn a_local_is_made_only_if_an_item_uses_it() {
    let made = AtomicUsize::new(0);
    let path = Scratch::new();
    let start = || {
        let local = |(): &()| made.fetch_add(1, Ordering::SeqCst);
        let job = companion(
            new_profile(),
            0..50_u64,
            (),
            local,
            |(), _: &mut usize, seed| row(seed),
        );
        job.threads(1).journal(&path).unwrap().collect()
    };
    for _ in 0..3 {
        assert_eq!(start(), looped(50));
    }
    assert_eq!(made.into_inner(), 1);
}

#[test]
fn concurrent_jobs_with_a_journal_each_agree_with_the_loop() {
    let shared = Arc::new(AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            let shared = Arc::clone(&shared);
            scope.spawn(move || {
                let path = Scratch::new();
                for len in [10, 200, 1_000] {
                    let rows = rows(len, &shared)
                        .threads(3)
                        .journal(&path)
                        .unwrap()
                        .collect();
                    assert_eq!(rows, looped(len));
                }
            });
        }
    });
    assert_eq!(shared.load(Ordering::SeqCst), 4 * 1_000);
}
