//! How far a job has come, for people to observer.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, TryLockError};
use std::time::{Duration, Instant};

use crate::observe::{Observer, Serial, WorkerId};

/// What is told how far a job has come.
///
/// There is nothing to implement or to call here: [`Job::on_progress`](crate::Job::on_progress) and
/// its like take it.
pub trait Progress: Send {
    /// The job begins, with so many items if anybody knows: whether there is anybody to tell.
    #[doc(hidden)]
    fn began(&mut self, total: Option<usize>) -> bool;

    /// So many items are done, of so many if anybody knows.
    #[doc(hidden)]
    fn advanced(&mut self, done: usize, total: Option<usize>);

    /// There is no further call, because the job is complete or because it failed.
    #[doc(hidden)]
    fn ended(&mut self, is_complete: bool);
}

/// Nobody watches.
impl Progress for () {
    #[inline]
    fn began(&mut self, _: Option<usize>) -> bool {
        false
    }

    fn advanced(&mut self, _: usize, _: Option<usize>) {}

    fn ended(&mut self, _: bool) {}
}

/// Both are told.
impl<P: Progress, Q: Progress> Progress for (P, Q) {
    fn began(&mut self, total: Option<usize>) -> bool {
        self.0.began(total) | self.1.began(total)
    }

    fn advanced(&mut self, done: usize, total: Option<usize>) {
        self.0.advanced(done, total);
        self.1.advanced(done, total);
    }

    fn ended(&mut self, is_complete: bool) {
        self.0.ended(is_complete);
        self.1.ended(is_complete);
    }
}

/// A function is told.
pub(crate) struct Callback<F>(pub(crate) F);

impl<F: FnMut(usize, Option<usize>) + Send> Progress for Callback<F> {
    fn began(&mut self, _: Option<usize>) -> bool {
        true
    }

    fn advanced(&mut self, done: usize, total: Option<usize>) {
        (self.0)(done, total);
    }

    fn ended(&mut self, _: bool) {}
}

/// Counts what is done, and tells it.
pub(crate) struct Meter<P: Progress> {
    done: AtomicUsize,
    total: Option<usize>,
    is_watched: bool,
    told: Mutex<ProgressState<P>>,
}

struct ProgressState<P: Progress> {
    progress: P,
    /// What it was told last.
    done: Option<usize>,
    is_complete: bool,
}

impl<P: Progress> Meter<P> {
    #[inline]
    pub(crate) fn new(mut progress: P, items: &impl Iterator) -> Self {
        let (at_least, at_most) = items.size_hint();
        let total = at_most.filter(|most| *most == at_least);
        let is_watched = progress.began(total);
        let told = ProgressState {
            progress,
            done: None,
            is_complete: false,
        };
        Self {
            done: AtomicUsize::new(0),
            total,
            is_watched,
            told: Mutex::new(told),
        }
    }

    /// What has to observer the call, if anybody is to be told.
    pub(crate) fn observer(&self) -> Option<&dyn Observer> {
        self.is_watched.then_some(self as &dyn Observer)
    }

    /// Tells how many are done unless somebody does already, who will then tell this, too: nobody
    /// waits here.
    fn tell(&self) {
        loop {
            let mut told = match self.told.try_lock() {
                Ok(told) => told,
                // Poisoned by a panic of whoever is told, which ends the call.
                Err(TryLockError::WouldBlock | TryLockError::Poisoned(_)) => return,
            };
            let done = self.done.load(Ordering::SeqCst);
            told.tell(done, self.total);
            drop(told);
            if self.done.load(Ordering::SeqCst) == done {
                return;
            }
        }
    }

    /// Tells what came of it in the end. Without this it has failed.
    pub(crate) fn finish(self, is_complete: bool) {
        // Whoever panicked when told is told no more than that it is over.
        if let (true, Ok(mut told)) = (self.is_watched, self.told.into_inner()) {
            told.tell(self.done.into_inner(), self.total);
            told.is_complete = is_complete;
        }
    }
}

impl<P: Progress> ProgressState<P> {
    fn tell(&mut self, done: usize, total: Option<usize>) {
        if self.done != Some(done) {
            self.done = Some(done);
            self.progress.advanced(done, total);
        }
    }
}

impl<P: Progress> Drop for ProgressState<P> {
    fn drop(&mut self) {
        self.progress.ended(self.is_complete);
    }
}

impl<P: Progress> Observer for Meter<P> {
    fn on_chunk(&self, _: WorkerId, positions: Range<usize>, _: Instant, _: Duration) {
        self.done.fetch_add(positions.len(), Ordering::SeqCst);
        self.tell();
    }

    fn on_serial(&self, _: Serial) {}
}
