//! The cluster in one process: followers are threads, and everything travels as bytes.

mod ranks;

use std::any::Any;
use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use linkme::distributed_slice;
use parallelize_runtime::__private::{Profile, companion};
use parallelize_runtime::cluster::{Entry, FUNCTIONS, Function, Travels, check_registry};
use parallelize_runtime::{Job, Outcome, Stop, Work};
use ranks::Cluster;
use serde::{Deserialize, Serialize, Serializer};

/// Calls `test` in clusters of several shapes.
fn in_every_cluster(test: impl Fn()) {
    for (others, threads) in [(1, 1), (2, 1), (1, 4), (3, 2)] {
        let _cluster = Cluster::of(others, threads);
        test();
    }
}

/// Registers a function of an item and a constant, and gives its job: what the attribute does.
macro_rules! cluster_function {
    ($name:ident: $item:ty, $constant:ty => $result:ty, $fails:expr, $function:expr) => {
        fn $name<I>(
            items: I,
            constant: $constant,
        ) -> Job<I::IntoIter, impl Work<$item, Output = $result>>
        where
            I: IntoIterator<Item = $item, IntoIter: Send>,
        {
            const NAME: &str = concat!(module_path!(), "::", stringify!($name));
            static PROFILE: Profile = Profile::new();
            #[distributed_slice(FUNCTIONS)]
            static ENTRY: Entry = Entry {
                name: NAME,
                begin: |from| {
                    Function {
                        constants: <$constant>::take("argument `constant`", from)?,
                        take: |from| <$item>::take("argument `item`", from),
                        local: |_| (),
                        apply: |(), constant, item| {
                            let function: fn($item, &$constant) -> $result = $function;
                            function(item, constant)
                        },
                        fails: $fails,
                        put: |result, into| result.put("the result", into),
                    }
                    .begun()
                },
            };
            let function: fn($item, &$constant) -> $result = $function;
            let sent = constant.clone();
            companion(
                &PROFILE,
                items,
                || (),
                move |(), item| function(item, &constant),
            )
            .distributed(
                NAME,
                move |into| sent.put("argument `constant`", into),
                |item, into| item.put("argument `item`", into),
                |from| <$result>::take("the result", from),
            )
        }
    };
}

/// Where an item was evaluated.
fn here() -> String {
    thread::current().name().unwrap_or("nobody").to_owned()
}

/// On which ranks there were items, by their threads' names.
fn ranks(places: &[String]) -> HashSet<&str> {
    places
        .iter()
        .map(|place| place.rsplit_once("rank ").map_or("0", |(_, rank)| rank))
        .collect()
}

/// Sleeps for so many microseconds, so that there is time for others.
fn sleep(micros: u64) {
    thread::sleep(Duration::from_micros(micros));
}

/// The message of the panic of `run`.
fn message<O>(run: impl FnOnce() -> O) -> String {
    let payload: Box<dyn Any> = match panic::catch_unwind(AssertUnwindSafe(run)) {
        Ok(_) => panic!("it does not panic"),
        Err(payload) => payload,
    };
    *payload.downcast::<String>().expect("it has a message")
}

cluster_function!(power: u64, u64 => u64, |_| false, |item, exponent| {
    sleep(item % 200);
    item.wrapping_pow(u32::try_from(*exponent).unwrap())
});

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

cluster_function!(place: u64, u64 => String, |_| false, |_, micros| {
    sleep(*micros);
    here()
});

#[test]
fn all_ranks_work() {
    for (others, threads) in [(1, 1), (2, 2), (4, 1)] {
        let _cluster = Cluster::of(others, threads);
        let places = place(0..1_000, 200).collect();
        assert_eq!(ranks(&places).len(), others + 1, "{places:?}");
        let names: HashSet<_> = places
            .iter()
            .filter(|place| place.contains(" of rank "))
            .collect();
        assert_eq!(names.len(), others * threads);
    }
}

#[test]
fn more_threads_than_a_rank_has_and_fewer() {
    let _cluster = Cluster::of(2, 2);
    let places = place(0..600, 1_000).threads(5).collect();
    let names: HashSet<_> = places
        .iter()
        .filter(|place| place.contains(" of rank "))
        .collect();
    assert_eq!(names.len(), 2 * 5);
}

// How many items are under way on the rank of this one when it begins.
cluster_function!(crowd: u64, u64 => usize, |_| false, |_, micros| {
    static CROWDS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());
    let name = thread::current().name().unwrap_or("nobody").to_owned();
    let rank = name.rsplit("of rank ").next().unwrap_or_default().to_owned();
    let change = |by: isize| {
        let mut crowds = CROWDS.lock().unwrap();
        let crowd = crowds.entry(rank.clone()).or_default();
        *crowd = crowd.checked_add_signed(by).unwrap();
        *crowd
    };
    let crowd = change(1);
    sleep(*micros);
    change(-1);
    crowd
});

