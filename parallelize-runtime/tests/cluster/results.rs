//! Results are those of the plain loop, and every rank works.

use std::collections::{BTreeMap, HashSet};
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::thread;

use crate::ranks::Cluster;
use crate::{in_every_cluster, place, power, ranks_in, sleep};

#[test]
fn results_are_those_of_the_loop() {
    in_every_cluster(|| {
        for len in [0, 1, 2, 10, 1_000] {
            let looped: Vec<_> = (0..len).map(|i: u64| i.wrapping_pow(3)).collect();
            assert_eq!(power(0..len, 3).collect(), looped);
            assert_eq!(power(0..len, 3).threads(3).collect(), looped);
            assert_eq!(power(0..len, 3).chunk_size(7).collect(), looped);
            let unknown = (0..len).filter(|_| true);
            assert_eq!(power(unknown, 3).collect(), looped);
            let (results, report) = power(0..len, 3).report();
            assert_eq!(
                (results, report.items),
                (looped, usize::try_from(len).unwrap())
            );
        }
    });
}

#[test]
fn reductions_are_the_same_on_any_number_of_ranks() {
    let words = |len: u64, is_alone: bool| {
        let fold = |text: String, i: u64| format!("{text} {i}");
        let combine = |left, right| format!("({left}+{right})");
        let job = power(0..len, 1).chunk_size(7);
        // Another test may have a cluster now.
        let job = if is_alone { job.local() } else { job };
        job.fold(String::new, fold, combine)
    };
    for len in [0, 1, 64, 65, 1_000] {
        let alone = words(len, true);
        in_every_cluster(|| {
            assert_eq!(words(len, false), alone);
            let sum: u64 = power(0..len, 2).sum();
            assert_eq!(sum, (0..len).map(|i| i * i).sum());
            assert_eq!(power(0..len, 1).reduce(u64::max), len.checked_sub(1));
        });
    }
}

cluster_function!(tenth: u32, u64 => f64, |_| false, |item, _| {
    sleep(10);
    f64::from(item) * 0.1
});

cluster_function!(half: u64, u64 => u64, |_| false, |item, _| {
    sleep(10);
    (1 << 63) + item
});

#[test]
fn sums_have_the_same_bits_on_any_number_of_ranks() {
    let tenths = || tenth(0..5_000, 0);
    // They overflow: that is a panic with debug assertions, and wraps around without.
    let halves = || half(0..2_000, 0);
    let alone = tenths().local().sum::<f64>().to_bits();
    let wrapped = catch_unwind(|| halves().local().sum::<u64>()).ok();
    in_every_cluster(|| {
        for chunk in [0, 7, 64, 1_000] {
            let sum: f64 = tenths().chunk_size(chunk).sum();
            assert_eq!(sum.to_bits(), alone);
        }
        assert_eq!(catch_unwind(|| halves().sum::<u64>()).ok(), wrapped);
    });
}

cluster_function!(large: u64, u64 => u64, |_| false, |item, _| {
    sleep(20);
    (1 << 40) + item
});

#[test]
fn a_rank_sends_the_sums_of_its_leaves() {
    let cluster = Cluster::of(2, 1);
    let job = || large(0..6_400, 0).chunk_size(640);
    // On a busy machine, the other ranks may come too late for a call.
    let longest_reply = |call: &dyn Fn()| {
        let mut replies = (0..100).map(|_| {
            call();
            cluster.longest_reply()
        });
        replies.find(|reply| *reply > 0).expect("a rank takes part")
    };
    let results = longest_reply(&|| _ = job().collect());
    assert!(results > 640 * 9, "{results} bytes");
    let sum = (0..6_400).map(|item| (1 << 40) + item).sum::<u64>();
    let sums = longest_reply(&|| assert_eq!(job().sum::<u64>(), sum));
    assert!(sums < 10 * 20, "{sums} bytes");
    // What a closure makes of results, it makes on this rank.
    let results = longest_reply(&|| _ = job().reduce(u64::max));
    assert!(results > 640 * 9, "{results} bytes");
}

