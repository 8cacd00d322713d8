//! Notes what goes on in a call, in memory that does not grow with it.

use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::{Chunk, Report};
use crate::pool::Pool;
use crate::watch::{Serial, Watch};

/// How many of the slowest chunks are kept.
const SLOWEST: usize = 5;

/// How many spans of a thread are kept: some more than a picture has room for.
const SPANS: u32 = 1024;

/// Notes what goes on in a call, from the moment it is made.
pub(crate) struct Recorder {
    begun: Instant,
    threads: usize,
    // One lock for all: it is held for a tenth of a microsecond by each thread every fifty or so.
    record: Mutex<Record>,
}

struct Record {
    items: usize,
    chunks: usize,
    serial: Option<Serial>,
    slowest: Vec<Chunk>,
    /// In the order in which they came, from the calling thread on.
    workers: Vec<Worker>,
}

/// A thread's part in a call.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    thread: ThreadId,
    pub(super) items: usize,
    pub(super) busy: Duration,
    pub(super) spans: Spans,
}

/// When a thread was busy, as finely as some hundred spans can tell.
#[derive(Clone, Default)]
pub(super) struct Spans {
    spans: Vec<Span>,
    /// Those that fit in here together are one.
    grain: Duration,
}

/// A stretch of time, from the beginning of the call on, for some of which a thread was busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) begun: Duration,
    pub(super) ended: Duration,
    pub(super) busy: Duration,
}

impl Recorder {
    /// For a call of the current thread on so many threads.
    pub(crate) fn new(threads: Option<NonZeroUsize>) -> Self {
        let record = Record {
            items: 0,
            chunks: 0,
            serial: None,
            slowest: Vec::with_capacity(SLOWEST + 1),
            workers: vec![Worker::new(thread::current().id())],
        };
        Self {
            threads: Pool::with(threads).1,
            record: Mutex::new(record),
            begun: Instant::now(),
        }
    }

    /// What has gone on until now, when the call is over.
    pub(crate) fn finish(self) -> Report {
        let wall = self.begun.elapsed();
        let record = self.record.into_inner();
        let Record {
            items,
            chunks,
            serial,
            slowest,
            workers,
        } = record.unwrap_or_else(PoisonError::into_inner);
        let mut busy: Vec<_> = workers.iter().map(|worker| worker.busy).collect();
        if serial.is_none() {
            // Those who were asked to help and did not come.
            let asked = self.threads.min(items);
            busy.resize(busy.len().max(asked), Duration::ZERO);
        }
        Report {
            items,
            chunks,
            wall,
            busy,
            serial,
            slowest,
            workers,
            cores: *CORES,
        }
    }
}

static CORES: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(usize::MAX, NonZeroUsize::get));

impl Watch for Recorder {
    fn evaluated(&self, positions: Range<usize>, begun: Instant, elapsed: Duration) {
        let span = Span::busy(begun.duration_since(self.begun), elapsed);
        let thread = thread::current().id();
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        record.note(thread, positions, span);
    }

    fn was_serial(&self, why: Serial) {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        record.serial = Some(why);
    }
}

