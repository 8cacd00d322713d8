//! Streams compared with the lazy serial iterator.

mod support;

use std::cell::Cell;
use std::collections::HashSet;
use std::iter;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use parallelize_runtime::__private::companion;
use parallelize_runtime::{Job, Stream, Work, job, map};
use support::panics::message;
use support::{THREADS, fresh, in_every_setting, new_profile};

/// Calls `test` with every combination of threads, chunk size and window.
fn in_every_way(test: impl Fn(usize, usize, usize)) {
    in_every_setting(|threads, chunk| {
        for window in [0, 1, 2, 33, 5_000] {
            test(threads, chunk, window);
        }
    });
}

/// Sets the threads, the chunk size and the window of `job`.
fn set<I, W>(job: Job<I, W>, (threads, chunk, window): (usize, usize, usize)) -> Job<I, W> {
    job.threads(threads).chunk_size(chunk).window(window)
}

#[test]
fn results_come_in_the_order_of_their_items() {
    in_every_way(|threads, chunk, window| {
        for len in [0, 1, 2, 100, 3_000] {
            let job = set(job(0..len, |i| i * 3), (threads, chunk, window));
            let streamed = job.stream(|results| results.collect::<Vec<_>>());
            assert!(streamed.into_iter().eq((0..len).map(|i| i * 3)));
        }
    });
}

#[test]
fn each_result_comes_once_as_soon_as_it_is_done() {
    in_every_way(|threads, chunk, window| {
        for len in [0, 1, 2, 100, 3_000] {
            let job = set(job(0..len, |i| i * 3), (threads, chunk, window));
            let mut streamed = job.stream_unordered(|results| results.collect::<Vec<_>>());
            streamed.sort_unstable();
            assert!(streamed.into_iter().eq((0..len).map(|i| (i, i * 3))));
        }
    });
}

#[test]
fn a_result_does_not_wait_for_an_earlier_item() {
    let last_seen = AtomicUsize::new(0);
    let caller = thread::current().id();
    let (is_first, continued) = (AtomicBool::new(true), AtomicBool::new(false));
    let function = |i: usize| {
        // Hangs if no later result arrives while this item runs.
        if thread::current().id() != caller && is_first.swap(false, Ordering::SeqCst) {
            while last_seen.load(Ordering::SeqCst) <= i {
                thread::sleep(Duration::from_micros(50));
            }
            continued.store(true, Ordering::SeqCst);
        }
    };
    let job = job(0.., function).threads(4).chunk_size(1);
    job.stream_unordered(|mut results| {
        results.find(|(i, ())| {
            last_seen.fetch_max(*i, Ordering::SeqCst);
            continued.load(Ordering::SeqCst)
        });
    });
}

#[test]
fn the_sum_has_the_same_bits_as_the_serial_sum() {
    let sine = |i: u32| f64::from(i).sin();
    let serial: f64 = (0..300_000).map(sine).sum();
    for threads in [0, 1, 2, 16] {
        let streamed: f64 = job(0..300_000, sine)
            .threads(threads)
            .stream(|sines| sines.sum());
        assert_eq!(streamed.to_bits(), serial.to_bits());
    }
}

#[test]
fn at_most_a_window_of_results_waits() {
    for threads in THREADS {
        for chunk in [0, 1, 7] {
            for window in [1, 2, 5, 64, 1_000] {
                let (begun, consumed) = (AtomicUsize::new(0), AtomicUsize::new(0));
                let most = AtomicUsize::new(0);
                let count = |i: usize| {
                    let held =
                        begun.fetch_add(1, Ordering::SeqCst) + 1 - consumed.load(Ordering::SeqCst);
                    most.fetch_max(held, Ordering::SeqCst);
                    i
                };
                let job = set(job(0..3_000, count), (threads, chunk, window));
                job.stream(|results| {
                    for (i, result) in results.enumerate() {
                        assert_eq!(i, result);
                        consumed.fetch_add(1, Ordering::SeqCst);
                        if i % 500 == 0 {
                            thread::sleep(Duration::from_millis(1));
                        }
                    }
                });
                let most = most.into_inner();
                assert!(most <= window, "{most} in a window of {window}");
            }
        }
    }
}

