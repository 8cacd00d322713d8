//! What held a job up, in words.

use std::time::Duration;

use super::causes::{number, seconds};
use super::shares::{mean, share};
use super::{Report, text};
use crate::observe::Serial;

/// The least share of its busy time for which a thread waited for a core where cores are too few.
const WAITED: f64 = 0.1;

/// Bounds the items to which the cost of handing them to a thread matters.
const CHEAP: Duration = Duration::from_nanos(50);

/// Bounds the share of a full gain that is called small.
const SMALL: f64 = 0.75;

/// Bounds the jobs that end before a sleeping thread is sure to take part.
const SHORT: Duration = Duration::from_millis(1);

/// Bounds the time of a thread's part in a job that is too short for it.
const SHORT_PART: Duration = Duration::from_micros(100);

/// The least share of the time for which the consumer of a stream is what the threads wait for.
const SLOW_CONSUMER: f64 = 0.75;

const WAIT_FOR_EACH_OTHER: &str = "items wait for each other";

impl Report {
    /// Returns what the reader should know about the gain, the most important first.
    pub(super) fn remarks(&self) -> Vec<String> {
        let remarks = [self.missing(), self.bottleneck(), self.sharing()];
        remarks.into_iter().flatten().collect()
    }

    /// Returns that threads could not be started, if so.
    fn missing(&self) -> Option<String> {
        let started = text::count(self.wanted_threads - self.missing_threads);
        let wanted = self.workers(self.wanted_threads);
        let is_missing = self.missing_threads > 0;
        is_missing.then(|| format!("only {started} of {wanted} could be started"))
    }

    /// Returns the main reason why the job gained less than its threads suggest, if one is known.
    fn bottleneck(&self) -> Option<String> {
        if self.busy.len() == 1 {
            return None;
        }
        let reasons: [fn(&Self) -> Option<String>; 7] = [
            Self::slow_consumer,
            Self::fewer_threads,
            Self::few_chunks,
            Self::stopped_sending,
            Self::no_helper,
            Self::few_cores,
            Self::cheap_items,
        ];
        // How long a thread waits for a core says nothing of its process.
        let reasons = if self.is_isolated {
            &reasons[..3]
        } else {
            &reasons
        };
        reasons.iter().find_map(|reason| reason(self))
    }

    fn slow_consumer(&self) -> Option<String> {
        let share = share(self.consumed, self.wall);
        let percent = text::percent(share);
        (share >= SLOW_CONSUMER)
            .then(|| format!("the consumer took {percent} of the time: the threads wait for it"))
    }

    /// Says that the job went on with fewer threads.
    fn fewer_threads(&self) -> Option<String> {
        let threads = self.local_threads().count();
        let used = self.limited.filter(|limited| *limited < threads)?;
        let because = if self.is_contended() {
            WAIT_FOR_EACH_OTHER.to_owned()
        } else if self.item_time() < CHEAP {
            "the items are cheap".to_owned()
        } else if self.are_cores_busy(used) {
            format!("there {}", cores(self.cores))
        } else {
            WAIT_FOR_EACH_OTHER.to_owned()
        };
        let threads = text::threads(threads);
        Some(format!(
            "{} of {threads} used{}: more did not help, {because}",
            text::count(used),
            self.here()
        ))
    }

    fn few_chunks(&self) -> Option<String> {
        let threads = self.busy.len();
        if self.chunks >= threads {
            return None;
        }
        // Then the job was divided into few chunks because more would not have helped.
        if self.chunks < self.items && mean(self.total_busy(), threads) < SHORT_PART {
            let (items, busy) = (text::items(self.items), text::time(self.total_busy()));
            let threads = self.workers(threads);
            return Some(format!(
                "the job was too short for {threads}: {items} took {busy} in all"
            ));
        }
        let chunks = match self.chunks {
            1 => "chunk",
            _ => "chunks",
        };
        Some(format!("there were only {} {chunks}", self.chunks))
    }

