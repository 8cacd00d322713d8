//! Records a call for its report, in bounded memory.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::Report;
use super::chunk::Chunk;
use super::core_time::{CoreMeter, CoreTime};
use super::host::Host;
use super::process_stats::ProcessStats;
use super::spans::Span;
use super::speedup::MeasuredGain;
use super::thread_stats::{ThreadKey, ThreadStats};
use crate::observe::{Observer, Serial, WorkerId};
use crate::schedule::Gain;
use crate::team::Pool;

/// Bounds the number of slowest chunks that are kept.
const SLOWEST: usize = 5;

/// Bounds the number of spans that are kept of a thread: slightly more than a picture has pixels.
const SPANS: u32 = 1024;

/// Bounds the number of spans that are kept of all threads together, as long as each of them has
/// [`LEAST_SPANS`].
const ALL_SPANS: usize = 1 << 18;

/// The number of spans that are kept of a thread, however many threads there are.
const LEAST_SPANS: u32 = 64;

/// Records a call, from the moment at which the recorder is made.
pub(crate) struct Recorder {
    pub(super) begun: Instant,
    // One lock for all threads: each holds it for a small part of the time that a chunk takes.
    record: Mutex<Record>,
}

struct Record {
    items: usize,
    chunks: usize,
    serial: Option<Serial>,
    /// The longest first.
    slowest: Vec<Chunk>,
    /// The threads of this process by their numbers: the caller, and the others as they arrived.
    local_threads: Vec<ThreadId>,
    /// This process, which is rank 0, and those that have joined it, by their ranks.
    processes: BTreeMap<usize, ProcessStats>,
    has_stopped_sending: bool,
    /// The number of threads that this process should have.
    wanted_threads: usize,
    /// The number of those that could not be started.
    missing_threads: usize,
    /// Whether the number of threads was set for this call or in the environment.
    is_threads_set: bool,
    gain: Option<MeasuredGain>,
    /// The number of threads with which the call went on because more did not help.
    limited: Option<usize>,
    /// The time that the caller spent on the results of a stream.
    consumed: Duration,
    /// Bounds the number of spans that are kept of a thread.
    max_spans: u32,
}

impl Recorder {
    /// Makes the recorder of a call by the current thread on `threads` threads.
    pub(crate) fn new(threads: Option<NonZeroUsize>) -> Self {
        let (pool, found) = Pool::with(threads);
        let wanted_threads = Pool::wanted_threads(threads);
        let mut caller = ProcessStats::of_caller(found);
        let core_time = CoreTime::of_current_thread();
        caller.thread(0).core.enter(core_time, Duration::ZERO);
        let record = Record {
            items: 0,
            chunks: 0,
            serial: None,
            slowest: Vec::with_capacity(SLOWEST + 1),
            local_threads: vec![thread::current().id()],
            processes: BTreeMap::from([(0, caller)]),
            has_stopped_sending: false,
            wanted_threads,
            missing_threads: wanted_threads.saturating_sub(found),
            // A pool of the runtime has as many threads as are set. It also stands in for a global
            // pool that cannot start, but then it has no more threads than that would have.
            is_threads_set: matches!(pool, Pool::Own(_)),
            gain: None,
            limited: None,
            consumed: Duration::ZERO,
            max_spans: SPANS,
        };
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

impl Record {
    /// Adds a process. This process is there already, so only its host is set.
    fn add_process(&mut self, rank: usize, host: &str, threads: usize) {
        let process = self.processes.entry(rank).or_default();
        host.clone_into(&mut process.host);
        if rank > 0 {
            process.requested = threads;
        }
        let requested = self.processes.values().map(|process| process.requested);
        let requested: usize = requested.sum();
        let max_spans = u32::try_from(ALL_SPANS / requested.max(1)).unwrap_or(SPANS);
        self.max_spans = max_spans.clamp(LEAST_SPANS, SPANS);
    }

    /// Adds a chunk, or the time of an item that failed if `positions` is empty. Returns the number
    /// of the current thread if it is a helper whose core time is due to be read.
    fn add_chunk(&mut self, by: WorkerId, positions: Range<usize>, span: Span) -> Option<usize> {
        let (key, max_spans) = (self.key(by), self.max_spans);
        let process = self.processes.entry(key.rank).or_default();
        let thread = process.thread(key.number);
        thread.record(positions.len(), span, max_spans);
        let is_due = key.rank == 0 && key.number > 0 && thread.core.is_due(span.ended);
        if !positions.is_empty() {
            self.add_items(key, positions, span);
        }
        is_due.then_some(key.number)
    }

    /// Adds items that a thread has evaluated.
    fn add_items(&mut self, key: ThreadKey, positions: Range<usize>, span: Span) {
        self.items += positions.len();
        self.chunks += 1;
        self.keep_if_slow(Chunk {
            index: positions.start,
            items: positions.len(),
            time: span.busy,
            key,
            span,
        });
    }

    /// Returns the core time of a thread of this process.
    fn core(&mut self, number: usize) -> &mut CoreMeter {
        let process = self.processes.entry(0).or_default();
        &mut process.thread(number).core
    }

    /// Reads the core time of the caller if that is the current thread.
    fn read_caller(&mut self, now: Duration) {
        if self.local_threads.first() == Some(&thread::current().id()) {
            self.core(0).read(CoreTime::of_current_thread(), now);
        }
    }

    /// Returns the key of a worker. Cached results count for the caller.
    fn key(&mut self, worker: WorkerId) -> ThreadKey {
        match worker {
            WorkerId::Current => ThreadKey {
                rank: 0,
                number: self.local_number(thread::current().id()),
            },
            WorkerId::Remote { rank, thread } => ThreadKey {
                rank,
                number: thread,
            },
            WorkerId::Cached => ThreadKey::default(),
        }
    }

    /// Returns the number of a thread of this process, which may be new.
    fn local_number(&mut self, thread: ThreadId) -> usize {
        let mut threads = self.local_threads.iter();
        threads
            .position(|known| *known == thread)
            .unwrap_or_else(|| {
                self.local_threads.push(thread);
                self.local_threads.len() - 1
            })
    }

    /// Keeps `chunk` if it is one of the slowest.
    fn keep_if_slow(&mut self, chunk: Chunk) {
        let place = self.slowest.partition_point(|s| s.time >= chunk.time);
        if place < SLOWEST {
            self.slowest.insert(place, chunk);
            self.slowest.truncate(SLOWEST);
        }
    }

    fn into_report(self, wall: Duration) -> Report {
        // A serial call requests no other thread, and a short one no more than it has items.
        let most = if self.serial.is_some() { 1 } else { self.items };
        let is_shared = self.processes.len() > 1;
        let (mut threads, mut hosts) = (Vec::new(), Vec::new());
        for (rank, process) in self.processes {
            let host = Host::index_of(&process.host, &mut hosts);
            threads.extend(process.into_threads(rank, most).map(|thread| ThreadStats {
                host,
                // The clock of another machine may be a little faster.
                busy: thread.busy.min(wall),
                ..thread
            }));
        }
        if is_shared {
            for thread in &threads {
                hosts[thread.host].add(thread);
            }
        } else {
            hosts.clear();
        }
        Report {
            items: self.items,
            chunks: self.chunks,
            wall,
            busy: threads.iter().map(|thread| thread.busy).collect(),
            hosts,
            serial: self.serial,
            slowest: self.slowest,
            threads,
            cores: *CORES,
            has_stopped_sending: self.has_stopped_sending,
            wanted_threads: self.wanted_threads,
            missing_threads: self.missing_threads,
            is_threads_set: self.is_threads_set,
            gain: self.gain,
            limited: self.limited,
            consumed: self.consumed.min(wall),
        }
    }
}

/// The number of threads that this process can run at a time.
static CORES: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(usize::MAX, NonZeroUsize::get));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::report::Host;
    use crate::observe::report::samples::{gain, join_all};