#[test]
fn a_slow_consumer_slows_the_producers() {
    let begun = AtomicUsize::new(0);
    let count = |_| _ = begun.fetch_add(1, Ordering::SeqCst);
    job(0.., count).threads(4).stream(|mut results| {
        results.next();
        // The items are endless. Hangs unless the producers wait once the window is full.
        let mut held = 0;
        while held != begun.load(Ordering::SeqCst) {
            held = begun.load(Ordering::SeqCst);
            thread::sleep(Duration::from_millis(20));
        }
    });
}

#[test]
fn leaving_early_stops_the_work() {
    in_every_way(|threads, chunk, window| {
        let job = set(job(0_u64.., |i| i), (threads, chunk, window));
        assert_eq!(job.stream(|mut results| results.nth(2_000)), Some(2_000));
    });
    // This also holds in the middle of a chunk.
    let begun = AtomicUsize::new(0);
    let count = |_| {
        begun.fetch_add(1, Ordering::SeqCst);
        thread::sleep(Duration::from_micros(100));
    };
    let endless = job(0.., count).threads(4).chunk_size(5_000).window(100_000);
    endless.stream(|_| thread::sleep(Duration::from_millis(2)));
    assert!(begun.into_inner() < 5_000);
}

#[test]
fn on_one_thread_a_stream_is_the_lazy_serial_iterator() {
    let log = Mutex::new(Vec::new());
    let write = |entry: (&'static str, i32)| log.lock().unwrap().push(entry);
    let items = (0..3).inspect(|i| write(("item", *i)));
    let caller = thread::current().id();
    let function = |i| {
        assert_eq!(thread::current().id(), caller);
        write(("begins", i));
    };
    job(items, function).threads(1).stream(|results| {
        for (i, ()) in (0..).zip(results) {
            write(("comes", i));
        }
    });
    let expected = (0..3).flat_map(|i| [("item", i), ("begins", i), ("comes", i)]);
    assert!(log.into_inner().unwrap().into_iter().eq(expected));
}

#[test]
fn a_panic_of_an_item_comes_after_the_results_before_it() {
    in_every_way(|threads, chunk, window| {
        for failing in [0, 1, 50, 999] {
            let function = |i| {
                // Later items may panic first.
                assert!(i < failing, "not {i}");
                i
            };
            let mut seen = Vec::new();
            let said = message(|| {
                let job = set(job(0..1_000, function), (threads, chunk, window));
                job.stream(|results| results.for_each(|i| seen.push(i)));
            });
            assert_eq!(said, format!("item {failing}: not {failing}"));
            assert!(seen.into_iter().eq(0..failing));

            let mut seen = HashSet::new();
            let said = message(|| {
                let job = set(job(0..1_000, function), (threads, chunk, window));
                job.stream_unordered(|results| results.for_each(|(i, _)| _ = seen.insert(i)));
            });
            assert_eq!(said, format!("item {failing}: not {failing}"));
            assert!((0..failing).all(|i| seen.contains(&i)));
        }
    });
}

#[test]
fn a_panic_of_the_consumer_is_resumed_and_stops_the_work() {
    in_every_way(|threads, chunk, window| {
        let said = message(|| {
            let job = set(job(0_u64.., |i| i), (threads, chunk, window));
            job.stream(|results| {
                for i in results {
                    assert!(i < 500, "enough");
                }
            });
        });
        assert_eq!(said, "enough");
    });
}

#[test]
fn a_panic_of_the_iterator_comes_after_the_results_before_it() {
    in_every_way(|threads, chunk, window| {
        for failing in [0, 1, 700] {
            let items = (0..1_000).inspect(|i| assert!(*i != failing, "no item {failing}"));
            let mut seen = Vec::new();
            let said = message(|| {
                let job = set(job(items, |i| i), (threads, chunk, window));
                job.stream(|results| results.for_each(|i| seen.push(i)));
            });
            assert_eq!(said, format!("no item {failing}"));
            assert!(seen.into_iter().eq(0..failing));
        }
    });
}

#[test]
fn a_stream_that_has_panicked_has_ended() {
    for threads in THREADS {
        let function = |i| {
            assert!(i != 5, "five");
            i
        };
        job(0..10, function)
            .threads(threads)
            .chunk_size(2)
            .stream(|mut results| {
                let until = catch_unwind(AssertUnwindSafe(|| results.by_ref().count()));
                assert!(until.is_err());
                if threads > 1 {
                    assert_eq!(results.next(), None);
                }
            });
    }
}

#[test]
fn a_consumer_does_not_see_the_end_if_the_iterator_panics() {
    for _ in 0..500 {
        let items = (0..100).inspect(|i| assert!(*i < 20, "no item 20"));
        let mut has_ended = false;
        let said = message(|| {
            job(items, |i| i)
                .threads(2)
                .chunk_size(1)
                .stream(|results| {
                    results.for_each(drop);
                    has_ended = true;
                });
        });
        assert_eq!((said.as_str(), has_ended), ("no item 20", false));
    }
}

/// Panics when it is dropped.
struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        assert!(thread::panicking(), "dropped");
    }
}

