//! One contender of `run`: `compare WHAT ROUNDS` prints the seconds of each round.
//!
//! `run` starts it under `mpirun` and alone, and compares it with `futures.py` on the same work.

use std::env;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use parallelize::parallel;

/// Uses a core for `micros`, measured by the clock of this thread. Other processes do not shorten
/// the work.
fn burn(micros: u64) {
    let start = ThreadTime::now();
    while start.elapsed() < Duration::from_micros(micros) {}
}

#[parallel(cluster)]
fn millisecond(i: u64) -> u64 {
    burn(1_000);
    i
}

#[parallel(cluster)]
fn tenth(i: u64) -> u64 {
    burn(100);
    i
}

/// One item in twenty takes about as long as the nineteen others together.
#[parallel(cluster)]
fn skewed(i: u64) -> u64 {
    burn(if i % 20 == 7 { 4_000 } else { 200 });
    i
}

/// Takes about a microsecond, too short to be timed by a clock.
#[parallel(cluster)]
fn hash(i: u64) -> u64 {
    (0..400).fold(i, |hash, k| {
        (hash ^ k).wrapping_mul(0x0100_0000_01b3).rotate_left(7)
    })
}

/// Returns a megabyte.
#[parallel(cluster)]
fn field(i: u64) -> Vec<f64> {
    burn(1_000);
    vec![f64::from(u32::try_from(i).expect("there are 500 items")); 131_072]
}

fn main() {
    let _cluster = parallelize_mpi::join();
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [what, rounds] = &arguments[..] else {
        panic!("usage: compare WHAT ROUNDS");
    };
    let rounds = rounds.parse().expect("ROUNDS is a number");
    let run = || match what.as_str() {
        "millisecond" => check(millisecond_parallel(0..1_000)),
        "tenth" => check(tenth_parallel(0..10_000)),
        "tenth-1" => check(tenth_job(0..10_000).chunk_size(1).collect()),
        "tenth-20" => check(tenth_job(0..10_000).chunk_size(20).collect()),
        "skewed" => check(skewed_parallel(0..2_000)),
        "hash" => assert_eq!(hash_parallel(0..1_000_000).len(), 1_000_000),
        "field" => assert_eq!(field_parallel(0..500).len(), 500),
        what => panic!("there is no {what}"),
    };
    // The first call starts the threads.
    for round in 0..=rounds {
        let start = Instant::now();
        run();
        let seconds = start.elapsed().as_secs_f64();
        if round > 0 {
            println!("{seconds}");
        }
    }
}

fn check(results: Vec<u64>) {
    assert!((0..).zip(results).all(|(i, result)| i == result));
}
