//! `map` beside the plain loop, on pools of 1, 2 and 16 threads.

use std::any::Any;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, Once};
use std::time::Duration;
use std::{hint, iter, thread};

use parallelize_runtime::map;

/// Calls `test` inside pools of 1, 2 and 16 threads, and on a thread outside of any pool.
fn on_every_pool(test: impl Fn() + Sync) {
    for threads in [1, 2, 16] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(&test);
    }
    test();
}

/// Expects `map` to give what the plain loop gives, for items that cost nothing and for items that
/// take their time.
fn agrees<I, R>(items: impl Fn() -> I + Sync, function: impl Fn(I::Item) -> R + Sync)
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

/// Some microseconds of work.
fn spin() {
    for i in 0..300 {
        hint::black_box(i);
    }
}

fn text(payload: &dyn Any) -> Option<&str> {
    payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or(payload.downcast_ref::<&str>().copied())
}

/// What the panic said that `catch` has caught.
fn message(caught: thread::Result<impl Sized>) -> String {
    text(caught.map(drop).expect_err("no panic").as_ref())
        .expect("no message")
        .to_owned()
}

/// Catches a panic, and keeps the many that are made on purpose, which say `bad`, out of the
/// output.
fn catch<R>(work: impl FnOnce() -> R) -> thread::Result<R> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !text(info.payload()).is_some_and(|said| said.contains("bad")) {
                loud(info);
            }
        }));
    });
    panic::catch_unwind(AssertUnwindSafe(work))
}

#[test]
fn lengths() {
    for len in [0, 1, 2, 3, 7, 15, 16, 17, 63, 64, 65, 1_000, 100_000] {
        agrees(
            || 0..len,
            |i: u64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 7,
        );
    }
}

#[test]
fn all_kinds_of_items() {
    let words: Vec<String> = (0..200).map(|i| format!("word {i}")).collect();
    agrees(|| words.clone(), |word| word + "!");
    agrees(|| &words, String::len);
    agrees(
        || words.iter().zip(0..).skip(3),
        |(word, i)| format!("{word}{i}"),
    );
    agrees(|| (0..500).filter(|i| i % 3 == 0), |i| i * i);
    agrees(
        || iter::successors(Some(1_u64), |x| (*x < 1 << 40).then_some(x * 2)),
        |x| x + 1,
    );
    agrees(
        || {
            words
                .iter()
                .map(|w| (w.len(), w))
                .collect::<BTreeMap<_, _>>()
        },
        |(k, v)| (v, k),
    );
    agrees(|| Some(3), |x| x);
    agrees(|| "one\ntwo\nthree".lines(), str::len);
    agrees(
        || (0..300).map(|i| [i; 1_000]),
        |array| array.iter().sum::<i32>(),
    );
}

#[test]
fn results_of_all_sizes() {
    agrees(|| 0..1_000, |_| ());
    agrees(|| (0..1_000).filter(|_| true), |_| ());
    agrees(|| 0..1_000, |i| i % 2 == 0);
    agrees(|| 0..1_000_u64, |i| [i; 100]);
    agrees(|| 0..1_000, |i| Some(Box::new(i)).filter(|i| **i > 10));
}

#[test]
fn results_may_borrow_from_items_and_from_around() {
    let text = "the quick brown fox jumps over the lazy dog".repeat(20);
    let suffix = String::from("x");
    agrees(|| text.split(' '), |word| (word.split_at(1).0, &*suffix));
}

#[test]
fn uneven_items() {
    agrees(|| 0..400, |i| (0..20 * i).fold(i, |a, b| a ^ b));
    agrees(|| (0..400).rev(), |i| (0..20 * i).fold(i, |a, b| a ^ b));
    agrees(
        || 0..400,
        |i| (0..if i % 100 == 0 { 20_000 } else { 10 }).fold(i, |a, b| a ^ b),
    );
}

/// Says of itself whatever it is told to.
struct Lying<I>(I, (usize, Option<usize>));

