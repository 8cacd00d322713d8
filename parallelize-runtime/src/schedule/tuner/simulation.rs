//! The tuner on machines and functions that are simulated: plain numbers, and no clock.
#![expect(clippy::cast_precision_loss, reason = "small numbers")]

use super::*;

/// A function, as the speed of some workers: the speedup over one worker alone.
type Speedup = fn(usize) -> f64;

fn scaling(workers: usize) -> f64 {
    workers as f64
}

/// Items that hold a lock for a third of their time, and the lock costs more if many wait.
fn locking_for_a_third(workers: usize) -> f64 {
    (workers as f64).min(3.0) - 0.05 * (workers as f64 - 3.0).max(0.0)
}

fn contended(workers: usize) -> f64 {
    if workers == 1 { 1.0 } else { 0.4 }
}

/// A machine whose clock is sometimes wrong.
struct Machine {
    tuner: Tuner,
    random: u32,
    /// One window in this many is interrupted. Zero is none.
    interrupted: u32,
    /// The time that has passed, and the time that the same work would have taken at best.
    passed: f64,
}

impl Machine {
    fn new(interrupted: u32) -> Self {
        Self {
            tuner: Tuner::new(),
            random: 1,
            interrupted,
            passed: 0.0,
        }
    }

    /// Returns how long `seconds` take, with the noise of a busy machine.
    fn take(&mut self, seconds: f64) -> f64 {
        self.random = self
            .random
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        let random = self.random >> 8;
        let noise = 1.0 + f64::from(random % 100) / 2_000.0;
        let is_interrupted = self.interrupted > 0 && (random / 100) % self.interrupted == 0;
        let seconds = if is_interrupted {
            seconds + 4e-3
        } else {
            seconds * noise
        };
        self.passed += seconds;
        seconds
    }

    /// Makes a short call of `items` items that take `alone` seconds each on one worker.
    fn call(&mut self, most: usize, items: usize, alone: f64, speedup: Speedup) -> usize {
        let work = items as f64 * alone;
        self.tuner.begin_call(most, Some((items, work)));
        let workers = self.tuner.workers();
        let seconds = self.take(work / speedup(workers));
        self.tuner.end_call(items as f64, seconds, workers);
        workers
    }

    /// Makes a call of some `seconds`, whose items take `alone` seconds on one worker. Returns
    /// the number of workers at its end.
    fn long_call(&mut self, most: usize, seconds: f64, alone: f64, speedup: Speedup) -> usize {
        self.tuner.begin_call(most, None);
        let begun = self.passed;
        while self.passed < begun + seconds {
            let workers = self.tuner.workers();
            let item = alone / speedup(workers) * workers as f64;
            let items = (50e-6 / item).max(1.0);
            let chunk = self.take(items * item / workers as f64) * workers as f64;
            self.tuner.record_chunk(&TimedChunk {
                items,
                seconds: chunk,
                ended: self.passed - begun,
                active: workers,
                is_steady: true,
            });
        }
        self.tuner.end_call(0.0, 0.0, self.tuner.workers());
        self.tuner.limit.min(most)
    }
}

#[test]
fn contended_calls_go_to_one_worker_within_twenty() {
    for most in [2, 4, 16] {
        let mut machine = Machine::new(0);
        (0..20).for_each(|_| _ = machine.call(most, 2_000, 25e-9, contended));
        assert!(machine.tuner.is_best_alone(), "{most}");
        machine.passed = 0.0;
        (0..10_000).for_each(|_| _ = machine.call(most, 2_000, 25e-9, contended));
        let loops = 10_000.0 * 2_000.0 * 25e-9;
        assert!(
            machine.passed < 1.06 * loops,
            "{most}: {}",
            machine.passed / loops
        );
    }
}

#[test]
fn a_long_contended_call_goes_to_one_worker_within_50_milliseconds() {
    for most in [2, 16] {
        for interrupted in [0, 30] {
            let mut machine = Machine::new(interrupted);
            let seconds = if interrupted == 0 { 0.05 } else { 0.5 };
            let workers = machine.long_call(most, seconds, 25e-9, contended);
            assert_eq!(workers, 1, "{most}, {interrupted}");
        }
    }
}

#[test]
fn trials_cost_a_function_that_scales_less_than_a_percent() {
    for most in [2, 16] {
        let mut machine = Machine::new(0);
        (0..200_000).for_each(|_| _ = machine.call(most, 2_000, 25e-9, scaling));
        assert_eq!(machine.tuner.limit.min(most), most);
        let ideal = 200_000.0 * 2_000.0 * 25e-9 / most as f64;
        // The clock is slow by 2.5 percent in the mean.
        assert!(
            machine.passed < 1.035 * ideal,
            "{most}: {}",
            machine.passed / ideal
        );
        let mut machine = Machine::new(0);
        let workers = machine.long_call(most, 10.0, 25e-9, scaling);
        assert_eq!(workers, most);
    }
}

#[test]
fn interruptions_do_not_decide() {
    for most in [2, 16] {
        let mut machine = Machine::new(20);
        let few = (0..20_000).filter(|_| machine.call(most, 2_000, 250e-9, scaling) < most);
        let few = few.count();
        assert!(few < 400, "{few} of 20000 calls on {most}");
    }
}

#[test]
fn a_lock_leads_to_a_number_in_between() {
    for (interrupted, most) in [(0, 4), (20, 8)] {
        let mut machine = Machine::new(interrupted);
        let workers = machine.long_call(16, 10.0, 2e-3, locking_for_a_third);
        assert!((3..=most).contains(&workers), "{workers}, {interrupted}");
    }
}

#[test]
fn all_workers_are_tried_again_if_none_are_known_to_be_too_many() {
    for (limit, too_many, next) in [(12, usize::MAX, 16), (4, usize::MAX, 8), (4, 8, 6)] {
        let mut tuner = Tuner::new();
        tuner.begin_call(16, None);
        tuner.gain = Some(Gain::new(1.0, limit, 1.0));
        (tuner.too_many, tuner.is_up_next) = (too_many, true);
        assert_eq!(tuner.searched(limit), Some(next));
    }
}

#[test]
fn workers_come_back_when_contention_ends() {
    let mut machine = Machine::new(0);
    (0..5_000).for_each(|_| _ = machine.call(2, 2_000, 25e-9, contended));
    assert_eq!(machine.tuner.limit, 1);
    machine.passed = 0.0;
    while machine.tuner.limit == 1 {
        machine.call(2, 2_000, 25e-9, scaling);
        assert!(machine.passed < 10.0);
    }
    // A long call of another kind does not wait for that.
    let mut machine = Machine::new(0);
    (0..100).for_each(|_| _ = machine.call(2, 2_000, 25e-9, contended));
    machine.tuner.begin_call(2, Some((2_000, 0.1)));
    assert_eq!(machine.tuner.workers(), 1);
    assert!(machine.tuner.ignore_unlike_evidence(1e-6));
    assert_eq!(machine.tuner.workers(), 2);
}

#[test]
fn a_trial_ends_if_workers_do_not_arrive() {
    let mut machine = Machine::new(0);
    machine.long_call(2, 0.05, 25e-9, contended);
    machine.tuner.trial = Some(Trial::new(1, 2));
    let mut chunks = 0;
    while machine.tuner.trial.is_some() {
        chunks += 1;
        machine.tuner.record_chunk(&TimedChunk {
            items: 100.0,
            seconds: 50e-6,
            ended: 50e-6 * f64::from(chunks),
            active: 1,
            is_steady: true,
        });
        assert!(chunks < 1_000);
    }
    assert_eq!(machine.tuner.limit, 1);
}
