//! How long a helper lingers with a caller, and when it lets the pool run other jobs meanwhile.

use std::cell::Cell;
use std::mem;
use std::thread;
use std::time::{Duration, Instant};

use super::idle_helpers::{IdleHelpers, NextCall};
use super::pool::HelperPool;
use super::thread::{HELPED_WHILE_YIELDING, LINGERING};

/// The time that a helper lingers for the next call after one in which it was useful.
pub(super) const LINGER: Duration = Duration::from_micros(60);

/// Bounds the time that a helper lingers, over all calls. A job that waits for something may lie
/// below it on the stack.
const LONGEST_LINGER: Duration = Duration::from_millis(5);

/// Bounds the time that a helper takes call after call before it yields to the pool.
const YIELD_INTERVAL: Duration = Duration::from_millis(1);

/// The number of looks for a call before a helper yields to the pool. They take some microseconds.
const SPINS: usize = 200;

/// The time in which a helper lingers with a caller.
pub(super) struct Linger<'i> {
    idle_helpers: &'i IdleHelpers,
    /// The epoch up to which the helper has seen postings.
    seen: usize,
    /// Whether there is a new reason to linger.
    was_useful: bool,
    /// When the helper leaves unless it is useful before.
    until: Instant,
    /// When the helper leaves in any case.
    end: Instant,
    /// When the helper yields to the pool.
    yield_at: Instant,
    /// Whether the helper left only because of `end`, and lingering still pays.
    pub(super) should_respawn: bool,
}

impl<'i> Linger<'i> {
    /// Begins to linger, unless this thread lingers already or helpers of another pool linger
    /// there. A helper that was requested begins with a call, which
    /// [`finish_call`](Self::finish_call) ends.
    pub(super) fn begin(
        pool: impl HelperPool,
        idle_helpers: &'i IdleHelpers,
        was_requested: bool,
    ) -> Option<Self> {
        if LINGERING.with(Cell::get) {
            return None;
        }
        let now = Instant::now();
        let seen = idle_helpers.arrive(pool.id(), was_requested)?;
        LINGERING.with(|lingering| lingering.set(true));
        Some(Self {
            idle_helpers,
            seen,
            was_useful: !was_requested,
            until: now,
            end: now + LONGEST_LINGER,
            yield_at: now + YIELD_INTERVAL,
            should_respawn: false,
        })
    }

    /// Ends a call in which the helper may have been useful.
    pub(super) fn finish_call(&mut self, was_useful: bool) {
        self.idle_helpers.finish_call();
        self.was_useful |= was_useful;
    }

    /// Returns the next call, unless none is posted in time or the pool has another job.
    pub(super) fn next_call(&mut self, pool: impl HelperPool) -> Option<NextCall> {
        loop {
            let now = Instant::now();
            if mem::take(&mut self.was_useful) {
                self.until = now + LINGER;
            }
            let is_over = now > self.until;
            if is_over || now > self.yield_at {
                // No caller may count on this helper meanwhile: the other job may take long.
                if let Some(call) = self.idle_helpers.leave_or_take(&mut self.seen) {
                    return Some(call);
                }
                self.should_respawn = !is_over && self.yield_to_pool(pool);
                if !self.should_respawn || now > self.end {
                    self.idle_helpers.go();
                    return None;
                }
                self.yield_at = now + YIELD_INTERVAL;
                self.idle_helpers.come_back();
            }
            for _ in 0..SPINS {
                if self.idle_helpers.is_behind(self.seen) {
                    return self.idle_helpers.take(&mut self.seen);
                }
                std::hint::spin_loop();
            }
            self.yield_at = now;
        }
    }

    /// Lets the pool, and then other threads, use the processor. Returns whether the pool ran
    /// nothing but helpers.
    fn yield_to_pool(&mut self, pool: impl HelperPool) -> bool {
        while !self.was_useful && pool.yield_now() {
            match HELPED_WHILE_YIELDING.with(Cell::take) {
                Some(was_useful) => self.was_useful = was_useful,
                None => return false,
            }
        }
        thread::yield_now();
        true
    }
}

impl Drop for Linger<'_> {
    fn drop(&mut self) {
        LINGERING.with(|lingering| lingering.set(false));
    }
}
