//! Several calls at once, and calls inside items.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::ranks::Cluster;
use crate::{place, power, ranks_in, sleep};

cluster_function!(gated: u64, u64 => u64, |_| false, |item, _| {
    WAITING.fetch_add(1, Ordering::SeqCst);
    let begun = Instant::now();
    while !IS_OPEN.load(Ordering::SeqCst) && begun.elapsed() < Duration::from_secs(60) {
        sleep(1_000);
    }
    item
});
static WAITING: AtomicUsize = AtomicUsize::new(0);
static IS_OPEN: AtomicBool = AtomicBool::new(false);

#[test]
fn a_call_does_not_wait_for_the_items_of_another_call() {
    let _cluster = Cluster::of(2, 2);
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| assert!(gated(0..100, 0).collect().into_iter().eq(0..100)));
        // One item on this rank, and one on each thread of the other ranks.
        while WAITING.load(Ordering::SeqCst) < 5 {
            thread::yield_now();
        }
        for _ in 0..10 {
            assert!(power(0..100, 1).collect().into_iter().eq(0..100));
        }
        // The other ranks take part in further calls.
        assert_eq!(ranks_in(&place(0..1_000, 200).collect()).len(), 3);
        IS_OPEN.store(true, Ordering::SeqCst);
    });
    assert!(begun.elapsed() < Duration::from_secs(60), "it waited");
    // The threads that were started meanwhile end again.
    let is_own = |place: &String| !place.contains(" of rank ") || place.as_str() < "parallelize 2";
    assert!((0..1_000).any(|_| place(0..200, 200).collect().iter().all(is_own)));
}

#[test]
fn concurrent_calls_do_not_mix() {
    let _cluster = Cluster::of(2, 2);
    thread::scope(|scope| {
        for exponent in 1..=4 {
            scope.spawn(move || {
                for len in [10, 500, 1_500] {
                    let looped = (0..len).map(|i: u64| i.wrapping_pow(exponent));
                    assert!(looped.eq(power(0..len, exponent.into()).collect()));
                }
            });
        }
    });
}

cluster_function!(outer: u64, u64 => Vec<String>, |_| false, |_, len| place(0..*len, 50).collect());

#[test]
fn a_call_inside_an_item_stays_on_the_rank_of_the_item() {
    let _cluster = Cluster::of(2, 2);
    for places in outer(0..60, 40).collect() {
        // Threads of a rank's pool have no rank in their name. No item is on a second rank.
        assert!(ranks_in(&places).difference(&HashSet::from(["0"])).count() <= 1);
    }
}
