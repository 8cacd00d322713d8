//! How many times as fast a job was as the loop.

use std::time::Duration;

use super::Report;
use super::shares::share;
use crate::schedule::Gain;

/// The gain of some workers says little about a larger number, from this factor on.
const MEASURED: f64 = 1.25;

/// What an item costs alone and in company, as the engine has measured it.
#[derive(Clone, Copy, Debug)]
pub(super) struct MeasuredGain {
    pub(super) gain: Gain,
    /// The part of the busy time that passed while one thread worked.
    alone: Duration,
}

impl MeasuredGain {
    /// Returns the measurement, unless its numbers make no sense.
    pub(super) fn checked(gain: Gain, alone: Duration) -> Option<Self> {
        let is_time = |seconds: f64| seconds > 0.0 && seconds.is_finite();
        let is_sound = [gain.alone, gain.in_company].into_iter().all(is_time);
        (is_sound && gain.slowdown().is_finite()).then_some(Self { gain, alone })
    }

    /// Returns the time of an item in company as a multiple of its time alone. Less than 1 can only
    /// be noise.
    pub(super) fn slowdown(&self) -> f64 {
        self.gain.slowdown().max(1.0)
    }

    /// Returns how long one thread alone would have taken for items that took `busy` in a call that
    /// took `wall`.
    ///
    /// With fewer workers than were measured, items cost less. The best guess then is that what the
    /// workers share is used up all the same. So it is with more workers if the number that was
    /// measured `is_best`.
    fn loop_time(&self, busy: Duration, wall: Duration, is_best: bool) -> Duration {
        let alone = self.alone.min(busy);
        let in_company = busy.saturating_sub(alone);
        let by_slowdown = in_company.div_f64(self.slowdown());
        let by_speedup = wall.saturating_sub(alone).mul_f64(self.gain.speedup());
        let most = in_company.min(by_speedup);
        alone + if is_best { most } else { by_slowdown.max(most) }
    }

    /// Returns whether about as many workers were measured as worked at a time in a call that took
    /// `wall`, and whose items took `busy`.
    fn is_for(&self, busy: Duration, wall: Duration) -> bool {
        let company = share(
            busy.saturating_sub(self.alone),
            wall.saturating_sub(self.alone),
        );
        #[expect(clippy::cast_precision_loss, reason = "a few workers")]
        let measured = self.gain.workers as f64;
        company <= MEASURED * measured
    }
}

impl Report {
    /// Returns how many times as fast the job was as the plain loop: the time that the loop would
    /// have taken, divided by [`wall`](Report::wall).
    ///
    /// The time of the loop follows from the [`busy`](Report::busy) time of the threads. An item
    /// may take longer beside others than alone: threads share cores, locks, memory and the
    /// allocator. So a job also measures what an item costs while one thread works and what it
    /// costs while several do, and takes the difference out. A job that ran on one thread is its
    /// own loop.
    ///
    /// Where nothing was measured alone, the result is an upper bound, and the printed report says
    /// "at most". [`is_speedup_measured`](Report::is_speedup_measured) tells the two apart. On
    /// Linux, the bound leaves out the time that threads were ready but had no core because other
    /// threads of the job had it. Linux counts this time in the second number of
    /// `/proc/thread-self/schedstat`, which its documentation describes under [Scheduler
    /// Statistics]. Where this file is missing, nothing is left out.
    ///
    /// If the job ran on a cluster, the items of other ranks count with the time that they took
    /// there.
    ///
    /// ```
    /// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
    /// let (_, report) = parallelize::job(1_000..2_000, is_prime).threads(2).report();
    /// println!("{:.1} times as fast as the loop", report.speedup());
    /// # assert!(report.speedup() <= 2.0);
    /// ```
    ///
    /// [Scheduler Statistics]: https://docs.kernel.org/scheduler/sched-stats.html
    #[must_use]
    pub fn speedup(&self) -> f64 {
        share(self.loop_time(), self.wall)
    }

