//! What the callbacks of `on_progress` receive, with every number of threads and chunk size.

mod support;

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use parallelize_runtime::{Job, Progress, Work, job};
use support::counted::Counted;
use support::panics::message;
use support::{THREADS, in_every_setting};

/// The arguments of a callback, call by call.
type Steps = Vec<(usize, Option<usize>)>;

/// Asserts that the numbers rise and that the total is the same each time.
fn assert_rises(steps: &Steps, total: Option<usize>) {
    assert!(steps.is_sorted_by(|one, next| one.0 < next.0), "{steps:?}");
    assert!(steps.iter().all(|&(_, of)| of == total), "{steps:?}");
}

/// Returns the results of `job` and the steps of its progress.
fn watch<I, W, R>(job: Job<I, W, impl Progress>) -> (Vec<R>, Steps)
where
    I: Iterator + Send,
    W: Work<I::Item, Output = R>,
    R: Send,
{
    let mut steps = Steps::new();
    let results = job
        .on_progress(|done, total| steps.push((done, total)))
        .collect();
    (results, steps)
}

#[test]
fn numbers_rise_up_to_the_number_of_items() {
    in_every_setting(|threads, chunk| {
        for items in [1, 2, 100, 20_000] {
            let watched = job(0..items, |i| i + 1).threads(threads).chunk_size(chunk);
            let (results, steps) = watch(watched);
            assert!(results.into_iter().eq(1..=items));
            assert_rises(&steps, Some(items));
            assert_eq!(steps.last(), Some(&(items, Some(items))));
        }
    });
}

#[test]
fn slow_items_are_reported_one_by_one() {
    let slowly = |i| {
        thread::sleep(Duration::from_millis(5));
        i
    };
    let one_by_one = [1, 2, 3, 4, 5].map(|done| (done, Some(5)));
    let (_, steps) = watch(job(0..5, slowly).threads(1));
    assert_eq!(steps, one_by_one);

    let mut steps = Steps::new();
    job(0..5, slowly)
        .threads(1)
        .on_progress(|done, total| steps.push((done, total)))
        .stream(|results| assert!(results.eq(0..5)));
    assert_eq!(steps, one_by_one);
}

#[test]
fn an_unknown_length_stays_unknown() {
    in_every_setting(|threads, chunk| {
        let even = (0..5_000).filter(|i| i % 2 == 0);
        let (results, steps) = watch(job(even, |i| i).threads(threads).chunk_size(chunk));
        assert_eq!(results.len(), 2_500);
        assert_rises(&steps, None);
        assert_eq!(steps.last(), Some(&(2_500, None)));
    });
}

#[test]
fn a_job_without_items_is_reported_once() {
    in_every_setting(|threads, chunk| {
        let (_, steps) = watch(job(0..0, |i| i).threads(threads).chunk_size(chunk));
        assert_eq!(steps, [(0, Some(0))]);
        let none = (0..10).filter(|_| false);
        let (_, steps) = watch(job(none, |i| i).threads(threads).chunk_size(chunk));
        assert_eq!(steps, [(0, None)]);
    });
}

#[test]
fn two_callbacks_receive_the_same_steps() {
    let (mut first, mut second) = (Steps::new(), Steps::new());
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
fn one_thread_at_a_time_calls_back() {
    let (mut inside, mut callers) = (false, HashSet::new());
    let wait = |_| thread::sleep(Duration::from_micros(200));
    let call_back = |_, _| {
        assert!(!inside);
        inside = true;
        callers.insert(thread::current().id());
        thread::sleep(Duration::from_micros(50));
        inside = false;
    };
    job(0..500, wait)
        .threads(16)
        .on_progress(call_back)
        .collect();
    assert!(!callers.is_empty());
}

#[test]
fn an_error_ends_the_progress_at_the_items_done() {
    in_every_setting(|threads, chunk| {
        let mut steps = Steps::new();
        let fail = |i| if i == 700 { Err("bad") } else { Ok(i) };
        let error = job(0..1_000, fail)
            .threads(threads)
            .chunk_size(chunk)
            .on_progress(|done, total| steps.push((done, total)))
            .try_collect()
            .unwrap_err();
        assert_eq!((error.index, error.error), (700, "bad"));
        assert_rises(&steps, Some(1_000));
        // All items before it are done: otherwise it would not be known as the lowest error.
        let done = steps.last().unwrap().0;
        assert!((700..1_000).contains(&done), "{done} done");
    });
}

#[test]
fn a_panic_of_an_item_ends_the_progress() {
    in_every_setting(|threads, chunk| {
        let mut steps = Steps::new();
        let watched = job(0..1_000, |i| assert!(i != 700, "bad"))
            .threads(threads)
            .chunk_size(chunk)
            .on_progress(|done, total| steps.push((done, total)));
        assert_eq!(message(|| watched.collect()), "item 700: bad");
        assert_rises(&steps, Some(1_000));
        assert!(steps.last().unwrap().0 < 1_000);
    });
}

/// Replaces `item` after a pause in which helpers can arrive.
fn renew(item: Counted<&AtomicUsize>) -> Counted<&AtomicUsize> {
    thread::sleep(Duration::from_micros(20));
    let renewed = Counted::new(item.0, item.1);
    drop(item);
    renewed
}

#[test]
fn a_panic_of_the_callback_ends_the_call() {
    in_every_setting(|threads, chunk| {
        for limit in [1, 300, 600] {
            let live = AtomicUsize::new(0);
            let mut after = 0;
            let items = (0..600).map(|i| Counted::new(i, &live));
            let watched = job(items, renew)
                .threads(threads)
                .chunk_size(chunk)
                .on_progress(|done, _| {
                    after += usize::from(done >= limit);
                    assert!(done < limit, "enough");
                });
            assert_eq!(message(|| drop(watched.collect())), "enough");
            assert_eq!(live.load(Ordering::SeqCst), 0);
            assert_eq!(after, 1, "called again after its panic");
        }
    });
}

#[test]
fn a_panic_of_the_callback_stops_the_work() {
    for threads in THREADS {
        let begun = AtomicUsize::new(0);
        let work = |_| {
            begun.fetch_add(1, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(1));
        };
        let watched = job(0..10_000, work)
            .threads(threads)
            .on_progress(|_, _| panic!("enough"));
        assert_eq!(message(|| watched.collect()), "enough");
        let begun = begun.into_inner();
        assert!(begun < 1_000, "{begun} begun");
    }
}
