//! Checks of calls on several ranks against the plain loop.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::hint;
use std::process;
use std::thread;
use std::time::{Duration, Instant};

use parallelize::{Outcome, parallel};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Params {
    seed: u64,
    steps: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Model {
    factors: Vec<u64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Simulated {
    of: Params,
    state: u64,
    path: Vec<f64>,
}

#[parallel(cluster)]
fn simulate(p: Params, model: &Model) -> Simulated {
    let mut state = p.seed;
    let mut path = Vec::new();
    for step in 0..p.steps {
        let factor = model.factors[usize::try_from(step).unwrap_or(0) % model.factors.len()];
        state = state.wrapping_mul(factor).rotate_left(7) ^ step;
        if step % 100 == 0 {
            path.push(f64::from_bits(state >> 12));
        }
    }
    Simulated { of: p, state, path }
}

/// Works for `milliseconds` and returns the rank that evaluated the item.
#[parallel(cluster)]
fn rank_of(milliseconds: u64) -> usize {
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(milliseconds) {
        hint::spin_loop();
    }
    super::ends::rank()
}

#[parallel(cluster)]
fn bytes(seed: u8, length: usize) -> Vec<u8> {
    vec![seed; length]
}

#[parallel(cluster)]
fn checked(item: u32, worst: &[u32]) -> Result<String, String> {
    thread::sleep(Duration::from_micros(200));
    assert!(
        !worst.contains(&(item / 2)) || item % 2 == 0,
        "{item} is odd"
    );
    if worst.contains(&item) {
        return Err(format!("{item} is bad"));
    }
    Ok(format!("{item} is good"))
}

#[parallel(cluster)]
fn sleep(seconds: u64) {
    thread::sleep(Duration::from_secs(seconds));
}

#[parallel(cluster)]
fn exit_on(target: usize, code: i32) {
    thread::sleep(Duration::from_millis(1));
    if super::ends::rank() == target {
        process::exit(code);
    }
}

/// Returns the attempt that evaluated the item.
#[parallel(cluster)]
fn attempt(item: u64) -> (u64, String) {
    thread::sleep(Duration::from_millis(20));
    (item, env::var("ATTEMPT").unwrap_or_default())
}

fn model() -> Model {
    let factors = (0..1000)
        .map(|i| 6_364_136_223_846_793_005 + 2 * i)
        .collect();
    Model { factors }
}

pub(crate) fn all() {
    let _cluster = parallelize_mpi::join();
    agree(20_000, |seed| 10 + seed % 50);
    agree(300, |_| 200_000);
    // The last items take a thousand times as long as the first.
    agree(2_000, |seed| if seed > 1_950 { 1_000_000 } else { 1_000 });
    agree(0, |_| 1);
    agree(1, |_| 1_000_000);
    all_ranks_work();
    many_bytes();
    failures();
    println!("calls are fine");
}

/// Checks that calls return what the loop returns.
fn agree(items: u64, steps: fn(u64) -> u64) {
    let model = model();
    let params = || {
        (0..items).map(|seed| Params {
            seed,
            steps: steps(seed),
        })
    };
    let start = Instant::now();
    let looped: Vec<_> = params().map(|p| simulate(p, &model)).collect();
    let loop_took = start.elapsed();
    let start = Instant::now();
    let called = simulate_parallel(params(), &model);
    println!(
        "{items} items: {loop_took:?} by the loop, {:?} by all ranks",
        start.elapsed()
    );
    assert!(
        called == looped,
        "a call differs from the loop, for {items} items"
    );
    let streamed = simulate_job(params(), &model)
        .stream(|results| results.zip(&looped).all(|(is, of)| is == *of));
    assert!(
        streamed,
        "a stream differs from the loop, for {items} items"
    );
}

/// Checks that every rank evaluates items, and only rank 0 those of a local call.
fn all_ranks_work() {
    let size = super::ends::size();
    let ranks: BTreeSet<_> = rank_of_parallel(vec![5; 100 * size]).into_iter().collect();
    assert_eq!(ranks, (0..size).collect());
    let local: BTreeSet<_> = rank_of_job(vec![1; 100])
        .local()
        .collect()
        .into_iter()
        .collect();
    assert_eq!(local, BTreeSet::from([0]));
}

/// Returns 100 MB of results from a call of many items, and from calls of few.
fn many_bytes() {
    for (items, length) in [(10_000, 10_000), (100, 1_000_000), (2, 50_000_000)] {
        let start = Instant::now();
        let seeds = || (0..items).map(|item: u32| item.to_le_bytes()[0]);
        let results = bytes_parallel(seeds(), length);
        println!("{items} results of {length} bytes: {:?}", start.elapsed());
        let right = |(result, seed): (&Vec<u8>, u8)| {
            result.len() == length && result.iter().all(|&byte| byte == seed)
        };
        assert!(
            results.iter().zip(seeds()).all(right),
            "a call differs from the loop"
        );
    }
}

/// Checks that the reported failure is the one that the loop meets first.
fn failures() {
    let error = checked_job(0..5_000, &[4_000, 3_000, 4_500])
        .try_collect()
        .expect_err("3000 is bad");
    assert_eq!((error.index, &*error.error), (3_000, "3000 is bad"));
    assert_eq!(
        checked_job(0..1_000, &[])
            .try_collect()
            .expect("all are good")
            .len(),
        1_000
    );

    let outcomes = checked_job(0..2_000, &[700]).outcomes();
    let panics: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Panicked(panic) => Some((panic.index, panic.message())),
            _ => None,
        })
        .collect();
    let [(1_401, message)] = panics[..] else {
        panic!("not one panic: {panics:?}")
    };
    assert!(message.starts_with("1401 is odd"), "{message}");
}

