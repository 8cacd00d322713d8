//! A call whose items other processes evaluate, and a thread's part in it.

use std::io::{self, ErrorKind};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::child::WorkerProcess;
use super::frame::Kind;
use super::{HAS_JOINED, IS_SERVING, idle};
use crate::call::{Blocks, Chunk, ChunkSink, ErasedWorker, Gathered, Part, Sink, finish_chunk};
use crate::cluster::{BranchedWork, Message, Received, RemoteWork, is_in_item, refusal};
use crate::encoding::ErrorText;
use crate::outcome::{DeathCause, Ended, Failure, ItemDeath};
use crate::schedule::{Settings, Slices};
use crate::work::{Branch, Work};

/// Bounds the encoded items that are sent together, in bytes.
const MAX_BATCH: usize = 4 << 20;

/// Bounds the processes that end one after the other without having begun an item: three, or more
/// if something kills them, which need not be a fault of theirs.
const MAX_FRUITLESS: u32 = 30;
const FRUITLESS: u32 = 10;
const FRUITLESS_IF_KILLED: u32 = 1;

/// Bounds the pause before a process is started after one that ended without having begun an item.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Bounds the pause before a process is started after one that died at an item. That item has its
/// result, and parameters with which a solver crashes often follow one another.
const LONGEST_PAUSE_AFTER_ITEM: Duration = Duration::from_millis(16);

/// The time after which a thread that cannot start a process looks for one that another thread no
/// longer needs.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

/// A call whose items other processes evaluate.
pub(crate) struct Isolated<'w, X, T, B> {
    work: Box<dyn RemoteWork<X, T, B> + Send + 'w>,
    /// The number of the call, from 1.
    call: u64,
    /// The encoded message that opens the call.
    header: OnceLock<Result<Vec<u8>, ErrorText>>,
    timeout: Option<Duration>,
    items_per_process: Option<NonZeroUsize>,
    /// The number of processes that evaluate items of the call.
    busy: AtomicUsize,
}

impl<'w, X, T, B> Isolated<'w, X, T, B> {
    /// Makes the call of `work` with these `settings`, if they ask for processes. Inside an item it
    /// runs where that item does.
    ///
    /// # Panics
    ///
    /// Panics if the program has not joined.
    #[track_caller]
    pub(crate) fn find<W, M>(work: &'w W, settings: &Settings) -> Option<Self>
    where
        X: 'w,
        W: Work<X>,
        M: Branch<W::Output, Value = T, Reason = B> + 'w,
    {
        static LATEST: AtomicU64 = AtomicU64::new(0);
        if settings.processes.is_none() {
            let is_limited = settings.timeout.is_some() || settings.items_per_process.is_some();
            assert!(
                !is_limited,
                "`.timeout(..)` and `.items_per_process(..)` need `.processes(n)`: a thread cannot \
                 be ended"
            );
            return None;
        }
        if is_in_item() || IS_SERVING.load(Ordering::Relaxed) {
            return None;
        }
        let work = BranchedWork::<_, _, M>::of(work, false)?;
        assert!(
            HAS_JOINED.load(Ordering::Relaxed),
            "`.processes(n)` needs `let _processes = parallelize::processes::join();` at the start \
             of `main`"
        );
        Some(Self {
            work: Box::new(work),
            call: 1 + LATEST.fetch_add(1, Ordering::Relaxed),
            header: OnceLock::new(),
            timeout: settings.timeout,
            items_per_process: settings.items_per_process,
            busy: AtomicUsize::new(0),
        })
    }

    /// Returns the message that opens the call.
    fn header(&self) -> Result<&[u8], ErrorText> {
        let header = self.header.get_or_init(|| {
            let header = self.work.header(Some(1))?;
            Ok(header.open(self.call).into_bytes())
        });
        header.as_deref().map_err(ErrorText::clone)
    }

    /// Returns whether no further item may begin.
    fn is_over(&self, output: &Output<'_, T, B>) -> bool {
        output.position >= output.bound.load(Ordering::Relaxed) || self.work.is_stopped()
    }

    fn refusal(&self, reason: &str) -> Failure<B> {
        refusal(self.work.function(), reason)
    }

    /// Returns how many items a process may begin after `items` of them.
    fn room(&self, items: usize) -> usize {
        let most = self.items_per_process.map_or(usize::MAX, NonZeroUsize::get);
        most.saturating_sub(items)
    }
}

impl<X, T, B> Drop for Isolated<'_, X, T, B> {
    fn drop(&mut self) {
        let close = Message::Close { call: self.call };
        idle::close(self.call, &close.into_bytes());
    }
}

