//! One thread's part in a call: it applies the function to the items of a chunk.

use std::cell::Cell;
use std::marker::PhantomData;
use std::mem;
use std::ops::{ControlFlow, Range};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::Chunk;
use super::division::{Blocks, CopiedPart, Part};
use super::sink::{ChunkSink, Gathered, Sink};
use crate::outcome::{self, Ended, Failure};
use crate::schedule::Slices;
use crate::work::{Branch, Work};

/// A worker whose function is not named in its type.
///
/// The engine calls it as a trait object, once for many items. So a program has one copy of the
/// engine for each type of results, and not one for each function.
pub(crate) trait ErasedWorker<I: Iterator, S: Sink, B> {
    /// Runs the plain loop over at most `most` of the `items`, up to the first that fails, and
    /// appends their results. The first item of the call stands at the first position of
    /// `results`. Returns the items that are left, unless all have been requested.
    // It takes and returns them by value, so that the loop can have them in registers.
    fn append(
        &mut self,
        items: I,
        slices: Slices,
        most: usize,
        results: &mut S::Gathered,
    ) -> Ended<Option<I>, B>;

    /// Applies the function to the items of `chunk`, up to the first that fails or that stands at
    /// `bound` by then. Returns the positions that have results, and how the chunk ended.
    fn evaluate(
        &mut self,
        chunk: Chunk<I>,
        sink: &S,
        bound: &AtomicUsize,
    ) -> (Range<usize>, Ended<(), B>);

    /// Returns how long the worker waits for the source before it leaves the call. It would lose
    /// its own state then, so this is the time that making the state took.
    fn patience(&self) -> Duration;
}

/// A thread that takes part in a call, with the function and its own state `L`.
pub(crate) struct Worker<'w, W, L, M> {
    work: &'w W,
    local: Option<L>,
    /// How long it took to make `local` for a shared chunk.
    local_time: Duration,
    mode: PhantomData<M>,
}

impl<I, S, W, M> ErasedWorker<I, S, M::Reason> for Worker<'_, W, W::Local, M>
where
    I: Iterator,
    S: Sink,
    W: Work<I::Item>,
    M: Branch<W::Output, Value = S::Value>,
{
    fn append(
        &mut self,
        items: I,
        slices: Slices,
        most: usize,
        results: &mut S::Gathered,
    ) -> Ended<Option<I>, M::Reason> {
        let mut items = items;
        if results.block_len() < usize::MAX {
            items = match CopiedPart::of(items, slices) {
                Ok(part) => return self.append_part(part, most, results),
                Err(items) => items,
            };
        }
        if most == usize::MAX {
            // Without `take` around it, the iterator is fastest.
            self.append_all(items, results)?;
            return Ok(None);
        }
        self.append_all(items.by_ref().take(most), results)?;
        Ok(Some(items))
    }

    fn evaluate(
        &mut self,
        chunk: Chunk<I>,
        sink: &S,
        bound: &AtomicUsize,
    ) -> (Range<usize>, Ended<(), M::Reason>) {
        let start = chunk.claim.start();
        let mut sink = sink.chunk_sink(chunk.claim);
        let ended = match chunk.part {
            Part::Copied(items) => self.run(items, &mut sink, bound, chunk.unchecked),
            Part::Owned(items) => self.run(items, &mut sink, bound, chunk.unchecked),
        };
        finish_chunk(start, sink, ended)
    }

    fn patience(&self) -> Duration {
        /// The least time, if there is a state to lose. The thread that holds the source may have
        /// been interrupted.
        const LEAST: Duration = Duration::from_millis(5);
        let is_state = size_of::<W::Local>() > 0 || mem::needs_drop::<W::Local>();
        if self.local.is_some() && is_state {
            self.local_time.max(LEAST)
        } else {
            Duration::ZERO
        }
    }
}

