//! Calls of every kind from several threads at once: nested, failing and left early, for a bounded
//! time.

mod support;

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parallelize_runtime::{Outcome, Stop, job, map};
use support::counted::Counted;

const TIME: Duration = Duration::from_secs(2);
const CALLERS: u64 = 4;

/// Returns a random number, as in Marsaglia, "Xorshift RNGs", 2003.
fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 33).unwrap()
}

/// Makes a call of a random kind and compares it with the plain loop.
fn call(state: &mut u64, live: &AtomicUsize) {
    let (len, threads, chunk) = (random(state) % 400, random(state) % 4, random(state) % 5);
    let failing = random(state) % 800;
    let spin = random(state) % 50;
    let function = |item: Counted<_>| {
        (0..spin).for_each(|_| std::hint::spin_loop());
        if item.0 == failing {
            panic::resume_unwind(Box::new("on purpose"));
        }
        Counted::new(item.0 * 3, item.1)
    };
    let items = (0..len).map(|i| Counted::new(i, live));
    let job = job(items, function).threads(threads).chunk_size(chunk);
    let taken = random(state) % 500;
    match random(state) % 5 {
        0 => {
            let ended = panic::catch_unwind(AssertUnwindSafe(|| job.collect()));
            assert_eq!(ended.is_err(), failing < len);
            if let Ok(results) = ended {
                assert!(results.iter().map(|r| r.0).eq((0..len).map(|i| i * 3)));
            }
        }
        1 => {
            let mut seen = 0;
            let ended = panic::catch_unwind(AssertUnwindSafe(|| {
                job.window(random(state) % 40).stream(|results| {
                    for result in results.take(taken) {
                        assert_eq!(result.0, seen * 3);
                        seen += 1;
                    }
                });
            }));
            assert_eq!(ended.is_err(), failing < len.min(taken));
            assert_eq!(seen, len.min(taken).min(failing));
        }
        2 => {
            let ended = panic::catch_unwind(AssertUnwindSafe(|| {
                job.stream_unordered(|results| {
                    assert!(results.take(taken).all(|(i, result)| result.0 == i * 3));
                });
            }));
            assert!(ended.is_ok() || failing < len);
        }
        3 => {
            let stop = Stop::new();
            let outcomes = thread::scope(|scope| {
                scope.spawn(|| stop.stop());
                job.outcomes_until(&stop)
            });
            assert_eq!(outcomes.len(), len);
            for (i, outcome) in outcomes.into_iter().enumerate() {
                match outcome {
                    Outcome::Done(result) => assert_eq!(result.0, i * 3),
                    Outcome::Panicked(panic) => assert_eq!((panic.index, i), (failing, failing)),
                    Outcome::Skipped => (),
                }
            }
        }
        _ => {
            let sums = map(0..len / 20, |i| {
                map(0..i, |j| i * j).into_iter().sum::<usize>()
            });
            assert!(
                sums.into_iter()
                    .eq((0..len / 20).map(|i| (0..i).map(|j| i * j).sum()))
            );
        }
    }
}

#[test]
fn concurrent_calls_of_every_kind_agree_with_the_loop() {
    let live = Arc::new(AtomicUsize::new(0));
    let end = Instant::now() + TIME;
    let callers = (1..=CALLERS).map(|seed| {
        let live = Arc::clone(&live);
        thread::spawn(move || {
            let mut state = seed << 32 | 0x9E37_79B9;
            let mut calls = 0;
            while Instant::now() < end {
                call(&mut state, &live);
                calls += 1;
            }
            calls
        })
    });
    let callers: Vec<_> = callers.collect();
    for caller in callers {
        assert!(caller.join().unwrap() > 0);
    }
    assert_eq!(
        live.load(Ordering::SeqCst),
        0,
        "a value was lost or dropped twice"
    );
}
