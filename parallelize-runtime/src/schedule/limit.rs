//! The limit to the number of workers of a call: what its policy tells and asks the tuner.

#![expect(clippy::cast_precision_loss, reason = "estimates")]

use std::time::{Duration, Instant};

use super::gain::Gain;
use super::policy::Policy;
use super::tuner::{TimedChunk, Tuner};

impl Policy {
    /// Lets the `tuner` find the number of workers.
    pub(super) fn set_tuner(&mut self, tuner: &Tuner) {
        self.tuner = Some(*tuner);
    }

    /// Returns what sharing gains, if that was measured, and the time in which one worker worked
    /// alone.
    pub(crate) fn gain(&self) -> Option<(Gain, Duration)> {
        let tuner = self.tuner.as_ref()?;
        Some((tuner.gain()?, self.alone))
    }

    /// Fixes the number of workers. Those on other machines do not get in each other's way.
    pub(crate) fn without_tuner(&mut self) {
        self.tuner = None;
    }

    /// Returns how many workers may be active by now, as far as they are limited.
    pub(crate) fn most_active(&self) -> usize {
        let tuner = self.tuner.as_ref();
        tuner.map_or(usize::MAX, Tuner::workers)
    }

    /// Returns how long a worker pauses at most, if a trial runs with fewer workers.
    pub(crate) fn pause(&self) -> Option<Duration> {
        let tuner = self.tuner.as_ref()?;
        tuner.patience().map(Duration::from_secs_f64)
    }

    /// Ends the trial that runs, if there is one, without a verdict.
    pub(crate) fn abort_trial(&mut self) -> bool {
        self.tuner.as_mut().is_some_and(Tuner::abort)
    }

    /// Returns the number of workers that was found best, unless a trial runs.
    pub(crate) fn settled_limit(&self) -> Option<usize> {
        let tuner = self.tuner.as_ref()?;
        tuner.settled_limit()
    }

    /// Returns whether one worker alone was found best.
    pub(crate) fn is_best_alone(&self) -> bool {
        self.tuner.as_ref().is_some_and(Tuner::is_best_alone)
    }

    /// Returns whether a short call should be shared to see what that gains.
    pub(crate) fn is_trial_due(&self) -> bool {
        self.tuner.as_ref().is_some_and(Tuner::is_due)
    }

    /// Begins a call of `items` items, if their number is known, on up to `most` workers. Returns
    /// how many of them are to begin.
    pub(crate) fn begin_call(&mut self, most: usize, items: Option<usize>) -> usize {
        let expected = items.zip(self.item_seconds);
        let expected = expected.map(|(items, seconds)| (items, items as f64 * seconds));
        let Some(tuner) = &mut self.tuner else {
            return most;
        };
        tuner.begin_call(most, expected);
        // Before the call, since its first item may be a long one.
        self.ignore_unlike_evidence();
        self.most_active()
    }

    /// Begins a part of a call that others may join.
    pub(crate) fn begin_shared_part(&mut self) {
        if let Some(tuner) = &mut self.tuner {
            tuner.begin_shared_part();
        }
    }

    /// Learns that a chunk of `items` items began at `begun` and took `elapsed`. When it ended,
    /// `active` workers were inside the call, and all the time before if that `is_steady`.
    pub(crate) fn record_chunk(
        &mut self,
        items: usize,
        begun: Instant,
        elapsed: Duration,
        active: usize,
        is_steady: bool,
    ) {
        self.record(items, elapsed);
        if is_steady && active == 1 {
            self.alone += elapsed;
        }
        if let Some(tuner) = &mut self.tuner {
            let part_begun = *self.part_begun.get_or_insert(begun);
            let ended = (begun + elapsed).saturating_duration_since(part_begun);
            tuner.record_chunk(&TimedChunk {
                items: items as f64,
                seconds: elapsed.as_secs_f64(),
                ended: ended.as_secs_f64(),
                active,
                is_steady,
            });
        }
    }

    /// Learns that `workers` workers took `elapsed` for `items` items, which are the call or the
    /// latest part of it.
    pub(crate) fn end_call(&mut self, items: usize, elapsed: Duration, workers: usize) {
        self.part_begun = None;
        if let Some(tuner) = &mut self.tuner {
            tuner.end_call(items as f64, elapsed.as_secs_f64(), workers);
        }
    }

    /// Returns for how long one worker may work alone because that was found best, or is tried.
    pub(crate) fn alone_for(&self) -> Duration {
        let tuner = self.tuner.as_ref();
        tuner.map_or(Duration::MAX, |tuner| {
            Duration::from_secs_f64(tuner.alone_for())
        })
    }

    /// Ignores in this call which number of workers was found best if its items cost more than
    /// those of which it was found. Returns whether it does.
    pub(crate) fn ignore_unlike_evidence(&mut self) -> bool {
        let seconds = self.item_seconds.unwrap_or(self.least_seconds);
        let tuner = self.tuner.as_mut();
        tuner.is_some_and(|tuner| tuner.ignore_unlike_evidence(seconds))
    }
}