/// Lets the `sink` of a chunk hand over its results. Returns the positions of these, the first of
/// which is `start`, and how the chunk `ended`.
pub(crate) fn finish_chunk<B>(
    start: usize,
    mut sink: impl ChunkSink,
    ended: Result<(), Failure<B>>,
) -> (Range<usize>, Ended<(), B>) {
    let end = sink.position();
    let ended = ended.map_err(|failure| (end, failure));
    // The results are before the item that has failed, if one has.
    match sink.finish() {
        Ok(()) => (start..end, ended),
        Err((position, payload)) => {
            outcome::discard(ended);
            (start..end, Err((position, Failure::Outside(payload))))
        }
    }
}

impl<'w, W, L, M> Worker<'w, W, L, M> {
    pub(crate) fn new(work: &'w W) -> Self {
        Self {
            work,
            local: None,
            local_time: Duration::ZERO,
            mode: PhantomData,
        }
    }

    pub(crate) fn work(&self) -> &'w W {
        self.work
    }

    /// Makes the worker's own state if there is none yet, and measures how long that takes. State
    /// without a size costs nothing, and is made with the first item.
    fn make_local<X>(&mut self) -> Result<(), Failure<M::Reason>>
    where
        W: Work<X, Local = L>,
        M: Branch<W::Output>,
    {
        if self.local.is_none() && size_of::<L>() > 0 {
            let begun = Instant::now();
            let local = panic::catch_unwind(AssertUnwindSafe(|| self.work.local()));
            self.local = Some(local.map_err(Failure::Outside)?);
            self.local_time = begun.elapsed();
        }
        Ok(())
    }

    /// Applies the function to `items`, up to the first that fails or that stands at `bound` by
    /// then. At most `unchecked` items begin between two looks at the bound.
    fn run<P>(
        &mut self,
        mut items: P,
        sink: &mut impl ChunkSink<Value = M::Value>,
        bound: &AtomicUsize,
        unchecked: usize,
    ) -> Result<(), Failure<M::Reason>>
    where
        P: Blocks,
        W: Work<P::Item, Local = L>,
        M: Branch<W::Output>,
    {
        self.make_local()?;
        // Relaxed, because it only saves work.
        let bound = || bound.load(Ordering::Relaxed);
        self.caught(|mut item| {
            if M::KEEPS_ALL && unchecked > 1 {
                while items.left() > 0 && sink.position() < bound() {
                    let len = unchecked.min(items.left()).min(sink.block_len());
                    let block = items.block(len);
                    sink.extend(block.map(|next| item.evaluate_all(next)));
                }
                return ControlFlow::Continue(());
            }
            let (mut position, mut reason) = (sink.position(), None);
            let results = items.block(items.left()).map_while(|next| {
                if position >= bound() {
                    return None;
                }
                position += 1;
                match item.evaluate(next) {
                    ControlFlow::Continue(result) => Some(result),
                    ControlFlow::Break(ended) => {
                        reason = Some(ended);
                        None
                    }
                }
            });
            sink.extend(results);
            reason.map_or(ControlFlow::Continue(()), ControlFlow::Break)
        })
        // The items that are left are dropped here, outside of any unwinding. The plain loop would
        // not have read them yet, so a panic of their drop is ignored.
    }

    /// Runs the plain loop over all `items`.
    #[inline]
    pub(crate) fn append_all<X>(
        &mut self,
        items: impl Iterator<Item = X>,
        results: &mut impl Gathered<Value = M::Value>,
    ) -> Ended<(), M::Reason>
    where
        W: Work<X, Local = L>,
        M: Branch<W::Output>,
    {
        let ended = self.caught(|mut item| item.append(items, results));
        ended.map_err(|failure| (results.len(), failure))
    }

    /// Runs the plain loop over at most `most` of the items of `part`, for results that are best
    /// taken in blocks.
    fn append_part<I>(
        &mut self,
        mut part: CopiedPart<I>,
        most: usize,
        results: &mut impl Gathered<Value = M::Value>,
    ) -> Ended<Option<I>, M::Reason>
    where
        I: Iterator,
        W: Work<I::Item, Local = L>,
        M: Branch<W::Output>,
    {
        let mut len = most.min(part.left());
        let ended = self.caught(|mut item| {
            while len > 0 {
                let block = part.block(len.min(results.block_len()));
                len -= block.len();
                if M::KEEPS_ALL {
                    results.extend_block(block.map(|next| item.evaluate_all(next)));
                } else {
                    item.append(block.into_inner(), results)?;
                }
            }
            ControlFlow::Continue(())
        });
        ended.map_err(|failure| (results.len(), failure))?;
        Ok((most < usize::MAX).then(|| part.into_items()))
    }

    /// Applies the function to one item outside of any chunk.
    pub(crate) fn evaluate_one<X>(&mut self, item: X) -> Result<M::Value, Failure<M::Reason>>
    where
        W: Work<X, Local = L>,
        M: Branch<W::Output>,
    {
        self.caught(|mut this| this.evaluate(item))
    }

    /// Runs `body` with what evaluates an item, and catches what unwinds.
    #[inline]
    fn caught<X, T>(
        &mut self,
        body: impl FnOnce(Evaluation<'_, W, L, M>) -> ControlFlow<M::Reason, T>,
    ) -> Result<T, Failure<M::Reason>>
    where
        W: Work<X, Local = L>,
        M: Branch<W::Output>,
    {
        let in_item = Cell::new(false);
        // What unwinds here is not used again: after a failure the call has no results, and its
        // workers evaluate no more items.
        let ended = panic::catch_unwind(AssertUnwindSafe(|| {
            body(Evaluation {
                work: self.work,
                local: self.local.get_or_insert_with(|| self.work.local()),
                in_item: &in_item,
                mode: PhantomData,
            })
        }));
        match ended {
            Ok(ControlFlow::Continue(value)) => Ok(value),
            Ok(ControlFlow::Break(reason)) => Err(Failure::Break(reason)),
            Err(payload) if in_item.get() => Err(Failure::Item(payload)),
            Err(payload) => Err(Failure::Outside(payload)),
        }
    }
}

