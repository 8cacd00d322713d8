//! Notes what goes on in a call, in memory that does not grow with it.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::host::Host;
use super::spans::Span;
use super::thread_stats::{ThreadKey, ThreadStats};
use super::{Chunk, Report};
use crate::observe::{Observer, Serial, WorkerId};
use crate::team::Pool;

/// How many of the slowest chunks are kept.
const SLOWEST: usize = 5;

/// How many spans of a thread are kept: some more than a picture has room for.
const SPANS: u32 = 1024;

/// The same of all threads together, where they are so many that it would be too much.
const ALL_SPANS: usize = 1 << 18;
const LEAST_SPANS: u32 = 64;

/// Notes what goes on in a call, from the moment it is made.
pub(crate) struct Recorder {
    begun: Instant,
    // One lock for all: it is held for a tenth of a microsecond by each thread every fifty or so.
    record: Mutex<Record>,
}

struct Record {
    items: usize,
    chunks: usize,
    serial: Option<Serial>,
    slowest: Vec<Chunk>,
    /// The threads of this process in the order in which they came, from the calling one on.
    threads: Vec<ThreadId>,
    /// This process, which is rank 0, and those that have joined it.
    crews: BTreeMap<usize, ProcessStats>,
    has_stopped_sending: bool,
    /// How many spans are kept of a thread.
    room: u32,
}

/// The threads of a process that has part in a call.
#[derive(Default)]
struct ProcessStats {
    host: String,
    /// How many were asked.
    asked: usize,
    /// Each at the place of its number. Not all of them need have come.
    workers: Vec<ThreadStats>,
}

impl Recorder {
    /// For a call of the current thread on so many threads.
    pub(crate) fn new(threads: Option<NonZeroUsize>) -> Self {
        let caller = ThreadStats {
            has_come: true,
            ..ThreadStats::default()
        };
        let here = ProcessStats {
            host: String::new(),
            asked: Pool::with(threads).1,
            workers: vec![caller],
        };
        let record = Record {
            items: 0,
            chunks: 0,
            serial: None,
            slowest: Vec::with_capacity(SLOWEST + 1),
            threads: vec![thread::current().id()],
            crews: BTreeMap::from([(0, here)]),
            has_stopped_sending: false,
            room: SPANS,
        };
        Self {
            record: Mutex::new(record),
            begun: Instant::now(),
        }
    }

    /// What has gone on until now, when the call is over.
    pub(crate) fn finish(self) -> Report {
        let wall = self.begun.elapsed();
        self.report(wall)
    }

    /// What has gone on in a call that took so long.
    pub(super) fn report(self, wall: Duration) -> Report {
        let Record {
            items,
            chunks,
            serial,
            slowest,
            crews,
            has_stopped_sending,
            ..
        } = self
            .record
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        // Nobody else was asked for the plain loop, and no more than there was something for.
        let most = if serial.is_some() { 1 } else { items };
        let is_shared = crews.len() > 1;
        let (mut workers, mut hosts) = (Vec::new(), Vec::new());
        for (rank, crew) in crews {
            let host = Host::named(&crew.host, &mut hosts);
            workers.extend(crew.members(rank, most).map(|worker| ThreadStats {
                host,
                // The clock of another machine may be a little faster.
                busy: worker.busy.min(wall),
                ..worker
            }));
        }
        if is_shared {
            for worker in &workers {
                hosts[worker.host].add(worker);
            }
        } else {
            hosts.clear();
        }
        Report {
            items,
            chunks,
            wall,
            busy: workers.iter().map(|worker| worker.busy).collect(),
            hosts,
            serial,
            slowest,
            workers,
            cores: *CORES,
            has_stopped_sending,
        }
    }
}

static CORES: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(usize::MAX, NonZeroUsize::get));

