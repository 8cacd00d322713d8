//! The helpers that linger with a caller between its calls: how many there are, in which state, and
//! which call they take next.
//!
//! The README of this room has the table of the states and counters.

use super::door::{Door, PendingHelper};
use super::thread::is_in_call;
use crate::sync::{Arc, AtomicBool, AtomicUsize, Mutex, Ordering, Padded, lock, thread_local};

thread_local! {
    /// The helpers that linger with this thread.
    pub(super) static IDLE_HELPERS: Arc<IdleHelpers> = Arc::default();
}

/// The helpers that linger with one caller.
///
/// All atomics are relaxed. What must be exact changes under the lock of `posting` and is read
/// under it; what is read without the lock is only a guide.
#[derive(Default)]
pub(super) struct IdleHelpers {
    /// The number of helpers that linger: they wait for a call or work on one. Changes under the
    /// lock only, so that a caller that posts a call knows exactly which helpers will see it.
    lingering: AtomicUsize,
    /// The number of lingering helpers that work on a call. Grows under the lock only.
    helping: AtomicUsize,
    /// The number of helpers that let the pool run another job. They come back if it has none.
    /// Grows under the lock only.
    yielding: AtomicUsize,
    /// The number of calls that were posted. Changes under the lock only. Has a cache line for
    /// itself, since lingering helpers read it all the time.
    epoch: Padded<AtomicUsize>,
    /// The pool of the helpers that linger or yield. A helper requests further helpers from its own
    /// pool, so the calls of another pool cannot use it. Changes under the lock only.
    pool: AtomicUsize,
    posting: Mutex<Posting>,
    /// Whether a helper was requested that only lingers, and has not arrived yet.
    waking: AtomicBool,
}

/// The call that was posted last.
#[derive(Default)]
struct Posting {
    door: Option<Arc<Door>>,
    /// The number of helpers that were promised to the door and have not taken the call yet.
    outstanding: usize,
}

/// The door of a call, and the promise that the helper keeps by going there.
pub(super) type NextCall = (Arc<Door>, Option<PendingHelper>);

/// For the caller.
impl IdleHelpers {
    /// Returns whether a helper of `pool` lingers here and is free, as far as is known.
    pub(super) fn has_idle(&self, pool: usize) -> bool {
        let is_ours = self.pool.load(Ordering::Relaxed) == pool;
        is_ours && self.free() + self.yielding.load(Ordering::Relaxed) > 0
    }

    /// Returns how many lingering helpers are free for the next call of this thread.
    fn free(&self) -> usize {
        let lingering = self.lingering.load(Ordering::Relaxed);
        if is_in_call() {
            // Those that help may be inside the call that the next one is a part of.
            lingering.saturating_sub(self.helping.load(Ordering::Relaxed))
        } else {
            // The call that they were inside is over.
            lingering
        }
    }

    /// Shows `door` to all helpers that linger or yield, if they are of `pool`, and promises it
    /// those that are free.
    pub(super) fn post(&self, pool: usize, door: &Arc<Door>) {
        let mut posting = lock(&self.posting);
        // A new posting hides the old one. While helpers that were promised to a call around this
        // one have not taken it, that call needs its posting.
        let is_needed = is_in_call() && posting.outstanding > 0;
        if is_needed || self.pool.load(Ordering::Relaxed) != pool {
            return;
        }
        let free = self.free();
        if free + self.yielding.load(Ordering::Relaxed) > 0 {
            door.promise(free);
            *posting = Posting {
                door: Some(Arc::clone(door)),
                outstanding: free,
            };
            let epoch = self.epoch.0.load(Ordering::Relaxed);
            self.epoch.0.store(epoch.wrapping_add(1), Ordering::Relaxed);
        }
    }

    /// Marks a helper as on its way, and returns the mark. Returns `None` if a helper is marked
    /// already. Dropping the mark removes it.
    pub(super) fn wake(idle_helpers: &Arc<Self>) -> Option<WakingHelper> {
        let is_on_its_way = idle_helpers.waking.swap(true, Ordering::Relaxed);
        (!is_on_its_way).then(|| WakingHelper(Arc::clone(idle_helpers)))
    }
}

/// For a helper, in the order of its life.
impl IdleHelpers {
    /// Counts a helper of `pool` as lingering, and as helping if it arrives with a call. Returns
    /// the epoch, or `None` if helpers of another pool linger here.
    pub(super) fn arrive(&self, pool: usize, is_helping: bool) -> Option<usize> {
        let _posting = lock(&self.posting);
        let others = self.lingering.load(Ordering::Relaxed) + self.yielding.load(Ordering::Relaxed);
        if others == 0 {
            self.pool.store(pool, Ordering::Relaxed);
        } else if self.pool.load(Ordering::Relaxed) != pool {
            return None;
        }
        self.lingering.fetch_add(1, Ordering::Relaxed);
        self.helping.fetch_add(is_helping.into(), Ordering::Relaxed);
        Some(self.epoch.0.load(Ordering::Relaxed))
    }