#[test]
fn a_payload_that_panics_when_dropped_does_not_hang_the_call() {
    for threads in [1, 2, 4] {
        for _ in 0..20 {
            let both = Barrier::new(threads);
            let function = |i| {
                if i < threads {
                    both.wait();
                }
                panic_any(PanicsWhenDropped);
            };
            let call = || job(0..100, function).threads(threads).chunk_size(1);
            let payload = catch_unwind(AssertUnwindSafe(|| {
                call().stream(|results: Stream<'_, ()>| results.count())
            }));
            mem::forget(payload.unwrap_err());
            let payload = catch_unwind(AssertUnwindSafe(|| call().collect::<()>()));
            mem::forget(payload.unwrap_err());
        }
    }
}

#[test]
fn helpers_return_after_the_consumer_has_paused() {
    let caller = thread::current().id();
    let function = |_| {
        (
            thread::current().id() != caller,
            thread::sleep(Duration::from_micros(20)),
        )
    };
    let job = job(0.., function).threads(2).chunk_size(1).window(64);
    job.stream(|results| {
        // Hangs if no helper arrives, or if none returns.
        let mut helped = results
            .enumerate()
            .filter(|(_, (is_helper, ()))| *is_helper);
        for _ in 0..3 {
            let (before, _) = helped.next().unwrap();
            // Meanwhile a helper fills the window and leaves.
            thread::sleep(Duration::from_millis(20));
            helped.find(|(i, _)| *i > before + 200);
        }
    });
}

#[test]
fn a_stream_is_shared_although_earlier_calls_were_cheap() {
    // Often, because on a busy machine the calls before may seem expensive.
    for _ in 0..20 {
        let profile = new_profile();
        let call = |function: &(dyn Fn(u32) -> u32 + Sync)| {
            let apply = |(): &(), (): &mut (), item| function(item);
            companion(profile, 0..3, (), |()| (), apply)
                .threads(2)
                .chunk_size(1)
                .stream(|results| assert!(results.eq(0..3)));
        };
        (0..50).for_each(|_| call(&|i| i));
        // The first item shows that the others take long. Hangs unless a helper is requested then.
        let both = Barrier::new(2);
        call(&|i| {
            if i == 0 {
                thread::sleep(Duration::from_millis(1));
            } else {
                both.wait();
            }
            i
        });
    }
}

#[test]
fn chunks_of_cheap_items_grow() {
    thread_local! {
        /// The items that this thread has drawn since it called the function last.
        static DRAWN: Cell<usize> = Cell::default();
    }
    let longest = AtomicUsize::new(0);
    let items = (0..100_000).inspect(|_| DRAWN.set(DRAWN.get() + 1));
    let job = fresh(items, |i| {
        longest.fetch_max(DRAWN.take(), Ordering::Relaxed);
        i
    });
    job.threads(2)
        .stream(|results| assert!(results.eq(0..100_000)));
    assert!(longest.into_inner() > 1);
}

#[test]
fn a_stream_that_has_ended_draws_no_further_item() {
    for threads in [1, 2] {
        let mut calls = 0;
        let items = iter::from_fn(|| {
            calls += 1;
            (calls != 3).then_some(calls)
        });
        job(items, |i| i).threads(threads).stream(|mut results| {
            assert!(results.by_ref().eq([1, 2]));
            assert_eq!((results.next(), results.next()), (None, None));
        });
        assert_eq!(calls, 3);
    }
}

/// Panics when a helper drops it, as soon as the stream `has_ended`.
struct Last<'e> {
    has_ended: &'e AtomicBool,
    caller: thread::ThreadId,
}