/// A thread that takes part in a call, with a process that evaluates its items.
pub(crate) struct IsolatedWorker<'i, 'w, X, T, B> {
    isolated: &'i Isolated<'w, X, T, B>,
    process: Option<WorkerProcess>,
    /// Counts the process, if there is one.
    busy: Option<Busy<'i>>,
    /// Weighs the processes in a row that ended without having begun an item.
    fruitless: u32,
    /// The number of deaths in a row, without a result between them.
    deaths: u32,
    /// What the process has sent last.
    received: Vec<u8>,
}

/// Some consecutive items, encoded.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    /// Where each item begins in the bytes.
    begins: Vec<usize>,
}

/// What becomes of the results of a chunk.
struct Output<'o, T, B> {
    /// The position of the next result.
    position: usize,
    bound: &'o AtomicUsize,
    push: &'o mut dyn FnMut(T),
    /// The failure that ends the call, at the position of the next result.
    failure: Option<Failure<B>>,
}

impl<'i, 'w, X, T, B> IsolatedWorker<'i, 'w, X, T, B> {
    pub(crate) fn new(isolated: &'i Isolated<'w, X, T, B>) -> Self {
        Self {
            isolated,
            process: None,
            busy: None,
            fruitless: 0,
            deaths: 0,
            received: Vec::new(),
        }
    }

    /// Evaluates `items`, the first of which stands at `start`, up to the first that fails or that
    /// stands at `bound` by then.
    fn run(
        &mut self,
        items: impl Iterator<Item = X>,
        start: usize,
        bound: &AtomicUsize,
        push: &mut dyn FnMut(T),
    ) -> Result<(), Failure<B>> {
        let mut output = Output {
            position: start,
            bound,
            push,
            failure: None,
        };
        // Encoding a value runs code of the user.
        let run = AssertUnwindSafe(|| self.run_batches(items, &mut output));
        match panic::catch_unwind(run) {
            Ok(()) => output.failure.map_or(Ok(()), Err),
            Err(payload) => Err(Failure::Outside(payload)),
        }
    }

    fn run_batches(&mut self, items: impl Iterator<Item = X>, output: &mut Output<'_, T, B>) {
        let work = &*self.isolated.work;
        let mut items = items.fuse();
        let mut end = output.position;
        while output.failure.is_none() && !self.isolated.is_over(output) {
            let (mut batch, mut known) = (Batch::default(), None);
            for item in items.by_ref() {
                let begin = batch.bytes.len();
                end += 1;
                match work.encode(item, &mut batch.bytes) {
                    Ok(None) => batch.begins.push(begin),
                    Ok(Some(result)) => known = Some(result),
                    Err(reason) => {
                        output.failure = Some(self.isolated.refusal(&reason));
                        return;
                    }
                }
                if known.is_some() || batch.bytes.len() >= MAX_BATCH {
                    break;
                }
            }
            let begin = output.position;
            if begin == end {
                return;
            }
            self.run_batch(&batch, output);
            let is_whole = output.position == begin + batch.begins.len();
            if let (Some(result), true, true) = (known, is_whole, output.failure.is_none()) {
                output.take(result);
            }
        }
        if output.failure.is_some() {
            return;
        }
        // Nothing began these items.
        let left = (output.position..end).map(drop).chain(items.map(drop));
        for () in left {
            let Some(skipped) = work.skipped() else {
                return;
            };
            output.take(Ok(skipped));
        }
    }

    /// Evaluates the items of a batch, as long as further ones may begin.
    fn run_batch(&mut self, batch: &Batch, output: &mut Output<'_, T, B>) {
        let begin = output.position;
        while output.failure.is_none() && !self.isolated.is_over(output) {
            let next = output.position - begin;
            let Some(&from) = batch.begins.get(next) else {
                return;
            };
            let mut process = match self.process(output) {
                Ok(Some(process)) => process,
                Ok(None) => return,
                Err(reason) => {
                    output.failure = Some(self.isolated.refusal(&reason));
                    return;
                }
            };
            let last = next.saturating_add(self.isolated.room(process.items));
            let to = batch.begins.get(last).copied();
            let chunk = Message::Chunk {
                call: self.isolated.call,
                start: output.position,
                items: batch.bytes[from..to.unwrap_or(batch.bytes.len())].to_vec(),
            };
            let begin = output.position;
            match self.converse(&mut process, &chunk.into_bytes(), output) {
                Ok(()) if output.position == begin && !self.isolated.is_over(output) => {
                    let reason = "a process has not evaluated the items that it had";
                    output
                        .failure
                        .get_or_insert_with(|| self.isolated.refusal(reason));
                }
                Ok(()) => self.process = Some(process),
                Err(Lost::Idle) => self.note_fruitless(process),
                Err(Lost::AtItem { timed_out }) => self.bury(process, timed_out, output),
            }
        }
    }

