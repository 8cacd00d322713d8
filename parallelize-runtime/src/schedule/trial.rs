//! A comparison of two numbers of workers on neighboring items.

use std::ops::ControlFlow;

use super::gain::UNLIKE;

/// Bounds the rounds of a trial that count.
const MAX_ROUNDS: usize = 5;

/// Bounds all its rounds. Where most of them do not count, it ends without a verdict.
const MAX_ATTEMPTS: usize = 3 * MAX_ROUNDS;

/// The rounds after which a clear trial ends early, if they agree and if they do not.
const AGREEING_ROUNDS: usize = 2;
const CLEAR_ROUNDS: usize = 3;

/// The ratios of rounds that agree differ by less than this factor.
const AGREEING: f64 = 1.1;

/// The ratio of two speeds that is clear, in either direction.
const CLEAR: f64 = 1.15;

/// Compares the current number of workers with another one, in rounds of four windows: current,
/// other, other, current. This order cancels a trend in the cost of the items. The median of the
/// rounds ignores a round in which the machine was interrupted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    current: usize,
    other: usize,
    /// The number of windows of this round that have ended.
    ended: usize,
    /// The time of an item in each of them.
    paces: [f64; 4],
    /// The speed of the other number as a multiple of the current one's, in each round.
    ratios: [f64; MAX_ROUNDS],
    rounds: usize,
    /// The number of rounds that have ended, also of those that do not count.
    attempts: usize,
    /// The time of all windows, of the current number of workers and of the other one.
    seconds: [f64; 2],
}

/// The result of a trial.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    pub(super) current: usize,
    pub(super) other: usize,
    /// The speed of the other number as a multiple of the current one's.
    pub(super) ratio: f64,
    /// The time of an item in the last round, with the current number and with the other one.
    pub(super) paces: [f64; 2],
    /// The time in which the other number worked, in seconds.
    pub(super) tried: f64,
    /// The time that the call lost while the slower number worked, in seconds.
    pub(super) lost: f64,
}

impl Trial {
    pub(super) fn new(current: usize, other: usize) -> Self {
        Self {
            current,
            other,
            ended: 0,
            paces: [0.0; 4],
            ratios: [0.0; MAX_ROUNDS],
            rounds: 0,
            attempts: 0,
            seconds: [0.0; 2],
        }
    }

    /// Returns the number of workers of this window.
    pub(super) fn workers(&self) -> usize {
        if self.is_other() {
            self.other
        } else {
            self.current
        }
    }

    /// Returns the number of workers with which the other one is compared.
    pub(super) fn current(&self) -> usize {
        self.current
    }

    /// Returns the larger of the two numbers of workers.
    pub(super) fn most_workers(&self) -> usize {
        self.current.max(self.other)
    }

    /// Returns the share of the workers that is missing if only `active` of them are.
    pub(super) fn missing(&self, active: usize) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few workers")]
        let share = active as f64 / self.most_workers() as f64;
        (1.0 - share).max(0.0)
    }

    fn is_other(&self) -> bool {
        matches!(self.ended, 1 | 2)
    }

    /// Ends a window of `seconds`, in which each item took `pace` seconds. Breaks if this was the
    /// last window, with the verdict if there is one.
    pub(super) fn end_window(&mut self, seconds: f64, pace: f64) -> ControlFlow<Option<Verdict>> {
        self.seconds[usize::from(self.is_other())] += seconds;
        self.paces[self.ended] = pace;
        self.ended += 1;
        if self.ended < self.paces.len() {
            return ControlFlow::Continue(());
        }
        self.ended = 0;
        self.attempts += 1;
        let verdict = self.end_round();
        if verdict.is_some() || self.attempts == MAX_ATTEMPTS {
            ControlFlow::Break(verdict)
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Ends a round. Returns the verdict if it was the last one.
    ///
    /// Windows of the same number of workers that differ had items of another kind, or one of them
    /// was interrupted. Then the round does not count.
    fn end_round(&mut self) -> Option<Verdict> {
        let [first, second, third, fourth] = self.paces;
        let ratio = (first + fourth) / (second + third);
        if !(are_alike(first, fourth) && are_alike(second, third) && self.is_possible(ratio)) {
            return None;
        }
        self.ratios[self.rounds] = ratio;
        self.rounds += 1;
        let paces = [first + fourth, second + third].map(|pace| pace / 2.0);
        let ratio = self.decided()?;
        let lost = if ratio > 1.0 {
            self.seconds[0] * (1.0 - 1.0 / ratio)
        } else {
            self.seconds[1] * (1.0 - ratio)
        };
        Some(Verdict {
            current: self.current,
            other: self.other,
            ratio,
            paces,
            tried: self.seconds[1],
            lost,
        })
    }

    /// Returns whether the two numbers of workers can differ that much. Otherwise their windows had
    /// items of another kind.
    fn is_possible(&self, ratio: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "a few workers")]
        let most = UNLIKE * self.most_workers() as f64;
        ratio < most && ratio * most > 1.0
    }

    /// Returns the median of the rounds, if they are enough.
    fn decided(&self) -> Option<f64> {
        let mut ratios = self.ratios;
        let ratios = &mut ratios[..self.rounds];
        let are_all = |is: fn(&f64) -> bool| ratios.iter().all(is);
        let is_clear = are_all(|ratio| *ratio > CLEAR) || are_all(|ratio| ratio * CLEAR < 1.0);
        ratios.sort_by(f64::total_cmp);
        let do_agree = ratios[self.rounds - 1] < AGREEING * ratios[0];
        let enough = match (is_clear, do_agree) {
            (true, true) => AGREEING_ROUNDS,
            (true, false) => CLEAR_ROUNDS,
            (false, _) => MAX_ROUNDS,
        };
        if self.rounds < enough {
            return None;
        }
        let (low, high) = (ratios[(self.rounds - 1) / 2], ratios[self.rounds / 2]);
        Some(f64::midpoint(low, high))
    }
}

