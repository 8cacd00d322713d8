//! The number of threads that work on items that get in each other's way.
//!
//! Each test goes on until what it expects has happened, or for [`PATIENCE`]: a busy machine hides
//! what sharing gains for a while.

mod support;

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parallelize_runtime::__private::companion;
use parallelize_runtime::Report;
use support::{THREADS, new_profile};

const PATIENCE: Duration = Duration::from_secs(300);

/// Calls `function` for the numbers below `items` on `threads` threads again and again. Returns the
/// first report that `is_expected` accepts, and the number of threads that took part in that call.
fn reports_until(
    items: usize,
    threads: usize,
    function: impl Fn(usize) -> usize + Sync,
    is_expected: impl Fn(&Report, usize) -> bool,
) -> Option<(Report, usize)> {
    let (begun, profile) = (Instant::now(), new_profile());
    let looped: Vec<_> = (0..items).map(&function).collect();
    while begun.elapsed() < PATIENCE {
        let took_part = Mutex::new(HashSet::new());
        let apply = |(): &(), (): &mut (), item| {
            took_part.lock().unwrap().insert(thread::current().id());
            function(item)
        };
        let job = companion(profile, 0..items, (), |()| (), apply).threads(threads);
        let (results, report) = job.report();
        assert_eq!(results, looped);
        assert_eq!(report.items, items);
        let took_part = took_part.into_inner().unwrap().len();
        if is_expected(&report, took_part) {
            return Some((report, took_part));
        }
    }
    None
}

/// Sleeps for some `sleeps` at a time. One takes 60 us or more, most of it for waking up.
fn sleep(sleeps: usize) {
    (0..sleeps).for_each(|_| thread::sleep(Duration::from_micros(10)));
}

/// Items that sleep, and hold a lock for a third of their time. The more of them wait for it, the
/// longer each holds it.
struct Crowd {
    lock: Mutex<()>,
    waiting: AtomicUsize,
}

impl Crowd {
    fn item(&self, item: usize) -> usize {
        sleep(2);
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let lock = self.lock.lock().unwrap();
        sleep(self.waiting.load(Ordering::Relaxed));
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        drop(lock);
        item
    }
}

#[test]
fn a_lock_for_a_third_of_the_time_leaves_some_threads() {
    const EXPECTED: RangeInclusive<usize> = 2..=6;
    let crowd = Crowd {
        lock: Mutex::new(()),
        waiting: AtomicUsize::new(0),
    };
    let are_some = |report: &Report, threads| {
        EXPECTED.contains(&threads) && report.to_string().contains("more did not help")
    };
    let found = reports_until(100, 16, |item| crowd.item(item), are_some);
    let (report, threads) = found.expect("not all threads go on");
    assert!(report.serial.is_none(), "{threads} threads\n{report}");
}

#[test]
fn a_lock_all_the_time_leaves_one_thread() {
    for threads in THREADS {
        let lock = Mutex::new(());
        let function = |item| {
            let _lock = lock.lock().unwrap();
            sleep(1);
            item
        };
        let found = reports_until(100, threads, function, |_, threads| threads == 1);
        let (report, _) = found.expect("one thread goes on");
        assert!(report.is_speedup_measured(), "{report}");
        assert!(report.speedup() <= 1.0, "{report}");
    }
}

#[test]
fn items_that_wait_for_nothing_common_keep_all_threads() {
    let function = |item| {
        sleep(1);
        item
    };
    let is_gain = |report: &Report, threads| {
        threads == 16 && report.is_speedup_measured() && report.speedup() > 2.0
    };
    let found = reports_until(300, 16, function, is_gain);
    found.expect("all threads go on");
}