    fn stopped_sending(&self) -> Option<String> {
        let text = "the items were cheaper to do than to send, so no more of them were sent";
        self.has_stopped_sending.then(|| text.to_owned())
    }

    fn no_helper(&self) -> Option<String> {
        if !self.busy[1..].iter().all(Duration::is_zero) {
            return None;
        }
        let why = if self.wall < SHORT {
            "the job was too short"
        } else {
            "the pool or the cores were busy"
        };
        Some(format!("no helper arrived in time: {why}"))
    }

    /// Says that threads had to wait for a core. Threads that were not set for this job are not
    /// held against its author.
    fn few_cores(&self) -> Option<String> {
        let threads = self.local_threads().count();
        let waited = self.waited_share();
        if waited.is_some_and(|waited| waited < WAITED) {
            return None;
        }
        let (cores, here) = (cores(self.cores), self.here());
        if threads <= self.cores {
            let percent = text::percent(waited?);
            Some(format!(
                "other work had the cores{here}: threads waited for one {percent} of the time"
            ))
        } else if !self.are_cores_busy(threads) {
            // Items that wait are ready at the same time now and then.
            None
        } else if self.is_threads_set {
            Some(format!(
                "there {cores}{here}: more threads help only if the items wait"
            ))
        } else {
            waited.map(|_| format!("there {cores}{here} for {}", text::threads(threads)))
        }
    }

    fn cheap_items(&self) -> Option<String> {
        let item = self.item_time();
        let is_little = self.speedup() < SMALL * self.most_gain();
        let is_cheap = item < CHEAP && self.items > 0;
        (is_cheap && is_little).then(|| {
            let item = text::time(item);
            format!("the items are cheap: one takes {item}, and handing it out about as long")
        })
    }

    /// Returns the time of an item alone, or the average one if that was not measured.
    fn item_time(&self) -> Duration {
        let gain = self.gain.map(|measured| seconds(measured.gain.alone));
        gain.unwrap_or_else(|| self.mean_item_time())
    }

    /// Returns how many times as fast as the loop the job could be.
    fn most_gain(&self) -> f64 {
        let local = self.local_threads().count();
        let remote = self.busy.len() - local;
        number(local.min(self.cores) + remote)
    }

    /// Returns what items cost alone and in company, if they get in each other's way.
    fn sharing(&self) -> Option<String> {
        let is_shown = self.busy.len() > 1 || self.serial == Some(Serial::Contended);
        let gain = self.gain.filter(|_| is_shown && self.is_contended())?.gain;
        let [alone, in_company] =
            [gain.alone, gain.in_company].map(|time| text::time(seconds(time)));
        Some(format!(
            "an item takes {alone} alone and {in_company} in company: they share something"
        ))
    }

    /// Returns a word that tells this machine from others, if there are others.
    fn here(&self) -> &'static str {
        if self.hosts.is_empty() { "" } else { " here" }
    }
}

