//! The number of workers on which the items of a function pass fastest.

#[cfg(test)]
mod simulation;
mod window;

use std::ops::ControlFlow;

use super::gain::{Gain, UNLIKE};
use super::trial::{Trial, Verdict};
use window::Window;

pub(crate) use window::TimedChunk;

/// The time of a call after which trials run inside it, in seconds. In a shorter call, its
/// beginning and its end count for much, so the whole call is one window.
const WITHIN_CALL: f64 = 1e-3;

/// The least time of a window inside a call, in seconds.
const WINDOW: f64 = 100e-6;

/// The least number of chunks that each worker finishes in a window.
const CHUNKS_PER_WINDOW: usize = 2;

/// The least number of items for each worker of a call that is one window. In a call of few items,
/// one may wait for another that no worker is left for.
const MANY_ITEMS: usize = 8;

/// The number of calls before the first trial. They warm up caches and threads.
const FIRST_CALLS: u32 = 2;

/// Bounds what the trials of a search cost, as a share of the time that the function runs.
const SEARCH_SHARE: f64 = 1.0 / 25.0;

/// Bounds what all later trials cost, as a share of the time that the function runs.
const SHARE: f64 = 1.0 / 128.0;

/// Bounds the time between two trials, in seconds in which the function runs.
const LONGEST_INTERVAL: f64 = 10.0;

/// An item that takes longer by this factor in company than alone is worth a trial at once.
const DEAR: f64 = 1.5;

/// Bounds the time that workers pause for a trial in vain, in windows and in seconds. Others may
/// have to wait for a core or a lock before they pause as well.
const PATIENT_WINDOWS: f64 = 8.0;
const PATIENCE: f64 = 5e-3;

/// More workers have to be faster by this factor, since no verdict is exact.
const WORTH_MORE: f64 = 1.03;

/// Fewer workers may be slower by this factor, since they leave a core to other programs.
const WORTH_FEWER: f64 = 0.98;

/// The share of its threads that a function gains if there is nothing to search for.
const SCALES: f64 = 0.75;

/// Finds the number of workers on which the items of a function pass fastest.
///
/// From time to time it tries another number for a moment, in a long call or from call to call. As
/// long as trials agree, they become rarer.
///
/// It begins with all workers, and compares them with one. If they gain little, it tries half of
/// them and then what lies between, as a hill climber that turns at the first number that is worse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tuner {
    /// The number of workers that was found best, or `usize::MAX` for all.
    limit: usize,
    /// The largest number below `limit` that was found worse.
    too_few: usize,
    /// The smallest number above `limit` that was found no better.
    too_many: usize,
    is_up_next: bool,
    trial: Option<Trial>,
    window: Window,
    /// The time that a chunk took last, in seconds.
    chunk_seconds: f64,
    /// The time for which workers were missing while the trial waited for others, in seconds.
    waited: f64,
    /// The time in calls since the last trial, and the least time before the next, in seconds.
    since: f64,
    interval: f64,
    calls: u32,
    gain: Option<Gain>,
    /// The number of calls that have replaced this in the profile.
    changes: u32,
    call: ThisCall,
}

/// A call so far.
#[derive(Clone, Copy, Debug)]
struct ThisCall {
    /// The number of workers that it can have.
    most: usize,
    /// Whether it is one window.
    is_window: bool,
    /// Whether it ignores the limit.
    is_ignored: bool,
    /// The time that it has run, in seconds, and how much of it is its latest part.
    ran: f64,
    ran_in_part: f64,
    /// The number of workers that were active last, and for how long, in seconds.
    active: usize,
    active_for: f64,
    /// The time that an item took last while one worker was active, in seconds.
    alone: Option<f64>,
}

impl ThisCall {
    const fn new(most: usize) -> Self {
        Self {
            most,
            is_window: false,
            is_ignored: false,
            ran: 0.0,
            ran_in_part: 0.0,
            active: 0,
            active_for: 0.0,
            alone: None,
        }
    }

    /// Notes a finished chunk. Returns the seconds that have passed since the one before.
    fn note(&mut self, chunk: &TimedChunk) -> f64 {
        let passed = (chunk.ended - self.ran_in_part).max(0.0);
        self.ran_in_part += passed;
        self.ran += passed;
        self.active_for = if chunk.is_steady && chunk.active == self.active {
            self.active_for + passed
        } else {
            0.0
        };
        self.active = chunk.active;
        if chunk.is_steady && chunk.active == 1 {
            self.alone = Some(chunk.pace());
        }
        passed
    }

