//! `spawn`: jobs in the background.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use parallelize_runtime::{JobHandle, job};
use support::{THREADS, in_every_setting_and_by_default, panics};

/// How many panics that say `bad` the hook has seen.
static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Prints nothing for panics that say `bad`, but counts them.
fn silence() {
    panics::silence(|payload| {
        let is_bad = panics::says(payload, "bad");
        PANICS.fetch_add(is_bad.into(), Ordering::SeqCst);
        is_bad
    });
}

fn wait_for<R>(handle: &JobHandle<R>) {
    while !handle.is_finished() {
        thread::yield_now();
    }
}

#[test]
fn results_are_those_of_the_loop() {
    in_every_setting_and_by_default(|threads, chunk| {
        let words: Vec<String> = (0..500).map(|i| i.to_string()).collect();
        let expected: Vec<usize> = words.iter().map(String::len).collect();
        let lengths = job(words, |word: String| word.len());
        let lengths = lengths.threads(threads).chunk_size(chunk).spawn();
        assert_eq!(lengths.join(), expected);
    });
}

#[test]
fn a_handle_is_finished_once_its_job_has_ended() {
    let (release, released) = mpsc::channel();
    let mut released = Some(released);
    // The iterator may hold the receiver: it runs on one thread at a time.
    let items = (0..10).inspect(move |_| {
        if let Some(released) = released.take() {
            released.recv().unwrap();
        }
    });
    let handle = job(items, |i| i).threads(2).spawn();
    assert!(!handle.is_finished());
    assert!(format!("{handle:?}").contains("is_finished: false"));
    release.send(()).unwrap();
    wait_for(&handle);
    assert!(handle.join().into_iter().eq(0..10));
}

// The other tests here do not panic: this one counts the panics of the process.
#[test]
fn a_panic_is_resumed_by_join_and_the_hook_does_not_run_again() {
    silence();
    for threads in THREADS {
        let handle = job(0..100, |i| assert!(i != 17, "bad")).threads(threads);
        let handle = handle.spawn();
        wait_for(&handle);
        let panics = PANICS.load(Ordering::SeqCst);
        assert_eq!(panics::message(|| handle.join()), "item 17: bad");
        assert_eq!(PANICS.load(Ordering::SeqCst), panics);

        let items = (0..100).inspect(|i| assert!(*i != 17, "bad iterator"));
        let handle = job(items, |i| i).threads(threads).spawn();
        assert_eq!(panics::message(|| handle.join()), "bad iterator");
    }
}

#[test]
fn a_job_continues_when_its_handle_is_dropped() {
    let (release, released) = mpsc::channel();
    let (finished, is_done) = mpsc::channel();
    let items = (0..1).inspect(move |_| released.recv().unwrap());
    drop(job(items, move |i| finished.send(i).unwrap()).spawn());
    release.send(()).unwrap();
    assert_eq!(is_done.recv(), Ok(0));
}

#[test]
fn join_works_on_the_only_thread_of_a_pool() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let squares = pool.install(|| job(0..1_000, |i| i * i).spawn().join());
    assert!(squares.into_iter().eq((0..1_000).map(|i| i * i)));
}

#[test]
fn the_thread_of_a_job_has_a_name() {
    let name = |_| thread::current().name().map(str::to_owned);
    let names = job(0..3, name).threads(1).spawn().join();
    assert_eq!(names, [0; 3].map(|_| Some("parallelize job".to_owned())));
}

#[test]
fn a_spawned_job_reports_its_progress() {
    let last = Arc::new(AtomicUsize::new(0));
    let stored = last.clone();
    let handle = job(0..500, |i| i)
        .chunk_size(3)
        .on_progress(move |done, _| stored.store(done, Ordering::SeqCst))
        .threads(2)
        .spawn();
    assert_eq!(handle.join().len(), 500);
    assert_eq!(last.load(Ordering::SeqCst), 500);
}