    /// Sends a chunk to a `process`, and takes the results until it is done.
    fn converse(
        &mut self,
        process: &mut WorkerProcess,
        chunk: &[u8],
        output: &mut Output<'_, T, B>,
    ) -> Result<(), Lost> {
        let (isolated, timeout) = (self.isolated, self.isolated.timeout);
        process.send(chunk).map_err(|_| Lost::Idle)?;
        let (mut begun, mut deadline, mut is_told) = (false, None, false);
        loop {
            // The item that has begun is finished.
            let position = output.position + usize::from(begun);
            let mut tell = |process: &WorkerProcess| {
                if !is_told && (output.failure.is_some() || isolated.is_over(output)) {
                    is_told = true;
                    let call = isolated.call;
                    let bound = Message::Bound { call, position }.into_bytes();
                    // If it has died, the next frame does not arrive.
                    _ = process.send(&bound);
                }
                Ok(())
            };
            if begun {
                _ = tell(process);
            }
            let kind = match process.receive(&mut self.received, deadline, &mut tell) {
                Ok(kind) => kind,
                Err(_) if !begun => return Err(Lost::Idle),
                Err(error) => {
                    let timed_out = timeout.filter(|_| error.kind() == ErrorKind::TimedOut);
                    return Err(Lost::AtItem { timed_out });
                }
            };
            match kind {
                Kind::Begins | Kind::Done => {
                    if take_results(isolated, &self.received, output) {
                        self.deaths = 0;
                    }
                }
                Kind::Refused => {
                    let reason = String::from_utf8_lossy(&self.received);
                    output.failure = Some(self.isolated.refusal(&reason));
                }
                Kind::Message | Kind::Ready => return Err(Lost::Idle),
            }
            if kind != Kind::Begins {
                return Ok(());
            }
            (begun, self.fruitless) = (true, 0);
            process.items += 1;
            deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        }
    }

    /// Gives the item at which a `process` died its result.
    fn bury(
        &mut self,
        mut process: WorkerProcess,
        timed_out: Option<Duration>,
        output: &mut Output<'_, T, B>,
    ) {
        let late = output.position;
        if timed_out.is_some() {
            process.kill();
            // It may have finished the item at the last moment.
            while let Ok(Kind::Begins | Kind::Done) =
                process.receive(&mut self.received, None, &mut |_| Ok(()))
            {
                take_results(self.isolated, &self.received, output);
            }
        }
        let cause = process.cause();
        let timed_out = timed_out.filter(|_| output.position == late);
        let cause = timed_out.map_or(cause, DeathCause::TimedOut);
        self.deaths = self.deaths.saturating_add(1);
        if output.failure.is_none() {
            let index = output.position;
            output.take(self.isolated.work.died(ItemDeath { index, cause }));
        }
    }

