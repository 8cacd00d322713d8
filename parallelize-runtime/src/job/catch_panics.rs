//! Work whose outputs are outcomes, so that a panic ends only its item.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::stop::Stop;
#[cfg(feature = "cluster")]
use crate::encoding::ErrorText;
#[cfg(feature = "processes")]
use crate::outcome::ItemDeath;
#[cfg(feature = "cluster")]
use crate::outcome::Payload;
use crate::outcome::{self, ItemPanic, Outcome, PanicPayload};
use crate::work::Work;
#[cfg(feature = "cluster")]
use crate::work::{Remote, RemoteFunction};

/// Work that catches the panic of an item, and skips items after the stop.
pub(super) struct CatchPanics<'s, W> {
    work: W,
    stop: &'s Stop,
    /// The number of items that were drawn and then skipped.
    skipped: &'s AtomicUsize,
}

impl<'s, W> CatchPanics<'s, W> {
    /// Wraps `work`. Counts the items that it skips in `skipped`.
    pub(super) fn new(work: W, stop: &'s Stop, skipped: &'s AtomicUsize) -> Self {
        Self {
            work,
            stop,
            skipped,
        }
    }
}

impl<X, W: Work<X>> Work<(usize, X)> for CatchPanics<'_, W> {
    type Local = Option<W::Local>;
    type Output = Outcome<W::Output>;

    fn local(&self) -> Self::Local {
        None
    }

    fn apply(&self, local: &mut Self::Local, (index, item): (usize, X)) -> Self::Output {
        let outcome = catch_panic(index, || {
            if self.stop.is_stopped() {
                self.skipped.fetch_add(1, Ordering::Relaxed);
                return Outcome::Skipped;
            }
            let local = local.get_or_insert_with(|| self.work.local());
            Outcome::Done(self.work.apply(local, item))
        });
        if outcome.is_panicked() {
            outcome::discard(local.take());
        }
        outcome
    }

    #[cfg(feature = "cluster")]
    fn remote(&self) -> Option<&dyn Remote<(usize, X), Self::Output>> {
        self.work.remote().is_some().then_some(self)
    }

    #[cfg(feature = "cluster")]
    fn remote_function(&self) -> Option<&dyn RemoteFunction> {
        self.work.remote_function()
    }
}

#[cfg(feature = "cluster")]
impl<X, W: Work<X>> Remote<(usize, X), Outcome<W::Output>> for CatchPanics<'_, W> {
    fn encode(&self, (_, item): &(usize, X), into: &mut Vec<u8>) -> Result<(), ErrorText> {
        self.work.expect_remote().encode(item, into)
    }

    fn decode(&self, index: usize, bytes: &mut &[u8]) -> Result<Outcome<W::Output>, ErrorText> {
        let result = self.work.expect_remote().decode(index, bytes);
        result.map(Outcome::Done)
    }

    fn known(&self, (index, item): (usize, X)) -> Result<Outcome<W::Output>, (usize, X)> {
        let known = self.work.expect_remote().known(item);
        known.map(Outcome::Done).map_err(|item| (index, item))
    }

    fn panicked(&self, index: usize, payload: Payload) -> Result<Outcome<W::Output>, Payload> {
        Ok(panicked(index, payload))
    }

    #[cfg(feature = "processes")]
    fn died(&self, death: ItemDeath) -> Result<Outcome<W::Output>, ItemDeath> {
        Ok(Outcome::Died(death))
    }

    fn ends_with_panics(&self) -> bool {
        false
    }

    fn skipped(&self) -> Option<Outcome<W::Output>> {
        self.skipped.fetch_add(1, Ordering::Relaxed);
        Some(Outcome::Skipped)
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_stopped()
    }
}

/// Returns the `outcome` of item `index`, or its panic.
fn catch_panic<R>(index: usize, outcome: impl FnOnce() -> Outcome<R>) -> Outcome<R> {
    // The panic can leave only the thread's own state half changed, and that is dropped.
    panic::catch_unwind(AssertUnwindSafe(outcome))
        .unwrap_or_else(|payload| panicked(index, payload))
}

fn panicked<R>(index: usize, payload: outcome::Payload) -> Outcome<R> {
    let payload = PanicPayload::new(payload);
    Outcome::Panicked(ItemPanic { index, payload })
}
