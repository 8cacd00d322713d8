//! A call whose items other processes evaluate.

use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use super::{HAS_JOINED, IS_SERVING, idle};
use crate::cluster::{BranchedWork, Message, Received, RemoteWork, is_in_item, refusal};
use crate::encoding::ErrorText;
use crate::outcome::Failure;
use crate::schedule::Settings;
use crate::work::{Branch, Work};

/// A call whose items other processes evaluate.
pub(crate) struct Isolated<'w, X, T, B> {
    pub(super) work: Box<dyn RemoteWork<X, T, B> + Send + 'w>,
    /// The number of the call, from 1.
    pub(super) call: u64,
    /// The encoded message that opens the call.
    header: OnceLock<Result<Vec<u8>, ErrorText>>,
    pub(super) timeout: Option<Duration>,
    items_per_process: Option<NonZeroUsize>,
    /// The number of processes that evaluate items of the call.
    pub(super) busy: AtomicUsize,
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
    pub(super) fn header(&self) -> Result<&[u8], ErrorText> {
        let header = self.header.get_or_init(|| {
            let header = self.work.header(Some(1))?;
            Ok(header.open(self.call).into_bytes())
        });
        header.as_deref().map_err(ErrorText::clone)
    }

    /// Returns whether no further item may begin.
    pub(super) fn is_over(&self, output: &Output<'_, T, B>) -> bool {
        output.position >= output.bound.load(Ordering::Relaxed) || self.work.is_stopped()
    }

    pub(super) fn refusal(&self, reason: &str) -> Failure<B> {
        refusal(self.work.function(), reason)
    }

    /// Returns how many items a process may begin after `items` of them.
    pub(super) fn room(&self, items: usize) -> usize {
        let most = self.items_per_process.map_or(usize::MAX, NonZeroUsize::get);
        most.saturating_sub(items)
    }

    /// Takes the `results` that have arrived, and returns whether there are any. Those behind a
    /// failure are not needed.
    pub(super) fn take_results(&self, mut results: &[u8], output: &mut Output<'_, T, B>) -> bool {
        let is_any = !results.is_empty();
        while !results.is_empty() && output.failure.is_none() {
            match self.work.decode(output.position, None, &mut results) {
                Ok(Received::Item(result)) => output.take(result),
                Ok(Received::Sum(_)) => unreachable!("no process sends sums"),
                Err(reason) => output.failure = Some(self.refusal(&reason)),
            }
        }
        is_any
    }
}

impl<X, T, B> Drop for Isolated<'_, X, T, B> {
    fn drop(&mut self) {
        let close = Message::Close { call: self.call };
        idle::close(self.call, &close.into_bytes());
    }
}

/// What becomes of the results of a chunk.
pub(super) struct Output<'o, T, B> {
    /// The position of the next result.
    pub(super) position: usize,
    pub(super) bound: &'o AtomicUsize,
    pub(super) push: &'o mut dyn FnMut(T),
    /// The failure that ends the call, at the position of the next result.
    pub(super) failure: Option<Failure<B>>,
}

impl<T, B> Output<'_, T, B> {
    /// Takes the next result.
    pub(super) fn take(&mut self, result: Result<T, Failure<B>>) {
        match result {
            Ok(value) => {
                (self.push)(value);
                self.position += 1;
            }
            Err(failure) => self.failure = Some(failure),
        }
    }
}
