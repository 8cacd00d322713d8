//! One thread's part in a call: it applies the function to the items of a run.

use std::cell::Cell;
use std::marker::PhantomData;
use std::mem;
use std::ops::{ControlFlow, Range};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::sink::{Gather, Sink};
use super::source::Run;
use crate::outcome::{Ended, Failure};
use crate::work::{Judge, Work};

/// What a thread that takes part in a call can do, whatever the function is.
///
/// It is called as a trait object, once for many items: so a program has one copy of all that goes on
/// around it, and not one for each function.
pub(crate) trait Evaluate<I: Iterator, G, T, B> {
    /// The plain loop: applies the function to at most `most` of the `items`, up to the first that
    /// fails, and appends what they come to. The first item of the call stands at the first position
    /// of `results`. Gives the items that are left, unless they have all been asked for.
    // It takes and gives them by value, so that the loop can have them in registers.
    fn append(&mut self, items: I, most: usize, results: &mut Vec<T>) -> Ended<Option<I>, B>;

    /// Applies the function to the `items` of `run`, up to the first that fails or that stands at
    /// `bound` by then: at which positions there are results, and how it ended.
    fn evaluate(
        &mut self,
        items: Vec<I::Item>,
        run: Run,
        gather: &G,
        bound: &AtomicUsize,
    ) -> (Range<usize>, Ended<(), B>);
}

/// A thread that takes part in a call.
pub(crate) struct Worker<'w, W, L, J> {
    work: &'w W,
    local: Option<L>,
    judge: PhantomData<J>,
}

impl<I, G, W, J> Evaluate<I, G, J::Value, J::Reason> for Worker<'_, W, W::Local, J>
where
    I: Iterator,
    G: Gather<J::Value>,
    W: Work<I::Item>,
    J: Judge<W::Output>,
{
    fn append(
        &mut self,
        mut items: I,
        most: usize,
        results: &mut Vec<J::Value>,
    ) -> Ended<Option<I>, J::Reason> {
        if most == usize::MAX {
            // An iterator that nothing stands around is fastest.
            self.append_all(items, results)?;
            return Ok(None);
        }
        self.append_all(items.by_ref().take(most), results)?;
        Ok(Some(items))
    }

    fn evaluate(
        &mut self,
        items: Vec<I::Item>,
        run: Run,
        gather: &G,
        bound: &AtomicUsize,
    ) -> (Range<usize>, Ended<(), J::Reason>) {
        let start = run.start();
        let mut end = start;
        let mut results = Telling {
            sink: gather.sink(run),
            end: &mut end,
        };
        // All of it by value, so that the loop can have it in registers.
        let ended = self.caught(move |mut item| {
            for next in items {
                // Relaxed, because it only saves work.
                if results.sink.position() >= bound.load(Ordering::Relaxed) {
                    break;
                }
                results.sink.push(item.judge(next)?);
            }
            ControlFlow::Continue(())
        });
        (start..end, ended.map_err(|failure| (end, failure)))
    }
}

impl<'w, W, L, J> Worker<'w, W, L, J> {
    pub(crate) fn new(work: &'w W) -> Self {
        Self {
            work,
            local: None,
            judge: PhantomData,
        }
    }

    /// The plain loop over all `items`.
    #[inline]
    pub(crate) fn append_all<X>(
        &mut self,
        items: impl Iterator<Item = X>,
        results: &mut Vec<J::Value>,
    ) -> Ended<(), J::Reason>
    where
        W: Work<X, Local = L>,
        J: Judge<W::Output>,
    {
        let ended = self.caught(|mut item| item.append(items, results));
        ended.map_err(|failure| (results.len(), failure))
    }

    /// Applies the function to an item that stands alone.
    pub(crate) fn judge<X>(&mut self, item: X) -> Result<J::Value, Failure<J::Reason>>
    where
        W: Work<X, Local = L>,
        J: Judge<W::Output>,
    {
        self.caught(|mut this| this.judge(item))
    }

    /// Runs `body` with what evaluates an item, and catches what unwinds.
    #[inline]
    fn caught<X, T>(
        &mut self,
        body: impl FnOnce(Evaluation<'_, W, L, J>) -> ControlFlow<J::Reason, T>,
    ) -> Result<T, Failure<J::Reason>>
    where
        W: Work<X, Local = L>,
        J: Judge<W::Output>,
    {
        let in_item = Cell::new(false);
        // What unwinds here is not used again: after a failure the call has no results, and its
        // workers no more items.
        let ended = panic::catch_unwind(AssertUnwindSafe(|| {
            body(Evaluation {
                work: self.work,
                local: self.local.get_or_insert_with(|| self.work.local()),
                in_item: &in_item,
                judge: PhantomData,
            })
        }));
        match ended {
            Ok(ControlFlow::Continue(value)) => Ok(value),
            Ok(ControlFlow::Break(reason)) => Err(Failure::Break(reason)),
            Err(payload) if in_item.get() => Err(Failure::Item(payload)),
            Err(payload) => Err(Failure::Beside(payload)),
        }
    }
}

/// What it takes to evaluate an item.
struct Evaluation<'e, W, L, J> {
    work: &'e W,
    local: &'e mut L,
    /// Whether it was an item that unwound.
    in_item: &'e Cell<bool>,
    judge: PhantomData<J>,
}

impl<W, L, J> Evaluation<'_, W, L, J> {
    /// The plain loop.
    #[inline]
    fn append<X>(
        &mut self,
        items: impl Iterator<Item = X>,
        results: &mut Vec<J::Value>,
    ) -> ControlFlow<J::Reason>
    where
        W: Work<X, Local = L>,
        J: Judge<W::Output>,
    {
        // `Vec` reserves what an iterator promises, also if no memory holds that.
        let has_room = items.size_hint().0 <= results.capacity() - results.len();
        if J::ACCEPTS_ALL && has_room {
            results.extend(items.map(|next| match self.judge(next) {
                ControlFlow::Continue(result) => result,
                ControlFlow::Break(_) => unreachable!("all are accepted"),
            }));
            return ControlFlow::Continue(());
        }
        for next in items {
            results.push(self.judge(next)?);
        }
        ControlFlow::Continue(())
    }

    #[inline]
    fn judge<X>(&mut self, item: X) -> ControlFlow<J::Reason, J::Value>
    where
        W: Work<X, Local = L>,
        J: Judge<W::Output>,
    {
        let noted = NotedIfUnwinding(self.in_item);
        let judged = J::judge(self.work.apply(self.local, item));
        mem::forget(noted);
        judged
    }
}

/// Notes that an item unwinds, and costs nothing if it does not.
struct NotedIfUnwinding<'c>(&'c Cell<bool>);

impl Drop for NotedIfUnwinding<'_> {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

/// Tells how far a sink has come when it is dropped, also by a panic.
struct Telling<'e, S: Sink> {
    sink: S,
    end: &'e mut usize,
}

impl<S: Sink> Drop for Telling<'_, S> {
    #[inline]
    fn drop(&mut self) {
        *self.end = self.sink.position();
    }
}
