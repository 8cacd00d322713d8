//! `spawn`: the same in the background.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once, mpsc};
use std::thread;

use parallelize_runtime::{JobHandle, job};

/// How often the panic hook ran.
static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Keeps panics that say `bad` out of the output.
fn quiet() {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if text(info.payload()).contains("bad") {
                PANICS.fetch_add(1, Ordering::SeqCst);
            } else {
                loud(info);
            }
        }));
    });
}

fn text(payload: &(dyn Any + Send)) -> &str {
    let string = payload.downcast_ref::<String>().map(String::as_str);
    let text = string.or(payload.downcast_ref::<&str>().copied());
    text.unwrap_or_default()
}

fn message<R>(handle: JobHandle<R>) -> String {
    let joined = panic::catch_unwind(AssertUnwindSafe(|| handle.join()));
    text(&*joined.map(drop).unwrap_err()).to_owned()
}

fn wait_for<R>(handle: &JobHandle<R>) {
    while !handle.is_finished() {
        thread::yield_now();
    }
}

#[test]
fn results_are_those_of_the_loop() {
    for threads in [0, 1, 2, 16] {
        for chunk in [0, 1, 7, 1_000] {
            let words: Vec<String> = (0..500).map(|i| i.to_string()).collect();
            let expected: Vec<usize> = words.iter().map(String::len).collect();
            let lengths = job(words, |word: String| word.len());
            let lengths = lengths.threads(threads).chunk_size(chunk).spawn();
            assert_eq!(lengths.join(), expected);
        }
    }
}

#[test]
fn it_is_finished_when_it_is() {
    let (release, released) = mpsc::channel();
    let mut released = Some(released);
    // The iterator is the one part that is sure to run on one thread only.
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

// The only test here that panics, since it counts the panics of the process.
#[test]
fn a_panic_arrives_when_joined_and_the_hook_runs_no_more_then() {
    quiet();
    for threads in [1, 2, 16] {
        let handle = job(0..100, |i| assert!(i != 17, "bad")).threads(threads);
        let handle = handle.spawn();
        wait_for(&handle);
        let panics = PANICS.load(Ordering::SeqCst);
        assert_eq!(message(handle), "item 17: bad");
        assert_eq!(PANICS.load(Ordering::SeqCst), panics);

        let items = (0..100).inspect(|i| assert!(*i != 17, "bad iterator"));
        let handle = job(items, |i| i).threads(threads).spawn();
        assert_eq!(message(handle), "bad iterator");
    }
}

#[test]
fn a_job_whose_handle_is_dropped_goes_on() {
    let (release, released) = mpsc::channel();
    let (finished, is_done) = mpsc::channel();
    let items = (0..1).inspect(move |_| released.recv().unwrap());
    drop(job(items, move |i| finished.send(i).unwrap()).spawn());
    release.send(()).unwrap();
    assert_eq!(is_done.recv(), Ok(0));
}

#[test]
fn joined_on_the_only_thread_of_a_pool() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let squares = pool.install(|| job(0..1_000, |i| i * i).spawn().join());
    assert!(squares.into_iter().eq((0..1_000).map(|i| i * i)));
}

#[test]
fn its_thread_has_a_name() {
    let name = |_| thread::current().name().map(str::to_owned);
    let names = job(0..3, name).threads(1).spawn().join();
    assert_eq!(names, [0; 3].map(|_| Some("parallelize job".to_owned())));
}

#[test]
fn progress_is_told() {
    let last = Arc::new(AtomicUsize::new(0));
    let tell = last.clone();
    let handle = job(0..500, |i| i)
        .chunk_size(3)
        .on_progress(move |done, _| tell.store(done, Ordering::SeqCst))
        .threads(2)
        .spawn();
    assert_eq!(handle.join().len(), 500);
    assert_eq!(last.load(Ordering::SeqCst), 500);
}
