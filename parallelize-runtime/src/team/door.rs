//! The door of a call: a counting latch with a close bit. Through it, helpers use what the caller
//! has on its stack.
//!
//! # Why this is sound
//!
//! The work lives on the caller's stack, and a helper may arrive at any time, also after the caller
//! has returned. One atomic word of the [`Door`] decides which helpers may still enter:
//!
//! - **Entry only while open.** [`Door::enter`] counts a helper in, unless the door is closed. A
//!   helper that finds it closed leaves, and has touched nothing but the door, which it co-owns.
//! - **Closed for good.** Once [`Door::close_and_wait`] has set the bit, the count only falls.
//! - **The caller outlives its helpers.** [`Door::open`] returns, or unwinds, only when the count
//!   is zero, so the work is there as long as a helper is inside.

use std::ptr::NonNull;

use crate::sync::{Arc, AtomicUsize, Ordering, thread};

/// The bit of [`Door::state`] that says closed. The rest counts the helpers inside, in steps of
/// [`ONE`].
const CLOSED: usize = 1;
const ONE: usize = 2;

/// The number of looks at the state before a caller with helpers inside goes to sleep. They take a
/// few microseconds.
const SPINS: usize = if cfg!(all(test, loom)) { 0 } else { 200 };

/// Lets the helper that calls it come back after it has left the call.
pub(crate) type Request<'r> = &'r dyn Fn();

/// Decides which helpers may work on a call.
pub(super) struct Door {
    state: AtomicUsize,
    /// The most helpers that may be inside. Relaxed, since a stale value only costs or saves a
    /// helper.
    max_inside: AtomicUsize,
    /// The number of helpers on their way, requested or promised. Relaxed, since it only guides
    /// how many are requested.
    pending: AtomicUsize,
    caller: thread::Thread,
    /// The caller's closure, whose type and lifetime are forgotten here, and how to call it.
    help: NonNull<()>,
    call: unsafe fn(NonNull<()>, Request<'_>) -> bool,
}

// SAFETY: `help` was a `&(impl Fn(Request<'_>) -> bool + Sync)`, which threads may share. Only
// helpers that are inside follow it.
unsafe impl Send for Door {}
// SAFETY: as above.
unsafe impl Sync for Door {}

impl Door {
    /// Runs `lead` with a door through which up to `max_inside` other threads at a time may call
    /// `help`. Returns when the last of them has left.
    pub(super) fn open<F: Fn(Request<'_>) -> bool + Sync>(
        help: &F,
        max_inside: usize,
        lead: impl FnOnce(&Arc<Self>),
    ) {
        /// # Safety
        ///
        /// `help` comes from a `&F` that is still borrowed.
        unsafe fn call<F: Fn(Request<'_>) -> bool>(
            help: NonNull<()>,
            request: Request<'_>,
        ) -> bool {
            // SAFETY: the caller ensures it.
            let help = unsafe { help.cast::<F>().as_ref() };
            help(request)
        }
        let door = Arc::new(Self {
            state: AtomicUsize::new(0),
            max_inside: AtomicUsize::new(max_inside),
            pending: AtomicUsize::new(0),
            caller: thread::current(),
            help: NonNull::from(help).cast(),
            call: call::<F>,
        });
        // Also when `lead` unwinds.
        let _closing = CloseOnDrop(&door);
        lead(&door);
    }

    /// Lets up to `max_inside` helpers in at a time from now on. Those inside may stay.
    pub(super) fn resize(&self, max_inside: usize) {
        if max_inside != self.max_inside.load(Ordering::Relaxed) {
            self.max_inside.store(max_inside, Ordering::Relaxed);
        }
    }

    /// Returns whether fewer helpers are inside or pending than may be inside.
    pub(super) fn lacks_helpers(&self) -> bool {
        // Acquire: pairs with the release in `enter`. A thread that sees a helper inside sees that
        // it is not pending any more.
        let state = self.state.load(Ordering::Acquire);
        let pending = self.pending.load(Ordering::Relaxed);
        state & CLOSED == 0 && state / ONE + pending < self.max_inside.load(Ordering::Relaxed)
    }

    /// Returns whether the caller has left.
    pub(super) fn is_closed(&self) -> bool {
        // Relaxed: no other read depends on it, and a closed door stays closed.
        self.state.load(Ordering::Relaxed) & CLOSED != 0
    }

    /// Returns whether a helper is on its way.
    pub(super) fn has_pending(&self) -> bool {
        self.pending.load(Ordering::Relaxed) > 0
    }

