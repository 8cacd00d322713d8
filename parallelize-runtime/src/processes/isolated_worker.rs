//! A thread's part in a call whose items other processes evaluate.

use std::io::ErrorKind;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use super::child::WorkerProcess;
use super::frame::Kind;
use super::isolated::{Isolated, Output};
use super::supply::Supply;
use crate::call::{Blocks, Chunk, ChunkSink, ErasedWorker, Gathered, Part, Sink, finish_chunk};
use crate::cluster::Message;
use crate::outcome::{DeathCause, Ended, Failure, ItemDeath};
use crate::schedule::Slices;

/// Bounds the encoded items that are sent together, in bytes.
const MAX_BATCH: usize = 4 << 20;

/// A thread that takes part in a call, with a process that evaluates its items.
pub(crate) struct IsolatedWorker<'i, 'w, X, T, B> {
    isolated: &'i Isolated<'w, X, T, B>,
    supply: Supply<'i, 'w, X, T, B>,
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

impl<'i, 'w, X, T, B> IsolatedWorker<'i, 'w, X, T, B> {
    pub(crate) fn new(isolated: &'i Isolated<'w, X, T, B>) -> Self {
        Self {
            isolated,
            supply: Supply::new(isolated),
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
            let mut process = match self.supply.process(output) {
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
                Ok(()) => self.supply.put_back(process),
                Err(Lost::Idle) => self.supply.note_fruitless(process),
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
                    if isolated.take_results(&self.received, output) {
                        self.supply.note_result();
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
            begun = true;
            self.supply.note_begun();
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
                self.isolated.take_results(&self.received, output);
            }
        }
        let cause = process.cause();
        let timed_out = timed_out.filter(|_| output.position == late);
        let cause = timed_out.map_or(cause, DeathCause::TimedOut);
        self.supply.note_death();
        if output.failure.is_none() {
            let index = output.position;
            output.take(self.isolated.work.died(ItemDeath { index, cause }));
        }
    }
}

/// How a process was lost.
enum Lost {
    /// Before it began an item.
    Idle,
    /// At an item, which may have taken too long.
    AtItem { timed_out: Option<Duration> },
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
