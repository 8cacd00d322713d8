//! Items, results and payloads whose drop panics: a call ends as the plain loop does, and the
//! process goes on.

mod support;

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use parallelize_runtime::{Job, Work};
use support::{THREADS, fresh, panics};

/// Shorter than a call, as long as one, and longer.
const CHUNK_SIZES: [usize; 3] = [1, 4, 100];

/// A value whose drop panics.
struct Bomb(usize);

impl Drop for Bomb {
    fn drop(&mut self) {
        resume_unwind(Box::new(format!("bad drop of {}", self.0)));
    }
}

/// Takes a bomb apart without a panic.
fn defuse(bomb: Bomb) -> usize {
    let position = bomb.0;
    mem::forget(bomb);
    position
}

fn catch<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    panics::silence(|payload| panics::says(payload, "bad") || payload.is::<Bomb>());
    panics::catch(work)
}

/// Calls `test` with a way to make jobs, for every number of threads and every chunk size.
fn in_every_setting(test: impl Fn(usize, usize)) {
    for threads in THREADS {
        for chunk in CHUNK_SIZES {
            test(threads, chunk);
        }
    }
}

/// Returns a job over a hundred bombs that panics for item 3.
fn failing(
    threads: usize,
    chunk: usize,
) -> Job<impl Iterator<Item = Bomb> + Send, impl Work<Bomb, Output = usize>> {
    let fails = |bomb| {
        let position = defuse(bomb);
        assert!(position != 3, "bad item");
        position
    };
    fresh((0..100).map(Bomb), fails)
        .threads(threads)
        .chunk_size(chunk)
}

#[test]
fn items_behind_a_panic_are_dropped_without_an_abort() {
    in_every_setting(|threads, chunk| {
        let failed = catch(|| failing(threads, chunk).collect());
        assert_eq!(failed.unwrap_err(), "item 3: bad item");
        let failed = catch(|| failing(threads, chunk).stream(|results| results.count()));
        assert_eq!(failed.unwrap_err(), "item 3: bad item");
    });
}

#[test]
fn a_payload_is_dropped_without_an_abort_if_the_callback_panics() {
    panics::silence(|payload| panics::says(payload, "bad") || payload.is::<Bomb>());
    for threads in THREADS {
        for chunk in CHUNK_SIZES {
            let fails = |i| if i == 1 { panic_any(Bomb(i)) } else { i };
            let job = fresh(0..8, fails).threads(threads).chunk_size(chunk);
            let bad = |_, _| resume_unwind(Box::new("bad callback"));
            let failed = catch_unwind(AssertUnwindSafe(|| job.on_progress(bad).collect()));
            mem::forget(failed.expect_err("the callback or the item panics"));
        }
    }
}

#[test]
fn items_behind_an_error_are_dropped_without_a_panic() {
    in_every_setting(|threads, chunk| {
        let fails = |bomb| match defuse(bomb) {
            3 => Err("bad"),
            position => Ok(position),
        };
        let job = fresh((0..100).map(Bomb), fails).threads(threads);
        let failed = catch(|| job.chunk_size(chunk).try_collect());
        assert_eq!(failed.expect("no panic").unwrap_err().index, 3);
    });
}

#[test]
fn results_that_a_consumer_leaves_are_dropped_without_a_panic() {
    in_every_setting(|threads, chunk| {
        let bombs = || fresh(0..100, Bomb).threads(threads).chunk_size(chunk);
        let taken = catch(|| bombs().stream(|bombs| bombs.take(2).map(defuse).sum::<usize>()));
        assert_eq!(taken, Ok(1));
        let failed = catch(|| {
            bombs().stream(|mut bombs| {
                let first = bombs.next().map(defuse);
                assert!(first.is_none(), "bad consumer");
            });
        });
        assert_eq!(failed.unwrap_err(), "bad consumer");
    });
}

#[test]
fn results_of_a_call_that_fails_are_dropped_without_an_abort() {
    // On one thread the results stand in the `Vec` of the plain loop, which unwinding drops.
    for threads in &THREADS[1..] {
        for chunk in CHUNK_SIZES {
            let late = |i| {
                assert!(i != 50, "bad item");
                Bomb(i)
            };
            let job = fresh(0..100, late).threads(*threads).chunk_size(chunk);
            let failed = catch(|| job.collect().into_iter().map(defuse).count());
            assert_eq!(failed.unwrap_err(), "item 50: bad item");
        }
    }
}

#[test]
fn a_payload_whose_drop_panics_does_not_end_a_stream_that_succeeded() {
    for threads in THREADS {
        let begun = AtomicUsize::new(0);
        let fails = |i| {
            begun.fetch_add(1, Ordering::SeqCst);
            if i > 0 {
                panic_any(Bomb(i));
            }
            i
        };
        let first = catch(|| {
            let job = fresh(0..100, fails).threads(threads).chunk_size(1);
            job.stream(|mut results| {
                let first = results.next();
                // With several threads, a helper evaluates another item meanwhile.
                while threads > 1 && begun.load(Ordering::SeqCst) < 2 {
                    thread::yield_now();
                }
                first
            })
        });
        assert_eq!(first, Ok(Some(0)));
    }
}