impl Recorder {
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Recorder {
    fn on_chunk(&self, by: WorkerId, positions: Range<usize>, begun: Instant, elapsed: Duration) {
        let span = Span::busy(begun.duration_since(self.begun), elapsed);
        self.record().note(by, positions, span);
    }

    fn on_serial(&self, why: Serial) {
        self.record().serial = Some(why);
    }

    fn on_joined(&self, rank: usize, host: &str, threads: usize) {
        self.record().add(rank, host, threads);
    }

    fn on_sending_stopped(&self) {
        self.record().has_stopped_sending = true;
    }
}

impl Record {
    /// Adds a process, or gives ours its name.
    fn add(&mut self, rank: usize, host: &str, threads: usize) {
        let crew = self.crews.entry(rank).or_default();
        host.clone_into(&mut crew.host);
        // Of ours, that is known.
        if rank > 0 {
            crew.asked = threads;
        }
        let asked: usize = self.crews.values().map(|crew| crew.asked).sum();
        let room = u32::try_from(ALL_SPANS / asked.max(1)).unwrap_or(SPANS);
        self.room = room.clamp(LEAST_SPANS, SPANS);
    }

    fn note(&mut self, by: WorkerId, items: Range<usize>, span: Span) {
        let (seat, room) = (self.seat(by), self.room);
        self.worker(seat).note(items.len(), span, room);
        // An item that failed is none that was done.
        if items.is_empty() {
            return;
        }
        self.items += items.len();
        self.chunks += 1;
        self.rank(Chunk {
            index: items.start,
            items: items.len(),
            time: span.busy,
            seat,
            span,
        });
    }

    /// Where a thread has its place.
    fn seat(&mut self, of: WorkerId) -> ThreadKey {
        match of {
            WorkerId::Current => ThreadKey {
                rank: 0,
                number: self.number(thread::current().id()),
            },
            WorkerId::Remote { rank, thread } => ThreadKey {
                rank,
                number: thread,
            },
            // The results are the caller's, who had no work with them.
            WorkerId::Cached => ThreadKey::default(),
        }
    }

    /// The number of this thread of ours, which may be new.
    fn number(&mut self, thread: ThreadId) -> usize {
        let mut threads = self.threads.iter();
        threads
            .position(|known| *known == thread)
            .unwrap_or_else(|| {
                self.threads.push(thread);
                self.threads.len() - 1
            })
    }

    /// The worker in a seat, who may be new.
    fn worker(&mut self, seat: ThreadKey) -> &mut ThreadStats {
        let workers = &mut self.crews.entry(seat.rank).or_default().workers;
        if workers.len() <= seat.number {
            workers.resize(seat.number + 1, ThreadStats::default());
        }
        &mut workers[seat.number]
    }

