//! A clock that costs less to look at than `Instant`, and tells less.

use std::time::Duration;

/// A time limit for a call that is expected to be short: some 10 to 30 us.
///
/// A look at the time stamp counter takes 9 ns, where `Instant::now` takes 21 ns (measured on a
/// virtual machine). Its rate is not known, but it is between 1 and 5 GHz on all processors that
/// have it run at a constant rate. Where there is no such counter, this uses `Instant`.
pub(super) struct ShortLimit(Look);

#[cfg(target_arch = "x86_64")]
mod look {
    /// The limit in ticks.
    const LIMIT: u64 = 40_000;

    pub(super) struct Look(u64);

    impl Look {
        #[inline]
        pub(super) fn now() -> Self {
            Self(tick_counter::x86_64_tick_counter())
        }

        // Counters of two cores may differ: one that goes back is taken for a time that is over.
        #[inline]
        pub(super) fn is_over(&self) -> bool {
            tick_counter::x86_64_tick_counter().wrapping_sub(self.0) > LIMIT
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod look {
    use std::time::{Duration, Instant};

    const LIMIT: Duration = Duration::from_micros(16);

    pub(super) struct Look(Instant);

    impl Look {
        #[inline]
        pub(super) fn now() -> Self {
            Self(Instant::now())
        }

        #[inline]
        pub(super) fn is_over(&self) -> bool {
            self.0.elapsed() > LIMIT
        }
    }
}

use look::Look;

impl ShortLimit {
    /// The least time after which it is over: 40,000 ticks at 5 GHz.
    pub(super) const LEAST: Duration = Duration::from_micros(8);

    /// Starts the time.
    #[inline]
    pub(super) fn start() -> Self {
        Self(Look::now())
    }

    /// Returns whether the time is over.
    #[inline]
    pub(super) fn is_over(&self) -> bool {
        self.0.is_over()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::thread::sleep;

    use super::*;

    #[test]
    fn the_time_is_over_some_time() {
        let limit = ShortLimit::start();
        sleep(Duration::from_millis(1));
        assert!(limit.is_over());
    }
}
