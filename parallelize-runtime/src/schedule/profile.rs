//! The time that an item took in earlier calls, and the guess whether a call is worth sharing.

use std::cell::Cell;
use std::panic::Location;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use super::gain::UNLIKE;
use super::tuner::Tuner;

/// Bounds the calls that other machines do not make faster, as time on one thread. A round trip
/// takes some tenths of a millisecond where no process spins.
pub(crate) const BREAK_EVEN_REMOTE: Duration = Duration::from_millis(1);

/// Bounds the calls that a sleeping second thread does not make faster, as time on one thread.
/// Waking a thread costs the waker 4 to 16 us, and it begins to work after 20 to 80 us.
///
/// Measured on virtual machines with two cores, in calls 10 ms apart: 200 us of work took 1.2 times
/// as long as the loop, 320 us as long as the loop, and 540 us 0.75 times as long.
pub(crate) const BREAK_EVEN_ASLEEP: Duration = Duration::from_micros(300);

/// Bounds the time for which a call trusts that it is short because earlier ones were.
pub(crate) const LONGEST_TRUST: Duration = Duration::from_micros(100);

/// Like [`BREAK_EVEN_ASLEEP`], but if the second thread has slept for no longer than
/// [`LIGHT_SLEEP`]. It then begins to work after 4 to 6 us, measured as above.
pub(crate) const BREAK_EVEN_DOZING: Duration = Duration::from_micros(100);

/// Bounds the time for which a core that sleeps is kept for a virtual machine.
pub(crate) const LIGHT_SLEEP: Duration = Duration::from_millis(1);

/// Like [`BREAK_EVEN_ASLEEP`], but if the second thread is awake and waits for the call. Fetching
/// the first items and waiting for each other at the end takes some microseconds.
pub(crate) const BREAK_EVEN_AWAKE: Duration = Duration::from_micros(8);

/// The number of calls that must be measured and found alike before a call counts on them. A wrong
/// guess is cheap: it is noticed after one item.
const TRUST: u32 = 8;

/// The number of alike calls that one unlike call outweighs.
const OUTWEIGHED: u32 = 4;

/// One in `DUE` calls is measured even if it is trusted to be short, so that a wrong guess does not
/// last. A measurement takes about 1 us. A call whose items are dearer is measured in any case.
const DUE: u32 = 256;

/// Remembers how long an item of one function took.
///
/// Each companion has its own, as a `static`. All its parts are plain numbers that only guide
/// guesses. So every access is relaxed, and of two calls at once either may store last.
#[derive(Debug)]
pub struct Profile {
    /// The seconds per item, as the bits of an `f64`. Zero before the first measured call.
    seconds: AtomicU64,
    /// The number of calls that were measured and found alike.
    alike: AtomicU32,
    /// Whether one worker alone was found best, and nothing else is to be tried by now.
    is_best_alone: AtomicBool,
    tuner: Mutex<Tuner>,
}

impl Profile {
    /// Makes a profile that knows nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            seconds: AtomicU64::new(0),
            alike: AtomicU32::new(0),
            is_best_alone: AtomicBool::new(false),
            tuner: Mutex::new(Tuner::new()),
        }
    }

    /// Returns the seconds per item, if a call was measured.
    #[inline]
    pub(super) fn item_seconds(&self) -> Option<f64> {
        let seconds = f64::from_bits(self.seconds.load(Ordering::Relaxed));
        (seconds > 0.0).then_some(seconds)
    }

    /// Returns whether a call of `items` items is known to be too short to share. Unless it
    /// [`is_due`], measuring it would cost more than it is worth.
    #[inline]
    pub(crate) fn is_short(&self, items: usize) -> bool {
        let limit = if self.is_best_alone.load(Ordering::Relaxed) {
            LONGEST_TRUST
        } else {
            BREAK_EVEN_AWAKE
        };
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let is_expected = |seconds| seconds * items as f64 <= limit.as_secs_f64();
        self.is_trusted() && self.item_seconds().is_some_and(is_expected)
    }

    /// Returns whether there is much evidence for what is known.
    #[inline]
    pub(super) fn is_trusted(&self) -> bool {
        self.alike.load(Ordering::Relaxed) >= TRUST
    }

    /// Returns the tuner as the last call left it.
    pub(super) fn tuner(&self) -> Tuner {
        let known = self.tuner.try_lock();
        known.map_or(const { Tuner::new() }, |known| *known)
    }

    /// Keeps what a call of `items` items, which took `elapsed`, has found. If another call has
    /// changed the tuner meanwhile, it does not: calls at the same time get in each other's way, so
    /// that what they find means little.
    pub(super) fn keep_tuner(&self, found: &Tuner, items: usize, elapsed: Duration) {
        let mut found = *found;
        if self.is_short(items) {
            // It stands for the calls that are not measured.
            found.pass(f64::from(DUE - 1) * elapsed.as_secs_f64());
        }
        if let Ok(mut known) = self.tuner.try_lock() {
            known.replace_with(&found);
            let is_best_alone = found.is_best_alone() && !found.is_due();
            self.is_best_alone.store(is_best_alone, Ordering::Relaxed);
        }
    }

    /// Learns that the `items` items of a call took `elapsed`.
    pub(crate) fn learn(&self, items: usize, elapsed: Duration) {
        if items == 0 {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let item_seconds = elapsed.as_secs_f64() / items as f64;
        let known = f64::from_bits(self.seconds.load(Ordering::Relaxed));
        let alike = self.alike.load(Ordering::Relaxed);
        // A call that is too short to wake a thread for does no harm, even if it takes unusually
        // long. The first call after a pause is such a call.
        let is_alike = item_seconds < known * UNLIKE || elapsed < LONGEST_TRUST;
        let alike = if is_alike {
            (alike + 1).min(2 * TRUST)
        } else {
            alike.saturating_sub(OUTWEIGHED)
        };
        // Forgets expensive items slowly. Sharing a short call in vain costs microseconds; not
        // sharing a long one costs half of its time.
        let seconds = item_seconds.max(known / 2.0);
        self.alike.store(alike, Ordering::Relaxed);
        self.seconds.store(seconds.to_bits(), Ordering::Relaxed);
    }

    /// Returns the profile of the call at `site`, for functions that have no `static` of their own.
    pub(crate) fn of(site: &'static Location<'static>) -> &'static Self {
        /// The number of profiles: a power of two, well above the number of calls in a program's
        /// source.
        const SITES: usize = 1 << 10;
        static PROFILES: [Profile; SITES] = [const { Profile::new() }; SITES];
        // Locations stand side by side in memory, so their addresses need no further mixing. Two
        // sites that share a profile only mislead each other's guesses.
        let place = std::ptr::from_ref(site).addr() / size_of::<Location<'_>>();
        &PROFILES[place % SITES]
    }
}

/// Returns whether this call is to be measured: one in [`DUE`] calls at random. With a fixed rhythm
/// it could always be the same one of several calls that take turns.
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

    /// Returns a profile that has often learned that an item takes `item` nanoseconds.
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
        assert!(profile.is_short(7_900) && !profile.is_short(8_100));
        profile.is_best_alone.store(true, Ordering::Relaxed);
        assert!(profile.is_short(99_000) && !profile.is_short(101_000));
    }

    #[test]
    fn some_calls_are_due() {
        let due = (0..4_000).filter(|_| is_due()).count();
        assert!((5..50).contains(&due), "{due} of 4000");
    }

    #[test]
    fn an_expensive_item_is_remembered_for_a_while() {
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