    /// Returns whether [`speedup`](Report::speedup) is measured. If not, it is an upper bound.
    ///
    /// It is a bound if no item ran alone on this machine, or if other ranks did some of the items.
    ///
    /// ```
    /// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
    /// let (_, report) = parallelize::job(1_000..2_000, is_prime).report();
    /// let at_most = if report.is_speedup_measured() { "" } else { "at most " };
    /// println!("{at_most}{:.1} times as fast as the loop", report.speedup());
    /// ```
    #[must_use]
    pub fn is_speedup_measured(&self) -> bool {
        let is_measured =
            |gain: &MeasuredGain| self.is_best(gain) || gain.is_for(self.local_busy(), self.wall);
        self.remote_busy().is_zero()
            && (self.ran_on_one_thread() || self.gain.as_ref().is_some_and(is_measured))
    }

    /// Returns whether more workers than those of the `gain` were found not to help.
    fn is_best(&self, gain: &MeasuredGain) -> bool {
        let limited = self.limited;
        limited.is_some_and(|limited| limited <= gain.gain.workers)
    }

    /// Returns the time that the plain loop would have taken, or an upper bound.
    fn loop_time(&self) -> Duration {
        self.local_loop_time() + self.remote_busy()
    }

    /// Returns the part of [`loop_time`](Report::loop_time) for the items of this process.
    fn local_loop_time(&self) -> Duration {
        match &self.gain {
            _ if self.ran_on_one_thread() => self.local_busy() + self.consumed,
            Some(gain) => {
                let (busy, is_best) = (self.local_busy(), self.is_best(gain));
                let measured = gain.loop_time(busy, self.wall, is_best) + self.consumed;
                measured.min(self.most_loop_time())
            }
            None => self.most_loop_time(),
        }
    }

    /// Returns an upper bound of [`local_loop_time`](Report::local_loop_time).
    fn most_loop_time(&self) -> Duration {
        // Other work may have had the cores, and would have slowed the loop as well. The threads
        // take no more from each other than leaves all cores busy.
        let all_cores = self
            .wall
            .saturating_mul(u32::try_from(self.cores).unwrap_or(u32::MAX));
        let work = self.local_busy() + self.consumed;
        self.local_time_with_core().max(work.min(all_cores))
    }

    /// Returns whether at most one thread of this process evaluated items.
    fn ran_on_one_thread(&self) -> bool {
        let threads = self.local_threads();
        threads.filter(|(busy, _)| !busy.is_zero()).count() <= 1
    }

    /// Returns the time that the threads of this process worked on items, without the time that
    /// they waited for a core. The caller's time with the results of a stream counts as work.
    pub(super) fn local_time_with_core(&self) -> Duration {
        let times = self.local_threads().map(|(busy, thread)| {
            let consumed = match thread.key.number {
                0 => self.consumed,
                _ => Duration::ZERO,
            };
            let waited = thread.core.total().unwrap_or_default().waited;
            (busy + consumed).saturating_sub(waited)
        });
        times.sum()
    }

    /// Returns the time that the threads of this process worked on items.
    pub(super) fn local_busy(&self) -> Duration {
        self.local_threads().map(|(busy, _)| busy).sum()
    }

