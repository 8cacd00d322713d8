//! `outcomes_until`: what has begun is finished, and nothing else begins.

use std::iter;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use parallelize_runtime::__private::companion;
use parallelize_runtime::{Job, Outcome, Stop, Work, job};

const THREADS: [usize; 3] = [1, 2, 16];
const CHUNKS: [usize; 4] = [0, 1, 7, 1_000];

fn on_all(test: impl Fn(usize, usize)) {
    for threads in THREADS {
        for chunk in CHUNKS {
            test(threads, chunk);
        }
    }
}

/// A job that is to run as if for the first time: whatever its items cost, they are shared.
fn fresh<I, R>(
    items: I,
    function: impl Fn(usize) -> R + Sync,
) -> Job<I, impl Work<usize, Output = R>>
where
    I: Iterator<Item = usize> + Send,
    R: Send,
{
    companion(
        Box::leak(Box::default()),
        items,
        || (),
        move |(), i| function(i),
    )
}

fn done<R: Copy>(outcomes: &[Outcome<R>]) -> Vec<Option<R>> {
    let done = |outcome: &Outcome<R>| match outcome {
        Outcome::Done(result) => Some(*result),
        Outcome::Skipped => None,
        Outcome::Panicked(panic) => panic!("{panic}"),
    };
    outcomes.iter().map(done).collect()
}

#[test]
fn a_stop_before_the_start_skips_everything() {
    on_all(|threads, chunk| {
        let stopped = |stop: Stop| {
            stop.stop();
            stop
        };
        // The first job is the one that finds out.
        let over = Stop::after(Duration::ZERO);
        for stop in [
            over,
            stopped(Stop::new()),
            stopped(Stop::after(Duration::MAX)),
        ] {
            let begun = AtomicBool::new(false);
            let note = |_| begun.store(true, Ordering::SeqCst);
            let endless = fresh(0.., &note).threads(threads).chunk_size(chunk);
            assert_eq!(done(&endless.outcomes_until(&stop)), []);
            let job = |len| fresh(0..len, &note).threads(threads).chunk_size(chunk);
            for len in [0, 1, 2, 500] {
                assert_eq!(done(&job(len).outcomes_until(&stop)), vec![None; len]);
            }
            let at_most = (0..500).filter(|i| i % 2 == 0);
            let outcomes = fresh(at_most, note).threads(threads).chunk_size(chunk);
            assert_eq!(done(&outcomes.outcomes_until(&stop)), vec![None; 250]);
            assert!(!begun.into_inner());
        }
    });
}

#[test]
fn what_is_known_to_be_skipped_is_not_drawn() {
    struct Untouched(usize);
    impl Iterator for Untouched {
        type Item = usize;
        fn next(&mut self) -> Option<usize> {
            panic!("drawn");
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (self.0, Some(self.0))
        }
    }
    let stop = Stop::new();
    stop.stop();
    let outcomes = fresh(Untouched(500), |i| i).outcomes_until(&stop);
    assert_eq!(done(&outcomes), [None; 500]);
}

#[test]
fn a_stop_after_the_end_skips_nothing() {
    on_all(|threads, chunk| {
        let stop = Stop::after(Duration::MAX);
        for _ in 0..2 {
            let outcomes = job(0..500, |i| i).threads(threads).chunk_size(chunk);
            let expected: Vec<_> = (0..500).map(Some).collect();
            assert_eq!(done(&outcomes.outcomes_until(&stop)), expected);
        }
        let last = |i| {
            if i == 499 {
                stop.stop();
            }
        };
        let outcomes = job(0..500, last).threads(1).chunk_size(chunk);
        assert_eq!(done(&outcomes.outcomes_until(&stop)), [Some(()); 500]);
    });
}

#[test]
fn on_one_thread_nothing_begins_behind_the_item_that_stops() {
    for chunk in CHUNKS {
        for at in [0, 1, 6, 7, 250, 498] {
            let stop = Stop::new();
            let function = |i| {
                if i == at {
                    stop.stop();
                }
                i
            };
            let expected: Vec<_> = (0..500).map(|i| (i <= at).then_some(i)).collect();
            let known = fresh(0..500, function).threads(1).chunk_size(chunk);
            assert_eq!(done(&known.outcomes_until(&stop)), expected);
            let stop = Stop::new();
            let function = |i| {
                if i == at {
                    stop.stop();
                }
                i
            };
            let at_most = (0..1_000).filter(|i| *i < 500);
            let at_most = fresh(at_most, function).chunk_size(chunk).threads(1);
            assert_eq!(done(&at_most.outcomes_until(&stop)), expected);
        }
    }
}

#[test]
fn what_has_begun_is_finished_and_no_more_begins_than_was_about_to() {
    on_all(|threads, chunk| {
        for at in [0, 3, 200] {
            let stop = Stop::new();
            let begun: Vec<_> = iter::repeat_with(AtomicBool::default).take(2_000).collect();
            let late = AtomicUsize::new(0);
            let function = |i: usize| {
                late.fetch_add(stop.is_stopped().into(), Ordering::SeqCst);
                begun[i].store(true, Ordering::SeqCst);
                if i == at {
                    stop.stop();
                }
                i
            };
            let job = fresh(0..2_000, function).threads(threads).chunk_size(chunk);
            let outcomes = job.outcomes_until(&stop);
            let has_begun = |i: usize| begun[i].load(Ordering::SeqCst);
            let expected: Vec<_> = (0..2_000).map(|i| has_begun(i).then_some(i)).collect();
            assert_eq!(done(&outcomes), expected);
            assert!(outcomes[at].is_done());
            // Each other thread may have seen that it was not stopped, and not yet begun.
            let late = late.into_inner();
            assert!(late < threads, "{late} began late on {threads} threads");
        }
    });
}

