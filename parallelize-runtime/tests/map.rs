//! `map` compared with the plain loop, on pools of several sizes.

mod support;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::panic;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, mpsc};
use std::time::Duration;
use std::{hint, iter, thread};

use parallelize_runtime::map;
use support::counted::Counted;
use support::{THREADS, panics};

/// Calls `test` inside pools of all sizes, and on a thread outside of any pool.
fn on_every_pool(test: impl Fn() + Sync) {
    for threads in THREADS {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(&test);
    }
    test();
}

/// Asserts that `map` returns what the plain loop returns, for items that cost nothing and for
/// items that take some microseconds.
fn assert_agrees<I, R>(items: impl Fn() -> I + Sync, function: impl Fn(I::Item) -> R + Sync)
where
    I: IntoIterator<Item: Send, IntoIter: Send>,
    R: Send + PartialEq + Debug,
{
    on_every_pool(|| {
        let mut looped = Vec::new();
        for item in items() {
            looped.push(function(item));
        }
        assert_eq!(map(items(), &function), looped);
        let slowly = |item| {
            spin();
            function(item)
        };
        if looped.len() <= 2_000 {
            assert_eq!(map(items(), slowly), looped);
        }
    });
}

/// Works for some microseconds.
fn spin() {
    for i in 0..300 {
        hint::black_box(i);
    }
}

/// Returns the message of the panic that ends `work`. Panics that say `bad` print nothing.
fn panic_message<R>(work: impl FnOnce() -> R) -> String {
    panics::silence(|payload| panics::says(payload, "bad"));
    panics::message(work)
}

#[test]
fn inputs_of_all_lengths_agree() {
    for len in [0, 1, 2, 3, 7, 15, 16, 17, 63, 64, 65, 1_000, 100_000] {
        assert_agrees(
            || 0..len,
            |i: u64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 7,
        );
    }
}

#[test]
fn all_kinds_of_items_agree() {
    let words: Vec<String> = (0..200).map(|i| format!("word {i}")).collect();
    assert_agrees(|| words.clone(), |word| word + "!");
    assert_agrees(|| &words, String::len);
    assert_agrees(
        || words.iter().zip(0..).skip(3),
        |(word, i)| format!("{word}{i}"),
    );
    assert_agrees(|| (0..500).filter(|i| i % 3 == 0), |i| i * i);
    assert_agrees(
        || iter::successors(Some(1_u64), |x| (*x < 1 << 40).then_some(x * 2)),
        |x| x + 1,
    );
    assert_agrees(
        || {
            words
                .iter()
                .map(|w| (w.len(), w))
                .collect::<BTreeMap<_, _>>()
        },
        |(k, v)| (v, k),
    );
    assert_agrees(|| Some(3), |x| x);
    assert_agrees(|| "one\ntwo\nthree".lines(), str::len);
    assert_agrees(
        || (0..300).map(|i| [i; 1_000]),
        |array| array.iter().sum::<i32>(),
    );
}

#[test]
fn results_of_all_sizes_agree() {
    assert_agrees(|| 0..1_000, |_| ());
    assert_agrees(|| (0..1_000).filter(|_| true), |_| ());
    assert_agrees(|| 0..1_000, |i| i % 2 == 0);
    assert_agrees(|| 0..1_000_u64, |i| [i; 100]);
    assert_agrees(|| 0..1_000, |i| Some(Box::new(i)).filter(|i| **i > 10));
}

#[test]
fn results_borrow_from_items_and_from_captures() {
    let text = "the quick brown fox jumps over the lazy dog".repeat(20);
    let suffix = String::from("x");
    assert_agrees(|| text.split(' '), |word| (word.split_at(1).0, &*suffix));
}

#[test]
fn items_of_uneven_cost_agree() {
    assert_agrees(|| 0..400, |i| (0..20 * i).fold(i, |a, b| a ^ b));
    assert_agrees(|| (0..400).rev(), |i| (0..20 * i).fold(i, |a, b| a ^ b));
    assert_agrees(
        || 0..400,
        |i| (0..if i % 100 == 0 { 20_000 } else { 10 }).fold(i, |a, b| a ^ b),
    );
}

/// An iterator with the given size hint, right or wrong.
struct Hinted<I>(I, (usize, Option<usize>));

impl<I: Iterator> Iterator for Hinted<I> {
    type Item = I::Item;
    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.1
    }
}