    /// Returns whether a call was posted after the epoch `seen`.
    pub(super) fn is_behind(&self, seen: usize) -> bool {
        self.epoch.0.load(Ordering::Relaxed) != seen
    }

    /// Takes the posted call.
    pub(super) fn take(&self, seen: &mut usize) -> Option<NextCall> {
        self.take_from(&mut lock(&self.posting), seen)
    }

    fn take_from(&self, posting: &mut Posting, seen: &mut usize) -> Option<NextCall> {
        let door = Arc::clone(posting.door.as_ref()?);
        *seen = self.epoch.0.load(Ordering::Relaxed);
        self.helping.fetch_add(1, Ordering::Relaxed);
        // Any helper may keep any promise, because each promised helper comes here.
        let promise = posting.outstanding.checked_sub(1).map(|outstanding| {
            posting.outstanding = outstanding;
            Door::take_promise(&door)
        });
        Some((door, promise))
    }

    /// Counts a helper as free again after a call.
    pub(super) fn finish_call(&self) {
        self.helping.fetch_sub(1, Ordering::Relaxed);
    }

    /// Counts a helper as yielding, so that no caller counts on it. If a call was posted before,
    /// takes that call instead.
    pub(super) fn leave_or_take(&self, seen: &mut usize) -> Option<NextCall> {
        let mut posting = lock(&self.posting);
        if self.is_behind(*seen) {
            return self.take_from(&mut posting, seen);
        }
        self.lingering.fetch_sub(1, Ordering::Relaxed);
        self.yielding.fetch_add(1, Ordering::Relaxed);
        None
    }

    /// Counts a helper that has yielded as lingering again.
    pub(super) fn come_back(&self) {
        let _posting = lock(&self.posting);
        self.yielding.fetch_sub(1, Ordering::Relaxed);
        self.lingering.fetch_add(1, Ordering::Relaxed);
    }