    /// Returns whether the items of `chunk` seem to cost much more in company than alone.
    fn looks_dear(&self, chunk: &TimedChunk) -> bool {
        let is_dear = |alone| chunk.pace() > DEAR * alone;
        chunk.is_steady && self.alone.is_some_and(is_dear)
    }
}

impl Tuner {
    pub(crate) const fn new() -> Self {
        Self {
            limit: usize::MAX,
            too_few: 0,
            too_many: usize::MAX,
            is_up_next: false,
            trial: None,
            window: Window::new(None),
            chunk_seconds: 0.0,
            waited: 0.0,
            since: 0.0,
            interval: 0.0,
            calls: 0,
            gain: None,
            changes: 0,
            call: ThisCall::new(1),
        }
    }

    /// Replaces this by what a call has `found`, unless another call has done so meanwhile.
    pub(super) fn replace_with(&mut self, found: &Self) {
        if self.changes == found.changes {
            *self = *found;
            self.changes = self.changes.wrapping_add(1);
        }
    }

    /// Begins a call on up to `most` workers. The number of its items and the time that they will
    /// take on all workers together are `expected`.
    pub(crate) fn begin_call(&mut self, most: usize, expected: Option<(usize, f64)>) {
        self.call = ThisCall::new(most);
        self.window = Window::new(None);
        if self.trial.is_some_and(|trial| trial.most_workers() > most) {
            self.abort();
        }
        self.call.is_window = expected.is_some_and(|(items, seconds)| {
            #[expect(clippy::cast_precision_loss, reason = "a few workers")]
            let seconds = seconds / self.limit.min(most) as f64;
            items >= MANY_ITEMS.saturating_mul(most) && seconds < WITHIN_CALL
        });
        let is_due = self.calls >= FIRST_CALLS && self.since >= self.interval;
        if self.call.is_window && self.trial.is_none() && is_due {
            self.begin_trial(self.limit.min(most));
        }
        self.calls = self.calls.saturating_add(1);
    }

    /// Begins a part of a call that others may join. If one worker was found best, a trial is due:
    /// it has worked alone for so long.
    pub(crate) fn begin_shared_part(&mut self) {
        if self.is_best_alone() && self.since >= self.interval {
            self.begin_trial(1);
        }
    }

    /// Returns the number of workers for now.
    pub(crate) fn workers(&self) -> usize {
        let limit = if self.call.is_ignored {
            usize::MAX
        } else {
            self.limit
        };
        let is_tried = self.call.is_window || self.call.ran >= WITHIN_CALL;
        let trial = self.trial.as_ref().filter(|_| is_tried);
        trial.map_or(limit, Trial::workers).min(self.call.most)
    }

    /// Returns the number of workers that was found best, unless a trial runs.
    pub(crate) fn settled_limit(&self) -> Option<usize> {
        self.trial.is_none().then(|| self.workers())
    }

    /// Returns whether one worker alone was found best.
    pub(crate) fn is_best_alone(&self) -> bool {
        self.limit == 1 && self.trial.is_none() && !self.call.is_ignored
    }

    /// Returns whether a short call should be shared to see what that gains.
    pub(crate) fn is_due(&self) -> bool {
        self.trial.is_some() || self.limit == 1 && self.since >= self.interval
    }

    /// Ignores in this call which number of workers was found best if items take `seconds`, and so
    /// cost more than those of which it was found, even in company. Returns whether it does.
    pub(crate) fn ignore_unlike_evidence(&mut self, seconds: f64) -> bool {
        let known = self.gain.map(|gain| gain.alone.max(gain.in_company));
        if !self.call.is_ignored && known.is_some_and(|known| seconds > UNLIKE * known) {
            self.call.is_ignored = true;
            // A trial of an earlier call may compare others with the number that is ignored now.
            let current = self.limit.min(self.call.most);
            self.trial = self.trial.filter(|trial| trial.current() != current);
        }
        self.call.is_ignored
    }

