//! Panics, errors, stops and a shutdown.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use parallelize_runtime::{Outcome, Stop};

use crate::ranks::Cluster;
use crate::support::panics::message;
use crate::{here, in_every_cluster, place, sleep};

cluster_function!(fragile: u64, u64 => u64, |_| false, |item, bad| {
    sleep(50);
    assert!(item % 1_000 != *bad, "not {item}");
    item
});

#[test]
fn the_panic_of_the_lowest_item_is_resumed() {
    in_every_cluster(|| {
        for bad in [0, 3, 500, 999] {
            let said = message(|| fragile(0..3_000, bad).collect());
            assert!(
                said.starts_with(&format!("item {bad}: not {bad}")),
                "{said}"
            );
            let mut seen = Vec::new();
            let said = message(|| {
                fragile(0..3_000, bad).stream(|results| results.for_each(|i| seen.push(i)));
            });
            assert!(
                said.starts_with(&format!("item {bad}: not {bad}")),
                "{said}"
            );
            assert!(seen.into_iter().eq(0..bad));
        }
    });
}

cluster_function!(panics_elsewhere: u64, u64 => u64, |_| false, |item, _| {
    sleep(200);
    assert!(!here().contains(" of rank "), "elsewhere");
    item
});

#[test]
fn a_panic_on_another_rank_names_the_rank() {
    let _cluster = Cluster::of(1, 1);
    let said = message(|| panics_elsewhere(0..1_000, 0).collect());
    assert!(said.ends_with(": elsewhere (rank 1 on node1)"), "{said}");
}

cluster_function!(checked: u64, u64 => Result<u64, String>, Result::is_err, |item, bad| {
    sleep(50);
    if item % 1_000 == *bad {
        return Err(format!("not {item}"));
    }
    Ok(item)
});

#[test]
fn the_error_of_the_lowest_item_is_returned() {
    in_every_cluster(|| {
        for bad in [0, 3, 500, 999] {
            let failure = checked(0..3_000, bad).try_collect().unwrap_err();
            assert_eq!(failure.to_string(), format!("item {bad}: not {bad}"));
        }
        let results = checked(0..1_000, 5_000).try_collect().unwrap();
        assert!(results.into_iter().eq(0..1_000));
        // `collect` returns errors like other results.
        let results = checked(0..3_000, 7).collect();
        assert_eq!(results.iter().filter(|result| result.is_err()).count(), 3);
    });
}

#[test]
fn no_item_far_behind_a_failure_begins() {
    static BEGUN: AtomicUsize = AtomicUsize::new(0);
    cluster_function!(counted: u64, u64 => Result<(), ()>, Result::is_err, |item, _| {
        BEGUN.fetch_add(1, Ordering::Relaxed);
        sleep(300);
        if item == 100 { Err(()) } else { Ok(()) }
    });
    let _cluster = Cluster::of(2, 2);
    assert_eq!(counted(0.., 0).try_collect().unwrap_err().index, 100);
    let begun = BEGUN.load(Ordering::Relaxed);
    assert!(begun < 2_000, "{begun}");
}

#[test]
fn a_panicked_item_loses_no_other_item() {
    in_every_cluster(|| {
        let outcomes = fragile(0..3_000, 5).outcomes();
        for (i, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Outcome::Done(result) => assert_eq!(result, u64::try_from(i).unwrap()),
                Outcome::Panicked(panic) => {
                    assert_eq!((panic.index, i % 1_000), (i, 5));
                    assert!(panic.message().starts_with(&format!("not {i}")));
                }
                other => panic!("item {i}: {other:?}"),
            }
        }
    });
}

#[test]
fn a_stop_reaches_every_rank() {
    in_every_cluster(|| {
        let stop = Stop::after(Duration::from_millis(30));
        let outcomes = place(0..100_000, 1_000).outcomes_until(&stop);
        assert_eq!(outcomes.len(), 100_000);
        let done = outcomes.iter().filter(|outcome| outcome.is_done()).count();
        assert!(done > 0);
        assert_eq!(
            outcomes.iter().filter(|o| o.is_skipped()).count(),
            100_000 - done
        );
    });
}

#[test]
fn a_call_panics_and_does_not_hang_if_the_ranks_leave() {
    static ELSEWHERE: AtomicUsize = AtomicUsize::new(0);
    static LEFT: AtomicUsize = AtomicUsize::new(0);
    cluster_function!(stranded: u64, u64 => (), |()| false, |_, _| {
        if here().contains(" of rank ") {
            ELSEWHERE.store(1, Ordering::SeqCst);
            while LEFT.load(Ordering::SeqCst) == 0 {
                sleep(100);
            }
        }
        sleep(100);
    });
    let mut cluster = Cluster::of(2, 1);
    thread::scope(|scope| {
        let call = scope.spawn(|| message(|| stranded(0.., 0).collect()));
        while ELSEWHERE.load(Ordering::SeqCst) == 0 {
            sleep(100);
        }
        cluster.leave();
        let said = call.join().unwrap();
        LEFT.store(1, Ordering::SeqCst);
        assert!(
            said.contains("the other ranks were told to leave"),
            "{said}"
        );
    });
}