    /// Returns a process that has the constants of the call and may begin an item, unless the call
    /// is over before there is one.
    fn process(&mut self, output: &Output<'_, T, B>) -> Result<Option<WorkerProcess>, ErrorText> {
        let isolated = self.isolated;
        let (call, header) = (isolated.call, isolated.header()?);
        let is_over = || isolated.is_over(output);
        let mut process = self.process.take();
        self.busy = None;
        while !is_over() {
            let mut next = match process.take().or_else(|| idle::take(call)) {
                Some(process) => process,
                None => match self.start()? {
                    Some(process) => process,
                    None => continue,
                },
            };
            if isolated.room(next.items) == 0 {
                continue;
            }
            let mut prepare = || {
                next.wait_until_ready(&is_over)?;
                if next.call != call {
                    next.send(header)?;
                    next.call = call;
                }
                Ok::<_, io::Error>(())
            };
            match prepare() {
                Ok(()) => {
                    self.busy = Some(Busy::new(&isolated.busy));
                    return Ok(Some(next));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => idle::keep(next),
                Err(_) => self.note_fruitless(next),
            }
            if self.fruitless >= MAX_FRUITLESS {
                return Err(
                    "several processes ended, one after the other, before they had begun \
                            an item; what they printed stands above"
                        .to_owned(),
                );
            }
        }
        Ok(None)
    }

    /// Notes that a `process` has ended outside of any item. One that has evaluated items may have
    /// been idle, and have died long ago.
    fn note_fruitless(&mut self, process: WorkerProcess) {
        if process.items > 0 {
            return;
        }
        self.fruitless += match process.cause() {
            DeathCause::Signal(9) => FRUITLESS_IF_KILLED,
            _ => FRUITLESS,
        };
    }

    /// Starts a process, after a pause if several have ended one after the other. Returns none if
    /// that cannot be done now.
    fn start(&mut self) -> Result<Option<WorkerProcess>, ErrorText> {
        let after_item = pause(self.deaths, LONGEST_PAUSE_AFTER_ITEM);
        thread::sleep(pause(self.fruitless, LONGEST_PAUSE).max(after_item));
        let error = match WorkerProcess::start() {
            Ok(process) => return Ok(Some(process)),
            Err(error) => error,
        };
        if self.isolated.busy.load(Ordering::Relaxed) > 0 {
            // The other processes of the call go on, and one of them may get free.
            thread::sleep(BUSY_PAUSE);
            return Ok(None);
        }
        self.fruitless += FRUITLESS_IF_KILLED;
        if self.fruitless < MAX_FRUITLESS {
            return Ok(None);
        }
        Err(format!("no process can be started: {error}"))
    }
}

/// Returns how long to wait after `ends` processes have ended, one after the other: no time after
/// the first, and then twice as long each time, up to the `longest`.
fn pause(ends: u32, longest: Duration) -> Duration {
    let doublings = ends.checked_sub(2);
    doublings.map_or(Duration::ZERO, |doublings| {
        Duration::from_millis(1 << doublings.min(16)).min(longest)
    })
}

/// Takes the `results` that have arrived, and returns whether there are any. Those behind a failure
/// are not needed.
fn take_results<X, T, B>(
    isolated: &Isolated<'_, X, T, B>,
    mut results: &[u8],
    output: &mut Output<'_, T, B>,
) -> bool {
    let is_any = !results.is_empty();
    while !results.is_empty() && output.failure.is_none() {
        match isolated.work.decode(output.position, None, &mut results) {
            Ok(Received::Item(result)) => output.take(result),
            Ok(Received::Sum(_)) => unreachable!("no process sends sums"),
            Err(reason) => output.failure = Some(isolated.refusal(&reason)),
        }
    }
    is_any
}

/// Counts a process that evaluates items, until this is dropped.
struct Busy<'b>(&'b AtomicUsize);

impl<'b> Busy<'b> {
    // Relaxed, here and elsewhere, as it orders nothing.
    fn new(busy: &'b AtomicUsize) -> Self {
        busy.fetch_add(1, Ordering::Relaxed);
        Self(busy)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How a process was lost.
enum Lost {
    /// Before it began an item.
    Idle,
    /// At an item, which may have taken too long.
    AtItem { timed_out: Option<Duration> },
}

impl<T, B> Output<'_, T, B> {
    /// Takes the next result.
    fn take(&mut self, result: Result<T, Failure<B>>) {
        match result {
            Ok(value) => {
                (self.push)(value);
                self.position += 1;
            }
            Err(failure) => self.failure = Some(failure),
        }
    }
}

impl<X, T, B> Drop for IsolatedWorker<'_, '_, X, T, B> {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            idle::keep(process);
        }
    }
}

impl<I, S, B> ErasedWorker<I, S, B> for IsolatedWorker<'_, '_, I::Item, S::Value, B>
where
    I: Iterator,
    S: Sink,
{
    fn append(
        &mut self,
        mut items: I,
        _: Slices,
        most: usize,
        results: &mut S::Gathered,
    ) -> Ended<Option<I>, B> {
        let (start, unbounded) = (results.len(), AtomicUsize::new(usize::MAX));
        let next = items.by_ref().take(most);
        let ended = self.run(next, start, &unbounded, &mut |result| results.push(result));
        ended.map_err(|failure| (results.len(), failure))?;
        Ok((results.len() == start + most).then_some(items))
    }

    fn evaluate(
        &mut self,
        chunk: Chunk<I>,
        sink: &S,
        bound: &AtomicUsize,
    ) -> (Range<usize>, Ended<(), B>) {
        let start = chunk.claim.start();
        let mut sink = sink.chunk_sink(chunk.claim);
        let mut push = |result| sink.push(result);
        let ended = match chunk.part {
            Part::Copied(mut items) => {
                let len = items.left();
                self.run(items.block(len).into_inner(), start, bound, &mut push)
            }
            Part::Owned(mut items) => {
                let len = items.left();
                self.run(items.block(len).into_inner(), start, bound, &mut push)
            }
        };
        finish_chunk(start, sink, ended)
    }

    fn patience(&self) -> Duration {
        // Another process would have to receive the constants.
        Duration::from_millis(5)
    }
}
