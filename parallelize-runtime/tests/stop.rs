//! `outcomes_until`: items that have begun are finished, and no others begin.

mod support;

use std::iter;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use parallelize_runtime::{Outcome, Stop, job};
use support::counted::Counted;
use support::{CHUNK_SIZES, THREADS, fresh, in_every_setting};

/// Returns each result, or `None` for an item that was skipped.
fn done<R: Copy>(outcomes: &[Outcome<R>]) -> Vec<Option<R>> {
    let done = |outcome: &Outcome<R>| match outcome {
        Outcome::Done(result) => Some(*result),
        Outcome::Skipped => None,
        Outcome::Panicked(panic) => panic!("{panic}"),
        Outcome::Died(death) => panic!("{death}"),
    };
    outcomes.iter().map(done).collect()
}

#[test]
fn a_stop_before_the_start_skips_everything() {
    in_every_setting(|threads, chunk| {
        let stopped = |stop: Stop| {
            stop.stop();
            stop
        };
        // The first job is the one that notices that the time is over.
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
fn items_that_will_be_skipped_are_not_drawn() {
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
    in_every_setting(|threads, chunk| {
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
fn on_one_thread_no_item_begins_behind_the_one_that_stops() {
    for chunk in CHUNK_SIZES {
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
fn items_that_have_begun_are_finished_and_at_most_one_more_per_thread_begins() {
    in_every_setting(|threads, chunk| {
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
            // Each other thread may have checked `stop` just before, and begin one more item.
            let late = late.into_inner();
            assert!(late < threads, "{late} began late on {threads} threads");
        }
    });
}

#[test]
fn an_item_that_is_running_is_finished() {
    let stop = Stop::new();
    let both = Barrier::new(2);
    let function = |i| {
        both.wait();
        if i == 0 {
            stop.clone().stop();
        }
        // The second item ends after the stop.
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
fn another_thread_may_stop_a_job() {
    for chunk in CHUNK_SIZES {
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
fn a_stop_ends_an_endless_iterator() {
    in_every_setting(|threads, chunk| {
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
fn more_items_than_a_vector_can_hold_count_as_endless() {
    let stop = Stop::new();
    let function = |i| {
        if i == 100 {
            stop.stop();
        }
    };
    let outcomes = fresh(0..usize::MAX, function).outcomes_until(&stop);
    assert!(outcomes.len() > 100 && outcomes[100].is_done());
}

/// Yields numbers below `len`, and says that there may be up to `bound`.
struct Bounded {
    numbers: Range<usize>,
    bound: usize,
}

impl Iterator for Bounded {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.bound -= 1;
        self.numbers.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.bound))
    }
}

/// Returns the number of outcomes of 1000 items that may be up to `bound`, stopped by item 10.
fn outcomes_within(bound: usize, threads: usize) -> usize {
    let stop = Stop::new();
    let numbers = 0..1_000;
    let function = |i| {
        if i == 10 {
            stop.stop();
        }
    };
    let outcomes = fresh(Bounded { numbers, bound }, function).threads(threads);
    let outcomes = outcomes.outcomes_until(&stop);
    assert!(outcomes[10].is_done());
    outcomes.len()
}

#[test]
fn all_items_are_skipped_although_memory_cannot_hold_their_bound() {
    for threads in THREADS {
        for bound in [2_000, 1 << 60, usize::MAX - 1] {
            assert_eq!(outcomes_within(bound, threads), 1_000);
        }
    }
}

#[test]
fn the_greatest_bound_counts_as_none() {
    assert!(outcomes_within(usize::MAX, 1) < 1_000);
}

#[test]
fn a_stop_may_come_after_a_time() {
    in_every_setting(|threads, chunk| {
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
    in_every_setting(|threads, chunk| {
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
fn progress_counts_the_items_that_began() {
    in_every_setting(|threads, chunk| {
        for at in [0, 5, 300, 499] {
            let stop = Stop::new();
            let mut steps = Vec::new();
            let function = |i| {
                if i == at {
                    stop.stop();
                }
            };
            let outcomes = fresh(0..500, function)
                .on_progress(|done, total| steps.push((done, total)))
                .threads(threads)
                .chunk_size(chunk)
                .outcomes_until(&stop);
            let began = done(&outcomes).iter().flatten().count();
            assert!(steps.is_sorted_by(|a, b| a.0 < b.0), "{steps:?}");
            assert_eq!(steps.last(), Some(&(began, Some(500))));
        }
    });
}

#[test]
fn skipped_items_are_dropped() {
    in_every_setting(|threads, chunk| {
        let stop = Stop::new();
        let live = AtomicUsize::new(0);
        let items: Vec<_> = (0..300).map(|i| Counted::new(i, &live)).collect();
        let function = |item: Counted<_>| {
            if item.0 == 30 {
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
