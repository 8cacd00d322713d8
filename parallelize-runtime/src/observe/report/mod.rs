//! What a job gained: who worked for how long, and what held it up.

mod env_report;
mod host;
mod recorder;
mod spans;
mod table;
mod text;
mod thread_stats;
mod timeline;

pub(crate) use env_report::EnvReport;
pub use host::Host;
pub(crate) use recorder::Recorder;

use std::time::Duration;

use crate::observe::Serial;
use spans::Span;
use thread_stats::{ThreadKey, ThreadStats};

/// What a job gained by its threads, and what held it up.
///
/// [`Job::report`](crate::Job::report) gives one. Printed, it is a small table;
/// [`timeline_svg`](Report::timeline_svg) draws who worked when.
///
/// ```
/// let (squares, report) = parallelize::job(0..1_000_u64, |i| i * i).report();
/// assert_eq!((squares.len(), report.items), (1_000, 1_000));
/// println!("{report}");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// How many items were done.
    pub items: usize,
    /// How many times a thread took some of them.
    pub chunks: usize,
    /// How long the job took.
    pub wall: Duration,
    /// For how long each thread was at work on items, the calling thread first. Zero for one that
    /// was asked to help and did not come in time.
    ///
    /// None of them is longer than [`wall`](Report::wall). The time that the iterator took to give
    /// the items counts, as it does in the loop.
    ///
    /// If the job ran on a cluster, the threads of the other processes stand behind those of this
    /// one, by their ranks. The time that items and results took to travel does not count.
    pub busy: Vec<Duration>,
    /// What each machine did, this one first, if the job ran on a cluster. Several processes of one
    /// machine are added up.
    ///
    /// Empty if nobody else was asked: there is no cluster, or the job stayed here because it was
    /// told to or was over too soon.
    pub hosts: Vec<Host>,
    /// Why it ran as the plain loop on the calling thread, if it did.
    pub serial: Option<Serial>,
    /// The chunks that took longest, from the longest on; no more than five.
    pub slowest: Vec<Chunk>,
    workers: Vec<ThreadStats>,
    /// How many threads this process can run at a time.
    cores: usize,
    /// Whether items were cheaper to do than to send to other machines.
    has_stopped_sending: bool,
}

/// Consecutive items that a thread took together, often only one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chunk {
    /// The position of the first of them among all items, from 0.
    pub index: usize,
    /// How many there are.
    pub items: usize,
    /// How long they took together.
    pub time: Duration,
    seat: ThreadKey,
    span: Span,
}

impl Report {
    /// How many times as fast as one thread this was: the time for which all threads together were
    /// [busy](Report::busy), by the time that passed.
    ///
    /// This takes it that one thread would need as long for each item. If threads have to share
    /// cores or wait for the same memory, it would need less, and the gain was smaller.
    ///
    /// ```
    /// let (_, report) = parallelize::job(0..1_000, |i| i + 1).threads(2).report();
    /// assert!(report.speedup() <= 2.0);
    /// ```
    #[must_use]
    pub fn speedup(&self) -> f64 {
        share(self.busy.iter().sum(), self.wall)
    }

    /// The part of the threads' time that went into items: 1 if all were busy from beginning to
    /// end.
    ///
    /// ```
    /// let (_, report) = parallelize::job(0..1_000, |i| i + 1).threads(2).report();
    /// assert!((0.0..=1.0).contains(&report.efficiency()));
    /// ```
    #[must_use]
    pub fn efficiency(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "so many threads there are not")]
        let threads = self.busy.len() as f64;
        self.speedup() / threads
    }

    /// The machine on which one of the [slowest](field@Report::slowest) chunks was evaluated, if the job
    /// ran on a cluster.
    ///
    /// ```
    /// let (_, report) = parallelize::job(0..1_000, |i| i + 1).report();
    /// for chunk in &report.slowest {
    ///     let host = report.host_of(chunk).map_or("here", |host| &host.name);
    ///     println!("item {} took {:?} on {host}", chunk.index, chunk.time);
    /// }
    /// ```
    #[must_use]
    pub fn host_of(&self, chunk: &Chunk) -> Option<&Host> {
        self.hosts.get(self.workers.get(self.row(chunk)?)?.host)
    }

    /// Which of the threads evaluated `chunk`.
    fn row(&self, chunk: &Chunk) -> Option<usize> {
        let mut workers = self.workers.iter();
        workers.position(|worker| worker.seat == chunk.seat)
    }

    /// How many threads of this process there are.
    fn here(&self) -> usize {
        let workers = self.workers.iter();
        workers.filter(|worker| worker.seat.rank == 0).count()
    }

    /// Draws who worked when: a picture in SVG, with a row for each thread.
    ///
    /// A bar is as high as the thread was busy in that moment. The chunks that took longest stand
    /// out. It can be read on a light and on a dark page.
    ///
    /// ```
    /// let (_, report) = parallelize::job(0..1_000, |i| i + 1).report();
    /// let path = std::env::temp_dir().join("timeline.svg");
    /// std::fs::write(&path, report.timeline_svg())?;
    /// # std::fs::remove_file(path)?;
    /// # std::io::Result::Ok(())
    /// ```
    #[must_use]
    pub fn timeline_svg(&self) -> String {
        timeline::svg(self)
    }
}

/// `part` by `whole`, also where nothing took any time.
fn share(part: Duration, whole: Duration) -> f64 {
    part.div_duration_f64(whole.max(Duration::from_nanos(1)))
}