#[test]
fn a_rank_begins_no_more_items_at_a_time_than_asked_for() {
    let _cluster = Cluster::of(2, 8);
    // With runs that are short, so that others wait behind them, after a call for which more threads
    // were started.
    for (threads, most) in [(0, 8), (12, 12), (3, 3), (0, 8), (2, 2)] {
        let crowds = crowd(0..2_000, 200)
            .threads(threads)
            .chunk_size(1)
            .collect();
        assert!(
            crowds.iter().all(|crowd| *crowd <= most),
            "more than {most}"
        );
    }
}

#[test]
fn who_stays_on_this_machine_does() {
    let _cluster = Cluster::of(2, 2);
    for job in [place(0..200, 100).local(), place(0..200, 100).threads(1)] {
        assert_eq!(ranks(&job.collect()), HashSet::from(["0"]));
    }
}

cluster_function!(uneven: u64, u64 => u64, |_| false, |item, slow| {
    sleep(if item == *slow { 100_000 } else { 100 });
    item
});

#[test]
fn a_slow_item_holds_up_nobody_else() {
    in_every_cluster(|| {
        for slow in [0, 400, 999] {
            assert!(uneven(0..1_000, slow).collect().into_iter().eq(0..1_000));
        }
    });
}

cluster_function!(fragile: u64, u64 => u64, |_| false, |item, bad| {
    sleep(50);
    assert!(item % 1_000 != *bad, "not {item}");
    item
});

