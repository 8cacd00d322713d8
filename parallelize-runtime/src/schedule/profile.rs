//! What an item cost last time, and the guess whether threads are worth waking.

use std::cell::Cell;
use std::panic::Location;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// A call that takes no longer than this is not made faster by other machines: a round trip takes
/// some tenths of a millisecond where nobody spins.
pub(crate) const BREAK_EVEN_REMOTE: Duration = Duration::from_millis(1);

/// A call that takes no longer than this on one thread is not made faster by a second that sleeps:
/// waking it costs the waker 4 to 16 us, and 20 to 80 us pass until it works (measured on a virtual
/// machine with two cores, in calls 2 ms apart: 50 us of work then took 78, and 100 us as long as
/// the loop).
pub(crate) const BREAK_EVEN_ASLEEP: Duration = Duration::from_micros(100);

/// The same where a second thread is awake and waits for the call: fetching the first items and
/// waiting for each other at the end takes some microseconds.
pub(crate) const BREAK_EVEN_AWAKE: Duration = Duration::from_micros(8);

/// So many calls have to be measured and found alike before one goes by without a look at the clock.
/// A guess by fewer is too dear if it is wrong: that call is then the loop, and so are those after it
/// until one [`is_due`].
const TRUST: u32 = 1_024;

/// So many of them are outweighed by one that was not alike. Where that is one in a hundred they are
/// what the program takes long for, and where it is one in a thousand it was interrupted.
const OUTWEIGHED: u32 = 128;

/// How many items may go by without a look at the clock.
const UNMEASURED: usize = 1_024;

/// One call in so many is measured all the same, so that a wrong guess does not last.
const DUE: u32 = 64;

/// How much dearer an item may be than in the calls before if it is to count as alike.
const ALIKE: f64 = 4.0;

/// Remembers what an item of one function cost.
///
/// Each companion has its own, as a `static`. All its parts are plain numbers that only guide
/// guesses, so every access is relaxed, and of two calls at once either may have the last word.
#[derive(Debug)]
pub struct Profile {
    /// The bits of the seconds per item, an `f64`; zero before the first measured call.
    seconds: AtomicU64,
    /// How many calls were measured and found alike.
    alike: AtomicU32,
}

impl Profile {
    /// Knows nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            seconds: AtomicU64::new(0),
            alike: AtomicU32::new(0),
        }
    }

    /// Seconds per item, if there was a call to learn from.
    pub(crate) fn item_seconds(&self) -> Option<f64> {
        let seconds = f64::from_bits(self.seconds.load(Ordering::Relaxed));
        (seconds > 0.0).then_some(seconds)
    }

    /// Whether a call of `items` items is known to be too short to share, so that a look at the
    /// clock, which is a tenth of a microsecond, is of no use unless it [`is_due`].
    #[inline]
    pub(crate) fn is_short(&self, items: usize) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let is_expected = |seconds| seconds * items as f64 <= BREAK_EVEN_AWAKE.as_secs_f64();
        items <= UNMEASURED && self.is_trusted() && self.item_seconds().is_some_and(is_expected)
    }

    /// Whether there is much evidence for what is known.
    pub(crate) fn is_trusted(&self) -> bool {
        self.alike.load(Ordering::Relaxed) >= TRUST
    }

    /// Learns that `items` items took `elapsed` this time.
    pub(crate) fn learn(&self, items: usize, elapsed: Duration) {
        if items == 0 {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let item_seconds = elapsed.as_secs_f64() / items as f64;
        let known = f64::from_bits(self.seconds.load(Ordering::Relaxed));
        let alike = self.alike.load(Ordering::Relaxed);
        // One that nobody had been woken for does no harm, such as the first after a pause.
        let is_alike = item_seconds < known * ALIKE || elapsed < BREAK_EVEN_ASLEEP;
        let alike = if is_alike {
            (alike + 1).min(2 * TRUST)
        } else {
            alike.saturating_sub(OUTWEIGHED)
        };
        // Forgets what was dear by and by: that a short call is shared in vain costs microseconds,
        // and that a long one is not costs half of it.
        let seconds = item_seconds.max(known / 2.0);
        self.alike.store(alike, Ordering::Relaxed);
        self.seconds.store(seconds.to_bits(), Ordering::Relaxed);
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

/// Whether it is the turn of this call to be measured, for one in [`DUE`] of them at random, lest it
/// be always the same of several that take turns.
#[inline]
pub(crate) fn is_due() -> bool {
    thread_local! {
        static RANDOM: Cell<u32> = const { Cell::new(0x9E37_79B9) };
    }
    // Xorshift: Marsaglia, "Xorshift RNGs", 2003.
    let mut x = RANDOM.get();
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    RANDOM.set(x);
    x % DUE == 0
}

impl Default for Profile {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn_nanos(profile: &Profile, item: u64) {
        profile.learn(1, Duration::from_nanos(item));
    }

    /// A profile that has often learned that an item takes so many nanoseconds.
    fn trained(item: u64) -> Profile {
        let profile = Profile::new();
        (0..=TRUST).for_each(|_| learn_nanos(&profile, item));
        profile
    }

    #[test]
    fn a_call_is_short_only_on_much_evidence() {
        let profile = Profile::new();
        learn_nanos(&profile, 100);
        assert!(!profile.is_short(1) && !profile.is_trusted());
        let profile = trained(100);
        assert!(profile.is_short(79) && !profile.is_short(81));
        let profile = trained(1);
        assert!(profile.is_short(UNMEASURED) && !profile.is_short(UNMEASURED + 1));
    }

    #[test]
    fn some_calls_are_due() {
        let due = (0..1_000).filter(|_| is_due()).count();
        assert!((5..50).contains(&due), "{due} of 1000");
    }

    #[test]
    fn what_was_dear_once_is_remembered_for_a_while() {
        let profile = trained(1);
        learn_nanos(&profile, 100_000_000);
        assert_eq!(profile.item_seconds(), Some(0.1));
        assert!(!profile.is_short(1));
        learn_nanos(&profile, 1);
        assert_eq!(profile.item_seconds(), Some(0.05));
        (0..100).for_each(|_| learn_nanos(&profile, 1));
        assert_eq!(profile.item_seconds(), Some(1e-9));
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
