//! Times all contenders: they take turns in each round, and the median of each counts.

use std::hint::{self, black_box};
use std::thread;
use std::time::{Duration, Instant};

use crate::contenders::{COLUMNS, Contender};

/// How the calls of a contender follow each other.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// Calls in a row for [`STEADY`].
    Steady,
    /// A fixed number of calls in a row.
    Hot { calls: u32 },
    /// A single call after a pause in which all threads fall asleep.
    Cold { pause: Duration },
}

/// How long to measure.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) least_rounds: usize,
    pub(crate) most_rounds: usize,
    /// After this time, no round beyond `least_rounds` begins.
    pub(crate) time: Duration,
}

/// The time that the calls of [`Pace::Steady`] take together.
const STEADY: Duration = Duration::from_millis(1);

/// Calls shorter than this are timed together, including the release of their results.
const TIMED_TOGETHER: Duration = Duration::from_micros(20);

/// The time in which the threads of the previous contender fall asleep.
const SETTLE: Duration = Duration::from_micros(200);

/// Seconds per call, for each of [`COLUMNS`].
pub(crate) type Times = [f64; COLUMNS.len()];

/// Times all contenders on the same input, one after another in each round.
///
/// # Panics
///
/// Panics if the results of a contender differ from those of the loop.
pub(crate) fn race<In>(
    pace: Pace,
    effort: Effort,
    len: usize,
    input: impl Fn() -> In,
    run: impl Fn(Contender, In) -> Vec<u64>,
) -> Times {
    let expected = run(Contender::Loop, input());
    let mut laps: Vec<(Contender, Vec<f64>)> = Vec::new();
    for contender in Contender::ALL.into_iter().filter(|c| c.suits(len)) {
        let right = run(contender, input()) == expected;
        assert!(
            right,
            "the results of {contender:?} differ from those of the loop"
        );
        laps.push((contender, Vec::new()));
    }
    let start = Instant::now();
    for round in 0..effort.most_rounds {
        if round >= effort.least_rounds && start.elapsed() > effort.time {
            break;
        }
        for (contender, laps) in &mut laps {
            laps.push(lap(pace, &input, |input| run(*contender, input)));
        }
    }
    COLUMNS.map(|column| {
        let of_column = laps.iter_mut().filter(|(c, _)| c.is_in(column));
        let medians = of_column.map(|(_, laps)| median(laps));
        medians.fold(f64::INFINITY, f64::min)
    })
}

/// Returns the seconds per call in one turn of one contender.
fn lap<In>(pace: Pace, input: impl Fn() -> In, run: impl Fn(In) -> Vec<u64>) -> f64 {
    match pace {
        Pace::Cold { pause } => {
            let input = input();
            thread::sleep(pause);
            timed(input, &run).as_secs_f64()
        }
        Pace::Hot { calls } => {
            settle();
            let first = timed(input(), &run);
            calls_in_a_row(calls, first < TIMED_TOGETHER, input, run)
        }
        Pace::Steady => {
            settle();
            let first = timed(input(), &run);
            if first > STEADY {
                return first.as_secs_f64();
            }
            let calls = STEADY.as_nanos() / first.as_nanos().max(1);
            let calls = u32::try_from(calls).unwrap_or(u32::MAX);
            calls_in_a_row(calls, first < TIMED_TOGETHER, input, run)
        }
    }
}

/// Returns the mean seconds per call.
fn calls_in_a_row<In>(
    calls: u32,
    together: bool,
    input: impl Fn() -> In,
    run: impl Fn(In) -> Vec<u64>,
) -> f64 {
    let elapsed = if together {
        let start = Instant::now();
        for _ in 0..calls {
            black_box(run(black_box(input())));
        }
        start.elapsed()
    } else {
        (0..calls).map(|_| timed(input(), &run)).sum()
    };
    elapsed.as_secs_f64() / f64::from(calls)
}

/// Returns the time of a call, without making its input and releasing its results.
fn timed<In>(input: In, run: impl Fn(In) -> Vec<u64>) -> Duration {
    let start = Instant::now();
    let results = run(black_box(input));
    let elapsed = start.elapsed();
    drop(black_box(results));
    elapsed
}

/// Waits without sleeping: this core stays awake while others fall asleep.
fn settle() {
    let start = Instant::now();
    while start.elapsed() < SETTLE {
        hint::spin_loop();
    }
}

fn median(laps: &mut [f64]) -> f64 {
    laps.sort_unstable_by(f64::total_cmp);
    laps[laps.len() / 2]
}