    /// Counts a helper as pending, until the result is dropped.
    pub(super) fn add_pending(door: &Arc<Self>) -> PendingHelper {
        door.promise(1);
        Self::take_promise(door)
    }

    /// Counts as pending `helpers` that come without a request. Each of them has to
    /// [take its promise](Self::take_promise).
    pub(super) fn promise(&self, helpers: usize) {
        self.pending.fetch_add(helpers, Ordering::Relaxed);
    }

    /// Returns a helper that is counted as pending already.
    pub(super) fn take_promise(door: &Arc<Self>) -> PendingHelper {
        PendingHelper {
            door: Arc::clone(door),
            hops: 0,
            is_alone: false,
        }
    }

    /// Enters, unless the door is closed or enough helpers are inside.
    pub(super) fn enter(door: &Arc<Self>) -> Option<Inside<'_>> {
        // Release: pairs with the acquire in `lacks_helpers`, and serves nothing else. All changes
        // of one word have one order: either this comes before the closing, which then counts this
        // helper, or it sees the door closed. What the caller wrote before arrived with the job,
        // through the pool, or with the posting, through its lock.
        let max_inside = door.max_inside.load(Ordering::Relaxed);
        door.state
            .fetch_update(Ordering::Release, Ordering::Relaxed, |state| {
                let has_room = state & CLOSED == 0 && state / ONE < max_inside;
                has_room.then_some(state + ONE)
            })
            .ok()
            .map(|_| Inside(door))
    }

    /// Closes the door and waits until no helper is inside.
    fn close_and_wait(&self) {
        // Acquire, here and below: pairs with the release of each helper that leaves, so that the
        // caller sees what was done inside.
        if self.state.fetch_or(CLOSED, Ordering::Acquire) == 0 {
            return;
        }
        for _ in 0..SPINS {
            if self.state.load(Ordering::Acquire) == CLOSED {
                return;
            }
            std::hint::spin_loop();
        }
        // In a loop: another `unpark` may have left a token.
        while self.state.load(Ordering::Acquire) != CLOSED {
            thread::park();
        }
        // Gives back a token that may have been meant for the caller's own code. If it was the
        // helper's, the caller's next `park` returns without a reason, as its documentation allows.
        self.caller.unpark();
    }
}

/// Closes the door when the caller is done.
struct CloseOnDrop<'d>(&'d Door);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close_and_wait();
    }
}

/// A helper on its way to a door, counted there until this is dropped.
pub(super) struct PendingHelper {
    door: Arc<Door>,
    /// The number of times that a thread has passed it on.
    hops: usize,
    /// Whether it requests no other helpers when it arrives.
    is_alone: bool,
}

/// Bounds the number of times that a pending helper is passed on at once, by one thread or several.
const MAX_HOPS: usize = 64;

impl PendingHelper {
    pub(super) fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// Lets it request no other helpers when it arrives.
    pub(super) fn alone(self) -> Self {
        let mut pending = self;
        pending.is_alone = true;
        pending
    }

    pub(super) fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// Counts a thread that passes this on. Returns whether it may do so at once.
    pub(super) fn hop(&mut self) -> bool {
        self.hops += 1;
        self.hops <= MAX_HOPS
    }
}

