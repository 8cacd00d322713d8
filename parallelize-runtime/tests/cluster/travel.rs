//! How functions, items, constants and results reach other ranks.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use linkme::distributed_slice;
use parallelize_runtime::__private::{Profile, companion};
use parallelize_runtime::cluster::{Entry, FUNCTIONS, Function, Travels, check_registry};
use serde::{Deserialize, Serialize, Serializer};

use crate::ranks::Cluster;
use crate::support::panics::message;
use crate::{here, sleep};

/// Bounds the time in which what a busy machine hides has to happen.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn the_names_of_functions_are_unique() {
    check_registry().unwrap();
}

cluster_function!(large: usize, usize => Vec<u8>, |_| false, |item, len| {
    vec![u8::try_from(item % 251).unwrap(); *len]
});

#[test]
fn large_results_arrive_complete() {
    let _cluster = Cluster::of(2, 2);
    let results = large(0..100, 100_000).collect();
    for (i, result) in results.iter().enumerate() {
        assert_eq!(result.len(), 100_000);
        assert!(result.iter().all(|byte| usize::from(*byte) == i % 251));
    }
}

cluster_function!(length: String, u64 => usize, |_| false, |item, micros| {
    sleep(*micros);
    item.len()
});

#[test]
fn large_items_travel_in_short_chunks() {
    let cluster = Cluster::of(1, 1);
    let items = (0..300).map(|i| "x".repeat(1_000_000 + i));
    let lengths = length(items, 200).collect();
    assert!(lengths.into_iter().eq(1_000_000..1_000_300));
    let longest = cluster.longest();
    assert!((1_000_000..6_000_000).contains(&longest), "{longest} bytes");
}

/// A constant that counts how often it is decoded.
#[derive(Clone, Deserialize, Serialize)]
#[serde(from = "u64", into = "u64")]
struct Model(u64);

static DECODED: AtomicUsize = AtomicUsize::new(0);

impl From<u64> for Model {
    fn from(number: u64) -> Self {
        DECODED.fetch_add(1, Ordering::Relaxed);
        Self(number)
    }
}

impl From<Model> for u64 {
    fn from(model: Model) -> Self {
        model.0
    }
}

cluster_function!(modelled: u64, Model => u64, |_| false, |item, model| {
    sleep(100);
    item + model.0
});

#[test]
fn a_constant_travels_to_each_rank_once() {
    let _cluster = Cluster::of(2, 4);
    assert!(
        modelled(0..2_000, Model(7))
            .collect()
            .into_iter()
            .eq(7..2_007)
    );
    assert_eq!(DECODED.load(Ordering::Relaxed), 2);
}

/// A number that cannot be encoded if it is odd.
#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Even(u64);

impl Serialize for Even {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 2 == 1 {
            return Err(serde::ser::Error::custom("it is odd"));
        }
        serializer.serialize_newtype_struct("Even", &self.0)
    }
}

cluster_function!(of_even: Even, u64 => u64, |_| false, |item, _| {
    sleep(500);
    item.0
});
cluster_function!(with_even: u64, Even => u64, |_| false, |item, _| {
    sleep(500);
    item
});
cluster_function!(to_even: u64, u64 => Even, |_| false, |item, _| {
    sleep(500);
    Even(if here().contains(" of rank ") { 1 } else { item })
});

#[test]
fn a_value_that_cannot_be_encoded_is_named() {
    let _cluster = Cluster::of(1, 1);
    let said = message(|| of_even((0..1_000).map(|_| Even(1)), 0).collect());
    assert_eq!(
        said,
        "`cluster::travel::of_even`: argument `item` of type `cluster::travel::Even` cannot be \
         encoded: it is odd"
    );
    let said = message(|| with_even(0..1_000, Even(1)).collect());
    assert_eq!(
        said,
        "`cluster::travel::with_even`: argument `constant` of type `cluster::travel::Even` cannot \
         be encoded: it is odd"
    );
    let said = message(|| to_even(0..1_000, 0).collect());
    assert_eq!(
        said,
        "`cluster::travel::to_even`: the result of type `cluster::travel::Even` cannot be encoded: \
         it is odd (rank 1 on node1)"
    );
}

#[test]
fn a_thread_makes_its_local_once_per_call() {
    thread_local! {
        static LIVE: Cell<usize> = const { Cell::new(0) };
    }
    static MADE: AtomicUsize = AtomicUsize::new(0);
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    struct Own;
    impl Own {
        fn new() -> Self {
            MADE.fetch_add(1, Ordering::Relaxed);
            LIVE.set(LIVE.get() + 1);
            assert_eq!(LIVE.get(), 1);
            Self
        }
    }
    impl Drop for Own {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, Ordering::Relaxed);
            LIVE.set(LIVE.get() - 1);
        }
    }
    const NAME: &str = "cluster::travel::own";
    static PROFILE: Profile = Profile::new();
    #[distributed_slice(FUNCTIONS)]
    static ENTRY: Entry = Entry {
        name: NAME,
        begin: |_| {
            Function {
                constants: (),
                take: |from| u64::take("argument `i`", from),
                local: |()| Own::new(),
                apply: |(), _, i| own(i),
                fails: |_| false,
                put: |result, into| result.put("the result", into),
            }
            .begun()
        },
    };
    fn own(i: u64) -> u64 {
        sleep(200);
        i
    }
    let call = || {
        let made = MADE.load(Ordering::Relaxed);
        let job = companion(
            &PROFILE,
            0..1_000,
            (),
            |()| Own::new(),
            |(), _: &mut Own, i| own(i),
        );
        let job = job.distributed(
            NAME,
            |(), _| Ok(()),
            |i, into| i.put("argument `i`", into),
            |from| u64::take("the result", from),
        );
        assert!(job.collect().into_iter().eq(0..1_000));
        MADE.load(Ordering::Relaxed) - made
    };
    let cluster = Cluster::of(2, 2);
    let threads = 4 + thread::available_parallelism().unwrap().get();
    // A helper that cannot have items for long leaves the call, and makes another one if it comes
    // back. That is rare, except on a busy machine.
    let begun = Instant::now();
    while call() > threads {
        assert!(begun.elapsed() < PATIENCE, "threads make more than one");
    }
    drop(cluster);
    assert_eq!(
        MADE.load(Ordering::Relaxed),
        DROPPED.load(Ordering::Relaxed)
    );
}
