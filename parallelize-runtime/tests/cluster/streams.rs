//! Streams of results.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::ranks::Cluster;
use crate::{in_every_cluster, power, sleep};

#[test]
fn streams_are_in_order_and_complete() {
    in_every_cluster(|| {
        for window in [0, 1, 2, 33, 5_000] {
            let job = || power(0..500, 1).window(window);
            assert!(job().stream(|results| results.eq(0..500)));
            let mut seen = job().stream_unordered(|results| results.collect::<Vec<_>>());
            seen.sort_unstable();
            assert!(seen.into_iter().map(|(_, result)| result).eq(0..500));
        }
        let found = power(0.., 1).stream(|mut results| results.find(|i| *i == 432));
        assert_eq!(found, Some(432));
    });
}

#[test]
fn at_most_a_window_of_results_waits() {
    static BEGUN: AtomicUsize = AtomicUsize::new(0);
    static CONSUMED: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    cluster_function!(held: u64, u64 => (), |()| false, |_, _| {
        let begun = BEGUN.fetch_add(1, Ordering::SeqCst) + 1;
        MOST.fetch_max(begun - CONSUMED.load(Ordering::SeqCst), Ordering::SeqCst);
        sleep(20);
    });
    let _cluster = Cluster::of(2, 2);
    for window in [1, 5, 64] {
        for count in [&BEGUN, &CONSUMED, &MOST] {
            count.store(0, Ordering::SeqCst);
        }
        held(0..1_000, 0).window(window).stream(|results| {
            for () in results {
                CONSUMED.fetch_add(1, Ordering::SeqCst);
            }
        });
        let most = MOST.load(Ordering::SeqCst);
        assert!(most <= window, "{most} in a window of {window}");
    }
}