fn cores(number: usize) -> String {
    match number {
        1 => "is 1 core".to_owned(),
        _ => format!("are {} cores", text::count(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::report::core_time::CoreMeter;
    use crate::observe::report::samples::{gain, on_machines, on_threads};
    use crate::observe::report::speedup::MeasuredGain;

    const MILLI: Duration = Duration::from_millis(1);

    /// Returns the remarks about a job that took 100 ms on threads that were `busy`. On a core they
    /// were for `had`, and ready without a core for `waited`, in milliseconds.
    fn remarks(busy: &[u64], [had, waited]: [u32; 2], change: fn(&mut Report)) -> Vec<String> {
        let mut report = on_threads(busy);
        for thread in &mut report.threads {
            thread.core = CoreMeter::with(MILLI * had, MILLI * waited);
        }
        report.cores = 2;
        change(&mut report);
        report.remarks()
    }

    fn set_gain(report: &mut Report, alone: f64, in_company: f64, workers: usize) {
        report.gain = MeasuredGain::checked(gain(alone, in_company, workers), MILLI);
    }

    #[test]
    fn a_good_gain_needs_no_words() {
        assert_eq!(remarks(&[99, 98], [98, 1], |_| ()), [""; 0]);
        let scales = |report: &mut Report| set_gain(report, 9_000.0, 9_500.0, 2);
        assert_eq!(remarks(&[99, 98], [98, 1], scales), [""; 0]);
        assert_eq!(remarks(&[50], [50, 0], |_| ()), [""; 0]);
    }

    #[test]
    fn too_few_cores_are_to_blame_for_items_that_compute() {
        let set = |report: &mut Report| report.is_threads_set = true;
        assert_eq!(
            remarks(&[99; 4], [49, 50], set),
            ["there are 2 cores: more threads help only if the items wait"]
        );
        let measured = |report: &mut Report| {
            report.is_threads_set = true;
            set_gain(report, 9e3, 18e3, 4);
        };
        assert_eq!(
            remarks(&[99; 4], [49, 50], measured),
            ["there are 2 cores: more threads help only if the items wait"]
        );
        let limited = |report: &mut Report| {
            set_gain(report, 9e3, 18e3, 4);
            report.limited = Some(2);
        };
        assert_eq!(
            remarks(&[99, 99, 5, 5], [95, 0], limited),
            ["2 of 4 threads used: more did not help, there are 2 cores"]
        );
    }

    #[test]
    fn threads_that_were_not_requested_are_not_held_against_the_caller() {
        assert_eq!(
            remarks(&[99; 4], [49, 50], |_| ()),
            ["there are 2 cores for 4 threads"]
        );
        let unknown = |report: &mut Report| {
            for thread in &mut report.threads {
                thread.core = CoreMeter::default();
            }
        };
        assert_eq!(remarks(&[99; 4], [0, 0], unknown), [""; 0]);
    }

    #[test]
    fn items_that_sleep_need_no_cores() {
        let set = |report: &mut Report| report.is_threads_set = true;
        assert_eq!(remarks(&[99; 16], [1, 0], set), [""; 0]);
        assert_eq!(remarks(&[99; 4], [25, 15], set), [""; 0]);
    }

    #[test]
    fn other_work_on_the_cores_is_named() {
        assert_eq!(
            remarks(&[99, 99], [59, 40], |_| ()),
            ["other work had the cores: threads waited for one 40 % of the time"]
        );
    }

    #[test]
    fn items_that_wait_for_each_other_are_told_with_their_times() {
        let sleeping = |report: &mut Report| {
            set_gain(report, 80e3, 400e3, 16);
            report.limited = Some(3);
        };
        assert_eq!(
            remarks(&[99; 16], [1, 0], sleeping),
            [
                "3 of 16 threads used: more did not help, items wait for each other",
                "an item takes 80.0 µs alone and 400 µs in company: they share something",
            ]
        );
        // The gain on three threads is full.
        let limited = |report: &mut Report| {
            set_gain(report, 80e3, 85e3, 3);
            report.limited = Some(3);
        };
        assert_eq!(
            remarks(&[99; 16], [1, 0], limited),
            ["3 of 16 threads used: more did not help, items wait for each other"]
        );
        let atomic = |report: &mut Report| set_gain(report, 80.0, 190.0, 2);
        assert_eq!(
            remarks(&[99, 99], [99, 0], atomic),
            ["an item takes 80 ns alone and 190 ns in company: they share something"]
        );
    }

    #[test]
    fn a_lock_held_throughout_is_not_blamed_on_the_cores() {
        let locked = |report: &mut Report| {
            report.is_threads_set = true;
            report.limited = Some(1);
            set_gain(report, 10e3, 41e3, 4);
        };
        assert_eq!(
            remarks(&[99, 5, 5, 5], [25, 0], locked),
            [
                "1 of 4 threads used: more did not help, items wait for each other",
                "an item takes 10.0 µs alone and 41.0 µs in company: they share something",
            ]
        );
    }

    #[test]
    fn a_contended_loop_shows_what_was_measured() {
        let contended = |report: &mut Report| {
            report.serial = Some(Serial::Contended);
            set_gain(report, 80.0, 190.0, 2);
        };
        assert_eq!(
            remarks(&[99], [99, 0], contended),
            ["an item takes 80 ns alone and 190 ns in company: they share something"]
        );
        let cheap = |report: &mut Report| {
            report.serial = Some(Serial::Cheap);
            set_gain(report, 80.0, 190.0, 2);
        };
        assert_eq!(remarks(&[99], [99, 0], cheap), [""; 0]);
    }

    #[test]
    fn cheap_items_are_called_cheap() {
        let cheap = |report: &mut Report| report.items = 10_000_000;
        let words = ["the items are cheap: one takes 10 ns, and handing it out about as long"];
        assert_eq!(remarks(&[50, 50], [50, 0], cheap), words);
        assert_eq!(remarks(&[90, 90], [90, 0], cheap), [""; 0]);
        let limited = |report: &mut Report| {
            set_gain(report, 10.0, 25.0, 2);
            report.limited = Some(1);
        };
        assert_eq!(
            remarks(&[90, 5], [50, 0], limited),
            ["1 of 2 threads used: more did not help, the items are cheap"]
        );
        let contended = |report: &mut Report| {
            set_gain(report, 10.0, 55.0, 2);
            report.limited = Some(1);
        };
        assert_eq!(
            remarks(&[90, 5], [50, 0], contended)[0],
            "1 of 2 threads used: more did not help, items wait for each other"
        );
    }

    #[test]
    fn few_chunks_are_blamed_on_what_made_them_few() {
        let two = |report: &mut Report| report.chunks = 2;
        assert_eq!(
            remarks(&[99, 99, 0], [50, 0], two),
            ["there were only 2 chunks"]
        );
        let short = |report: &mut Report| {
            (report.chunks, report.items) = (2, 1_000);
            report.busy.fill(Duration::from_micros(4));
        };
        assert_eq!(
            remarks(&[1; 3], [1, 0], short),
            ["the job was too short for 3 threads: 1,000 items took 12.0 µs in all"]
        );
    }

    #[test]
    fn a_late_helper_is_blamed_on_what_made_it_late() {
        let late = |wall| {
            let mut report = on_threads(&[1, 0, 0]);
            report.wall = wall;
            report.remarks()
        };
        assert_eq!(
            late(MILLI / 2),
            ["no helper arrived in time: the job was too short"]
        );
        assert_eq!(
            late(MILLI * 2),
            ["no helper arrived in time: the pool or the cores were busy"]
        );
    }

    #[test]
    fn a_slow_consumer_is_named() {
        let slow = |report: &mut Report| report.consumed = MILLI * 95;
        assert_eq!(
            remarks(&[1, 20, 20], [9, 0], slow),
            ["the consumer took 95 % of the time: the threads wait for it"]
        );
    }

    #[test]
    fn missing_threads_are_named() {
        let missing =
            |report: &mut Report| (report.wanted_threads, report.missing_threads) = (8, 7);
        let words = ["only 1 of 8 threads could be started"];
        assert_eq!(remarks(&[90], [90, 0], missing), words);
    }

    #[test]
    fn a_report_says_that_no_more_items_were_sent() {
        let mut report = on_machines(&[("a", &[90, 80]), ("b", &[1, 1])]);
        report.has_stopped_sending = true;
        assert!(report.remarks()[0].ends_with("no more of them were sent"));
    }

    #[test]
    fn threads_of_other_machines_do_not_need_cores_here() {
        let mut report = on_machines(&[("a", &[90, 80]), ("b", &[90, 80])]);
        assert_eq!(report.remarks(), [""; 0]);
        report.cores = 1;
        report.is_threads_set = true;
        assert!(report.remarks()[0].starts_with("there is 1 core here: "));
        report.limited = Some(1);
        assert!(report.remarks()[0].starts_with("1 of 2 threads used here: "));
    }
}
