//! What is recorded of a call.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::LazyLock;
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::Report;
use super::chunk::Chunk;
use super::core_time::{CoreMeter, CoreTime};
use super::host::Host;
use super::process_stats::ProcessStats;
use super::spans::Span;
use super::speedup::MeasuredGain;
use super::thread_stats::{ThreadKey, ThreadStats};
use crate::observe::{Serial, WorkerId};
use crate::team::Pool;

/// Bounds the number of slowest chunks that are kept.
const SLOWEST: usize = 5;

/// Bounds the number of spans that are kept of a thread: slightly more than a picture has pixels.
pub(super) const SPANS: u32 = 1024;

/// Bounds the number of spans that are kept of all threads together, as long as each of them has
/// [`LEAST_SPANS`].
const ALL_SPANS: usize = 1 << 18;

/// The number of spans that are kept of a thread, however many threads there are.
pub(super) const LEAST_SPANS: u32 = 64;

/// What is recorded of a call.
pub(super) struct Record {
    items: usize,
    chunks: usize,
    pub(super) serial: Option<Serial>,
    /// The longest first.
    slowest: Vec<Chunk>,
    /// The threads of this process by their numbers: the caller, and the others as they arrived.
    local_threads: Vec<ThreadId>,
    /// This process, which is rank 0, and those that have joined it, by their ranks.
    processes: BTreeMap<usize, ProcessStats>,
    pub(super) has_stopped_sending: bool,
    /// The number of threads that this process should have.
    wanted_threads: usize,
    /// The number of those that could not be started.
    missing_threads: usize,
    /// Whether the number of threads was set for this call or in the environment.
    is_threads_set: bool,
    /// Whether other processes evaluate the items: one for each thread.
    is_isolated: bool,
    pub(super) gain: Option<MeasuredGain>,
    /// The number of threads with which the call went on because more did not help.
    pub(super) limited: Option<usize>,
    /// The time that the caller spent on the results of a stream.
    pub(super) consumed: Duration,
    /// Bounds the number of spans that are kept of a thread.
    pub(super) max_spans: u32,
}

impl Record {
    /// Makes the record of a call by the current thread on `threads` threads, or on as many
    /// processes if it `is_isolated`.
    pub(super) fn new(threads: Option<NonZeroUsize>, is_isolated: bool) -> Self {
        let (pool, found) = Pool::with(threads);
        let wanted_threads = Pool::wanted_threads(threads);
        let mut caller = ProcessStats::of_caller(found);
        let core_time = CoreTime::of_current_thread();
        caller.thread(0).core.enter(core_time, Duration::ZERO);
        Self {
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
            is_isolated,
            gain: None,
            limited: None,
            consumed: Duration::ZERO,
            max_spans: SPANS,
        }
    }

    /// Adds a process. This process is there already, so only its host is set.
    pub(super) fn add_process(&mut self, rank: usize, host: &str, threads: usize) {
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
    pub(super) fn add_chunk(
        &mut self,
        by: WorkerId,
        positions: Range<usize>,
        span: Span,
    ) -> Option<usize> {
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
    pub(super) fn core(&mut self, number: usize) -> &mut CoreMeter {
        let process = self.processes.entry(0).or_default();
        &mut process.thread(number).core
    }

    /// Reads the core time of the caller if that is the current thread.
    pub(super) fn read_caller(&mut self, now: Duration) {
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
    pub(super) fn local_number(&mut self, thread: ThreadId) -> usize {
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

    pub(super) fn into_report(self, wall: Duration) -> Report {
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
            is_isolated: self.is_isolated,
            gain: self.gain,
            limited: self.limited,
            consumed: self.consumed.min(wall),
        }
    }
}

/// The number of threads that this process can run at a time.
static CORES: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(usize::MAX, NonZeroUsize::get));