    /// Returns how long a worker pauses at most for the trial that runs, if any, in seconds.
    pub(crate) fn patience(&self) -> Option<f64> {
        let trial = self.trial.filter(|_| self.call.ran >= WITHIN_CALL);
        trial.map(|_| self.longest_pause())
    }

    fn longest_pause(&self) -> f64 {
        // The longer after each trial that has failed.
        let affordable = SEARCH_SHARE * self.interval;
        affordable
            .max(PATIENCE)
            .max(PATIENT_WINDOWS * self.window_seconds())
    }

    /// Returns for how long one worker may work alone before others are tried, in seconds.
    pub(crate) fn alone_for(&self) -> f64 {
        match self.trial {
            Some(_) => 2.0 * WITHIN_CALL,
            None => (self.interval - self.since).max(WITHIN_CALL),
        }
    }

    /// Returns what sharing gains, if that was measured.
    pub(crate) fn gain(&self) -> Option<Gain> {
        self.gain
    }

    /// Learns from a finished chunk.
    pub(crate) fn record_chunk(&mut self, chunk: &TimedChunk) {
        let passed = self.call.note(chunk);
        self.pass(passed);
        self.chunk_seconds = chunk.seconds;
        if self.call.ran < WITHIN_CALL {
            return;
        }
        match &self.trial {
            Some(trial) if chunk.active == trial.workers() => self.record_in_window(chunk),
            Some(trial) => {
                self.waited += passed * trial.missing(chunk.active);
                if self.waited > self.longest_pause() {
                    self.abort();
                }
            }
            None => {
                let is_urgent = self.gain.is_none() && self.call.looks_dear(chunk);
                let affordable = 4.0 * self.window_seconds() / SEARCH_SHARE;
                let is_due = self.since >= affordable.max(self.interval);
                if self.has_arrived() && (is_due || is_urgent) {
                    self.begin_trial(chunk.active);
                }
            }
        }
    }

    /// Learns from a chunk of a trial, for which the right number of workers is active.
    fn record_in_window(&mut self, chunk: &TimedChunk) {
        let Some(begun) = self.window.begun else {
            self.window.begun = Some(chunk.ended);
            return;
        };
        self.window.record(chunk);
        let elapsed = chunk.ended - begun;
        let is_full = self.window.chunks >= CHUNKS_PER_WINDOW * chunk.active;
        if is_full && elapsed >= WINDOW {
            self.end_window(elapsed, self.window.pace(elapsed));
            let next = self.trial.map_or(0, |trial| trial.workers());
            self.window = Window::new((next == chunk.active).then_some(chunk.ended));
        }
    }

    /// Learns that a call, or a part of it, took `seconds` for `items` items on `workers` workers.
    pub(crate) fn end_call(&mut self, items: f64, seconds: f64, workers: usize) {
        let is_window = self.call.is_window
            && self.call.ran < WITHIN_CALL
            && self.trial.is_some_and(|trial| trial.workers() == workers);
        let passed = (seconds - self.call.ran_in_part).max(0.0);
        self.call.ran += passed;
        self.call.ran_in_part = 0.0;
        self.pass(passed);
        self.call.is_window = false;
        self.window = Window::new(None);
        if is_window {
            self.end_window(seconds, seconds / items);
        }
    }

    /// Notes that the function has run for `seconds` more.
    pub(super) fn pass(&mut self, seconds: f64) {
        self.since += seconds;
    }

    /// Ends the trial that runs, if there is one, without a verdict. Returns whether there was one.
    pub(crate) fn abort(&mut self) -> bool {
        if self.trial.take().is_none() {
            return false;
        }
        self.since = 0.0;
        self.interval = (2.0 * self.interval)
            .max(self.window_seconds() / SHARE)
            .max(self.waited / SEARCH_SHARE)
            .min(LONGEST_INTERVAL);
        true
    }

    /// Returns whether all workers have arrived that there will be.
    fn has_arrived(&self) -> bool {
        self.call.active == self.workers() || self.call.active_for > self.longest_pause()
    }

    /// Returns how long a window lasts inside a call.
    fn window_seconds(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let chunks = CHUNKS_PER_WINDOW as f64;
        WINDOW.max(chunks * self.chunk_seconds)
    }

    fn begin_trial(&mut self, current: usize) {
        if let Some(other) = self.candidate(current) {
            self.trial = Some(Trial::new(current, other));
            self.window = Window::new(None);
            self.waited = 0.0;
        }
    }