    /// Stops counting a helper that has yielded.
    pub(super) fn go(&self) {
        self.yielding.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A helper on its way that will only linger. Dropped when the helper arrives, or when the pool
/// drops the job.
pub(super) struct WakingHelper(Arc<IdleHelpers>);

impl Drop for WakingHelper {
    fn drop(&mut self) {
        self.0.waking.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::super::thread::in_call;
    use super::*;

    const POOL: usize = 1;

    /// Returns whether a call that is posted now is promised the helper.
    fn is_promised(idle_helpers: &IdleHelpers) -> bool {
        let mut is_promised = false;
        Door::open(&|_| true, 1, |door| {
            idle_helpers.post(POOL, door);
            is_promised = door.has_pending();
        });
        is_promised
    }

    #[test]
    fn a_helper_inside_a_call_is_not_promised_to_a_part_of_it() {
        let idle_helpers = IdleHelpers::default();
        idle_helpers.arrive(POOL, true).expect("it is alone");
        assert!(!in_call(|| is_promised(&idle_helpers)));
        // Outside, the call that it helped in is over.
        assert!(is_promised(&idle_helpers));
        idle_helpers.finish_call();
        assert!(
            !in_call(|| is_promised(&idle_helpers)),
            "a promise is outstanding"
        );
        let mut seen = 0;
        drop(idle_helpers.take(&mut seen).expect("a call was posted"));
        idle_helpers.finish_call();
        assert!(in_call(|| is_promised(&idle_helpers)));
    }

    #[test]
    fn a_helper_that_yields_is_not_promised_and_may_still_come() {
        let idle_helpers = IdleHelpers::default();
        let mut seen = idle_helpers.arrive(POOL, false).expect("it is alone");
        assert!(idle_helpers.leave_or_take(&mut seen).is_none());
        assert!(!is_promised(&idle_helpers));
        idle_helpers.come_back();
        let (_, promise) = idle_helpers.take(&mut seen).expect("a call was posted");
        assert!(promise.is_none());
    }

    #[test]
    fn a_helper_is_idle_for_the_calls_of_its_pool_until_it_goes() {
        let idle_helpers = IdleHelpers::default();
        assert!(!idle_helpers.has_idle(0) && !idle_helpers.has_idle(POOL));
        let mut seen = idle_helpers.arrive(POOL, false).expect("it is alone");
        assert!(idle_helpers.has_idle(POOL) && !idle_helpers.has_idle(POOL + 1));
        assert!(idle_helpers.arrive(POOL + 1, false).is_none());
        assert!(idle_helpers.leave_or_take(&mut seen).is_none());
        assert!(idle_helpers.has_idle(POOL), "it may come back");
        assert!(idle_helpers.arrive(POOL + 1, false).is_none());
        idle_helpers.go();
        assert!(!idle_helpers.has_idle(POOL));
        assert!(idle_helpers.arrive(POOL + 1, false).is_some());
    }

    #[test]
    fn one_helper_at_a_time_is_on_its_way_to_linger() {
        let idle_helpers = Arc::default();
        let waking = IdleHelpers::wake(&idle_helpers);
        assert!(waking.is_some());
        assert!(IdleHelpers::wake(&idle_helpers).is_none());
        drop(waking);
        assert!(IdleHelpers::wake(&idle_helpers).is_some());
    }
}

#[cfg(test)]
#[cfg(loom)]
mod models {
    use loom::model::Builder;
    use loom::thread::{self, JoinHandle};

    use super::super::thread::in_call;
    use super::*;

    /// The pool that calls use.
    const POOL: usize = 1;

    /// Starts a helper of `pool` that yields as often as `yields` says and comes back each time. It
    /// leaves when no call is left. Gives the addresses of the doors that it went to, unless
    /// helpers of another pool lingered.
    fn helper(
        idle_helpers: &Arc<IdleHelpers>,
        pool: usize,
        yields: usize,
    ) -> JoinHandle<Option<Vec<usize>>> {
        let idle_helpers = Arc::clone(idle_helpers);
        thread::spawn(move || {
            let mut seen = idle_helpers.arrive(pool, false)?;
            let mut doors = Vec::new();
            for left in (0..=yields).rev() {
                while let Some((door, promise)) = idle_helpers.leave_or_take(&mut seen) {
                    doors.push(Arc::as_ptr(&door).addr());
                    drop(promise);
                    idle_helpers.finish_call();
                }
                if left > 0 {
                    idle_helpers.come_back();
                }
            }
            idle_helpers.go();
            Some(doors)
        })
    }

    /// Posts a call. Returns its door, and how many helpers it was promised at least: 0 or 1.
    fn post(idle_helpers: &IdleHelpers, during: impl FnOnce()) -> (Arc<Door>, usize) {
        let mut posted = None;
        Door::open(&|_| true, 2, |door| {
            idle_helpers.post(POOL, door);
            posted = Some((Arc::clone(door), door.has_pending().into()));
            in_call(during);
        });
        posted.expect("the door was open")
    }

    /// How often the helpers went to `door`.
    fn visits(door: &Arc<Door>, doors: &[usize]) -> usize {
        let door = Arc::as_ptr(door).addr();
        doors.iter().filter(|&&visited| visited == door).count()
    }

    /// A caller counts on the helpers that linger, and requests none in their place. So a helper
    /// that is counted when a call is posted goes there, however soon it wants to leave, and
    /// whatever the caller posts inside that call.
    fn counted(yields: usize) {
        loom::model(move || {
            let idle_helpers = Arc::new(IdleHelpers::default());
            let helper = helper(&idle_helpers, POOL, yields);
            let mut inner = None;
            let (door, promised) = post(&idle_helpers, || {
                inner = Some(post(&idle_helpers, || ()));
            });
            let doors = helper.join().unwrap().expect("it is alone");
            let inner = inner.expect("the lead ran");
            for (door, promised) in [(door, promised), inner] {
                assert!(visits(&door, &doors) >= promised);
                assert!(!door.has_pending(), "a promise was not kept");
            }
            assert!(!idle_helpers.has_idle(POOL));
        });
    }

    #[test]
    fn loom_a_helper_that_is_counted_comes() {
        counted(0);
    }

    #[test]
    fn loom_a_helper_that_yields_and_comes_back_keeps_promises() {
        counted(1);
    }

    /// Builds a model of two helpers. All schedules of three threads are too many; errors show with
    /// few preemptions if they show at all.
    fn of_two_helpers() -> Builder {
        let mut model = Builder::new();
        model.preemption_bound = Some(3);
        model
    }

    /// A helper that comes back may take the promise of another. Both go there, each promise is
    /// kept once, and no helper goes twice.
    #[test]
    fn loom_two_helpers_keep_each_promise_once() {
        of_two_helpers().check(|| {
            let idle_helpers = Arc::new(IdleHelpers::default());
            let helpers = [0, 1].map(|yields| helper(&idle_helpers, POOL, yields));
            let (door, promised) = post(&idle_helpers, || ());
            let doors = helpers.map(|helper| helper.join().unwrap().expect("one pool"));
            let visits = doors.map(|doors| visits(&door, &doors));
            assert!(visits.iter().sum::<usize>() >= promised);
            assert!(visits.iter().all(|&visits| visits <= 1));
            assert!(!door.has_pending(), "a promise was not kept");
            assert!(!idle_helpers.has_idle(POOL));
        });
    }

    /// A helper of one pool never sees the calls of another, also if helpers of that one arrive
    /// while it yields.
    #[test]
    fn loom_pools_do_not_mix() {
        of_two_helpers().check(|| {
            let idle_helpers = Arc::new(IdleHelpers::default());
            let ours = helper(&idle_helpers, POOL, 0);
            let other = helper(&idle_helpers, POOL + 1, 1);
            let (door, promised) = post(&idle_helpers, || ());
            let ours = ours.join().unwrap().unwrap_or_default();
            let other = other.join().unwrap().unwrap_or_default();
            assert!(visits(&door, &ours) >= promised);
            assert_eq!(visits(&door, &other), 0);
            assert!(!door.has_pending(), "a promise was not kept");
        });
    }
}
