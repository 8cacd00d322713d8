//! One thread's part in a call: it applies the function to the items of a run.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};

use crate::outcome::{Failure, Outcome};

/// What a [`Job`](crate::Job) does with each of its items, which are `X`.
///
/// There is nothing to implement or to call here: companions give it, and the last calls of a job
/// take it.
pub trait Work<X>: Sync {
    /// What each thread that takes part has for itself.
    #[doc(hidden)]
    type Local;

    /// What an item comes to.
    type Output;

    /// Makes what a thread has for itself, once its first item has come.
    #[doc(hidden)]
    fn local(&self) -> Self::Local;

    /// Does the work for one item.
    #[doc(hidden)]
    fn apply(&self, local: &mut Self::Local, item: X) -> Self::Output;
}

/// A function, and one that makes what each thread has for itself.
#[derive(Clone, Copy, Debug)]
pub struct Function<L, F> {
    pub(crate) local: L,
    pub(crate) apply: F,
}

impl<X, S, R, L, F> Work<X> for Function<L, F>
where
    L: Fn() -> S + Sync,
    F: Fn(&mut S, X) -> R + Sync,
{
    type Local = S;
    type Output = R;

    #[inline]
    fn local(&self) -> S {
        (self.local)()
    }

    #[inline]
    fn apply(&self, local: &mut S, item: X) -> R {
        (self.apply)(local, item)
    }
}

/// Where the results of consecutive items go.
pub(crate) trait Sink<T> {
    /// The position of the next result.
    fn position(&self) -> usize;
    /// Takes the next result.
    fn push(&mut self, result: T);
}

impl<T> Sink<T> for Vec<T> {
    #[inline]
    fn position(&self) -> usize {
        self.len()
    }

    #[inline]
    fn push(&mut self, result: T) {
        self.push(result);
    }
}

/// A thread that takes part in a call.
pub(crate) struct Worker<'w, W, L, J> {
    work: &'w W,
    /// Makes a result or a reason to stop of what an item comes to.
    judge: &'w J,
    local: Option<L>,
}

impl<'w, W, L, J> Worker<'w, W, L, J> {
    pub(crate) fn new(work: &'w W, judge: &'w J) -> Self {
        Self {
            work,
            judge,
            local: None,
        }
    }

    /// Applies the function to `items`, up to the first that fails or that stands at `bound` by
    /// then.
    pub(crate) fn evaluate<X, T, B, S: Sink<T>>(
        &mut self,
        items: impl Iterator<Item = X>,
        results: S,
        bound: impl Fn() -> usize,
    ) -> Outcome<S, B>
    where
        W: Work<X, Local = L>,
        J: Fn(W::Output) -> ControlFlow<B, T>,
    {
        let start = Mark {
            position: results.position(),
            in_item: false,
        };
        let behind = Cell::new(start);
        // What unwinds here is not used again: after a failure the call has no results, and its
        // workers no more items.
        let evaluated = panic::catch_unwind(AssertUnwindSafe(|| {
            let local = self.local.get_or_insert_with(|| self.work.local());
            let mut results = results;
            let mut leave = Leave {
                mark: start,
                behind: &behind,
            };
            for item in items {
                if leave.mark.position >= bound() {
                    break;
                }
                leave.mark.in_item = true;
                results.push((self.judge)(self.work.apply(local, item))?);
                leave.mark.in_item = false;
                leave.mark.position += 1;
            }
            ControlFlow::Continue(results)
        }));
        let failure = match evaluated {
            Ok(ControlFlow::Continue(results)) => return Ok(results),
            Ok(ControlFlow::Break(reason)) => Failure::Break(reason),
            Err(payload) if behind.get().in_item => Failure::Item(payload),
            Err(payload) => Failure::Beside(payload),
        };
        Err((behind.get().position, failure))
    }
}

/// How far the evaluation of a run has come.
#[derive(Clone, Copy)]
struct Mark {
    position: usize,
    in_item: bool,
}

/// Leaves the mark behind when the evaluation ends or unwinds.
///
/// Until then it lives in registers: a counter in memory would cost as much as a cheap item.
struct Leave<'c> {
    mark: Mark,
    behind: &'c Cell<Mark>,
}

impl Drop for Leave<'_> {
    #[inline]
    fn drop(&mut self) {
        self.behind.set(self.mark);
    }
}