impl<I: Iterator> Iterator for Lying<I> {
    type Item = I::Item;
    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.1
    }
}

#[test]
fn size_hints_that_lie() {
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
        agrees(|| Lying(0..1_000, hint), |i| i * 2);
        agrees(|| Lying(0..1_000, hint), |_| ());
        agrees(|| Lying(0..0, hint), |i| i);
    }
}

#[test]
fn an_iterator_that_has_ended_is_not_asked_again() {
    on_every_pool(|| {
        for len in [0_usize, 1, 5, 64, 1_000] {
            let mut left = len;
            let mut ended = false;
            let once = iter::from_fn(|| {
                assert!(!ended, "asked again");
                ended = left == 0;
                left = left.saturating_sub(1);
                (!ended).then_some(left)
            });
            assert_eq!(map(once, |i| i), (0..len).rev().collect::<Vec<_>>());
        }
    });
}

#[test]
fn every_item_is_evaluated_once_and_in_order_of_its_run() {
    on_every_pool(|| {
        let calls: Vec<AtomicUsize> = iter::repeat_with(AtomicUsize::default)
            .take(10_000)
            .collect();
        map(&calls, |calls| calls.fetch_add(1, Ordering::Relaxed));
        assert!(calls.iter().all(|calls| calls.load(Ordering::Relaxed) == 1));
    });
}

/// Counts itself, so that a leak or a second drop shows.
#[derive(Debug)]
struct Counted<'c>(usize, &'c AtomicUsize);

impl<'c> Counted<'c> {
    fn new(value: usize, live: &'c AtomicUsize) -> Self {
        live.fetch_add(1, Ordering::Relaxed);
        Self(value, live)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let live = self.1.fetch_sub(1, Ordering::Relaxed);
        assert!(live > 0, "dropped twice");
    }
}

#[test]
fn a_panic_at_any_position_names_the_item_and_leaks_nothing() {
    on_every_pool(|| {
        for len in [1, 2, 3, 17, 40] {
            for bad in 0..len {
                for known in [true, false] {
                    let live = AtomicUsize::new(0);
                    let items: Vec<_> = (0..len).map(|i| Counted::new(i, &live)).collect();
                    let items = items.into_iter().filter(|_| true);
                    let items = Lying(items, if known { (len, Some(len)) } else { (0, None) });
                    let caught = catch(|| {
                        map(items, |item| {
                            assert!(item.0 != bad, "{} is bad", item.0);
                            (Counted::new(item.0, &live), Box::new(item))
                        })
                    });
                    assert_eq!(message(caught), format!("item {bad}: {bad} is bad"));
                    assert_eq!(live.load(Ordering::Relaxed), 0);
                }
            }
        }
    });
}

#[test]
fn of_several_panics_the_lowest_arrives() {
    on_every_pool(|| {
        for lowest in [0, 1, 5, 63, 64, 200, 999] {
            let caught = catch(|| {
                map(0..1_000, |i| {
                    // The lowest one takes longest, so that others are known before it.
                    if i == lowest {
                        thread::sleep(Duration::from_millis(2));
                    }
                    assert!(i < lowest, "bad");
                    i
                })
            });
            assert_eq!(message(caught), format!("item {lowest}: bad"));
        }
    });
}

#[test]
fn nothing_behind_a_known_failure_is_started() {
    on_every_pool(|| {
        let failed = AtomicBool::new(false);
        let late = AtomicUsize::new(0);
        let caught = catch(|| {
            map(0..2_000_usize, |i| {
                late.fetch_add(failed.load(Ordering::SeqCst).into(), Ordering::SeqCst);
                if i == 10 {
                    // Before the failure is known: it has to unwind first.
                    failed.store(true, Ordering::SeqCst);
                    panic!("bad");
                }
                thread::sleep(Duration::from_millis(1));
            })
        });
        assert_eq!(message(caught), "item 10: bad");
        let late = late.into_inner();
        // What the up to 16 threads begin while one of them unwinds.
        assert!(late < 200, "{late} items were begun after a failure");
    });
}