/// Makes calls on a new cluster until `threads` threads of other ranks have had a part in one: on a
/// busy machine, a thread may come too late for its share. Returns the places of all items.
fn places_on(threads: usize, call: impl Fn() -> Vec<String>) -> Vec<String> {
    let remote = |places: &[String]| -> HashSet<String> {
        let is_remote = |place: &&String| place.contains(" of rank ");
        places.iter().filter(is_remote).cloned().collect()
    };
    let mut places = call();
    // In later calls, another thread may stand in for one that still discards what a call has left.
    assert!(remote(&places).len() <= threads, "{places:?}");
    for _ in 0..100 {
        if remote(&places).len() >= threads {
            return places;
        }
        places.extend(call());
    }
    panic!("not all threads came: {:?}", remote(&places));
}

#[test]
fn every_rank_and_each_of_its_threads_works() {
    for (others, threads) in [(1, 1), (2, 2), (4, 1)] {
        let _cluster = Cluster::of(others, threads);
        let places = places_on(others * threads, || place(0..1_000, 200).collect());
        assert_eq!(ranks_in(&places).len(), others + 1, "{places:?}");
    }
}

#[test]
fn a_call_may_request_more_threads_than_a_rank_has() {
    let _cluster = Cluster::of(2, 2);
    places_on(2 * 5, || place(0..600, 1_000).threads(5).collect());
}

// Returns how many items are running on the rank of this item when it begins.
cluster_function!(load: u64, u64 => usize, |_| false, |_, micros| {
    static LOADS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());
    let name = thread::current().name().unwrap_or("unnamed").to_owned();
    let rank = name.rsplit("of rank ").next().unwrap_or_default().to_owned();
    let change = |by: isize| {
        let mut loads = LOADS.lock().unwrap();
        let load = loads.entry(rank.clone()).or_default();
        *load = load.checked_add_signed(by).unwrap();
        *load
    };
    let load = change(1);
    sleep(*micros);
    change(-1);
    load
});

#[test]
fn a_rank_runs_no_more_items_at_a_time_than_the_call_has_threads() {
    let _cluster = Cluster::of(2, 8);
    // The chunks are short, so that others wait behind them. An earlier call has started more
    // threads than a later one needs.
    for (threads, most) in [(0, 8), (12, 12), (3, 3), (0, 8), (2, 2)] {
        let loads = load(0..2_000, 200).threads(threads).chunk_size(1).collect();
        assert!(loads.iter().all(|load| *load <= most), "more than {most}");
    }
}

#[test]
fn a_local_call_and_a_call_on_one_thread_stay_on_this_rank() {
    let _cluster = Cluster::of(2, 2);
    for job in [place(0..200, 100).local(), place(0..200, 100).threads(1)] {
        assert_eq!(ranks_in(&job.collect()), HashSet::from(["0"]));
    }
}

cluster_function!(uneven: u64, u64 => u64, |_| false, |item, slow| {
    sleep(if item == *slow { 100_000 } else { 100 });
    item
});

#[test]
fn a_slow_item_does_not_delay_other_items() {
    in_every_cluster(|| {
        for slow in [0, 400, 999] {
            assert!(uneven(0..1_000, slow).collect().into_iter().eq(0..1_000));
        }
    });
}

#[test]
fn a_call_without_other_ranks_agrees_with_the_loop() {
    // While `cluster` lives, no other test has one that this call would use.
    let mut cluster = Cluster::of(0, 1);
    cluster.leave();
    assert!(
        power(0..500, 2)
            .collect()
            .into_iter()
            .eq((0..500).map(|i| i * i))
    );
    drop(cluster);
    let _cluster = Cluster::of(0, 1);
    assert!(
        power(0..500, 2)
            .collect()
            .into_iter()
            .eq((0..500).map(|i| i * i))
    );
}
