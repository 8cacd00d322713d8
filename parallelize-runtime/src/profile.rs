//! What an item cost last time, and the guess whether threads are worth waking.

use std::panic::Location;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// A call that takes no longer than this on one thread is not made faster by a second: waking one
/// costs the waker 4 to 16 us, and 20 to 80 us pass until it works (measured on a virtual machine
/// with two cores).
pub(crate) const WORTH_WAKING: Duration = Duration::from_micros(40);

/// The same where a second thread is awake and waits for the call: fetching the first items and
/// waiting for each other at the end takes about a microsecond.
pub(crate) const WORTH_SHARING: Duration = Duration::from_micros(5);

/// A call that is expected to take less than this does without a look at the clock, since two of
/// them take a tenth of that.
const WORTH_MEASURING: Duration = Duration::from_nanos(600);

/// How many items may go by without a look at the clock: all that a wrong guess can cost.
const UNMEASURED: usize = 64;

/// One call in so many is measured even if it is that short, lest a wrong guess last.
const DUE: u32 = 16;

/// Remembers what an item of one function cost.
///
/// Each companion has its own, as a `static`. All its parts are plain numbers that only guide
/// guesses, so every access is relaxed, and of two calls at once either may have the last word.
#[derive(Debug)]
pub struct Profile {
    /// The bits of the seconds per item, an `f64`; zero before the first measured call.
    seconds: AtomicU64,
    /// How many items make a call that is too short to measure.
    short: AtomicUsize,
    calls: AtomicU32,
}

impl Profile {
    /// Knows nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            seconds: AtomicU64::new(0),
            short: AtomicUsize::new(0),
            calls: AtomicU32::new(0),
        }
    }

    /// Seconds per item, if there was a call to learn from.
    pub(crate) fn item_seconds(&self) -> Option<f64> {
        let seconds = f64::from_bits(self.seconds.load(Ordering::Relaxed));
        (seconds > 0.0).then_some(seconds)
    }

    /// Whether a call of `items` items is too short to measure, and not due for it either.
    #[inline]
    pub(crate) fn is_short(&self, items: usize) -> bool {
        if items > self.short.load(Ordering::Relaxed) {
            return false;
        }
        // A lost update only shifts the turn, so no read-modify-write.
        let calls = self.calls.load(Ordering::Relaxed).wrapping_add(1);
        self.calls.store(calls, Ordering::Relaxed);
        calls % DUE != 0
    }

    /// Learns what an item cost this time.
    pub(crate) fn learn(&self, item_seconds: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float out of range becomes the nearest integer"
        )]
        let short = (WORTH_MEASURING.as_secs_f64() / item_seconds) as usize;
        self.short.store(short.min(UNMEASURED), Ordering::Relaxed);
        self.seconds
            .store(item_seconds.to_bits(), Ordering::Relaxed);
    }

    /// The profile of the call at `site`, for functions that have no `static` of their own.
    pub(crate) fn of(site: &'static Location<'static>) -> &'static Self {
        /// A power of two, well above the number of calls that a program writes down.
        const SITES: usize = 1 << 10;
        static PROFILES: [Profile; SITES] = [const { Profile::new() }; SITES];
        // Locations stand side by side in the program, so their places need no further mixing. Two
        // sites that share a profile mislead each other's guesses, and nothing else.
        let place = std::ptr::from_ref(site).addr() / size_of::<Location<'_>>();
        &PROFILES[place % SITES]
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_short_by_what_was_learned() {
        let profile = Profile::new();
        assert!(!profile.is_short(1));
        profile.learn(100e-9);
        let short = |items| (0..DUE).filter(|_| profile.is_short(items)).count();
        assert_eq!(short(5), DUE as usize - 1, "one is due");
        assert_eq!(short(7), 0);
        profile.learn(1e-12);
        assert!(short(UNMEASURED) > 0);
        assert_eq!(short(UNMEASURED + 1), 0);
        profile.learn(1.0);
        assert_eq!(short(1), 0);
    }

    #[test]
    fn each_place_in_a_program_has_its_profile() {
        #[track_caller]
        fn here() -> *const Profile {
            Profile::of(Location::caller())
        }
        let places = [0, 1].map(|_| [here(), here(), here()]);
        assert_eq!(places[0], places[1]);
        assert!(places[0].windows(2).any(|pair| pair[0] != pair[1]));
    }
}
