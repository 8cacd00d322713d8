//! Times the calls of one contender, in the process of its own.

use std::hint::{self, black_box};
use std::thread;
use std::time::{Duration, Instant};

/// How the calls of a contender follow each other.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// Calls in a row for [`STEADY`].
    Steady,
    /// A fixed number of calls in a row.
    Hot { calls: u32 },
    /// A single call after a pause in which all threads fall asleep.
    Cold { pause: Duration },
    /// `calls` calls in a row without a pause in front of them. The first round comes after
    /// `before` calls of this process.
    Fresh { before: u32, calls: u32 },
}

/// The time that the calls of [`Pace::Steady`] take together.
const STEADY: Duration = Duration::from_millis(1);

/// Calls shorter than this are timed together, including the release of their results.
const TIMED_TOGETHER: Duration = Duration::from_micros(20);

/// The time in which the threads of an earlier round fall asleep.
const SETTLE: Duration = Duration::from_micros(200);

/// Rounds at the beginning of a process that are not measured, unless the pace is fresh.
const WARM_UP_ROUNDS: u32 = 20;

/// No further round of the warm-up begins after this time.
const WARM_UP: Duration = Duration::from_millis(50);

/// How many rounds to measure.
struct Effort {
    least_rounds: usize,
    most_rounds: usize,
    /// After this time, no round beyond `least_rounds` begins.
    time: Duration,
}

impl Effort {
    fn new(pace: Pace, quick: bool) -> Self {
        let (least_rounds, most_rounds, millis) = match (pace, quick) {
            (Pace::Steady, false) => (1, 15, 50),
            (Pace::Steady, true) => (1, 5, 10),
            (Pace::Hot { .. } | Pace::Fresh { .. }, false) => (4, 4, 0),
            (Pace::Hot { .. } | Pace::Fresh { .. }, true) => (2, 2, 0),
            (Pace::Cold { .. }, false) => (11, 11, 0),
            (Pace::Cold { .. }, true) => (5, 5, 0),
        };
        Self {
            least_rounds,
            most_rounds,
            time: Duration::from_millis(millis),
        }
    }
}

/// Returns the seconds per call, for each round.
pub(crate) fn measure<In, R>(
    pace: Pace,
    quick: bool,
    input: impl Fn() -> In,
    run: impl Fn(In) -> Vec<R>,
) -> Vec<f64> {
    warm_up(pace, quick, &input, &run);
    let effort = Effort::new(pace, quick);
    let start = Instant::now();
    let mut laps = Vec::new();
    while laps.len() < effort.least_rounds
        || laps.len() < effort.most_rounds && start.elapsed() < effort.time
    {
        laps.push(lap(pace, &input, &run));
    }
    laps
}

fn warm_up<In, R>(pace: Pace, quick: bool, input: impl Fn() -> In, run: impl Fn(In) -> Vec<R>) {
    if let Pace::Fresh { before, .. } = pace {
        for _ in 0..before {
            black_box(run(black_box(input())));
        }
        return;
    }
    let time = if quick { WARM_UP / 5 } else { WARM_UP };
    let start = Instant::now();
    for _ in 0..WARM_UP_ROUNDS {
        lap(pace, &input, &run);
        if start.elapsed() > time {
            break;
        }
    }
}

/// Returns the seconds per call in one round.
fn lap<In, R>(pace: Pace, input: impl Fn() -> In, run: impl Fn(In) -> Vec<R>) -> f64 {
    match pace {
        Pace::Cold { pause } => {
            let input = input();
            thread::sleep(pause);
            timed(input, &run).as_secs_f64()
        }
        Pace::Fresh { calls, .. } => calls_in_a_row(calls, calls > 1, input, run),
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
fn calls_in_a_row<In, R>(
    calls: u32,
    together: bool,
    input: impl Fn() -> In,
    run: impl Fn(In) -> Vec<R>,
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
fn timed<In, R>(input: In, run: impl Fn(In) -> Vec<R>) -> Duration {
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
