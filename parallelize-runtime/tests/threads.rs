//! How many threads a call has: as many as it asks for, or as the environment or the pool say.

use std::collections::HashSet;
use std::env;
use std::process::Command;
use std::sync::{Barrier, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use parallelize_runtime::__private::{Profile, companion};

/// Calls `function` for `0..items` on as many threads as `threads` says, as if for the first time:
/// whatever the items cost, they are shared.
fn call<R: Send>(items: usize, threads: usize, function: impl Fn(usize) -> R + Sync) -> Vec<R> {
    call_again(Box::leak(Box::default()), items, threads, function)
}

/// The same, as one of the calls that `profile` remembers.
fn call_again<R: Send>(
    profile: &'static Profile,
    items: usize,
    threads: usize,
    function: impl Fn(usize) -> R + Sync,
) -> Vec<R> {
    companion(profile, 0..items, || (), |(), item| function(item))
        .threads(threads)
        .collect()
}

/// The threads that took part in a call of items that wait, until so many have come at least.
fn took_part(items: usize, threads: usize, at_least: usize) -> HashSet<ThreadId> {
    took_part_again(Box::leak(Box::default()), items, threads, at_least)
}

/// The same, as one of the calls that `profile` remembers.
fn took_part_again(
    profile: &'static Profile,
    items: usize,
    threads: usize,
    at_least: usize,
) -> HashSet<ThreadId> {
    let came = Mutex::new(HashSet::new());
    let begun = Instant::now();
    let wait = |item| {
        came.lock().unwrap().insert(thread::current().id());
        thread::sleep(Duration::from_millis(2));
        // On a busy machine, it may take them a while; and nobody may be asked before the first item
        // has ended.
        while item > 0 && came.lock().unwrap().len() < at_least && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
    };
    call_again(profile, items, threads, wait);
    came.into_inner().unwrap()
}

/// How long threads are waited for that never come.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn as_many_items_at_a_time_as_asked_for() {
    for threads in [2, 3, 8, 32] {
        // Hangs unless so many items run at the same time.
        let everybody = Barrier::new(threads);
        call(threads, threads, |_| _ = everybody.wait());
        assert!(took_part(4 * threads, threads, 0).len() <= threads);

        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| call(threads, 0, |_| _ = everybody.wait()));
    }
}

#[test]
fn a_wrong_guess_costs_no_call() {
    for (items, cheap_calls) in [(8, 1), (8, 100), (8, 1_000), (1_000, 100)] {
        let profile = Box::leak(Box::default());
        for _ in 0..cheap_calls {
            call_again(profile, items, 2, |item| item);
        }
        assert_eq!(
            took_part_again(profile, items, 2, 2).len(),
            2,
            "{items} after {cheap_calls}"
        );
        // And then it is known.
        let both = Barrier::new(2);
        call_again(profile, 2, 2, |_| _ = both.wait());
    }
}

#[test]
fn those_who_stay_from_a_call_on_fewer_threads_stand_in_nobodys_way() {
    let everybody = Barrier::new(8);
    for _ in 0..100 {
        (0..3).for_each(|_| _ = call(9, 3, |_| thread::sleep(Duration::from_micros(20))));
        // Hangs if they are counted on to bring the others.
        call(8, 8, |_| _ = everybody.wait());
    }
}

#[test]
fn no_more_than_asked_for_also_where_more_are_awake() {
    for _ in 0..20 {
        call(64, 8, |_| thread::sleep(Duration::from_micros(100)));
        assert!(took_part(10, 2, 0).len() <= 2);
        assert_eq!(took_part(10, 1, 0), HashSet::from([thread::current().id()]));
    }
}

#[test]
fn results_are_those_of_the_loop() {
    let looped: Vec<_> = (0..1_000).map(|i| i * i).collect();
    for threads in [0, 1, 2, 3, 16] {
        assert_eq!(call(1_000, threads, |i| i * i), looped);
        assert_eq!(call(10, threads, |i| call(i, threads, |j| i * j)).len(), 10);
    }
}

/// What this test binary does when a test below starts it once more.
#[test]
fn started_again() {
    if let Ok(told) = env::var("STARTED_AGAIN") {
        let (asked, expected) = told.split_once(' ').unwrap();
        let [asked, expected] = [asked, expected].map(|number| number.parse().unwrap());
        println!("threads: {}", took_part(100, asked, expected).len());
    }
}

#[test]
fn the_environment_decides() {
    let threads = |value: &str, asked: usize, expected: usize| {
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", "started_again", "--nocapture"])
            .env("STARTED_AGAIN", format!("{asked} {expected}"))
            .env("PARALLELIZE_NUM_THREADS", value)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let threads = said
            .split("threads: ")
            .nth(1)
            .and_then(|said| said.lines().next());
        let complaint = String::from_utf8(output.stderr).unwrap();
        (threads.unwrap().parse::<usize>().unwrap(), complaint)
    };
    for asked in [0, 5] {
        assert_eq!(threads("1", asked, 1), (1, String::new()));
        assert_eq!(threads(" 3 ", asked, 3), (3, String::new()));
    }
    assert_eq!(threads("0", 5, 5), (5, String::new()));
    let (decided, complaint) = threads("many", 5, 5);
    assert_eq!(decided, 5);
    assert_eq!(
        complaint.trim(),
        "PARALLELIZE_NUM_THREADS is ignored: \"many\" is no number of threads"
    );
}
