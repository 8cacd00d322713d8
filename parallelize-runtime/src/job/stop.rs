//! Word for a job to begin no further item.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Has a job begin no further item: at once, from another thread or from one of its own items, or
/// after some time.
///
/// [`Job::outcomes_until`](crate::Job::outcomes_until) takes it. Clones are the same stop, and one
/// stop may end several jobs. An item that has begun is not interrupted.
///
/// ```
/// use parallelize::{Stop, job};
///
/// let stop = Stop::new();
/// let from_elsewhere = stop.clone();
/// std::thread::spawn(move || from_elsewhere.stop());
/// let outcomes = job(0_u64.., |i| i * i).outcomes_until(&stop);
/// println!("{} squares were done by then", outcomes.len());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Said>);

#[derive(Debug, Default)]
struct Said {
    stopped: AtomicBool,
    deadline: Option<Instant>,
}

impl Stop {
    /// One that waits for [`stop`](Stop::stop).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that stops by itself when so much time has passed from now on, or earlier on
    /// [`stop`](Stop::stop).
    ///
    /// Each item then takes a look at the clock, some 25 ns, before it begins. A time too long for
    /// the clock never comes.
    ///
    /// ```
    /// use parallelize::{Stop, job};
    /// use std::time::Duration;
    ///
    /// let stop = Stop::after(Duration::from_millis(20));
    /// let outcomes = job(0_u64.., |seed| seed.pow(2)).outcomes_until(&stop);
    /// println!("{} squares in 20 ms", outcomes.len());
    /// # assert!(stop.is_stopped());
    /// ```
    #[must_use]
    pub fn after(time: Duration) -> Self {
        Self(Arc::new(Said {
            stopped: AtomicBool::new(false),
            deadline: Instant::now().checked_add(time),
        }))
    }

    /// Stops, for good. What was written before is visible to whoever sees the stop.
    ///
    /// This stores one flag and nothing else, so it may be called anywhere, in a signal handler too.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::Release);
    }

    /// Whether it has stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        if self.is_known_to_be_stopped() {
            return true;
        }
        let is_over = self.0.deadline.is_some_and(|at| at <= Instant::now());
        if is_over {
            // Later looks need no clock.
            self.stop();
        }
        is_over
    }

    /// Whether somebody has seen that it has stopped, without a look at the clock.
    pub(crate) fn is_known_to_be_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_that_was_seen_is_known() {
        let stop = Stop::after(Duration::ZERO);
        assert!(!stop.is_known_to_be_stopped());
        assert!(stop.is_stopped());
        assert!(stop.clone().is_known_to_be_stopped());
    }
}