    /// Returns the number of workers to try next beside `current`, if there is another.
    fn candidate(&mut self, current: usize) -> Option<usize> {
        if self.call.most < 2 {
            return None;
        }
        if self.call.is_ignored && current > 1 {
            // What is known is about items of another kind. The search begins anew.
            (self.too_few, self.too_many) = (0, usize::MAX);
            return Some(1);
        }
        let other = self.searched(current);
        self.is_up_next = !self.is_up_next;
        other.or_else(|| {
            // Nothing is left to search. What was found may have changed.
            (self.too_few, self.too_many) = (0, usize::MAX);
            Some(if current > 1 { 1 } else { 2 })
        })
    }

    /// Returns the next number in the search for the best, unless the search has ended.
    fn searched(&self, current: usize) -> Option<usize> {
        let is_first = self.gain.is_none();
        if current > 1 && is_first {
            return Some(1);
        }
        if current == self.call.most && self.scales(current) {
            return None;
        }
        let down = usize::midpoint(self.too_few, current);
        let down = (down > self.too_few && down < current).then_some(down);
        let most = if self.too_many > self.call.most {
            self.call.most
        } else {
            usize::midpoint(current, self.too_many)
        };
        let up = (2 * current).min(most);
        let up = (up > current).then_some(up);
        if self.is_up_next {
            up.or(down)
        } else {
            down.or(up)
        }
    }

    /// Returns whether `workers` workers are known to gain about as much as they could.
    fn scales(&self, workers: usize) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "a few workers")]
        let enough = SCALES * workers as f64;
        let known = self.gain.filter(|gain| gain.workers == workers);
        known.is_some_and(|gain| gain.speedup() >= enough)
    }

    fn end_window(&mut self, seconds: f64, pace: f64) {
        self.waited = 0.0;
        let trial = self.trial.as_mut();
        match trial.map(|trial| trial.end_window(seconds, pace)) {
            Some(ControlFlow::Break(Some(verdict))) => self.decide(&verdict),
            Some(ControlFlow::Break(None)) => _ = self.abort(),
            Some(ControlFlow::Continue(())) | None => (),
        }
    }

    fn decide(&mut self, verdict: &Verdict) {
        self.trial = None;
        let Verdict { current, other, .. } = *verdict;
        let is_fewer = other < current;
        let least = if is_fewer { WORTH_FEWER } else { WORTH_MORE };
        let is_better = verdict.ratio >= least;
        self.learn_gain(verdict, is_better);
        match (is_better, is_fewer) {
            (true, true) => self.too_many = current,
            (true, false) => self.too_few = current,
            (false, true) => self.too_few = other,
            (false, false) => self.too_many = other,
        }
        let best = if is_better { other } else { current };
        // Without a change, there may be fewer workers than the limit because the pool is busy.
        if is_better || self.call.is_ignored {
            self.limit = if best == self.call.most {
                usize::MAX
            } else {
                best
            };
            self.call.is_ignored = false;
        }
        self.since = 0.0;
        let is_searching = self.searched(best).is_some();
        self.interval = match (is_better, is_searching) {
            // As much may be lost by the next change.
            (true, true) => verdict.tried * (verdict.ratio - 1.0).abs() / SEARCH_SHARE,
            (true, false) => verdict.tried * (verdict.ratio - 1.0).abs() / SHARE,
            (false, true) => verdict.lost / SEARCH_SHARE,
            (false, false) => (verdict.lost / SHARE).max(2.0 * self.interval),
        }
        .min(LONGEST_INTERVAL);
    }

    /// Learns what sharing gains from a trial with one worker, or with a number that the gain is
    /// known for.
    fn learn_gain(&mut self, verdict: &Verdict, is_better: bool) {
        let Verdict {
            current,
            other,
            ratio,
            paces,
            ..
        } = *verdict;
        if other == 1 {
            self.gain = Some(Gain::new(paces[1], current, 1.0 / ratio));
        } else if current == 1 {
            self.gain = Some(Gain::new(paces[0], other, ratio));
        } else if let Some(gain) = self
            .gain
            .filter(|gain| gain.workers == current && is_better)
        {
            self.gain = Some(Gain::new(gain.alone, other, gain.speedup() * ratio));
        }
    }
}