impl Drop for PendingHelper {
    fn drop(&mut self) {
        self.door.pending.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A helper that is counted as inside.
pub(super) struct Inside<'d>(&'d Door);

impl Inside<'_> {
    /// Calls the closure that the caller has lent. It may `request` to come back.
    pub(super) fn help(&self, request: Request<'_>) -> bool {
        // SAFETY: `help` was a `&F` for the `F` of `call`, and it is still borrowed: this helper is
        // inside, and `Door::open` does not return before it has left.
        unsafe { (self.0.call)(self.0.help, request) }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        // Release: pairs with the acquires of `close_and_wait`. From here on only the door may be
        // touched.
        if self.0.state.fetch_sub(ONE, Ordering::Release) == CLOSED + ONE {
            self.0.caller.unpark();
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::iter;

    use super::*;

    /// Returns how many helpers the door lets in at a time, 10 at most.
    fn room(door: &Arc<Door>) -> usize {
        let inside: Vec<_> = iter::from_fn(|| Door::enter(door)).take(10).collect();
        assert!(!door.lacks_helpers());
        inside.len()
    }

    #[test]
    fn a_door_becomes_wider_and_narrower() {
        Door::open(&|_| true, 1, |door| {
            for most in [0, 1, 3, 2] {
                door.resize(most);
                assert_eq!(room(door), most);
                assert_eq!(door.lacks_helpers(), most > 0);
            }
        });
    }

    #[test]
    fn a_door_is_open_until_its_caller_leaves() {
        let mut left = None;
        Door::open(&|_| true, 1, |door| {
            assert!(!door.is_closed());
            left = Some(Arc::clone(door));
        });
        let door = left.expect("the lead ran");
        assert!(door.is_closed());
        assert_eq!(room(&door), 0);
    }

    #[test]
    fn a_helper_counts_as_pending_until_it_is_dropped() {
        Door::open(&|_| true, 2, |door| {
            door.promise(1);
            assert!(door.has_pending() && door.lacks_helpers());
            let second = Door::add_pending(door);
            assert!(!door.lacks_helpers());
            drop(Door::take_promise(door));
            assert!(door.has_pending() && door.lacks_helpers());
            drop(second);
            assert!(!door.has_pending());
        });
    }

    #[test]
    fn a_helper_is_passed_on_at_once_only_so_often() {
        Door::open(&|_| true, 1, |door| {
            let mut pending = Door::add_pending(door);
            assert!((0..MAX_HOPS).all(|_| pending.hop()));
            assert!(!pending.hop());
        });
    }

    #[test]
    fn a_helper_comes_alone_only_if_it_is_told_to() {
        Door::open(&|_| true, 1, |door| {
            let pending = Door::add_pending(door);
            assert!(!pending.is_alone());
            assert!(pending.alone().is_alone());
        });
    }
}

#[cfg(test)]
#[cfg(loom)]
mod models {
    use loom::cell::UnsafeCell;

    use super::*;

    /// A number that loom watches: it reports any two accesses without an order.
    struct Watched(UnsafeCell<usize>);

    // SAFETY: loom itself checks that no two threads use it at once.
    unsafe impl Sync for Watched {}

    impl Watched {
        fn update(&self, change: impl FnOnce(usize) -> usize) -> usize {
            // SAFETY: loom checks it.
            self.0.with_mut(|number| unsafe {
                *number = change(*number);
                *number
            })
        }
    }

    /// What the caller lends is there as long as a helper is inside, and afterwards the caller sees
    /// what the helper did.
    fn door(helpers: usize, has_token: bool) {
        let mut model = loom::model::Builder::new();
        // With two helpers, all schedules are too many. Errors show with few preemptions if they
        // show at all.
        model.preemption_bound = (helpers > 1).then_some(3);
        model.check(move || {
            if has_token {
                thread::current().unpark();
            }
            let lent: Vec<_> = (0..=helpers).map(|_| Watched(UnsafeCell::new(0))).collect();
            let next = AtomicUsize::new(0);
            let work = |_: Request<'_>| {
                let mine = next.fetch_add(1, Ordering::Relaxed);
                lent[mine].update(|number| number + 1) > 0
            };
            Door::open(&work, helpers, |door| {
                for _ in 0..helpers {
                    let door = Arc::clone(door);
                    thread::spawn(move || Door::enter(&door).map(|inside| inside.help(&|| ())));
                }
                work(&|| ());
            });
            // The caller's alone again: loom reports a helper that still uses it, or whose use is
            // not ordered before.
            let done: usize = lent.iter().map(|lent| lent.update(|number| number)).sum();
            assert_eq!(done, next.load(Ordering::Relaxed));
            assert!((1..=helpers + 1).contains(&done));
        });
    }

    #[test]
    fn loom_one_helper() {
        door(1, false);
    }

    /// The caller waits in spite of a token that another `unpark` has left.
    #[test]
    fn loom_one_helper_and_a_token() {
        door(1, true);
    }

    #[test]
    fn loom_two_helpers() {
        door(2, false);
    }

    /// A thread that counts never sees a helper as pending and as inside at once. Otherwise it
    /// could see no room for a helper that the call lacks.
    // The counting thread is the spawned one. The other way round, loom misses orders: the load in
    // `fetch_update` hides the load that the exchange behind it races with.
    #[test]
    fn loom_a_helper_is_counted_once() {
        loom::model(|| {
            Door::open(&|_| true, 2, |door| {
                let pending = Door::add_pending(door);
                let counting = thread::spawn({
                    let door = Arc::clone(door);
                    move || assert!(door.lacks_helpers())
                });
                // As a helper does.
                drop(pending);
                let inside = Door::enter(door);
                counting.join().unwrap();
                assert!(inside.is_some());
            });
        });
    }
}
