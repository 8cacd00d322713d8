//! A flag that keeps a job from starting further items.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A flag that keeps a job from starting further items: at once or after some time, from another
/// thread or from an item of the job.
///
/// It is passed to [`Job::outcomes_until`](crate::Job::outcomes_until). Clones are the same stop,
/// and one stop may end several jobs. An item that has started is not interrupted.
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
pub struct Stop(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_stopped: AtomicBool,
    deadline: Option<Instant>,
}

impl Stop {
    /// Makes a stop that waits for [`stop`](Stop::stop).
    ///
    /// ```
    /// use parallelize::{Stop, job};
    ///
    /// // The first bad line ends the job.
    /// let stop = Stop::new();
    /// let check = |line: &str| {
    ///     if line.parse::<f64>().is_err() {
    ///         stop.stop();
    ///     }
    /// };
    /// let outcomes = job(["0.5", "x", "2.5"], check).outcomes_until(&stop);
    /// assert!(stop.is_stopped() && outcomes[1].is_done());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a stop that stops by itself when `time` has passed from now on, unless
    /// [`stop`](Stop::stop) is called earlier.
    ///
    /// Each item looks at the clock before it starts, which takes some 25 ns. If `time` is too long
    /// for the clock, it never passes.
    ///
    /// ```
    /// use parallelize::{Stop, job};
    /// use std::time::Duration;
    ///
    /// let stop = Stop::after(Duration::from_millis(20));
    /// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
    /// let outcomes = job(2.., is_prime).outcomes_until(&stop);
    /// println!("{} numbers in 20 ms", outcomes.len());
    /// # assert!(stop.is_stopped());
    /// ```
    #[must_use]
    pub fn after(time: Duration) -> Self {
        Self(Arc::new(State {
            is_stopped: AtomicBool::new(false),
            deadline: Instant::now().checked_add(time),
        }))
    }

    /// Stops, for good. A thread that sees the stop also sees what was written before it.
    ///
    /// This only stores a flag, so it may be called anywhere, even in a signal handler.
    ///
    /// ```no_run
    /// use parallelize::{Stop, job};
    /// use std::{io, thread};
    ///
    /// let stop = Stop::new();
    /// let at_enter = stop.clone();
    /// thread::spawn(move || {
    ///     _ = io::stdin().read_line(&mut String::new());
    ///     at_enter.stop();
    /// });
    /// println!("The key Enter ends the search.");
    /// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
    /// let outcomes = job(2.., is_prime).outcomes_until(&stop);
    /// ```
    pub fn stop(&self) {
        // Partner: the load in `is_flag_set`.
        self.0.is_stopped.store(true, Ordering::Release);
    }

    /// Returns whether it has stopped.
    ///
    /// ```
    /// use parallelize::{Stop, job};
    /// use std::time::Duration;
    ///
    /// // An item that gets better and better ends by itself.
    /// let stop = Stop::after(Duration::from_millis(20));
    /// let root = |square: f64| {
    ///     let mut root = square;
    ///     while !stop.is_stopped() {
    ///         root = (root + square / root) / 2.0;
    ///     }
    ///     root
    /// };
    /// let roots = job([2.0, 9.0], root).outcomes_until(&stop);
    /// # assert!(stop.is_stopped() && roots.len() == 2);
    /// ```
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        if self.is_flag_set() {
            return true;
        }
        let is_over = self.0.deadline.is_some_and(|at| at <= Instant::now());
        if is_over {
            // Saves later calls the look at the clock.
            self.stop();
        }
        is_over
    }

    /// Returns whether [`stop`](Stop::stop) was called, or an earlier [`is_stopped`] found that the
    /// time had passed. Does not look at the clock.
    ///
    /// [`is_stopped`]: Stop::is_stopped
    pub(super) fn is_flag_set(&self) -> bool {
        self.0.is_stopped.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_sets_the_flag_when_it_is_looked_at() {
        let stop = Stop::after(Duration::ZERO);
        assert!(!stop.is_flag_set());
        assert!(stop.is_stopped());
        assert!(stop.clone().is_flag_set());
    }
}