#[test]
fn the_panic_is_that_of_the_lowest_item() {
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

cluster_function!(panics_away: u64, u64 => u64, |_| false, |item, _| {
    sleep(200);
    assert!(!here().contains(" of rank "), "away");
    item
});

#[test]
fn a_panic_elsewhere_says_where() {
    let _cluster = Cluster::of(1, 1);
    let said = message(|| panics_away(0..1_000, 0).collect());
    assert!(said.ends_with(": away (rank 1 on node1)"), "{said}");
}

cluster_function!(checked: u64, u64 => Result<u64, String>, Result::is_err, |item, bad| {
    sleep(50);
    if item % 1_000 == *bad {
        return Err(format!("not {item}"));
    }
    Ok(item)
});

#[test]
fn the_error_is_that_of_the_lowest_item() {
    in_every_cluster(|| {
        for bad in [0, 3, 500, 999] {
            let failure = checked(0..3_000, bad).try_collect().unwrap_err();
            assert_eq!(failure.to_string(), format!("item {bad}: not {bad}"));
        }
        let results = checked(0..1_000, 5_000).try_collect().unwrap();
        assert!(results.into_iter().eq(0..1_000));
        // Where nobody minds, an error is a result.
        let results = checked(0..3_000, 7).collect();
        assert_eq!(results.iter().filter(|result| result.is_err()).count(), 3);
    });
}

#[test]
fn nothing_far_behind_a_failure_begins() {
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
fn a_bad_item_loses_nothing_but_itself() {
    in_every_cluster(|| {
        let outcomes = fragile(0..3_000, 5).outcomes();
        for (i, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Outcome::Done(result) => assert_eq!(result, u64::try_from(i).unwrap()),
                Outcome::Panicked(panic) => {
                    assert_eq!((panic.index, i % 1_000), (i, 5));
                    assert!(panic.message().starts_with(&format!("not {i}")));
                }
                Outcome::Skipped => panic!("nobody said stop"),
            }
        }
    });
}

#[test]
fn a_stop_stops_everywhere() {
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
fn no_more_results_wait_than_the_window_holds() {
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

cluster_function!(large: usize, usize => Vec<u8>, |_| false, |item, len| {
    vec![u8::try_from(item % 251).unwrap(); *len]
});

#[test]
fn large_results_come_whole() {
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
fn large_items_travel_in_short_runs() {
    let cluster = Cluster::of(1, 1);
    let items = (0..300).map(|i| "x".repeat(1_000_000 + i));
    let lengths = length(items, 200).collect();
    assert!(lengths.into_iter().eq(1_000_000..1_000_300));
    let longest = cluster.longest();
    assert!((1_000_000..6_000_000).contains(&longest), "{longest} bytes");
}

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
fn no_call_waits_for_the_items_of_another_one() {
    let _cluster = Cluster::of(2, 2);
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| assert!(gated(0..100, 0).collect().into_iter().eq(0..100)));
        // Here and on each thread of the others.
        while WAITING.load(Ordering::SeqCst) < 5 {
            thread::yield_now();
        }
        for _ in 0..10 {
            assert!(power(0..100, 1).collect().into_iter().eq(0..100));
        }
        // Nor do the others leave it alone.
        assert_eq!(ranks(&place(0..1_000, 200).collect()).len(), 3);
        IS_OPEN.store(true, Ordering::SeqCst);
    });
    assert!(begun.elapsed() < Duration::from_secs(60), "it waited");
    // The threads that were started for that leave again.
    let is_own = |place: &String| !place.contains(" of rank ") || place.as_str() < "parallelize 2";
    assert!((0..1_000).any(|_| place(0..200, 200).collect().iter().all(is_own)));
}

#[test]
fn calls_from_several_threads_do_not_mix() {
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
fn what_an_item_asks_for_is_done_where_the_item_is() {
    let _cluster = Cluster::of(2, 2);
    for places in outer(0..60, 40).collect() {
        // On a rank's own thread, or on one of its pool, but on no other rank.
        assert!(ranks(&places).difference(&HashSet::from(["0"])).count() <= 1);
    }
}

/// Counts how often it is decoded.
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
fn constants_travel_once() {
    let _cluster = Cluster::of(2, 4);
    assert!(
        modelled(0..2_000, Model(7))
            .collect()
            .into_iter()
            .eq(7..2_007)
    );
    assert_eq!(DECODED.load(Ordering::Relaxed), 2);
}

/// Cannot be encoded if it is odd.
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
fn what_cannot_travel_is_named() {
    let _cluster = Cluster::of(1, 1);
    let said = message(|| of_even((0..1_000).map(|_| Even(1)), 0).collect());
    assert_eq!(
        said,
        "`cluster::of_even`: argument `item` of type `cluster::Even` cannot be encoded: it is odd"
    );
    let said = message(|| with_even(0..1_000, Even(1)).collect());
    assert_eq!(
        said,
        "`cluster::with_even`: argument `constant` of type `cluster::Even` cannot be encoded: it is \
         odd"
    );
    let said = message(|| to_even(0..1_000, 0).collect());
    assert_eq!(
        said,
        "`cluster::to_even`: the result of type `cluster::Even` cannot be encoded: it is odd (rank 1 \
         on node1)"
    );
}

#[test]
fn a_thread_makes_what_it_has_for_itself_once() {
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
    const NAME: &str = "cluster::own";
    static PROFILE: Profile = Profile::new();
    #[distributed_slice(FUNCTIONS)]
    static ENTRY: Entry = Entry {
        name: NAME,
        begin: |_| {
            Function {
                constants: (),
                take: |from| u64::take("argument `i`", from),
                local: |()| Own::new(),
                apply: |_, (), i| own(i),
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
    let cluster = Cluster::of(2, 2);
    for _ in 0..3 {
        let job = companion(&PROFILE, 0..1_000, Own::new, |_: &mut Own, i| own(i));
        let job = job.distributed(
            NAME,
            |_| Ok(()),
            |i, into| i.put("argument `i`", into),
            |from| u64::take("the result", from),
        );
        let results = job.collect();
        assert!(results.into_iter().eq(0..1_000));
    }
    drop(cluster);
    let here = thread::available_parallelism().unwrap().get();
    assert!(MADE.load(Ordering::Relaxed) <= 3 * (here + 4));
    assert_eq!(
        MADE.load(Ordering::Relaxed),
        DROPPED.load(Ordering::Relaxed)
    );
}

#[test]
fn a_report_tells_what_each_machine_did() {
    let _cluster = Cluster::of(2, 2);
    let (places, report) = place(0..1_000, 200).threads(2).report();
    assert_eq!(report.items, 1_000);
    let names = report.hosts.iter().map(|host| &*host.name);
    assert!(names.eq(["node0", "node1", "node2"]), "{report}");
    for (rank, host) in report.hosts.iter().enumerate() {
        assert_eq!(host.threads, 2);
        let of_rank = format!("of rank {rank}");
        let here = |place: &&String| match rank {
            0 => !place.contains(" of rank "),
            _ => place.ends_with(&of_rank),
        };
        assert_eq!(host.items, places.iter().filter(here).count());
        assert!((1..=host.items).contains(&host.chunks));
        // It slept for so long.
        let micros = 200 * u32::try_from(host.items).unwrap();
        assert!(host.busy >= Duration::from_micros(1) * micros);
    }
    let chunks = report.hosts.iter().map(|host| host.chunks);
    assert_eq!(chunks.sum::<usize>(), report.chunks);

    assert_eq!(report.busy.len(), 3 * 2);
    assert!(report.busy.iter().all(|busy| *busy <= report.wall));
    let busy: Vec<Duration> = report.busy.chunks(2).map(|two| two.iter().sum()).collect();
    assert!(report.hosts.iter().map(|host| host.busy).eq(busy));
    assert!(report.efficiency() <= 1.0);

    let text = report.to_string();
    assert!(text.contains(" on 6 threads of 3 hosts: "), "{text}");
    for slow in &report.slowest {
        let host = report.host_of(slow).unwrap();
        let place = &places[slow.index];
        let number = place.rsplit_once("rank ").map_or("0", |(_, rank)| rank);
        assert_eq!(host.name, format!("node{number}"));
    }
}

#[test]
fn a_job_that_stays_here_has_no_hosts() {
    let _cluster = Cluster::of(2, 2);
    for job in [place(0..20, 100).local(), place(0..20, 100).threads(1)] {
        let (_, report) = job.report();
        assert_eq!((report.items, &*report.hosts), (20, &[][..]));
        assert!(!report.to_string().contains("host"));
    }
}

/// Takes longer to decode than to compute.
#[derive(Clone, Deserialize, Serialize)]
#[serde(from = "u64", into = "u64")]
struct Dear(u64);

impl From<u64> for Dear {
    fn from(number: u64) -> Self {
        sleep(1_000);
        Self(number)
    }
}

impl From<Dear> for u64 {
    fn from(dear: Dear) -> Self {
        dear.0
    }
}

cluster_function!(dear: u64, u64 => Dear, |_| false, |item, micros| {
    sleep(*micros);
    Dear(item)
});

#[test]
fn a_report_says_that_items_are_not_worth_sending() {
    let _cluster = Cluster::of(2, 2);
    let (_, report) = dear(0..500, 100).chunk_size(1).report();
    assert!(report.hosts[0].items > 250, "{report}");
    assert!(report.to_string().contains("cheaper to do"), "{report}");
}

#[test]
fn progress_counts_what_others_did() {
    in_every_cluster(|| {
        let mut told = vec![(0, Some(1_000))];
        let job = place(0..1_000, 100).on_progress(|done, total| told.push((done, total)));
        let (results, report) = job.report();
        assert_eq!((results.len(), report.items), (1_000, 1_000));
        assert!(told.is_sorted_by(|before, now| before.0 < now.0 && before.1 == now.1));
        assert_eq!(told.last(), Some(&(1_000, Some(1_000))));
    });
}

#[test]
fn who_watches_may_panic() {
    in_every_cluster(|| {
        let enough = |done, _| assert!(done < 300, "enough: {done}");
        let job = || place(0..1_000, 300).on_progress(enough);
        let said = message(|| job().collect());
        assert!(said.starts_with("enough: "), "{said}");
        let said = message(|| job().stream(|results| results.for_each(drop)));
        assert!(said.starts_with("enough: "), "{said}");
    });
}

#[test]
fn without_other_ranks_it_is_a_call_like_any_other() {
    assert!(
        power(0..500, 2)
            .collect()
            .into_iter()
            .eq((0..500).map(|i| i * i))
    );
    let _cluster = Cluster::of(0, 1);
    assert!(
        power(0..500, 2)
            .collect()
            .into_iter()
            .eq((0..500).map(|i| i * i))
    );
}

#[test]
fn a_call_that_is_under_way_when_the_ranks_leave_panics_and_does_not_hang() {
    static AWAY: AtomicUsize = AtomicUsize::new(0);
    static LEFT: AtomicUsize = AtomicUsize::new(0);
    cluster_function!(stranded: u64, u64 => (), |()| false, |_, _| {
        if here().contains(" of rank ") {
            AWAY.store(1, Ordering::SeqCst);
            while LEFT.load(Ordering::SeqCst) == 0 {
                sleep(100);
            }
        }
        sleep(100);
    });
    let mut cluster = Cluster::of(2, 1);
    thread::scope(|scope| {
        let call = scope.spawn(|| message(|| stranded(0.., 0).collect()));
        while AWAY.load(Ordering::SeqCst) == 0 {
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

#[test]
fn names_are_unique() {
    check_registry().unwrap();
}

#[cfg(feature = "journal")]
#[test]
fn what_comes_back_is_recorded_and_what_is_known_is_not_sent() {
    cluster_function!(recorded: u64, u64 => String, |_| false, |_, micros| {
        sleep(*micros);
        here()
    });
    in_every_cluster(|| {
        let path = std::env::temp_dir().join(format!("parallelize-cluster-{}", std::process::id()));
        _ = std::fs::remove_file(&path);
        let first = recorded(0..500, 300).journal(&path).unwrap().collect();
        assert!(ranks(&first).len() > 1, "{first:?}");
        // As it was, wherever that is.
        let again = recorded(0..500, 300).journal(&path).unwrap().collect();
        assert_eq!(again, first);
        let more = recorded(0..1_000, 300).journal(&path).unwrap();
        let more = more.outcomes().into_iter().filter_map(Outcome::done);
        let more: Vec<_> = more.collect();
        assert!(more.len() == 1_000 && more.starts_with(&first));
        let again = recorded(0..1_000, 300).journal(&path).unwrap();
        let again: Vec<_> = again.stream(|places| places.collect());
        assert_eq!(again, more);
        std::fs::remove_file(path).unwrap();
    });
}