impl Drop for Last<'_> {
    fn drop(&mut self) {
        if thread::current().id() != self.caller {
            while !self.has_ended.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            panic!("after the end");
        }
    }
}

#[test]
fn a_panic_after_the_last_result_is_resumed() {
    let caller = thread::current().id();
    for _ in 0..10 {
        let (both, has_ended) = (Barrier::new(2), AtomicBool::new(false));
        let local = |(): &()| Last {
            has_ended: &has_ended,
            caller,
        };
        let said = message(|| {
            let apply = |(): &(), _: &mut Last<'_>, i| {
                both.wait();
                i
            };
            companion(new_profile(), 0..2, (), local, apply)
                .threads(2)
                .chunk_size(1)
                .stream(|results| {
                    assert!(results.eq(0..2));
                    has_ended.store(true, Ordering::SeqCst);
                });
        });
        assert_eq!(said, "after the end");
    }
}

#[test]
fn everything_is_dropped_once() {
    in_every_way(|threads, chunk, window| {
        for taken in [0, 1, 300, 2_000] {
            let live = Arc::new(());
            let items: Vec<_> = (0..1_000).map(|_| Arc::clone(&live)).collect();
            let job = set(
                job(items, |item| [item.clone(), item]),
                (threads, chunk, window),
            );
            let kept = job.stream(|results| results.take(taken).collect::<Vec<_>>());
            assert_eq!(kept.len(), taken.min(1_000));
            assert_eq!(Arc::strong_count(&live), 1 + 2 * kept.len());
        }
    });
}

#[test]
fn a_stream_knows_how_many_results_are_left() {
    /// Takes `len` results and looks how many are left.
    fn take(mut results: impl Iterator, len: usize) {
        assert_eq!(results.size_hint(), (len, Some(len)));
        results.nth(9);
        assert_eq!(results.size_hint(), (len - 10, Some(len - 10)));
        assert_eq!(results.by_ref().count(), len - 10);
        assert_eq!(results.size_hint(), (0, Some(0)));
        assert!(results.next().is_none());
    }
    in_every_way(|threads, chunk, window| {
        let exact = || set(job(0..1_000, |i| i), (threads, chunk, window));
        exact().stream(|results| take(results, 1_000));
        exact().stream_unordered(|results| take(results, 1_000));
        let unknown = iter::successors(Some(0), |i| (*i < 99).then_some(i + 1));
        let unknown = set(job(unknown, |i| i), (threads, chunk, window));
        assert!(unknown.stream(|results| results.eq(0..100)));
    });
}

#[test]
fn streams_nest() {
    fn sum<W: Work<u64, Output = u64>>(job: Job<impl Iterator<Item = u64> + Send, W>) -> u64 {
        job.stream(|results| results.sum())
    }
    for threads in [0, 1, 2, 16] {
        let inner = |i| sum(job(0..i, |j| i * j).threads(threads));
        let looped: Vec<u64> = (0..200).map(|i| (0..i).map(|j| i * j).sum()).collect();
        assert_eq!(map(0..200, inner), looped);
        let streamed = job(0..200, inner).threads(threads).stream(|outer| {
            // The consumer makes calls of its own.
            outer
                .map(|x| map(0..3, |k| x + k - k)[2])
                .collect::<Vec<_>>()
        });
        assert_eq!(streamed, looped);
    }
}

#[test]
fn a_lock_held_while_an_item_streams_does_not_deadlock() {
    let lock = Mutex::new(0);
    for threads in [2, 4] {
        let function = |i: u64| {
            let mut sum = lock.lock().unwrap();
            *sum += job(0..i, |j| j)
                .threads(threads)
                .stream(|results| results.sum::<u64>());
        };
        job(0..100, function)
            .threads(threads)
            .stream(|results| assert_eq!(results.count(), 100));
    }
}