fn are_alike(one: f64, other: f64) -> bool {
    one < UNLIKE * other && other < UNLIKE * one
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the ratio of the verdict on windows with these paces, or zero without one, and how
    /// many of them it took.
    fn verdict(paces: impl IntoIterator<Item = f64>) -> Option<(f64, usize)> {
        let mut trial = Trial::new(2, 1);
        let mut paces = paces.into_iter().enumerate();
        paces.find_map(|(i, pace)| match trial.end_window(pace, pace) {
            ControlFlow::Break(verdict) => {
                Some((verdict.map_or(0.0, |verdict| verdict.ratio), i + 1))
            }
            ControlFlow::Continue(()) => None,
        })
    }

    #[test]
    fn a_clear_trial_ends_early_and_a_close_one_late() {
        let rounds = |current, other| [current, other, other, current].into_iter().cycle();
        assert_eq!(verdict(rounds(3.0, 1.0)), Some((3.0, 8)));
        assert_eq!(verdict(rounds(1.0, 2.0)), Some((0.5, 8)));
        assert_eq!(verdict(rounds(1.0, 1.0)), Some((1.0, 20)));
    }

    #[test]
    fn a_trend_in_the_items_cancels() {
        let windows = (0..20).map(|window| f64::from(10 + window));
        let (ratio, _) = verdict(windows).unwrap();
        assert!((ratio - 1.0).abs() < 1e-9, "{ratio}");
    }

    #[test]
    fn an_interrupted_window_does_not_decide() {
        for interrupted in 0..20 {
            let pace = |window| if window == interrupted { 3.0 } else { 1.0 };
            assert_eq!(verdict((0..20).map(pace)), Some((1.0, 20)), "{interrupted}");
            let pace = |window| if window == interrupted { 50.0 } else { 1.0 };
            assert_eq!(verdict((0..24).map(pace)), Some((1.0, 24)), "{interrupted}");
        }
    }

    #[test]
    fn windows_with_items_of_another_kind_do_not_count() {
        for kinds in [[1e-9, 1e-9, 1e-3, 1e-3], [1e-3, 1e-9, 1e-9, 1e-3]] {
            let windows = 4 * MAX_ATTEMPTS;
            assert_eq!(verdict(kinds.into_iter().cycle()), Some((0.0, windows)));
        }
    }

    #[test]
    fn the_slower_number_is_what_a_trial_costs() {
        let mut trial = Trial::new(2, 1);
        let windows = [1.0, 2.0, 2.0, 1.0];
        let ended = |trial: &mut Trial| windows.map(|pace| trial.end_window(pace, pace));
        assert!(ended(&mut trial)[3].is_continue());
        let Some(Some(verdict)) = ended(&mut trial)[3].break_value() else {
            panic!("two rounds are clear");
        };
        let lost = verdict.lost;
        assert!((lost - 4.0).abs() < 1e-9, "{lost}");
    }
}