#[test]
fn wrong_size_hints_do_no_harm() {
    for hint in [
        (0, None),
        (0, Some(0)),
        (1, Some(1)),
        (7, Some(7)),
        (1_000, Some(1_000)),
        (1_001, Some(1_001)),
        (5_000, Some(2)),
        (usize::MAX, None),
        (usize::MAX, Some(usize::MAX)),
    ] {
        assert_agrees(|| Hinted(0..1_000, hint), |i| i * 2);
        assert_agrees(|| Hinted(0..1_000, hint), |_| ());
        assert_agrees(|| Hinted(0..0, hint), |i| i);
    }
}

#[test]
fn an_iterator_is_not_called_after_its_end() {
    on_every_pool(|| {
        for len in [0_usize, 1, 5, 64, 1_000] {
            let mut left = len;
            let mut ended = false;
            let once = iter::from_fn(|| {
                assert!(!ended, "called after its end");
                ended = left == 0;
                left = left.saturating_sub(1);
                (!ended).then_some(left)
            });
            assert_eq!(map(once, |i| i), (0..len).rev().collect::<Vec<_>>());
        }
    });
}

#[test]
fn every_item_is_evaluated_once() {
    on_every_pool(|| {
        let calls: Vec<AtomicUsize> = iter::repeat_with(AtomicUsize::default)
            .take(10_000)
            .collect();
        map(&calls, |calls| calls.fetch_add(1, Ordering::Relaxed));
        assert!(calls.iter().all(|calls| calls.load(Ordering::Relaxed) == 1));
    });
}

#[test]
fn a_panic_at_any_position_names_its_item_and_leaks_nothing() {
    on_every_pool(|| {
        for len in [1, 2, 3, 17, 40] {
            for bad in 0..len {
                for known in [true, false] {
                    let live = AtomicUsize::new(0);
                    let items: Vec<_> = (0..len).map(|i| Counted::new(i, &live)).collect();
                    let items = items.into_iter().filter(|_| true);
                    let items = Hinted(items, if known { (len, Some(len)) } else { (0, None) });
                    let message = panic_message(|| {
                        map(items, |item| {
                            assert!(item.0 != bad, "{} is bad", item.0);
                            (Counted::new(item.0, &live), Box::new(item))
                        })
                    });
                    assert_eq!(message, format!("item {bad}: {bad} is bad"));
                    assert_eq!(live.load(Ordering::SeqCst), 0);
                }
            }
        }
    });
}

#[test]
fn the_panic_of_the_lowest_item_is_resumed() {
    on_every_pool(|| {
        for lowest in [0, 1, 5, 63, 64, 200, 999] {
            let message = panic_message(|| {
                map(0..1_000, |i| {
                    // The lowest item takes longest, so that others panic before it.
                    if i == lowest {
                        thread::sleep(Duration::from_millis(2));
                    }
                    assert!(i < lowest, "bad");
                    i
                })
            });
            assert_eq!(message, format!("item {lowest}: bad"));
        }
    });
}

#[test]
fn no_item_behind_a_known_failure_begins() {
    on_every_pool(|| {
        let failed = AtomicBool::new(false);
        let late = AtomicUsize::new(0);
        let message = panic_message(|| {
            map(0..2_000_usize, |i| {
                late.fetch_add(failed.load(Ordering::SeqCst).into(), Ordering::SeqCst);
                if i == 10 {
                    // The failure is known a little later: the item has to unwind first.
                    failed.store(true, Ordering::SeqCst);
                    panic!("bad");
                }
                thread::sleep(Duration::from_millis(1));
            })
        });
        assert_eq!(message, "item 10: bad");
        let late = late.into_inner();
        // Up to 16 threads begin items while one of them unwinds.
        assert!(late < 200, "{late} items began after a failure");
    });
}

#[test]
fn a_payload_without_a_message_is_passed_on() {
    on_every_pool(|| {
        let call = || map(0..100, |i| if i == 60 { panic::panic_any(i) } else { i });
        let payload = panic::catch_unwind(call).unwrap_err();
        assert_eq!(*payload.downcast::<i32>().unwrap(), 60);
    });
}

#[test]
fn a_panic_of_the_iterator_is_resumed_unchanged() {
    on_every_pool(|| {
        for bad in [0, 1, 7, 100] {
            let live = AtomicUsize::new(0);
            let evaluated = AtomicUsize::new(0);
            let items = (0..1_000).map(|i| {
                assert!(i != bad, "bad iterator at {i}");
                Counted::new(i, &live)
            });
            let message = panic_message(|| {
                map(items, |item| {
                    spin();
                    evaluated.fetch_add(1, Ordering::Relaxed);
                    Counted::new(item.0, &live)
                })
            });
            assert_eq!(message, format!("bad iterator at {bad}"));
            assert_eq!(
                evaluated.into_inner(),
                bad,
                "the items before it are evaluated"
            );
            assert_eq!(live.into_inner(), 0);
        }
    });
}

