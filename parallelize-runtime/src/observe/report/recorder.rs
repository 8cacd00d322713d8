//! Records a call for its report, in bounded memory.

#[cfg(test)]
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Report;
use super::core_time::CoreTime;
use super::record::Record;
use super::spans::Span;
use super::speedup::MeasuredGain;
use crate::observe::{Observer, Serial, WorkerId};
use crate::schedule::{Gain, Settings};

/// Records a call, from the moment at which the recorder is made.
pub(crate) struct Recorder {
    pub(super) begun: Instant,
    // One lock for all threads: each holds it for a small part of the time that a chunk takes.
    record: Mutex<Record>,
}

impl Recorder {
    /// Makes the recorder of a call by the current thread with these `settings`.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self::of(Record::new(settings.workers(), settings.is_isolated()))
    }

    /// Makes the recorder of a call by the current thread on `threads` threads.
    #[cfg(test)]
    pub(super) fn on_threads(threads: usize) -> Self {
        Self::of(Record::new(NonZeroUsize::new(threads), false))
    }

    fn of(record: Record) -> Self {
        Self {
            record: Mutex::new(record),
            begun: Instant::now(),
        }
    }

    /// Returns the report of the call, which ends now.
    pub(crate) fn finish(self) -> Report {
        let wall = self.begun.elapsed();
        self.record().read_caller(wall);
        self.report(wall)
    }

    /// Returns the report of a call that took `wall`.
    pub(super) fn report(self, wall: Duration) -> Report {
        let record = self.record.into_inner();
        record
            .unwrap_or_else(PoisonError::into_inner)
            .into_report(wall)
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Recorder {
    fn on_chunk(&self, by: WorkerId, positions: Range<usize>, begun: Instant, elapsed: Duration) {
        let span = Span::busy(begun.duration_since(self.begun), elapsed);
        let due = self.record().add_chunk(by, positions, span);
        // Not under the lock, as it takes as long as many chunks.
        if let Some(number) = due {
            let core_time = CoreTime::of_current_thread();
            self.record().core(number).read(core_time, span.ended);
        }
    }

    fn on_serial(&self, why: Serial) {
        self.record().serial = Some(why);
    }

    fn on_entered(&self) {
        let core_time = CoreTime::of_current_thread();
        let now = self.begun.elapsed();
        let mut record = self.record();
        let number = record.local_number(thread::current().id());
        record.core(number).enter(core_time, now);
    }

    fn on_gain(&self, gain: Gain, alone: Duration) {
        self.record().gain = MeasuredGain::checked(gain, alone);
    }

    fn on_limited(&self, workers: usize) {
        self.record().limited = Some(workers);
    }

    fn on_consumed(&self, elapsed: Duration) {
        self.record().consumed += elapsed;
    }

    fn on_joined(&self, rank: usize, host: &str, threads: usize) {
        self.record().add_process(rank, host, threads);
    }

    fn on_sending_stopped(&self) {
        self.record().has_stopped_sending = true;
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::{LEAST_SPANS, SPANS};
    use super::*;
    use crate::observe::report::Host;
    use crate::observe::report::samples::{gain, join_all};

    const NANO: Duration = Duration::from_nanos(1);

    fn chunk_times(times: &[u32]) -> Vec<Duration> {
        let recorder = Recorder::on_threads(1);
        for (i, time) in times.iter().enumerate() {
            recorder.on_chunk(WorkerId::Current, i..i + 1, recorder.begun, NANO * *time);
        }
        let report = recorder.finish();
        report.slowest.iter().map(|chunk| chunk.time).collect()
    }

    #[test]
    fn the_slowest_are_kept_in_whatever_order_they_are_recorded() {
        let slowest = [9, 8, 7, 6, 5].map(|time| NANO * time);
        assert_eq!(chunk_times(&[1, 9, 8, 2, 7, 6, 3, 5, 4]), slowest);
        assert_eq!(chunk_times(&[1, 2, 3, 4, 5, 6, 7, 8, 9]), slowest);
        assert_eq!(chunk_times(&[9, 8, 7, 6, 5, 4, 3, 2, 1]), slowest);
        assert_eq!(chunk_times(&[1, 2]), [NANO * 2, NANO]);
        assert_eq!(chunk_times(&[]), []);
    }

    #[test]
    fn each_thread_is_counted_by_itself() {
        let recorder = Recorder::on_threads(4);
        let note = |items: Range<usize>| {
            let time = NANO * u32::try_from(items.len()).unwrap();
            recorder.on_chunk(WorkerId::Current, items, recorder.begun, time);
        };
        thread::scope(|scope| scope.spawn(|| note(0..5)).join().unwrap());
        note(5..8);
        note(8..9);
        // An item that failed takes time and is not counted.
        note(9..9);
        let report = recorder.finish();
        assert_eq!((report.items, report.chunks), (9, 3));
        assert_eq!(
            report.busy,
            [NANO * 4, NANO * 5, Duration::ZERO, Duration::ZERO]
        );
        let items: Vec<_> = report.threads.iter().map(|thread| thread.items).collect();
        assert_eq!(items, [4, 5, 0, 0]);
        assert_eq!((report.slowest[0].index, report.slowest[0].items), (0, 5));
    }

    #[test]
    fn threads_of_other_processes_follow_those_of_this_one() {
        let recorder = Recorder::on_threads(2);
        let hosts: [(&str, &[u64]); 3] = [("a", &[4]), ("b", &[0, 3]), ("a", &[2, 0, 1])];
        join_all(&recorder, &hosts);
        let report = recorder.report(Duration::from_millis(4));
        let busy = [4, 0, 0, 3, 2, 0, 1].map(Duration::from_millis);
        assert_eq!(report.busy, busy);
        let hosts = report.hosts.iter().map(|host| {
            let Host { name, threads, .. } = host;
            (&**name, *threads, host.items, host.chunks, host.busy)
        });
        let millis = Duration::from_millis;
        assert!(hosts.eq([("a", 5, 3, 3, millis(7)), ("b", 2, 1, 1, millis(3))]));
        let hosts = report.slowest.iter().map(|slow| report.host_of(slow));
        assert!(
            hosts
                .map(|host| &*host.unwrap().name)
                .eq(["a", "b", "a", "a"])
        );
    }

    #[test]
    fn a_remote_thread_is_busy_no_longer_than_the_call() {
        let recorder = Recorder::on_threads(1);
        join_all(&recorder, &[("a", &[2]), ("b", &[5])]);
        let report = recorder.report(Duration::from_millis(4));
        assert_eq!(report.busy, [2, 4].map(Duration::from_millis));
        assert!(report.efficiency() <= 1.0);
    }

    #[test]
    fn only_threads_that_arrived_or_were_requested_count() {
        let recorder = Recorder::on_threads(1);
        recorder.on_joined(1, "a", 3);
        for (item, thread) in [5, 7, 5].into_iter().enumerate() {
            let by = WorkerId::Remote { rank: 1, thread };
            recorder.on_chunk(by, item..item + 1, recorder.begun, NANO);
        }
        let report = recorder.finish();
        let threads = report.threads.iter();
        let threads = threads.map(|thread| (thread.key.number, thread.items));
        // The caller, a thread that did not arrive, and two that did.
        assert!(threads.eq([(0, 0), (0, 0), (5, 2), (7, 1)]));
        assert_eq!(report.busy.len(), 4);
    }

    #[test]
    fn cached_results_count_for_the_caller_and_take_no_time() {
        let recorder = Recorder::on_threads(2);
        thread::scope(|scope| {
            let cached =
                || recorder.on_chunk(WorkerId::Cached, 0..5, Instant::now(), Duration::ZERO);
            _ = scope.spawn(cached);
        });
        let report = recorder.finish();
        assert_eq!((report.items, report.threads[0].items), (5, 5));
        assert_eq!(report.busy, [Duration::ZERO; 2]);
    }

    #[test]
    fn the_engine_tells_what_sharing_gained() {
        let recorder = Recorder::on_threads(2);
        let gain = gain(80.0, 160.0, 2);
        recorder.on_limited(3);
        recorder.on_limited(1);
        recorder.on_gain(gain, Duration::from_millis(10));
        recorder.on_consumed(Duration::from_millis(1));
        recorder.on_consumed(Duration::from_millis(2));
        join_all(&recorder, &[("a", &[90, 100])]);
        let report = recorder.report(Duration::from_millis(100));
        assert_eq!(report.limited, Some(1));
        assert_eq!(report.consumed, Duration::from_millis(3));
        let milli = (report.speedup() * 100.0).round();
        assert!((milli - (10.0 + 180.0 / 2.0 + 3.0)).abs() < 1e-6, "{milli}");
        assert!(report.is_speedup_measured());
    }

    #[test]
    fn only_a_number_of_threads_that_was_set_is_noted() {
        let is_set = |threads| Recorder::on_threads(threads).finish().is_threads_set;
        assert_eq!([0, 3].map(is_set), [false, true]);
    }

    #[test]
    fn the_time_that_a_thread_has_a_core_is_read_while_it_takes_part() {
        if CoreTime::of_current_thread().is_none() {
            return;
        }
        let recorder = Recorder::on_threads(3);
        let chunk = |item| {
            let begun = Instant::now();
            thread::sleep(Duration::from_millis(2));
            recorder.on_chunk(WorkerId::Current, item..item + 1, begun, begun.elapsed());
        };
        thread::scope(|scope| {
            let helper = scope.spawn(|| {
                recorder.on_entered();
                chunk(0);
            });
            helper.join().unwrap();
            // Without the event, the first chunk begins the count.
            let helper = scope.spawn(|| (1..3).for_each(chunk));
            helper.join().unwrap();
        });
        let report = recorder.finish();
        assert_eq!(report.threads.len(), 3);
        for thread in &report.threads {
            let core = thread.core.total().expect("two readings");
            assert!(core.had + core.waited <= report.wall + Duration::from_millis(20));
        }
    }

    #[test]
    fn a_machine_alone_is_not_listed_as_a_host() {
        let report = Recorder::on_threads(4).finish();
        assert_eq!((report.hosts, report.busy.len()), (vec![], 1));
    }

    #[test]
    fn many_threads_have_fewer_spans_each() {
        let recorder = Recorder::on_threads(1);
        let max_spans = || recorder.record().max_spans;
        recorder.on_joined(1, "a", 100);
        assert_eq!(max_spans(), SPANS);
        recorder.on_joined(2, "b", 923);
        assert_eq!(max_spans(), SPANS / 4);
        recorder.on_joined(3, "c", 1_000_000);
        assert_eq!(max_spans(), LEAST_SPANS);
    }

    #[test]
    fn threads_that_were_not_requested_do_not_count() {
        let serial = Recorder::on_threads(4);
        serial.on_chunk(WorkerId::Current, 0..9, serial.begun, NANO);
        serial.on_serial(Serial::Cheap);
        let report = serial.finish();
        assert_eq!(
            (report.busy, report.serial),
            (vec![NANO], Some(Serial::Cheap))
        );

        let short = Recorder::on_threads(4);
        short.on_chunk(WorkerId::Current, 0..2, short.begun, NANO);
        assert_eq!(short.finish().busy.len(), 2);
        assert_eq!(Recorder::on_threads(4).finish().busy, [Duration::ZERO]);
    }
}