impl Record {
    fn note(&mut self, thread: ThreadId, items: Range<usize>, span: Span) {
        let worker = self.worker(thread);
        self.workers[worker].note(items.len(), span);
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
            worker,
            span,
        });
    }

    /// The number of the worker on this thread, who may be new.
    fn worker(&mut self, thread: ThreadId) -> usize {
        let mut workers = self.workers.iter();
        workers.position(|w| w.thread == thread).unwrap_or_else(|| {
            self.workers.push(Worker::new(thread));
            self.workers.len() - 1
        })
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

impl Worker {
    fn new(thread: ThreadId) -> Self {
        Self {
            thread,
            items: 0,
            busy: Duration::ZERO,
            spans: Spans::default(),
        }
    }

    fn note(&mut self, items: usize, span: Span) {
        self.items += items;
        self.busy += span.busy;
        self.spans.push(span);
    }
}

impl Spans {
    fn push(&mut self, span: Span) {
        if self.spans.len() == SPANS as usize {
            // Any two neighbours take longer than a grain together, so that half of the room is free
            // now, and is not full before twice the time.
            self.grain = span.ended * 4 / SPANS;
            self.spans = self.joined(self.grain);
        }
        join(&mut self.spans, span, self.grain);
    }

    /// The same as a picture shows it in which a `grain` is the least that can be seen.
    pub(super) fn joined(&self, grain: Duration) -> Vec<Span> {
        let mut joined = Vec::new();
        for span in &self.spans {
            join(&mut joined, *span, grain);
        }
        joined
    }
}

impl Span {
    fn busy(begun: Duration, time: Duration) -> Self {
        Self {
            begun,
            ended: begun + time,
            busy: time,
        }
    }

    pub(super) fn length(&self) -> Duration {
        self.ended.saturating_sub(self.begun)
    }
}

/// Appends `span`, or has the last one take it in if both fit in a `grain`.
fn join(spans: &mut Vec<Span>, span: Span, grain: Duration) {
    match spans.last_mut() {
        Some(last) if span.ended.saturating_sub(last.begun) <= grain => {
            last.ended = span.ended;
            last.busy += span.busy;
        }
        _ => spans.push(span),
    }
}

/// There may be a thousand of them.
impl fmt::Debug for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spans").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NANO: Duration = Duration::from_nanos(1);

    fn chunk_times(times: &[u32]) -> Vec<Duration> {
        let recorder = Recorder::new(NonZeroUsize::new(1));
        for (i, time) in times.iter().enumerate() {
            recorder.evaluated(i..i + 1, recorder.begun, NANO * *time);
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
            recorder.evaluated(items, recorder.begun, time);
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
        assert_eq!(items, [4, 5]);
        assert_eq!((report.slowest[0].index, report.slowest[0].items), (0, 5));
    }

    #[test]
    fn those_who_were_not_asked_are_no_workers() {
        let serial = Recorder::new(NonZeroUsize::new(4));
        serial.evaluated(0..9, serial.begun, NANO);
        serial.was_serial(Serial::Cheap);
        let report = serial.finish();
        assert_eq!(
            (report.busy, report.serial),
            (vec![NANO], Some(Serial::Cheap))
        );

        let short = Recorder::new(NonZeroUsize::new(4));
        short.evaluated(0..2, short.begun, NANO);
        assert_eq!(short.finish().busy.len(), 2);
        assert_eq!(
            Recorder::new(NonZeroUsize::new(4)).finish().busy,
            [Duration::ZERO]
        );
    }

    #[test]
    fn a_call_without_end_takes_no_more_memory() {
        let mut spans = Spans::default();
        let mut most = 0;
        // Busy for 3 of 10 ns, and for 8 of them later.
        for i in 0..100_000 {
            let busy = if i < 50_000 { 3 } else { 8 };
            spans.push(Span::busy(NANO * 10 * i, NANO * busy));
            most = most.max(spans.spans.len());
        }
        assert_eq!(most, SPANS as usize);
        let kept = &spans.spans;
        assert!(kept.len() > SPANS as usize / 4);
        assert!(kept.windows(2).all(|pair| pair[0].ended < pair[1].begun));
        let busy: Duration = kept.iter().map(|span| span.busy).sum();
        assert_eq!(busy, NANO * (3 + 8) * 50_000);
        assert_eq!(kept[0].begun, Duration::ZERO);
        assert_eq!(kept.last().unwrap().ended, NANO * (999_990 + 8));
        for span in [kept[10], kept[kept.len() - 10]] {
            let share = span.busy.div_duration_f64(span.length());
            let truth = if span.ended < NANO * 500_000 {
                0.3
            } else {
                0.8
            };
            assert!((share - truth).abs() < 0.05, "{share} in {span:?}");
        }
    }
}
