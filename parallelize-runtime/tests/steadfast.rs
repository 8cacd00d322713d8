//! Calls beside other users of the pool: each ends when its items have ended, and has its helpers.

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};
use support::fresh;

/// Longer than any of these calls takes, however busy the machine is.
const LONG: Duration = Duration::from_secs(60);

fn pool(threads: usize) -> ThreadPool {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    pool.expect("threads")
}

#[test]
fn a_call_waits_for_no_foreign_jobs_of_its_pool() {
    let pool = pool(3);
    for _ in 0..5 {
        let lock = Arc::new(Mutex::new(()));
        pool.install(|| {
            // The foreign jobs need what the caller gives back only after the call.
            let held = lock.lock().expect("no panic");
            let items = (0..30).inspect(|i| {
                if *i == 5 {
                    for _ in 0..2 {
                        let lock = Arc::clone(&lock);
                        rayon::spawn(move || drop(lock.lock()));
                    }
                }
                thread::sleep(Duration::from_millis(1));
            });
            let results = fresh(items, |i| i).collect();
            assert!(results.into_iter().eq(0..30));
            drop(held);
        });
    }
}

#[test]
fn helpers_that_leave_a_slow_iterator_come_back() {
    let (inside, both) = (Barrier::new(2), Mutex::new(0));
    let items = (0..20).inspect(|_| thread::sleep(Duration::from_millis(2)));
    // Each item waits for another one, so two threads have to work at the same time.
    let meets = |i| {
        inside.wait();
        *both.lock().expect("no panic") += 1;
        i
    };
    let results = fresh(items, meets).threads(2).chunk_size(1).collect();
    assert!(results.into_iter().eq(0..20));
    assert_eq!(both.into_inner().expect("no panic"), 20);
}

#[test]
fn a_busy_pool_costs_another_pool_no_helpers() {
    let pool = pool(2);
    let (release, blocked) = mpsc::channel::<()>();
    pool.spawn(move || _ = blocked.recv());
    pool.install(|| {
        // None of the helpers that these calls request begins.
        for _ in 0..200 {
            assert_eq!(fresh(0..4, |i| i).collect(), [0, 1, 2, 3]);
        }
        let both = Barrier::new(2);
        let results = fresh(0..2, |_| both.wait().is_leader()).threads(2);
        assert_eq!(results.chunk_size(1).collect().len(), 2);
    });
    drop(release);
}

#[test]
fn a_helper_leaves_a_full_window_to_the_jobs_of_its_pool() {
    let pool = pool(2);
    pool.install(|| {
        let (caller, has_helper) = (thread::current().id(), AtomicBool::new(false));
        let item = |i: usize| {
            if thread::current().id() != caller {
                has_helper.store(true, Ordering::SeqCst);
            }
            thread::sleep(Duration::from_micros(100));
            i
        };
        let job = fresh(0.., item).chunk_size(1).window(4);
        job.stream(|mut results| {
            results.find(|_| has_helper.load(Ordering::SeqCst));
            // The caller takes no further result, so the window is full, and the job is for the
            // helper's thread. Hangs if that one does not leave the call.
            let (done, is_done) = mpsc::channel();
            rayon::spawn(move || _ = done.send(()));
            is_done.recv().expect("the job runs");
        });
    });
}

#[test]
fn a_token_of_unpark_outlives_a_call() {
    for _ in 0..10 {
        thread::current().unpark();
        // The caller is done before its helper, and parks until that has left.
        let item = |i| thread::sleep(Duration::from_millis(if i == 0 { 1 } else { 20 }));
        fresh(0..2, item).threads(2).chunk_size(1).collect();
        let begun = Instant::now();
        thread::park_timeout(LONG);
        assert!(begun.elapsed() < LONG, "the token is lost");
    }
}