/// The function, the state and the mode that evaluate an item.
struct Evaluation<'e, W, L, M> {
    work: &'e W,
    local: &'e mut L,
    /// Whether it was an item that unwound.
    in_item: &'e Cell<bool>,
    mode: PhantomData<M>,
}

impl<W, L, M> Evaluation<'_, W, L, M> {
    /// Runs the plain loop.
    #[inline]
    fn append<X>(
        &mut self,
        items: impl Iterator<Item = X>,
        results: &mut impl Gathered<Value = M::Value>,
    ) -> ControlFlow<M::Reason>
    where
        W: Work<X, Local = L>,
        M: Branch<W::Output>,
    {
        // `Vec::extend` reserves what an iterator promises, even if no memory holds that.
        if M::KEEPS_ALL && results.has_room(items.size_hint().0) {
            results.extend(items.map(|next| self.evaluate_all(next)));
            return ControlFlow::Continue(());
        }
        for next in items {
            results.push(self.evaluate(next)?);
        }
        ControlFlow::Continue(())
    }

    /// Evaluates an item whose output is kept in any case.
    #[inline]
    fn evaluate_all<X>(&mut self, item: X) -> M::Value
    where
        W: Work<X, Local = L>,
        M: Branch<W::Output>,
    {
        match self.evaluate(item) {
            ControlFlow::Continue(result) => result,
            ControlFlow::Break(_) => unreachable!("all outputs are kept"),
        }
    }

    #[inline]
    fn evaluate<X>(&mut self, item: X) -> ControlFlow<M::Reason, M::Value>
    where
        W: Work<X, Local = L>,
        M: Branch<W::Output>,
    {
        let flag = UnwindFlag(self.in_item);
        let branch = M::branch(self.work.apply(self.local, item));
        mem::forget(flag);
        branch
    }
}

/// Is set when an item unwinds, and costs nothing if it does not.
struct UnwindFlag<'c>(&'c Cell<bool>);

impl Drop for UnwindFlag<'_> {
    fn drop(&mut self) {
        self.0.set(true);
    }
}