#[test]
fn what_runs_at_the_time_is_finished() {
    let stop = Stop::new();
    let both = Barrier::new(2);
    let function = |i| {
        both.wait();
        if i == 0 {
            stop.clone().stop();
        }
        // The second one ends after the stop for sure.
        while !stop.is_stopped() {
            thread::yield_now();
        }
    };
    let outcomes = fresh(0..100, function).threads(2).chunk_size(1);
    let outcomes = done(&outcomes.outcomes_until(&stop));
    assert_eq!(outcomes[..2], [Some(()); 2]);
    assert_eq!(outcomes[2..], [None; 98]);
}

#[test]
fn from_another_thread() {
    for chunk in CHUNKS {
        let stop = Stop::new();
        let (begins, begun) = mpsc::sync_channel(0);
        thread::scope(|scope| {
            let stop = &stop;
            scope.spawn(move || {
                begun.recv().unwrap();
                stop.stop();
            });
            let function = |i| {
                if i == 5 {
                    begins.send(()).unwrap();
                    while !stop.is_stopped() {
                        thread::yield_now();
                    }
                }
            };
            let outcomes = fresh(0..100, function).threads(1).chunk_size(chunk);
            let outcomes = done(&outcomes.outcomes_until(stop));
            assert_eq!(outcomes[..6], [Some(()); 6]);
            assert_eq!(outcomes[6..], [None; 94]);
        });
    }
}

#[test]
fn an_endless_iterator_ends() {
    on_all(|threads, chunk| {
        let stop = Stop::new();
        let drawn = AtomicUsize::new(0);
        let endless = iter::from_fn(|| Some(drawn.fetch_add(1, Ordering::SeqCst)));
        let function = |i| {
            if i == 100 {
                stop.stop();
            }
            i
        };
        let outcomes = fresh(endless, function).threads(threads).chunk_size(chunk);
        let outcomes = done(&outcomes.outcomes_until(&stop));
        assert_eq!(outcomes.len(), drawn.into_inner());
        assert_eq!(outcomes[100], Some(100));
        assert!((0..outcomes.len()).all(|i| outcomes[i].is_none_or(|done| done == i)));
        if threads == 1 {
            assert_eq!(outcomes.iter().flatten().count(), 101);
        }
    });
}

#[test]
fn items_that_no_vector_holds_are_as_good_as_endless() {
    let stop = Stop::new();
    let function = |i| {
        if i == 100 {
            stop.stop();
        }
    };
    let outcomes = fresh(0..usize::MAX, function).outcomes_until(&stop);
    assert!(outcomes.len() > 100 && outcomes[100].is_done());
}

#[test]
fn by_time() {
    on_all(|threads, chunk| {
        let time = Duration::from_millis(5);
        let nap = |_| thread::sleep(Duration::from_micros(100));
        let begun = Instant::now();
        let endless = fresh(0.., nap).threads(threads).chunk_size(chunk);
        _ = endless.outcomes_until(&Stop::after(time));
        assert!(begun.elapsed() >= time);
        // These would take some seconds.
        let many = fresh(0..1_000_000, nap).threads(threads).chunk_size(chunk);
        let outcomes = many.outcomes_until(&Stop::after(time));
        assert!(outcomes.len() == 1_000_000 && outcomes[999_999].is_skipped());
    });
}

#[test]
fn one_stop_ends_several_jobs() {
    on_all(|threads, chunk| {
        let stop = Stop::default();
        let count = |stop: &Stop| {
            let outcomes = fresh(0..50, |i| {
                if i == 20 {
                    stop.stop();
                }
            });
            let outcomes = outcomes.threads(threads).chunk_size(chunk);
            done(&outcomes.outcomes_until(stop))
                .iter()
                .flatten()
                .count()
        };
        assert!(count(&stop.clone()) > 0);
        assert_eq!(count(&stop), 0);
        assert!(format!("{stop:?}").contains("true"));
    });
}

#[test]
fn progress_is_told_of_what_began() {
    on_all(|threads, chunk| {
        for at in [0, 5, 300, 499] {
            let stop = Stop::new();
            let mut told = Vec::new();
            let function = |i| {
                if i == at {
                    stop.stop();
                }
            };
            let outcomes = fresh(0..500, function)
                .on_progress(|done, total| told.push((done, total)))
                .threads(threads)
                .chunk_size(chunk)
                .outcomes_until(&stop);
            let began = done(&outcomes).iter().flatten().count();
            assert!(told.is_sorted_by(|a, b| a.0 < b.0), "{told:?}");
            assert_eq!(told.last(), Some(&(began, Some(500))));
        }
    });
}

struct Live<'l>(&'l AtomicUsize);

impl Drop for Live<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn skipped_items_are_dropped() {
    on_all(|threads, chunk| {
        let stop = Stop::new();
        let live = AtomicUsize::new(0);
        let make = |i| {
            live.fetch_add(1, Ordering::SeqCst);
            (i, Live(&live))
        };
        let items: Vec<_> = (0..300).map(make).collect();
        let function = |(i, item)| {
            if i == 30 {
                stop.stop();
            }
            item
        };
        let outcomes = job(items, function).threads(threads).chunk_size(chunk);
        let outcomes = outcomes.outcomes_until(&stop);
        let began = outcomes.iter().filter(|it| it.is_done()).count();
        assert_eq!(live.load(Ordering::SeqCst), began);
        drop(outcomes);
        assert_eq!(live.load(Ordering::SeqCst), 0);
    });
}
