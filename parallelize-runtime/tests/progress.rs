//! What those who watch a job are told, on 1, 2 and 16 threads and in chunks of every kind.

use std::collections::HashSet;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use parallelize_runtime::{Job, Progress, Work, job};

/// What a callback was told, call by call.
type Told = Vec<(usize, Option<usize>)>;

/// Calls `test` with so many threads, and so many items at a time.
fn each(test: impl Fn(usize, usize)) {
    for threads in [1, 2, 16] {
        for chunk in [0, 1, 7, 1_000] {
            test(threads, chunk);
        }
    }
}

/// The numbers rise, and the total is the same each time.
fn assert_rises(told: &Told, total: Option<usize>) {
    assert!(told.is_sorted_by(|one, next| one.0 < next.0), "{told:?}");
    assert!(told.iter().all(|&(_, of)| of == total), "{told:?}");
}

/// Runs `job` and gives what it told.
fn watch<I, W, R>(job: Job<I, W, impl Progress>) -> (Vec<R>, Told)
where
    I: Iterator + Send,
    W: Work<I::Item, Output = R>,
    R: Send,
{
    let mut told = Told::new();
    let results = job
        .on_progress(|done, total| told.push((done, total)))
        .collect();
    (results, told)
}

/// What the panic said that ended `work`.
fn panic_of<R>(work: impl FnOnce() -> R) -> String {
    let Err(payload) = panic::catch_unwind(AssertUnwindSafe(work)) else {
        panic!("no panic");
    };
    match payload.downcast::<String>() {
        Ok(said) => *said,
        Err(payload) => (*payload.downcast::<&str>().unwrap()).to_owned(),
    }
}

#[test]
fn numbers_rise_up_to_the_last() {
    each(|threads, chunk| {
        for items in [1, 2, 100, 20_000] {
            let watched = job(0..items, |i| i + 1).threads(threads).chunk_size(chunk);
            let (results, told) = watch(watched);
            assert!(results.into_iter().eq(1..=items));
            assert_rises(&told, Some(items));
            assert_eq!(told.last(), Some(&(items, Some(items))));
        }
    });
}

#[test]
fn slow_items_are_told_one_by_one() {
    let slowly = |i| {
        thread::sleep(Duration::from_millis(5));
        i
    };
    let (_, told) = watch(job(0..5, slowly).threads(1));
    assert_eq!(told, [1, 2, 3, 4, 5].map(|done| (done, Some(5))));
}

#[test]
fn an_unknown_length_stays_unknown() {
    each(|threads, chunk| {
        let even = (0..5_000).filter(|i| i % 2 == 0);
        let (results, told) = watch(job(even, |i| i).threads(threads).chunk_size(chunk));
        assert_eq!(results.len(), 2_500);
        assert_rises(&told, None);
        assert_eq!(told.last(), Some(&(2_500, None)));
    });
}

#[test]
fn no_items_are_told_once() {
    each(|threads, chunk| {
        let (_, told) = watch(job(0..0, |i| i).threads(threads).chunk_size(chunk));
        assert_eq!(told, [(0, Some(0))]);
        let none = (0..10).filter(|_| false);
        let (_, told) = watch(job(none, |i| i).threads(threads).chunk_size(chunk));
        assert_eq!(told, [(0, None)]);
    });
}

#[test]
fn both_of_two_are_told() {
    let (mut first, mut second) = (Told::new(), Told::new());
    let results = job(0..1_000, |i| i)
        .on_progress(|done, total| first.push((done, total)))
        .threads(2)
        .on_progress(|done, total| second.push((done, total)))
        .chunk_size(7)
        .collect();
    assert_eq!(results.len(), 1_000);
    assert_eq!(first, second);
    assert_eq!(first.last(), Some(&(1_000, Some(1_000))));
}

#[test]
fn one_thread_at_a_time_is_told_by() {
    let (mut inside, mut tellers) = (false, HashSet::new());
    let wait = |_| thread::sleep(Duration::from_micros(200));
    let tell = |_, _| {
        assert!(!inside);
        inside = true;
        tellers.insert(thread::current().id());
        thread::sleep(Duration::from_micros(50));
        inside = false;
    };
    job(0..500, wait).threads(16).on_progress(tell).collect();
    assert!(!tellers.is_empty());
}

#[test]
fn an_error_ends_it_with_what_was_done() {
    each(|threads, chunk| {
        let mut told = Told::new();
        let fail = |i| if i == 700 { Err("bad") } else { Ok(i) };
        let error = job(0..1_000, fail)
            .threads(threads)
            .chunk_size(chunk)
            .on_progress(|done, total| told.push((done, total)))
            .try_collect()
            .unwrap_err();
        assert_eq!((error.index, error.error), (700, "bad"));
        assert_rises(&told, Some(1_000));
        // All before it were done, or it would not be the lowest.
        let done = told.last().unwrap().0;
        assert!((700..1_000).contains(&done), "{done} done");
    });
}

#[test]
fn a_panic_of_an_item_arrives() {
    each(|threads, chunk| {
        let mut told = Told::new();
        let watched = job(0..1_000, |i| assert!(i != 700, "bad"))
            .threads(threads)
            .chunk_size(chunk)
            .on_progress(|done, total| told.push((done, total)));
        assert_eq!(panic_of(|| watched.collect()), "item 700: bad");
        assert_rises(&told, Some(1_000));
        assert!(told.last().unwrap().0 < 1_000);
    });
}

/// Counts how many of it there are.
struct Counted<'c>(&'c AtomicUsize);

impl<'c> Counted<'c> {
    fn new(live: &'c AtomicUsize) -> Self {
        live.fetch_add(1, Ordering::Relaxed);
        Self(live)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Gives one for another, after long enough for others to take part.
fn renew(item: Counted<'_>) -> Counted<'_> {
    thread::sleep(Duration::from_micros(20));
    let renewed = Counted::new(item.0);
    drop(item);
    renewed
}

#[test]
fn a_panic_of_the_callback_ends_the_call() {
    each(|threads, chunk| {
        for limit in [1, 300, 600] {
            let live = AtomicUsize::new(0);
            let mut after = 0;
            let items = (0..600).map(|_| Counted::new(&live));
            let watched = job(items, renew)
                .threads(threads)
                .chunk_size(chunk)
                .on_progress(|done, _| {
                    after += usize::from(done >= limit);
                    assert!(done < limit, "enough");
                });
            assert_eq!(panic_of(|| drop(watched.collect())), "enough");
            assert_eq!(live.load(Ordering::Relaxed), 0);
            assert_eq!(after, 1, "told again after its panic");
        }
    });
}

#[test]
fn a_panic_of_the_callback_stops_the_work() {
    for threads in [1, 2, 16] {
        let begun = AtomicUsize::new(0);
        let work = |_| {
            begun.fetch_add(1, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(1));
        };
        let watched = job(0..10_000, work)
            .threads(threads)
            .on_progress(|_, _| panic!("enough"));
        assert_eq!(panic_of(|| watched.collect()), "enough");
        let begun = begun.into_inner();
        assert!(begun < 1_000, "{begun} begun");
    }
}
