//! Who is how fast: rounds in which all take turns, and the medians of what each took.

use std::hint::{self, black_box};
use std::thread;
use std::time::{Duration, Instant};

use crate::contenders::{COLUMNS, Contender};

/// How calls follow each other.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// Call upon call, until a millisecond has passed.
    Steady,
    /// So many calls, each right after the one before.
    Hot { calls: u32 },
    /// A single call after a pause in which all threads fall asleep.
    Cold { pause: Duration },
}

/// How long to go on.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) least_rounds: usize,
    pub(crate) most_rounds: usize,
    /// No further round than the least ones is begun after this.
    pub(crate) time: Duration,
}

/// How long the calls of [`Pace::Steady`] go on.
const STEADY: Duration = Duration::from_millis(1);

/// Calls that are shorter are timed together, with the release of their results.
const TIMED_TOGETHER: Duration = Duration::from_micros(20);

/// How long helpers and spinning threads of the one before have to fall asleep.
const SETTLE: Duration = Duration::from_micros(200);

/// Seconds per call, for each of [`COLUMNS`].
pub(crate) type Times = [f64; COLUMNS.len()];

/// Has all contenders run on the same input, one after another in each round.
///
/// # Panics
///
/// If one gives another result than the loop.
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
        assert!(right, "{contender:?} gives something else than the loop");
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

/// Seconds per call in one turn of one contender.
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

/// Seconds per call, on average.
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

/// What a call takes, without making its input and releasing its results.
fn timed<In>(input: In, run: impl Fn(In) -> Vec<u64>) -> Duration {
    let start = Instant::now();
    let results = run(black_box(input));
    let elapsed = start.elapsed();
    drop(black_box(results));
    elapsed
}

/// Waits without sleeping, so that this core stays awake while others fall asleep.
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