    /// Returns the time that the threads of other processes worked on items.
    fn remote_busy(&self) -> Duration {
        self.total_busy().saturating_sub(self.local_busy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::report::core_time::CoreMeter;
    use crate::observe::report::samples::{gain, on_machines, on_threads};

    const MILLI: Duration = Duration::from_millis(1);

    fn assert_near(speedup: f64, expected: f64) {
        assert!((speedup - expected).abs() < 1e-6, "{speedup}, {expected}");
    }

    #[test]
    fn what_company_costs_is_taken_out() {
        let mut report = on_threads(&[100, 100]);
        assert!(!report.is_speedup_measured());
        assert_near(report.speedup(), 2.0);
        report.gain = MeasuredGain::checked(gain(80.0, 160.0, 2), MILLI * 20);
        assert!(report.is_speedup_measured());
        assert_near(report.speedup(), 0.2 + 1.8 / 2.0);
        // More time alone than the threads were busy.
        report.gain = MeasuredGain::checked(gain(80.0, 160.0, 2), MILLI * 500);
        assert_near(report.speedup(), 2.0);
    }

    #[test]
    fn company_makes_no_item_cheaper() {
        let mut report = on_threads(&[100, 100]);
        report.gain = MeasuredGain::checked(gain(80.0, 60.0, 2), Duration::ZERO);
        assert_near(report.speedup(), 2.0);
    }

    #[test]
    fn numbers_that_make_no_sense_are_ignored() {
        for (alone, in_company) in [
            (0.0, 1.0),
            (1.0, f64::NAN),
            (f64::INFINITY, 1.0),
            (-1.0, 1.0),
        ] {
            let gain = gain(alone, in_company, 2);
            assert!(MeasuredGain::checked(gain, Duration::ZERO).is_none());
        }
    }

    #[test]
    fn a_bound_leaves_out_the_time_without_a_core() {
        let mut report = on_threads(&[100, 90, 100, 10]);
        report.threads[1].core = CoreMeter::with(MILLI * 60, MILLI * 30);
        report.threads[3].core = CoreMeter::with(MILLI, MILLI * 30);
        report.cores = 2;
        assert_near(report.speedup(), 1.0 + 0.6 + 1.0);
        assert!(!report.is_speedup_measured());
        // A measured cost in company includes that time.
        report.gain = MeasuredGain::checked(gain(1.0, 2.0, 4), Duration::ZERO);
        assert_near(report.speedup(), 2.0);
    }

    #[test]
    fn fewer_workers_than_were_measured_use_up_what_they_share() {
        let gain = MeasuredGain::checked(gain(1.0, 8.0, 16), MILLI * 20);
        let speedup = |busy: &[u64]| {
            let mut report = on_threads(busy);
            report.gain = gain;
            assert!(report.is_speedup_measured());
            report.speedup()
        };
        assert_near(speedup(&[100; 16]), 0.2 + 15.8 / 8.0);
        assert_near(speedup(&[100; 4]), 0.2 + 0.8 * 2.0);
        assert_near(speedup(&[100, 60]), 0.2 + 1.4);
    }

    #[test]
    fn a_gain_of_few_workers_says_little_about_many() {
        let mut report = on_threads(&[100; 4]);
        report.gain = MeasuredGain::checked(gain(1.0, 1.0, 2), Duration::ZERO);
        assert!(!report.is_speedup_measured());
        assert_near(report.speedup(), 4.0);
        report.limited = Some(2);
        assert!(report.is_speedup_measured());
        assert_near(report.speedup(), 2.0);
        report.limited = None;
        report.gain = MeasuredGain::checked(gain(1.0, 1.0, 4), Duration::ZERO);
        assert!(report.is_speedup_measured());
    }

    #[test]
    fn a_bound_leaves_out_no_more_than_the_threads_took_from_each_other() {
        let mut report = on_threads(&[100, 90, 100]);
        for thread in &mut report.threads {
            thread.core = CoreMeter::with(MILLI * 20, MILLI * 80);
        }
        report.cores = 2;
        assert_near(report.speedup(), 2.0);
        report.cores = 3;
        assert_near(report.speedup(), 2.9);
    }

    #[test]
    fn one_thread_is_its_own_loop() {
        for busy in [&[90][..], &[90, 0, 0], &[0, 90]] {
            let mut report = on_threads(busy);
            report.threads[0].core = CoreMeter::with(MILLI * 60, MILLI * 30);
            report.gain = MeasuredGain::checked(gain(1.0, 2.0, 2), Duration::ZERO);
            assert!(report.is_speedup_measured());
            assert_near(report.speedup(), 0.9);
        }
    }

    #[test]
    fn the_consumer_of_a_stream_is_a_part_of_the_loop() {
        let mut report = on_threads(&[10, 90]);
        report.consumed = MILLI * 60;
        assert_near(report.speedup(), 1.6);
        report.threads[0].core = CoreMeter::with(MILLI * 40, MILLI * 30);
        report.cores = 1;
        assert_near(report.speedup(), 1.3);
        report.gain = MeasuredGain::checked(gain(1.0, 4.0, 2), Duration::ZERO);
        assert_near(report.speedup(), 1.1);
        let mut report = on_threads(&[0, 90]);
        report.consumed = MILLI * 60;
        assert_near(report.speedup(), 1.5);
    }

    #[test]
    fn items_of_other_ranks_count_with_the_time_they_took() {
        let mut report = on_machines(&[("a", &[100, 100]), ("b", &[50])]);
        assert_near(report.speedup(), 2.5);
        report.gain = MeasuredGain::checked(gain(1.0, 2.0, 2), Duration::ZERO);
        assert_near(report.speedup(), 1.5);
        assert!(!report.is_speedup_measured());
    }
}