#[test]
fn a_payload_that_is_no_message_is_passed_on() {
    on_every_pool(|| {
        let caught = catch(|| map(0..100, |i| if i == 60 { panic::panic_any(i) } else { i }));
        assert_eq!(*caught.unwrap_err().downcast::<i32>().unwrap(), 60);
    });
}

#[test]
fn a_panic_of_the_iterator_arrives_as_it_is() {
    on_every_pool(|| {
        for bad in [0, 1, 7, 100] {
            let live = AtomicUsize::new(0);
            let evaluated = AtomicUsize::new(0);
            let items = (0..1_000).map(|i| {
                assert!(i != bad, "bad iterator at {i}");
                Counted::new(i, &live)
            });
            let caught = catch(|| {
                map(items, |item| {
                    spin();
                    evaluated.fetch_add(1, Ordering::Relaxed);
                    Counted::new(item.0, &live)
                })
            });
            assert_eq!(message(caught), format!("bad iterator at {bad}"));
            assert_eq!(
                evaluated.into_inner(),
                bad,
                "the items before it come first"
            );
            assert_eq!(live.into_inner(), 0);
        }
    });
}

#[test]
fn an_item_before_the_panic_of_the_iterator_wins() {
    on_every_pool(|| {
        let items = (0..100).inspect(|i| assert!(*i < 50, "bad iterator"));
        let caught = catch(|| map(items, |i| assert!(i < 40, "bad")));
        assert_eq!(message(caught), "item 40: bad");
    });
}

#[test]
fn a_busy_pool_does_not_hold_a_call_up() {
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
        // One thread of the pool is blocked and the other one makes the calls.
        pool.install(|| {
            for _ in 0..1_000 {
                assert_eq!(map(0..4, |i| i + 1), [1, 2, 3, 4]);
            }
        });
        release.wait();
    });
}

#[test]
fn nested_calls() {
    agrees(|| 0..30_u64, |i| map(0..i, |j| map(0..j, |k| i * j + k)));
    on_every_pool(|| {
        let caught = catch(|| {
            map(0..9, |i| {
                map(0..9, |j| assert!(i * j < 12, "bad: {i} x {j}"))
            })
        });
        assert_eq!(message(caught), "item 2: item 6: bad: 2 x 6");
    });
}

#[test]
fn a_thread_inside_an_item_begins_no_other_item() {
    thread_local! {
        static INSIDE: Cell<bool> = const { Cell::new(false) };
    }
    let pause = |micros| thread::sleep(Duration::from_micros(micros));
    on_every_pool(|| {
        for _ in 0..50 {
            map(0..32, |_| {
                assert!(!INSIDE.replace(true), "an item began inside another");
                // The second half is taken by another thread, and while this one waits for it, it
                // takes up whatever job it finds: also that of a helper.
                rayon::join(|| pause(50), || pause(200));
                INSIDE.set(false);
            });
        }
    });
}

#[test]
fn callers_at_the_same_time() {
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
fn a_thread_that_ends_may_still_make_calls() {
    struct AtTheEnd(std::sync::mpsc::Sender<Vec<u64>>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            self.0.send(map(0..1_000, |i: u64| i * i)).unwrap();
        }
    }
    thread_local! {
        static AT_THE_END: std::cell::OnceCell<AtTheEnd> = const { std::cell::OnceCell::new() };
    }
    let (results, received) = std::sync::mpsc::channel();
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
fn iterators_may_use_the_pool_themselves() {
    // Callers outside of the pool, whose iterators need the threads that wait for them.
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
fn helpers_do_not_pile_up_on_a_stack() {
    thread_local! {
        static DEPTHS: Cell<[usize; 2]> = const { Cell::new([usize::MAX, 0]) };
    }
    let deepest = AtomicUsize::new(0);
    let measure = |_| {
        let local = hint::black_box(0_u8);
        let here = std::ptr::from_ref(&local).addr();
        let [low, high] = DEPTHS.get();
        let [low, high] = [low.min(here), high.max(here)];
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