/// Lets a panic in an item leave `main`.
pub(crate) fn panic() {
    let _cluster = parallelize_mpi::join();
    checked_parallel(0..5_000, &[700, 2_000]);
}

/// Runs a call with a journal. The first attempt is killed, the last one continues it.
pub(crate) fn journal(path: &str, target: &str) {
    const ITEMS: u64 = 1_000;
    let last = env::var("ATTEMPT").is_ok_and(|attempt| attempt == "last");
    if !last {
        let path = path.to_owned();
        let some_results_are_written =
            move || fs::metadata(&path).is_ok_and(|file| file.len() > 2_000);
        super::ends::die_when(target, some_results_are_written);
    }
    let _cluster = parallelize_mpi::join();
    let job = attempt_job(0..ITEMS)
        .journal(path)
        .expect("the journal is of this work");
    let results = job.collect();
    assert!(last, "the attempt was killed too late");
    assert!(results.iter().map(|(item, _)| *item).eq(0..ITEMS));
    let computed = results
        .iter()
        .filter(|(_, attempt)| attempt == "last")
        .count();
    assert!(
        (1..results.len()).contains(&computed),
        "{computed} items were computed"
    );
    println!("{computed} of {ITEMS} were left");
}

/// Kills the rank `target` while all ranks are busy.
pub(crate) fn killed(target: &str) {
    super::ends::die_soon(target);
    let _cluster = parallelize_mpi::join();
    sleep_parallel(vec![60; 100]);
}

/// Returns from `main` while the others are busy with a call whose result is not needed any more.
pub(crate) fn leave_while_busy() {
    let _cluster = parallelize_mpi::join();
    let size = super::ends::size();
    thread::spawn(move || rank_of_parallel((0..20 * size as u64).map(|_| 10_000)));
    thread::sleep(Duration::from_secs(1));
    println!("printed once");
}

/// Exits in an item on the rank `target`.
pub(crate) fn exit_in_item(target: &str, code: &str) {
    let _cluster = parallelize_mpi::join();
    let (target, code) = (
        target.parse().expect("a rank"),
        code.parse().expect("a code"),
    );
    exit_on_parallel(vec![target; 10_000], code);
    panic!("an item should end the process");
}

/// Exits while all ranks are busy.
pub(crate) fn exit_while_busy(code: &str) {
    let _cluster = parallelize_mpi::join();
    let handle = sleep_job(vec![60; 100]).spawn();
    thread::sleep(Duration::from_secs(1));
    assert!(!handle.is_finished());
    process::exit(code.parse().expect("a code"));
}
