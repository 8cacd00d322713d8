//! Random calls from several threads at once, compared with a serial model.
//!
//! A call has items of a known or an unknown number, settings, items that fail or stop the job, and
//! a way to run. Its results, its failure and the number of values left alive have to be those of
//! the plain loop. The same seed gives the same calls, but not the same timing.
//!
//! By hand, the calls go on for some time, or without an end for 0 seconds:
//! `PARALLELIZE_STRESS_SECONDS=60 PARALLELIZE_STRESS_SEED=7 cargo test --test random_calls`.

mod checks;
mod plan;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::env;
use std::hash::{BuildHasher, RandomState};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use plan::{PURPOSE, Plan};

/// The number of threads that make calls at the same time.
const CALLERS: usize = 4;

/// The number of calls of each caller, unless a time is set.
const CALLS: u64 = 200;

/// Bounds how long no call ends, so that a test that hangs fails. Calls are much shorter.
const LONGEST_SILENCE: Duration = Duration::from_secs(120);

/// When the callers end.
#[derive(Clone, Copy)]
enum End {
    Calls(u64),
    At(Instant),
    Never,
}

impl End {
    fn chosen() -> Self {
        match number("PARALLELIZE_STRESS_SECONDS") {
            None => Self::Calls(CALLS),
            Some(0) => Self::Never,
            Some(seconds) => Self::At(Instant::now() + Duration::from_secs(seconds)),
        }
    }

    fn has_come(self, calls: u64) -> bool {
        match self {
            Self::Calls(most) => calls >= most,
            Self::At(end) => Instant::now() >= end,
            Self::Never => false,
        }
    }
}

/// Returns the number in the environment variable `name`, if it is set.
fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().expect("a number in the environment"))
}

#[test]
fn concurrent_calls_of_every_kind_agree_with_the_loop() {
    support::panics::silence(|payload| support::panics::says(payload, PURPOSE));
    let seed = number("PARALLELIZE_STRESS_SEED");
    let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(0) >> 32);
    println!("PARALLELIZE_STRESS_SEED={seed}");
    let end = End::chosen();
    let (ended, calls_ended) = mpsc::channel();
    for caller in 0..CALLERS {
        let ended = ended.clone();
        thread::spawn(move || calls(caller, seed, end, &ended));
    }
    drop(ended);
    let mut calls = [0; CALLERS];
    loop {
        match calls_ended.recv_timeout(LONGEST_SILENCE) {
            Ok((caller, Ok(()))) => calls[caller] += 1,
            Ok((_, Err(reason))) => panic!("{reason}"),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let plans = (0..)
                    .zip(calls)
                    .map(|(caller, call)| plan(seed, caller, call));
                panic!("no call ends, of {:#?}", plans.collect::<Vec<_>>());
            }
        }
    }
    println!("{} calls", calls.iter().sum::<u64>());
}

/// Makes calls until the `end`, and sends for each how it ended.
fn calls(caller: usize, seed: u64, end: End, ended: &Sender<(usize, Result<(), String>)>) {
    let mut call = 0;
    while !end.has_come(call) {
        let plan = plan(seed, caller, call);
        let checked = support::panics::catch(|| plan.check()).unwrap_or_else(Err);
        let checked =
            checked.map_err(|reason| format!("caller {caller}, call {call}: {reason}\n{plan:#?}"));
        _ = ended.send((caller, checked));
        call += 1;
    }
}

fn plan(seed: u64, caller: usize, call: u64) -> Plan {
    let mixed = seed ^ ((caller as u64) << 56) ^ call.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Plan::new(&mut Random(mixed | 1), 0)
}

/// Random numbers, as in Vigna, "An experimental exploration of Marsaglia's xorshift generators",
/// 2016.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap() % bound
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Returns some positions below `bound`: often none, a few, or all from one on.
    fn positions(&mut self, bound: usize) -> BTreeSet<usize> {
        match self.below(4) {
            0 | 1 => BTreeSet::new(),
            2 => (0..self.below(4)).map(|_| self.below(bound)).collect(),
            _ => (self.below(bound)..bound).collect(),
        }
    }
}