#[test]
fn a_panic_of_an_earlier_item_wins_over_the_panic_of_the_iterator() {
    on_every_pool(|| {
        let items = (0..100).inspect(|i| assert!(*i < 50, "bad iterator"));
        let message = panic_message(|| map(items, |i| assert!(i < 40, "bad")));
        assert_eq!(message, "item 40: bad");
    });
}

#[test]
fn a_busy_pool_does_not_delay_a_call() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    let (blocked, release) = (Barrier::new(2), Barrier::new(2));
    pool.in_place_scope(|scope| {
        scope.spawn(|_| {
            blocked.wait();
            release.wait();
        });
        blocked.wait();
        // One thread of the pool is blocked. The other one makes the calls.
        pool.install(|| {
            for _ in 0..1_000 {
                assert_eq!(map(0..4, |i| i + 1), [1, 2, 3, 4]);
            }
        });
        release.wait();
    });
}

#[test]
fn nested_calls_agree_and_name_both_items() {
    assert_agrees(|| 0..30_u64, |i| map(0..i, |j| map(0..j, |k| i * j + k)));
    on_every_pool(|| {
        let message = panic_message(|| {
            map(0..9, |i| {
                map(0..9, |j| assert!(i * j < 12, "bad: {i} x {j}"))
            })
        });
        assert_eq!(message, "item 2: item 6: bad: 2 x 6");
    });
}

#[test]
fn a_thread_inside_an_item_begins_no_other_item() {
    thread_local! {
        static INSIDE: Cell<bool> = const { Cell::new(false) };
    }
    let pause = |micros| thread::sleep(Duration::from_micros(micros));
    on_every_pool(|| {
        for _ in 0..10 {
            map(0..32, |_| {
                assert!(!INSIDE.replace(true), "an item began inside another");
                // Another thread takes the second half. While this thread waits for it, rayon runs
                // other jobs on this thread, and those of helpers are among them.
                rayon::join(|| pause(50), || pause(200));
                INSIDE.set(false);
            });
        }
    });
}

#[test]
fn callers_at_the_same_time_agree() {
    let looped: Vec<u32> = (0..3_000).map(|i| i ^ 5).collect();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(map(0..3_000, |i| i ^ 5), looped);
                }
            });
        }
    });
}

#[test]
fn a_thread_may_make_calls_while_it_ends() {
    struct AtTheEnd(mpsc::Sender<Vec<u64>>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            self.0.send(map(0..1_000, |i: u64| i * i)).unwrap();
        }
    }
    thread_local! {
        static AT_THE_END: std::cell::OnceCell<AtTheEnd> = const { std::cell::OnceCell::new() };
    }
    let (results, received) = mpsc::channel();
    let ending = thread::spawn(move || {
        AT_THE_END.with(|cell| assert!(cell.set(AtTheEnd(results)).is_ok()));
        map(0..1_000, |_| spin());
    });
    ending.join().unwrap();
    assert_eq!(
        received.recv().unwrap(),
        (0..1_000).map(|i| i * i).collect::<Vec<_>>()
    );
}

#[test]
fn iterators_may_use_the_pool() {
    // The callers are outside of the pool. Their iterators need the threads that wait for items.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let items = (0..50).map(|i| rayon::join(|| i, spin).0);
                    assert!(map(items, |i| i + 1).into_iter().eq(1..51));
                    let items = (0..20).flat_map(|i| map(0..i, |j| j));
                    assert_eq!(map(items, |i| i).len(), 190);
                }
            });
        }
    });
}

#[test]
fn helpers_do_not_nest_on_the_stack_of_a_thread() {
    thread_local! {
        static DEPTHS: Cell<[usize; 2]> = const { Cell::new([usize::MAX, 0]) };
    }
    let deepest = AtomicUsize::new(0);
    let measure = |_| {
        let local = hint::black_box(0_u8);
        let address = std::ptr::from_ref(&local).addr();
        let [low, high] = DEPTHS.get();
        let [low, high] = [low.min(address), high.max(address)];
        DEPTHS.set([low, high]);
        deepest.fetch_max(high - low, Ordering::Relaxed);
        thread::sleep(Duration::from_micros(500));
    };
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..100).for_each(|_| drop(map(0..4, measure))));
        }
    });
    let deepest = deepest.into_inner();
    assert!(
        deepest < 64 << 10,
        "{deepest} bytes between the first call and the last"
    );
}
