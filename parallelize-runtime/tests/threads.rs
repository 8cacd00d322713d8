//! The number of threads of a call, as set by the call, the environment or the pool.

mod support;

use std::collections::HashSet;
use std::sync::Barrier;
use std::thread::{self, ThreadId};
use std::time::Duration;

use parallelize_runtime::__private::{Profile, companion};
use support::arrivals::Arrivals;
use support::{child, new_profile};

/// Calls `function` for `0..items` on `threads` threads. Nothing is known yet about the cost of the
/// items.
fn call<R: Send>(items: usize, threads: usize, function: impl Fn(usize) -> R + Sync) -> Vec<R> {
    call_again(new_profile(), items, threads, function)
}

/// Like [`call`], but with what `profile` knows from earlier calls.
fn call_again<R: Send>(
    profile: &'static Profile,
    items: usize,
    threads: usize,
    function: impl Fn(usize) -> R + Sync,
) -> Vec<R> {
    companion(
        profile,
        0..items,
        (),
        |()| (),
        |(), (), item| function(item),
    )
    .threads(threads)
    .collect()
}

/// Returns the threads that take part in a call. Its items wait for `at_least` threads to arrive.
fn took_part(items: usize, threads: usize, at_least: usize) -> HashSet<ThreadId> {
    took_part_again(new_profile(), items, threads, at_least)
}

/// Like [`took_part`], but with what `profile` knows from earlier calls.
fn took_part_again(
    profile: &'static Profile,
    items: usize,
    threads: usize,
    at_least: usize,
) -> HashSet<ThreadId> {
    let arrivals = Arrivals::new();
    let wait = |item| {
        arrivals.note();
        thread::sleep(Duration::from_millis(2));
        // The first item does not wait: the call may request helpers only once it has ended.
        if item > 0 {
            arrivals.wait_for(at_least);
        }
    };
    call_again(profile, items, threads, wait);
    arrivals.into_threads()
}

#[test]
fn a_call_runs_as_many_items_at_a_time_as_it_has_threads() {
    for threads in [2, 3, 8, 32] {
        // Hangs unless `threads` items run at the same time.
        let barrier = Barrier::new(threads);
        call(threads, threads, |_| _ = barrier.wait());
        assert!(took_part(4 * threads, threads, 0).len() <= threads);

        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| call(threads, 0, |_| _ = barrier.wait()));
    }
}

#[test]
fn a_call_is_shared_although_earlier_calls_were_cheap() {
    for (items, cheap_calls) in [(8, 1), (8, 100), (8, 1_000), (1_000, 100)] {
        let profile = new_profile();
        for _ in 0..cheap_calls {
            call_again(profile, items, 2, |item| item);
        }
        assert_eq!(
            took_part_again(profile, items, 2, 2).len(),
            2,
            "{items} after {cheap_calls}"
        );
        // The next call is shared from its first item on.
        let both = Barrier::new(2);
        call_again(profile, 2, 2, |_| _ = both.wait());
    }
}

#[test]
fn helpers_lingering_from_a_smaller_call_do_not_block_a_larger_one() {
    let barrier = Barrier::new(8);
    for _ in 0..100 {
        (0..3).for_each(|_| _ = call(9, 3, |_| thread::sleep(Duration::from_micros(20))));
        // Hangs if the lingering helpers are expected to request the others.
        call(8, 8, |_| _ = barrier.wait());
    }
}

#[test]
fn a_call_uses_no_more_threads_than_it_requests_even_if_more_are_awake() {
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

/// Does something only in the processes that the test below starts.
#[test]
fn child_process() {
    if let Some(task) = child::task() {
        let (requested, expected) = task.split_once(' ').unwrap();
        let [requested, expected] = [requested, expected].map(|number| number.parse().unwrap());
        println!("threads: {}", took_part(100, requested, expected).len());
    }
}

#[test]
fn the_environment_sets_the_number_of_threads() {
    let threads = |value: &str, requested: usize, expected: usize| {
        let output = child::command("child_process", &format!("{requested} {expected}"))
            .arg("--nocapture")
            .env("PARALLELIZE_NUM_THREADS", value)
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let threads = printed
            .split("threads: ")
            .nth(1)
            .and_then(|rest| rest.lines().next());
        let complaint = String::from_utf8(output.stderr).unwrap();
        (threads.unwrap().parse::<usize>().unwrap(), complaint)
    };
    for requested in [0, 5] {
        assert_eq!(threads("1", requested, 1), (1, String::new()));
        assert_eq!(threads(" 3 ", requested, 3), (3, String::new()));
    }
    assert_eq!(threads("0", 5, 5), (5, String::new()));
    let (decided, complaint) = threads("many", 5, 5);
    assert_eq!(decided, 5);
    assert_eq!(
        complaint.trim(),
        "PARALLELIZE_NUM_THREADS is ignored: \"many\" is not a number of threads"
    );
}