    const NANO: Duration = Duration::from_nanos(1);

    fn chunk_times(times: &[u32]) -> Vec<Duration> {
        let recorder = Recorder::new(NonZeroUsize::new(1));
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
        let recorder = Recorder::new(NonZeroUsize::new(4));
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
        let recorder = Recorder::new(NonZeroUsize::new(2));
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
        let recorder = Recorder::new(NonZeroUsize::new(1));
        join_all(&recorder, &[("a", &[2]), ("b", &[5])]);
        let report = recorder.report(Duration::from_millis(4));
        assert_eq!(report.busy, [2, 4].map(Duration::from_millis));
        assert!(report.efficiency() <= 1.0);
    }

    #[test]
    fn only_threads_that_arrived_or_were_requested_count() {
        let recorder = Recorder::new(NonZeroUsize::new(1));
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
        let recorder = Recorder::new(NonZeroUsize::new(2));
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
        let recorder = Recorder::new(NonZeroUsize::new(2));
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
        let is_set = |threads| {
            Recorder::new(NonZeroUsize::new(threads))
                .finish()
                .is_threads_set
        };
        assert_eq!([0, 3].map(is_set), [false, true]);
    }

    #[test]
    fn the_time_that_a_thread_has_a_core_is_read_while_it_takes_part() {
        if CoreTime::of_current_thread().is_none() {
            return;
        }
        let recorder = Recorder::new(NonZeroUsize::new(3));
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
        let report = Recorder::new(NonZeroUsize::new(4)).finish();
        assert_eq!((report.hosts, report.busy.len()), (vec![], 1));
    }

    #[test]
    fn many_threads_have_fewer_spans_each() {
        let recorder = Recorder::new(NonZeroUsize::new(1));
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
        let serial = Recorder::new(NonZeroUsize::new(4));
        serial.on_chunk(WorkerId::Current, 0..9, serial.begun, NANO);
        serial.on_serial(Serial::Cheap);
        let report = serial.finish();
        assert_eq!(
            (report.busy, report.serial),
            (vec![NANO], Some(Serial::Cheap))
        );

        let short = Recorder::new(NonZeroUsize::new(4));
        short.on_chunk(WorkerId::Current, 0..2, short.begun, NANO);
        assert_eq!(short.finish().busy.len(), 2);
        assert_eq!(
            Recorder::new(NonZeroUsize::new(4)).finish().busy,
            [Duration::ZERO]
        );
    }
}
