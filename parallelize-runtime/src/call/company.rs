//! The workers that are inside a call.

use crate::sync::{AtomicUsize, Ordering};

/// Counts the workers that are inside a call and do not pause.
///
/// All accesses are relaxed: the counts only guide how many workers there should be.
pub(super) struct Company {
    /// The number of active workers in the lower half of the bits, and the number of times that it
    /// has changed in the upper half.
    state: AtomicUsize,
    paused: AtomicUsize,
}

/// The company in which a chunk began.
#[derive(Clone, Copy)]
pub(super) struct Moment(usize);

const CHANGE: usize = 1 << (usize::BITS / 2);

impl Company {
    /// Makes the company of a call whose caller is active.
    pub(super) fn new() -> Self {
        Self {
            state: AtomicUsize::new(1),
            paused: AtomicUsize::new(0),
        }
    }

    /// Counts the current helper as active, until the result is dropped.
    pub(super) fn join(&self) -> Member<'_> {
        self.enter();
        Member {
            company: self,
            is_inside: true,
        }
    }

    /// Returns the number of active workers.
    pub(super) fn active(&self) -> usize {
        self.now().active()
    }

    pub(super) fn now(&self) -> Moment {
        Moment(self.state.load(Ordering::Relaxed))
    }

    /// Returns whether the same workers have been active since `then`.
    pub(super) fn is_steady_since(&self, then: Moment) -> bool {
        self.now().0 == then.0
    }

    /// Returns whether a helper pauses.
    pub(super) fn has_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed) > 0
    }

    fn enter(&self) {
        self.state.fetch_add(CHANGE + 1, Ordering::Relaxed);
    }

    fn leave(&self) {
        self.state.fetch_add(CHANGE - 1, Ordering::Relaxed);
    }
}

impl Moment {
    fn active(self) -> usize {
        self.0 % CHANGE
    }
}

/// A helper that works on a call.
pub(super) struct Member<'c> {
    company: &'c Company,
    is_inside: bool,
}

impl Member<'_> {
    /// Runs `wait`, during which the helper is not active.
    pub(super) fn pause<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.company.leave();
        self.company.paused.fetch_add(1, Ordering::Relaxed);
        let waited = wait();
        self.company.paused.fetch_sub(1, Ordering::Relaxed);
        self.company.enter();
        waited
    }

    /// Stops counting the helper.
    pub(super) fn leave(&mut self) {
        if self.is_inside {
            self.is_inside = false;
            self.company.leave();
        }
    }
}

impl Drop for Member<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_noticed_even_if_it_is_undone() {
        let company = Company::new();
        let then = company.now();
        assert!(company.is_steady_since(then) && company.active() == 1);
        let member = company.join();
        assert!(!company.is_steady_since(then) && company.active() == 2);
        let then = company.now();
        let paused = member.pause(|| (company.active(), company.has_paused()));
        assert_eq!(paused, (1, true));
        assert!(!company.is_steady_since(then) && company.active() == 2);
        drop(member);
        assert_eq!((company.active(), company.has_paused()), (1, false));
    }
}