    /// Keeps `chunk` if it is one of the slowest.
    fn rank(&mut self, chunk: Chunk) {
        let rank = self.slowest.partition_point(|s| s.time >= chunk.time);
        if rank < SLOWEST {
            self.slowest.insert(rank, chunk);
            self.slowest.truncate(SLOWEST);
        }
    }
}

impl ProcessStats {
    /// Those who came and, up to so many together, those who were asked.
    fn members(mut self, rank: usize, most: usize) -> impl Iterator<Item = ThreadStats> {
        let asked = self.asked.min(most);
        let len = self.workers.len().max(asked);
        self.workers.resize(len, ThreadStats::default());
        // A process may have more threads than were asked, and then any of them come.
        let came = self.workers.iter().filter(|worker| worker.has_come).count();
        let mut missing = asked.saturating_sub(came);
        let workers = self.workers.into_iter().enumerate();
        workers.filter_map(move |(number, worker)| {
            if !worker.has_come {
                missing = missing.checked_sub(1)?;
            }
            let seat = ThreadKey { rank, number };
            Some(ThreadStats { seat, ..worker })
        })
    }
}

/// What a cluster would tell.
#[cfg(test)]
impl Recorder {
    /// A process on each of these hosts: each of its threads does an item in so many milliseconds,
    /// or none in no time.
    pub(super) fn join_all(&self, hosts: &[(&str, &[u64])]) {
        for (rank, (host, times)) in hosts.iter().enumerate() {
            self.on_joined(rank, host, times.len());
        }
        let mut done = 0;
        for (rank, (_, times)) in hosts.iter().enumerate() {
            for (thread, time) in times.iter().enumerate().filter(|(_, time)| **time > 0) {
                let note = |by| {
                    self.on_chunk(by, done..done + 1, self.begun, Duration::from_millis(*time));
                };
                match (rank, thread) {
                    (0, 0) => note(WorkerId::Current),
                    (0, _) => thread::scope(|scope| _ = scope.spawn(|| note(WorkerId::Current))),
                    _ => note(WorkerId::Remote { rank, thread }),
                }
                done += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_slowest_are_kept_whenever_they_come() {
        let slowest = [9, 8, 7, 6, 5].map(|time| NANO * time);
        assert_eq!(chunk_times(&[1, 9, 8, 2, 7, 6, 3, 5, 4]), slowest);
        assert_eq!(chunk_times(&[1, 2, 3, 4, 5, 6, 7, 8, 9]), slowest);
        assert_eq!(chunk_times(&[9, 8, 7, 6, 5, 4, 3, 2, 1]), slowest);
        assert_eq!(chunk_times(&[1, 2]), [NANO * 2, NANO]);
        assert_eq!(chunk_times(&[]), []);
    }

    #[test]
    fn each_thread_is_a_worker() {
        let recorder = Recorder::new(NonZeroUsize::new(4));
        let note = |items: Range<usize>| {
            let time = NANO * u32::try_from(items.len()).unwrap();
            recorder.on_chunk(WorkerId::Current, items, recorder.begun, time);
        };
        thread::scope(|scope| scope.spawn(|| note(0..5)).join().unwrap());
        note(5..8);
        note(8..9);
        // An item that failed takes time and is none.
        note(9..9);
        let report = recorder.finish();
        assert_eq!((report.items, report.chunks), (9, 3));
        assert_eq!(
            report.busy,
            [NANO * 4, NANO * 5, Duration::ZERO, Duration::ZERO]
        );
        let items: Vec<_> = report.workers.iter().map(|worker| worker.items).collect();
        assert_eq!(items, [4, 5, 0, 0]);
        assert_eq!((report.slowest[0].index, report.slowest[0].items), (0, 5));
    }

    #[test]
    fn threads_of_other_processes_stand_behind_ours() {
        let recorder = Recorder::new(NonZeroUsize::new(2));
        let hosts: [(&str, &[u64]); 3] = [("a", &[4]), ("b", &[0, 3]), ("a", &[2, 0, 1])];
        recorder.join_all(&hosts);
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
    fn nobody_elsewhere_was_busy_for_longer_than_it_took() {
        let recorder = Recorder::new(NonZeroUsize::new(1));
        recorder.join_all(&[("a", &[2]), ("b", &[5])]);
        let report = recorder.report(Duration::from_millis(4));
        assert_eq!(report.busy, [2, 4].map(Duration::from_millis));
        assert!(report.efficiency() <= 1.0);
    }

    #[test]
    fn no_more_threads_count_than_came_or_were_asked() {
        let recorder = Recorder::new(NonZeroUsize::new(1));
        recorder.on_joined(1, "a", 3);
        for (item, thread) in [5, 7, 5].into_iter().enumerate() {
            let by = WorkerId::Remote { rank: 1, thread };
            recorder.on_chunk(by, item..item + 1, recorder.begun, NANO);
        }
        let report = recorder.finish();
        let workers = report.workers.iter();
        let workers = workers.map(|worker| (worker.seat.number, worker.items));
        // The caller, one who did not come, and those who did.
        assert!(workers.eq([(0, 0), (0, 0), (5, 2), (7, 1)]));
        assert_eq!(report.busy.len(), 4);
    }

    #[test]
    fn what_was_known_is_the_callers_and_takes_no_time() {
        let recorder = Recorder::new(NonZeroUsize::new(2));
        thread::scope(|scope| {
            let known =
                || recorder.on_chunk(WorkerId::Cached, 0..5, Instant::now(), Duration::ZERO);
            _ = scope.spawn(known);
        });
        let report = recorder.finish();
        assert_eq!((report.items, report.workers[0].items), (5, 5));
        assert_eq!(report.busy, [Duration::ZERO; 2]);
    }

    #[test]
    fn a_machine_without_others_is_no_host() {
        let report = Recorder::new(NonZeroUsize::new(4)).finish();
        assert_eq!((report.hosts, report.busy.len()), (vec![], 1));
    }

    #[test]
    fn many_threads_have_less_memory_each() {
        let recorder = Recorder::new(NonZeroUsize::new(1));
        let room = || recorder.record().room;
        recorder.on_joined(1, "a", 100);
        assert_eq!(room(), SPANS);
        recorder.on_joined(2, "b", 923);
        assert_eq!(room(), SPANS / 4);
        recorder.on_joined(3, "c", 1_000_000);
        assert_eq!(room(), LEAST_SPANS);
    }

    #[test]
    fn those_who_were_not_asked_are_no_workers() {
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
